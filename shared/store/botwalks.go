package store

import (
	"context"
	"encoding/json"
	"errors"
	"hash/fnv"
	"strings"
	"time"

	"parley/shared/chatflow"
	"parley/shared/limit"
	"parley/shared/table"
)

// BotJob wakes turn: something has happened in a thread that a bot has. It is written, ready, in the transaction of what happened. When there is
// nothing to do it waits until the visitor's silence is over, and goes with the walk.
type BotJob struct {
	Thread string    `json:"thread"`
	Ready  bool      `json:"ready"` // true wakes turn through the stream's filter
	Due    time.Time `json:"due"`

	rev int64
}

func (b base) botJobOp(c table.Cond, j BotJob) (table.Op, error) {
	op, err := put(b.n.Assignments, c, botKeys.Job(j.Thread), j)
	op.Item.Index = botKeys.Due(j.Due, j.Thread)
	return op, err
}

// wakeBot is the op that makes turn look at a thread.
func (b base) wakeBot(thread string) (table.Op, error) {
	return b.botJobOp(table.Any(), BotJob{Thread: thread, Ready: true, Due: b.now().Add(limit.WakeAfter).UTC()})
}

// BotJobOf decodes a job of a stream record's image; ok is false for any other item of the table.
func BotJobOf(it *table.Item) (j BotJob, ok bool, err error) {
	if it == nil || it.SK != "J" {
		return j, false, nil
	}
	err = json.Unmarshal(it.Doc, &j)
	return j, err == nil, err
}

// Walk is a bot's session in a thread, as it is stored.
type Walk struct {
	chatflow.Session
	rev int64
}

// Job reads a thread's job; ok is false if it has none.
func (s *Bots) Job(ctx context.Context, thread string) (j BotJob, ok bool, err error) {
	it, err := s.one(ctx, s.n.Assignments, botKeys.Job(thread))
	if err != nil || it == nil {
		return j, false, err
	}
	err = decode(it, &j)
	j.rev = it.Rev
	return j, err == nil, err
}

// Rest puts a job off until a time, or ends it (the zero time), unless something has happened since it was read.
func (s *Bots) Rest(ctx context.Context, j BotJob, until time.Time) error {
	if until.IsZero() {
		return lost(s.t.Transact(ctx, table.Op{Table: s.n.Assignments, Verb: table.Delete, Cond: table.RevIs(j.rev), Item: table.Item{Key: botKeys.Job(j.Thread)}}))
	}
	j.Ready, j.Due = false, until.UTC()
	op, err := s.botJobOp(table.RevIs(j.rev), j)
	if err != nil {
		return err
	}
	return lost(s.t.Transact(ctx, op))
}

// Drop ends a walk that cannot be kept: its job goes, and its session is over. Its turns so far stay.
func (s *Bots) Drop(ctx context.Context, thread string) error {
	return retry(ctx, limit.CommitBudget, func() error {
		ops := []table.Op{{Table: s.n.Assignments, Verb: table.Delete, Item: table.Item{Key: botKeys.Job(thread)}}}
		w, err := s.Walk(ctx, thread)
		if err != nil {
			return err
		}
		if w.Number > 0 {
			w.State, w.Effect, w.Then, w.Vars, w.Quick = chatflow.HandedOff, nil, "", nil, nil
			op, err := put(s.n.Assignments, table.RevIs(w.rev), botKeys.Session(thread), w.Session)
			if err != nil {
				return err
			}
			ops = append(ops, op)
		}
		return s.t.Transact(ctx, ops...)
	})
}

// Due returns jobs whose time has come, at most n.
func (s *Bots) Due(ctx context.Context, n int) ([]BotJob, error) {
	page, err := s.t.Query(ctx, table.Query{Table: s.n.Assignments, Index: indexDue, PK: botKeys.DuePK, To: dueSK(s.now()), Limit: min(n, limit.BatchGetKeys)})
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
	var out []BotJob
	for _, it := range items {
		if it == nil {
			continue
		}
		var j BotJob
		if err := decode(it, &j); err != nil {
			return nil, err
		}
		if j.rev = it.Rev; !j.Due.After(s.now()) {
			out = append(out, j)
		}
	}
	return out, nil
}

// Wake makes a job come to turn again.
func (s *Bots) Wake(ctx context.Context, j BotJob) error {
	j.Ready, j.Due = true, s.now().Add(limit.WakeAfter).UTC()
	op, err := s.botJobOp(table.RevIs(j.rev), j)
	if err != nil {
		return err
	}
	return lost(s.t.Transact(ctx, op))
}

// Walk reads a thread's session; the zero Walk if no bot has begun one.
func (s *Bots) Walk(ctx context.Context, thread string) (Walk, error) {
	var w Walk
	it, err := s.one(ctx, s.n.Assignments, botKeys.Session(thread))
	if err != nil || it == nil {
		return w, err
	}
	err = decode(it, &w.Session)
	w.rev = it.Rev
	return w, err
}

