package table

import (
	"encoding/json"
	"unicode/utf8"

	"parley/shared/fault"
)

// DocDepth is how deep objects and arrays of a document may nest: DynamoDB's limit (its quotas page, "Nested attribute depth").
const DocDepth = 32

// Walk visits the members of a JSON object (name is the raw token, quotes included) or the elements of an array (name is nil),
// in their order, with the raw token of each value. It checks the whole of raw against RFC 8259 and DocDepth as it goes: bad
// JSON is fault.Invalid, and an error of visit ends the walk and is returned. The slices point into raw.
func Walk(raw []byte, visit func(name, value []byte) error) error {
	return WalkTo(raw, DocDepth, visit)
}

// WalkTo is Walk with another bound of the depth.
func WalkTo(raw []byte, depth int, visit func(name, value []byte) error) error {
	s := scanner{b: raw, visit: visit, most: depth}
	s.space()
	if s.i == len(raw) || (raw[s.i] != '{' && raw[s.i] != '[') || !utf8.Valid(raw) {
		return errJSON()
	}
	ok := s.container(1)
	if s.err != nil {
		return s.err
	}
	if s.space(); !ok || s.i != len(raw) {
		return errJSON()
	}
	return nil
}

// Unquote returns the text of a raw JSON string token that Walk has passed.
func Unquote(token []byte) string {
	for _, c := range token {
		if c == '\\' {
			var s string
			if json.Unmarshal(token, &s) == nil {
				return s
			}
			break
		}
	}
	return string(token[1 : len(token)-1])
}

func errJSON() error {
	return fault.New(fault.Invalid, "not a valid JSON object or array, or one that nests too deep (a document: %d)", DocDepth)
}

// scanner is a strict JSON scanner: each method moves i behind what it names and reports whether it was there.
type scanner struct {
	b     []byte
	i     int
	most  int // depth
	visit func(name, value []byte) error
	err   error
}

func (s *scanner) space() {
	for s.i < len(s.b) && (s.b[s.i] == ' ' || s.b[s.i] == '\n' || s.b[s.i] == '\r' || s.b[s.i] == '\t') {
		s.i++
	}
}

func (s *scanner) next(c byte) bool {
	s.space()
	if s.i < len(s.b) && s.b[s.i] == c {
		s.i++
		return true
	}
	return false
}

func (s *scanner) container(depth int) bool {
	if depth > s.most {
		return false
	}
	object, end := s.b[s.i] == '{', byte(']')
	if object {
		end = '}'
	}
	s.i++
	if s.next(end) {
		return true
	}
	for {
		var name []byte
		if object {
			s.space()
			from := s.i
			if !s.text() {
				return false
			}
			name = s.b[from:s.i]
			if !s.next(':') {
				return false
			}
		}
		s.space()
		from := s.i
		if !s.value(depth) {
			return false
		}
		if depth == 1 && s.visit != nil {
			if s.err = s.visit(name, s.b[from:s.i]); s.err != nil {
				return false
			}
		}
		if s.next(end) {
			return true
		}
		if !s.next(',') {
			return false
		}
	}
}

func (s *scanner) value(depth int) bool {
	if s.i == len(s.b) {
		return false
	}
	switch c := s.b[s.i]; c {
	case '{', '[':
		return s.container(depth + 1)
	case '"':
		return s.text()
	case 't':
		return s.word("true")
	case 'f':
		return s.word("false")
	case 'n':
		return s.word("null")
	default:
		return s.number()
	}
}

func (s *scanner) word(w string) bool {
	if len(s.b)-s.i < len(w) || string(s.b[s.i:s.i+len(w)]) != w {
		return false
	}
	s.i += len(w)
	return true
}

func (s *scanner) text() bool {
	if s.i == len(s.b) || s.b[s.i] != '"' {
		return false
	}
	b := s.b
	for i := s.i + 1; i < len(b); i++ { // the place most of the time goes to: i and b stay in registers
		switch c := b[i]; {
		case c == '"':
			s.i = i + 1
			return true
		case c < 0x20:
			return false
		case c == '\\':
			if s.i = i + 1; !s.escape() {
				return false
			}
			i = s.i
		}
	}
	return false
}

// escape stands on the byte behind a backslash and ends on the last byte of the escape.
func (s *scanner) escape() bool {
	if s.i == len(s.b) {
		return false
	}
	switch s.b[s.i] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return true
	case 'u':
		if len(s.b)-s.i < 5 {
			return false
		}
		for _, c := range s.b[s.i+1 : s.i+5] {
			if (c < '0' || c > '9') && (c < 'a' || c > 'f') && (c < 'A' || c > 'F') {
				return false
			}
		}
		s.i += 4
		return true
	}
	return false
}

func (s *scanner) digits() bool {
	from := s.i
	for s.i < len(s.b) && s.b[s.i] >= '0' && s.b[s.i] <= '9' {
		s.i++
	}
	return s.i > from
}

func (s *scanner) oneOf(a, b byte) bool {
	if s.i < len(s.b) && (s.b[s.i] == a || s.b[s.i] == b) {
		s.i++
		return true
	}
	return false
}

func (s *scanner) number() bool {
	s.oneOf('-', '-')
	if !s.oneOf('0', '0') && !s.digits() {
		return false
	}
	if s.oneOf('.', '.') && !s.digits() {
		return false
	}
	if s.oneOf('e', 'E') {
		s.oneOf('+', '-')
		return s.digits()
	}
	return true
}

const hex = "0123456789abcdef"

// AppendQuoted appends s as a JSON string token. Bytes that are not UTF-8 become U+FFFD, as encoding/json does it.
func AppendQuoted(b []byte, s string) []byte {
	b = append(b, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r < 0x20:
			b = append(b, '\\', 'u', '0', '0', hex[r>>4], hex[r&15])
		case r < utf8.RuneSelf:
			b = append(b, byte(r))
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return append(b, '"')
}
