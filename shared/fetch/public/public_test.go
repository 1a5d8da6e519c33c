package public

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"parley/shared/fault"
	"parley/shared/fetch"
)

// web is the public web of a test: every name leads to one server.
type web struct {
	getter
	mu     sync.Mutex
	seen   []*http.Request
	dialed []string
}

func newWeb(t *testing.T, h http.HandlerFunc) *web {
	t.Helper()
	w := &web{}
	s := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		w.seen = append(w.seen, r)
		w.mu.Unlock()
		h(rw, r)
	}))
	t.Cleanup(s.Close)
	w.getter = newGetter(func(ctx context.Context, network, address string) (net.Conn, error) {
		w.mu.Lock()
		w.dialed = append(w.dialed, address)
		w.mu.Unlock()
		return (&net.Dialer{}).DialContext(ctx, network, s.Listener.Addr().String())
	})
	return w
}

func (w *web) ask(url string) (fetch.Answer, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	return w.Get(ctx, fetch.Request{URL: url, Accept: "image/*", Most: 1000})
}

func TestTellsNobodyWhoAsks(t *testing.T) {
	w := newWeb(t, func(rw http.ResponseWriter, r *http.Request) {
		http.SetCookie(rw, &http.Cookie{Name: "id", Value: "1"})
		if r.URL.Path == "/a" {
			http.Redirect(rw, r, "http://other.example/b?c=d", http.StatusFound)
			return
		}
		rw.WriteHeader(http.StatusTeapot)
		fmt.Fprint(rw, "body")
	})
	got, err := w.ask("http://user:secret@pictures.example/a#part")
	if err != nil || got.Status != http.StatusTeapot || string(got.Body) != "body" {
		t.Fatalf("%+v %v", got, err)
	}
	if fmt.Sprint(w.dialed) != "[pictures.example:80 other.example:80]" || len(w.seen) != 2 || w.seen[1].URL.String() != "/b?c=d" {
		t.Fatalf("dialed %v, asked %d", w.dialed, len(w.seen))
	}
	for _, r := range w.seen {
		if fmt.Sprint(r.Header) != "map[Accept:[image/*] Accept-Encoding:[identity] Connection:[close] User-Agent:["+agent+"]]" {
			t.Errorf("%s %v", r.Host, r.Header)
		}
	}
}

func TestOnlyTheWebsOwnDoors(t *testing.T) {
	w := newWeb(t, func(http.ResponseWriter, *http.Request) {})
	for _, url := range strings.Fields(`ftp://x.example/ file:///etc/passwd gopher://x.example:80/ //x.example/ x.example http:///x http://:80/ data:image/png;base64,AAAA
		javascript:1 http://x.example:8080/ http://x.example:22/ https://x.example:0/ https://x.example:65535/
		http://127.0.0.1/ http://[::1]/ http://169.254.169.254/latest/meta-data/ http://[fd00:ec2::254]/ http://[::ffff:169.254.169.254]/ http://0.0.0.0/
		http://[::ffff:8.8.8.8]/ http://[64:ff9b::a9fe:a9fe]/ http://[fe80::1%25eth0]/ http://10.0.0.1:443/`) {
		if _, err := w.ask(url); !fault.Is(err, fault.Denied) {
			t.Errorf("%s: %v", url, err)
		}
	}
	for _, url := range []string{"http://x.example:443/", "https://x.example:80/", "http://x.example/ä?b=c d"} { // odd, and of the web
		if _, err := w.ask(url); fault.Is(err, fault.Denied) {
			t.Errorf("%s: %v", url, err)
		}
	}
	if _, err := w.ask("http://[::1"); !fault.Is(err, fault.Invalid) {
		t.Errorf("no address: %v", err)
	}
	for _, at := range w.dialed {
		if !strings.HasPrefix(at, "x.example:") {
			t.Errorf("dialed %s", at)
		}
	}
}

