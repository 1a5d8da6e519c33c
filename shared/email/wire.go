package email

import (
	"bytes"
	"encoding/base64"
	"mime/quotedprintable"
	"strconv"
	"strings"
	"unicode/utf8"
)

// mailWriter writes header lines and body parts with CRLF.
type mailWriter struct {
	bytes.Buffer
	boundary string
	level    int
}

func (w *mailWriter) line(s string) {
	w.WriteString(s)
	w.WriteString("\r\n")
}

// longAddress is from which length on name and address stand on lines of their own. Below it the line may pass the 78 characters that
// RFC 5322 §2.1.1 recommends (a signed Reply-To always does) but stays far under the 998 it demands, and scripts that read
// headers line by line see the whole address.
const longAddress = 160

// addresses writes an address list, one address a line. Without addresses it writes nothing.
func (w *mailWriter) addresses(name, fieldName string, list []Address) error {
	for i, a := range list {
		email, err := wireEmail(fieldName, a.Email)
		if err != nil {
			return err
		}
		if i == 0 {
			w.WriteString(name + ":")
		} else {
			w.WriteString(",\r\n")
		}
		if display := strings.TrimSpace(strings.ToValidUTF8(a.Name, "\ufffd")); display != "" {
			display = phrase(display)
			w.WriteString(" " + display)
			if len(display)+len(email) > longAddress {
				w.WriteString("\r\n")
			}
		}
		w.WriteString(" <" + email + ">")
	}
	if len(list) > 0 {
		w.WriteString("\r\n")
	}
	return nil
}

// phrase is a display name: as it is, quoted, or as encoded words.
func phrase(name string) string {
	if needsWords(name) || len(name) > 70 {
		return encodeWords(name, 10)
	}
	for _, c := range []byte(name) {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == ' ' || c == '-' || c == '_') {
			return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(name) + `"`
		}
	}
	return name
}

// text writes an unstructured field, folded at blanks (RFC 5322 §2.2.3), or as encoded words if it is not plain ASCII or has
// a word too long for a line.
func (w *mailWriter) text(name, value string) {
	value = strings.TrimSpace(strings.ToValidUTF8(value, "\ufffd"))
	w.WriteString(name + ":")
	if needsWords(value) {
		w.line(" " + encodeWords(value, len(name)+2))
		return
	}
	width := len(name) + 1
	for i, word := range strings.Split(value, " ") {
		if i > 0 && width+1+len(word) > 76 && word != "" {
			w.WriteString("\r\n")
			width = 0
		}
		w.WriteString(" " + word)
		width += 1 + len(word)
	}
	w.WriteString("\r\n")
}

// needsWords reports whether a header text must be encoded: not printable ASCII, something that reads as an encoded word,
// blanks that folding could lose, or a word too long for a line.
func needsWords(s string) bool {
	if strings.Contains(s, "=?") || strings.Contains(s, "  ") {
		return true
	}
	run := 0
	for _, c := range []byte(s) {
		if c < ' ' || c > '~' {
			return true
		}
		if run++; c == ' ' {
			run = 0
		}
		if run > 200 {
			return true
		}
	}
	return false
}

// encodeWords writes text as base64 encoded words of whole characters, at most 75 characters each, one a line (RFC 2047 §2).
func encodeWords(s string, used int) string {
	const overhead = len("=?utf-8?b??=")
	var out strings.Builder
	room := (75 - overhead - min(used, 40)) / 4 * 3
	for s != "" {
		n := 0
		for n < len(s) {
			_, size := utf8.DecodeRuneInString(s[n:])
			if n+size > room {
				break
			}
			n += size
		}
		if out.Len() > 0 {
			out.WriteString("\r\n ")
		}
		out.WriteString("=?utf-8?b?" + base64.StdEncoding.EncodeToString([]byte(s[:n])) + "?=")
		s = s[n:]
		room = (75 - overhead) / 4 * 3
	}
	return out.String()
}

// multipart writes a multipart; parts calls next before each of its parts.
func (w *mailWriter) multipart(kind string, parts func(next func())) {
	boundary := w.boundary + strconv.Itoa(w.level)
	w.level++
	w.line("Content-Type: " + kind + ";")
	w.line(` boundary="` + boundary + `"`)
	parts(func() { w.line("\r\n--" + boundary) })
	w.line("\r\n--" + boundary + "--")
}

// textPart writes text as quoted-printable UTF-8.
func (w *mailWriter) textPart(kind, text string) {
	w.line("Content-Type: " + kind + "; charset=utf-8")
	w.line("Content-Transfer-Encoding: quoted-printable")
	w.line("")
	q := quotedprintable.NewWriter(&w.Buffer) // writes to memory cannot fail
	_, _ = q.Write([]byte(strings.ReplaceAll(strings.ToValidUTF8(text, "\ufffd"), "\x00", "")))
	_ = q.Close()
}

// filePart writes an attachment as base64.
func (w *mailWriter) filePart(a Attachment) {
	w.line("Content-Type: " + mediaTypeOr(a.Type))
	w.line("Content-Transfer-Encoding: base64")
	disposition := "attachment"
	if a.Inline && wireID(a.ContentID) {
		disposition = "inline"
	}
	w.WriteString("Content-Disposition: " + disposition)
	w.fileName(cleanFileName(a.Name))
	w.line("")
	if wireID(a.ContentID) {
		w.line("Content-ID: <" + a.ContentID + ">")
	}
	w.line("")
	const perLine = 57 // bytes that make 76 characters
	line := make([]byte, 80)
	for b := a.Content; len(b) > 0; {
		n := min(len(b), perLine)
		base64.StdEncoding.Encode(line, b[:n])
		w.Write(line[:base64.StdEncoding.EncodedLen(n)])
		w.WriteString("\r\n")
		b = b[n:]
	}
}

// fileName writes the filename parameter: quoted if it is plain ASCII, else percent-encoded in numbered pieces of whole characters (RFC 2231),
// because some readers, Python's among them, decode each piece by itself.
func (w *mailWriter) fileName(name string) {
	if name == "" {
		return
	}
	if !needsWords(name) && !strings.ContainsAny(name, `"\`) && len(name) <= 60 {
		w.WriteString(";\r\n filename=\"" + name + `"`)
		return
	}
	const perLine = 60
	piece, charset := "", "utf-8''"
	n := 0
	flush := func() {
		w.WriteString(";\r\n filename*" + strconv.Itoa(n) + "*=" + charset + piece)
		piece, charset = "", ""
		n++
	}
	for _, r := range name {
		e := ""
		for _, c := range []byte(string(r)) {
			if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.' {
				e += string(rune(c))
			} else {
				e += "%" + strings.ToUpper(strconv.FormatUint(uint64(c)|0x100, 16)[1:])
			}
		}
		if len(piece)+len(e) > perLine {
			flush()
		}
		piece += e
	}
	flush()
}
