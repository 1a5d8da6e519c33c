package email_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/shared/email"
)

// report makes a multipart/report out of parts: each a header line and a body, between them an empty line.
func report(head, kind string, parts ...string) []byte {
	var b strings.Builder
	b.WriteString(head + "Content-Type: multipart/report; report-type=" + kind + "; boundary=b\r\n\r\n")
	for _, p := range parts {
		b.WriteString("--b\r\n" + strings.ReplaceAll(p, "\n", "\r\n") + "\r\n")
	}
	b.WriteString("--b--\r\n")
	return []byte(b.String())
}

const returned = "Content-Type: message/rfc822\n\nMessage-ID: <0100abc@eu-west-1.amazonses.com>\nReferences: <first@x.example> <t1.sig@parley.example>\n" +
	"X-Parley-Loop: t1.sig@parley.example\nTo: Bob <bob@x.example>\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\n\ntext\n"

var returnedMail = email.OriginalMail{
	MessageID: "0100abc@eu-west-1.amazonses.com", References: []string{"first@x.example", "t1.sig@parley.example"}, Loop: "t1.sig@parley.example",
	To: []string{"bob@x.example"}, Subject: "Grüße",
}

func TestReports(t *testing.T) {
	const text, head = "Content-Type: text/plain\n\nSorry.", "From: MAILER-DAEMON@mx.example\r\n"
	failed := email.Reported{Address: "bob@x.example", Action: "failed", Status: "5.1.1", Diagnostic: "550 5.1.1 no such user"}
	for name, c := range map[string]struct {
		raw    []byte
		bounce bool
		want   *email.Report
	}{
		"failure": {
			report(head, "delivery-status", text, "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; bob@x.example\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no such\n user\n", returned), true,
			&email.Report{Kind: email.ReportBounce, Recipients: []email.Reported{failed}, Original: returnedMail},
		},
		"failure, header only": {
			report(head, "delivery-status", text, "Content-Type: message/delivery-status\n\nFinal-Recipient: rfc822; <bob@x.example>\nAction: Failed (bad)\nStatus: 5.1.1 (no such)\nDiagnostic-Code: smtp;550 5.1.1 no such user\n", strings.Replace(returned, "message/rfc822", "text/rfc822-headers", 1)), true,
			&email.Report{Kind: email.ReportBounce, Recipients: []email.Reported{failed}, Original: returnedMail},
		},
		"base64": {
			report(head, "delivery-status", text, "Content-Type: message/delivery-status\nContent-Transfer-Encoding: base64\n\nRmluYWwtUmVjaXBpZW50OiByZmM4MjI7IGJvYkB4LmV4YW1wbGUKQWN0aW9uOiBmYWlsZWQKU3RhdHVzOiA1LjEuMQpEaWFnbm9zdGljLUNvZGU6IHNtdHA7IDU1MCA1LjEuMSBubyBzdWNoIHVzZXIK", returned), true,
			&email.Report{Kind: email.ReportBounce, Recipients: []email.Reported{failed}, Original: returnedMail},
		},
		"delivered": {
			report(head, "delivery-status", text, "Content-Type: message/delivery-status\n\nFinal-Recipient: rfc822; bob@x.example\nAction: delivered\nStatus: 2.1.5\n", returned), false,
			&email.Report{Kind: email.ReportBounce, Recipients: []email.Reported{{Address: "bob@x.example", Action: "delivered", Status: "2.1.5"}}, Original: returnedMail},
		},
		"relayed, no status": {
			report(head, "delivery-status", text, "Content-Type: message/delivery-status\n\nFinal-Recipient: rfc822; bob@x.example\nAction: relayed\n", returned), false,
			&email.Report{Kind: email.ReportBounce, Recipients: []email.Reported{{Address: "bob@x.example", Action: "relayed"}}, Original: returnedMail},
		},
		"delayed and failed": {
			report(head, "delivery-status", text, "Content-Type: message/delivery-status\n\nOriginal-Recipient: rfc822; bob@x.example\nFinal-Recipient: rfc822; bob@inner.example\nAction: delayed\nStatus: 4.4.1\n\nFinal-Recipient: rfc822; ann@x.example\nStatus: 5.2.2\n\n", returned), true,
			&email.Report{Kind: email.ReportBounce, Recipients: []email.Reported{{Address: "bob@inner.example", Action: "delayed", Status: "4.4.1"}, {Address: "ann@x.example", Action: "failed", Status: "5.2.2"}}, Original: returnedMail},
		},
		"recipients without empty lines": {
			report(head, "delivery-status", text, "Content-Type: message/delivery-status\n\nFinal-Recipient: rfc822; bob@x.example\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no such user\nFinal-Recipient: rfc822; ann@x.example\nAction: failed\nStatus: 5.2.2\n", returned), true,
			&email.Report{Kind: email.ReportBounce, Recipients: []email.Reported{failed, {Address: "ann@x.example", Action: "failed", Status: "5.2.2"}}, Original: returnedMail},
		},
		"no recipients": {
			report(head, "delivery-status", text, "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n", returned), true,
			&email.Report{Kind: email.ReportBounce, Recipients: []email.Reported{{Address: "bob@x.example", Action: "failed"}}, Original: returnedMail},
		},
		"wrapped by a gateway": {
			[]byte("From: MAILER-DAEMON@mx.example\r\nContent-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\n" + string(report("", "delivery-status", text, "Content-Type: message/delivery-status\n\nFinal-Recipient: rfc822; bob@x.example\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no such user\n", returned)) + "--o\r\n\r\nfooter\r\n--o--"), true,
			&email.Report{Kind: email.ReportBounce, Recipients: []email.Reported{failed}, Original: returnedMail},
		},
		"the ids of the report itself": {
			report(head+"In-Reply-To: <sent@x.example>\r\nReferences: <a@x.example> <sent@x.example>\r\n", "delivery-status", text, "Content-Type: message/delivery-status\n\nFinal-Recipient: rfc822; bob@x.example\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no such user\n"), true,
			&email.Report{Kind: email.ReportBounce, Recipients: []email.Reported{failed}, Original: email.OriginalMail{MessageID: "sent@x.example", References: []string{"a@x.example", "sent@x.example"}}},
		},
		"complaint": {
			report("From: fbl@isp.example\r\n", "feedback-report", text, "Content-Type: message/feedback-report\n\nFeedback-Type: abuse\nUser-Agent: x\nOriginal-Rcpt-To: <bob@x.example>\nOriginal-Mail-From: <me@parley.example>\n", returned), false,
			&email.Report{Kind: email.ReportComplaint, Feedback: "abuse", Recipients: []email.Reported{{Address: "bob@x.example", Action: "complained"}}, Original: returnedMail},
		},
		"complaint that hides who": {
			report("From: fbl@isp.example\r\n", "feedback-report", text, "Content-Type: message/feedback-report\n\nFeedback-Type: Opt-Out\n", returned), false,
			&email.Report{Kind: email.ReportComplaint, Feedback: "opt-out", Recipients: []email.Reported{{Address: "bob@x.example", Action: "complained"}}, Original: returnedMail},
		},
		"receipt": {
			report("From: bob@x.example\r\n", "disposition-notification", text, "Content-Type: message/disposition-notification\n\nReporting-UA: x\nFinal-Recipient: rfc822;bob@x.example\nOriginal-Message-ID: <0100abc@eu-west-1.amazonses.com>\nDisposition: manual-action/MDN-sent-manually; displayed/error\nError: half read\n"), false,
			&email.Report{Kind: email.ReportReceipt, Recipients: []email.Reported{{Address: "bob@x.example", Action: "displayed", Diagnostic: "half read"}}, Original: email.OriginalMail{MessageID: "0100abc@eu-west-1.amazonses.com"}},
		},
		"SNS": {
			[]byte("From: AWS <no-reply@sns.amazonaws.com>\r\nx-amz-sns-message-id: 1\r\n\r\n" + `{"notificationType":"Bounce","bounce":{"bouncedRecipients":[{"emailAddress":"bob@x.example","action":"failed","status":"5.1.1","diagnosticCode":"smtp; 550 5.1.1 no such user"}]},"mail":{"messageId":"0100abc","headers":[{"name":"To","value":"bob@x.example"},{"name":"X-Parley-Loop","value":"t1.sig@parley.example"}]}}`), true,
			&email.Report{Kind: email.ReportBounce, Recipients: []email.Reported{failed}, Original: email.OriginalMail{MessageID: "0100abc", Loop: "t1.sig@parley.example", To: []string{"bob@x.example"}}},
		},
		"SNS, not from SNS": {[]byte("From: eve@x.example\r\n\r\n" + `{"notificationType":"Bounce","bounce":{"bouncedRecipients":[{"emailAddress":"bob@x.example"}]}}`), false, nil},
	} {
		m := email.Parse(c.raw)
		if d := cmp.Diff(c.want, m.Report); d != "" || m.Bounce != c.bounce {
			t.Errorf("%s: bounce %v\n%s", name, m.Bounce, d)
		}
	}
}

