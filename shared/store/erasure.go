package store

import (
	"context"
	"slices"

	"parley/events"
	"parley/shared/fault"
	"parley/shared/limit"
	"parley/shared/people"
	"parley/shared/table"
)

// erasureKeys are items of the contacts table.
var erasureKeys = struct {
	PK      string
	Erasure func(id string) table.Key
}{
	PK:      "ERASURES",
	Erasure: func(id string) table.Key { return table.Key{PK: "ERASURES", SK: id} },
}

// erasureDoc is an erasure with what its work needs; both are written, the second part goes when it is done.
type erasureDoc struct {
	people.Erasure
	Needs *erasureNeeds `json:"needs,omitempty"`
}

type erasureNeeds struct {
	Contacts  []string `json:"contacts"`
	Addresses []string `json:"addresses"`
	Visitors  []string `json:"visitors"`
	Phase     int      `json:"phase"`
	Cursor    string   `json:"cursor"`
}

func erasureOp(c table.Cond, contacts string, e people.Erasure) (table.Op, error) {
	d := erasureDoc{Erasure: e}
	if e.EndedAt.IsZero() {
		d.Needs = &erasureNeeds{e.Contacts, e.Addresses, e.Visitors, e.Phase, e.Cursor}
	}
	return put(contacts, c, erasureKeys.Erasure(e.ID), d)
}

func erasureOf(it *table.Item) (people.Erasure, error) {
	var d erasureDoc
	err := decode(it, &d)
	if n := d.Needs; n != nil {
		d.Contacts, d.Addresses, d.Visitors, d.Phase, d.Cursor = n.Contacts, n.Addresses, n.Visitors, n.Phase, n.Cursor
	}
	return d.Erasure, err
}

// StartErasure writes down that a person is to be erased: from now on it is gone on with until it ends. The contact is hidden in the same
// transaction. Of one that is being erased, or is, the erasure comes back.
func (s *Contacts) StartErasure(ctx context.Context, by events.Actor, id string) (people.Erasure, error) {
	var e people.Erasure
	err := retry(ctx, limit.CommitBudget, func() error {
		h, err := s.root(ctx, id)
		if err != nil {
			return err
		}
		if h.Erasure != "" {
			e, err = s.Erasure(ctx, h.Erasure)
			return err
		}
		e = people.Erasure{ID: s.newID(), Contact: h.ID, By: by, At: s.now().UTC(), Contacts: h.IDs()}
		for _, id := range e.Contacts { // merged ones know more than what was taken over
			n, err := s.node(ctx, id)
			if isNotFound(err) {
				continue
			}
			if err != nil {
				return err
			}
			add := func(address string) {
				if address != "" && !slices.Contains(e.Addresses, address) {
					e.Addresses = append(e.Addresses, address)
				}
			}
			for _, a := range n.Aliases {
				switch a.Kind {
				case people.KindEmail:
					add(a.Value)
				case people.KindVisitor:
					if !slices.Contains(e.Visitors, a.Value) {
						e.Visitors = append(e.Visitors, a.Value)
					}
				}
			}
			if !n.Claimed { // what somebody typed may be somebody else's
				add(n.Address)
			}
		}
		op, err := erasureOp(table.Absent(), s.n.Contacts, e)
		if err != nil {
			return err
		}
		hidden := h.Contact
		hidden.ErasedAt, hidden.Erasure = e.At, e.ID
		return s.save(ctx, h, hidden, op, s.open(longErase, e.ID))
	})
	return e, err
}

// Erasure returns one; fault.NotFound if there is none.
func (s *Contacts) Erasure(ctx context.Context, id string) (people.Erasure, error) {
	it, err := s.one(ctx, s.n.Contacts, erasureKeys.Erasure(id))
	if err != nil {
		return people.Erasure{}, err
	}
	if it == nil {
		return people.Erasure{}, fault.New(fault.NotFound, "There is no such erasure.")
	}
	return erasureOf(it)
}

// Erasures reads a page of all erasures, the newest first.
func (s *Contacts) Erasures(ctx context.Context, cursor string, n int) ([]people.Erasure, string, error) {
	page, err := s.t.Query(ctx, table.Query{Table: s.n.Contacts, PK: erasureKeys.PK, Desc: true, Limit: n, After: cursor})
	if err != nil {
		return nil, "", err
	}
	var out []people.Erasure
	for i := range page.Items {
		e, err := erasureOf(&page.Items[i])
		if err != nil {
			return nil, "", err
		}
		out = append(out, e)
	}
	return out, page.Next, nil
}

