package sweep_test

import (
	"fmt"
	"testing"
	"time"

	"parley/events"
	"parley/shared/host/hosttest"
	"parley/shared/inbox"
	"parley/shared/routing"
	"parley/shared/store"
)

var admin = events.Actor{Kind: events.Agent, ID: "admin"}

// staff is a night with an inbox and people.
func staff(t *testing.T, ids ...string) (*night, string) {
	n := open(t, hosttest.New(t))
	c := 0
	n.st = store.Open(n.DB, store.Names{Threads: "threads", Outbox: "outbox", Assignments: "assignments", Settings: "settings"}, n.Now, func() string { c++; return fmt.Sprintf("test%06d", c) })
	box, _, err := n.st.Settings.NewInbox(hosttest.Context(), admin, "Support", "parley.example")
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		if _, err := n.st.Settings.Invited(hosttest.Context(), admin, store.User{ID: id, Name: id, Role: inbox.Agent}); err != nil {
			t.Fatal(err)
		}
	}
	return n, box.ID
}

func (n *night) do(t *testing.T, id string, f func(inbox.Thread) (inbox.Decision, error)) inbox.Thread {
	t.Helper()
	c, err := n.st.Threads.Do(hosttest.Context(), id, "", f)
	if err != nil {
		t.Fatal(err)
	}
	return c.Thread
}

// own opens a thread that somebody waits in and gives it an owner.
func (n *night) own(t *testing.T, id, box, user string) {
	t.Helper()
	c := events.Contact{ID: "c1"}
	n.do(t, id, func(h inbox.Thread) (inbox.Decision, error) {
		return h.Open(events.ThreadOpened{Inbox: box, Account: "a1", Channel: "email", Contact: c}, events.MessageReceived{Message: "m", Contact: c})
	})
	n.do(t, id, func(h inbox.Thread) (inbox.Decision, error) {
		return h.Assign(admin, &events.Assignee{Kind: "agent", ID: user, Name: user}, nil)
	})
}

func TestSnoozesEnd(t *testing.T) {
	n, box := staff(t)
	const threads = 130 // more than a page
	for i := range threads {
		id := fmt.Sprint("t", i)
		n.own(t, id, box, "u1")
		n.do(t, id, func(h inbox.Thread) (inbox.Decision, error) { return h.Snooze(admin, n.Now().Add(time.Hour), n.Now()) })
	}
	n.own(t, "replies", box, "u1")
	n.do(t, "replies", func(h inbox.Thread) (inbox.Decision, error) { return h.Snooze(admin, time.Time{}, n.Now()) })
	n.Pass(59 * time.Minute)
	expect(t, n.tick(t), "unsnoozed=0")
	n.Pass(time.Minute + time.Second)
	expect(t, n.tick(t), fmt.Sprintf("unsnoozed=%d", threads))
	expect(t, n.tick(t), "unsnoozed=0")
	for _, c := range []struct {
		view store.View
		want int
	}{{store.ViewSnoozed, 1}, {store.ViewOpen, 99}} {
		if got, _, err := n.st.Threads.Count(hosttest.Context(), store.ViewQuery{Inbox: box, View: c.view}); got != c.want || err != nil {
			t.Errorf("%s: %d %v", c.view, got, err)
		}
	}
}

// A leaver's conversations go to the heir, open and snoozed ones, wherever it stopped before; closed ones keep the name.
func TestALeaversConversationsAreHandedOver(t *testing.T) {
	n, box := staff(t, "u1", "u2")
	ctx := hosttest.Context()
	const threads = 60
	for i := range threads {
		n.own(t, fmt.Sprint("t", i), box, "u1")
	}
	n.do(t, "t0", func(h inbox.Thread) (inbox.Decision, error) { return h.Snooze(admin, time.Time{}, n.Now()) })
	n.do(t, "t1", func(h inbox.Thread) (inbox.Decision, error) { return h.SetStatus(admin, inbox.Closed) })
	h := store.Handover{User: "u1", To: store.HandoverTo{Kind: "agent", ID: "u2", Name: "u2"}}
	if err := n.st.Settings.HandOver(ctx, admin, &h); err != nil {
		t.Fatal(err)
	}
	n.Pass(11 * time.Second)
	calls := 0
	n.Strike = func(string, bool) error { // it stops in the middle
		if calls++; calls > 200 {
			return fmt.Errorf("crash")
		}
		return nil
	}
	_, _ = n.h.Invoke(ctx, nil)
	n.Strike = nil
	if loads, err := n.st.Threads.Loads(ctx, "u1"); err != nil || loads["u1"].Weight() == 0 {
		t.Fatal("it did not stop in the middle", err)
	}
	n.tick(t)
	n.tick(t)
	loads, err := n.st.Threads.Loads(ctx, "u1", "u2")
	if err != nil || loads["u1"].Weight() != 0 || loads["u2"].Weight() != (threads-2)*0.5 {
		t.Errorf("%+v %v", loads, err)
	}
	for id, want := range map[string]string{"t0": "u2", "t1": "u1", "t9": "u2"} {
		if head, err := n.st.Threads.Head(ctx, id); err != nil || head.Assignee.ID != want {
			t.Errorf("%s: %+v %v", id, head.Assignee, err)
		}
	}
	if left, err := n.st.Settings.Handovers(ctx); err != nil || len(left) != 0 {
		t.Errorf("%+v %v", left, err)
	}
}

// What waits for an answer of somebody who has been away too long is asked for; what they have answered stays theirs.
func TestAwayTooLong(t *testing.T) {
	n, box := staff(t, "u1", "u2")
	ctx := hosttest.Context()
	if _, err := n.st.Settings.PutPlan(ctx, admin, func(int64) error { return nil }, routing.Plan{Inbox: box, Rest: routing.Target{Kind: routing.None}, AwayMinutes: 10}); err != nil {
		t.Fatal(err)
	}
	n.own(t, "waits", box, "u1")
	n.own(t, "answered", box, "u1")
	n.do(t, "answered", func(h inbox.Thread) (inbox.Decision, error) {
		return h.Reply(admin, events.MessageSent{Message: "m", Delivery: "d", To: []events.Address{{Email: "a@x.example"}}, Body: events.Body{Text: "x"}})
	})
	n.own(t, "others", box, "u2")
	if _, err := n.st.Settings.SetAvailable(ctx, "u1", false); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"waits", "answered", "others"} { // what their opening asked for was seen to
		if w, ok, err := n.st.Assignments.Get(ctx, id); err != nil || !ok || n.st.Assignments.Drop(ctx, w) != nil {
			t.Fatal(ok, err)
		}
	}
	n.Pass(9 * time.Minute)
	n.tick(t)
	if _, ok, _ := n.st.Assignments.Get(ctx, "waits"); ok {
		t.Error("too early")
	}
	n.Pass(2 * time.Minute)
	n.tick(t)
	w, ok, err := n.st.Assignments.Get(ctx, "waits")
	if err != nil || !ok || w.Cause != "away" || w.Not != "u1" || !w.Ready {
		t.Errorf("%+v %v %v", w, ok, err)
	}
	for _, id := range []string{"answered", "others"} {
		if _, ok, _ := n.st.Assignments.Get(ctx, id); ok {
			t.Errorf("%s is asked for", id)
		}
	}
}
