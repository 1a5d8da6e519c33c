package email

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// charsetAliases are labels seen in mail that neither the WHATWG nor the IANA table knows, or that mean more than they say. "" is
// what says nothing.
var charsetAliases = map[string]string{
	"unicode-1-1-utf-7": "utf-7", "unicode-2-0-utf-7": "utf-7", "utf7": "utf-7", "utf-7-imap": "utf-7",
	"utf8mb4": "utf-8", "unicode": "utf-8", "utf-8-sig": "utf-8", "utf8": "utf-8", "cp65001": "utf-8", "65001": "utf-8", "unicode-1-1-utf-8": "utf-8",
	"ucs-2": "utf-16", "iso-10646-ucs-2": "utf-16", "utf16": "utf-16", "utf-16le": "utf-16",
	"gb2312": "gb18030", "gb-2312": "gb18030", "gb-2312-80": "gb18030", "gbk": "gb18030", "cp936": "gb18030", "ms936": "gb18030", "936": "gb18030",
	"windows-936": "gb18030", "euc-cn": "gb18030", "gb": "gb18030", "chinese": "gb18030", "hz-gb-2312": "hz",
	"ks-c-5601": "euc-kr", "ks-c-5601-1987": "euc-kr", "ks-c-5601-1989": "euc-kr", "ksc5601": "euc-kr", "ksc-5601": "euc-kr", "cp949": "euc-kr",
	"ms949": "euc-kr", "949": "euc-kr", "windows-949": "euc-kr", "uhc": "euc-kr", "korean": "euc-kr", "euckr": "euc-kr",
	"cp932": "shift-jis", "sjis": "shift-jis", "ms932": "shift-jis", "932": "shift-jis", "windows-31j": "shift-jis", "windows-932": "shift-jis", "ms-kanji": "shift-jis",
	"cp51932": "euc-jp", "eucjp": "euc-jp", "ujis": "euc-jp",
	"cp50220": "iso-2022-jp", "cp50221": "iso-2022-jp", "cp50222": "iso-2022-jp", "iso-2022-jp-ms": "iso-2022-jp", "iso-2022-jp-1": "iso-2022-jp",
	"iso-2022-jp-2": "iso-2022-jp", "iso-2022-jp-3": "iso-2022-jp", "iso-2022-jp-2004": "iso-2022-jp", "iso2022jp": "iso-2022-jp", "jis": "iso-2022-jp", "csiso2022jp": "iso-2022-jp",
	"iso-2022-cn-ext": "iso-2022-cn", "iso2022kr": "iso-2022-kr", "csiso2022kr": "iso-2022-kr",
	"cp950": "big5", "950": "big5", "windows-950": "big5", "big-5": "big5", "big5-eten": "big5", "cn-big5": "big5",
	"latin1": "windows-1252", "latin-1": "windows-1252", "iso-8859": "windows-1252", "ansi": "windows-1252", "iso-8859-1": "windows-1252", "western": "windows-1252",
	"iso-8859-1-windows-3.1-latin-1": "windows-1252", "latin-9": "iso-8859-15", "latin9": "iso-8859-15", "iso-8859-9": "windows-1254", "iso-8859-11": "windows-874", "tis-620": "windows-874", "tis620": "windows-874",
	"iso-8859-8-i": "iso-8859-8", "iso-8859-8-e": "iso-8859-8", "iso-8859-6-i": "iso-8859-6", "koi8": "koi8-r", "koi8r": "koi8-r", "koi-8": "koi8-r", "koi8u": "koi8-u", "cyrillic": "windows-1251",
	"mac-roman": "macintosh", "macroman": "macintosh", "mac": "macintosh",
	"cp437": "ibm437", "cp850": "ibm850", "cp852": "ibm852", "cp855": "ibm855", "cp858": "ibm00858", "cp860": "ibm860", "cp862": "ibm862", "cp865": "ibm865", "cp866": "ibm866",
	"us-ascii": "", "ascii": "", "ansi-x3.4-1968": "", "7bit": "", "8bit": "", "default": "", "unknown": "", "unknown-8bit": "", "none": "", "null": "",
	"user-defined": "", "autodetect": "", "autodetect-all": "", "binary": "", "default-charset": "", "charset": "", "undefined": "", "iso-646": "", "ansi-x3.110-1983": "",
}

// charsetSpellings are beginnings of labels as people write them, and as tables have them. The longer one comes first.
var charsetSpellings = [...][2]string{
	{"win-125", "windows-125"},
	{"windows125", "windows-125"},
	{"win125", "windows-125"},
	{"cp-125", "windows-125"},
	{"cp125", "windows-125"},
	{"ms-125", "windows-125"},
	{"125", "windows-125"},
	{"iso8859-", "iso-8859-"},
	{"iso8859", "iso-8859-"},
	{"iso88591", "iso-8859-1"},
	{"8859-", "iso-8859-"},
	{"cp-", "cp"},
}

