package email_test

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"parley/shared/email"
	"parley/shared/limit"
)

// What may stand in sanitised HTML, written once more and by hand.
var (
	mayBe = listed(`a abbr acronym address article aside b bdi bdo big blockquote br caption center cite code col colgroup dd del dfn div dl dt em
		figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark ol p pre q s samp section small span strike
		strong sub sup table tbody td tfoot th thead time tr tt u ul var wbr`)
	mayHave = listed(`href rel target src alt title lang dir style width height align valign bgcolor border hspace vspace cellpadding cellspacing
		summary colspan rowspan nowrap abbr scope span color face size start value type cite datetime`)
	pictures = regexp.MustCompile(`^data:image/(png|gif|jpe?g|webp);base64,[0-9A-Za-z+/=]+$`)
	// declarations of CSS without escapes, comments, brackets and at-signs, in which only colours are functions
	declarations = regexp.MustCompile(`^([a-z-]+: [^:;\\@{}<>]*(; |$))+$`)
	functions    = regexp.MustCompile(`(^|[^a-z-])(rgb|hsl)a?\([0-9.,%/ +deg-]*\)`)
	moving       = regexp.MustCompile(`(^|; )(position|z-index|content|behaviou?r|[a-z-]*(binding|filter|transform|animation|cursor|image|shadow)[a-z-]*|src|top|left|right|bottom): ` +
		`|(^|[ ,/])[+-]?(0*[1-9][0-9]{4}|[0-9.]+v[hwmib])|/\*`)
)

func listed(s string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(s) {
		out[w] = true
	}
	return out
}

// checkHTML reads sanitised HTML anew, as a browser's parser would, and looks for what must not be in it: in a body, and where a page
// might put it.
func checkHTML(t testing.TB, s string) {
	t.Helper()
	for _, around := range []string{"body", "div", "td", "p", "details"} {
		checkIn(t, s, around)
	}
}

