package store_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"parley/events"
	"parley/shared/fault"
	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/store"
)

// heldReply is a reply that can be withdrawn.
func heldReply(id string) func(inbox.Thread) (inbox.Decision, error) {
	return func(h inbox.Thread) (inbox.Decision, error) {
		return h.Reply(mara, events.MessageSent{
			Message: "m" + id, Delivery: "d" + id, Held: true, Body: events.Body{Text: id},
			To: []events.Address{{Email: lena.Address}}, Bcc: []events.Address{{Email: "boss@parley.example"}, {Email: lena.Address}},
		})
	}
}

func withdraw(s *store.Store, id string, seq int64) error {
	_, err := s.Threads.Do(ctx, "t1", "", func(h inbox.Thread) (inbox.Decision, error) {
		return h.Withdraw(mara, events.MessageWithdrawn{Message: "m" + id, Delivery: "d" + id, Sent: seq})
	}, s.Outbox.Withdrawal("t1", seq))
	return err
}

func TestAHeldDeliveryWaits(t *testing.T) {
	s, c := openStore(t)
	do(t, s, "t1", "", opened)
	do(t, s, "t1", "", heldReply("1"))
	j, err := s.Outbox.Get(ctx, "t1", 3)
	if err != nil || j.State != inbox.DeliveryHeld || j.Ready || !j.HeldUntil.Equal(c.now().Add(limit.UndoTime)) || len(j.Recipients) != 2 {
		t.Fatalf("%+v %v", j, err)
	}
	if due, err := s.Outbox.Due(ctx, 10); err != nil || len(due) != 0 {
		t.Fatalf("due already: %v %v", due, err)
	}
	do(t, s, "t1", "", reply("2"))
	l := lease(t, s, "worker-a")
	owed(t, l, "d1", "d2")
	if more, err := l.Release(ctx); more || err != nil {
		t.Errorf("one is held, and the other waits behind it: more=%v %v", more, err)
	}
	c.pass(limit.UndoTime)
	l = lease(t, s, "worker-a")
	if more, err := l.Release(ctx); !more || err != nil {
		t.Errorf("its time is over: more=%v %v", more, err)
	}
	c.pass(time.Second)
	due, err := s.Outbox.Due(ctx, 10)
	if err != nil || len(due) != 1 || due[0].ID != "d1" {
		t.Fatalf("due %v %v", due, err)
	}
	if err := s.Outbox.Wake(ctx, due[0]); err != nil {
		t.Fatal(err)
	}
	if j, err = s.Outbox.Get(ctx, "t1", 3); err != nil || j.State != inbox.DeliveryPending || !j.Ready {
		t.Errorf("%+v %v", j, err)
	}
}

func TestReleaseAndWithdraw(t *testing.T) {
	s, _ := openStore(t)
	do(t, s, "t1", "", opened)
	do(t, s, "t1", "", heldReply("1"))
	do(t, s, "t1", "", heldReply("2"))
	for range 2 { // whoever asks twice is answered twice
		d, err := s.Outbox.Release(ctx, "t1", 3)
		if err != nil || d.State != inbox.DeliveryPending {
			t.Fatalf("%+v %v", d, err)
		}
	}
	if err := withdraw(s, "1", 3); !fault.Is(err, fault.Conflict) {
		t.Errorf("withdrawn after it was released: %v", err)
	}
	if err := withdraw(s, "2", 4); err != nil {
		t.Fatal(err)
	}
	j, err := s.Outbox.Get(ctx, "t1", 4)
	if err != nil || j.State != inbox.DeliveryWithdrawn || !j.Ready || j.Recipients[0].State != "withdrawn" {
		t.Errorf("%+v %v", j, err)
	}
	if _, err := s.Outbox.Release(ctx, "t1", 4); !fault.Is(err, fault.Conflict) {
		t.Errorf("released after it was withdrawn: %v", err)
	}
	if err := withdraw(s, "2", 4); !fault.Is(err, fault.Conflict) {
		t.Errorf("withdrawn twice: %v", err)
	}
	if _, err := s.Outbox.Release(ctx, "t1", 9); !fault.Is(err, fault.NotFound) {
		t.Errorf("nothing there: %v", err)
	}
	head, err := s.Threads.Head(ctx, "t1")
	if err != nil || head.Seq != 5 || head.Messages != 2 {
		t.Errorf("head %+v %v", head, err)
	}
	l := lease(t, s, "worker-a")
	owed(t, l, "d1")
}

