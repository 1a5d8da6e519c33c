package notify_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	awsevents "github.com/aws/aws-lambda-go/events"

	"parley/events"
	"parley/functions/notify"
	"parley/shared/host"
	"parley/shared/host/hosttest"
	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/live"
	"parley/shared/store"
	"parley/shared/table"
)

type tower struct {
	*hosttest.World
	h   host.Handler
	st  *store.Store
	pos int64
}

func open(t *testing.T, w *hosttest.World) *tower {
	return &tower{World: w, h: w.Build(t, notify.New), st: openStore(&tower{World: w})}
}

func openStore(w *tower) *store.Store {
	n := 0
	names := store.Names{Threads: "threads", Outbox: "outbox", Assignments: "assignments", Settings: "settings", Sockets: "sockets"}
	return store.Open(w.DB, names, w.Now, func() string { n++; return fmt.Sprintf("test%06d", n) })
}

// watch opens a socket that hears of topics.
func (w *tower) watch(t *testing.T, conn string, topics ...string) {
	t.Helper()
	w.Connect(conn)
	ctx := hosttest.Context()
	if _, err := w.st.Settings.SignedIn(ctx, "u1", "u1", "u1@team.example", true); err != nil { // admins see every inbox
		t.Fatal(err)
	}
	if err := w.st.Sockets.Connect(ctx, conn, store.Identity{Kind: "agent", ID: "u1"}); err != nil {
		t.Fatal(err)
	}
	if err := w.st.Sockets.Watch(ctx, conn, topics...); err != nil {
		t.Fatal(err)
	}
}

