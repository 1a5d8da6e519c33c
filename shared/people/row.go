package people

import (
	"slices"
	"strings"
	"time"

	"parley/events"
	"parley/shared/fault"
)

// What a column of an import can be, besides the id of a property.
const (
	ColFirstName = "firstName"
	ColLastName  = "lastName"
	ColExternal  = "external"
	ColCompany   = "company" // its name or its domain
)

// Import is a file of contacts on its way in, in it, or out of it again.
type Import struct {
	ID      string       `json:"id"`
	Name    string       `json:"name"` // of the file
	State   ImportState  `json:"state"`
	By      events.Actor `json:"by"`
	At      time.Time    `json:"at"`
	EndedAt time.Time    `json:"endedAt,omitzero"`
	// Mapping says what each column is: name, firstName, lastName, address, phone, external, company, the id of a property, or "" for nothing.
	Mapping []string `json:"mapping"`
	// Fill keeps what is known already: only what a contact lacks is taken from the file.
	Fill    bool `json:"fill,omitempty"`
	Rows    int  `json:"rows"`
	Next    int  `json:"next"` // how many rows have been seen to
	Created int  `json:"created"`
	Changed int  `json:"changed"`
	Same    int  `json:"same"` // the contact said all that the row says
	Bad     int  `json:"bad"`
	Undone  int  `json:"undone,omitempty"` // of those that were created or changed
	Kept    int  `json:"kept,omitempty"`   // that somebody has changed or talked to since: undoing leaves them
	// Reason says why it failed.
	Reason string `json:"reason,omitempty"`
}

// ImportState is where an import is.
type ImportState string

// The states. One that is running or being undone is gone on with until it ends, whatever breaks.
const (
	ImportRunning ImportState = "running"
	ImportDone    ImportState = "done"
	ImportUndoing ImportState = "undoing"
	ImportUndone  ImportState = "undone"
	ImportFailed  ImportState = "failed" // nothing was taken in
)

// Open reports whether there is something left to do.
func (s ImportState) Open() bool { return s == ImportRunning || s == ImportUndoing }

// BadRow says what is wrong with a row. It names no value: what was in the file is kept nowhere.
type BadRow struct {
	Row    int    `json:"row"` // from 1, the header not counted
	Column string `json:"column,omitempty"`
	Reason string `json:"reason"`
}

// GuessMapping says what columns are, by their headers; "" where nothing fits.
func GuessMapping(header []string, defs []Property) []string {
	known := map[string]string{
		"name": OnName, "full name": OnName, "vollstandiger name": OnName, "contact": OnName, "first name": ColFirstName, "firstname": ColFirstName, "given name": ColFirstName, "vorname": ColFirstName,
		"last name": ColLastName, "lastname": ColLastName, "surname": ColLastName, "family name": ColLastName, "nachname": ColLastName,
		"email": OnAddress, "e mail": OnAddress, "mail": OnAddress, "email address": OnAddress, "e mail address": OnAddress, "e mail adresse": OnAddress, "address": OnAddress,
		"phone": OnPhone, "phone number": OnPhone, "telephone": OnPhone, "mobile": OnPhone, "telefon": OnPhone, "telefonnummer": OnPhone, "handy": OnPhone,
		"company": ColCompany, "company name": ColCompany, "organization": ColCompany, "organisation": ColCompany, "firma": ColCompany, "unternehmen": ColCompany,
		"id": ColExternal, "external id": ColExternal, "external": ColExternal, "customer id": ColExternal, "customer number": ColExternal, "kundennummer": ColExternal, "record id": ColExternal,
	}
	out := make([]string, len(header))
	for i, h := range header {
		to := known[Plain(h)]
		for _, p := range defs {
			if p.Of == OfContact && (Plain(p.Name) == Plain(h) || p.ID == h) {
				to = p.ID
			}
		}
		if to != "" && !slices.Contains(out, to) {
			out[i] = to
		}
	}
	return out
}

