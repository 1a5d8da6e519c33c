package email_test

import (
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"parley/shared/email"
)

const foldHead = `<details class="parley-quoted"><summary>•••</summary>`

var foldBody = regexp.MustCompile(`(?s)<details class="parley-quoted"><summary>•••</summary>(.*?)</details>`)

// foldCases are HTML as mail programs write it, shortened; shown is the text outside of folds, folds what stands in each.
var foldCases = []struct {
	name, html, shown string
	folds             []string
}{
	{
		"Gmail", `<div dir="ltr">Yes.</div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">On Mon, Feb 1, 2016 at 6:32 PM Ann &lt;<a href="mailto:ann@x.example">ann@x.example</a>&gt; wrote:<br></div>` +
			`<blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex"><div>Tuesday?</div></blockquote></div>`,
		"Yes.",
		[]string{"On Mon, Feb 1, 2016 at 6:32 PM Ann <ann@x.example> wrote:\n\n> Tuesday?"},
	},
	{
		"Gmail, answers between", `<div dir="ltr">Hi Ann, see below<br><div class="gmail_quote"><div class="gmail_attr">On Mon, Ann wrote:<br></div><blockquote class="gmail_quote"><div>Tuesday?</div></blockquote>` +
			`<div>No.</div><blockquote class="gmail_quote"><div>Wednesday?</div></blockquote><div>Yes.</div></div></div>`,
		"Hi Ann, see below\n\n> Tuesday?\n\nNo.\n\n> Wednesday?\n\nYes.",
		[]string{"On Mon, Ann wrote:"},
	},
	{
		"Gmail, language unknown", `<div dir="ltr">Jes.</div><div class="gmail_quote"><div class="gmail_attr">Zuto mintri Ann: <br></div><blockquote class="gmail_quote">Mardo?</blockquote></div>`,
		"Jes.",
		[]string{"Zuto mintri Ann:\n\n> Mardo?"},
	},
	{
		"Gmail, signature", `<div dir="ltr">Yes.<div><br></div><span class="gmail_signature_prefix">-- </span><br><div dir="ltr" class="gmail_signature" data-smartmail="gmail_signature">Ann Lee<br>Shop</div></div>`,
		"Yes.",
		[]string{"--\nAnn Lee\nShop"},
	},
	{
		"Outlook on the web", `<html><body><div class="elementToProof">Yes.</div><div id="appendonsend"></div><hr style="display:inline-block;width:98%" tabindex="-1"><div id="divRplyFwdMsg" dir="ltr"><font face="Calibri"><b>From:</b> Ann &lt;ann@x.example&gt;<br>` +
			`<b>Sent:</b> Monday<br><b>To:</b> Bob<br><b>Subject:</b> Day</font><div>&nbsp;</div></div><div>Tuesday?</div></body></html>`,
		"Yes.",
		[]string{"---\nFrom: Ann <ann@x.example>\nSent: Monday\nTo: Bob\nSubject: Day\nTuesday?"},
	},
	{
		"Outlook on the web, language unknown", `<body><div>Jes.</div><div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>Xa:</b> Ann<br><b>Xo:</b> Monday</div><div>Mardo?</div></body>`,
		"Jes.",
		[]string{"---\nXa: Ann\nXo: Monday\nMardo?"},
	},
	{
		"Outlook on a phone", `<body><div dir="auto">Yes.</div><div id="ms-outlook-mobile-signature"><div><br></div>Get <a href="https://aka.ms/o0ukef">Outlook for iOS</a></div><div id="mail-editor-reference-message-container"><hr><div>` +
			`<b>From: </b>Ann &lt;ann@x.example&gt;<br><b>Date: </b>Monday<br><b>Subject: </b>Day</div>Tuesday?</div></body>`,
		"Yes.",
		[]string{"Get Outlook for iOS (https://aka.ms/o0ukef)\n---\nFrom: Ann <ann@x.example>\nDate: Monday\nSubject: Day\nTuesday?"},
	},
	{
		"Outlook on the desktop", `<body><div class="WordSection1"><p class="MsoNormal">Yes.<o:p></o:p></p><p class="MsoNormal"><o:p>&nbsp;</o:p></p><div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm">` +
			`<p class="MsoNormal"><b>Zo:</b> Ann &lt;ann@x.example&gt;<br><b>Za:</b> Montag</p></div></div><p class="MsoNormal">Tuesday?</p></div></body>`,
		"Yes.",
		[]string{"Zo: Ann <ann@x.example>\nZa: Montag\n\nTuesday?"},
	},
	{
		"a border like Outlook's is none", `<div><p>Yes.</p><div style="border:none;border-top:solid #E1E1E1 1.0pt">Prices<br>10 EUR</div></div>`, "Yes.\n\nPrices\n10 EUR", nil,
	},
	{
		"Yahoo", `<div class="ydp1a2b3c4dyahoo-style-wrap"><div>Yes.</div><div><br></div></div><div id="ydp5e6f7a8byahoo_quoted_123" class="ydp5e6f7a8byahoo_quoted"><div><div>Am Montag hat Ann Folgendes geschrieben:</div><div><br></div><div>Tuesday?</div></div></div>`,
		"Yes.",
		[]string{"Am Montag hat Ann Folgendes geschrieben:\n\nTuesday?"},
	},
	{
		"Proton", `<div style="font-family: Arial">Yes.</div><div class="protonmail_signature_block"><div class="protonmail_signature_block-proton">Sent with <a href="https://proton.me/">Proton Mail</a> secure email.</div></div><div class="protonmail_quote">On Monday, Ann wrote:<br><br><blockquote class="protonmail_quote" type="cite">Tuesday?</blockquote><br></div>`,
		"Yes.",
		[]string{"Sent with Proton Mail (https://proton.me/) secure email.\nOn Monday, Ann wrote:\n\n> Tuesday?"},
	},
	{
		"Thunderbird, the answer below", `<html><body><div class="moz-cite-prefix">Xa Ann 01.02.16:<br></div><blockquote type="cite" cite="mid:a@x.example"><p>Tuesday?</p></blockquote><p>Yes.</p></body></html>`,
		"Yes.",
		[]string{"Xa Ann 01.02.16:\n\n> Tuesday?"},
	},
	{
		"Apple Mail, answers between", `<body><div>Dear Ann,</div><div><br></div><div><blockquote type="cite"><div>On 1 Feb 2016, at 18:32, Ann &lt;ann@x.example&gt; wrote:</div><br><div>Tuesday?</div></blockquote><div>No.</div><blockquote type="cite"><div>Wednesday?</div></blockquote></div><div>Yes.</div></body>`,
		"Dear Ann,\n\n> On 1 Feb 2016, at 18:32, Ann <ann@x.example> wrote:\n>\n> Tuesday?\n\nNo.\n\n> Wednesday?\n\nYes.", nil,
	},
	{
		"iPhone", `<body dir="auto">Yes.<br id="lineBreakAtBeginningOfSignature"><div dir="ltr">Von meinem iPhone gesendet</div><div dir="ltr"><br><blockquote type="cite">Am 01.02.2016 um 18:32 schrieb Ann &lt;ann@x.example&gt;:<br><br></blockquote></div><blockquote type="cite"><div dir="ltr">Tuesday?</div></blockquote></body>`,
		"Yes.",
		[]string{"Von meinem iPhone gesendet\n\n> Am 01.02.2016 um 18:32 schrieb Ann <ann@x.example>:\n>\n> Tuesday?"},
	},
	{
		"QQ", `<div>好的</div><div><includetail><div>&nbsp;</div><div style="font-size: 12px;padding:2px 0 2px 0;">------------------&nbsp;原始邮件&nbsp;------------------</div><div style="font-size: 12px;background:#efefef;"><div><b>发件人:</b>&nbsp;"Ann"</div></div><div>星期二？</div></includetail></div>`,
		"好的",
		[]string{"------------------ 原始邮件 ------------------\n发件人: \"Ann\"\n星期二？"},
	},
	{
		"GMX", `<div style="font-family: Verdana"><div>Ja.</div><div>&nbsp;<div name="quote" style="margin:10px 5px 5px 10px; padding: 10px 0 10px 10px; border-left:2px solid #C3D9E5;"><div><b>Xa:</b> Ann<br/><b>Xo:</b> Bob</div><div name="quoted-content">Dienstag?</div></div></div></div>`,
		"Ja.",
		[]string{"Xa: Ann\nXo: Bob\nDienstag?"},
	},
	{
		"Zimbra", `<div>Yes.<br><br><hr id="zwchr" data-marker="__DIVIDER__"><div data-marker="__HEADERS__"><b>From: </b>Ann<br></div><div>Tuesday?</div></div>`,
		"Yes.",
		[]string{"---\nFrom: Ann\nTuesday?"},
	},
	{
		"no names at all, lines broken by <br>", `<p>Yes.<br><br>On Mon, Feb 1, 2016 at 6:32 PM Ann &lt;ann@x.example&gt; wrote:<br>&gt; Tuesday?<br>&gt; Ann</p>`,
		"Yes.",
		[]string{"On Mon, Feb 1, 2016 at 6:32 PM Ann <ann@x.example> wrote:\n> Tuesday?\n> Ann"},
	},
	{
		"in <pre>", "<pre>Yes.\n\nOn Mon, Feb 1, 2016 at 6:32 PM Ann &lt;ann@x.example&gt; wrote:\n&gt; Tuesday?\n</pre>",
		"Yes.",
		[]string{"On Mon, Feb 1, 2016 at 6:32 PM Ann <ann@x.example> wrote:\n> Tuesday?"},
	},
	{
		"a table around everything", `<table><tr><td>Yes.</td></tr><tr><td><blockquote>Tuesday?</blockquote></td></tr></table>`,
		"Yes.",
		[]string{"> Tuesday?"},
	},
	{
		"within a list", `<ul><li>Yes.</li><li>-----Original Message-----<br>From: Ann</li></ul>`, "- Yes.", []string{"- -----Original Message-----\nFrom: Ann"},
	},
	{
		"a signature between", `<div>Yes.</div><div class="gmail_signature">Ann Lee</div><div>One thing more.</div>`, "Yes.\nOne thing more.", []string{"Ann Lee"},
	},
	{
		"a picture is the answer", `<div>Here:</div><div><img src="cid:a@x"></div><div class="gmail_quote"><div class="gmail_attr">Ann wrote:</div><blockquote>Picture?</blockquote></div>`,
		"Here:",
		[]string{"Ann wrote:\n\n> Picture?"},
	},
	{"nothing of one's own", `<div class="gmail_quote"><div class="gmail_attr">Ann wrote:</div><blockquote>Tuesday?</blockquote></div>`, "Ann wrote:\n\n> Tuesday?", nil},
	{"a newsletter", `<h1>News</h1><hr><p>We moved.</p><hr><p>Come and see us. We open at nine.</p><ul><li>One</li><li>Two</li></ul>`, "News\n\n---\n\nWe moved.\n\n---\n\nCome and see us. We open at nine.\n\n- One\n- Two", nil},
	{"details of a stranger", `<details class="x"><summary>Open me</summary>Text</details><details><summary>•••</summary>More</details>`, "Open meText•••More", nil},
	{"a forged fold", `<p>Text</p></details><details class="parley-quoted" open><summary onclick="x()">Pay here</summary>Hidden</details></details><summary>y</summary>`, "Text\n\ny", []string{"Pay hereHidden"}},
}

