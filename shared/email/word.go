package email

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// decodeHeader turns a raw field value into text: encoded words (RFC 2047), raw 8-bit bytes (RFC 6532, or charset, or a guess),
// without control characters. charset is the one of the mail's text, for bytes that no encoded word declares; "" if unknown.
func decodeHeader(value []byte, charset string) string {
	if !needsDecoding(value) {
		return string(value)
	}
	return cleanHeader(decodeWords(value, charset))
}

func needsDecoding(value []byte) bool {
	for i, c := range value {
		if c < ' ' || c >= 0x7f || c == '=' && i+1 < len(value) && value[i+1] == '?' {
			return true
		}
	}
	return false
}

// encodedWord is one =?charset?encoding?text?= with its text decoded to bytes of charset.
type encodedWord struct {
	charset  string
	encoding byte
	bytes    []byte
}

// decodeWords decodes the encoded words in value. Blanks between two of them vanish, and neighbours of one charset are joined
// before they are decoded, because some writers cut in the middle of a character.
func decodeWords(value []byte, charset string) string {
	var out strings.Builder
	var run encodedWord
	flush := func() {
		if run.bytes != nil {
			s, _ := decodeCharset(run.charset, run.bytes)
			out.WriteString(s)
			run = encodedWord{}
		}
	}
	for len(value) > 0 {
		i := bytes.Index(value, []byte("=?"))
		if i < 0 {
			i = len(value)
		}
		plain := value[:i]
		if run.bytes == nil || len(bytes.TrimSpace(plain)) > 0 { // blanks between two words are dropped
			flushPlain(&out, plain, charset, flush)
		}
		if value = value[i:]; len(value) == 0 {
			break
		}
		w, n := cutWord(value)
		if n == 0 {
			flush()
			out.WriteString("=?")
			value = value[2:]
			continue
		}
		if run.bytes != nil && (run.charset != w.charset || run.encoding != w.encoding) {
			flush()
		}
		run.charset, run.encoding = w.charset, w.encoding
		if run.bytes == nil {
			run.bytes = []byte{} // an empty word is a word, too
		}
		run.bytes = append(run.bytes, w.bytes...)
		value = value[n:]
	}
	flush()
	return out.String()
}

func flushPlain(out *strings.Builder, plain []byte, charset string, flush func()) {
	flush()
	if isASCII(plain) && bytes.IndexByte(plain, 0x1b) < 0 {
		out.Write(plain)
		return
	}
	out.WriteString(decodeRaw(plain, charset))
}

// decodeRaw decodes header bytes that declare no charset: UTF-8, what their escapes say, the charset of the text, a guess.
func decodeRaw(b []byte, charset string) string {
	if utf8.Valid(b) || bytes.IndexByte(b, 0x1b) >= 0 {
		return decodeUndeclared(b)
	}
	if s, ok := decodeCharset(charset, b); ok {
		return s
	}
	return decodeUndeclared(b)
}

// maxWord bounds an encoded word. RFC 2047 allows 75 characters; without a bound, many unclosed words would cost a search of
// the rest each.
const maxWord = 4000

// cutWord reads the encoded word at the start of value ("=?"): its length, 0 if it is none. Blanks inside, raw 8-bit and a language tag (RFC 2231 §5) are tolerated.
func cutWord(value []byte) (w encodedWord, n int) {
	const maxCharset = 64
	rest := value[2:]
	q := bytes.IndexByte(rest[:min(len(rest), maxCharset)], '?')
	if q < 0 || q+2 >= len(rest) || rest[q+2] != '?' {
		return w, 0
	}
	w.encoding = rest[q+1] | 0x20
	if w.encoding != 'q' && w.encoding != 'b' {
		return w, 0
	}
	label, _, _ := strings.Cut(string(rest[:q]), "*")
	text := rest[q+3:]
	end, width := wordEnd(text[:min(len(text), maxWord)], w.encoding == 'q')
	w.charset = cleanLabel(label)
	if width == 0 {
		if _, known := nameCharset(label); !known || end < 0 {
			return w, 0
		}
	}
	n = 2 + q + 3 + end + width
	text = text[:end]
	if w.encoding == 'q' {
		w.bytes = decodeQ(bytes.ReplaceAll(text, []byte("_"), []byte(" ")))
	} else {
		w.bytes, _ = decodeBase64(text)
	}
	return w, n
}

// wordEnd finds where the text of an encoded word ends, and how long its end is: "?=", or nothing if the value was cut off in
// the middle of a last word. end is -1 if the word has no end.
func wordEnd(text []byte, quoted bool) (end, width int) {
	for from := 0; ; {
		i := bytes.Index(text[from:], []byte("?="))
		if i < 0 {
			break
		}
		end = from + i
		after := text[end+2:]
		if !quoted || len(after) < 2 || unhex(after[0]) < 0 || unhex(after[1]) < 0 {
			return end, 2
		}
		// "really?=3F_yes?=": a question mark that should have been encoded. The word goes on if it has another end before a blank.
		next := bytes.Index(after, []byte("?="))
		if next < 0 || bytes.ContainsAny(after[:next], " \t") || bytes.Contains(after[:next], []byte("=?")) {
			return end, 2
		}
		from = end + 2
	}
	if len(text) == 0 || bytes.ContainsAny(text, " \t?") || len(text) >= maxWord {
		return -1, 0
	}
	return len(text), 0
}

// decodeQ is the "Q" encoding (RFC 2047 §4.2) without its underscores.
func decodeQ(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		if text[i] == '=' && i+2 < len(text) && unhex(text[i+1]) >= 0 && unhex(text[i+2]) >= 0 {
			out = append(out, byte(unhex(text[i+1])<<4|unhex(text[i+2])))
			i += 2
			continue
		}
		out = append(out, text[i])
	}
	return out
}

// cleanHeader makes decoded text one line of valid UTF-8 without control or direction-changing characters.
func cleanHeader(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n' || r == '\r':
			return ' '
		case r == '\u200d' || r == '\u200c' || r == '\u00ad':
			return r
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), r == '\u2028', r == '\u2029', r == '\ufeff':
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd")))
}
