package dispatch

import (
	"context"

	"parley/events"
	"parley/shared/inbox"
	"parley/shared/store"
)

// HandOver gives at most n conversations of somebody who leaves to others, as they are read, and says whether more may be left. Doing it again
// goes on where it stopped.
func (d *Desk) HandOver(ctx context.Context, h store.Handover, n int) (moved int, more bool, err error) {
	inboxes, err := d.store.Settings.Inboxes(ctx)
	if err != nil {
		return 0, false, err
	}
	for _, in := range inboxes {
		if moved >= n {
			return moved, true, nil
		}
		heads, err := d.store.Threads.Owned(ctx, in.ID, h.User, n-moved)
		if err != nil {
			return moved, false, err
		}
		for _, t := range heads {
			if err := d.handOver(ctx, h, t.ID); err != nil {
				return moved, false, err
			}
			moved++
		}
		more = more || len(heads) > 0 // the index said so; whether it is empty now the next look says
	}
	return moved, more, nil
}

// handOver gives one conversation away, if its owner still is who leaves.
func (d *Desk) handOver(ctx context.Context, h store.Handover, thread string) error {
	var beside []store.Beside
	if h.To.Kind == "route" {
		beside = append(beside, d.store.Assignments.Asked("left", h.User))
	}
	heir, access, err := d.heir(ctx, h)
	if err != nil {
		return err
	}
	_, err = d.store.Threads.Do(ctx, thread, "", func(t inbox.Thread) (inbox.Decision, error) {
		if t.Assignee == nil || t.Assignee.ID != h.User {
			return inbox.Decision{}, nil
		}
		a := inbox.Assignment{Why: &events.Why{Rule: "left", Inputs: map[string]string{"from": h.User, "by": h.By.ID}}}
		switch {
		case heir != nil && access.Works(t.Inbox):
			a.To = heir
		case h.To.Kind == "team":
			a.Team = &events.TeamRef{ID: h.To.ID, Name: h.To.Name}
		}
		return t.Give(h.By, a)
	}, beside...)
	return err
}

// heir is the user who gets the conversations; nil for none, or if they have no access any more. In an inbox that they do not belong to nobody
// gets them.
func (d *Desk) heir(ctx context.Context, h store.Handover) (*events.Assignee, store.Access, error) {
	if h.To.Kind != "agent" {
		return nil, store.Access{}, nil
	}
	u, err := d.store.Settings.Who(ctx, h.To.ID)
	if err != nil {
		return nil, store.Access{}, err
	}
	access, err := d.store.Settings.Access(ctx, u)
	if err != nil || u.Disabled {
		return nil, access, err
	}
	return &events.Assignee{Kind: string(events.Agent), ID: u.ID, Name: u.Name}, access, nil
}
