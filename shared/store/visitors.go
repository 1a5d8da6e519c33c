package store

import (
	"context"

	"parley/events"
	"parley/shared/fault"
	"parley/shared/limit"
	"parley/shared/people"
)

// ByVisitor finds the contact of a browser that chats, or creates one that is nothing but a visitor. Two callers at once get the same contact.
func (s *Contacts) ByVisitor(ctx context.Context, visitor string) (people.Contact, error) {
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
			c = people.Contact{ID: s.newID(), Visitor: true, Aliases: []people.Alias{a}, CreatedAt: s.now().UTC()}
			return s.create(ctx, &c, "visitor", events.Actor{Kind: events.Visitor}, false)
		}
		h, err := s.node(ctx, id)
		if err != nil {
			return err
		}
		c = h.Contact
		if c.MergedInto != "" {
			return s.touch(ctx, c.MergedInto)
		}
		better, active := c.Active(s.now())
		if !active && better.Knows(a) {
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
