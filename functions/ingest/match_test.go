package ingest_test

import (
	"slices"
	"strings"
	"testing"

	"parley/events"
	"parley/shared/host/hosttest"
	"parley/shared/inbox"
	"parley/shared/store"
)

// TestThreading is the decision table: each mail comes after a first one of Lena's and an answer of ours.
func TestThreading(t *testing.T) {
	for _, c := range []struct {
		name  string
		to    func(thread string) string
		head  func(thread string) []string
		from  string
		joins bool
		rule  string
		join  string
	}{
		{name: "reply address", to: signer.ReplyAddress, joins: true, rule: "token", join: "token"},
		{name: "reply address in capitals", to: func(id string) string { return strings.ToUpper(signer.ReplyAddress(id)) }, joins: true, rule: "token", join: "token"},
		{name: "first id in reply", head: func(string) []string { return []string{"In-Reply-To: <first@x.example>"} }, joins: true, rule: "in-reply-to", join: "participant"},
		{name: "our signed id", head: func(id string) []string { return []string{"In-Reply-To: <" + signer.MessageID(id, "m1") + ">"} }, joins: true, rule: "in-reply-to", join: "participant"},
		{name: "SES's id", head: func(string) []string { return []string{"In-Reply-To: <" + sesID + "@eu-west-1.amazonses.com>"} }, joins: true, rule: "in-reply-to", join: "participant"},
		{name: "SES's id in us-east-1", head: func(string) []string {
			return []string{"References: <other@y.example> <" + sesID + "@email.amazonses.com>"}
		}, joins: true, rule: "references", join: "participant"},
		{name: "SES's id, folded by Python", head: func(string) []string {
			return []string{"In-Reply-To: =?utf-8?q?=3C" + sesID[:40] + "?=\r\n =?utf-8?q?" + sesID[40:] + "=40eu-west-1=2Eamazonses=2Ecom=3E?="}
		}, joins: true, rule: "in-reply-to", join: "participant"},
		{name: "references, the last known one", head: func(id string) []string {
			return []string{"In-Reply-To: <unknown@y.example>", "References: <first@x.example> <nobody@y.example>"}
		}, joins: true, rule: "references", join: "participant"},
		{name: "a stranger who knows an id", from: "Eve <eve@evil.example>", head: func(string) []string { return []string{"In-Reply-To: <first@x.example>"} }, joins: true, rule: "in-reply-to", join: "third party"},
		{name: "a forged signed id", head: func(id string) []string {
			return []string{"In-Reply-To: <" + id + ".m1.aaaaaaaaaaaaaaaa@parley.example>"}
		}},
		{name: "a signed id of another house", head: func(id string) []string {
			return []string{"In-Reply-To: <" + strings.Replace(signer.MessageID(id, "m1"), "parley.example", "evil.example", 1) + ">"}
		}},
		{name: "SES's id under another domain", head: func(string) []string { return []string{"In-Reply-To: <" + sesID + "@evil.example>"} }},
		{name: "same subject only", head: func(string) []string { return nil }},
		{name: "the reply address only in To", head: func(id string) []string { return []string{"To: " + signer.ReplyAddress(id)} }},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := open(t)
			d.take(t, mail{id: "one", raw: letter(lena, "first@x.example", "Invoice", "Where is it?")})
			first := d.only(t)
			if err := d.st.Threads.Claim(hosttest.Context(), store.CarrierClaim(sesID), first.ID, 2); err != nil {
				t.Fatal(err)
			}
			m := mail{id: "two"}
			if c.to != nil {
				m.to = []string{c.to(first.ID)}
			}
			from := c.from
			if from == "" {
				from = lena
			}
			var head []string
			if c.head != nil {
				head = c.head(first.ID)
			}
			m.raw = letter(from, "second@x.example", "Re: Invoice", "More", head...)
			d.take(t, m)
			if n := len(d.threads(t)); n != 2-map[bool]int{true: 1}[c.joins] {
				t.Fatalf("%d threads", n)
			}
			if !c.joins {
				return
			}
			e := d.last(t, first.ID)
			if e.Received.Why.Rule != c.rule || e.Received.Why.Inputs["joins"] != c.join {
				t.Errorf("why %+v", e.Received.Why)
			}
			if now := d.only(t); now.Contact.ID != first.Contact.ID {
				t.Errorf("the contact was replaced by %+v", now.Contact)
			}
		})
	}
}

const sesID = "0102018f4c1d2e3f-5a6b7c8d-9e0f-4a1b-8c2d-3e4f5a6b7c8d-000000"

