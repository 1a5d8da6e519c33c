package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"parley/events"
	"parley/shared/fault"
	"parley/shared/limit"
	"parley/shared/people"
	"parley/shared/table"
)

// importKeys are items of the contacts table.
var importKeys = struct {
	PK     string
	Import func(id string) table.Key
	OpenPK string
	Open   func(kind, id string) table.Key // of what sweep goes on with
	Rows   func(id string) string
	Row    func(id string, row int) table.Key // a row that created or changed a contact
	Bad    func(id string, row int) table.Key
}{
	PK:     "IMPORTS",
	Import: func(id string) table.Key { return table.Key{PK: "IMPORTS", SK: id} },
	OpenPK: "LONG",
	Open:   func(kind, id string) table.Key { return table.Key{PK: "LONG", SK: kind + "#" + id} },
	Rows:   func(id string) string { return "I#" + id },
	Row:    func(id string, row int) table.Key { return table.Key{PK: "I#" + id, SK: fmt.Sprintf("R#%07d", row)} },
	Bad:    func(id string, row int) table.Key { return table.Key{PK: "I#" + id, SK: fmt.Sprintf("X#%07d", row)} },
}

// Kinds of long work about people.
const (
	longImport = "import"
	longErase  = "erase"
)

// ImportKey is where the file of an import stands in the files bucket until it is in.
func ImportKey(id string) string { return "i/" + id + ".csv" }

// rowDoc says what a row did: no value of it, so that nothing of a person stands here.
type rowDoc struct {
	Contact string `json:"contact"`
	Line    string `json:"line"`              // of the contact's record: what was changed
	Edition int64  `json:"edition,omitempty"` // of a contact that was created: the one it had then
	Created bool   `json:"created,omitempty"`
}

// Long lists what has been begun about people and is not done, the oldest first.
func (s *Contacts) Long(ctx context.Context) (imports, erasures []string, err error) {
	page, err := s.t.Query(ctx, table.Query{Table: s.n.Contacts, PK: importKeys.OpenPK})
	for _, it := range page.Items {
		switch kind, id, _ := strings.Cut(it.SK, "#"); kind {
		case longImport:
			imports = append(imports, id)
		case longErase:
			erasures = append(erasures, id)
		}
	}
	return imports, erasures, err
}

// StartImport writes down that a file is to be taken in: from now on it is gone on with until it ends.
func (s *Contacts) StartImport(ctx context.Context, i people.Import) error {
	op, err := put(s.n.Contacts, table.Absent(), importKeys.Import(i.ID), i)
	if err != nil {
		return err
	}
	return s.t.Transact(ctx, op, s.open(longImport, i.ID))
}

func (s *Contacts) open(kind, id string) table.Op {
	return table.Op{Table: s.n.Contacts, Verb: table.Put, Item: table.Item{Key: importKeys.Open(kind, id), Doc: []byte(`{}`)}}
}

func (s *Contacts) shut(kind, id string) table.Op {
	return table.Op{Table: s.n.Contacts, Verb: table.Delete, Item: table.Item{Key: importKeys.Open(kind, id)}}
}

// Import returns one; fault.NotFound if there is none.
func (s *Contacts) Import(ctx context.Context, id string) (people.Import, error) {
	var i people.Import
	it, err := s.one(ctx, s.n.Contacts, importKeys.Import(id))
	if err != nil {
		return i, err
	}
	if it == nil {
		return i, fault.New(fault.NotFound, "There is no such import.")
	}
	return i, decode(it, &i)
}

// ChangeImport changes one; decide may be called again, when somebody was faster.
func (s *Contacts) ChangeImport(ctx context.Context, id string, decide func(people.Import) (people.Import, error)) (people.Import, error) {
	var after people.Import
	err := retry(ctx, limit.CommitBudget, func() error {
		it, err := s.one(ctx, s.n.Contacts, importKeys.Import(id))
		if err != nil {
			return err
		}
		var before people.Import
		if it == nil {
			return fault.New(fault.NotFound, "There is no such import.")
		}
		if err := decode(it, &before); err != nil {
			return err
		}
		if after, err = decide(before); err != nil {
			return err
		}
		op, err := put(s.n.Contacts, cond(it), importKeys.Import(id), after)
		if err != nil {
			return err
		}
		if after.State.Open() {
			return s.t.Transact(ctx, op, s.open(longImport, id))
		}
		return s.t.Transact(ctx, op, s.shut(longImport, id))
	})
	return after, err
}

// Imports reads a page of all imports, the newest first.
func (s *Contacts) Imports(ctx context.Context, cursor string, n int) ([]people.Import, string, error) {
	page, err := s.t.Query(ctx, table.Query{Table: s.n.Contacts, PK: importKeys.PK, Desc: true, Limit: n, After: cursor})
	if err != nil {
		return nil, "", err
	}
	var out []people.Import
	for i := range page.Items {
		var one people.Import
		if err := decode(&page.Items[i], &one); err != nil {
			return nil, "", err
		}
		out = append(out, one)
	}
	return out, page.Next, nil
}

