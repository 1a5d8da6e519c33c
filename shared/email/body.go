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
	"unicode/utf8"

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

// FileName makes a name that somebody chose one that a mail can carry and everybody can keep a file under; "" if nothing is left of it.
func FileName(name string) string { return cleanFileName(name) }

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
	var head *Head
	if isMail(kind, name) {
		head = headIn(content)
	}
	if name == "" {
		switch ext, known := commonExtensions[kind]; {
		case isMail(kind, ""):
			name = nameOfMail(head)
		case known:
			name = "attachment" + ext
		default:
			name = "attachment"
		}
	}
	sum := sha256.Sum256(content)
	a := Attachment{Name: name, Type: kind, Size: int64(len(content)), SHA256: hex.EncodeToString(sum[:]), Mail: head, Content: content}
	if ids := parseIDs(p.header.get("content-id")); len(ids) > 0 {
		a.ContentID = ids[0]
	}
	return a
}

// decoded returns a leaf's bytes without their transfer encoding.
func (m *Message) decoded(p *part) []byte {
	encoding := transferOf(p)
	out, ok := decodeTransfer(encoding, p.content)
	if !ok {
		m.problem(ProblemEncoding, "a part is not what its transfer encoding says: "+cut(encoding, 40))
	}
	return out
}

// words returns a text leaf as UTF-8 with \n line ends, at most limit.MailHTMLBytes of it. charset is the one of the mail, for
// a leaf that declares none.
func (m *Message) words(p *part, charset string) string {
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
	var s string
	ok := true
	if name, _ := nameCharset(label); name == "" && !utf8.Valid(b) {
		s = decodeRaw(b, charset)
	} else {
		s, ok = decodeCharset(label, b)
	}
	if !ok {
		m.problem(ProblemCharset, "the text is not what its charset says: "+cut(label, 40))
	}
	s = strings.ReplaceAll(s, "\r\n", "\n")
	s = strings.ReplaceAll(s, "\r", "\n")
	s = strings.ReplaceAll(s, "\x00", "")
	if p.kind.name == "text/plain" && strings.EqualFold(p.kind.params["format"], "flowed") {
		s = unflow(s, strings.EqualFold(p.kind.params["delsp"], "yes"))
	}
	return s
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

// cut returns at most n bytes of s, for a Problem's detail.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}

// readBodies fills Text and Attachments from the tree, and returns the HTML as it came.
func (m *Message) readBodies(root *part) (htm string) {
	var b bodies
	b.sort([]*part{root}, "multipart/mixed", false, &b.text, &b.html)
	m.Attachments = make([]Attachment, 0, len(b.attached))
	var shown []*part // those whose attachment stands at their own place in Attachments
	var packed []Attachment
	for _, p := range b.attached {
		a := m.attachment(p)
		if isTNEF(a.Type, a.Name, a.Content) {
			packed = append(packed, a)
			continue
		}
		shown = append(shown, p)
		m.Attachments = append(m.Attachments, a)
		if isCalendar(a.Type, a.Name) {
			m.addCalendar(p, a.Content)
		}
	}
	charset := textCharset(root)
	read := map[*part]string{} // a part may stand in both lists
	get := func(p *part) string {
		s, ok := read[p]
		if !ok {
			s = m.words(p, charset)
			read[p] = s
		}
		return s
	}
	m.Text = m.joinText(b.text, get)
	htm = m.joinHTML(b.html, shown, get)
	budget := tnefRTF
	for i, a := range packed {
		m.unpack(a, i == 0, &htm, &budget)
	}
	if m.Text == "" { // a plain part that is there and empty
		m.Text = TextOf(htm)
	}
	if m.Text == "" && htm == "" && len(m.Attachments) == 0 {
		m.problem(ProblemEmpty, "the mail has neither text nor attachments")
	}
	return htm
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
func (m *Message) joinHTML(parts, attached []*part, get func(*part) string) string {
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
	return m.locate(out.String(), attached)
}

// markInline marks what the HTML shows by its Content-ID (RFC 2392), or by its name if it has none. What is not shown is an
// attachment, whatever its disposition: nobody would find it otherwise.
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
		a := &m.Attachments[i]
		if a.ContentID == "" && shown[a.Name] {
			a.ContentID = a.Name
		}
		a.Inline = a.ContentID != "" && shown[a.ContentID]
	}
}
