package sweep

import (
	"context"
	"time"

	"parley/events"
	"parley/shared/fault"
	"parley/shared/inbox"
	"parley/shared/limit"
)

// system is who wakes threads.
var system = events.Actor{Kind: events.System, ID: "sweep"}

// mails wakes mails to users who have not seen what they were told.
func (h *handler) mails(ctx context.Context, in func() bool, done *tally) error {
	woken := map[string]bool{}
	for in() {
		mails, err := h.store.Notices.DueMails(ctx, limit.BatchGetKeys)
		if err != nil {
			return err
		}
		fresh := 0
		for _, m := range mails {
			if key := m.User + "#" + m.Thread; !woken[key] {
				woken[key] = true
				fresh++
				m.Ready, m.Due = true, h.now().Add(limit.WakeAfter).UTC()
				if _, err := h.store.Notices.Set(ctx, m); err != nil {
					return err
				}
				done.woken++
			}
		}
		if fresh == 0 {
			return nil
		}
	}
	return nil
}

// pushes wakes what devices are to be told again.
func (h *handler) pushes(ctx context.Context, in func() bool, done *tally) error {
	for fresh := 1; fresh > 0 && in(); {
		owed, err := h.store.Devices.Due(ctx, limit.BatchGetKeys)
		if err != nil {
			return err
		}
		fresh = 0
		for _, p := range owed {
			p.Ready, p.Due = true, h.now().Add(limit.WakeAfter).UTC()
			ok, err := h.store.Devices.Set(ctx, p)
			if err != nil {
				return err
			}
			if ok {
				fresh++
				done.woken++
			}
		}
	}
	return nil
}

// snoozes wakes threads whose time has come.
func (h *handler) snoozes(ctx context.Context, in func() bool, done *tally) error {
	seen := map[string]bool{}
	for in() {
		ids, err := h.store.Threads.DueSnoozes(ctx, limit.BatchGetKeys)
		if err != nil {
			return err
		}
		fresh := 0
		for _, id := range ids {
			if seen[id] || !in() {
				continue
			}
			seen[id] = true
			fresh++
			c, err := h.store.Threads.Do(ctx, id, "", func(t inbox.Thread) (inbox.Decision, error) { return t.WakeDue(system, h.now()) })
			if err != nil && !fault.Is(err, fault.NotFound) {
				return err
			}
			if len(c.Entries) > 0 {
				done.unsnoozed++
			}
		}
		if fresh == 0 {
			return nil
		}
	}
	return nil
}

// handovers goes on with those that were begun.
func (h *handler) handovers(ctx context.Context, in func() bool, done *tally) error {
	all, err := h.store.Settings.Handovers(ctx)
	if err != nil {
		return err
	}
	for _, handover := range all {
		for in() {
			n, more, err := h.desk.HandOver(ctx, handover, handoverPage)
			done.handed += n
			if err != nil {
				return err
			}
			if !more {
				if err := h.store.Settings.HandedOver(ctx, handover); err != nil {
					return err
				}
				break
			}
		}
	}
	return nil
}

// handoverPage is how many conversations are given away between two looks at the clock.
const handoverPage = 25

// away asks for other owners of what waits for an answer of people who have been away for too long.
func (h *handler) away(ctx context.Context, in func() bool, _ *tally) error {
	users, err := h.store.Settings.Users(ctx)
	if err != nil {
		return err
	}
	inboxes, err := h.store.Settings.Inboxes(ctx)
	if err != nil {
		return err
	}
	for _, box := range inboxes {
		plan, err := h.store.Settings.Plan(ctx, box.ID)
		if err != nil {
			return err
		}
		if plan.AwayMinutes == 0 {
			continue
		}
		for _, u := range users {
			if u.Away && !u.Disabled && !u.AwaySince.IsZero() && h.now().Sub(u.AwaySince) >= time.Duration(plan.AwayMinutes)*time.Minute {
				if err := h.giveBack(ctx, in, box.ID, u.ID); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (h *handler) giveBack(ctx context.Context, in func() bool, inboxID, user string) error {
	for cursor := ""; in(); {
		heads, next, err := h.store.Threads.OwnedPage(ctx, inboxID, user, cursor)
		if err != nil {
			return err
		}
		for _, t := range heads {
			if t.Assignee == nil || t.Assignee.ID != user || t.WaitingSince.IsZero() {
				continue
			}
			if err := h.store.Assignments.Ask(ctx, t.ID, "away", user); err != nil {
				return err
			}
		}
		if next == "" {
			return nil
		}
		cursor = next
	}
	return nil
}

// assignments brings threads that nobody could take to route again, who has waited longest first.
func (h *handler) assignments(ctx context.Context, in func() bool, done *tally) error {
	woken := map[string]bool{}
	for in() {
		wants, err := h.store.Assignments.Due(ctx, limit.BatchGetKeys)
		if err != nil {
			return err
		}
		fresh := 0
		for _, w := range wants {
			if woken[w.Thread] {
				continue
			}
			if err := h.store.Assignments.Wake(ctx, w); err != nil {
				return err
			}
			woken[w.Thread] = true
			fresh++
			if w.Tries == 0 && h.now().Sub(w.Since) > limit.StuckAfter { // route has not even looked
				done.stuck++
			}
			done.routed++
		}
		if fresh == 0 {
			return nil
		}
	}
	return nil
}
