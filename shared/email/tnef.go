package email

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"path"
	"strings"

	"parley/shared/limit"
)

// winmail.dat is how Outlook packs a mail for itself (MS-OXTNEF): a list of attributes, some of which are lists of MAPI
// properties. It is read front to back, each length is checked against what is left, and nothing is allocated by a number that
// the file says.

// tnef is what a winmail.dat holds.
type tnef struct {
	subject, text, html string
	rtf                 []byte // decompressed
	attachments         []Attachment
	codepage            int
	budget              *int // bytes of RTF that may still be unpacked, of all the mails in it
	whole               bool // it could be read to its end
}

const (
	tnefSignature  = 0x223e9f78
	tnefDepth      = 2       // mails within mails that are unpacked
	tnefProperties = 10_000  // properties of one list
	tnefRTF        = 8 << 20 // bytes of RTF that are unpacked of one mail
)

// isTNEF reports whether a part is a winmail.dat.
func isTNEF(kind, name string, content []byte) bool {
	if len(content) < 6 || binary.LittleEndian.Uint32(content) != tnefSignature {
		return false
	}
	return kind == "application/ms-tnef" || kind == "application/vnd.ms-tnef" || kind == "application/octet-stream" && strings.EqualFold(path.Ext(name), ".dat")
}

// Attributes, by the lower half of their tags (MS-OXTNEF §2.1.3.2).
const (
	attSubject     = 0x8004
	attBody        = 0x800c
	attAttachData  = 0x800f
	attAttachTitle = 0x8010
	attRenderData  = 0x9002
	attMAPIProps   = 0x9003
	attAttachment  = 0x9005
	attOEMCodepage = 0x9007
)

// readTNEF reads a winmail.dat. b begins with its signature.
func readTNEF(b []byte, depth int, budget *int) (t tnef) {
	t.codepage, t.whole, t.budget = 1252, true, budget
	if len(b) < 6 {
		t.whole = false
		return t
	}
	b = b[6:]          // signature and key
	var file *tnefFile // the open attachment
	for len(b) >= 9 {
		level, tag, n := b[0], binary.LittleEndian.Uint16(b[1:]), int64(binary.LittleEndian.Uint32(b[5:]))
		if level != 1 && level != 2 {
			return t.closed(file, depth) // what follows is no attribute
		}
		b = b[9:]
		if n+2 > int64(len(b)) {
			t.whole = false
			n = int64(max(len(b)-2, 0))
		}
		data := b[:n]
		b = b[min(n+2, int64(len(b))):] // and a checksum, which nobody sets right
		switch {
		case tag == attRenderData:
			t.close(file, depth)
			file = &tnefFile{}
		case level == 2 && file != nil:
			file.read(&t, tag, data)
		case tag == attOEMCodepage && len(data) >= 4:
			t.codepage = int(binary.LittleEndian.Uint32(data))
		case tag == attSubject:
			t.subject = t.string8(data)
		case tag == attBody:
			t.text = t.string8(data)
		case tag == attMAPIProps:
			t.read(data)
		}
	}
	return t.closed(file, depth)
}

func (t *tnef) closed(file *tnefFile, depth int) tnef {
	t.close(file, depth)
	return *t
}

// MAPI properties (MS-OXPROPS).
const (
	prSubject         = 0x0037
	prBody            = 0x1000
	prRTF             = 0x1009
	prHTML            = 0x1013
	prDisplayName     = 0x3001
	prAttachData      = 0x3701
	prAttachName      = 0x3704
	prAttachMethod    = 0x3705
	prAttachLongName  = 0x3707
	prAttachMIME      = 0x370e
	prAttachContentID = 0x3712
	prInternetCPID    = 0x3fde
)

// read takes the mail's own properties.
func (t *tnef) read(data []byte) {
	var html []byte
	cpid := 0
	properties(data, func(p mapi) {
		switch p.id {
		case prSubject:
			t.subject = p.text(t)
		case prBody:
			t.text = p.text(t)
		case prRTF:
			t.rtf = unpackRTF(p.data, *t.budget)
			*t.budget -= len(t.rtf)
		case prHTML:
			if p.kind == mapiUnicode {
				t.html = p.text(t)
			} else {
				html = p.data
			}
		case prInternetCPID:
			cpid = p.number()
		}
	})
	if html = html[:min(len(html), limit.MailHTMLBytes)]; len(html) > 0 {
		label := charsetOfHTML(html)
		if cpid != 0 {
			label = charsetOfCodepage(cpid)
		}
		t.html, _ = decodeCharset(label, bytes.TrimRight(html, "\x00"))
	}
}

// tnefFile is one attachment while it is read.
type tnefFile struct {
	name, longName, shown, kind, id string
	data                            []byte
	method                          int
}

func (f *tnefFile) read(t *tnef, tag uint16, data []byte) {
	switch tag {
	case attAttachData:
		f.data = data
	case attAttachTitle:
		f.name = t.string8(data)
	case attAttachment:
		properties(data, func(p mapi) {
			switch p.id {
			case prAttachLongName:
				f.longName = p.text(t)
			case prAttachName:
				f.name = p.text(t)
			case prDisplayName:
				f.shown = p.text(t)
			case prAttachMIME:
				f.kind = p.text(t)
			case prAttachContentID:
				f.id = p.text(t)
			case prAttachMethod:
				f.method = p.number()
			case prAttachData:
				if f.data = p.data; p.kind == mapiObject && len(f.data) >= 16 {
					f.data = f.data[16:] // behind the id of its interface
				}
			}
		})
	}
}

