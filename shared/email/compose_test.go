package email_test

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"parley/shared/email"
	"parley/shared/fault"
	"parley/shared/limit"
)

func outgoing() email.Outgoing {
	return email.Outgoing{
		From:       email.Address{Name: "Zoë, support", Email: "support@parley.example"},
		ReplyTo:    email.Address{Email: signer.ReplyAddress(thread)},
		To:         []email.Address{{Name: `Ann "A" Bee`, Email: "Ann@bücher.example"}, {Email: "b@x.example"}},
		Cc:         []email.Address{{Name: "日本語", Email: "c@x.example"}},
		Bcc:        []email.Address{{Name: "Hidden", Email: "hidden@x.example"}},
		Subject:    "Re: Ihre Anfrage über Größen und vieles mehr, das nicht in eine einzige Zeile passt 🙂",
		Text:       "Hello,\n\n.a line with a dot\nFrom here = there\n\nLänge: " + strings.Repeat("wörter ", 300) + "\n-- \nZoë",
		MessageID:  signer.MessageID(thread, "2"),
		InReplyTo:  "b@x.example",
		References: []string{"a@x.example", "b@x.example"},
		Date:       time.Date(2026, 11, 22, 20, 0, 0, 0, time.UTC),
		Headers:    map[string]string{"X-Parley-Loop": "token", "Auto-Submitted": "auto-replied"},
	}
}

// mustCompose composes and checks the form of what comes out.
func mustCompose(t testing.TB, o email.Outgoing) []byte {
	t.Helper()
	raw, err := email.Compose(o)
	if err != nil {
		t.Fatal(err)
	}
	checkWire(t, raw)
	return raw
}

// checkWire looks at bytes: CRLF only, lines within the limit, ASCII, no Bcc.
func checkWire(t testing.TB, raw []byte) {
	t.Helper()
	for _, line := range bytes.SplitAfter(raw, []byte("\n")) {
		if len(line) > 0 && !bytes.HasSuffix(line, []byte("\r\n")) || bytes.Count(line, []byte("\r")) > 1 {
			t.Fatalf("line end in %q", line)
		}
		if len(line) > 1000 {
			t.Fatalf("a line of %d octets", len(line))
		}
	}
	for _, c := range raw {
		if c >= 0x80 || c == 0 {
			t.Fatalf("octet %#x", c)
		}
	}
}

// headerNames returns the names of the top header block's fields.
func headerNames(raw []byte) []string {
	head, _, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	var names []string
	for _, line := range strings.Split(string(head), "\r\n") {
		if line[0] != ' ' && line[0] != '\t' {
			name, _, _ := strings.Cut(line, ":")
			names = append(names, name)
		}
	}
	return names
}

func TestComposeRoundTrip(t *testing.T) {
	o := outgoing()
	raw := mustCompose(t, o)
	m := email.Parse(raw)
	if len(m.Problems) != 0 {
		t.Errorf("problems %v", m.Problems)
	}
	if m.Subject != o.Subject || m.From != o.From || m.ReplyTo[0] != o.ReplyTo || m.MessageID != o.MessageID || !m.Date.Equal(o.Date) {
		t.Errorf("%+v", m)
	}
	if want := []email.Address{{Name: `Ann "A" Bee`, Email: "Ann@xn--bcher-kva.example"}, {Email: "b@x.example"}}; !reflect.DeepEqual(m.To, want) {
		t.Errorf("To %+v", m.To)
	}
	if !reflect.DeepEqual(m.Cc, o.Cc) || m.Text != o.Text || m.HTML != "" {
		t.Errorf("Cc %+v, text %q", m.Cc, m.Text)
	}
	if want := []string{"a@x.example", "b@x.example", o.MessageID}; !reflect.DeepEqual(m.References, want) || !reflect.DeepEqual(m.InReplyTo, []string{"b@x.example"}) {
		t.Errorf("references %q", m.References)
	}
	if bytes.Contains(bytes.ToLower(raw), []byte("hidden")) || bytes.Contains(bytes.ToLower(raw), []byte("bcc")) {
		t.Error("Bcc shows")
	}
	if again := mustCompose(t, o); !bytes.Equal(again, raw) {
		t.Error("not the same bytes twice")
	}
	if m.Auto != "auto-submitted" || !strings.Contains(string(raw), "X-Parley-Loop: token\r\n") {
		t.Error("extra headers are missing")
	}
}

