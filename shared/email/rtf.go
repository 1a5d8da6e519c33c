package email

import (
	"encoding/binary"
	"html"
	"strconv"
	"strings"
	"unicode/utf16"

	"parley/shared/limit"
)

// rtfDictionary is what compressed RTF may refer to before it has said anything (MS-OXRTFCP §2.1.2.1).
const rtfDictionary = "{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"

// unpackRTF decompresses RTF (MS-OXRTFCP), at most so many bytes of it. nil if b is none.
func unpackRTF(b []byte, most int) []byte {
	const lzfu, mela = 0x75465a4c, 0x414c454d
	if len(b) < 16 {
		return nil
	}
	kind, data := binary.LittleEndian.Uint32(b[8:]), b[16:]
	want := int(min(int64(binary.LittleEndian.Uint32(b[4:])), int64(max(most, 0))))
	if kind == mela {
		return data[:min(want, len(data))]
	}
	if kind != lzfu {
		return nil
	}
	var window [4096]byte
	at := copy(window[:], rtfDictionary)
	var out []byte
	put := func(c byte) {
		out = append(out, c)
		window[at] = c
		at = (at + 1) % len(window)
	}
	for len(data) > 0 && len(out) < want {
		flags := data[0]
		data = data[1:]
		for bit := 0; bit < 8 && len(data) > 0 && len(out) < want; bit++ {
			if flags>>bit&1 == 0 {
				put(data[0])
				data = data[1:]
				continue
			}
			if len(data) < 2 {
				return out
			}
			ref := binary.BigEndian.Uint16(data)
			data = data[2:]
			from, n := int(ref>>4), int(ref&15)+2
			if from == at {
				return out // the end mark
			}
			for range n {
				put(window[from])
				from = (from + 1) % len(window)
			}
		}
	}
	return out
}

// rtfSkipped are destinations that hold no text of the document.
var rtfSkipped = set("colortbl", "stylesheet", "info", "pict", "object", "header", "footer", "headerl", "headerr", "headerf", "footerl", "footerr", "footerf", "themedata", "datastore", "listtable", "listoverridetable",
	"rsidtbl", "generator", "latentstyles", "fldinst", "filetbl", "revtbl", "bkmkstart", "bkmkend", "xmlnstbl", "colorschememapping", "nonshppict", "mhtmltag", "footnote", "annotation", "atnid", "atnauthor", "pgdsctbl")

// rtfWords are control words that stand for a character.
var rtfWords = map[string]string{
	"par": "\n", "line": "\n", "row": "\n", "sect": "\n", "page": "\n", "tab": "\t", "cell": "\t", "emdash": "—", "endash": "–", "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”", "bullet": "•",
	"emspace": " ", "enspace": " ", "qmspace": " ",
}

// rtfGroup is the state that a group inherits and gives back.
type rtfGroup struct {
	skip    bool   // its text is not shown
	fonts   bool   // it is the font table
	tag     bool   // its text is HTML source
	hidden  bool   // between \htmlrtf and \htmlrtf0: for readers of RTF only
	charset string // of its bytes
	uc      int    // characters that stand in for a \u
}

// rtfReader turns RTF into text, and into the HTML it was made from, if it was (MS-OXRTFEX).
type rtfReader struct {
	rtfGroup
	stack     []rtfGroup
	out       strings.Builder
	raw       []byte // bytes of charset that are not decoded yet
	units     []uint16
	fromHTML  bool
	star      bool // \* was read: an unknown destination is skipped
	drop      int  // characters to drop behind a \u
	ansi      string
	font      int
	charsets  map[int]string // of the fonts
	overflown bool
}

// textOfRTF reads RTF. isHTML says that the result is HTML: of a stranger, to be sanitised.
func textOfRTF(b []byte) (s string, isHTML bool) {
	const maxDepth = 200
	r := rtfReader{charsets: map[int]string{}, ansi: "windows-1252"}
	r.charset, r.uc = r.ansi, 1
	for i := 0; i < len(b) && !r.overflown; {
		switch c := b[i]; c {
		case '{':
			r.flush()
			if len(r.stack) >= maxDepth {
				i = len(b)
				break
			}
			r.stack = append(r.stack, r.rtfGroup)
			i++
		case '}':
			r.flush()
			if n := len(r.stack); n > 0 {
				r.rtfGroup, r.stack = r.stack[n-1], r.stack[:n-1]
			}
			r.star, r.drop = false, 0
			i++
		case '\\':
			i += r.control(b[i+1:]) + 1
		case '\r', '\n', 0:
			i++
		default:
			r.byte(c)
			i++
		}
	}
	r.flush()
	s = strings.ToValidUTF8(r.out.String(), "\ufffd")
	if r.fromHTML {
		return s, true
	}
	return strings.TrimSpace(s), false
}

