package email

import (
	"regexp"
	"strings"
)

// ProbeHeader is a field on every test mail of ours; its value is Signer.Probe.
const ProbeHeader = "X-Parley-Probe"

// Probe is what a test mail of an account carries, in ProbeHeader and, because a mailbox that forwards may write a mail of its own around
// it, in its subject: p-<account>.<test>.<signature>. It is "" if account or test is no id.
func (s *Signer) Probe(account, test string) string {
	account, test = strings.ToLower(account), strings.ToLower(test)
	if !isThread(account) || !isThread(test) {
		return ""
	}
	return "p-" + account + "." + test + "." + s.mac("probe", account, test)
}

var probe = regexp.MustCompile(`\bp-([a-z0-9]{10,40})\.([a-z0-9]{10,40})\.([a-z2-7]{16})\b`)

// ProbeOf finds the first probe that we signed in a text: whose test it is, and which.
func (s *Signer) ProbeOf(text string) (account, test string, ok bool) {
	for _, m := range probe.FindAllStringSubmatch(strings.ToLower(cut(text, maxID)), 10) {
		if s.verify(m[3], "probe", m[1], m[2]) {
			return m[1], m[2], true
		}
	}
	return "", "", false
}
