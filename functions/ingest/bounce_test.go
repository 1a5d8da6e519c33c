package ingest_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/events"
	"parley/functions/ingest"
	"parley/functions/mailstatus"
	"parley/shared/host/hosttest"
	"parley/shared/inbox"
	"parley/shared/store"
)

const karl = "karl@y.example"

// sent is a thread with an answer to Lena and Karl, entry 3, that SES took under sesID.
type sent struct {
	*desk
	thread  string
	message string // our signed id of the answer
}

func answered(t *testing.T, to ...string) *sent { return answeredIn(t, hosttest.New(t), to...) }

func answeredIn(t *testing.T, w *hosttest.World, to ...string) *sent {
	t.Helper()
	strike := w.Strike
	w.Strike = nil
	d := openIn(t, w)
	d.take(t, mail{id: "first", raw: letter(lena, "first@x.example", "Invoice", "Where is it?")})
	s := &sent{desk: d, thread: d.only(t).ID}
	if to == nil {
		to = []string{"lena@atelier-novak.example", karl}
	}
	reply := events.MessageSent{Message: "01k000000000000000000000m1", Delivery: "d1", Body: events.Body{Text: "Here."}, Subject: "Re: Invoice"}
	for _, a := range to {
		reply.To = append(reply.To, events.Address{Email: a})
	}
	d.do(t, s.thread, func(th inbox.Thread) (inbox.Decision, error) { return th.Reply(mara, reply) })
	s.message = signer.MessageID(s.thread, reply.Message)
	s.carry(t)
	w.Strike = strike
	return s
}