// The forms of bounces that came before RFC 3464, as their programs write them. The mail they return is the same.
func TestOlderBounces(t *testing.T) {
	const original = "\nReturn-Path: <me@parley.example>\nReceived: by mx.example\nMessage-ID: <0100abc@eu-west-1.amazonses.com>\nTo: bob@x.example\nSubject: hello\n\nhello, call carl@x.example\n"
	for name, c := range map[string]struct{ head, text, want string }{
		"exim":                 {"X-Failed-Recipients: bob@x.example\nFrom: Mail Delivery System <Mailer-Daemon@mx.example>", "This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n  bob@x.example\n    host mx [192.0.2.1]: 550 5.1.1 <bob@x.example>... no\n\n------ This is a copy of the message, including all the headers. ------\n", "bob@x.example failed 5.1.1"},
		"exim, warning":        {"Subject: Warning: message 1Ab delayed 24 hours\nFrom: Mail Delivery System <Mailer-Daemon@mx.example>", "A message that you sent has not yet been delivered to one or more of its\nrecipients after more than 24 hours on the queue.\n\nThe address to which the message has not yet been delivered is:\n\n  bob@x.example\n    Delay reason: 451 4.3.0 try later\n", "bob@x.example delayed 4.3.0"},
		"qmail":                {"From: MAILER-DAEMON@mx.example\nSubject: failure notice", "Hi. This is the qmail-send program at mx.example.\nI'm afraid I wasn't able to deliver your message to the following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n<bob@x.example>:\n192.0.2.1 does not like recipient.\nRemote host said: 550 5.2.1 off\nGiving up on 192.0.2.1.\n\n<ann@x.example>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n--- Below this line is a copy of the message.\n", "bob@x.example failed 5.2.1; ann@x.example failed 5.1.1"},
		"postfix, old":         {"From: MAILER-DAEMON@mx.example (Mail Delivery System)\nSubject: Undelivered Mail Returned to Sender", "I'm sorry to have to inform you that your message could not\nbe delivered to one or more recipients.\n\nFor further assistance, please send mail to <postmaster>\n\n<bob@x.example>: host mx[192.0.2.1] said: 550\n    User unknown (in reply to RCPT TO command)\n", "bob@x.example failed 5.0.0"},
		"sendmail, old":        {"From: Mail Delivery Subsystem <MAILER-DAEMON@mx.example>\nSubject: Returned mail: User unknown", "   ----- Transcript of session follows -----\n... while talking to mx:\n>>> RCPT To:<bob@x.example>\n<<< 550 5.1.1 <bob@x.example>... User unknown\n550 <bob@x.example>... User unknown\n\n   ----- Unsent message follows -----\n", "bob@x.example failed 5.1.1"},
		"sendmail":             {"From: Mail Delivery Subsystem <MAILER-DAEMON@mx.example>\nSubject: Returned mail: see transcript for details", "   ----- The following addresses had permanent fatal errors -----\n<bob@x.example>\n    (reason: 550 5.1.1 no)\n\n   ----- Transcript of session follows -----\n", "bob@x.example failed 5.1.1"},
		"exchange":             {"Return-Path: <>\nFrom: System Administrator <postmaster@x.example>\nSubject: Undeliverable: hello", "Your message\n\n  To:      bob@x.example\n  Subject: hello\n  Sent:    Thu, 29 Apr 2010 00:00:00 -0000\n\ndid not reach the following recipient(s):\n\nbob@x.example on Thu, 29 Apr 2010 00:00:00 -0000\n    The recipient name is not recognized\n", "bob@x.example failed "},
		"exchange 2007":        {"Return-Path: <>\nFrom: postmaster@x.example\nSubject: Undeliverable: hello", "Delivery has failed to these recipients or distribution lists:\n\nBob<mailto:bob@x.example>\nThe recipient's e-mail address was not found.\n\nDiagnostic information for administrators:\n\nGenerating server: mx\n\nbob@x.example\n#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##\n\nOriginal message headers:\n", "bob@x.example failed 5.1.1"},
		"domino":               {"From: Postmaster@x.example\nSubject: DELIVERY FAILURE: User bob not listed in Directory", "Your message\n\n  Subject: hello\n\nwas not delivered to:\n\n  bob@x.example\n\nbecause:\n\n  User bob not listed\n", "bob@x.example failed "},
		"gmail":                {"From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>\nX-Failed-Recipients: bob@x.example\nSubject: Delivery Status Notification (Failure)", "Delivery to the following recipient failed permanently:\n\n     bob@x.example\n\nTechnical details of permanent failure:\nThe error that the other server returned was: 550 5.2.2 full\n\n----- Original message -----\n", "bob@x.example failed 5.2.2"},
		"yahoo":                {"From: MAILER-DAEMON@yahoo.com\nSubject: Failure Notice", "Sorry, we were unable to deliver your message to the following address.\n\n<bob@x.example>:\n501: 5.1.8 Sender address rejected\n\n--- Below this line is a copy of the message.\n", "bob@x.example failed 5.1.8"},
		"opensmtpd":            {"From: Mailer Daemon <MAILER-DAEMON@mx.example>\nSubject: Delivery status notification: error", "    An error has occurred while attempting to deliver a message for\n    the following list of recipients:\n\nbob@x.example: 550 5.1.1 no\n\n    Below is a copy of the original message:\n", "bob@x.example failed 5.1.1"},
		"dragonfly":            {"From: MAILER-DAEMON <>\nSubject: Mail delivery failed", "This is the DragonFly Mail Agent at mx.\n\nThere was an error delivering your mail to <bob@x.example>.\n\nmx [192.0.2.1] did not like our RCPT TO:\n550 5.7.1 no\n\nMessage headers follow.\n", "bob@x.example failed 5.7.1"},
		"WorkMail":             {"Return-Path: <>\nFrom: MAILER-DAEMON@us-west-2.amazonses.com\nSubject: Delivery Status Notification (Failure)", "An error occurred while trying to deliver the mail to the following recipients:\nbob@x.example\n\nTechnical report:\n\nReporting-MTA: dsn; mx\n\nAction: failed\nFinal-Recipient: rfc822; bob@x.example\nDiagnostic-Code: smtp; 550 5.1.1 no\nStatus: 5.1.1\n\n", "bob@x.example failed 5.1.1"},
		"the header first":     {"From: PMDF <MAILER-DAEMON@mx.example>\nSubject: Delivery Notification: Delivery has failed", "This report relates to a message you sent with the following header fields:\n\n  Message-ID: <0100abc@eu-west-1.amazonses.com>\n  From: me@parley.example\n  To: list@x.example\n  Subject: hello\n\nYour message cannot be delivered to the following recipients:\n\n  Recipient address: bob@x.example\n  Reason: 550 5.1.1 rejected\n", "bob@x.example failed 5.1.1"},
		"nobody named":         {"Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nSubject: returned", "It did not work.\n", "bob@x.example failed "},
		"in German":            {"Return-Path: <>\nFrom: Postmaster <postmaster@x.example>\nSubject: Unzustellbar: hello", "Fehler bei der Nachrichtenzustellung an folgende Empfänger oder Verteilerlisten:\n\nbob@x.example\n#550 5.1.1 nicht gefunden\n", "bob@x.example failed 5.1.1"},
		"postfix's postmaster": {"From: MAILER-DAEMON@mx.example (Mail Delivery System)\nSubject: Postfix SMTP server: errors from localhost[127.0.0.1]", "Transcript of session follows.\n\n Out: 220 mx ESMTP\n In:  MAIL FROM:<me@parley.example>\n Out: 250 2.1.0 Ok\n In:  RCPT TO:<bob@x.example>\n Out: 250 2.1.5 Ok\n In:  DATA\n Out: 451 4.3.0 Error: queue file write error\n", "bob@x.example failed 4.3.0"},
	} {
		raw := strings.ReplaceAll("To: me@parley.example\n"+c.head+"\nContent-Type: text/plain; charset=utf-8\n\n"+c.text+original, "\n", "\r\n")
		m := email.Parse([]byte(raw))
		if m.Report == nil || !m.Bounce || m.Report.Kind != email.ReportBounce {
			t.Errorf("%s: no bounce: %+v", name, m.Report)
			continue
		}
		var got []string
		for _, r := range m.Report.Recipients {
			got = append(got, r.Address+" "+r.Action+" "+r.Status)
		}
		if s := strings.Join(got, "; "); s != c.want {
			t.Errorf("%s: %q, want %q", name, s, c.want)
		}
		if o := m.Report.Original; o.MessageID != "0100abc@eu-west-1.amazonses.com" {
			t.Errorf("%s: original %+v", name, o)
		}
	}
}

