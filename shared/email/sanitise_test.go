package email_test

import (
	"encoding/json"
	"net/url"
	"os"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"parley/shared/email"
	"parley/shared/limit"
)

var dangerous = map[string]bool{}

func init() {
	for _, e := range strings.Fields(`script style iframe frame frameset object embed applet form input button select textarea option
		link meta base title svg math template noscript audio video source track xml noembed plaintext xmp dialog marquee isindex
		keygen portal slot canvas map area body head html`) {
		dangerous[e] = true
	}
}

// checkHTML reads sanitised HTML anew, as a browser's parser would, and looks for what must not be in it.
func checkHTML(t testing.TB, s string) {
	t.Helper()
	nodes, err := html.ParseFragment(strings.NewReader(s), &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div})
	if err != nil {
		t.Errorf("sanitised HTML cannot be read: %v", err)
	}
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.ElementNode {
			checkElement(t, n)
		}
		if n.Type == html.CommentNode || n.Type == html.DoctypeNode {
			t.Errorf("a comment or doctype: %q", n.Data)
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	for _, n := range nodes {
		walk(n)
	}
}

func checkElement(t testing.TB, n *html.Node) {
	t.Helper()
	if dangerous[n.Data] || strings.ContainsAny(n.Data, ":-") {
		t.Errorf("element <%s>", n.Data)
	}
	for _, a := range n.Attr {
		key, value := strings.ToLower(a.Key), strings.ToLower(a.Val)
		switch {
		case strings.HasPrefix(key, "on"), key == "id", key == "name", key == "class", key == "srcset", key == "background", key == "srcdoc", key == "formaction":
			t.Errorf("attribute %s=%q on <%s>", key, value, n.Data)
		case key == "href", key == "src", key == "cite", key == "action", key == "data", key == "poster":
			u, err := url.Parse(strings.TrimSpace(value))
			if err != nil || !strings.Contains(" http https mailto tel cid ", " "+u.Scheme+" ") {
				t.Errorf("address %s=%q on <%s>", key, value, n.Data)
			}
		case key == "style":
			for _, bad := range []string{"url(", "expression", "position", "javascript", "behavior", "import", "\\", "@", "z-index", "-moz"} {
				if strings.Contains(value, bad) {
					t.Errorf("style %q", value)
				}
			}
		case key == "target" && value != "_blank":
			t.Errorf("target %q", value)
		}
	}
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
		once := email.Sanitise(c.Payload)
		checkHTML(t, once)
		if twice := email.Sanitise(once); twice != once {
			t.Errorf("not idempotent:\n%q\n%q", once, twice)
		}
		if t.Failed() {
			t.Fatalf("payload %q", c.Payload)
		}
	}
}

// TestTheCheckerFindsWhatItLooksFor keeps checkHTML honest: on raw payloads it must complain.
func TestTheCheckerFindsWhatItLooksFor(t *testing.T) {
	for _, s := range []string{
		`<script>x</script>`, `<p onclick=x>`, `<a href="javascript:x">`, `<img src="data:image/png;base64,x">`, `<p id=x>`, `<a name=x>`, `<b class=x>`,
		`<p style="background:url(http://x)">`, `<p style="position:fixed">`, `<!-- x -->`, `<svg>`, `<a href="/x">`, `<form>`, `<o:p>`,
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
	for in, want := range map[string]string{
		`<p style="color: red; position: fixed">a</p>`:                               `<p style="color: red">a</p>`,
		`<a href="https://example.com/?a=1&amp;b=2" onclick=x>a</a>`:                 `<a href="https://example.com/?a=1&amp;b=2" rel="nofollow noreferrer noopener" target="_blank">a</a>`,
		`<img src="cid:a@b" alt="x" id=y>`:                                           `<img src="cid:a@b" alt="x">`,
		`<table width=100%><tr><td bgcolor="#fff">a</td></tr></table>`:               `<table width="100%"><tr><td bgcolor="#fff">a</td></tr></table>`,
		`<html><head><title>t</title><meta x><body>seen, though the head has no end`: `seen, though the head has no end`,
		`a<style>p{}</style>b<script>x</script>c`:                                    `abc`,
		`<o:p>word</o:p>`: `word`,
	} {
		if got := email.Sanitise(in); got != want {
			t.Errorf("Sanitise(%s)\n got %s\nwant %s", in, got, want)
		}
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
