package websocket_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/shared/fault"
	"parley/shared/limit"
	"parley/shared/store"
)

func TestConnect(t *testing.T) {
	w := newWorld(t)
	ticket := w.ticket()
	a := w.offer("parley, " + ticket)
	if a.Status != 200 || a.Headers["Sec-WebSocket-Protocol"] != "parley" {
		t.Fatalf("%+v", a)
	}
	if id, err := w.store.Sockets.Get(ctx, conn); err != nil || id != (store.Identity{Kind: "agent", ID: "mara", Name: "Mara"}) {
		t.Errorf("%+v %v", id, err)
	}
	if n := len(w.push.take(w)); n > 0 {
		t.Errorf("%d frames inside $connect", n)
	}
	if a := w.offer("parley, " + ticket); a.Status != 403 {
		t.Errorf("a ticket was good twice: %+v", a)
	}
	old := w.ticket()
	w.at = w.at.Add(61 * time.Second)
	if a := w.offer("parley, " + old); a.Status != 403 {
		t.Errorf("an old ticket was good: %+v", a)
	}
	for _, offered := range []string{"", "parley", "parley,", old, old + ", parley", "parley, a, b"} {
		if a := w.offer(offered); a.Status != 401 {
			t.Errorf("offered %q: %+v", offered, a)
		}
	}
	if a := w.offer("parley,nonsense"); a.Status != 403 {
		t.Errorf("%+v", a)
	}
	if n := w.refusals(); n != 9 {
		t.Errorf("%d refusals are counted, want 9", n)
	}
	lower := w.sample("connect", func(e map[string]any) {
		e["headers"] = map[string]string{"sec-websocket-protocol": "parley, " + w.ticket()}
	})
	if a := w.invoke(lower); a.Status != 200 {
		t.Errorf("header names are of any case: %+v", a)
	}
}

func TestDisconnect(t *testing.T) {
	w := newWorld(t)
	w.connect()
	w.frame(`{"action":"watch","topics":[{"topic":"inbox:i1"}]}`)
	for range 2 { // it may come twice
		if a := w.invoke(w.sample("disconnect", func(map[string]any) {})); a.Status != 200 {
			t.Errorf("%+v", a)
		}
	}
	if _, err := w.store.Sockets.Get(ctx, conn); !fault.Is(err, fault.Gone) {
		t.Errorf("the connection is still known: %v", err)
	}
	if conns, err := w.store.Sockets.Watchers(ctx, "inbox:i1"); len(conns) != 0 || err != nil {
		t.Errorf("it is still watched by %v %v", conns, err)
	}
	w.frame(`{"action":"ping"}`)
	if len(w.push.closed) != 1 || w.push.closed[0] != conn {
		t.Errorf("an unknown connection was not closed: %v", w.push.closed)
	}
}

func TestPing(t *testing.T) {
	w := newWorld(t)
	w.connect()
	if got := w.frame(`{"action":"ping"}`); len(got) != 1 || got[0].T != "pong" {
		t.Errorf("%+v", got)
	}
}

