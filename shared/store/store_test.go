package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"parley/events"
	"parley/shared/fault"
	"parley/shared/host"
	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/store"
	"parley/shared/table"
	"parley/shared/table/local"
)

var (
	ctx   = context.Background()
	lena  = events.Contact{ID: "c1", Name: "Lena", Address: "lena@shop.example"}
	mara  = events.Actor{Kind: events.Bot, ID: "u1", Name: "Mara"} // a bot: who answers as an agent takes the thread, which is another test's
	names = store.Names{Threads: "threads", Outbox: "outbox", Assignments: "assignments", Contacts: "contacts", Settings: "settings", Sockets: "sockets"}
)

// schemas are what the template creates; infra's golden test holds the indexes there.
var schemas = []table.Schema{
	{Name: "threads", Indexes: []string{"views", "owners", "accounts", "teams", "contact", "due"}, Expires: true, Stream: true},
	{Name: "outbox", Indexes: []string{"due"}, Stream: true},
	{Name: "assignments", Indexes: []string{"due"}, Stream: true},
	{Name: "contacts", Indexes: []string{"list"}},
	{Name: "settings"},
	{Name: "sockets", Expires: true},
}

type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func openStore(t *testing.T) (*store.Store, *clock) {
	t.Helper()
	db, err := local.Open(t.TempDir(), schemas)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	c := &clock{at: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)}
	return store.Open(db, names, c.now, host.NewID), c
}

func received(id string) events.MessageReceived {
	return events.MessageReceived{
		Message: id, Contact: lena, From: events.Address{Name: lena.Name, Email: lena.Address}, Body: events.Body{Text: id}, Preview: id,
		Email: &events.Email{MessageID: id + "@shop.example"},
	}
}

func opened(h inbox.Thread) (inbox.Decision, error) {
	return h.Open(events.ThreadOpened{Inbox: "i1", Account: "a1", Channel: "email", Subject: "Help", Contact: lena}, received("m1"))
}

func comment(id string) func(inbox.Thread) (inbox.Decision, error) {
	return func(h inbox.Thread) (inbox.Decision, error) {
		return h.Comment(mara, events.CommentAdded{Comment: id, Body: events.Body{Text: id}, Preview: id})
	}
}

func reply(id string) func(inbox.Thread) (inbox.Decision, error) {
	return func(h inbox.Thread) (inbox.Decision, error) {
		return h.Reply(mara, events.MessageSent{
			Message: id, Delivery: "d" + id, To: []events.Address{{Email: lena.Address}}, Cc: []events.Address{{Email: "cfo@shop.example"}},
			Body: events.Body{Text: id}, Preview: id,
		})
	}
}

