package people

import (
	"maps"
	"slices"
	"strings"

	"parley/shared/fault"
)

// Edit is what somebody changes of a contact: nil leaves a value, "" empties it.
type Edit struct {
	Name    *string           `json:"name,omitempty" maxLength:"200"`
	Address *string           `json:"address,omitempty" maxLength:"254" doc:"Main email address; a new one leads to the contact from now on. Written again it accepts a claim."`
	Phone   *string           `json:"phone,omitempty" maxLength:"60"`
	Company *string           `json:"company,omitempty" maxLength:"64" doc:"Id."`
	Props   map[string]string `json:"props,omitempty" doc:"Values by property; empty ones are emptied."`
}

// Rules are what a value is judged by.
type Rules struct {
	Defs   []Property
	IsUser func(id string) bool // nil: anybody is
	Home   string               // calling code for numbers without a country; "" for none
	How    string               // of new aliases
	// Normal returns an address in comparable form; an error for what is none.
	Normal func(address string) (string, error)
}

// Edit applies an edit and says what it changed. New addresses and numbers become aliases, if nobody else has them: that is the store's to find out.
func (c Contact) Edit(e Edit, r Rules) (Contact, []ContactChange, error) {
	var changes []ContactChange
	note := func(on, before, after string) {
		if before != after {
			changes = append(changes, ContactChange{On: on, Before: before, After: after})
		}
	}
	before := c
	if e.Name != nil {
		c.Name = strings.Join(strings.Fields(*e.Name), " ")
		note(OnName, before.Name, c.Name)
	}
	if e.Address != nil {
		address := strings.TrimSpace(*e.Address)
		if address != "" {
			var err error
			if address, err = r.Normal(address); err != nil {
				return before, nil, err
			}
			c = c.With(Alias{Kind: KindEmail, Value: address, How: r.How})
		}
		c.Address = address
		note(OnAddress, before.Address, address)
		if c.Claimed {
			c.Claimed = false
			note(OnClaimed, "yes", "no")
		}
	}
	if e.Phone != nil {
		c.Phone = strings.Join(strings.Fields(*e.Phone), " ")
		if a, ok := PhoneAlias(c.Phone, r.Home); ok {
			c.Phone, a.How = a.Value, r.How
			c = c.With(a)
		}
		note(OnPhone, before.Phone, c.Phone)
	}
	if e.Company != nil {
		c.Company = *e.Company
		note(OnCompany, before.Company, c.Company)
	}
	c.Props = maps.Clone(c.Props)
	for _, id := range slices.Sorted(maps.Keys(e.Props)) {
		p, ok := Find(r.Defs, OfContact, id)
		if !ok {
			return before, nil, fault.New(fault.Invalid, "props: there is no property %q.", id)
		}
		v, err := p.Parse(e.Props[id], r.IsUser)
		if err != nil {
			return before, nil, err
		}
		note(id, c.Props[id], v)
		if v == "" {
			delete(c.Props, id)
			continue
		}
		if c.Props == nil {
			c.Props = map[string]string{}
		}
		c.Props[id] = v
	}
	if len(c.Props) == 0 {
		c.Props = nil
	}
	if len(c.Aliases) > MaxAliases {
		return before, nil, fault.New(fault.Invalid, "A contact is known by at most %d names.", MaxAliases)
	}
	if len(changes) > 0 || c.Visitor {
		c.Edition++
	}
	return c, changes, nil
}

// CompanyEdit is what somebody changes of a company: nil leaves a value, "" empties it.
type CompanyEdit struct {
	Name    *string           `json:"name,omitempty" maxLength:"200"`
	Domains *[]string         `json:"domains,omitempty" maxItems:"20" doc:"Mail of these is from its people; no provider of free mail."`
	Props   map[string]string `json:"props,omitempty"`
}

// Edit applies an edit.
func (c Company) Edit(e CompanyEdit, r Rules) (Company, error) {
	if e.Name != nil {
		c.Name = strings.Join(strings.Fields(*e.Name), " ")
	}
	if e.Domains != nil {
		c.Domains = nil
		for _, d := range *e.Domains {
			d = strings.TrimPrefix(strings.TrimPrefix(strings.ToLower(strings.TrimSpace(d)), "@"), "www.")
			if CompanyDomain("x@"+d) == "" || strings.ContainsAny(d, "/ @") {
				return c, fault.New(fault.Invalid, "domains: %q tells no company, or gives addresses to everybody.", d)
			}
			if !slices.Contains(c.Domains, d) {
				c.Domains = append(c.Domains, d)
			}
		}
	}
	c.Props = maps.Clone(c.Props)
	for id, s := range e.Props {
		p, ok := Find(r.Defs, OfCompany, id)
		if !ok {
			return c, fault.New(fault.Invalid, "props: there is no property %q.", id)
		}
		v, err := p.Parse(s, r.IsUser)
		if err != nil {
			return c, err
		}
		if c.Props == nil {
			c.Props = map[string]string{}
		}
		if c.Props[id] = v; v == "" {
			delete(c.Props, id)
		}
	}
	if c.Name == "" {
		return c, fault.New(fault.Invalid, "name: a company needs one.")
	}
	c.Edition++
	return c, nil
}