// What people and answering machines write is no bounce, whatever words it uses.
func TestNoBounces(t *testing.T) {
	for name, raw := range map[string]string{
		"a letter about a bounce":          "From: ann@x.example\nSubject: Undelivered Mail Returned to Sender\n\nYour message could not be delivered to\n\nbob@x.example\n550 5.1.1 no\n",
		"vacation, empty path":             "Return-Path: <>\nFrom: ann@x.example\nAuto-Submitted: auto-replied\nSubject: Away\n\nYour mail could not be delivered to my phone. Write to:\n\nbob@x.example\n",
		"vacation of the postmaster":       "Return-Path: <>\nFrom: postmaster@x.example\nAuto-Submitted: auto-replied\nSubject: Away\n\nI am away. In a hurry write to:\n\nbob@x.example\n",
		"a bounce that somebody forwards":  "From: ann@x.example\nSubject: Fwd: Returned mail: see transcript for details\n\nLook:\n\n> From: MAILER-DAEMON@mx.example\n> Subject: Returned mail\n> Message-ID: <1@mx.example>\n> <bob@x.example>... User unknown\n",
		"a bounce that somebody attaches":  "From: ann@x.example\nSubject: help\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nWhat is this?\n--b\nContent-Type: message/rfc822\n\nFrom: MAILER-DAEMON@x.example\nReturn-Path: <>\nSubject: Returned mail\n\n<bob@x.example>: no\n--b--\n",
		"a delivery-status file, attached": "From: ann@x.example\nSubject: help\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nWhat is this?\n--b\nContent-Type: message/delivery-status\n\nFinal-Recipient: rfc822; bob@x.example\nAction: failed\n--b--\n",
		"no-reply newsletter":              "From: no-reply@shop.example\nSubject: Undeliverable? Track your parcel\n\nYour parcel could not be delivered to\n\nbob@x.example\n",
		"a shop's failed delivery":         "From: service@shop.example\nSubject: Delivery failed\n\nThe parcel could not be delivered to your address. Contact help@shop.example.\n",
	} {
		if m := email.Parse([]byte(strings.ReplaceAll(raw, "\n", "\r\n"))); m.Report != nil || m.Bounce {
			t.Errorf("%s: %+v", name, m.Report)
		}
	}
}

