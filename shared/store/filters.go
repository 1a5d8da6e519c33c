package store

import (
	"context"
	"time"

	"parley/events"
	"parley/shared/fault"
	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/table"
)

// Filters reads and changes what an inbox does not want to see. The rules stand among the settings and are cached with them. An entry of a list
// is an item of its own that is looked up by its name: a list of thousands costs a mail as much as an empty one, and is obeyed at once.
type Filters struct{ settings *Settings }

// Listed is one entry of an inbox's allow or deny list.
type Listed struct {
	Entry  string       `json:"entry"` // an address, or a domain for itself and every one under it
	By     events.Actor `json:"by"`
	At     time.Time    `json:"at"`
	Thread string       `json:"thread,omitempty"` // the conversation over which its sender was put here
}

// filtersDoc is an inbox's rules as they are stored.
type filtersDoc struct {
	inbox.Filters
	Inbox string `json:"inbox"`
}

// Get returns the rules of an inbox.
func (s *Filters) Get(ctx context.Context, inboxID string) (inbox.Filters, error) {
	conf, err := s.settings.load(ctx)
	if err != nil {
		return inbox.Filters{}, err
	}
	if f, ok := conf.filters[inboxID]; ok {
		return f, nil
	}
	return inbox.DefaultFilters(), nil
}

// Change changes rules of an inbox and returns all of them. What it does not change stays as somebody else may have set it meanwhile.
func (s *Filters) Change(ctx context.Context, by events.Actor, inboxID string, change func(inbox.Filters) inbox.Filters) (f inbox.Filters, err error) {
	st := s.settings
	return f, retry(ctx, limit.CommitBudget, func() error {
		it, err := st.one(ctx, st.n.Settings, filterKeys.Rules(inboxID))
		if err != nil {
			return err
		}
		before := filtersDoc{inbox.DefaultFilters(), inboxID}
		if it != nil {
			if err := decode(it, &before); err != nil {
				return err
			}
		}
		f = change(before.Filters)
		op, err := put(st.n.Settings, cond(it), filterKeys.Rules(inboxID), filtersDoc{f, inboxID})
		if err != nil || before.Filters == f {
			return err
		}
		return st.commit(ctx, Change{By: by, What: "filters", Of: inboxID, Did: "edited"}, before.Filters, f, op)
	})
}

// Put enters a name into a list. One that is there stays as it is: who entered it and when is kept.
func (s *Filters) Put(ctx context.Context, inboxID string, list inbox.FilterList, l Listed) (Listed, error) {
	st := s.settings
	l.At = st.now().UTC().Truncate(time.Millisecond)
	key := filterKeys.Listed(inboxID, list, l.Entry)
	err := retry(ctx, limit.CommitBudget, func() error {
		it, err := st.one(ctx, st.n.Settings, key)
		if err != nil {
			return err
		}
		if it != nil {
			return decode(it, &l)
		}
		op, err := put(st.n.Settings, table.Absent(), key, l)
		if err != nil {
			return err
		}
		return st.commit(ctx, Change{By: l.By, What: string(list) + " list", Of: inboxID, Did: "entered"}, nil, l, op)
	})
	return l, err
}

// Find returns an entry; fault.NotFound if the name is not on the list.
func (s *Filters) Find(ctx context.Context, inboxID string, list inbox.FilterList, entry string) (Listed, error) {
	var l Listed
	st := s.settings
	it, err := st.one(ctx, st.n.Settings, filterKeys.Listed(inboxID, list, entry))
	if err != nil {
		return l, err
	}
	if it == nil {
		return l, fault.New(fault.NotFound, "%s is not on this list.", entry)
	}
	err = decode(it, &l)
	return l, err
}

// Remove takes a name off a list; one that is not on it is no error.
func (s *Filters) Remove(ctx context.Context, by events.Actor, inboxID string, list inbox.FilterList, entry string) error {
	st := s.settings
	key := filterKeys.Listed(inboxID, list, entry)
	return retry(ctx, limit.CommitBudget, func() error {
		it, err := st.one(ctx, st.n.Settings, key)
		if err != nil || it == nil {
			return err
		}
		op := table.Op{Table: st.n.Settings, Verb: table.Delete, Cond: cond(it), Item: table.Item{Key: key}}
		return st.commit(ctx, Change{By: by, What: string(list) + " list", Of: inboxID, Did: "removed"}, it.Doc, nil, op)
	})
}

// List returns a page of a list in the order of its entries.
func (s *Filters) List(ctx context.Context, inboxID string, list inbox.FilterList, cursor string) (page []Listed, next string, err error) {
	st := s.settings
	if list != inbox.Allow && list != inbox.Deny {
		return nil, "", fault.New(fault.Invalid, "There is no list %q: use allow or deny.", list)
	}
	found, err := st.t.Query(ctx, table.Query{
		Table: st.n.Settings, PK: filterKeys.Listed(inboxID, list, "-").PK, Limit: limit.FilterPage, After: cursor, Consistent: true,
	})
	if err != nil {
		return nil, "", err
	}
	for i := range found.Items {
		var l Listed
		if err := decode(&found.Items[i], &l); err != nil {
			return nil, "", err
		}
		page = append(page, l)
	}
	return page, found.Next, nil
}

// On says which of some names stand on the lists of an inbox, with one read of as many items as there are names on two lists.
func (s *Filters) On(ctx context.Context, inboxID string, names []string) (func(inbox.FilterList, string) bool, error) {
	var keys []table.Key
	for _, name := range names {
		keys = append(keys, filterKeys.Listed(inboxID, inbox.Allow, name), filterKeys.Listed(inboxID, inbox.Deny, name))
	}
	on := map[table.Key]bool{}
	if len(keys) > 0 {
		items, err := s.settings.t.Get(ctx, s.settings.n.Settings, false, keys...)
		if err != nil {
			return nil, err
		}
		for _, it := range items {
			if it != nil {
				on[it.Key] = true
			}
		}
	}
	return func(list inbox.FilterList, name string) bool { return on[filterKeys.Listed(inboxID, list, name)] }, nil
}

// Sent says how many mails of a sender became messages in an inbox in the hour of a time, and how to count one more with the commit that makes
// it one. The count may be a moment old: a rate is no accounting.
func (s *Filters) Sent(ctx context.Context, inboxID, sender string, at time.Time) (int, table.Op, error) {
	st := s.settings
	hour := at.UTC().Truncate(time.Hour)
	if sender == "" {
		return 0, table.Op{}, nil
	}
	key := filterKeys.Rate(inboxID, sender, hour.Format("2006-01-02T15"))
	more := table.Op{
		Table: st.n.Threads, Verb: table.Add, Adds: map[string]int64{"n": 1}, Item: table.Item{Key: key, Expires: st.now().Add(2 * time.Hour)},
	}
	items, err := st.t.Get(ctx, st.n.Threads, false, key)
	if err != nil || items[0] == nil {
		return 0, more, err
	}
	var d struct {
		N int `json:"n"`
	}
	err = decode(items[0], &d)
	return d.N, more, err
}
