package local

import (
	"context"
	"database/sql/driver"
	"errors"
	"time"

	"parley/shared/table"
)

// Expire deletes every item of an expiring table whose expiry is not after now, feed rows included, and returns how many went.
// It runs every half minute by itself. DynamoDB's own deletion takes up to days: nothing may rely on it as a timer.
func (s *Store) Expire(ctx context.Context, now time.Time) (int, error) {
	total := 0
	for _, t := range s.tables {
		for t.Expires {
			n, err := s.expireSome(ctx, t, now)
			total += n
			if err != nil {
				return total, err
			}
			if n == 0 {
				break
			}
		}
	}
	return total, nil
}

func (s *Store) expireSome(ctx context.Context, t *sqlTable, now time.Time) (int, error) {
	c, err := s.reader(ctx)
	if err != nil {
		return 0, err
	}
	var ops []table.Op
	err = c.query(t.sqlExpired, func(row []driver.Value) bool {
		pk, _ := row[0].(string)
		sk, _ := row[1].(string)
		rev, _ := row[2].(int64)
		ops = append(ops, table.Op{Table: t.Name, Verb: table.Delete, Cond: table.RevIs(rev), Item: table.Item{Key: table.Key{PK: pk, SK: sk}}})
		return true
	}, now.Unix(), int64(expireAtOnce))
	s.reads.put(c)
	if err != nil || len(ops) == 0 {
		return 0, err
	}
	err = s.Transact(ctx, ops...)
	var conflict *table.Conflict
	if !errors.As(err, &conflict) {
		return len(ops), err
	}
	// Somebody wrote one of them meanwhile: take the others one by one, and leave that one for the next look.
	n := 0
	for _, op := range ops {
		err := s.Transact(ctx, op)
		if err == nil {
			n++
		} else if !errors.As(err, &conflict) {
			return n, err
		}
	}
	return n, nil
}
