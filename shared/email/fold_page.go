package email

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// page is HTML as a row of tokens, each with the element it stands in and the line of text it writes. It is no tree of the HTML Standard:
// to build one can cost far more than the HTML is long, and all that is asked here is where a fold may begin and end.
type page struct {
	src    string
	tokens []htmlToken
	elems  []opened
	shown  []int32 // tokens before each that can be seen
	text   string
	lines  []string
	hints  []class // of lines
}

// htmlToken is a tag, or text, or a line of text in <pre>.
type htmlToken struct {
	from, to int32 // in src
	in       int32 // the element it stands in; of an end tag the one it ends; -1: none
	after    int32 // the innermost element that is open behind it
	line     int32 // what it writes stands on; -1: it writes nothing
	image    bool
	rest     bool // all that can be seen from here on is quoted
	label    bool // the same, if what follows looks like a header
}

// opened is an element, or what is open of one.
type opened struct {
	name    string
	parent  int32
	open    int32 // its start tag
	end     int32 // its end tag, or the first token behind it
	ended   bool  // end is its end tag
	quote   int32 // the outermost element around that holds a quoted mail and what stands above it; -1: none
	blocked bool  // it is in a <blockquote>, or is one
	sign    bool  // it is in a signature
	fold    bool  // it is in a fold of ours
	wrote   bool  // it is in "On …, Ann wrote:"
	noFold  bool  // it may have no <details> in it: one would end it, as it ends <p>, or be ended
	noChild bool  // it may have none as a child: <table>, <ul>
}

const none = int32(-1)

