package email

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"parley/shared/fault"
	"parley/shared/limit"
)

// parseAddresses reads an address list (RFC 5322 §3.4) the way people and programs write it: unquoted commas and 8-bit in
// names, missing brackets, groups, comments, the address twice. One pass; at most limit.MailAddresses. An entry that
// holds no address is kept with its name only if nothing follows that it could belong to ("Doe, John <j@x>").
func parseAddresses(value []byte, charset string) []Address {
	var out []Address
	var pending []byte // a piece of a name that a comma cut off
	for len(value) > 0 && len(out) < limit.MailAddresses {
		piece, sep, rest := cutAddress(value)
		value = rest
		if sep == ':' { // the name of a group
			pending = nil
			continue
		}
		if len(bytes.TrimSpace(piece)) == 0 {
			continue
		}
		if pending != nil {
			joined := make([]byte, 0, len(pending)+1+len(piece))
			piece = append(append(append(joined, pending...), ','), piece...)
			pending = nil
		}
		a, ok := readAddress(piece, charset)
		switch {
		case ok:
			out = append(out, a)
		case sep == ',' && len(piece) < 200:
			pending = piece
		case a.Name != "":
			out = append(out, a)
		}
	}
	if pending != nil {
		if a, _ := readAddress(pending, charset); a.Name != "" {
			out = append(out, a)
		}
	}
	return out
}

// cutAddress cuts the first entry off a list. sep is what ended it: ',' ';' ':' or 0 at the end. Quotes, comments, brackets
// and encoded words hide separators, as long as they are closed.
func cutAddress(value []byte) (piece []byte, sep byte, rest []byte) {
	dead := 0
	for i := 0; i < len(value); i++ {
		switch c := value[i]; c {
		case '\\':
			i++
		case '"', '(', '<':
			i += closingAt(value, i, &dead)
		case '=':
			if i+1 < len(value) && value[i+1] == '?' {
				if _, n := cutWord(value[i:]); n > 0 {
					i += n - 1
				}
			}
		case ':':
			if bytes.EqualFold(bytes.TrimSpace(value[:i]), []byte("mailto")) {
				continue
			}
			return value[:i], c, value[i+1:]
		case ',', ';':
			return value[:i], c, value[i+1:]
		}
	}
	return value, 0, nil
}

// maxToken bounds a quoted string, comment or bracket, so that an unclosed one costs no second pass over the list.
const maxToken = 400

// closingAt is closing at an offset. Behind an unclosed parenthesis others are not looked at for a while: dead says until
// where. A header of nothing but parentheses costs little that way.
func closingAt(value []byte, i int, dead *int) int {
	if value[i] == '(' && i < *dead {
		return 0
	}
	n := closing(value[i:])
	if n == 0 && value[i] == '(' {
		*dead = i + maxToken
	}
	return n
}

// closing returns the offset of what closes value[0], or 0.
func closing(value []byte) int {
	open := value[0]
	depth := 0
	for i := 1; i < len(value) && i < maxToken; i++ {
		c := value[i]
		switch {
		case c == '\\':
			i++
		case open == '"' && c == '"', open == '<' && c == '>':
			return i
		case open == '(' && c == '(':
			depth++
		case open == '(' && c == ')':
			if depth == 0 {
				return i
			}
			depth--
		}
	}
	return 0
}

// readAddress reads one entry: the last <...> that holds something, or the last word with an "@"; the rest is the name. ok is
// false if it holds no address.
func readAddress(piece []byte, charset string) (a Address, ok bool) {
	name, addr, comment := splitAddress(piece)
	a.Email = cleanEmail(decodeHeader(addr, charset))
	if a.Email == "" {
		// The address may stand in the name: "a@b" <>, or Test a@b.
		text := decodeName(name, charset)
		words := strings.Fields(text)
		for i := len(words) - 1; i >= 0 && a.Email == ""; i-- {
			if a.Email = cleanEmail(words[i]); a.Email != "" {
				words = append(words[:i:i], words[i+1:]...)
			}
		}
		a.Name = cleanName(strings.Join(words, " "))
	} else {
		a.Name = decodeName(name, charset)
	}
	if a.Name == "" && len(comment) > 0 {
		a.Name = cleanName(decodeHeader(comment, charset))
	}
	if strings.EqualFold(a.Name, a.Email) {
		a.Name = ""
	}
	return a, a.Email != ""
}

// splitAddress takes an entry apart: what is outside brackets and comments, the last non-empty bracket, the first comment.
func splitAddress(piece []byte) (name, addr, comment []byte) {
	name = make([]byte, 0, len(piece))
	dead, nameStart := 0, 0 // of the text after the last address
	for i := 0; i < len(piece); i++ {
		c := piece[i]
		if c == '=' && i+1 < len(piece) && piece[i+1] == '?' {
			if _, n := cutWord(piece[i:]); n > 0 {
				name = append(name, piece[i:i+n]...)
				i += n - 1
				continue
			}
		}
		n := 0
		if c == '"' || c == '(' || c == '<' {
			n = closingAt(piece, i, &dead)
		}
		switch {
		case c == '"' && n > 0:
			name = append(name, piece[i:i+n+1]...)
			i += n
		case c == '(' && n > 0:
			if comment == nil {
				comment = piece[i+1 : i+n]
			}
			i += n
		case c == '<':
			end := i + n
			if n == 0 { // no closing bracket
				end = len(piece)
			}
			if inner := bytes.TrimSpace(piece[i+1 : end]); len(inner) > 0 {
				if addr != nil && len(bytes.TrimSpace(name[nameStart:])) > 0 { // two addresses without a comma: the last one and its name
					name = name[nameStart:]
				}
				addr, nameStart = inner, len(name)
			}
			i = end
		default:
			name = append(name, c)
		}
	}
	return name, addr, comment
}

