package store

import (
	"context"

	"parley/events"
	"parley/shared/fault"
	"parley/shared/people"
)

// Enlist puts a person on a static list: of a merged contact, the one it was merged into. Who is on it already stays, and nothing is written in
// their record. fault.NotFound if there is no such list, fault.Invalid for one by conditions and for a contact that is on too many.
func (s *Contacts) Enlist(ctx context.Context, by events.Actor, id, list string) (people.Contact, error) {
	l, err := s.List(ctx, list)
	if err != nil {
		return people.Contact{}, err
	}
	if l.Kind != people.Static {
		return people.Contact{}, fault.New(fault.Invalid, "Nobody can be put on this list: it has conditions.")
	}
	return s.Change(ctx, id, func(c people.Contact) (people.Contact, people.Line, error) {
		if len(c.Lists) >= people.MaxMemberships { // perhaps of some that are gone
			s.forget()
			lists, err := s.Lists(ctx)
			if err != nil {
				return c, people.Line{}, err
			}
			c = c.Forget(lists)
		}
		c, line, err := c.Enlist(list, s.now())
		line.By = by
		return c, line, err
	})
}

// Delist takes a person off a static list. Who is not on it stays as they are, whether there is such a list or not.
func (s *Contacts) Delist(ctx context.Context, by events.Actor, id, list string) (people.Contact, error) {
	return s.Change(ctx, id, func(c people.Contact) (people.Contact, people.Line, error) {
		c, line := c.Delist(list)
		line.By = by
		return c, line, nil
	})
}