// nameCharset gives a label its one name. known is false for one that no table has.
func nameCharset(label string) (name string, known bool) {
	full := strings.TrimPrefix(cleanLabel(label), "charset=")
	label = strings.ReplaceAll(full, "_", "-")
	label = strings.TrimLeft(strings.TrimPrefix(label, "x-"), "-")
	for _, p := range charsetSpellings {
		if rest, ok := strings.CutPrefix(label, p[0]); ok {
			label = p[1] + rest
			break
		}
	}
	if to, found := charsetAliases[label]; found {
		return to, true
	}
	switch label {
	case "", "utf-8", "utf-7", "utf-16", "hz", "gb18030", "iso-2022-cn", "iso-2022-kr":
		return label, true
	}
	if lookupCharset(label) != nil {
		return label, true
	}
	return full, lookupCharset(full) != nil
}

// decodeCharset turns bytes of a declared charset into UTF-8. It always gives a text; ok is false if the label is unknown or
// the bytes do not fit it. Where the label says nothing, or less than nothing, the bytes are asked: UTF-8, then what
// detectCharset finds, then Windows-1252.
func decodeCharset(label string, b []byte) (s string, ok bool) {
	name, known := nameCharset(label)
	if (name == "utf-8" || name == "windows-1252") && hasEscapes(b) {
		name = ""
	}
	switch name {
	case "":
		return decodeUndeclared(b), true
	case "windows-1252":
		if utf8.Valid(b) {
			return plainUTF8(b), true
		}
		return decodeWith(charmap.Windows1252, b)
	case "utf-8":
		if utf8.Valid(b) {
			return plainUTF8(b), true
		}
		return decodeUndeclared(b), false
	case "utf-7":
		return decodeUTF7(b), true
	case "utf-16":
		return decodeUTF16(b), true
	case "hz":
		return decodeWith(simplifiedchinese.HZGB2312, b)
	case "gb18030":
		return orUTF8(simplifiedchinese.GB18030, b)
	case "iso-2022-kr", "iso-2022-cn":
		return decodeShifted(b)
	}
	if known {
		return orUTF8(lookupCharset(name), b)
	}
	return decodeUndeclared(b), isASCII(b)
}

func plainUTF8(b []byte) string { return string(bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))) }

// hasEscapes reports whether b says by escape sequences what it is.
func hasEscapes(b []byte) bool {
	i := bytes.IndexByte(b, 0x1b)
	return i >= 0 && (isISO2022JP(b[i:]) || isShifted(b[i:]))
}

// decodeUndeclared decodes bytes of which nobody says what they are.
func decodeUndeclared(b []byte) string {
	if i := bytes.IndexByte(b, 0x1b); i >= 0 {
		switch {
		case isISO2022JP(b[i:]):
			s, _ := decodeWith(japanese.ISO2022JP, b)
			return s
		case isShifted(b[i:]):
			s, _ := decodeShifted(b)
			return s
		}
	}
	switch {
	case bytes.HasPrefix(b, []byte("\xff\xfe")), bytes.HasPrefix(b, []byte("\xfe\xff")):
		return decodeUTF16(b)
	case utf8.Valid(b):
		return plainUTF8(b)
	case mostlyUTF8(b):
		return strings.ToValidUTF8(plainUTF8(b), "\ufffd")
	}
	if enc := lookupCharset(detectCharset(b)); enc != nil {
		s, _ := decodeWith(enc, b)
		return s
	}
	s, _ := decodeWith(charmap.Windows1252, b)
	return s
}

// orUTF8 decodes as declared, unless the bytes do not fit and are UTF-8.
func orUTF8(enc encoding.Encoding, b []byte) (string, bool) {
	s, ok := decodeWith(enc, b)
	if !ok && !isASCII(b) && utf8.Valid(b) {
		return plainUTF8(b), false
	}
	return s, ok
}

// lookupCharset finds an encoding by its WHATWG or IANA name, or nil.
func lookupCharset(label string) encoding.Encoding {
	if label == "" {
		return nil
	}
	if enc, err := htmlindex.Get(label); err == nil && enc != encoding.Replacement {
		return enc
	}
	if enc, err := ianaindex.MIME.Encoding(label); err == nil && enc != nil {
		return enc
	}
	return nil
}

// cleanLabel removes quotes, blanks and what people hang on a label: "utf-8; format=flowed", "'iso-8859-1'".
func cleanLabel(label string) string {
	label = strings.ToLower(strings.Trim(label, "\"'<>,;: \t\r\n"))
	if i := strings.IndexAny(label, "; \t"); i >= 0 {
		label = label[:i]
	}
	return label
}