// BadRows reads a page of the rows of an import that were not taken, in their order.
func (s *Contacts) BadRows(ctx context.Context, id, cursor string, n int) ([]people.BadRow, string, error) {
	page, err := s.t.Query(ctx, table.Query{Table: s.n.Contacts, PK: importKeys.Rows(id), From: "X#", To: "X#" + last, Limit: n, After: cursor})
	if err != nil {
		return nil, "", err
	}
	var out []people.BadRow
	for i := range page.Items {
		var one people.BadRow
		if err := decode(&page.Items[i], &one); err != nil {
			return nil, "", err
		}
		out = append(out, one)
	}
	return out, page.Next, nil
}

// BadRow writes down what is wrong with a row; writing it again changes nothing.
func (s *Contacts) BadRow(ctx context.Context, id string, bad people.BadRow) error {
	op, err := put(s.n.Contacts, table.Any(), importKeys.Bad(id, bad.Row), bad)
	if err != nil {
		return err
	}
	return s.t.Transact(ctx, op)
}

// RowOutcome is what became of a row.
type RowOutcome int

// The outcomes.
const (
	RowSame RowOutcome = iota
	RowCreated
	RowChanged
)

// RowsDone are the outcomes of rows that were seen to already, when a run ended between their writing and its own.
func (s *Contacts) RowsDone(ctx context.Context, id string, from, to int) (map[int]RowOutcome, error) {
	q := table.Query{Table: s.n.Contacts, PK: importKeys.Rows(id), From: importKeys.Row(id, from).SK, To: importKeys.Row(id, to).SK, Consistent: true}
	out := map[int]RowOutcome{}
	for {
		page, err := s.t.Query(ctx, q)
		if err != nil {
			return nil, err
		}
		for i := range page.Items {
			var d rowDoc
			if err := decode(&page.Items[i], &d); err != nil {
				return nil, err
			}
			n, err := strconv.Atoi(strings.TrimPrefix(page.Items[i].SK, "R#"))
			if err != nil {
				return nil, err
			}
			if out[n] = RowChanged; d.Created {
				out[n] = RowCreated
			}
		}
		if page.Next == "" {
			return out, nil
		}
		q.After = page.Next
	}
}

// ImportRow finds whom a row's names lead to and has take say what the row makes of them, or of somebody new. The contact, the line that says
// what was changed and the mark that the row was seen to are written in one transaction. A row whose names lead to several people, or whose new
// names are another's, is fault.Conflict.
func (s *Contacts) ImportRow(ctx context.Context, i people.Import, row int, names []people.Alias, take func(people.Contact) (people.Contact, []people.ContactChange, error)) (RowOutcome, error) {
	out := RowSame
	err := retry(ctx, limit.CommitBudget, func() error {
		leads := map[people.Alias]string{}
		for _, a := range names {
			id, err := s.Leads(ctx, a)
			if err != nil {
				return err
			}
			if id == "" {
				continue
			}
			who, err := s.Get(ctx, id)
			if err != nil {
				return err
			}
			leads[people.Alias{Kind: a.Kind, Value: a.Value}] = who.ID
		}
		id, others := people.Match(names, leads)
		if len(others) > 0 {
			return fault.New(fault.Conflict, "The names in this row lead to different contacts. If they are one person, merge them first.")
		}
		h := held{Contact: people.Contact{ID: s.newID(), CreatedAt: s.now().UTC()}}
		fresh := id == ""
		if !fresh {
			var err error
			if h, err = s.root(ctx, id); err != nil {
				return err
			}
		}
		c, changes, err := take(h.Contact)
		if err != nil {
			return err
		}
		if !fresh && len(changes) == 0 {
			out = RowSame
			return nil
		}
		known := h.Contact
		if fresh {
			known = people.Contact{}
		}
		if c, err = s.free(ctx, known, c); err != nil {
			if fault.Is(err, fault.Conflict) { // whose it is says no file
				return fault.New(fault.Conflict, "A name in this row leads to another contact.")
			}
			return err
		}
		line := people.Line{ID: s.newID(), Kind: people.LineChanged, By: i.By, Rule: "import", Other: i.ID, Changes: changes}
		mark := rowDoc{Contact: c.ID, Line: line.ID, Edition: c.Edition, Created: fresh}
		if out = RowChanged; fresh {
			out, line.Kind, line.Changes = RowCreated, people.LineCreated, nil
		}
		more := make([]table.Op, 0, 8)
		lineOp, err := s.line(c.ID, line)
		if err != nil {
			return err
		}
		markOp, err := put(s.n.Contacts, table.Absent(), importKeys.Row(i.ID, row), mark)
		if err != nil {
			return err
		}
		more = append(more, lineOp, markOp)
		if fresh {
			if c.Company == "" {
				company, made, err := s.companyOf(ctx, c.Address)
				if err != nil {
					return err
				}
				c.Company = company
				more = append(more, made...)
			}
			return s.save(ctx, held{}, c, more...)
		}
		return s.save(ctx, h, c, more...)
	})
	return out, err
}

