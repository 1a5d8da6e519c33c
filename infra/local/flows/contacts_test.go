package flows

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// What flows look at of people.
type (
	contact struct {
		ID, Name, Address, Phone, Company, MergedInto string
		Claimed, Visitor                              bool
		Props                                         map[string]string
		Merged                                        []struct{ ID string }
	}
	contactView struct{ Contact contact }
	found       struct {
		Contacts  []contact
		Companies []struct{ ID, Name string }
		Next      string
	}
	timeline struct {
		Items []struct {
			Thread *struct{ Subject string }
			Line   *struct{ Kind, Text, Rule string }
		}
	}
	imported struct {
		ID, State                                       string
		Rows, Created, Changed, Same, Bad, Undone, Kept int
	}
)

// byTheClock waits for what the clock's minute brings.
func (s *setup) byTheClock(what string, ok func() bool) {
	s.t.Helper()
	for end := time.Now().Add(max(s.longest(), 3*time.Minute)); !ok(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			s.t.Fatalf("never came: %s", what)
		}
	}
}

// contacts are those that a word leads to.
func (s *setup) contacts(q string) (f found) {
	s.t.Helper()
	s.call("GET", "/contacts/suggest?q="+url.QueryEscape(q), nil, &f)
	return f
}

// Somebody writes, first without a name; the team keeps what it knows of them, merges what is one person, takes that back, and at last erases
// them: nobody finds them any more, and what was said is gone.
func TestFlowPeopleAreKnownAndErased(t *testing.T) {
	s := flow(t)
	address, word := s.at("lena"), "Lenka"+s.tag
	s.post(address, s.Address, letter(address, s.about("Kiln"), s.id("lena", 1), "", strings.Repeat("It broke, and nobody knows why.\n", 200))) // too long for an entry: it stands in the bucket
	th := s.bySubject(s.about("Kiln"))
	from := "Sirnik " + word + " <" + address + ">"
	s.post(address, s.Address, letter(from, s.about("Glaze"), s.id("lena", 2), "", "And that, too."))
	s.bySubject(s.about("Glaze"))
	var c contact
	s.eventually("the name that a second mail brought", func() bool {
		f := s.contacts(word)
		if len(f.Contacts) == 1 {
			c = f.Contacts[0]
		}
		return c.Name == "Sirnik "+word && c.Address == address && c.Company != ""
	})
	one := "/contacts/" + c.ID

	var prop struct{ ID string }
	s.call("POST", "/properties", map[string]any{"of": "contact", "kind": "choice", "name": "Clay " + s.tag, "options": []string{"Stoneware", "Porcelain"}}, &prop)
	settled()
	var view contactView
	s.call("PATCH", one, map[string]any{"phone": "+386 1 555 0143", "props": map[string]string{prop.ID: "porcelain"}}, &view)
	if view.Contact.Phone != "+38615550143" || view.Contact.Props[prop.ID] != "Porcelain" {
		t.Errorf("%+v", view)
	}
	var list struct{ ID string }
	s.call("POST", "/lists", map[string]any{"name": "Porcelain " + s.tag, "conditions": []any{map[string]any{"on": prop.ID, "op": "is", "value": "Porcelain"}}}, &list)
	var page found
	if s.call("GET", "/contacts?list="+list.ID, nil, &page); len(page.Contacts) != 1 || page.Contacts[0].ID != c.ID {
		t.Errorf("%+v", page)
	}
	var note struct{ ID string }
	s.call("POST", one+"/notes", map[string]string{"text": "Collects celadon"}, &note)
	s.call("PUT", one+"/notes/"+note.ID, map[string]string{"text": "Collects oribe"}, nil)
	s.call("POST", one+"/notes", map[string]string{"text": "A slip"}, &note)
	s.call("DELETE", one+"/notes/"+note.ID, nil, nil)
	s.call("POST", one+"/consents", map[string]any{"purpose": "news", "given": true, "text": "Yes, write to me.", "url": "https://kiln.example/form", "at": time.Now().UTC().Add(-time.Hour)}, nil)

	// Another contact of hers, a duplicate by the number; merged, and taken back.
	var other contactView
	s.call("POST", "/contacts", map[string]any{"name": "L. " + word, "address": s.at("lena-private"), "phone": "+386 1 555 0143"}, &other)
	var alike struct {
		Duplicates []struct {
			Contact contact
			Reasons []string
		}
	}
	if s.call("GET", "/contacts/"+other.Contact.ID+"/duplicates", nil, &alike); len(alike.Duplicates) != 1 || alike.Duplicates[0].Contact.ID != c.ID || alike.Duplicates[0].Reasons[0] != "phone" {
		t.Errorf("%+v", alike)
	}
	merge := one + "/merged/" + other.Contact.ID
	s.call("PUT", merge, nil, nil)
	var apart struct{ Contact, Other contact }
	if s.call("DELETE", merge, nil, &apart); apart.Other.MergedInto != "" || len(apart.Contact.Merged) != 0 {
		t.Errorf("%+v", apart)
	}
	s.call("PUT", merge, nil, nil)

	var past struct{ Threads []summary }
	if s.call("GET", one+"/threads", nil, &past); len(past.Threads) != 2 {
		t.Errorf("%+v", past)
	}
	var line timeline
	s.call("GET", one+"/timeline", nil, &line)
	said := fmt.Sprintf("%d", len(line.Items))
	for _, i := range line.Items {
		if i.Line != nil {
			said += " " + i.Line.Kind + " " + i.Line.Text
		}
	}
	for _, want := range []string{"Collects oribe", "consent", "merged", "unmerged", "changed"} {
		if !strings.Contains(said, want) {
			t.Errorf("the timeline lacks %s: %s", want, said)
		}
	}
	if strings.Contains(said, "slip") {
		t.Error("a removed note stands there")
	}
	gus := s.at("gus")
	s.post(gus, s.Address, letter("Gus <"+gus+">", s.about("Colleague"), s.id("gus", 1), "", "We share a kiln with "+address+"."))
	s.bySubject(s.about("Colleague"))
	var colleagues struct {
		Threads []struct{ Thread summary }
	}
	if s.call("GET", "/companies/"+c.Company+"/threads?except="+c.ID, nil, &colleagues); len(colleagues.Threads) != 1 || colleagues.Threads[0].Thread.Subject != s.about("Colleague") {
		t.Errorf("%+v", colleagues)
	}

	// Erased: she stood on a list, in a draft, in a mail that nobody could place.
	s.call("PUT", "/inboxes/"+s.inbox()+"/filters/deny/"+url.PathEscape(address), nil, nil)
	s.call("PUT", "/threads/"+th.ID+"/drafts/note", map[string]string{"text": "Ask " + word}, nil)
	s.call("POST", "/threads/"+th.ID+"/comments", map[string]string{"text": word + " is kind."}, nil)
	stray := s.ours("nobody-" + s.tag)
	s.post(address, stray, letter(from, s.about("Stray"), s.id("lena", 3), "", "To nobody."))
	var quarantine struct{ Mails []struct{ From string } }
	s.eventually("the stray mail", func() bool {
		s.call("GET", "/quarantine", nil, &quarantine)
		return strings.Contains(fmt.Sprint(quarantine), address)
	})
	var e struct {
		ID      string
		EndedAt *time.Time
		Receipt struct{ Contacts, Threads, Files, Mails, Quarantined, Listed, Drafts int }
	}
	s.call("POST", one+"/erase", nil, &e)
	if f := s.contacts(word); len(f.Contacts) != 0 {
		t.Errorf("still found: %+v", f)
	}
	if status, _, body := s.try("GET", one, nil); status != http.StatusGone {
		t.Errorf("%d %s", status, body)
	}
	s.byTheClock("the end of the erasure", func() bool {
		s.call("GET", "/erasures/"+e.ID, nil, &e)
		return e.EndedAt != nil
	})
	if r := e.Receipt; r.Contacts != 2 || r.Threads != 2 || r.Mails < 2 || r.Files < 1 || r.Quarantined != 1 || r.Listed != 1 || r.Drafts != 1 {
		t.Errorf("%+v", r)
	}
	for _, path := range []string{"/threads/" + th.ID, "/quarantine", "/inboxes/" + s.inbox() + "/filters/deny", "/drafts", "/changes", "/contacts/suggest?q=" + word, "/lists", "/contacts?list=" + list.ID} {
		if _, _, body := s.try("GET", path, nil); strings.Contains(string(body), address) || strings.Contains(string(body), word) {
			t.Errorf("%s still tells of her: %s", path, body)
		}
	}
	var bare thread
	if s.call("GET", "/threads/"+th.ID, nil, &bare); bare.Thread.Messages != 1 || bare.Thread.Comments != 1 || bare.Thread.Contact.Address != "" || bare.Thread.Subject != "" {
		t.Errorf("%+v", bare.Thread)
	}
	if other := s.bySubject(s.about("Colleague")); other.Preview == "" {
		t.Error("what others wrote is theirs")
	}
}

