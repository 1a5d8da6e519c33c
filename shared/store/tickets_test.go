package store_test

import (
	"fmt"
	"sync"
	"testing"

	"parley/events"
	"parley/shared/fault"
	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/people"
	"parley/shared/store"
	"parley/shared/tickets"
)

// openThread opens a thread of a contact.
func openThread(t *testing.T, s *store.Store, id, contact string) {
	t.Helper()
	_, err := s.Threads.Do(ctx, id, "", func(h inbox.Thread) (inbox.Decision, error) {
		c := events.Contact{ID: contact}
		return h.Open(events.ThreadOpened{Inbox: "i1", Account: "a1", Channel: "email", Subject: "About " + id, Contact: c}, events.MessageReceived{Message: "m" + id, Contact: c})
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestTicketsAreMadeOnce(t *testing.T) {
	s, c := openStore(t)
	openThread(t, s, "t1", "c1")
	openThread(t, s, "t2", "c1")
	mara := events.Actor{Kind: events.Agent, ID: "mara"}
	made, commit, err := s.Tickets.Create(ctx, "k1", store.NewTicket{Thread: "t1", By: mara})
	want := tickets.Ticket{ID: "k1", Number: 1, Subject: "About t1", Stage: tickets.New, Thread: "t1", Contact: "c1", By: mara, At: made.At, Version: 1}
	if err != nil || made != want || len(commit.Entries) != 1 || commit.Entries[0].Ticket == nil || *commit.Entries[0].Ticket != made.Made() {
		t.Fatalf("%+v %+v %v", made, commit.Entries, err)
	}
	changed, err := s.Tickets.Change(ctx, "k1", 1, "Broken lamp", tickets.Waiting)
	if err != nil || changed.Version != 2 || changed.Stage != tickets.Waiting {
		t.Fatalf("%+v %v", changed, err)
	}
	again := func() {
		t.Helper()
		got, commit, err := s.Tickets.Create(ctx, "k1", store.NewTicket{Thread: "t1", Subject: "other words", By: mara})
		if err != nil || got != changed || commit.Seq != 3 {
			t.Errorf("%+v %+v %v", got, commit, err)
		}
	}
	again()
	c.pass(limit.IdempotencyLife * 2)
	again()
	if _, _, err := s.Tickets.Create(ctx, "k1", store.NewTicket{Thread: "t2", By: mara}); !fault.Is(err, fault.Invalid) {
		t.Errorf("the id of another thread's ticket: %v", err)
	}
	if _, _, err := s.Tickets.Create(ctx, "k9", store.NewTicket{Thread: "none", By: mara}); !fault.Is(err, fault.NotFound) {
		t.Errorf("no such thread: %v", err)
	}
	if _, err := s.Tickets.Change(ctx, "k1", 1, "x", tickets.Closed); !fault.Is(err, fault.Conflict) {
		t.Errorf("an older version: %v", err)
	}
	if _, err := s.Tickets.Change(ctx, "k1", 2, "x", "done"); !fault.Is(err, fault.Invalid) {
		t.Errorf("no such stage: %v", err)
	}
	if _, err := s.Tickets.Change(ctx, "none", 1, "x", tickets.Closed); !fault.Is(err, fault.NotFound) {
		t.Errorf("no such ticket: %v", err)
	}
}

// Bots of many threads make tickets at once, each twice: every number is given once.
func TestTicketNumbersAreUnique(t *testing.T) {
	s, _ := openStore(t)
	const n = 8
	for i := range n {
		openThread(t, s, fmt.Sprint("t", i), "c1")
	}
	var wg sync.WaitGroup
	for i := range 2 * n {
		wg.Go(func() {
			by := events.Actor{Kind: events.Bot, ID: "f1"}
			if _, _, err := s.Tickets.Create(ctx, fmt.Sprint("k", i%n), store.NewTicket{Thread: fmt.Sprint("t", i%n), By: by}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	list, err := s.Tickets.OfContacts(ctx, []string{"none", "c1"}, limit.TicketPage)
	if err != nil || len(list) != n {
		t.Fatalf("%+v %v", list, err)
	}
	for i, k := range list {
		if k.Number != int64(n-i) {
			t.Errorf("%d. has number %d", i, k.Number)
		}
		if head, err := s.Threads.Head(ctx, k.Thread); err != nil || head.Seq != 3 {
			t.Errorf("%s has %d entries: %v", k.Thread, head.Seq, err)
		}
	}
}

func TestTicketsOfAThreadAndOfAPerson(t *testing.T) {
	s, _ := openStore(t)
	for thread, contact := range map[string]string{"t1": "c1", "t2": "c2", "t3": "c3"} {
		openThread(t, s, thread, contact)
	}
	for i, thread := range []string{"t1", "t2", "t1", "t3"} {
		if _, _, err := s.Tickets.Create(ctx, fmt.Sprint("k", i), store.NewTicket{Thread: thread, Subject: "x"}); err != nil {
			t.Fatal(err)
		}
	}
	ids := func(list []tickets.Ticket, err error) string {
		t.Helper()
		out := ""
		for _, k := range list {
			out += k.ID
		}
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	if got := ids(s.Tickets.OfThread(ctx, "t1")); got != "k2k0" {
		t.Error(got)
	}
	if got := ids(s.Tickets.OfContacts(ctx, []string{"c1", "c2"}, 10)); got != "k2k1k0" {
		t.Error(got)
	}
	if got := ids(s.Tickets.OfContacts(ctx, []string{"c1", "c2"}, 1)); got != "k2k1" {
		t.Error(got)
	}
	var r people.Receipt
	for range 2 {
		if err := s.Tickets.Erase(ctx, "c1", &r); err != nil {
			t.Fatal(err)
		}
	}
	if got := ids(s.Tickets.OfThread(ctx, "t1")) + ids(s.Tickets.OfContacts(ctx, []string{"c1", "c2", "c3"}, 10)); got != "k3k1" || r.Tickets != 2 {
		t.Error(got, r)
	}
	if _, err := s.Tickets.Get(ctx, "k0"); !fault.Is(err, fault.NotFound) {
		t.Errorf("%v", err)
	}
	// A thread has so many and no more.
	for n := range limit.TicketsOfThread + 1 {
		_, _, err := s.Tickets.Create(ctx, fmt.Sprint("n", n), store.NewTicket{Thread: "t1", Subject: "x"})
		if full := n == limit.TicketsOfThread; full != fault.Is(err, fault.Conflict) || !full && err != nil {
			t.Fatalf("%d: %v", n, err)
		}
	}
}
