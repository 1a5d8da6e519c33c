package store

import (
	"context"

	"parley/events"
	"parley/shared/fault"
	"parley/shared/limit"
	"parley/shared/people"
)

// ByVisitor finds the contact of a browser that chats, or creates one that is nothing but a visitor. Two callers at once get the same contact.
// zone is the browser's; "" if it does not say.
func (s *Contacts) ByVisitor(ctx context.Context, visitor, zone string) (people.Contact, error) {
	a := people.VisitorAlias(visitor)
	if a.Value == "" {
		return people.Contact{}, fault.New(fault.Invalid, "A visitor needs an id.")
	}
	var c people.Contact
	err := retry(ctx, limit.CommitBudget, func() error {
		id, err := s.Leads(ctx, a)
		if err != nil {
			return err
		}
		if id == "" {
			c = people.Contact{ID: s.newID(), Visitor: true, Zone: zone, Aliases: []people.Alias{a}, CreatedAt: s.now().UTC()}
			return s.create(ctx, &c, "visitor", events.Actor{Kind: events.Visitor}, false)
		}
		h, err := s.node(ctx, id)
		if err != nil {
			return err
		}
		c = h.Contact
		if c.MergedInto != "" {
			return s.touch(ctx, c.MergedInto, zone)
		}
		better, active := c.Active(s.now())
		better, moved := better.In(zone)
		if !active && !moved && better.Knows(a) {
			return nil
		}
		if h.item != nil && !h.Knows(a) { // of an older build: the alias is there, the contact does not know it
			h.Contact = h.With(a)
			better = better.With(a)
		}
		c = better
		return s.save(ctx, h, better)
	})
	return c, err
}

// KnownVisitor returns the contact of a browser that has chatted, with what was typed there: of one that was merged, not the person's own
// data, which the browser may have nothing to do with. fault.NotFound if it never has.
func (s *Contacts) KnownVisitor(ctx context.Context, visitor string) (people.Contact, error) {
	id, err := s.Leads(ctx, people.VisitorAlias(visitor))
	if err != nil {
		return people.Contact{}, err
	}
	if id == "" {
		return people.Contact{}, noContact()
	}
	return s.Node(ctx, id)
}

// Introduce notes the address and name a visitor typed. It is a claim: no alias leads from the address to this contact, so that nobody sees
// another person's conversations by typing their address.
func (s *Contacts) Introduce(ctx context.Context, id, address, name string) (people.Contact, error) {
	var c people.Contact
	err := retry(ctx, limit.CommitBudget, func() error {
		h, err := s.node(ctx, id)
		if err != nil {
			return err
		}
		if c = h.Contact; !h.ErasedAt.IsZero() {
			return nil
		}
		better, changed := h.Introduce(address, name)
		if c = better; !changed {
			return nil
		}
		return s.save(ctx, h, better)
	})
	return c, err
}

// Located notes the time zone of a browser that has chatted; of one that has not there is nothing to note.
func (s *Contacts) Located(ctx context.Context, visitor, zone string) error {
	id, err := s.Leads(ctx, people.VisitorAlias(visitor))
	if err != nil || id == "" {
		return err
	}
	return retry(ctx, limit.CommitBudget, func() error {
		h, err := s.root(ctx, id)
		if err != nil {
			return err
		}
		c, moved := h.In(zone)
		if !moved {
			return nil
		}
		return s.save(ctx, h, c)
	})
}

// Vouched finds the contact of somebody whom the team's own website vouches for, or creates it: the id in the team's systems decides, then the
// address. visitor is what their browsers are known by. A weaker name that leads to somebody else stays theirs.
func (s *Contacts) Vouched(ctx context.Context, visitor, external, address, name string) (people.Contact, error) {
	names := []people.Alias{people.ExternalAlias(external), people.EmailAlias(address)}
	for i := range names {
		names[i].How = people.BySigned
	}
	names = append(names, people.VisitorAlias(visitor))
	var c people.Contact
	err := retry(ctx, limit.CommitBudget, func() error {
		leads, ours := map[people.Alias]string{}, []people.Alias{}
		for _, a := range names {
			to, err := s.Leads(ctx, a)
			if err != nil {
				return err
			}
			if to != "" {
				leads[people.Alias{Kind: a.Kind, Value: a.Value}] = to
			}
		}
		id, _ := people.Match(names, leads)
		h := held{}
		if id != "" {
			var err error
			if h, err = s.root(ctx, id); err != nil {
				return err
			}
			if !h.ErasedAt.IsZero() {
				return fault.New(fault.Gone, "This contact has been erased.")
			}
			if leads[people.ExternalAlias(external)] == "" && h.External() { // somebody else of that address
				id = ""
			}
		}
		for _, a := range names {
			if to := leads[people.Alias{Kind: a.Kind, Value: a.Value}]; a.Value != "" && to == "" {
				ours = append(ours, a)
			}
		}
		if id == "" {
			fresh, _ := people.Contact{ID: s.newID(), CreatedAt: s.now().UTC()}.Vouch(ours, address, name)
			c, _ = fresh.Active(s.now())
			c.Edition = 0
			return s.create(ctx, &c, people.BySigned, events.Actor{Kind: events.System}, true)
		}
		better, changed := h.Vouch(ours, address, name)
		c = better
		if !changed {
			return nil
		}
		return s.save(ctx, h, better)
	})
	return c, err
}
