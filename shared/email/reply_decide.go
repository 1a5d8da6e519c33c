package email

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// rulers decides which rulers and dashes cut. A ruler above a mark belongs to it; the others that do not cut are text.
func (r *reading) rulers() {
	seen := false // text
	for i, c := range r.class {
		switch c {
		case classText:
			seen = true
		case classDash:
			if !seen || r.textBelow(i+1) > longestSignature {
				r.class[i] = classText
				if r.plain[i] == "-" {
					break
				}
				r.class[i] = r.ruler(i, seen)
			}
		case classRuler:
			r.class[i] = r.ruler(i, seen)
		}
	}
}

// longestSignature is how many lines may stand below "-- ".
const longestSignature = 40

// ruler decides what a ruler is.
func (r *reading) ruler(i int, textAbove bool) class {
	below := i + 1
	for below < len(r.class) && (r.class[below] == classEmpty || r.class[below] == classRuler || r.class[below] == classDash || r.class[below] == classSign) {
		below++
	}
	next := i + 1
	for next < len(r.class) && r.class[next] == classEmpty {
		next++
	}
	above := i - 1
	for above >= 0 && r.class[above] == classEmpty {
		above--
	}
	switch {
	case next < len(r.class) && (r.class[next] == classMark || r.class[next] == classRest):
		return classMark
	case !textAbove:
		return classText
	case r.framesSignature(i):
		return classDash
	case below == len(r.class): // nothing follows
		return classDash
	case next < len(r.class) && r.class[next] == classQuote:
		return classText
	case above >= 0 && r.class[above] == classQuote:
		return r.footer(i, below, false)
	case i > 0 && i+1 < len(r.class) && r.class[i-1] == classText && r.class[i+1] == classText && strings.ContainsRune("-=─━═＝", firstRune(r.plain[i])):
		return classText // it underlines a title or the head of a table
	}
	return r.footer(i, below, true)
}

// footer reports whether the lines from below on are few, hold no second ruler and, if contact is set, say how to reach somebody.
func (r *reading) footer(i, below int, contact bool) class {
	const most = 15
	n, reach := 0, false
	for j := below; j < len(r.class); j++ {
		switch r.class[j] {
		case classText, classHead:
			n++
			reach = reach || reachable(r.plain[j])
		case classRuler:
			if firstRune(r.plain[j]) == firstRune(r.plain[i]) {
				return classText
			}
		}
	}
	if n > most || contact && !reach {
		return classText
	}
	return classDash
}

// framesSignature reports whether ruler i and one like it stand around a few lines that say how to reach somebody, with nothing but a quote
// behind them: so people in Japan sign.
func (r *reading) framesSignature(i int) bool {
	const most = 12
	n, reach := 0, false
	for j := i + 1; j < len(r.class) && n <= most; j++ {
		switch r.class[j] {
		case classText, classHead:
			n++
			reach = reach || reachable(r.plain[j])
		case classRuler:
			if firstRune(r.plain[j]) != firstRune(r.plain[i]) {
				continue
			}
			for j++; j < len(r.class) && (r.class[j] == classEmpty || r.class[j] == classSign); j++ {
			}
			return n > 1 && reach && (j == len(r.class) || r.class[j] == classMark || r.class[j] == classRest || r.class[j] == classQuote)
		case classEmpty, classSign:
		default:
			return false
		}
	}
	return false
}

func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

// reachable reports whether a line has an address, a link or a telephone number.
func reachable(s string) bool {
	if strings.ContainsRune(s, '@') || strings.Contains(s, "://") || strings.Contains(s, "www.") {
		return true
	}
	digits := 0
	for _, c := range s {
		switch {
		case unicode.IsDigit(c):
			digits++
		case strings.ContainsRune(" +-/().", c):
		default:
			if digits >= 7 {
				return true
			}
			digits = 0
		}
	}
	return digits >= 7
}

