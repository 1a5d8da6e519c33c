package imageproxy

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"parley/shared/fault"
	"parley/shared/fetch"
	"parley/shared/host"
	"parley/shared/host/hosttest"
	"parley/shared/limit"
	"parley/shared/remote"
	"parley/shared/secret"
)

// web is what strangers answer.
type web struct {
	asked []fetch.Request
	left  time.Duration
	a     fetch.Answer
	err   error
}

func (w *web) Get(ctx context.Context, r fetch.Request) (fetch.Answer, error) {
	w.asked = append(w.asked, r)
	if until, ok := ctx.Deadline(); ok {
		w.left = time.Until(until)
	}
	return w.a, w.err
}

// keys finds what there is, and fails the test of whoever wants one made.
type keys struct {
	t   *testing.T
	key []byte
	err error
}

func (k *keys) Key(context.Context, string) ([]byte, error) {
	k.t.Error("imageproxy makes a key")
	return nil, nil
}

func (k *keys) Find(_ context.Context, name string) ([]byte, error) {
	if name != secret.ImageSigningKey {
		k.t.Errorf("asked for %s", name)
	}
	return k.key, k.err
}

var now = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

type world struct {
	*testing.T
	web  *web
	keys *keys
	now  time.Time
	h    host.Handler
}

func newWorld(t *testing.T) *world {
	w := &world{T: t, web: &web{a: fetch.Answer{Status: 200, Body: encoded("png", 60, 40)}}, keys: &keys{t: t, key: hosttest.Key}, now: now}
	c := host.NewCloud(func(name string) (string, bool) { return hosttest.Env[name], true }, nil)
	c.Secret = func(prefix string) secret.Store {
		if prefix != hosttest.Env["PARLEY_SECRETS"] {
			t.Errorf("prefix %q", prefix)
		}
		return w.keys
	}
	c.Fetch, c.Now = w.web, func() time.Time { return w.now }
	var err error
	if w.h, err = c.Build(New); err != nil {
		t.Fatal(err)
	}
	return w
}

type answer struct {
	host.HTTPAnswer
	body []byte
}

func (w *world) get(link string, method ...string) answer {
	w.Helper()
	path, query, _ := strings.Cut(link, "?")
	payload, err := json.Marshal(host.HTTPEvent{Version: "2.0", RawPath: path, RawQuery: query, RequestContext: host.HTTPContext{
		RequestID: "r1", HTTP: host.HTTPDescription{Method: append(method, "GET")[0], Path: path},
	}})
	if err != nil {
		w.Fatal(err)
	}
	raw, err := w.h.Invoke(hosttest.Context(), payload)
	if err != nil {
		w.Fatal(err)
	}
	if len(raw) > 6_000_000 {
		w.Errorf("an answer of %d bytes is more than Lambda takes", len(raw))
	}
	var a answer
	if err := json.Unmarshal(raw, &a.HTTPAnswer); err != nil {
		w.Fatal(err)
	}
	a.body = []byte(a.Body)
	if a.Base64 {
		if a.body, err = base64.StdEncoding.DecodeString(a.Body); err != nil {
			w.Fatal(err)
		}
	}
	for name, want := range map[string]string{
		"x-content-type-options": "nosniff", "content-security-policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
		"cross-origin-resource-policy": "same-origin", "referrer-policy": "no-referrer",
	} {
		if a.Headers[name] != want {
			w.Errorf("%s: %q", name, a.Headers[name])
		}
	}
	return a
}

const address = "https://pictures.example/a b.png?x=1&y=%41"

func (w *world) link() string { return remote.NewSigner(hosttest.Key).Link(address, now) }

func (w *world) refused(a answer, status int, code fault.Code, cache string) {
	w.Helper()
	var p problem
	if err := json.Unmarshal(a.body, &p); err != nil || a.Status != status || p.Status != status || p.Code != code || p.Detail == "" || p.RequestID != "r1" ||
		a.Headers["content-type"] != "application/problem+json" || a.Headers["cache-control"] != cache {
		w.Errorf("%d %v %s, want %d %s", a.Status, a.Headers, a.body, status, code)
	}
}