func do(t *testing.T, s *store.Store, id, key string, f func(inbox.Thread) (inbox.Decision, error)) store.Commit {
	t.Helper()
	c, err := s.Threads.Do(ctx, id, key, f)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestDoCommitsAndReplays(t *testing.T) {
	s, _ := openStore(t)
	first := do(t, s, "t1", "k1", opened)
	if first.Seq != 2 || len(first.Entries) != 2 || first.Replayed || first.Entries[1].Received == nil {
		t.Fatalf("first commit %+v", first)
	}
	do(t, s, "t1", "k2", comment("n1"))
	decided := false
	again := do(t, s, "t1", "k1", func(inbox.Thread) (inbox.Decision, error) {
		decided = true
		return inbox.Decision{}, nil
	})
	if decided || !again.Replayed || len(again.Entries) != 2 || again.Seq != 3 {
		t.Errorf("replay %+v (decided again: %v)", again, decided)
	}
	if _, err := s.Threads.Do(ctx, "t2", "k1", opened); !fault.Is(err, fault.Invalid) {
		t.Errorf("the key on another thread: %v", err)
	}
	head, err := s.Threads.Head(ctx, "t1")
	if err != nil || head.Seq != 3 || head.Preview != "n1" {
		t.Errorf("head %+v, %v", head, err)
	}
	log, err := s.Threads.Entries(ctx, "t1", 1, 99)
	if err != nil {
		t.Fatal(err)
	}
	if folded, err := inbox.Fold(log); err != nil || folded.Seq != head.Seq || folded.Preview != head.Preview {
		t.Errorf("the log folds to %+v, %v", folded, err)
	}
}

func TestARefusedCommandLeavesNothing(t *testing.T) {
	s, _ := openStore(t)
	if _, err := s.Threads.Do(ctx, "t1", "k1", comment("n1")); !fault.Is(err, fault.NotFound) {
		t.Fatalf("comment on nothing: %v", err)
	}
	if _, err := s.Threads.Head(ctx, "t1"); !fault.Is(err, fault.NotFound) {
		t.Errorf("there is a head: %v", err)
	}
	if c := do(t, s, "t1", "k1", opened); c.Replayed {
		t.Error("the refused command used up its key")
	}
}

func TestClaims(t *testing.T) {
	s, _ := openStore(t)
	claim := func(name string) func(inbox.Thread) (inbox.Decision, error) {
		return func(h inbox.Thread) (inbox.Decision, error) {
			d, err := opened(h)
			d.Claims = []string{name}
			return d, err
		}
	}
	do(t, s, "t1", "", claim("mid:a"))
	_, err := s.Threads.Do(ctx, "t2", "", claim("mid:a"))
	var taken *store.Claimed
	if !errors.As(err, &taken) || taken.Thread != "t1" || taken.Seq != 2 || !fault.Is(err, fault.Conflict) {
		t.Fatalf("a taken claim: %v", err)
	}
	if _, err := s.Threads.Head(ctx, "t2"); !fault.Is(err, fault.NotFound) {
		t.Errorf("the loser left a thread: %v", err)
	}
	for range 2 { // the second time is a redelivery
		if err := s.Threads.Claim(ctx, "ses:x", "t1", 2); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.Threads.ByClaims(ctx, "mid:a", "ses:x", "ses:x", "nobody")
	if err != nil || len(got) != 2 || got["ses:x"] != (store.Claim{Thread: "t1", Seq: 2}) {
		t.Errorf("claims %v, %v", got, err)
	}
}

func TestThirtyTwoWritersOnOneThread(t *testing.T) {
	s, _ := openStore(t)
	do(t, s, "t1", "", opened)
	var wg sync.WaitGroup
	for w := range 32 {
		wg.Go(func() {
			for i := range 4 {
				if _, err := s.Threads.Do(ctx, "t1", fmt.Sprint(w, "-", i), comment(fmt.Sprint(w, i))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	log, err := s.Threads.Entries(ctx, "t1", 1, 999)
	if err != nil || len(log) != 2+32*4 {
		t.Fatalf("%d entries, %v", len(log), err)
	}
	if _, err := inbox.Fold(log); err != nil {
		t.Error(err)
	}
}

func TestViewsFollowTheHead(t *testing.T) {
	s, c := openStore(t)
	for i := range 60 {
		do(t, s, fmt.Sprintf("t%03d", i), "", opened)
		c.pass(20 * time.Second) // several in one minute: within a page the order is exact
	}
	assign := func(h inbox.Thread) (inbox.Decision, error) {
		return h.Assign(mara, &events.Assignee{Kind: "agent", ID: "u1"}, nil)
	}
	do(t, s, "t005", "", assign)
	do(t, s, "t006", "", func(h inbox.Thread) (inbox.Decision, error) { return h.SetStatus(mara, inbox.Closed) })
	for view, want := range map[store.View]int{store.ViewOpen: 59, store.ViewMine: 1, store.ViewUnassigned: 58, store.ViewClosed: 1} {
		seen := map[string]bool{}
		cursor := ""
		for {
			heads, next, err := s.Threads.View(ctx, store.ViewQuery{Inbox: "i1", View: view, User: "u1", Cursor: cursor, Limit: 25})
			if err != nil {
				t.Fatal(err)
			}
			for i, h := range heads {
				if seen[h.ID] {
					t.Errorf("%s: %s twice", view, h.ID)
				}
				seen[h.ID] = true
				if i > 0 && heads[i-1].ActiveAt.Before(h.ActiveAt) {
					t.Errorf("%s: %s is out of order", view, h.ID)
				}
			}
			if cursor = next; cursor == "" {
				break
			}
		}
		n, more, err := s.Threads.Count(ctx, store.ViewQuery{Inbox: "i1", View: view, User: "u1", Account: "a1", Team: "t1"})
		if len(seen) != want || n != want || more || err != nil {
			t.Errorf("%s: %d threads, count %d (more %v, %v), want %d", view, len(seen), n, more, err, want)
		}
	}
	if _, _, err := s.Threads.View(ctx, store.ViewQuery{Inbox: "i1", View: "starred"}); !fault.Is(err, fault.Invalid) {
		t.Errorf("an unknown view: %v", err)
	}
	for i := range limit.CountExact {
		do(t, s, fmt.Sprintf("u%03d", i), "", opened)
	}
	if n, more, err := s.Threads.Count(ctx, store.ViewQuery{Inbox: "i1", View: store.ViewOpen}); n != limit.CountExact || !more || err != nil {
		t.Errorf("many: %d, more %v, %v", n, more, err)
	}
}

func TestReadMarks(t *testing.T) {
	s, _ := openStore(t)
	if err := s.Threads.MarkRead(ctx, "u1", "t1", 7); err != nil {
		t.Fatal(err)
	}
	for user, want := range map[string]int64{"u1": 7, "u2": 0} {
		got, err := s.Threads.ReadSeqs(ctx, user, []string{"t0", "t1"})
		if err != nil || got["t1"] != want || got["t0"] != 0 {
			t.Errorf("%s has read %v, %v", user, got, err)
		}
	}
}
