package agentapi

import (
	"context"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"parley/shared/clerk"
	"parley/shared/email"
	"parley/shared/fault"
	"parley/shared/limit"
	"parley/shared/people"
)

type contactRef struct {
	Contact string `path:"contact" maxLength:"64" doc:"Id; of a merged contact, the one it was merged into answers."`
}

type contactOut struct {
	ETag string `header:"ETag" doc:"The contact's edition, quoted: for If-Match. Activity does not change it."`
	Body contactView
}

// contactView is a contact with what a page shows beside it.
type contactView struct {
	Contact people.Contact  `json:"contact"`
	Company *people.Company `json:"company,omitempty"`
}

type newContactIn struct {
	Body people.Edit
}

type editContactIn struct {
	Contact string `path:"contact" maxLength:"64"`
	IfMatch string `header:"If-Match" doc:"An ETag of the contact: refused with 412 once somebody else has changed it."`
	Body    people.Edit
}

type aliasIn struct {
	Contact string `path:"contact" maxLength:"64"`
	Kind    string `path:"kind" enum:"email,phone,external"`
	Value   string `path:"value" maxLength:"254" doc:"As it is written; it is kept in comparable form."`
}

type mergeIn struct {
	Contact string `path:"contact" maxLength:"64"`
	Other   string `path:"other" maxLength:"64"`
}

type alikeOut struct {
	Body struct {
		Duplicates []alikeView `json:"duplicates" doc:"Contacts that may be the same person."`
	}
}

// alikeView is a contact that may be the same person, and why.
type alikeView struct {
	Contact people.Contact  `json:"contact"`
	Reasons []people.Reason `json:"reasons" doc:"The strongest first: address, phone, name, company."`
}

type unmergedOut struct {
	Body struct {
		Contact people.Contact `json:"contact" doc:"From which the other was taken."`
		Other   people.Contact `json:"other" doc:"Again a contact of its own."`
	}
}

func (d *door) registerContacts() {
	const one = "/api/contacts/{contact}"
	huma.Register(d.api, created(op("POST", "/api/contacts", "createContact", "Make a contact by hand")), d.newContact)
	huma.Register(d.api, op("GET", one, "getContact", "A contact and its company"), d.contact)
	huma.Register(d.api, op("PATCH", one, "editContact", "Change what is known of a contact; an address that is another contact's is refused (409)"), d.editContact)
	huma.Register(d.api, op("POST", one+"/keep", "keepContact", "Create a contact from a visitor: from now on lists show it"), d.keepContact)
	huma.Register(d.api, op("PUT", one+"/aliases/{kind}/{value}", "addAlias", "Another name that leads to the contact"), d.addAlias)
	huma.Register(d.api, op("DELETE", one+"/aliases/{kind}/{value}", "removeAlias", "A name that leads to the contact no longer"), d.removeAlias)
	huma.Register(d.api, op("GET", one+"/duplicates", "listDuplicates", "Who may be the same person, and why"), d.duplicates)
	huma.Register(d.api, op("PUT", one+"/distinct/{other}", "keepApart", "Two contacts are not the same person"), d.keepApart)
	huma.Register(d.api, op("PUT", one+"/merged/{other}", "mergeContacts", "Make other a part of the contact; it can be taken back"), d.merge)
	huma.Register(d.api, op("DELETE", one+"/merged/{other}", "unmergeContacts", "Take a merge back: both are what they were"), d.unmerge)
}

// rules are what a value of a contact's is judged by.
func (d *door) rules(ctx context.Context, how string) (people.Rules, error) {
	r, _, err := clerk.Rules(ctx, d.store, how)
	return r, err
}

func (d *door) contactOf(ctx context.Context, c people.Contact) (*contactOut, error) {
	out := &contactOut{ETag: etag(c.Edition), Body: contactView{Contact: c}}
	if c.Company == "" {
		return out, nil
	}
	co, err := d.store.Contacts.Company(ctx, c.Company)
	if fault.Is(err, fault.NotFound) {
		return out, nil
	}
	out.Body.Company = &co
	return out, err
}

