package store

import (
	"context"
	"errors"
	"time"

	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/table"
)

// Lease is the right to deliver a thread's messages, held by one worker at a time for limit.SendLease at most.
type Lease struct {
	s      *Outbox
	thread string
	doc    leaseDoc
	rev    int64
}

// Lease takes the lease of a thread; ok is false if another worker has it. from is the seq of a delivery that is owed although it was done
// once: an agent had it tried again. Without one it is 0. (A worker who finds the lease taken leaves such a delivery to sweep.)
func (s *Outbox) Lease(ctx context.Context, thread, holder string, from int64) (l *Lease, ok bool, err error) {
	it, err := s.one(ctx, s.n.Outbox, outboxKeys.Lease(thread))
	if err != nil {
		return nil, false, err
	}
	l = &Lease{s: s, thread: thread}
	if it != nil {
		if err := decode(it, &l.doc); err != nil {
			return nil, false, err
		}
		l.rev = it.Rev
		if l.doc.Until.After(s.now()) && l.doc.Holder != holder {
			return nil, false, nil
		}
	}
	if from > 0 {
		l.doc.Done = min(l.doc.Done, from-1)
	}
	l.doc.Holder, l.doc.Until = holder, s.now().Add(limit.SendLease).UTC()
	err = l.write(ctx)
	var c *table.Conflict
	if errors.As(err, &c) && !c.Throttled {
		return nil, false, nil
	}
	return l, err == nil, err
}

func (l *Lease) write(ctx context.Context) error {
	c := table.Absent()
	if l.rev > 0 {
		c = table.RevIs(l.rev)
	}
	op, err := put(l.s.n.Outbox, c, outboxKeys.Lease(l.thread), l.doc)
	if err != nil {
		return err
	}
	if err := l.s.t.Transact(ctx, op); err != nil {
		return err
	}
	l.rev++
	return nil
}

// Owed returns the thread's deliveries that are not final, in order of seq.
func (l *Lease) Owed(ctx context.Context) ([]Job, error) {
	jobs, err := l.after(ctx)
	if err != nil {
		return nil, err
	}
	var owed []Job
	for _, j := range jobs {
		if !j.State.Final() {
			owed = append(owed, j)
		}
	}
	return owed, nil
}

// after returns every delivery behind the lease's mark. The mark keeps the read as small as the unfinished work, however long the thread.
func (l *Lease) after(ctx context.Context) ([]Job, error) {
	q := table.Query{
		Table: l.s.n.Outbox, PK: outboxKeys.Lease(l.thread).PK, Consistent: true,
		From: outboxKeys.Delivery(l.thread, l.doc.Done+1).SK, To: "D#~",
	}
	var out []Job
	for {
		page, err := l.s.t.Query(ctx, q)
		if err != nil {
			return nil, err
		}
		for i := range page.Items {
			j, err := jobOf(&page.Items[i])
			if err != nil {
				return nil, err
			}
			out = append(out, j)
		}
		if page.Next == "" {
			return out, nil
		}
		q.After = page.Next
	}
}

// Release gives the lease back. more says that a delivery could be sent now: take the lease again. It is looked for after the lease
// is free, so that a worker who found it taken may rely on the one who had it.
func (l *Lease) Release(ctx context.Context) (more bool, err error) {
	jobs, err := l.after(ctx)
	if err != nil {
		return false, err
	}
	for _, j := range jobs {
		if !j.State.Final() {
			break
		}
		l.doc.Done = j.Seq
	}
	l.doc.Holder, l.doc.Until = "", time.Time{}
	if err := l.write(ctx); err != nil {
		return false, err
	}
	jobs, err = l.after(ctx)
	if err != nil {
		return false, err
	}
	for _, j := range jobs {
		switch j.State {
		case inbox.DeliveryPending:
			return j.Ready, nil // one that waits (not ready) holds back those behind it
		case inbox.DeliveryHeld: // and so does this one, for its time
			return !j.Due.After(l.s.now()), nil
		}
	}
	return false, nil
}

// save writes a job's new state; the due index follows. A worker's own write is never ready. The job it returns may be in another state than
// was to be written: one that is final because the carrier spoke meanwhile.
func (l *Lease) save(ctx context.Context, j Job, recipients string) (Job, error) {
	j.Ready, j.At = false, l.s.now().UTC()
	for i := range j.Recipients {
		if r := &j.Recipients[i]; j.Owes(*r) {
			r.State, r.Code, r.Reason = recipients, j.Code, j.Reason
		}
	}
	err := l.s.write(ctx, &j)
	var c *table.Conflict
	if errors.As(err, &c) {
		// The carrier's own word may have been faster (Hear). What it ended stays ended, whatever this worker believes.
		if now, missing := l.s.Get(ctx, j.Thread, j.Seq); missing == nil && now.State.Final() {
			return now, nil
		}
	}
	return j, err
}

// Sending claims a job before the carrier is called. If the job it returns is not in sending, there is nothing to send any more.
func (l *Lease) Sending(ctx context.Context, j Job) (Job, error) {
	j.State, j.Attempts, j.Due = inbox.DeliverySending, j.Attempts+1, l.s.now().Add(limit.SendLease).UTC()
	j.Code, j.Reason = "", ""
	return l.save(ctx, j, "pending")
}

// Sent ends a job: the carrier took the message under its id.
func (l *Lease) Sent(ctx context.Context, j Job, carrier string) (Job, error) {
	j.State, j.Carrier, j.Code, j.Reason = inbox.DeliverySent, carrier, "", ""
	return l.save(ctx, j, "sent")
}

// Failed ends a job for good, with the reason, also in words.
func (l *Lease) Failed(ctx context.Context, j Job, code inbox.Reason, reason string) (Job, error) {
	j.State, j.Code, j.Reason = inbox.DeliveryFailed, code, reason
	return l.save(ctx, j, "failed")
}

// Later puts a job off: the carrier is busy.
func (l *Lease) Later(ctx context.Context, j Job, at time.Time, reason string) (Job, error) {
	j.State, j.Code, j.Reason, j.Due = inbox.DeliveryPending, inbox.CarrierBusy, reason, at.UTC()
	return l.save(ctx, j, "pending")
}

// Unknown notes that the carrier may or may not have the message; it is looked at again after limit.UnknownWait.
func (l *Lease) Unknown(ctx context.Context, j Job, reason string) (Job, error) {
	j.Doubt++
	j.State, j.Code, j.Reason, j.Due = inbox.DeliveryUnknown, inbox.InDoubt, reason, l.s.now().Add(limit.UnknownWait).UTC()
	return l.save(ctx, j, "unknown")
}