func TestFoldHTML(t *testing.T) {
	for _, c := range foldCases {
		t.Run(c.name, func(t *testing.T) {
			safe, text, _ := email.FoldHTML(c.html)
			checkFolded(t, c.html)
			var folds []string
			for _, m := range foldBody.FindAllStringSubmatch(safe, -1) {
				folds = append(folds, email.TextOf(m[1]))
			}
			shown := email.TextOf(foldBody.ReplaceAllString(safe, ""))
			if shown != c.shown || strings.Join(folds, "|") != strings.Join(c.folds, "|") {
				t.Errorf("shown %q\n want %q\nfolds %q\n want %q\n%s\n%q", shown, c.shown, folds, c.folds, safe, text)
			}
			if strings.Contains(c.name, "picture") && !strings.Contains(foldBody.ReplaceAllString(safe, ""), "<img") {
				t.Errorf("the picture is folded: %s", safe)
			}
		})
	}
}

// checkFolded states what holds for whatever FoldHTML returns.
func checkFolded(t testing.TB, s string) {
	t.Helper()
	safe, text, folds := email.FoldHTML(s)
	checkHTML(t, safe)
	if want := email.TextOf(s); text != want {
		t.Errorf("text %q, TextOf has %q", text, want)
	}
	checkFolds(t, text, folds)
	nodes, err := html.ParseFragment(strings.NewReader(safe), &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	var walk func(*html.Node, bool)
	walk = func(node *html.Node, folded bool) {
		if node.Type == html.ElementNode && node.Data == "details" {
			n++
			head := node.FirstChild
			if folded || len(node.Attr) != 1 || head == nil || head.Data != "summary" || len(head.Attr) > 0 || head.FirstChild == nil || head.FirstChild.Data != "•••" || head.FirstChild.NextSibling != nil {
				t.Errorf("not a fold of ours: %s", safe)
			}
			folded = true
		}
		if node.Type == html.ElementNode && node.Data == "summary" && (node.Parent == nil || node.Parent.Data != "details") {
			t.Errorf("a summary without details: %s", safe)
		}
		for c := node.FirstChild; c != nil; c = c.NextSibling {
			walk(c, folded)
		}
	}
	for _, node := range nodes {
		walk(node, false)
	}
	if n != strings.Count(safe, foldHead) || n != strings.Count(safe, "</details>") {
		t.Errorf("%d folds, %d begin, %d end: %s", n, strings.Count(safe, foldHead), strings.Count(safe, "</details>"), safe)
	}
	if again := email.Sanitise(safe); strings.Contains(again, "details") || strings.Contains(again, "summary>") || strings.Count(again, "•••") != strings.Count(safe, "•••")-n {
		t.Errorf("Sanitise leaves of a fold: %s", again)
	}
	if twice, _, _ := email.FoldHTML(safe); n > 0 && twice != safe {
		t.Errorf("not the same again:\n%q\n%q\n%q", s, safe, twice)
	}
}

// checkFolds states what holds for folds of a text.
func checkFolds(t testing.TB, text string, folds []email.Lines) {
	t.Helper()
	total := strings.Count(text, "\n") + 1
	at, cut := 0, 0
	for i, f := range folds {
		if f.From < at || i > 0 && f.From == at || f.To <= f.From || f.To > total {
			t.Fatalf("folds %v of %d lines", folds, total)
		}
		at = f.To
		cut += f.To - f.From
	}
	if cut == total {
		t.Errorf("nothing is left of %q", text)
	}
}
