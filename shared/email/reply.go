package email

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"parley/shared/limit"
)

// SplitText says which lines of a mail's text its writer did not write for this mail: what it quotes, the line above that, the
// signature. Nothing is folded if nothing else would be left. Every line gets a class, and the order of the classes decides; it
// is linear in the length of the text. Lines behind the 20,000th are as the 20,000th is.
func SplitText(text string) []Lines {
	lines := strings.Split(text, "\n")
	return foldsOf(newReading(lines, nil).decide(), len(lines))
}

// class is what a line is.
type class byte

const (
	classText  class = 't'
	classEmpty class = 'e'
	classQuote class = 'q'
	classMark  class = 'b' // of what stands above a quoted mail
	classRest  class = 'B' // the same, and all that follows is quoted
	classHead  class = 'h' // a line of a header; it becomes classMark or classText
	classRuler class = 'd'
	classDash  class = 'D' // "-- "
	classSign  class = 's'
)

// reading is a text and the classes of its lines.
type reading struct {
	plain []string
	class []class
	heads []headKind // of lines of classHead and of the marks made from them
	wrote []wroteLine
	hints []class // what HTML says of a line; 0 for nothing
}

// newReading classes the lines.
func newReading(lines []string, hints []class) *reading {
	n := min(len(lines), maxLines)
	r := &reading{plain: make([]string, n), class: make([]class, n), heads: make([]headKind, n), wrote: make([]wroteLine, n), hints: hints}
	for i := range n {
		r.plain[i] = plainLine(lines[i])
	}
	code := r.codeBlocks()
	for i := range n {
		if code[i] {
			r.class[i] = classText
			continue
		}
		r.class[i] = r.classOf(i)
	}
	r.attributions(code)
	r.headers()
	r.otherQuotes(code)
	r.brokenQuotes(code)
	r.rulers()
	return r
}

// codeBlocks finds what stands between ``` and ```.
func (r *reading) codeBlocks() []bool {
	code := make([]bool, len(r.plain))
	open := -1
	for i, s := range r.plain {
		if !strings.HasPrefix(s, "```") {
			continue
		}
		if open < 0 {
			open = i
			continue
		}
		for j := open; j <= i; j++ {
			code[j] = true
		}
		open = -1
	}
	return code
}

// classOf classes a line by itself.
func (r *reading) classOf(i int) class {
	s := r.plain[i]
	if s == "" {
		return classEmpty
	}
	if i < len(r.hints) && r.hints[i] != 0 {
		return r.hints[i]
	}
	if s[0] == '>' {
		return classQuote
	}
	if c := framedLine(s); c != 0 {
		return c
	}
	if k, _ := headerLine(s); k != 0 {
		r.heads[i] = k
		return classHead
	}
	if signLine(s) {
		return classSign
	}
	return classText
}

// framedLine classes the lines that are more than their words: rulers, dashes, what stands between dashes.
func framedLine(s string) class {
	switch {
	case isSignDash(s), strings.HasPrefix(s, "-----BEGIN PGP SIGNATURE"):
		return classDash
	case isRuler(s):
		return classRuler
	case s == "ᐧ", strings.HasPrefix(s, "-----BEGIN PGP SIGNED"), strings.HasPrefix(s, "Hash: SHA"): // the first is what a tracker leaves in Gmail
		return classSign
	case replyAbove(s):
		return classRest
	}
	if _, ok, _ := markPhrase(s); ok {
		return classMark
	}
	return 0
}

// replyAbove knows the lines that help desks ask to be left alone.
func replyAbove(s string) bool {
	if len(s) > 200 {
		return false
	}
	if strings.HasPrefix(s, "##-") && strings.HasSuffix(s, "-##") {
		return true
	}
	return containsAny(strings.ToLower(s), replyAboveWords)
}