// UndoRows takes back what the next rows of an import did, at most n of them: their marks go with it. more is false when there is none left.
// A contact that the import made goes, unless somebody has changed it or it has a history; of one that it changed, values that still are what the
// import wrote are again what they were.
func (s *Contacts) UndoRows(ctx context.Context, i people.Import, n int) (undone, kept int, more bool, err error) {
	page, err := s.t.Query(ctx, table.Query{Table: s.n.Contacts, PK: importKeys.Rows(i.ID), From: "R#", To: "R#" + last, Desc: true, Limit: n, Consistent: true})
	if err != nil {
		return 0, 0, false, err
	}
	for j := range page.Items {
		var d rowDoc
		if err := decode(&page.Items[j], &d); err != nil {
			return undone, kept, true, err
		}
		took, err := s.undoRow(ctx, i, d, table.Op{Table: s.n.Contacts, Verb: table.Delete, Cond: table.RevIs(page.Items[j].Rev), Item: table.Item{Key: page.Items[j].Key}})
		if err != nil {
			return undone, kept, true, err
		}
		if took {
			undone++
		} else {
			kept++
		}
	}
	return undone, kept, page.Next != "", nil
}

func (s *Contacts) undoRow(ctx context.Context, i people.Import, d rowDoc, unmark table.Op) (took bool, err error) {
	err = retry(ctx, limit.CommitBudget, func() error {
		h, err := s.node(ctx, d.Contact)
		if isNotFound(err) || err == nil && !h.ErasedAt.IsZero() {
			took = false
			return s.t.Transact(ctx, unmark)
		}
		if err != nil {
			return err
		}
		if d.Created {
			used, err := s.used(ctx, h, d)
			if err != nil {
				return err
			}
			if took = !used; used {
				return s.t.Transact(ctx, unmark)
			}
			main, rows := s.without(h)
			main = append(main, unmark, table.Op{Table: s.n.Contacts, Verb: table.Delete, Item: table.Item{Key: contactKeys.Line(h.ID, d.Line)}})
			return s.commitRows(ctx, main, rows)
		}
		it, err := s.one(ctx, s.n.Contacts, contactKeys.Line(d.Contact, d.Line))
		if err != nil {
			return err
		}
		var l people.Line
		if it != nil {
			if err := decode(it, &l); err != nil {
				return err
			}
		}
		c, did := h.Undo(l.Changes)
		if took = len(did) > 0; !took {
			return s.t.Transact(ctx, unmark)
		}
		line, err := s.line(c.ID, people.Line{Kind: people.LineChanged, By: i.By, Rule: "undo", Other: i.ID, Changes: did})
		if err != nil {
			return err
		}
		return s.save(ctx, h, c, line, unmark)
	})
	return took, err
}

// used reports whether somebody has done something with a contact since the import made it.
func (s *Contacts) used(ctx context.Context, h held, d rowDoc) (bool, error) {
	if h.Edition != d.Edition || h.MergedInto != "" || len(h.Merged) > 0 {
		return true, nil
	}
	lines, err := s.Lines(ctx, people.Contact{ID: h.ID}, "", 2)
	if err != nil || len(lines) > 1 {
		return true, err
	}
	page, err := s.t.Query(ctx, table.Query{Table: s.n.Threads, Index: indexContact, PK: "P#" + h.ID, Limit: 1})
	return len(page.Items) > 0, err
}

// without are the ops that take a contact away with everything that leads to it; its lines are not among them.
func (s *Contacts) without(h held) (main, rows []table.Op) {
	main = []table.Op{{Table: s.n.Contacts, Verb: table.Delete, Cond: cond(h.item), Item: table.Item{Key: contactKeys.Contact(h.ID)}}}
	for _, a := range h.Aliases {
		if a.Of == "" {
			main = append(main, table.Op{Table: s.n.Contacts, Verb: table.Delete, Item: table.Item{Key: contactKeys.Alias(a.Kind, a.Value)}})
		}
	}
	return main, s.moved(h.rows, nil)
}

// CompanyNamed returns the company of a name or a domain, and makes one if there is none.
func (s *Contacts) CompanyNamed(ctx context.Context, by events.Actor, name string) (string, error) {
	if domain := people.CompanyDomain("x@" + name); domain != "" && !strings.ContainsAny(name, " /@") {
		if id, err := s.CompanyByDomain(ctx, domain); err != nil || id != "" {
			return id, err
		}
	}
	c := people.Company{Name: name, Edition: 1}
	if sort := c.SortName(); sort != "" {
		page, err := s.t.Query(ctx, table.Query{Table: s.n.Contacts, PK: "ONAMES", From: sort + "#", To: sort + "#" + last, Limit: 20, Consistent: true})
		if err != nil {
			return "", err
		}
		found, err := s.companiesOf(ctx, page.Items)
		if err != nil {
			return "", err
		}
		for _, f := range found {
			if people.Plain(f.Name) == people.Plain(name) {
				return f.ID, nil
			}
		}
	} else {
		return "", fault.New(fault.Invalid, "A company's name has letters or digits.")
	}
	c, err := s.CreateCompany(ctx, by, c)
	return c.ID, err
}
