package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"parley/events"
	"parley/shared/fault"
	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/people"
	"parley/shared/table"
	"parley/shared/tickets"
)

// ticketKeys are items of the threads table: a ticket stands with its thread, in whose transaction it is made.
var ticketKeys = struct {
	Ticket func(thread, id string) table.Key
	Place  func(id string) table.Key // says which thread it stands with
	Number table.Key                 // the last one given
	Of     func(contact string) string
}{
	Ticket: func(thread, id string) table.Key { return table.Key{PK: "T#" + thread, SK: "K#" + id} },
	Place:  func(id string) table.Key { return table.Key{PK: "TICKET#" + id, SK: "T"} },
	Number: table.Key{PK: "TICKETS", SK: "N"},
	Of:     func(contact string) string { return "K#" + contact }, // in the contact index
}

// Tickets are the pieces of work made from threads.
type Tickets struct {
	base
	threads *Threads
}

type ticketPlace struct {
	Thread string `json:"thread"`
}

type ticketNumber struct {
	Last int64 `json:"last"`
}

// NewTicket is what somebody says of a ticket that is to be made.
type NewTicket struct {
	Thread  string
	Subject string // the thread's if it is empty
	By      events.Actor
}

// Create makes a ticket from a thread, whose log says so in the same transaction. The caller gives the id: the same one again makes no second
// ticket but returns the first, as it is by now.
func (s *Tickets) Create(ctx context.Context, id string, v NewTicket) (tickets.Ticket, Commit, error) {
	var t tickets.Ticket
	if id == "" || len(id) > limit.IdempotencyKey {
		return t, Commit{}, fault.New(fault.Invalid, "A ticket needs an id of at most %d bytes.", limit.IdempotencyKey)
	}
	made, err := s.existing(ctx, id, v.Thread)
	if err != nil {
		return t, Commit{}, err
	}
	if made == nil {
		if list, err := s.OfThread(ctx, v.Thread); err != nil || len(list) >= limit.TicketsOfThread {
			return t, Commit{}, cmp.Or(err, fault.New(fault.Conflict, "There are at most %d tickets of a conversation.", limit.TicketsOfThread))
		}
	}
	var counter *table.Item
	commit, err := s.threads.Do(ctx, v.Thread, "ticket:"+id, func(head inbox.Thread) (inbox.Decision, error) {
		switch {
		case !head.Exists():
			return inbox.Decision{}, fault.New(fault.NotFound, "There is no such conversation.")
		case made != nil: // longer ago than keys are remembered
			return inbox.Decision{}, nil
		}
		var last ticketNumber
		var err error
		if counter, err = s.one(ctx, s.n.Threads, ticketKeys.Number); err != nil {
			return inbox.Decision{}, err
		}
		if counter != nil {
			if err := decode(counter, &last); err != nil {
				return inbox.Decision{}, err
			}
		}
		t, err = tickets.Ticket{
			ID: id, Number: last.Last + 1, Subject: cmp.Or(strings.TrimSpace(v.Subject), tickets.Called(head.Subject)), Stage: tickets.New,
			Thread: v.Thread, Contact: head.Contact.ID, By: v.By, At: s.now().UTC(),
		}.Clean()
		return inbox.Decision{Actor: v.By, Facts: []events.Fact{t.Made()}}, err
	}, Beside{ops: func(context.Context, string, int64) ([]table.Op, error) {
		ticket, err := s.op(table.Absent(), t)
		if err != nil {
			return nil, err
		}
		place, err := put(s.n.Threads, table.Absent(), ticketKeys.Place(id), ticketPlace{v.Thread})
		if err != nil {
			return nil, err
		}
		number, err := put(s.n.Threads, cond(counter), ticketKeys.Number, ticketNumber{t.Number})
		return []table.Op{ticket, place, number}, err
	}})
	if err != nil {
		return tickets.Ticket{}, Commit{}, err
	}
	t, err = s.Get(ctx, id)
	return t, commit, err
}

// existing returns the ticket that has an id; nil if none has.
func (s *Tickets) existing(ctx context.Context, id, thread string) (*tickets.Ticket, error) {
	t, err := s.Get(ctx, id)
	switch {
	case isNotFound(err):
		return nil, nil
	case err != nil:
		return nil, err
	case t.Thread != thread:
		return nil, fault.New(fault.Invalid, "This id was used for a ticket of another conversation.")
	}
	return &t, nil
}

// Get returns one; fault.NotFound if there is none.
func (s *Tickets) Get(ctx context.Context, id string) (tickets.Ticket, error) {
	it, err := s.item(ctx, id)
	if err != nil {
		return tickets.Ticket{}, err
	}
	return ticketOf(it)
}