// closedBy are the start tags that end an open <p> (HTML Standard, §13.2.6.4.7).
var closedBy = set("address", "article", "aside", "blockquote", "center", "details", "dialog", "dir", "div", "dl", "fieldset", "figcaption", "figure", "footer",
	"form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "li", "dd", "dt", "main", "menu", "nav", "ol", "p", "pre", "section", "summary", "table", "ul", "xmp", "listing")

// endsOpen are the elements that a start tag ends, up to the element that bounds the search.
var endsOpen = map[string]struct{ ends, bounds map[string]bool }{
	"li": {set("li"), set("ul", "ol", "table", "td", "th")}, "dd": {set("dd", "dt"), set("dl", "table", "td", "th")}, "dt": {set("dd", "dt"), set("dl", "table", "td", "th")},
	"tr": {set("tr", "td", "th"), set("table")}, "td": {set("td", "th"), set("table", "tr")}, "th": {set("td", "th"), set("table", "tr")},
	"tbody": {set("tbody", "thead", "tfoot", "tr", "td", "th"), set("table")}, "tfoot": {set("tbody", "thead", "tfoot", "tr", "td", "th"), set("table")},
}

var (
	noFolds    = set("p", "a", "h1", "h2", "h3", "h4", "h5", "h6", "button", "label", "select", "caption", "summary", "option", "dt", "pre", "textarea")
	noChildren = set("table", "tbody", "thead", "tfoot", "tr", "ul", "ol", "dl", "colgroup", "html", "head")
	pBounds    = set("table", "td", "th", "caption", "button", "object", "marquee", "applet", "body", "html")
)

// pageReader makes a page.
type pageReader struct {
	*page
	w    textWriter
	open int32 // the innermost open element
	pre  int
	n    map[string]int // open elements by name
	rest restKind
}

// readPage reads HTML whose tags nest no deeper than flatten lets them.
func readPage(s string) *page {
	r := pageReader{page: &page{src: s}, open: none, n: map[string]int{}}
	z := html.NewTokenizer(strings.NewReader(s))
	at := int32(0)
	for {
		kind := z.Next()
		raw := z.Raw()
		from := at
		at += int32(len(raw))
		if kind == html.ErrorToken {
			break
		}
		switch kind {
		case html.TextToken:
			r.words(from, at, z)
		case html.StartTagToken, html.SelfClosingTagToken:
			r.start(from, at, z)
		case html.EndTagToken:
			r.end(from, at, tagName(z))
		default:
			r.add(htmlToken{from: from, to: at, in: r.open})
		}
	}
	for r.open != none {
		r.shut(int32(len(r.tokens)), false)
	}
	r.finish()
	return r.page
}

// add appends a token, and notes whether it wrote something since the length of the text was before.
func (r *pageReader) add(t htmlToken) {
	t.after = r.open
	if t.line == 0 {
		t.line = none
	}
	r.tokens = append(r.tokens, t)
}

// writes runs what a token writes, and gives it its line.
func (r *pageReader) writes(t *htmlToken, write func()) {
	before := r.w.out.Len()
	write()
	t.line = none
	if r.w.out.Len() > before {
		t.line = int32(r.w.lines) + 1 // from 1, so that 0 is none
		t.rest, t.label = r.rest == restFollows, r.rest == restIfHeader
		r.rest = 0
	}
}

func (r *pageReader) words(from, to int32, z *html.Tokenizer) {
	if r.w.skip > 0 || r.pre == 0 || strings.Count(r.src[from:to], "\n") > maxLines {
		t := htmlToken{from: from, to: to, in: r.open}
		text := string(z.Text())
		r.writes(&t, func() {
			if r.w.skip == 0 {
				r.w.text(text)
			}
		})
		r.add(t)
		return
	}
	for from < to { // a fold may begin at any line
		n := int32(strings.IndexByte(r.src[from:to], '\n')) + 1
		if n == 0 {
			n = to - from
		}
		t := htmlToken{from: from, to: from + n, in: r.open}
		text := html.UnescapeString(r.src[from : from+n])
		r.writes(&t, func() { r.w.text(text) })
		r.add(t)
		from += n
	}
}

func (r *pageReader) start(from, to int32, z *html.Tokenizer) {
	name, attrs := readTag(z)
	r.implied(name)
	t := htmlToken{from: from, to: to, in: r.open, image: name == "img"}
	index := int32(len(r.tokens))
	e := opened{name: name, parent: r.open, open: index, end: none, quote: none, noFold: noFolds[name], noChild: noChildren[name]}
	if r.open != none {
		up := &r.elems[r.open]
		e.quote, e.blocked, e.sign, e.wrote, e.fold = up.quote, up.blocked, up.sign, up.wrote, up.fold
	}
	switch place, rest := placeOf(name, attrs); {
	case rest != 0:
		r.rest = rest
	case place == placeQuote && e.quote == none:
		e.quote = int32(len(r.elems))
	case place == placeSign:
		e.sign = true
	case place == placeFold:
		e.fold = true
	case place == placeWrote:
		e.wrote = true
	}
	e.blocked = e.blocked || name == "blockquote"
	r.writes(&t, func() { r.w.start(name, attrs.get) })
	if !void[name] {
		r.elems = append(r.elems, e)
		r.open = int32(len(r.elems)) - 1
		r.n[name]++
		if name == "pre" {
			r.pre++
		}
	}
	r.add(t)
}

// implied ends what a start tag ends without saying so.
func (r *pageReader) implied(name string) {
	if closedBy[name] && r.n["p"] > 0 {
		r.shutUp(set1("p"), pBounds)
	}
	if rule, ok := endsOpen[name]; ok {
		r.shutUp(rule.ends, rule.bounds)
	}
}

func set1(name string) map[string]bool { return map[string]bool{name: true} }

// shutUp ends the outermost open element of names that stands below the first one of bounds, and all in it.
func (r *pageReader) shutUp(names, bounds map[string]bool) {
	found := none
	for e := r.open; e != none && !bounds[r.elems[e].name]; e = r.elems[e].parent {
		if names[r.elems[e].name] {
			found = e
		}
	}
	if found == none {
		return
	}
	for r.open != r.elems[found].parent {
		r.shut(int32(len(r.tokens)), false)
	}
}

// shut ends the innermost open element at token index.
func (r *pageReader) shut(index int32, ended bool) {
	e := &r.elems[r.open]
	e.end, e.ended = index, ended
	r.n[e.name]--
	if e.name == "pre" {
		r.pre--
	}
	r.open = e.parent
}

func (r *pageReader) end(from, to int32, name string) {
	t := htmlToken{from: from, to: to, in: r.open}
	index := int32(len(r.tokens))
	if r.ends(name) {
		for r.elems[r.open].name != name {
			r.shut(index, false)
		}
		t.in = r.open
		r.shut(index, true)
	}
	r.writes(&t, func() { r.w.end(name) })
	r.add(t)
}

// ends reports whether an end tag ends something: no cell of a table is ended by what was begun outside of it.
func (r *pageReader) ends(name string) bool {
	if r.n[name] == 0 {
		return false
	}
	for e := r.open; e != none; e = r.elems[e].parent {
		if r.elems[e].name == name {
			return true
		}
		if cells[r.elems[e].name] && !tableParts[name] {
			return false
		}
	}
	return false
}

var (
	cells      = set("td", "th", "caption")
	tableParts = set("table", "tbody", "thead", "tfoot", "tr", "td", "th", "caption", "body", "html")
)

// finish makes the text, its lines, and what the elements say of them.
func (r *pageReader) finish() {
	out := r.w.out.String()
	cut := strings.Count(out[:len(out)-len(strings.TrimLeftFunc(out, isSpaceRune))], "\n")
	r.text = r.w.finish()
	r.lines = strings.Split(r.text, "\n")
	r.hints = make([]class, len(r.lines))
	r.shown = make([]int32, len(r.tokens)+1)
	for i := range r.tokens {
		t := &r.tokens[i]
		if t.line > 0 {
			if t.line -= int32(cut) + 1; int(t.line) >= len(r.lines) {
				t.line = none
			}
			t.line = max(t.line, none)
		}
		r.shown[i+1] = r.shown[i]
		if t.line != none || t.image {
			r.shown[i+1]++
		}
	}
	r.hint()
}

// hint tells what the elements say of the lines: quoted, signature, "Ann wrote:".
func (r *pageReader) hint() {
	type container struct{ above, other []int32 }
	containers := map[int32]*container{}
	last := none // the line of the token before
	for i := range r.tokens {
		t := &r.tokens[i]
		if t.line == none {
			continue
		}
		first := t.line != last
		last = t.line
		var e opened
		e.quote = none
		if t.in != none {
			e = r.elems[t.in]
		}
		c := class(0)
		switch {
		case e.fold:
			c = classSign
		case t.rest && first, t.label && first && r.labelled(int(t.line)):
			c = classRest
		case e.wrote && !e.blocked:
			c = classMark
		case e.sign && e.quote == none && !e.blocked:
			c = classSign
		}
		if e.quote != none && !e.fold && first {
			q := containers[e.quote]
			if q == nil {
				q = &container{}
				containers[e.quote] = q
			}
			switch {
			case e.blocked:
				q.other = append(q.other, t.line)
			case len(q.other) == 0:
				q.above = append(q.above, t.line)
			}
		}
		switch have := &r.hints[t.line]; {
		case first:
			*have = c
		case *have == classSign && c != classSign: // not all of the line
			*have = 0
		}
	}
	for _, q := range containers {
		const most = 6 // lines of an attribution
		long := len(q.other) == 0 || len(q.above) > most
		for n, line := range q.above {
			switch {
			case r.hints[line] != 0:
			case n == 0 || !long:
				r.hints[line] = classMark
			default:
				r.hints[line] = classQuote
			}
		}
	}
}

// labelled reports whether line i and the next look like those of a header in any language: "Label: value".
func (r *pageReader) labelled(i int) bool {
	const longest = 40
	label := func(s string) bool {
		at := strings.IndexAny(s[:min(len(s), longest)], ":：")
		return at > 0 && len(strings.Fields(s[:at])) <= 4
	}
	return i+1 < len(r.lines) && label(r.lines[i]) && label(r.lines[i+1])
}

// tagAttrs are a tag's attributes, as far as they are of interest.
type tagAttrs []html.Attribute

func (a tagAttrs) get(key string) string {
	for _, v := range a {
		if v.Key == key {
			return v.Val
		}
	}
	return ""
}

var wantedAttrs = []string{"class", "id", "name", "style", "href", "alt", "data-marker", "data-smartmail"}

// readTag reads the name and the wanted attributes of the tag that z stands on.
func readTag(z *html.Tokenizer) (name string, attrs tagAttrs) {
	n, more := z.TagName()
	name = string(n)
	for more {
		var key, value []byte
		key, value, more = z.TagAttr()
		if k := string(key); slices.Contains(wantedAttrs, k) && attrs.get(k) == "" {
			attrs = append(attrs, html.Attribute{Key: k, Val: string(value)})
		}
	}
	return name, attrs
}

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
