package agentapi

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"parley/shared/fault"
	"parley/shared/limit"
	"parley/shared/store"
	"parley/shared/tickets"
)

type ticketsIn struct {
	Thread string `path:"thread" maxLength:"64"`
}

type ticketsOut struct {
	Body struct {
		Tickets []tickets.Ticket `json:"tickets" doc:"Those of the thread and of its contact, whatever thread they were made from; the newest first. Only of inboxes that the caller sees."`
	}
}

type makeTicketIn struct {
	Thread string `path:"thread" maxLength:"64"`
	Key    string `header:"Idempotency-Key" required:"true" doc:"Of the client's making, at most 200 bytes: the same key and content happen once."`
	Body   struct {
		Subject string `json:"subject,omitempty" maxLength:"200" doc:"The thread's if it is not given."`
	}
}

type putTicketIn struct {
	Ticket string `path:"ticket" maxLength:"200"`
	Body   struct {
		Subject string        `json:"subject" minLength:"1" maxLength:"200"`
		Stage   tickets.Stage `json:"stage" enum:"new,waiting,open,closed"`
		Version int64         `json:"version" doc:"Of the ticket that was changed; refused once somebody else has changed it."`
	}
}

type oneTicketOut struct{ Body tickets.Ticket }

func (d *door) registerTickets() {
	const of = "/api/threads/{thread}/tickets"
	huma.Register(d.api, op("GET", of, "listTickets", "Tickets of the thread and of its contact"), d.tickets)
	huma.Register(d.api, created(op("POST", of, "makeTicket", "Make a ticket from the thread, which says so")), d.makeTicket)
	huma.Register(d.api, op("PUT", "/api/tickets/{ticket}", "putTicket", "Change a ticket's subject or stage"), d.putTicket)
}

func (d *door) tickets(ctx context.Context, in *ticketsIn) (*ticketsOut, error) {
	head, err := d.store.Threads.Head(ctx, in.Thread)
	if err != nil {
		return nil, err
	}
	contacts := []string{head.Contact.ID}
	switch c, err := d.store.Contacts.Get(ctx, head.Contact.ID); {
	case err == nil:
		contacts = c.IDs()
	case !fault.Is(err, fault.NotFound):
		return nil, err
	}
	list, err := d.store.Tickets.OfContacts(ctx, contacts, limit.TicketPage)
	if err != nil {
		return nil, err
	}
	here, err := d.store.Tickets.OfThread(ctx, in.Thread) // the index may not have the newest yet
	if err != nil {
		return nil, err
	}
	threads := []string{in.Thread}
	for _, t := range list {
		threads = append(threads, t.Thread)
	}
	heads, err := d.store.Threads.Heads(ctx, threads...)
	if err != nil {
		return nil, err
	}
	access, err := d.store.Settings.Access(ctx, caller(ctx))
	if err != nil {
		return nil, err
	}
	out := &ticketsOut{}
	out.Body.Tickets = here
	for _, t := range list {
		if h, ok := heads[t.Thread]; ok && t.Thread != in.Thread && access.Sees(h.Inbox) {
			out.Body.Tickets = append(out.Body.Tickets, t)
		}
	}
	tickets.NewestFirst(out.Body.Tickets)
	return out, nil
}

func (d *door) makeTicket(ctx context.Context, in *makeTicketIn) (*oneTicketOut, error) {
	if err := goodKey(in.Key); err != nil {
		return nil, err
	}
	id := derive(onceKey(ctx, in.Key), in.Thread, in.Body.Subject)
	t, c, err := d.store.Tickets.Create(ctx, id, store.NewTicket{Thread: in.Thread, Subject: in.Body.Subject, By: agent(caller(ctx))})
	if err != nil {
		return nil, err
	}
	d.live.Committed(ctx, c)
	return &oneTicketOut{t}, nil
}

func (d *door) putTicket(ctx context.Context, in *putTicketIn) (*oneTicketOut, error) {
	t, err := d.store.Tickets.Get(ctx, in.Ticket)
	if err != nil {
		return nil, err
	}
	head, err := d.store.Threads.Head(ctx, t.Thread)
	if err != nil {
		return nil, err
	}
	access, err := d.store.Settings.Access(ctx, caller(ctx))
	if err != nil {
		return nil, err
	}
	if err := within(access, head.Inbox, true, "There is no such ticket."); err != nil {
		return nil, err
	}
	t, err = d.store.Tickets.Change(ctx, in.Ticket, in.Body.Version, in.Body.Subject, in.Body.Stage)
	return &oneTicketOut{t}, err
}
