package store

import (
	"context"
	"errors"
	"time"

	"parley/shared/fault"
	"parley/shared/limit"
	"parley/shared/table"
)

// Quarantine holds mail that could not become a message, with the reason; the raw mail stays in the bucket. The ledger writes its rows with the
// arrivals they are of.
type Quarantine struct{ base }

// Quarantined is one such mail.
type Quarantined struct {
	ID      string          `json:"id"` // the carrier's id and the mailbox: the same mail again is the same row
	Reason  string          `json:"reason"`
	State   QuarantineState `json:"state,omitempty"` // "" in rows of older builds: parked
	From    string          `json:"from"`
	To      []string        `json:"to"`
	Subject string          `json:"subject"`
	Size    int64           `json:"size"` // bytes
	At      time.Time       `json:"at"`
	Raw     string          `json:"raw"`               // key in the mail bucket
	Account string          `json:"account,omitempty"` // "": the address is nobody's
	// What running it again needs: the arrival, and the carrier's notification as it came. Rows of older builds have neither.
	Arrival      string    `json:"arrival,omitempty"`
	Notification string    `json:"notification,omitempty"`
	Tries        int       `json:"tries,omitempty"`    // how often it was to run again
	ChangedAt    time.Time `json:"changedAt,omitzero"` // when State was last written
	Thread       string    `json:"thread,omitempty"`   // where it is now, once it is resolved
	Outcome      Outcome   `json:"outcome,omitempty"`  // of one that is resolved
	rev          int64
}

// QuarantineState says how a mail in quarantine is.
type QuarantineState string

// The states: it waits for somebody, it is to be run again, it is where it belongs.
const (
	QuarantineParked   QuarantineState = "parked"
	QuarantineQueued   QuarantineState = "queued"
	QuarantineResolved QuarantineState = "resolved"
)

// write is the op that writes a row. Resolved ones stand in an index partition of their own.
func (s *Quarantine) write(c table.Cond, q Quarantined) (table.Op, error) {
	op, err := put(s.n.Threads, c, quarantineKey(q.ID), q)
	op.Item.Index = map[string]table.IndexKey{
		indexViews: {PK: quarantineView(q.State == QuarantineResolved), SK: q.At.UTC().Format(time.RFC3339) + "#" + q.ID},
	}
	return op, err
}

// List returns a page of the mails that are not where they belong, or of those that are by now; the newest first.
func (s *Quarantine) List(ctx context.Context, resolved bool, cursor string, n int) (list []Quarantined, next string, err error) {
	page, err := s.t.Query(ctx, table.Query{Table: s.n.Threads, Index: indexViews, PK: quarantineView(resolved), Desc: true, Limit: n, After: cursor})
	if err != nil || len(page.Items) == 0 {
		return nil, "", err
	}
	keys := make([]table.Key, len(page.Items))
	for i, it := range page.Items {
		keys[i] = it.Key
	}
	items, err := s.t.Get(ctx, s.n.Threads, false, keys...)
	if err != nil {
		return nil, "", err
	}
	for _, it := range items {
		if it == nil {
			continue
		}
		q, err := quarantinedOf(it)
		if err != nil {
			return nil, "", err
		}
		if (q.State == QuarantineResolved) == resolved { // the index may be a moment behind
			list = append(list, q)
		}
	}
	return list, page.Next, nil
}

func quarantinedOf(it *table.Item) (Quarantined, error) {
	q := Quarantined{rev: it.Rev}
	err := decode(it, &q)
	if q.State == "" {
		q.State = QuarantineParked
	}
	return q, err
}

// Get returns one mail; fault.NotFound if there is none.
func (s *Quarantine) Get(ctx context.Context, id string) (Quarantined, error) {
	it, err := s.one(ctx, s.n.Threads, quarantineKey(id))
	if err != nil {
		return Quarantined{}, err
	}
	if it == nil {
		return Quarantined{}, fault.New(fault.NotFound, "There is no such mail in quarantine.")
	}
	return quarantinedOf(it)
}

// Again notes that a mail is to be run again. One that is resolved stays so: fault.Conflict.
func (s *Quarantine) Again(ctx context.Context, id string) (Quarantined, error) {
	var q Quarantined
	err := retry(ctx, limit.CommitBudget, func() error {
		var err error
		if q, err = s.Get(ctx, id); err != nil {
			return err
		}
		if q.State == QuarantineResolved {
			return fault.New(fault.Conflict, "This mail is where it belongs already.")
		}
		q.State, q.Tries, q.ChangedAt = QuarantineQueued, q.Tries+1, s.now().UTC()
		op, err := s.write(table.RevIs(q.rev), q)
		if err != nil {
			return err
		}
		return s.t.Transact(ctx, op)
	})
	var c *table.Conflict
	if errors.As(err, &c) {
		return q, fault.Wrap(err, fault.Busy, "This mail is being dealt with. Please try again.")
	}
	return q, err
}
