package email

import (
	"net/url"
	"strconv"
	"strings"

	"parley/shared/limit"
)

// The policy of Sanitise: a list of what may stay. What is not here goes; of an element, its tags.

// check returns an attribute's value as it may stay, or false.
type check func(value string) (string, bool)

// rules are the attributes of an element.
type rules map[string]check

// elements are those that stay, each with its own attributes beside the global ones. None of them runs, loads, submits, embeds or
// switches the parser to another language, and there are no ids, names and classes: a mail must not be able to look like a part of ours.
var elements = func() map[string]rules {
	box := rules{"align": plain, "valign": plain, "bgcolor": plain, "width": plain, "height": plain}
	cell := rules{"colspan": count, "rowspan": count, "nowrap": plain, "abbr": text, "scope": plain}
	item := rules{"start": count, "value": count, "type": plain}
	col := rules{"span": count}
	quote := rules{"cite": webAddress}
	edit := rules{"datetime": plain}
	for k, v := range box {
		cell[k], col[k] = v, v
	}
	all := map[string]rules{
		"a":   {"href": linkAddress},
		"img": {"src": imageAddress, "alt": text, "width": plain, "height": plain, "border": plain, "hspace": plain, "vspace": plain, "align": plain},
		"table": {
			"align": plain, "bgcolor": plain, "width": plain, "height": plain, "border": plain, "cellpadding": plain, "cellspacing": plain,
			"summary": text,
		},
		"font": {"color": plain, "face": text, "size": plain}, "td": cell, "th": cell, "col": col, "colgroup": col,
		"ol": item, "ul": item, "li": item, "blockquote": quote, "q": quote, "time": edit, "del": edit, "ins": edit,
	}
	for name := range set("tbody", "thead", "tfoot", "tr", "div", "p", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "center", "caption") {
		all[name] = box
	}
	for name := range set("abbr", "acronym", "address", "article", "aside", "b", "bdi", "bdo", "big", "br", "cite", "code", "dd", "dfn", "dl", "dt", "em",
		"figcaption", "figure", "footer", "header", "i", "kbd", "main", "mark", "pre", "s", "samp", "section", "small", "span", "strike",
		"strong", "sub", "sup", "tt", "u", "var", "wbr") {
		all[name] = rules{}
	}
	return all
}()

// global are the attributes that every element may have.
var global = rules{"dir": plain, "lang": plain, "title": text, "style": cleanStyle}

var (
	// hides are the elements whose content nobody is meant to read. The head is not one: its end tag is optional, and what can be seen in
	// it is hidden by itself. Neither are button, video and others that show their content, or an end tag left out would cost the mail.
	hides = set("style", "script", "title", "xml", "object", "iframe", "noscript", "template", "svg", "math", "select", "textarea", "applet",
		"frameset", "noframes", "noembed")
	// rawText are those of them that have no self-closing form: a parser goes on to their end tag.
	rawText = set("style", "script", "title", "iframe", "noscript", "textarea", "noframes", "noembed")
	// formats are the formatting elements (HTML Standard, §13.2.4.3) but for a, of which a parser keeps one.
	formats = set("b", "big", "code", "em", "font", "i", "s", "small", "strike", "strong", "tt", "u")
	// void are the elements without content (HTML Standard, §13.1.2).
	void = set("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr")
)

// text is words that are shown or read out.
func text(v string) (string, bool) {
	const most = 2000 // bytes
	if len(v) > most {
		v = strings.ToValidUTF8(v[:most], "")
	}
	return v, true
}

// plain is a keyword, a colour, a length or a list of them.
func plain(v string) (string, bool) {
	const most = 100 // bytes
	v = strings.TrimSpace(v)
	bad := strings.ContainsFunc(v, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && !strings.ContainsRune("#%.,+-*: ", r)
	})
	return v, !bad && len(v) <= most
}

// count is a small count: a browser makes as many cells as it is told to.
func count(v string) (string, bool) {
	n, err := strconv.Atoi(strings.TrimSpace(v))
	return strconv.Itoa(n), err == nil && n >= -1000 && n <= 1000
}

// linkAddress is where a link may lead.
func linkAddress(v string) (string, bool) {
	v, scheme := addressOf(v)
	switch scheme {
	case "http", "https":
		return webAddress(v)
	case "mailto", "tel":
		u, err := url.Parse(v)
		if err != nil {
			return "", false
		}
		return u.String(), true
	}
	return "", false
}

// imageAddress is what an image may be: remote, brought along as a part (RFC 2392), or written out in the address itself.
func imageAddress(v string) (string, bool) {
	v, scheme := addressOf(v)
	switch scheme {
	case "http", "https":
		return webAddress(v)
	case "cid":
		return v, len(v) <= limit.MailURLBytes
	case "data":
		return dataImage(v)
	}
	return "", false
}

// webAddress is an address with a host, in the one form that every reader takes the same.
func webAddress(v string) (string, bool) {
	v, scheme := addressOf(v)
	if scheme != "http" && scheme != "https" || len(v) > limit.MailURLBytes {
		return "", false
	}
	v = strings.ReplaceAll(v, `\`, "/") // as browsers read it
	u, err := url.Parse(v)
	if err != nil {
		u, err = url.Parse(mendEscapes(v))
	}
	if err != nil || u.Host == "" || u.Opaque != "" {
		return "", false
	}
	return u.String(), true
}

// addressOf takes away what browsers do not see in an address (URL Standard, §4.4), and tells its scheme in lower case.
func addressOf(v string) (address, scheme string) {
	v = strings.Map(func(r rune) rune {
		if r == '\t' || r == '\n' || r == '\r' {
			return -1
		}
		return r
	}, strings.TrimFunc(v, func(r rune) bool { return r <= ' ' }))
	scheme, rest, ok := strings.Cut(v, ":")
	if !ok || strings.ContainsFunc(v[:min(len(v), limit.MailURLBytes)], func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return v, ""
	}
	scheme = strings.ToLower(scheme)
	return scheme + ":" + rest, scheme
}

// mendEscapes writes the signs that an address may not hold as browsers do, among them a % that begins no escape.
func mendEscapes(v string) string {
	var b strings.Builder
	for i := range len(v) {
		switch c := v[i]; {
		case c == '%' && (i+2 >= len(v) || !isHex(v[i+1]) || !isHex(v[i+2])):
			b.WriteString("%25")
		case c == ' ':
			b.WriteString("%20")
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

// dataImages are the kinds that a mail may write out; a browser decodes them without running anything.
var dataImages = set("image/png", "image/gif", "image/jpeg", "image/jpg", "image/webp")

// dataImage is a data: address that holds a picture in base64 (RFC 2397).
func dataImage(v string) (string, bool) {
	head, content, ok := strings.Cut(strings.TrimPrefix(v, "data:"), ",")
	kind, isBase64 := strings.CutSuffix(strings.ToLower(strings.ReplaceAll(head, " ", "")), ";base64")
	if !ok || !isBase64 || !dataImages[kind] || len(content) > limit.MailDataImageBytes {
		return "", false
	}
	content = strings.ReplaceAll(content, " ", "")
	bad := strings.IndexFunc(content, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '+' && r != '/' && r != '='
	})
	return "data:" + kind + ";base64," + content, bad < 0 && content != ""
}
