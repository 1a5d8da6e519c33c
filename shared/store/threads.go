package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"parley/events"
	"parley/shared/fault"
	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/table"
)

// Threads reads and changes threads.
type Threads struct{ base }

// Commit is what a change did: the head after it, its entries (none if nothing was to change), the head's seq.
// Replayed means the idempotency key had been used: nothing was done now, Entries are those of the first time.
type Commit struct {
	Thread   inbox.Thread
	Entries  []inbox.Entry
	Seq      int64
	Replayed bool
}

// Claimed says that a name the decision claims leads to another entry already.
type Claimed struct {
	Name   string
	Thread string
	Seq    int64
}

func (c *Claimed) Error() string {
	return fmt.Sprintf("store: %s is claimed by entry %d of thread %s", c.Name, c.Seq, c.Thread)
}

type onceDoc struct {
	Thread string `json:"thread"`
	From   int64  `json:"from"`
	To     int64  `json:"to"`
}

type claimDoc struct {
	Thread string `json:"thread"`
	Seq    int64  `json:"seq"`
}

// Beside is what a commit writes in its transaction besides the thread: of a delivery, of a draft, of an arrival.
type Beside struct {
	// ops are made after the decision. seq is of the commit's message, or else of its last entry.
	ops func(ctx context.Context, thread string, seq int64) ([]table.Op, error)
	// overtaken is said when their conditions do not hold. nil: ops reads anew every time, so the change is decided again.
	overtaken error
	// loads says at which revision what weighs on a user has to be for the change to be right; ok is false for those of whom nothing was read.
	loads func(user string) (rev int64, ok bool)
}

// AsRead makes a Beside of ops whose conditions name what was read before the change: when that is so no more, Do says ErrOvertaken.
func AsRead(ops func(ctx context.Context, thread string, seq int64) ([]table.Op, error)) Beside {
	return Beside{ops: ops, overtaken: ErrOvertaken}
}

// Ops are what it writes, for who writes more with it.
func (b Beside) Ops(ctx context.Context, thread string, seq int64) ([]table.Op, error) {
	return b.ops(ctx, thread, seq)
}

// Do is the only way to change a thread: read the head, decide purely, commit entries, head, key, claims and jobs in one transaction.
// It decides again when somebody was faster, within limit.CommitBudget. key makes the change happen once for limit.IdempotencyLife;
// "" gives no such promise. Errors of decide come back as they are; a taken claim is a *Claimed; fault.Busy if the budget ran out.
// What is to be written beside is written in the same transaction, or nothing is.
func (s *Threads) Do(ctx context.Context, id, key string, decide func(inbox.Thread) (inbox.Decision, error), beside ...Beside) (Commit, error) {
	var done Commit
	err := retry(ctx, limit.CommitBudget, func() error {
		var err error
		done, err = s.try(ctx, id, key, decide, beside)
		return err
	})
	var c *table.Conflict
	if errors.As(err, &c) {
		return Commit{}, fault.Wrap(err, fault.Busy, "Too many people changed this conversation at once. Please try again.")
	}
	return done, err
}

func (s *Threads) try(ctx context.Context, id, key string, decide func(inbox.Thread) (inbox.Decision, error), beside []Beside) (Commit, error) {
	keys := []table.Key{threadKeys.Head(id)}
	if key != "" {
		keys = append(keys, threadKeys.Once(key))
	}
	items, err := s.t.Get(ctx, s.n.Threads, true, keys...)
	if err != nil {
		return Commit{}, err
	}
	var head inbox.Thread
	if items[0] != nil {
		if err := decode(items[0], &head); err != nil {
			return Commit{}, err
		}
	}
	if key != "" && items[1] != nil {
		return s.replay(ctx, id, head, items[1])
	}
	d, err := decide(head)
	if err != nil {
		return Commit{}, err
	}
	if len(d.Facts) == 0 {
		return Commit{Thread: head, Seq: head.Seq}, nil
	}
	return s.commit(ctx, id, key, head, cond(items[0]), d, beside)
}

// KeyThread returns the thread that an idempotency key was used for, "" if it was not used.
func (s *Threads) KeyThread(ctx context.Context, key string) (string, error) {
	it, err := s.one(ctx, s.n.Threads, threadKeys.Once(key))
	if err != nil || it == nil {
		return "", err
	}
	var o onceDoc
	err = decode(it, &o)
	return o.Thread, err
}

func (s *Threads) replay(ctx context.Context, id string, head inbox.Thread, once *table.Item) (Commit, error) {
	var o onceDoc
	if err := decode(once, &o); err != nil {
		return Commit{}, err
	}
	if o.Thread != id {
		return Commit{}, fault.New(fault.Invalid, "This idempotency key was used for another conversation.")
	}
	log, err := s.Entries(ctx, id, o.From, o.To)
	if err != nil {
		return Commit{}, err
	}
	entries, err := entriesOf(log)
	return Commit{Thread: head, Entries: entries, Seq: head.Seq, Replayed: true}, err
}

