package email

import (
	"slices"
	"strings"

	"golang.org/x/net/html"

	"parley/shared/limit"
)

// Sanitise returns the part of a mail's HTML that can be shown: text, tables, lists, images, links. What may stay is listed in
// policy.go and style.go; every tag is written anew from those lists, so that nothing a parser could read in two ways is passed on. Images
// stay remote, cid: or data: here; whoever shows them decides what to load. It is the first of several walls: see functions/imageproxy
// and web/README.md.
//
// It works in one pass over tokens, in time linear in s. HTML over limit.MailHTMLBytes is cut, before and after; tags over
// limit.MailHTMLTags, and those nested too deep, are dropped, their text is kept. Sanitise(Sanitise(s)) == Sanitise(s).
func Sanitise(s string) string {
	s = strings.ReplaceAll(unfolded(s), "\x00", "")
	w := washer{
		z:    html.NewTokenizer(strings.NewReader(strings.ToValidUTF8(s[:min(len(s), limit.MailHTMLBytes)], ""))),
		open: map[string]int{}, dropped: map[string]int{},
	}
	w.out.Grow(min(len(s), limit.MailHTMLBytes))
	for {
		kind := w.z.Next()
		switch kind {
		case html.ErrorToken: // the end: reading a string does not fail otherwise
			return w.out.String()
		case html.TextToken:
			if w.hidden == "" {
				w.write(html.EscapeString(string(w.z.Text())))
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			w.start(kind == html.SelfClosingTagToken)
		case html.EndTagToken:
			w.end()
		}
	}
}

const (
	// maxTags is how deep tags may nest. A parser may add two elements to two tags ("<table><td>" is table, tbody, tr, td), so half
	// of the tree's limit; 8 are for html, body and what the tree is put into.
	maxTags = limit.MailHTMLDepth/2 - 8
	// maxFormatting bounds the formatting elements open at a time: a parser opens every one of them anew in each paragraph
	// (HTML Standard, "reconstruct the active formatting elements"), so a hundred of them would make two megabytes gigabytes.
	maxFormatting = 16
)

// washer writes what may stay of a token stream. Depth is counted by open tags of each name, so that stray end tags, which are left
// out, do not hide it.
type washer struct {
	z          *html.Tokenizer
	out        strings.Builder
	full       bool           // out has no room left
	open       map[string]int // start tags kept, and not ended yet
	dropped    map[string]int // start tags of allowed elements that were too many or too deep
	depth      int
	formatting int
	tags       int
	hidden     string // the element whose content is being left out, "" for none
	hiding     int    // how many of it are open
}

// write appends s, or as much of a text as there is room for.
func (w *washer) write(s string) {
	if w.full {
		return
	}
	if room := limit.MailHTMLBytes - w.out.Len(); len(s) > room {
		w.full = true
		if strings.HasPrefix(s, "<") {
			return
		}
		if s = strings.ToValidUTF8(s[:room], ""); strings.LastIndexByte(s, '&') > strings.LastIndexByte(s, ';') {
			s = s[:strings.LastIndexByte(s, '&')]
		}
	}
	w.out.WriteString(s)
}

func (w *washer) start(selfClosing bool) {
	raw, hasAttr := w.z.TagName()
	name := string(raw)
	empty := selfClosing && !rawText[name] // of HTML's own elements only void ones can be; of what is hidden, svg and math
	switch attrs, allowed := elements[name]; {
	case w.hidden != "":
		if name == w.hidden && !empty {
			w.hiding++
		}
	case hides[name]:
		if !empty {
			w.hidden, w.hiding = name, 1
		}
	case !allowed:
	case void[name]:
		if w.tags < limit.MailHTMLTags {
			w.tags++
			w.tag(name, attrs, hasAttr)
		}
	case w.depth >= maxTags || w.tags >= limit.MailHTMLTags || formats[name] && w.formatting >= maxFormatting:
		w.dropped[name]++
	default:
		w.tags++
		w.depth++
		w.open[name]++
		if formats[name] {
			w.formatting++
		}
		w.tag(name, attrs, hasAttr)
	}
}

func (w *washer) end() {
	name := tagName(w.z)
	switch {
	case w.hidden != "":
		if name == w.hidden {
			if w.hiding--; w.hiding == 0 {
				w.hidden = ""
			}
		}
	case w.dropped[name] > 0:
		w.dropped[name]--
	case w.open[name] > 0:
		w.open[name]--
		w.depth--
		if formats[name] {
			w.formatting--
		}
		w.write("</" + name + ">")
	}
}

// tag writes a start tag with the attributes that may stay, each once.
func (w *washer) tag(name string, attrs rules, hasAttr bool) {
	var b strings.Builder
	b.WriteString("<" + name)
	var seen []string
	for hasAttr {
		var k, v []byte
		k, v, hasAttr = w.z.TagAttr()
		key := string(k)
		check := attrs[key]
		if check == nil {
			check = global[key]
		}
		if check == nil || slices.Contains(seen, key) {
			continue
		}
		if value, ok := check(string(v)); ok {
			seen = append(seen, key)
			b.WriteString(" " + key + `="` + html.EscapeString(value) + `"`)
		}
	}
	if name == "a" && slices.Contains(seen, "href") {
		b.WriteString(` rel="nofollow noreferrer noopener" target="_blank"`)
	}
	b.WriteString(">")
	w.write(b.String())
}

func tagName(z *html.Tokenizer) string {
	name, _ := z.TagName()
	return string(name)
}
