package agentapi

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/people"
)

type companiesIn struct {
	Cursor string `query:"cursor" maxLength:"2048" doc:"next of the page before."`
}

type companiesOut struct {
	Body struct {
		Companies []people.Company `json:"companies" doc:"By name."`
		Next      string           `json:"next" doc:"Empty at the end."`
	}
}

type companyRef struct {
	Company string `path:"company" maxLength:"64"`
}

type newCompanyIn struct {
	Body people.CompanyEdit
}

type editCompanyIn struct {
	Company string `path:"company" maxLength:"64"`
	IfMatch string `header:"If-Match" doc:"An ETag of the company: refused with 412 once somebody else has changed it."`
	Body    people.CompanyEdit
}

type companyOut struct {
	ETag string `header:"ETag" doc:"The company's edition, quoted: for If-Match."`
	Body companyView
}

// companyView is a company and how many of its people are known.
type companyView struct {
	Company people.Company `json:"company"`
	People  count          `json:"people"`
}

type colleaguesIn struct {
	Company string `path:"company" maxLength:"64"`
	Except  string `query:"except" maxLength:"64" doc:"A contact whose conversations are not wanted."`
}

type colleaguesOut struct {
	Body struct {
		Threads []colleagueThread `json:"threads" doc:"Of the twenty people of the company who were active last; the last active conversation first."`
	}
}

// colleagueThread is a conversation of somebody of the company.
type colleagueThread struct {
	Contact people.Contact `json:"contact"`
	Thread  inbox.Summary  `json:"thread"`
}

func (d *door) registerCompanies() {
	const one = "/api/companies/{company}"
	huma.Register(d.api, op("GET", "/api/companies", "listCompanies", "A page of all companies; their people are a search by company"), d.companies)
	huma.Register(d.api, created(op("POST", "/api/companies", "createCompany", "Make a company by hand")), d.newCompany)
	huma.Register(d.api, op("GET", one, "getCompany", "A company"), d.company)
	huma.Register(d.api, op("PATCH", one, "editCompany", "Change what is known of a company"), d.editCompany)
	huma.Register(d.api, op("GET", one+"/threads", "listCompanyThreads", "Conversations of a company's people"), d.colleagues)
}

func (d *door) companies(ctx context.Context, in *companiesIn) (*companiesOut, error) {
	page, next, err := d.store.Contacts.Companies(ctx, in.Cursor, limit.ContactPage)
	out := &companiesOut{}
	out.Body.Companies, out.Body.Next = orEmpty(page), next
	return out, err
}

func (d *door) companyOf(ctx context.Context, c people.Company) (*companyOut, error) {
	n, more, err := d.store.Contacts.Members(ctx, c.ID)
	return &companyOut{ETag: etag(c.Edition), Body: companyView{Company: c, People: count{n, more}}}, err
}

func (d *door) company(ctx context.Context, in *companyRef) (*companyOut, error) {
	c, err := d.store.Contacts.Company(ctx, in.Company)
	if err != nil {
		return nil, err
	}
	return d.companyOf(ctx, c)
}

func (d *door) newCompany(ctx context.Context, in *newCompanyIn) (*companyOut, error) {
	r, err := d.rules(ctx, people.ByAgent)
	if err != nil {
		return nil, err
	}
	c, err := people.Company{}.Edit(in.Body, r)
	if err != nil {
		return nil, err
	}
	if c, err = d.store.Contacts.CreateCompany(ctx, agent(caller(ctx)), c); err != nil {
		return nil, err
	}
	return d.companyOf(ctx, c)
}

func (d *door) editCompany(ctx context.Context, in *editCompanyIn) (*companyOut, error) {
	r, err := d.rules(ctx, people.ByAgent)
	if err != nil {
		return nil, err
	}
	c, err := d.store.Contacts.ChangeCompany(ctx, in.Company, func(c people.Company) (people.Company, error) {
		if !matches(in.IfMatch, c.Edition) {
			return c, contactChanged()
		}
		return c.Edit(in.Body, r)
	})
	if err != nil {
		return nil, err
	}
	return d.companyOf(ctx, c)
}

func (d *door) colleagues(ctx context.Context, in *colleaguesIn) (*colleaguesOut, error) {
	except := in.Except
	if except != "" {
		c, err := d.store.Contacts.Get(ctx, except)
		if err != nil {
			return nil, err
		}
		except = c.ID
	}
	access, err := d.store.Settings.Access(ctx, caller(ctx))
	if err != nil {
		return nil, err
	}
	found, err := d.store.Colleagues(ctx, in.Company, except, access.Sees, limit.SuggestPage)
	out := &colleaguesOut{}
	out.Body.Threads = []colleagueThread{}
	for _, c := range found {
		out.Body.Threads = append(out.Body.Threads, colleagueThread{c.Contact, c.Thread.Summary()})
	}
	return out, err
}
