package mailer

import (
	"strings"

	"parley/shared/fault"
	"parley/shared/limit"
)

// Check refuses, as fault.Invalid, an envelope no carrier may be given. Adapters call it first, so that they refuse alike.
func Check(m *Envelope) error {
	if len(m.To) == 0 || len(m.To) > limit.MailOutRecipients {
		return fault.New(fault.Invalid, "a message goes to 1 to %d addresses, not %d", limit.MailOutRecipients, len(m.To))
	}
	if len(m.Raw) == 0 || len(m.Raw) > limit.MailOutBytes {
		return fault.New(fault.Invalid, "a message has at most %d bytes, not %d", limit.MailOutBytes, len(m.Raw))
	}
	for _, a := range append([]string{m.From}, m.To...) {
		if at := strings.LastIndexByte(a, '@'); at < 1 || at == len(a)-1 || strings.ContainsAny(a, " \t\r\n<>,") {
			return fault.New(fault.Invalid, "%q is not a bare address", a)
		}
	}
	for name, value := range m.Tags {
		if !plain(name) || !plain(value) {
			return fault.New(fault.Invalid, "the tag %q=%q is not of [A-Za-z0-9_-]", name, value)
		}
	}
	return nil
}

// plain reports whether s is what SES takes as a tag's name or value (SESv2 API, MessageTag: up to 256 characters).
func plain(s string) bool {
	for i := range len(s) {
		c := s[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-') {
			return false
		}
	}
	return s != "" && len(s) <= 256
}
