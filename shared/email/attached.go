package email

import (
	"bytes"
	"fmt"
	"path"
	"strings"

	"golang.org/x/net/html"
)

// isMail reports whether an attachment is a mail.
func isMail(kind, name string) bool {
	switch kind {
	case "message/rfc822", "message/global":
		return true
	case "application/octet-stream", "text/plain":
		return strings.EqualFold(path.Ext(name), ".eml")
	}
	return false
}

// headIn reads who wrote an attached mail, and what about: its header only, one level deep. nil if it has none.
func headIn(content []byte) *Head {
	const maxHead = 64 << 10
	h := headerOf(content[:min(len(content), maxHead)])
	head := Head{Subject: decodeHeader(h.get("subject"), "")}
	if from := parseAddresses(h.get("from"), ""); len(from) > 0 {
		head.From = from[0]
	}
	if d, ok := parseDate(decodeHeader(h.get("date"), "")); ok {
		head.Date = d
	}
	if head.From == (Address{}) && head.Subject == "" {
		return nil
	}
	return &head
}

// nameOfMail names an attached mail that has no name, by its subject.
func nameOfMail(head *Head) string {
	const maxRunes = 80
	if head != nil {
		subject := cleanFileName(strings.NewReplacer("/", "-", "\\", "-").Replace(head.Subject))
		if r := []rune(subject); len(r) > maxRunes {
			subject = strings.TrimSpace(string(r[:maxRunes]))
		}
		if subject = strings.Trim(subject, ". "); subject != "" {
			return subject + ".eml"
		}
	}
	return "message.eml"
}

// locate gives a Content-ID to parts that the HTML calls by their Content-Location (RFC 2557), and makes the HTML call them by
// it: HTML of a stranger shows no other addresses.
func (m *Message) locate(page string, attached []*part) string {
	at := map[string]string{} // location -> Content-ID
	for i, p := range attached {
		location := strings.TrimSpace(decodeHeader(p.header.get("content-location"), ""))
		if location == "" || i >= len(m.Attachments) {
			continue
		}
		a := &m.Attachments[i]
		if a.ContentID == "" {
			a.ContentID = fmt.Sprintf("location-%d", i+1)
		}
		for _, name := range []string{location, path.Base(location)} {
			if _, taken := at[name]; !taken && name != "." && name != "/" {
				at[name] = a.ContentID
			}
		}
	}
	if len(at) == 0 || !strings.Contains(strings.ToLower(page), "<img") {
		return page
	}
	var out bytes.Buffer
	for z := html.NewTokenizer(strings.NewReader(page)); ; {
		kind := z.Next()
		if kind == html.ErrorToken {
			return out.String()
		}
		raw := z.Raw()
		if kind != html.StartTagToken && kind != html.SelfClosingTagToken || len(raw) < 4 || !strings.EqualFold(string(raw[:4]), "<img") {
			out.Write(raw)
			continue
		}
		raw = bytes.Clone(raw) // Token reuses it
		t := z.Token()
		changed := false
		for i, a := range t.Attr {
			if id, ok := at[strings.TrimSpace(a.Val)]; ok && a.Key == "src" {
				t.Attr[i].Val, changed = "cid:"+id, true
			}
		}
		if !changed {
			out.Write(raw)
			continue
		}
		out.WriteString(t.String())
	}
}