func TestWatch(t *testing.T) {
	w := newWorld(t)
	w.connect()
	w.thread("t1", 5, "Hi")
	got := w.frame(`{"action":"watch","topics":[{"topic":"inbox:i1"},{"topic":"thread:t1","after":2},{"topic":"thread:t1","after":2}]}`)
	if len(got) < 2 || got[0].T != "watching" || !slices.Equal(got[0].Topics, []string{"inbox:i1", "thread:t1"}) {
		t.Fatalf("%+v", got)
	}
	f := got[1]
	if f.T != "entries" || f.Thread != "t1" || f.Seq != 5 || len(f.Entries) != 3 || f.Entries[0].Seq != 3 || f.Entries[0].Received == nil || f.Head == nil || f.Head.Seq != 5 {
		t.Errorf("%+v", f)
	}
	for _, topic := range []string{"inbox:i1", "thread:t1"} {
		if conns, err := w.store.Sockets.Watchers(ctx, topic); err != nil || !slices.Equal(conns, []string{conn}) {
			t.Errorf("%s is watched by %v %v", topic, conns, err)
		}
	}
	if got := w.frame(`{"action":"watch","topics":[{"topic":"thread:t1","after":5}]}`); len(got) != 1 || got[0].T != "watching" {
		t.Errorf("nothing is missing, yet: %+v", got)
	}
	if got := w.frame(`{"action":"watch","topics":["thread:t1"]}`); len(got) != 1 {
		t.Errorf("nothing was asked for, yet: %+v", got)
	}
	if got := w.frame(`{"action":"unwatch","topics":["thread:t1"]}`); len(got) != 0 {
		t.Errorf("%+v", got)
	}
	if conns, _ := w.store.Sockets.Watchers(ctx, "thread:t1"); len(conns) != 0 {
		t.Errorf("still watched by %v", conns)
	}
}

// What is committed between the rows and the reading arrives: twice at worst.
func TestNothingFallsBetween(t *testing.T) {
	w := newWorld(t)
	w.connect()
	w.thread("t1", 3, "Hi")
	w.push.before = func(frame string) {
		if strings.Contains(frame, `"watching"`) {
			w.thread("t1", 2, "Meanwhile")
			if conns, err := w.store.Sockets.Watchers(ctx, "thread:t1"); err != nil || len(conns) != 1 {
				t.Errorf("rows are not there before the frame: %v %v", conns, err)
			}
		}
	}
	got := w.frame(`{"action":"watch","topics":[{"topic":"thread:t1","after":3}]}`)
	if len(got) != 2 || got[1].Seq != 4 || got[1].Entries[0].Received.Body.Text != "Meanwhile" {
		t.Errorf("%+v", got)
	}
}

func TestCatchUpInChunks(t *testing.T) {
	w := newWorld(t)
	w.connect()
	w.thread("t1", 101, strings.Repeat("x", 1500))
	got := w.frame(`{"action":"watch","topics":[{"topic":"thread:t1","after":1}]}`)
	seq := int64(1)
	for _, f := range got[1:] {
		for _, e := range f.Entries {
			if seq++; e.Seq != seq {
				t.Fatalf("entry %d after %d", e.Seq, seq-1)
			}
		}
		if f.Seq != seq {
			t.Errorf("frame says %d, ends with %d", f.Seq, seq)
		}
	}
	if seq != 101 || len(got) < 5 || len(got) > 20 {
		t.Errorf("%d entries in %d frames", seq, len(got)-1)
	}
	if w.push.largest > limit.FrameBytes {
		t.Errorf("a frame of %d bytes", w.push.largest)
	}
}

func TestTooMuchBecomesSync(t *testing.T) {
	w := newWorld(t)
	w.connect()
	w.thread("t1", limit.EntryPageMax+2, "Hi")
	w.thread("t2", 3, strings.Repeat("x", 2*limit.FrameBytes))
	for frame, thread := range map[string]string{
		`{"action":"watch","topics":[{"topic":"thread:t1","after":1}]}`:    "t1",
		`{"action":"watch","topics":[{"topic":"thread:t1","after":9999}]}`: "t1", // it has what was never there
		`{"action":"watch","topics":[{"topic":"thread:t2","after":2}]}`:    "t2", // one entry that fits no frame
	} {
		if got := w.frame(frame); len(got) != 2 || got[1].T != "sync" || got[1].Thread != thread {
			t.Errorf("%s: %+v", frame, got)
		}
	}
	if got := w.frame(`{"action":"watch","topics":[{"topic":"thread:t1","after":2}]}`); len(got) < 2 || got[1].T != "entries" {
		t.Errorf("exactly as many as may be: %+v", got[1:])
	}
}

