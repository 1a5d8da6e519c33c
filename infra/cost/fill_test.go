package cost_test

import (
	"fmt"
	"strings"
	"time"

	"parley/events"
	"parley/shared/host"
	"parley/shared/inbox"
	"parley/shared/live"
	"parley/shared/store"
	"parley/shared/table"
)

// letter is a text of an ordinary length.
const letter = "Hello,\r\n\r\nI was charged twice for my order and would like to know when the second amount comes back. The invoice says one thing and " +
	"my bank another; I attach nothing, as both are in your books.\r\n\r\nKind regards\r\nLena"

// text is what becomes of it.
var text = events.Body{Text: letter[:200]}

// fill makes n of everything, by the store's own code: threads of an inbox in all its views, a thread of n entries with their deliveries
// done, contacts, drafts, quarantined mails, deliveries that are not due, sockets that watch other threads.
func (w *world) fill(n int, a inbox.Account) {
	m := newMemory()
	at := w.Now()
	s := store.Open(m, names, func() time.Time { return at }, host.NewID)
	do := func(id string, f func(inbox.Thread) (inbox.Decision, error)) {
		if _, err := s.Threads.Do(ctx, id, "", f); err != nil {
			w.Fatal(err)
		}
	}
	open := func(id string, i int) events.MessageReceived {
		c, err := s.Contacts.ByEmail(ctx, fmt.Sprintf("customer%06d@shop.example", i), fmt.Sprintf("Customer %06d", i))
		if err != nil {
			w.Fatal(err)
		}
		f := events.MessageReceived{
			Message: host.NewID(), Contact: c.Fact(), From: events.Address{Name: c.Name, Email: c.Address}, To: []events.Address{{Email: a.Address}},
			Subject: fmt.Sprintf("Order %06d", i), Body: text, Preview: inbox.Preview(text.Text), Email: &events.Email{MessageID: id + "@shop.example", Raw: "in/" + id},
		}
		do(id, func(t inbox.Thread) (inbox.Decision, error) {
			return t.Open(events.ThreadOpened{Inbox: a.Inbox, Account: a.ID, Channel: "email", Subject: f.Subject, Contact: f.Contact}, f)
		})
		return f
	}
	began := time.Now()
	into := openSink(w.url, fmt.Sprint("cost", n), w.disk)
	for i := range n {
		at = at.Add(time.Second)
		id := host.NewID()
		w.threads = append(w.threads, id)
		w.variety(s, do, id, i, open(id, i))
		if i%piece == piece-1 { // no thread comes back to an earlier one
			m.flush(into, counted)
			if err := into.err(); err != nil {
				w.Fatal(err)
			}
			if i%(100*piece) == 100*piece-1 {
				w.Logf("%d conversations in %v", i+1, time.Since(began).Round(time.Second))
			}
		}
	}
	w.long = host.NewID()
	f := open(w.long, n)
	sent := func(l *store.Lease, j store.Job) error {
		j, err := l.Sending(ctx, j)
		if err == nil {
			_, err = l.Sent(ctx, j, "0100019a00000000-"+j.ID)
		}
		return err
	}
	changing := func(name string, k table.Key) bool { // the head and the lease; entries and deliveries that are done stay as they are
		return counted(name, k) || strings.HasSuffix(k.PK, w.long) && !strings.HasPrefix(k.SK, "E#") && !strings.HasPrefix(k.SK, "D#")
	}
	for i := 2; i < n; i += 2 {
		at = at.Add(time.Second)
		do(w.long, func(t inbox.Thread) (inbox.Decision, error) { return t.Receive(f) })
		do(w.long, func(t inbox.Thread) (inbox.Decision, error) { return t.Reply(mara, w.answer(f.Contact)) })
		if i%piece == 0 {
			w.finish(s, w.long, sent)
			m.flush(into, changing)
		}
	}
	w.finish(s, w.long, sent)
	m.flush(into, nil)
	if err := into.close(); err != nil {
		w.Fatal(err)
	}
	w.Logf("%d items in %v", into.n, time.Since(began).Round(time.Millisecond))
}

// counted is what changes with every thread: what weighs on Mara.
func counted(_ string, k table.Key) bool { return strings.HasPrefix(k.PK, "LOAD#") }

// piece is how many threads, or entries of one, are held in memory until they are written.
const piece = 1000

