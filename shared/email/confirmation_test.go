package email_test

import (
	"strings"
	"testing"

	"parley/shared/email"
)

func mailOf(from, subject, text string, more ...string) email.Message {
	head := append([]string{"From: " + from, "To: hello-kiln@mail.example", "Subject: " + subject, "Message-ID: <1@x.example>"}, more...)
	return email.Parse([]byte(strings.Join(append(head, "", text), "\r\n")))
}

const (
	gmail     = "Gmail Team <forwarding-noreply@google.com>"
	gmailLink = "https://mail-settings.google.com/mail/vf-%5BANGjdJ8abc%5D-xyz0"
	gmailUndo = "https://mail-settings.google.com/mail/uf-%5BANGjdJ8abc%5D-xyz0"
)

func TestConfirmationOf(t *testing.T) {
	for name, c := range map[string]struct {
		m    email.Message
		want email.Confirmation
		not  bool
	}{
		"Gmail, with a code": {
			m:    mailOf(gmail, "(#99427480) Gmail Forwarding Confirmation - Receive Mail from hello@kiln.example", "hello@kiln.example has requested to automatically forward mail to your\r\nemail address.\r\nConfirmation code: 99427480\r\n\r\nTo allow it, please click the link:\r\n\r\n"+gmailLink+"\r\n\r\nTo cancel: "+gmailUndo),
			want: email.Confirmation{Provider: "gmail", Code: "99427480", Link: gmailLink},
		},
		"Gmail since 2024, a link alone": {
			m:    mailOf(gmail, "(Gmail Forwarding Confirmation - Receive Mail from hello@kiln.example", "please click the link below to confirm the request:\r\n\r\n"+gmailLink+".\r\n"),
			want: email.Confirmation{Provider: "gmail", Link: gmailLink},
		},
		"Gmail in Chinese": {
			m:    mailOf(gmail, "=?UTF-8?B?KCM0MTY3MDQ4NzkpIEdtYWlsIOi9rOWPkeehruiupA==?=", gmailLink),
			want: email.Confirmation{Provider: "gmail", Code: "416704879", Link: gmailLink},
		},
		"Gmail, the undoing link first": {
			m: mailOf(gmail, "Gmail Forwarding Confirmation", gmailUndo+" "+gmailLink), want: email.Confirmation{Provider: "gmail", Link: gmailLink},
		},
		"somebody else's link in Gmail's mail": {
			m:    mailOf(gmail, "Gmail Forwarding Confirmation", "https://mail-settings.google.com.evil.example/mail/vf-1 https://mail-settings.google.com@evil.example/mail/vf-1 http://mail.google.com/mail/vf-1 https://mail.google.com:8443/mail/vf-2"),
			want: email.Confirmation{Provider: "gmail"},
		},
		"somebody who calls himself Gmail": {m: mailOf("forwarding-noreply@google.com <x@evil.example>", "Gmail Forwarding Confirmation", gmailLink), not: true},
		"Google Groups": {
			m:    mailOf("Kiln <kiln-support+noreply@googlegroups.com>", "You have been added to Kiln support", "Go to https://groups.google.com/g/kiln-support?hl=en to see it."),
			want: email.Confirmation{Provider: "groups", Link: "https://groups.google.com/g/kiln-support?hl=en"},
		},
		"Zoho": {
			m:    mailOf("Zoho Mail <noreply@zoho.com>", "Verify email forwarding", "Click https://mail.zoho.com/fwd?x=1 to verify."),
			want: email.Confirmation{Provider: "zoho", Link: "https://mail.zoho.com/fwd?x=1"},
		},
		"other mail of Zoho's": {m: mailOf("Zoho Mail <noreply@zoho.com>", "Your invoice", "https://mail.zoho.com/invoice"), not: true},
		"a provider nobody knows": {
			m:    mailOf("noreply@service.gmx.net", "Bitte bestätigen Sie die Weiterleitung", "Code: 123456\r\nhttps://evil.example/confirm\r\nhttps://help.gmx.net/x\r\nhttps://www.gmx.net/forward/confirm?x=1"),
			want: email.Confirmation{Provider: "other", Code: "123456", Link: "https://www.gmx.net/forward/confirm?x=1"},
		},
		"a person who writes of forwarding": {m: mailOf("Lena <lena@shop.example>", "Please confirm the forwarding", "https://shop.example/x"), not: true},
		"an answer of a machine":            {m: mailOf("noreply@shop.example", "Re: forward confirm", "https://shop.example/x", "In-Reply-To: <2@x.example>"), not: true},
		"a machine without anything to do":  {m: mailOf("noreply@shop.example", "Forward confirmed", "Thank you."), not: true},
		"a country's suffix is nobody's":    {m: mailOf("noreply@co.uk", "Confirm forwarding", "https://evil.co.uk/x"), not: true},
	} {
		got, ok := email.ConfirmationOf(c.m)
		if ok == c.not || ok && got != c.want {
			t.Errorf("%s: %+v %v", name, got, ok)
		}
	}
}

func TestProbes(t *testing.T) {
	s := email.NewSigner([]byte("0123456789abcdef0123456789abcdef"), "mail.example")
	const account, test = "01k0000000000000000000000a", "01k0000000000000000000000b"
	token := s.Probe(account, test)
	if token == "" || s.Probe("x", test) != "" || s.Probe(account, "") != "" || s.Probe(account, "a.b") != "" {
		t.Fatal(token)
	}
	for text, want := range map[string]bool{
		token: true, "FW: Parley test mail (" + strings.ToUpper(token) + ")": true, "p-aaaaaaaaaa.bbbbbbbbbb.cccccccccccccccc " + token: true,
		"x" + token: false, strings.Replace(token, "a.", "c.", 1): false, "": false, strings.Repeat("a", 2000) + " " + token: false,
	} {
		a, id, ok := s.ProbeOf(text)
		if ok != want || ok && (a != account || id != test) {
			t.Errorf("%q: %s %s %v", text, a, id, ok)
		}
	}
	if _, _, ok := email.NewSigner([]byte("another"), "mail.example").ProbeOf(token); ok {
		t.Error("another key's probe")
	}
	if m := mailOf("x@y.example", "Hello", "x", email.ProbeHeader+": "+token); m.Probe != token {
		t.Errorf("%q", m.Probe)
	}
}
