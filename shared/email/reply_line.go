package email

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxLine is how much of a line is looked at, maxLines how many lines are.
const (
	maxLine  = 2000
	maxLines = 20_000
)

// plainLine is a line as the rules read it: no marks of direction or of no width, every blank a single one, every dash "-",
// every digit ASCII, the four entities that some programs leave in plain text undone, at most maxLine bytes, trimmed.
func plainLine(s string) string {
	if len(s) > maxLine {
		s = strings.ToValidUTF8(s[:maxLine], "")
	}
	if strings.Contains(s, "&") {
		s = entities.Replace(s)
	}
	var b strings.Builder
	b.Grow(len(s))
	blank := false
	for _, r := range s {
		switch {
		case unicode.IsSpace(r):
			blank = b.Len() > 0
			continue
		case r < 0x80:
		case unicode.Is(unicode.Cf, r) || r == '\u034f':
			continue
		case unicode.Is(unicode.Pd, r) || r == '\u2212':
			r = '-'
		case r == '：':
			r = ':'
		case r == '՝': // the Armenian colon
			r = ':'
		case r == '＞':
			r = '>'
		case unicode.IsDigit(r):
			r = asciiDigit(r)
		}
		if blank {
			b.WriteByte(' ')
			blank = false
		}
		b.WriteRune(r)
	}
	return b.String()
}

var entities = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&quot;", `"`, "&amp;", "&", "&nbsp;", " ")

// asciiDigit turns a decimal digit of any script into that of ASCII: their tens begin where unicode.IsDigit does.
func asciiDigit(r rune) rune {
	n := rune(0)
	for n < 9 && unicode.IsDigit(r-n-1) {
		n++
	}
	if n == 9 && unicode.IsDigit(r-n-1) { // digits of two scripts stand side by side
		return r
	}
	return '0' + n
}

// unquoted cuts the quote marks off a plain line, and says how many there were.
func unquoted(s string) (rest string, depth int) {
	for strings.HasPrefix(s, ">") {
		s = strings.TrimSpace(s[1:])
		depth++
	}
	return s, depth
}

// isRuler reports whether a plain line is one character three times or more, blanks aside: "____", "* * *", "━━━━". Two underscores are
// one too: mailing lists write them.
func isRuler(s string) bool {
	if s == "__" {
		return true
	}
	first, size := utf8.DecodeRuneInString(s)
	if !strings.ContainsRune("-_=*~#+─━═＝＊＿※◆◇■□●○★☆", first) {
		return false
	}
	n := strings.Count(s, s[:size])
	return n >= 3 && n*size+strings.Count(s, " ") == len(s)
}

// isSignDash reports whether a plain line is what stands above a signature (RFC 3676 §4.3), or the single long dash of some programs.
func isSignDash(plain string) bool {
	return plain == "--" || plain == "-" || plain == "- --"
}

// headerLine reads a plain line as a line of a quoted header: "From: Ann", "*Von:* Ann", "| 发件人 | Ann |".
func headerLine(s string) (kind headKind, value string) {
	const maxLabel = 40
	s = strings.TrimLeft(s, "*_| \"'•·")
	head := s[:min(len(s), maxLabel)]
	i := strings.IndexAny(head, ":|")
	if i <= 0 {
		return 0, ""
	}
	kind = headLabels[strings.ToLower(strings.Trim(s[:i], "*_| \"'"))]
	return kind, strings.Trim(s[i+1:], "*_| ")
}

// markPhrase reads a plain line as what stands above a quoted mail: "-----Original Message-----", "Begin forwarded message:".
// rest is what follows it on the same line, as Yahoo has it.
func markPhrase(s string) (forward, ok bool, rest string) {
	phrase, rest, framed := frame(s)
	colon := strings.HasSuffix(phrase, ":")
	phrase = strings.ToLower(strings.Trim(phrase, " :.*"))
	switch {
	case !framed && !colon:
		return false, false, ""
	case forwardMarks[phrase]:
		return true, true, rest
	case framed && originalMarks[phrase]:
		return false, true, rest
	}
	return false, false, ""
}

// frame takes a line out of the dashes, stars or the like around it. rest is what follows the second of them.
func frame(s string) (phrase, rest string, framed bool) {
	const frames = "-_=*~#<>[]|+"
	inner := strings.TrimLeft(s, frames+" ")
	left := len(s) - len(inner)
	for _, dashes := range [...]string{"--", "==", "__", "~~", "*"} {
		if i := strings.Index(inner, dashes); i > 0 && left > 0 {
			return strings.TrimSpace(inner[:i]), strings.TrimLeft(inner[i:], frames+" "), true
		}
	}
	inner = strings.TrimRight(inner, frames+" ")
	return inner, "", left > 1
}

// endsSentence reports whether a plain line ends as a sentence does, and not with an abbreviation of a date.
func endsSentence(s string) bool {
	r, _ := utf8.DecodeLastRuneInString(s)
	switch r {
	case '!', '?', '…', '。', '！', '？':
		return true
	case '.':
	default:
		return false
	}
	words := strings.FieldsFunc(tailOf(s, 40), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if len(words) == 0 {
		return false
	}
	last := strings.ToLower(words[len(words)-1])
	return !dateWords[last] && strings.Trim(last, "0123456789") != "" // "28." is an ordinal number
}

// tailOf is about the last n bytes of s.
func tailOf(s string, n int) string { return strings.ToValidUTF8(s[max(0, len(s)-n):], "") }
