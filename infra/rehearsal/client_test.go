package rehearsal_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/smtp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"parley/infra/rehearsal"
)

// client is somebody who uses the API and the mail door. In a trial (trial_test.go) everything it writes is told apart from what earlier runs
// of the same scene wrote: subjects, Message-IDs and addresses get the trial's tag.
type client struct {
	*rehearsal.Rehearsal
	t testing.TB
}

// tag sets this run of a scene apart from others on the same account; "" where there is no other.
func (c client) tag() string {
	if p, ok := c.t.(*probe); ok {
		return p.tag
	}
	return ""
}

// in is a context for what ought to happen within d. A trial ends it sooner, once it is clear that it will not.
func (c client) in(d time.Duration) (context.Context, context.CancelFunc) {
	if p, ok := c.t.(*probe); ok {
		return context.WithTimeout(p.ctx, d)
	}
	return context.WithTimeout(context.Background(), d)
}

// over reports whether a trial has ended: nothing more is to be waited for.
func (c client) over() bool {
	p, ok := c.t.(*probe)
	return ok && p.ctx.Err() != nil
}

// titled, named and at are a subject, a Message-ID and an address as this run writes them. SES's simulators know labels, so theirs get one.
func (c client) titled(subject string) string {
	if tag := c.tag(); tag != "" {
		subject += " " + tag
	}
	return subject
}

func (c client) named(id string) string { return "<" + c.tag() + id + "@example.com>" }

func (c client) at(address string) string {
	local, domain, _ := strings.Cut(address, "@")
	switch tag := c.tag(); {
	case tag == "":
	case strings.HasPrefix(domain, "simulator."):
		local += "+" + tag
	default:
		local += "-" + tag
	}
	return local + "@" + domain
}

func (c client) try(method, path, key string, in any) (int, []byte) {
	c.t.Helper()
	return c.request(method, path, "Idempotency-Key", key, in)
}

// tryIf is a request with If-Match.
func (c client) tryIf(method, path, tag string, in any) (int, []byte) {
	c.t.Helper()
	return c.request(method, path, "If-Match", tag, in)
}

func (c client) request(method, path, name, value string, in any) (int, []byte) {
	c.t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		c.t.Fatal(err)
	}
	req, err := http.NewRequest(method, c.Ready.API+path, bytes.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+c.Ready.Token)
	req.Header.Set("Content-Type", "application/json")
	if value != "" {
		req.Header.Set(name, value)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	out, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return resp.StatusCode, out
}

// do writes something that must succeed.
func (c client) do(method, path string, in any) {
	c.t.Helper()
	if status, body := c.try(method, path, fmt.Sprint("key-", time.Now().UnixNano()), in); status/100 != 2 {
		c.t.Fatalf("%s %s: %d %s", method, path, status, body)
	}
}

// reply answers a thread.
func (c client) reply(thread, text string) {
	c.t.Helper()
	c.do(http.MethodPost, "/threads/"+thread+"/messages", map[string]any{"text": text})
}

func (c client) get(path string, into any) {
	c.t.Helper()
	status, body := c.try(http.MethodGet, path, "", nil)
	if status != http.StatusOK {
		c.t.Fatalf("GET %s: %d %s", path, status, body)
	}
	if err := json.Unmarshal(body, into); err != nil {
		c.t.Fatal(err)
	}
}

type thread struct {
	ID, Subject string
	Messages    int
	Seq         int
}

// about lists the threads of a subject of ours.
func (c client) about(subject string) (found []thread) {
	c.t.Helper()
	return c.entitled(c.titled(subject))
}

// entitled lists the threads of a whole subject.
func (c client) entitled(subject string) (found []thread) {
	c.t.Helper()
	var in struct{ Inboxes []struct{ ID string } }
	c.get("/inboxes", &in)
	for cursor := ""; ; {
		var page struct {
			Threads []struct{ Thread thread }
			Next    string
		}
		c.get("/inboxes/"+in.Inboxes[0].ID+"/threads?limit=100&view=open"+cursor, &page)
		for _, row := range page.Threads {
			if row.Thread.Subject == subject {
				found = append(found, row.Thread)
			}
		}
		if page.Next == "" {
			return found
		}
		cursor = "&cursor=" + page.Next
	}
}

func (c client) mail(from, subject, id string) {
	c.t.Helper()
	c.letter(from, subject, id, "\r\nHello.\r\n")
}

// letter brings a mail in with the rest of its header and its body.
func (c client) letter(from, subject, id, rest string) {
	c.t.Helper()
	c.letterTo(c.Ready.Address, from, subject, id, rest)
}

