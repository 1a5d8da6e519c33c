package rehearsal_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"parley/infra/rehearsal/cloud"
	"parley/infra/rehearsal/ses"
	"parley/shared/limit"
	"parley/shared/remote"
	"parley/shared/secret"
)

// scene is a flow of this set-up's own. Each can run again on the same account.
type scene struct {
	name string
	run  func(client)
}

var scenes = []scene{
	{"files", client.files},
	{"same id", client.sameID},
	{"views", client.views},
	{"carrier throttles", func(c client) { c.carrier(ses.Throttle, "sent", 1, 0) }},
	{"carrier rejects", func(c client) { c.carrier(ses.Reject, "failed", 0, 0) }},
	{"carrier hangs up", func(c client) { c.carrier(ses.Lost, "sent", 1, 1) }},
	{"bounced", client.bounced},
	{"bounced after it was closed", func(c client) { c.comesBack("bounce@simulator.amazonses.com", `"message.bounced"`) }},
	{"rejected after it was closed", func(c client) { c.comesBack(ses.Reject, `"message.bounced"`) }},
	{"a crew waits", client.crewWaits},
	{"a crew sleeps", client.crewSleeps},
	{"a crew leaves", client.crewLeaves},
	{"a crew is told", client.crewIsTold},
	{"a crew is given up", client.crewGivenUp},
	{"pictures", client.pictures},
	{"agentapi's gone", func(c client) { c.gone("agentapi", c.comments) }},
	{"notify's gone", func(c client) { c.gone("notify", c.comments) }},
	{"mailstatus's gone", func(c client) { c.gone("mailstatus", c.replies) }},
	{"deliver's gone", func(c client) { c.gone("deliver", c.replies) }},
	{"ingest's gone", func(c client) { c.gone("ingest", c.writes) }},
	{"visitorapi's gone", client.visitorGone},
	{"visitorapi's trouble", client.visitorTrouble},
	{"stale", client.stale},
	{"sweep one", func(c client) { c.sweep(1) }},
	{"sweep three", func(c client) { c.sweep(3) }},
	{"given up", client.givenUp},
	{"poison", client.poison},
	{"dead letter", client.deadLetter},
	{"clogged", client.clogged},
	{"agentapi's trouble", func(c client) {
		c.trouble("agentapi", func(thread string) {
			if status, body := c.try(http.MethodGet, "/threads/"+thread, "", nil); status != http.StatusInternalServerError {
				c.t.Errorf("%d %s", status, body)
			}
		})
	}},
	{"websocket's trouble", func(c client) {
		c.trouble("websocket", func(thread string) {
			if c.watch("thread:"+thread) != nil {
				c.t.Error("a socket opened without its table")
			}
		})
	}},
	{"notify's trouble", func(c client) { c.trouble("notify", c.comments) }},
	{"mailstatus's trouble", func(c client) { c.trouble("mailstatus", c.replies) }},
}

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

// firstPicture: a mail with a remote image is read, whose link has to be signed.
func (c client) firstPicture() {
	c.letter("pia@example.com", "A picture", "picture-1", "MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n<p>Look: <img src=\"https://pia.example/cat.png\"></p>\r\n")
	c.eventually("the mail with a picture", func() bool { return len(c.about("A picture")) == 1 })
	th := c.about("A picture")[0]
	var body struct{ HTML string }
	c.get(fmt.Sprintf("/threads/%s/entries/%d/body", th.ID, th.Seq), &body)
	if !strings.Contains(body.HTML, "/image?") {
		c.t.Fatalf("no link to the picture in %s", body.HTML)
	}
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
	if got := c.link(entry + "/raw"); !strings.Contains(got, "Message-ID: "+c.named("files-1")) {
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
		if view == "mine" && (len(page.Threads) == 0 || page.Threads[0].Thread.ID != th.ID) {
			c.t.Errorf("mine begins with something else than %s: %+v", th.ID, page)
		}
	}
	c.get("/inboxes/"+in.Inboxes[0].ID+"/counts", &struct{}{})
	c.get("/users", &struct{}{})
	c.letterTo("nobody"+c.tag()+c.Ready.Address[strings.IndexByte(c.Ready.Address, '@'):], "vera@example.com", "To nobody", "views-2", "\r\nHello?\r\n")
	var q struct {
		Mails []struct{ ID, Subject string }
	}
	c.eventually("the quarantined mail", func() bool {
		c.get("/quarantine", &q)
		return len(q.Mails) > 0 && q.Mails[0].Subject == c.titled("To nobody")
	})
	c.link("/quarantine/" + q.Mails[0].ID + "/raw")
	c.do(http.MethodPut, "/threads/"+th.ID+"/status", map[string]any{"status": "closed"})
}

// carrier: what SES may say. A throttled mail goes later, a rejected one fails, one without an answer is in doubt until SES's own event comes.
func (c client) carrier(to, state string, sent, doubts int) {
	th := c.opened(to, "Carrier "+to, "carrier-"+to[:4])
	c.reply(th.ID, "Well?")
	got, doubt := c.deliver(th.ID)
	if n := c.sentTo(to); got != state || n != sent || doubt < doubts {
		c.t.Errorf("%s: %s after %d doubts, %d mails; want %s, %d, %d", to, got, doubt, n, state, doubts, sent)
	}
}

