package sweep_test

import (
	"database/sql"
	"flag"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/events"
	"parley/functions/sweep"
	"parley/shared/host"
	"parley/shared/host/hosttest"
	"parley/shared/people"
	"parley/shared/store"
	"parley/shared/table/local"
)

var mara = events.Actor{Kind: events.Agent, ID: "mara", Name: "Mara"}

// office is a world whose every byte can be looked at.
type office struct {
	*hosttest.World
	h   host.Handler
	st  *store.Store
	dir string
}

func openOffice(t *testing.T, w *hosttest.World) *office {
	t.Helper()
	dir := t.TempDir()
	db, err := local.Open(dir, hosttest.Schemas)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	w.DB = db
	names := store.Names{Threads: "threads", Outbox: "outbox", Assignments: "assignments", Contacts: "contacts", Settings: "settings", Sockets: "sockets"}
	n := 0
	var mu sync.Mutex
	o := &office{World: w, dir: dir, st: store.Open(db, names, w.Now, func() string { mu.Lock(); defer mu.Unlock(); n++; return fmt.Sprintf("test%06d", n) })}
	o.h = w.Build(t, sweep.New)
	if err := o.st.Settings.Birth(hosttest.Context(), "parley.example"); err != nil {
		t.Fatal(err)
	}
	return o
}

