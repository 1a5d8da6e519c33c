package rehearsal_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"parley/infra/rehearsal/cloud"
	"parley/infra/rehearsal/ses"
)

// firstMail: the first mail of a workspace may come before anybody has signed in.
func (c client) firstMail() {
	c.Ready.Address = "support@parley.localhost"
	c.mail("first@example.com", "The first", "first-1")
	c.Settle()
	if err := c.Greet(context.Background()); err != nil {
		c.t.Fatal(err)
	}
	c.eventually("the first thread", func() bool { return len(c.about("The first")) == 1 })
}

// sameID: another mail with a Message-ID that was used is kept beside the first.
func (c client) sameID() {
	c.opened("ann@example.com", "Ann writes", "same")
	c.letter("bob@example.com", "Bob writes", "same", "\r\nSomething else.\r\n")
	c.eventually("the other mail", func() bool { return len(c.about("Bob writes")) == 1 })
}

// link is a link's content, fetched as a browser does: by the presigned URL alone.
func (c client) link(path string) string {
	c.t.Helper()
	var out struct{ URL string }
	c.get(path, &out)
	resp, err := c.Client().Get(out.URL)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		c.t.Fatalf("GET %s: %d %s %v", out.URL, resp.StatusCode, body, err)
	}
	return string(body)
}

// files: long texts, HTML and attachments go through the buckets both ways.
func (c client) files() {
	long := strings.Repeat("A long line of a long letter.\r\n", 200)
	rest := "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n" + long +
		"\r\n--b\r\nContent-Type: text/plain; name=note.txt\r\nContent-Disposition: attachment; filename=note.txt\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
		base64.StdEncoding.EncodeToString([]byte("attached")) + "\r\n--b--\r\n"
	c.letter("fred@example.com", "With files", "files-1", rest)
	var found []thread
	c.eventually("the thread", func() bool { found = c.about("With files"); return len(found) == 1 })
	id := found[0].ID
	seq := 0
	var log struct {
		Entries []struct {
			Seq  int
			Type string
		}
	}
	c.get("/threads/"+id, &log)
	for _, e := range log.Entries {
		if e.Type == "message.received" {
			seq = e.Seq
		}
	}
	entry := fmt.Sprintf("/threads/%s/entries/%d", id, seq)
	var body struct{ Text string }
	c.get(entry+"/body", &body)
	if !strings.Contains(body.Text, "A long line of a long letter.") || len(body.Text) < 4000 {
		c.t.Errorf("the body has %d bytes", len(body.Text))
	}
	if got := c.link(entry + "/attachments/0"); got != "attached" {
		c.t.Errorf("attachment %q", got)
	}
	if got := c.link(entry + "/raw"); !strings.Contains(got, "Message-ID: <files-1@example.com>") {
		c.t.Errorf("raw mail of %d bytes", len(got))
	}
	c.reply(id, strings.Repeat("A long answer. ", 400))
	c.eventually("the answer", func() bool { return c.sentTo("fred@example.com") == 1 })
}

// views: owners, counts, quarantine.
func (c client) views() {
	th := c.opened("vera@example.com", "To be owned", "views-1")
	var me struct{ ID string }
	c.get("/me", &me)
	c.do(http.MethodPut, "/threads/"+th.ID+"/assignee", map[string]any{"agent": me.ID})
	c.do(http.MethodPut, "/threads/"+th.ID+"/read", map[string]any{"seq": 1})
	var in struct{ Inboxes []struct{ ID string } }
	c.get("/inboxes", &in)
	for _, view := range []string{"mine", "unassigned", "closed"} {
		var page struct {
			Threads []struct{ Thread thread }
		}
		c.get("/inboxes/"+in.Inboxes[0].ID+"/threads?view="+view, &page)
		if view == "mine" && (len(page.Threads) != 1 || page.Threads[0].Thread.ID != th.ID) {
			c.t.Errorf("mine is %+v", page)
		}
	}
	c.get("/inboxes/"+in.Inboxes[0].ID+"/counts", &struct{}{})
	c.get("/users", &struct{}{})
	var q struct{ Mails []struct{ ID string } }
	c.get("/quarantine", &q)
	if len(q.Mails) == 0 {
		c.t.Fatal("the local flows left nothing in quarantine")
	}
	c.link("/quarantine/" + q.Mails[0].ID + "/raw")
	c.do(http.MethodPut, "/threads/"+th.ID+"/status", map[string]any{"status": "closed"})
}

