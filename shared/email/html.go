package email

import (
	"html"
	"regexp"
	"strings"
)

// addressInText finds web addresses in plain text. What follows a sentence is cut off by trimSentence.
var addressInText = regexp.MustCompile(`https?://[^\s<>"']+`)

// HTMLOf is the HTML twin of a text: paragraphs, line breaks and links. Everything else is escaped. It is the opposite of TextOf.
func HTMLOf(text string) string {
	text = strings.TrimSpace(strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n"))
	var b strings.Builder
	for _, paragraph := range strings.Split(text, "\n\n") {
		if paragraph = strings.Trim(paragraph, "\n"); paragraph == "" {
			continue
		}
		b.WriteString(`<p style="margin:0 0 1em">`)
		for i, line := range strings.Split(paragraph, "\n") {
			if i > 0 {
				b.WriteString("<br>\n")
			}
			linked(&b, line)
		}
		b.WriteString("</p>\n")
	}
	return b.String()
}

// Page makes a document of HTML that is sanitised or ours, in the reader's own font. Nothing stays nothing.
func Page(body string) string {
	if body == "" {
		return ""
	}
	return "<!doctype html>\n<html><head><meta charset=\"utf-8\"></head>\n" +
		`<body style="font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;font-size:15px;line-height:1.5">` + "\n" +
		body + "\n</body></html>\n"
}

// linked writes a line escaped, with its web addresses clickable. Indentation is kept.
func linked(b *strings.Builder, line string) {
	rest := strings.TrimLeft(line, " \t")
	b.WriteString(strings.Repeat("&nbsp;", min(len(line)-len(rest), 40)))
	for {
		at := addressInText.FindStringIndex(rest)
		if at == nil {
			b.WriteString(html.EscapeString(rest))
			return
		}
		url := trimSentence(rest[at[0]:at[1]])
		b.WriteString(html.EscapeString(rest[:at[0]]))
		b.WriteString(`<a href="` + html.EscapeString(url) + `">` + html.EscapeString(url) + `</a>`)
		rest = rest[at[0]+len(url):]
	}
}

// trimSentence drops what ends a sentence and not an address: punctuation, and a closing bracket that the address did not open.
func trimSentence(url string) string {
	for {
		cut := strings.TrimRight(url, ".,;:!?…")
		if strings.HasSuffix(cut, ")") && strings.Count(cut, "(") < strings.Count(cut, ")") {
			cut = strings.TrimSuffix(cut, ")")
		}
		if cut == url {
			return url
		}
		url = cut
	}
}
