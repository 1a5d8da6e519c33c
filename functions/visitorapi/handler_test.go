package visitorapi_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/events"
	"parley/functions/visitorapi"
	"parley/shared/chatflow"
	"parley/shared/host"
	"parley/shared/host/hosttest"
	"parley/shared/hours"
	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/live"
	"parley/shared/store"
)

var update = flag.Bool("update", false, "write the golden OpenAPI document anew")

const shop = "https://kiln.example"

type world struct {
	*hosttest.World
	t       *testing.T
	h       host.Handler
	st      *store.Store
	account inbox.Account
	inbox   string
	log     bytes.Buffer // of the last call
}

func open(t *testing.T) *world {
	t.Helper()
	w := &world{World: hosttest.New(t), t: t}
	w.h = w.Build(t, visitorapi.New)
	names := store.Names{Threads: "threads", Outbox: "outbox", Assignments: "assignments", Contacts: "contacts", Settings: "settings", Sockets: "sockets"}
	w.st = store.Open(w.DB, names, w.Now, host.NewID)
	ctx := hosttest.Context()
	if err := w.st.Settings.Birth(ctx, "parley.example"); err != nil {
		t.Fatal(err)
	}
	inboxes, err := w.st.Settings.Inboxes(ctx)
	if err != nil {
		t.Fatal(err)
	}
	w.inbox = inboxes[0].ID
	if w.account, err = w.st.Chats.Create(ctx, events.Actor{ID: "mara"}, w.inbox, "Kiln & Clay", shop); err != nil {
		t.Fatal(err)
	}
	return w
}

type answer struct {
	host.HTTPAnswer
	t *testing.T
}

// call sends a request from a page of origin, with a visitor's token or none.
func (w *world) call(method, path, origin, token, body string) answer {
	w.t.Helper()
	raw, err := os.ReadFile("../../events/samples/http/comment.json")
	if err != nil {
		w.t.Fatal(err)
	}
	var e map[string]any
	if err := json.Unmarshal(raw, &e); err != nil {
		w.t.Fatal(err)
	}
	headers := map[string]string{"content-type": "application/json"}
	if origin != "" {
		headers["origin"] = origin
	}
	if token != "" {
		headers["authorization"] = "Bearer " + token
	}
	path, query, _ := strings.Cut("/api/visitor/"+path, "?")
	e["headers"], e["rawPath"], e["rawQueryString"], e["body"], e["isBase64Encoded"] = headers, path, query, body, false
	rc := e["requestContext"].(map[string]any)
	delete(rc, "authorizer")
	rc["http"].(map[string]any)["method"] = method
	payload, err := json.Marshal(e)
	if err != nil {
		w.t.Fatal(err)
	}
	w.log.Reset()
	out, err := w.h.Invoke(host.WithLog(hosttest.Context(), slog.New(slog.NewTextHandler(&w.log, nil))), payload)
	if err != nil {
		w.t.Fatal(err)
	}
	a := answer{t: w.t}
	if err := json.Unmarshal(out, &a.HTTPAnswer); err != nil {
		w.t.Fatal(err)
	}
	return a
}

func (a answer) into(status int, v any) answer {
	a.t.Helper()
	if a.Status != status {
		a.t.Fatalf("%d, want %d: %s", a.Status, status, a.Body)
	}
	if v != nil {
		if err := json.Unmarshal([]byte(a.Body), v); err != nil {
			a.t.Fatalf("%v: %s", err, a.Body)
		}
	}
	return a
}

type talk struct {
	Begun, Closed bool
	From, Seq     int64
	Lines         []inbox.VisitorLine
}

type session struct {
	Token, Name, Email string
	Known              bool
	Conversation       talk
}

func (w *world) session(token string) (s session) {
	w.t.Helper()
	body, _ := json.Marshal(map[string]any{"token": token})
	w.call("POST", w.account.ID+"/session", shop, "", string(body)).into(200, &s)
	return s
}

func TestOpenAPI(t *testing.T) {
	got := open(t).call("GET", "openapi.json", "", "", "").into(200, nil).Body
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, []byte(got), "", "  "); err != nil {
		t.Fatal(err)
	}
	pretty.WriteByte('\n')
	if *update {
		if err := os.WriteFile("testdata/openapi.json", pretty.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), pretty.String()); d != "" {
		t.Errorf("the API changed; -update writes it anew (-want +got):\n%s", d)
	}
}

