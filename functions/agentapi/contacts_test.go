package agentapi_test

import (
	"fmt"
	"strings"
	"testing"

	"parley/events"
	"parley/shared/fault"
	"parley/shared/inbox"
	"parley/shared/people"
	"parley/shared/store"
)

type oneContact struct{ Contact people.Contact }

func (w *world) contact(body string) people.Contact {
	w.Helper()
	var c oneContact
	w.mara("POST", "/api/contacts", body).into(201, &c)
	return c.Contact
}

// One address leads to one contact; what two people change at once is not lost; what a list asks for is what it gets.
func TestContacts(t *testing.T) {
	w := newWorld(t)
	a := w.contact(`{"name":"Lena Novak","address":"Lena@Kiln.example","props":{"lifecycle":"lead"}}`)
	if a.Address != "lena@kiln.example" || a.Company == "" || a.Props["lifecycle"] != "Lead" {
		t.Errorf("%+v", a)
	}
	b := w.contact(`{"name":"Gus","address":"gus@gmail.com"}`)
	if b.Company != "" {
		t.Error("a provider of free mail became a company")
	}
	w.mara("POST", "/api/contacts", `{"name":"Other","address":"lena@kiln.example"}`).refused(409, fault.Conflict)
	w.mara("POST", "/api/contacts", `{"name":"Us","address":"`+w.account.Address+`"}`).refused(422, fault.Invalid)
	w.mara("POST", "/api/contacts", `{}`).refused(422, fault.Invalid)
	w.mara("PATCH", "/api/contacts/"+b.ID, `{"props":{"lifecycle":"Nonsense"}}`).refused(422, fault.Invalid)
	w.mara("PATCH", "/api/contacts/"+b.ID, `{"props":{"owner":"nobody"}}`).refused(422, fault.Invalid)
	first := w.mara("GET", "/api/contacts/"+b.ID, "")
	w.mara("PATCH", "/api/contacts/"+b.ID, `{"name":"Gustav"}`, "If-Match", first.headers["etag"]).into(200, nil)
	if got := w.mara("PATCH", "/api/contacts/"+b.ID, `{"name":"Gustavo"}`, "If-Match", first.headers["etag"]); got.status != 412 {
		t.Errorf("%d %s", got.status, got.body)
	}
	for conditions, want := range map[string]string{
		`[]`: "Gustav Lena Novak",
		`[{"on":"lifecycle","op":"is","value":"Lead"}]`:                                                      "Lena Novak",
		`[{"on":"lifecycle","op":"unset"}]`:                                                                  "Gustav",
		`[{"on":"domain","op":"is","value":"gmail.com"}]`:                                                    "Gustav",
		`[{"on":"name","op":"begins","value":"LEN"},{"on":"company","op":"is","value":"` + a.Company + `"}]`: "Lena Novak",
		`[{"on":"created","op":"within","value":"1"},{"on":"name","op":"contains","value":"ust"}]`:           "Gustav",
		`[{"on":"active","op":"earlier","value":"30"}]`:                                                      "",
	} {
		var page struct{ Contacts []people.Contact }
		w.mara("POST", "/api/contacts/search", `{"sort":"name","conditions":`+conditions+`}`).into(200, &page)
		var names []string
		for _, c := range page.Contacts {
			names = append(names, c.Name)
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%s: %q, want %q", conditions, got, want)
		}
	}
	w.mara("POST", "/api/contacts/search", `{"conditions":[{"on":"nonsense","op":"is","value":"x"}]}`).refused(422, fault.Invalid)
}

