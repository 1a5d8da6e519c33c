package email

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// isForward reports whether a subject says that its mail passes another one on: "Fwd: …", "WG: …", "[Fwd: …]", "… (fwd)". Only the
// first prefix counts: "Re: Fwd: …" answers a forward.
func isForward(subject string) bool {
	s := strings.TrimLeft(strings.TrimSpace(subject), "[(")
	if kind, _ := cutPrefix(s); kind != "" {
		return kind == "forward"
	}
	return strings.HasSuffix(strings.ToLower(s), "(fwd)")
}

// forwarded finds the mail that a mail passes on by hand: below a separator that says so, or, if the subject says it, below the first
// header, separator or "Ann wrote:", or attached.
func forwarded(subject, text string, attachments []Attachment) *Head {
	kind, _ := cutPrefix(strings.TrimSpace(subject))
	said := isForward(subject)
	if h, found := forwardedIn(text, said, kind == "reply"); found {
		if h != nil && h.Subject == "" && said {
			_, h.Subject = cutPrefix(strings.TrimSpace(subject))
		}
		return h
	}
	if !said {
		return nil
	}
	for _, a := range attachments {
		if a.Mail != nil && a.Mail.From != (Address{}) {
			return a.Mail
		}
	}
	return firstAddress(text)
}

// forwardedIn reads text. found says that the search is over, also without a Head: the first thing quoted is what the mail answers.
func forwardedIn(text string, said, reply bool) (h *Head, found bool) {
	lines := strings.SplitN(text, "\n", maxLines+1)
	lines = lines[:min(len(lines), maxLines)]
	bare := make([]string, len(lines)) // without quote marks
	depth := make([]int, len(lines))
	for i, l := range lines {
		bare[i], depth[i] = unquoted(plainLine(l))
	}
	r := newReading(bare, nil)
	for i, c := range r.class {
		if c == classRest {
			return nil, true
		}
		if c != classMark || isRuler(r.plain[i]) {
			continue
		}
		forward, phrase, rest := markPhrase(r.plain[i])
		if rest != "" {
			bare[i] = rest // Yahoo writes the header on the same line
		}
		if (!phrase || !forward) && !said || reply && depth[i] > 0 && !said {
			return nil, true
		}
		if h := r.head(i, bare); h != nil {
			return h, true
		}
	}
	return nil, false
}

// head reads the header, or the attribution, of which line i is the first.
func (r *reading) head(i int, bare []string) *Head {
	const most = 25 // lines
	h := Head{}
	value := func(v string, j int) string { // with the lines it goes on over
		for j++; j < len(r.plain) && r.plain[j] != "" && r.class[j] == classMark && r.heads[j] == 0; j++ {
			v += " " + r.plain[j]
		}
		return v
	}
	seen := false
	for j := i; j < min(len(r.plain), i+most); j++ {
		line := plainLine(bare[j])
		kind, v := headerLine(line)
		if kind == 0 && !seen && r.class[j] == classMark {
			if a, ok := r.writer(j); ok {
				return &Head{From: a, Date: readableDate(r.plain[j])}
			}
		}
		if kind == 0 && seen && line == "" && h.From != (Address{}) {
			break
		}
		if kind == 0 || r.class[j] != classMark && r.class[j] != classHead && r.class[j] != classText {
			continue
		}
		seen = true
		switch kind {
		case headFrom:
			if h.From == (Address{}) {
				h.From = writerOf(value(v, j))
			}
		case headSubject:
			if h.Subject == "" {
				h.Subject = cutRunesAt(cleanHeader(value(v, j)), 500)
			}
		case headDate:
			if h.Date.IsZero() {
				h.Date = readableDate(v)
			}
		}
	}
	if h.From == (Address{}) {
		return nil
	}
	return &h
}

// writer is whom the attribution that holds line i names.
func (r *reading) writer(i int) (Address, bool) {
	if r.heads[i] != 0 || isRuler(r.plain[i]) {
		return Address{}, false
	}
	if _, phrase, _ := markPhrase(r.plain[i]); phrase {
		return Address{}, false
	}
	s := ""
	for j := i; j < len(r.plain) && r.class[j] == classMark && r.heads[j] == 0; j++ {
		s += r.plain[j] + " "
	}
	a := writerOf(s)
	if a.Email == "" {
		return Address{}, false
	}
	a.Name = nameBefore(a.Name)
	return a, true
}

