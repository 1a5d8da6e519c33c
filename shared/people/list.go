package people

import (
	"math/big"
	"slices"
	"strings"
	"time"

	"parley/shared/fault"
)

// Op compares a property with a value.
type Op string

// The comparisons. Texts are compared without regard to case and accents.
const (
	Is       Op = "is"
	IsNot    Op = "isNot"
	Contains Op = "contains"
	Begins   Op = "begins"
	Set      Op = "set"
	Unset    Op = "unset"
	Before   Op = "before"  // a day; of numbers: less than
	After    Op = "after"   // a day; of numbers: more than
	Within   Op = "within"  // of the last so many days
	NotSince Op = "earlier" // longer ago than so many days, or never
)

// Ops lists the comparisons.
func Ops() []Op {
	return []Op{Is, IsNot, Contains, Begins, Set, Unset, Before, After, Within, NotSince}
}

// What besides properties a condition can be about.
const (
	OnName    = "name"
	OnAddress = "address" // any address that leads to the contact
	OnDomain  = "domain"  // of such an address
	OnPhone   = "phone"
	OnCompany = "company" // by id
	OnCreated = "created"
	OnActive  = "active"
	OnClaimed = "claimed" // "yes": the address is only a claim
	OnList    = "list"    // a static list, by id
)

// Me as the value of an owner is whoever looks at the list.
const Me = "me"

// Condition is one thing that must be so of every contact of a list.
type Condition struct {
	On    string `json:"on" maxLength:"64" doc:"Id of a property, or name, address, domain, phone, company, created, active, claimed, list."`
	Op    Op     `json:"op" enum:"is,isNot,contains,begins,set,unset,before,after,within,earlier"`
	Value string `json:"value,omitempty" maxLength:"200" doc:"Nothing for set and unset; days for within and earlier; me for whoever looks, of an owner."`
}

// Sort is the order of a list.
type Sort string

// The orders.
const (
	ByName     Sort = "name"
	ByActivity Sort = "activity" // newest first, to the day
)

// ListKind says how contacts come into a list.
type ListKind string

// The kinds of list. A list stays of the kind it was made.
const (
	ByConditions ListKind = ""
	Static       ListKind = "static" // by being put on it, one by one
)

// List is a saved list: the contacts for whom all conditions hold, or of a static one those who were put on it.
type List struct {
	ID         string      `json:"id"`
	Name       string      `json:"name"`
	Kind       ListKind    `json:"kind,omitempty" enum:",static" doc:"static: whoever was put on it, and no conditions. It stays."`
	Conditions []Condition `json:"conditions"`
	Sort       Sort        `json:"sort"`
	By         string      `json:"by"` // user
	At         time.Time   `json:"at"`
	Revision   int64       `json:"revision"`
}

// Bounds of lists.
const (
	MaxConditions  = 10
	MaxLists       = 100 // of a workspace
	MaxMemberships = 50  // static lists of a contact: each is a row beside it
)

// Check says what is wrong with a condition.
func (c Condition) Check(defs []Property) error {
	kind := Text
	switch c.On {
	case OnName, OnAddress, OnDomain, OnPhone:
	case OnCompany, OnClaimed:
		kind = Choice
	case OnList:
		if kind = Choice; c.Op != Is && c.Op != IsNot { // being on some list says nothing once that is gone
			return fault.New(fault.Invalid, "op: %s cannot be compared with %q.", c.On, c.Op)
		}
	case OnCreated, OnActive:
		kind = Date
	default:
		p, ok := Find(defs, OfContact, c.On)
		if !ok {
			return fault.New(fault.Invalid, "on: there is no property %q.", c.On)
		}
		kind = p.Kind
	}
	may := map[Kind][]Op{
		Text: {Is, IsNot, Contains, Begins, Set, Unset}, Number: {Is, IsNot, Before, After, Set, Unset}, Date: {Is, Before, After, Within, NotSince, Set, Unset},
		Choice: {Is, IsNot, Set, Unset}, Owner: {Is, IsNot, Set, Unset}, Lifecycle: {Is, IsNot, Set, Unset},
	}[kind]
	if !slices.Contains(may, c.Op) {
		return fault.New(fault.Invalid, "op: %s cannot be compared with %q.", c.On, c.Op)
	}
	switch {
	case c.Op == Set || c.Op == Unset:
		return nil
	case strings.TrimSpace(c.Value) == "":
		return fault.New(fault.Invalid, "value: %s %s what?", c.On, c.Op)
	case c.Op == Within || c.Op == NotSince:
		if d, ok := days(c.Value); !ok || d > 36500 {
			return fault.New(fault.Invalid, "value: a number of days.")
		}
	case kind == Date:
		if _, err := time.Parse("2006-01-02", c.Value); err != nil {
			return fault.New(fault.Invalid, "value: a day as 2026-11-26.")
		}
	case kind == Number && !number.MatchString(c.Value):
		return fault.New(fault.Invalid, "value: a number.")
	}
	return nil
}

