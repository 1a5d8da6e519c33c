package route

import (
	"context"
	"fmt"
	"slices"
	"time"

	"parley/events"
	"parley/shared/blob"
	"parley/shared/dispatch"
	"parley/shared/fault"
	"parley/shared/host"
	"parley/shared/inbox"
	"parley/shared/people"
	"parley/shared/routing"
	"parley/shared/store"
	"parley/shared/table/image"
)

type handler struct {
	store *store.Store
	files blob.Bucket
	desk  *dispatch.Desk
	now   func() time.Time
}

// New puts the function together.
func New(c *host.Cloud) (host.Handler, error) {
	h := &handler{files: c.Blob(c.Env("PARLEY_BUCKET_FILES")), now: c.Now}
	h.store = store.Open(c.Table, store.Names{
		Threads: c.Env("PARLEY_TABLE_THREADS"), Assignments: c.Env("PARLEY_TABLE_ASSIGNMENTS"), Contacts: c.Env("PARLEY_TABLE_CONTACTS"),
		Settings: c.Env("PARLEY_TABLE_SETTINGS"),
	}, c.Now, c.NewID)
	h.desk = dispatch.New(h.store, c.Now)
	return host.Stream(h.record), nil
}

// system is who assigns.
var system = events.Actor{Kind: events.System, ID: "route"}

// record finds out which thread wants an owner. What cannot be read is in the table still, and due: sweep brings it again.
func (h *handler) record(ctx context.Context, r host.Record) error {
	it, err := image.Decode(r.Change.New)
	if err != nil {
		host.From(ctx).Error("record cannot be read", "id", r.EventID, "error", err)
		return nil
	}
	w, ok, err := store.WantOf(it)
	if err != nil || !ok {
		return nil
	}
	err = h.work(ctx, w.Thread)
	switch fault.CodeOf(err) {
	case "", fault.Internal:
		return err
	case fault.Busy: // the job is due in a minute
		host.From(ctx).Warn("routing is busy", "thread", w.Thread, "error", err)
		return nil
	}
	host.From(ctx).Error("cannot be routed", "thread", w.Thread, "error", err)
	return nil
}

// work does what a thread's job asks for.
func (h *handler) work(ctx context.Context, thread string) error {
	w, ok, err := h.store.Assignments.Get(ctx, thread)
	if err != nil || !ok || !w.Ready { // done, or it waits for its time
		return err
	}
	head, err := h.store.Threads.Head(ctx, thread)
	if fault.Is(err, fault.NotFound) {
		return h.store.Assignments.Drop(ctx, w)
	}
	if err != nil {
		return err
	}
	owed, err := h.owed(ctx, w, head)
	if err != nil {
		return err
	}
	plan, err := h.store.Settings.Plan(ctx, head.Inbox)
	if err != nil {
		return err
	}
	if !owed || plan.Revision == 0 && head.Assignee == nil && handedTo(w, head) == nil { // nobody has set rules up: nothing is to be said of them
		return h.store.Assignments.Drop(ctx, w)
	}
	ask, err := h.ask(ctx, w, head)
	if err != nil {
		return err
	}
	return h.assign(ctx, w, plan, ask)
}

// owed reports whether a thread still wants an owner, or another than it has.
func (h *handler) owed(ctx context.Context, w store.Want, t inbox.Thread) (bool, error) {
	if !t.Routable() {
		return false, nil
	}
	if t.Assignee == nil {
		return true, nil
	}
	u, err := h.store.Settings.Who(ctx, t.Assignee.ID)
	if fault.Is(err, fault.NotFound) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	if w.Cause == "away" {
		return t.Assignee.ID == w.Not && u.Away && !t.WaitingSince.IsZero(), nil
	}
	access, err := h.store.Settings.Access(ctx, u)
	return u.Disabled || !access.Works(t.Inbox), err
}

// handedTo is the team that a bot handed a thread to: what has one is its members' to answer, whatever the rules say.
func handedTo(w store.Want, t inbox.Thread) *events.TeamRef {
	if w.Cause != "handedOff" {
		return nil
	}
	return t.Team
}

