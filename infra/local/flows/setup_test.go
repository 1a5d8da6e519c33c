package flows

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/mail"
	"net/smtp"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"parley/infra/local/run"
)

// setup is a running Parley.
type setup struct {
	run.Ready
	t   testing.TB
	tag string // sets this run of a flow apart from earlier ones on the same set-up
}

// at is an address of a customer, id a Message-ID of theirs, ours an address of the mail domain, about a subject.
func (s *setup) at(name string) string { return name + "@" + s.tag + ".example.com" }

func (s *setup) id(name string, n int) string {
	return fmt.Sprintf("<%s-%d@%s.example.com>", name, n, s.tag)
}

func (s *setup) ours(name string) string     { return name + s.Address[strings.IndexByte(s.Address, '@'):] }
func (s *setup) about(subject string) string { return subject + " " + s.tag }

var keys atomic.Int64

// call sends a request with the admin's token and reads JSON into out. It fails the test unless the status is 2xx.
func (s *setup) call(method, path string, in, out any) http.Header {
	s.t.Helper()
	status, header, body := s.try(method, path, in)
	if status/100 != 2 {
		s.t.Fatalf("%s %s: %d %s", method, path, status, body)
	}
	if out != nil {
		if err := json.Unmarshal(body, out); err != nil {
			s.t.Fatalf("%s %s: %v in %s", method, path, err, body)
		}
	}
	return header
}

func (s *setup) try(method, path string, in any) (int, http.Header, []byte) {
	s.t.Helper()
	return s.request(method, path, in)
}

// withHeader is a request with one more header.
func (s *setup) withHeader(method, path string, in any, name, value string) (int, []byte) {
	s.t.Helper()
	status, _, body := s.request(method, path, in, name, value)
	return status, body
}

func (s *setup) request(method, path string, in any, header ...string) (int, http.Header, []byte) {
	s.t.Helper()
	body := []byte(nil)
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			s.t.Fatal(err)
		}
	}
	r, err := http.NewRequest(method, s.API+path, bytes.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+s.Token)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", fmt.Sprintf("flow-%d-%d", time.Now().UnixNano(), keys.Add(1)))
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer a.Body.Close()
	out, err := io.ReadAll(a.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return a.StatusCode, a.Header, out
}

// The part of the API's shapes that flows look at.
type (
	summary struct {
		ID, Subject, Status, Preview string
		Seq                          int64
		Messages, Comments           int64
		Contact                      struct{ Name, Address string }
	}
	message struct {
		From    struct{ Name, Email string }
		Text    struct{ Inline string }
		Subject string
		Why     struct{ Rule string }
	}
	entry struct {
		Seq      int64
		Type     string
		Received *message
		Sent     *message
		Delivery *struct{ State, Reason string }
	}
	thread struct {
		Thread  summary
		Entries []entry
	}
)

func (s *setup) inbox() string {
	s.t.Helper()
	var out struct {
		Inboxes []struct{ ID string }
	}
	s.call("GET", "/inboxes", nil, &out)
	return out.Inboxes[0].ID
}

// threads lists a view, all pages of it.
func (s *setup) threads(view string) (all []summary) {
	s.t.Helper()
	path := "/inboxes/" + s.inbox() + "/threads?limit=100&view=" + view
	for cursor := ""; ; {
		var page struct {
			Threads []struct{ Thread summary }
			Next    string
		}
		s.call("GET", path+cursor, nil, &page)
		for _, t := range page.Threads {
			all = append(all, t.Thread)
		}
		if page.Next == "" {
			return all
		}
		cursor = "&cursor=" + page.Next
	}
}

func (s *setup) thread(id string) (t thread) {
	s.t.Helper()
	s.call("GET", "/threads/"+id, nil, &t)
	return t
}

// bySubject waits for the open thread of a subject.
func (s *setup) bySubject(subject string) summary {
	s.t.Helper()
	var found summary
	s.eventually("a thread with subject "+subject, func() bool {
		for _, t := range s.threads("open") {
			if t.Subject == subject {
				found = t
				return true
			}
		}
		return false
	})
	return found
}

// sent is a mail of the outbox.
type sent struct {
	ID, From, Subject, MessageID, Raw string
	To                                []string
}

func (m sent) header(t testing.TB) mail.Header {
	t.Helper()
	p, err := mail.ReadMessage(strings.NewReader(m.Raw))
	if err != nil {
		t.Fatalf("mail %s: %v", m.ID, err)
	}
	return p.Header
}

