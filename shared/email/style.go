package email

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// styles are the CSS properties that stay, and of some the values: how words and boxes look where they stand. What moves a box out of its
// place, loads, draws over others, or makes content is not here.
var styles = func() map[string]map[string]bool {
	all := map[string]map[string]bool{
		"display":    set("none", "block", "inline", "inline-block", "table", "inline-table", "table-row", "table-cell", "table-row-group", "list-item"),
		"visibility": set("visible", "hidden"), "overflow": set("hidden", "auto", "visible"),
		"float": set("left", "right", "none"), "clear": set("left", "right", "both", "none"),
	}
	for name := range set("color", "background-color", "background", "font", "font-family", "font-size", "font-style", "font-weight", "font-variant", "font-stretch",
		"line-height", "letter-spacing", "word-spacing", "text-align", "text-decoration", "text-decoration-color", "text-decoration-line",
		"text-decoration-style", "text-indent", "text-transform", "text-overflow", "vertical-align", "white-space", "word-break", "word-wrap",
		"overflow-wrap", "direction", "opacity",
		"margin", "margin-top", "margin-right", "margin-bottom", "margin-left", "padding", "padding-top", "padding-right", "padding-bottom", "padding-left",
		"border-collapse", "border-spacing", "border-radius", "border-color", "border-style", "border-width", "border",
		"width", "max-width", "min-width", "height", "max-height", "min-height", "box-sizing", "table-layout", "caption-side", "empty-cells",
		"list-style", "list-style-type", "list-style-position") {
		all[name] = nil
	}
	for _, side := range []string{"top", "right", "bottom", "left"} {
		for _, of := range []string{"", "-color", "-style", "-width"} {
			all["border-"+side+of] = nil
		}
	}
	return all
}()

const (
	maxStyle = 16 << 10 // bytes of one style attribute; longer ones are left out
	maxValue = 300      // bytes of one value
)

// cleanStyle returns the declarations that stay. It splits at every semicolon, whatever stands around it: each piece must be clean by itself.
func cleanStyle(s string) (string, bool) {
	if len(s) > maxStyle {
		return "", false
	}
	var out []string
	for declaration := range strings.SplitSeq(s, ";") {
		name, value, _ := strings.Cut(declaration, ":")
		name = strings.ToLower(strings.TrimSpace(name))
		known, ok := styles[name]
		if !ok {
			continue
		}
		if value, ok = cleanValue(value, name); ok && (known == nil || known[strings.ToLower(value)]) {
			out = append(out, name+": "+value)
		}
	}
	return strings.Join(out, "; "), len(out) > 0
}

// cleanValue returns a value if it is made of words, numbers and colours alone, separated by blanks, commas and slashes. Anything that
// CSS gives another meaning (an escape, a comment, a function, a bracket, an at-sign) makes the whole declaration go.
func cleanValue(s, property string) (string, bool) {
	s = strings.TrimSpace(s)
	if len(s) > maxValue {
		return "", false
	}
	if i := strings.LastIndexByte(s, '!'); i >= 0 && strings.EqualFold(strings.TrimSpace(s[i+1:]), "important") {
		s = strings.TrimSpace(s[:i])
	}
	var out strings.Builder
	for i := 0; i < len(s); {
		n, ok := 0, true
		switch c := s[i]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f':
			for n = 1; i+n < len(s) && strings.IndexByte(" \t\n\r\f", s[i+n]) >= 0; n++ {
			}
			out.WriteByte(' ')
			i += n
			continue
		case c == ',':
			n = 1
		case c == '/':
			n, ok = 1, i+1 < len(s) && s[i+1] != '*' && s[i+1] != '/'
		case c == '#':
			n, ok = colour(s[i:])
		case c >= '0' && c <= '9' || c == '.' || c == '+' || c == '-' && i+1 < len(s) && (s[i+1] >= '0' && s[i+1] <= '9' || s[i+1] == '.'):
			n, ok = measure(s[i:])
		case c == '"' || c == '\'':
			n, ok = fontName(s[i:])
			ok = ok && strings.HasPrefix(property, "font")
		default:
			n, ok = word(s[i:])
		}
		if !ok || n == 0 {
			return "", false
		}
		out.WriteString(s[i : i+n])
		i += n
	}
	return out.String(), out.Len() > 0
}

// colour measures "#" and 3, 4, 6 or 8 hexadecimal digits.
func colour(s string) (int, bool) {
	n := 1
	for n < len(s) && isHex(s[n]) {
		n++
	}
	return n, n == 4 || n == 5 || n == 7 || n == 9
}

// pixels is how many of them one of a unit is, about. Units of the window are not here: a mail's frame grows with its content.
var pixels = map[string]float64{
	"": 1, "px": 1, "pt": 1.34, "pc": 16, "in": 96, "cm": 38, "mm": 3.8, "em": 16, "rem": 16, "ex": 8, "ch": 8, "%": 4,
}

const maxPixels, minPixels = 4000, -100

// measure measures a number with its unit. Nothing is as large as a house, or so far to the left that nobody sees it.
func measure(s string) (int, bool) {
	n := 1
	for n < len(s) && (s[n] >= '0' && s[n] <= '9' || s[n] == '.') {
		n++
	}
	value, err := strconv.ParseFloat(s[:n], 64)
	unit := n
	for unit < len(s) && (s[unit] >= 'a' && s[unit] <= 'z' || s[unit] >= 'A' && s[unit] <= 'Z' || s[unit] == '%') {
		unit++
	}
	each, ok := pixels[strings.ToLower(s[n:unit])]
	return unit, err == nil && ok && value*each <= maxPixels && value*each >= minPixels
}

// fontName measures a font's name in quotes.
func fontName(s string) (int, bool) {
	n := strings.IndexByte(s[1:], s[0])
	if n < 0 || strings.ContainsAny(s[1:1+n], "\\<>{}()@;\n\r\f") {
		return 0, false
	}
	return n + 2, true
}

// word measures a keyword, a font's name, or one of CSS's four ways to write a colour.
func word(s string) (int, bool) {
	n := 0
	for n < len(s) {
		r, size := utf8.DecodeRuneInString(s[n:])
		if r == utf8.RuneError || !unicode.IsLetter(r) && r != '-' && (n == 0 || r < '0' || r > '9') {
			break
		}
		n += size
	}
	if n == len(s) || s[n] != '(' {
		return n, true
	}
	switch strings.ToLower(s[:n]) {
	case "rgb", "rgba", "hsl", "hsla":
	default:
		return 0, false
	}
	end := strings.IndexByte(s, ')')
	if end < 0 || strings.Trim(s[n+1:end], "0123456789.,%/ +-deg") != "" {
		return 0, false
	}
	const most = 360 // degrees, and more than any other part
	for _, f := range strings.FieldsFunc(s[n+1:end], func(r rune) bool { return strings.ContainsRune(" ,/", r) }) {
		if v, err := strconv.ParseFloat(strings.TrimRight(f, "%deg"), 64); err != nil || v > most || v < -most {
			return 0, false
		}
	}
	return end + 1, true
}