// FuzzReport: whatever a report says, its reader ends and gives what can be kept.
func FuzzReport(f *testing.F) {
	f.Add("Final-Recipient: rfc822; a@x.example\nAction: failed\nStatus: 5.1.1\n", "To: b@x.example\n", "<a@x.example>: 550 no")
	f.Add("Feedback-Type: abuse\n\n\n", "Message-ID: <a@b>\nReceived: x\nTo: y\n", "   ----- Transcript -----\n550 <a@b>... x")
	f.Add("Disposition: ;/\n", "", "To: a@b\nMessage-ID: <>\nReceived: x\n\nbob@x.example on Monday")
	for _, raw := range corpus(f) {
		if m := email.Parse(raw); m.Report != nil && len(m.Text) < 5000 {
			f.Add("Action: failed\nStatus: 4.0.0\n\nFinal-Recipient: x", "", m.Text)
		}
	}
	kinds := []string{"delivery-status", "feedback-report", "disposition-notification"}
	f.Fuzz(func(t *testing.T, status, original, text string) {
		for _, kind := range kinds {
			for _, m := range []email.Message{
				email.Parse(report("From: MAILER-DAEMON@x.example\r\n", kind, "Content-Type: text/plain\n\n"+text, "Content-Type: message/"+kind+"\n\n"+status, "Content-Type: message/rfc822\n\n"+original)),
				email.Parse([]byte("Return-Path: <>\r\nFrom: MAILER-DAEMON@x.example\r\n\r\n" + text + "\n" + original)),
			} {
				checkMessage(t, m)
				if r := m.Report; r != nil && (len(r.Recipients) > 500 || slices.ContainsFunc(r.Recipients, func(p email.Reported) bool { return len(p.Diagnostic) > 1100 || p.Action == "" && kind != kinds[2] })) {
					out, _ := json.Marshal(r)
					t.Fatalf("%.2000s", out)
				}
			}
		}
	})
}
