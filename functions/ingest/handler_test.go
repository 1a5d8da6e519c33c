package ingest_test

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	awsevents "github.com/aws/aws-lambda-go/events"

	"parley/events"
	"parley/functions/ingest"
	"parley/shared/host/hosttest"
	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/store"
)

func TestSamples(t *testing.T) {
	first := letter(lena, "first@atelier-novak.example", "Where is my invoice?", "Hello, I need it.")
	for _, file := range []string{"received.json", "sns.json"} {
		d := open(t)
		body, err := os.ReadFile("../../events/samples/ses/" + file)
		if err != nil {
			t.Fatal(err)
		}
		var n struct {
			Mail    awsevents.SimpleEmailMessage
			Receipt awsevents.SimpleEmailReceipt
		}
		if file == "received.json" {
			if err := json.Unmarshal(body, &n); err != nil || n.Mail.MessageID == "" || len(n.Receipt.Recipients) != 1 {
				t.Errorf("AWS's own types read %+v, %v", n, err)
			}
		}
		d.Put("mail", "in/o3vrnil0e2ic28trm7dfhrc2v0c8nm4nbp0g1", []byte(first))
		answer, err := d.h.Invoke(hosttest.Context(), hosttest.QueuePayload(string(body)))
		if err != nil || len(hosttest.Failures(t, answer)) > 0 {
			t.Fatalf("%s: %s %v", file, answer, err)
		}
		if head := d.only(t); head.Subject != "Where is my invoice?" || head.Messages != 1 {
			t.Errorf("%s: %+v", file, head)
		}
	}
	d := open(t)
	sqs, err := os.ReadFile("../../events/samples/ses/sqs.json")
	if err != nil {
		t.Fatal(err)
	}
	var e awsevents.SQSEvent
	if err := json.Unmarshal(sqs, &e); err != nil || len(e.Records) != 1 || e.Records[0].Body == "" {
		t.Fatalf("AWS's own type reads %+v, %v", e, err)
	}
	d.Put("mail", "in/o3vrnil0e2ic28trm7dfhrc2v0c8nm4nbp0g1", []byte(first))
	if answer, err := d.h.Invoke(hosttest.Context(), sqs); err != nil || len(hosttest.Failures(t, answer)) > 0 {
		t.Fatalf("%s %v", answer, err)
	}
	d.only(t)
}

func TestSetupNotificationIsIgnored(t *testing.T) {
	d := open(t)
	body, err := os.ReadFile("../../events/samples/ses/setup.json")
	if err != nil {
		t.Fatal(err)
	}
	answer, err := d.h.Invoke(hosttest.Context(), hosttest.QueuePayload(string(body)))
	if err != nil || len(hosttest.Failures(t, answer)) > 0 || len(d.threads(t)) > 0 || len(d.parked(t)) > 0 {
		t.Errorf("%s %v", answer, err)
	}
}

func TestWhatIsNoNotificationComesAgain(t *testing.T) {
	d := open(t)
	good := d.notification(t, mail{id: "a", raw: letter(lena, "a@x.example", "A", "a")})
	gone := strings.ReplaceAll(good, "in/a", "in/missing")
	answer, err := d.h.Invoke(hosttest.Context(), hosttest.QueuePayload("no json", good, gone, `{"notificationType":"Received"}`))
	if err != nil {
		t.Fatal(err)
	}
	if got := hosttest.Failures(t, answer); fmt.Sprint(got) != "[m0 m2 m3]" {
		t.Errorf("failed %v", got)
	}
	d.only(t) // the good one is not held up by its neighbours
}