func (d *door) contact(ctx context.Context, in *contactRef) (*contactOut, error) {
	c, err := d.store.Contacts.Get(ctx, in.Contact)
	if err != nil {
		return nil, err
	}
	if !c.ErasedAt.IsZero() {
		return nil, fault.New(fault.Gone, "This contact was erased on %s.", c.ErasedAt.Format("2006-01-02"))
	}
	return d.contactOf(ctx, c)
}

func (d *door) newContact(ctx context.Context, in *newContactIn) (*contactOut, error) {
	r, err := d.rules(ctx, people.ByAgent)
	if err != nil {
		return nil, err
	}
	c, _, err := people.Contact{}.Edit(in.Body, r)
	if err != nil {
		return nil, err
	}
	if c.Name == "" && c.Address == "" && c.Phone == "" {
		return nil, fault.New(fault.Invalid, "A contact needs a name, an address or a number.")
	}
	if err := d.outside(ctx, c.Address); err != nil {
		return nil, err
	}
	if c, err = d.store.Contacts.Create(ctx, agent(caller(ctx)), "hand", c); err != nil {
		return nil, err
	}
	return d.contactOf(ctx, c)
}

// outside is fault.Invalid for an address of our own.
func (d *door) outside(ctx context.Context, address string) error {
	if address == "" {
		return nil
	}
	return d.mustBeOutside(ctx, address)
}

func (d *door) editContact(ctx context.Context, in *editContactIn) (*contactOut, error) {
	return d.changeContact(ctx, in, func(c people.Contact, changes []people.ContactChange) (people.Contact, people.Line) {
		if len(changes) == 0 {
			return c, people.Line{}
		}
		return c, people.Line{Kind: people.LineChanged, Changes: changes}
	})
}

// keepContact makes a contact of a visitor.
func (d *door) keepContact(ctx context.Context, in *editContactIn) (*contactOut, error) {
	return d.changeContact(ctx, in, func(c people.Contact, changes []people.ContactChange) (people.Contact, people.Line) {
		if !c.Visitor {
			return c, people.Line{}
		}
		c.Visitor = false
		c, _ = c.Active(d.now())
		return c, people.Line{Kind: people.LineCreated, Rule: "visitor", Changes: changes}
	})
}

func (d *door) changeContact(ctx context.Context, in *editContactIn, then func(people.Contact, []people.ContactChange) (people.Contact, people.Line)) (*contactOut, error) {
	r, err := d.rules(ctx, people.ByAgent)
	if err != nil {
		return nil, err
	}
	if in.Body.Address != nil {
		if address, err := email.NormaliseAddress(*in.Body.Address); err == nil {
			if err := d.outside(ctx, address); err != nil {
				return nil, err
			}
		}
	}
	c, err := d.store.Contacts.Change(ctx, in.Contact, func(c people.Contact) (people.Contact, people.Line, error) {
		if !matches(in.IfMatch, c.Edition) {
			return c, people.Line{}, contactChanged()
		}
		after, changes, err := c.Edit(in.Body, r)
		if err != nil {
			return c, people.Line{}, err
		}
		after, line := then(after, changes)
		line.By = agent(caller(ctx))
		return after, line, nil
	})
	if err != nil {
		return nil, err
	}
	return d.contactOf(ctx, c)
}

func (d *door) addAlias(ctx context.Context, in *aliasIn) (*contactOut, error) {
	return d.alias(ctx, in, func(c people.Contact, a people.Alias) people.Contact {
		if c.Knows(a) {
			return c
		}
		c = c.With(a)
		if c.Address == "" && a.Kind == people.KindEmail {
			c.Address = a.Value
		}
		return c
	})
}

