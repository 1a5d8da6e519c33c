package agentapi

import (
	"slices"
	"strings"
	"unicode"

	"parley/events"
	"parley/shared/email"
	"parley/shared/fault"
	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/store"
)

// replyAll is whom an answer to everybody goes to.
type replyAll struct {
	To []events.Address `json:"to"`
	Cc []events.Address `json:"cc" doc:"Everybody else on the thread but us and our team. Nobody if the last message came to us as a blind copy."`
}

// audience is a message's recipients: checked, each in one of the lists only.
type audience struct{ to, cc, bcc []events.Address }

// addressees checks the recipients that an agent chose. Somebody named twice stays in the more open list.
func addressees(to, cc, bcc []events.Address) (p audience, err error) {
	if p.to, err = recipients("to", to); err != nil {
		return p, err
	}
	if p.cc, err = recipients("cc", cc); err != nil {
		return p, err
	}
	p.bcc, err = recipients("bcc", bcc)
	return p, err
}

// all are the recipients in their final lists.
func (p audience) all() audience {
	p.cc = slices.DeleteFunc(slices.Clone(p.cc), func(a events.Address) bool { return names(p.to, a.Email) })
	p.bcc = slices.DeleteFunc(slices.Clone(p.bcc), func(a events.Address) bool { return names(p.to, a.Email) || names(p.cc, a.Email) })
	return p
}

// String tells two sets of recipients apart.
func (p audience) String() string {
	return strings.Join([]string{joined(p.to), joined(p.cc), joined(p.bcc)}, "\x01")
}

func joined(list []events.Address) string {
	parts := make([]string, 0, 2*len(list))
	for _, a := range list {
		parts = append(parts, a.Name, a.Email)
	}
	return strings.Join(parts, "\x00")
}

// recipients checks and normalises addresses that an agent chose; one named twice stays once.
func recipients(member string, list []events.Address) ([]events.Address, error) {
	var out []events.Address
	for _, a := range list {
		if breaksLines(a.Email) || breaksLines(a.Name) {
			return nil, lineBreak(member)
		}
		address, err := email.NormaliseAddress(a.Email)
		if err != nil {
			return nil, fault.Wrap(err, fault.Invalid, "%s: %s", member, fault.MessageOf(err))
		}
		if local, _, _ := strings.Cut(address, "@"); strings.ContainsFunc(local, func(r rune) bool { return r > unicode.MaxASCII }) {
			return nil, fault.New(fault.Invalid, "%s: %q cannot be mailed: it has letters outside of ASCII before the @.", member, address)
		}
		name := strings.Join(strings.Fields(a.Name), " ")
		if len(name) > limit.NameBytes || strings.ContainsFunc(name, unicode.IsControl) {
			return nil, fault.New(fault.Invalid, "%s: the name of %s is too long or has characters that mail cannot carry.", member, address)
		}
		if !names(out, address) {
			out = append(out, events.Address{Name: name, Email: address})
		}
	}
	if len(out) > limit.MailOutRecipients {
		return nil, tooMany(len(out))
	}
	return out, nil
}

func tooMany(n int) error {
	return fault.New(fault.Invalid, "A message goes to at most %d people, To, Cc and Bcc together, not %d.", limit.MailOutRecipients, n)
}

// breaksLines reports whether a text could end a header line: what stands in a header may hold no CR, LF or NUL, and is refused rather than
// mended, because nobody types one.
func breaksLines(s string) bool { return strings.ContainsAny(s, "\r\n\x00") }

func lineBreak(member string) error {
	return fault.New(fault.Invalid, "%s: line breaks and NUL characters are not allowed here.", member)
}

// address writes sender and recipients into a message, or says why it cannot go to them.
func (d *door) address(m *events.MessageSent, u store.User, account inbox.Account, accounts []inbox.Account, p audience) error {
	p = p.all()
	if n := len(p.to) + len(p.cc) + len(p.bcc); n > limit.MailOutRecipients {
		return tooMany(n)
	}
	for _, a := range slices.Concat(p.to, p.cc, p.bcc) {
		if account.Owns(a.Email) || d.token(a.Email) {
			return fault.New(fault.Invalid, "%s is this conversation's own address: the message would come back.", a.Email)
		}
	}
	m.To, m.Cc, m.Bcc = orEmpty(p.to), p.cc, p.bcc
	m.From = from(u, account, accounts)
	return nil
}

// from is who a mail of an account's conversation is from: the person, and the address that it arrives from (inbox.Account.SendsFrom).
func from(u store.User, a inbox.Account, accounts []inbox.Account) events.Address {
	var fallback inbox.Account
	if i := slices.IndexFunc(accounts, func(x inbox.Account) bool { return x.Inbox == a.Inbox && x.Fallback }); i >= 0 {
		fallback = accounts[i]
	}
	return events.Address{Name: a.Signs(u.Name), Email: a.SendsFrom(fallback)}
}

// replyAll is replyTo, and everybody else on the thread: not our addresses, and not the team's own, who read it here.
func (d *door) replyAll(t inbox.Thread, accounts []inbox.Account, users []store.User) replyAll {
	out := replyAll{To: d.replyTo(t, accounts), Cc: []events.Address{}}
	if t.LastBcc {
		return out
	}
	for _, p := range d.participants(t, accounts) {
		address, err := email.NormaliseAddress(p.Email)
		team := slices.ContainsFunc(users, func(u store.User) bool { return u.Email == address })
		if err == nil && !team && !d.ours(address, accounts) && !names(out.To, address) && !names(out.Cc, address) {
			out.Cc = append(out.Cc, events.Address{Name: p.Name, Email: address})
		}
	}
	return out
}

// participants lists the people on a thread, the contact first.
func (d *door) participants(t inbox.Thread, accounts []inbox.Account) []inbox.Participant {
	out := []inbox.Participant{}
	if t.Contact.Address != "" {
		out = append(out, inbox.Participant{Name: t.Contact.Name, Email: t.Contact.Address})
	}
	for _, p := range t.Participants {
		if p.Email != t.Contact.Address && !d.ours(strings.ToLower(p.Email), accounts) {
			out = append(out, p)
		}
	}
	return out
}

// replyTo is whom an answer goes to by default: where the last message asked for answers, else its sender, else the contact. What mail
// cannot be sent to is left out.
func (d *door) replyTo(t inbox.Thread, accounts []inbox.Account) []events.Address {
	out := []events.Address{}
	for _, a := range t.LastReplyTo {
		address, err := email.NormaliseAddress(a.Email)
		if err == nil && !d.ours(address, accounts) && !names(out, address) {
			out = append(out, events.Address{Name: a.Name, Email: address})
		}
	}
	if len(out) == 0 && t.Contact.Address != "" {
		out = append(out, events.Address{Name: t.Contact.Name, Email: t.Contact.Address})
	}
	return out
}

// ours reports whether an address (lower-case) leads back to us: one of an account's, or a thread's reply address.
func (d *door) ours(address string, accounts []inbox.Account) bool {
	return d.token(address) || slices.ContainsFunc(accounts, func(a inbox.Account) bool { return a.Owns(address) })
}

// token reports whether an address is a thread's reply address (email.Signer's c+…@mail domain).
func (d *door) token(address string) bool {
	return strings.HasPrefix(address, "c+") && strings.HasSuffix(address, "@"+d.mailDomain)
}

func names(list []events.Address, address string) bool {
	return slices.ContainsFunc(list, func(a events.Address) bool { return a.Email == address })
}
