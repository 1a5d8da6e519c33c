package ingest

import (
	"context"
	"regexp"
	"strings"

	"parley/events"
	"parley/shared/email"
	"parley/shared/inbox"
	"parley/shared/table"
)

// sieve is everything by which a mail is put aside or let in (rules 4 and 5), read before the thread is.
type sieve struct {
	filters inbox.Filters
	letter  inbox.Letter
	listed  func(inbox.FilterList, string) bool
	rate    table.Op // counts the mail for its sender
	verdict *inbox.Verdict
}

func (h *handler) sieve(ctx context.Context, in *incoming, box mailbox, who sender) (*sieve, error) {
	s := &sieve{letter: letterOf(in, who)}
	var err error
	if s.filters, err = h.store.Filters.Get(ctx, box.account.Inbox); err != nil {
		return nil, err
	}
	if s.listed, err = h.store.Filters.On(ctx, box.account.Inbox, s.letter.Names()); err != nil {
		return nil, err
	}
	s.letter.Sent, s.rate, err = h.store.Filters.Sent(ctx, box.account.Inbox, who.from.Email, in.at)
	return s, err
}

// letterOf is what the filters look at.
func letterOf(in *incoming, who sender) inbox.Letter {
	l := inbox.Letter{From: who.from.Email, Spam: spam(in), Auto: automatic(in, who), Marketing: marketing(in.msg), Unsubscribe: unsubscribe(in.msg)}
	if in.house.lists(in.msg.List) { // our own group sends to many at once what a customer wrote to us
		l.Marketing, l.Unsubscribe = false, false
	}
	if a, err := email.NormaliseAddress(strings.Trim(in.Mail.Source, "<> ")); err == nil {
		l.Envelope = a
	}
	if who.via != nil {
		l.Via = who.via.Email
	}
	return l
}

// judge says where a conversation belongs that the mail begins, or what is said of it beside where it joins one.
func (s *sieve) judge(t inbox.Thread, box mailbox, join string) *events.Filter {
	s.letter.Answer = join != "" && join != thirdParty
	v := inbox.Judge(s.filters, s.letter, s.listed)
	s.verdict = &v
	if v.Filter == nil && !t.Exists() {
		return paused(box.account)
	}
	return v.Filter
}

// count is what is written with the message: what answers us is not counted.
func (s *sieve) count() []table.Op {
	if s.letter.Answer || s.letter.From == "" {
		return nil
	}
	return []table.Op{s.rate}
}

// spam is why a mail is taken for spam: the scanner says so, or the domain that it claims to be of says that it never sent it and that such
// mail is not to be delivered.
func spam(in *incoming) string {
	policy := strings.ToLower(in.Receipt.DMARCPolicy)
	switch {
	case in.Receipt.Spam.failed():
		return "spam"
	case in.Receipt.DMARC.failed() && (policy == "reject" || policy == "quarantine"):
		return "dmarc"
	}
	return ""
}

// automatic names the rule that says no person wrote this (rule 8). A list says so of everything that goes through it, also of what a person
// wrote whom it has put behind itself.
// A group of ours is no list of a stranger's; and a rule of Exchange leaves the same mark on what it answers and on what it redirects, so that
// at one of our own mailboxes it is what brings us a person's mail.
func automatic(in *incoming, who sender) string {
	auto := in.msg.Auto
	if (who.rule == "list" || in.house.lists(in.msg.List)) && (auto == "list-id" || auto == "list-unsubscribe" || auto == "precedence") {
		auto = ""
	}
	if auto == "x-ms-exchange-inbox-rules-loop" && in.msg.Redirected != "" && in.house.owns(in.msg.Redirected) {
		auto = ""
	}
	switch {
	case auto != "":
		return auto
	case in.msg.Report != nil:
		return string(in.msg.Report.Kind)
	case in.nullSender():
		return "null-return-path"
	}
	return ""
}

// marketing reports whether a mail goes to many at once.
func marketing(m email.Message) bool {
	return m.List != "" || m.Auto == "list-id" || m.Auto == "list-unsubscribe" || m.Auto == "precedence"
}

// unsubscribe reports whether a mail says how to get no more of it: in its header, or by a link.
func unsubscribe(m email.Message) bool {
	return m.Auto == "list-unsubscribe" || leaving.MatchString(m.HTML) || leaving.MatchString(m.Text)
}

// leaving is a link behind which one unsubscribes, or the words that stand on one.
var leaving = regexp.MustCompile(`(?i)https?://[^\s"<>]*(unsubscribe|optout|opt-out|abmelden|abbestell)|>\s*(unsubscribe|abmelden|abbestellen|se désabonner|désinscription|darse de baja|cancelar suscripción|annulla iscrizione|disiscriviti|afmelden|uitschrijven|avregistrera|отписаться)\b`)
