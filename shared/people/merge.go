package people

import (
	"maps"
	"slices"
	"time"

	"parley/events"
	"parley/shared/fault"
)

// Merge says who was merged into a contact, and what that filled in there: it is what taking it back needs.
type Merge struct {
	ID     string            `json:"id"`  // of the contact that was merged
	IDs    []string          `json:"ids"` // its own and those that had been merged into it
	At     time.Time         `json:"at"`
	By     events.Actor      `json:"by"`
	Rule   string            `json:"rule"` // "hand", or "signed": the team's website says that they are one
	Filled map[string]string `json:"filled,omitempty"`
}

// Bounds of a contact: what follows one must fit a transaction, and a page.
const (
	MaxAliases  = 50
	MaxDistinct = 100
	MaxMerged   = 20 // ids of a person, their own not counted
)

// Names of what is no property, as Filled has them.
const (
	fieldName    = "#name"
	fieldAddress = "#address"
	fieldProved  = "#proved" // the address that was a claim until this merge
	fieldPhone   = "#phone"
	fieldCompany = "#company"
)

// IDs are all ids under which the person's threads and notes stand: the contact's own, and those of whom was merged into it.
func (c Contact) IDs() []string {
	ids := []string{c.ID}
	for _, m := range c.Merged {
		ids = append(ids, m.IDs...)
	}
	return ids
}

// Merge makes b a part of c: what c does not know it takes from b, what both know stays as c has it. b keeps everything and says whose it is.
func (c Contact) Merge(b Contact, by events.Actor, rule string, at time.Time) (into, merged Contact, err error) {
	switch {
	case c.ID == b.ID:
		return c, b, fault.New(fault.Invalid, "A contact cannot be merged with itself.")
	case !c.ErasedAt.IsZero() || !b.ErasedAt.IsZero():
		return c, b, fault.New(fault.Gone, "This contact has been erased.")
	case c.MergedInto != "" || b.MergedInto != "":
		return c, b, fault.New(fault.Conflict, "One of the two has been merged already. Please look again.")
	case c.Visitor && !b.Visitor:
		return c, b, fault.New(fault.Invalid, "A visitor is merged into a contact, not a contact into a visitor.")
	case len(c.Aliases)+len(b.Aliases) > MaxAliases:
		return c, b, fault.New(fault.Invalid, "Together they are known by more than %d names.", MaxAliases)
	case len(union(c.Lists, b.Lists)) > MaxMemberships:
		return c, b, fault.New(fault.Invalid, "Together they are on more than %d lists.", MaxMemberships)
	case len(c.IDs())+len(b.IDs()) > MaxMerged+1:
		return c, b, fault.New(fault.Invalid, "At most %d contacts can be one.", MaxMerged)
	}
	into = c
	m := Merge{ID: b.ID, IDs: b.IDs(), At: at, By: by, Rule: rule}
	into.fill(b, &m)
	into.Aliases = slices.Clone(c.Aliases)
	for _, a := range b.Aliases {
		a.Of = b.ID
		into.Aliases = append(into.Aliases, a)
	}
	into.Merged = append(slices.Clone(c.Merged), m)
	into.Edition++
	b.MergedInto = c.ID
	b.Edition++
	return into, b, nil
}

// fill takes from b what c does not know, and notes it.
func (c *Contact) fill(b Contact, m *Merge) {
	note := func(field, v string) {
		if m.Filled == nil {
			m.Filled = map[string]string{}
		}
		m.Filled[field] = v
	}
	take := func(field string, has *string, other string) bool {
		if *has != "" || other == "" {
			return false
		}
		*has = other
		note(field, other)
		return true
	}
	take(fieldName, &c.Name, b.Name)
	take(fieldPhone, &c.Phone, b.Phone)
	take(fieldCompany, &c.Company, b.Company)
	if take(fieldAddress, &c.Address, b.Address) {
		c.Claimed = b.Claimed
	} else if c.Claimed && !b.Claimed && b.Address == c.Address { // what was typed is proved by being the same person's
		c.Claimed = false
		note(fieldProved, b.Address)
	}
	c.join(b, note)
	c.Props = maps.Clone(c.Props)
	for id, v := range b.Props {
		if v == "" || c.Props[id] != "" {
			continue
		}
		if c.Props == nil {
			c.Props = map[string]string{}
		}
		c.Props[id] = v
		note(id, v)
	}
}

