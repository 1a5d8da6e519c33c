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

// client is somebody who uses the API and the mail door.
type client struct {
	*rehearsal.Rehearsal
	t *testing.T
}

func (c client) try(method, path, key string, in any) (int, []byte) {
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
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
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

// about lists the threads of a subject.
func (c client) about(subject string) (found []thread) {
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
	text := fmt.Sprintf("From: %s\r\nTo: %s\r\nSubject: %s\r\nMessage-ID: <%s@example.com>\r\nDate: %s\r\n%s", from, c.Ready.Address, subject, id, time.Now().Format(time.RFC1123Z), rest)
	if err := smtp.SendMail(c.Ready.SMTP, nil, from, []string{c.Ready.Address}, []byte(text)); err != nil {
		c.t.Fatal(err)
	}
}

func (c client) eventually(what string, ok func() bool) {
	c.t.Helper()
	for end := time.Now().Add(20 * time.Second); !ok(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			c.t.Fatalf("never came: %s", what)
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
		if slices.Contains(s.To, address) {
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
		if state, doubt = c.job(thread); state == "sent" || state == "failed" {
			return state, doubt
		}
		if err := c.Age("outbox", 11*time.Minute); err != nil {
			c.t.Fatal(err)
		}
		c.Tick(context.Background())
	}
	c.t.Fatalf("the delivery stays %q", state)
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
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
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
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
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
