package email

import (
	"bytes"
	"encoding/base64"
	"strings"
)

// decodeTransfer undoes a Content-Transfer-Encoding (RFC 2045 §6) as far as the bytes allow. ok is false if the encoding is
// unknown (then the bytes stay as they are) or the bytes break its rules.
func decodeTransfer(encoding string, b []byte) (out []byte, ok bool) {
	name := strings.ToLower(strings.Trim(encoding, "\"'<> \t;"))
	if i := strings.IndexAny(name, "; \t"); i >= 0 {
		name = name[:i]
	}
	switch name {
	case "", "7bit", "8bit", "binary", "7-bit", "8-bit", "7bits", "8bits", "7", "8", "none", "plain":
		return b, true
	case "base64", "base-64", "b64":
		return decodeBase64(b)
	case "quoted-printable", "quotedprintable", "qp":
		return decodeQuotedPrintable(b)
	case "uuencode", "x-uuencode", "x-uue", "uue":
		return decodeUU(b)
	}
	return b, false
}

// base64Value is the value of a base64 character, or -1.
var base64Value = func() (t [256]int8) {
	for i := range t {
		t[i] = -1
	}
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	for i := range len(alphabet) {
		t[alphabet[i]] = int8(i)
	}
	return t
}()

// decodeBase64 skips what is not base64 and starts anew after padding, so a broken or doubled block loses little.
func decodeBase64(b []byte) ([]byte, bool) {
	out := make([]byte, base64.StdEncoding.DecodedLen(len(b))+3)
	if n, err := base64.StdEncoding.Decode(out, b); err == nil { // skips \r and \n itself
		return out[:n], true
	}
	out = out[:0]
	ok := true
	var acc uint32
	n := 0
	flush := func() {
		switch n {
		case 2:
			out = append(out, byte(acc>>4))
		case 3:
			out = append(out, byte(acc>>10), byte(acc>>2))
		}
		acc, n = 0, 0
	}
	for _, c := range b {
		v := base64Value[c]
		switch {
		case v >= 0:
			acc = acc<<6 | uint32(v)
			if n++; n == 4 {
				out = append(out, byte(acc>>16), byte(acc>>8), byte(acc))
				acc, n = 0, 0
			}
		case c == '=':
			flush()
		case c != '\r' && c != '\n' && c != ' ' && c != '\t':
			ok = false
		}
	}
	ok = ok && n != 1
	flush()
	return out, ok
}

// decodeQuotedPrintable leaves an "=" that is no escape where it stands (RFC 2045 §6.7, note 1).
func decodeQuotedPrintable(b []byte) ([]byte, bool) {
	out := make([]byte, 0, len(b))
	ok := true
	for len(b) > 0 {
		line, next := lineAt(b, 0)
		end := b[len(line):next]
		b = b[next:]
		line = bytes.TrimRight(line, " \t") // blanks at the end of a line were added on the way
		soft := bytes.HasSuffix(line, []byte("="))
		if soft {
			line = line[:len(line)-1]
		}
		for len(line) > 0 {
			i := bytes.IndexByte(line, '=')
			if i < 0 {
				out = append(out, line...)
				break
			}
			out = append(out, line[:i]...)
			if i+2 < len(line) && unhex(line[i+1]) >= 0 && unhex(line[i+2]) >= 0 {
				out = append(out, byte(unhex(line[i+1])<<4|unhex(line[i+2])))
				line = line[i+3:]
				continue
			}
			ok = false
			out = append(out, '=')
			line = line[i+1:]
		}
		if !soft {
			out = append(out, end...)
		}
	}
	return out, ok
}

// decodeUU decodes uuencode (POSIX uuencode(1), the historical algorithm); text around the block is dropped.
func decodeUU(b []byte) ([]byte, bool) {
	var out []byte
	begun := false
	for len(b) > 0 {
		line, next := lineAt(b, 0)
		b = b[next:]
		switch {
		case !begun:
			begun = bytes.HasPrefix(line, []byte("begin "))
		case bytes.Equal(line, []byte("end")):
			return out, true
		case len(line) > 0:
			out = appendUULine(out, line)
		}
	}
	return out, false
}

func appendUULine(out, line []byte) []byte {
	n := int(line[0]-' ') & 63
	at := func(i int) byte {
		if i >= len(line) {
			return 0
		}
		return (line[i] - ' ') & 63
	}
	for i := 1; n > 0; i, n = i+4, n-3 {
		a, b, c, d := at(i), at(i+1), at(i+2), at(i+3)
		three := [3]byte{a<<2 | b>>4, b<<4 | c>>2, c<<6 | d}
		out = append(out, three[:min(n, 3)]...)
	}
	return out
}
