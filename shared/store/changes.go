package store

import (
	"context"
	"encoding/json"
	"time"

	"parley/events"
	"parley/shared/table"
)

// Change is one change of the settings: who did what to which of them, and what it was before and after.
type Change struct {
	ID     string          `json:"id"` // grows with time
	At     time.Time       `json:"at"`
	By     events.Actor    `json:"by"`
	What   string          `json:"what"` // "account", "inbox", "user", "team", "tag", "snippet", "article", "hours", "routing", "chat", "chatflow", "filters", "suppression" …
	Of     string          `json:"of"`   // its id, or the address
	Did    string          `json:"did"`  // "connected", "edited", "paused" …
	Before json.RawMessage `json:"before,omitempty"`
	After  json.RawMessage `json:"after,omitempty"`
}

// commit writes a change of the settings together with the record of it: there is no change of a setting without one. nil is what was not
// there before, or is not after.
func (s *Settings) commit(ctx context.Context, c Change, before, after any, ops ...table.Op) error {
	c.ID, c.At = s.newID(), s.now().UTC()
	for into, v := range map[*json.RawMessage]any{&c.Before: before, &c.After: after} {
		if v == nil {
			continue
		}
		raw, err := json.Marshal(v)
		if err != nil {
			return err
		}
		*into = raw
	}
	record, err := put(s.n.Settings, table.Absent(), settingsKeys.Change(c.ID), c)
	if err != nil {
		return err
	}
	defer s.forget()
	return s.t.Transact(ctx, append(ops, record)...)
}

// Note records what somebody did that is kept elsewhere than in the settings.
func (s *Settings) Note(ctx context.Context, by events.Actor, what, of, did string) error {
	return s.commit(ctx, Change{By: by, What: what, Of: of, Did: did}, nil, nil)
}

// Changes returns a page of changes, the newest first, at most n.
func (s *Settings) Changes(ctx context.Context, cursor string, n int) (list []Change, next string, err error) {
	page, err := s.t.Query(ctx, table.Query{Table: s.n.Settings, PK: settingsKeys.Changes, Desc: true, Limit: n, After: cursor, Consistent: true})
	if err != nil {
		return nil, "", err
	}
	out := make([]Change, len(page.Items))
	for i := range page.Items {
		if err := decode(&page.Items[i], &out[i]); err != nil {
			return nil, "", err
		}
	}
	return out, page.Next, nil
}