func TestNewThread(t *testing.T) {
	d := open(t)
	d.take(t, mail{id: "ses-1", raw: lines("From: "+lena, "To: support@parley.example, Karl <Karl@Other.example>", "Cc: Team <team@atelier-novak.example>",
		"Subject: Where is my invoice?", "Message-ID: <first@atelier-novak.example>", "Date: Mon, 2 Mar 2026 09:59:55 +0100",
		"Content-Type: multipart/mixed; boundary=b", "", "--b", "Content-Type: text/html", "", "<p>Hello <b>you</b><script>x()</script></p>",
		"--b", "Content-Type: text/csv; name=a.csv", "Content-Disposition: attachment; filename=a.csv", "", "1,2", "--b--")})
	head := d.only(t)
	if head.Contact.Address != "lena@atelier-novak.example" || head.Contact.Name != "Lena Novak" || head.Status != inbox.Open || head.Files != 1 {
		t.Errorf("head %+v", head)
	}
	for _, p := range head.Participants {
		if p.Email == "support@parley.example" {
			t.Error("the mailbox is a participant")
		}
	}
	if len(head.Participants) != 3 || head.Participants[1].Email != "karl@other.example" {
		t.Errorf("participants %+v", head.Participants)
	}
	log := d.entries(t, head.ID)
	if len(log) != 2 || log[0].Opened == nil || log[0].Opened.Channel != "email" {
		t.Fatalf("log %+v", log)
	}
	m := log[1].Received
	if m.Why.Rule != "new" || m.Email.Carrier != "ses-1" || m.Email.Raw != "in/ses-1" || m.Email.MessageID != "first@atelier-novak.example" || len(m.To) != 2 {
		t.Errorf("message %+v %+v", m, m.Email)
	}
	if html := string(d.Object("files", m.Body.HTMLRef)); !strings.Contains(html, "<b>you</b>") || strings.Contains(html, "script") {
		t.Errorf("html %q", html)
	}
	if len(m.Attachments) != 1 || string(d.Object("files", m.Attachments[0].Ref)) != "1,2" || m.Attachments[0].Name != "a.csv" {
		t.Errorf("attachments %+v", m.Attachments)
	}
	if c, err := d.st.Contacts.Get(hosttest.Context(), m.Contact.ID); err != nil || c.Address != "lena@atelier-novak.example" {
		t.Errorf("contact %+v %v", c, err)
	}
}

func TestLongTextGoesToTheBucket(t *testing.T) {
	d := open(t)
	text := strings.Repeat("Long story. ", 1000)
	d.take(t, mail{id: "a", raw: letter(lena, "a@x.example", "A", text)})
	b := d.last(t, d.only(t).ID).Received.Body
	if b.Text != "" || !strings.HasPrefix(string(d.Object("files", b.TextRef)), "Long story.") {
		t.Errorf("body %+v", b)
	}
}

// What a mail quotes is told to the page, and is not what a list shows of it.
func TestQuotesAreFolds(t *testing.T) {
	d := open(t)
	d.take(t, mail{id: "a", raw: letter(lena, "a@x.example", "Re: Tuesday", "It does.\r\n-- \r\nLena\r\n\r\nOn Monday, Mara wrote:\r\n> Does Tuesday work?")})
	m := d.last(t, d.only(t).ID).Received
	if m.Preview != "It does." {
		t.Errorf("preview %q", m.Preview)
	}
	if want := []events.Fold{{From: 1, To: 6}}; !slices.Equal(m.Body.Folds, want) {
		t.Errorf("folds %v of %q", m.Body.Folds, m.Body.Text)
	}
	long := strings.Repeat("A long answer. ", 1000)
	d.take(t, mail{id: "b", raw: letter(lena, "b@x.example", "Another", long+"\r\n\r\nOn Monday, Mara wrote:\r\n> Hello", "In-Reply-To: <a@x.example>")})
	if b := d.last(t, d.only(t).ID).Received.Body; b.TextRef == "" || !slices.Equal(b.Folds, []events.Fold{{From: 1, To: 4}}) {
		t.Errorf("%+v", b)
	}
	between := "> Does Tuesday work?\r\nIt does.\r\n> At nine?\r\nYes."
	d.take(t, mail{id: "c", raw: letter(lena, "c@x.example", "Re: Between", between, "In-Reply-To: <a@x.example>")})
	if m := d.last(t, d.only(t).ID).Received; m.Preview != "It does. Yes." || len(m.Body.Folds) != 0 {
		t.Errorf("answers between the lines: preview %q, folds %v", m.Preview, m.Body.Folds)
	}
}