// Erased notes how far an erasure is, unless another run was faster: then what that one says comes back.
func (s *Contacts) Erased(ctx context.Context, before, after people.Erasure) (people.Erasure, error) {
	out := after
	err := retry(ctx, limit.CommitBudget, func() error {
		it, err := s.one(ctx, s.n.Contacts, erasureKeys.Erasure(before.ID))
		if err != nil || it == nil {
			return err
		}
		now, err := erasureOf(it)
		if err != nil {
			return err
		}
		if !now.EndedAt.IsZero() || now.Phase != before.Phase || now.Cursor != before.Cursor {
			out = now
			return nil
		}
		op, err := erasureOp(cond(it), s.n.Contacts, after)
		if err != nil {
			return err
		}
		if after.EndedAt.IsZero() {
			return s.t.Transact(ctx, op)
		}
		return s.t.Transact(ctx, op, s.shut(longErase, after.ID))
	})
	return out, err
}

// EraseContact leaves of a contact that there was one, and takes away everything that stands with it or leads to it.
func (s *Contacts) EraseContact(ctx context.Context, id string, r *people.Receipt) error {
	for { // its record first: the contact is what leads there
		page, err := s.t.Query(ctx, table.Query{Table: s.n.Contacts, PK: contactKeys.Lines(id), From: linePrefix, To: linePrefix + last, Limit: limit.TransactActions, Consistent: true})
		if err != nil {
			return err
		}
		if len(page.Items) == 0 {
			break
		}
		var ops []table.Op
		for _, it := range page.Items {
			ops = append(ops, table.Op{Table: s.n.Contacts, Verb: table.Delete, Item: table.Item{Key: it.Key}})
		}
		if err := s.t.Transact(ctx, ops...); err != nil {
			return err
		}
		r.Lines += len(ops)
	}
	return retry(ctx, limit.CommitBudget, func() error {
		h, err := s.node(ctx, id)
		if isNotFound(err) {
			return nil
		}
		if err != nil {
			return err
		}
		bare := people.Contact{ID: h.ID, MergedInto: h.MergedInto, CreatedAt: h.CreatedAt, ErasedAt: h.ErasedAt, Erasure: h.Erasure, Edition: h.Edition}
		if bare.ErasedAt.IsZero() {
			bare.ErasedAt = s.now().UTC()
		}
		if len(h.Aliases)+len(h.rows) == 0 && h.Name == "" && h.Address == "" && h.Phone == "" && len(h.Props)+len(h.Lists)+len(h.Merged) == 0 && !h.ErasedAt.IsZero() {
			return nil // it has been done
		}
		if err := s.eraseCompany(ctx, h.Contact); err != nil {
			return err
		}
		main, rows, err := s.writes(ctx, h, bare)
		if err != nil {
			return err
		}
		if err := s.commitRows(ctx, main, rows); err != nil {
			return err
		}
		r.Contacts++
		r.Names += len(h.Aliases)
		return nil
	})
}

// eraseCompany takes away a company that mail made of a domain, nobody has ever edited and nobody else is of: it is the person's, in other words.
func (s *Contacts) eraseCompany(ctx context.Context, c people.Contact) error {
	if c.Company == "" {
		return nil
	}
	d, it, err := s.company(ctx, c.Company)
	if isNotFound(err) {
		return nil
	}
	if err != nil || d.Edition > 0 || len(d.Domains) != 1 || d.Name != d.Domains[0] {
		return err
	}
	page, err := s.t.Query(ctx, table.Query{Table: s.n.Contacts, PK: contactKeys.Members(c.Company), Limit: 2, Consistent: true})
	if err != nil || slices.ContainsFunc(page.Items, func(it table.Item) bool { return rowID(it.SK) != c.ID }) {
		return err
	}
	ops := []table.Op{
		{Table: s.n.Contacts, Verb: table.Delete, Cond: cond(it), Item: table.Item{Key: it.Key}},
		{Table: s.n.Contacts, Verb: table.Delete, Item: table.Item{Key: companyKeys.Domain(d.Name)}},
	}
	return s.t.Transact(ctx, append(ops, s.moved(d.Rows, nil)...)...)
}