// write opens a thread if it is new, and adds a comment.
func (w *tower) write(t *testing.T, thread, text string) store.Commit {
	t.Helper()
	c, err := w.st.Threads.Do(hosttest.Context(), thread, "", func(th inbox.Thread) (inbox.Decision, error) {
		if !th.Exists() {
			c := events.Contact{ID: "c1", Name: "Lena"}
			return th.Open(events.ThreadOpened{Inbox: "in1", Account: "a1", Channel: "email", Subject: "S", Contact: c},
				events.MessageReceived{Message: "m0", Contact: c, Preview: text})
		}
		return th.Comment(events.Actor{Kind: events.Agent, ID: "u1"}, events.CommentAdded{Comment: "k", Body: events.Body{Text: text}, Preview: text})
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// heads reads the feed as the template's filter lets it through: head records only.
func (w *tower) heads(t *testing.T) []table.Change {
	t.Helper()
	all, err := w.DB.Read(hosttest.Context(), "threads", w.pos, 1000)
	if err != nil {
		t.Fatal(err)
	}
	var out []table.Change
	for _, c := range all {
		w.pos = c.Pos
		if c.Key.SK == "H" {
			out = append(out, c)
		}
	}
	return out
}

// batch invokes the function with changes and returns what is to come again.
func (w *tower) batch(t *testing.T, changes []table.Change) []string {
	t.Helper()
	answer, err := w.h.Invoke(hosttest.Context(), hosttest.StreamPayload(changes))
	if err != nil {
		t.Fatal(err)
	}
	return hosttest.Failures(t, answer)
}

// frames decodes what a socket received, each as "t thread from-to" or "t thread seq".
func (w *tower) frames(t *testing.T, conn string) (out []string) {
	t.Helper()
	for _, raw := range w.Frames(conn) {
		var f live.Frame
		if err := json.Unmarshal([]byte(raw), &f); err != nil {
			t.Fatal(err)
		}
		switch f.T {
		case "entries":
			out = append(out, fmt.Sprintf("entries %s %d-%d", f.Thread, f.Entries[0].Seq, f.Seq))
		case "thread":
			out = append(out, fmt.Sprintf("thread %s %d", f.Head.ID, f.Head.Seq))
		default:
			out = append(out, f.T)
		}
	}
	return out
}

func want(t *testing.T, got []string, want ...string) {
	t.Helper()
	if strings.Join(got, "; ") != strings.Join(want, "; ") {
		t.Errorf("frames %q, want %q", got, want)
	}
}

func TestABatchIsOneChangeOfEachThread(t *testing.T) {
	w := open(t, hosttest.New(t))
	w.watch(t, "reader", "thread:t1")
	w.watch(t, "list", "inbox:in1")
	w.watch(t, "elsewhere", "inbox:in2", "thread:t9")
	w.write(t, "t1", "a")
	w.write(t, "t2", "b")
	w.write(t, "t1", "c")
	w.write(t, "t1", "d")
	changes := w.heads(t)
	if failed := w.batch(t, changes); len(failed) > 0 {
		t.Errorf("failed %v", failed)
	}
	want(t, w.frames(t, "reader"), "entries t1 1-4")
	want(t, w.frames(t, "list"), "thread t1 4", "thread t2 2")
	want(t, w.frames(t, "elsewhere"))
	w.batch(t, changes) // twice: clients drop by seq
	want(t, w.frames(t, "reader"), "entries t1 1-4", "entries t1 1-4")
	w.write(t, "t1", "e")
	w.batch(t, w.heads(t))
	want(t, w.frames(t, "reader"), "entries t1 1-4", "entries t1 1-4", "entries t1 5-5")
}

func TestWhatADoorPushedIsNotSentAgain(t *testing.T) {
	w := open(t, hosttest.New(t))
	w.watch(t, "reader", "thread:t1", "inbox:in1")
	w.write(t, "t1", "a")
	c := w.write(t, "t1", "b")
	if err := w.st.Sockets.NotePushed(hosttest.Context(), "t1", 2); err != nil {
		t.Fatal(err)
	}
	changes := w.heads(t)
	w.batch(t, changes)
	want(t, w.frames(t, "reader"), "entries t1 3-3", "thread t1 3")
	if err := w.st.Sockets.NotePushed(hosttest.Context(), "t1", c.Seq); err != nil {
		t.Fatal(err)
	}
	w.batch(t, changes)
	want(t, w.frames(t, "reader"), "entries t1 3-3", "thread t1 3", "thread t1 3")
}

func TestOutOfOrder(t *testing.T) {
	w := open(t, hosttest.New(t))
	w.watch(t, "reader", "thread:t1", "inbox:in1")
	w.write(t, "t1", "a")
	w.write(t, "t1", "b")
	changes := w.heads(t)
	changes[0], changes[1] = changes[1], changes[0]
	w.batch(t, changes)
	want(t, w.frames(t, "reader"), "entries t1 1-3", "thread t1 3")
}

func TestLongBacklogSendsItsEnd(t *testing.T) {
	w := open(t, hosttest.New(t))
	for i := range limit.EntryPageMax + 50 {
		w.write(t, "t1", fmt.Sprint(i))
	}
	w.watch(t, "reader", "thread:t1")
	w.batch(t, w.heads(t))
	got := w.frames(t, "reader")
	if len(got) != 1 || got[0] != "sync" && got[0] != fmt.Sprintf("entries t1 %d-%d", 52, limit.EntryPageMax+51) {
		t.Errorf("frames %q", got)
	}
}

func TestAClosedSocketIsForgotten(t *testing.T) {
	w := open(t, hosttest.New(t))
	w.watch(t, "gone", "thread:t1", "inbox:in1")
	ctx := hosttest.Context()
	w.write(t, "t1", "a")
	w.Disconnect("gone")
	if failed := w.batch(t, w.heads(t)); len(failed) > 0 {
		t.Errorf("failed %v", failed)
	}
	if conns, err := w.st.Sockets.Watchers(ctx, "thread:t1"); err != nil || len(conns) > 0 {
		t.Errorf("watchers %v %v", conns, err)
	}
}

func TestEveryCrash(t *testing.T) {
	hosttest.EveryCrash(t, func(t *testing.T, world *hosttest.World) {
		strike := world.Strike
		world.Strike = nil
		w := open(t, world)
		w.watch(t, "reader", "thread:t1", "inbox:in1")
		for _, thread := range []string{"t0", "t1", "t2"} {
			w.write(t, thread, "a")
		}
		w.write(t, "t1", "b")
		changes := w.heads(t)
		world.Strike = strike
		for range 3 {
			answer, died, err := hosttest.Invoke(w.h, hosttest.StreamPayload(changes))
			if err != nil {
				t.Fatal(err)
			}
			world.Strike = nil
			if died {
				continue
			}
			failed := hosttest.Failures(t, answer)
			if len(failed) == 0 {
				break
			}
			for fmt.Sprint(changes[0].Pos) != failed[0] { // Lambda sends again from there on
				changes = changes[1:]
			}
		}
		got := strings.Join(w.frames(t, "reader"), "; ")
		for _, f := range []string{"entries t1 1-3", "thread t0 2", "thread t1 3", "thread t2 2"} {
			if !strings.Contains(got, f) {
				t.Errorf("%q is missing in %s", f, got)
			}
		}
	})
}

func TestWhatCannotBeToldIsPassedOver(t *testing.T) {
	w := open(t, hosttest.New(t))
	w.watch(t, "reader", "inbox:in1")
	w.write(t, "t1", "a")
	good := hosttest.StreamPayload(w.heads(t))
	record := strings.TrimSuffix(strings.TrimPrefix(string(good), `{"Records":[`), `]}`)
	for _, bad := range []string{
		`{"eventID":"x","dynamodb":{"NewImage":{"pk":{"S":"T#x"}}}}`,
		`{"eventID":"x","dynamodb":{"NewImage":{"pk":{"S":"T#x"},"sk":{"S":"H"},"rev":{"N":"1"},"seq":{"S":"many"}}}}`,
		`{"eventID":"x","eventName":"REMOVE","dynamodb":{"OldImage":{"pk":{"S":"T#x"},"sk":{"S":"H"}}}}`,
	} {
		answer, err := w.h.Invoke(hosttest.Context(), []byte(`{"Records":[`+bad+`,`+record+`]}`))
		if err != nil || len(hosttest.Failures(t, answer)) > 0 {
			t.Errorf("%s: %s %v", bad, answer, err)
		}
	}
	if n := len(w.Frames("reader")); n != 3 {
		t.Errorf("%d frames, want the good record's each time", n)
	}
}

func TestAStoreThatFailsMakesTheBatchComeAgain(t *testing.T) {
	w := open(t, hosttest.New(t))
	w.write(t, "t1", "a")
	changes := w.heads(t)
	w.Strike = func(string, bool) error { return errors.New("the store is away") }
	if failed := w.batch(t, changes); len(failed) != 1 || failed[0] != fmt.Sprint(changes[0].Pos) {
		t.Errorf("failed %v", failed)
	}
}

// TestSample: a record of every attribute type, as DynamoDB sends it, read by our struct and by AWS's.
func TestSample(t *testing.T) {
	raw, err := os.ReadFile("../../events/samples/stream/types.json")
	if err != nil {
		t.Fatal(err)
	}
	var ours host.StreamEvent
	var theirs awsevents.DynamoDBEvent
	if err := errors.Join(json.Unmarshal(raw, &ours), json.Unmarshal(raw, &theirs)); err != nil {
		t.Fatal(err)
	}
	if len(ours.Records) != 2 || len(theirs.Records) != 2 {
		t.Fatalf("%d and %d records", len(ours.Records), len(theirs.Records))
	}
	for i, a := range ours.Records {
		b := theirs.Records[i]
		if a.EventID != b.EventID || a.EventName != b.EventName || a.Change.Sequence != b.Change.SequenceNumber ||
			(len(a.Change.New) > 0) != (len(b.Change.NewImage) > 0) || (len(a.Change.Old) > 0) != (len(b.Change.OldImage) > 0) {
			t.Errorf("record %d: %+v, AWS reads %+v", i, a, b)
		}
	}
	w := open(t, hosttest.New(t))
	w.watch(t, "list", "inbox:in1")
	answer, err := w.h.Invoke(hosttest.Context(), raw)
	if err != nil || len(hosttest.Failures(t, answer)) > 0 {
		t.Fatalf("%s %v", answer, err)
	}
	want(t, w.frames(t, "list"), "thread 01k 2")
	if !strings.Contains(w.Frames("list")[0], "Grüße 👋") {
		t.Errorf("frame %s", w.Frames("list")[0])
	}
}
