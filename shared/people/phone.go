package people

import "strings"

// Countries whose numbers keep their leading 0 behind the country's code (ITU-T E.164; Italy and San Marino).
var keepsZero = map[string]bool{"39": true, "378": true}

// E164 writes a telephone number as +<country><number> (ITU-T E.164: at most 15 digits). A number without a country gets the code of home
// ("386"; "" for none) in the place of its leading 0. ok is false for what is no number, or one whose country nobody knows.
func E164(s, home string) (number string, ok bool) {
	s = strings.TrimSpace(s)
	s = strings.TrimPrefix(strings.TrimPrefix(s, "tel:"), "TEL:")
	if i := strings.IndexAny(s, ";,xX#"); i > 0 { // an extension is not part of it
		s = s[:i]
	}
	var digits strings.Builder
	plus := false
	for _, r := range strings.Replace(s, "(0)", "", 1) { // +44 (0)20 …: nobody dials that 0 from abroad
		switch {
		case r >= '0' && r <= '9':
			digits.WriteRune(r)
		case r == '+' && digits.Len() == 0 && !plus:
			plus = true
		case strings.ContainsRune(" -./()\u00a0\u2009\u2011\u2013", r):
		default:
			return "", false
		}
	}
	d := digits.String()
	switch {
	case plus:
	case strings.HasPrefix(d, "00"):
		d = d[2:]
	case home == "":
		return "", false
	case strings.HasPrefix(d, "0") && !keepsZero[home]:
		d = home + d[1:]
	default:
		d = home + d
	}
	if len(d) < 8 || len(d) > 15 || d[0] == '0' {
		return "", false
	}
	return "+" + d, true
}

// PhoneAlias returns the alias of a telephone number; ok is false for one that cannot be told from others: then it is shown, and matches nobody.
func PhoneAlias(s, home string) (Alias, bool) {
	n, ok := E164(s, home)
	return Alias{Kind: KindPhone, Value: n}, ok
}
