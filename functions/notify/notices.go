package notify

import (
	"context"
	"slices"

	"parley/shared/fault"
	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/notice"
	"parley/shared/store"
)

// notices keeps what a change is to whom, once for each entry and user, and shows it to who is there. Each write is absent-or-nothing, so that a
// change that comes twice, or cut otherwise, tells nobody twice.
func (h *handler) notices(ctx context.Context, c *change) error {
	after, err := c.head()
	if err != nil {
		return err
	}
	before, err := c.before()
	if err != nil {
		return err
	}
	if c.from > c.seq || !h.concerns(before, after) {
		return nil
	}
	log, err := h.store.Threads.Entries(ctx, c.thread, max(c.from, c.seq-limit.EntryPage+1), c.seq)
	if err != nil {
		return err
	}
	entries := make([]inbox.Entry, 0, len(log))
	for _, e := range log {
		entry, err := inbox.EntryOf(e)
		if err != nil {
			return fault.Wrap(err, fault.Invalid, "This build does not know the entry.")
		}
		entries = append(entries, entry)
	}
	workers, err := h.store.Settings.Workers(ctx, after.Inbox)
	if err != nil {
		return err
	}
	teams, err := h.store.Settings.Teams(ctx)
	if err != nil {
		return err
	}
	members := func(id string) []string {
		for _, t := range teams {
			if t.ID == id {
				return t.Members
			}
		}
		return nil
	}
	ids := make([]string, len(workers))
	for i, u := range workers {
		ids[i] = u.ID
	}
	for _, call := range notice.Of(before, entries, members, ids) {
		if err := h.notice(ctx, after, call); err != nil {
			return err
		}
	}
	return nil
}

// concerns says whether a change may be something to anybody: what most changes are is told by the heads alone, and costs no read.
// Who is called again before they have seen the first call hears of one.
func (h *handler) concerns(before, after inbox.Thread) bool {
	owner := func(t inbox.Thread) string {
		if t.Assignee == nil {
			return ""
		}
		return t.Assignee.ID
	}
	team := func(t inbox.Thread) string {
		if t.Team == nil {
			return ""
		}
		return t.Team.ID
	}
	return after.Folder == inbox.Inboxed && (!before.Exists() || after.Messages > before.Messages && owner(before)+owner(after) != "" ||
		owner(before) != owner(after) || team(before) != team(after) || slices.ContainsFunc(after.Mentions, func(u string) bool { return !slices.Contains(before.Mentions, u) }))
}

// notice tells one user, as they want it.
func (h *handler) notice(ctx context.Context, t inbox.Thread, call notice.Call) error {
	u, err := h.store.Settings.Who(ctx, call.User)
	if fault.Is(err, fault.NotFound) || err == nil && u.Disabled {
		return nil
	}
	if err != nil {
		return err
	}
	access, err := h.store.Settings.Access(ctx, u)
	if err != nil {
		return err
	}
	prefs, err := h.store.Notices.Prefs(ctx, u.ID)
	if err != nil {
		return err
	}
	where := prefs.Kinds[call.Kind]
	if !access.Sees(t.Inbox) || where == (notice.Where{}) {
		return nil
	}
	n := store.Notice{
		ID: call.Entry.ID, User: u.ID, Kind: call.Kind, Thread: t.ID, Seq: call.Entry.Seq, Inbox: t.Inbox, Subject: t.Subject, Who: call.Entry.Actor, At: call.Entry.At,
	}
	if prefs.Text {
		switch {
		case call.Entry.Comment != nil:
			n.Preview = call.Entry.Comment.Preview
		case call.Entry.Received != nil:
			n.Preview = call.Entry.Received.Preview
		}
	}
	now, _, _ := prefs.Disturbs(h.now())
	var pushes []store.Push
	if where.Push && now {
		if pushes, err = h.pushes(ctx, u.ID, n); err != nil {
			return err
		}
	}
	fresh, err := h.store.Notices.Tell(ctx, n, where.App, where.Email, pushes...)
	if err != nil || !fresh {
		return err
	}
	told := make([]string, len(pushes))
	for i, p := range pushes {
		told[i] = p.Device.ID()
	}
	h.live.Notice(ctx, n, where.Browser && now, told)
	return nil
}