func (s *Tickets) item(ctx context.Context, id string) (*table.Item, error) {
	at, err := s.one(ctx, s.n.Threads, ticketKeys.Place(id))
	if err != nil {
		return nil, err
	}
	if at == nil {
		return nil, noTicket()
	}
	var p ticketPlace
	if err := decode(at, &p); err != nil {
		return nil, err
	}
	it, err := s.one(ctx, s.n.Threads, ticketKeys.Ticket(p.Thread, id))
	if err == nil && it == nil {
		err = noTicket()
	}
	return it, err
}

func noTicket() error { return fault.New(fault.NotFound, "There is no such ticket.") }

func ticketOf(it *table.Item) (t tickets.Ticket, err error) {
	err = decode(it, &t)
	t.Version = it.Rev
	return t, err
}

func (s *Tickets) op(c table.Cond, t tickets.Ticket) (table.Op, error) {
	t.Version = 0
	op, err := put(s.n.Threads, c, ticketKeys.Ticket(t.Thread, t.ID), t)
	op.Item.Index = map[string]table.IndexKey{indexContact: {PK: ticketKeys.Of(t.Contact), SK: fmt.Sprintf("%012d#%s", t.Number, t.ID)}}
	return op, err
}

// OfThread returns the tickets made from a thread, the newest first.
func (s *Tickets) OfThread(ctx context.Context, thread string) ([]tickets.Ticket, error) {
	out := []tickets.Ticket{}
	err := s.each(ctx, ticketsOf(s.n.Threads, thread), func(it table.Item) error {
		t, err := ticketOf(&it)
		out = append(out, t)
		return err
	})
	tickets.NewestFirst(out)
	return out, err
}

func ticketsOf(tbl, thread string) table.Query {
	return table.Query{Table: tbl, PK: ticketKeys.Ticket(thread, "").PK, From: "K#", To: "K#" + last, Consistent: true}
}

// OfContacts returns the tickets of a person, who may be several contacts that were merged: at most n of each, the newest first.
func (s *Tickets) OfContacts(ctx context.Context, contacts []string, n int) ([]tickets.Ticket, error) {
	var keys []table.Key
	for _, id := range contacts {
		page, err := s.t.Query(ctx, table.Query{Table: s.n.Threads, Index: indexContact, PK: ticketKeys.Of(id), Desc: true, Limit: n})
		if err != nil {
			return nil, err
		}
		for _, it := range page.Items {
			keys = append(keys, it.Key)
		}
	}
	out := []tickets.Ticket{}
	for part := range slices.Chunk(keys, limit.BatchGetKeys) {
		items, err := s.t.Get(ctx, s.n.Threads, true, part...)
		if err != nil {
			return nil, err
		}
		for _, it := range items {
			if it == nil { // erased since
				continue
			}
			t, err := ticketOf(it)
			if err != nil {
				return nil, err
			}
			out = append(out, t)
		}
	}
	tickets.NewestFirst(out)
	return out, nil
}

// Change gives a ticket another subject and stage, if it still has that version; fault.Conflict if it has another one.
func (s *Tickets) Change(ctx context.Context, id string, version int64, subject string, stage tickets.Stage) (tickets.Ticket, error) {
	var t tickets.Ticket
	err := retry(ctx, limit.CommitBudget, func() error {
		it, err := s.item(ctx, id)
		if err != nil {
			return err
		}
		before, err := ticketOf(it)
		if err != nil {
			return err
		}
		if before.Version != version {
			return changedMeanwhile()
		}
		t = before
		t.Subject, t.Stage = subject, stage
		if t, err = t.Clean(); err != nil || t == before {
			return err
		}
		op, err := s.op(cond(it), t)
		if err != nil {
			return err
		}
		t.Version++
		return s.t.Transact(ctx, op)
	})
	return t, err
}

// eraseOf takes away the tickets made from a thread.
func (s *Tickets) eraseOf(ctx context.Context, thread string, r *people.Receipt) error {
	return s.each(ctx, ticketsOf(s.n.Threads, thread), func(it table.Item) error { return s.erase(ctx, it.Key, r) })
}

// Erase takes away the tickets of a contact: those of threads that have another contact by now, too.
func (s *Tickets) Erase(ctx context.Context, contact string, r *people.Receipt) error {
	q := table.Query{Table: s.n.Threads, Index: indexContact, PK: ticketKeys.Of(contact)}
	return s.each(ctx, q, func(it table.Item) error { return s.erase(ctx, it.Key, r) })
}

func (s *Tickets) erase(ctx context.Context, key table.Key, r *people.Receipt) error {
	it, err := s.one(ctx, s.n.Threads, key)
	if err != nil || it == nil { // the index may be behind
		return err
	}
	r.Tickets++
	return s.t.Transact(ctx,
		table.Op{Table: s.n.Threads, Verb: table.Delete, Item: table.Item{Key: key}},
		table.Op{Table: s.n.Threads, Verb: table.Delete, Item: table.Item{Key: ticketKeys.Place(rowID(key.SK))}},
	)
}
