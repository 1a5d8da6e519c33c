package flows

import (
	"fmt"
	"net/smtp"
	"slices"
	"strings"
	"testing"
	"time"
)

// forwarder is how a mail reaches us through somebody else's mailbox: what it puts before the mail, what it changes, and whom it calls sender.
type forwarder struct {
	envelope func(team, hosted string) string
	before   func(team, hosted, from string) string
	from     func(name, from, team string) string // the From line's value; nil leaves it as it is
}

// What the big providers do, by the header of mails that they forwarded (reference: email §5, "Forwarding"; Gmail's caf_ envelope, Exchange Online's
// SRS and its loop header, Google Groups' own sender where DMARC forbids the writer's).
var forwarders = map[string]forwarder{
	"a Gmail filter": {
		envelope: func(team, hosted string) string {
			local, domain, _ := strings.Cut(team, "@")
			return local + "+caf_=" + strings.Replace(hosted, "@", "=", 1) + "@" + domain
		},
		before: func(team, hosted, from string) string {
			return "Received: by 2002:a05:6402:1b0d:b0:5d0:c2c1:e4c7 with SMTP id x13csp1;\n Thu, 26 Nov 2026 09:00:02 -0800 (PST)\n" +
				"X-Forwarded-Encrypted: i=2; AJvYcCV\nX-Gm-Message-State: AOJu0Yx\n" +
				"ARC-Seal: i=2; a=rsa-sha256; t=1795712402; cv=pass; d=google.com; s=arc-20240605; b=AAAA\n" +
				"X-Forwarded-To: " + hosted + "\nX-Forwarded-For: " + team + " " + hosted + "\nDelivered-To: " + team + "\n" +
				"Return-Path: <" + from + ">\nReceived-SPF: pass (google.com: domain of " + from + " designates 192.0.2.7 as permitted sender)\n"
		},
	},
	"an Outlook rule that redirects": {
		envelope: func(team, _ string) string {
			local, domain, _ := strings.Cut(team, "@")
			return local + "+SRS=AbCdE=XY=" + domain + "=customer@" + domain
		},
		before: func(team, hosted, _ string) string {
			return "Received: from AM0PR0101CA0001.eurprd01.prod.exchangelabs.com (2603:10a6::1) by\n AM9PR01MB0001.eurprd01.prod.exchangelabs.com with HTTPS; Thu, 26 Nov 2026 17:00:02 +0000\n" +
				"Resent-From: <" + team + ">\nX-MS-Exchange-Inbox-Rules-Loop: " + team + "\nX-MS-Exchange-Organization-AuthSource: AM9PR01MB0001.eurprd01.prod.exchangelabs.com\n" +
				"X-MS-Exchange-ForwardingLoop:\n " + team + ";5f2c\nX-MS-Has-Attach:\nX-MS-TNEF-Correlator:\n"
		},
	},
	"Outlook's mailbox forwarding": {
		envelope: func(team, _ string) string { return team },
		before: func(team, _, _ string) string {
			return "Received: from DB7PR0101.eurprd01.prod.exchangelabs.com by AM9.eurprd01.prod.exchangelabs.com; Thu, 26 Nov 2026 17:00:02 +0000\n" +
				"X-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent\nX-MS-Exchange-Parent-Message-Id: <parent@example.com>\nResent-From: " + team + "\n"
		},
	},
	"a Google group": {
		envelope: func(team, _ string) string {
			local, domain, _ := strings.Cut(team, "@")
			return local + "+bncBAABBXYZ@" + domain
		},
		before: func(team, _, from string) string {
			local, domain, _ := strings.Cut(team, "@")
			return "Received: by 2002:a17:90b:1c0e:b0:2ea with SMTP id x14ls1; Thu, 26 Nov 2026 09:00:02 -0800 (PST)\n" +
				"X-Google-Group-Id: 12345\nX-Original-Sender: " + from + "\nX-Original-Authentication-Results: gmr-mx.google.com; dkim=pass\nX-Original-From: Kim Customer <" + from + ">\n" +
				"Reply-To: Kim Customer <" + from + ">\nPrecedence: list\nMailing-list: list " + team + "; contact " + local + "+owners@" + domain + "\n" +
				"List-ID: <" + local + "." + domain + ">\nX-Spam-Checked-In-Group: " + team + "\nList-Post: <mailto:" + team + ">\nList-Unsubscribe: <mailto:" + local + "+unsubscribe@" + domain + ">\n"
		},
		from: func(name, _, team string) string { return fmt.Sprintf("\"'%s' via Kiln\" <%s>", name, team) },
	},
	"a Google group that leaves the sender": {
		envelope: func(team, _ string) string {
			local, domain, _ := strings.Cut(team, "@")
			return local + "+bncBAABBXYZ@" + domain
		},
		before: func(team, _, from string) string {
			local, domain, _ := strings.Cut(team, "@")
			return "Received: by 2002:a17:90b:1c0e:b0:2ea with SMTP id x14ls2; Thu, 26 Nov 2026 09:00:02 -0800 (PST)\n" +
				"X-Original-Sender: " + from + "\nPrecedence: list\nMailing-list: list " + team + "; contact " + local + "+owners@" + domain + "\n" +
				"List-ID: <" + local + "." + domain + ">\nList-Post: <mailto:" + team + ">\nList-Unsubscribe: <mailto:" + local + "+unsubscribe@" + domain + ">\n"
		},
	},
}