// outbox lists what went out to an address, newest first.
func (s *setup) outbox(to string) (found []sent) {
	s.t.Helper()
	r, err := http.Get(s.Outbox + ".json")
	if err != nil {
		s.t.Fatal(err)
	}
	defer r.Body.Close()
	var all []sent
	if err := json.NewDecoder(r.Body).Decode(&all); err != nil {
		s.t.Fatal(err)
	}
	for _, m := range all {
		for _, a := range m.To {
			if a == to {
				found = append(found, m)
			}
		}
	}
	return found
}

// sentTo waits for the nth mail to an address.
func (s *setup) sentTo(to string, n int) sent {
	s.t.Helper()
	var got []sent
	s.eventually(fmt.Sprintf("mail %d to %s", n, to), func() bool {
		got = s.outbox(to)
		return len(got) >= n
	})
	return got[len(got)-n]
}

// post brings a mail to the SMTP door.
func (s *setup) post(from, to, data string) {
	s.t.Helper()
	if err := smtp.SendMail(s.SMTP, nil, from, []string{to}, []byte(strings.ReplaceAll(data, "\n", "\r\n"))); err != nil {
		s.t.Fatal(err)
	}
}

// within is how long something quick may take. A set-up that shares its machine with a whole AWS of its own gets PARLEY_PATIENCE times that.
func (s *setup) within(d time.Duration) time.Duration {
	s.t.Helper()
	text := os.Getenv("PARLEY_PATIENCE")
	if text == "" {
		return d
	}
	times, err := strconv.Atoi(text)
	if err != nil || times < 1 {
		s.t.Fatalf("PARLEY_PATIENCE is %q", text)
	}
	return d * time.Duration(times)
}

// longest is how long a flow waits for anything; PARLEY_WAIT says otherwise where a flow is expected to fail.
func (s *setup) longest() time.Duration {
	s.t.Helper()
	text := os.Getenv("PARLEY_WAIT")
	if text == "" {
		return 10 * time.Second
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		s.t.Fatalf("PARLEY_WAIT is %q", text)
	}
	return d
}

// eventually waits for something; what a flow promises to be quicker it measures itself.
func (s *setup) eventually(what string, ok func() bool) {
	s.t.Helper()
	for end := time.Now().Add(s.longest()); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			s.t.Fatalf("never came: %s", what)
		}
	}
}

// socket is an agent's connection.
type socket struct {
	s *setup
	*websocket.Conn
}

type frame struct {
	T, Thread string
	Topics    []string
	Seq       int64
	Entries   []entry
	Head      summary
	Delivery  struct{ State string }
	Lines     []line
	From      int64
	Online    *bool
	Who       struct{ Kind, Name string }
}

// line is what a visitor sees of an entry.
type line struct {
	Seq              int64
	By, Text, Client string
}

func (s *setup) dial() *socket {
	s.t.Helper()
	var ticket ticket
	s.call("POST", "/ticket", nil, &ticket)
	return s.open(ticket)
}

type ticket struct{ Ticket, URL, Protocol string }

func (s *setup) open(ticket ticket) *socket {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	c, _, err := websocket.Dial(ctx, ticket.URL, &websocket.DialOptions{Subprotocols: []string{ticket.Protocol, ticket.Ticket}})
	if err != nil {
		s.t.Fatal(err)
	}
	if c.Subprotocol() != ticket.Protocol {
		s.t.Fatalf("subprotocol %q", c.Subprotocol())
	}
	s.t.Cleanup(func() { _ = c.CloseNow() })
	return &socket{s, c}
}

func (c *socket) send(text string) {
	c.s.t.Helper()
	if err := c.Write(context.Background(), websocket.MessageText, []byte(text)); err != nil {
		c.s.t.Fatal(err)
	}
}

// until reads frames until one fits.
func (c *socket) until(what string, fits func(frame) bool) frame {
	c.s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), c.s.longest())
	defer cancel()
	for {
		_, raw, err := c.Read(ctx)
		if err != nil {
			c.s.t.Fatalf("waiting for %s: %v", what, err)
		}
		var f frame
		if err := json.Unmarshal(raw, &f); err != nil {
			c.s.t.Fatalf("%s: %v", raw, err)
		}
		if fits(f) {
			return f
		}
	}
}
