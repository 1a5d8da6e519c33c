package local

import (
	"bytes"
	"context"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"maps"
	"runtime"
	"time"

	"parley/shared/fault"
	"parley/shared/limit"
	"parley/shared/table"
)

// request is one transaction on its way through the writer, or a piece of housekeeping (do).
type request struct {
	ctx  context.Context
	ops  []table.Op
	do   func(w *conn) error
	done chan error

	err     error
	written []written
	changes []table.Change // of them, what the feed keeps
}

// written is an item as a request leaves it, nil if it is gone.
type written struct {
	place
	item *table.Item
}

// Transact implements table.Port. The change is on disk when it returns nil.
func (s *Store) Transact(ctx context.Context, ops ...table.Op) error {
	if err := table.Check(ops); err != nil {
		return err
	}
	for i := range ops {
		t, err := s.table(ops[i].Table)
		if err != nil {
			return err
		}
		if ops[i].Verb == table.Put && !t.indexed(&ops[i].Item) {
			return fault.New(fault.Invalid, "table %q lacks one of the item's indexes", t.Name)
		}
	}
	return s.submit(&request{ctx: ctx, ops: ops, done: make(chan error, 1)})
}

func (s *Store) submit(r *request) error {
	if err := s.enqueue(r); err != nil {
		return err
	}
	select {
	case err := <-r.done:
		return err
	case <-r.ctx.Done(): // the write may still happen, as with any network store
		return r.ctx.Err()
	}
}

func (s *Store) enqueue(r *request) error {
	s.gate.RLock()
	defer s.gate.RUnlock()
	if s.closed {
		return errClosed
	}
	select {
	case s.jobs <- r:
		return nil
	case <-r.ctx.Done():
		return r.ctx.Err()
	}
}

// write is the only goroutine that changes the file.
func (s *Store) write(w *conn) {
	defer s.work.Done()
	defer w.close()
	var batch []*request
	for {
		batch = batch[:0]
		select {
		case r := <-s.jobs:
			batch = append(batch, r)
		case <-s.stop:
			s.drain(w)
			return
		}
		// Those whom the last commit has answered come back with their next transaction: let them share this one.
		for waiting := -1; waiting < len(s.jobs); {
			waiting = len(s.jobs)
			runtime.Gosched()
		}
	fill:
		for len(batch) < batchMost {
			select {
			case r := <-s.jobs:
				batch = append(batch, r)
			default:
				break fill
			}
		}
		s.commit(w, batch)
	}
}

// drain answers what was accepted before Close, then checkpoints so that the log does not survive for nothing.
func (s *Store) drain(w *conn) {
	for {
		select {
		case r := <-s.jobs:
			s.commit(w, []*request{r})
		default:
			s.broken = w.saveCheckpoints(s.tables)
			if err := w.run("PRAGMA wal_checkpoint(TRUNCATE)"); s.broken == nil {
				s.broken = err
			}
			return
		}
	}
}

// commit carries out a batch in one SQL transaction and answers every request. If SQL fails anywhere, nothing of the batch
// stands, and each request is tried in a transaction of its own, so that one bad request does not take its neighbours along.
func (s *Store) commit(w *conn, batch []*request) {
	if err := s.attempt(w, batch); err != nil {
		for _, r := range batch {
			if err := s.attempt(w, []*request{r}); err != nil {
				r.err = err
			}
			s.publish(r)
			r.done <- r.err
		}
		return
	}
	for _, r := range batch {
		s.publish(r)
		r.done <- r.err
	}
}

func (s *Store) attempt(w *conn, batch []*request) error {
	if err := w.exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	now := time.Now()
	for _, r := range batch {
		if r.err = r.ctx.Err(); r.err != nil {
			continue
		}
		r.err = s.apply(w, r, now)
		if r.err != nil && !refusal(r.err) {
			s.rollback(w, batch)
			return r.err
		}
	}
	if err := w.exec("COMMIT"); err != nil {
		s.rollback(w, batch)
		return err
	}
	return nil
}

// refusal tells an answer that apply gives before it has written anything from an error of SQL.
func refusal(err error) bool {
	var conflict *table.Conflict
	return errors.As(err, &conflict) || fault.Is(err, fault.Invalid)
}

func (s *Store) rollback(w *conn, batch []*request) {
	_ = w.exec("ROLLBACK") // fails only if SQLite has rolled back by itself
	for _, r := range batch {
		r.changes, r.written = nil, nil
	}
}