// Of a release, withdrawals in two tabs, sweep and a worker at once, exactly one ends the hold: a message is withdrawn and never sent, or sent and never
// withdrawn; and the log says the same as the delivery.
func TestTheHoldEndsOnce(t *testing.T) {
	outcomes := map[inbox.DeliveryState]int{}
	for seed := range uint64(80) {
		rng := rand.New(rand.NewPCG(seed, 1))
		s, c := openStore(t)
		do(t, s, "t1", "", opened)
		do(t, s, "t1", "", heldReply("1"))
		c.pass(limit.UndoTime)
		held, err := s.Outbox.Get(ctx, "t1", 3)
		if err != nil {
			t.Fatal(err)
		}
		begin := make(chan struct{})
		var racers sync.WaitGroup
		var tabs [2]error
		race := func(f func()) {
			pause := time.Duration(rng.IntN(8)) * 100 * time.Microsecond
			racers.Go(func() { <-begin; time.Sleep(pause); f() })
		}
		for i := range tabs {
			race(func() { tabs[i] = withdraw(s, "1", 3) })
		}
		race(func() { _, _ = s.Outbox.Release(ctx, "t1", 3) })
		race(func() {
			if err := s.Outbox.Wake(ctx, held); err != nil {
				t.Error(err)
			}
		})
		race(func() {
			l, ok, err := s.Outbox.Lease(ctx, "t1", "w", 0)
			if err != nil || !ok {
				t.Error(ok, err)
				return
			}
			jobs, err := l.Owed(ctx)
			if err != nil || len(jobs) == 0 {
				return
			}
			_, _ = l.Sending(ctx, jobs[0]) // loses, or claims it
		})
		close(begin)
		racers.Wait()
		j, err := s.Outbox.Get(ctx, "t1", 3)
		if err != nil {
			t.Fatal(err)
		}
		head, err := s.Threads.Head(ctx, "t1")
		if err != nil {
			t.Fatal(err)
		}
		took := tabs[0] == nil || tabs[1] == nil
		if took != (j.State == inbox.DeliveryWithdrawn) || took != (head.Seq == 4) || tabs[0] == nil && tabs[1] == nil {
			t.Fatalf("seed %d: withdrawn %v, delivery %s, %d entries", seed, tabs, j.State, head.Seq)
		}
		for _, err := range tabs {
			if err != nil && !fault.Is(err, fault.Conflict) {
				t.Fatalf("seed %d: the loser hears %v", seed, err)
			}
		}
		if again := withdraw(s, "1", 3); !fault.Is(again, fault.Conflict) {
			t.Fatalf("seed %d: withdrawn once more, after %s: %v", seed, j.State, again)
		}
		outcomes[j.State]++
	}
	if t.Log(outcomes); len(outcomes) < 2 {
		t.Errorf("nothing raced: %v", outcomes)
	}
}

// A crash between reading and writing leaves the hold as it was; what was refused leaves no fact.
func TestARefusedWithdrawalLeavesNothing(t *testing.T) {
	s, _ := openStore(t)
	do(t, s, "t1", "", opened)
	do(t, s, "t1", "", heldReply("1"))
	no := errors.New("no")
	_, err := s.Threads.Do(ctx, "t1", "", func(inbox.Thread) (inbox.Decision, error) { return inbox.Decision{}, no }, s.Outbox.Withdrawal("t1", 3))
	if !errors.Is(err, no) {
		t.Fatal(err)
	}
	if c, err := s.Threads.Do(ctx, "t1", "", func(inbox.Thread) (inbox.Decision, error) { return inbox.Decision{}, nil }, s.Outbox.Withdrawal("t1", 3)); err != nil || len(c.Entries) != 0 {
		t.Fatal(c, err)
	}
	if j, err := s.Outbox.Get(ctx, "t1", 3); err != nil || j.State != inbox.DeliveryHeld {
		t.Errorf("%+v %v", j, err)
	}
}

