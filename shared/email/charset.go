package email

import (
	"bytes"
	"encoding/base64"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// charsetAliases are labels seen in mail that neither the WHATWG nor the IANA table knows, or that mean more than they say.
var charsetAliases = map[string]string{
	"unicode-1-1-utf-7": "utf-7", "x-unicode-2-0-utf-7": "utf-7", "utf7": "utf-7",
	"x-utf8": "utf-8", "utf8mb4": "utf-8", "unicode": "utf-8", "utf-8-sig": "utf-8",
	"x-gbk": "gb18030", "gb2312": "gb18030", "gbk": "gb18030", "cp936": "gb18030", "ms936": "gb18030", "euc-cn": "gb18030", "hz-gb-2312": "hz",
	"ks_c_5601": "euc-kr", "ks_c_5601-1987": "euc-kr", "ksc5601": "euc-kr", "cp949": "euc-kr", "ms949": "euc-kr", "x-windows-949": "euc-kr",
	"cp932": "shift_jis", "x-sjis": "shift_jis", "ms932": "shift_jis", "shift-jis": "shift_jis",
	"cp50220": "iso-2022-jp", "cp50221": "iso-2022-jp", "iso-2022-jp-ms": "iso-2022-jp", "iso-2022-jp-1": "iso-2022-jp", "iso-2022-jp-2": "iso-2022-jp",
	"cp950": "big5", "x-big5": "big5",
	"latin1": "windows-1252", "iso8859-1": "windows-1252", "iso-8859": "windows-1252", "8859-1": "windows-1252", "x-ansi": "windows-1252",
	"cp1250": "windows-1250", "cp1251": "windows-1251", "cp1252": "windows-1252", "win-1251": "windows-1251",
	"macintosh": "macintosh", "x-mac-roman": "macintosh", "macroman": "macintosh",
	"ansi_x3.4-1968": "us-ascii", "7bit": "us-ascii", "8bit": "us-ascii", "default": "us-ascii", "unknown": "us-ascii", "unknown-8bit": "us-ascii",
}

// decodeCharset turns bytes of a declared charset into UTF-8. It always gives a text; ok is false if the label is unknown or
// the bytes do not fit it. Bytes that are UTF-8 are taken as UTF-8 when the label is one people set without thinking
// (none, ASCII, Latin 1).
func decodeCharset(label string, b []byte) (s string, ok bool) {
	label = cleanLabel(label)
	if to, found := charsetAliases[label]; found {
		label = to
	}
	switch label {
	case "", "us-ascii", "ascii", "iso-8859-1", "windows-1252", "utf-8", "utf8":
		if label == "" || label == "us-ascii" {
			if i := bytes.IndexByte(b, 0x1b); i >= 0 && isISO2022JP(b[i:]) {
				return decodeWith(japanese.ISO2022JP, b)
			}
		}
		if utf8.Valid(b) {
			return string(bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))), true
		}
		if strings.HasPrefix(label, "utf") && hasMultibyte(b) {
			return strings.ToValidUTF8(string(b), "\ufffd"), false
		}
		s, _ = decodeWith(charmap.Windows1252, b)
		return s, label != "utf-8" && label != "utf8"
	case "utf-7":
		return decodeUTF7(b), true
	case "hz":
		return decodeWith(simplifiedchinese.HZGB2312, b)
	case "gb18030":
		return decodeWith(simplifiedchinese.GB18030, b)
	}
	if enc := lookupCharset(label); enc != nil {
		return decodeWith(enc, b)
	}
	s, _ = decodeCharset("", b)
	return s, isASCII(b)
}

// lookupCharset finds an encoding by its WHATWG or IANA name, or nil.
func lookupCharset(label string) encoding.Encoding {
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

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

// hasMultibyte reports whether b holds at least one well-formed multi-byte UTF-8 sequence.
func hasMultibyte(b []byte) bool {
	for i := 0; i < len(b); {
		if b[i] < 0x80 {
			i++
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		if r != utf8.RuneError {
			return true
		}
		i += n
	}
	return false
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