func TestExactlyOnce(t *testing.T) {
	d := open(t)
	a := mail{id: "a", raw: letter(lena, "a@x.example", "A", "text")}
	again := a
	again.id = "a-again"
	again.raw = "Received: from elsewhere\r\n" + a.raw // the sender's server tried twice: new trace, same body
	other := mail{id: "b", raw: letter(lena, "a@x.example", "A", "other text")}
	nameless := mail{id: "c", raw: letter(lena, "", "C", "no id")}
	twin := nameless
	twin.id = "d"
	d.take(t, a, a, again, other, other, nameless, nameless, twin)
	if n := d.messages(t); n != 4 {
		t.Errorf("%d messages, want 4: a, the other body under the same id, and two without an id", n)
	}
	if n := len(d.threads(t)); n != 4 {
		t.Errorf("%d threads", n)
	}
}

func TestManyAtOnce(t *testing.T) {
	d := open(t)
	const threads, each = 10, 10
	var bodies []string
	for i := range threads {
		for j := range each { // all answer to a mail nobody has seen; one of them opens the thread
			bodies = append(bodies, d.notification(t, mail{
				id:  fmt.Sprintf("m%d-%d", i, j),
				raw: letter(lena, fmt.Sprintf("m%d.%d@x.example", i, j), "Re: Plan", "text", fmt.Sprintf("In-Reply-To: <unseen%d@y.example>", i)),
			}))
		}
	}
	var wg sync.WaitGroup
	for _, b := range append(bodies, bodies...) { // each of them twice
		wg.Go(func() {
			for {
				answer, err := d.h.Invoke(hosttest.Context(), hosttest.QueuePayload(b))
				if err != nil {
					t.Error(err)
					return
				}
				if len(hosttest.Failures(t, answer)) == 0 {
					return
				}
			}
		})
	}
	wg.Wait()
	if n := len(d.threads(t)); n != threads {
		t.Errorf("%d threads, want %d", n, threads)
	}
	if n := d.messages(t); n != threads*each {
		t.Errorf("%d messages, want %d", n, threads*each)
	}
}

func TestEveryCrash(t *testing.T) {
	raw := lines("From: "+lena, "To: support@parley.example", "Subject: A", "Message-ID: <a@x.example>", "In-Reply-To: <unseen@y.example>",
		"Content-Type: multipart/mixed; boundary=b", "", "--b", "Content-Type: text/html", "", "<p>Hello</p>", "--b",
		"Content-Disposition: attachment; filename=a.txt", "", "file", "--b--")
	for _, first := range []bool{true, false} {
		hosttest.EveryCrash(t, func(t *testing.T, w *hosttest.World) {
			strike := w.Strike
			w.Strike = nil
			d := openIn(t, w)
			want := 1
			if !first { // the second mail of a thread
				want = 2
				d.take(t, mail{id: "0", raw: letter(lena, "unseen@y.example", "A", "first")})
			}
			w.Strike = strike
			payload := hosttest.QueuePayload(d.notification(t, mail{id: "a", raw: raw, to: []string{"support@parley.example", "stranger@parley.example"}}))
			_, _, _ = hosttest.Invoke(d.h, payload)
			w.Strike = nil
			d.h = w.Build(t, ingest.New) // a new process
			for range 2 {                // the queue brings it again, and once more
				answer, died, err := hosttest.Invoke(d.h, payload)
				if err != nil || died || len(hosttest.Failures(t, answer)) > 0 {
					t.Fatalf("second try: %s %v", answer, err)
				}
			}
			head := d.only(t)
			if n := d.messages(t); n != want {
				t.Errorf("%d messages, want %d", n, want)
			}
			if log := d.entries(t, head.ID); int64(len(log)) != head.Seq {
				t.Errorf("%d entries, head at %d", len(log), head.Seq)
			}
			if got := d.parked(t); len(got) != 1 || got[0] != "no such mailbox" {
				t.Errorf("quarantine %v", got)
			}
			if a := d.last(t, head.ID).Received.Attachments; len(a) != 1 || string(w.Object("files", a[0].Ref)) != "file" {
				t.Errorf("attachments %+v", a)
			}
		})
	}
}