// What makes a function post to those who watch a thread.
func (c client) comments(thread string) {
	c.do(http.MethodPost, "/threads/"+thread+"/comments", map[string]any{"text": "Anybody?"})
}

func (c client) replies(thread string) { c.reply(thread, "Anybody there?") }

func (c client) writes(string) {
	c.letter("gus@example.com", "Re: Gone", fmt.Sprint("gone-", time.Now().UnixNano()), "In-Reply-To: "+c.named("gone-1")+"\r\n\r\nMe.\r\n")
}

// gone: a socket whose end nobody was told of is forgotten by whoever posts to it first.
func (c client) gone(role string, act func(thread string)) {
	c.goneFrom(role, c.opened("gus@example.com", "Gone", "gone-1"), act)
}

func (c client) goneFrom(role string, th thread, act func(thread string)) {
	conn := c.socket("thread:" + th.ID)
	var ended atomic.Bool
	c.Cloud.OnCall(func(call cloud.Call, _ bool) bool {
		if call.Role == "websocket" { // nobody hears of the end
			c.Lambda.Kill(call.Session)
			ended.Store(true)
			return true
		}
		return strings.HasPrefix(call.Name, "execute-api") && call.Role != role
	})
	_ = conn.CloseNow()
	c.eventually("the end of the socket", ended.Load)
	if n := len(c.watchers(th.ID)); n != 1 {
		c.t.Fatalf("%d sockets watch", n)
	}
	forgotten := func() bool { return len(c.watchers(th.ID)) == 0 }
	for try := 1; try <= 5 && !forgotten() && !c.over(); try++ { // a door spends 200 ms on pushing and no more
		act(th.ID)
		for end := time.Now().Add(2 * time.Second); time.Now().Before(end) && !forgotten() && !c.over(); time.Sleep(50 * time.Millisecond) {
		}
	}
	if !forgotten() {
		c.t.Errorf("%s does not forget the socket: %v", role, c.watchers(th.ID))
	}
}

// stale: a socket whose row has expired is closed when it speaks.
func (c client) stale() {
	th := c.opened("stan@example.com", "Stale", "stale-1")
	conn := c.socket("thread:" + th.ID)
	if err := c.Age("sockets", 3*time.Hour); err != nil {
		c.t.Fatal(err)
	}
	ctx, cancel := c.in(10 * time.Second)
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

// image asks for a picture as an img element does.
func (c client) image(path string, status int) {
	c.t.Helper()
	resp, err := http.Get(c.Ready.API + path)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != status || !strings.Contains(string(body), fmt.Sprintf(`"status":%d`, status)) {
		c.t.Errorf("GET %s: %d %s %v, want %d", path, resp.StatusCode, body, err, status)
	}
}

// noKey: nobody has opened a mail with pictures. A link is nobody's then; where the key cannot be asked for, that is said and written down.
func (c client) noKey() {
	const link = "/image?u=http%3A%2F%2Fexample.com%2F&e=9999999999&s=x"
	c.Cloud.OnCall(func(call cloud.Call, _ bool) bool { return call.Role == "imageproxy" })
	c.image(link, http.StatusInternalServerError)
	c.Cloud.OnCall(nil)
	c.eventually("a line of imageproxy", func() bool { return len(c.Logs("imageproxy")) > 0 })
	c.image(link, http.StatusForbidden)
}

// pictures: the deployed binary knows our links from others, and an old one from a new one. Of the internet there is only what it must not
// ask: where that was refused, everything before it went well. It goes there by itself, not through the account's proxy, which would note
// the name. The flows of local mode ask for more such places.
func (c client) pictures() {
	sign := func(address string, at time.Time) string {
		key, err := base64.StdEncoding.DecodeString(c.SSM.Value("/parley/dev/" + secret.ImageSigningKey))
		if err != nil || len(key) == 0 {
			c.t.Fatalf("no key: %v", err)
		}
		return strings.TrimPrefix(remote.NewSigner(key).Link(address, at), "/api")
	}
	asked := false
	near := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	defer near.Close()
	for _, address := range []string{near.URL, "http://localhost/", "https://localhost/", "http://169.254.169.254/latest/meta-data/", "http://127.0.0.1:80/"} {
		c.image(sign(address, time.Now()), http.StatusForbidden)
	}
	if asked {
		c.t.Error("the server on this machine was asked")
	}
	c.image(sign("https://example.com/", time.Now().Add(-2*limit.ImageLinkLife)), http.StatusGone)
	c.image(strings.Replace(sign("http://localhost/", time.Now()), "localhost", "127.0.0.2", 1), http.StatusForbidden)
}

// sweep: jobs whose worker died wait until sweep wakes them, one and several at a time.
func (c client) sweep(n int) {
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

// bounced: a bounce reaches who watches the thread.
func (c client) bounced() {
	th := c.opened("bea@example.com", "Bounced", "bounced-1")
	conn := c.socket("thread:" + th.ID)
	c.do(http.MethodPost, "/threads/"+th.ID+"/messages", map[string]any{"text": "To nobody.", "to": []map[string]string{{"email": "bounce@simulator.amazonses.com"}}})
	c.until(conn, `"message.bounced"`)
}