// Turned is a turn beside the change of its thread: session, record and numbers. It holds only if the session is still the one it was taken for.
// turn is asked when the change is decided.
func (s *Bots) Turned(w Walk, turn func() (thread string, r chatflow.Record)) Beside {
	return AsRead(func(context.Context, string, int64) ([]table.Op, error) { return s.turnOps(w, turn) })
}

// Keep is Turned for a turn that changes nothing of its thread; ErrOvertaken if the session has moved on.
func (s *Bots) Keep(ctx context.Context, w Walk, thread string, r chatflow.Record) error {
	ops, err := s.turnOps(w, func() (string, chatflow.Record) { return thread, r })
	if err != nil {
		return err
	}
	err = s.t.Transact(ctx, ops...)
	var c *table.Conflict
	if errors.As(err, &c) && !c.Throttled {
		return ErrOvertaken
	}
	return err
}

func (s *Bots) turnOps(w Walk, turn func() (string, chatflow.Record)) ([]table.Op, error) {
	thread, r := turn()
	c := table.Absent()
	if w.Number > 0 {
		c = table.RevIs(w.rev)
	}
	session, err := put(s.n.Assignments, c, botKeys.Session(thread), r.Turn.Session)
	if err != nil {
		return nil, err
	}
	record, err := put(s.n.Assignments, table.Absent(), botKeys.Record(thread, r.Turn.Session.Number), r)
	if err != nil {
		return nil, err
	}
	ops := []table.Op{session, record}
	if adds := counts(r.Turn.Marks); len(adds) > 0 { // of the bot in which the turn began: a step is one of its steps
		h := fnv.New32a()
		_, _ = h.Write([]byte(thread))
		ops = append(ops, table.Op{
			Table: s.n.Assignments, Verb: table.Add, Adds: adds,
			Item: table.Item{Key: botKeys.Day(r.Flow, r.Turn.Session.At.UTC().Format(time.DateOnly), int(h.Sum32()%limit.BotShards))},
		})
	}
	return ops, nil
}

// counts are a turn's marks by name: "started", "reached.<step>".
func counts(marks []chatflow.Mark) map[string]int64 {
	out := map[string]int64{}
	for _, m := range marks {
		name := string(m.Kind)
		if m.Step != "" {
			name += "." + m.Step
		}
		out[name]++
	}
	return out
}

// Records reads the turns of a thread's walk, in order.
func (s *Bots) Records(ctx context.Context, thread string) ([]chatflow.Record, error) {
	var out []chatflow.Record
	err := s.each(ctx, table.Query{Table: s.n.Assignments, PK: botKeys.Session(thread).PK, From: "B#", To: "B#~", Consistent: true}, func(it table.Item) error {
		var r chatflow.Record
		err := decode(&it, &r)
		out = append(out, r)
		return err
	})
	return out, err
}

// Numbers are what was counted of a bot.
type Numbers struct {
	Started   int64                  `json:"started" doc:"Conversations in which the visitor answered the bot."`
	Completed int64                  `json:"completed"`
	Abandoned int64                  `json:"abandoned"`
	HandedOff int64                  `json:"handedOff"`
	Steps     map[string]StepNumbers `json:"steps" doc:"By id of the step."`
}

// StepNumbers are what was counted of one step.
type StepNumbers struct {
	Reached  int64 `json:"reached"`
	Answered int64 `json:"answered"`
	Left     int64 `json:"left" doc:"Went away, or asked for a person."`
}

// Numbers adds up the days from one on.
func (s *Bots) Numbers(ctx context.Context, flow string, from time.Time) (Numbers, error) {
	out := Numbers{Steps: map[string]StepNumbers{}}
	err := s.each(ctx, table.Query{Table: s.n.Assignments, PK: botKeys.Days(flow), From: from.UTC().Format(time.DateOnly), Consistent: true}, func(it table.Item) error {
		var day map[string]int64
		if err := decode(&it, &day); err != nil {
			return err
		}
		for name, n := range day {
			kind, step, _ := strings.Cut(name, ".")
			out.add(chatflow.MarkKind(kind), step, n)
		}
		return nil
	})
	return out, err
}

func (n *Numbers) add(kind chatflow.MarkKind, step string, by int64) {
	of := n.Steps[step]
	switch kind {
	case chatflow.MarkStarted:
		n.Started += by
	case chatflow.MarkCompleted:
		n.Completed += by
	case chatflow.MarkAbandoned:
		n.Abandoned += by
	case chatflow.MarkHandedOff:
		n.HandedOff += by
	case chatflow.MarkReached:
		of.Reached += by
	case chatflow.MarkAnswered:
		of.Answered += by
	case chatflow.MarkLeft:
		of.Left += by
	}
	if step != "" {
		n.Steps[step] = of
	}
}

// eraseWalk takes away what a bot remembers of a thread; its numbers stay.
func (s *Bots) eraseWalk(ctx context.Context, thread string) error {
	return s.each(ctx, table.Query{Table: s.n.Assignments, PK: botKeys.Session(thread).PK, From: "B", To: "B~", Consistent: true}, func(it table.Item) error {
		return s.t.Transact(ctx, table.Op{Table: s.n.Assignments, Verb: table.Delete, Item: table.Item{Key: it.Key}})
	})
}