// A file comes in, with what is wrong in it told by row; it goes out as it came; and it is taken back.
func TestFlowPeopleComeInFiles(t *testing.T) {
	s := flow(t)
	var file strings.Builder
	file.WriteString("Name,Email,Company,Job title,Notes\n")
	const rows = 40
	for i := range rows {
		address := s.at(fmt.Sprintf("p%02d", i))
		if i == 7 {
			address = "nobody"
		}
		fmt.Fprintf(&file, "Person%s %02d,%s,Guild %d %s,Potter,x\n", s.tag, i, address, i%2, s.tag)
	}
	up := s.upload("people.csv", "text/csv", []byte(file.String()))
	var seen struct {
		Rows, Bad int
		Mapping   []string
		BadRows   []struct {
			Row            int
			Column, Reason string
		}
		Columns []struct{ Samples []string }
		Problem string
	}
	s.call("POST", "/imports/preview", map[string]any{"upload": up}, &seen)
	if fmt.Sprint(seen.Mapping) != "[name address company title ]" || seen.Rows != rows || seen.Bad != 1 || seen.BadRows[0].Row != 8 || seen.Problem != "" || len(seen.Columns[0].Samples) != 3 {
		t.Fatalf("%+v", seen)
	}
	var first imported
	s.call("POST", "/imports", map[string]any{"upload": up, "name": "people.csv", "mapping": seen.Mapping}, &first)
	s.byTheClock("the end of the import", func() bool {
		s.call("GET", "/imports/"+first.ID, nil, &first)
		return first.State == "done"
	})
	if first.Created != rows-1 || first.Bad != 1 {
		t.Errorf("%+v", first)
	}
	var bad struct{ Rows []struct{ Row int } }
	if s.call("GET", "/imports/"+first.ID+"/bad", nil, &bad); len(bad.Rows) != 1 || bad.Rows[0].Row != 8 {
		t.Errorf("%+v", bad)
	}
	if f := s.contacts("person" + s.tag + " 03"); len(f.Contacts) != 1 || f.Contacts[0].Props["title"] != "Potter" || f.Contacts[0].Company == "" {
		t.Errorf("%+v", f)
	}
	if f := s.contacts("guild " + s.tag); len(f.Companies) != 2 {
		t.Errorf("%+v", f)
	}
	out, next := "", ""
	for {
		_, header, body := s.try("GET", "/contacts/export?cursor="+url.QueryEscape(next), nil)
		if out += string(body); header.Get("X-Next") == "" {
			break
		}
		next = header.Get("X-Next")
	}
	if strings.Count(out, "Person"+s.tag) != rows-1 || !strings.Contains(out, s.at("p03")) || strings.Count(out, "lifecycle")+strings.Count(out, "Lifecycle") != 1 {
		t.Errorf("exported: %.300s", out)
	}
	s.call("POST", "/imports/"+first.ID+"/undo", nil, &first)
	s.byTheClock("the end of the undoing", func() bool {
		s.call("GET", "/imports/"+first.ID, nil, &first)
		return first.State == "undone"
	})
	if first.Undone != rows-1 || first.Kept != 0 || len(s.contacts("person"+s.tag).Contacts) != 0 {
		t.Errorf("%+v", first)
	}
}