func TestComposeHTMLAndAttachments(t *testing.T) {
	o := outgoing()
	o.Text, o.HTML = "", `<p>Hello <b>you</b> <img src="cid:pic@parley"></p>`
	o.Attachments = []email.Attachment{
		{Name: "pic.png", Type: "image/png", Inline: true, ContentID: "pic@parley", Content: []byte{0x89, 'P', 'N', 'G', 0, 1, 2}},
		{Name: "größe \"x\" " + strings.Repeat("語", 100) + ".pdf", Type: "application/pdf", Content: bytes.Repeat([]byte("0123456789"), 1000)},
		{Name: "old.eml", Type: "message/rfc822", Content: []byte("Subject: old\r\n\r\nx")},
		{Name: "odd", Type: "not a type"},
	}
	m := email.Parse(mustCompose(t, o))
	if len(m.Problems) != 0 || m.Text != "Hello you" || !strings.Contains(m.HTML, `src="cid:pic@parley"`) || len(m.Attachments) != 4 {
		t.Fatalf("%+v", m)
	}
	for i, a := range m.Attachments {
		o := o.Attachments[i]
		if !bytes.Equal(a.Content, o.Content) || a.Inline != o.Inline {
			t.Errorf("%s: %d bytes", a.Name, len(a.Content))
		}
	}
	if want := "größe _x_ " + strings.Repeat("語", 100) + ".pdf"; m.Attachments[1].Name != want {
		t.Errorf("name %q", m.Attachments[1].Name)
	}
	if m.Attachments[2].Type != "application/octet-stream" || m.Attachments[3].Type != "application/octet-stream" {
		t.Errorf("types %q %q", m.Attachments[2].Type, m.Attachments[3].Type)
	}
}