// nameBefore takes the name out of the words that stand before an address in an attribution: what is quoted, or what stands behind
// the last number, comma or word of a date.
func nameBefore(s string) string {
	if i := strings.LastIndexAny(s, `"«“„`); i >= 0 {
		_, n := utf8.DecodeRuneInString(s[i:])
		return strings.TrimSpace(s[i+n:])
	}
	f := strings.Fields(s)
	from := len(f)
	for from > 0 {
		w := f[from-1]
		low := strings.ToLower(strings.Trim(w, ",.:"))
		if strings.HasSuffix(w, ",") || strings.ContainsAny(w, "0123456789") || wroteWords[low] || notNames[low] {
			break
		}
		from--
	}
	return strings.Join(f[from:], " ")
}

// notNames end what an attribution says before a name.
var notNames = words("am|pm|uhr|utc|gmt|cet|cest|eet|eest|est|edt|pst|pdt|mez|mesz|heeft|hat|par|przez|użytkownik|użytkownika|odesílatel|пользователь|користувач|ο/η|от|від|from|von|de|του|bởi|oleh|tarihinde|osoba|oseba|a|m.|p.m|a.m|μ.μ|π.μ|מאת")

// writerOf reads the value of a From line as any program writes it: the first address, and what stands before it.
func writerOf(v string) Address {
	v = strings.TrimSpace(v)
	at, end := findAddress(v)
	if at < 0 {
		name := strings.Trim(v, " \"'<>[](),;*")
		return Address{Name: cutRunesAt(cleanHeader(name), 200)}
	}
	name := strings.TrimSpace(v[:at])
	name = strings.TrimSuffix(name, "mailto:")
	name = strings.Trim(name, " <[(\"'*«»“”„,;")
	if i := strings.IndexAny(name, "<["); i > 0 {
		name = strings.Trim(name[:i], " \"'*")
	}
	return Address{Name: cutRunesAt(cleanHeader(name), 200), Email: v[at:end]}
}

// findAddress finds the first mail address in s; at is -1 if there is none.
func findAddress(s string) (at, end int) {
	for from := 0; ; {
		i := strings.IndexByte(s[from:], '@')
		if i < 0 {
			return -1, -1
		}
		i += from
		at = strings.LastIndexFunc(s[:i], outside)
		if at >= 0 {
			_, n := utf8.DecodeRuneInString(s[at:])
			at += n
		} else {
			at = 0
		}
		end = len(s)
		if j := strings.IndexFunc(s[i:], outside); j >= 0 {
			end = i + j
		}
		for end > i && strings.IndexByte(".-_", s[end-1]) >= 0 {
			end--
		}
		if at < i && strings.IndexByte(s[i+1:max(end, i+1)], '@') < 0 && strings.IndexByte(s[i:end], '.') > 1 {
			return at, end
		}
		from = i + 1
	}
}

// outside reports whether a letter stands in no address, but around one.
func outside(r rune) bool {
	return strings.ContainsRune(" <>()[]\"',;:*|«»“”„、，（）", r) || unicode.IsControl(r)
}

// firstAddress is for the programs and languages nobody knows: the first line "label: … address" of a text, or else the first address.
func firstAddress(text string) *Head {
	const most = 200 // lines
	var first *Head
	for _, l := range strings.SplitN(text, "\n", most) {
		s, _ := unquoted(plainLine(l))
		at, _ := findAddress(s)
		if at < 0 {
			continue
		}
		label, value, ok := strings.Cut(s, ":")
		if ok && len(label) < at && len(strings.Fields(label)) <= 3 && !strings.HasSuffix(label, "mailto") {
			return &Head{From: writerOf(value)}
		}
		if a := writerOf(s); first == nil {
			first = &Head{From: Address{Email: a.Email}}
		}
	}
	return first
}

// cutRunesAt returns at most n runes of s, without blanks around.
func cutRunesAt(s string, n int) string {
	s = strings.TrimSpace(s)
	if utf8.RuneCountInString(s) > n {
		s = strings.TrimSpace(string([]rune(s)[:n]))
	}
	return s
}
