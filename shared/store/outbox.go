package store

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"parley/events"
	"parley/shared/fault"
	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/table"
)

// Outbox holds the deliveries: jobs that bring a thread's sent messages to their recipients.
//
// A delivery is written in the transaction of its MessageSent, ready, so that the stream wakes a worker. The worker takes the
// lease of the thread, does what is owed in order of seq, and gives the lease back; if somebody added a delivery meanwhile, it goes on.
// The outcome lives in the job. due says when sweep has a look: a job that a worker finished is in no index any more.
//
//	held ─▶ pending ─▶ sending ─▶ sent | failed ─▶ pending (an agent tries again)
//	  │                  │  └───▶ pending (throttled: later)
//	  └─▶ withdrawn      └──────▶ unknown ─▶ sending (after limit.UnknownWait)
//
// A held delivery keeps its place: those behind it in the thread wait with it, or an answer could arrive before what it adds to. It waits for
// limit.UndoTime, then whoever comes first sends it: the one who releases it, a worker who comes for another delivery, or sweep, so that those
// behind wait a minute more at worst. The hold ends once: every write names the revision it read.
//
// What the carrier says later (Hear) makes any of these sent, or failed if it threw the message away.
// A job found in sending whose due has passed was left by a crash: the carrier may have taken it, so it becomes unknown.
type Outbox struct{ base }

// Job is a delivery with what only workers need.
type Job struct {
	inbox.Delivery
	Kind  inbox.JobKind `json:"kind"`
	Ready bool          `json:"ready"`           // true wakes a worker through the stream's filter; workers write false
	Due   time.Time     `json:"due"`             // when it is to be looked at again, unless it is final
	Doubt int           `json:"doubt,omitempty"` // how often it was unknown whether the carrier took it

	rev int64
}

type leaseDoc struct {
	Holder string    `json:"holder"`
	Until  time.Time `json:"until"`
	Done   int64     `json:"done"` // every delivery up to this seq is final
}

// owe is the op that writes a new job with its fact's commit.
func owe(tbl string, now time.Time, thread string, seq int64, j inbox.Job, f events.Fact) (table.Op, error) {
	m, ok := f.(events.MessageSent)
	if !ok || j.Kind != inbox.JobMail {
		return table.Op{}, fmt.Errorf("store: no job %q for %T", j.Kind, f)
	}
	job := Job{
		Kind: j.Kind, Ready: true, Due: now.Add(limit.WakeAfter).UTC(),
		Delivery: inbox.Delivery{ID: j.ID, Thread: thread, Seq: seq, State: inbox.DeliveryPending, At: now.UTC()},
	}
	if j.Held {
		job.State, job.Ready, job.Due = inbox.DeliveryHeld, false, now.Add(limit.UndoTime).UTC()
		job.HeldUntil = job.Due
	}
	for _, a := range slices.Concat(m.To, m.Cc, m.Bcc) {
		if !slices.ContainsFunc(job.Recipients, func(r inbox.Recipient) bool { return r.Address == a.Email }) {
			job.Recipients = append(job.Recipients, inbox.Recipient{Address: a.Email, State: "pending"})
		}
	}
	return jobOp(tbl, table.Absent(), job)
}

func jobOp(tbl string, c table.Cond, j Job) (table.Op, error) {
	op, err := put(tbl, c, outboxKeys.Delivery(j.Thread, j.Seq), j)
	if !j.State.Final() {
		op.Item.Index = outboxKeys.Due(j.Due, j.ID)
	}
	return op, err
}

func jobOf(it *table.Item) (Job, error) {
	var j Job
	err := decode(it, &j)
	j.rev = it.Rev
	return j, err
}

// Deliveries returns the deliveries of a thread's entries, by seq; entries without one are absent.
func (s *Outbox) Deliveries(ctx context.Context, thread string, seqs ...int64) (map[int64]inbox.Delivery, error) {
	out := map[int64]inbox.Delivery{}
	for part := range slices.Chunk(seqs, limit.BatchGetKeys) {
		keys := make([]table.Key, len(part))
		for i, seq := range part {
			keys[i] = outboxKeys.Delivery(thread, seq)
		}
		items, err := s.t.Get(ctx, s.n.Outbox, true, keys...)
		if err != nil {
			return nil, err
		}
		for _, it := range items {
			if it == nil {
				continue
			}
			j, err := jobOf(it)
			if err != nil {
				return nil, err
			}
			out[j.Seq] = j.Delivery
		}
	}
	return out, nil
}

