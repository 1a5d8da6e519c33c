package store

import (
	"context"
	"slices"
	"strings"

	"parley/events"
	"parley/shared/fault"
	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/people"
	"parley/shared/table"
)

func isNotFound(err error) bool { return fault.Is(err, fault.NotFound) }

// Write adds a line to a person's record; one whose id is set replaces that one.
func (s *Contacts) Write(ctx context.Context, id string, l people.Line) (people.Line, error) {
	if l.ID == "" {
		l.ID = s.newID()
	}
	op, err := s.line(id, l)
	if err != nil {
		return l, err
	}
	if l.At.IsZero() {
		l.At = s.now().UTC()
	}
	return l, s.t.Transact(ctx, op)
}

// Line finds one line among a person's; of is the contact it stands with. fault.NotFound if there is none.
func (s *Contacts) Line(ctx context.Context, c people.Contact, line string) (l people.Line, of string, err error) {
	ids := c.IDs()
	keys := make([]table.Key, len(ids))
	for i, id := range ids {
		keys[i] = contactKeys.Line(id, line)
	}
	items, err := s.t.Get(ctx, s.n.Contacts, true, keys...)
	if err != nil {
		return l, "", err
	}
	for i, it := range items {
		if it != nil {
			return l, ids[i], decode(it, &l)
		}
	}
	return l, "", fault.New(fault.NotFound, "There is no such line.")
}

// named writes into lines who the others are that they speak of. A line itself names nobody: whoever is erased is not to stand in another's record.
func (s *Contacts) named(ctx context.Context, lines []people.Line) error {
	var keys []table.Key
	for _, l := range lines {
		if key := contactKeys.Contact(l.Other); (l.Kind == people.LineMerged || l.Kind == people.LineUnmerged) && !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return nil
	}
	names := map[string]string{}
	for part := range slices.Chunk(keys, limit.BatchGetKeys) {
		items, err := s.t.Get(ctx, s.n.Contacts, false, part...)
		if err != nil {
			return err
		}
		for _, it := range items {
			if it == nil {
				continue
			}
			h, err := heldOf(it)
			if err != nil {
				return err
			}
			if h.ErasedAt.IsZero() {
				names[h.ID] = knownAs(h.Contact)
			}
		}
	}
	for i, l := range lines {
		lines[i].Name = names[l.Other]
	}
	return nil
}

// Strike removes a line.
func (s *Contacts) Strike(ctx context.Context, of, line string) error {
	return s.t.Transact(ctx, table.Op{Table: s.n.Contacts, Verb: table.Delete, Item: table.Item{Key: contactKeys.Line(of, line)}})
}

// Lines reads the newest lines of a person's record before an id ("" for all), newest first, at most n.
func (s *Contacts) Lines(ctx context.Context, c people.Contact, before string, n int) ([]people.Line, error) {
	var out []people.Line
	for _, id := range c.IDs() {
		q := table.Query{Table: s.n.Contacts, PK: contactKeys.Lines(id), From: linePrefix, To: linePrefix + last, Desc: true, Limit: n}
		if before != "" {
			q.To = linePrefix + before
			q.Limit++
		}
		page, err := s.t.Query(ctx, q)
		if err != nil {
			return nil, err
		}
		for i := range page.Items {
			var l people.Line
			if err := decode(&page.Items[i], &l); err != nil {
				return nil, err
			}
			if l.ID != before {
				out = append(out, l)
			}
		}
	}
	slices.SortFunc(out, func(a, b people.Line) int { return strings.Compare(b.ID, a.ID) })
	out = out[:min(n, len(out))]
	return out, s.named(ctx, out)
}

// Of reads the newest conversations of a person before a thread's id ("" for all), the last begun first, at most n. ids are the person's; next is
// "" at the end.
func (s *Threads) Of(ctx context.Context, ids []string, before string, n int) (threads []inbox.Thread, next string, err error) {
	var found []string
	for _, id := range ids {
		q := table.Query{Table: s.n.Threads, Index: indexContact, PK: "P#" + id, Desc: true, Limit: n + 1}
		if before != "" {
			q.To = before
			q.Limit++
		}
		page, err := s.t.Query(ctx, q)
		if err != nil {
			return nil, "", err
		}
		for _, it := range page.Items {
			if t := strings.TrimPrefix(it.PK, "T#"); t != before && !slices.Contains(found, t) {
				found = append(found, t)
			}
		}
	}
	slices.SortFunc(found, func(a, b string) int { return strings.Compare(b, a) })
	if len(found) > n {
		found = found[:n]
		next = found[n-1]
	}
	heads, err := s.Heads(ctx, found...)
	if err != nil {
		return nil, "", err
	}
	for _, id := range found {
		if t, ok := heads[id]; ok {
			threads = append(threads, t)
		}
	}
	return threads, next, nil
}

