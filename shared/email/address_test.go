package email_test

import (
	"strings"
	"testing"

	"parley/shared/email"
	"parley/shared/fault"
)

// TestFrom holds the senders that reference/email.md §1 found other parsers to miss.
func TestFrom(t *testing.T) {
	for raw, want := range map[string]email.Address{
		`a@b.example`:                                    {Email: "a@b.example"},
		`Ann <a@b.example>`:                              {Name: "Ann", Email: "a@b.example"},
		`"Doe, \"J\" John" <a@b.example>`:                {Name: `Doe, "J" John`, Email: "a@b.example"},
		`Doe, John <a@b.example>`:                        {Name: "Doe, John", Email: "a@b.example"},
		`=?utf-8?q?Doe,_John?= <a@b.example>`:            {Name: "Doe, John", Email: "a@b.example"},
		`=?utf-8?B?SsO8cmdlbg==?= <a@b.example>`:         {Name: "Jürgen", Email: "a@b.example"},
		"J\xfcrgen <a@b.example>":                        {Name: "Jürgen", Email: "a@b.example"},
		"Jürgen <a@b.example>":                           {Name: "Jürgen", Email: "a@b.example"},
		`"a@b.example" <>`:                               {Email: "a@b.example"},
		`<a@b.example.>`:                                 {Email: "a@b.example"},
		`Test a@b.example`:                               {Name: "Test", Email: "a@b.example"},
		`a@b.example (Ann (A.) Bee)`:                     {Name: "Ann (A.) Bee", Email: "a@b.example"},
		`"a@b.example" <a@b.example>`:                    {Email: "a@b.example"},
		`'Ann' <A@B.example>`:                            {Name: "Ann", Email: "A@B.example"},
		`Ann <mailto:a@b.example>`:                       {Name: "Ann", Email: "a@b.example"},
		`<@relay.example:a@b.example>`:                   {Email: "a@b.example"},
		`Ann <a@b.example`:                               {Name: "Ann", Email: "a@b.example"},
		`Friends: Ann <a@b.example>, Bob <b@b.example>;`: {Name: "Ann", Email: "a@b.example"},
		`Bob <b@x> Ann <a@b.example>`:                    {Name: "Ann", Email: "a@b.example"},
		`MAILER-DAEMON (Mail Delivery System)`:           {Name: "MAILER-DAEMON"},
		"A\u202enn <a@b.example>":                        {Name: "Ann", Email: "a@b.example"},
		"M\xfcller, Hans <a@b.example>":                  {Name: "Müller, Hans", Email: "a@b.example"},
		`=?utf-8?q?M=C3=BCller, Hans?= <a@b.example>`:    {Name: "Müller, Hans", Email: "a@b.example"},
		`"=?utf-8?B?SsO8cmdlbg==?=" <a@b.example>`:       {Name: "Jürgen", Email: "a@b.example"},
		`=?utf-8?B?SsO8cmdlbg==?=<a@b.example>`:          {Name: "Jürgen", Email: "a@b.example"},
		`=?utf-8?Q?Ann_<a@b.example>?=`:                  {Name: "Ann", Email: "a@b.example"},
		`Ann <=?utf-8?q?a=40b=2Eexample?=>`:              {Name: "Ann", Email: "a@b.example"},
		"=?utf-8?q?J\xc3\xbcrgen raw?= <a@b.example>":    {Name: "Jürgen raw", Email: "a@b.example"},
		`"Ann" <> a@b.example`:                           {Name: "Ann", Email: "a@b.example"},
		`a@b.example.`:                                   {Email: "a@b.example"},
		`"a@b.example"`:                                  {Email: "a@b.example"},
		`Ann <a@b.example>>`:                             {Name: "Ann", Email: "a@b.example"},
		`<<a@b.example>>`:                                {Email: "a@b.example"},
		`<a@b.example> Ann`:                              {Name: "Ann", Email: "a@b.example"},
		`"Bee, Ann <a@b.example>`:                        {Name: "Bee, Ann", Email: "a@b.example"},
		`"Ann @ Home" <a@b.example>`:                     {Name: "Ann @ Home", Email: "a@b.example"},
		`Ann <a@[192.0.2.1]>`:                            {Name: "Ann", Email: "a@[192.0.2.1]"},
		`root (Cron Daemon)`:                             {Name: "root"},
	} {
		m := email.Parse([]byte("From: " + raw + "\r\nSubject: x\r\n\r\nhello"))
		if m.From != want {
			t.Errorf("From %s\n got %+v\nwant %+v", raw, m.From, want)
		}
	}
}

