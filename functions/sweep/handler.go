package sweep

import (
	"context"
	"time"

	"parley/shared/host"
	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/store"
)

type handler struct {
	outbox *store.Outbox
	now    func() time.Time
}

// New puts the function together.
func New(c *host.Cloud) (host.Handler, error) {
	s := store.Open(c.Table, store.Names{Outbox: c.Env("PARLEY_TABLE_OUTBOX")}, c.Now, c.NewID)
	h := &handler{outbox: s.Outbox, now: c.Now}
	return host.Tick(h.tick), nil
}

const (
	budget  = 50 * time.Second // less than the minute to the next run
	reserve = 5 * time.Second  // kept of the function's own deadline
)

// tick wakes due jobs page by page until there is none it has not seen, or its time is up.
func (h *handler) tick(ctx context.Context) error {
	until := time.Now().Add(budget) // a budget is of real time, whatever clock the product runs on
	if deadline, ok := ctx.Deadline(); ok && deadline.Add(-reserve).Before(until) {
		until = deadline.Add(-reserve)
	}
	woken := map[string]bool{}
	stuck := 0
	for time.Now().Before(until) {
		jobs, err := h.outbox.Due(ctx, limit.BatchGetKeys)
		if err != nil {
			return err
		}
		fresh := 0
		for _, j := range jobs {
			if woken[j.ID] {
				continue // what is in doubt keeps its due until a worker has seen to it
			}
			if err := h.outbox.Wake(ctx, j); err != nil {
				return err
			}
			woken[j.ID] = true
			fresh++
			if overdue(j, h.now()) {
				stuck++
			}
		}
		if fresh == 0 {
			break
		}
	}
	host.From(ctx).Info("sweep", "woken", len(woken), "stuck", stuck)
	return nil
}

// overdue reports whether a job should have been seen to long ago. Waking a pending job moves its due, so that one is judged by its
// last change; after a refusal it may rest up to limit.SendBackoffMost.
func overdue(j store.Job, now time.Time) bool {
	if j.State != inbox.DeliveryPending {
		return now.Sub(j.Due) > limit.StuckAfter
	}
	rest := time.Duration(0)
	if j.Attempts > 0 {
		rest = limit.SendBackoffMost
	}
	return now.Sub(j.At) > limit.StuckAfter+rest
}
