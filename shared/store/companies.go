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

// companyDoc is a company as it is stored: with the rows that were written for it.
type companyDoc struct {
	people.Company
	Rows []row `json:"rows,omitempty"`
}

type domainDoc struct {
	Company string `json:"company"`
}

func companyRows(c people.Company) []row {
	out := []row{rowOf(companyKeys.Name(c.SortName(), c.ID))}
	for _, t := range c.Tokens() {
		out = append(out, rowOf(companyKeys.Token(t, c.ID)))
	}
	return out
}

func (s *Contacts) company(ctx context.Context, id string) (companyDoc, *table.Item, error) {
	var d companyDoc
	it, err := s.one(ctx, s.n.Contacts, companyKeys.Company(id))
	if err != nil {
		return d, nil, err
	}
	if it == nil {
		return d, nil, fault.New(fault.NotFound, "There is no such company.")
	}
	return d, it, decode(it, &d)
}

// Company returns a company; fault.NotFound if there is none.
func (s *Contacts) Company(ctx context.Context, id string) (people.Company, error) {
	d, _, err := s.company(ctx, id)
	return d.Company, err
}

// CompanyByDomain returns the id of the company that a domain is of; "" for none.
func (s *Contacts) CompanyByDomain(ctx context.Context, domain string) (string, error) {
	it, err := s.one(ctx, s.n.Contacts, companyKeys.Domain(domain))
	if err != nil || it == nil {
		return "", err
	}
	var d domainDoc
	err = decode(it, &d)
	return d.Company, err
}

// companyOf is the company that an address tells, and what makes it if there is none yet.
func (s *Contacts) companyOf(ctx context.Context, address string) (string, []table.Op, error) {
	domain := people.CompanyDomain(address)
	if domain == "" {
		return "", nil, nil
	}
	id, err := s.CompanyByDomain(ctx, domain)
	if err != nil || id != "" {
		return id, nil, err
	}
	c := people.Company{ID: s.newID(), Name: domain, Domains: []string{domain}, CreatedAt: s.now().UTC()}
	ops, err := s.companyOps(companyDoc{}, nil, c)
	return c.ID, ops, err
}

// companyOps are what makes a company what it is to be.
func (s *Contacts) companyOps(before companyDoc, it *table.Item, c people.Company) ([]table.Op, error) {
	rows := companyRows(c)
	op, err := put(s.n.Contacts, cond(it), companyKeys.Company(c.ID), companyDoc{Company: c, Rows: rows})
	if err != nil {
		return nil, err
	}
	ops := []table.Op{op}
	for _, d := range c.Domains {
		if !slices.Contains(before.Domains, d) {
			op, err := put(s.n.Contacts, table.Absent(), companyKeys.Domain(d), domainDoc{Company: c.ID})
			if err != nil {
				return nil, err
			}
			ops = append(ops, op)
		}
	}
	for _, d := range before.Domains {
		if !slices.Contains(c.Domains, d) {
			ops = append(ops, table.Op{Table: s.n.Contacts, Verb: table.Delete, Item: table.Item{Key: companyKeys.Domain(d)}})
		}
	}
	return append(ops, s.moved(before.Rows, rows)...), nil
}

// CreateCompany makes a company by hand; fault.Conflict if one of its domains is another's.
func (s *Contacts) CreateCompany(ctx context.Context, by events.Actor, c people.Company) (people.Company, error) {
	c.ID, c.CreatedAt = s.newID(), s.now().UTC()
	return c, s.saveCompany(ctx, func() (companyDoc, *table.Item, people.Company, error) { return companyDoc{}, nil, c, nil })
}

// ChangeCompany changes a company; decide may be called again, when somebody was faster.
func (s *Contacts) ChangeCompany(ctx context.Context, id string, decide func(people.Company) (people.Company, error)) (people.Company, error) {
	var after people.Company
	err := s.saveCompany(ctx, func() (companyDoc, *table.Item, people.Company, error) {
		d, it, err := s.company(ctx, id)
		if err != nil {
			return d, it, after, err
		}
		after, err = decide(d.Company)
		return d, it, after, err
	})
	return after, err
}

func (s *Contacts) saveCompany(ctx context.Context, read func() (companyDoc, *table.Item, people.Company, error)) error {
	return retry(ctx, limit.CommitBudget, func() error {
		before, it, c, err := read()
		if err != nil {
			return err
		}
		for _, d := range c.Domains {
			if slices.Contains(before.Domains, d) {
				continue
			}
			other, err := s.CompanyByDomain(ctx, d)
			if err != nil {
				return err
			}
			if other != "" && other != c.ID {
				return fault.New(fault.Conflict, "%s is another company's.", d)
			}
		}
		ops, err := s.companyOps(before, it, c)
		if err != nil {
			return err
		}
		return s.t.Transact(ctx, ops...)
	})
}

// Companies reads a page of all companies by name.
func (s *Contacts) Companies(ctx context.Context, cursor string, n int) ([]people.Company, string, error) {
	page, err := s.t.Query(ctx, table.Query{Table: s.n.Contacts, PK: "ONAMES", Limit: n, After: cursor})
	if err != nil {
		return nil, "", err
	}
	out, err := s.companiesOf(ctx, page.Items)
	return out, page.Next, err
}

// companiesOf reads the companies that rows lead to, in their order.
func (s *Contacts) companiesOf(ctx context.Context, rows []table.Item) ([]people.Company, error) {
	var keys []table.Key
	seen := map[string]bool{}
	for _, r := range rows {
		if id := rowID(r.SK); !seen[id] {
			seen[id] = true
			keys = append(keys, companyKeys.Company(id))
		}
	}
	if len(keys) == 0 {
		return nil, nil
	}
	items, err := s.t.Get(ctx, s.n.Contacts, false, keys...)
	if err != nil {
		return nil, err
	}
	var out []people.Company
	for _, it := range items {
		if it == nil {
			continue
		}
		var d companyDoc
		if err := decode(it, &d); err != nil {
			return nil, err
		}
		out = append(out, d.Company)
	}
	return out, nil
}

// Members counts the contacts of a company, exactly up to limit.CountExact; more says there are others beyond.
func (s *Contacts) Members(ctx context.Context, company string) (n int, more bool, err error) {
	page, err := s.t.Query(ctx, table.Query{Table: s.n.Contacts, PK: contactKeys.Members(company), Limit: limit.CountExact + 1})
	if err != nil {
		return 0, false, err
	}
	n = len(page.Items)
	return min(n, limit.CountExact), n > limit.CountExact, nil
}
