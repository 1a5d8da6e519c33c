package agentapi_test

import (
	"fmt"
	"strings"
	"testing"

	"parley/shared/fault"
	"parley/shared/people"
)

type listing struct {
	Contacts []people.Contact
	Next     string
	Examined int
	Sort     people.Sort
}

func (l listing) names() string {
	var out []string
	for _, c := range l.Contacts {
		out = append(out, c.Name)
	}
	return strings.Join(out, " ")
}

func (w *world) list(body string) people.List {
	w.Helper()
	var l people.List
	w.mara("POST", "/api/lists", body).into(201, &l)
	return l
}

func (w *world) on(list string) listing {
	w.Helper()
	var page listing
	w.mara("GET", "/api/contacts?list="+list, "").into(200, &page)
	return page
}

// Whoever is put on a static list is on it until they are taken off, wherever lists are asked for; a page of it looks at nobody else.
func TestStaticLists(t *testing.T) {
	w := newWorld(t)
	lena, gus := w.contact(`{"name":"Lena","address":"lena@kiln.example"}`), w.contact(`{"name":"Gus","address":"gus@gmail.com"}`)
	for i := range 5 {
		w.contact(fmt.Sprintf(`{"name":"Somebody %d"}`, i))
	}
	fair := w.list(`{"name":"Fair","kind":"static","conditions":[]}`)
	late := w.list(`{"name":"Late","conditions":[{"on":"list","op":"isNot","value":"` + fair.ID + `"},{"on":"address","op":"set"}]}`)
	at := func(c people.Contact, list string) string { return "/api/contacts/" + c.ID + "/lists/" + list }
	for range 2 { // again changes nothing
		w.mara("PUT", at(lena, fair.ID), "").into(200, nil)
	}
	w.mara("PUT", at(gus, fair.ID), "").into(200, nil)
	if got := w.on(fair.ID); got.names() != "Gus Lena" || got.Examined != 2 || got.Next != "" || got.Sort != people.ByName {
		t.Errorf("%+v", got)
	}
	if got := w.on(late.ID); got.names() != "" {
		t.Errorf("%+v", got)
	}
	w.mara("DELETE", at(gus, fair.ID), "").into(200, nil)
	w.mara("DELETE", at(gus, fair.ID), "").into(200, nil)
	if got, rest := w.on(fair.ID), w.on(late.ID); got.names() != "Lena" || rest.names() != "Gus" {
		t.Errorf("%+v %+v", got, rest)
	}
	line := w.mara("GET", "/api/contacts/"+gus.ID+"/timeline", "").body
	if strings.Count(line, `"on":"list"`) != 2 || !strings.Contains(line, `"before":"`+fair.ID) || !strings.Contains(line, `"after":"`+fair.ID) {
		t.Errorf("the record: %s", line)
	}
	if got := w.mara("GET", "/api/contacts/export?list="+fair.ID, "").into(200, nil); !strings.Contains(got.body, "lena@kiln.example") || strings.Contains(got.body, "Gus") {
		t.Errorf("export: %s", got.body)
	}

	w.mara("PUT", at(lena, late.ID), "").refused(422, fault.Invalid)
	w.mara("PUT", at(lena, "nothing"), "").refused(404, fault.NotFound)
	w.mara("PUT", "/api/contacts/nobody/lists/"+fair.ID, "").refused(404, fault.NotFound)
	w.mara("PUT", "/api/lists/"+fair.ID, `{"name":"Fair","conditions":[]}`).refused(422, fault.Invalid) // it stays static
	w.mara("POST", "/api/lists", `{"name":"x","conditions":[{"on":"list","op":"is","value":"nothing"}]}`).refused(422, fault.Invalid)
	w.mara("PUT", "/api/lists/"+fair.ID, `{"name":"Autumn fair","kind":"static","conditions":[]}`).into(200, nil)
	if got := w.on(fair.ID); got.names() != "Lena" {
		t.Errorf("renamed: %+v", got)
	}

	// Merged, whoever was on it stays on it; taken back, each is where they were.
	var both oneContact
	w.mara("PUT", "/api/contacts/"+gus.ID+"/merged/"+lena.ID, "").into(200, &both)
	if got := w.on(fair.ID); len(both.Contact.Lists) != 1 || got.names() != "Gus" {
		t.Errorf("%+v %+v", both, got)
	}
	w.mara("DELETE", "/api/contacts/"+gus.ID+"/merged/"+lena.ID, "").into(200, nil)
	if got := w.on(fair.ID); got.names() != "Lena" {
		t.Errorf("%+v", got)
	}

	// Without the list, having been on it means nothing: neither to a list that names it nor to who is looked at.
	w.mara("DELETE", "/api/lists/"+fair.ID, "").into(204, nil)
	w.mara("GET", "/api/contacts?list="+fair.ID, "").refused(404, fault.NotFound)
	if got := w.on(late.ID); got.names() != "Gus Lena" && got.names() != "Lena Gus" {
		t.Errorf("%+v", got)
	}
	var found listing
	w.mara("POST", "/api/contacts/search", `{"conditions":[{"on":"list","op":"is","value":"`+fair.ID+`"}]}`).into(200, &found)
	if found.names() != "" {
		t.Errorf("%+v", found)
	}
	w.mara("PATCH", "/api/contacts/"+lena.ID, `{"name":"Lena Novak"}`).into(200, nil)
	w.mara("DELETE", at(lena, fair.ID), "").into(200, nil)
}

// A contact on as many lists as one may be is put on another once lists are gone.
func TestListsThatAreGoneTakeNoPlace(t *testing.T) {
	w := newWorld(t)
	c := w.contact(`{"name":"Lena"}`)
	var first people.List
	for i := range people.MaxMemberships + 1 {
		l := w.list(fmt.Sprintf(`{"name":"List %d","kind":"static","conditions":[]}`, i))
		if i == 0 {
			first = l
		}
		got := w.mara("PUT", "/api/contacts/"+c.ID+"/lists/"+l.ID, "")
		if i < people.MaxMemberships {
			got.into(200, nil)
			continue
		}
		got.refused(422, fault.Invalid)
		w.mara("DELETE", "/api/lists/"+first.ID, "").into(204, nil)
		w.mara("PUT", "/api/contacts/"+c.ID+"/lists/"+l.ID, "").into(200, nil)
		w.mara("PATCH", "/api/contacts/"+c.ID, `{"name":"Lena Novak"}`).into(200, nil) // every row of every list moves: more than one transaction holds
		if page := w.on(l.ID); page.names() != "Lena Novak" || page.Examined != 1 {
			t.Errorf("%+v", page)
		}
	}
}
