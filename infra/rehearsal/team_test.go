package rehearsal_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"parley/infra/rehearsal/cloud"
)

// made creates something and reads what came of it.
func (c client) made(method, path string, in, out any) {
	c.t.Helper()
	status, body := c.try(method, path, fmt.Sprint("key-", time.Now().UnixNano()), in)
	if status/100 != 2 {
		c.t.Fatalf("%s %s: %d %s", method, path, status, body)
	}
	if err := json.Unmarshal(body, out); err != nil {
		c.t.Fatal(err)
	}
}

// put is a PUT with If-Match "0".
func (c client) putFirst(path string, in any) {
	c.t.Helper()
	if status, body := c.tryIf(http.MethodPut, path, `"0"`, in); status/100 != 2 {
		c.t.Fatalf("PUT %s: %d %s", path, status, body)
	}
}

// crew is an inbox of its own with one agent.
type crew struct {
	c                          client
	box, address, agent, email string
	n                          int
}

func (c client) crew(capacity float64) *crew {
	c.t.Helper()
	stamp := fmt.Sprint(time.Now().UnixNano())
	var box struct {
		ID       string
		Accounts []struct{ Address string }
	}
	c.made(http.MethodPost, "/inboxes", map[string]any{"name": "Crew " + stamp}, &box)
	w := &crew{c: c, box: box.ID, address: box.Accounts[0].Address, email: "crew-" + stamp + "@example.com"}
	var u struct{ ID string }
	c.made(http.MethodPost, "/users", map[string]any{"email": w.email, "name": "Cleo", "role": "agent"}, &u)
	w.agent = u.ID
	c.do(http.MethodPut, "/users/"+u.ID+"/capacity", map[string]any{"capacity": capacity})
	c.putFirst("/inboxes/"+box.ID+"/routing", map[string]any{
		"rules": []any{}, "rest": map[string]any{"kind": "people", "users": []string{u.ID}, "way": "least"}, "awayMinutes": 0,
	})
	c.Settle()
	c.Cool() // every process reads the settings anew
	return w
}

type crewed struct {
	ID       string
	Assignee *struct{ ID string }
	Snooze   *struct{ Until string }
	Seq      int
}

func (w *crew) threads(view string) (out []crewed) {
	w.c.t.Helper()
	var page struct{ Threads []struct{ Thread crewed } }
	w.c.get("/inboxes/"+w.box+"/threads?limit=100&view="+view, &page)
	for _, t := range page.Threads {
		out = append(out, t.Thread)
	}
	return out
}

// mails brings n mails and waits until they are threads.
func (w *crew) mails(n int) {
	w.c.t.Helper()
	for range n {
		w.n++
		w.c.letterTo(w.address, fmt.Sprintf("crew%d@example.com", w.n), fmt.Sprintf("Crew %s %d", w.box, w.n), fmt.Sprintf("crew-%s-%d", w.box, w.n), "\r\n\r\nWhen?\r\n")
	}
	w.c.eventually("the mails", func() bool { return len(w.threads("open")) == w.n })
}

// held counts what the agent has.
func (w *crew) held() (n int) {
	for _, t := range w.threads("open") {
		if t.Assignee != nil && t.Assignee.ID == w.agent {
			n++
		}
	}
	return n
}

// later is ten minutes on for threads that wait for somebody.
func (w *crew) later() {
	w.c.t.Helper()
	w.c.Settle()
	if err := w.c.Age("assignments", 11*time.Minute); err != nil {
		w.c.t.Fatal(err)
	}
	w.c.Tick(context.Background())
	w.c.Settle()
}

// crewWaits: what nobody can take waits, is tried again, and goes to who has room.
func (c client) crewWaits() {
	w := c.crew(0.5)
	w.mails(3)
	c.eventually("what fits", func() bool { return w.held() == 1 })
	w.later() // two are due, and still nobody can take them
	if n := w.held(); n != 1 {
		c.t.Fatalf("the agent holds %d", n)
	}
	c.do(http.MethodPut, "/users/"+w.agent+"/capacity", map[string]any{"capacity": 1})
	c.Settle()
	c.Cool()
	w.later()
	c.eventually("one more", func() bool { return w.held() == 2 })
	w.later() // one is due
	for _, t := range w.threads("open") {
		if t.Assignee == nil {
			c.do(http.MethodPut, "/threads/"+t.ID+"/status", map[string]any{"status": "closed"})
		}
	}
	w.later() // nobody wants it any more
}