func TestAPicture(t *testing.T) {
	w := newWorld(t)
	a := w.get(w.link())
	if a.Status != 200 || a.Headers["content-type"] != "image/png" || a.Headers["cache-control"] != "private, max-age=7200, immutable" || !bytes.Equal(a.body, w.web.a.Body) || !a.Base64 {
		t.Errorf("%d %v, %d bytes", a.Status, a.Headers, len(a.body))
	}
	if r := w.web.asked; len(r) != 1 || r[0].URL != address || r[0].Most != limit.ImageBytes || r[0].Accept != accepts || strings.Contains(accepts, "svg") {
		t.Errorf("asked %+v", r)
	}
	if w.web.left <= 0 || w.web.left > limit.ImageTimeout {
		t.Errorf("may take %v", w.web.left)
	}
	// Its sender calls it what he likes; a pixel looks like any other picture.
	w.web.a.Body = encoded("gif", 1, 1)
	if a := w.get(w.link()); a.Status != 200 || !bytes.Equal(a.body, pixel.bytes) || a.Headers["content-type"] != "image/gif" {
		t.Errorf("%d %v", a.Status, a.Headers)
	}
	// The largest there may be, of bytes that JSON would write six times as long.
	w.web.a.Body = append(encoded("gif", 9, 9), make([]byte, limit.ImageBytes-len(encoded("gif", 9, 9)))...)
	if a := w.get(w.link()); a.Status != 200 || len(a.body) != limit.ImageBytes {
		t.Errorf("%d, %d bytes", a.Status, len(a.body))
	}
}

// Whoever has no link of ours makes nobody fetch anything.
func TestNoLink(t *testing.T) {
	w := newWorld(t)
	for _, link := range []string{
		remote.Path, remote.Path + "?u=http%3A%2F%2Fx.example%2F", strings.Replace(w.link(), "pictures", "others", 1), w.link() + "x", "/api/image?%zz",
		remote.NewSigner([]byte("the mail's own key, say")).Link(address, now), remote.Path + "?" + url.Values{"u": {address}, "e": {"99999999999"}, "s": {""}}.Encode(),
	} {
		w.refused(w.get(link), 403, fault.Denied, "no-store")
	}
	for _, method := range []string{"POST", "HEAD", "PUT"} {
		w.refused(w.get(w.link(), method), 422, fault.Invalid, "private, max-age=300")
	}
	w.now = now.Add(2 * limit.ImageLinkLife)
	w.refused(w.get(w.link()), 410, fault.Gone, "no-store")
	w.now = now
	w.keys.key, w.keys.err = nil, fault.New(fault.NotFound, "no such parameter")
	w.refused(w.get(w.link()), 403, fault.Denied, "no-store")
	w.keys.err = fault.New(fault.Busy, "throttled")
	a := w.get(w.link())
	w.refused(a, 503, fault.Busy, "no-store")
	if a.Headers["retry-after"] != "1" {
		t.Error("it does not say when to come again")
	}
	w.keys.err = errors.New("the secret of secrets")
	if a := w.get(w.link()); strings.Contains(string(a.body), "secrets") {
		t.Errorf("%s", a.body)
	} else {
		w.refused(a, 500, fault.Internal, "no-store")
	}
	if len(w.web.asked) != 0 {
		t.Errorf("asked %v", w.web.asked)
	}
}

// What a stranger does wrong is said, and is no 5xx: nobody here can mend it.
func TestNoPicture(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		a      fetch.Answer
		err    error
		status int
		code   fault.Code
		cache  string
	}{
		{fetch.Answer{}, fault.New(fault.Denied, "not of the public web"), 403, fault.Denied, "no-store"},
		{fetch.Answer{}, fault.New(fault.NotFound, "no answer"), 404, fault.NotFound, "private, max-age=300"},
		{fetch.Answer{}, fault.New(fault.Invalid, "too large"), 422, fault.Invalid, "private, max-age=300"},
		{fetch.Answer{Status: 404, Body: encoded("png", 9, 9)}, nil, 404, fault.NotFound, "private, max-age=300"},
		{fetch.Answer{Status: 500}, nil, 404, fault.NotFound, "private, max-age=300"},
		{fetch.Answer{Status: 204}, nil, 404, fault.NotFound, "private, max-age=300"},
		{fetch.Answer{Status: 200, Body: []byte("<svg onload=alert(1)/>")}, nil, 422, fault.Invalid, "private, max-age=300"},
		{fetch.Answer{Status: 200, Body: []byte("<html>")}, nil, 422, fault.Invalid, "private, max-age=300"},
	} {
		w.web.a, w.web.err = c.a, c.err
		a := w.get(w.link())
		w.refused(a, c.status, c.code, c.cache)
		if strings.Contains(string(a.body), "svg") || strings.Contains(string(a.body), "pictures.example") {
			t.Errorf("%s", a.body)
		}
	}
}
