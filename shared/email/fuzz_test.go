package email_test

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"parley/shared/email"
	"parley/shared/fault"
)

// printable drops what no header carries: control and direction characters and what is no letter of UTF-8.
func printable(r rune) rune {
	if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r) || r == unicode.ReplacementChar {
		return -1
	}
	return r
}

// letters are what names are made of.
func letters(r rune) rune {
	if unicode.IsLetter(r) || r == ' ' || r == ',' || r == '.' || r == '(' || r == '\\' || r == ';' || r == '=' || r == '?' {
		return r
	}
	return -1
}

// FuzzParse: no mail makes Parse panic, hang, or return what must not be returned.
func FuzzParse(f *testing.F) {
	for _, raw := range corpus(f) {
		if len(raw) < 20_000 {
			f.Add(raw)
		}
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		start := processorTime()
		m := email.Parse(raw)
		if took := paced(processorTime() - start); took > 2*time.Second {
			t.Fatalf("took %v for %d bytes", took, len(raw))
		}
		checkMessage(t, m)
	})
}

// FuzzSanitise: nothing dangerous comes out, a second pass changes nothing, and no input is slow.
func FuzzSanitise(f *testing.F) {
	for _, s := range []string{`<p style="color:red">a</p>`, `<a href="javascript:x">`, `<svg><style><img src=x onerror=y>`, `<table><td><b>`, `<img src=cid:a>`, `<math><mtext></form>`} {
		f.Add(s)
	}
	for _, c := range attacks(f) {
		f.Add(c.HTML)
	}
	f.Fuzz(func(t *testing.T, s string) {
		start := processorTime()
		email.Sanitise(s)
		if took := paced(processorTime() - start); took > 2*time.Second {
			t.Fatalf("took %v for %d bytes", took, len(s))
		}
		checkPass(t, s)
		email.TextOf(s)
	})
}

// FuzzCompose: a mail is either refused as invalid or has exactly the header fields that were meant.
func FuzzCompose(f *testing.F) {
	f.Add("Subject", "Name", "a@x.example", "text", "<p>html</p>", "ref@x", "X-Header", "value", "file.pdf", "text/plain")
	f.Add("a\r\nBcc: b", "=?utf-8?q?a?=", "b@bücher.example", ".", "", "a\x00", "Bcc", "v", "\u202ea\"b\\c;d", "multipart/mixed")
	f.Fuzz(func(t *testing.T, subject, name, addr, text, html, ref, header, value, file, kind string) {
		o := email.Outgoing{
			From: email.Address{Name: name, Email: "me@parley.example"}, To: []email.Address{{Name: name, Email: addr}}, Subject: subject, Text: text, HTML: html,
			References: []string{ref}, InReplyTo: ref, MessageID: "id@parley.example", Date: time.Unix(1_700_000_000, 0), Headers: map[string]string{header: value},
			Attachments: []email.Attachment{{Name: file, Type: kind, ContentID: ref, Content: []byte(text)}},
		}
		raw, err := email.Compose(o)
		if err != nil {
			if !fault.Is(err, fault.Invalid) {
				t.Fatalf("%v", err)
			}
			return
		}
		checkWire(t, raw)
		allowed := []string{"From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "MIME-Version", header, "Content-Type"}
		seen := map[string]bool{}
		for _, n := range headerNames(raw) {
			if !slices.Contains(allowed, n) || seen[n] {
				t.Fatalf("header %q in\n%s", n, raw)
			}
			seen[n] = true
		}
		m := email.Parse(raw)
		if m.From.Email != "me@parley.example" || len(m.To) != 1 || len(m.Attachments) != 1 || string(m.Attachments[0].Content) != text {
			t.Fatalf("%+v\n%s", m, raw)
		}
		if local, _, _ := strings.Cut(strings.TrimSpace(addr), "@"); !strings.HasPrefix(m.To[0].Email, local+"@") {
			t.Fatalf("to %q became %q", addr, m.To[0].Email)
		}
	})
}
