package agentapi_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/events"
	"parley/shared/fault"
	"parley/shared/inbox"
	"parley/shared/live"
	"parley/shared/store"
	"parley/shared/table/local"
)

func TestReply(t *testing.T) {
	w := newWorld(t)
	w.receive("t1", func(m *events.MessageReceived) {
		m.Email.MessageID, m.Email.References = "m1@shop.example", []string{"m0@shop.example"}
		m.Email.ReplyTo = []events.Address{{Name: "Desk", Email: "desk@shop.example"}, {Email: "support@parley.example"}, {Email: "c+t1.abc@parley.example"}}
	})
	var got changeBody
	a := w.mara("POST", "/api/threads/t1/messages", `{"text":"Refunded.\r\nSorry!","cc":[{"email":"CFO@Shop.example"},{"email":"desk@shop.example"}]}`, "Idempotency-Key", "k1").into(201, &got)
	if len(got.Entries) != 2 || got.Entries[0].Sent == nil || got.Entries[1].Assigned == nil || got.Thread.Seq != 4 || a.headers["etag"] != `"4"` || a.headers["idempotent-replayed"] != "" {
		t.Fatalf("%v %s", a.headers, a.body)
	}
	sent := *got.Entries[0].Sent
	want := events.MessageSent{
		Message: sent.Message, Delivery: sent.Delivery, From: events.Address{Name: "Mara Lind (Support)", Email: "support@parley.example"},
		To: []events.Address{{Name: "Desk", Email: "desk@shop.example"}}, Cc: []events.Address{{Email: "cfo@shop.example"}},
		Subject: "Re: Charged twice", Body: events.Body{Text: "Refunded.\nSorry!"}, Preview: "Refunded. Sorry!",
		Email: &events.Email{InReplyTo: "m1@shop.example", References: []string{"m0@shop.example", "m1@shop.example"}},
	}
	if d := cmp.Diff(want, sent); d != "" {
		t.Errorf("sent (-want +got):\n%s", d)
	}
	if len(sent.Message) != 26 || len(sent.Delivery) != 26 || sent.Message == sent.Delivery {
		t.Errorf("ids %q and %q", sent.Message, sent.Delivery)
	}
	if actor := (events.Actor{Kind: events.Agent, ID: "mara", Name: "Mara Lind"}); got.Entries[0].Actor != actor {
		t.Errorf("actor %+v", got.Entries[0].Actor)
	}
	delivery := got.Entries[0].Delivery
	if delivery == nil || delivery.State != inbox.DeliveryPending || delivery.ID != sent.Delivery || len(delivery.Recipients) != 2 {
		t.Errorf("delivery %+v", delivery)
	}
	job, err := w.store.Outbox.Get(ctx, "t1", 3)
	if err != nil || job.ID != sent.Delivery || !job.Ready {
		t.Errorf("job %+v %v", job, err)
	}
}

func TestReplyGoesWhereTheAgentSays(t *testing.T) {
	w := newWorld(t)
	w.receive("t1")
	var got changeBody
	w.mara("POST", "/api/threads/t1/messages", `{"text":"x","to":[{"name":" Bo  B ","email":"Bo@Straße.example"},{"email":"bo@xn--strae-oqa.example"}]}`, "Idempotency-Key", "k1").into(201, &got)
	if d := cmp.Diff([]events.Address{{Name: "Bo B", Email: "bo@xn--strae-oqa.example"}}, got.Entries[0].Sent.To); d != "" {
		t.Errorf("to (-want +got):\n%s", d)
	}
}

func TestReplyReopens(t *testing.T) {
	w := newWorld(t)
	w.receive("t1")
	w.mara("PUT", "/api/threads/t1/status", `{"status":"closed"}`).into(200, nil)
	var got changeBody
	w.mara("POST", "/api/threads/t1/messages", `{"text":"One more thing."}`, "Idempotency-Key", "k1").into(201, &got)
	if len(got.Entries) != 3 || got.Entries[0].Reopened == nil || got.Entries[1].Sent == nil || got.Thread.Status != inbox.Open {
		t.Errorf("%+v", got)
	}
	if got.Entries[1].Delivery == nil || got.Entries[0].Delivery != nil {
		t.Error("the delivery is not at its message")
	}
}

