package email

import (
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"golang.org/x/net/html"

	"parley/shared/limit"
)

// policy is what HTML of a stranger may hold. It is the first of two walls: the page shows the result in a sandboxed frame
// without scripts, under a Content-Security-Policy that loads nothing.
var policy = newPolicy()

// Sanitise returns the part of a mail's HTML that can be shown: text, tables, lists, images, links; no scripts, forms,
// ids, names, classes or style sheets; only http, https, mailto, tel and cid addresses. Images stay remote or cid: here;
// whoever shows them decides what to load. HTML over limit.MailHTMLBytes is cut, tags nested too deep are dropped.
// Sanitise(Sanitise(s)) == Sanitise(s).
func Sanitise(s string) string {
	if len(s) > limit.MailHTMLBytes {
		s = strings.ToValidUTF8(s[:limit.MailHTMLBytes], "")
	}
	return policy.Sanitize(flatten(s))
}

func newPolicy() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("a", "abbr", "acronym", "address", "article", "aside", "b", "bdi", "bdo", "big", "blockquote", "br",
		"caption", "center", "cite", "code", "col", "colgroup", "dd", "del", "dfn", "div", "dl", "dt", "em", "figcaption",
		"figure", "font", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "i", "img", "ins", "kbd", "li",
		"main", "mark", "ol", "p", "pre", "q", "s", "samp", "section", "small", "span", "strike", "strong", "sub", "sup",
		"table", "tbody", "td", "tfoot", "th", "thead", "time", "tr", "tt", "u", "ul", "var", "wbr")
	p.AllowNoAttrs().OnElements("a", "font", "img", "span", "bdo")
	// The head is not skipped: its end tag is optional, and what can be seen in it is skipped by itself.
	p.SkipElementsContent("style", "script", "title", "xml", "object", "iframe", "noscript", "template", "svg", "math",
		"select", "textarea", "button", "audio", "video", "applet", "frameset", "noframes", "noembed")

	p.AllowURLSchemes("http", "https", "mailto", "tel", "cid")
	p.RequireParseableURLs(true)
	p.AllowRelativeURLs(false)
	p.AllowAttrs("href").OnElements("a")
	p.AllowAttrs("src", "alt", "width", "height", "border", "hspace", "vspace").OnElements("img")
	p.RequireNoFollowOnLinks(true)
	p.RequireNoReferrerOnLinks(true)
	p.AddTargetBlankToFullyQualifiedLinks(true)

	p.AllowAttrs("dir", "lang", "title").Globally()
	p.AllowAttrs("align", "valign", "bgcolor", "width", "height").OnElements("table", "tbody", "thead", "tfoot", "tr", "td", "th",
		"col", "colgroup", "div", "p", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "center", "caption")
	p.AllowAttrs("border", "cellpadding", "cellspacing", "summary").OnElements("table")
	p.AllowAttrs("colspan", "rowspan", "nowrap", "abbr", "scope").OnElements("td", "th")
	p.AllowAttrs("span").OnElements("col", "colgroup")
	p.AllowAttrs("color", "face", "size").OnElements("font")
	p.AllowAttrs("start", "type").OnElements("ol", "ul", "li")
	p.AllowAttrs("cite").OnElements("blockquote", "q")
	p.AllowAttrs("datetime").OnElements("time", "del", "ins")

	p.AllowStyles("color", "background-color", "font", "font-family", "font-size", "font-style", "font-weight", "font-variant",
		"line-height", "letter-spacing", "text-align", "text-decoration", "text-indent", "text-transform", "vertical-align",
		"white-space", "word-break", "word-wrap", "direction",
		"margin", "margin-top", "margin-right", "margin-bottom", "margin-left",
		"padding", "padding-top", "padding-right", "padding-bottom", "padding-left",
		"border", "border-top", "border-right", "border-bottom", "border-left", "border-color", "border-style", "border-width",
		"border-collapse", "border-spacing", "border-radius",
		"width", "max-width", "min-width", "height", "list-style-type").Globally()
	return p
}

// maxTags is how deep tags may nest. A parser may add two elements to two tags ("<table><td>" is table, tbody, tr, td), so half
// of the tree's limit; 8 are for html, body and what the tree is put into.
const maxTags = limit.MailHTMLDepth/2 - 8

// flatten drops the tags that would nest deeper than maxTags, and keeps their text. Depth is counted by open tags
// of each name, so that stray end tags do not hide it.
func flatten(s string) string {
	if strings.Count(s, "<") <= maxTags {
		return s
	}
	var out strings.Builder
	out.Grow(len(s))
	z := html.NewTokenizer(strings.NewReader(s))
	open := map[string]int{}    // kept
	dropped := map[string]int{} // not kept
	depth := 0
	for {
		switch z.Next() {
		case html.ErrorToken:
			return out.String()
		case html.StartTagToken:
			name := tagName(z)
			switch {
			case void[name]:
			case depth >= maxTags:
				dropped[name]++
				continue
			default:
				depth++
				open[name]++
			}
		case html.EndTagToken:
			name := tagName(z)
			switch {
			case dropped[name] > 0:
				dropped[name]--
				continue
			case open[name] > 0:
				open[name]--
				depth--
			}
		}
		out.Write(z.Raw())
	}
}

func tagName(z *html.Tokenizer) string {
	name, _ := z.TagName()
	return string(name)
}

// void are the elements without content (HTML Standard, §13.1.2).
var void = set("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr")