// Check says what is wrong with a list; lists are those that its conditions may name.
func (l List) Check(defs []Property, lists []List) error {
	n := len([]rune(strings.TrimSpace(l.Name)))
	switch {
	case n == 0 || n > maxName:
		return fault.New(fault.Invalid, "name: a list needs a name of at most %d characters.", maxName)
	case l.Kind != ByConditions && l.Kind != Static:
		return fault.New(fault.Invalid, "kind: there is no kind %q.", l.Kind)
	case l.Kind == Static && len(l.Conditions) > 0:
		return fault.New(fault.Invalid, "conditions: a static list has none.")
	}
	for _, c := range l.Conditions {
		if c.On == OnList && !isStatic(lists, c.Value) {
			return fault.New(fault.Invalid, "value: there is no such list, or nobody can be put on it.")
		}
	}
	return CheckAll(l.Conditions, defs)
}

// CheckAll says what is wrong with conditions.
func CheckAll(conds []Condition, defs []Property) error {
	if len(conds) > MaxConditions {
		return fault.New(fault.Invalid, "conditions: at most %d.", MaxConditions)
	}
	for _, c := range conds {
		if err := c.Check(defs); err != nil {
			return err
		}
	}
	return nil
}

func days(s string) (int, bool) {
	n := 0
	for _, r := range s {
		if r < '0' || r > '9' || n > 1e6 {
			return 0, false
		}
		n = n*10 + int(r-'0')
	}
	return n, s != ""
}

// Asked is who looks at a list, and when.
type Asked struct {
	Now   time.Time
	User  string
	Defs  []Property
	Lists []List // that there are: being on another means nothing
}

// Bind puts the user in the place of Me.
func (a Asked) Bind(conds []Condition) []Condition {
	out := slices.Clone(conds)
	for i, c := range out {
		if p, ok := Find(a.Defs, OfContact, c.On); ok && p.Kind == Owner && c.Value == Me {
			out[i].Value = a.User
		}
	}
	return out
}

// Holds reports whether all conditions, bound, hold for a contact.
func (a Asked) Holds(c Contact, conds []Condition) bool {
	for _, cond := range conds {
		if !a.holds(c, cond) {
			return false
		}
	}
	return true
}

func (a Asked) holds(c Contact, cond Condition) bool {
	var values []string
	kind := Text
	switch cond.On {
	case OnName:
		values = []string{c.Name}
	case OnAddress:
		values = c.Addresses()
		if c.Claimed {
			values = append(values, c.Address)
		}
	case OnDomain:
		for _, x := range c.Addresses() {
			_, d, _ := strings.Cut(x, "@")
			values = append(values, d)
		}
	case OnPhone:
		values = []string{c.Phone}
	case OnCompany:
		kind, values = Choice, []string{c.Company}
	case OnList:
		kind, values = Choice, slices.Clone(c.Lists)
		if !isStatic(a.Lists, cond.Value) {
			values = nil
		}
	case OnClaimed:
		kind, values = Choice, []string{"no"}
		if c.Claimed {
			values[0] = "yes"
		}
	case OnCreated:
		kind, values = Date, []string{dayOf(c.CreatedAt)}
	case OnActive:
		kind, values = Date, []string{dayOf(c.ActiveAt)}
	default:
		p, ok := Find(a.Defs, OfContact, cond.On)
		if !ok { // deleted since the list was saved: nothing is known
			return cond.Op == Unset || cond.Op == IsNot
		}
		kind, values = p.Kind, []string{c.Props[cond.On]}
	}
	values = slices.DeleteFunc(values, func(v string) bool { return v == "" })
	any := func(f func(string) bool) bool { return slices.ContainsFunc(values, f) }
	switch cond.Op {
	case Set:
		return len(values) > 0
	case Unset:
		return len(values) == 0
	case Within, NotSince:
		n, _ := days(cond.Value)
		since := dayOf(a.Now.AddDate(0, 0, -n))
		recent := any(func(v string) bool { return v >= since })
		return recent == (cond.Op == Within)
	}
	return any(func(v string) bool { return compare(kind, v, cond) }) != (cond.Op == IsNot)
}

