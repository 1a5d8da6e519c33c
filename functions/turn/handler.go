package turn

import (
	"context"
	"errors"
	"time"

	"parley/events"
	"parley/shared/bot"
	"parley/shared/chatflow"
	"parley/shared/fault"
	"parley/shared/host"
	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/live"
	"parley/shared/people"
	"parley/shared/secret"
	"parley/shared/store"
	"parley/shared/table/image"
)

type handler struct {
	store   *store.Store
	live    *live.Live
	desk    *bot.Desk
	outside bot.Outside
	now     func() time.Time
}

// New puts the function together.
func New(c *host.Cloud) (host.Handler, error) {
	h := &handler{now: c.Now}
	h.store = store.Open(c.Table, store.Names{
		Threads: c.Env("PARLEY_TABLE_THREADS"), Assignments: c.Env("PARLEY_TABLE_ASSIGNMENTS"), Contacts: c.Env("PARLEY_TABLE_CONTACTS"),
		Settings: c.Env("PARLEY_TABLE_SETTINGS"), Sockets: c.Env("PARLEY_TABLE_SOCKETS"),
	}, c.Now, c.NewID)
	h.live = live.New(h.store, c.Push(c.Env("PARLEY_SOCKETS_URL")))
	h.desk = bot.New(h.store, h.live, c.NewID, c.Now)
	secrets := c.Secret(c.Env("PARLEY_SECRETS"))
	h.outside = bot.Outside{Web: c.Fetch, Now: c.Now, Key: func(ctx context.Context) ([]byte, error) { return secrets.Key(ctx, secret.WebhookKey) }}
	return host.Stream(h.record), nil
}

// record finds out which thread has something for a bot. What cannot be read is in the table still, and due: sweep brings it again.
func (h *handler) record(ctx context.Context, r host.Record) error {
	it, err := image.Decode(r.Change.New)
	if err != nil {
		host.From(ctx).Error("record cannot be read", "id", r.EventID, "error", err)
		return nil
	}
	j, ok, err := store.BotJobOf(it)
	if err != nil || !ok {
		return nil
	}
	err = h.work(ctx, j.Thread)
	switch fault.CodeOf(err) {
	case "", fault.Internal:
		return err
	case fault.Busy: // the job is due in a minute
		host.From(ctx).Warn("bot is busy", "thread", j.Thread, "error", err)
		return nil
	}
	host.From(ctx).Error("bot cannot go on", "thread", j.Thread, "error", err)
	return h.giveUp(ctx, j.Thread)
}

// giveUp hands a conversation to people whose bot fails however often it is tried.
func (h *handler) giveUp(ctx context.Context, thread string) error {
	c, err := h.store.Threads.Do(ctx, thread, "", func(t inbox.Thread) (inbox.Decision, error) {
		if !t.BotTalks() {
			return inbox.Decision{}, nil
		}
		by := events.Actor{Kind: events.Bot, ID: t.Bot.Flow, Name: t.Bot.Name}
		return inbox.Decision{Actor: by, Facts: []events.Fact{events.BotEnded{Flow: t.Bot.Flow, Name: t.Bot.Name, Why: "failed"}}}, nil
	})
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	if err == nil {
		h.live.Committed(ctx, c)
	}
	return h.store.Bots.Drop(ctx, thread)
}

// work takes turns until there is nothing to hear and nothing owed.
func (h *handler) work(ctx context.Context, thread string) error {
	for range limit.BotTurns {
		j, ok, err := h.store.Bots.Job(ctx, thread)
		if err != nil || !ok || !j.Ready { // done, or it waits for its time
			return err
		}
		rests, until, err := h.step(ctx, thread)
		if errors.Is(err, store.ErrOvertaken) { // somebody else took a turn, or took the conversation: look again
			continue
		}
		if err != nil {
			return err
		}
		if rests {
			return h.store.Bots.Rest(ctx, j, until)
		}
	}
	return fault.New(fault.Busy, "This bot has had many turns; it goes on in a minute.")
}

// at is where a walk stands, with everything that a turn looks at.
type at struct {
	walk    store.Walk
	head    inbox.Thread
	log     []inbox.Entry // behind what the session has heard
	flow    chatflow.Flow
	contact people.Contact
	where   bot.Where
}

// step takes one turn. rests says that there was none to take; until is when the visitor will have been silent for too long.
func (h *handler) step(ctx context.Context, thread string) (rests bool, until time.Time, err error) {
	a, ok, err := h.read(ctx, thread)
	if err != nil || !ok {
		return true, until, err
	}
	for _, in := range a.inputs() {
		if took, err := h.take(ctx, a, in); took || err != nil {
			return false, until, err
		}
	}
	switch {
	case a.walk.State == chatflow.Working && a.walk.Effect != nil:
		r, err := h.do(ctx, a, *a.walk.Effect)
		if err != nil {
			return false, until, err
		}
		if a.contact, err = h.contact(ctx, a.head); err != nil { // it may have been the effect
			return false, until, err
		}
		took, err := h.take(ctx, a, chatflow.Input{Kind: chatflow.InResult, At: h.now().UTC(), Result: &r})
		return !took, until, err
	case a.walk.State == chatflow.Waiting:
		find, failed := h.store.Bots.Library(ctx)
		g, _ := find(a.walk.Flow, a.walk.Version)
		if err := failed(); err != nil {
			return false, until, err
		}
		if due := a.walk.Due(g); due.After(h.now()) {
			return true, due, nil
		}
		took, err := h.take(ctx, a, chatflow.Input{Kind: chatflow.InTimeout, At: h.now().UTC()})
		return !took, until, err
	}
	return true, until, nil
}

