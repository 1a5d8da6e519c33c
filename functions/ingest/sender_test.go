package ingest

import (
	"testing"

	"parley/shared/email"
	"parley/shared/inbox"
)

// Who wrote, by rule 14. Mara is of the team; support@parley.example and help@clay.example are ours.
func TestSenderOf(t *testing.T) {
	us := house{
		domain: "parley.example", people: []string{"mara@clay.example"},
		accounts: []inbox.Account{{Address: "help@clay.example"}, {Address: "hello@kiln.example", ForwardTo: "hello-kiln@parley.example"}},
	}
	at := func(s string) email.Address { return email.Address{Email: s} }
	named := func(name, s string) email.Address { return email.Address{Name: name, Email: s} }
	forward := func(from string) *email.Head { return &email.Head{From: named("Kim", from), Subject: "Where is it?"} }
	attached := func(from ...string) (out []email.Attachment) {
		for _, f := range from {
			out = append(out, email.Attachment{Type: "message/rfc822", Mail: &email.Head{From: at(f)}})
		}
		return out
	}
	kim, mara, list := at("kim@x.example"), named("Mara", "Mara@Clay.example"), at("kiln@groups.example")
	for name, c := range map[string]struct {
		msg             email.Message
		fails           bool // DMARC
		from, via, rule string
		agent           bool
	}{
		"From":                           {msg: email.Message{From: named("Kim", "KIM@X.example")}, from: "kim@x.example", rule: "from"},
		"with another Reply-To":          {msg: email.Message{From: kim, ReplyTo: []email.Address{at("desk@x.example")}}, from: "kim@x.example", rule: "from"},
		"a colleague":                    {msg: email.Message{From: mara}, from: "mara@clay.example", rule: "from", agent: true},
		"a colleague forwards":           {msg: email.Message{From: mara, Forwarded: forward("kim@x.example")}, from: "kim@x.example", via: "mara@clay.example", rule: "forwarded", agent: true},
		"a customer forwards":            {msg: email.Message{From: kim, Forwarded: forward("boss@x.example")}, from: "kim@x.example", rule: "from"},
		"a forged colleague forwards":    {msg: email.Message{From: mara, Forwarded: forward("kim@x.example")}, fails: true, from: "mara@clay.example", rule: "from"},
		"a colleague forwards our mail":  {msg: email.Message{From: mara, Forwarded: forward("help@clay.example")}, from: "mara@clay.example", rule: "from", agent: true},
		"a colleague forwards themself":  {msg: email.Message{From: mara, Forwarded: forward("mara@clay.example")}, from: "mara@clay.example", rule: "from", agent: true},
		"a colleague forwards nobody":    {msg: email.Message{From: mara, Forwarded: forward("")}, from: "mara@clay.example", rule: "from", agent: true},
		"a colleague attaches a mail":    {msg: email.Message{From: mara, Attachments: attached("kim@x.example")}, from: "kim@x.example", via: "mara@clay.example", rule: "attached", agent: true},
		"a colleague attaches two":       {msg: email.Message{From: mara, Attachments: attached("kim@x.example", "lee@x.example")}, from: "mara@clay.example", rule: "from", agent: true},
		"a customer attaches a mail":     {msg: email.Message{From: kim, Attachments: attached("lee@x.example")}, from: "kim@x.example", rule: "from"},
		"a list says who wrote":          {msg: email.Message{From: named("'Kim' via Kiln", list.Email), OriginalFrom: &kim}, from: "kim@x.example", via: list.Email, rule: "list"},
		"a list puts them into Reply-To": {msg: email.Message{From: named(`"Kim" via Kiln`, list.Email), ReplyTo: []email.Address{kim}}, from: "kim@x.example", via: list.Email, rule: "list"},
		"Reply-To is the list":           {msg: email.Message{From: named("Kim via Kiln", list.Email), ReplyTo: []email.Address{list}}, from: list.Email, rule: "from"},
		"a list without a word":          {msg: email.Message{From: list, ReplyTo: []email.Address{kim}}, from: list.Email, rule: "from"},
		"the original is ours":           {msg: email.Message{From: named("Kiln via X", list.Email), OriginalFrom: &email.Address{Email: "hello@kiln.example"}}, from: list.Email, rule: "from"},
		"a form of our own":              {msg: email.Message{From: at("support@parley.example"), ReplyTo: []email.Address{at("support@parley.example"), kim}}, from: "kim@x.example", via: "support@parley.example", rule: "form"},
		"a form at an account":           {msg: email.Message{From: at("hello@kiln.example"), ReplyTo: []email.Address{kim}}, from: "kim@x.example", via: "hello@kiln.example", rule: "form"},
		"a form of a machine":            {msg: email.Message{From: at("noreply@shop.example"), Auto: "from", ReplyTo: []email.Address{kim}}, from: "kim@x.example", via: "noreply@shop.example", rule: "form"},
		"a machine without Reply-To":     {msg: email.Message{From: at("noreply@shop.example"), Auto: "from"}, from: "noreply@shop.example", rule: "from"},
		"our own without Reply-To":       {msg: email.Message{From: at("support@parley.example")}, from: "support@parley.example", rule: "from"},
		"no From":                        {msg: email.Message{ReplyTo: []email.Address{kim}}, from: "kim@x.example", rule: "reply-to"},
		"nobody":                         {msg: email.Message{From: named("MAILER-DAEMON", "")}, rule: "nobody"},
	} {
		t.Run(name, func(t *testing.T) {
			in := &incoming{msg: c.msg, house: us}
			if c.fails {
				in.Receipt.DMARC.Status = "FAIL"
			}
			got := senderOf(in)
			via := ""
			if got.via != nil {
				via = got.via.Email
			}
			if got.from.Email != c.from || via != c.via || got.rule != c.rule || got.agent != c.agent {
				t.Errorf("from %q via %q by %q, agent %v", got.from.Email, via, got.rule, got.agent)
			}
		})
	}
	in := &incoming{msg: email.Message{From: named("'Kim Lee' via Kiln", list.Email), OriginalFrom: &kim}, house: us}
	if got := senderOf(in); got.from.Name != "Kim Lee" {
		t.Errorf("name %q", got.from.Name)
	}
}

