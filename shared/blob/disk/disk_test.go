package disk_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parley/shared/blob"
	"parley/shared/blob/blobtest"
	"parley/shared/blob/disk"
	"parley/shared/fault"
)

var ctx = context.Background()

func TestPutGet(t *testing.T) {
	dir := t.TempDir()
	b := disk.Open(dir, "http://h/files", []byte("k")).Bucket("mail")
	if _, _, err := b.Get(ctx, "in/1"); !fault.Is(err, fault.NotFound) {
		t.Errorf("missing: %v", err)
	}
	for _, data := range [][]byte{[]byte("first"), {}, []byte("\nthird\n\x00\xff"), bytes.Repeat([]byte("x"), 3<<20)} {
		if err := b.Put(ctx, "in/1", "message/rfc822", data); err != nil {
			t.Fatal(err)
		}
		got, info, err := disk.Open(dir, "", nil).Bucket("mail").Get(ctx, "in/1")
		if err != nil || !bytes.Equal(got, data) || info != (blob.Info{Size: int64(len(data)), Type: "message/rfc822"}) {
			t.Fatalf("%d bytes, %+v, %v; want %d", len(got), info, err, len(data))
		}
	}
	// A key that is another's folder is no trouble, and other buckets see nothing.
	if err := b.Put(ctx, "in", "text/plain", []byte("x")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := disk.Open(dir, "", nil).Bucket("other").Get(ctx, "in"); !fault.Is(err, fault.NotFound) {
		t.Errorf("another bucket: %v", err)
	}
	err := filepath.WalkDir(dir, func(p string, _ fs.DirEntry, err error) error {
		if strings.HasPrefix(filepath.Base(p), "put-") {
			t.Errorf("%s was left behind", p)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestBadKeys(t *testing.T) {
	b := disk.Open(t.TempDir(), "", nil).Bucket("mail")
	for _, k := range []string{"", "/a", "a/", "a//b", "../a", "a/../b", "a/.", "a b", "ä", "a\x00", "a%2e", `a\b`, strings.Repeat("a", 513)} {
		if err := b.Put(ctx, k, "", nil); !fault.Is(err, fault.Invalid) {
			t.Errorf("put %q: %v", k, err)
		}
		if _, _, err := b.Get(ctx, k); !fault.Is(err, fault.Invalid) {
			t.Errorf("get %q: %v", k, err)
		}
		if _, err := b.Link(ctx, k, "", time.Minute); !fault.Is(err, fault.Invalid) {
			t.Errorf("link %q: %v", k, err)
		}
	}
	if err := b.Put(ctx, "Az09._/=-.../x", "", nil); err != nil {
		t.Error(err)
	}
}

// TestTorn: a file that something else cut short is an error, not an object.
func TestTorn(t *testing.T) {
	dir := t.TempDir()
	b := disk.Open(dir, "", nil).Bucket("mail")
	if err := b.Put(ctx, "a", "t", []byte("data")); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "mail", "*", "*"))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	if err := os.Truncate(files[0], 5); err != nil {
		t.Fatal(err)
	}
	if _, _, err := b.Get(ctx, "a"); err == nil || fault.Is(err, fault.NotFound) {
		t.Errorf("got %v", err)
	}
}

func serve(t *testing.T) (blob.Bucket, *httptest.Server) {
	t.Helper()
	var s *disk.Store
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.ServeHTTP(w, r) }))
	t.Cleanup(srv.Close)
	s = disk.Open(t.TempDir(), srv.URL+"/files", []byte("secret"))
	return s.Bucket("mail"), srv
}