func TestAnotherMailboxHasItsOwnThreads(t *testing.T) {
	d := open(t)
	d.take(t, mail{id: "one", raw: letter(lena, "first@x.example", "Invoice", "Where is it?")})
	first := d.only(t)
	head := first
	head.ID, head.Account = "otheraccountthread", "another"
	_, err := d.st.Threads.Do(hosttest.Context(), head.ID, "", func(th inbox.Thread) (inbox.Decision, error) {
		return th.Open(events.ThreadOpened{Inbox: first.Inbox, Account: "another", Channel: "email", Subject: "x", Contact: first.Contact},
			events.MessageReceived{Message: "m", Contact: first.Contact})
	})
	if err != nil {
		t.Fatal(err)
	}
	d.take(t, mail{id: "two", raw: letter(lena, "second@x.example", "Re: x", "hi", "In-Reply-To: <"+signer.MessageID(head.ID, "m1")+">")})
	if n := len(d.threads(t)); n != 3 {
		t.Errorf("%d threads, want 3: an id of another mailbox's thread does not lead there", n)
	}
}

func TestSiblingsOfAMailWeNeverSaw(t *testing.T) {
	d := open(t)
	d.take(t,
		mail{id: "1", raw: letter(lena, "r1@x.example", "Re: Plan", "one", "Cc: Karl <karl@y.example>", "In-Reply-To: <plan@y.example>", "References: <root@y.example> <plan@y.example>")},
		mail{id: "2", raw: letter("Karl <karl@y.example>", "r2@x.example", "Re: Plan", "two", "In-Reply-To: <plan@y.example>")},
		mail{id: "3", raw: letter("Karl <karl@y.example>", "plan@y.example", "Plan", "the plan itself comes late", "In-Reply-To: <root@y.example>")},
		mail{id: "4", raw: letter("Karl <karl@y.example>", "root@y.example", "Plan", "and so does its root")},
	)
	head := d.only(t)
	if head.Messages != 4 {
		t.Errorf("%d messages", head.Messages)
	}
	if e := d.last(t, head.ID); e.Received.Why.Rule != "referenced" {
		t.Errorf("why %+v", e.Received.Why)
	}
}

// The readers of a newsletter that never came here are strangers to each other: each of their answers begins a conversation, in whatever order
// they come. Who speaks to each other stays together.
func TestReadersOfANewsletter(t *testing.T) {
	issue := "In-Reply-To: <issue7@news.example>"
	mails := []mail{
		{id: "lena", raw: letter(lena, "r1@x.example", "Re: Issue 7", "I like it", issue)},
		{id: "karl", from: "karl@y.example", raw: letter("Karl <karl@y.example>", "r2@x.example", "Re: Issue 7", "My number is 4711", issue)},
		{id: "zoe", from: "zoe@z.example", raw: letter("Zoe <zoe@z.example>", "r3@x.example", "Re: Issue 7", "me too", issue, "Cc: Karl <karl@y.example>")},
		{id: "karl again", from: "karl@y.example", raw: letter("Karl <karl@y.example>", "r4@x.example", "Re: Issue 7", "and more", "In-Reply-To: <r2@x.example>", "References: <issue7@news.example> <r2@x.example>")},
		{id: "karl anew", from: "karl@y.example", raw: letter("Karl <karl@y.example>", "r5@x.example", "Re: Issue 7", "I forgot", issue)},
	}
	for _, order := range [][]int{{0, 1, 3}, {1, 0, 3}, {0, 3, 1}, {3, 0, 1}, {1, 2, 3}, {2, 1, 3}, {0, 1, 4}, {1, 0, 4}, {1, 4, 0}, {0, 4, 3}, {4, 0, 2}, {0, 2, 4}} {
		d := open(t)
		for range 2 {
			for _, i := range order {
				d.take(t, mails[i])
			}
		}
		want := 2
		if slices.Contains(order, 2) && !slices.Contains(order, 0) { // Zoe writes to Karl
			want = 1
		}
		heads := d.threads(t)
		if len(heads) != want {
			t.Errorf("%v: %d threads, want %d", order, len(heads), want)
		}
		for _, head := range heads {
			for _, e := range d.entries(t, head.ID) {
				if e.Received != nil && !slices.Contains(order, 2) && e.Received.From.Email != head.Contact.Address {
					t.Errorf("%v: %s reads what %s wrote", order, head.Contact.Address, e.Received.From.Email)
				}
			}
		}
	}
}