func TestAddressLists(t *testing.T) {
	m := email.Parse([]byte("To: a@x.example, \"B, C\" <b@x.example>; undisclosed-recipients:;\r\nTo: d@x.example\r\nCc: Team: e@x.example, f@x.example;, nobody\r\n\r\n"))
	var got []string
	for _, a := range append(m.To, m.Cc...) {
		got = append(got, a.Email)
	}
	if s := strings.Join(got, " "); s != "a@x.example b@x.example d@x.example e@x.example f@x.example" {
		t.Error(s)
	}
}

func TestNoFrom(t *testing.T) {
	for raw, want := range map[string]string{
		"Reply-To: r@x.example\r\nSender: s@x.example\r\n": "r@x.example",
		"Sender: s@x.example\r\n":                          "s@x.example",
		"From: <>\r\nReply-To: r@x.example\r\n":            "r@x.example",
		"":                                                 "",
	} {
		m := email.Parse([]byte(raw + "Subject: x\r\n\r\nhello"))
		if m.From.Email != want || len(m.Problems) != 1 || m.Problems[0].Name != email.ProblemNoFrom {
			t.Errorf("%q: %+v %v", raw, m.From, m.Problems)
		}
	}
}

func TestNormaliseAddress(t *testing.T) {
	for in, want := range map[string]string{
		" Ann@Example.COM ":      "ann@example.com",
		"ann@bücher.example":     "ann@xn--bcher-kva.example",
		"ann@BÜCHER.example.":    "ann@xn--bcher-kva.example",
		"a.b+c@localhost":        "a.b+c@localhost",
		"o'neil@my_host.example": "o'neil@my_host.example",
		"jürgen@example.com":     "jürgen@example.com",
	} {
		got, err := email.NormaliseAddress(in)
		if err != nil || got != want {
			t.Errorf("%q: %q %v", in, got, err)
		}
		if again, err := email.NormaliseAddress(got); again != got || err != nil {
			t.Errorf("not idempotent: %q %v", again, err)
		}
	}
	for _, in := range []string{
		"", "ann", "@x.example", "ann@", "a b@x.example", "a@b@x.example", "ann@x..example", "ann@-x.example", "a\r\nb@x.example",
		"<ann@x.example>", "ann@x.example>", strings.Repeat("a", 65) + "@x.example", "ann@" + strings.Repeat("a.", 200) + "example", "ann@x example", ".a@x.example", "a\x00@x.example",
	} {
		got, err := email.NormaliseAddress(in)
		if !fault.Is(err, fault.Invalid) || fault.MessageOf(err) == "" {
			t.Errorf("%q: %q %v", in, got, err)
		}
	}
}

func TestSubjects(t *testing.T) {
	for in, want := range map[string]string{
		"Re: AW: Fwd: Hello  world": "Hello world", "RE[2]: Hello": "Hello", "Re (3) : Hello": "Hello", "回复：转发: 你好": "你好", "SV:Re:RE: x": "x",
		"Hello: world": "Hello: world", "Research: x": "Research: x", "Re:": "", "": "", "WG: Réf: x": "x", "Ticket: Re: x": "Ticket: Re: x",
	} {
		if got := email.NormaliseSubject(in); got != want {
			t.Errorf("NormaliseSubject(%q) = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{
		"Hello": "Re: Hello", "Re: Hello": "Re: Hello", "AW: Hello": "AW: Hello", "Fwd: Hello": "Re: Fwd: Hello", "": "Re:", "a\r\nBcc: x": "Re: a Bcc: x", "re : x": "re : x",
	} {
		if got := email.ReplySubject(in); got != want {
			t.Errorf("ReplySubject(%q) = %q, want %q", in, got, want)
		}
	}
}
