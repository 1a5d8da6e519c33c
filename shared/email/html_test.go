package email_test

import (
	"strings"
	"testing"

	"golang.org/x/net/html"

	"parley/shared/email"
)

func TestHTML(t *testing.T) {
	for text, want := range map[string]string{
		"":                                    "",
		" \r\n ":                              "",
		"a\r\nb\n\n\nc":                       "<p>a<br>b</p><p>c</p>",
		"<script>alert(1)</script>":           "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>",
		"see http://x.example/a_(b), ok":      `<p>see <a href="http://x.example/a_(b)">http://x.example/a_(b)</a>, ok</p>`,
		"(http://x.example/?a=1&b=2).":        `<p>(<a href="http://x.example/?a=1&amp;b=2">http://x.example/?a=1&amp;b=2</a>).</p>`,
		`http://x.example/"onclick="x`:        `<p><a href="http://x.example/">http://x.example/</a>&#34;onclick=&#34;x</p>`,
		"a\n  b":                              "<p>a<br>&nbsp;&nbsp;b</p>",
		"javascript:alert(1) HTTP://X":        "<p>javascript:alert(1) HTTP://X</p>",
		"https://a.example https://b.example": `<p><a href="https://a.example">https://a.example</a> <a href="https://b.example">https://b.example</a></p>`,
	} {
		got := email.HTMLOf(text)
		got = strings.ReplaceAll(strings.ReplaceAll(got, "\n", ""), ` style="margin:0 0 1em"`, "")
		if got != want {
			t.Errorf("%q:\n got %s\nwant %s", text, got, want)
		}
	}
}

func TestPage(t *testing.T) {
	if got := email.Page(""); got != "" {
		t.Errorf("nothing became %q", got)
	}
	if got := email.Page("<p>x</p>"); !strings.HasPrefix(got, "<!doctype html>") || !strings.Contains(got, `<meta charset="utf-8">`) || !strings.Contains(got, "<p>x</p>") {
		t.Errorf("%q", got)
	}
}

// FuzzHTML: whatever the text, the twin has no other elements than ours, and links lead to the web.
func FuzzHTML(f *testing.F) {
	f.Add("a <b> https://x.example/?q=\"><script>alert(1)</script>\n\n  (http://y.example).")
	ours := map[string]bool{"html": true, "head": true, "meta": true, "body": true, "p": true, "br": true, "a": true}
	f.Fuzz(func(t *testing.T, text string) {
		z := html.NewTokenizer(strings.NewReader(email.Page(email.HTMLOf(text))))
		for kind := z.Next(); kind != html.ErrorToken; kind = z.Next() {
			token := z.Token()
			switch {
			case kind == html.TextToken || kind == html.DoctypeToken:
			case !ours[token.Data]:
				t.Fatalf("%q gives <%s>", text, token.Data)
			case kind == html.StartTagToken && token.Data == "a":
				if len(token.Attr) != 1 || token.Attr[0].Key != "href" || !strings.HasPrefix(token.Attr[0].Val, "http") {
					t.Fatalf("%q gives %v", text, token)
				}
			}
		}
	})
}