var replyAboveWords = []string{
	"reply above this line", "reply above the line", "write above this line", "type your reply above", "respond above this line", "oberhalb dieser zeile antworten", "oberhalb dieser linie",
	"oberhalb dieser zeile", "répondre au-dessus de cette ligne", "réponse au-dessus de cette ligne", "encima de esta línea", "arriba de esta línea", "sopra questa riga", "acima desta linha",
	"boven deze regel", "nad tą linią", "nad tímto řádkem", "ovanför denna rad", "over denne linje", "tämän rivin yläpuolelle", "выше этой строки", "вище цієї лінії", "bu satırın üzerine", "この行より上", "请在此行以上", "此行以上",
}

// attributions finds "On …, Ann wrote:", also over up to five lines.
func (r *reading) attributions(code []bool) {
	for i := range r.plain {
		if r.class[i] == classText || r.class[i] == classQuote || r.class[i] == classHead {
			r.wrote[i] = readWrote(r.plain[i])
		}
	}
	for i := range r.plain {
		if !code[i] && r.class[i] == classText && r.wrote[i].goesOn(r.plain[i]) {
			r.class[i] = classRest
			continue
		}
		if code[i] || r.class[i] == classMark || r.class[i] == classEmpty || !(r.wrote[i].colon || r.wrote[i].dashedEnd || r.wrote[i].addr >= 0 || r.wrote[i].gmt || r.wrote[i].verb >= 0) {
			continue
		}
		if r.class[i] == classQuote && (i == 0 || !r.openAbove(i)) {
			continue
		}
		start, how := r.attribution(i)
		if how == maybe && !r.quoteFollows(i+1) {
			how = no
		}
		if how == no {
			continue
		}
		for j := start; j <= i; j++ {
			r.class[j] = classMark
		}
	}
}

// openAbove reports whether the "<" of an address stands above a line that begins with its ">".
func (r *reading) openAbove(i int) bool {
	for j := i - 1; j >= max(0, i-2); j-- {
		if r.wrote[j].open && r.class[j] != classQuote {
			return true
		}
	}
	return false
}

// attribution finds where the attribution that ends in line i begins, and how certain it is.
func (r *reading) attribution(i int) (start int, how certainty) {
	const most = 5
	w := r.wrote[i]
	start, how = i, w.certain()
	empties := 0
	for j := i - 1; j >= max(0, i-most+1-empties) && (how < plainly || !w.date); j-- {
		above := r.wrote[j]
		if r.class[j] == classEmpty && empties == 0 && strings.HasPrefix(r.plain[j+1], "<") { // K-9 breaks around <…>
			empties++
			continue
		}
		if r.class[j] != classText && r.class[j] != classHead || above.colon || endsSentence(r.plain[j]) {
			break
		}
		w = above.join(w)
		if !above.starts() {
			// The name of somebody may stand alone above their address.
			if short := above.words <= 4 && how < surely && strings.HasPrefix(r.plain[j+1], "<"); !short {
				continue
			}
		}
		if c := w.certain(); c > how || c == plainly && above.date && above.dated() {
			start, how = j, c
		}
	}
	return start, how
}

// quoteFollows reports whether the next line that is not empty is quoted.
func (r *reading) quoteFollows(i int) bool {
	for ; i < len(r.plain); i++ {
		if r.class[i] != classEmpty {
			return r.class[i] == classQuote || r.isOtherQuote(i)
		}
	}
	return false
}

// headers finds the headers of quoted mails: lines of at least three kinds, one of which says from whom.
func (r *reading) headers() {
	for i := 0; i < len(r.class); i++ {
		if r.class[i] != classHead {
			continue
		}
		end, ok := r.header(i)
		for j := i - 1; ok && j >= max(0, i-2); j-- {
			if r.titled(j) {
				r.class[j] = classMark
			}
		}
		for j := i; j < end; j++ {
			switch {
			case ok && r.class[j] != classEmpty:
				r.class[j] = classMark
			case r.class[j] == classHead:
				r.class[j] = classText
			}
		}
		i = end - 1
	}
}

