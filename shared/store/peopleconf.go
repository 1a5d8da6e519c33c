package store

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"parley/events"
	"parley/shared/fault"
	"parley/shared/people"
	"parley/shared/table"
)

// peopleConf is what a workspace has set up about people, cached for settingsLife per process; own writes are seen at once.
type peopleConf struct {
	mu   sync.Mutex
	read *peopleRead
}

type peopleRead struct {
	at    time.Time
	props []people.Property
	lists []people.List
	home  string
}

// peopleKeys are items of the settings table.
var peopleKeys = struct {
	PK       string
	Property func(of, id string) table.Key
	List     func(id string) table.Key
	Home     table.Key
}{
	PK:       "PEOPLE",
	Property: func(of, id string) table.Key { return table.Key{PK: "PEOPLE", SK: "PROPERTY#" + of + "#" + id} },
	List:     func(id string) table.Key { return table.Key{PK: "PEOPLE", SK: "LIST#" + id} },
	Home:     table.Key{PK: "PEOPLE", SK: "HOME"},
}

type homeDoc struct {
	Code string `json:"code"`
}

func (s *Contacts) configured(ctx context.Context) (*peopleRead, error) {
	s.conf.mu.Lock()
	read := s.conf.read
	s.conf.mu.Unlock()
	if read != nil && s.now().Sub(read.at) < settingsLife {
		return read, nil
	}
	read = &peopleRead{at: s.now()}
	err := s.settings.all(ctx, peopleKeys.PK, func(it *table.Item) error {
		kind, _, _ := strings.Cut(it.SK, "#")
		switch kind {
		case "PROPERTY":
			var p people.Property
			err := decode(it, &p)
			read.props = append(read.props, p)
			return err
		case "LIST":
			var l people.List
			err := decode(it, &l)
			l.Revision = it.Rev
			read.lists = append(read.lists, l)
			return err
		case "HOME":
			var h homeDoc
			err := decode(it, &h)
			read.home = h.Code
			return err
		}
		return nil // a newer build's noun
	})
	if err != nil {
		return nil, err
	}
	for _, p := range people.Standard() { // those that nobody has changed stand nowhere
		if _, ok := people.Find(read.props, p.Of, p.ID); !ok {
			read.props = append(read.props, p)
		}
	}
	slices.SortStableFunc(read.props, func(a, b people.Property) int {
		if a.Of != b.Of {
			return -strings.Compare(a.Of, b.Of)
		}
		return a.Order - b.Order
	})
	slices.SortStableFunc(read.lists, func(a, b people.List) int { return strings.Compare(people.Plain(a.Name), people.Plain(b.Name)) })
	s.conf.mu.Lock()
	s.conf.read = read
	s.conf.mu.Unlock()
	return read, nil
}

func (s *Contacts) forget() {
	s.conf.mu.Lock()
	defer s.conf.mu.Unlock()
	s.conf.read = nil
}

// Properties returns what can be known of contacts and companies, hidden ones too, in the order of the pages.
func (s *Contacts) Properties(ctx context.Context) ([]people.Property, error) {
	c, err := s.configured(ctx)
	if err != nil {
		return nil, err
	}
	return slices.Clone(c.props), nil
}

// PutProperty adds or changes a definition. A new one has no id yet. Its kind stays what it is.
func (s *Contacts) PutProperty(ctx context.Context, by events.Actor, p people.Property) (people.Property, error) {
	if err := p.Check(); err != nil {
		return p, err
	}
	s.forget()
	all, err := s.Properties(ctx)
	if err != nil {
		return p, err
	}
	before, known := people.Find(all, p.Of, p.ID)
	did := "edited"
	switch {
	case p.ID == "":
		if len(all) >= people.MaxProperties {
			return p, fault.New(fault.Invalid, "A workspace has at most %d properties.", people.MaxProperties)
		}
		faceted := 0
		for _, q := range all {
			p.Order = max(p.Order, q.Order+1)
			if q.Kind.Faceted() && q.Of == people.OfContact {
				faceted++
			}
		}
		if p.Kind.Faceted() && faceted >= people.MaxFaceted {
			return p, fault.New(fault.Invalid, "A workspace has at most %d choices, owners and lifecycles.", people.MaxFaceted)
		}
		p.ID, p.Standard, did = s.newID(), false, "added"
	case !known:
		return p, fault.New(fault.NotFound, "There is no such property.")
	case p.Kind != before.Kind:
		return p, fault.New(fault.Invalid, "kind: a property stays %q.", before.Kind)
	default:
		p.Standard = before.Standard
	}
	if slices.ContainsFunc(all, func(q people.Property) bool {
		return q.Of == p.Of && q.ID != p.ID && people.Plain(q.Name) == people.Plain(p.Name)
	}) {
		return p, fault.New(fault.Conflict, "name: another property is called that.")
	}
	op, err := put(s.n.Settings, table.Any(), peopleKeys.Property(p.Of, p.ID), p)
	if err != nil {
		return p, err
	}
	var was any
	if known {
		was = before
	}
	defer s.forget()
	return p, s.settings.commit(ctx, Change{By: by, What: "property", Of: p.ID, Did: did}, was, p, op)
}