// textBelow counts the lines of text from line i to the next mark or quote.
func (r *reading) textBelow(i int) int {
	n := 0
	for ; i < len(r.class) && n <= longestSignature; i++ {
		switch r.class[i] {
		case classText, classHead:
			n++
		case classMark, classRest, classQuote:
			return n
		}
	}
	return n
}

// decide says which lines are folded.
func (r *reading) decide() []bool {
	folded := make([]bool, len(r.class))
	end := len(r.class)
	for i, c := range r.class {
		if c == classDash {
			end = i
			break
		}
		folded[i] = c == classSign
	}
	fill(folded, end, len(folded))
	for at := 0; at < end; {
		at = r.mark(folded, at, end)
	}
	r.trailingQuotes(folded, end)
	r.tidy(folded)
	if r.kept(folded, 0, len(folded)) == 0 {
		return make([]bool, len(folded))
	}
	return folded
}

func fill(folded []bool, from, to int) {
	for i := from; i < to; i++ {
		folded[i] = true
	}
}

// mark decides about the first mark from line at on, and returns where to go on.
func (r *reading) mark(folded []bool, at, end int) int {
	for at < end && r.class[at] != classMark && r.class[at] != classRest {
		at++
	}
	if at == end {
		return end
	}
	rest, b := false, at
	for b < end && (r.class[b] == classMark || r.class[b] == classRest || r.class[b] == classEmpty || r.class[b] == classSign) {
		rest = rest || r.class[b] == classRest
		b++
	}
	for b > at && r.class[b-1] != classMark && r.class[b-1] != classRest {
		b--
	}
	stop := b // of what this mark is about: the next mark
	for stop < end && r.class[stop] != classMark && r.class[stop] != classRest {
		stop++
	}
	q := r.quotesBelow(b, stop)
	above := r.kept(folded, 0, at)
	greeting := above == 1 && r.greets(folded, at)
	switch {
	case above > 0 && !greeting && (rest || q.first != classQuote), above > 0 && rest:
		fill(folded, at, end)
		return end
	case q.first != classQuote && greeting:
		fill(folded, at, end)
		return end
	case q.text == 0:
		fill(folded, at, stop)
		return stop
	case q.first != classQuote, q.between: // the quotes are answered one by one
		fill(folded, at, b)
		return stop
	case above == 0 || greeting: // the answer stands below
		fill(folded, at, q.end)
		return stop
	case q.tail < fewLines && !r.pointsBelow(folded, at): // a signature
		fill(folded, at, end)
		return end
	case q.quotes <= shortQuote:
		fill(folded, at, b)
		return stop
	}
	fill(folded, at, q.end)
	return stop
}

const (
	fewLines   = 7  // below a quote, under an answer that stands above it: a signature and no second answer
	shortQuote = 10 // a quote that is worth showing above the answer to it
)

// quoted is what stands below a mark.
type quoted struct {
	first   class // the class of the first line that is not empty
	end     int   // the first line behind the quotes that come first
	quotes  int   // how many those are
	text    int   // lines of text in all
	tail    int   // lines of text below the last quote
	between bool  // text with quotes on both sides
}

func (r *reading) quotesBelow(from, to int) (q quoted) {
	q.end = from
	first := true
	for i := from; i < to; i++ {
		switch r.class[i] {
		case classEmpty:
			continue
		case classQuote:
			if q.text > 0 && q.first == classQuote {
				q.between = true
			} else {
				q.end = i + 1
				q.quotes++
			}
			q.tail = 0
		case classText:
			n := 1 + utf8.RuneCountInString(r.plain[i])/90
			q.text += n
			q.tail += n
		}
		if first {
			q.first, first = r.class[i], false
		}
	}
	return q
}

// kept counts the lines from from to to that are shown and not empty; quotes do not count.
func (r *reading) kept(folded []bool, from, to int) int {
	n := 0
	for i := from; i < to; i++ {
		if !folded[i] && r.class[i] == classText && hasLetters(r.plain[i]) {
			n++
		}
	}
	return n
}