// A delivery that is tried again is owed although those behind it are done.
func TestAgainIsOwed(t *testing.T) {
	s, _ := openStore(t)
	do(t, s, "t1", "", opened)
	do(t, s, "t1", "", reply("1"))
	do(t, s, "t1", "", reply("2"))
	l := lease(t, s, "worker-a")
	for i, j := range owed(t, l, "d1", "d2") {
		j, err := l.Sending(ctx, j)
		if err == nil {
			_, err = l.Sent(ctx, j, fmt.Sprint("ses-", i))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := l.Release(ctx); err != nil {
		t.Fatal(err)
	}
	again := func() (to []string, err error) {
		j, err := s.Outbox.Get(ctx, "t1", 3)
		if err != nil {
			t.Fatal(err)
		}
		if _, to = j.Again(); len(to) == 0 {
			to = []string{lena.Address} // as it was a moment ago
		}
		_, err = s.Threads.Do(ctx, "t1", "", func(h inbox.Thread) (inbox.Decision, error) {
			return h.Retry(mara, events.MessageRetried{Message: "m1", Delivery: "d1", Sent: 3, To: to})
		}, s.Outbox.Again("t1", 3, to))
		return to, err
	}
	if _, err := again(); !fault.Is(err, fault.Conflict) {
		t.Errorf("nobody was lost: %v", err)
	}
	if _, err := s.Outbox.Hear(ctx, "t1", 3, "d1", inbox.News{Carrier: "ses-0", Recipients: []inbox.Recipient{{Address: lena.Address, State: "bounced"}}}); err != nil {
		t.Fatal(err)
	}
	to, err := again()
	if err != nil || len(to) != 1 || to[0] != lena.Address {
		t.Fatal(to, err)
	}
	if _, err := again(); !fault.Is(err, fault.Conflict) {
		t.Errorf("it is being tried already: %v", err)
	}
	j, err := s.Outbox.Get(ctx, "t1", 3)
	if err != nil || j.State != inbox.DeliveryPending || !j.Ready || j.Try != 1 || j.Attempts != 0 {
		t.Fatalf("%+v %v", j, err)
	}
	l, ok, err := s.Outbox.Lease(ctx, "t1", "worker-b", 3)
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	j = owed(t, l, "d1")[0]
	if j, err = l.Sending(ctx, j); err == nil {
		j, err = l.Sent(ctx, j, "ses-9")
	}
	if err != nil || j.Recipients[0].State != "sent" || j.Recipients[1].State != "sent" || j.Recipients[1].Try != 0 {
		t.Fatalf("%+v %v", j, err)
	}
	if more, err := l.Release(ctx); more || err != nil {
		t.Errorf("more=%v %v", more, err)
	}
	l = lease(t, s, "worker-a")
	owed(t, l)
}

// The undelivered view holds a thread from a bounce until somebody sees to it, wherever the thread stands, and its count costs as any other.
func TestUndeliveredView(t *testing.T) {
	s, c := openStore(t)
	bounced := func(h inbox.Thread) (inbox.Decision, error) {
		return h.Bounce(mara, events.MessageBounced{Message: "m1", Sent: 3, Delivery: "d1", Address: lena.Address})
	}
	seen := func(h inbox.Thread) (inbox.Decision, error) { return h.SeeUndelivered(mara) }
	want := func(what string, ids ...string) {
		t.Helper()
		heads, _, err := s.Threads.View(ctx, store.ViewQuery{Inbox: "i1", View: store.ViewUndelivered})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, h := range heads {
			got = append(got, h.ID)
		}
		n, more, err := s.Threads.Count(ctx, store.ViewQuery{Inbox: "i1", View: store.ViewUndelivered})
		if fmt.Sprint(got) != fmt.Sprint(ids) || n != len(ids) || more || err != nil {
			t.Errorf("%s: %v, counted %d %v; want %v (%v)", what, got, n, more, ids, err)
		}
	}
	for _, id := range []string{"t1", "t2", "t3"} {
		do(t, s, id, "", opened)
		do(t, s, id, "", reply(id))
		c.pass(time.Minute)
	}
	want("nothing came back")
	do(t, s, "t1", "", bounced)
	do(t, s, "t1", "", bounced)
	do(t, s, "t2", "", bounced)
	want("two did", "t2", "t1")
	do(t, s, "t1", "", comment("n"))
	want("a note sees to nothing", "t1", "t2") // its activity is newer
	do(t, s, "t2", "", seen)
	want("one was seen", "t1")
	do(t, s, "t1", "", reply("9"))
	want("one was answered")
	do(t, s, "t1", "", seen)
	want("still")
}
