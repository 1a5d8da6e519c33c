package ingest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/events"
	"parley/shared/host/hosttest"
	"parley/shared/inbox"
	"parley/shared/store"
)

var mara = events.Actor{Kind: events.Agent, ID: "mara", Name: "Mara"}

// colleague makes Mara one of the team.
func (d *desk) colleague(t *testing.T) {
	t.Helper()
	if _, err := d.st.Settings.Invited(hosttest.Context(), events.Actor{}, store.User{ID: "mara", Email: "Mara@Clay.example", Role: inbox.Agent}); err != nil {
		t.Fatal(err)
	}
}

func (d *desk) do(t *testing.T, thread string, f func(inbox.Thread) (inbox.Decision, error)) store.Commit {
	t.Helper()
	c, err := d.st.Threads.Do(hosttest.Context(), thread, "", f)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const nested = "Content-Type: multipart/mixed; boundary=b"

// attachedTo is a mail with another one attached.
func attachedTo(from, id, subject, inner string) string {
	return lines("From: "+from, "To: support@parley.example", "Subject: "+subject, "Message-ID: <"+id+">", nested, "", "--b", "", "Please look.", "--b",
		"Content-Type: message/rfc822", "", strings.TrimSuffix(inner, "\r\n"), "--b--")
}

func TestAColleagueForwards(t *testing.T) {
	d := open(t)
	d.colleague(t)
	inner := letter("Kim <kim@x.example>", "k1@x.example", "Where is my order?", "It has not come.")
	d.take(t, mail{id: "a", from: "mara@clay.example", raw: attachedTo("Mara <mara@clay.example>", "f1@clay.example", "FW: Where is my order?", inner)})
	head := d.only(t)
	m := d.last(t, head.ID).Received
	if head.Contact.Address != "kim@x.example" || m.From.Email != "kim@x.example" || m.Via == nil || m.Via.Email != "mara@clay.example" || m.Why.Inputs["sender"] != "attached" {
		t.Errorf("contact %+v, from %+v via %+v, %+v", head.Contact, m.From, m.Via, m.Why)
	}
	if len(head.LastReplyTo) != 1 || head.LastReplyTo[0].Email != "kim@x.example" || head.Takes("mara@clay.example") {
		t.Errorf("answers go to %+v, participants %+v", head.LastReplyTo, head.Participants)
	}
	if m.Attachments[0].Mail == nil || m.Attachments[0].Mail.From.Email != "kim@x.example" || m.Attachments[0].Mail.Subject != "Where is my order?" {
		t.Errorf("attachment %+v", m.Attachments[0])
	}
	// Kim's own answer to it finds the conversation.
	d.take(t, mail{id: "b", from: "kim@x.example", raw: letter("Kim <kim@x.example>", "k2@x.example", "Re: FW: Where is my order?", "And?", "In-Reply-To: <f1@clay.example>")})
	if head = d.only(t); head.Messages != 2 {
		t.Errorf("%d messages", head.Messages)
	}
	// A customer who forwards something is who writes.
	d.take(t, mail{id: "c", raw: attachedTo(lena, "f2@x.example", "Fwd: mine", inner)})
	for _, head := range d.threads(t) {
		if head.Subject == "Fwd: mine" && (head.Contact.Address != "lena@atelier-novak.example" || d.last(t, head.ID).Received.Via != nil) {
			t.Errorf("contact %+v", head.Contact)
		}
	}
}

// A colleague who answers from their own mail program joins, and answers go on going to the customer (reference: features §3, row 2).
func TestAColleagueAnswersFromElsewhere(t *testing.T) {
	d := open(t)
	d.colleague(t)
	d.take(t, mail{id: "a", raw: letter(lena, "a@x.example", "Invoice", "Where?")})
	before := d.only(t)
	d.take(t, mail{id: "b", from: "mara@clay.example", raw: letter("Mara <mara@clay.example>", "b@clay.example", "Re: Invoice", "Here.", "In-Reply-To: <a@x.example>", "Cc: lena@atelier-novak.example")})
	head := d.only(t)
	m := d.last(t, head.ID).Received
	if head.Messages != 2 || m.ThirdParty || m.Why.Inputs["joins"] != "agent" || head.Contact.ID != before.Contact.ID || head.Takes("mara@clay.example") {
		t.Errorf("%+v, %+v", m.Why, head)
	}
	if d := cmp.Diff([]events.Address{{Name: "Lena Novak", Email: "lena@atelier-novak.example"}}, head.LastReplyTo); d != "" {
		t.Errorf("answers would go elsewhere:\n%s", d)
	}
}

func TestPeopleOfAMail(t *testing.T) {
	d := open(t)
	d.colleague(t)
	for _, c := range []struct {
		to, cc string
		bcc    bool
		people string
	}{
		{"support@parley.example", "cfo@x.example, mara@clay.example, sales@parley.example", false, "cfo@x.example lena@atelier-novak.example"},
		{"cfo@x.example", "", true, "cfo@x.example lena@atelier-novak.example"},
		{"Support+a@parley.example", "support@parley.example", false, "lena@atelier-novak.example"},
	} {
		id := "m" + c.to + c.cc
		d.take(t, mail{id: id, raw: lines("From: "+lena, "To: "+c.to, "Cc: "+c.cc, "Subject: "+id, "", "x")})
		for _, head := range d.threads(t) {
			if head.Subject != id {
				continue
			}
			var people []string
			for _, p := range head.Participants {
				people = append(people, p.Email)
			}
			m := d.last(t, head.ID).Received
			got := map[string]bool{}
			for _, p := range people {
				got[p] = true
			}
			for _, want := range strings.Fields(c.people) {
				if !got[want] {
					t.Errorf("%s: %v without %s", id, people, want)
				}
				delete(got, want)
			}
			if len(got) > 0 || m.Email.Bcc != c.bcc {
				t.Errorf("%s: too many people %v, bcc %v", id, got, m.Email.Bcc)
			}
		}
	}
}

func TestDoubtsOfTheScanners(t *testing.T) {
	d := open(t)
	d.take(t, mail{id: "a", raw: letter(lena, "a@x.example", "A", "a"), edit: func(r map[string]any) {
		r["spamVerdict"], r["virusVerdict"] = map[string]any{"status": "GRAY"}, map[string]any{"status": "PROCESSING_FAILED"}
	}})
	var names []string
	for _, p := range d.last(t, d.only(t).ID).Received.Problems { // in the inbox all the same
		names = append(names, p.Name)
	}
	if got := strings.Join(names, " "); got != "virus-unsure spam-unsure" {
		t.Errorf("flags %s", got)
	}
}

func TestAnInvitation(t *testing.T) {
	d := open(t)
	d.take(t, mail{id: "a", raw: lines("From: "+lena, "Subject: Lunch", "Content-Type: text/calendar; method=REQUEST", "", "BEGIN:VCALENDAR", "METHOD:REQUEST", "BEGIN:VEVENT",
		"UID:1", "SUMMARY:Lunch", "DTSTART:20260302T110000Z", "DTEND:20260302T120000Z", "ORGANIZER;CN=Lena:mailto:lena@x.example", "ATTENDEE:mailto:support@parley.example", "END:VEVENT", "END:VCALENDAR")})
	m := d.last(t, d.only(t).ID).Received
	if len(m.Calendar) != 1 || m.Calendar[0].Summary != "Lunch" || m.Calendar[0].Method != "REQUEST" || m.Calendar[0].Organizer.Email != "lena@x.example" || len(m.Calendar[0].Attendees) != 1 {
		t.Errorf("%+v", m.Calendar)
	}
}

// stamp dates a mail's arrival.
func stamp(d *desk, m mail) mail {
	at := d.Now().UTC().Format("2006-01-02T15:04:05.000Z")
	m.at = at
	return m
}

func TestSplitBySubject(t *testing.T) {
	const month = 31 * 24 * time.Hour
	answer := "In-Reply-To: <a@x.example>"
	begin := func(t *testing.T) (*desk, inbox.Thread) {
		d := open(t)
		d.take(t, mail{id: "a", raw: letter(lena, "a@x.example", "Invoice", "Where?")})
		return d, d.only(t)
	}
	t.Run("an old matter under a new subject", func(t *testing.T) {
		d, old := begin(t)
		d.Pass(month)
		token := []string{signer.ReplyAddress(old.ID)}
		d.take(t, stamp(d, mail{id: "b", to: token, raw: letter(lena, "b@x.example", "Re: A new vase", "Could you?", answer)}))
		heads := d.threads(t)
		if len(heads) != 2 {
			t.Fatalf("%d threads", len(heads))
		}
		fresh := heads[0]
		if fresh.ID == old.ID {
			fresh = heads[1]
		}
		if m := d.last(t, fresh.ID).Received; fresh.Origin != old.ID || fresh.Subject != "Re: A new vase" || m.Why.Rule != "token" || m.Why.Inputs["split"] != "A new vase" || m.Why.Inputs["origin"] != old.ID {
			t.Errorf("%+v %+v", fresh, m.Why)
		}
		// Later mails of the new matter stay there, whatever they answer to.
		d.take(t, stamp(d, mail{id: "c", to: token, raw: letter(lena, "c@x.example", "AW: a new VASE", "Hello?", answer)}))
		d.take(t, stamp(d, mail{id: "d", raw: letter(lena, "d@x.example", "Re: A new vase", "Thanks", "In-Reply-To: <b@x.example>")}))
		// And those of the old one in the old one, that now lives again: so do others, under any subject.
		d.take(t, stamp(d, mail{id: "e", to: token, raw: letter(lena, "e@x.example", "Re: Invoice", "It came.", answer)}))
		d.take(t, stamp(d, mail{id: "f", to: token, raw: letter(lena, "f@x.example", "Something else", "Now.", answer)}))
		got := map[string]int64{}
		for _, head := range d.threads(t) {
			got[head.ID] = head.Messages
		}
		if diff := cmp.Diff(map[string]int64{old.ID: 3, fresh.ID: 3}, got); diff != "" {
			t.Errorf("messages (-want +got):\n%s", diff)
		}
	})
	for name, c := range map[string]struct {
		wait    time.Duration
		subject string
		more    string
		closed  bool
		threads int
	}{
		"a new subject in a running matter": {wait: time.Hour, subject: "Something else", threads: 1},
		"the old subject after a month":     {wait: month, subject: "RE: AW: invoice", threads: 1},
		"no subject after a month":          {wait: month, subject: "Re:", threads: 1},
		"a program's own subject":           {wait: month, subject: "Out of office: Invoice", more: "Auto-Submitted: auto-replied", threads: 1},
		"another subject after a month":     {wait: month, subject: "Another", threads: 2},
		"closed yesterday":                  {wait: 24 * time.Hour, subject: "Another", closed: true, threads: 1},
		"closed for a month":                {wait: month, subject: "Another", closed: true, threads: 2},
	} {
		t.Run(name, func(t *testing.T) {
			d, old := begin(t)
			if c.closed {
				d.do(t, old.ID, func(th inbox.Thread) (inbox.Decision, error) { return th.SetStatus(mara, inbox.Closed) })
			}
			d.Pass(c.wait)
			more := []string{answer}
			if c.more != "" {
				more = append(more, c.more)
			}
			d.take(t, stamp(d, mail{id: "b", raw: letter(lena, "b@x.example", c.subject, "text", more...)}))
			if n := len(d.threads(t)); n != c.threads {
				t.Errorf("%d threads", n)
			}
		})
	}
	t.Run("a matter that came to another subject long ago", func(t *testing.T) {
		d, _ := begin(t)
		d.take(t, stamp(d, mail{id: "b", raw: letter(lena, "b@x.example", "The vase", "By the way", answer)}))
		d.Pass(month)
		d.take(t, stamp(d, mail{id: "c", raw: letter(lena, "c@x.example", "Re: The vase", "Still", answer)}))
		if n := len(d.threads(t)); n != 1 {
			t.Errorf("%d threads", n)
		}
	})
}

// Two mails of the new matter at once open one thread.
func TestSplitAtOnce(t *testing.T) {
	d := open(t)
	d.take(t, mail{id: "a", raw: letter(lena, "a@x.example", "Invoice", "Where?")})
	d.Pass(31 * 24 * time.Hour)
	var mails []mail
	for i := range 8 {
		id := fmt.Sprint("b", i)
		mails = append(mails, stamp(d, mail{id: id, raw: letter(lena, id+"@x.example", "A new vase", id, "In-Reply-To: <a@x.example>")}))
	}
	d.atOnce(t, mails)
	if n := len(d.threads(t)); n != 2 {
		t.Errorf("%d threads", n)
	}
	d.adds(t, 9, 0, 0, 0)
}