func (s *Threads) commit(ctx context.Context, id, key string, head inbox.Thread, unchanged table.Cond, d inbox.Decision, beside []Beside) (Commit, error) {
	now := s.now()
	before := head
	from := head.Seq + 1
	message := from + int64(max(len(d.Facts)-1, 0)) // whom claims lead to
	var log []events.Envelope
	for i, f := range d.Facts {
		e, err := events.Seal(s.newID(), id, head.Seq+1, now, d.By(i), f)
		if err != nil {
			return Commit{}, err
		}
		if head, err = head.With(e, f); err != nil {
			return Commit{}, err
		}
		log = append(log, e)
		if isMessage(f) {
			message = e.Seq
		}
	}
	ops := make([]table.Op, 0, 2+len(log)+len(d.Claims)+len(d.Jobs))
	add := func(op table.Op, err error) error {
		ops = append(ops, op)
		return err
	}
	op, err := put(s.n.Threads, unchanged, threadKeys.Head(id), head)
	op.Item.Index = threadKeys.Index(head)
	if err := add(op, err); err != nil {
		return Commit{}, err
	}
	for _, e := range log {
		if err := add(put(s.n.Threads, table.Absent(), threadKeys.Entry(id, e.Seq), e)); err != nil {
			return Commit{}, err
		}
	}
	if key != "" {
		op, err := put(s.n.Threads, table.Absent(), threadKeys.Once(key), onceDoc{Thread: id, From: from, To: head.Seq})
		op.Item.Expires = now.Add(limit.IdempotencyLife)
		if err := add(op, err); err != nil {
			return Commit{}, err
		}
	}
	claims := len(ops)
	for _, name := range d.Claims {
		if err := add(put(s.n.Threads, table.Absent(), threadKeys.Claim(name), claimDoc{Thread: id, Seq: message})); err != nil {
			return Commit{}, err
		}
	}
	for _, j := range d.Jobs {
		if err := add(owe(s.n.Outbox, now, id, log[j.Fact].Seq, j, d.Facts[j.Fact])); err != nil {
			return Commit{}, err
		}
	}
	if (before.Bot != nil || head.Bot != nil) && d.Actor.Kind != events.Bot { // it may have something to say to that
		if err := add(s.wakeBot(id)); err != nil {
			return Commit{}, err
		}
	}
	more, err := s.aside(before, head, beside)
	if err != nil {
		return Commit{}, err
	}
	ops = append(ops, more...)
	said := map[int]error{} // by op, what a condition of it means that does not hold
	for _, b := range beside {
		if b.ops == nil {
			continue
		}
		more, err := b.ops(ctx, id, message)
		if err != nil {
			return Commit{}, err
		}
		for i := range more {
			said[len(ops)+i] = b.overtaken
		}
		ops = append(ops, more...)
	}
	err = s.t.Transact(ctx, ops...)
	var c *table.Conflict
	if errors.As(err, &c) {
		for i, overtaken := range said {
			if c.Names(i) && overtaken != nil {
				return Commit{}, overtaken
			}
		}
		for i, name := range d.Claims {
			if c.Names(claims + i) {
				return Commit{}, s.claimedBy(ctx, name, err)
			}
		}
	}
	if err != nil {
		return Commit{}, err
	}
	entries, err := typed(log, d.Facts)
	return Commit{Thread: head, Entries: entries, Seq: head.Seq}, err
}

func isMessage(f events.Fact) bool {
	switch f.(type) {
	case events.MessageReceived, events.MessageSent:
		return true
	}
	return false
}

// claimedBy turns a lost claim into who has it; if that is gone again, the conflict stands and Do tries once more.
func (s *Threads) claimedBy(ctx context.Context, name string, conflict error) error {
	it, err := s.one(ctx, s.n.Threads, threadKeys.Claim(name))
	if err != nil {
		return err
	}
	if it == nil {
		return conflict
	}
	var c claimDoc
	if err := decode(it, &c); err != nil {
		return err
	}
	return fault.Wrap(&Claimed{Name: name, Thread: c.Thread, Seq: c.Seq}, fault.Conflict, "This message belongs to another conversation.")
}

// Head reads a thread's head consistently; fault.NotFound if there is no such thread.
func (s *Threads) Head(ctx context.Context, id string) (inbox.Thread, error) {
	var head inbox.Thread
	it, err := s.one(ctx, s.n.Threads, threadKeys.Head(id))
	if err != nil {
		return head, err
	}
	if it == nil {
		return head, fault.New(fault.NotFound, "There is no such conversation.")
	}
	err = decode(it, &head)
	return head, err
}

// Entries reads the log from one seq to another, both inclusive, in order and consistently.
func (s *Threads) Entries(ctx context.Context, id string, from, to int64) ([]events.Envelope, error) {
	var out []events.Envelope
	if to < from {
		return out, nil
	}
	q := table.Query{
		Table: s.n.Threads, PK: threadKeys.Head(id).PK, From: entrySK(max(from, 1)), To: entrySK(to), Consistent: true,
	}
	for {
		page, err := s.t.Query(ctx, q)
		if err != nil {
			return nil, err
		}
		for i := range page.Items {
			var e events.Envelope
			if err := decode(&page.Items[i], &e); err != nil {
				return nil, err
			}
			out = append(out, e)
		}
		if page.Next == "" {
			return out, nil
		}
		q.After = page.Next
	}
}

// HeadOf decodes the head of a stream record's image; ok is false for any other item of the table.
func HeadOf(it *table.Item) (t inbox.Thread, ok bool, err error) {
	if it == nil || it.SK != "H" {
		return t, false, nil
	}
	err = json.Unmarshal(it.Doc, &t)
	return t, err == nil, err
}

func entriesOf(log []events.Envelope) ([]inbox.Entry, error) {
	out := make([]inbox.Entry, 0, len(log))
	for _, e := range log {
		entry, err := inbox.EntryOf(e)
		if err != nil {
			return nil, err
		}
		out = append(out, entry)
	}
	return out, nil
}

// typed is entriesOf for facts at hand.
func typed(log []events.Envelope, facts []events.Fact) ([]inbox.Entry, error) {
	out := make([]inbox.Entry, 0, len(log))
	for i, e := range log {
		entry, err := inbox.EntryFor(e, facts[i])
		if err != nil {
			return nil, err
		}
		out = append(out, entry)
	}
	return out, nil
}
