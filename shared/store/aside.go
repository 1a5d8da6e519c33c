package store

import (
	"context"
	"slices"

	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/table"
)

// aside is what a change of a head writes in its transaction besides head and entries: the marks by which it stands in views of its own, what
// weighs on whom, and the job to find it an owner.
func (s *Threads) aside(before, after inbox.Thread, beside []Beside) ([]table.Op, error) {
	ops, err := s.marks(before, after)
	if err != nil {
		return nil, err
	}
	ops = append(ops, s.loads(before, after, beside)...)
	if cause := after.Wants(before); cause != "" {
		op, err := s.want(after, cause)
		if err != nil {
			return nil, err
		}
		ops = append(ops, op)
	}
	return ops, nil
}

// marks put a thread into the views of mentions and of what was not delivered, or take it out. Most threads never have one, so an index of
// their own would cost more of everything; a mark costs only when it comes, goes, or moves to another inbox.
func (s *Threads) marks(before, after inbox.Thread) (ops []table.Op, err error) {
	moved := before.Exists() && before.Inbox != after.Inbox
	set := func(it table.Item, doc map[string]int64) error {
		op, err := put(s.n.Threads, table.Any(), it.Key, doc)
		op.Item.Index = it.Index
		ops = append(ops, op)
		return err
	}
	drop := func(it table.Item) {
		ops = append(ops, table.Op{Table: s.n.Threads, Verb: table.Delete, Item: table.Item{Key: it.Key}})
	}
	switch {
	case after.Undelivered == 0 && before.Undelivered != 0:
		drop(threadKeys.Mark(after))
	case after.Undelivered != before.Undelivered, moved && after.Undelivered != 0:
		if err := set(threadKeys.Mark(after), map[string]int64{"seq": after.Undelivered}); err != nil {
			return nil, err
		}
	}
	for _, user := range before.Mentions {
		if !slices.Contains(after.Mentions, user) {
			drop(threadKeys.Call(after, user))
		}
	}
	for _, user := range after.Mentions {
		if moved || !slices.Contains(before.Mentions, user) {
			if err := set(threadKeys.Call(after, user), map[string]int64{"seq": after.Seq}); err != nil {
				return nil, err
			}
		}
	}
	return ops, nil
}

// Load is what weighs on a user: conversations they own that are open, in an inbox and not snoozed.
type Load struct {
	Chat  int64 `json:"chat"`
	Other int64 `json:"other"`

	rev int64
}

// Weight is the load in conversations: a chat weighs 1, anything else, which can wait, 0.5. What was given to somebody before loads were
// counted is taken off and was never put on: it weighs nothing.
func (l Load) Weight() float64 { return float64(max(l.Chat, 0)) + float64(max(l.Other, 0))/2 }

// loads counts what weighs on whom. It is counted with every change, so that it is exact whenever it is read, and costs the same however much
// somebody has to do.
func (s *Threads) loads(before, after inbox.Thread, beside []Beside) (ops []table.Op) {
	from, to := before.Burdens(), after.Burdens()
	if from == to {
		return nil
	}
	kind := "other"
	if after.Channel == inbox.ChannelChat {
		kind = "chat"
	}
	for user, n := range map[string]int64{from: -1, to: 1} {
		if user == "" {
			continue
		}
		op := table.Op{Table: s.n.Threads, Verb: table.Add, Item: table.Item{Key: threadKeys.Load(user)}, Adds: map[string]int64{kind: n}}
		for _, b := range beside {
			if b.loads == nil {
				continue
			}
			if rev, ok := b.loads(user); ok && rev == 0 {
				op.Cond = table.Absent()
			} else if ok {
				op.Cond = table.RevIs(rev)
			}
		}
		ops = append(ops, op)
	}
	return ops
}

// Loads reads what weighs on users, consistently; who never owned anything is absent.
func (s *Threads) Loads(ctx context.Context, users ...string) (map[string]Load, error) {
	out := map[string]Load{}
	for part := range slices.Chunk(users, limit.BatchGetKeys) {
		keys := make([]table.Key, len(part))
		for i, u := range part {
			keys[i] = threadKeys.Load(u)
		}
		items, err := s.t.Get(ctx, s.n.Threads, true, keys...)
		if err != nil {
			return nil, err
		}
		for i, it := range items {
			if it == nil {
				continue
			}
			var l Load
			if err := decode(it, &l); err != nil {
				return nil, err
			}
			l.rev = it.Rev
			out[part[i]] = l
		}
	}
	return out, nil
}

// AtLoads makes a change hold only if nothing has been given to, or taken from, its new owner since loads were read. read returns what the
// decision was made on; if it does not hold any more, Do decides again.
func AtLoads(read func() map[string]Load) Beside {
	return Beside{loads: func(user string) (int64, bool) {
		loads := read()
		if loads == nil {
			return 0, false
		}
		return loads[user].rev, true
	}}
}
