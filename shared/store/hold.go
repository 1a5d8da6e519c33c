package store

import (
	"context"
	"errors"
	"slices"

	"parley/shared/fault"
	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/table"
)

// release ends a hold.
func (j *Job) release() {
	if j.State == inbox.DeliveryHeld {
		j.State = inbox.DeliveryPending
	}
}

// Release lets a held delivery go, now. One that is on its way already is answered as it is; fault.Conflict if it was withdrawn.
func (s *Outbox) Release(ctx context.Context, thread string, seq int64) (inbox.Delivery, error) {
	var j Job
	err := retry(ctx, limit.CommitBudget, func() error {
		var err error
		if j, err = s.Get(ctx, thread, seq); err != nil {
			return err
		}
		switch j.State {
		case inbox.DeliveryWithdrawn:
			return fault.New(fault.Conflict, "This message was withdrawn and cannot be sent any more. Please write it again.")
		case inbox.DeliveryHeld:
		default:
			return nil
		}
		j.release()
		j.Ready, j.At, j.Due = true, s.now().UTC(), s.now().Add(limit.WakeAfter).UTC()
		return s.write(ctx, &j)
	})
	return j.Delivery, busy(err)
}

// Withdrawal ends the hold of a delivery for good, beside the thread's MessageWithdrawn. fault.Conflict if it is not held any more.
func (s *Outbox) Withdrawal(thread string, seq int64) Beside {
	return s.beside(thread, seq, func(j *Job) error {
		if j.State != inbox.DeliveryHeld {
			return fault.New(fault.Conflict, "This message is on its way and cannot be taken back any more.")
		}
		// Ready, although nothing is owed: those behind it in the thread may go now, and somebody has to come for them.
		j.State, j.Ready = inbox.DeliveryWithdrawn, true
		for i := range j.Recipients {
			j.Recipients[i].State = "withdrawn"
		}
		return nil
	})
}

// Again makes a delivery ready once more for the recipients it lost, beside the thread's MessageRetried to those. fault.Conflict if it has lost
// nobody, or others by now, or is still being tried.
func (s *Outbox) Again(thread string, seq int64, to []string) Beside {
	return s.beside(thread, seq, func(j *Job) error {
		again, lost := j.Delivery.Again()
		if len(lost) == 0 || !slices.Equal(lost, to) {
			return fault.New(fault.Conflict, "There is nobody whom this message failed to reach, so nothing can be tried again.")
		}
		j.Delivery, j.Doubt, j.Ready, j.Due = again, 0, true, s.now().Add(limit.WakeAfter).UTC()
		return nil
	})
}

// beside changes a delivery in the transaction of a thread's commit.
func (s *Outbox) beside(thread string, seq int64, change func(*Job) error) Beside {
	return Beside{ops: func(ctx context.Context, _ string, _ int64) ([]table.Op, error) {
		j, err := s.Get(ctx, thread, seq)
		if err == nil {
			err = change(&j)
		}
		if err != nil {
			return nil, err
		}
		j.At = s.now().UTC()
		op, err := jobOp(s.n.Outbox, table.RevIs(j.rev), j)
		return []table.Op{op}, err
	}}
}

func (s *Outbox) write(ctx context.Context, j *Job) error {
	op, err := jobOp(s.n.Outbox, table.RevIs(j.rev), *j)
	if err != nil {
		return err
	}
	if err := s.t.Transact(ctx, op); err != nil {
		return err
	}
	j.rev++
	return nil
}

// busy codes a race that was lost too often.
func busy(err error) error {
	var c *table.Conflict
	if errors.As(err, &c) {
		return fault.Wrap(err, fault.Busy, "The delivery is being changed by others.")
	}
	return err
}