// crewSleeps: a snooze ends when its time has come.
func (c client) crewSleeps() {
	w := c.crew(12)
	w.mails(1)
	c.eventually("an owner", func() bool { return w.held() == 1 })
	c.do(http.MethodPut, "/threads/"+w.threads("open")[0].ID+"/snooze", map[string]any{"until": time.Now().Add(time.Second).UTC().Format(time.RFC3339Nano)})
	if n := len(w.threads("snoozed")); n != 1 {
		c.t.Fatalf("%d snoozed", n)
	}
	time.Sleep(1100 * time.Millisecond)
	c.Tick(context.Background())
	c.eventually("its waking", func() bool { return len(w.threads("open")) == 1 })
}

// crewLeaves: a leaver has more than one request hands over; the clock sees to the rest.
func (c client) crewLeaves() {
	w := c.crew(12)
	w.mails(13)
	c.eventually("owners", func() bool { return w.held() == 13 })
	var out struct {
		Moved int
		More  bool
	}
	c.made(http.MethodPost, "/users/"+w.agent+"/handover", map[string]any{"kind": "nobody"}, &out)
	if out.Moved != 10 || !out.More {
		c.t.Errorf("%+v", out)
	}
	c.Tick(context.Background())
	c.eventually("the rest", func() bool { return w.held() == 0 })
	c.Tick(context.Background())
}

// crewIsTold: who is called and does not look gets a mail, one.
func (c client) crewIsTold() {
	w := c.crew(12)
	w.mails(1)
	c.eventually("an owner", func() bool { return w.held() == 1 })
	c.do(http.MethodPost, "/threads/"+w.threads("open")[0].ID+"/comments", map[string]any{"text": "@Cleo", "mentions": []any{map[string]string{"user": w.agent}}})
	for range 2 {
		c.Settle()
		if err := c.Age("outbox", 11*time.Minute); err != nil {
			c.t.Fatal(err)
		}
		c.Tick(context.Background())
		c.Settle()
	}
	all, err := c.Sent()
	if err != nil {
		c.t.Fatal(err)
	}
	n := 0
	for _, m := range all {
		if slices.Contains(m.To, w.email) {
			n++
		}
	}
	if n != 1 {
		c.t.Errorf("%d mails", n)
	}
}

// comesBack: what was closed and owned is open again when its answer does not arrive, whoever says so, and weighs again.
func (c client) comesBack(to, text string) {
	th := c.opened("bert@example.com", "Comes back "+to, "back-"+to[:6])
	conn := c.socket("thread:" + th.ID)
	var sent struct{ Entries []struct{ Seq int64 } }
	c.made(http.MethodPost, "/threads/"+th.ID+"/messages", map[string]any{"text": "To nobody.", "to": []map[string]string{{"email": to}}, "undo": true}, &sent)
	c.do(http.MethodPut, "/threads/"+th.ID+"/status", map[string]any{"status": "closed"})
	c.do(http.MethodPost, fmt.Sprintf("/threads/%s/messages/%d/release", th.ID, sent.Entries[0].Seq), nil)
	c.until(conn, text)
	var now struct{ Thread struct{ Status string } }
	c.eventually("that it is open", func() bool { c.get("/threads/"+th.ID, &now); return now.Thread.Status == "open" })
}

// crewGivenUp: a thread whose route always dies is given to somebody by the clock, when it lives again.
func (c client) crewGivenUp() {
	w := c.crew(12)
	c.Cloud.OnCall(func(call cloud.Call, _ bool) bool {
		if call.Role == "route" {
			c.Lambda.Kill(call.Session)
		}
		return call.Role == "route"
	})
	w.mails(1)
	id := w.threads("open")[0].ID
	c.eventually("the on-failure record", func() bool { return len(c.failures(id)) == 1 })
	c.Cloud.OnCall(nil)
	w.later()
	c.eventually("an owner", func() bool { return w.held() == 1 })
}