// header reads the header that begins in line i. end is the first line behind it.
func (r *reading) header(i int) (end int, ok bool) {
	const folded = 3 // lines that a long one may go on over
	kinds := map[headKind]bool{}
	address, empties, other := false, 0, 0
	end = i
	for j := i; j < len(r.class) && other <= folded && empties <= 1; j++ {
		switch r.class[j] {
		case classHead:
			kinds[r.heads[j]] = true
			address = address || strings.Contains(r.plain[j], "@")
			end, empties, other = j+1, 0, 0
		case classEmpty:
			empties++
			if other > 0 {
				empties = 2
			}
		case classText:
			other++
			if empties > 0 {
				other = folded + 1
			}
		default:
			other = folded + 1
		}
	}
	marked := false
	for j := i - 1; j >= max(0, i-2); j-- {
		marked = marked || r.class[j] == classMark || r.class[j] == classRest || r.class[j] == classRuler || r.titled(j)
	}
	switch {
	case !kinds[headFrom]:
		return end, false
	case marked:
		return end, len(kinds) >= 2
	}
	return end, len(kinds) >= 3 && (kinds[headSubject] || address && kinds[headDate])
}

// titled reports whether line i is a few words between dashes, as a separator in a language unknown is.
func (r *reading) titled(i int) bool {
	const mostWords = 8
	s := r.plain[i]
	if r.class[i] != classText || len(s) < 8 || s[:2] != s[len(s)-2:] || strings.IndexByte("-=_*~", s[0]) < 0 {
		return false
	}
	phrase, rest, framed := frame(s)
	return framed && rest == "" && hasLetters(phrase) && len(strings.Fields(phrase)) <= mostWords
}

// otherQuotes finds lines that are quoted by "|" or by initials: "Ann> text". They count below a mark, or two in a row.
func (r *reading) otherQuotes(code []bool) {
	run := func(i int) int {
		for ; i < len(r.plain) && !code[i] && r.class[i] == classText && r.isOtherQuote(i); i++ {
		}
		return i
	}
	above := classText // the class above, empty lines aside
	for i := 0; i < len(r.plain); i++ {
		if end := run(i); end > i {
			if above == classMark || above == classRest || end-i > 1 && r.plain[i][0] != '|' {
				for j := i; j < end; j++ {
					r.class[j] = classQuote
				}
			}
			i = end - 1
		}
		if r.class[i] != classEmpty {
			above = r.class[i]
		}
	}
}

// brokenQuotes finds the ends of quoted lines that were too long for somebody on the way, and stand on lines of their own.
func (r *reading) brokenQuotes(code []bool) {
	const long = 60
	for i := 1; i < len(r.plain); i++ {
		s := r.plain[i]
		if code[i] || r.class[i] != classText || r.class[i-1] != classQuote || i+1 < len(r.plain) && r.class[i+1] == classText {
			continue
		}
		first, _ := utf8.DecodeRuneInString(s)
		if above := r.plain[i-1]; unicode.IsLower(first) && utf8.RuneCountInString(above) >= long && !endsSentence(above) {
			r.class[i] = classQuote
		}
	}
}

// isOtherQuote knows "| text", but no row of a table, and "Ann> text".
func (r *reading) isOtherQuote(i int) bool {
	const longestName = 20
	s := r.plain[i]
	if s == "" {
		return false
	}
	if s[0] == '|' {
		return s == "|" || !strings.HasSuffix(s, "|")
	}
	at := strings.IndexByte(s, '>')
	return at > 0 && at <= longestName && strings.IndexFunc(s[:at], func(r rune) bool { return !isNameRune(r) }) < 0
}

// isNameRune knows what initials are of.
func isNameRune(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= utf8.RuneSelf || r == '.'
}

// foldsOf makes ranges of folded lines. Empty lines at their outer ends go with them, and so do those between two of them.
func foldsOf(folded []bool, total int) []Lines {
	var out []Lines
	for i := 0; i < len(folded); i++ {
		if !folded[i] {
			continue
		}
		end := i
		for end < len(folded) && folded[end] {
			end++
		}
		to := end
		if end == len(folded) {
			to = total
		}
		out = append(out, Lines{From: i, To: to})
		i = end - 1
	}
	if len(out) > limit.MailFolds { // the last ones are the ones that hold most
		out = out[len(out)-limit.MailFolds:]
	}
	return out
}
