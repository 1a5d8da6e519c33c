package inbox

import (
	"strings"
	"unicode"
)

// PreviewRunes is how much of a text a list shows, in runes.
const PreviewRunes = 140

// Preview is the beginning of a text as a list shows it: one line, white space folded, control characters dropped.
func Preview(text string) string {
	var b strings.Builder
	n, space := 0, false
	for _, r := range text {
		switch {
		case unicode.IsSpace(r):
			space = n > 0
			continue
		case unicode.IsControl(r) || r == '\uFEFF' || r == '\u200B':
			continue
		}
		if space {
			b.WriteByte(' ')
			n++
			space = false
		}
		if n >= PreviewRunes {
			b.WriteString("…")
			break
		}
		b.WriteRune(r)
		n++
	}
	return b.String()
}
