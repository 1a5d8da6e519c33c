package email

import "strings"

// What mail programs call the parts of their HTML that hold what is quoted. A class or id may have come through Outlook, which puts
// "x_" before it, or Yahoo, which puts a random word before it.

type placeKind byte

const (
	placeQuote placeKind = iota + 1 // a quoted mail with what stands above it
	placeWrote                      // "On …, Ann wrote:"
	placeSign                       // a signature
	placeFold                       // a fold that FoldHTML made
)

// restKind says of an element that what follows its start is the quoted mail, to the end.
type restKind byte

const (
	restFollows  restKind = iota + 1
	restIfHeader          // if it begins with a header: the border of Outlook on the desktop is anybody's
)

var (
	quoteNames = set("gmail_quote", "yahoo_quoted", "yahoo-quoted-begin", "protonmail_quote", "zmail_extra", "tutanota_quote", "nylas-quote", "front-blockquote", "mailru-blockquote", "quote",
		"messagereplysection", "isreplycontent", "ntes-pcmail-quote", "original-content", "quoted-text", "edo-reply", "sh-quoted-content", "ox-quote", "aolmail_quote", "hs_reply", "freshdesk_quote")
	wroteNames = set("gmail_attr", "gmail_quote_attribution", "moz-cite-prefix", "reply-intro", "quote-header")
	signNames  = set("gmail_signature", "gmail_signature_prefix", "moz-signature", "protonmail_signature_block", "signature", "ms-outlook-mobile-signature", "composer_signature",
		"applemailsignature", "messagesignaturesection", "nylas-n1-signature", "yahoo-signature", "zmail_signature", "tutanota_signature", "front-signature", "linebreakatbeginningofsignature")
	restNames = set("divrplyfwdmsg", "appendonsend", "olk_src_body_section", "stopspelling", "zwchr", "mail-editor-reference-message-container", "ms-outlook-mobile-reference-message",
		"outlookmessageheader", "_originalcontent", "_persistentheader", "__divider__", "replysplit", "mailcontainer_quote")
)

// placeOf says what an element holds, by its name and its attributes.
func placeOf(name string, attrs tagAttrs) (placeKind, restKind) {
	if name == "includetail" { // QQ
		return 0, restFollows
	}
	for _, a := range attrs {
		switch a.Key {
		case "style":
			if isOutlookBorder(a.Val) {
				return 0, restIfHeader
			}
			continue
		case "href", "alt":
			continue
		}
		if len(a.Val) > maxLine {
			continue
		}
		for _, w := range strings.Fields(strings.ToLower(a.Val)) {
			for strings.HasPrefix(w, "x_") {
				w = w[2:]
			}
			if i := strings.Index(w, "yahoo"); i > 0 && strings.HasPrefix(w, "ydp") {
				w = w[i:]
			}
			switch {
			case w == "signature" && a.Key == "class": // anybody's
			case w == "quote" && a.Key != "name": // GMX has it as a name
			case w == foldClass && name == "details":
				return placeFold, 0
			case restNames[w]:
				return 0, restFollows
			case quoteNames[w]:
				return placeQuote, 0
			case wroteNames[w]:
				return placeWrote, 0
			case signNames[w]:
				return placeSign, 0
			}
		}
	}
	return 0, 0
}

// isOutlookBorder knows the line that Outlook draws above what it quotes: "border:none;border-top:solid #E1E1E1 1.0pt;…".
func isOutlookBorder(style string) bool {
	const longest = 400
	if len(style) > longest {
		return false
	}
	s := strings.ToLower(strings.ReplaceAll(style, " ", ""))
	i := strings.Index(s, "border-top:")
	return i >= 0 && strings.Contains(s, "border:none") && strings.Contains(s[i:], "solid") && strings.Contains(s[i:], "1.0pt")
}