// variety makes thread i what its place says, and one row of each other noun.
func (w *world) variety(s *store.Store, do func(string, func(inbox.Thread) (inbox.Decision, error)), id string, i int, f events.MessageReceived) {
	switch i % 4 {
	case 0:
		do(id, func(t inbox.Thread) (inbox.Decision, error) {
			return t.Give(mara, inbox.Assignment{To: &events.Assignee{Kind: "agent", ID: mara.ID, Name: mara.Name}, Team: &events.TeamRef{ID: team, Name: "Billing"}})
		})
	case 1:
		do(id, func(t inbox.Thread) (inbox.Decision, error) { return t.SetStatus(mara, inbox.Closed) })
	case 2: // an answer whose delivery waits for a long time
		do(id, func(t inbox.Thread) (inbox.Decision, error) { return t.Reply(mara, w.answer(f.Contact)) })
		w.finish(s, id, func(l *store.Lease, j store.Job) error {
			_, err := l.Later(ctx, j, w.Now().Add(30*24*time.Hour), "The mail system is busy.")
			return err
		})
	}
	if i%10 == 3 { // a message of theirs came back
		do(id, func(t inbox.Thread) (inbox.Decision, error) {
			return t.Bounce(mara, events.MessageBounced{Message: "m", Sent: 2, Delivery: "d", Address: f.From.Email, Kind: "Permanent/General"})
		})
	}
	if i%5 == 2 {
		do(id, func(t inbox.Thread) (inbox.Decision, error) {
			return t.Comment(events.Actor{Kind: events.Agent, ID: "ada"}, events.CommentAdded{Comment: "c", Body: text, Preview: "@Mara", Mentions: []events.Mention{{ID: mara.ID}}})
		})
	}
	if want, ok, err := s.Assignments.Get(ctx, id); err != nil || ok && s.Assignments.Drop(ctx, want) != nil { // that it wants an owner was seen to
		w.Fatal(err)
	}
	if i%5 == 0 {
		if _, err := s.Drafts.Put(ctx, mara.ID, "", store.Draft{DraftPlace: store.DraftPlace{Thread: id, Mode: store.DraftReply}, Text: text.Text}); err != nil {
			w.Fatal(err)
		}
	}
	conn := fmt.Sprintf("seed%08d=", i)
	for _, err := range []error{
		park(s, store.Quarantined{
			ID: id, Reason: "no such mailbox", From: f.From.Email, To: []string{"nobody@parley.example"}, Subject: f.Subject, Size: 4096, At: w.Now().Add(time.Duration(i) * time.Second), Raw: "in/" + id,
			Notification: strings.Repeat("x", 3000),
		}),
		s.Sockets.Connect(ctx, conn, store.Identity{Kind: "agent", ID: mara.ID, Name: mara.Name}),
		s.Sockets.Watch(ctx, conn, live.ThreadTopic(id)),
		s.Threads.MarkRead(ctx, mara.ID, id, 1),
	} {
		if err != nil {
			w.Fatal(err)
		}
	}
}

func park(s *store.Store, q store.Quarantined) error {
	a, err := s.Ledger.Accept(ctx, store.StrayArrival(q.To[0], q.ID), "", q.At)
	if err != nil {
		return err
	}
	q.Arrival = a.Name
	return s.Ledger.Settle(ctx, a, store.Settled{Outcome: store.Parked, Park: &q})
}

func (w *world) answer(to events.Contact) events.MessageSent {
	return events.MessageSent{
		Message: host.NewID(), Delivery: host.NewID(), From: events.Address{Name: "Mara Lind (Support)", Email: "support@parley.example"},
		To: []events.Address{{Name: to.Name, Email: to.Address}}, Subject: "Re: Order", Body: text, Preview: inbox.Preview(text.Text), Email: &events.Email{},
	}
}

// finish does something with everything a thread's outbox owes.
func (w *world) finish(s *store.Store, thread string, f func(*store.Lease, store.Job) error) {
	l, ok, err := s.Outbox.Lease(ctx, thread, "seed", 0)
	if err != nil || !ok {
		w.Fatal(ok, err)
	}
	jobs, err := l.Owed(ctx)
	if err != nil {
		w.Fatal(err)
	}
	for _, j := range jobs {
		if err := f(l, j); err != nil {
			w.Fatal(err)
		}
	}
	if _, err := l.Release(ctx); err != nil {
		w.Fatal(err)
	}
}
