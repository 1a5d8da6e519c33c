package email

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"

	"parley/shared/limit"
)

// TextOf turns HTML into text a person can read: paragraphs, "- " and numbered lists, "> " quotes, links as "text (address)",
// images by their description. It reads tokens, not a tree, so broken HTML costs no more than good HTML. HTML over
// limit.MailHTMLBytes is cut.
func TextOf(s string) string {
	if len(s) > limit.MailHTMLBytes {
		s = strings.ToValidUTF8(s[:limit.MailHTMLBytes], "")
	}
	w := textWriter{}
	z := html.NewTokenizer(strings.NewReader(unfolded(s)))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return w.finish()
		case html.TextToken:
			if w.skip == 0 {
				w.text(string(z.Text()))
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			name, hasAttr := z.TagName()
			w.start(string(name), func(key string) string { return attr(z, hasAttr, key) })
		case html.EndTagToken:
			w.end(tagName(z))
		}
	}
}

// skipped are elements whose content nobody sees. All of them hold raw text: an end tag that is missing costs the rest in a
// browser as well.
var skipped = set("style", "script", "title", "noscript", "iframe", "noembed", "noframes", "textarea")

// blocks are elements that stand on lines of their own; paragraphs have an empty line around them.
var (
	blocks = set("address", "article", "aside", "body", "caption", "center", "dd", "div", "dl", "dt", "figure", "figcaption", "footer",
		"form", "header", "html", "main", "nav", "section", "table", "tbody", "tfoot", "thead", "tr", "hr", "li", "ul", "ol", "blockquote", "pre", "details", "summary")
	paragraphs = set("p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "blockquote", "pre", "dl")
)

// maxIndent bounds how deep quotes and lists are shown, or a line of deep nesting would be longer than its mail.
const maxIndent = 8

type list struct {
	ordered bool
	next    int
}

type link struct {
	href  string
	start int // of its text in out
}

// textWriter collects text. Blanks and line ends are owed, and written when the next visible character comes.
type textWriter struct {
	out    strings.Builder
	lines  int  // line ends in out
	breaks int  // line ends owed
	space  bool // a blank is owed
	quote  int
	wrote  int // the quote depth of the last text
	pre    int
	skip   int
	lists  []list
	link   link // the open one, if its href is not empty
}

func (w *textWriter) finish() string {
	return strings.TrimSpace(w.out.String())
}

// owe makes sure that at least n line ends come before the next text.
func (w *textWriter) owe(n int) {
	w.breaks = max(w.breaks, n)
	w.space = false
}

func (w *textWriter) text(s string) {
	if w.pre > 0 {
		for i, line := range strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n") {
			if i > 0 {
				w.breaks = min(w.breaks+1, 3)
			}
			w.write(line)
		}
		return
	}
	for s != "" {
		r, n := utf8.DecodeRuneInString(s)
		if isBlank(r) {
			w.space = true
			s = s[n:]
			continue
		}
		i := strings.IndexFunc(s, isBlank)
		if i < 0 {
			i = len(s)
		}
		w.write(s[:i])
		s = s[i:]
	}
}

// isBlank reports whether a character shows as a blank, or as nothing that a reader of text wants.
func isBlank(r rune) bool {
	switch r {
	case ' ', '\t', '\n', '\r', '\f', '\u00a0', '\u200b', '\u034f', '\ufeff':
		return true
	}
	return false
}

// write writes visible text after what is owed.
func (w *textWriter) write(s string) {
	if s == "" {
		return
	}
	if w.out.Len() == 0 {
		w.breaks, w.space = 0, false
	}
	line := w.out.Len() == 0 || w.breaks > 0
	for ; w.breaks > 0; w.breaks-- {
		w.out.WriteByte('\n')
		w.lines++
		w.space = false
		if w.breaks > 1 { // an empty line is quoted if both of its neighbours are
			w.out.WriteString(strings.TrimRight(quoteMark(min(w.quote, w.wrote)), " "))
		}
	}
	if line {
		w.out.WriteString(quoteMark(w.quote))
	}
	if w.space {
		w.out.WriteByte(' ')
		w.space = false
	}
	w.out.WriteString(s)
	w.wrote = w.quote
}

func quoteMark(depth int) string { return strings.Repeat("> ", min(depth, maxIndent)) }

// start begins an element. attr is asked for one attribute at most.
func (w *textWriter) start(name string, attr func(string) string) {
	if skipped[name] {
		w.skip++
		return
	}
	if w.skip > 0 {
		return
	}
	switch {
	case paragraphs[name] && len(w.lists) == 0:
		w.owe(2)
	case blocks[name], paragraphs[name]:
		w.owe(1)
	}
	switch name {
	case "br":
		w.breaks = min(w.breaks+1, 3)
		w.space = false
	case "hr":
		w.write("---")
		w.owe(1)
	case "td", "th":
		w.space = true
	case "blockquote":
		w.quote++
	case "pre":
		w.pre++
	case "ul", "ol":
		w.lists = append(w.lists, list{ordered: name == "ol", next: 1})
	case "li":
		w.item()
	case "a":
		w.endLink() // links do not nest: a second one ends the first
		w.link = link{href: attr("href"), start: w.out.Len()}
	case "img":
		if alt := strings.TrimSpace(attr("alt")); alt != "" {
			w.text(" [" + alt + "] ")
		}
	}
}

func (w *textWriter) item() {
	mark := "-"
	indent := max(0, min(len(w.lists), maxIndent)-1)
	if n := len(w.lists); n > 0 && w.lists[n-1].ordered {
		mark = strconv.Itoa(w.lists[n-1].next) + "."
		w.lists[n-1].next++
	}
	w.write(strings.Repeat("  ", indent) + mark)
	w.space = true
}

func (w *textWriter) end(name string) {
	if skipped[name] {
		w.skip = max(0, w.skip-1)
		return
	}
	if w.skip > 0 {
		return
	}
	switch name {
	case "blockquote":
		w.quote = max(0, w.quote-1)
	case "pre":
		w.pre = max(0, w.pre-1)
	case "ul", "ol":
		if n := len(w.lists); n > 0 {
			w.lists = w.lists[:n-1]
		}
	case "a":
		w.endLink()
	}
	switch {
	case paragraphs[name] && len(w.lists) == 0:
		w.owe(2)
	case blocks[name], paragraphs[name]:
		w.owe(1)
	}
}

// endLink writes the address behind the text of a link, unless the text says it already.
func (w *textWriter) endLink() {
	href := strings.TrimSpace(w.link.href)
	shown := strings.TrimSpace(w.out.String()[w.link.start:])
	w.link = link{start: w.out.Len()}
	lower := strings.ToLower(href)
	switch {
	case href == "" || shown == "" || len(href) > 500:
		return
	case !strings.HasPrefix(lower, "http:") && !strings.HasPrefix(lower, "https:") && !strings.HasPrefix(lower, "mailto:") && !strings.HasPrefix(lower, "tel:"):
		return
	}
	bare := func(s string) string {
		for _, p := range []string{"http://", "https://", "mailto:", "tel:", "www."} {
			s = strings.TrimPrefix(s, p)
		}
		return strings.TrimSuffix(s, "/")
	}
	if bare(strings.ToLower(shown)) == bare(lower) {
		return
	}
	w.space = true
	w.write("(" + href + ")")
}

// attr returns one attribute of the tag that z stands on.
func attr(z *html.Tokenizer, hasAttr bool, name string) string {
	for hasAttr {
		key, value, more := z.TagAttr()
		if string(key) == name {
			return string(value)
		}
		hasAttr = more
	}
	return ""
}