// carry does what deliver does.
func (s *sent) carry(t *testing.T) {
	t.Helper()
	ctx := hosttest.Context()
	l, ok, err := s.st.Outbox.Lease(ctx, s.thread, "worker", 0)
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	jobs, err := l.Owed(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, j := range jobs {
		if j, err = l.Sending(ctx, j); err == nil {
			err = s.st.Threads.Claim(ctx, store.CarrierClaim(sesID), s.thread, j.Seq)
		}
		if err == nil {
			_, err = l.Sent(ctx, j, sesID)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err = l.Release(ctx); err != nil {
		t.Fatal(err)
	}
}

// states are what is said of the recipients of entry 3.
func (s *sent) states(t *testing.T) string {
	t.Helper()
	j, err := s.st.Outbox.Get(hosttest.Context(), s.thread, 3)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, r := range j.Recipients {
		out = append(out, r.State)
	}
	return strings.Join(out, " ")
}

// bounces lists the bounce and complaint facts of the thread.
func (s *sent) bounces(t *testing.T) (out []events.Fact) {
	t.Helper()
	for _, e := range s.entries(t, s.thread) {
		if e.Bounced != nil {
			out = append(out, *e.Bounced)
		}
		if e.Complained != nil {
			out = append(out, *e.Complained)
		}
	}
	return out
}

// dsn is a delivery status notification: fields of a recipient, and the header of the mail it is about.
func dsn(original string, recipients ...string) string {
	return lines("Return-Path: <>", "From: Mail Delivery System <MAILER-DAEMON@mx.example>", "To: support@parley.example", "Subject: Undelivered Mail Returned to Sender",
		"Message-ID: <dsn1@mx.example>", "Auto-Submitted: auto-replied", "Content-Type: multipart/report; report-type=delivery-status; boundary=b", "",
		"--b", "Content-Type: text/plain", "", "This is the mail system. I'm sorry to have to inform you that your message could not be delivered.", "", "--b",
		"Content-Type: message/delivery-status", "", "Reporting-MTA: dns; mx.example", "", strings.Join(recipients, "\r\n\r\n"), "",
		"--b", "Content-Type: text/rfc822-headers", "", original, "--b--")
}

func fails(address, action, status string) string {
	return "Final-Recipient: rfc822; " + address + "\r\nAction: " + action + "\r\nStatus: " + status + "\r\nDiagnostic-Code: smtp; 550 " + status + " no"
}

func TestABounceGoesToItsMessage(t *testing.T) {
	for name, c := range map[string]struct {
		head  func(s *sent) string // of the mail that bounced
		says  []string
		to    []string
		state string
		facts []string // address, kind, doubtful
	}{
		"by our id in References": {
			head: func(s *sent) string {
				return "Message-ID: <x@eu-west-1.amazonses.com>\r\nReferences: <first@x.example> <" + s.message + ">"
			},
			says: []string{fails(karl, "failed", "5.1.1")}, state: "sent bounced", facts: []string{karl + " Permanent/5.1.1 false"},
		},
		"by the loop header": {
			head: func(s *sent) string { return "X-Parley-Loop: " + s.message + "\r\nSubject: Re: Invoice" },
			says: []string{fails(karl, "failed", "5.2.2")}, state: "sent bounced", facts: []string{karl + " Permanent/5.2.2 false"},
		},
		"by our id as Message-ID": {
			head: func(s *sent) string { return "Message-ID: <" + s.message + ">" },
			says: []string{fails(karl, "failed", "5.1.1")}, state: "sent bounced", facts: []string{karl + " Permanent/5.1.1 false"},
		},
		"by SES's id": {
			head: func(*sent) string { return "Message-ID: <" + sesID + "@eu-west-1.amazonses.com>" },
			says: []string{fails(karl, "failed", "5.1.1")}, state: "sent bounced", facts: []string{karl + " Permanent/5.1.1 false"},
		},
		"by the customer's id and who it went to": {
			head: func(*sent) string { return "Message-ID: <gone@x.example>\r\nReferences: <first@x.example>" },
			says: []string{fails(karl, "failed", "5.1.1")}, state: "sent bounced", facts: []string{karl + " Permanent/5.1.1 false"},
		},
		"both, in one report": {
			head: func(s *sent) string { return "Message-ID: <" + s.message + ">" },
			says: []string{fails(karl, "failed", "5.1.1"), fails("Lena@Atelier-Novak.example", "failed", "4.4.7")}, state: "bounced bounced",
			facts: []string{karl + " Permanent/5.1.1 false", "lena@atelier-novak.example Transient/4.4.7 false"},
		},
		"delayed": {
			head: func(s *sent) string { return "Message-ID: <" + s.message + ">" },
			says: []string{fails(karl, "delayed", "4.4.1")}, state: "sent delayed",
		},
		"delivered": {
			head: func(s *sent) string { return "Message-ID: <" + s.message + ">" },
			says: []string{fails(karl, "delivered", "2.0.0")}, state: "sent delivered",
		},
		"at another address, to the only one it went to": {
			to: []string{karl}, head: func(s *sent) string { return "Message-ID: <" + s.message + ">" },
			says: []string{fails("karl@elsewhere.example", "failed", "5.1.1")}, state: "bounced", facts: []string{karl + " Permanent/5.1.1 false"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := answered(t, c.to...)
			s.do(t, s.thread, func(th inbox.Thread) (inbox.Decision, error) { return th.SetStatus(mara, inbox.Closed) })
			raw := dsn(c.head(s), c.says...)
			s.take(t, mail{id: "dsn", from: "<>", raw: raw}, mail{id: "dsn", from: "<>", raw: raw}, mail{id: "dsn-again", from: "<>", raw: raw})
			if got := s.states(t); got != c.state {
				t.Errorf("states %s, want %s", got, c.state)
			}
			var facts []string
			for _, f := range s.bounces(t) {
				b := f.(events.MessageBounced)
				facts = append(facts, fmt.Sprint(b.Address, " ", b.Kind, " ", b.Doubtful))
				if b.Raw != "in/dsn" || b.Message != "01k000000000000000000000m1" || b.Sent != 3 || b.Delivery != "d1" || b.Reason == "" {
					t.Errorf("%+v", b)
				}
			}
			if d := cmp.Diff(c.facts, facts); d != "" {
				t.Errorf("facts (-want +got):\n%s", d)
			}
			if n := len(s.all(t)); n != 1 || s.messages(t) != 1 || len(s.parked(t)) != 0 {
				t.Errorf("%d threads, %d messages, quarantine %v", n, s.messages(t), s.parked(t))
			}
			head, err := s.st.Threads.Head(hosttest.Context(), s.thread)
			if want := map[bool]inbox.Status{true: inbox.Open, false: inbox.Closed}[len(c.facts) > 0]; err != nil || head.Status != want {
				t.Errorf("%s %v", head.Status, err)
			}
			s.adds(t, 3, 0, 0, 0)
		})
	}
}

// What does not say whom it did not reach is shown on the thread, as an automatic message.
func TestAVagueBounceIsShown(t *testing.T) {
	s := answered(t)
	s.take(t, mail{id: "dsn", from: "<>", raw: dsn("Message-ID: <"+s.message+">", fails("somebody@elsewhere.example", "failed", "5.1.1"))})
	m := s.last(t, s.thread).Received
	if m.Email.Auto == "" || m.Why.Rule != "report" || s.states(t) != "sent sent" || len(s.all(t)) != 1 || !m.ThirdParty {
		t.Errorf("%+v %+v, %s", m.Why, m.Email, s.states(t))
	}
	s.adds(t, 2, 0, 0, 0)
}

func TestReportsOfNothing(t *testing.T) {
	for name, c := range map[string]struct{ raw, reason string }{
		"a bounce":       {dsn("Message-ID: <stranger@y.example>", fails(karl, "failed", "5.1.1")), "a bounce without a message of ours"},
		"a forged id":    {dsn("Message-ID: <01k00000000000000000000000.m1.aaaaaaaaaaaaaaaa@parley.example>", fails(karl, "failed", "5.1.1")), "a bounce without a message of ours"},
		"a complaint":    {complaint("Message-ID: <stranger@y.example>", karl), "a complaint without a message of ours"},
		"a read receipt": {receipt("stranger@y.example", karl), "a read receipt without a message of ours"},
	} {
		t.Run(name, func(t *testing.T) {
			d := open(t)
			d.take(t, mail{id: "r", from: "<>", raw: c.raw})
			if got := d.parked(t); len(got) != 1 || got[0] != c.reason || len(d.all(t)) != 0 {
				t.Errorf("quarantine %v, %d threads", got, len(d.all(t)))
			}
			d.adds(t, 0, 0, 1, 0)
		})
	}
}

func complaint(original, who string) string {
	return lines("From: <complaints@provider.example>", "To: support@parley.example", "Subject: FW: Invoice", "Content-Type: multipart/report; report-type=feedback-report; boundary=b", "",
		"--b", "", "This is an email abuse report.", "--b", "Content-Type: message/feedback-report", "", "Feedback-Type: abuse", "User-Agent: X/1", "Version: 1", "Original-Rcpt-To: "+who, "",
		"--b", "Content-Type: message/rfc822", "", original, "", "Here.", "--b--")
}

func receipt(original, who string) string {
	return lines("From: "+who, "To: support@parley.example", "Subject: Read: Invoice", "Message-ID: <mdn@y.example>", "Content-Type: multipart/report; report-type=disposition-notification; boundary=b", "",
		"--b", "", "Your message was read.", "--b", "Content-Type: message/disposition-notification", "", "Reporting-UA: x; y", "Final-Recipient: rfc822;"+who,
		"Original-Message-ID: <"+original+">", "Disposition: manual-action/MDN-sent-manually; displayed", "", "--b--")
}

func TestAComplaint(t *testing.T) {
	s := answered(t)
	raw := complaint("Message-ID: <"+sesID+"@eu-west-1.amazonses.com>", karl)
	s.take(t, mail{id: "arf", raw: raw}, mail{id: "arf2", raw: raw + "\r\n"})
	want := []events.Fact{events.MessageComplained{Message: "01k000000000000000000000m1", Sent: 3, Delivery: "d1", Address: karl, Kind: "abuse", Raw: "in/arf"}}
	if d := cmp.Diff(want, s.bounces(t)); d != "" || s.states(t) != "sent complained" || s.messages(t) != 1 {
		t.Errorf("%s %d messages\n%s", s.states(t), s.messages(t), d)
	}
	s.adds(t, 3, 0, 0, 0)
}

func TestAReadReceipt(t *testing.T) {
	s := answered(t)
	s.do(t, s.thread, func(th inbox.Thread) (inbox.Decision, error) { return th.SetStatus(mara, inbox.Closed) })
	s.take(t, mail{id: "mdn", raw: receipt(sesID+"@eu-west-1.amazonses.com", karl)})
	m := s.last(t, s.thread).Received
	head, err := s.st.Threads.Head(hosttest.Context(), s.thread)
	if err != nil || m.Email.Auto == "" || s.states(t) != "sent delivered" || head.Status != inbox.Closed || len(s.all(t)) != 1 {
		t.Errorf("%v %+v %s %s", err, m.Email, s.states(t), head.Status)
	}
}

// The mail system tells us by an event and somebody else by mail: that is one bounce.
func TestABounceToldTwiceIsOneFact(t *testing.T) {
	for _, mailFirst := range []bool{true, false} {
		s := answered(t)
		status := s.Build(t, mailstatus.New)
		event, err := os.ReadFile("../../events/samples/ses/event-bounce.json")
		if err != nil {
			t.Fatal(err)
		}
		said := strings.NewReplacer("01k0000000000000000000000a", s.thread, "lena@atelier-novak.example", karl, "Lena@atelier-novak.example", karl).Replace(string(event))
		byEvent := func() {
			if _, err := status.Invoke(hosttest.Context(), []byte(said)); err != nil {
				t.Fatal(err)
			}
		}
		byMail := func() {
			s.take(t, mail{id: "dsn", from: "<>", raw: dsn("Message-ID: <"+s.message+">", fails(karl, "failed", "5.1.1"))})
		}
		if mailFirst {
			byMail()
			byEvent()
		} else {
			byEvent()
			if s.states(t) != "sent bounced" {
				t.Fatal("the event says nothing of this message")
			}
			byMail()
		}
		if got := s.bounces(t); len(got) != 1 || s.states(t) != "sent bounced" {
			t.Errorf("mail first %v: %v %s", mailFirst, got, s.states(t))
		}
		s.adds(t, 2, 0, 0, 0)
	}
}

func TestABounceAtEveryCrash(t *testing.T) {
	hosttest.EveryCrash(t, func(t *testing.T, w *hosttest.World) {
		s := answeredIn(t, w)
		strike := w.Strike
		w.Strike = nil
		payload := hosttest.QueuePayload(s.notification(t, mail{id: "dsn", from: "<>", raw: dsn("Message-ID: <"+s.message+">", fails(karl, "failed", "5.1.1"))}))
		w.Strike = strike
		_, _, _ = hosttest.Invoke(s.h, payload)
		w.Strike = nil
		s.h = w.Build(t, ingest.New)
		for range 2 {
			answer, died, err := hosttest.Invoke(s.h, payload)
			if err != nil || died || len(hosttest.Failures(t, answer)) > 0 {
				t.Fatalf("again: %s %v", answer, err)
			}
		}
		if got := s.bounces(t); len(got) != 1 || s.states(t) != "sent bounced" || s.messages(t) != 1 {
			t.Errorf("%v %s", got, s.states(t))
		}
		s.adds(t, 2, 0, 0, 0)
	})
}
