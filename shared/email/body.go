package email

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"html"
	"mime"
	"path"
	"strings"
	"unicode"

	"parley/shared/limit"
)

// bodies sorts the leaves of a mail into what is read as text, what is shown as HTML, and attachments, after RFC 8621
// §4.1.4: a text part stands in both lists where it has no alternative.
type bodies struct {
	text, html, attached []*part
}

func (b *bodies) sort(parts []*part, kind string, inAlternative bool, text, htm *[]*part) {
	textBefore, htmlBefore := len(*text), len(*htm)
	for i, p := range parts {
		if p.multipart() {
			sub := p.kind.name
			b.sort(p.children, sub, inAlternative || sub == "multipart/alternative", text, htm)
			continue
		}
		if !b.readable(p, i, kind) {
			b.attached = append(b.attached, p)
			continue
		}
		if kind == "multipart/alternative" {
			if p.kind.name == "text/html" {
				*htm = append(*htm, p)
			} else {
				*text = append(*text, p)
			}
			continue
		}
		if !inAlternative || p.kind.name == "text/plain" {
			*text = append(*text, p)
		}
		if !inAlternative || p.kind.name == "text/html" {
			*htm = append(*htm, p)
		}
	}
	if kind == "multipart/alternative" { // one of the two is missing: it is the other one
		switch {
		case len(*text) == textBefore && len(*htm) > htmlBefore:
			*text = append(*text, (*htm)[htmlBefore:]...)
		case len(*htm) == htmlBefore && len(*text) > textBefore:
			*htm = append(*htm, (*text)[textBefore:]...)
		}
	}
}

// readable reports whether a leaf is part of what the sender wrote, and not a file.
func (b *bodies) readable(p *part, i int, parent string) bool {
	if p.disp.name == "attachment" || p.kind.name != "text/plain" && p.kind.name != "text/html" {
		return false
	}
	if parent == "multipart/report" && i > 0 { // the machine's copy of the mail, not its words
		return false
	}
	if i > 0 && parent == "multipart/related" {
		return false
	}
	return i == 0 || fileName(p) == ""
}

// fileName is the name a part gives itself, decoded and made harmless, or "".
func fileName(p *part) string {
	name := p.disp.params["filename"]
	if name == "" {
		name = p.kind.params["name"]
	}
	if strings.Contains(name, "=?") { // not allowed by RFC 2047 §5, and common
		name = decodeHeader([]byte(name), "")
	}
	return cleanFileName(name)
}

// cleanFileName drops directories, control and direction-changing characters, and cuts a long name before its extension.
func cleanFileName(name string) string {
	const maxRunes = 200
	name = cleanHeader(name)
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	name = strings.Trim(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || strings.ContainsRune(`<>:"|?*`, r) {
			return '_'
		}
		return r
	}, name), " ")
	if strings.Trim(name, ". ") == "" {
		return ""
	}
	if r := []rune(name); len(r) > maxRunes {
		ext := []rune(path.Ext(name))
		if len(ext) > 20 {
			ext = nil
		}
		name = string(r[:maxRunes-len(ext)]) + string(ext)
	}
	return name
}

// commonExtensions name parts that have no name; the system's own table differs from machine to machine.
var commonExtensions = map[string]string{
	"image/jpeg": ".jpg", "image/png": ".png", "image/gif": ".gif", "application/pdf": ".pdf", "text/plain": ".txt", "text/html": ".html",
	"text/calendar": ".ics", "text/csv": ".csv", "application/zip": ".zip", "application/pgp-signature": ".asc", "text/rfc822-headers": ".txt",
	"message/delivery-status": ".txt", "message/feedback-report": ".txt", "message/disposition-notification": ".txt", "application/pkcs7-signature": ".p7s",
}

// attachment makes the Attachment of a part, whose transfer encoding it undoes.
func (m *Message) attachment(p *part) Attachment {
	content := m.decoded(p)
	kind := p.kind.name
	if _, _, err := mime.ParseMediaType(kind); err != nil || !isASCII([]byte(kind)) {
		kind = "application/octet-stream"
	}
	name := fileName(p)
	if name == "" {
		switch ext, known := commonExtensions[kind]; {
		case kind == "message/rfc822":
			name = "message.eml"
		case known:
			name = "attachment" + ext
		default:
			name = "attachment"
		}
	}
	sum := sha256.Sum256(content)
	a := Attachment{Name: name, Type: kind, Size: int64(len(content)), SHA256: hex.EncodeToString(sum[:]), Content: content}
	if ids := parseIDs(p.header.get("content-id")); len(ids) > 0 {
		a.ContentID = ids[0]
	}
	a.Inline = p.disp.name == "inline" && a.ContentID != ""
	return a
}

// decoded returns a leaf's bytes without their transfer encoding.
func (m *Message) decoded(p *part) []byte {
	encoding := decodeHeader(p.header.get("content-transfer-encoding"), "")
	out, ok := decodeTransfer(encoding, p.content)
	if !ok {
		m.problem(ProblemEncoding, "a part is not what its transfer encoding says: "+cut(encoding, 40))
	}
	return out
}

