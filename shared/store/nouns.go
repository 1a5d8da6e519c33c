package store

import (
	"context"
	"reflect"

	"parley/events"
	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/table"
)

// noun is a kind of setting that is one document each: how it is read, and what the record of its changes calls it.
type noun[T any] struct {
	what    string
	missing string
	key     func(id string) table.Key
	// rev sets the revision that callers compare; nil for what has none.
	rev func(*T, int64)
}

// read returns one, past the cache; fault.NotFound if there is none.
func (n noun[T]) read(ctx context.Context, s *Settings, id string) (v T, err error) {
	it, err := s.one(ctx, s.n.Settings, n.key(id))
	if err != nil {
		return v, err
	}
	if it == nil {
		return v, gone(n.missing)
	}
	return n.of(it)
}

func (n noun[T]) of(it *table.Item) (v T, err error) {
	err = decode(it, &v)
	n.rev(&v, it.Rev)
	return v, err
}

// list returns all of a partition, in the order of their ids: the oldest first.
func (n noun[T]) list(ctx context.Context, s *Settings) ([]T, error) {
	out := []T{}
	err := s.all(ctx, n.key("").PK, func(it *table.Item) error {
		v, err := n.of(it)
		out = append(out, v)
		return err
	})
	return out, err
}

// change writes one as decide says of what there was, the zero value if there was none; more is written in the same transaction. Nothing is
// written if nothing changes. The record says who did what, and what it was before and after.
func (n noun[T]) change(ctx context.Context, s *Settings, by events.Actor, id, did string, decide func(before T, exists bool) (T, error), more ...table.Op) (T, error) {
	var after T
	err := retry(ctx, limit.CommitBudget, func() error {
		it, err := s.one(ctx, s.n.Settings, n.key(id))
		if err != nil {
			return err
		}
		var before T
		rev := int64(0)
		if it != nil {
			if before, err = n.of(it); err != nil {
				return err
			}
			rev = it.Rev
		}
		if after, err = decide(before, it != nil); err != nil {
			return err
		}
		if it != nil && reflect.DeepEqual(before, after) {
			return nil
		}
		n.rev(&before, 0)
		n.rev(&after, 0)
		op, err := put(s.n.Settings, cond(it), n.key(id), after)
		if err != nil {
			return err
		}
		var was any
		if it != nil {
			was = before
		}
		if err := s.commit(ctx, Change{By: by, What: n.what, Of: id, Did: did}, was, after, append(more, op)...); err != nil {
			return err
		}
		n.rev(&after, rev+1)
		return nil
	})
	return after, err
}

// remove deletes one; what is not there is removed already. may refuses it.
func (n noun[T]) remove(ctx context.Context, s *Settings, by events.Actor, id string, may func(T) error) error {
	return retry(ctx, limit.CommitBudget, func() error {
		it, err := s.one(ctx, s.n.Settings, n.key(id))
		if err != nil || it == nil {
			return err
		}
		before, err := n.of(it)
		if err != nil {
			return err
		}
		if may != nil {
			if err := may(before); err != nil {
				return err
			}
		}
		n.rev(&before, 0)
		op := table.Op{Table: s.n.Settings, Verb: table.Delete, Cond: cond(it), Item: table.Item{Key: it.Key}}
		return s.commit(ctx, Change{By: by, What: n.what, Of: id, Did: "deleted"}, before, nil, op)
	})
}

var (
	teamNoun = noun[inbox.Team]{"team", "There is no such team.", settingsKeys.Team, func(t *inbox.Team, rev int64) { t.Revision = rev }}
	tagNoun  = noun[inbox.Tag]{"tag", "There is no such tag.", settingsKeys.Tag, func(t *inbox.Tag, rev int64) { t.Revision = rev }}
)
