package people

import (
	"math/big"
	"regexp"
	"slices"
	"strings"
	"time"

	"parley/shared/fault"
)

// Kind says what values a property has.
type Kind string

// The kinds.
const (
	Text      Kind = "text"
	Number    Kind = "number"
	Date      Kind = "date"
	Choice    Kind = "choice"    // one of its options
	Owner     Kind = "owner"     // a user of the workspace, by id
	Lifecycle Kind = "lifecycle" // one of its options, which are stages in order
)

// What a property is of.
const (
	OfContact = "contact"
	OfCompany = "company"
)

// Property is one thing that can be known of contacts or companies. Its kind never changes.
type Property struct {
	ID       string   `json:"id" doc:"Also the key in props."`
	Of       string   `json:"of" enum:"contact,company"`
	Name     string   `json:"name" doc:"What the team calls it."`
	Kind     Kind     `json:"kind" enum:"text,number,date,choice,owner,lifecycle"`
	Options  []string `json:"options,omitempty" doc:"Of a choice, or the stages of a lifecycle in order."`
	Standard bool     `json:"standard,omitempty" doc:"It is there from the start: it can be renamed and hidden, its values are known to Parley."`
	Hidden   bool     `json:"hidden,omitempty" doc:"Pages do not show it; its values stay."`
	Order    int      `json:"order"`
	Revision int64    `json:"revision,omitempty" doc:"0 for a standard one that nobody has changed."`
}

// Ids of standard properties that rules know by name.
const (
	PropOwner     = "owner"
	PropLifecycle = "lifecycle"
	PropLanguage  = "language"
	PropTimezone  = "timezone"
)

// Standard are the properties every workspace begins with.
func Standard() []Property {
	return []Property{
		{ID: "title", Of: OfContact, Name: "Job title", Kind: Text, Standard: true, Order: 1},
		{ID: PropLanguage, Of: OfContact, Name: "Language", Kind: Text, Standard: true, Order: 2},
		{ID: PropOwner, Of: OfContact, Name: "Owner", Kind: Owner, Standard: true, Order: 3},
		{ID: PropLifecycle, Of: OfContact, Name: "Lifecycle", Kind: Lifecycle, Standard: true, Order: 4, Options: []string{"Subscriber", "Lead", "Qualified", "Customer", "Former customer"}},
		{ID: PropTimezone, Of: OfContact, Name: "Time zone", Kind: Text, Standard: true, Order: 5},
		{ID: "location", Of: OfContact, Name: "Place", Kind: Text, Standard: true, Order: 6},
		{ID: "companyOwner", Of: OfCompany, Name: "Owner", Kind: Owner, Standard: true, Order: 1},
		{ID: "website", Of: OfCompany, Name: "Website", Kind: Text, Standard: true, Order: 2},
		{ID: "industry", Of: OfCompany, Name: "Industry", Kind: Text, Standard: true, Order: 3},
	}
}

// Bounds of properties.
const (
	MaxProperties = 100 // of a workspace
	MaxOptions    = 100
	MaxFaceted    = 20   // choices, owners and lifecycles of contacts: each value is a row beside a contact
	maxName       = 80   // runes
	maxText       = 2000 // runes of a text value
)

var number = regexp.MustCompile(`^[+-]?\d{1,18}([.,]\d{1,9})?$`)

// Check says what is wrong with a definition.
func (p Property) Check() error {
	switch {
	case p.Of != OfContact && p.Of != OfCompany:
		return fault.New(fault.Invalid, "of: a property is of contacts or of companies, not of %q.", p.Of)
	case strings.TrimSpace(p.Name) == "" || len([]rune(p.Name)) > maxName:
		return fault.New(fault.Invalid, "name: a property needs a name of at most %d characters.", maxName)
	}
	switch p.Kind {
	case Text, Number, Date, Owner:
		if len(p.Options) > 0 {
			return fault.New(fault.Invalid, "options: a %s has none.", p.Kind)
		}
	case Choice, Lifecycle:
		if len(p.Options) == 0 || len(p.Options) > MaxOptions {
			return fault.New(fault.Invalid, "options: a %s needs 1 to %d of them.", p.Kind, MaxOptions)
		}
		for i, o := range p.Options {
			if strings.TrimSpace(o) == "" || len([]rune(o)) > maxName {
				return fault.New(fault.Invalid, "options: each has 1 to %d characters.", maxName)
			}
			if slices.ContainsFunc(p.Options[:i], func(x string) bool { return strings.EqualFold(x, o) }) {
				return fault.New(fault.Invalid, "options: %q stands there twice.", o)
			}
		}
	default:
		return fault.New(fault.Invalid, "kind: there is no kind %q.", p.Kind)
	}
	return nil
}

// Parse turns what somebody entered into the one way in which the value is kept; "" empties the property. isUser tells who exists.
// Numbers are decimal with a point, dates are days as 2006-01-02, options are written as they are defined.
func (p Property) Parse(s string, isUser func(id string) bool) (string, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return "", nil
	}
	switch p.Kind {
	case Number:
		if !number.MatchString(s) {
			return "", fault.New(fault.Invalid, "%s: this is not a number.", p.Name)
		}
		return canonical(strings.Replace(s, ",", ".", 1)), nil
	case Date:
		for _, layout := range []string{"2006-01-02", "2.1.2006", time.RFC3339, "2006-01-02 15:04:05"} {
			if at, err := time.Parse(layout, s); err == nil {
				return at.Format("2006-01-02"), nil
			}
		}
		return "", fault.New(fault.Invalid, "%s: this is not a date. Write it as 2026-11-26.", p.Name)
	case Choice, Lifecycle:
		for _, o := range p.Options {
			if strings.EqualFold(o, s) {
				return o, nil
			}
		}
		return "", fault.New(fault.Invalid, "%s: this is none of %s.", p.Name, strings.Join(p.Options, ", "))
	case Owner:
		if isUser != nil && !isUser(s) {
			return "", fault.New(fault.Invalid, "%s: there is no such user.", p.Name)
		}
		return s, nil
	}
	if len([]rune(s)) > maxText {
		return "", fault.New(fault.Invalid, "%s: at most %d characters.", p.Name, maxText)
	}
	return s, nil
}

// canonical writes a decimal number in one way: 007.50 is 7.5.
func canonical(s string) string {
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		return s
	}
	out := r.FloatString(9)
	out = strings.TrimRight(strings.TrimRight(out, "0"), ".")
	if out == "-0" {
		return "0"
	}
	return out
}

// Faceted reports whether contacts can be found by the property's exact value at the cost of the page: lists by it need no filter.
func (k Kind) Faceted() bool { return k == Choice || k == Owner || k == Lifecycle }

// Find returns the definition of that id.
func Find(defs []Property, of, id string) (Property, bool) {
	i := slices.IndexFunc(defs, func(p Property) bool { return p.ID == id && p.Of == of })
	if i < 0 {
		return Property{}, false
	}
	return defs[i], true
}