// compare is one value with the condition's; IsNot is compared as Is.
func compare(kind Kind, v string, cond Condition) bool {
	switch kind {
	case Number:
		x, ok := new(big.Rat).SetString(v)
		y, fine := new(big.Rat).SetString(strings.Replace(cond.Value, ",", ".", 1))
		if !ok || !fine {
			return false
		}
		n := x.Cmp(y)
		return cond.Op == Before && n < 0 || cond.Op == After && n > 0 || (cond.Op == Is || cond.Op == IsNot) && n == 0
	case Date:
		return cond.Op == Before && v < cond.Value || cond.Op == After && v > cond.Value || (cond.Op == Is || cond.Op == IsNot) && v == cond.Value
	case Choice, Owner, Lifecycle:
		return v == cond.Value
	}
	v, w := Plain(v), Plain(cond.Value)
	switch cond.Op {
	case Contains:
		return strings.Contains(v, w)
	case Begins:
		return strings.HasPrefix(v, w)
	}
	return v == w
}

func dayOf(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format("2006-01-02")
}

// Source says where a list is read: the one range of the store that holds all its contacts, in its order. What it holds besides is filtered out.
type Source struct {
	Facet    string // "property=value": the contacts with this value, by name; "list=id": those on this list
	Company  string // id: its contacts, by activity
	Sort     Sort
	From, To string // bounds of the names, or of the days; "" leaves that side open
}

// Source chooses it: by name, a static list or the property with few values narrows best, then how the name begins; by activity, the days. Conditions must be
// bound. An empty order is the one in which the conditions narrow best.
func (a Asked) Source(conds []Condition, sort Sort) Source {
	facet, company, list := "", "", ""
	for _, c := range conds {
		if c.Op != Is {
			continue
		}
		if c.On == OnCompany {
			company = c.Value
		} else if c.On == OnList && list == "" {
			list = listFacet(c.Value)
		} else if p, ok := Find(a.Defs, OfContact, c.On); ok && p.Kind.Faceted() && facet == "" {
			facet = c.On + "=" + c.Value
		}
	}
	if list != "" { // put together by hand: mostly fewer than have a value
		facet = list
	}
	if sort == "" {
		sort = ByActivity
		if facet != "" && company == "" {
			sort = ByName
		}
	}
	s := Source{Sort: sort}
	for _, c := range conds {
		switch {
		case sort == ByName && c.On == OnName && (c.Op == Begins || c.Op == Is):
			s.From = clip(Plain(c.Value))
			s.To = s.From
		case sort == ByActivity && c.On == OnActive:
			n, _ := days(c.Value)
			switch c.Op {
			case Within:
				s.From = max(s.From, dayOf(a.Now.AddDate(0, 0, -n)))
			case After:
				s.From = max(s.From, c.Value)
			case Is:
				s.From, s.To = c.Value, c.Value
			}
		}
	}
	if sort == ByName {
		s.Facet = facet
	} else {
		s.Company = company
	}
	return s
}

// Facets are the values by which a contact is found without a filter, as Source names them.
func (c Contact) Facets(defs []Property) []string {
	var out []string
	for _, p := range defs {
		if v := c.Props[p.ID]; p.Of == OfContact && p.Kind.Faceted() && v != "" {
			out = append(out, p.ID+"="+v)
		}
	}
	for _, id := range c.Lists {
		out = append(out, listFacet(id))
	}
	return out
}