// words returns a text leaf as UTF-8 with \n line ends, at most limit.MailHTMLBytes of it.
func (m *Message) words(p *part) string {
	b := m.decoded(p)
	if isBase64(p) && looksPlain(p.content) {
		b = p.content
	}
	if len(b) > limit.MailHTMLBytes {
		b = b[:limit.MailHTMLBytes]
		m.problem(ProblemTooLong, "the text is longer than can be shown; the raw mail has all of it")
	}
	label := p.kind.params["charset"]
	if label == "" && p.kind.name == "text/html" {
		label = charsetOfHTML(b)
	}
	s, ok := decodeCharset(label, b)
	if !ok {
		m.problem(ProblemCharset, "the text is not what its charset says: "+cut(label, 40))
	}
	s = strings.ReplaceAll(s, "\r\n", "\n")
	s = strings.ReplaceAll(s, "\r", "\n")
	return strings.ReplaceAll(s, "\x00", "")
}

func isBase64(p *part) bool {
	return bytes.HasPrefix(bytes.ToLower(p.header.get("content-transfer-encoding")), []byte("base64"))
}

// looksPlain reports whether bytes are words with blanks between them, which base64 is not.
func looksPlain(b []byte) bool {
	b = b[:min(len(b), 400)]
	n := bytes.Count(b, []byte(" "))
	return n > 2 && n > len(b)/20
}

// charsetOfHTML finds charset= in a meta element near the start (HTML Standard, §4.2.5.4).
func charsetOfHTML(b []byte) string {
	head := bytes.ToLower(b[:min(len(b), 2048)])
	meta := bytes.Index(head, []byte("<meta"))
	if meta < 0 {
		return ""
	}
	i := bytes.Index(head[meta:], []byte("charset="))
	if i < 0 {
		return ""
	}
	rest := bytes.TrimLeft(head[meta+i+len("charset="):], `"' `)
	if end := bytes.IndexAny(rest, `"'/> ;`); end >= 0 {
		return string(rest[:end])
	}
	return ""
}

// cut returns at most n bytes of s, for a Problem's detail.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}

// readBodies fills Text, HTML and Attachments from the tree.
func (m *Message) readBodies(root *part) {
	var b bodies
	b.sort([]*part{root}, "multipart/mixed", false, &b.text, &b.html)
	m.Attachments = make([]Attachment, 0, len(b.attached))
	for _, p := range b.attached {
		m.Attachments = append(m.Attachments, m.attachment(p))
	}
	read := map[*part]string{} // a part may stand in both lists
	get := func(p *part) string {
		s, ok := read[p]
		if !ok {
			s = m.words(p)
			read[p] = s
		}
		return s
	}
	m.Text = m.joinText(b.text, get)
	m.HTML = m.joinHTML(b.html, get)
	if m.Text == "" { // a plain part that is there and empty
		m.Text = TextOf(m.HTML)
	}
	m.markInline()
	if m.Text == "" && m.HTML == "" && len(m.Attachments) == 0 {
		m.problem(ProblemEmpty, "the mail has neither text nor attachments")
	}
}

func (m *Message) joinText(parts []*part, get func(*part) string) string {
	var out strings.Builder
	for _, p := range parts {
		s := get(p)
		if p.kind.name == "text/html" {
			s = TextOf(s)
		}
		s = strings.Trim(s, "\n")
		if s = strings.TrimRight(s, " \t\n"); s == "" {
			continue
		}
		if out.Len() > 0 {
			out.WriteString("\n\n")
		}
		if out.Len()+len(s) > limit.MailHTMLBytes {
			m.problem(ProblemTooLong, "the text is longer than can be shown; the raw mail has all of it")
			s = strings.ToValidUTF8(s[:max(0, limit.MailHTMLBytes-out.Len())], "")
		}
		out.WriteString(s)
	}
	return out.String()
}

// joinHTML gives "" if no part is HTML: plain text is better shown from Text.
func (m *Message) joinHTML(parts []*part, get func(*part) string) string {
	var out strings.Builder
	any := false
	for _, p := range parts {
		s := get(p)
		if p.kind.name == "text/html" {
			any = true
		} else if s = strings.Trim(s, "\n"); s != "" {
			s = `<div style="white-space: pre-wrap">` + html.EscapeString(s) + "</div>"
		}
		if out.Len()+len(s) > limit.MailHTMLBytes {
			m.problem(ProblemTooLong, "the HTML is longer than can be shown; the raw mail has all of it")
			s = strings.ToValidUTF8(s[:max(0, limit.MailHTMLBytes-out.Len())], "")
		}
		out.WriteString(s)
	}
	if !any {
		return ""
	}
	return strings.TrimSpace(Sanitise(out.String()))
}

// markInline marks what the HTML shows by its Content-ID (RFC 2392).
func (m *Message) markInline() {
	shown := map[string]bool{}
	for rest := m.HTML; ; {
		i := strings.Index(rest, `"cid:`) // Sanitise writes every attribute in double quotes
		if i < 0 {
			break
		}
		id, after, _ := strings.Cut(rest[i+len(`"cid:`):], `"`)
		id = html.UnescapeString(id)
		shown[string(percentDecode(id))] = true
		shown[id] = true
		rest = after
	}
	for i := range m.Attachments {
		if a := &m.Attachments[i]; a.ContentID != "" && shown[a.ContentID] {
			a.Inline = true
		}
	}
}