// CheckMapping says what is wrong with a mapping of that many columns.
func CheckMapping(mapping []string, columns int, defs []Property) error {
	if len(mapping) != columns {
		return fault.New(fault.Invalid, "mapping: the file has %d columns.", columns)
	}
	for i, to := range mapping {
		if to == "" {
			continue
		}
		_, isProperty := Find(defs, OfContact, to)
		if !isProperty && !slices.Contains([]string{OnName, ColFirstName, ColLastName, OnAddress, OnPhone, ColExternal, ColCompany}, to) {
			return fault.New(fault.Invalid, "mapping: there is no property %q.", to)
		}
		if slices.Contains(mapping[:i], to) {
			return fault.New(fault.Invalid, "mapping: %q stands there twice.", to)
		}
	}
	for _, to := range []string{OnName, ColFirstName, ColLastName, OnAddress, OnPhone, ColExternal} {
		if slices.Contains(mapping, to) {
			return nil
		}
	}
	return fault.New(fault.Invalid, "mapping: one column must say who it is: a name, an address, a number or an id.")
}

// Draft is what a row says of somebody.
type Draft struct {
	Name, Address, Phone string
	External, Company    string
	Props                map[string]string
}

// Names are the aliases the row's person is looked for by. A number, which colleagues may share, counts only where nothing better stands.
func (d Draft) Names(home string) []Alias {
	var out []Alias
	if d.External != "" {
		out = append(out, Alias{Kind: KindExternal, Value: d.External, How: ByImport})
	}
	if d.Address != "" {
		out = append(out, Alias{Kind: KindEmail, Value: d.Address, How: ByImport})
	}
	if a, ok := PhoneAlias(d.Phone, home); ok && len(out) == 0 {
		a.How = ByImport
		out = append(out, a)
	}
	return out
}

// Key tells the people of a file apart: two rows of one key are one person's.
func (d Draft) Key() string {
	switch {
	case d.External != "":
		return "x" + d.External
	case d.Address != "":
		return "a" + d.Address
	}
	return "n" + Plain(d.Name) + "#" + d.Phone
}

// ReadRow reads a row as its mapping says. UserOf turns what may name a user into their id.
func ReadRow(header, mapping, row []string, r Rules, userOf func(string) string) (Draft, *BadRow) {
	d := Draft{}
	bad := func(i int, err error) (Draft, *BadRow) {
		return d, &BadRow{Column: header[i], Reason: fault.MessageOf(err)}
	}
	if len(row) > len(header) {
		return d, &BadRow{Reason: "The row has more cells than the header."}
	}
	first, last := "", ""
	for i, cell := range row {
		v := cellText(cell)
		if mapping[i] == "" || v == "" {
			continue
		}
		if !validText(v) {
			return bad(i, fault.New(fault.Invalid, "There are characters that are no text."))
		}
		switch to := mapping[i]; to {
		case OnName, ColFirstName, ColLastName:
			v = strings.Join(strings.Fields(v), " ")
			if len([]rune(v)) > 200 {
				return bad(i, fault.New(fault.Invalid, "A name has at most 200 characters."))
			}
			switch to {
			case OnName:
				d.Name = v
			case ColFirstName:
				first = v
			case ColLastName:
				last = v
			}
		case OnAddress:
			address, err := r.Normal(v)
			if err != nil {
				return bad(i, fault.New(fault.Invalid, "This is no email address."))
			}
			d.Address = address
		case OnPhone:
			if len([]rune(v)) > 60 || strings.Trim(v, "+0123456789 -./()#,;xtelXTEL\u00a0") != "" || len(strings.Trim(v, "+ -./()")) < 3 {
				return bad(i, fault.New(fault.Invalid, "This is no telephone number."))
			}
			d.Phone = strings.Join(strings.Fields(v), " ")
		case ColExternal:
			if len(v) > 200 {
				return bad(i, fault.New(fault.Invalid, "An id has at most 200 characters."))
			}
			d.External = v
		case ColCompany:
			v = strings.Join(strings.Fields(v), " ")
			if len([]rune(v)) > 200 {
				return bad(i, fault.New(fault.Invalid, "A name has at most 200 characters."))
			}
			d.Company = v
		default:
			p, _ := Find(r.Defs, OfContact, to)
			if p.Kind == Owner && userOf != nil {
				v = userOf(v)
			}
			value, err := p.Parse(v, r.IsUser)
			if err != nil {
				return bad(i, err)
			}
			if d.Props == nil {
				d.Props = map[string]string{}
			}
			d.Props[p.ID] = value
		}
	}
	if d.Name == "" {
		d.Name = strings.TrimSpace(first + " " + last)
	}
	if d.Name == "" && d.Address == "" && d.Phone == "" && d.External == "" {
		return d, &BadRow{Reason: "The row does not say who it is."}
	}
	return d, nil
}

