package sweep

import (
	"context"
	"time"

	"parley/shared/clerk"
	"parley/shared/dispatch"
	"parley/shared/host"
	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/store"
)

type handler struct {
	store *store.Store
	desk  *dispatch.Desk
	clerk *clerk.Clerk
	now   func() time.Time
}

// New puts the function together.
func New(c *host.Cloud) (host.Handler, error) {
	s := store.Open(c.Table, store.Names{
		Threads: c.Env("PARLEY_TABLE_THREADS"), Outbox: c.Env("PARLEY_TABLE_OUTBOX"), Assignments: c.Env("PARLEY_TABLE_ASSIGNMENTS"),
		Settings: c.Env("PARLEY_TABLE_SETTINGS"), Contacts: c.Env("PARLEY_TABLE_CONTACTS"),
	}, c.Now, c.NewID)
	people := clerk.New(s, c.Blob(c.Env("PARLEY_BUCKET_FILES")), c.Blob(c.Env("PARLEY_BUCKET_MAIL")), c.Now)
	h := &handler{store: s, desk: dispatch.New(s, c.Now), clerk: people, now: c.Now}
	return host.Tick(h.tick), nil
}

const (
	budget  = 50 * time.Second // less than the minute to the next run
	reserve = 5 * time.Second  // kept of the function's own deadline
)

// tick sees to everything that is due, page by page, until there is nothing it has not seen, or its time is up. Mail comes first. One kind of
// work that fails does not keep the others from being done.
func (h *handler) tick(ctx context.Context) error {
	until := time.Now().Add(budget) // a budget is of real time, whatever clock the product runs on
	if deadline, ok := ctx.Deadline(); ok && deadline.Add(-reserve).Before(until) {
		until = deadline.Add(-reserve)
	}
	in := func() bool { return time.Now().Before(until) }
	var done tally
	var failed error
	for _, work := range []func(context.Context, func() bool, *tally) error{h.deliveries, h.mails, h.pushes, h.snoozes, h.handovers, h.away, h.assignments, h.bots, h.people} {
		if err := work(ctx, in, &done); err != nil {
			host.From(ctx).Error("sweep", "error", err)
			failed = err
		}
	}
	host.From(ctx).Info("sweep", "woken", done.woken, "stuck", done.stuck, "unsnoozed", done.unsnoozed, "handed", done.handed, "routed", done.routed, "bots", done.bots, "people", done.people)
	return failed
}

// tally is what one run did.
type tally struct{ woken, stuck, unsnoozed, handed, routed, bots, people int }

// people goes on with imports and erasures. It comes last: what is left of the minute is its.
func (h *handler) people(ctx context.Context, in func() bool, done *tally) error {
	steps, err := h.clerk.Work(ctx, in)
	done.people += steps
	return err
}

// deliveries wakes jobs of the outbox that are due.
func (h *handler) deliveries(ctx context.Context, in func() bool, done *tally) error {
	woken := map[string]bool{}
	for in() {
		jobs, err := h.store.Outbox.Due(ctx, limit.BatchGetKeys)
		if err != nil {
			return err
		}
		fresh := 0
		for _, j := range jobs {
			if woken[j.ID] {
				continue // what is in doubt keeps its due until a worker has seen to it
			}
			if err := h.store.Outbox.Wake(ctx, j); err != nil {
				return err
			}
			woken[j.ID] = true
			fresh++
			done.woken++
			if overdue(j, h.now()) {
				done.stuck++
			}
		}
		if fresh == 0 {
			return nil
		}
	}
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
