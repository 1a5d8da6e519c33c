package flows

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
)

// A sender on the deny list is spam; taken off again they are heard.
func TestFlowADeniedSender(t *testing.T) {
	s := flow(t)
	spammer := s.at("win")
	at := "/inboxes/" + s.inbox() + "/filters/deny/" + url.PathEscape(spammer)
	s.call("PUT", at, nil, nil)
	settled()
	s.post(spammer, s.Address, letter(spammer, s.about("You have won"), s.id("win", 1), "", "Send money."))
	s.eventually("it in Spam", func() bool {
		for _, subject := range s.subjects("spam") {
			if subject == s.about("You have won") {
				return true
			}
		}
		return false
	})
	s.call("DELETE", at, nil, nil)
	settled()
	s.post(spammer, s.Address, letter(spammer, s.about("Seriously"), s.id("win", 2), "", "I need help."))
	s.bySubject(s.about("Seriously"))
}

// A report that came as mail, to the reply address and with no word of ours but whom it failed to reach, is heard on the message.
func TestFlowABounceByMail(t *testing.T) {
	s := flow(t)
	customer := s.at("karl")
	s.post(customer, s.Address, letter(customer, s.about("Invoice"), s.id("karl", 1), "", "Where is it?"))
	th := s.bySubject(s.about("Invoice"))
	s.call("POST", "/threads/"+th.ID+"/messages", map[string]any{"text": "Here."}, nil)
	reply := s.sentTo(customer, 1).header(t).Get("Reply-To")
	reply = strings.TrimSuffix(reply[strings.LastIndexByte(reply, '<')+1:], ">")
	report := fmt.Sprintf(`From: Mail Delivery System <mailer-daemon@mx.example>
To: %s
Subject: Undelivered Mail Returned to Sender
Message-ID: %s
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

I could not deliver your message.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; %s
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such user

--b--
`, reply, s.id("dsn", 1), customer)
	s.post("mailer-daemon@mx.example", reply, report)
	s.eventually("the report on the message", func() bool {
		var view struct {
			Entries []struct {
				Bounced *struct{ Address, Kind string }
			}
		}
		s.call("GET", "/threads/"+th.ID, nil, &view)
		for _, e := range view.Entries {
			if e.Bounced != nil && e.Bounced.Address == customer {
				return true
			}
		}
		return false
	})
}

// Mail to nobody waits in quarantine; run again while its address is still nobody's, it says so anew.
func TestFlowQuarantinedAndRunAgain(t *testing.T) {
	s := flow(t)
	customer := s.at("quinn")
	nobody := "nobody-" + s.tag + s.Address[strings.IndexByte(s.Address, '@'):]
	s.post(customer, nobody, letter(customer, s.about("To nobody"), s.id("quinn", 1), "", "Hello?"))
	type mail struct {
		ID, Subject, State string
		Tries              int
	}
	find := func() (m mail) {
		var q struct{ Mails []mail }
		s.call("GET", "/quarantine", nil, &q)
		for _, m := range q.Mails {
			if m.Subject == s.about("To nobody") {
				return m
			}
		}
		return m
	}
	var parked mail
	s.eventually("the mail in quarantine", func() bool { parked = find(); return parked.State == "parked" })
	s.call("POST", "/quarantine/"+url.PathEscape(parked.ID)+"/reprocess", nil, nil)
	s.eventually("it back in quarantine", func() bool { m := find(); return m.State == "parked" && m.Tries == parked.Tries+1 })
}