// Home returns the calling code of numbers without a country; "" for none.
func (s *Contacts) Home(ctx context.Context) (string, error) {
	c, err := s.configured(ctx)
	if err != nil {
		return "", err
	}
	return c.home, nil
}

// SetHome sets it.
func (s *Contacts) SetHome(ctx context.Context, by events.Actor, code string) error {
	code = strings.TrimLeft(strings.TrimSpace(code), "+0")
	if len(code) > 3 || strings.Trim(code, "0123456789") != "" {
		return fault.New(fault.Invalid, "A country's calling code has one to three digits.")
	}
	before, err := s.Home(ctx)
	if err != nil {
		return err
	}
	op, err := put(s.n.Settings, table.Any(), peopleKeys.Home, homeDoc{code})
	if err != nil {
		return err
	}
	defer s.forget()
	return s.settings.commit(ctx, Change{By: by, What: "people", Of: "home", Did: "edited"}, homeDoc{before}, homeDoc{code}, op)
}

// Lists returns the saved lists by name.
func (s *Contacts) Lists(ctx context.Context) ([]people.List, error) {
	c, err := s.configured(ctx)
	if err != nil {
		return nil, err
	}
	return slices.Clone(c.lists), nil
}

// List returns one saved list; fault.NotFound if there is none.
func (s *Contacts) List(ctx context.Context, id string) (people.List, error) {
	for try := range 2 {
		lists, err := s.Lists(ctx)
		if err != nil {
			return people.List{}, err
		}
		if i := slices.IndexFunc(lists, func(l people.List) bool { return l.ID == id }); i >= 0 {
			return lists[i], nil
		}
		if try == 0 {
			s.forget() // it may have been made a moment ago elsewhere
		}
	}
	return people.List{}, fault.New(fault.NotFound, "There is no such list.")
}

// PutList saves a list; a new one has no id yet. ok says whether the revision it had may be replaced.
func (s *Contacts) PutList(ctx context.Context, by events.Actor, l people.List, ok func(rev int64) error) (people.List, error) {
	s.forget() // what it names may have been made a moment ago elsewhere
	defs, err := s.Properties(ctx)
	if err != nil {
		return l, err
	}
	lists, err := s.Lists(ctx)
	if err != nil {
		return l, err
	}
	if err := l.Check(defs, lists); err != nil {
		return l, err
	}
	l.Name, l.At = strings.TrimSpace(l.Name), s.now().UTC()
	var was any
	var it *table.Item
	did := "edited"
	if l.ID == "" {
		if len(lists) >= people.MaxLists {
			return l, fault.New(fault.Invalid, "A workspace has at most %d lists.", people.MaxLists)
		}
		l.ID, l.By, did = s.newID(), by.ID, "added"
	} else {
		if it, err = s.one(ctx, s.n.Settings, peopleKeys.List(l.ID)); err != nil {
			return l, err
		}
		if it == nil {
			return l, fault.New(fault.NotFound, "There is no such list.")
		}
		if err := ok(it.Rev); err != nil {
			return l, err
		}
		var before people.List
		if err := decode(it, &before); err != nil {
			return l, err
		}
		if l.Kind != before.Kind {
			return l, fault.New(fault.Invalid, "kind: a list stays of the kind it was made.")
		}
		l.By, was = before.By, before
	}
	op, err := put(s.n.Settings, cond(it), peopleKeys.List(l.ID), l)
	if err != nil {
		return l, err
	}
	defer s.forget()
	if err := s.settings.commit(ctx, Change{By: by, What: "list", Of: l.ID, Did: did}, was, l, op); err != nil {
		return l, err
	}
	l.Revision = 1
	if it != nil {
		l.Revision = it.Rev + 1
	}
	return l, nil
}

// DeleteList removes a saved list; its contacts stay. That they were on a static one means nothing from then on.
func (s *Contacts) DeleteList(ctx context.Context, by events.Actor, id string) error {
	l, err := s.List(ctx, id)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	defer s.forget()
	return s.settings.commit(ctx, Change{By: by, What: "list", Of: id, Did: "removed"}, l, nil,
		table.Op{Table: s.n.Settings, Verb: table.Delete, Item: table.Item{Key: peopleKeys.List(id)}})
}