// A visitor is made a contact in one click. The address that they typed is a claim: it leads nobody to anybody's history.
func TestFlowAVisitorBecomesAContact(t *testing.T) {
	s := flow(t)
	victim := s.at("victim")
	s.post(victim, s.Address, letter("Victim <"+victim+">", s.about("Private"), s.id("victim", 1), "", "A secret."))
	s.bySubject(s.about("Private"))
	v := s.enter()
	say := map[string]any{"conversation": 1, "client": "k1", "text": s.about("May I?"), "page": shop + "/classes"}
	if status := v.ask("POST", "messages", shop, say, nil); status/100 != 2 {
		t.Fatalf("say: %d", status)
	}
	var head struct {
		Thread struct{ Contact struct{ ID string } }
	}
	s.call("GET", "/threads/"+s.bySubject(s.about("May I?")).ID, nil, &head)
	one := "/contacts/" + head.Thread.Contact.ID
	introduce := func(email string) {
		if status := v.ask("POST", "introduce", shop, map[string]any{"conversation": 1, "email": email, "name": "Mallory " + s.tag}, nil); status/100 != 2 {
			t.Fatalf("introduce: %d", status)
		}
	}
	introduce(victim)
	if f := s.contacts("mallory"); len(f.Contacts) != 0 {
		t.Errorf("a visitor is listed: %+v", f)
	}
	var kept contactView
	s.call("POST", one+"/keep", map[string]any{}, &kept)
	if kept.Contact.Visitor || !kept.Contact.Claimed || kept.Contact.Address != victim {
		t.Errorf("%+v", kept)
	}
	var past struct{ Threads []summary }
	if s.call("GET", one+"/threads", nil, &past); len(past.Threads) != 1 {
		t.Errorf("a typed address shows another's history: %+v", past)
	}
	var pages struct{ Pages []struct{ URL string } }
	if s.call("GET", one+"/pages", nil, &pages); len(pages.Pages) != 1 || pages.Pages[0].URL != shop+"/classes" {
		t.Errorf("%+v", pages)
	}
	introduce(s.at("mallory")) // the words by which they are found move
	s.eventually("the new address", func() bool { return len(s.contacts(s.at("mallory")).Contacts) == 1 })
}