// carrier: what SES may say. A throttled mail goes later, a rejected one fails, one without an answer is in doubt until SES's own event comes.
func (c client) carrier() {
	for _, f := range []struct {
		to, state    string
		sent, doubts int
	}{
		{ses.Throttle, "sent", 1, 0},
		{ses.Reject, "failed", 0, 0},
		{ses.Lost, "sent", 1, 1},
	} {
		th := c.opened(f.to, "Carrier "+f.to, "carrier-"+f.to[:4])
		c.reply(th.ID, "Well?")
		state, doubt := c.deliver(th.ID)
		if got := c.sentTo(f.to); state != f.state || got != f.sent || doubt < f.doubts {
			c.t.Errorf("%s: %s after %d doubts, %d mails; want %s, %d, %d", f.to, state, doubt, got, f.state, f.sent, f.doubts)
		}
	}
}

// gone: a socket whose end nobody was told of is forgotten by whoever posts to it first.
func (c client) gone() {
	th := c.opened("gus@example.com", "Gone", "gone-1")
	for role, act := range map[string]func(){
		"agentapi": func() { c.do(http.MethodPost, "/threads/"+th.ID+"/comments", map[string]any{"text": "Anybody?"}) },
		"notify": func() {
			c.do(http.MethodPost, "/threads/"+th.ID+"/comments", map[string]any{"text": "Anybody at all?"})
		},
		"mailstatus": func() { c.reply(th.ID, "Anybody who hears?") },
		"deliver":    func() { c.reply(th.ID, "Anybody there?") },
		"ingest": func() {
			c.letter("gus@example.com", "Re: Gone", fmt.Sprint("gone-", time.Now().UnixNano()), "In-Reply-To: <gone-1@example.com>\r\n\r\nMe.\r\n")
		},
	} {
		conn := c.socket("thread:" + th.ID)
		var posted atomic.Bool
		c.Cloud.OnCall(func(call cloud.Call, done bool) bool {
			if call.Role == "websocket" {
				return true // nobody hears of the end
			}
			if call.Role == role && done && strings.HasSuffix(call.Name, "DeleteItem") || call.Role == role && done && strings.HasSuffix(call.Name, "TransactWriteItems") {
				posted.Store(true)
			}
			return strings.HasPrefix(call.Name, "execute-api") && call.Role != role
		})
		_ = conn.CloseNow()
		time.Sleep(200 * time.Millisecond)
		forgotten := func() bool { return posted.Load() && len(c.watchers(th.ID)) == 0 }
		for try := 1; try <= 5 && !forgotten(); try++ { // a door spends 200 ms on pushing and no more
			act()
			for end := time.Now().Add(2 * time.Second); time.Now().Before(end) && !forgotten(); time.Sleep(50 * time.Millisecond) {
			}
		}
		if !forgotten() {
			c.t.Errorf("%s does not forget the socket: posted %v, watchers %v", role, posted.Load(), c.watchers(th.ID))
		}
		c.Cloud.OnCall(nil)
		c.Settle()
	}
}