func decodeWith(enc encoding.Encoding, b []byte) (string, bool) {
	out, err := enc.NewDecoder().Bytes(b)
	if err != nil {
		return strings.ToValidUTF8(string(b), "\ufffd"), false
	}
	if !utf8.Valid(out) {
		out = bytes.ToValidUTF8(out, []byte("\ufffd"))
	}
	return string(out), !bytes.Contains(out, []byte("\ufffd"))
}

// isISO2022JP reports whether b begins with an escape sequence of ISO-2022-JP (RFC 1468).
func isISO2022JP(b []byte) bool {
	return bytes.HasPrefix(b, []byte("\x1b$B")) || bytes.HasPrefix(b, []byte("\x1b$@")) || bytes.HasPrefix(b, []byte("\x1b(J"))
}

// isShifted reports whether b begins with the escape sequence of ISO-2022-KR or ISO-2022-CN.
func isShifted(b []byte) bool {
	return bytes.HasPrefix(b, []byte("\x1b$)C")) || bytes.HasPrefix(b, []byte("\x1b$)A"))
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

// mostlyUTF8 reports whether b is UTF-8 with a few broken bytes: a cut in the middle of a character, a stray byte.
func mostlyUTF8(b []byte) bool {
	good, bad := 0, 0
	for i := 0; i < len(b); {
		if b[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			bad++
		} else {
			good++
		}
		i += n
	}
	return good > 4*bad
}

// decodeUTF16 goes by the byte order mark, or else by where the zeros of ASCII stand.
func decodeUTF16(b []byte) string {
	order := binary.ByteOrder(binary.LittleEndian)
	switch {
	case bytes.HasPrefix(b, []byte("\xff\xfe")):
		b = b[2:]
	case bytes.HasPrefix(b, []byte("\xfe\xff")):
		order, b = binary.BigEndian, b[2:]
	default:
		even, odd := 0, 0
		for i, c := range b[:min(len(b), 2000)] {
			if c == 0 && i%2 == 0 {
				even++
			} else if c == 0 {
				odd++
			}
		}
		if even > odd {
			order = binary.BigEndian
		}
	}
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = order.Uint16(b[2*i:])
	}
	return string(utf16.Decode(units))
}

// decodeShifted decodes ISO-2022-KR (RFC 1557) and the GB half of ISO-2022-CN (RFC 1922): between SO and SI stand pairs of
// bytes of the set that the last escape sequence named, without their high bits.
func decodeShifted(b []byte) (string, bool) {
	enc := encoding.Encoding(korean.EUCKR)
	plain := make([]byte, 0, len(b))
	var out strings.Builder
	ok := true
	flush := func() {
		s, fits := decodeWith(enc, plain)
		out.WriteString(s)
		ok, plain = ok && fits, plain[:0]
	}
	high := byte(0)
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case c == 0x1b && i+3 < len(b) && b[i+1] == '$' && b[i+2] == ')':
			flush()
			enc = simplifiedchinese.GB18030
			if b[i+3] == 'C' {
				enc = korean.EUCKR
			}
			i += 3
		case c == 0x0e:
			high = 0x80
		case c == 0x0f:
			high = 0
		case c == '\n':
			high = 0
			plain = append(plain, c)
		case c > ' ':
			plain = append(plain, c|high)
		default:
			plain = append(plain, c)
		}
	}
	flush()
	return out.String(), ok
}

// decodeUTF7 decodes RFC 2152; a run that is not base64 stays as it is.
func decodeUTF7(b []byte) string {
	var out strings.Builder
	for len(b) > 0 {
		i := bytes.IndexByte(b, '+')
		if i < 0 {
			i = len(b)
		}
		out.WriteString(strings.ToValidUTF8(string(b[:i]), "\ufffd"))
		if b = b[i:]; len(b) == 0 {
			break
		}
		n := 1
		for n < len(b) && base64Value[b[n]] >= 0 {
			n++
		}
		run := b[1:n]
		b = b[n:]
		if len(b) > 0 && b[0] == '-' {
			b = b[1:]
			if len(run) == 0 {
				out.WriteByte('+')
			}
		} else if len(run) == 0 {
			out.WriteByte('+')
		}
		raw := make([]byte, base64.RawStdEncoding.DecodedLen(len(run)))
		m, _ := base64.RawStdEncoding.Decode(raw, run)
		units := make([]uint16, m/2)
		for k := range units {
			units[k] = uint16(raw[2*k])<<8 | uint16(raw[2*k+1])
		}
		out.WriteString(string(utf16.Decode(units)))
	}
	return out.String()
}