func TestEveryRedirectIsLookedAt(t *testing.T) {
	to := ""
	w := newWeb(t, func(rw http.ResponseWriter, r *http.Request) {
		if to == "count" {
			n := len(r.URL.Path)
			http.Redirect(rw, r, "/"+strings.Repeat("x", n), http.StatusPermanentRedirect)
			return
		}
		rw.Header()["Location"] = []string{to}
		rw.WriteHeader(http.StatusFound)
	})
	for _, c := range []struct {
		to   string
		code fault.Code
		asks int
	}{
		{"http://169.254.169.254/latest/", fault.Denied, 1},
		{"file:///etc/passwd", fault.Denied, 1},
		{"http://x.example:6379/", fault.Denied, 1},
		{"//[::1]/", fault.Denied, 1},
		{"http://%zz/", fault.Invalid, 1},
		{"", fault.Invalid, 1},
		{"count", fault.Invalid, 4},
		{"/", fault.Invalid, 4},
	} {
		w.seen, to = nil, c.to
		if _, err := w.ask("http://x.example/"); !fault.Is(err, c.code) || len(w.seen) != c.asks {
			t.Errorf("%q: %v after %d", c.to, err, len(w.seen))
		}
	}
}

func TestReadsNoMoreThanItWants(t *testing.T) {
	packed := func() []byte {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = z.Write(bytes.Repeat([]byte{0}, 500))
		_ = z.Close()
		return b.Bytes()
	}()
	w := newWeb(t, func(rw http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/fits":
			_, _ = rw.Write(make([]byte, 1000))
		case "/says":
			rw.Header().Set("Content-Length", "1001")
			_, _ = rw.Write(make([]byte, 10))
		case "/does":
			for range 100 {
				_, _ = rw.Write(make([]byte, 100))
				rw.(http.Flusher).Flush()
			}
		case "/packed":
			rw.Header().Set("Content-Encoding", "gzip")
			_, _ = rw.Write(packed)
		case "/header":
			rw.Header().Set("X", strings.Repeat("x", headerBytes))
		case "/cut":
			rw.Header().Set("Content-Length", "900")
			_, _ = rw.Write(make([]byte, 10))
		case "/slow":
			for range 100 {
				_, _ = rw.Write([]byte{0})
				rw.(http.Flusher).Flush()
				select {
				case <-r.Context().Done():
					return
				case <-time.After(50 * time.Millisecond):
				}
			}
		case "/never":
			<-r.Context().Done()
		}
	})
	for path, code := range map[string]fault.Code{
		"/fits": "", "/says": fault.Invalid, "/does": fault.Invalid, "/packed": fault.Invalid, "/header": fault.NotFound, "/cut": fault.NotFound, "/slow": fault.NotFound, "/never": fault.NotFound,
	} {
		start := time.Now()
		a, err := w.ask("http://x.example" + path)
		if fault.CodeOf(err) != code || code == "" && len(a.Body) != 1000 {
			t.Errorf("%s: %v, %d bytes", path, err, len(a.Body))
		}
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("%s: %v", path, took)
		}
	}
}

// A server that is not who it says it is gets no question.
func TestTLS(t *testing.T) {
	s := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("asked") }))
	defer s.Close()
	s.Config.ErrorLog = nil
	g := newGetter(func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, s.Listener.Addr().String())
	})
	if _, err := g.Get(context.Background(), fetch.Request{URL: "https://x.example/", Most: 10}); !fault.Is(err, fault.NotFound) {
		t.Errorf("%v", err)
	}
	if g.transport.Proxy != nil || g.transport.TLSClientConfig.MinVersion < tls.VersionTLS12 {
		t.Error("a proxy, or TLS of the last century")
	}
}