func TestQuarantine(t *testing.T) {
	hops := strings.Repeat("Received: from a by b; Mon, 2 Mar 2026 09:59:55 +0100\r\n", limit.MailReceivedHops+1)
	for _, c := range []struct {
		name, reason string
		m            mail
	}{
		{"nobody's address", "no such mailbox", mail{to: []string{"nobody@parley.example"}, raw: letter(lena, "a@x.example", "A", "a")}},
		{"a reply address with a broken signature", "no such mailbox", mail{to: []string{"c+01k0000000000000000000000.aaaaaaaaaaaaaaaa@parley.example"}, raw: letter(lena, "a@x.example", "A", "a")}},
		{"a reply address of a thread that is not there", "no such mailbox", mail{to: []string{signer.ReplyAddress("01k0000000000000000000000")}, raw: letter(lena, "a@x.example", "A", "a")}},
		{"nothing of ours in the envelope", "no such mailbox", mail{to: []string{"support@elsewhere.example"}, raw: letter(lena, "a@x.example", "A", "a")}},
		{"in circles", "the mail goes round in circles", mail{raw: hops + letter(lena, "a@x.example", "A", "a")}},
		{"a bounce of nothing", "a bounce without a message of ours", mail{from: "<>", raw: lines("From: Mail Delivery System <postmaster@mx.example>",
			"Subject: Undelivered Mail", "Content-Type: multipart/report; report-type=delivery-status; boundary=b", "", "--b", "", "It failed.", "--b",
			"Content-Type: message/delivery-status", "", "Reporting-MTA: dns; mx.example", "", "Final-Recipient: rfc822; a@x.example", "Action: failed", "Status: 5.1.1", "", "--b--")}},
		{"an old bounce", "a bounce without a message of ours", mail{from: "<>", raw: "Return-Path: <>\r\n" + letter("MAILER-DAEMON@mx.example", "b@mx.example", "failure notice", "failed")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := open(t)
			c.m.id = "q"
			d.take(t, c.m, c.m)
			if got := d.parked(t); len(got) != 1 || got[0] != c.reason {
				t.Errorf("quarantine %v", got)
			}
			d.adds(t, 0, 0, 1, 0)
			if n := len(d.threads(t)); n != 0 {
				t.Errorf("%d threads", n)
			}
		})
	}
}

func TestForgedLoopHeaderIsNoReason(t *testing.T) {
	d := open(t)
	d.take(t, mail{id: "a", raw: letter(lena, "a@x.example", "A", "a", "X-Parley-Loop: 01k0000000000000000000000.m1.aaaaaaaaaaaaaaaa@parley.example")})
	d.only(t)
}

func TestOwnCarrierIDComesBack(t *testing.T) {
	d := open(t)
	if err := d.st.Threads.Claim(hosttest.Context(), store.CarrierClaim(sesID), "somethread", 2); err != nil {
		t.Fatal(err)
	}
	d.take(t, mail{id: "a", raw: letter(lena, sesID+"@eu-west-1.amazonses.com", "A", "a")})
	d.take(t, mail{id: "b", raw: letter(lena, "a@x.example", "A", "a", "X-Parley-Loop: "+signer.MessageID("01k0000000000000000000000", "m1"))})
	d.take(t, mail{id: "c", raw: letter(lena, signer.MessageID("01k0000000000000000000000", "m1"), "A", "a")})
	if len(d.parked(t)) > 0 || len(d.threads(t)) > 0 {
		t.Error("our own mail is nobody's letter")
	}
	d.adds(t, 0, 0, 0, 3)
}

func TestAutomaticMailNeverReopens(t *testing.T) {
	d := open(t)
	d.take(t, mail{id: "a", raw: letter(lena, "a@x.example", "A", "a")})
	id := d.only(t).ID
	agent := events.Actor{Kind: events.Agent, ID: "u1"}
	if _, err := d.st.Threads.Do(hosttest.Context(), id, "", func(th inbox.Thread) (inbox.Decision, error) { return th.SetStatus(agent, inbox.Closed) }); err != nil {
		t.Fatal(err)
	}
	reply := "In-Reply-To: <a@x.example>"
	d.take(t, mail{id: "b", raw: letter(lena, "b@x.example", "Out of office", "away", reply, "Auto-Submitted: auto-replied")})
	d.take(t, mail{id: "c", from: "<>", raw: letter(lena, "c@x.example", "Away", "away", reply)})
	d.take(t, mail{id: "d", from: "<>", raw: letter("Mail Delivery System <MAILER-DAEMON@mx.example>", "d@mx.example", "Undelivered Mail", "failed", reply)})
	head := d.only(t)
	if head.Status != inbox.Closed || head.Messages != 4 {
		t.Errorf("%s, %d messages", head.Status, head.Messages)
	}
	for _, e := range d.entries(t, id)[3:] {
		if e.Received == nil || e.Received.Email.Auto == "" {
			t.Errorf("entry %+v is not marked automatic", e)
		}
	}
	d.take(t, mail{id: "e", raw: letter(lena, "e@x.example", "Re: A", "a person", reply)})
	if head := d.only(t); head.Status != inbox.Open {
		t.Errorf("%s after a person wrote", head.Status)
	}
}