func TestAVisitorFromBootToAnswer(t *testing.T) {
	w := open(t)
	var conf struct {
		Title string
		There bool
		Flows []struct{ ID, AskEmail string }
	}
	a := w.call("GET", w.account.ID+"/config?page="+url.QueryEscape(shop+"/classes?token=secret"), shop, "", "").into(200, &conf)
	if conf.Title != "Kiln & Clay" || conf.There || len(conf.Flows) != 1 || a.Headers["access-control-allow-origin"] != shop || a.Headers["vary"] == "" {
		t.Errorf("%+v %v", conf, a.Headers)
	}
	if seen, ok, err := w.st.Chats.Installed(hosttest.Context(), w.account.ID); err != nil || !ok || seen.Page != shop+"/classes" {
		t.Errorf("last seen %+v %v %v", seen, ok, err)
	}
	s := w.session("")
	if s.Known || s.Token == "" || s.Conversation.Begun {
		t.Fatalf("%+v", s)
	}
	say := func(client, text string) (out talk) {
		body, _ := json.Marshal(map[string]any{"conversation": 1, "client": client, "text": text, "page": shop + "/classes", "flow": conf.Flows[0].ID})
		w.call("POST", w.account.ID+"/messages", shop, s.Token, string(body)).into(201, &out)
		return out
	}
	first := say("k1", "Two places?")
	if first.From != 1 || first.Seq != 2 || len(first.Lines) != 1 || first.Lines[0].Client != "k1" {
		t.Errorf("%+v", first)
	}
	if again := say("k1", "Two places?"); again.Seq != 2 || len(again.Lines) != 1 {
		t.Errorf("%+v", again)
	}
	name := store.ChatClaim(w.account.ID, visitorOf(s.Token), 1)
	found, err := w.st.Threads.ByClaims(hosttest.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	thread := found[name].Thread
	if _, err := w.st.Threads.Do(hosttest.Context(), thread, "", func(h inbox.Thread) (inbox.Decision, error) {
		return h.Reply(events.Actor{Kind: events.Agent, ID: "mara", Name: "Mara"}, events.MessageSent{Message: "x", Body: events.Body{Text: "Yes."}, Preview: "Yes."})
	}); err != nil {
		t.Fatal(err)
	}
	var more talk
	w.call("GET", w.account.ID+"/messages?conversation=1&after=2", shop, s.Token, "").into(200, &more)
	if more.From != 3 || more.Seq != 4 || len(more.Lines) != 1 || more.Lines[0].Text != "Yes." || more.Lines[0].Who == "mara" {
		t.Errorf("%+v", more)
	}
	w.call("POST", w.account.ID+"/introduce", shop, s.Token, `{"conversation":1,"email":" Lena@Shop.example ","name":"Lena"}`).into(204, nil)
	head, err := w.st.Threads.Head(hosttest.Context(), thread)
	if err != nil || head.Contact.Address != "lena@shop.example" || head.Contact.Name != "Lena" {
		t.Errorf("%+v %v", head.Contact, err)
	}
	back := w.session(s.Token)
	if !back.Known || back.Email != "lena@shop.example" || back.Conversation.Seq != 5 || len(back.Conversation.Lines) != 2 {
		t.Errorf("%+v", back)
	}
	var ticket struct{ Ticket, URL, Protocol string }
	w.call("POST", w.account.ID+"/ticket", shop, s.Token, `{"conversation":1}`).into(200, &ticket)
	id, err := w.st.Sockets.UseTicket(hosttest.Context(), ticket.Ticket)
	if err != nil || id.Kind != "visitor" || id.Account != w.account.ID || id.Conversation != 1 || ticket.URL != "wss://inbox.parley.example/ws" {
		t.Errorf("%+v %+v %v", ticket, id, err)
	}
}

func visitorOf(token string) string { return strings.Split(token, ".")[1] }

// A machine that writes on and on is slowed down, and what it has said already may be asked for again.
func TestAFloodIsSlowedDown(t *testing.T) {
	w := open(t)
	s := w.session("")
	say := func(n int) answer {
		body := fmt.Sprintf(`{"conversation":1,"client":"k%d","text":"Line %d","page":%q}`, n, n, shop)
		return w.call("POST", w.account.ID+"/messages", shop, s.Token, body)
	}
	for n := range limit.ChatPerMinute {
		say(n).into(201, nil)
	}
	if a := say(limit.ChatPerMinute); a.Status != 429 {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	say(3).into(201, nil) // once more, because its answer was lost
	other := w.session("")
	w.call("POST", w.account.ID+"/messages", shop, other.Token, `{"conversation":1,"client":"a","text":"Hello"}`).into(201, nil)
}

// A typed address is a claim: it never opens what belongs to the person who really has it.
func TestATypedAddressOpensNothing(t *testing.T) {
	w := open(t)
	ctx := hosttest.Context()
	owner, err := w.st.Contacts.ByEmail(ctx, "lena@shop.example", "Lena")
	if err != nil {
		t.Fatal(err)
	}
	s := w.session("")
	w.call("POST", w.account.ID+"/introduce", shop, s.Token, `{"conversation":1,"email":"lena@shop.example"}`).into(204, nil)
	visitor, err := w.st.Contacts.KnownVisitor(ctx, visitorOf(s.Token))
	if err != nil || visitor.ID == owner.ID {
		t.Errorf("%+v %v", visitor, err)
	}
	if again, err := w.st.Contacts.ByEmail(ctx, "lena@shop.example", ""); err != nil || again.ID != owner.ID {
		t.Errorf("the address leads to %+v %v", again, err)
	}
}

func TestPresence(t *testing.T) {
	w := open(t)
	ctx := hosttest.Context()
	for _, u := range []string{"mara", "jo", "kim"} {
		if _, err := w.st.Settings.SignedIn(ctx, u, strings.ToUpper(u), u+"@parley.example", false); err != nil {
			t.Fatal(err)
		}
		if u == "kim" {
			continue // has no page open
		}
		if err := w.st.Sockets.Connect(ctx, "c-"+u, store.Identity{Kind: "agent", ID: u}); err != nil {
			t.Fatal(err)
		}
		if err := w.st.Sockets.Watch(ctx, "c-"+u, live.InboxTopic(w.inbox)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.st.Settings.SetAvailable(ctx, "jo", false); err != nil {
		t.Fatal(err)
	}
	w.Pass(time.Minute)
	var conf struct {
		There bool
		Flows []struct {
			People []struct{ Face, Name string }
		}
	}
	w.call("GET", w.account.ID+"/config", shop, "", "").into(200, &conf)
	if p := conf.Flows[0].People; !conf.There || len(p) != 1 || p[0].Name != "MARA" || p[0].Face == "mara" {
		t.Errorf("%+v", conf)
	}
	if err := w.st.Sockets.Disconnect(ctx, "c-mara"); err != nil {
		t.Fatal(err)
	}
	w.Pass(6 * time.Second)
	w.call("GET", w.account.ID+"/config", shop, "", "").into(200, &conf)
	if conf.There {
		t.Error("nobody is there")
	}
}

func TestWhoMayAsk(t *testing.T) {
	w := open(t)
	s := w.session("")
	other, err := w.st.Chats.Create(hosttest.Context(), events.Actor{ID: "mara"}, w.inbox, "Other", shop)
	if err != nil {
		t.Fatal(err)
	}
	w.Pass(time.Minute) // the function has read the settings before
	const hello = `{"conversation":1,"client":"k","text":"x"}`
	for name, c := range map[string]struct {
		method, path, origin, token, body string
		status                            int
	}{
		"another website":           {"GET", w.account.ID + "/config", "https://evil.example", "", "", 403},
		"another website's session": {"POST", w.account.ID + "/session", "https://kiln.example.evil.example", "", `{}`, 403},
		"plain http":                {"GET", w.account.ID + "/config", "http://kiln.example", "", "", 403},
		"a sandboxed page":          {"GET", w.account.ID + "/config", "null", "", "", 403},
		"no such chat":              {"GET", "nothing/config", shop, "", "", 404},
		"our own page":              {"GET", w.account.ID + "/config", "https://inbox.parley.example", "", "", 200},
		"no token":                  {"POST", w.account.ID + "/messages", shop, "", hello, 401},
		"a made-up token":           {"POST", w.account.ID + "/messages", shop, w.account.ID + ".v1.zzz.AAAA", hello, 401},
		"a token of another chat":   {"POST", other.ID + "/messages", shop, s.Token, hello, 401},
		"a changed token":           {"POST", w.account.ID + "/messages", shop, strings.Replace(s.Token, ".", ".x", 1), hello, 401},
		"a good one":                {"POST", w.account.ID + "/messages", shop, s.Token, hello, 201},
		"no conversation":           {"POST", w.account.ID + "/messages", shop, s.Token, `{"conversation":0,"client":"k","text":"x"}`, 422},
		"no address":                {"POST", w.account.ID + "/introduce", shop, s.Token, `{"conversation":1,"email":"nonsense"}`, 422},
		"preflight":                 {"OPTIONS", w.account.ID + "/messages", shop, "", "", 204},
		"preflight from elsewhere":  {"OPTIONS", w.account.ID + "/messages", "https://evil.example", "", "", 403},
		"no face":                   {"GET", w.account.ID + "/face/abc", shop, "", "", 404},
		"nowhere":                   {"GET", w.account.ID + "/nowhere", shop, "", "", 405},
		"wrong method":              {"DELETE", w.account.ID + "/messages", shop, "", "", 405},
	} {
		a := w.call(c.method, c.path, c.origin, c.token, c.body)
		if a.Status != c.status {
			t.Errorf("%s: %d %s, want %d", name, a.Status, a.Body, c.status)
		}
		if counted := strings.Contains(w.log.String(), fmt.Sprintf("msg=refused door=visitor status=%d", c.status)); counted != (c.status >= 400) {
			t.Errorf("%s: counted %v: %s", name, counted, w.log.String())
		}
		if a.Status == 403 && a.Headers["access-control-allow-origin"] != "" {
			t.Errorf("%s: a page that may not ask can read the answer", name)
		}
	}
	w.Pass(366 * 24 * time.Hour)
	if s := w.session(s.Token); s.Known {
		t.Error("a token lives for ever")
	}
}

func TestTheKillSwitch(t *testing.T) {
	w := open(t)
	widget, err := w.st.Chats.Widget(hosttest.Context(), w.account.ID)
	if err != nil {
		t.Fatal(err)
	}
	widget.Off = true
	if _, err := w.st.Chats.PutWidget(hosttest.Context(), events.Actor{ID: "mara"}, widget); err != nil {
		t.Fatal(err)
	}
	w.Pass(time.Minute)
	var conf struct {
		Off   bool
		Flows []any
	}
	w.call("GET", w.account.ID+"/config", shop, "", "").into(200, &conf)
	if !conf.Off || len(conf.Flows) != 0 {
		t.Errorf("%+v", conf)
	}
}

// A chatflow that goes by hours is there while the inbox's are open, whoever is away, and says when somebody is there again.
func TestAvailabilityByHours(t *testing.T) {
	w := open(t)
	by := events.Actor{ID: "mara"}
	ctx := hosttest.Context()
	h, err := w.st.Settings.PutHours(ctx, by, "", func(int64) error { return nil }, hours.Hours{
		Name: "Shop", Zone: "Europe/London", Week: []hours.Span{{Day: 1, From: "09:00", To: "17:00"}}, Holidays: []hours.Holiday{},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.st.Settings.ChangeInbox(ctx, by, w.inbox, "hours", func(in inbox.Inbox) (inbox.Inbox, error) { in.Hours = h.ID; return in, nil }); err != nil {
		t.Fatal(err)
	}
	flows, err := w.st.Chats.Flows(ctx, w.account.ID)
	if err != nil || len(flows) != 1 {
		t.Fatal(flows, err)
	}
	flows[0].Available = chatflow.ByHours
	if _, err := w.st.Chats.PutFlow(ctx, by, flows[0]); err != nil {
		t.Fatal(err)
	}
	var got struct {
		There bool
		Flows []struct {
			There bool
			Next  *time.Time
		}
	}
	look := func() {
		t.Helper()
		w.Pass(11 * time.Second)
		w.call("GET", w.account.ID+"/config?page=https://kiln.example/", shop, "", "").into(200, &got)
	}
	if look(); !got.Flows[0].There || got.There || got.Flows[0].Next != nil { // Monday, nine o'clock
		t.Errorf("%+v", got)
	}
	w.Pass(9 * time.Hour)
	if look(); got.Flows[0].There || got.Flows[0].Next == nil || !got.Flows[0].Next.Equal(time.Date(2026, 3, 9, 9, 0, 0, 0, time.UTC)) {
		t.Errorf("%+v", got)
	}
}