func fetch(t *testing.T, method, url string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequest(method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}

func TestContract(t *testing.T) {
	b, _ := serve(t)
	blobtest.Run(t, b, http.DefaultClient)
}

// A page of another origin may ask, as at S3.
func TestOtherOrigins(t *testing.T) {
	b, _ := serve(t)
	up, err := b.Upload(ctx, "u/x", "text/plain", 1, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	resp, _ := fetch(t, "OPTIONS", up.URL)
	if h := resp.Header; resp.StatusCode != 204 || h.Get("Access-Control-Allow-Origin") != "*" || !strings.Contains(h.Get("Access-Control-Allow-Methods"), "PUT") || h.Get("Access-Control-Allow-Headers") != "content-type" {
		t.Errorf("%d %v", resp.StatusCode, h)
	}
	late, err := b.Upload(ctx, "u/x", "", 0, -2*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if resp, _ := fetch(t, "PUT", late.URL); resp.StatusCode != http.StatusForbidden {
		t.Errorf("expired: %d", resp.StatusCode)
	}
}

func TestLinks(t *testing.T) {
	b, _ := serve(t)
	const evil = "<script>alert(1)</script>"
	if err := b.Put(ctx, "in/a=b.html", "text/html", []byte(evil)); err != nil {
		t.Fatal(err)
	}
	link := func(name string, life time.Duration) string {
		l, err := b.Link(ctx, "in/a=b.html", name, life)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	resp, body := fetch(t, "GET", link("Grüße\r\nX: \"1\".html", time.Minute))
	h := resp.Header
	if resp.StatusCode != 200 || body != evil || !strings.HasPrefix(h.Get("Content-Disposition"), "attachment; filename*=utf-8''Gr%C3%BC") ||
		h.Get("X-Content-Type-Options") != "nosniff" || !strings.HasPrefix(h.Get("Content-Security-Policy"), "sandbox") || h.Get("X") != "" {
		t.Errorf("attachment: %d %q %v", resp.StatusCode, body, h)
	}
	resp, body = fetch(t, "GET", link("", time.Minute))
	if resp.StatusCode != 200 || body != evil || resp.Header.Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Errorf("inline: %d %v", resp.StatusCode, resp.Header)
	}
	if resp, body = fetch(t, "HEAD", link("", time.Minute)); resp.StatusCode != 200 || body != "" || resp.ContentLength != int64(len(evil)) {
		t.Errorf("head: %d %q", resp.StatusCode, body)
	}
	good := link("a.html", time.Minute)
	for what, bad := range map[string]string{
		"expired": link("", -2*time.Second), "no signature": strings.Split(good, "?")[0],
		"another name": strings.Replace(good, "name=a.html", "name=b.html", 1), "no name": strings.Replace(good, "name=a.html", "", 1),
		"another key": strings.Replace(good, "a=b.html", "a=c.html", 1), "another bucket": strings.Replace(good, "/mail/", "/mall/", 1),
		"later": strings.Replace(good, "expires=", "expires=9", 1),
	} {
		if resp, _ := fetch(t, "GET", bad); resp.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %d, want 403", what, resp.StatusCode)
		}
	}
	if resp, _ := fetch(t, "POST", good); resp.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", resp.StatusCode)
	}
	missing, err := b.Link(ctx, "in/none", "", time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if resp, _ := fetch(t, "GET", missing); resp.StatusCode != http.StatusNotFound {
		t.Errorf("missing: %d", resp.StatusCode)
	}
}

// TestConcurrentPuts: whoever reads while others replace an object sees one whole version of it.
func TestConcurrentPuts(t *testing.T) {
	b := disk.Open(t.TempDir(), "", nil).Bucket("mail")
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			data := bytes.Repeat([]byte{byte('a' + w)}, 10_000+w)
			for range 10 {
				if err := b.Put(ctx, "same", "t", data); err != nil {
					t.Error(err)
				}
				got, _, err := b.Get(ctx, "same")
				if err != nil || len(got) != 10_000+int(got[0]-'a') || got[0] != got[len(got)-1] {
					t.Errorf("torn: %d bytes %v", len(got), err)
				}
			}
		})
	}
	wg.Wait()
	stopped, cancel := context.WithCancel(ctx)
	cancel()
	if err := b.Put(stopped, "x", "t", nil); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func BenchmarkPut(b *testing.B) {
	s := disk.Open(b.TempDir(), "", nil).Bucket("mail")
	data := bytes.Repeat([]byte("x"), 20<<10)
	var n atomic.Int64
	b.SetParallelism(8)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := s.Put(ctx, fmt.Sprintf("in/%d", n.Add(1)), "message/rfc822", data); err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "mails/s")
}
