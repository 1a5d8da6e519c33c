package email

import (
	"bytes"
	"slices"
	"strings"
)

// original reads what a report says of the mail it is about: from the part that holds that mail or its header, or else from
// its header in a text, or else from the ids that the report answers.
func (m *Message) original(root *part, found *reportParts) OriginalMail {
	var o OriginalMail
	if found.original != nil {
		b := m.decoded(found.original)
		o = originalIn(headerOf(b[:min(len(b), maxReport)]))
	}
	if o.MessageID == "" {
		if h := m.looseHeader(root, found, 0); h != nil {
			o = originalIn(h)
		}
	}
	if o.MessageID == "" {
		if n := readNotice(m.Text); n.original.MessageID != "" || o.Subject == "" && len(o.To) == 0 {
			o = n.original
		}
	}
	return m.completed(o)
}

// looseHeader finds the header of a mail where it does not belong: as the header of a part, or in an attached text.
func (m *Message) looseHeader(p *part, found *reportParts, depth int) header {
	const maxDepth, maxText = 4, 64 << 10
	for _, c := range p.children {
		known := 0
		for _, f := range c.header {
			if mailFields[f.name] {
				known++
			}
		}
		switch {
		case known >= 4 && c.header.has("message-id"):
			return c.header
		case c == found.original:
		case c.multipart() && depth < maxDepth:
			if h := m.looseHeader(c, found, depth+1); h != nil {
				return h
			}
		case slices.Contains(found.status, c), c.disp.name == "attachment" && c.kind.name == "text/plain", c.kind.name == "message/partial":
			b := m.decoded(c)
			if _, h := headerIn(strings.Split(strings.ToValidUTF8(string(b[:min(len(b), maxText)]), ""), "\n")); h != nil {
				return h
			}
		}
	}
	return nil
}

// completed adds the ids that the report itself answers.
func (m *Message) completed(o OriginalMail) OriginalMail {
	if o.MessageID == "" && len(m.InReplyTo) > 0 {
		o.MessageID = m.InReplyTo[0]
	}
	if len(o.References) == 0 {
		o.References = m.References
	}
	return o
}

// headerOf reads the header block that raw begins with.
func headerOf(raw []byte) header {
	w := &walker{raw: trimStart(raw), open: map[string]int{}, note: func(string, string) {}}
	p := &part{}
	w.header(p)
	return p.header
}

func originalIn(h header) OriginalMail {
	o := OriginalMail{
		References: newest(parseIDs(bytes.Join(h.all("references"), []byte(" ")))),
		Loop:       cut(decodeHeader(h.get(strings.ToLower(LoopHeader)), ""), maxID),
		Subject:    decodeHeader(h.get("subject"), ""),
	}
	if ids := parseIDs(h.get("message-id")); len(ids) > 0 {
		o.MessageID = ids[0]
	}
	for _, a := range withEmail(bytes.Join(h.all("to"), []byte(", ")), "") {
		o.To = append(o.To, a.Email)
	}
	if len(o.To) == 0 {
		for _, name := range []string{"x-rcpt-to", "x-envelope-to", "x-original-to", "delivered-to"} {
			for _, a := range withEmail(h.get(name), "") {
				o.To = append(o.To, a.Email)
			}
		}
	}
	return o
}

// mailFields are fields by which a block of lines is known as the header of a mail. strongFields stand in no other text.
var (
	mailFields   = set("received", "return-path", "message-id", "mime-version", "from", "to", "cc", "subject", "date", "reply-to", "content-type", "sender", "x-mailer", "user-agent", "references", "in-reply-to", "delivered-to")
	strongFields = set("received", "return-path", "message-id", "mime-version", "dkim-signature")
)

// headerIn finds the header block of a mail in a text: the lines it begins and ends at, and its fields; h is nil if there is
// none. Every line is looked at at most twice.
func headerIn(lines []string) (at [2]int, h header) {
	for i := 0; i < len(lines); i++ {
		if name, _, ok := cutField([]byte(strings.TrimLeft(lines[i], " \t>"))); !ok || !mailFields[name] {
			continue
		}
		var r headerReader
		prefix := lines[i][:len(lines[i])-len(strings.TrimLeft(lines[i], " \t>"))]
		end := i
		for ; end < len(lines) && strings.TrimSpace(strings.TrimPrefix(lines[end], prefix)) != ""; end++ {
			if !r.line([]byte(strings.TrimPrefix(lines[end], prefix))) || r.overflow {
				break
			}
		}
		known, strong := 0, false
		for _, f := range r.fields {
			if mailFields[f.name] {
				known++
			}
			strong = strong || strongFields[f.name]
		}
		if known >= 3 && strong {
			return [2]int{i, end}, r.fields
		}
		i = max(i, end-1)
	}
	return [2]int{len(lines), len(lines)}, nil
}