// control reads what stands behind a backslash and returns its length.
func (r *rtfReader) control(b []byte) int {
	if len(b) == 0 {
		return 0
	}
	if c := b[0]; c|0x20 < 'a' || c|0x20 > 'z' {
		switch c {
		case '\'':
			if len(b) >= 3 && unhex(b[1]) >= 0 && unhex(b[2]) >= 0 {
				r.byte(byte(unhex(b[1])<<4 | unhex(b[2])))
				return 3
			}
		case '*':
			r.star = true
		case '~':
			r.write("\u00a0")
		case '_':
			r.write("-")
		case '{', '}', '\\':
			r.byte(c)
		case '\r', '\n':
			r.write("\n")
		}
		return 1
	}
	const maxWordLength, maxDigits = 40, 10
	n := 0
	for n < len(b) && n < maxWordLength && b[n]|0x20 >= 'a' && b[n]|0x20 <= 'z' {
		n++
	}
	word, digits := string(b[:n]), n
	if n < len(b) && b[n] == '-' {
		n++
	}
	for n < len(b) && n < digits+maxDigits && b[n] >= '0' && b[n] <= '9' {
		n++
	}
	value, err := strconv.Atoi(string(b[digits:n]))
	if n < len(b) && b[n] == ' ' {
		n++
	}
	r.word(word, value, err == nil)
	return n
}

func (r *rtfReader) word(word string, value int, has bool) {
	if r.drop > 0 && word != "u" {
		r.drop = 0
	}
	star := r.star
	r.star = false
	switch word {
	case "u":
		r.unit(uint16(value))
		return
	case "uc":
		r.uc = min(max(value, 0), 100)
	case "ansicpg":
		r.flush()
		r.ansi = charsetOfCodepage(value)
		r.charset = r.ansi
	case "fromhtml":
		r.fromHTML = true
	case "htmltag":
		r.flush()
		r.tag, r.skip = true, !r.fromHTML
	case "htmlrtf":
		r.flush()
		r.hidden = !has || value != 0
	case "fonttbl":
		r.fonts, r.skip = true, true
	case "f":
		r.flush()
		r.font = value
		if cs := r.charsets[value]; !r.fonts {
			r.charset = r.ansi
			if cs != "" {
				r.charset = cs
			}
		}
	case "fcharset":
		if r.fonts && len(r.charsets) < 1000 {
			r.charsets[r.font] = charsetOfFont(value)
		}
	case "plain":
		r.flush()
		r.charset = r.ansi
	default:
		switch text, known := rtfWords[word]; {
		case known:
			r.write(text)
		case rtfSkipped[word], star:
			r.flush()
			r.skip = true
		}
	}
}

// seen reports whether text at this place belongs to what is shown.
func (r *rtfReader) seen() bool {
	return !r.skip && !r.fonts && (!r.hidden || r.tag) || r.tag && !r.skip
}

func (r *rtfReader) byte(c byte) {
	if r.drop > 0 {
		r.drop--
		return
	}
	if len(r.units) > 0 {
		r.flush()
	}
	if r.seen() {
		r.raw = append(r.raw, c)
	}
}

// unit takes one UTF-16 unit; the characters that stand in for it are dropped.
func (r *rtfReader) unit(u uint16) {
	if len(r.raw) > 0 {
		r.flush()
	}
	if r.seen() {
		r.units = append(r.units, u)
	}
	r.drop = r.uc
}

func (r *rtfReader) write(s string) {
	r.flush()
	if r.seen() {
		r.emit(s)
	}
}

// flush decodes what was collected.
func (r *rtfReader) flush() {
	if len(r.raw) > 0 {
		s, _ := decodeCharset(r.charset, r.raw)
		r.raw = r.raw[:0]
		r.emit(s)
	}
	if len(r.units) > 0 {
		s := string(utf16.Decode(r.units))
		r.units = r.units[:0]
		r.emit(s)
	}
}

func (r *rtfReader) emit(s string) {
	if r.fromHTML && !r.tag {
		s = html.EscapeString(s)
	}
	if r.out.Len()+len(s) > limit.MailHTMLBytes {
		r.overflown = true
		return
	}
	r.out.WriteString(s)
}

// charsetOfCodepage is the charset that Windows counts by a number.
func charsetOfCodepage(n int) string {
	switch {
	case n >= 1250 && n <= 1258:
		return "windows-" + strconv.Itoa(n)
	case n >= 28591 && n <= 28605:
		return "iso-8859-" + strconv.Itoa(n-28590)
	}
	switch n {
	case 874:
		return "windows-874"
	case 932, 936, 949, 950, 437, 850, 852, 855, 858, 860, 862, 865, 866:
		return "cp" + strconv.Itoa(n)
	case 10000:
		return "macintosh"
	case 20866:
		return "koi8-r"
	case 21866:
		return "koi8-u"
	case 50220, 50221, 50222:
		return "iso-2022-jp"
	case 51932, 20932:
		return "euc-jp"
	case 51949:
		return "euc-kr"
	case 54936:
		return "gb18030"
	case 65001:
		return "utf-8"
	}
	return ""
}

// charsetOfFont is the charset of a font's \fcharset (LOGFONT), or "" if it has that of the document.
func charsetOfFont(n int) string {
	switch n {
	case 128:
		return "shift_jis"
	case 129:
		return "euc-kr"
	case 134:
		return "gb18030"
	case 136:
		return "big5"
	case 161:
		return "windows-1253"
	case 162:
		return "windows-1254"
	case 163:
		return "windows-1258"
	case 177:
		return "windows-1255"
	case 178:
		return "windows-1256"
	case 186:
		return "windows-1257"
	case 204:
		return "windows-1251"
	case 222:
		return "windows-874"
	case 238:
		return "windows-1250"
	}
	return ""
}