func TestBadFrames(t *testing.T) {
	w := newWorld(t)
	w.connect()
	var topics []string
	for i := range 51 {
		topics = append(topics, fmt.Sprintf(`"thread:t%d"`, i))
	}
	for body, code := range map[string]fault.Code{
		``:                                fault.Invalid,
		`nonsense`:                        fault.Invalid,
		`[]`:                              fault.Invalid,
		`{}`:                              fault.Invalid,
		`{"action":"dance"}`:              fault.Invalid,
		`{"action":"watch"}`:              fault.Invalid,
		`{"action":"watch","topics":[7]}`: fault.Invalid,
		`{"action":"watch","topics":[{"topic":"user:u1"}]}`:                      fault.Invalid,
		`{"action":"watch","topics":[{"topic":"thread:T#1"}]}`:                   fault.Invalid,
		`{"action":"watch","topics":[{"topic":"inbox:"}]}`:                       fault.Invalid,
		`{"action":"watch","topics":[{"topic":"thread:t1","after":-1}]}`:         fault.Invalid,
		`{"action":"watch","topics":[{"topic":"thread:t1","after":"x"}]}`:        fault.Invalid,
		`{"action":"watch","topics":[` + strings.Join(topics, ",") + `]}`:        fault.Invalid,
		`{"action":"unwatch","topics":["x"]}`:                                    fault.Invalid,
		`{"action":"watch","topics":["thread:` + strings.Repeat("a", 41) + `"]}`: fault.Invalid,
	} {
		if got := w.frame(body); len(got) != 1 || got[0].T != "error" || got[0].Code != string(code) || got[0].Detail == "" {
			t.Errorf("%.60s: %+v", body, got)
		}
	}
	got := w.frame(`{"action":"watch","topics":[{"topic":"thread:nope","after":0}]}`)
	if len(got) != 2 || got[1].T != "error" || got[1].Code != "notfound" || got[1].Thread != "nope" {
		t.Errorf("%+v", got)
	}
	if conns, _ := w.store.Sockets.Watchers(ctx, "thread:nope"); len(conns) != 0 {
		t.Error("a thread that does not exist is watched")
	}
	binary := w.sample("message", func(e map[string]any) { e["body"], e["isBase64Encoded"] = "eyJhY3Rpb24iOiJwaW5nIn0=", true })
	if w.invoke(binary); w.push.take(w)[0].T != "error" {
		t.Error("a binary frame was taken")
	}
	// Fifty in all, not fifty a frame.
	for i := range 2 {
		got = w.frame(`{"action":"watch","topics":[` + strings.Join(topics[i*25:i*25+25], ",") + `]}`)
		if len(got) != 1 || got[0].T != "watching" {
			t.Errorf("%+v", got)
		}
	}
	if got = w.frame(`{"action":"watch","topics":["inbox:i1"]}`); got[0].T != "error" {
		t.Errorf("the fifty-first topic: %+v", got)
	}
}

// When the inside fails, the client hears that something went wrong, and the invocation fails for the alarm.
func TestInternalErrors(t *testing.T) {
	w := newWorld(t)
	w.connect()
	w.push.fail = errors.New("network down")
	payload := w.sample("message", func(e map[string]any) { e["body"] = `{"action":"ping"}` })
	if _, err := w.handler.Invoke(ctx, payload); err == nil {
		t.Error("a lost answer went unnoticed")
	}
	w.push.fail = nil
	if f := w.push.take(w); len(f) != 0 {
		t.Errorf("%+v", f)
	}
	w.push.fail = fault.New(fault.Gone, "closed")
	if _, err := w.handler.Invoke(ctx, payload); err != nil {
		t.Errorf("a closed connection is nobody's fault: %v", err)
	}
	if _, err := w.store.Sockets.Get(ctx, conn); !fault.Is(err, fault.Gone) {
		t.Errorf("the closed connection is still known: %v", err)
	}
}