func TestComposeRejects(t *testing.T) {
	many := make([]email.Address, limit.MailOutRecipients)
	for i := range many {
		many[i].Email = fmt.Sprintf("a%d@x.example", i)
	}
	for name, c := range map[string]struct {
		field string
		do    func(*email.Outgoing)
	}{
		"CR in subject":       {"subject", func(o *email.Outgoing) { o.Subject = "a\rBcc: x@x.example" }},
		"LF in subject":       {"subject", func(o *email.Outgoing) { o.Subject = "a\nb" }},
		"NUL in subject":      {"subject", func(o *email.Outgoing) { o.Subject = "a\x00b" }},
		"long subject":        {"subject", func(o *email.Outgoing) { o.Subject = strings.Repeat("a", 999) }},
		"LF in from name":     {"from", func(o *email.Outgoing) { o.From.Name = "a\nBcc: x" }},
		"no from":             {"from", func(o *email.Outgoing) { o.From = email.Address{} }},
		"CRLF in from":        {"from", func(o *email.Outgoing) { o.From.Email = "a@x.example\r\nBcc: b@x.example" }},
		"two from":            {"from", func(o *email.Outgoing) { o.From.Email = "a@x.example, b@x.example" }},
		"bad reply-to":        {"replyTo", func(o *email.Outgoing) { o.ReplyTo.Email = "nobody" }},
		"LF in reply-to name": {"replyTo", func(o *email.Outgoing) { o.ReplyTo.Name = "a\nb" }},
		"bad to":              {"to", func(o *email.Outgoing) { o.To[0].Email = "a@x.example> <b@x.example" }},
		"LF in to name":       {"to", func(o *email.Outgoing) { o.To[0].Name = "a\nb" }},
		"bad cc":              {"cc", func(o *email.Outgoing) { o.Cc[0].Email = "@" }},
		"non-ASCII local":     {"cc", func(o *email.Outgoing) { o.Cc[0].Email = "jürgen@x.example" }},
		"bad bcc":             {"bcc", func(o *email.Outgoing) { o.Bcc[0].Email = "" }},
		"LF in bcc name":      {"bcc", func(o *email.Outgoing) { o.Bcc[0].Name = "a\nb" }},
		"LF in message id":    {"messageId", func(o *email.Outgoing) { o.MessageID = "a@x\nBcc: b" }},
		"bracket in id":       {"messageId", func(o *email.Outgoing) { o.MessageID = "a@x> <b" }},
		"LF in in-reply-to":   {"inReplyTo", func(o *email.Outgoing) { o.InReplyTo = "a@x\nb" }},
		"LF in references":    {"references", func(o *email.Outgoing) { o.References = []string{"a@x\r\nBcc: b"} }},
		"LF in header":        {"headers", func(o *email.Outgoing) { o.Headers = map[string]string{"X-A": "a\nb"} }},
		"LF in header name":   {"headers", func(o *email.Outgoing) { o.Headers = map[string]string{"X-A:\nX-B": "a"} }},
		"own header":          {"headers", func(o *email.Outgoing) { o.Headers = map[string]string{"BCC": "a@x.example"} }},
		"content header":      {"headers", func(o *email.Outgoing) { o.Headers = map[string]string{"content-type": "text/html"} }},
		"LF in file name":     {"attachments", func(o *email.Outgoing) { o.Attachments = []email.Attachment{{Name: "a\nb"}} }},
		"LF in file type":     {"attachments", func(o *email.Outgoing) { o.Attachments = []email.Attachment{{Name: "a", Type: "a/b\r\nc: d"}} }},
		"LF in content id":    {"attachments", func(o *email.Outgoing) { o.Attachments = []email.Attachment{{Name: "a", ContentID: "a\nb"}} }},
		"too large":           {"attachments", func(o *email.Outgoing) { o.Attachments = []email.Attachment{{Content: make([]byte, 31<<20)}} }},
		"no recipient":        {"to", func(o *email.Outgoing) { o.To, o.Cc, o.Bcc = nil, nil, nil }},
		"too many":            {"to", func(o *email.Outgoing) { o.To = many }},
		"no date":             {"date", func(o *email.Outgoing) { o.Date = time.Time{} }},
	} {
		o := outgoing()
		c.do(&o)
		raw, err := email.Compose(o)
		if !fault.Is(err, fault.Invalid) || raw != nil || !strings.HasPrefix(fault.MessageOf(err), c.field+":") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestComposeBccOnly(t *testing.T) {
	o := outgoing()
	o.To, o.Cc = nil, nil
	raw := mustCompose(t, o)
	if m := email.Parse(raw); len(m.To) != 0 || bytes.Contains(raw, []byte("hidden@")) {
		t.Errorf("%+v", m.To)
	}
}

func TestComposeReferences(t *testing.T) {
	o := outgoing()
	o.References = nil
	for i := range 200 {
		o.References = append(o.References, fmt.Sprintf("%d.%s@x.example", i, strings.Repeat("a", 60)))
	}
	o.References = append(o.References, "not an id", "über@x", strings.Repeat("b", 2000)+"@x")
	o.InReplyTo = o.References[199]
	refs := email.Parse(mustCompose(t, o)).References
	if n := len(refs); n != limit.MailReferences || refs[0] != o.References[0] || refs[n-1] != o.MessageID || refs[n-2] != o.InReplyTo {
		t.Errorf("%d references, %q … %q", len(refs), refs[0], refs[len(refs)-2:])
	}
}

// TestComposedTextComesBack composes what a person may have typed and reads it again.
func TestComposedTextComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := outgoing()
		o.Subject = strings.Join(strings.Fields(strings.Map(printable, rapid.String().Draw(t, "subject"))), " ")
		o.From.Name = strings.Join(strings.Fields(strings.Map(letters, rapid.String().Draw(t, "name"))), " ")
		o.Text = strings.Trim(strings.Map(printable, rapid.StringN(0, 500, -1).Draw(t, "text")), " \n\t")
		raw, err := email.Compose(o)
		if err != nil {
			t.Fatal(err)
		}
		m := email.Parse(raw)
		if m.Subject != o.Subject || m.From.Name != o.From.Name || strings.TrimSpace(m.Text) != strings.TrimSpace(o.Text) {
			t.Fatalf("subject %q %q\nname %q %q\ntext %q %q", o.Subject, m.Subject, o.From.Name, m.From.Name, o.Text, m.Text)
		}
	})
}
