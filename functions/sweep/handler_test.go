package sweep_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"parley/events"
	"parley/functions/sweep"
	"parley/shared/host"
	"parley/shared/host/hosttest"
	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/store"
)

type night struct {
	*hosttest.World
	h  host.Handler
	st *store.Store
}

func open(t *testing.T, w *hosttest.World) *night {
	n := 0
	names := store.Names{Threads: "threads", Outbox: "outbox", Assignments: "assignments"}
	return &night{w, w.Build(t, sweep.New), store.Open(w.DB, names, w.Now, func() string { n++; return fmt.Sprintf("test%06d", n) })}
}

// owe writes jobs, one in each of n threads.
func (n *night) owe(t *testing.T, jobs int) {
	t.Helper()
	c := events.Contact{ID: "c1"}
	for i := range jobs {
		id := fmt.Sprintf("t%d", i)
		for step := range 2 {
			_, err := n.st.Threads.Do(hosttest.Context(), id, "", func(th inbox.Thread) (inbox.Decision, error) {
				if step == 0 {
					return th.Open(events.ThreadOpened{Inbox: "in1", Account: "a1", Channel: "email", Contact: c}, events.MessageReceived{Contact: c})
				}
				return th.Reply(events.Actor{Kind: events.Bot, ID: "u1"}, events.MessageSent{
					Message: "m" + id, Delivery: "d" + id, To: []events.Address{{Email: "a@x.example"}}, Body: events.Body{Text: "x"},
				})
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		w, ok, err := n.st.Assignments.Get(hosttest.Context(), id) // that it wants an owner was seen to
		if err != nil || !ok || n.st.Assignments.Drop(hosttest.Context(), w) != nil {
			t.Fatal(ok, err)
		}
	}
}

// tick runs the function and returns what it logs.
func (n *night) tick(t *testing.T) string {
	t.Helper()
	var log strings.Builder
	ctx := host.WithLog(context.Background(), slog.New(slog.NewTextHandler(&log, nil)))
	if _, err := n.h.Invoke(ctx, nil); err != nil {
		t.Fatal(err)
	}
	return log.String()
}

func expect(t *testing.T, log, want string) {
	t.Helper()
	if !strings.Contains(log, want) {
		t.Errorf("log %q, want %q", log, want)
	}
}

// woken counts jobs written ready since a position of the feed.
func (n *night) woken(t *testing.T, pos int64) (count int, now int64) {
	t.Helper()
	for {
		changes, err := n.DB.Read(hosttest.Context(), "outbox", pos, 1000)
		if err != nil {
			t.Fatal(err)
		}
		if len(changes) == 0 {
			return count, pos
		}
		for _, c := range changes {
			pos = c.Pos
			if strings.Contains(string(c.New.Doc), `"ready":true`) {
				count++
			}
		}
	}
}

func TestWakesWhatIsDue(t *testing.T) {
	n := open(t, hosttest.New(t))
	const jobs = 250 // more than two pages
	n.owe(t, jobs)
	_, pos := n.woken(t, 0)
	expect(t, n.tick(t), "woken=0 stuck=0") // nothing is due yet
	n.Pass(limit.WakeAfter + time.Second)
	expect(t, n.tick(t), fmt.Sprintf("woken=%d stuck=0", jobs))
	count, pos := n.woken(t, pos)
	if count != jobs {
		t.Errorf("%d jobs came to the worker again", count)
	}
	expect(t, n.tick(t), "woken=0 stuck=0") // they are with the worker now
	n.Pass(limit.StuckAfter)
	expect(t, n.tick(t), fmt.Sprintf("woken=%d stuck=%d", jobs, jobs))
	if count, _ = n.woken(t, pos); count != jobs {
		t.Errorf("%d jobs came again", count)
	}
}

func TestLeavesFinishedWorkAlone(t *testing.T) {
	n := open(t, hosttest.New(t))
	n.owe(t, 4)
	ctx := hosttest.Context()
	for i, end := range []func(*store.Lease, store.Job) (store.Job, error){
		func(l *store.Lease, j store.Job) (store.Job, error) { return l.Sent(ctx, j, "id") },
		func(l *store.Lease, j store.Job) (store.Job, error) {
			return l.Failed(ctx, j, inbox.CarrierRefused, "no")
		},
		func(l *store.Lease, j store.Job) (store.Job, error) {
			return l.Later(ctx, j, n.Now().Add(15*time.Minute), "busy")
		},
		func(l *store.Lease, j store.Job) (store.Job, error) { return l.Unknown(ctx, j, "?") },
	} {
		lease, ok, err := n.st.Outbox.Lease(ctx, fmt.Sprintf("t%d", i), "w", 0)
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		owed, err := lease.Owed(ctx)
		if err != nil {
			t.Fatal(err)
		}
		j := owed[0]
		j.Attempts = 1
		if _, err := end(lease, j); err != nil {
			t.Fatal(err)
		}
	}
	n.Pass(limit.UnknownWait - time.Second)
	expect(t, n.tick(t), "woken=0")
	n.Pass(2 * time.Second)
	expect(t, n.tick(t), "woken=1 stuck=0") // the one in doubt
	n.Pass(5 * time.Minute)
	expect(t, n.tick(t), "woken=2 stuck=0") // and the one put off; rest is no reason to call it stuck
	n.Pass(6 * time.Minute)
	expect(t, n.tick(t), "woken=2 stuck=1") // nobody saw to the one in doubt
}

func TestEveryCrash(t *testing.T) {
	hosttest.EveryCrash(t, func(t *testing.T, w *hosttest.World) {
		strike := w.Strike
		w.Strike = nil
		n := open(t, w)
		n.owe(t, 3)
		_, pos := n.woken(t, 0)
		n.Pass(limit.WakeAfter + time.Second)
		w.Strike = strike
		_, _, _ = hosttest.Invoke(n.h, nil)
		w.Strike = nil
		n.tick(t) // the next minute
		if count, _ := n.woken(t, pos); count != 3 {
			t.Errorf("%d woken, want each of three once", count)
		}
	})
}

func TestStopsBeforeItsDeadline(t *testing.T) {
	n := open(t, hosttest.New(t))
	n.owe(t, 1)
	n.Pass(limit.WakeAfter + time.Second)
	ctx, cancel := context.WithTimeout(hosttest.Context(), 4*time.Second) // less than it keeps in reserve
	defer cancel()
	_, pos := n.woken(t, 0)
	if _, err := n.h.Invoke(ctx, nil); err != nil {
		t.Fatal(err)
	}
	if count, _ := n.woken(t, pos); count != 0 {
		t.Error("it began what it may not finish")
	}
}

// A hold that nobody ended ends when its time is over: the message goes.
func TestEndsHolds(t *testing.T) {
	n := open(t, hosttest.New(t))
	n.owe(t, 1)
	_, err := n.st.Threads.Do(hosttest.Context(), "t0", "", func(th inbox.Thread) (inbox.Decision, error) {
		return th.Reply(events.Actor{Kind: events.Bot, ID: "u1"}, events.MessageSent{
			Message: "held", Delivery: "dheld", Held: true, To: []events.Address{{Email: "a@x.example"}}, Body: events.Body{Text: "x"},
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	expect(t, n.tick(t), "woken=0 stuck=0")
	n.Pass(limit.UndoTime + time.Second)
	expect(t, n.tick(t), "woken=1 stuck=0")
	if j, err := n.st.Outbox.Get(hosttest.Context(), "t0", 4); err != nil || j.State != inbox.DeliveryPending || !j.Ready {
		t.Errorf("%+v %v", j, err)
	}
}