// drain takes back what a merge filled in, unless somebody has written something else there since.
func (c *Contact) drain(m Merge) {
	take := func(field string, has *string) bool {
		v, ok := m.Filled[field]
		if !ok || *has != v {
			return false
		}
		*has = ""
		return true
	}
	take(fieldName, &c.Name)
	take(fieldPhone, &c.Phone)
	take(fieldCompany, &c.Company)
	if take(fieldAddress, &c.Address) {
		c.Claimed = false
	}
	if v, ok := m.Filled[fieldProved]; ok && v == c.Address {
		c.Claimed = true
	}
	c.leave(m)
	c.Props = maps.Clone(c.Props)
	for id, v := range m.Filled {
		if has, ok := c.Props[id]; ok && has == v {
			delete(c.Props, id)
		}
	}
	if len(c.Props) == 0 {
		c.Props = nil
	}
}

// Unmerge takes back that b is a part of c; others are the contacts that stay merged into it. b is again what it was; c loses the names that
// lead to b and what b filled in, which one of the others may now fill. What somebody has written since stays.
func (c Contact) Unmerge(b Contact, others ...Contact) (from, alone Contact, err error) {
	i := slices.IndexFunc(c.Merged, func(m Merge) bool { return m.ID == b.ID })
	if i < 0 || b.MergedInto != c.ID {
		return c, b, fault.New(fault.Conflict, "These two are not merged.")
	}
	from = c
	for j := len(c.Merged) - 1; j >= i; j-- { // as if the later merges had been made without it
		from.drain(c.Merged[j])
	}
	from.Merged = slices.Delete(slices.Clone(c.Merged), i, i+1)
	for j := i; j < len(from.Merged); j++ {
		m := &from.Merged[j]
		if k := slices.IndexFunc(others, func(o Contact) bool { return o.ID == m.ID }); k >= 0 {
			m.Filled = nil
			o := others[k]
			o.Lists = without(o.Lists, func(id string) bool { return !c.Member(id) }) // somebody may have taken the person off since
			from.fill(o, m)
		}
	}
	from.Aliases = slices.DeleteFunc(slices.Clone(c.Aliases), func(a Alias) bool { return a.Of == b.ID })
	if len(from.Aliases) == 0 {
		from.Aliases = nil
	}
	if len(from.Merged) == 0 {
		from.Merged = nil
	}
	from.Edition++
	b.MergedInto = ""
	b.Edition++
	return from, b, nil
}

// Reason says why two contacts may be one person.
type Reason string

// The reasons, the strongest first.
const (
	SameAddress Reason = "address" // the address that one has typed leads to the other
	SamePhone   Reason = "phone"
	SameName    Reason = "name"
	SameCompany Reason = "company" // besides the name
)

// Alike says why two contacts may be the same person; nothing if there is no reason, or if somebody said that they are not.
func (c Contact) Alike(b Contact) []Reason {
	if c.ID == b.ID || !c.ErasedAt.IsZero() || !b.ErasedAt.IsZero() || slices.Contains(c.Distinct, b.ID) || slices.Contains(b.Distinct, c.ID) ||
		slices.Contains(c.IDs(), b.ID) || slices.Contains(b.IDs(), c.ID) {
		return nil
	}
	var out []Reason
	if c.Address != "" && (c.Address == b.Address || b.Knows(EmailAlias(c.Address))) || b.Address != "" && c.Knows(EmailAlias(b.Address)) {
		out = append(out, SameAddress)
	}
	if c.Phone != "" && (c.Phone == b.Phone || b.Knows(Alias{Kind: KindPhone, Value: c.Phone})) {
		out = append(out, SamePhone)
	}
	if n := Plain(c.Name); n != "" && n == Plain(b.Name) {
		out = append(out, SameName)
		if c.Company != "" && c.Company == b.Company {
			out = append(out, SameCompany)
		}
	}
	return out
}
