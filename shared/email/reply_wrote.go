package email

import (
	"strings"
	"unicode"
)

// wroteLine is what a line, or several joined, has of an attribution: "On Mon, 1 Feb 2016 at 18:32, Ann <ann@x.example> wrote:".
// Positions count words from 0; -1 says that there is none. Lines are joined by adding up, so trying them costs nothing.
type wroteLine struct {
	words     int
	bytes     int
	verb      int // the first verb of writing
	addr      int // the first address
	verbLast  int
	number    int // the first word with a digit
	date      bool
	time      bool
	colon     bool // it ends with a colon
	addrEnd   bool // an address in brackets is all that stands before the colon
	opener    bool // it begins with a word of openers
	self      bool // "I wrote"
	dashed    bool // it begins with dashes, as Zoho's does
	dashedEnd bool
	iso       bool // it begins with 2016-02-01 or 2016/2/1
	gmt       bool // "18:32 GMT+01:00", which is Gmail's alone
	open      bool // it ends within <…
}

// readWrote reads one plain line.
func readWrote(s string) wroteLine {
	w := wroteLine{verb: -1, verbLast: -1, addr: -1, number: -1, bytes: len(s)}
	body := strings.TrimLeft(s, "-*|=> ")
	w.dashed = strings.HasPrefix(s, "---")
	trimmed := strings.TrimRight(body, "-*|= ")
	w.dashedEnd = len(body)-len(trimmed) > 2
	w.colon = strings.HasSuffix(trimmed, ":")
	bare := strings.TrimRight(trimmed, ": ")
	w.addrEnd = strings.HasSuffix(bare, ">") || strings.HasSuffix(bare, ")") || strings.HasSuffix(bare, `"`)
	w.open = strings.LastIndexByte(s, '<') > strings.LastIndexByte(s, '>')
	low := strings.ToLower(trimmed)
	w.date, w.time, w.iso = dateAndTime(low)
	w.gmt = strings.Contains(low, " gmt+") || strings.Contains(low, " gmt-")
	for i, f := range strings.Fields(low) {
		w.words++
		if strings.IndexByte(f, '@') > 0 {
			if w.addr < 0 {
				w.addr = i
			}
			if !isASCIIString(f) && containsAny(f, wroteParts) {
				w.sayVerb(i)
			}
			continue
		}
		if w.number < 0 && strings.ContainsAny(f, "0123456789") {
			w.number = i
		}
		word := strings.Trim(f, `"'<>()[],;:.«»„“”、،`)
		if i == 0 {
			w.opener = openers[word] || strings.HasPrefix(word, "在") || strings.HasPrefix(word, "於") || strings.HasPrefix(word, "于") || strings.HasPrefix(word, "ב")
		}
		w.self = w.self || firstPerson[word] && f != "i."
		if k := strings.IndexAny(word, "(/:"); k > 0 {
			word = word[:k]
		}
		if wroteWords[word] || !isASCIIString(f) && containsAny(f, wroteParts) {
			w.sayVerb(i)
		}
	}
	return w
}

func (w *wroteLine) sayVerb(word int) {
	if w.verb < 0 {
		w.verb = word
	}
	w.verbLast = word
}