func (c client) letterTo(to, from, subject, id, rest string) {
	c.t.Helper()
	from = c.at(from)
	text := fmt.Sprintf("From: %s\r\nTo: %s\r\nSubject: %s\r\nMessage-ID: %s\r\nDate: %s\r\n%s", from, to, c.titled(subject), c.named(id), time.Now().Format(time.RFC1123Z), rest)
	if err := smtp.SendMail(c.Ready.SMTP, nil, from, []string{to}, []byte(text)); err != nil {
		c.t.Fatal(err)
	}
}

func (c client) eventually(what string, ok func() bool) {
	c.t.Helper()
	ctx, cancel := c.in(20 * time.Second)
	defer cancel()
	for !ok() {
		select {
		case <-ctx.Done():
			c.t.Fatalf("never came: %s", what)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// opened brings a mail in and returns its thread.
func (c client) opened(from, subject, id string) thread {
	c.t.Helper()
	c.mail(from, subject, id)
	var found []thread
	c.eventually("the thread of "+subject, func() bool { found = c.about(subject); return len(found) > 0 })
	return found[0]
}

// gapless fails unless a thread's entries are numbered from 1 without gaps.
func (c client) gapless(id string) {
	c.t.Helper()
	var th struct{ Entries []struct{ Seq int } }
	c.get("/threads/"+id, &th)
	for i, e := range th.Entries {
		if e.Seq != i+1 {
			c.t.Errorf("entry %d has seq %d", i, e.Seq)
		}
	}
}

// job is a delivery as the outbox keeps it.
func (c client) job(thread string) (state string, doubt int) {
	c.t.Helper()
	items, err := c.Items("outbox")
	if err != nil {
		c.t.Fatal(err)
	}
	for _, it := range items {
		var doc struct {
			Thread, State, Doubt struct{ S, N string }
		}
		raw, err := json.Marshal(it)
		if err == nil {
			err = json.Unmarshal(raw, &doc)
		}
		if err != nil {
			c.t.Fatal(err)
		}
		if doc.Thread.S == thread && doc.State.S != "" {
			if doc.Doubt.N != "" {
				_, err = fmt.Sscan(doc.Doubt.N, &doubt)
			}
			if err != nil {
				c.t.Fatal(err)
			}
			return doc.State.S, doubt
		}
	}
	c.t.Fatalf("no delivery of %s", thread)
	return "", 0
}

// sentTo counts the mails that went out to an address.
func (c client) sentTo(address string) (n int) {
	c.t.Helper()
	all, err := c.Sent()
	if err != nil {
		c.t.Fatal(err)
	}
	for _, s := range all {
		if slices.Contains(s.To, c.at(address)) {
			n++
		}
	}
	return n
}

// deliver lets hours go by until a thread's delivery is final.
func (c client) deliver(thread string) (state string, doubt int) {
	c.t.Helper()
	for range 6 {
		c.Settle()
		if state, doubt = c.job(thread); state == "sent" || state == "failed" || c.over() {
			break
		}
		if err := c.Age("outbox", 11*time.Minute); err != nil {
			c.t.Fatal(err)
		}
		c.Tick(context.Background())
	}
	if state != "sent" && state != "failed" {
		c.t.Fatalf("the delivery stays %q", state)
	}
	return state, doubt
}

// socket is an agent's open socket that watches one topic.
func (c client) socket(topic string) *websocket.Conn {
	c.t.Helper()
	status, body := c.try(http.MethodPost, "/ticket", "", nil)
	var ticket struct{ Ticket, URL, Protocol string }
	if err := json.Unmarshal(body, &ticket); err != nil || status/100 != 2 {
		c.t.Fatalf("ticket: %d %s", status, body)
	}
	ctx, cancel := c.in(10 * time.Second)
	defer cancel()
	conn, _, err := websocket.Dial(ctx, ticket.URL, &websocket.DialOptions{Subprotocols: []string{ticket.Protocol, ticket.Ticket}})
	if err == nil {
		err = conn.Write(ctx, websocket.MessageText, []byte(`{"action":"watch","topics":[{"topic":"`+topic+`"}]}`))
	}
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { _ = conn.CloseNow() })
	c.until(conn, `"watching"`)
	return conn
}

// until reads frames until one contains a text.
func (c client) until(conn *websocket.Conn, text string) {
	c.t.Helper()
	ctx, cancel := c.in(20 * time.Second)
	defer cancel()
	for {
		_, frame, err := conn.Read(ctx)
		if err != nil {
			c.t.Fatalf("waiting for %s: %v", text, err)
		}
		if strings.Contains(string(frame), text) {
			return
		}
	}
}

// frame reads one.
func (c client) frame(conn *websocket.Conn) string {
	c.t.Helper()
	ctx, cancel := c.in(20 * time.Second)
	defer cancel()
	_, frame, err := conn.Read(ctx)
	if err != nil {
		c.t.Fatalf("waiting for a frame: %v", err)
	}
	return string(frame)
}
