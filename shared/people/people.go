// Package people is the domain of those who write to us: contacts, the names they are known by, their companies, what we know of them.
//
// Owns: Contact, Company, Property and what a value of one may be; how an address, a number, a domain is normalised; merging and taking that
// back; which contacts a list holds; what a row of an import means. Never: clock, randomness, I/O, store.
// Imported by: store, functions.
//
// A name somebody is known by (Alias) leads to one contact. Merging moves none: the contact that is merged keeps its aliases and its threads and
// says whose person it is (MergedInto), so that taking it back restores everything, what came meanwhile too. What a visitor types about
// themselves is a claim (Claimed): it is shown, answered to, and never an alias.
package people

import (
	"slices"
	"strings"
	"time"

	"parley/events"
)

// Contact is the remembered person.
type Contact struct {
	ID      string `json:"id"`
	Name    string `json:"name,omitempty"`
	Address string `json:"address,omitempty"` // main email address, lower-case
	// Claimed says that the address was typed by whoever chats, and that nobody has proved it: it leads to nobody's history.
	Claimed bool   `json:"claimed,omitempty"`
	Phone   string `json:"phone,omitempty"`   // as E.164 where its country is known, else as it was written
	Zone    string `json:"zone,omitempty"`    // IANA, of the browser they chatted with last
	Company string `json:"company,omitempty"` // id
	// Visitor says that this is a browser that chats and nothing more: no list shows it until somebody makes it a contact.
	Visitor bool              `json:"visitor,omitempty"`
	Props   map[string]string `json:"props,omitempty"` // by id of the Property, as Property.Parse writes them
	Aliases []Alias           `json:"aliases,omitempty"`
	// MergedInto is the contact whose person this one is; such a contact is in no list.
	MergedInto string   `json:"mergedInto,omitempty"`
	Merged     []Merge  `json:"merged,omitempty"`   // who was merged into this one, oldest first
	Distinct   []string `json:"distinct,omitempty"` // contacts of whom somebody said that they are others
	// Lists are the static lists that somebody put the contact on, by id, sorted. One that is not there any more means nothing.
	Lists     []string  `json:"lists,omitempty"`
	CreatedAt time.Time `json:"createdAt"`
	ActiveAt  time.Time `json:"activeAt,omitzero"` // when they last wrote or were written to; to the day
	ErasedAt  time.Time `json:"erasedAt,omitzero"` // everything else is gone then
	Erasure   string    `json:"erasure,omitempty"` // id of what erases it
	Edition   int64     `json:"edition,omitempty"` // grows with every edit, not with activity
}

// How an alias came to be: what it is worth.
const (
	ByMail   = "mail"   // they wrote from it, or were written to
	ByAgent  = "agent"  // an agent entered it
	ByImport = "import" // it stood in a file
	BySigned = "signed" // the team's own website vouched for it
	ByToken  = "token"  // the browser that holds our token
)

// Kinds of aliases.
const (
	KindEmail    = "email"
	KindPhone    = "phone"
	KindVisitor  = "visitor"
	KindExternal = "external" // the id that the team's own systems know the person by
)

// Alias is a name by which a contact can be recognised; one alias leads to one contact.
type Alias struct {
	Kind  string `json:"kind"`
	Value string `json:"value"` // normalised
	How   string `json:"how,omitempty"`
	Of    string `json:"of,omitempty"` // the merged contact that it leads to; "" for this one
}

// Same reports whether two aliases are one name, however they came to be.
func (a Alias) Same(b Alias) bool { return a.Kind == b.Kind && a.Value == b.Value }

// EmailAlias returns the alias of an email address. Case is folded as a whole: no mail provider that people use tells
// Ann@x from ann@x (RFC 5321 §2.4 would allow it).
func EmailAlias(address string) Alias {
	return Alias{Kind: KindEmail, Value: strings.ToLower(strings.TrimSpace(address))}
}

// VisitorAlias returns the alias of a browser that chats, by the id in its signed token.
func VisitorAlias(visitor string) Alias {
	return Alias{Kind: KindVisitor, Value: visitor, How: ByToken}
}

// ExternalAlias returns the alias of an id in the team's own systems. It is compared letter by letter: nobody but they knows what it means.
func ExternalAlias(id string) Alias {
	return Alias{Kind: KindExternal, Value: strings.TrimSpace(id)}
}

// Knows reports whether the contact has the alias, its own or a merged contact's.
func (c Contact) Knows(a Alias) bool {
	return slices.ContainsFunc(c.Aliases, a.Same)
}

// External reports whether the team's own systems know the contact by an id.
func (c Contact) External() bool {
	return slices.ContainsFunc(c.Aliases, func(a Alias) bool { return a.Kind == KindExternal })
}

