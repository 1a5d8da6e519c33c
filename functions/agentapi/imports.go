package agentapi

import (
	"context"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"parley/shared/clerk"
	"parley/shared/fault"
	"parley/shared/limit"
	"parley/shared/people"
	"parley/shared/store"
)

// ImportFile is a file of contacts that was uploaded, and how it is read. (What is embedded is exported, or the library that reads the types
// overlooks it.)
type ImportFile struct {
	Upload  string   `json:"upload" maxLength:"64" doc:"Id of an upload of the caller's: a CSV file of at most 16 MB and 200 000 rows, the first line its header."`
	Mapping []string `json:"mapping,omitempty" maxItems:"120" doc:"What each column is: name, firstName, lastName, address, phone, external (the id in the team's own systems), company (its name or domain), the id of a property, or empty for nothing. Guessed from the header if it is not given."`
}

type (
	previewIn  struct{ Body ImportFile }
	previewOut struct{ Body importPreview }
	importIn   struct {
		Body struct {
			ImportFile
			Name string `json:"name" maxLength:"200" doc:"Of the file."`
			Fill bool   `json:"fill,omitempty" doc:"What is known already stays: only what a contact lacks is taken. Otherwise what the file says replaces it; empty cells replace nothing."`
		}
	}
	importOut  struct{ Body people.Import }
	importsOut struct {
		Body struct {
			Imports []people.Import `json:"imports" doc:"The newest first."`
			Next    string          `json:"next" doc:"Empty at the end."`
		}
	}
	importsIn struct {
		Cursor string `query:"cursor" maxLength:"2048" doc:"next of the page before."`
	}
	importRef struct {
		Import string `path:"import" maxLength:"64"`
	}
	badRowsIn struct {
		Import string `path:"import" maxLength:"64"`
		Cursor string `query:"cursor" maxLength:"2048" doc:"next of the page before."`
	}
	badRowsOut struct {
		Body struct {
			Rows []people.BadRow `json:"rows" doc:"In the order of the file."`
			Next string          `json:"next" doc:"Empty at the end."`
		}
	}
)

// importPreview is what a file would do, as far as the file itself can say: whom its rows are is found out when they are taken.
type importPreview struct {
	Columns []importColumn  `json:"columns"`
	Rows    int             `json:"rows"`
	Bad     int             `json:"bad" doc:"Rows that cannot be taken."`
	BadRows []people.BadRow `json:"badRows" doc:"The first twenty of them."`
	Mapping []string        `json:"mapping" doc:"As it was given, or guessed."`
	Problem string          `json:"problem,omitempty" doc:"Why the mapping cannot be used; then no row was read."`
}

// importColumn is a column of a file.
type importColumn struct {
	Header  string   `json:"header"`
	Samples []string `json:"samples" doc:"The first values that stand in it."`
}

func (d *door) registerImports() {
	const one = "/api/imports/{import}"
	huma.Register(d.api, op("POST", "/api/imports/preview", "previewImport", "What stands in a file of contacts, and what is wrong with it; changes nothing"), d.previewImport)
	huma.Register(d.api, created(op("POST", "/api/imports", "startImport", "Take a file of contacts in: begins within a minute and goes on by itself")), d.startImport)
	huma.Register(d.api, op("GET", "/api/imports", "listImports", "Files of contacts that were taken in"), d.imports)
	huma.Register(d.api, op("GET", one, "getImport", "How far an import is"), d.getImport)
	huma.Register(d.api, op("GET", one+"/bad", "listBadRows", "Rows that were not taken, and why"), d.badRows)
	huma.Register(d.api, op("POST", one+"/undo", "undoImport", "Take an import back: contacts that it made and nobody has touched go, values that nobody has changed since are what they were"), d.undoImport)
}

// sheet reads an upload of the caller's as a file of contacts.
func (d *door) sheet(ctx context.Context, upload string) (people.Sheet, []byte, error) {
	key, err := uploadKey(ctx, upload)
	if err != nil {
		return people.Sheet{}, nil, err
	}
	info, err := d.files.Stat(ctx, key)
	if fault.Is(err, fault.NotFound) {
		return people.Sheet{}, nil, missingUpload()
	}
	if err != nil {
		return people.Sheet{}, nil, err
	}
	if info.Size > limit.ImportBytes {
		return people.Sheet{}, nil, fault.New(fault.Invalid, "The file has %d MB; at most %d MB can be taken in at once. Please split it.", info.Size>>20, limit.ImportBytes>>20)
	}
	raw, _, err := d.files.Get(ctx, key)
	if err != nil {
		return people.Sheet{}, nil, err
	}
	s, err := people.ReadSheet(raw)
	return s, raw, err
}

