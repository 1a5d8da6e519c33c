package store_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/events"
	"parley/shared/fault"
	"parley/shared/inbox"
	"parley/shared/store"
)

// parked is a row for an arrival.
func parked(id string, a store.Arrival, at time.Time) store.Settled {
	return store.Settled{Outcome: store.Parked, Park: &store.Quarantined{
		ID: id, Reason: "no such mailbox", At: at, Raw: "in/" + id, Account: a.Account, Arrival: a.Name, Notification: "{}",
	}}
}

func today(t *testing.T, s *store.Store, account string) store.LedgerDay {
	t.Helper()
	days, err := s.Ledger.Days(ctx, 1, account)
	if err != nil || len(days) != 1 {
		t.Fatal(days, err)
	}
	return days[0]
}

func TestLedger(t *testing.T) {
	s, c := openStore(t)
	day := c.now().UTC().Format(time.DateOnly)
	settle := func(name string, to store.Settled) {
		t.Helper()
		a, err := s.Ledger.Arrival(ctx, name)
		if err == nil {
			err = s.Ledger.Settle(ctx, a, to)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	expect := func(want store.LedgerDay) {
		t.Helper()
		want.Day = day
		if d := cmp.Diff(want, today(t, s, "")); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
	}
	var first store.Arrival
	for i := range 3 { // however often it comes
		a, err := s.Ledger.Accept(ctx, "mail:a1:x", "a1", c.now())
		if err != nil || a.Done() || a.Account != "a1" || a.Day != day {
			t.Fatal(a, err)
		}
		if i == 0 {
			first = a
		}
	}
	expect(store.LedgerDay{Accepted: 1, Underway: 1})
	settle("mail:a1:x", parked("x.a1", first, c.now()))
	expect(store.LedgerDay{Accepted: 1, Quarantined: 1})
	settle("mail:a1:x", parked("x.a1", first, c.now())) // for another reason
	expect(store.LedgerDay{Accepted: 1, Quarantined: 1})
	if err := s.Ledger.Settle(ctx, first, store.Settled{Outcome: store.Dropped}); !errors.Is(err, store.ErrOvertaken) {
		t.Errorf("settled as it was before: %v", err)
	}
	c.pass(48 * time.Hour) // it is counted on the day it came
	settle("mail:a1:x", store.Settled{Outcome: store.SetAside, Thread: "t1", Seq: 2})
	day = c.now().UTC().Format(time.DateOnly)
	expect(store.LedgerDay{})
	days, err := s.Ledger.Days(ctx, 3, "")
	if err != nil || days[2].Filtered != 1 || days[2].Quarantined != 0 || days[2].Underway != 0 {
		t.Errorf("%+v %v", days, err)
	}
	a, err := s.Ledger.Arrival(ctx, "mail:a1:x")
	if err != nil || !a.Done() || a.Thread != "t1" || a.Seq != 2 || a.Outcome != store.SetAside {
		t.Errorf("%+v %v", a, err)
	}
	if _, err := s.Ledger.Arrival(ctx, "nobody"); !fault.Is(err, fault.NotFound) {
		t.Error(err)
	}
}

// A redelivery of what an older build took: its claim says where it is.
func TestArrivalOfAnOlderBuild(t *testing.T) {
	s, c := openStore(t)
	name := store.MailArrival("a1", "x")
	if err := s.Threads.Claim(ctx, name, "t1", 2); err != nil {
		t.Fatal(err)
	}
	a, err := s.Ledger.Accept(ctx, name, "a1", c.now())
	if err != nil || !a.Done() || a.Thread != "t1" || today(t, s, "").Accepted != 0 {
		t.Errorf("%+v %v", a, err)
	}
}

func TestLedgerOverMonthsAndAccounts(t *testing.T) {
	s, c := openStore(t)
	for i := range 70 {
		if _, err := s.Ledger.Accept(ctx, fmt.Sprint("m", i), []string{"a1", ""}[i%2], c.now().AddDate(0, 0, -i)); err != nil {
			t.Fatal(err)
		}
	}
	days, err := s.Ledger.Days(ctx, 60, "")
	if err != nil || len(days) != 60 {
		t.Fatal(len(days), err)
	}
	for i, d := range days {
		if d.Accepted != 1 || d.Underway != 1 || d.Day != c.now().UTC().AddDate(0, 0, -i).Format(time.DateOnly) {
			t.Errorf("%d: %+v", i, d)
		}
	}
	for account, want := range map[string]int64{"a1": 5, "-": 5, "": 10, "a2": 0} {
		days, err := s.Ledger.Days(ctx, 10, account)
		var sum store.LedgerDay
		for _, d := range days {
			sum = sum.Plus(d)
		}
		if err != nil || sum.Accepted != want {
			t.Errorf("%q: %+v %v", account, sum, err)
		}
	}
}

// Many at once on few arrivals: each stands in one column in the end, and the columns are what the arrivals say.
func TestLedgerUnderChaos(t *testing.T) {
	s, c := openStore(t)
	const mails, workers = 40, 8
	name := func(i int) string { return fmt.Sprint("mail:a1:", i) }
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(uint64(w), 7))
			for _, i := range rng.Perm(mails) {
				a, err := s.Ledger.Accept(ctx, name(i), "a1", c.now())
				if err != nil {
					t.Error(err)
					return
				}
				to := []store.Settled{{Outcome: store.Threaded, Thread: "t", Seq: 1}, {Outcome: store.SetAside, Thread: "t", Seq: 1}, {Outcome: store.Dropped}, parked(name(i), a, c.now())}[rng.IntN(4)]
				if a.Done() {
					continue
				}
				if err := s.Ledger.Settle(ctx, a, to); err != nil && !errors.Is(err, store.ErrOvertaken) {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	want := store.LedgerDay{Day: c.now().UTC().Format(time.DateOnly), Accepted: mails}
	open := 0
	for i := range mails {
		a, err := s.Ledger.Arrival(ctx, name(i))
		if err != nil {
			t.Fatal(err)
		}
		*map[store.Outcome]*int64{
			store.Threaded: &want.Threaded, store.SetAside: &want.Filtered, store.Dropped: &want.Dropped, store.Parked: &want.Quarantined,
		}[a.Outcome]++
		if a.Outcome == store.Parked {
			open++
		}
	}
	if d := cmp.Diff(want, today(t, s, "")); d != "" {
		t.Errorf("(-what the arrivals say +the ledger):\n%s", d)
	}
	list, _, err := s.Quarantine.List(ctx, false, "", 100)
	if err != nil || len(list) != open {
		t.Errorf("%d rows wait, %d arrivals are parked, %v", len(list), open, err)
	}
}

// A commit settles the arrival or does not happen.
func TestCommitSettles(t *testing.T) {
	s, c := openStore(t)
	a, err := s.Ledger.Accept(ctx, "mail:a1:x", "a1", c.now())
	if err != nil {
		t.Fatal(err)
	}
	begin := func(id string) error {
		_, err := s.Threads.Do(ctx, id, "", func(t inbox.Thread) (inbox.Decision, error) {
			f := &events.Filter{Folder: "spam", Why: events.Why{Rule: "deny"}}
			d, err := t.Open(events.ThreadOpened{Inbox: "i1", Account: "a1", Channel: "email", Subject: "s", Contact: events.Contact{ID: "c1"}},
				events.MessageReceived{Message: "m1", Contact: events.Contact{ID: "c1"}, Filter: f})
			d.Claims = []string{"name of " + id}
			return d, err
		}, s.Ledger.Moving(a, store.SetAside))
		return err
	}
	if err := begin("t1"); err != nil {
		t.Fatal(err)
	}
	if err := begin("t2"); !errors.Is(err, store.ErrOvertaken) {
		t.Errorf("the same mail in a second thread: %v", err)
	}
	if _, err := s.Threads.Head(ctx, "t2"); !fault.Is(err, fault.NotFound) {
		t.Error("the second thread is there")
	}
	found, err := s.Threads.ByClaims(ctx, "name of t1", "name of t2", "mail:a1:x")
	want := map[string]store.Claim{"name of t1": {Thread: "t1", Seq: 2}, "mail:a1:x": {Thread: "t1", Seq: 2}} // the message, not the filing behind it
	if d := cmp.Diff(want, found); d != "" || err != nil {
		t.Error(d, err)
	}
	if got := today(t, s, "a1"); got.Filtered != 1 || got.Accepted != 1 || got.Underway != 0 {
		t.Errorf("%+v", got)
	}
}

func TestQuarantine(t *testing.T) {
	s, c := openStore(t)
	var names []string
	for _, id := range []string{"x", "y", "x", "z"} {
		name := store.StrayArrival("nobody@parley.example", id)
		a, err := s.Ledger.Accept(ctx, name, "", c.now())
		if err == nil {
			err = s.Ledger.Settle(ctx, a, parked(id, a, c.now()))
		}
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
		c.pass(time.Minute)
	}
	ids := func(resolved bool, n int) string {
		t.Helper()
		var all []string
		for cursor := ""; ; {
			list, next, err := s.Quarantine.List(ctx, resolved, cursor, n)
			if err != nil {
				t.Fatal(err)
			}
			for _, q := range list {
				all = append(all, q.ID)
			}
			if cursor = next; next == "" {
				return strings.Join(all, " ")
			}
		}
	}
	if got := ids(false, 2); got != "z x y" { // x has come again later
		t.Errorf("list %s", got)
	}
	for range 2 {
		if _, err := s.Quarantine.Again(ctx, "x"); err != nil {
			t.Fatal(err)
		}
	}
	q, err := s.Quarantine.Get(ctx, "x")
	if err != nil || q.State != store.QuarantineQueued || q.Tries != 2 || q.Notification != "{}" || q.ChangedAt.IsZero() {
		t.Errorf("%+v %v", q, err)
	}
	a, err := s.Ledger.Arrival(ctx, names[0])
	if err != nil {
		t.Fatal(err)
	}
	again := parked("x", a, c.now())
	again.Park.Reason = "another reason"
	if err := s.Ledger.Settle(ctx, a, again); err != nil {
		t.Fatal(err)
	}
	if q, err = s.Quarantine.Get(ctx, "x"); err != nil || q.State != store.QuarantineParked || q.Tries != 2 || q.Reason != "another reason" {
		t.Errorf("%+v %v", q, err)
	}
	if err := s.Ledger.Settle(ctx, a, parked("x", a, c.now())); !errors.Is(err, store.ErrOvertaken) {
		t.Errorf("parked once more by who had read the arrival before: %v", err)
	}
	if a, err = s.Ledger.Arrival(ctx, names[0]); err != nil {
		t.Fatal(err)
	}
	if err := s.Ledger.Settle(ctx, a, store.Settled{Outcome: store.Threaded, Thread: "t1", Seq: 2}); err != nil {
		t.Fatal(err)
	}
	if q, err = s.Quarantine.Get(ctx, "x"); err != nil || q.State != store.QuarantineResolved || q.Thread != "t1" || q.Outcome != store.Threaded {
		t.Errorf("%+v %v", q, err)
	}
	if open, resolved := ids(false, 10), ids(true, 10); open != "z y" || resolved != "x" {
		t.Errorf("open %s, resolved %s", open, resolved)
	}
	if _, err := s.Quarantine.Again(ctx, "x"); !fault.Is(err, fault.Conflict) {
		t.Errorf("again: %v", err)
	}
	if _, err := s.Quarantine.Get(ctx, "nobody"); !fault.Is(err, fault.NotFound) {
		t.Errorf("get nothing: %v", err)
	}
}