func isASCIIString(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// join is the line w with the line b behind it.
func (w wroteLine) join(b wroteLine) wroteLine {
	at := func(x, y int) int {
		switch {
		case x >= 0:
			return x
		case y >= 0:
			return y + w.words
		}
		return -1
	}
	j := w
	j.verb, j.addr, j.number = at(w.verb, b.verb), at(w.addr, b.addr), at(w.number, b.number)
	if b.verbLast >= 0 {
		j.verbLast = b.verbLast + w.words
	}
	j.words, j.bytes = w.words+b.words, w.bytes+b.bytes+1
	j.date, j.time, j.self, j.gmt = w.date || b.date, w.time || b.time, w.self || b.self, w.gmt || b.gmt
	j.colon, j.addrEnd, j.dashedEnd, j.open = b.colon, b.addrEnd, b.dashedEnd, b.open
	return j
}

// certainty says how much a line is an attribution.
type certainty byte

const (
	no      certainty = iota
	maybe             // if a quote follows
	surely            // it names a person and begins with them
	plainly           // it begins with a date
)

// dated reports whether a line begins as a date does: with "On", or with a number among its first three words.
func (w wroteLine) dated() bool {
	return w.number >= 0 && (w.opener || w.number < 3 && (w.addr < 0 || w.addr > w.number))
}

// certain weighs a line. The rules are the shapes of the programs named in phrases.go.
func (w wroteLine) certain() certainty {
	const longest, mostWords = 600, 60
	verb, addr := w.verb >= 0, w.addr >= 0
	named := addr && w.addr <= 8 // it begins with a person
	switch {
	case w.bytes > longest || w.words > mostWords || w.bytes < 4:
		return no
	case w.dashed && w.dashedEnd && verb && (addr || w.date): // ---- On … Ann wrote ----
		return plainly
	case w.iso && w.gmt && w.time: // 2016-02-01 18:32 GMT+01:00 Ann <ann@x.example>:
		return plainly
	case !w.colon && verb && addr && w.opener && w.date && w.verbLast == w.words-1:
		return plainly
	case !w.colon && w.iso && addr && w.addr == w.words-1: // 2013/7/20 Ann <ann@x.example>
		return maybe
	case !w.colon:
		return no
	case verb && addr && w.dated():
		return plainly
	case !verb && w.dated() && w.date && w.time && addr && w.addr >= w.words-2 && w.addrEnd: // Gmail and Yandex in Russian, Apple Mail in Czech
		return plainly
	case verb && !w.self && w.dated() && w.date && (w.time || w.words <= 14):
		return plainly
	case verb && addr && (w.date || w.time) && (named || w.verb <= 1): // Ann <ann@x.example> schrieb am Fr., 28. Apr. 2017 um 11:53 Uhr:
		return surely
	case verb && named && w.bytes <= 200 && w.verbLast > w.addr && w.verbLast-w.addr <= 6 && w.verbLast >= w.words-4: // Ann <ann@x.example> wrote:
		return surely
	case verb && !w.self && w.date && w.time && w.words <= 14:
		return surely
	case verb && w.words <= 15, addr && w.words <= 20, w.date && w.time && w.words <= 20 && w.dated():
		return maybe
	}
	return no
}

// goesOn reports whether the quote follows an attribution on its line, s, as Yahoo's app writes it.
func (w wroteLine) goesOn(s string) bool {
	const most = 6 // colons behind the address: those of the time, that of the attribution
	if w.addr < 0 || w.verb < w.addr || !w.date || !w.time || w.colon {
		return false
	}
	at := strings.IndexByte(s, '@')
	for range most {
		i := strings.Index(s[at:], ": ")
		if i < 0 {
			return false
		}
		at += i + 1
		if head := readWrote(s[:at]); head.addr >= 0 && head.verb > head.addr && head.date && head.time && head.certain() == plainly {
			return true
		}
	}
	return false
}

// dateAndTime looks for a date with a year and for a time of day. iso says that the line begins with the year's date.
func dateAndTime(s string) (date, clock, iso bool) {
	type run struct{ at, end, value int }
	var last [2]run // the two runs of digits before
	for i := 0; i < len(s); {
		if s[i] < '0' || s[i] > '9' {
			i++
			continue
		}
		r := run{at: i}
		for ; i < len(s) && s[i] >= '0' && s[i] <= '9'; i++ {
			r.value = min(r.value*10+int(s[i]-'0'), 99_999)
		}
		r.end = i
		size := r.end - r.at
		if size == 4 && isYear(r.value) {
			date = true
			iso = iso || r.at == 0 && i < len(s) && (s[i] == '-' || s[i] == '/')
		}
		between := func(a, b run) string {
			if a.end == 0 || b.at-a.end > 2 {
				return ""
			}
			return strings.TrimSpace(s[a.end:b.at])
		}
		sep := between(last[1], r)
		switch {
		case sep == "":
		case (sep == "." || sep == "/" || sep == "-") && sep == between(last[0], last[1]) && size <= 4: // 1.2.16
			date = true
		case (sep == ":" || sep == "h") && size == 2 && last[1].value < 25 && r.value < 60:
			clock = true
		case sep == "." && size == 2 && last[1].value < 25 && r.value < 60 && (i == len(s) || s[i] != '.'): // 18.32
			clock = true
		}
		if i < len(s) && size <= 2 && (strings.HasPrefix(s[i:], "时") || strings.HasPrefix(s[i:], "時") || strings.HasPrefix(s[i:], "시 ")) {
			clock = true
		}
		last[0], last[1] = last[1], r
	}
	return date, clock, iso
}

// isYear knows the years of the Gregorian, the Persian, the Islamic and the Thai calendar in which people write mail.
func isYear(n int) bool {
	return n >= 1970 && n < 2100 || n >= 1370 && n < 1500 || n >= 2513 && n < 2643
}

// startsWrote reports whether an attribution may begin with this line, and go on in the next.
func (w wroteLine) starts() bool {
	return w.dated() || w.addr >= 0 || w.open || w.verb == 0
}

// hasLetters reports whether a line says anything.
func hasLetters(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) >= 0
}