func validText(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' && r != '\n' && r != '\r' && r != '\t' || r == '\ufffd' })
}

// Take puts what a row says into a contact: with fill, only what it lacks. company is the id of the row's company; "" for none. An address or a
// number that leads to the contact already is no news, even if another is the main one.
func (c Contact) Take(d Draft, company string, fill bool, r Rules) (Contact, []ContactChange, error) {
	before := c
	e := Edit{Props: map[string]string{}}
	set := func(to **string, has, v string) {
		if v != "" && v != has && (has == "" || !fill) {
			*to = &v
		}
	}
	set(&e.Name, c.Name, d.Name)
	set(&e.Company, c.Company, company)
	if d.Address != "" && (c.Claimed || !c.Knows(EmailAlias(d.Address))) {
		if c.Address == "" || c.Claimed {
			e.Address = &d.Address
		} else {
			c = c.With(Alias{Kind: KindEmail, Value: d.Address, How: r.How})
		}
	}
	phone := d.Phone
	if a, ok := PhoneAlias(d.Phone, r.Home); ok {
		phone = a.Value
	}
	set(&e.Phone, c.Phone, phone)
	for id, v := range d.Props {
		if v != c.Props[id] && (c.Props[id] == "" || !fill) {
			e.Props[id] = v
		}
	}
	if d.External != "" {
		c = c.With(Alias{Kind: KindExternal, Value: d.External, How: r.How})
	}
	after, changes, err := c.Edit(e, r)
	if err != nil {
		return before, nil, err
	}
	for _, a := range after.Aliases { // those that no main address or number tells
		if !before.Knows(a) && a.Value != after.Address && a.Value != after.Phone {
			if len(changes) == 0 {
				after.Edition++
			}
			changes = append(changes, ContactChange{On: a.Kind, After: a.Value})
		}
	}
	return after, changes, nil
}

// drop takes a name away that an import brought.
func (c *Contact) drop(kind, value string) bool {
	n := len(c.Aliases)
	c.Aliases = slices.DeleteFunc(slices.Clone(c.Aliases), func(a Alias) bool {
		return a.Kind == kind && a.Value == value && a.How == ByImport && a.Of == ""
	})
	return len(c.Aliases) < n
}

// Undo takes back what an import changed, where it still stands.
func (c Contact) Undo(changes []ContactChange) (Contact, []ContactChange) {
	c.Props = cloneProps(c.Props)
	var did []ContactChange
	for _, ch := range changes {
		var has *string
		switch ch.On {
		case OnName:
			has = &c.Name
		case OnAddress:
			has = &c.Address
			c.drop(KindEmail, ch.After)
		case OnPhone:
			has = &c.Phone
			c.drop(KindPhone, ch.After)
		case KindEmail, KindExternal:
			if c.drop(ch.On, ch.After) {
				did = append(did, ContactChange{On: ch.On, Before: ch.After})
			}
			continue
		case OnCompany:
			has = &c.Company
		default:
			if c.Props[ch.On] == ch.After && ch.After != "" {
				if c.Props[ch.On] = ch.Before; ch.Before == "" {
					delete(c.Props, ch.On)
				}
				did = append(did, ContactChange{On: ch.On, Before: ch.After, After: ch.Before})
			}
			continue
		}
		if *has == ch.After {
			*has = ch.Before
			did = append(did, ContactChange{On: ch.On, Before: ch.After, After: ch.Before})
		}
	}
	if len(c.Props) == 0 {
		c.Props = nil
	}
	if len(did) > 0 {
		c.Edition++
	}
	return c, did
}

func cloneProps(m map[string]string) map[string]string {
	out := make(map[string]string, len(m))
	for k, v := range m {
		out[k] = v
	}
	return out
}