// greets reports whether the only line of text above line at is no answer yet: "Hi Ann,".
func (r *reading) greets(folded []bool, at int) bool {
	const mostWords = 6
	for i := range at {
		s := r.plain[i]
		if folded[i] || r.class[i] != classText || !hasLetters(s) {
			continue
		}
		f := strings.Fields(strings.ToLower(s))
		if len(f) > mostWords {
			return false
		}
		return strings.HasSuffix(s, ",") || strings.HasSuffix(s, "，") || len(f) > 1 && greetings[strings.Trim(f[0], ",.!")] || len(f) == 1 && greetings[strings.Trim(f[0], ",.!")]
	}
	return false
}

var greetings = words("hi|hello|hey|dear|good|greetings|hallo|guten|moin|servus|liebe|lieber|sehr|bonjour|bonsoir|salut|cher|chère|hola|buenos|buenas|estimado|estimada|querido|ciao|salve|buongiorno|buonasera|gentile|" +
	"olá|oi|prezado|prezada|bom|boa|hoi|beste|geachte|dag|cześć|dzień|witam|szanowny|ahoj|dobrý|zdravím|kedves|szia|tisztelt|hej|hejsan|kära|kære|kjære|hei|moikka|terve|hyvä|merhaba|sayın|привет|здравствуйте|добрый|уважаемый|" +
	"привіт|добрий|вітаю|здравейте|γεια|καλημέρα|αγαπητέ|שלום|היי|مرحبا|السلام|سلام|bună|salutare|chào|xin|halo|selamat|สวัสดี|您好|你好|こんにちは|お世話になっております|안녕하세요|labas|sveiki|tere|bok|pozdrav|zdravo|živjo")

// pointsBelow reports whether the text above line at says that the answers stand in the quote.
func (r *reading) pointsBelow(folded []bool, at int) bool {
	for i := range at {
		if !folded[i] && r.class[i] == classText && containsAny(strings.ToLower(r.plain[i]), belowWords) {
			return true
		}
	}
	return false
}

var belowWords = []string{
	"below", "inline", "in-line", "in line", "beneath", "unten", "weiter unten", "im text", "ci-dessous", "plus bas", "ci dessous", "abajo", "más abajo", "a continuación", "sotto", "di seguito", "abaixo", "a seguir", "hieronder", "onderaan",
	"poniżej", "níže", "nižšie", "lentebb", "alább", "nedan", "nedenfor", "nedenunder", "alla", "aşağıda", "ниже", "нижче", "по-долу", "παρακάτω", "למטה", "בהמשך", "أدناه", "în jos", "mai jos", "bên dưới", "下面", "以下", "下方", "아래", "di bawah",
}

// trailingQuotes folds the quotes that nothing but an end follows, if text stands above them.
func (r *reading) trailingQuotes(folded []bool, end int) {
	i := end
	for i > 0 && (folded[i-1] || r.class[i-1] != classText) {
		i--
	}
	if i > 0 && r.kept(folded, 0, i) > 0 {
		for ; i < end; i++ {
			if c := r.class[i]; c == classQuote || c == classMark || c == classRest {
				folded[i] = true
			}
		}
	}
}

// tidy gives the empty lines at the outer ends, and those between two folds, to the folds.
func (r *reading) tidy(folded []bool) {
	above := true // the line above that is not empty is folded, or there is none
	from := 0     // the first line behind it
	shown := -1   // the last line that is shown and not empty
	for i := range folded {
		if r.class[i] == classEmpty {
			continue
		}
		if above && folded[i] {
			fill(folded, from, i)
		}
		if !folded[i] {
			if shown < 0 && above { // the first one
				fill(folded, from, i)
			}
			shown = i
		}
		above, from = folded[i], i+1
	}
	if above {
		fill(folded, shown+1, len(folded))
	}
}
