package people

import (
	"slices"
	"strings"
	"unicode"
)

// Plain writes text as names are compared and sorted: lower-case, no accents, blanks for everything between words.
func Plain(s string) string {
	var b strings.Builder
	gap := false
	for _, r := range strings.ToLower(s) {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if gap && b.Len() > 0 {
				b.WriteByte(' ')
			}
			gap = false
			b.WriteString(bare(r))
		case unicode.Is(unicode.Mn, r): // an accent of its own
		case r == '\'' || r == '’': // O'Brien is found by obrien
		default:
			gap = true
		}
	}
	return b.String()
}

// bare writes a Latin letter without its accent; any other letter as it is.
func bare(r rune) string {
	if r < 0x80 {
		return string(r)
	}
	if s, ok := accents[r]; ok {
		return s
	}
	return string(r)
}

var accents = func() map[rune]string {
	m := map[rune]string{'ß': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'đ': "d", 'ð': "d", 'þ': "th", 'ł': "l", 'ı': "i", 'ħ': "h"}
	for base, letters := range map[string]string{
		"a": "àáâãäåāăą", "c": "çćĉċč", "d": "ď", "e": "èéêëēĕėęě", "g": "ĝğġģ", "h": "ĥ", "i": "ìíîïĩīĭį", "j": "ĵ", "k": "ķ", "l": "ĺļľ", "n": "ñńņň",
		"o": "òóôõöōŏő", "r": "ŕŗř", "s": "śŝşšș", "t": "ţťț", "u": "ùúûüũūŭůűų", "w": "ŵ", "y": "ýÿŷ", "z": "źżž",
	} {
		for _, r := range letters {
			m[r] = base
		}
	}
	return m
}()

// Bounds of what a contact is found by: each word is an item of the table.
const (
	maxWords = 4
	maxToken = 40 // runes
)

// SortName is what the contact is sorted by in a list by name; ok is false for one that has nothing to show.
func (c Contact) SortName() (string, bool) {
	s := Plain(c.Name)
	if s == "" {
		s = Plain(c.Address)
	}
	if s == "" {
		s = strings.TrimPrefix(c.Phone, "+")
	}
	return clip(s), s != ""
}

// Tokens are what type-ahead finds the contact by, from the first letter of each: the words of the name, the addresses, the digits of numbers.
func (c Contact) Tokens() []string {
	var out []string
	add := func(t string) {
		if t = clip(t); len(t) > 1 && !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	for i, w := range strings.Fields(Plain(c.Name)) {
		if i < maxWords {
			add(w)
		}
	}
	n := 0
	for _, a := range c.Aliases {
		if a.Kind == KindVisitor || n == 8 {
			continue
		}
		n++
		switch a.Kind {
		case KindEmail:
			add(a.Value)
		case KindPhone:
			add(strings.TrimPrefix(a.Value, "+"))
		case KindExternal:
			add(strings.ToLower(a.Value))
		}
	}
	if c.Claimed {
		add(c.Address)
	}
	return out
}

// Tokens are what type-ahead finds the company by.
func (c Company) Tokens() []string {
	var out []string
	for i, w := range append(strings.Fields(Plain(c.Name)), c.Domains...) {
		if w = clip(w); i < 2*maxWords && len(w) > 1 && !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	return out
}

// SortName is what the company is sorted by.
func (c Company) SortName() string { return clip(Plain(c.Name)) }

// clip keeps a word short enough for a key, at whole runes.
func clip(s string) string {
	if r := []rune(s); len(r) > maxToken {
		return string(r[:maxToken])
	}
	return s
}

// Query is what somebody types to find people: its words as tokens are written, the longest first, because few have it.
type Query struct{ words []string }

// ParseQuery reads it; Empty says that there is nothing to look for.
func ParseQuery(s string) Query {
	s = strings.ToLower(strings.TrimSpace(s))
	var words []string
	for _, w := range strings.Fields(s) {
		switch n, isPhone := dialled(s); {
		case strings.Contains(w, "@"):
			words = append(words, clip(w))
		case isPhone:
			words = []string{clip(n)}
		default:
			for _, p := range strings.Fields(Plain(w)) {
				words = append(words, clip(p))
			}
			if strings.ContainsAny(w, ".-_") { // perhaps the beginning of an address or a domain
				words = append(words[:len(words)-len(strings.Fields(Plain(w)))], clip(w))
			}
		}
	}
	slices.SortStableFunc(words, func(a, b string) int { return len(b) - len(a) })
	if len(words) > maxWords {
		words = words[:maxWords]
	}
	return Query{words}
}

// dialled returns the digits of a query that is a number; one with a leading 0 lacks its country and is looked for as it is.
func dialled(s string) (string, bool) {
	digits := 0
	out := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			digits++
			return r
		}
		return -1
	}, s)
	rest := strings.Trim(s, "0123456789+-/() .")
	if rest != "" || digits < 3 {
		return "", false
	}
	return strings.TrimPrefix(out, "00"), true
}

// Empty reports whether nothing was typed.
func (q Query) Empty() bool { return len(q.words) == 0 || len([]rune(q.words[0])) < 2 }

// Word is the one to look up; the others are compared with what that finds.
func (q Query) Word() string { return q.words[0] }

// Matches reports whether every word begins one of the tokens.
func (q Query) Matches(tokens []string) bool {
	for _, w := range q.words {
		if !slices.ContainsFunc(tokens, func(t string) bool { return strings.HasPrefix(t, w) }) {
			return false
		}
	}
	return true
}