// dump is every row of every table, with the keys of all its indexes; without those whose partition key begins with one of skip.
func (o *office) dump(t *testing.T, skip ...string) []string {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(o.dir, "tables.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var out []string
	for _, sc := range hosttest.Schemas {
		rows, err := db.Query(`SELECT * FROM "` + sc.Name + `" ORDER BY pk, sk`)
		if err != nil {
			t.Fatal(err)
		}
		cols, err := rows.Columns()
		if err != nil {
			t.Fatal(err)
		}
	next:
		for rows.Next() {
			vals := make([]any, len(cols))
			for i := range vals {
				vals[i] = new(any)
			}
			if err := rows.Scan(vals...); err != nil {
				t.Fatal(err)
			}
			line := sc.Name
			for i, v := range vals {
				line += fmt.Sprintf(" %s=%s", cols[i], *v.(*any))
			}
			for _, s := range skip {
				if strings.Contains(line, " pk="+s) {
					continue next
				}
			}
			out = append(out, line)
		}
		if err := rows.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if len(out) < 3 {
		t.Fatalf("%d rows: the search sees nothing", len(out))
	}
	return out
}

// holding are the rows and objects in which one of the texts stands.
func (o *office) holding(t *testing.T, texts ...string) (found []string) {
	t.Helper()
	for _, row := range o.dump(t) {
		for _, x := range texts {
			if strings.Contains(strings.ToLower(row), strings.ToLower(x)) {
				found = append(found, x+": "+row)
			}
		}
	}
	for _, x := range texts {
		found = append(found, o.Holding(x)...)
	}
	return found
}

// begin starts an import of a file with these columns.
func (o *office) begin(t *testing.T, id, file string, mapping ...string) {
	t.Helper()
	s, err := people.ReadSheet([]byte(file))
	if err != nil {
		t.Fatal(err)
	}
	o.Put("files", store.ImportKey(id), []byte(file))
	if err := o.st.Contacts.StartImport(hosttest.Context(), people.Import{ID: id, Name: "people.csv", State: people.ImportRunning, By: mara, At: o.Now(), Mapping: mapping, Rows: len(s.Rows)}); err != nil {
		t.Fatal(err)
	}
}

func (o *office) tick(t *testing.T) {
	t.Helper()
	if _, err := o.h.Invoke(hosttest.Context(), nil); err != nil {
		t.Fatal(err)
	}
}

func (o *office) imported(t *testing.T, id string) people.Import {
	t.Helper()
	i, err := o.st.Contacts.Import(hosttest.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

var columns = []string{people.OnName, people.OnAddress, people.OnPhone, people.ColCompany, "title", people.PropLifecycle, people.ColExternal}

// people of a file, one in a hundred of them wrong.
func file(rows int) (text string, bad int) {
	var b strings.Builder
	b.WriteString("Name;E-Mail;Telefon;Firma;Titel;Phase;Kundennummer\r\n")
	for i := range rows {
		address, stage := fmt.Sprintf("p%05d@firm%02d.example", i, i%7), "Lead"
		if i%100 == 50 {
			bad++
			if address = "nobody at all"; i%200 == 50 {
				address, stage = fmt.Sprintf("p%05d@firm.example", i), "No such stage"
			}
		}
		fmt.Fprintf(&b, "Person %d;%s;+386 1 %07d;Firm %d;Potter;%s;K-%d\r\n", i, address, i, i%7, stage, i)
	}
	return b.String(), bad
}

func TestImport(t *testing.T) {
	o := openOffice(t, hosttest.New(t))
	ctx := hosttest.Context()
	known, err := o.st.Contacts.ByEmail(ctx, "p00003@firm03.example", "Known Before")
	if err != nil {
		t.Fatal(err)
	}
	before := o.dump(t, "O#", "ONAMES", "SO#", "A#domain", "IMPORTS", "I#") // companies stay
	const rows = 1000
	text, bad := file(rows)
	o.begin(t, "i1", text, columns...)
	o.tick(t)
	i := o.imported(t, "i1")
	if i.State != people.ImportDone || i.Bad != bad || i.Created != rows-bad-1 || i.Changed != 1 || i.Same != 0 || i.EndedAt.IsZero() {
		t.Fatalf("%+v, %d bad", i, bad)
	}
	if left := o.Holding("Potter"); len(left) > 0 {
		t.Errorf("the file stays: %v", left)
	}
	wrong, next, err := o.st.Contacts.BadRows(ctx, "i1", "", 100)
	if err != nil || next != "" || len(wrong) != bad || wrong[0].Row != 51 || wrong[0].Column != "Phase" || wrong[1].Row != 151 || wrong[1].Reason != "This is no email address." {
		t.Errorf("%+v %v", wrong, err)
	}
	c, err := o.st.Contacts.Get(ctx, known.ID)
	if err != nil || c.Name != "Person 3" || c.Props["title"] != "Potter" || c.Props["lifecycle"] != "Lead" || c.Phone != "+38610000003" || !c.Knows(people.ExternalAlias("K-3")) || c.Company == "" {
		t.Errorf("%+v %v", c, err)
	}

	// The same file again changes nothing at all.
	state := o.dump(t, "IMPORTS", "I#", "LONG")
	o.begin(t, "i2", text, columns...)
	o.tick(t)
	if i = o.imported(t, "i2"); i.State != people.ImportDone || i.Same != rows-bad || i.Bad != bad || i.Created+i.Changed != 0 {
		t.Errorf("%+v", i)
	}
	if after := o.dump(t, "IMPORTS", "I#", "LONG"); strings.Join(after, "\n") != strings.Join(state, "\n") {
		t.Error("the second import changed something")
	}

	// Undone, the contacts are those that were there. One that somebody has worked with stays.
	kept, err := o.st.Contacts.Leads(ctx, people.EmailAlias("p00005@firm05.example"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.st.Contacts.Write(ctx, kept, people.Line{Kind: people.LineNote, By: mara, Text: "Likes celadon"}); err != nil {
		t.Fatal(err)
	}
	if _, err := o.st.Contacts.ChangeImport(ctx, "i1", func(i people.Import) (people.Import, error) {
		i.State = people.ImportUndoing
		return i, nil
	}); err != nil {
		t.Fatal(err)
	}
	o.tick(t)
	if i = o.imported(t, "i1"); i.State != people.ImportUndone || i.Undone != rows-bad-1 || i.Kept != 1 {
		t.Errorf("%+v", i)
	}
	if c, err = o.st.Contacts.Get(ctx, kept); err != nil || c.Name != "Person 5" {
		t.Errorf("%+v %v", c, err)
	}
	c, err = o.st.Contacts.Get(ctx, known.ID)
	if err != nil || c.Name != "Known Before" || c.Phone != "" || len(c.Props) != 0 || c.Knows(people.ExternalAlias("K-3")) || len(c.Aliases) != 1 {
		t.Errorf("%+v %v", c, err)
	}
	if _, err := o.st.Contacts.StartErasure(ctx, mara, kept); err != nil { // to compare the rest
		t.Fatal(err)
	}
	o.tick(t)
	rest := o.dump(t, "O#", "ONAMES", "SO#", "A#domain", "IMPORTS", "I#", "ERASURES", "P#"+kept)
	if len(rest) != len(before)+2 { // the two lines of the known one's record
		t.Errorf("%d rows before, %d after", len(before), len(rest))
	}
	for _, row := range rest {
		if strings.Contains(row, "Potter") && !strings.Contains(row, "pk=P#"+known.ID) || strings.Contains(row, "p00001@") {
			t.Errorf("left: %s", row)
		}
	}
}

// Whatever call fails or kills the run, the next minutes end it: each row counted once, each contact there once.
func TestImportSurvivesEveryCrash(t *testing.T) {
	hosttest.EveryCrash(t, func(t *testing.T, w *hosttest.World) {
		strike := w.Strike
		w.Strike = nil
		o := openOffice(t, w)
		o.begin(t, "i1", "name,email\nAnn,ann@a.example\nBen,nobody\nCid,cid@a.example\n", people.OnName, people.OnAddress)
		var mu sync.Mutex
		w.Strike = func(call string, done bool) error {
			mu.Lock()
			defer mu.Unlock()
			return strike(call, done)
		}
		_, _, _ = hosttest.Invoke(o.h, nil)
		w.Strike = nil
		o.tick(t)
		i := o.imported(t, "i1")
		if i.State != people.ImportDone || i.Created != 2 || i.Bad != 1 || i.Same != 0 || len(w.Holding("Ann")) > 0 {
			t.Errorf("%+v %v", i, w.Holding("Ann"))
		}
		page, err := o.st.Contacts.Find(hosttest.Context(), people.Asked{Now: w.Now()}, store.ContactQuery{})
		if err != nil || len(page.Contacts) != 2 {
			t.Errorf("%+v %v", page, err)
		}
	})
}

var many = flag.Int("rows", 0, "rows of a file to take in twice: make soak says 100 000")

// TestImportOfMany: every good row is in, every bad one listed, a second time changes nothing; and then it is taken back.
func TestImportOfMany(t *testing.T) {
	if *many == 0 {
		t.Skip("-rows says how many")
	}
	o := openOffice(t, hosttest.New(t))
	text, bad := file(*many)
	until := func(id string, end people.ImportState) people.Import {
		began, ticks := time.Now(), 0
		for o.imported(t, id).State != end {
			o.tick(t)
			ticks++
		}
		t.Logf("%s %s in %v, %d runs", id, end, time.Since(began).Round(time.Second), ticks)
		return o.imported(t, id)
	}
	o.begin(t, "i1", text, columns...)
	if i := until("i1", people.ImportDone); i.Created != *many-bad || i.Bad != bad {
		t.Fatalf("%+v, %d bad", i, bad)
	}
	state := o.dump(t, "IMPORTS", "I#", "LONG")
	o.begin(t, "i2", text, columns...)
	if i := until("i2", people.ImportDone); i.Same != *many-bad || i.Bad != bad || i.Created+i.Changed != 0 {
		t.Fatalf("%+v", i)
	}
	if !slices.Equal(o.dump(t, "IMPORTS", "I#", "LONG"), state) {
		t.Error("the second import changed something")
	}
	if _, err := o.st.Contacts.ChangeImport(hosttest.Context(), "i1", func(i people.Import) (people.Import, error) {
		i.State = people.ImportUndoing
		return i, nil
	}); err != nil {
		t.Fatal(err)
	}
	if i := until("i1", people.ImportUndone); i.Undone != *many-bad || i.Kept != 0 {
		t.Errorf("%+v", i)
	}
}