func (d *door) removeAlias(ctx context.Context, in *aliasIn) (*contactOut, error) {
	return d.alias(ctx, in, func(c people.Contact, a people.Alias) people.Contact {
		i := slices.IndexFunc(c.Aliases, func(b people.Alias) bool { return b.Same(a) && b.Of == "" })
		if i < 0 {
			return c
		}
		c.Aliases = slices.Delete(slices.Clone(c.Aliases), i, i+1)
		if rest := c.Addresses(); a.Kind == people.KindEmail && c.Address == a.Value {
			if c.Address = ""; len(rest) > 0 {
				c.Address = rest[0]
			}
		}
		if a.Kind == people.KindPhone && c.Phone == a.Value {
			c.Phone = ""
		}
		return c
	})
}

// alias changes the names of a contact.
func (d *door) alias(ctx context.Context, in *aliasIn, change func(people.Contact, people.Alias) people.Contact) (*contactOut, error) {
	a, err := d.named(ctx, in.Kind, in.Value)
	if err != nil {
		return nil, err
	}
	c, err := d.store.Contacts.Change(ctx, in.Contact, func(c people.Contact) (people.Contact, people.Line, error) {
		after := change(c, a)
		if len(after.Aliases) > people.MaxAliases {
			return c, people.Line{}, fault.New(fault.Invalid, "A contact is known by at most %d names.", people.MaxAliases)
		}
		if len(after.Aliases) == len(c.Aliases) {
			return c, people.Line{}, nil
		}
		after.Edition++
		line := people.Line{Kind: people.LineChanged, By: agent(caller(ctx)), Changes: []people.ContactChange{{On: a.Kind, After: a.Value}}}
		if len(after.Aliases) < len(c.Aliases) {
			line.Changes[0] = people.ContactChange{On: a.Kind, Before: a.Value}
		}
		return after, line, nil
	})
	if err != nil {
		return nil, err
	}
	return d.contactOf(ctx, c)
}

// named is an alias in comparable form.
func (d *door) named(ctx context.Context, kind, value string) (people.Alias, error) {
	a := people.ExternalAlias(value)
	switch kind {
	case people.KindEmail:
		address, err := email.NormaliseAddress(value)
		if err != nil {
			return a, err
		}
		if err := d.outside(ctx, address); err != nil {
			return a, err
		}
		a = people.EmailAlias(address)
	case people.KindPhone:
		home, err := d.store.Contacts.Home(ctx)
		if err != nil {
			return a, err
		}
		var ok bool
		if a, ok = people.PhoneAlias(value, home); !ok {
			return a, fault.New(fault.Invalid, "This is no number whose country is known. Write it as +386 1 555 0143.")
		}
	}
	a.How = people.ByAgent
	return a, nil
}

func (d *door) duplicates(ctx context.Context, in *contactRef) (*alikeOut, error) {
	found, err := d.store.Contacts.Duplicates(ctx, in.Contact)
	out := &alikeOut{}
	out.Body.Duplicates = []alikeView{}
	for _, a := range found[:min(len(found), limit.SuggestPage)] {
		out.Body.Duplicates = append(out.Body.Duplicates, alikeView(a))
	}
	return out, err
}

func (d *door) keepApart(ctx context.Context, in *mergeIn) (*struct{}, error) {
	_, err := d.store.Contacts.Apart(ctx, in.Contact, in.Other)
	return nil, err
}

func (d *door) merge(ctx context.Context, in *mergeIn) (*contactOut, error) {
	c, err := d.store.Contacts.Merge(ctx, agent(caller(ctx)), "hand", in.Contact, in.Other)
	if err != nil {
		return nil, err
	}
	return d.contactOf(ctx, c)
}

func (d *door) unmerge(ctx context.Context, in *mergeIn) (*unmergedOut, error) {
	from, alone, err := d.store.Contacts.Unmerge(ctx, agent(caller(ctx)), in.Contact, in.Other)
	out := &unmergedOut{}
	out.Body.Contact, out.Body.Other = from, alone
	return out, err
}
