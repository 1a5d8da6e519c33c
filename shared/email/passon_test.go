package email_test

import (
	"strings"
	"testing"
	"time"

	"parley/shared/email"
)

func TestForwarded(t *testing.T) {
	f := email.PassedOn{
		From: email.Address{Name: "Lena\r\nBcc: x", Email: "lena@x.example"}, To: []email.Address{{Email: "support@parley.example"}, {Name: "<b>", Email: "b@x.example"}},
		Subject: "Charged <twice>", Date: time.Date(2026, 3, 2, 9, 0, 0, 0, time.FixedZone("", 3600)), Text: "I was.\n\n> quoted\n",
	}
	wantText := `---------- Forwarded message ----------
From: Lena Bcc: x <lena@x.example>
Date: Mon, 2 Mar 2026 09:00 +0100
Subject: Charged <twice>
To: support@parley.example, <b> <b@x.example>

I was.

> quoted`
	if got := f.AsText(); got != wantText {
		t.Errorf("text:\n%s", got)
	}
	html := f.AsHTML()
	for _, want := range []string{"<b>From:</b> Lena Bcc: x &lt;lena@x.example&gt;<br>", "Charged &lt;twice&gt;", "&lt;b&gt; &lt;b@x.example&gt;", "I was.</p>"} {
		if !strings.Contains(html, want) {
			t.Errorf("HTML lacks %q:\n%s", want, html)
		}
	}
	f.HTML = "<p>I <b>was</b>.</p>"
	if html := f.AsHTML(); !strings.Contains(html, f.HTML) || strings.Contains(html, "I was.</p>") {
		t.Errorf("HTML:\n%s", html)
	}
	f.Date = time.Time{}
	if strings.Contains(f.AsText(), "Date:") {
		t.Error("a date that nobody knows")
	}
	if again := email.Sanitise(f.AsHTML()); !strings.Contains(again, "<b>From:</b>") {
		t.Errorf("sanitised: %s", again)
	}
}

func TestForwardSubject(t *testing.T) {
	for in, want := range map[string]string{
		"Charged twice": "Fwd: Charged twice", "Fwd: Charged": "Fwd: Charged", "WG: Rechnung": "WG: Rechnung", "Re: Charged": "Fwd: Re: Charged",
		"": "Fwd:", "a\r\nBcc: x": "Fwd: a Bcc: x",
	} {
		if got := email.ForwardSubject(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// No spelling of a thread's reply address survives, and nothing else is touched.
func TestHideReplyAddresses(t *testing.T) {
	address := signer.ReplyAddress(thread)
	domain := address[strings.IndexByte(address, '@')+1:]
	for _, s := range []string{
		address, strings.ToUpper(address), "To: Support <" + address + ">,", `<a href="mailto:` + address + `">x</a>`,
		strings.Replace(address, "+", "%2B", 1), strings.Replace(address, "+", "&#43;", 1), strings.Replace(address, "@", "%40", 1), strings.Replace(address, "@", "&#64;", 1),
	} {
		got := email.HideReplyAddresses(s, domain, "support@parley.example")
		if strings.Contains(strings.ToLower(got), thread) || !strings.Contains(got, "support@parley.example") {
			t.Errorf("%q became %q", s, got)
		}
	}
	for _, s := range []string{"c+me@" + domain, "c+" + thread + ".short@" + domain, strings.Replace(address, domain, "other.example", 1), "support@" + domain} {
		if got := email.HideReplyAddresses(s, domain, "x"); got != s {
			t.Errorf("%q became %q", s, got)
		}
	}
	if got := email.HideReplyAddresses(address, "", "x"); got != address {
		t.Errorf("without a domain: %q", got)
	}
}

// Compose nests as mail programs expect it: mixed(related(alternative(text, html), images), files), each only where it is needed.
func TestComposeNests(t *testing.T) {
	image := email.Attachment{Name: "a.png", Type: "image/png", Inline: true, ContentID: "a@x", Content: []byte("x")}
	file := email.Attachment{Name: "a.pdf", Type: "application/pdf", Content: []byte("x")}
	for want, edit := range map[string]func(*email.Outgoing){
		"text/plain": func(*email.Outgoing) {},
		"multipart/alternative text/plain text/html": func(o *email.Outgoing) { o.HTML = "<p>x</p>" },
		"multipart/related multipart/alternative text/plain text/html image/png": func(o *email.Outgoing) {
			o.HTML, o.Attachments = "<p>x</p>", []email.Attachment{image}
		},
		"multipart/mixed text/plain image/png": func(o *email.Outgoing) { o.Attachments = []email.Attachment{image} },
		"multipart/mixed multipart/related multipart/alternative text/plain text/html image/png application/pdf": func(o *email.Outgoing) {
			o.HTML, o.Attachments = "<p>x</p>", []email.Attachment{file, image}
		},
	} {
		o := outgoing()
		o.Text = "x"
		edit(&o)
		raw := mustCompose(t, o)
		var kinds []string
		for _, line := range strings.Split(string(raw), "\r\n") {
			if kind, ok := strings.CutPrefix(line, "Content-Type: "); ok {
				kinds = append(kinds, strings.SplitN(kind, ";", 2)[0])
			}
		}
		if got := strings.Join(kinds, " "); got != want {
			t.Errorf("%s, want %s", got, want)
		}
		if m := email.Parse(raw); m.Text != "x" || len(m.Attachments) != len(o.Attachments) {
			t.Errorf("%s: read back %q with %d files", want, m.Text, len(m.Attachments))
		}
	}
}