// Latest returns the newest deliveries of a thread, at most n, the newest first.
func (s *Outbox) Latest(ctx context.Context, thread string, n int) ([]inbox.Delivery, error) {
	page, err := s.t.Query(ctx, table.Query{
		Table: s.n.Outbox, PK: outboxKeys.Lease(thread).PK, From: "D#", To: "D#~", Desc: true, Limit: n, Consistent: true,
	})
	if err != nil {
		return nil, err
	}
	out := make([]inbox.Delivery, len(page.Items))
	for i := range page.Items {
		j, err := jobOf(&page.Items[i])
		if err != nil {
			return nil, err
		}
		out[i] = j.Delivery
	}
	return out, nil
}

// Due returns jobs whose due has passed, oldest first, at most n.
func (s *Outbox) Due(ctx context.Context, n int) ([]Job, error) {
	page, err := s.t.Query(ctx, table.Query{
		Table: s.n.Outbox, Index: indexDue, PK: outboxKeys.DuePK, To: dueSK(s.now()), Limit: min(n, limit.BatchGetKeys),
	})
	if err != nil || len(page.Items) == 0 {
		return nil, err
	}
	keys := make([]table.Key, len(page.Items))
	for i, it := range page.Items {
		keys[i] = it.Key
	}
	items, err := s.t.Get(ctx, s.n.Outbox, true, keys...)
	if err != nil {
		return nil, err
	}
	var out []Job
	for _, it := range items {
		if it == nil {
			continue
		}
		j, err := jobOf(it)
		if err != nil {
			return nil, err
		}
		if !j.State.Final() && !j.Due.After(s.now()) {
			out = append(out, j)
		}
	}
	return out, nil
}

// Wake makes a job come to a worker again, and ends a hold that nobody ended. Any other state stays; the worker sees what is owed. Losing a
// race is no error: somebody is at it.
func (s *Outbox) Wake(ctx context.Context, j Job) error {
	due := s.now().Add(limit.WakeAfter).UTC()
	j.release()
	if j.State == inbox.DeliverySending || j.State == inbox.DeliveryUnknown {
		due = j.Due // the worker compares it with the clock: it must still have passed
	}
	j.Ready, j.Due = true, due
	op, err := jobOp(s.n.Outbox, table.RevIs(j.rev), j)
	if err != nil {
		return err
	}
	err = s.t.Transact(ctx, op)
	var c *table.Conflict
	if errors.As(err, &c) && !c.Throttled {
		return nil
	}
	return err
}

// Get reads one job; fault.NotFound if there is none.
func (s *Outbox) Get(ctx context.Context, thread string, seq int64) (Job, error) {
	it, err := s.one(ctx, s.n.Outbox, outboxKeys.Delivery(thread, seq))
	if err != nil {
		return Job{}, err
	}
	if it == nil {
		return Job{}, fault.New(fault.NotFound, "There is no such delivery.")
	}
	return jobOf(it)
}

// Hear folds what the carrier says of a delivery into its job and returns the delivery as it is now. Nothing is written if that says nothing
// new. fault.NotFound if there is no such delivery of that id.
func (s *Outbox) Hear(ctx context.Context, thread string, seq int64, id string, n inbox.News) (inbox.Delivery, error) {
	var after inbox.Delivery
	err := retry(ctx, limit.CommitBudget, func() error {
		j, err := s.Get(ctx, thread, seq)
		if err != nil {
			return err
		}
		if j.ID != id {
			return fault.New(fault.NotFound, "There is no such delivery.")
		}
		after = j.Hear(n)
		if reflect.DeepEqual(after, j.Delivery) {
			return nil
		}
		after.At = s.now().UTC()
		j.Delivery, j.Ready = after, false
		return s.write(ctx, &j)
	})
	return after, busy(err)
}
