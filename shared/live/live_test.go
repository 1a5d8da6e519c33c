package live_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/events"
	"parley/shared/fault"
	"parley/shared/host"
	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/live"
	"parley/shared/store"
	"parley/shared/table"
	"parley/shared/table/local"
)

var ctx = context.Background()

// sockets is a poster that keeps what each connection took; conns that misbehave answer with their fault.
type sockets struct {
	took  map[string][]live.Frame
	fault map[string]fault.Code
}

func (s *sockets) Post(_ context.Context, conn string, raw []byte) error {
	var f live.Frame
	if err := json.Unmarshal(raw, &f); err != nil {
		return err
	}
	if code := s.fault[conn]; code != "" && f.T != "sync" {
		return fault.New(code, "%s", conn)
	}
	s.took[conn] = append(s.took[conn], f)
	return nil
}

func (s *sockets) Close(context.Context, string) error { return nil }

func setUp(t *testing.T, faults map[string]fault.Code, conns ...string) (*live.Live, *store.Store, *sockets) {
	t.Helper()
	db, err := local.Open(t.TempDir(), []table.Schema{{Name: "sockets", Expires: true}, {Name: "settings"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	s := store.Open(db, store.Names{Sockets: "sockets", Settings: "settings"}, time.Now, host.NewID)
	for _, c := range conns {
		if _, err := s.Settings.SignedIn(ctx, c, c, c+"@team.example", true); err != nil { // admins see every inbox
			t.Fatal(err)
		}
		if err := s.Sockets.Connect(ctx, c, store.Identity{Kind: "agent", ID: c}); err != nil {
			t.Fatal(err)
		}
		if err := s.Sockets.Watch(ctx, c, live.ThreadTopic("t1"), live.InboxTopic("i1")); err != nil {
			t.Fatal(err)
		}
	}
	p := &sockets{took: map[string][]live.Frame{}, fault: faults}
	return live.New(s, p), s, p
}

func commit(seq int64, text string) store.Commit {
	e := inbox.Entry{Seq: seq, Type: "comment.added", Comment: &events.CommentAdded{Body: events.Body{Text: text}}}
	return store.Commit{Thread: inbox.Thread{ID: "t1", Inbox: "i1", Seq: seq}, Entries: []inbox.Entry{e}, Seq: seq}
}

func pushed(t *testing.T, s *store.Store) int64 {
	t.Helper()
	seq, err := s.Sockets.Pushed(ctx, "t1")
	if err != nil {
		t.Fatal(err)
	}
	return seq
}

func TestACommitIsPushedAndNoted(t *testing.T) {
	l, s, p := setUp(t, nil, "a", "b")
	l.Committed(ctx, commit(5, "hi"))
	for _, conn := range []string{"a", "b"} {
		if f := p.took[conn]; len(f) != 1 || f[0].T != "entries" || f[0].Seq != 5 || f[0].Head.Seq != 5 {
			t.Errorf("%s took %+v", conn, f)
		}
	}
	if got := pushed(t, s); got != 5 {
		t.Errorf("noted %d", got)
	}
	replay := commit(6, "again")
	replay.Replayed = true
	l.Committed(ctx, replay)
	if len(p.took["a"]) != 1 {
		t.Error("a replay was pushed")
	}
}

func TestAFailedPushIsLeftToNotify(t *testing.T) {
	l, s, p := setUp(t, map[string]fault.Code{"a": fault.Internal}, "a", "b")
	l.Committed(ctx, commit(5, "hi"))
	if len(p.took["b"]) != 1 {
		t.Error("one connection's failure kept the frame from another")
	}
	if got := pushed(t, s); got != 0 {
		t.Errorf("noted %d, though a did not take it", got)
	}
	if err := l.Entries(ctx, commit(5, "hi").Thread, commit(5, "hi").Entries); err == nil {
		t.Error("the guarantee did not report the failure")
	}
}

func TestAClosedConnectionIsForgotten(t *testing.T) {
	l, s, _ := setUp(t, map[string]fault.Code{"a": fault.Gone}, "a", "b")
	l.Committed(ctx, commit(5, "hi"))
	got, err := s.Sockets.Watchers(ctx, live.ThreadTopic("t1"))
	if err != nil || !slices.Equal(got, []string{"b"}) {
		t.Errorf("watchers %v, %v", got, err)
	}
	if seq := pushed(t, s); seq != 5 {
		t.Errorf("noted %d, though all that are left took it", seq)
	}
}

func TestASlowConnectionIsToldToFetch(t *testing.T) {
	l, _, p := setUp(t, map[string]fault.Code{"a": fault.Busy}, "a")
	l.Committed(ctx, commit(5, "hi"))
	if f := p.took["a"]; len(f) != 1 || f[0].T != "sync" {
		t.Errorf("a took %+v", f)
	}
}

func TestAFrameTooLargeBecomesSync(t *testing.T) {
	l, _, p := setUp(t, nil, "a")
	l.Committed(ctx, commit(5, strings.Repeat("x", limit.FrameBytes)))
	if f := p.took["a"]; len(f) != 1 || f[0].T != "sync" || f[0].Thread != "t1" {
		t.Errorf("a took %+v", f)
	}
}

func TestAHeadGoesToTheInbox(t *testing.T) {
	l, _, p := setUp(t, nil, "a")
	if err := l.Head(ctx, commit(5, "hi").Thread); err != nil {
		t.Fatal(err)
	}
	if f := p.took["a"]; len(f) != 1 || f[0].T != "thread" || f[0].Inbox != "i1" || f[0].Head.ID != "t1" {
		t.Errorf("a took %+v", f)
	}
}