// Whoever does not see an inbox sees nothing of it in what is known of a person either.
func TestHistoryStaysInsideItsInbox(t *testing.T) {
	w := newWorld(t)
	w.hire("ada")
	var hidden struct {
		ID       string
		Accounts []inbox.Account
	}
	w.mara("POST", "/api/inboxes", `{"name":"Board"}`).into(201, &hidden)
	if _, err := w.store.Settings.ChangeInbox(ctx, events.Actor{ID: "mara"}, hidden.ID, "members", func(in inbox.Inbox) (inbox.Inbox, error) {
		return in.With(inbox.Members{Users: []string{"mara"}})
	}); err != nil {
		t.Fatal(err)
	}
	w.later += 20e9
	c, err := w.store.Contacts.ByEmail(ctx, "lena@kiln.example", "Lena")
	if err != nil {
		t.Fatal(err)
	}
	for thread, box := range map[string]string{"t1": w.inbox, "t2": hidden.ID} {
		m := events.MessageReceived{Message: "m" + thread, Contact: c.Fact(), From: events.Address{Email: c.Address}, Subject: "About " + thread, Preview: "x", Body: events.Body{Text: "x"}}
		if _, err := w.store.Threads.Do(ctx, thread, "", func(th inbox.Thread) (inbox.Decision, error) {
			return th.Open(events.ThreadOpened{Inbox: box, Account: w.account.ID, Channel: "email", Subject: m.Subject, Contact: m.Contact}, m)
		}); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{"/api/contacts/" + c.ID + "/threads", "/api/contacts/" + c.ID + "/timeline", "/api/companies/" + c.Company + "/threads"} {
		own := w.mara("GET", path, "").into(200, nil)
		if !strings.Contains(own.body, "About t1") || !strings.Contains(own.body, "About t2") {
			t.Errorf("%s: %s", path, own.body)
		}
		got := w.call(call{method: "GET", path: path, user: "ada"}).into(200, nil)
		if !strings.Contains(got.body, "About t1") || strings.Contains(got.body, "About t2") {
			t.Errorf("%s shows another inbox: %s", path, got.body)
		}
	}
}

func (w *world) file(user, text string) string {
	w.Helper()
	var up struct{ ID string }
	w.call(call{method: "POST", path: "/api/uploads", user: user, body: fmt.Sprintf(`{"name":"people.csv","type":"text/csv","size":%d}`, len(text))}).into(200+1, &up)
	if err := w.files.Put(ctx, store.UploadKey(user, up.ID), "text/csv", []byte(text)); err != nil {
		w.Fatal(err)
	}
	return up.ID
}

// A file is looked at before it is taken; one of somebody else's, or none, is refused; starting it takes the upload away.
func TestImportsBegin(t *testing.T) {
	w := newWorld(t)
	w.hire("ada")
	id := w.file("mara", "\ufeffVorname;Nachname;E-Mail;Lifecycle;Owner\nLena;Novak;lena@kiln.example;Lead;mara@parley.example\nGus;;;Nonsense;\nAna;;lena@kiln.example;;\n")
	var p struct {
		Rows, Bad int
		BadRows   []people.BadRow
		Mapping   []string
		Problem   string
	}
	w.mara("POST", "/api/imports/preview", `{"upload":"`+id+`"}`).into(200, &p)
	if strings.Join(p.Mapping, " ") != "firstName lastName address lifecycle owner" || p.Rows != 3 || p.Bad != 2 || p.BadRows[0].Column != "Lifecycle" || p.BadRows[1].Row != 3 {
		t.Errorf("%+v", p)
	}
	w.mara("POST", "/api/imports/preview", `{"upload":"`+id+`","mapping":["","","","lifecycle",""]}`).into(200, &p)
	if p.Problem == "" {
		t.Error("a file that names nobody")
	}
	w.mara("POST", "/api/imports", `{"upload":"`+id+`","name":"x","mapping":["","","","lifecycle",""]}`).refused(422, fault.Invalid)
	w.mara("POST", "/api/imports/preview", `{"upload":"`+w.file("ada", "name\nx\n")+`"}`).refused(404, fault.NotFound)
	w.mara("POST", "/api/imports/preview", `{"upload":"`+w.file("mara", "name\n\x00\n")+`"}`).refused(422, fault.Invalid)
	var i people.Import
	w.mara("POST", "/api/imports", `{"upload":"`+id+`","name":"people.csv"}`).into(201, &i)
	if i.State != people.ImportRunning || i.Rows != 3 {
		t.Errorf("%+v", i)
	}
	if _, _, err := w.files.Get(ctx, store.UploadKey("mara", id)); !fault.Is(err, fault.NotFound) {
		t.Error("the upload stays")
	}
	if raw, _, err := w.files.Get(ctx, store.ImportKey(i.ID)); err != nil || len(raw) == 0 {
		t.Error(err)
	}
	if got := w.call(call{method: "GET", path: "/api/imports", user: "ada"}); got.status != 403 {
		t.Errorf("an agent sees imports: %d", got.status)
	}
}

// No cell of an export runs as a formula, and nothing of what is erased is in it.
func TestExport(t *testing.T) {
	w := newWorld(t)
	w.contact(`{"name":"=HYPERLINK(1)","address":"lena@kiln.example","phone":"+386 1 555 0143"}`)
	gone := w.contact(`{"name":"Gone","address":"gone@kiln.example"}`)
	var e people.Erasure
	got := w.mara("POST", "/api/contacts/"+gone.ID+"/erase", "").into(202, &e)
	if strings.Contains(got.body, "gone@") {
		t.Errorf("a receipt tells whom: %s", got.body)
	}
	w.mara("GET", "/api/contacts/"+gone.ID, "").refused(410, fault.Gone)
	w.mara("PATCH", "/api/contacts/"+gone.ID, `{"name":"Back"}`).refused(410, fault.Gone)
	a := w.mara("GET", "/api/contacts/export", "").into(200, nil)
	if !strings.HasPrefix(a.headers["content-type"], "text/csv") || !strings.Contains(a.body, "'=HYPERLINK(1),lena@kiln.example,+38615550143,kiln.example,") || strings.Contains(a.body, "Gone") || a.headers["x-next"] != "" {
		t.Errorf("%v %s", a.headers, a.body)
	}
	s, err := people.ReadSheet([]byte(a.body))
	if err != nil {
		t.Fatal(err)
	}
	defs, err := w.store.Contacts.Properties(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if m := people.GuessMapping(s.Header, defs); people.CheckMapping(m, len(s.Header), defs) != nil || m[0] != "name" || m[len(m)-1] == "" {
		t.Errorf("what goes out does not come in: %v", m)
	}
}
