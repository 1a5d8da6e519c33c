package store

import (
	"context"

	"parley/shared/fault"
	"parley/shared/limit"
	"parley/shared/people"
	"parley/shared/table"
)

// Contacts reads and creates contacts.
type Contacts struct{ base }

type aliasDoc struct {
	Contact string `json:"contact"`
}

// ByEmail finds the contact an address leads to, or creates it. Two callers at once get the same contact. A contact without a name
// learns this one.
func (s *Contacts) ByEmail(ctx context.Context, address, name string) (people.Contact, error) {
	a := people.EmailAlias(address)
	if a.Value == "" {
		return people.Contact{}, fault.New(fault.Invalid, "A contact needs an address.")
	}
	var c people.Contact
	err := retry(ctx, limit.CommitBudget, func() error {
		alias, err := s.one(ctx, s.n.Contacts, contactKeys.Alias(a.Kind, a.Value))
		if err != nil {
			return err
		}
		if alias == nil {
			c = people.Contact{ID: s.newID(), Name: name, Address: a.Value, CreatedAt: s.now().UTC()}
			return s.create(ctx, c, a)
		}
		var d aliasDoc
		if err := decode(alias, &d); err != nil {
			return err
		}
		return s.learn(ctx, d.Contact, name, &c)
	})
	return c, err
}

func (s *Contacts) create(ctx context.Context, c people.Contact, a people.Alias) error {
	person, err := put(s.n.Contacts, table.Absent(), contactKeys.Contact(c.ID), c)
	if err != nil {
		return err
	}
	person.Item.Index = contactKeys.List(c.CreatedAt, c.ID)
	alias, err := put(s.n.Contacts, table.Absent(), contactKeys.Alias(a.Kind, a.Value), aliasDoc{Contact: c.ID})
	if err != nil {
		return err
	}
	return s.t.Transact(ctx, person, alias)
}

func (s *Contacts) learn(ctx context.Context, id, name string, c *people.Contact) error {
	it, err := s.one(ctx, s.n.Contacts, contactKeys.Contact(id))
	if err != nil {
		return err
	}
	if it == nil {
		return fault.New(fault.NotFound, "There is no such contact.")
	}
	if err := decode(it, c); err != nil {
		return err
	}
	better, changed := c.Learn(name)
	if !changed {
		return nil
	}
	op, err := put(s.n.Contacts, cond(it), it.Key, better)
	if err != nil {
		return err
	}
	op.Item.Index = it.Index
	*c = better
	return s.t.Transact(ctx, op)
}

// Get returns a contact; fault.NotFound if there is none.
func (s *Contacts) Get(ctx context.Context, id string) (people.Contact, error) {
	var c people.Contact
	err := s.learn(ctx, id, "", &c)
	return c, err
}