func TestNothingIsLost(t *testing.T) {
	for _, c := range []struct {
		name, raw, subject, problem string
	}{
		{"no bytes", "", "(no subject)", "empty"},
		{"only a header", "Subject: Hi\r\n", "Hi", "empty"},
		{"no From", lines("Subject: Hi", "", "text"), "Hi", "no-from"},
		{"a From that is no address", lines("From: undisclosed", "Subject: Hi", "", "text"), "Hi", "no-from"},
		{"no header at all", lines("", "just text"), "(no subject)", "no-from"},
		{"binary", string([]byte{0, 1, 2, 0xff, 0xfe, 0x80}), "(no subject)", "no-from"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := open(t)
			d.take(t, mail{id: "a", raw: c.raw})
			head := d.only(t)
			m := d.last(t, head.ID).Received
			found := false
			for _, p := range m.Problems {
				found = found || p.Name == c.problem
			}
			if head.Subject != c.subject || !found || m.Email.Raw != "in/a" || head.Problems != 1 {
				t.Errorf("subject %q, problems %+v", head.Subject, m.Problems)
			}
			if head.Contact.Name != "Unknown sender" || head.Contact.Address != "" {
				t.Errorf("contact %+v", head.Contact)
			}
		})
	}
}

func TestSenderFromReplyTo(t *testing.T) {
	d := open(t)
	d.take(t, mail{id: "a", raw: lines("From: <@>", "Reply-To: Lena <Lena@X.example>, "+signer.ReplyAddress("01k0000000000000000000000"), "Subject: A", "", "text")})
	head := d.only(t)
	if head.Contact.Address != "lena@x.example" {
		t.Errorf("contact %+v", head.Contact)
	}
	if len(head.LastReplyTo) != 1 || head.LastReplyTo[0].Email != "lena@x.example" {
		t.Errorf("an answer would go to %+v", head.LastReplyTo)
	}
}

func TestContactForm(t *testing.T) {
	for from, want := range map[string]string{
		"Form <support@parley.example>": "kim@x.example", "noreply@shop.example": "kim@x.example", "Lena <lena@x.example>": "lena@x.example",
	} {
		d := open(t)
		d.take(t, mail{id: "a", raw: lines("From: "+from, "Reply-To: support@parley.example, Kim <kim@x.example>", "Subject: A", "", "text")})
		if head := d.only(t); head.Contact.Address != want {
			t.Errorf("from %s: contact %+v", from, head.Contact)
		}
	}
}

// TestMonster: as much of everything as the parser lets through is a message or in quarantine, never lost.
func TestMonster(t *testing.T) {
	var raw strings.Builder
	raw.WriteString("From: " + lena + "\r\nSubject: " + strings.Repeat("long ", 5000) + "\r\nMessage-ID: <a@x.example>\r\nReferences:")
	for i := range 2000 {
		fmt.Fprintf(&raw, "\r\n <%d.%s@x.example>", i, strings.Repeat("r", 60))
	}
	raw.WriteString("\r\nTo: a@x.example")
	for i := range 800 {
		fmt.Fprintf(&raw, ",\r\n \"%s\" <a%d@x.example>", strings.Repeat("n", 80), i)
	}
	raw.WriteString("\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n")
	for i := range 600 {
		fmt.Fprintf(&raw, "--b\r\nContent-Disposition: attachment; filename=%s%d\r\n\r\nx\r\n", strings.Repeat("f", 200), i)
	}
	d := open(t)
	d.take(t, mail{id: "a", raw: raw.String() + "--b--"})
	if n, q := len(d.threads(t)), len(d.parked(t)); n+q != 1 {
		t.Errorf("%d threads, %d in quarantine", n, q)
	}
}

