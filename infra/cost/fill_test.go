package cost_test

import (
	"fmt"
	"time"

	"parley/events"
	"parley/shared/host"
	"parley/shared/inbox"
	"parley/shared/live"
	"parley/shared/store"
)

// letter is a text of an ordinary length.
const letter = "Hello,\r\n\r\nI was charged twice for my order and would like to know when the second amount comes back. The invoice says one thing and " +
	"my bank another; I attach nothing, as both are in your books.\r\n\r\nKind regards\r\nLena"

// text is what becomes of it.
var text = events.Body{Text: letter[:200]}

// fill makes n of everything, by the store's own code: threads of an inbox in all its views, a thread of n entries with their deliveries
// done, contacts, quarantined mails, deliveries that are not due, sockets that watch other threads.
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
	for i := range n {
		at = at.Add(time.Second)
		id := host.NewID()
		w.threads = append(w.threads, id)
		w.variety(s, do, id, i, open(id, i))
	}
	w.long = host.NewID()
	f := open(w.long, n)
	for i := 2; i < n; i += 2 {
		at = at.Add(time.Second)
		do(w.long, func(t inbox.Thread) (inbox.Decision, error) { return t.Receive(f) })
		do(w.long, func(t inbox.Thread) (inbox.Decision, error) { return t.Reply(mara, w.answer(f.Contact)) })
	}
	w.finish(s, w.long, func(l *store.Lease, j store.Job) error {
		j, err := l.Sending(ctx, j)
		if err == nil {
			_, err = l.Sent(ctx, j, "0100019a00000000-"+j.ID)
		}
		return err
	})
	began := time.Now()
	items, err := m.pour(w.url, fmt.Sprint("cost", n))
	if err != nil {
		w.Fatal(err)
	}
	w.Logf("%d items in %v", items, time.Since(began).Round(time.Millisecond))
}

// variety makes thread i what its place says, and one row of each other noun.
func (w *world) variety(s *store.Store, do func(string, func(inbox.Thread) (inbox.Decision, error)), id string, i int, f events.MessageReceived) {
	switch i % 4 {
	case 0:
		do(id, func(t inbox.Thread) (inbox.Decision, error) {
			return t.Assign(mara, &events.Assignee{Kind: "agent", ID: mara.ID, Name: mara.Name}, nil)
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
	conn := fmt.Sprintf("seed%08d=", i)
	for _, err := range []error{
		s.Quarantine.Put(ctx, store.Quarantined{
			ID: id, Reason: "no such mailbox", From: f.From.Email, To: []string{"nobody@parley.example"}, Subject: f.Subject, Size: 4096, At: w.Now().Add(time.Duration(i) * time.Second), Raw: "in/" + id,
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

func (w *world) answer(to events.Contact) events.MessageSent {
	return events.MessageSent{
		Message: host.NewID(), Delivery: host.NewID(), From: events.Address{Name: "Mara Lind (Support)", Email: "support@parley.example"},
		To: []events.Address{{Name: to.Name, Email: to.Address}}, Subject: "Re: Order", Body: text, Preview: inbox.Preview(text.Text), Email: &events.Email{},
	}
}

// finish does something with everything a thread's outbox owes.
func (w *world) finish(s *store.Store, thread string, f func(*store.Lease, store.Job) error) {
	l, ok, err := s.Outbox.Lease(ctx, thread, "seed")
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
