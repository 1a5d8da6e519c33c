package store

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"parley/shared/fault"
	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/table"
)

// Assignments holds the jobs to find threads an owner, and whose turn it is.
//
// A job is written in the transaction of the change that leaves a thread without an owner, ready, so that the stream wakes route. It goes in the
// transaction of the assignment. If nobody can take the thread it stays, and sweep makes it ready again when it is due.
type Assignments struct{ base }

// Want is one such job.
type Want struct {
	Thread string    `json:"thread"`
	Cause  string    `json:"cause"`         // events.Routing.Cause
	Not    string    `json:"not,omitempty"` // a user who is not to get it: who was away too long
	Ready  bool      `json:"ready"`         // true wakes route through the stream's filter
	Tries  int       `json:"tries"`
	Since  time.Time `json:"since"`
	Due    time.Time `json:"due"`

	rev int64
}

func (b base) wantOp(c table.Cond, w Want) (table.Op, error) {
	op, err := put(b.n.Assignments, c, assignmentKeys.Job(w.Thread), w)
	op.Item.Index = assignmentKeys.Due(w.Due, w.Thread)
	return op, err
}

// want is the op that owes a thread an owner.
func (b base) want(t inbox.Thread, cause string) (table.Op, error) {
	now := b.now().UTC()
	return b.wantOp(table.Any(), Want{Thread: t.ID, Cause: cause, Ready: true, Since: now, Due: now.Add(limit.WakeAfter)})
}

// WantOf decodes a job of a stream record's image; ok is false for any other item of the table.
func WantOf(it *table.Item) (w Want, ok bool, err error) {
	if it == nil || it.SK != "A" {
		return w, false, nil
	}
	err = json.Unmarshal(it.Doc, &w)
	return w, err == nil, err
}

// Get reads a thread's job; ok is false if it has none.
func (s *Assignments) Get(ctx context.Context, thread string) (w Want, ok bool, err error) {
	it, err := s.one(ctx, s.n.Assignments, assignmentKeys.Job(thread))
	if err != nil || it == nil {
		return w, false, err
	}
	err = decode(it, &w)
	w.rev = it.Rev
	return w, err == nil, err
}

// Ask owes a thread another owner than it has. What is owed already stays.
func (s *Assignments) Ask(ctx context.Context, thread, cause, not string) error {
	op, err := s.asked(table.Absent(), thread, cause, not)
	if err != nil {
		return err
	}
	return lost(s.t.Transact(ctx, op))
}

// Asked is Ask beside the change that leaves the thread without an owner.
func (s *Assignments) Asked(cause, not string) Beside {
	return Beside{ops: func(_ context.Context, thread string, _ int64) ([]table.Op, error) {
		op, err := s.asked(table.Any(), thread, cause, not)
		return []table.Op{op}, err
	}}
}

func (s *Assignments) asked(c table.Cond, thread, cause, not string) (table.Op, error) {
	now := s.now().UTC()
	return s.wantOp(c, Want{Thread: thread, Cause: cause, Not: not, Ready: true, Since: now, Due: now.Add(limit.WakeAfter)})
}

// Done is the end of a job, beside the thread's change, if that is one that ends it.
func (s *Assignments) Done(thread string, ends func() bool) Beside {
	return Beside{ops: func(context.Context, string, int64) ([]table.Op, error) {
		if !ends() {
			return nil, nil
		}
		return []table.Op{{Table: s.n.Assignments, Verb: table.Delete, Item: table.Item{Key: assignmentKeys.Job(thread)}}}, nil
	}}
}

// Drop ends a job of which nothing is owed any more.
func (s *Assignments) Drop(ctx context.Context, w Want) error {
	return lost(s.t.Transact(ctx, table.Op{
		Table: s.n.Assignments, Verb: table.Delete, Cond: table.RevIs(w.rev), Item: table.Item{Key: assignmentKeys.Job(w.Thread)},
	}))
}

// Later puts a job off: nobody can take the thread now.
func (s *Assignments) Later(ctx context.Context, w Want) error {
	w.Tries++
	w.Ready, w.Due = false, s.now().Add(min(limit.RouteAgain<<min(w.Tries-1, 10), limit.RouteAgainMost)).UTC()
	op, err := s.wantOp(table.RevIs(w.rev), w)
	if err != nil {
		return err
	}
	return lost(s.t.Transact(ctx, op))
}

// Wake makes a job come to route again.
func (s *Assignments) Wake(ctx context.Context, w Want) error {
	w.Ready, w.Due = true, s.now().Add(limit.WakeAfter).UTC()
	op, err := s.wantOp(table.RevIs(w.rev), w)
	if err != nil {
		return err
	}
	return lost(s.t.Transact(ctx, op))
}

// lost is no error where somebody else was faster: they do what is owed.
func lost(err error) error {
	var c *table.Conflict
	if errors.As(err, &c) && !c.Throttled {
		return nil
	}
	return err
}

// Due returns jobs whose due has passed, who has waited longest for another try first, at most n.
func (s *Assignments) Due(ctx context.Context, n int) ([]Want, error) {
	page, err := s.t.Query(ctx, table.Query{
		Table: s.n.Assignments, Index: indexDue, PK: assignmentKeys.DuePK, To: dueSK(s.now()), Limit: min(n, limit.BatchGetKeys),
	})
	if err != nil || len(page.Items) == 0 {
		return nil, err
	}
	keys := make([]table.Key, len(page.Items))
	for i, it := range page.Items {
		keys[i] = it.Key
	}
	items, err := s.t.Get(ctx, s.n.Assignments, true, keys...)
	if err != nil {
		return nil, err
	}
	var out []Want
	for _, it := range items {
		if it == nil {
			continue
		}
		var w Want
		if err := decode(it, &w); err != nil {
			return nil, err
		}
		if w.rev = it.Rev; !w.Due.After(s.now()) {
			out = append(out, w)
		}
	}
	return out, nil
}

// Turn is who was given the last thread of a rule that goes round; its zero value is nobody.
type Turn struct {
	Last string `json:"last"`
	rev  int64
}

// Turn reads whose turn it was last.
func (s *Assignments) Turn(ctx context.Context, inboxID, rule string) (t Turn, err error) {
	it, err := s.one(ctx, s.n.Assignments, assignmentKeys.Turn(inboxID, rule))
	if err != nil || it == nil {
		return t, err
	}
	err = decode(it, &t)
	t.rev = it.Rev
	return t, err
}

// Took notes whose turn it was, beside the assignment; read returns what was read, and who took it. Two at once: the second decides again.
func (s *Assignments) Took(inboxID, rule string, read func() (Turn, string)) Beside {
	return Beside{ops: func(context.Context, string, int64) ([]table.Op, error) {
		t, took := read()
		if took == "" {
			return nil, nil
		}
		c := table.Absent()
		if t.rev > 0 {
			c = table.RevIs(t.rev)
		}
		op, err := put(s.n.Assignments, c, assignmentKeys.Turn(inboxID, rule), Turn{Last: took})
		return []table.Op{op}, err
	}}
}

// Waiting counts the threads that wait for somebody who can take them, exactly up to limit.CountExact.
func (s *Assignments) Waiting(ctx context.Context) (n int, more bool, err error) {
	page, err := s.t.Query(ctx, table.Query{Table: s.n.Assignments, Index: indexDue, PK: assignmentKeys.DuePK, Limit: limit.CountExact + 1})
	n = len(page.Items)
	return min(n, limit.CountExact), n > limit.CountExact, err
}

// gone is fault.NotFound with these words.
func gone(words string) error { return fault.New(fault.NotFound, "%s", words) }