// decodeName decodes a display name and removes its quoting.
func decodeName(raw []byte, charset string) string {
	raw = bytes.TrimSpace(raw)
	if bytes.IndexByte(raw, '\\') >= 0 {
		raw = unescape(raw)
	}
	return cleanName(decodeHeader(raw, charset))
}

func unescape(b []byte) []byte {
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); i++ {
		if b[i] == '\\' && i+1 < len(b) {
			i++
		}
		out = append(out, b[i])
	}
	return out
}

// cleanName drops quotes and stray brackets around a name and folds its blanks.
func cleanName(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	for len(s) >= 2 && (s[0] == '"' && s[len(s)-1] == '"' || s[0] == '\'' && s[len(s)-1] == '\'') {
		s = strings.TrimSpace(s[1 : len(s)-1])
	}
	return strings.Trim(s, `"<> `)
}

// cleanEmail makes one address out of what stood where an address should be, or "": without brackets, route
// (RFC 5322 §4.4), mailto: and stray punctuation. It checks only what makes a string usable as an address.
func cleanEmail(s string) string {
	s = strings.Trim(strings.TrimSpace(s), `<>()[{}"',;: `)
	if !strings.Contains(s, "@[") { // max@[192.0.2.1]
		s = strings.TrimRight(s, "]")
	}
	if len(s) > 7 && strings.EqualFold(s[:7], "mailto:") {
		s = s[7:]
	}
	if strings.HasPrefix(s, "@") {
		if i := strings.LastIndexByte(s, ':'); i >= 0 {
			s = s[i+1:]
		}
	}
	s = strings.TrimRight(s, ".")
	at := strings.LastIndexByte(s, '@')
	if at <= 0 || at == len(s)-1 || len(s) > maxEmail || !utf8.ValidString(s) {
		return ""
	}
	local, domain := s[:at], s[at+1:]
	if strings.HasPrefix(local, `"`) || strings.HasSuffix(local, `"`) { // "a b"@x, or a quote that Trim halved
		local = strings.Trim(local, `"`)
	}
	local = strings.Join(strings.Fields(local), "")
	domain = strings.Join(strings.Fields(domain), "")
	if local == "" || domain == "" || strings.ContainsFunc(local+domain, badInEmail) {
		return ""
	}
	return local + "@" + domain
}

const maxEmail = 320 // octets: 64 + 1 + 255 (RFC 5321 §4.5.3.1)

func badInEmail(r rune) bool {
	return unicode.IsControl(r) || unicode.IsSpace(r) || unicode.Is(unicode.Bidi_Control, r) || strings.ContainsRune(`<>(),;:"\`, r)
}

// idnaProfile maps a domain as browsers do; labels with underscores exist in mail and are left alone.
var idnaProfile = idna.New(idna.MapForLookup(), idna.StrictDomainName(false), idna.BidiRule())

// NormaliseAddress gives the form in which two addresses are compared and stored: trimmed, lower case, the domain in
// punycode. The error is fault.Invalid and says what is wrong in words for the person who typed it.
func NormaliseAddress(s string) (string, error) {
	local, domain, err := splitEmail(s)
	if err != nil {
		return "", err
	}
	return strings.ToLower(local) + "@" + domain, nil
}

// splitEmail checks an address and returns its local part as written and its domain in lower-case punycode.
func splitEmail(s string) (local, domain string, err error) {
	s = strings.TrimSpace(s)
	shown := s
	if r := []rune(s); len(r) > 80 {
		shown = string(r[:80]) + "…"
	}
	at := strings.LastIndexByte(s, '@')
	switch {
	case s == "":
		return "", "", fault.New(fault.Invalid, "The email address is empty.")
	case at < 0:
		return "", "", fault.New(fault.Invalid, "%q is not an email address: the @ is missing.", shown)
	case at == 0:
		return "", "", fault.New(fault.Invalid, "%q is not an email address: nothing stands before the @.", shown)
	case at > 64:
		return "", "", fault.New(fault.Invalid, "%q is not an email address: more than 64 characters before the @.", shown)
	}
	local = s[:at]
	if i := strings.IndexFunc(local, badInLocal); i >= 0 || !utf8.ValidString(local) || strings.HasPrefix(local, ".") {
		return "", "", fault.New(fault.Invalid, "%q is not an email address: the part before the @ has a character that is not allowed there.", shown)
	}
	domain, err = idnaProfile.ToASCII(strings.TrimSuffix(s[at+1:], "."))
	if err != nil || !validDomain(domain) {
		return "", "", fault.New(fault.Invalid, "%q is not an email address: what follows the @ is not a domain.", shown)
	}
	return local, domain, nil
}

func badInLocal(r rune) bool {
	return r == '@' || r == '[' || r == ']' || badInEmail(r)
}

// validDomain checks an ASCII domain: labels of letters, digits, "-" and "_", 63 octets each, 253 in all (RFC 1035 §2.3.4).
func validDomain(d string) bool {
	if d == "" || len(d) > 253 {
		return false
	}
	for label := range strings.SplitSeq(d, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for _, c := range []byte(label) {
			if !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_') {
				return false
			}
		}
	}
	return true
}
