package flows

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/infra/local/run"
	"parley/shared/fetch"
	"parley/shared/webpush/webpushtest"
)

type devices struct {
	Key     string
	Devices []struct{ ID, Name string }
}

func (s *setup) devices() (d devices) {
	s.t.Helper()
	s.call("GET", "/me/push", nil, &d)
	return d
}

func (d devices) names() (out []string) {
	for _, one := range d.Devices {
		out = append(out, one.Name)
	}
	slices.Sort(out)
	return out
}

// device names a browser at an endpoint, and returns its id.
func (s *setup) device(b *webpushtest.Browser, name, endpoint string) string {
	s.t.Helper()
	var d struct{ ID string }
	s.call("POST", "/me/push", map[string]any{"name": name, "endpoint": endpoint, "p256dh": b.P256dh, "auth": b.Auth}, &d)
	return d.ID
}

// answered is a conversation of the caller's, in which its customer writes once more.
func (s *setup) answered(subject, text string) (id string) {
	s.t.Helper()
	var me struct{ ID string }
	s.call("GET", "/me", nil, &me)
	from := s.at("petra")
	s.post(from, s.Address, letter(from, s.about(subject), s.id("push", 1), "", "Hello."))
	id = s.bySubject(s.about(subject)).ID
	s.call("PUT", "/threads/"+id+"/assignee", map[string]any{"agent": me.ID}, nil)
	s.post(from, s.Address, letter(from, "Re: "+s.about(subject), s.id("push", 2), "In-Reply-To: "+s.id("push", 1)+"\n", text))
	return id
}

// No device makes this machine, or whatever is near it, be asked for anything: one that points there is taken for gone. One whose service does
// not answer stays.
func TestFlowPushesToPrivatePlaces(t *testing.T) {
	s := flow(t)
	b := webpushtest.NewBrowser()
	s.device(b, "near "+s.tag, "https://127.0.0.1/push/"+s.tag)
	away := s.device(b, "away "+s.tag, "https://push.invalid/"+s.tag)
	for _, bad := range []map[string]any{
		{"name": "x", "endpoint": "http://push.example/1", "p256dh": b.P256dh, "auth": b.Auth},
		{"name": "x", "endpoint": "https://push.example/1", "p256dh": "AAAA", "auth": b.Auth},
	} {
		if status, _, body := s.try("POST", "/me/push", bad); status != 422 && status != 400 {
			t.Errorf("%v: %d %s", bad, status, body)
		}
	}
	s.answered("A push", "Are you there?")
	s.eventually("the device that points at this machine is gone", func() bool { return !slices.Contains(s.devices().names(), "near "+s.tag) })
	if !slices.Contains(s.devices().names(), "away "+s.tag) {
		t.Errorf("the other one is gone too: %v", s.devices())
	}
	s.call("DELETE", "/me/push/"+away, nil, nil)
	if slices.Contains(s.devices().names(), "away "+s.tag) {
		t.Errorf("still there: %v", s.devices())
	}
}

// served is an internet of one push service.
type served struct{ http.Handler }

func (s served) Get(_ context.Context, r fetch.Request) (fetch.Answer, error) {
	q := httptest.NewRequest(http.MethodPost, r.URL, strings.NewReader(string(r.Post)))
	for name, value := range r.Header {
		q.Header.Set(name, value)
	}
	out := httptest.NewRecorder()
	s.ServeHTTP(out, q)
	return fetch.Answer{Status: out.Code, Body: out.Body.Bytes()}, nil
}

// Local mode with a push service of the test's own, which verifies who sends and opens what came as the browser would: it tells of an answer,
// once, and not while a page of the user's is visible; a subscription that the service knows no more is forgotten.
func TestFlowAPushReachesItsBrowser(t *testing.T) {
	s := &setup{t: t, tag: "push"}
	service := &webpushtest.Service{
		Browser: webpushtest.NewBrowser(), Origin: "https://push.example", Now: func() int64 { return time.Now().Unix() }, Got: make(chan webpushtest.Push, 100),
		Key: func() string { return s.devices().Key },
	}
	p, err := run.Start(run.Config{DataDir: t.TempDir(), Log: problems, Fetch: served{service}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := p.Close(context.Background()); err != nil {
			t.Error(err)
		}
	}()
	s.Ready = p.Ready
	s.device(service.Browser, "Phone", "https://push.example/s/1")
	id := s.answered("A push", "Are you there?")
	next := func() (got webpushtest.Push) {
		s.eventually("a push", func() bool { return len(service.Got) > 0 })
		return <-service.Got
	}
	got := next()
	var told struct{ ID, Title, Text, Path string }
	if err := json.Unmarshal(got.Plain, &told); err != nil || got.Path != "/s/1" || !strings.Contains(told.Title, "replied") || !strings.Contains(told.Text, "Are you there?") ||
		!strings.HasSuffix(told.Path, "/open/"+id) || told.ID == "" {
		t.Errorf("%s %s %v", got.Path, got.Plain, err)
	}

	c := s.dial()
	c.send(`{"action":"watch","topics":["me","looking"]}`)
	c.until("watching", func(f frame) bool { return f.T == "watching" })
	from := s.at("petra")
	again := func(n int, text string) {
		s.post(from, s.Address, letter(from, "Re: "+s.about("A push"), s.id("push", n), "In-Reply-To: "+s.id("push", 1)+"\n", text))
	}
	again(3, "While somebody looks.")
	c.until("the notice on the page", func(f frame) bool { return f.T == "notice" })
	c.send(`{"action":"unwatch","topics":["looking"]}`)
	c.send(`{"action":"ping"}`)
	c.until("pong", func(f frame) bool { return f.T == "pong" })
	again(4, "While nobody looks.")
	if got := next(); !strings.Contains(string(got.Plain), "While nobody looks.") {
		t.Errorf("pushed while a page was visible: %s", got.Plain)
	}
	service.Answer = http.StatusGone
	again(5, "After the browser has left.")
	s.eventually("the device is forgotten", func() bool { return len(s.devices().Devices) == 0 })
	if len(service.Got) != 0 {
		t.Error("something was told twice")
	}
}
