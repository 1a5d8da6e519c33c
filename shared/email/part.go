package email

import (
	"bytes"
	"strings"

	"parley/shared/limit"
)

// part is one node of the MIME tree. A multipart has children, anything else has content: raw bytes of the mail, still in
// their transfer encoding.
type part struct {
	header   header
	kind     mediaType // of Content-Type
	disp     mediaType // of Content-Disposition
	children []*part
	content  []byte
}

func (p *part) multipart() bool { return len(p.children) > 0 }

// delimiter is where a scan stopped: at a line of boundary level, or at the end of the mail (level < 0).
type delimiter struct {
	level      int
	closing    bool
	start, end int // of the line
}

// walker builds the MIME tree in one pass over the mail, whatever its nesting: a line that begins with "--" is looked up in
// the set of open boundaries, nothing is scanned twice.
type walker struct {
	raw   []byte
	pos   int
	open  map[string]int // boundary -> innermost level that uses it
	stack []string
	parts int
	note  func(name, detail string)
}

// parseTree reads the whole mail. note is told of problems.
func parseTree(raw []byte, note func(name, detail string)) (root *part, bodyStart int) {
	w := &walker{raw: raw, open: map[string]int{}, note: note}
	root = &part{}
	w.header(root)
	bodyStart = w.pos
	w.body(root, "text/plain")
	return root, bodyStart
}

// header reads p's header block and stops after the empty line that ends it, or before a line that cannot be in it: an open
// boundary, or too much garbage. If a block does not begin with a field at all, everything is body.
func (w *walker) header(p *part) {
	var r headerReader
	start, dashes, bad := w.pos, 0, -1
	for w.pos < len(w.raw) {
		line, next := lineAt(w.raw, w.pos)
		if len(line) == 0 {
			w.pos, bad = next, -1
			break
		}
		if _, ok := w.match(line); ok {
			bad = -1
			break
		}
		if dashes < maxBadLines && bytes.HasPrefix(line, []byte("--")) {
			dashes++
			p.header = r.fields
			if parseMediaType(w.typeOf(p), "").params["boundary"] == string(line[2:]) {
				bad = -1
				break // the empty line before the first part is missing
			}
		}
		if !r.line(line) {
			bad = -1
			break
		}
		if r.garbage && bad < 0 {
			bad = w.pos
		}
		w.pos = next
	}
	if bad >= 0 {
		w.pos = bad // no empty line ended the block: what is no field was meant to be read
	}
	if len(r.fields) == 0 && r.garbage {
		w.pos = start // no header at all: a bare text
	}
	if r.garbage {
		w.note(ProblemHeader, "a line of the header is no header field")
	}
	if r.overflow {
		w.note(ProblemGuard, "the header is too long; its end was not read")
	}
	p.header = r.fields
}

// body reads p's body at the current position and returns the delimiter that ended it.
func (w *walker) body(p *part, defaultType string) delimiter {
	p.kind = parseMediaType(w.typeOf(p), defaultType)
	p.disp = parseMediaType(decodeHeader(p.header.get("content-disposition"), ""), "")
	start := w.pos
	if strings.HasPrefix(p.kind.name, "multipart/") {
		if b := strings.TrimRight(p.kind.params["boundary"], " \t"); b == "" {
			w.note(ProblemBoundary, "a multipart names no boundary")
			p.kind = mediaType{name: "text/plain"}
		} else if len(w.stack) >= limit.MailMultiparts {
			w.note(ProblemGuard, "multiparts are nested too deep; the inner ones were not taken apart")
			p.kind = mediaType{name: "application/octet-stream"}
		} else {
			return w.multipart(p, b, start)
		}
	}
	d := w.next()
	p.content = trimLineEnd(w.raw[start:d.start], d)
	return d
}

// typeOf is the Content-Type to believe if a part has several: a multipart with a boundary, or else the last one.
func (w *walker) typeOf(p *part) string {
	best := ""
	for _, v := range p.header.all("content-type") {
		best = decodeHeader(v, "")
		if lower := strings.ToLower(best); strings.HasPrefix(lower, "multipart/") && strings.Contains(lower, "boundary=") {
			break
		}
	}
	return best
}

// multipart reads the children of p up to p's closing delimiter or a delimiter of a multipart around it.
func (w *walker) multipart(p *part, boundary string, start int) delimiter {
	level := len(w.stack)
	outer, shadowed := w.open[boundary]
	w.stack = append(w.stack, boundary)
	w.open[boundary] = level
	d := w.next()
	first := d
	for d.level == level && !d.closing {
		if w.parts++; w.parts > limit.MailParts {
			w.note(ProblemGuard, "the mail has too many parts; the last ones were not read")
			d = delimiter{level: -1, start: len(w.raw), end: len(w.raw)}
			w.pos = len(w.raw)
			break
		}
		child := &part{}
		w.header(child)
		def := "text/plain"
		if p.kind.name == "multipart/digest" {
			def = "message/rfc822"
		}
		d = w.body(child, def)
		p.children = append(p.children, child)
	}
	w.stack = w.stack[:level]
	delete(w.open, boundary)
	if shadowed {
		w.open[boundary] = outer
	}
	if len(p.children) == 0 {
		w.note(ProblemBoundary, "a multipart has no parts")
		p.kind = mediaType{name: "text/plain"}
		p.content = trimLineEnd(w.raw[start:first.start], first)
	}
	if d.level == level { // closed: skip the epilogue
		d = w.next()
	} else if w.parts <= limit.MailParts {
		w.note(ProblemBoundary, "a multipart has no end")
	}
	return d
}

// next moves behind the next line that is an open boundary.
func (w *walker) next() delimiter {
	if len(w.stack) == 0 {
		w.pos = len(w.raw)
	}
	for w.pos < len(w.raw) {
		if !bytes.HasPrefix(w.raw[w.pos:], []byte("--")) {
			i := bytes.Index(w.raw[w.pos:], []byte("\n--"))
			if i < 0 {
				break
			}
			w.pos += i + 1
		}
		start := w.pos
		line, next := lineAt(w.raw, start)
		w.pos = next
		if d, ok := w.match(line); ok {
			d.start, d.end = start, next
			return d
		}
	}
	w.pos = len(w.raw)
	return delimiter{level: -1, start: len(w.raw), end: len(w.raw)}
}

// maxBoundary bounds the lines that are looked up; RFC 2046 §5.1.1 allows 70 characters.
const maxBoundary = 1000

// match reports whether a line is the delimiter of an open multipart (RFC 2046 §5.1.1).
func (w *walker) match(line []byte) (delimiter, bool) {
	if len(w.stack) == 0 || len(line) < 3 || len(line) > maxBoundary || line[0] != '-' || line[1] != '-' {
		return delimiter{}, false
	}
	b := bytes.TrimRight(line[2:], " \t\r")
	if level, ok := w.open[string(b)]; ok {
		return delimiter{level: level}, true
	}
	if c, found := bytes.CutSuffix(b, []byte("--")); found {
		if level, ok := w.open[string(c)]; ok {
			return delimiter{level: level, closing: true}, true
		}
	}
	return delimiter{}, false
}

// trimLineEnd drops the line end before a delimiter: it belongs to the delimiter (RFC 2046 §5.1.1).
func trimLineEnd(b []byte, d delimiter) []byte {
	if d.level < 0 {
		return b
	}
	b = bytes.TrimSuffix(b, []byte("\n"))
	return bytes.TrimSuffix(b, []byte("\r"))
}
