package store

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"parley/events"
	"parley/shared/fault"
	"parley/shared/limit"
	"parley/shared/people"
	"parley/shared/table"
)

// Contacts reads and changes contacts and companies. A contact has rows beside it, by which lists and type-ahead find it; they are written in
// the transaction of the contact, and whoever reads one asks the contact whether it still stands by it.
type Contacts struct {
	base
	settings *Settings
	conf     peopleConf
}

type aliasDoc struct {
	Contact string `json:"contact"`
}

// contactDoc is a contact as it is stored: with the rows that were written for it.
type contactDoc struct {
	people.Contact
	Rows []row `json:"rows,omitempty"`
}

// row is the key of an item that leads to a contact or a company.
type row [2]string

func rowOf(k table.Key) row { return row{k.PK, k.SK} }

func (r row) key() table.Key { return table.Key{PK: r[0], SK: r[1]} }

// held is a contact with the item it was read from; none for one that is new.
type held struct {
	people.Contact
	rows []row
	item *table.Item
}

func noContact() error { return fault.New(fault.NotFound, "There is no such contact.") }

// node reads one contact, merged or not.
func (s *Contacts) node(ctx context.Context, id string) (held, error) {
	it, err := s.one(ctx, s.n.Contacts, contactKeys.Contact(id))
	if err != nil {
		return held{}, err
	}
	if it == nil {
		return held{}, noContact()
	}
	h, err := heldOf(it)
	if err == nil && h.item != nil && h.Aliases == nil && h.Edition == 0 && len(h.rows) == 0 && h.MergedInto == "" && h.ErasedAt.IsZero() {
		return s.older(ctx, h)
	}
	return h, err
}

func heldOf(it *table.Item) (held, error) {
	var d contactDoc
	if err := decode(it, &d); err != nil {
		return held{}, err
	}
	return held{Contact: d.Contact, rows: d.Rows, item: it}, nil
}

// older reads a contact that an older build wrote: it had its address from mail, which leads to it, or from what a visitor typed.
func (s *Contacts) older(ctx context.Context, h held) (held, error) {
	if h.Visitor {
		return h, nil
	}
	id, err := s.Leads(ctx, people.EmailAlias(h.Address))
	if err != nil {
		return h, err
	}
	if id == h.ID {
		h.Contact = h.With(people.Alias{Kind: people.KindEmail, Value: h.Address, How: people.ByMail})
	} else {
		h.Visitor, h.Claimed = true, h.Address != ""
	}
	return h, nil
}

// maxMerges bounds how far a merged contact is followed.
const maxMerges = 16

// root reads the contact whose person an id is.
func (s *Contacts) root(ctx context.Context, id string) (held, error) {
	for range maxMerges {
		h, err := s.node(ctx, id)
		if err != nil || h.MergedInto == "" {
			return h, err
		}
		id = h.MergedInto
	}
	return held{}, noContact()
}

// Get returns the contact whose person an id is: of a merged one, the contact it was merged into. fault.NotFound if there is none.
func (s *Contacts) Get(ctx context.Context, id string) (people.Contact, error) {
	h, err := s.root(ctx, id)
	return h.Contact, err
}

// Node returns the contact of an id itself, merged or not; fault.NotFound if there is none.
func (s *Contacts) Node(ctx context.Context, id string) (people.Contact, error) {
	h, err := s.node(ctx, id)
	return h.Contact, err
}

// Leads returns the contact an alias leads to, merged or not; "" for none.
func (s *Contacts) Leads(ctx context.Context, a people.Alias) (string, error) {
	if a.Value == "" {
		return "", nil
	}
	it, err := s.one(ctx, s.n.Contacts, contactKeys.Alias(a.Kind, a.Value))
	if err != nil || it == nil {
		return "", err
	}
	var d aliasDoc
	err = decode(it, &d)
	return d.Contact, err
}

// ByEmail finds the contact an address leads to, or creates it, and notes that they are active. Two callers at once get the same contact. A
// contact without a name learns this one. Of a merged contact it is that one, with the address that was asked for.
func (s *Contacts) ByEmail(ctx context.Context, address, name string) (people.Contact, error) {
	a := people.EmailAlias(address)
	if a.Value == "" {
		return people.Contact{}, fault.New(fault.Invalid, "A contact needs an address.")
	}
	a.How = people.ByMail
	var c people.Contact
	err := retry(ctx, limit.CommitBudget, func() error {
		id, err := s.Leads(ctx, a)
		if err != nil {
			return err
		}
		if id == "" {
			c = people.Contact{ID: s.newID(), Name: strings.TrimSpace(name), Address: a.Value, Aliases: []people.Alias{a}, CreatedAt: s.now().UTC()}
			c, _ = c.Active(s.now())
			return s.create(ctx, &c, "mail", events.Actor{Kind: events.System}, true)
		}
		h, err := s.node(ctx, id)
		if err != nil {
			return err
		}
		better, learnt := h.Learn(name)
		c = better
		if c.MergedInto != "" {
			return s.touch(ctx, c.MergedInto, "")
		}
		better, active := better.Active(s.now())
		if !learnt && !active {
			return nil
		}
		c = better
		return s.save(ctx, h, better)
	})
	return c, err
}

