package email

import (
	"bytes"
	"strings"

	"parley/shared/limit"
)

// field is one header field. name is lower case; value is raw: unfolded, not decoded, perhaps not UTF-8.
type field struct {
	name  string
	value []byte
}

// header is a header block, in the order of the mail.
type header []field

// get returns the first value of a field, or nil.
func (h header) get(name string) []byte {
	for _, f := range h {
		if f.name == name {
			return f.value
		}
	}
	return nil
}

// all returns the values of a field that may occur more than once.
func (h header) all(name string) [][]byte {
	var out [][]byte
	for _, f := range h {
		if f.name == name {
			out = append(out, f.value)
		}
	}
	return out
}

// has reports whether the field occurs at all.
func (h header) has(name string) bool { return h.get(name) != nil }

// maxBadLines is how many lines that are no fields a header block may hold in a row before they count as the body.
const maxBadLines = 20

// headerReader reads one header block line by line. It never looks back, so its cost is linear.
type headerReader struct {
	fields   header
	bytes    int
	open     bool // the last line belonged to a field that may go on
	bad      int  // bad lines in a row
	garbage  bool // some line was no field
	overflow bool // the block exceeds package limit: fields after it were dropped
}

// line takes one line without its line end. It reports false if the line cannot belong to a header block.
func (r *headerReader) line(line []byte) bool {
	r.bytes += len(line)
	if r.bytes > limit.MailHeaderBytes || len(r.fields) >= limit.MailHeaders && !isContinuation(line) {
		r.overflow = true
		return true
	}
	if isContinuation(line) {
		if n := len(r.fields); n > 0 && r.open {
			r.fields[n-1].value = append(append(r.fields[n-1].value, ' '), bytes.TrimSpace(line)...)
			return true
		}
		line = bytes.TrimLeft(line, " \t") // there is nothing to continue: a field that was indented
	}
	if name, value, ok := cutField(line); ok {
		// The capacity is cut so that a continuation copies instead of writing into the mail.
		value = bytes.TrimSpace(value)
		r.fields = append(r.fields, field{name, value[:len(value):len(value)]})
		r.open, r.bad = true, 0
		return true
	}
	r.garbage = true
	r.bad++
	if r.open && r.bad == 1 {
		// Somebody folded a line and forgot the blank: "Subject: a\nb". Keep it with its field.
		n := len(r.fields)
		r.fields[n-1].value = append(append(r.fields[n-1].value, ' '), bytes.TrimSpace(line)...)
	}
	return r.bad <= maxBadLines
}

func isContinuation(line []byte) bool {
	return len(line) > 0 && (line[0] == ' ' || line[0] == '\t')
}

// cutField splits "Name: value". Blanks before the colon are tolerated; a name is printable ASCII (RFC 5322 §2.2).
func cutField(line []byte) (name string, value []byte, ok bool) {
	const maxName = 128
	colon := bytes.IndexByte(line[:min(len(line), maxName)], ':')
	if colon <= 0 {
		return "", nil, false
	}
	raw := bytes.TrimRight(line[:colon], " \t")
	if len(raw) == 0 {
		return "", nil, false
	}
	for _, c := range raw {
		if c <= ' ' || c > '~' {
			return "", nil, false
		}
	}
	return strings.ToLower(string(raw)), line[colon+1:], true
}

// trimStart drops what some programs put before the header block: a byte order mark, empty lines, an mbox "From " line.
func trimStart(raw []byte) []byte {
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	raw = bytes.TrimLeft(raw, "\r\n")
	if bytes.HasPrefix(raw, []byte("From ")) || bytes.HasPrefix(raw, []byte(">From ")) {
		_, end := lineAt(raw, 0)
		return raw[end:]
	}
	return raw
}

// lineAt returns the line at pos without its line end, and where the next one begins. A lone CR does not end a line.
func lineAt(raw []byte, pos int) (line []byte, next int) {
	i := bytes.IndexByte(raw[pos:], '\n')
	if i < 0 {
		return bytes.TrimSuffix(raw[pos:], []byte("\r")), len(raw)
	}
	return bytes.TrimSuffix(raw[pos:pos+i], []byte("\r")), pos + i + 1
}