// With adds an alias that leads to the contact itself; one it has already stays as it is.
func (c Contact) With(a Alias) Contact {
	if a.Value == "" || c.Knows(a) {
		return c
	}
	c.Aliases = append(slices.Clone(c.Aliases), a)
	return c
}

// Addresses are the email addresses that lead to the contact.
func (c Contact) Addresses() []string {
	var out []string
	for _, a := range c.Aliases {
		if a.Kind == KindEmail {
			out = append(out, a.Value)
		}
	}
	return out
}

// Listed reports whether lists show the contact.
func (c Contact) Listed() bool { return !c.Visitor && c.MergedInto == "" && c.ErasedAt.IsZero() }

// Introduce takes the address and name somebody typed about themselves. Typing again replaces both; nothing typed changes nothing, and
// an address that is proved is not replaced by one that is typed.
func (c Contact) Introduce(address, name string) (Contact, bool) {
	changed := false
	address = EmailAlias(address).Value
	if address != "" && address != c.Address && (c.Address == "" || c.Claimed) {
		c.Address, c.Claimed, changed = address, true, true
	}
	if name = strings.TrimSpace(name); name != "" && name != c.Name && c.Visitor {
		c.Name, changed = name, true
	} else if name != "" && c.Name == "" {
		c.Name, changed = name, true
	}
	return c, changed
}

// In notes the time zone that their browser says it is in. It is where they are now, not what the team knows of them (PropTimezone).
func (c Contact) In(zone string) (Contact, bool) {
	if zone == "" || zone == c.Zone || !c.ErasedAt.IsZero() {
		return c, false
	}
	c.Zone = zone
	return c, true
}

// Vouch takes what the team's own website says of who is signed in there: names that lead to them from now on, and their address, which may lead
// to somebody else who shares it. What is known already stays.
func (c Contact) Vouch(names []Alias, address, name string) (Contact, bool) {
	before, changed := len(c.Aliases), c.Visitor
	c.Visitor = false
	for _, a := range names {
		c = c.With(a)
	}
	if address = EmailAlias(address).Value; address != "" && (c.Address == "" || c.Claimed) {
		c.Address, c.Claimed, changed = address, false, true
	}
	if name = strings.TrimSpace(name); name != "" && c.Name == "" {
		c.Name, changed = name, true
	}
	if changed = changed || len(c.Aliases) > before; changed {
		c.Edition++
	}
	return c, changed
}

// Told takes the telephone number that somebody typed about themselves. It becomes no name by which they are found: it is a claim.
func (c Contact) Told(phone string) (Contact, []ContactChange) {
	before := c.Phone
	if c.Phone = strings.Join(strings.Fields(phone), " "); c.Phone == before {
		return c, nil
	}
	c.Edition++
	return c, []ContactChange{{On: OnPhone, Before: before, After: c.Phone}}
}

// Fact is the contact as facts remember it.
func (c Contact) Fact() events.Contact {
	return events.Contact{ID: c.ID, Name: c.Name, Address: c.Address, Claimed: c.Claimed && c.Address != ""}
}

// Values are what rules may look at, by name: the properties, and name, address (email too), its domain, phone and company.
func (c Contact) Values() map[string]string {
	out := map[string]string{}
	for id, v := range c.Props {
		out[id] = v
	}
	_, domain, _ := strings.Cut(c.Address, "@")
	for name, v := range map[string]string{"name": c.Name, "address": c.Address, "email": c.Address, "domain": domain, "phone": c.Phone, "company": c.Company} {
		if v != "" {
			out[name] = v
		}
	}
	return out
}

// Learn takes a better name from a message: an unnamed contact gets one; a name that stands is never overwritten by mail.
func (c Contact) Learn(name string) (Contact, bool) {
	name = strings.TrimSpace(name)
	if c.Name != "" || name == "" {
		return c, false
	}
	c.Name = name
	return c, true
}

// Active notes that they wrote or were written to. Days count: a contact moves in its list once a day at most.
func (c Contact) Active(at time.Time) (Contact, bool) {
	day := at.UTC().Truncate(24 * time.Hour)
	if !c.Listed() || !day.After(c.ActiveAt) {
		return c, false
	}
	c.ActiveAt = day
	return c, true
}

// Company is where contacts work.
type Company struct {
	ID        string            `json:"id"`
	Name      string            `json:"name"`
	Domains   []string          `json:"domains,omitempty"` // mail of these is from its people
	Props     map[string]string `json:"props,omitempty"`
	CreatedAt time.Time         `json:"createdAt"`
	Edition   int64             `json:"edition,omitempty"`
}