// A list marks all that goes through it; what a person wrote whom it put behind itself is a person's.
func TestAutomaticBehindAList(t *testing.T) {
	for auto, want := range map[string]string{"list-id": "", "precedence": "", "auto-submitted": "auto-submitted"} {
		in := &incoming{msg: email.Message{Auto: auto}}
		in.Mail.Source = "bounces@groups.example"
		if got := automatic(in, sender{rule: "list"}); got != want {
			t.Errorf("%s behind a list: %q", auto, got)
		}
		if got := automatic(in, sender{rule: "from"}); got != auto {
			t.Errorf("%s: %q", auto, got)
		}
	}
}

// What brings us a person's mail from a mailbox or group of ours elsewhere does not make it a machine's; a stranger's does, and so does whatever
// else says so.
func TestAutomaticThroughOurOwn(t *testing.T) {
	us := house{domain: "parley.example", accounts: []inbox.Account{{Address: "hello@kiln.example", ForwardTo: "hello-kiln@parley.example"}}}
	for raw, want := range map[string]string{
		"X-MS-Exchange-Inbox-Rules-Loop: Hello@Kiln.example": "", "X-MS-Exchange-Inbox-Rules-Loop: kim@x.example": "x-ms-exchange-inbox-rules-loop",
		"X-MS-Exchange-Inbox-Rules-Loop: hello@kiln.example\r\nAuto-Submitted: auto-replied": "auto-submitted",
		"List-ID: Hello <hello.kiln.example>\r\nPrecedence: list":                            "",
		"List-ID: <hello.other.example>\r\nPrecedence: list":                                 "precedence",
		"List-ID: <hello.kiln.example>\r\nAuto-Submitted: auto-replied":                      "auto-submitted",
	} {
		in := &incoming{msg: email.Parse([]byte("From: kim@x.example\r\n" + raw + "\r\n\r\nx")), house: us}
		in.Mail.Source = "kim@x.example"
		who := senderOf(in)
		if got := automatic(in, who); got != want {
			t.Errorf("%q: %q, want %q", raw, got, want)
		}
		if l := letterOf(in, who); l.Marketing != (want == "precedence") || l.Unsubscribe {
			t.Errorf("%q: %+v", raw, l)
		}
	}
}

func TestUnsubscribe(t *testing.T) {
	for _, c := range []struct {
		msg  email.Message
		want bool
	}{
		{email.Message{Text: "How do I unsubscribe from your plan?"}, false},
		{email.Message{Text: "Stop: https://news.example/u/unsubscribe?id=1"}, true},
		{email.Message{HTML: `<a href="https://x.example/a">Abmelden</a>`}, true},
		{email.Message{HTML: `<p>Bitte nicht abmelden</p>`}, false},
		{email.Message{Auto: "list-unsubscribe"}, true},
	} {
		if got := unsubscribe(c.msg); got != c.want {
			t.Errorf("%+v: %v", c.msg, got)
		}
	}
}
