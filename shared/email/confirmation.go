package email

import (
	"net/url"
	"regexp"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// Confirmation is what a mail provider wants confirmed before it forwards mail to an address.
type Confirmation struct {
	Provider string // "gmail", "groups", "zoho", "yahoo", "other"
	Code     string
	Link     string // https, at a host of the provider's own
}

// confirmers are providers whose confirmation mails are known by their sender. Microsoft 365 and Outlook.com send none.
//
// Gmail: forwarding-noreply@google.com in every language; until 2024 with a code in subject and text, since then with a link alone.
var confirmers = []struct {
	provider   string
	from       *regexp.Regexp
	host       *regexp.Regexp // of the link
	path       *regexp.Regexp // of the link
	needsWords bool           // the sender sends other mail too
}{
	{provider: "gmail", from: regexp.MustCompile(`^forwarding-noreply@google\.com$`), host: regexp.MustCompile(`^mail(-settings)?\.google\.com$`), path: regexp.MustCompile(`^/mail/vf-`)},
	{provider: "groups", from: regexp.MustCompile(`^(.+\+)?noreply@(googlegroups\.com|groups\.google\.com)$`), host: regexp.MustCompile(`^groups\.google\.com$`), path: regexp.MustCompile(`.`)},
	{provider: "zoho", from: regexp.MustCompile(`@([a-z0-9-]+\.)?zoho(corp|mail|accounts)?\.(com|eu|in|com\.au|jp)$`), host: regexp.MustCompile(`\.?zoho(mail)?\.(com|eu|in|com\.au|jp)$`), path: regexp.MustCompile(`.`), needsWords: true},
	{provider: "yahoo", from: regexp.MustCompile(`@([a-z0-9-]+\.)*yahoo(-inc)?\.com$`), host: regexp.MustCompile(`(^|\.)yahoo\.com$`), path: regexp.MustCompile(`.`), needsWords: true},
}

var (
	forwarding = regexp.MustCompile(`(?i)forward|weiterleit|umleit|reenv[ií]|transfert|réexp|inoltr|doorstu|encaminh|転送|转发`)
	confirming = regexp.MustCompile(`(?i)confirm|verif|vérif|bestätig|conferm|bevestig|確認|验证|确认`)
	codeText   = regexp.MustCompile(`(?i)(?:code|código|codice|代码|コード)\s*[:：]?\s*#?([0-9]{5,12})\b`)
	codeHead   = regexp.MustCompile(`\(#([0-9]{5,12})\)`)
	links      = regexp.MustCompile(`https://[^\s<>"'\])]+`)
	undo       = regexp.MustCompile(`(?i)(^|/)(uf-|cancel|unsub|help|support|answer|privacy|terms)`)
)

// ConfirmationOf recognises the mail by which a provider asks whether it may forward to an address. A link counts only at the provider's own
// hosts, and for a provider that is not known only at those of the sender's domain: it is shown to somebody who will trust it.
func ConfirmationOf(m Message) (Confirmation, bool) {
	from := strings.ToLower(m.From.Email)
	text := cut(m.Text, 16<<10)
	asks := forwarding.MatchString(m.Subject) && confirming.MatchString(m.Subject+" "+text)
	for _, p := range confirmers {
		if p.from.MatchString(from) && (!p.needsWords || asks) {
			return Confirmation{Provider: p.provider, Code: code(m.Subject, text), Link: linkAt(text, p.host.MatchString, p.path.MatchString)}, true
		}
	}
	if m.Auto == "" || !asks || len(m.InReplyTo) > 0 {
		return Confirmation{}, false
	}
	_, domain, _ := strings.Cut(from, "@")
	org := organisation(domain)
	ours := func(host string) bool { return org != "" && organisation(host) == org }
	says := func(path string) bool { return confirming.MatchString(path) || forwarding.MatchString(path) }
	c := Confirmation{Provider: "other", Code: code(m.Subject, text), Link: linkAt(text, ours, says)}
	if c.Link == "" {
		c.Link = linkAt(text, ours, func(string) bool { return true })
	}
	return c, c.Code != "" || c.Link != ""
}

func code(subject, text string) string {
	for _, m := range [][]string{codeHead.FindStringSubmatch(subject), codeText.FindStringSubmatch(text), codeText.FindStringSubmatch(subject)} {
		if m != nil {
			return m[1]
		}
	}
	return ""
}

// linkAt is the first link whose host and path are right, and that does not undo what it confirms.
func linkAt(text string, host, path func(string) bool) string {
	for _, l := range links.FindAllString(text, 50) {
		l = strings.TrimRight(l, ".,;:!?")
		u, err := url.Parse(l)
		if err == nil && u.User == nil && u.Port() == "" && host(strings.ToLower(u.Hostname())) && path(u.Path) && !undo.MatchString(u.Path) && len(l) <= 2048 {
			return l
		}
	}
	return ""
}

// organisation is the registered domain of a name, "" if it is none.
func organisation(name string) string {
	org, err := publicsuffix.EffectiveTLDPlusOne(name)
	if err != nil {
		return ""
	}
	return org
}