// Mail that reaches us through a mailbox elsewhere is a customer's mail as any other: they are shown, answered, and found again by their answer,
// which comes the same way.
func TestFlowForwardedByProviders(t *testing.T) {
	s := flow(t)
	n := 0
	type set struct {
		name, team, hosted string
		forwarder
	}
	var sets []set
	for name, f := range forwarders {
		n++
		team := s.at(fmt.Sprint("team", n))
		sets = append(sets, set{name, team, s.connect("forward", team, "Kiln").Hosted, f})
	}
	settled()
	for i, f := range sets {
		kim, subject := s.at(fmt.Sprint("kim", i)), s.about(fmt.Sprint("Forwarded by ", f.name))
		deliver := func(n int, more, about, text string) {
			t.Helper()
			from := `"Kim Customer" <` + kim + ">"
			if f.from != nil {
				from = f.from("Kim Customer", kim, f.team)
			}
			data := f.before(f.team, f.hosted, kim) + fmt.Sprintf("From: %s\nTo: Kiln <%s>\nSubject: %s\nMessage-ID: %s\nDate: %s\n%s\n%s\n",
				from, f.team, about, s.id(fmt.Sprint("kim", i), n), time.Now().Format(time.RFC1123Z), more, text)
			if err := smtp.SendMail(s.SMTP, nil, f.envelope(f.team, f.hosted), []string{f.hosted}, []byte(strings.ReplaceAll(data, "\n", "\r\n"))); err != nil {
				t.Fatal(err)
			}
		}
		deliver(1, "", subject, "It came cracked.")
		th := s.bySubject(subject)
		if th.Contact.Address != kim || th.Contact.Name != "Kim Customer" {
			t.Errorf("%s: the customer is %+v", f.name, th.Contact)
		}
		s.call("POST", "/threads/"+th.ID+"/messages", map[string]any{"text": "We are sorry."}, nil)
		m := s.sentTo(kim, 1)
		h := m.header(t)
		if got := list(t, h, "To"); !slices.Equal(got, []string{kim}) || h.Get("In-Reply-To") != s.id(fmt.Sprint("kim", i), 1) {
			t.Errorf("%s: the answer goes to %v, in reply to %s", f.name, got, h.Get("In-Reply-To"))
		}
		// Their mail program answers to the team's address, as its address book has it.
		deliver(2, "In-Reply-To: "+h.Get("Message-ID")+"\nReferences: "+h.Get("References")+" "+h.Get("Message-ID")+"\n", "Re: "+subject, "Thank you.")
		s.eventually(f.name+": the answer on its thread", func() bool { return s.thread(th.ID).Thread.Messages == 3 })
		for _, e := range s.answering(th.ID).Entries {
			if r := e.Received; r != nil && (r.From.Email != kim || r.ThirdParty) {
				t.Errorf("%s: a message is from %+v, a stranger: %v", f.name, r.From, r.ThirdParty)
			}
		}
		s.call("PUT", "/threads/"+th.ID+"/status", map[string]any{"status": "closed"}, nil)
		deliver(3, "In-Reply-To: "+h.Get("Message-ID")+"\n", "Re: "+subject, "One more thing.")
		s.eventually(f.name+": the closed thread opens again", func() bool { return s.thread(th.ID).Thread.Status == "open" })
	}
}