// read reads where a walk stands; ok is false if there is none.
func (h *handler) read(ctx context.Context, thread string) (a at, ok bool, err error) {
	if a.walk, err = h.store.Bots.Walk(ctx, thread); err != nil || a.walk.Number == 0 {
		return a, false, err
	}
	a.head, err = h.store.Threads.Head(ctx, thread)
	if fault.Is(err, fault.NotFound) {
		return a, false, nil
	}
	if err != nil {
		return a, false, err
	}
	log, err := h.store.Threads.Entries(ctx, thread, a.walk.Seq+1, a.head.Seq)
	if err != nil {
		return a, false, err
	}
	for _, e := range log {
		entry, err := inbox.EntryOf(e)
		if err != nil {
			return a, false, fault.Wrap(err, fault.Invalid, "This build does not know an entry.")
		}
		if entry.Received != nil && entry.Received.Chat != nil {
			a.where = bot.Where{Page: entry.Received.Chat.Page, Lang: entry.Received.Chat.Lang}
		}
		a.log = append(a.log, entry)
	}
	if a.flow, err = h.desk.Flow(ctx, a.head.Account, a.walk.Flow); err != nil {
		return a, false, err
	}
	if a.flow.ID == "" { // it is gone; who is in it ends in it
		a.flow.ID, a.flow.Account = a.walk.Flow, a.head.Account
	}
	a.contact, err = h.contact(ctx, a.head)
	return a, err == nil, err
}

// contact is who began the conversation, as they were known by themselves: what is known of a person with whom they were merged is not the
// browser's to hear (store.Contacts.KnownVisitor).
func (h *handler) contact(ctx context.Context, t inbox.Thread) (people.Contact, error) {
	id := t.Contact.ID
	first, err := h.store.Threads.Entries(ctx, t.ID, 1, 1)
	if err != nil {
		return people.Contact{}, err
	}
	for _, e := range first {
		x, err := inbox.EntryOf(e)
		if err != nil {
			return people.Contact{}, fault.Wrap(err, fault.Invalid, "This build does not know an entry.")
		}
		if x.Opened != nil {
			id = x.Opened.Contact.ID
		}
	}
	c, err := h.store.Contacts.Node(ctx, id)
	if fault.Is(err, fault.NotFound) {
		return people.Contact{ID: id}, nil
	}
	return c, err
}

// inputs are what the log has for the session, in order.
func (a at) inputs() (out []chatflow.Input) {
	put := int64(0)
	for _, e := range a.log {
		if e.Sent != nil && e.Sent.Bot != nil && e.Sent.Bot.Ask != "" {
			put = e.Seq
		}
	}
	for _, e := range a.log {
		in := chatflow.Input{At: e.At, Seq: e.Seq}
		switch agent := e.Actor.Kind == events.Agent; {
		case e.Received != nil && !e.Received.ThirdParty:
			in.Kind, in.Text = chatflow.InSay, e.Received.Body.Text
			in.Put = put
			if e.Received.Chat != nil {
				in.Seen = e.Received.Chat.Seen
			}
			if e.Received.Body.TextRef != "" { // nobody answers a bot with a page of text; its beginning says what it is
				in.Text = e.Received.Preview
			}
		case e.BotStarted != nil && agent:
			in.Kind = chatflow.InBack
		case e.BotEnded != nil && agent:
			in.Kind = chatflow.InTaken
			out = out[:0] // what was said before is answered by people
		default:
			continue
		}
		out = append(out, in)
	}
	return out
}

// take takes a turn and keeps it; took is false if the input means nothing to the session.
func (h *handler) take(ctx context.Context, a at, in chatflow.Input) (took bool, err error) {
	if in.Kind != chatflow.InTaken {
		if in.World, err = h.desk.World(ctx, a.head.Inbox, a.head.Account, a.flow, a.contact, a.where); err != nil {
			return false, err
		}
	}
	r, ok, err := h.desk.Take(ctx, a.walk.Session, in)
	if err != nil || !ok {
		return false, err
	}
	nothing := false
	c, err := h.store.Threads.Do(ctx, a.head.ID, "", func(t inbox.Thread) (inbox.Decision, error) {
		if t.Bot == nil && in.Kind != chatflow.InTaken { // people have it: the log says so, and that is to be heard first
			return inbox.Decision{}, store.ErrOvertaken
		}
		d, err := h.desk.Decide(ctx, t, a.flow, r.Turn)
		nothing = err == nil && len(d.Facts) == 0
		return d, err
	}, h.store.Bots.Turned(a.walk, func() (string, chatflow.Record) { return a.head.ID, r }))
	if err == nil && nothing {
		err = h.store.Bots.Keep(ctx, a.walk, a.head.ID, r)
	}
	if err != nil {
		return false, err
	}
	h.live.Committed(ctx, c)
	return true, nil
}
