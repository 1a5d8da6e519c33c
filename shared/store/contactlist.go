package store

import (
	"context"
	"slices"

	"parley/shared/limit"
	"parley/shared/people"
	"parley/shared/table"
)

// Listing is a page of a list of contacts.
type Listing struct {
	Contacts []people.Contact
	Next     string // behind the last contact that was looked at; "" at the end
	Examined int    // contacts that were looked at
	Sort     people.Sort
}

// ContactQuery asks for a page of the contacts for whom all conditions, bound, hold.
type ContactQuery struct {
	Conditions []people.Condition
	Sort       people.Sort
	Cursor     string
	Limit      int
}

// Find reads a page. It looks at one range of the table or the list index, which people.Source chooses, and filters what that holds: at most
// limit.ContactsExamined contacts a page, so that a page costs the same however many contacts there are. A page of a list that few contacts fit
// may therefore hold less than was asked for, and Next leads on.
func (s *Contacts) Find(ctx context.Context, asked people.Asked, q ContactQuery) (Listing, error) {
	if q.Limit <= 0 {
		q.Limit = limit.ContactPage
	}
	q.Limit = min(q.Limit, limit.ContactPageMax)
	src := asked.Source(q.Conditions, q.Sort)
	query := s.source(src)
	query.After = q.Cursor
	out := Listing{Sort: src.Sort}
	for out.Examined < limit.ContactsExamined {
		query.Limit = limit.BatchGetKeys
		if len(q.Conditions) == 0 { // nothing is filtered out
			query.Limit = q.Limit
		}
		query.Limit = min(query.Limit, limit.ContactsExamined-out.Examined)
		page, err := s.t.Query(ctx, query)
		if err != nil {
			return out, err
		}
		found, err := s.behind(ctx, page.Items)
		if err != nil {
			return out, err
		}
		for i, c := range found {
			if c == nil || !asked.Holds(*c, q.Conditions) {
				continue
			}
			out.Contacts = append(out.Contacts, *c)
			if len(out.Contacts) == q.Limit && (i+1 < len(found) || page.Next != "") {
				out.Examined += i + 1
				if out.Next = page.Next; i+1 < len(found) {
					out.Next = query.Next(&page.Items[i])
				}
				return out, nil
			}
		}
		out.Examined += len(page.Items)
		if out.Next = page.Next; page.Next == "" {
			return out, nil
		}
		query.After = page.Next
	}
	return out, nil
}

// source is the range of the store that a source names.
func (s *Contacts) source(src people.Source) table.Query {
	q := table.Query{Table: s.n.Contacts, From: src.From}
	switch {
	case src.Facet != "":
		q.PK = "F#" + src.Facet
	case src.Company != "":
		q.PK, q.Desc = "M#"+src.Company, true
	case src.Sort == people.ByName:
		q.PK = namesPK
	default:
		q.Index, q.PK, q.Desc = indexList, contactKeys.ListPK, true
	}
	if src.To != "" {
		q.To = src.To + last
	}
	return q
}

// behind reads the contacts that rows lead to, in their order; nil for one that does not stand by its row any more.
func (s *Contacts) behind(ctx context.Context, rows []table.Item) ([]*people.Contact, error) {
	out := make([]*people.Contact, len(rows))
	at := map[string]int{} // of a contact among keys
	var keys []table.Key
	id := func(r table.Item) string {
		if _, indexed := r.Index[indexList]; indexed {
			return r.PK[len(contactKeys.Lines("")):]
		}
		return rowID(r.SK)
	}
	for _, r := range rows {
		if _, seen := at[id(r)]; !seen {
			at[id(r)] = len(keys)
			keys = append(keys, contactKeys.Contact(id(r)))
		}
	}
	var items []*table.Item
	for part := range slices.Chunk(keys, limit.BatchGetKeys) {
		got, err := s.t.Get(ctx, s.n.Contacts, false, part...)
		if err != nil {
			return nil, err
		}
		items = append(items, got...)
	}
	for i, r := range rows {
		it := items[at[id(r)]]
		if it == nil {
			continue
		}
		h, err := heldOf(it)
		if err != nil {
			return nil, err
		}
		if _, indexed := r.Index[indexList]; indexed || slices.Contains(h.rows, rowOf(r.Key)) {
			if h.MergedInto == "" && h.ErasedAt.IsZero() {
				out[i] = &h.Contact
			}
		}
	}
	return out, nil
}