// apply checks every condition of one request, then writes. Nothing is written when it returns a Conflict or a coded error.
func (s *Store) apply(w *conn, r *request, now time.Time) error {
	r.changes, r.written = r.changes[:0], r.written[:0]
	if r.do != nil {
		return r.do(w)
	}
	olds := make([]*table.Item, len(r.ops))
	news := make([]*table.Item, len(r.ops))
	var failed []int
	for i := range r.ops {
		op := &r.ops[i]
		t := s.tables[op.Table]
		if op.Cond.IsAbsent() { // the commonest condition, and it needs no old item: ask for no more than the key
			there, err := w.has(t, op.Item.Key)
			if err != nil {
				return err
			}
			if there {
				failed = append(failed, i)
			}
			continue
		}
		old := s.recent.get(place{t.Name, op.Item.Key})
		if old == nil {
			var err error
			if old, err = w.get(t, op.Item.Key); err != nil {
				return err
			}
		}
		olds[i] = old
		if n, ok := op.Cond.Rev(); ok && (old == nil || old.Rev != n) {
			failed = append(failed, i)
		}
	}
	if failed != nil {
		return &table.Conflict{Failed: failed}
	}
	for i := range r.ops {
		var err error
		if news[i], err = next(&r.ops[i], olds[i]); err != nil {
			return err
		}
	}
	for i := range r.ops {
		p := place{r.ops[i].Table, r.ops[i].Item.Key}
		s.recent.forget(p)
		r.written = append(r.written, written{p, news[i]})
		if err := s.change(w, r, s.tables[p.table], olds[i], news[i], now); err != nil {
			return err
		}
	}
	return nil
}

// next is the item an op leaves, nil for none.
func next(op *table.Op, old *table.Item) (*table.Item, error) {
	rev := int64(1)
	if old != nil {
		rev = old.Rev + 1
	}
	switch op.Verb {
	case table.Delete:
		return nil, nil
	case table.Put:
		it := op.Item
		it.Rev, it.Doc, it.Index = rev, bytes.Clone(it.Doc), maps.Clone(it.Index) // the caller may reuse its own
		return &it, nil
	default:
		it := table.Item{Key: op.Item.Key, Doc: json.RawMessage("{}")}
		if old != nil {
			it = *old
		}
		it.Rev = rev
		if !op.Item.Expires.IsZero() {
			it.Expires = op.Item.Expires
		}
		doc, err := add(it.Doc, op.Adds)
		if err == nil && len(doc) > limit.ItemBytes {
			err = fault.New(fault.Invalid, "an item of %d bytes is larger than %d", len(doc), limit.ItemBytes)
		}
		it.Doc = doc
		return &it, err
	}
}

// change writes one item and its feed row.
func (s *Store) change(w *conn, r *request, t *sqlTable, old, it *table.Item, now time.Time) error {
	var err error
	switch {
	case it == nil && old == nil:
		return nil
	case it == nil:
		err = w.exec(t.sqlDelete, old.PK, old.SK)
	case old == nil:
		err = w.exec(t.sqlInsert, t.columns(it)...)
	case sameKeys(old, it):
		err = w.exec(t.sqlDoc, it.Rev, []byte(it.Doc), it.PK, it.SK)
	default:
		err = w.exec(t.sqlUpdate, t.columns(it)...)
	}
	if err != nil || !t.Stream || (s.wanted != nil && !s.wanted(t.Name, old, it)) {
		return err
	}
	return t.record(w, r, old, it, now)
}

// columns are the arguments of sqlInsert and sqlUpdate.
func (t *sqlTable) columns(it *table.Item) []driver.Value {
	args := make([]driver.Value, 0, 5+2*len(t.Indexes))
	args = append(args, it.Rev, []byte(it.Doc), seconds(it.Expires))
	for _, x := range t.Indexes {
		if k, ok := it.Index[x]; ok {
			args = append(args, k.PK, k.SK)
		} else {
			args = append(args, nil, nil)
		}
	}
	return append(args, it.PK, it.SK)
}

func seconds(t time.Time) driver.Value {
	if t.IsZero() {
		return nil
	}
	return t.Unix()
}

// sameKeys reports whether two items stand at the same place of every index and expire together.
func sameKeys(a, b *table.Item) bool {
	if len(a.Index) != len(b.Index) || seconds(a.Expires) != seconds(b.Expires) {
		return false
	}
	for x, k := range a.Index {
		if b.Index[x] != k {
			return false
		}
	}
	return true
}
