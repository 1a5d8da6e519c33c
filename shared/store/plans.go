package store

import (
	"context"
	"slices"
	"time"

	"parley/events"
	"parley/shared/fault"
	"parley/shared/hours"
	"parley/shared/limit"
	"parley/shared/routing"
)

var (
	hoursNoun = noun[hours.Hours]{"hours", "There are no such hours.", settingsKeys.Hours, func(v *hours.Hours, rev int64) { v.Revision = rev }}
	planNoun  = noun[routing.Plan]{"routing", "There is no such inbox.", settingsKeys.Plan, func(v *routing.Plan, rev int64) { v.Revision = rev }}
)

// Hours returns all sets of business hours, oldest first.
func (s *Settings) Hours(ctx context.Context) ([]hours.Hours, error) {
	conf, err := s.load(ctx)
	if err != nil {
		return nil, err
	}
	return slices.Clone(conf.hours), nil
}

// HoursOf returns one set; ok is false for "" and for one that is not there: then it is always open.
func (s *Settings) HoursOf(ctx context.Context, id string) (h hours.Hours, ok bool, err error) {
	if id == "" {
		return h, false, nil
	}
	conf, err := s.load(ctx)
	if err != nil {
		return h, false, err
	}
	i := slices.IndexFunc(conf.hours, func(h hours.Hours) bool { return h.ID == id })
	if i < 0 {
		return h, false, nil
	}
	return conf.hours[i], true, nil
}

// PutHours makes a set of hours (id "") or replaces one, unless may refuses its revision.
func (s *Settings) PutHours(ctx context.Context, by events.Actor, id string, may func(revision int64) error, v hours.Hours) (hours.Hours, error) {
	if err := v.Check(); err != nil {
		return v, err
	}
	v.ID = id
	made := id == ""
	did := "edited"
	if made {
		have, err := s.Hours(ctx)
		if err != nil {
			return v, err
		}
		if len(have) >= limit.Hours {
			return v, fault.New(fault.Invalid, "There are at most %d sets of hours.", limit.Hours)
		}
		v.ID, did = s.newID(), "created"
	}
	return hoursNoun.change(ctx, s, by, v.ID, did, func(old hours.Hours, exists bool) (hours.Hours, error) {
		if !exists && !made {
			return v, gone(hoursNoun.missing)
		}
		v.Revision = old.Revision
		return v, may(old.Revision)
	})
}

// DeleteHours removes a set; fault.Conflict if an inbox or a team works by it.
func (s *Settings) DeleteHours(ctx context.Context, by events.Actor, id string) error {
	conf, err := s.read(ctx)
	if err != nil {
		return err
	}
	for _, in := range conf.inboxes {
		if in.Hours == id {
			return fault.New(fault.Conflict, "The inbox %s works by these hours.", in.Name)
		}
	}
	for _, t := range conf.teams {
		if t.Hours == id {
			return fault.New(fault.Conflict, "The team %s works by these hours.", t.Name)
		}
	}
	return hoursNoun.remove(ctx, s, by, id, nil)
}

// Plan returns the routing of an inbox; one that nobody set up leaves everything to nobody.
func (s *Settings) Plan(ctx context.Context, inboxID string) (routing.Plan, error) {
	conf, err := s.load(ctx)
	if err != nil {
		return routing.Plan{}, err
	}
	return conf.plan(inboxID), nil
}

func (c *config) plan(inboxID string) routing.Plan {
	if p, ok := c.plans[inboxID]; ok {
		return p
	}
	return emptyPlan(inboxID)
}

func emptyPlan(inboxID string) routing.Plan {
	return routing.Plan{Inbox: inboxID, Rules: []routing.PlanRule{}, Sources: map[string]routing.Target{}, Rest: routing.Target{Kind: routing.None}}
}

// PutPlan replaces the routing of an inbox, unless may refuses its revision, 0 if it had none. Rules without an id get one.
func (s *Settings) PutPlan(ctx context.Context, by events.Actor, may func(revision int64) error, p routing.Plan) (routing.Plan, error) {
	if p.Rules == nil {
		p.Rules = []routing.PlanRule{}
	}
	if p.Sources == nil {
		p.Sources = map[string]routing.Target{}
	}
	p.Rules = slices.Clone(p.Rules)
	for i := range p.Rules {
		if p.Rules[i].ID == "" {
			p.Rules[i].ID = s.newID()
		}
		if p.Rules[i].If == nil {
			p.Rules[i].If = []routing.PlanCondition{}
		}
	}
	if err := p.Check(); err != nil {
		return p, err
	}
	users, teams := p.Names()
	if err := s.Known(ctx, users, teams); err != nil {
		return p, err
	}
	return planNoun.change(ctx, s, by, p.Inbox, "edited", func(old routing.Plan, _ bool) (routing.Plan, error) {
		p.Revision = old.Revision
		return p, may(old.Revision)
	})
}

// OpenAt reports whether an inbox is within its hours, and if not, when it will be; nil if never. One without hours always is.
func (s *Settings) OpenAt(ctx context.Context, inboxID string, at time.Time) (open bool, next *time.Time, err error) {
	in, err := s.KnownInbox(ctx, inboxID)
	if err != nil {
		return false, nil, err
	}
	h, ok, err := s.HoursOf(ctx, in.Hours)
	if err != nil || !ok || h.Open(at) {
		return err == nil, nil, err
	}
	if again, ok := h.Next(at); ok {
		next = &again
	}
	return false, next, nil
}