// Suggest finds contacts and companies by the beginnings of words, addresses and numbers: those of the word that is longest, at most
// limit.SuggestExamined of them, whom the other words fit, too.
func (s *Contacts) Suggest(ctx context.Context, typed string, n int) ([]people.Contact, []people.Company, error) {
	q := people.ParseQuery(typed)
	if q.Empty() {
		return nil, nil, nil
	}
	rows := func(kind string, most int) ([]table.Item, error) {
		page, err := s.t.Query(ctx, table.Query{
			Table: s.n.Contacts, PK: tokenPK(kind, q.Word()), From: q.Word(), To: q.Word() + last, Limit: most,
		})
		return page.Items, err
	}
	tokens, err := rows("S#", limit.SuggestExamined)
	if err != nil {
		return nil, nil, err
	}
	if name := people.Plain(typed); len(tokens) == limit.SuggestExamined && name != q.Word() { // many have that word: those of exactly this name first
		page, err := s.t.Query(ctx, table.Query{Table: s.n.Contacts, PK: namesPK, From: name, To: name + last, Limit: n})
		if err != nil {
			return nil, nil, err
		}
		tokens = append(page.Items, tokens...)
	}
	found, err := s.behind(ctx, tokens)
	if err != nil {
		return nil, nil, err
	}
	var out []people.Contact
	seen := map[string]bool{}
	for _, c := range found {
		if c != nil && len(out) < n && !seen[c.ID] && q.Matches(c.Tokens()) {
			seen[c.ID] = true
			out = append(out, *c)
		}
	}
	tokens, err = rows("SO#", limit.SuggestExamined/2)
	if err != nil {
		return nil, nil, err
	}
	companies, err := s.companiesOf(ctx, tokens)
	if err != nil {
		return nil, nil, err
	}
	companies = slices.DeleteFunc(companies, func(c people.Company) bool { return !q.Matches(c.Tokens()) })
	return out, companies[:min(n, len(companies))], nil
}

// Alike is a contact that may be the same person, and why.
type Alike struct {
	Contact people.Contact  `json:"contact"`
	Reasons []people.Reason `json:"reasons" doc:"address, phone, name, company: the strongest first."`
}

// Duplicates looks for contacts that may be the same person: to whom the contact's address or number leads, and who is called the same (the
// first limit.SuggestExamined of them).
func (s *Contacts) Duplicates(ctx context.Context, id string) ([]Alike, error) {
	c, err := s.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	var found []*people.Contact
	names := []people.Alias{people.EmailAlias(c.Address), {Kind: people.KindPhone, Value: c.Phone}}
	for _, a := range names {
		to, err := s.Leads(ctx, a)
		if err != nil {
			return nil, err
		}
		if to == "" || to == c.ID {
			continue
		}
		other, err := s.Get(ctx, to)
		if err != nil && !isNotFound(err) {
			return nil, err
		}
		found = append(found, &other)
	}
	if sort, ok := c.SortName(); ok && c.Name != "" {
		page, err := s.t.Query(ctx, table.Query{Table: s.n.Contacts, PK: namesPK, From: sort + "#", To: sort + "#" + last, Limit: limit.SuggestExamined})
		if err != nil {
			return nil, err
		}
		same, err := s.behind(ctx, page.Items)
		if err != nil {
			return nil, err
		}
		found = append(found, same...)
	}
	var out []Alike
	for _, other := range found {
		if other == nil || slices.ContainsFunc(out, func(a Alike) bool { return a.Contact.ID == other.ID }) {
			continue
		}
		if why := c.Alike(*other); len(why) > 0 {
			out = append(out, Alike{*other, why})
		}
	}
	return out, nil
}

// Pairs walks all contacts by name and returns those that stand next to another of the same name, at most limit.ContactsExamined a page:
// the same name is what duplicates made by mail and import have in common.
func (s *Contacts) Pairs(ctx context.Context, cursor string) (groups [][]people.Contact, next string, err error) {
	page, err := s.t.Query(ctx, table.Query{Table: s.n.Contacts, PK: namesPK, After: cursor, Limit: limit.ContactsExamined})
	if err != nil {
		return nil, "", err
	}
	var run []table.Item
	flush := func() error {
		if len(run) > 1 {
			found, err := s.behind(ctx, run)
			if err != nil {
				return err
			}
			var group []people.Contact
			for _, c := range found {
				if c != nil && (len(group) == 0 || len(group[0].Alike(*c)) > 0) {
					group = append(group, *c)
				}
			}
			if len(group) > 1 {
				groups = append(groups, group)
			}
		}
		run = run[:0]
		return nil
	}
	name := func(it table.Item) string { return it.SK[:len(it.SK)-len(rowID(it.SK))] }
	for _, it := range page.Items {
		if len(run) > 0 && (name(run[0]) != name(it) || len(run) == limit.BatchGetKeys) {
			if err := flush(); err != nil {
				return nil, "", err
			}
		}
		run = append(run, it)
	}
	return groups, page.Next, flush()
}