// close adds the attachment that was open. One that is a mail itself is unpacked.
func (t *tnef) close(f *tnefFile, depth int) {
	const methodMail = 5
	if f == nil || len(t.attachments) >= limit.MailParts {
		return
	}
	if f.method == methodMail && depth < tnefDepth && isTNEF("application/ms-tnef", "", f.data) {
		inner := readTNEF(f.data, depth+1, t.budget)
		t.whole = t.whole && inner.whole
		name := inner.subject
		if name == "" {
			name = f.shown
		}
		t.attachments = append(t.attachments, inner.bodies(name)...)
		t.attachments = append(t.attachments, inner.attachments...)
		return
	}
	name := ""
	for _, s := range []string{f.longName, f.name, f.shown} {
		if name = cleanFileName(s); name != "" {
			break
		}
	}
	t.attachments = append(t.attachments, newAttachment(name, f.kind, f.data))
	if ids := parseIDs([]byte(f.id)); len(ids) > 0 {
		t.attachments[len(t.attachments)-1].ContentID = ids[0]
	}
}

// bodies are the texts of a mail within a mail, as files.
func (t *tnef) bodies(subject string) (out []Attachment) {
	name := strings.TrimSuffix(nameOfMail(&Head{Subject: subject}), ".eml")
	switch {
	case t.html != "":
		out = append(out, newAttachment(name+".html", "text/html", []byte(t.html)))
	case len(t.rtf) > 0:
		out = append(out, newAttachment(name+".rtf", "text/rtf", t.rtf))
	case t.text != "":
		out = append(out, newAttachment(name+".txt", "text/plain", []byte(t.text)))
	}
	return out
}

// newAttachment names its bytes as well as it can.
func newAttachment(name, kind string, content []byte) Attachment {
	kind = strings.ToLower(strings.TrimSpace(kind))
	if kind = parseMediaType(kind, "application/octet-stream").name; !isASCII([]byte(kind)) || strings.ContainsAny(kind, " \x00") {
		kind = "application/octet-stream"
	}
	if kind == "application/octet-stream" {
		if known, ok := typesOfExtensions[strings.ToLower(path.Ext(name))]; ok {
			kind = known
		}
	}
	if name == "" {
		name = "attachment" + commonExtensions[kind]
	}
	sum := sha256.Sum256(content)
	return Attachment{Name: name, Type: kind, Size: int64(len(content)), SHA256: hex.EncodeToString(sum[:]), Content: content}
}

// typesOfExtensions is for files that say only their name.
var typesOfExtensions = map[string]string{
	".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".gif": "image/gif", ".pdf": "application/pdf", ".txt": "text/plain", ".htm": "text/html", ".html": "text/html",
	".ics": "text/calendar", ".csv": "text/csv", ".zip": "application/zip", ".rtf": "text/rtf", ".doc": "application/msword", ".xls": "application/vnd.ms-excel", ".ppt": "application/vnd.ms-powerpoint",
	".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation", ".mp3": "audio/mpeg", ".wav": "audio/wav", ".vcf": "text/vcard", ".eml": "message/rfc822",
}

// unpack puts what a winmail.dat holds in its place. A text in it is taken if the mail has none of its own; RTF that is not
// shown as HTML is kept as a file, because the text alone is less than it.
func (m *Message) unpack(a Attachment, first bool, htm *string, budget *int) {
	t := readTNEF(a.Content, 0, budget)
	if !first { // a mail has one body; the others hold files
		t.attachments = append(t.bodies(t.subject), t.attachments...)
		t.text, t.html, t.rtf = "", "", nil
	}
	if *htm == "" && t.html == "" && len(t.rtf) > 0 {
		if s, isHTML := textOfRTF(t.rtf); isHTML {
			t.html = s
		} else if t.text == "" {
			t.text = s
		}
	}
	if *htm == "" && t.html != "" {
		*htm = t.html
	} else if len(t.rtf) > 0 && *htm == "" {
		m.Attachments = append(m.Attachments, newAttachment("body.rtf", "text/rtf", t.rtf))
	}
	if m.Text == "" {
		m.Text = strings.TrimSpace(strings.ReplaceAll(strings.ReplaceAll(t.text, "\r\n", "\n"), "\x00", ""))
		if len(m.Text) > limit.MailHTMLBytes {
			m.Text = strings.ToValidUTF8(m.Text[:limit.MailHTMLBytes], "")
			m.problem(ProblemTooLong, "the text is longer than can be shown; the raw mail has all of it")
		}
	}
	for _, f := range t.attachments {
		if isMail(f.Type, f.Name) {
			f.Mail = headIn(f.Content)
		}
		if isCalendar(f.Type, f.Name) {
			m.addCalendar(&part{}, f.Content)
		}
		m.Attachments = append(m.Attachments, f)
	}
	if !t.whole {
		m.problem(ProblemTNEF, "a winmail.dat is broken; what could be read of it stands beside it")
	}
	if !t.whole || len(t.attachments) == 0 && m.Text == "" && *htm == "" && len(m.Attachments) == 0 {
		m.Attachments = append(m.Attachments, a)
	}
}
