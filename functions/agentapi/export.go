package agentapi

import (
	"bytes"
	"context"
	"encoding/csv"

	"github.com/danielgtaylor/huma/v2"

	"parley/shared/fault"
	"parley/shared/limit"
	"parley/shared/people"
	"parley/shared/store"
)

type exportIn struct {
	List   string `query:"list" maxLength:"64" doc:"Id of a saved list; all contacts without one."`
	Cursor string `query:"cursor" maxLength:"2048" doc:"X-Next of the part before."`
}

type exportOut struct {
	Type string `header:"Content-Type"`
	Next string `header:"X-Next" doc:"Of the next part; empty at the end."`
	Body []byte
}

func (d *door) registerExport() {
	o := op("GET", "/api/contacts/export", "exportContacts", "Contacts as CSV, in parts: only the first has a header, so that joined they are one file")
	o.Responses = map[string]*huma.Response{"200": {Description: "CSV, UTF-8.", Content: map[string]*huma.MediaType{"text/csv": {Schema: &huma.Schema{Type: "string"}}}}}
	huma.Register(d.api, o, d.export)
}

// export writes what an import reads: the same columns, so that a file may go out and come in again.
func (d *door) export(ctx context.Context, in *exportIn) (*exportOut, error) {
	q := store.ContactQuery{Cursor: in.Cursor, Limit: limit.ContactPageMax}
	if in.List != "" {
		l, err := d.store.Contacts.List(ctx, in.List)
		if err != nil {
			return nil, err
		}
		q.Conditions, q.Sort = l.Asks(), l.Sort
	}
	asked, err := d.asked(ctx)
	if err != nil {
		return nil, err
	}
	q.Conditions = asked.Bind(q.Conditions)
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	header := []string{people.OnName, people.OnAddress, people.OnPhone, people.ColCompany, people.ColExternal}
	var props []people.Property
	for _, p := range asked.Defs {
		if p.Of == people.OfContact {
			props = append(props, p)
			header = append(header, people.Cell(p.Name))
		}
	}
	if in.Cursor == "" {
		b.WriteString("\ufeff") // or spreadsheets take it for their country's letters
		if err := w.Write(header); err != nil {
			return nil, err
		}
	}
	companies := map[string]string{}
	for n := 0; n < limit.ExportPage; {
		page, err := d.store.Contacts.Find(ctx, asked, q)
		if err != nil {
			return nil, err
		}
		for _, c := range page.Contacts {
			company, known := companies[c.Company]
			if !known && c.Company != "" {
				co, err := d.store.Contacts.Company(ctx, c.Company)
				if err != nil && !fault.Is(err, fault.NotFound) {
					return nil, err
				}
				company = co.Name
				companies[c.Company] = company
			}
			row := []string{c.Name, c.Address, c.Phone, company, external(c)}
			for _, p := range props {
				row = append(row, c.Props[p.ID])
			}
			for i := range row {
				row[i] = people.Cell(row[i])
			}
			if err := w.Write(row); err != nil {
				return nil, err
			}
		}
		n += max(page.Examined, 1)
		if q.Cursor = page.Next; q.Cursor == "" {
			break
		}
	}
	w.Flush()
	return &exportOut{Type: "text/csv; charset=utf-8", Next: q.Cursor, Body: b.Bytes()}, w.Error()
}

func external(c people.Contact) string {
	for _, a := range c.Aliases {
		if a.Kind == people.KindExternal {
			return a.Value
		}
	}
	return ""
}