func (d *door) previewImport(ctx context.Context, in *previewIn) (*previewOut, error) {
	s, _, err := d.sheet(ctx, in.Body.Upload)
	if err != nil {
		return nil, err
	}
	rules, userOf, err := clerk.Rules(ctx, d.store, people.ByImport)
	if err != nil {
		return nil, err
	}
	p := importPreview{Columns: []importColumn{}, Rows: len(s.Rows), BadRows: []people.BadRow{}, Mapping: in.Body.Mapping}
	if len(p.Mapping) == 0 {
		p.Mapping = people.GuessMapping(s.Header, rules.Defs)
	}
	for i, h := range s.Header {
		c := importColumn{Header: h, Samples: []string{}}
		for _, row := range s.Rows[:min(len(s.Rows), 50)] {
			if i < len(row) && strings.TrimSpace(row[i]) != "" && len(c.Samples) < 3 {
				c.Samples = append(c.Samples, clipped(row[i], 100))
			}
		}
		p.Columns = append(p.Columns, c)
	}
	if err := people.CheckMapping(p.Mapping, len(s.Header), rules.Defs); err != nil {
		p.Problem = fault.MessageOf(err)
		return &previewOut{p}, nil
	}
	_, bad := clerk.ReadRows(s, p.Mapping, rules, userOf)
	for _, b := range bad {
		p.BadRows = append(p.BadRows, b)
	}
	slices.SortFunc(p.BadRows, func(a, b people.BadRow) int { return a.Row - b.Row })
	p.Bad, p.BadRows = len(bad), p.BadRows[:min(len(bad), 20)]
	return &previewOut{p}, nil
}

// clipped is a text of at most n characters.
func clipped(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

func (d *door) startImport(ctx context.Context, in *importIn) (*importOut, error) {
	s, raw, err := d.sheet(ctx, in.Body.Upload)
	if err != nil {
		return nil, err
	}
	defs, err := d.store.Contacts.Properties(ctx)
	if err != nil {
		return nil, err
	}
	mapping := in.Body.Mapping
	if len(mapping) == 0 {
		mapping = people.GuessMapping(s.Header, defs)
	}
	if err := people.CheckMapping(mapping, len(s.Header), defs); err != nil {
		return nil, err
	}
	if len(s.Rows) == 0 {
		return nil, fault.New(fault.Invalid, "There is no row in the file.")
	}
	i := people.Import{
		ID: d.newID(), Name: clipped(strings.Join(strings.Fields(in.Body.Name), " "), 200), State: people.ImportRunning, By: agent(caller(ctx)), At: d.now().UTC(),
		Mapping: mapping, Fill: in.Body.Fill, Rows: len(s.Rows),
	}
	if err := d.files.Put(ctx, store.ImportKey(i.ID), "text/csv", raw); err != nil {
		return nil, err
	}
	if err := d.store.Contacts.StartImport(ctx, i); err != nil {
		return nil, err
	}
	key, err := uploadKey(ctx, in.Body.Upload)
	if err != nil {
		return nil, err
	}
	return &importOut{i}, d.files.Delete(ctx, key)
}

func (d *door) imports(ctx context.Context, in *importsIn) (*importsOut, error) {
	list, next, err := d.store.Contacts.Imports(ctx, in.Cursor, limit.ContactPage)
	out := &importsOut{}
	out.Body.Imports, out.Body.Next = orEmpty(list), next
	return out, err
}

func (d *door) getImport(ctx context.Context, in *importRef) (*importOut, error) {
	i, err := d.store.Contacts.Import(ctx, in.Import)
	return &importOut{i}, err
}

func (d *door) badRows(ctx context.Context, in *badRowsIn) (*badRowsOut, error) {
	if _, err := d.store.Contacts.Import(ctx, in.Import); err != nil {
		return nil, err
	}
	rows, next, err := d.store.Contacts.BadRows(ctx, in.Import, in.Cursor, limit.ContactPageMax)
	out := &badRowsOut{}
	out.Body.Rows, out.Body.Next = orEmpty(rows), next
	return out, err
}

// undoImport asks for it; one that is being undone, or is, stays so.
func (d *door) undoImport(ctx context.Context, in *importRef) (*importOut, error) {
	i, err := d.store.Contacts.ChangeImport(ctx, in.Import, func(i people.Import) (people.Import, error) {
		if i.State == people.ImportRunning || i.State == people.ImportDone {
			i.State = people.ImportUndoing
		}
		return i, nil
	})
	return &importOut{i}, err
}