// The same key and content happen once, whoever asks how often; the same key with other content is refused.
func TestIdempotency(t *testing.T) {
	w := newWorld(t)
	w.receive("t1")
	w.receive("t2")
	long := strings.Repeat("Where is it? ", 300)
	for _, c := range []struct{ path, body, other string }{
		{"comments", `{"text":"Solo renewal"}`, `{"text":"Another"}`},
		{"comments", `{"text":"` + long + `"}`, `{"text":"` + long + `!"}`},
		{"messages", `{"text":"Refunded"}`, `{"text":"Refunded","cc":[{"email":"x@y.example"}]}`},
		{"messages", `{"text":"` + long + `"}`, `{"text":"Refunded"}`},
	} {
		key := fmt.Sprint("k", len(c.body), c.path)
		var first, again changeBody
		w.mara("POST", "/api/threads/t1/"+c.path, c.body, "Idempotency-Key", key).into(201, &first)
		before, _ := w.store.Threads.Head(ctx, "t1")
		objects := len(w.files.objs)
		a := w.mara("POST", "/api/threads/t1/"+c.path, c.body, "Idempotency-Key", key).into(201, &again)
		if a.headers["idempotent-replayed"] != "true" {
			t.Errorf("%s: the replay does not say so", c.path)
		}
		if d := cmp.Diff(first, again); d != "" {
			t.Errorf("%s: the replay differs:\n%s", c.path, d)
		}
		w.mara("POST", "/api/threads/t1/"+c.path, c.other, "Idempotency-Key", key).refused(422, fault.Invalid)
		w.mara("POST", "/api/threads/t2/"+c.path, c.body, "Idempotency-Key", key).refused(422, fault.Invalid)
		if after, _ := w.store.Threads.Head(ctx, "t1"); after.Seq != before.Seq {
			t.Errorf("%s: something happened twice", c.path)
		}
		if c.path == "comments" && strings.Contains(c.body, "Solo") && len(w.files.objs) != objects {
			t.Error("a short text went to the bucket")
		}
	}
	// A key is its user's own.
	var got changeBody
	a := w.call(call{method: "POST", path: "/api/threads/t1/comments", user: "ivo", headers: map[string]string{"Idempotency-Key": "k23comments"}, body: `{"text":"Solo renewal"}`}).into(201, &got)
	if a.headers["idempotent-replayed"] != "" || got.Entries[0].Actor.ID != "ivo" {
		t.Errorf("%v %+v", a.headers, got)
	}
}

func TestOneKeyAtOnce(t *testing.T) {
	w := newWorld(t)
	w.receive("t1")
	w.mara("GET", "/api/me", "").into(200, nil)
	var wg sync.WaitGroup
	bodies := make([]changeBody, 16)
	for i := range bodies {
		raw := w.payload(call{method: "POST", path: "/api/threads/t1/messages", user: "mara", headers: map[string]string{"Idempotency-Key": "k"}, body: `{"text":"Once"}`})
		wg.Go(func() {
			out, err := w.handler.Invoke(ctx, raw)
			var a struct {
				StatusCode int
				Body       string
			}
			if err != nil || json.Unmarshal(out, &a) != nil || a.StatusCode != 201 || json.Unmarshal([]byte(a.Body), &bodies[i]) != nil {
				t.Errorf("%v %s", err, out)
			}
		})
	}
	wg.Wait()
	head, err := w.store.Threads.Head(ctx, "t1")
	if err != nil || head.Seq != 4 {
		t.Errorf("seq %d %v", head.Seq, err)
	}
	for _, b := range bodies {
		if d := cmp.Diff(bodies[0].Entries, b.Entries); d != "" {
			t.Errorf("not the same answer:\n%s", d)
		}
	}
}

func TestLongTexts(t *testing.T) {
	w := newWorld(t)
	w.receive("t1")
	text := strings.Repeat("Zeile mit Ümläuten. ", 200)
	raw, _ := json.Marshal(map[string]string{"text": text})
	var got changeBody
	w.mara("POST", "/api/threads/t1/comments", string(raw), "Idempotency-Key", "k1").into(201, &got)
	c := got.Entries[0].Comment
	if c.Body.Text != "" || c.Body.TextRef != store.BodyKey("t1", c.Comment, "txt") || string(w.files.objs[c.Body.TextRef]) != text {
		t.Errorf("body %+v", c.Body)
	}
	if len([]rune(c.Preview)) > 141 || !strings.HasPrefix(c.Preview, "Zeile mit") {
		t.Errorf("preview %q", c.Preview)
	}
	var body struct{ Text, HTML string }
	w.mara("GET", "/api/threads/t1/entries/3/body", "").into(200, &body)
	if body.Text != text || body.HTML != "" {
		t.Errorf("%d bytes came back of %d", len(body.Text), len(text))
	}
	huge, _ := json.Marshal(map[string]string{"text": strings.Repeat("\"", 1<<20)})
	w.mara("POST", "/api/threads/t1/comments", string(huge), "Idempotency-Key", "k2").into(201, nil)
}