// stale: a socket whose row has expired is closed when it speaks.
func (c client) stale() {
	th := c.opened("stan@example.com", "Stale", "stale-1")
	conn := c.socket("thread:" + th.ID)
	if err := c.Age("sockets", 3*time.Hour); err != nil {
		c.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := conn.Write(ctx, websocket.MessageText, []byte(`{"action":"ping"}`)); err != nil {
		c.t.Fatal(err)
	}
	if _, frame, err := conn.Read(ctx); websocket.CloseStatus(err) != websocket.StatusNormalClosure {
		c.t.Errorf("%s, %v: want it closed", frame, err)
	}
}

// watchers are the sockets that watch a thread, by the table.
func (c client) watchers(thread string) (conns []string) {
	c.t.Helper()
	items, err := c.Items("sockets")
	if err != nil {
		c.t.Fatal(err)
	}
	for _, it := range items {
		raw, err := json.Marshal(it)
		if err != nil {
			c.t.Fatal(err)
		}
		var key struct{ PK, SK struct{ S string } }
		if err := json.Unmarshal(raw, &key); err != nil {
			c.t.Fatal(err)
		}
		if strings.HasPrefix(key.PK.S, "W#") && strings.HasSuffix(key.PK.S, thread) {
			conns = append(conns, key.SK.S)
		}
	}
	return conns
}

// sweep: jobs whose worker died wait until sweep wakes them, one and several at a time.
func (c client) sweep() {
	for _, n := range []int{1, 3} {
		var ids []string
		for i := range n {
			ids = append(ids, c.opened(fmt.Sprintf("s%d%d@example.com", n, i), fmt.Sprintf("Swept %d %d", n, i), fmt.Sprintf("sweep-%d-%d", n, i)).ID)
		}
		dying := map[string]bool{}
		c.Cloud.OnCall(func(call cloud.Call, done bool) bool { // each worker dies once it has its lease
			if call.Role != "deliver" || call.Name != "dynamodb PutItem" || !done || len(dying) == n || dying[call.Session] {
				return false
			}
			dying[call.Session] = true
			c.Lambda.Kill(call.Session)
			return true
		})
		for _, id := range ids {
			c.reply(id, "Sooner or later.")
			c.Settle()
		}
		c.Cloud.OnCall(nil)
		for i, id := range ids {
			if state, _ := c.deliver(id); state != "sent" || c.sentTo(fmt.Sprintf("s%d%d@example.com", n, i)) != 1 {
				c.t.Errorf("%s: %s", id, state)
			}
		}
	}
}

// givenUp: what a function that always dies was called with ends in the failures bucket, and the mail goes out all the same when it lives again.
func (c client) givenUp() {
	th := c.opened("greta@example.com", "Given up", "given-1")
	c.Cloud.OnCall(func(call cloud.Call, done bool) bool {
		if call.Role != "deliver" && call.Role != "notify" {
			return false
		}
		c.Lambda.Kill(call.Session)
		return true
	})
	c.reply(th.ID, "In the end.")
	c.eventually("on-failure records of both mappings", func() bool { return len(c.failures()) == 2 })
	c.Cloud.OnCall(func(call cloud.Call, done bool) bool {
		if call.Role == "mailstatus" {
			c.Lambda.Kill(call.Session)
		}
		return call.Role == "mailstatus"
	})
	if state, _ := c.deliver(th.ID); state != "sent" || c.sentTo("greta@example.com") != 1 {
		c.t.Errorf("state %s", state)
	}
	c.eventually("the record of an event that nobody could take", func() bool { return c.failures()["async"] })
}

// failures are the kinds of on-failure records: by mapping, and "async".
func (c client) failures() map[string]bool {
	c.t.Helper()
	found := map[string]bool{}
	for bucket := range c.S3.Buckets {
		keys, err := c.S3.Keys(bucket)
		if err != nil {
			c.t.Fatal(err)
		}
		for _, key := range keys {
			if strings.HasPrefix(key, "aws/lambda/") {
				found[strings.Split(key, "/")[2]] = true
			}
		}
	}
	return found
}

// bounced: a bounce reaches who watches the thread.
func (c client) bounced() {
	th := c.opened("bea@example.com", "Bounced", "bounced-1")
	conn := c.socket("thread:" + th.ID)
	c.do(http.MethodPost, "/threads/"+th.ID+"/messages", map[string]any{"text": "To nobody.", "to": []map[string]string{{"email": "bounce@simulator.amazonses.com"}}})
	c.until(conn, `"message.bounced"`)
}

// trouble: when the table does not answer, doors say so and write it down.
func (c client) trouble() {
	th := c.opened("tom@example.com", "Trouble", "trouble-1")
	c.Settle()
	broken := func(role string) {
		c.Cloud.OnCall(func(call cloud.Call, _ bool) bool {
			return call.Role == role && strings.HasPrefix(call.Name, "dynamodb")
		})
	}
	broken("agentapi")
	if status, body := c.try(http.MethodGet, "/threads/"+th.ID, "", nil); status != http.StatusInternalServerError {
		c.t.Errorf("%d %s", status, body)
	}
	broken("notify")
	c.do(http.MethodPost, "/threads/"+th.ID+"/comments", map[string]any{"text": "Does anybody hear?"})
	c.eventually("a line of notify", func() bool { return len(c.Logs("notify")) > 0 })
	c.Cloud.OnCall(nil)
	c.eventually("a line of agentapi", func() bool { return len(c.Logs("agentapi")) > 0 })
	c.Tick(context.Background())
}
