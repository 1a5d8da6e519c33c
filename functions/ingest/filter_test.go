package ingest_test

import (
	"fmt"
	"testing"

	"parley/events"
	"parley/shared/host/hosttest"
	"parley/shared/inbox"
	"parley/shared/store"
)

func (d *desk) inbox(t *testing.T) string {
	t.Helper()
	ctx := hosttest.Context()
	if err := d.st.Settings.Birth(ctx, "parley.example"); err != nil {
		t.Fatal(err)
	}
	all, err := d.st.Settings.Inboxes(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return all[0].ID
}

func (d *desk) list(t *testing.T, list inbox.FilterList, entry string) {
	t.Helper()
	if _, err := d.st.Filters.Put(hosttest.Context(), d.inbox(t), list, store.Listed{Entry: entry, By: mara}); err != nil {
		t.Fatal(err)
	}
}

func spammy(r map[string]any) { r["spamVerdict"] = map[string]any{"status": "FAIL"} }

func TestFiltersOnTheWayIn(t *testing.T) {
	rules := inbox.Filters{Rules: inbox.FilterRules{Auto: true, Marketing: true, Roles: true, Unsubscribe: true}, Rate: 60}
	for name, c := range map[string]struct {
		filters *inbox.Filters
		lists   map[string]inbox.FilterList
		from    string
		head    []string
		text    string
		source  string
		edit    func(map[string]any)
		folder  inbox.Folder
		rule    string
		allowed string
	}{
		"a letter":                      {filters: &rules},
		"spam by the scanner":           {edit: spammy, folder: inbox.Spam, rule: "spam"},
		"denied":                        {lists: map[string]inbox.FilterList{"atelier-novak.example": inbox.Deny}, folder: inbox.Spam, rule: "deny"},
		"denied by the envelope":        {lists: map[string]inbox.FilterList{"evil.example": inbox.Deny}, source: "Bounce@Mail.EVIL.example", folder: inbox.Spam, rule: "deny"},
		"denied in other letters":       {lists: map[string]inbox.FilterList{"xn--mller-kva.example": inbox.Deny}, from: "Jo <Jo@MÜLLER.example>", folder: inbox.Spam, rule: "deny"},
		"allowed against its domain":    {lists: map[string]inbox.FilterList{"atelier-novak.example": inbox.Deny, "lena@atelier-novak.example": inbox.Allow}, allowed: "lena@atelier-novak.example"},
		"allowed spam":                  {edit: spammy, lists: map[string]inbox.FilterList{"atelier-novak.example": inbox.Allow}, allowed: "atelier-novak.example"},
		"another inbox's list":          {lists: map[string]inbox.FilterList{"shop.example": inbox.Deny}},
		"auto":                          {filters: &rules, head: []string{"Auto-Submitted: auto-generated"}, folder: inbox.Filtered, rule: "auto"},
		"marketing":                     {filters: &inbox.Filters{Rules: inbox.FilterRules{Marketing: true}}, head: []string{"List-Id: <news.shop.example>"}, folder: inbox.Filtered, rule: "marketing"},
		"a role":                        {filters: &rules, from: "Team <info@shop.example>", folder: inbox.Filtered, rule: "roles"},
		"unsubscribe in the text":       {filters: &rules, text: "Bye: https://news.example/unsubscribe?u=1", folder: inbox.Filtered, rule: "unsubscribe"},
		"by default, none of the kinds": {from: "Team <info@shop.example>", head: []string{"List-Id: <news.shop.example>", "Auto-Submitted: auto-generated"}},
	} {
		t.Run(name, func(t *testing.T) {
			d := open(t)
			if c.filters != nil {
				if _, err := d.st.Filters.Change(hosttest.Context(), mara, d.inbox(t), func(inbox.Filters) inbox.Filters { return *c.filters }); err != nil {
					t.Fatal(err)
				}
			}
			for entry, list := range c.lists {
				d.list(t, list, entry)
			}
			from, text := c.from, c.text
			if from == "" {
				from = lena
			}
			if text == "" {
				text = "Hello"
			}
			d.take(t, mail{id: "a", from: c.source, edit: c.edit, raw: letter(from, "a@x.example", "A", text, c.head...)})
			heads := d.all(t)
			if len(heads) != 1 || heads[0].Folder != c.folder {
				t.Fatalf("%+v", heads)
			}
			m := d.last(t, heads[0].ID).Received
			if c.folder == inbox.Inboxed && (m.Filter != nil || m.Why.Inputs["allowed"] != c.allowed) || c.folder != inbox.Inboxed && (m.Filter == nil || m.Filter.Why.Rule != c.rule || heads[0].Filed.Rule != c.rule) {
				t.Errorf("%+v %+v", m.Filter, m.Why)
			}
			if c.folder == inbox.Inboxed {
				d.adds(t, 1, 0, 0, 0)
			} else {
				d.adds(t, 0, 1, 0, 0)
			}
		})
	}
}

// An allowed sender is never spared what the scanner found in the attachments.
func TestAllowDoesNotAllowAVirus(t *testing.T) {
	d := open(t)
	d.list(t, inbox.Allow, "lena@atelier-novak.example")
	d.take(t, mail{id: "a", raw: attachedTo(lena, "a@x.example", "A", "MZ"), edit: func(r map[string]any) { r["virusVerdict"] = map[string]any{"status": "FAIL"} }})
	m := d.last(t, d.only(t).ID).Received
	if len(m.Attachments) != 0 || d.Objects("files") != 0 || m.Problems[len(m.Problems)-1].Name != "virus" {
		t.Errorf("%+v %+v", m.Attachments, m.Problems)
	}
}

// What is put aside does not wait, and comes back with the next message that passes; an answer to us is not judged by its kind.
func TestFilteredThreads(t *testing.T) {
	d := open(t)
	rules := inbox.Filters{Rules: inbox.FilterRules{Roles: true}}
	if _, err := d.st.Filters.Change(hosttest.Context(), mara, d.inbox(t), func(inbox.Filters) inbox.Filters { return rules }); err != nil {
		t.Fatal(err)
	}
	d.take(t, mail{id: "a", raw: letter("Desk <info@shop.example>", "a@x.example", "Offer", "Buy")})
	if n := len(d.folder(t, store.ViewFiltered)); n != 1 {
		t.Fatalf("%d filtered", n)
	}
	d.take(t, mail{id: "b", raw: letter("Desk <info@shop.example>", "b@x.example", "Re: Offer", "Really", "In-Reply-To: <a@x.example>")})
	if head := d.only(t); head.Messages != 2 { // they are on the thread: an answer
		t.Errorf("%+v", head)
	}
	d.do(t, d.only(t).ID, func(th inbox.Thread) (inbox.Decision, error) { return th.SetStatus(mara, inbox.Closed) })
	d.take(t, mail{id: "c", edit: spammy, raw: letter("Desk <info@shop.example>", "c@x.example", "Re: Offer", "!!!", "In-Reply-To: <a@x.example>")})
	head := d.only(t)
	if head.Messages != 3 || head.Status != inbox.Closed || head.Folder != inbox.Inboxed {
		t.Errorf("spam in a conversation of the inbox: %+v", head)
	}
	if m := d.last(t, head.ID).Received; m.Filter == nil || m.Filter.Why.Rule != "spam" {
		t.Errorf("%+v", m.Filter)
	}
	d.adds(t, 1, 2, 0, 0)
}

func TestRate(t *testing.T) {
	d := open(t)
	if _, err := d.st.Filters.Change(hosttest.Context(), mara, d.inbox(t), func(inbox.Filters) inbox.Filters { return inbox.Filters{Rate: 3} }); err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		id := fmt.Sprint("m", i)
		m := mail{id: id, raw: letter(lena, id+"@x.example", id, "again")}
		d.take(t, m, m) // a redelivery counts once
	}
	d.take(t, mail{id: "k", raw: letter("Kim <kim@x.example>", "k@x.example", "k", "another")})
	aside := d.folder(t, store.ViewFiltered)
	if len(d.threads(t)) != 4 || len(aside) != 2 || aside[0].Filed.Rule != "rate" || aside[0].Filed.Inputs["rate"] != "3" {
		t.Errorf("%d in, %d aside", len(d.threads(t)), len(aside))
	}
	// Who answers us may do so as often as they like.
	for i := range 5 {
		id := fmt.Sprint("r", i)
		d.take(t, mail{id: id, raw: letter(lena, id+"@x.example", "Re: m0", "re", "In-Reply-To: <m0@x.example>")})
	}
	d.adds(t, 9, 2, 0, 0)
}

// A stranger who knows an id is not somebody whom we asked.
func TestAStrangerIsJudged(t *testing.T) {
	d := open(t)
	if _, err := d.st.Filters.Change(hosttest.Context(), mara, d.inbox(t), func(inbox.Filters) inbox.Filters { return inbox.Filters{Rules: inbox.FilterRules{Roles: true}} }); err != nil {
		t.Fatal(err)
	}
	d.take(t, mail{id: "a", raw: letter(lena, "a@x.example", "A", "a")})
	id := d.only(t).ID
	d.do(t, id, func(th inbox.Thread) (inbox.Decision, error) {
		return th.SetStatus(events.Actor{Kind: events.Agent}, inbox.Closed)
	})
	d.take(t, mail{id: "b", raw: letter("info@evil.example", "b@x.example", "Re: A", "b", "In-Reply-To: <a@x.example>")})
	head := d.only(t)
	if m := d.last(t, id).Received; m.Filter == nil || !m.ThirdParty || head.Status != inbox.Closed {
		t.Errorf("%+v %s", m.Filter, head.Status)
	}
}
