package email

import (
	"html"
	"regexp"
	"strings"
	"time"
)

// PassedOn is a message that is passed on, as its new readers see it: with who wrote it to whom, and when.
type PassedOn struct {
	From       Address
	To, Cc     []Address
	Subject    string
	Date       time.Time
	Text, HTML string // HTML is sanitised; "" if the message had none
}

const forwardLine = "---------- Forwarded message ----------"

// heads are the lines above the message, in the words that mail programs look for.
func (f PassedOn) heads() [][2]string {
	lines := [][2]string{{"From", shown([]Address{f.From})}}
	if !f.Date.IsZero() {
		lines = append(lines, [2]string{"Date", f.Date.Format("Mon, 2 Jan 2006 15:04 -0700")})
	}
	lines = append(lines, [2]string{"Subject", oneLine(f.Subject)})
	for _, l := range []struct {
		name string
		list []Address
	}{{"To", f.To}, {"Cc", f.Cc}} {
		if len(l.list) > 0 {
			lines = append(lines, [2]string{l.name, shown(l.list)})
		}
	}
	return lines
}

func shown(list []Address) string {
	var out []string
	for _, a := range list {
		if name := oneLine(a.Name); name != "" {
			out = append(out, name+" <"+oneLine(a.Email)+">")
		} else {
			out = append(out, oneLine(a.Email))
		}
	}
	return strings.Join(out, ", ")
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// AsText is the message as plain text.
func (f PassedOn) AsText() string {
	var b strings.Builder
	b.WriteString(forwardLine + "\n")
	for _, l := range f.heads() {
		b.WriteString(l[0] + ": " + l[1] + "\n")
	}
	return b.String() + "\n" + strings.Trim(f.Text, "\n")
}

// AsHTML is the message as HTML.
func (f PassedOn) AsHTML() string {
	var b strings.Builder
	b.WriteString("<div>" + forwardLine + "<br>\n")
	for _, l := range f.heads() {
		b.WriteString("<b>" + l[0] + ":</b> " + html.EscapeString(l[1]) + "<br>\n")
	}
	b.WriteString("</div><br>\n")
	if f.HTML != "" {
		return b.String() + "<div>" + f.HTML + "</div>\n"
	}
	return b.String() + HTMLOf(f.Text)
}

// replyAddress is what Signer.ReplyAddress makes, before the @, as it stands in text, in HTML and in a mailto: link.
const replyAddress = `(?i)c(?:\+|&#43;|%2b)[a-z0-9]{10,40}\.[a-z2-7]{16}(?:@|&#64;|%40)`

// HideReplyAddresses puts shown in the place of every reply address of a mail domain: whoever has one can write into the thread as somebody who
// is on it, so a message that quotes one does not go to strangers as it is.
func HideReplyAddresses(s, mailDomain, shown string) string {
	if mailDomain == "" {
		return s
	}
	return regexp.MustCompile(replyAddress+regexp.QuoteMeta(mailDomain)).ReplaceAllLiteralString(s, shown)
}