func TestVerdicts(t *testing.T) {
	d := open(t)
	raw := lines("From: "+lena, "Subject: A", "Content-Type: multipart/mixed; boundary=b", "", "--b", "", "text", "--b",
		"Content-Disposition: attachment; filename=evil.exe", "", "MZ", "--b--")
	d.take(t, mail{id: "a", raw: raw, edit: func(r map[string]any) {
		fail := map[string]any{"status": "FAIL"}
		r["virusVerdict"], r["spamVerdict"], r["dmarcVerdict"], r["dmarcPolicy"] = fail, fail, fail, "REJECT"
	}})
	heads := d.folder(t, store.ViewSpam)
	if len(heads) != 1 {
		t.Fatalf("%d threads in spam", len(heads))
	}
	m := d.last(t, heads[0].ID).Received
	var names []string
	for _, p := range m.Problems {
		names = append(names, p.Name)
	}
	if got := strings.Join(names, " "); !strings.HasSuffix(got, "virus spam dmarc") || len(m.Attachments) > 0 || d.Objects("files") > 0 {
		t.Errorf("problems %s, attachments %v", got, m.Attachments)
	}
}

func TestSeveralRecipients(t *testing.T) {
	d := open(t)
	d.take(t, mail{id: "a", raw: letter(lena, "a@x.example", "A", "a")})
	id := d.only(t).ID
	d.take(t, mail{
		id: "b", to: []string{"support+x@parley.example", "support@parley.example", signer.ReplyAddress(id), "other@elsewhere.example"},
		raw: letter(lena, "b@x.example", "B", "b", "Cc: "+signer.ReplyAddress(id)),
	})
	head := d.only(t)
	if m := d.last(t, id).Received; head.Messages != 2 || m.Why.Rule != "token" || len(m.To) != 1 || m.Cc[0].Email != "support@parley.example" {
		t.Errorf("%d messages, %+v", head.Messages, m)
	}
	d.take(t, mail{id: "c", to: []string{"support+shop@parley.example"}, raw: letter(lena, "c@x.example", "C", "c")})
	if n := len(d.threads(t)); n != 2 {
		t.Errorf("%d threads: a tagged address is the mailbox's", n)
	}
}

func TestOneMailboxDoesNotHinderAnother(t *testing.T) {
	d := open(t)
	d.take(t, mail{id: "a", to: []string{"nobody@parley.example", "support@parley.example"}, raw: letter(lena, "a@x.example", "A", "a")})
	d.only(t)
	if got := d.parked(t); len(got) != 1 {
		t.Errorf("quarantine %v", got)
	}
}

func TestWatchersHearAtOnce(t *testing.T) {
	d := open(t)
	d.take(t, mail{id: "a", raw: letter(lena, "a@x.example", "A", "a")})
	id := d.only(t).ID
	d.Connect("c1")
	ctx := hosttest.Context()
	if _, err := d.st.Settings.SignedIn(ctx, "u1", "u1", "u1@team.example", true); err != nil { // admins see every inbox
		t.Fatal(err)
	}
	if err := d.st.Sockets.Connect(ctx, "c1", store.Identity{Kind: "agent", ID: "u1"}); err != nil {
		t.Fatal(err)
	}
	if err := d.st.Sockets.Watch(ctx, "c1", "thread:"+id); err != nil {
		t.Fatal(err)
	}
	d.take(t, mail{id: "b", raw: letter(lena, "b@x.example", "Re: A", "b", "In-Reply-To: <a@x.example>")})
	if f := d.Frames("c1"); len(f) != 1 || !strings.Contains(f[0], `"t":"entries"`) {
		t.Errorf("frames %v", f)
	}
	if seq, err := d.st.Sockets.Pushed(ctx, id); err != nil || seq != 3 {
		t.Errorf("pushed %d %v", seq, err)
	}
}