// touch notes that a person is active whose contact was merged, and where.
func (s *Contacts) touch(ctx context.Context, id, zone string) error {
	h, err := s.root(ctx, id)
	if err != nil {
		return err
	}
	c, active := h.Active(s.now())
	if c, moved := c.In(zone); active || moved {
		return s.save(ctx, h, c)
	}
	return nil
}

// create writes a new contact with its aliases and its company, which mail of a company's domain makes if need be.
func (s *Contacts) create(ctx context.Context, c *people.Contact, rule string, by events.Actor, company bool, more ...table.Op) error {
	ops := more
	if company && c.Company == "" && !c.Visitor {
		id, made, err := s.companyOf(ctx, c.Address)
		if err != nil {
			return err
		}
		c.Company = id
		ops = append(ops, made...)
	}
	if rule != "mail" && !c.Visitor { // of who wrote, the conversation says it
		line, err := s.line(c.ID, people.Line{Kind: people.LineCreated, By: by, Rule: rule})
		if err != nil {
			return err
		}
		ops = append(ops, line)
	}
	return s.save(ctx, held{}, *c, ops...)
}

// save writes a contact as it is to be, with its rows and aliases, in one transaction with more: nothing is written if it is no more what was read,
// or if an alias leads to somebody else by now.
func (s *Contacts) save(ctx context.Context, h held, c people.Contact, more ...table.Op) error {
	main, rows, err := s.writes(ctx, h, c)
	if err != nil {
		return err
	}
	return s.commitRows(ctx, append(main, more...), rows)
}

// writes are the ops that make h into c: the contact and its aliases, and its rows.
func (s *Contacts) writes(ctx context.Context, h held, c people.Contact) (main, rows []table.Op, err error) {
	want, err := s.rows(ctx, c)
	if err != nil {
		return nil, nil, err
	}
	op, err := put(s.n.Contacts, cond(h.item), contactKeys.Contact(c.ID), contactDoc{Contact: c, Rows: want})
	if err != nil {
		return nil, nil, err
	}
	if c.Listed() {
		day := c.ActiveAt
		if day.IsZero() {
			day = c.CreatedAt
		}
		op.Item.Index = contactKeys.List(day, c.ID)
	}
	main = []table.Op{op}
	own := func(list []people.Alias) []people.Alias {
		return slices.DeleteFunc(slices.Clone(list), func(a people.Alias) bool { return a.Of != "" })
	}
	had, has := own(h.Aliases), own(c.Aliases)
	if h.item == nil {
		had = nil
	}
	for _, a := range has {
		if !slices.ContainsFunc(had, a.Same) {
			op, err := put(s.n.Contacts, table.Absent(), contactKeys.Alias(a.Kind, a.Value), aliasDoc{Contact: c.ID})
			if err != nil {
				return nil, nil, err
			}
			main = append(main, op)
		}
	}
	for _, a := range had {
		if !slices.ContainsFunc(has, a.Same) {
			main = append(main, table.Op{Table: s.n.Contacts, Verb: table.Delete, Item: table.Item{Key: contactKeys.Alias(a.Kind, a.Value)}})
		}
	}
	return main, s.moved(h.rows, want), nil
}

// moved are the ops that bring rows from what they were to what they are to be.
func (s *Contacts) moved(had, want []row) []table.Op {
	var ops []table.Op
	for _, r := range had {
		if !slices.Contains(want, r) {
			ops = append(ops, table.Op{Table: s.n.Contacts, Verb: table.Delete, Item: table.Item{Key: r.key()}})
		}
	}
	for _, r := range want {
		if !slices.Contains(had, r) {
			ops = append(ops, table.Op{Table: s.n.Contacts, Verb: table.Put, Item: table.Item{Key: r.key(), Doc: []byte(`{}`)}})
		}
	}
	return ops
}

// commitRows writes what must hold together in one transaction, and the rows with it. Should they be too many, new rows go before and old ones
// behind: one that leads nowhere is passed over.
func (s *Contacts) commitRows(ctx context.Context, main, rows []table.Op) error {
	if len(main)+len(rows) <= limit.TransactActions {
		return s.t.Transact(ctx, append(main, rows...)...)
	}
	var before, behind []table.Op
	for _, op := range rows {
		if op.Verb == table.Put {
			before = append(before, op)
		} else {
			behind = append(behind, op)
		}
	}
	for _, part := range [][]table.Op{before, main, behind} {
		for ops := range slices.Chunk(part, limit.TransactActions) {
			if err := s.t.Transact(ctx, ops...); err != nil {
				return err
			}
		}
	}
	return nil
}