func TestChanges(t *testing.T) {
	w := newWorld(t)
	w.receive("t1")
	w.call(call{method: "GET", path: "/api/me", user: "ivo"}).into(200, nil)
	var got changeBody
	a := w.mara("PUT", "/api/threads/t1/assignee", `{"agent":"ivo"}`, "If-Match", `"2"`).into(200, &got)
	if a.headers["etag"] != `"3"` || len(got.Entries) != 1 || got.Thread.Assignee == nil || got.Thread.Assignee.ID != "ivo" {
		t.Fatalf("%v %s", a.headers, a.body)
	}
	want := events.ThreadAssigned{To: &events.Assignee{Kind: "agent", ID: "ivo", Name: "Ivo"}, Why: &events.Why{Rule: "hand", Inputs: map[string]string{"by": "mara"}}}
	if d := cmp.Diff(want, *got.Entries[0].Assigned); d != "" {
		t.Errorf("assigned (-want +got):\n%s", d)
	}
	a = w.mara("PUT", "/api/threads/t1/assignee", `{"agent":"ivo"}`).into(200, &got)
	if len(got.Entries) != 0 || !strings.Contains(a.body, `"entries":[]`) || got.Thread.Seq != 3 {
		t.Errorf("saying what is so caused %s", a.body)
	}
	w.mara("PUT", "/api/threads/t1/assignee", `{"agent":""}`, "If-Match", `"2"`).refused(412, fault.Conflict)
	got = changeBody{}
	w.mara("PUT", "/api/threads/t1/assignee", `{"agent":""}`, "If-Match", `"1", "3"`).into(200, &got)
	if got.Thread.Assignee != nil || got.Thread.Seq != 4 {
		t.Errorf("%+v", got.Thread)
	}
	w.mara("PUT", "/api/threads/t1/status", `{"status":"closed"}`, "If-Match", `*`).into(200, &got)
	if got.Thread.Status != inbox.Closed || got.Entries[0].Type != "thread.closed" {
		t.Errorf("%+v", got)
	}
	w.mara("PUT", "/api/threads/t1/status", `{"status":"open"}`).into(200, &got)
	if got.Thread.Status != inbox.Open || got.Entries[0].Reopened.Cause != "agent" {
		t.Errorf("%+v", got)
	}
}

// Those who have the thread open hear of a change with its answer, with the state of its delivery; a replay is no news.
func TestCommitsArePushed(t *testing.T) {
	w := newWorld(t)
	w.receive("t1")
	if _, err := w.store.Settings.SignedIn(ctx, "ivo", "Ivo", "ivo@team.example", true); err != nil { // admins see every inbox
		t.Fatal(err)
	}
	if err := w.store.Sockets.Connect(ctx, "conn", store.Identity{Kind: "agent", ID: "ivo"}); err != nil {
		t.Fatal(err)
	}
	if err := w.store.Sockets.Watch(ctx, "conn", live.ThreadTopic("t1")); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		w.mara("POST", "/api/threads/t1/messages", `{"text":"x"}`, "Idempotency-Key", "k").into(201, nil)
	}
	w.mara("PUT", "/api/threads/t1/status", `{"status":"closed"}`).into(200, nil)
	w.mara("PUT", "/api/threads/t1/status", `{"status":"closed"}`).into(200, nil)
	frames := w.push.frames["conn"]
	if len(frames) != 2 {
		t.Fatalf("frames %q", frames)
	}
	var f live.Frame
	if err := json.Unmarshal([]byte(frames[0]), &f); err != nil || f.T != "entries" || f.Seq != 4 || f.Entries[0].Delivery == nil || f.Head == nil {
		t.Errorf("%v: %s", err, frames[0])
	}
	if seq, err := w.store.Sockets.Pushed(ctx, "t1"); seq != 5 || err != nil {
		t.Errorf("pushed %d %v", seq, err)
	}
}

// Whatever fails on the way, asking again with the same key brings it about once.
func TestCrashes(t *testing.T) {
	for _, path := range []string{"comments", "messages"} {
		for _, after := range []bool{false, true} {
			calls := crash(t, path, 0, after)
			if calls < 3 {
				t.Errorf("%s: only %d calls", path, calls)
			}
			for n := 1; n <= calls; n++ {
				crash(t, path, n, after)
			}
		}
	}
}

// crash posts, with the nth call of the table failing (0: none), and posts again. It returns how many calls the first post made.
func crash(t *testing.T, path string, n int, after bool) (calls int) {
	db, err := local.Open(t.TempDir(), schemas)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	f := &flaky{Port: db, after: after}
	w := worldOn(t, f)
	w.receive("t1")
	w.mara("GET", "/api/me", "").into(200, nil)
	body := `{"text":"` + strings.Repeat("Where is it? ", 300) + `"}`
	before := f.calls
	if n > 0 {
		f.fail = before + n
	}
	a := w.mara("POST", "/api/threads/t1/"+path, body, "Idempotency-Key", "k")
	calls = f.calls - before
	if a.status != 201 && (n == 0 || a.status != 500) {
		t.Errorf("%s, call %d fails: %s", path, n, a.body)
	}
	f.fail = 0
	var got changeBody
	w.mara("POST", "/api/threads/t1/"+path, body, "Idempotency-Key", "k").into(201, &got)
	if head, err := w.store.Threads.Head(ctx, "t1"); err != nil || head.Seq != int64(2+len(got.Entries)) || len(w.files.objs) != 1 || got.Thread.Messages+got.Thread.Comments != 2 {
		t.Errorf("%s, call %d fails (after its effect: %v): seq %d, %d objects, %v", path, n, after, head.Seq, len(w.files.objs), err)
	}
	return calls
}
