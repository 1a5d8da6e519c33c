package flows

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestFlowFramesOfAThread(t *testing.T) {
	s := flow(t)
	customer := s.at("gus")
	list := s.dial()
	list.send(`{"action":"watch","topics":[{"topic":"inbox:` + s.inbox() + `"}]}`)
	list.until("watching", func(f frame) bool { return f.T == "watching" })

	begin := time.Now()
	s.post(customer, s.Address, letter(customer, s.about("Live"), s.id("gus", 1), "", "Hello?"))
	head := list.until("the new thread in the list", func(f frame) bool { return f.T == "thread" && f.Head.Subject == s.about("Live") }).Head
	if took := time.Since(begin); took > s.within(time.Second) {
		t.Errorf("the list heard after %v", took)
	}

	c := s.dial()
	c.send(`{"action":"watch","topics":[{"topic":"thread:` + head.ID + `","after":0}]}`)
	seen := int64(0)
	for seen < head.Seq {
		f := c.until("what the client lacks", func(f frame) bool { return f.T == "entries" })
		for _, e := range f.Entries {
			if e.Seq != seen+1 {
				t.Fatalf("entry %d after %d", e.Seq, seen)
			}
			seen = e.Seq
		}
	}
	begin = time.Now()
	s.call("POST", "/threads/"+head.ID+"/comments", map[string]any{"text": "A note."}, nil)
	c.until("the comment", func(f frame) bool {
		return f.T == "entries" && slices.ContainsFunc(f.Entries, func(e entry) bool { return e.Type == "comment.added" })
	})
	if took := time.Since(begin); took > s.within(200*time.Millisecond) {
		t.Errorf("a comment took %v to its watcher", took)
	}
	s.call("POST", "/threads/"+head.ID+"/messages", map[string]any{"text": "Hello!"}, nil)
	c.until("the delivery", func(f frame) bool { return f.T == "delivery" && f.Delivery.State == "sent" })
	c.send(`{"action":"ping"}`)
	c.until("pong", func(f frame) bool { return f.T == "pong" })
}

func TestFlowATicketOpensOneSocket(t *testing.T) {
	s := flow(t)
	var ticket struct{ Ticket, URL, Protocol string }
	s.call("POST", "/ticket", nil, &ticket)
	open := func() int {
		r, err := http.NewRequest("GET", "http"+strings.TrimPrefix(ticket.URL, "ws"), http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		for k, v := range map[string]string{"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Protocol": ticket.Protocol + ", " + ticket.Ticket} {
			r.Header.Set(k, v)
		}
		a, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		a.Body.Close()
		return a.StatusCode
	}
	if got := open(); got != http.StatusSwitchingProtocols {
		t.Errorf("first: %d", got)
	}
	if got := open(); got/100 != 4 {
		t.Errorf("second: %d", got)
	}
}

func TestFlowTheDoorsOfTheGateway(t *testing.T) {
	s := flow(t)
	get := func(path string, header ...string) (int, string) {
		r, err := http.NewRequest("GET", s.API+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i+1 < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		a, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer a.Body.Close()
		b, _ := io.ReadAll(a.Body)
		return a.StatusCode, string(b)
	}
	if status, body := get("/me"); status != 401 || body != `{"message":"Unauthorized"}` {
		t.Errorf("without a token: %d %s", status, body)
	}
	if status, _ := get("/me", "Authorization", "Bearer "+s.Token[:len(s.Token)-4]+"AAAA"); status != 401 {
		t.Errorf("with a broken signature: %d", status)
	}
	status, body := get("/config")
	var config struct{ Issuer, ClientID, MailDomain string }
	if err := json.Unmarshal([]byte(body), &config); err != nil || status != 200 || config.Issuer == "" || config.ClientID == "" {
		t.Errorf("config: %d %s", status, body)
	}
	if status, body := get("/openapi.json"); status != 200 || !strings.Contains(body, `"openapi":"3.1`) {
		t.Errorf("openapi: %d %.60s", status, body)
	}
}

func TestFlowTheSameKeyWritesOnce(t *testing.T) {
	s := flow(t)
	s.post(s.at("hal"), s.Address, letter(s.at("hal"), s.about("Idempotent"), s.id("hal", 1), "", "x"))
	id := s.bySubject(s.about("Idempotent")).ID
	post := func(text string) (int, string) {
		r, err := http.NewRequest("POST", s.API+"/threads/"+id+"/comments", strings.NewReader(fmt.Sprintf(`{"text":%q}`, text)))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+s.Token)
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", s.about("the-same"))
		a, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		a.Body.Close()
		return a.StatusCode, a.Header.Get("Idempotent-Replayed")
	}
	if status, replayed := post("once"); status != 201 || replayed != "" {
		t.Errorf("%d %q", status, replayed)
	}
	if status, replayed := post("once"); status != 201 || replayed != "true" {
		t.Errorf("%d %q", status, replayed)
	}
	if status, _ := post("another"); status != 422 {
		t.Errorf("another body under the same key: %d", status)
	}
	if n := s.thread(id).Thread.Comments; n != 1 {
		t.Errorf("%d comments", n)
	}
}
