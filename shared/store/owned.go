package store

import (
	"context"
	"strings"
	"time"

	"parley/events"
	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/table"
)

// Owned returns threads of an inbox that a user owns and that are open, snoozed ones too, at most n; which is left is not told: who takes
// some of them away asks again.
func (s *Threads) Owned(ctx context.Context, inboxID, user string, n int) ([]inbox.Thread, error) {
	var out []inbox.Thread
	for _, view := range []View{ViewMine, viewLaid} {
		if len(out) >= n {
			break
		}
		heads, _, err := s.View(ctx, ViewQuery{Inbox: inboxID, View: view, User: user, Limit: n - len(out)})
		if err != nil {
			return nil, err
		}
		for _, h := range heads { // the index may be a moment behind
			if h.Assignee != nil && h.Assignee.ID == user {
				out = append(out, h)
			}
		}
	}
	return out, nil
}

// OwnedPage returns a page of the open threads of an inbox that a user owns.
func (s *Threads) OwnedPage(ctx context.Context, inboxID, user, cursor string) ([]inbox.Thread, string, error) {
	return s.View(ctx, ViewQuery{Inbox: inboxID, View: ViewMine, User: user, Limit: limit.ThreadPageMax, Cursor: cursor})
}

// DueSnoozes returns ids of threads whose snooze has ended, the earliest first, at most n.
func (s *Threads) DueSnoozes(ctx context.Context, n int) ([]string, error) {
	page, err := s.t.Query(ctx, table.Query{Table: s.n.Threads, Index: indexDue, PK: snoozePK, To: dueSK(s.now()), Limit: n})
	if err != nil {
		return nil, err
	}
	var out []string
	for _, it := range page.Items {
		out = append(out, strings.TrimPrefix(it.PK, "T#"))
	}
	return out, nil
}

// Handover says what becomes of the conversations of somebody who leaves. It stands until none is left, so that a crash, or a closed browser,
// ends nothing half-way: sweep goes on.
type Handover struct {
	User string       `json:"user"`
	To   HandoverTo   `json:"to"`
	By   events.Actor `json:"by"`
	At   time.Time    `json:"at"`
}

// HandoverTo is who gets them: a user, a team, whoever the rules find ("route"), or nobody.
type HandoverTo struct {
	Kind string `json:"kind" enum:"agent,team,route,nobody"`
	ID   string `json:"id,omitempty" maxLength:"128"`
	Name string `json:"name,omitempty" maxLength:"256"`
}

// HandOver notes that somebody's conversations go to others; the last one who says so is right.
func (s *Settings) HandOver(ctx context.Context, by events.Actor, h *Handover) error {
	h.By, h.At = by, s.now().UTC()
	op, err := put(s.n.Settings, table.Any(), settingsKeys.Handover(h.User), *h)
	if err != nil {
		return err
	}
	return s.commit(ctx, Change{By: by, What: "user", Of: h.User, Did: "handed over"}, nil, h.To, op)
}

// Handovers returns those that are not done.
func (s *Settings) Handovers(ctx context.Context) ([]Handover, error) {
	var out []Handover
	err := s.all(ctx, settingsKeys.Handover("").PK, func(it *table.Item) error {
		var h Handover
		err := decode(it, &h)
		out = append(out, h)
		return err
	})
	return out, err
}

// HandedOver ends a handover of which nothing is left, unless another was asked for meanwhile.
func (s *Settings) HandedOver(ctx context.Context, h Handover) error {
	it, err := s.one(ctx, s.n.Settings, settingsKeys.Handover(h.User))
	if err != nil || it == nil {
		return err
	}
	var now Handover
	if err := decode(it, &now); err != nil || !now.At.Equal(h.At) {
		return err
	}
	return lost(s.t.Transact(ctx, table.Op{Table: s.n.Settings, Verb: table.Delete, Cond: table.RevIs(it.Rev), Item: table.Item{Key: it.Key}}))
}
