package remote_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"parley/shared/fault"
	"parley/shared/limit"
	"parley/shared/remote"
)

var (
	now    = time.Date(2026, 3, 2, 9, 40, 0, 0, time.UTC)
	signer = remote.NewSigner([]byte("0123456789abcdef0123456789abcdef"))
)

func query(t interface{ Fatal(...any) }, link string) url.Values {
	path, raw, _ := strings.Cut(link, "?")
	q, err := url.ParseQuery(raw)
	if err != nil || path != remote.Path {
		t.Fatal(link, err)
	}
	return q
}

func TestLinks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		address := "https://" + rapid.StringMatching(`[a-z]{1,20}\.example/[ -~äß€]{0,200}`).Draw(t, "address")
		at := now.Add(time.Duration(rapid.Int64Range(0, int64(48*time.Hour)).Draw(t, "at")))
		q := query(t, signer.Link(address, at))
		got, left, err := signer.Open(q, at)
		if err != nil || got != address || left < limit.ImageLinkLife || left > 2*limit.ImageLinkLife {
			t.Fatalf("%q %v %v", got, left, err)
		}
		if _, _, err := signer.Open(q, at.Add(left)); !fault.Is(err, fault.Gone) {
			t.Fatalf("later: %v", err)
		}
	})
}

// The link of a picture stays the same for a while: a browser finds it in its cache.
func TestLinksRest(t *testing.T) {
	first := signer.Link("https://x.example/a.png", now)
	if signer.Link("https://x.example/a.png", now.Add(19*time.Minute)) != first || signer.Link("https://x.example/a.png", now.Add(20*time.Minute)) == first {
		t.Error("the link changes with every look, or never")
	}
}

func TestOnlyOurLinks(t *testing.T) {
	good := query(t, signer.Link("https://x.example/a.png", now))
	far := query(t, signer.Link("https://x.example/a.png", now.Add(24*time.Hour)))
	for name, change := range map[string]func(q url.Values){
		"another address":     func(q url.Values) { q.Set("u", "https://x.example/b.png") },
		"a longer life":       func(q url.Values) { q.Set("e", far.Get("e")) },
		"no life":             func(q url.Values) { q.Del("e") },
		"no signature":        func(q url.Values) { q.Del("s") },
		"another's signature": func(q url.Values) { q.Set("s", far.Get("s")) },
		"half a signature":    func(q url.Values) { q.Set("s", q.Get("s")[:11]) },
		"nothing":             func(q url.Values) { clear(q) },
		"parts moved about":   func(q url.Values) { q.Set("e", q.Get("e")+"\x00https"); q.Set("u", "://x.example/a.png") },
		"an address in front": func(q url.Values) { q["u"] = append([]string{"http://127.0.0.1/"}, q["u"]...) },
		"another key": func(q url.Values) {
			q.Set("s", query(t, remote.NewSigner([]byte("other")).Link("https://x.example/a.png", now)).Get("s"))
		},
	} {
		q := url.Values{}
		for k, v := range good {
			q[k] = v
		}
		change(q)
		if got, _, err := signer.Open(q, now); !fault.Is(err, fault.Denied) {
			t.Errorf("%s: %q %v", name, got, err)
		}
	}
	if _, _, err := signer.Open(good, now); err != nil {
		t.Error(err)
	}
}

func TestLongAddresses(t *testing.T) {
	for _, address := range []string{"https://x.example/" + strings.Repeat("a", 9000), "https://x.example/?" + strings.Repeat("&", 3000)} {
		if link := signer.Link(address, now); link != "" {
			t.Errorf("a link of %d bytes", len(link))
		}
	}
	if link := signer.Link("https://x.example/"+strings.Repeat("a", 7000), now); link == "" || len(link) > limit.ImageLinkBytes {
		t.Errorf("a link of %d bytes", len(link))
	}
}

func TestNoKey(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a signer without a key")
		}
	}()
	remote.NewSigner(nil)
}