// rows are the rows a contact is to have.
func (s *Contacts) rows(ctx context.Context, c people.Contact) ([]row, error) {
	if !c.Listed() {
		return nil, nil
	}
	var out []row
	sort, ok := c.SortName()
	if ok {
		out = append(out, rowOf(contactKeys.Name(sort, c.ID)))
	}
	for _, t := range c.Tokens() {
		out = append(out, rowOf(contactKeys.Token(t, c.ID)))
	}
	if c.Company != "" {
		day := c.ActiveAt
		if day.IsZero() {
			day = c.CreatedAt
		}
		out = append(out, rowOf(contactKeys.Member(c.Company, day, c.ID)))
	}
	var defs []people.Property
	if len(c.Props) > 0 {
		var err error
		if defs, err = s.Properties(ctx); err != nil {
			return nil, err
		}
	}
	for _, f := range c.Facets(defs) {
		out = append(out, rowOf(contactKeys.Facet(f, sort, c.ID)))
	}
	return out, nil
}

// line is the op that writes a line of a contact's record.
func (s *Contacts) line(contact string, l people.Line) (table.Op, error) {
	if l.ID == "" {
		l.ID = s.newID()
	}
	if l.At.IsZero() {
		l.At = s.now().UTC().Truncate(time.Millisecond)
	}
	return put(s.n.Contacts, table.Any(), contactKeys.Line(contact, l.ID), l)
}

// Taken says that a name leads to another contact already.
type Taken struct {
	Alias   people.Alias
	Contact string
}

func (t *Taken) Error() string { return "store: " + t.Alias.Kind + " leads to contact " + t.Contact }

// free finds out whether new aliases may be taken: an address or an outside id that leads to somebody else is *Taken, a number of somebody
// else's is no alias, because colleagues share one.
func (s *Contacts) free(ctx context.Context, before, after people.Contact) (people.Contact, error) {
	for _, a := range after.Aliases {
		if a.Of != "" || before.Knows(a) {
			continue
		}
		to, err := s.Leads(ctx, a)
		if err != nil {
			return after, err
		}
		if to == "" || to == after.ID {
			continue
		}
		if a.Kind == people.KindPhone {
			after.Aliases = slices.DeleteFunc(slices.Clone(after.Aliases), a.Same)
			continue
		}
		who, err := s.Get(ctx, to)
		if err != nil {
			return after, err
		}
		return after, fault.Wrap(&Taken{a, who.ID}, fault.Conflict, "%s leads to another contact: %s. If the two are one person, merge them.", a.Value, knownAs(who))
	}
	return after, nil
}

func knownAs(c people.Contact) string {
	for _, s := range []string{c.Name, c.Address, c.Phone} {
		if s != "" {
			return s
		}
	}
	return "somebody without a name"
}

// ErrEdited is what a change gets whose If-Match names an older edition.
var ErrEdited = errors.New("store: the contact was edited meanwhile")

// Change changes a person: of a merged contact, the one it was merged into. decide may be called again, when somebody was faster; the line it
// returns is written with it, unless its kind is "".
func (s *Contacts) Change(ctx context.Context, id string, decide func(people.Contact) (people.Contact, people.Line, error)) (people.Contact, error) {
	var c people.Contact
	err := retry(ctx, limit.CommitBudget, func() error {
		h, err := s.root(ctx, id)
		if err != nil {
			return err
		}
		if !h.ErasedAt.IsZero() {
			return fault.New(fault.Gone, "This contact has been erased.")
		}
		var line people.Line
		if c, line, err = decide(h.Contact); err != nil {
			return err
		}
		if c, err = s.free(ctx, h.Contact, c); err != nil {
			return err
		}
		if c.Company != "" && c.Company != h.Company {
			if _, err := s.Company(ctx, c.Company); err != nil {
				return err
			}
		}
		var more []table.Op
		if line.Kind != "" {
			op, err := s.line(c.ID, line)
			if err != nil {
				return err
			}
			more = append(more, op)
		}
		return s.save(ctx, h, c, more...)
	})
	return c, err
}

// Create makes a contact by hand. Its address tells its company, if it has none.
func (s *Contacts) Create(ctx context.Context, by events.Actor, rule string, c people.Contact) (people.Contact, error) {
	c.ID, c.CreatedAt = s.newID(), s.now().UTC()
	c, _ = c.Active(s.now())
	err := retry(ctx, limit.CommitBudget, func() error {
		var err error
		if c, err = s.free(ctx, people.Contact{}, c); err != nil {
			return err
		}
		if c.Company != "" {
			if _, err := s.Company(ctx, c.Company); err != nil {
				return err
			}
		}
		fresh := c
		if err := s.create(ctx, &fresh, rule, by, true); err != nil {
			return err
		}
		c = fresh
		return nil
	})
	return c, err
}
