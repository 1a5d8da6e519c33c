package store_test

import (
	"testing"
	"time"

	"parley/shared/fault"
	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/store"
)

func lease(t *testing.T, s *store.Store, holder string) *store.Lease {
	t.Helper()
	l, ok, err := s.Outbox.Lease(ctx, "t1", holder, 0)
	if err != nil || !ok {
		t.Fatalf("no lease for %s: %v", holder, err)
	}
	return l
}

func owed(t *testing.T, l *store.Lease, want ...string) []store.Job {
	t.Helper()
	jobs, err := l.Owed(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, j := range jobs {
		got = append(got, j.ID)
	}
	if len(got) != len(want) {
		t.Fatalf("owed %v, want %v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("owed %v, want %v", got, want)
		}
	}
	return jobs
}

func TestADeliveryIsOwedUntilItIsFinal(t *testing.T) {
	s, c := openStore(t)
	do(t, s, "t1", "", opened)
	do(t, s, "t1", "", reply("1"))
	do(t, s, "t1", "", reply("2"))
	l := lease(t, s, "worker-a")
	if _, ok, err := s.Outbox.Lease(ctx, "t1", "worker-b", 0); ok || err != nil {
		t.Fatalf("two workers hold the lease (%v)", err)
	}
	jobs := owed(t, l, "d1", "d2")
	if r := jobs[0].Recipients; len(r) != 2 || r[1].Address != "cfo@shop.example" {
		t.Errorf("recipients %v", r)
	}
	j, err := l.Sending(ctx, jobs[0])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Sent(ctx, j, "ses-1"); err != nil {
		t.Fatal(err)
	}
	owed(t, l, "d2")
	if more, err := l.Release(ctx); !more || err != nil {
		t.Errorf("d2 is owed, but Release says more=%v (%v)", more, err)
	}
	l = lease(t, s, "worker-b")
	jobs = owed(t, l, "d2")
	at := c.now().Add(10 * time.Second)
	if _, err := l.Later(ctx, jobs[0], at, "SES is throttling"); err != nil {
		t.Fatal(err)
	}
	if more, err := l.Release(ctx); more || err != nil {
		t.Errorf("d2 waits, but Release says more=%v (%v)", more, err)
	}
	if due, err := s.Outbox.Due(ctx, 10); err != nil || len(due) != 0 {
		t.Fatalf("due already: %v, %v", due, err)
	}
	c.pass(11 * time.Second)
	due, err := s.Outbox.Due(ctx, 10)
	if err != nil || len(due) != 1 || due[0].ID != "d2" || due[0].Ready {
		t.Fatalf("due %+v, %v", due, err)
	}
	if err := s.Outbox.Wake(ctx, due[0]); err != nil {
		t.Fatal(err)
	}
	if err := s.Outbox.Wake(ctx, due[0]); err != nil {
		t.Errorf("waking what somebody else woke: %v", err)
	}
	l = lease(t, s, "worker-a")
	jobs = owed(t, l, "d2")
	if !jobs[0].Ready {
		t.Error("a woken job is not ready")
	}
	if _, err := l.Failed(ctx, jobs[0], inbox.CarrierRefused, "no such address"); err != nil {
		t.Fatal(err)
	}
	owed(t, l)
	if more, err := l.Release(ctx); more || err != nil {
		t.Errorf("nothing is owed: more=%v, %v", more, err)
	}
	c.pass(24 * time.Hour)
	if due, err := s.Outbox.Due(ctx, 10); err != nil || len(due) != 0 {
		t.Errorf("final jobs are due: %v, %v", due, err)
	}
	got, err := s.Outbox.Deliveries(ctx, "t1", 1, 2, 3, 4)
	if err != nil || len(got) != 2 || got[3].State != inbox.DeliverySent || got[3].Carrier != "ses-1" || got[4].Reason != "no such address" {
		t.Errorf("deliveries %+v, %v", got, err)
	}
}

func TestACrashWhileSendingIsFound(t *testing.T) {
	s, c := openStore(t)
	do(t, s, "t1", "", opened)
	do(t, s, "t1", "", reply("1"))
	l := lease(t, s, "worker-a")
	if _, err := l.Sending(ctx, owed(t, l, "d1")[0]); err != nil {
		t.Fatal(err)
	} // and here worker-a dies
	if _, ok, _ := s.Outbox.Lease(ctx, "t1", "worker-b", 0); ok {
		t.Fatal("the lease of a worker that may live was given away")
	}
	c.pass(limit.SendLease + time.Second)
	due, err := s.Outbox.Due(ctx, 10)
	if err != nil || len(due) != 1 || due[0].State != inbox.DeliverySending {
		t.Fatalf("due %+v, %v", due, err)
	}
	if err := s.Outbox.Wake(ctx, due[0]); err != nil {
		t.Fatal(err)
	}
	l = lease(t, s, "worker-b")
	j := owed(t, l, "d1")[0]
	if j.State != inbox.DeliverySending || j.Due.After(c.now()) {
		t.Fatalf("the next worker cannot see the crash: %+v", j)
	}
	if _, err := l.Unknown(ctx, j, "the worker died"); err != nil {
		t.Fatal(err)
	}
	if due, _ := s.Outbox.Due(ctx, 10); len(due) != 0 {
		t.Errorf("an unknown delivery does not wait: %+v", due)
	}
	c.pass(limit.UnknownWait + time.Second)
	if due, _ := s.Outbox.Due(ctx, 10); len(due) != 1 {
		t.Errorf("an unknown delivery is forgotten: %+v", due)
	}
}

func TestTheCarriersWordEndsAJob(t *testing.T) {
	s, c := openStore(t)
	do(t, s, "t1", "", opened)
	do(t, s, "t1", "", reply("1"))
	l := lease(t, s, "worker-a")
	j, err := l.Sending(ctx, owed(t, l, "d1")[0])
	if err != nil {
		t.Fatal(err)
	}
	news := inbox.News{Carrier: "ses-1", Recipients: []inbox.Recipient{{Address: "lena@shop.example", State: "delivered"}}}
	for range 2 { // SES says it twice
		d, err := s.Outbox.Hear(ctx, "t1", 3, "d1", news)
		if err != nil || d.State != inbox.DeliverySent || d.Carrier != "ses-1" || d.Recipients[0].State != "delivered" || d.Recipients[1].State != "sent" {
			t.Fatalf("heard %+v, %v", d, err)
		}
		c.pass(time.Second)
	}
	if j, err := l.Unknown(ctx, j, "no answer"); err != nil || j.State != inbox.DeliverySent || j.Recipients[0].State != "delivered" {
		t.Errorf("a worker's doubt beat the carrier's word: %+v, %v", j, err)
	}
	c.pass(time.Hour)
	if due, err := s.Outbox.Due(ctx, 10); err != nil || len(due) != 0 {
		t.Errorf("a sent job is due: %+v, %v", due, err)
	}
	got, err := s.Outbox.Get(ctx, "t1", 3)
	if err != nil || got.Ready || !got.At.Equal(got.At.UTC()) || got.At.After(c.now().Add(-time.Hour-time.Second)) {
		t.Errorf("a repetition was written: %+v, %v", got, err)
	}
	for _, other := range []struct {
		seq int64
		id  string
	}{{3, "d2"}, {2, "d1"}} {
		if _, err := s.Outbox.Hear(ctx, "t1", other.seq, other.id, news); !fault.Is(err, fault.NotFound) {
			t.Errorf("delivery %v: %v", other, err)
		}
	}
}

// A job that the carrier turns out to have had is not sent again, even if its next sending has been prepared.
func TestNothingIsSentAfterTheCarriersWord(t *testing.T) {
	s, _ := openStore(t)
	do(t, s, "t1", "", opened)
	do(t, s, "t1", "", reply("1"))
	l := lease(t, s, "worker-a")
	jobs := owed(t, l, "d1")
	if _, err := s.Outbox.Hear(ctx, "t1", 3, "d1", inbox.News{Carrier: "ses-1"}); err != nil {
		t.Fatal(err)
	}
	if j, err := l.Sending(ctx, jobs[0]); err != nil || j.State != inbox.DeliverySent || j.Attempts != 0 {
		t.Errorf("%+v, %v", j, err)
	}
}