// checkIn returns what the parser made of s, written anew.
func checkIn(t testing.TB, s, around string) string {
	t.Helper()
	nodes, err := html.ParseFragment(strings.NewReader(s), &html.Node{Type: html.ElementNode, Data: around, DataAtom: atom.Lookup([]byte(around))})
	if err != nil {
		t.Errorf("sanitised HTML cannot be read: %v", err)
	}
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		switch n.Type {
		case html.ElementNode:
			checkElement(t, n)
		case html.CommentNode, html.DoctypeNode:
			t.Errorf("a comment or doctype: %q", n.Data)
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	var out strings.Builder
	for _, n := range nodes {
		walk(n)
		if err := html.Render(&out, n); err != nil {
			t.Error(err)
		}
	}
	return out.String()
}

func checkElement(t testing.TB, n *html.Node) {
	t.Helper()
	fold := n.Data == "details" && len(n.Attr) == 1 && n.Attr[0].Key == "class" && n.Attr[0].Val == "parley-quoted" ||
		n.Data == "summary" && len(n.Attr) == 0 && n.Parent != nil && n.Parent.Data == "details"
	if !mayBe[n.Data] && !fold || n.Namespace != "" {
		t.Errorf("element <%s %s>", n.Namespace, n.Data)
	}
	for _, a := range n.Attr {
		key, value := a.Key, a.Val
		if key == "class" && n.Data == "details" && value == "parley-quoted" { // a fold
			continue
		}
		if !mayHave[key] || a.Namespace != "" {
			t.Errorf("attribute %s=%q on <%s>", key, value, n.Data)
		}
		switch key {
		case "href", "src", "cite":
			scheme, _, _ := strings.Cut(value, ":")
			ok := scheme == "http" || scheme == "https"
			ok = ok || key == "href" && (scheme == "mailto" || scheme == "tel") || key == "src" && (scheme == "cid" || pictures.MatchString(value))
			if !ok || strings.ContainsFunc(value, func(r rune) bool { return r < ' ' }) {
				t.Errorf("address %s=%q on <%s>", key, value, n.Data)
			}
		case "style":
			if !declarations.MatchString(value) || moving.MatchString(strings.ReplaceAll(value, "text-transform: ", "text: ")) || strings.ContainsAny(functions.ReplaceAllString(strings.ToLower(value), ""), "()") {
				t.Errorf("style %q", value)
			}
		case "target":
			if value != "_blank" {
				t.Errorf("target %q", value)
			}
		case "rel":
			if value != "nofollow noreferrer noopener" {
				t.Errorf("rel %q", value)
			}
		}
	}
}

// checkPass sanitises, checks, and reads and writes the result three times over: what a parser makes of it must be as clean (mutation XSS),
// and sanitising it once more must change nothing.
func checkPass(t testing.TB, in string) string {
	t.Helper()
	once := email.Sanitise(in)
	checkHTML(t, once)
	if twice := email.Sanitise(once); twice != once {
		t.Errorf("not idempotent:\n%q\n%q", once, twice)
	}
	for s, i := once, 0; i < 3; i++ {
		s = checkIn(t, s, "body")
		checkHTML(t, email.Sanitise(s))
	}
	return once
}

func TestSanitiseAgainstDOMPurifyPayloads(t *testing.T) {
	data, err := os.ReadFile("testdata/corpora/dompurify/expect.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct{ Title, Payload string }
	if err := json.Unmarshal(data, &cases); err != nil || len(cases) < 200 {
		t.Fatalf("%d cases: %v", len(cases), err)
	}
	for _, c := range cases {
		if checkPass(t, c.Payload); t.Failed() {
			t.Fatalf("payload %q", c.Payload)
		}
	}
}

type attack struct{ Group, HTML string }

func attacks(t testing.TB) (cases []attack) {
	t.Helper()
	data, err := os.ReadFile("testdata/attacks.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &cases); err != nil || len(cases) < 200 {
		t.Fatalf("%d cases: %v", len(cases), err)
	}
	return cases
}

// TestSanitiseAgainstAttacks: cases of our own, by what they try; the browser's tests open the same ones (web/e2e/hostile.spec.ts).
func TestSanitiseAgainstAttacks(t *testing.T) {
	for _, c := range attacks(t) {
		out := checkPass(t, c.HTML)
		if strings.Contains(out, "evil.example") && (c.Group != "images" && c.Group != "addresses") {
			t.Errorf("an address is left: %s", out)
		}
		// Beside others, and inside what a mail is made of.
		checkPass(t, "<p>before</p>"+c.HTML+"<p>after</p>")
		checkPass(t, "<table><tr><td><b>"+c.HTML+"</b></td></tr></table>")
		if t.Failed() {
			t.Fatalf("%s: %s", c.Group, c.HTML)
		}
	}
}

// TestTheCheckerFindsWhatItLooksFor keeps checkHTML honest: on raw payloads it must complain.
func TestTheCheckerFindsWhatItLooksFor(t *testing.T) {
	for _, s := range []string{
		`<script>x</script>`, `<p onclick=x>`, `<a href="javascript:x">`, `<img src="data:image/svg+xml;base64,x">`, `<a href="data:image/png;base64,x">`, `<p id=x>`, `<a name=x>`, `<b class=x>`,
		`<p style="background:url(http://x)">`, `<p style="position:fixed">`, `<!-- x -->`, `<svg>`, `<a href="/x">`, `<form>`, `<o:p>`,
		`<details>`, `<p style="color: re\\d">`, `<p style="color: x(1)">`, `<p style="width: 99999px">`, `<p style="height: 100vh">`, `<p data-x=y>`, `<a target=_top>`, `<a rel=opener>`, `<img srcset=x>`,
	} {
		probe := &recorder{TB: t}
		checkHTML(probe, s)
		if probe.errors == 0 {
			t.Errorf("nothing found in %s", s)
		}
	}
}

// recorder counts errors instead of failing.
type recorder struct {
	testing.TB
	errors int
}

func (r *recorder) Errorf(string, ...any) { r.errors++ }
func (r *recorder) Helper()               {}

func TestSanitiseKeepsWhatMailNeeds(t *testing.T) {
	const rel = ` rel="nofollow noreferrer noopener" target="_blank"`
	for in, want := range map[string]string{
		`<p style="color: red; position: fixed">a</p>`:                               `<p style="color: red">a</p>`,
		`<a href="https://example.com/?a=1&amp;b=2" onclick=x>a</a>`:                 `<a href="https://example.com/?a=1&amp;b=2"` + rel + `>a</a>`,
		`<a href="mailto:a@b.example">a</a><a href="TEL:+1-555">b</a>`:               `<a href="mailto:a@b.example"` + rel + `>a</a><a href="tel:+1-555"` + rel + `>b</a>`,
		`<a href=" https://example.com/a b/100%?x=5%&y=%41">a</a>`:                   `<a href="https://example.com/a%20b/100%25?x=5%25&amp;y=%41"` + rel + `>a</a>`,
		"<a href=\"http\ns://exam\tple.com/long/\n address\">a</a>":                  `<a href="https://example.com/long/%20address"` + rel + `>a</a>`,
		`<a href="https:\\example.com\x">a</a>`:                                      `<a href="https://example.com/x"` + rel + `>a</a>`,
		`<a href="#part">a</a>`:                                                      `<a>a</a>`,
		`<img src="cid:a@b" alt="x" id=y>`:                                           `<img src="cid:a@b" alt="x">`,
		`<img src="data:image/png;base64,iVBO Rw0KGgo=">`:                            `<img src="data:image/png;base64,iVBORw0KGgo=">`,
		`<img src="DATA:image/JPEG;base64,/9j/">`:                                    `<img src="data:image/jpeg;base64,/9j/">`,
		`<table width=100%><tr><td bgcolor="#fff" colspan=2>a</td></tr></table>`:     `<table width="100%"><tr><td bgcolor="#fff" colspan="2">a</td></tr></table>`,
		`<html><head><title>t</title><meta x><body>seen, though the head has no end`: `seen, though the head has no end`,
		`a<style>p{}</style>b<script>x</script>c`:                                    `abc`,
		`<o:p>word</o:p>`: `word`,
		`<details open class="parley-quoted"><summary>s</summary>q</details>`:    `sq`,
		`<button>Pay</button><video><a href=https://x.example/>film</a></video>`: `Pay<a href="https://x.example/"` + rel + `>film</a>`,
		`a</div></p></td>b<div>c`: `ab<div>c`,
		`<div style="display:none;max-height:0;mso-hide:all">preview</div>`:                           `<div style="display: none; max-height: 0">preview</div>`,
		`<p style="background:#FFF url(https://x.example/y);background:rgba(0, 0,0,.5) !important">a`: `<p style="background: rgba(0, 0,0,.5)">a`,
		`<p style="font: italic bold .8em/1.2 -apple-system, &quot;Segoe UI&quot;, sans-serif">a`:     `<p style="font: italic bold .8em/1.2 -apple-system, &#34;Segoe UI&#34;, sans-serif">a`,
		`<p style="font-family:宋体;MARGIN:0cm 0cm 0.0001pt;border-left:solid #ccc 1.5pt;width:100%">a`: `<p style="font-family: 宋体; margin: 0cm 0cm 0.0001pt; border-left: solid #ccc 1.5pt; width: 100%">a`,
		`<p style="color:red" style="color:blue" title=a title=b>a`:                                   `<p style="color: red" title="a">a`,
	} {
		if got := email.Sanitise(in); got != want {
			t.Errorf("Sanitise(%s)\n got %s\nwant %s", in, got, want)
		}
	}
}

// TestSanitiseBounds: a picture, an address, a style and a mail may be so long and no longer.
func TestSanitiseBounds(t *testing.T) {
	picture := func(n int) string { return `<img src="data:image/png;base64,` + strings.Repeat("A", n) + `">` }
	link := func(n int) string {
		return `<a href="https://x.example/` + strings.Repeat("a", n-len("https://x.example/")) + `">`
	}
	for _, c := range []struct {
		at, over string
		has      string
	}{
		{picture(limit.MailDataImageBytes), picture(limit.MailDataImageBytes + 1), "src="},
		{link(limit.MailURLBytes), link(limit.MailURLBytes + 1), "href="},
		{`<p style="color: red` + strings.Repeat(";", 16<<10-10) + `">`, `<p style="color: red` + strings.Repeat(";", 16<<10) + `">`, "style="},
	} {
		if !strings.Contains(email.Sanitise(c.at), c.has) || strings.Contains(email.Sanitise(c.over), c.has) {
			t.Errorf("%s: kept at the limit %v, over it %v", c.has, strings.Contains(email.Sanitise(c.at), c.has), strings.Contains(email.Sanitise(c.over), c.has))
		}
	}
	// Signs that are longer when they are escaped do not make a mail longer than may be shown, and the cut goes through none of them.
	for _, in := range []string{strings.Repeat(`"`, limit.MailHTMLBytes), strings.Repeat("&", limit.MailHTMLBytes+9), strings.Repeat("<br title='"+strings.Repeat("\"", 200)+"'>", 9_000)} {
		out := checkPass(t, in)
		if len(out) > limit.MailHTMLBytes || len(out) < limit.MailHTMLBytes*9/10 {
			t.Errorf("%.10s: %d bytes", in, len(out))
		}
	}
	out := email.Sanitise(strings.Repeat("<i>a</i>", limit.MailHTMLTags+10))
	if strings.Count(out, "<i>") != limit.MailHTMLTags || strings.Count(out, "</i>") != limit.MailHTMLTags || strings.Count(out, "a") != limit.MailHTMLTags+10 {
		t.Errorf("%d tags, %d ends, %d words", strings.Count(out, "<i>"), strings.Count(out, "</i>"), strings.Count(out, "a"))
	}
}

// TestSanitiseSpeed: two and a half megabytes of whatever is dear to careless code. They are made here and kept nowhere.
func TestSanitiseSpeed(t *testing.T) {
	fill := func(s string) string { return strings.Repeat(s, 5<<19/len(s)+1) }
	different := func(format string, n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	fonts := different(`<font size="%d">`, 200)
	for name, in := range map[string]string{
		"words of a font":     `<p style="font: ` + strings.Repeat("normal ", 40) + `x!">` + `<p style="font: ` + fill("normal ") + `">`,
		"words of a border":   `<p style="border: ` + strings.Repeat("medium ", 40) + `x!">` + fill(`<p style="border:`+strings.Repeat("a ", 100)+`">`),
		"escapes in a style":  `<p style="color: ` + fill(`\41 `) + `">` + fill(`<p style="color: `+strings.Repeat(`\41 `, 50)+`">`),
		"quotes in a style":   fill(`<p style='font: "` + strings.Repeat(`" "`, 80) + `'>`),
		"brackets in a style": fill(`<p style="color: rgb(` + strings.Repeat("(", 200) + `">`),
		"declarations":        fill(`<p style="` + strings.Repeat("color:red;", 1500) + `">`),
		"comments in a style": fill(`<p style="` + strings.Repeat("/*", 200) + `">`),
		"open tags":           fill("<div>"), "self-closing tags": fill("<b/>"), "end tags": fill("</div>"), "less-than signs": fill("<"),
		"formatting in paragraphs": "<p>" + fonts + fill("<p>x</p>"), "formatting, misnested": "<p>" + fonts + "</p>" + fill("<p>x"), "formatting in cells": fill("<table><td>" + fonts[:300] + "</table>"),
		"links in links": fill("<a href=https://x.example/>x"), "comments": fill("<!--"), "comment ends": "<!--" + fill("--!"), "doctypes": fill("<!DOCTYPE x>"),
		"attributes": "<p " + fill("a=b ") + ">", "the same attribute": "<p " + fill("title=b ") + ">", "different attributes": "<p " + different("a%d=b ", 200_000) + ">",
		"pictures": fill(`<img src="data:image/png;base64,` + strings.Repeat("A", 1000) + `">`), "one picture": `<img src="data:image/png;base64,` + fill("A ") + `">`,
		"addresses": fill(`<a href="https://x.example/` + strings.Repeat("%", 1000) + `">`), "colons": `<a href="` + fill(":") + `">`, "blanks": `<a href="` + fill(" ") + `x">`,
		"entities": fill("&amp"), "no entities": fill("&"), "raw text": fill("<script>"), "raw text without end": "<title>" + fill("</titl"), "hidden": fill("<svg>"), "tables": fill("<table><tr><td>"),
		"lists": fill("<ul><li>"), "NUL": fill("<\x00p>"), "not UTF-8": fill("\xff\xfe"),
	} {
		start := processorTime()
		out := email.Sanitise(in)
		took := paced(processorTime() - start)
		if took > 3*time.Second {
			t.Errorf("%s: %v for %d bytes", name, took, len(in))
		}
		// What reads the result must not burst either: a parser opens formatting anew in every paragraph.
		start = processorTime()
		root, err := html.Parse(strings.NewReader(out))
		nodes := 0
		for range root.Descendants() {
			nodes++
		}
		if took := paced(processorTime() - start); err != nil || took > 5*time.Second || nodes > 20*limit.MailHTMLTags {
			t.Errorf("%s: reading %d bytes takes %v and makes %d nodes (%v)", name, len(out), took, nodes, err)
		}
		t.Logf("%-26s %8v, %7d bytes, %7d nodes", name, took.Round(time.Millisecond), len(out), nodes)
	}
}

func TestSanitiseFlattens(t *testing.T) {
	in := strings.Repeat("<div>", 2000) + "seen" + strings.Repeat("</div>", 2000) + "<b>after</b>"
	got := email.Sanitise(in)
	if n := strings.Count(got, "<div>"); n > limit.MailHTMLDepth || n < 100 || n != strings.Count(got, "</div>") {
		t.Errorf("%d divs, %d ends", n, strings.Count(got, "</div>"))
	}
	if !strings.Contains(got, "seen") || !strings.HasSuffix(got, "<b>after</b>") {
		t.Errorf("text lost: …%q", got[len(got)-40:])
	}
	// Stray end tags must not hide the depth.
	if got := email.Sanitise(strings.Repeat("<div></p>", 2000)); strings.Count(got, "<div>") > limit.MailHTMLDepth {
		t.Errorf("%d divs", strings.Count(got, "<div>"))
	}
}

func TestTextOf(t *testing.T) {
	for in, want := range map[string]string{
		"<p>Hello&nbsp;<b>you</b>,</p><p>second   line<br>third</p>":                                         "Hello you,\n\nsecond line\nthird",
		"<ul><li>one</li><li>two<ol><li>a<li>b</ol></li></ul>after":                                          "- one\n- two\n  1. a\n  2. b\n\nafter",
		`See <a href="https://example.com/x">the page</a> or <a href="http://example.com/">example.com</a>.`: "See the page (https://example.com/x) or example.com.",
		`<a href="mailto:a@b.example">a@b.example</a> <a href="javascript:x">no</a>`:                         "a@b.example no",
		"new<blockquote>old<p>older</p></blockquote>end":                                                     "new\n\n> old\n>\n> older\n\nend",
		"<style>p{}</style><title>t</title>seen<script>x()</script>":                                         "seen",
		"<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>":                                    "a b\nc",
		"<pre>a\n  b</pre>":                       "a\n  b",
		`<img src=x alt="A cat"> text &amp; more`: "[A cat] text & more",
		"one<hr>two":                              "one\n---\ntwo",
		"plain words, no tags":                    "plain words, no tags",
	} {
		if got := email.TextOf(in); got != want {
			t.Errorf("TextOf(%s)\n got %q\nwant %q", in, got, want)
		}
	}
}