// The real dialer: it looks at the address on the socket, so a name may resolve to what it likes, and no server of this machine hears anything.
func TestTheSocketIsChecked(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		if c, err := l.Accept(); err == nil {
			t.Error("somebody came")
			c.Close()
		}
	}()
	d := newDialer(nil)
	_, port, _ := net.SplitHostPort(l.Addr().String())
	for _, at := range []string{l.Addr().String(), "localhost:" + port, "localhost:80", "127.0.0.1:80", "[::1]:443", "0.0.0.0:80", ":80", "[::ffff:127.0.0.1]:80", "93.184.216.34:25"} {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		if c, err := d.DialContext(ctx, "tcp", at); err == nil || !fault.Is(coded(err), fault.Denied) {
			t.Errorf("%s: %v %v", at, c, err)
		}
		cancel()
	}
	for name, ips := range map[string][]string{
		"private.example":  {"10.1.2.3"},
		"metadata.example": {"169.254.169.254"},
		"several.example":  {"127.0.0.1", "192.168.1.1", "::1", "fd00::1"},
		"six.example":      {"::ffff:127.0.0.1", "2002:7f00:1::1", "64:ff9b::7f00:1"},
	} {
		g := newGetter(newDialer(names(t, ips)).DialContext)
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		_, err := g.Get(ctx, fetch.Request{URL: "http://" + name + "/", Most: 10})
		cancel()
		if !fault.Is(err, fault.Denied) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// names is a resolver to which every name means these addresses.
func names(t *testing.T, ips []string) *net.Resolver {
	t.Helper()
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pc.Close() })
	go func() {
		buf := make([]byte, 1500)
		for {
			n, from, err := pc.ReadFrom(buf)
			if err != nil {
				return
			}
			var q dnsmessage.Message
			if q.Unpack(buf[:n]) != nil {
				continue
			}
			q.Response, q.Additionals = true, nil
			head := dnsmessage.ResourceHeader{Name: q.Questions[0].Name, Type: q.Questions[0].Type, Class: dnsmessage.ClassINET, TTL: 0}
			for _, s := range ips {
				ip := netip.MustParseAddr(s)
				switch {
				case ip.Is4() && head.Type == dnsmessage.TypeA:
					q.Answers = append(q.Answers, dnsmessage.Resource{Header: head, Body: &dnsmessage.AResource{A: ip.As4()}})
				case ip.Is6() && head.Type == dnsmessage.TypeAAAA:
					q.Answers = append(q.Answers, dnsmessage.Resource{Header: head, Body: &dnsmessage.AAAAResource{AAAA: ip.As16()}})
				}
			}
			if raw, err := q.Pack(); err == nil {
				_, _ = pc.WriteTo(raw, from)
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", pc.LocalAddr().String())
	}}
}

func TestWhatIsToldIsToldOnceAndToThatServerAlone(t *testing.T) {
	status := http.StatusOK
	var got []byte
	w := newWeb(t, func(rw http.ResponseWriter, r *http.Request) {
		got, _ = io.ReadAll(r.Body)
		if status == http.StatusTemporaryRedirect {
			rw.Header().Set("Location", "http://other.example/")
		}
		rw.WriteHeader(status)
		fmt.Fprint(rw, "told")
	})
	tell := func(ctx context.Context, url string) (fetch.Answer, error) {
		return w.Get(ctx, fetch.Request{URL: url, Accept: "application/json", Most: 1000, Post: []byte(`{"a":1}`), Header: map[string]string{"Parley-Signature": "s", "User-Agent": "x"}})
	}
	for _, status = range []int{http.StatusOK, http.StatusTemporaryRedirect, http.StatusInternalServerError} {
		w.seen = nil
		a, err := tell(t.Context(), "http://hooks.example/a")
		if err != nil || a.Status != status || string(a.Body) != "told" || string(got) != `{"a":1}` || len(w.seen) != 1 {
			t.Fatalf("%d: %+v %v, told %d times %s", status, a, err, len(w.seen), got)
		}
		r := w.seen[0]
		if r.Method != "POST" || r.Header.Get("Parley-Signature") != "s" || r.Header.Get("Content-Type") != "application/json" || r.UserAgent() != caller {
			t.Errorf("%s %v", r.Method, r.Header)
		}
	}
	for _, url := range []string{"http://10.0.0.1/", "http://[::1]/", "http://169.254.169.254/", "http://hooks.example:8080/"} {
		if _, err := tell(t.Context(), url); !fault.Is(err, fault.Denied) {
			t.Errorf("%s: %v", url, err)
		}
	}
	hangs := newWeb(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then the server sees that nobody waits any more
		<-r.Context().Done()
	})
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := hangs.Get(ctx, fetch.Request{URL: "http://hooks.example/", Post: []byte("{}")}); !fault.Is(err, fault.NotFound) {
		t.Errorf("a server that hangs: %v", err)
	}
}
