package store

import (
	"context"
	"errors"
	"time"

	"parley/shared/fault"
	"parley/shared/table"
)

// Quarantine holds mail that could not become a message, with the reason; the raw mail stays in the bucket.
type Quarantine struct{ base }

// Quarantined is one such mail.
type Quarantined struct {
	ID      string    `json:"id"` // the carrier's id and the mailbox: the same mail again is the same row
	Reason  string    `json:"reason"`
	From    string    `json:"from"`
	To      []string  `json:"to"`
	Subject string    `json:"subject"`
	Size    int64     `json:"size"` // bytes
	At      time.Time `json:"at"`
	Raw     string    `json:"raw"` // key in the mail bucket
}

// Put adds a mail; one that is there stays as it is.
func (s *Quarantine) Put(ctx context.Context, q Quarantined) error {
	op, err := put(s.n.Threads, table.Absent(), quarantineKey(q.ID), q)
	if err != nil {
		return err
	}
	op.Item.Index = map[string]table.IndexKey{indexViews: {PK: quarantinePK, SK: q.At.UTC().Format(time.RFC3339) + "#" + q.ID}}
	err = s.t.Transact(ctx, op)
	var c *table.Conflict
	if errors.As(err, &c) && !c.Throttled {
		return nil
	}
	return err
}

// List returns the newest mails, at most n.
func (s *Quarantine) List(ctx context.Context, n int) ([]Quarantined, error) {
	page, err := s.t.Query(ctx, table.Query{Table: s.n.Threads, Index: indexViews, PK: quarantinePK, Desc: true, Limit: n})
	if err != nil || len(page.Items) == 0 {
		return nil, err
	}
	keys := make([]table.Key, len(page.Items))
	for i, it := range page.Items {
		keys[i] = it.Key
	}
	items, err := s.t.Get(ctx, s.n.Threads, false, keys...)
	if err != nil {
		return nil, err
	}
	var out []Quarantined
	for _, it := range items {
		if it == nil {
			continue
		}
		var q Quarantined
		if err := decode(it, &q); err != nil {
			return nil, err
		}
		out = append(out, q)
	}
	return out, nil
}

// Get returns one mail; fault.NotFound if there is none.
func (s *Quarantine) Get(ctx context.Context, id string) (Quarantined, error) {
	var q Quarantined
	it, err := s.one(ctx, s.n.Threads, quarantineKey(id))
	if err != nil {
		return q, err
	}
	if it == nil {
		return q, fault.New(fault.NotFound, "There is no such mail in quarantine.")
	}
	err = decode(it, &q)
	return q, err
}