// Colleague is a conversation of somebody else of a company.
type Colleague struct {
	Contact people.Contact
	Thread  inbox.Thread
}

// Colleagues reads the newest conversations of a company's people but one: of the limit.ColleaguesLooked who were active last, at most n, in
// inboxes that whoever asks sees.
func (s *Store) Colleagues(ctx context.Context, company, but string, sees func(inbox string) bool, n int) ([]Colleague, error) {
	page, err := s.Contacts.t.Query(ctx, table.Query{Table: s.Contacts.n.Contacts, PK: contactKeys.Members(company), Desc: true, Limit: limit.ColleaguesLooked})
	if err != nil {
		return nil, err
	}
	members, err := s.Contacts.behind(ctx, page.Items)
	if err != nil {
		return nil, err
	}
	var out []Colleague
	for _, m := range members {
		if m == nil || m.ID == but {
			continue
		}
		threads, _, err := s.Threads.Of(ctx, m.IDs(), "", min(n, 3))
		if err != nil {
			return nil, err
		}
		for _, t := range threads {
			if sees(t.Inbox) {
				out = append(out, Colleague{*m, t})
			}
		}
	}
	slices.SortFunc(out, func(a, b Colleague) int { return b.Thread.ActiveAt.Compare(a.Thread.ActiveAt) })
	return out[:min(n, len(out))], nil
}

// Merge makes one contact a part of another, for good until Unmerge. Both are followed to whom they are merged into already.
func (s *Contacts) Merge(ctx context.Context, by events.Actor, rule, id, other string) (people.Contact, error) {
	var c people.Contact
	err := retry(ctx, limit.CommitBudget, func() error {
		a, err := s.root(ctx, id)
		if err != nil {
			return err
		}
		b, err := s.root(ctx, other)
		if err != nil {
			return err
		}
		if a.ID == b.ID {
			c = a.Contact // it is so already
			return nil
		}
		if a.Visitor && !b.Visitor {
			a, b = b, a
		}
		into, merged, err := a.Merge(b.Contact, by, rule, s.now().UTC())
		if err != nil {
			return err
		}
		c = into
		return s.both(ctx, a, b, into, merged, people.Line{Kind: people.LineMerged, By: by, Rule: rule, Other: b.ID})
	})
	return c, err
}

// both writes two contacts and a line in one transaction.
func (s *Contacts) both(ctx context.Context, a, b held, into, merged people.Contact, l people.Line) error {
	main, rows, err := s.writes(ctx, a, into)
	if err != nil {
		return err
	}
	more, moreRows, err := s.writes(ctx, b, merged)
	if err != nil {
		return err
	}
	line, err := s.line(into.ID, l)
	if err != nil {
		return err
	}
	return s.commitRows(ctx, append(append(main, more...), line), append(rows, moreRows...))
}

// Unmerge takes back that other is a part of a contact.
func (s *Contacts) Unmerge(ctx context.Context, by events.Actor, id, other string) (from, alone people.Contact, err error) {
	err = retry(ctx, limit.CommitBudget, func() error {
		a, err := s.node(ctx, id)
		if err != nil {
			return err
		}
		if a.MergedInto != "" {
			return fault.New(fault.Conflict, "This contact is a part of another. Take it out of that one first.")
		}
		b, err := s.node(ctx, other)
		if err != nil {
			return err
		}
		var rest []people.Contact
		for _, m := range a.Merged {
			if m.ID == other {
				continue
			}
			o, err := s.node(ctx, m.ID)
			if err != nil {
				return err
			}
			rest = append(rest, o.Contact)
		}
		if from, alone, err = a.Unmerge(b.Contact, rest...); err != nil {
			return err
		}
		return s.both(ctx, a, b, from, alone, people.Line{Kind: people.LineUnmerged, By: by, Other: b.ID})
	})
	return from, alone, err
}

// Apart notes that two contacts are not the same person, so that nobody is asked again.
func (s *Contacts) Apart(ctx context.Context, id, other string) (people.Contact, error) {
	b, err := s.Get(ctx, other)
	if err != nil {
		return b, err
	}
	return s.Change(ctx, id, func(c people.Contact) (people.Contact, people.Line, error) {
		if !slices.Contains(c.Distinct, b.ID) && len(c.Distinct) < people.MaxDistinct {
			c.Distinct = append(slices.Clone(c.Distinct), b.ID)
		}
		return c, people.Line{}, nil
	})
}