// ask gathers what the rules look at.
func (h *handler) ask(ctx context.Context, w store.Want, t inbox.Thread) (dispatch.Ask, error) {
	a := dispatch.Ask{Cause: w.Cause, Question: routing.Question{Channel: string(t.Channel), Account: t.Account, Subject: t.Subject}, Team: handedTo(w, t)}
	if w.Cause == "left" { // they may be there still; who was away may take it when they are back
		a.Not = w.Not
	}
	log, err := h.store.Threads.Entries(ctx, t.ID, 1, firstEntries)
	if err != nil {
		return a, err
	}
	for _, e := range log {
		entry, err := inbox.EntryOf(e)
		if err != nil {
			return a, fault.Wrap(err, fault.Invalid, "This build does not know an entry.")
		}
		switch {
		case entry.Opened != nil:
			a.Chatflow = entry.Opened.Chatflow
		case entry.Received != nil && a.Text == "":
			if a.Text, err = h.text(ctx, entry.Received); err != nil {
				return a, err
			}
		}
	}
	a.Language = routing.Language(a.Subject + "\n" + a.Text)
	c, err := h.store.Contacts.Get(ctx, t.Contact.ID)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return a, err
	}
	a.Contact, a.Owner = c.Values(), c.Props[people.PropOwner]
	return a, nil
}

// firstEntries are looked at for how a thread began: its opening and its first message.
const firstEntries = 3

// text is a message's text; of one that is gone, its beginning.
func (h *handler) text(ctx context.Context, m *events.MessageReceived) (string, error) {
	if m.Body.TextRef == "" {
		return m.Body.Text, nil
	}
	raw, _, err := h.files.Get(ctx, m.Body.TextRef)
	if fault.Is(err, fault.NotFound) {
		return m.Preview, nil
	}
	return string(raw), err
}

// assign decides and commits. What was decided on is a condition of the commit.
func (h *handler) assign(ctx context.Context, w store.Want, plan routing.Plan, ask dispatch.Ask) error {
	var found dispatch.Found
	key := ""
	if w.Tries == 0 { // that nobody can take it is said once, however often the record comes
		key = fmt.Sprintf("route:%s:%d", w.Thread, w.Since.UnixMilli())
	}
	turn := ask.Ruling(plan).Turn()
	_, err := h.store.Threads.Do(ctx, w.Thread, key, func(t inbox.Thread) (inbox.Decision, error) {
		found = dispatch.Found{}
		if owed, err := h.owed(ctx, w, t); err != nil || !owed {
			return inbox.Decision{}, err
		}
		var err error
		if found, err = h.desk.Decide(ctx, plan, ask); err != nil {
			return inbox.Decision{}, err
		}
		return h.decision(ctx, t, w, found)
	}, store.AtLoads(func() map[string]store.Load {
		if found.To == nil {
			return nil
		}
		return found.Loads
	}), h.store.Assignments.Took(plan.Inbox, turn, func() (store.Turn, string) {
		if found.To == nil || found.Way != string(routing.Round) && found.Way != string(routing.Least) {
			return store.Turn{}, ""
		}
		return found.Turn, found.To.ID
	}), h.store.Assignments.Done(w.Thread, func() bool { return !found.Routing.Waits }))
	if err != nil {
		return err
	}
	now, ok, err := h.store.Assignments.Get(ctx, w.Thread)
	switch {
	case err != nil || !ok:
		return err
	case found.Routing.Waits:
		return h.store.Assignments.Later(ctx, now)
	}
	if found.Way == "" { // nothing was decided: nothing is owed, or that nobody can take it had been said before a crash
		head, err := h.store.Threads.Head(ctx, w.Thread)
		if err != nil {
			return err
		}
		if owed, err := h.owed(ctx, now, head); err != nil || owed {
			if err == nil {
				err = h.store.Assignments.Later(ctx, now)
			}
			return err
		}
	}
	return h.store.Assignments.Drop(ctx, now)
}

// decision is what a choice makes of a thread.
func (h *handler) decision(ctx context.Context, t inbox.Thread, w store.Want, f dispatch.Found) (inbox.Decision, error) {
	a := inbox.Assignment{Why: &events.Why{Rule: "routing"}, Routing: &f.Routing}
	if f.To != nil {
		a.To = &events.Assignee{Kind: string(events.Agent), ID: f.To.ID, Name: f.To.Name}
	}
	if f.Team != "" {
		teams, err := h.store.Settings.Teams(ctx)
		if err != nil {
			return inbox.Decision{}, err
		}
		if i := slices.IndexFunc(teams, func(t inbox.Team) bool { return t.ID == f.Team }); i >= 0 {
			a.Team = &events.TeamRef{ID: f.Team, Name: teams[i].Name}
		}
	}
	switch {
	case f.To == nil && f.Routing.Waits && w.Tries > 0: // it was said when it was first tried
		return inbox.Decision{}, nil
	case f.To == nil && t.Assignee == nil && f.Routing.Rule == routing.FromRest && f.Way == "none": // as everything is: no news
		return inbox.Decision{}, nil
	}
	return t.Give(system, a)
}
