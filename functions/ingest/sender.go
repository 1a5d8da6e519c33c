package ingest

import (
	"strings"

	"parley/events"
	"parley/shared/email"
)

// sender is who wrote a mail, and who passed it on (rule 14).
type sender struct {
	from  events.Address  // Email is "" if nobody is to be found
	via   *events.Address // who sent it, if that is somebody else
	rule  string          // "from", "forwarded", "attached", "list", "form", "reply-to", "nobody"
	agent bool            // one of the team sent it
}

// senderOf looks for the person behind a mail: behind a colleague who forwards, a list that puts itself into From, a contact form. In all other
// cases From is who wrote. A customer who forwards something is who writes: only colleagues speak on behalf of others.
func senderOf(in *incoming) sender {
	m, house := in.msg, in.house
	from, known := address(m.From)
	s := sender{from: events.Address{Name: name(m.From.Name)}, rule: "nobody"}
	if known {
		s = sender{from: from, rule: "from", agent: house.employs(from.Email) && !in.Receipt.DMARC.failed()}
	}
	behind := func(who events.Address, rule string) sender {
		if known && who.Email != from.Email {
			s.via = &from
		}
		s.from, s.rule = who, rule
		return s
	}
	if who, rule, ok := forwarded(m); ok && s.agent && who.Email != from.Email && !house.owns(who.Email) {
		return behind(who, rule)
	}
	var replyTo events.Address // the first one that is not ours
	for _, a := range m.ReplyTo {
		if who, ok := address(a); ok && replyTo.Email == "" && !house.owns(who.Email) {
			replyTo = who
		}
	}
	if who, ok := listed(m, replyTo); ok && known && who.Email != from.Email && !house.owns(who.Email) {
		return behind(who, "list")
	}
	switch {
	case replyTo.Email == "":
		return s
	case !known:
		return behind(replyTo, "reply-to")
	case house.owns(from.Email) || m.Auto == "from":
		return behind(replyTo, "form")
	}
	return s
}

// address is an address in comparable form, if it is one.
func address(a email.Address) (events.Address, bool) {
	normal, err := email.NormaliseAddress(a.Email)
	return events.Address{Name: name(a.Name), Email: normal}, err == nil
}

// forwarded is who wrote the mail that this one forwards: as the one mail attached to it, or in its text.
func forwarded(m email.Message) (who events.Address, rule string, ok bool) {
	var mails []email.Head
	for _, a := range m.Attachments {
		if a.Mail != nil {
			mails = append(mails, *a.Mail)
		}
	}
	if len(mails) == 1 {
		who, ok = address(mails[0].From)
		return who, "attached", ok
	}
	if m.Forwarded != nil {
		who, ok = address(m.Forwarded.From)
	}
	return who, "forwarded", ok
}

// listed is who wrote a mail that a list sent in its own name, so that DMARC lets it pass: X-Original-From, or Reply-To where From says "via".
func listed(m email.Message, replyTo events.Address) (events.Address, bool) {
	shown := ""
	if i := strings.Index(m.From.Name, " via "); i > 0 {
		shown = name(strings.Trim(m.From.Name[:i], `'" `))
	}
	who, ok := replyTo, shown != "" && replyTo.Email != ""
	if m.OriginalFrom != nil {
		if original, usable := address(*m.OriginalFrom); usable {
			who, ok = original, true
		}
	}
	if who.Name == "" {
		who.Name = shown
	}
	return who, ok
}
