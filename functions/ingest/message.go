package ingest

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"parley/events"
	"parley/shared/email"
	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/store"
)

// message makes the fact of a mail and puts its long text, its HTML and its attachments into the files bucket. The keys are made from
// the mail, so a second try writes the same objects.
func (h *handler) message(ctx context.Context, in *incoming, u unit, thread string, who sender) (events.MessageReceived, error) {
	id := idFrom(in.at, "message", in.Mail.ID, u.arrival.Name)
	m := in.msg
	f := events.MessageReceived{
		Message: id, From: who.from, Via: who.via, To: h.people(m.To, u.box), Cc: h.people(m.Cc, u.box),
		Subject: subject(m), Preview: preview(m.Reply), Calendar: calendar(m), Problems: problems(in),
	}
	f.Email = h.email(in, u.box, f, who)
	if f.Preview == "" && len(m.Attachments) > 0 {
		f.Preview = inbox.Preview(m.Attachments[0].Name)
	}
	var err error
	if f.Body, err = h.body(ctx, m, thread, id); err != nil {
		return f, err
	}
	if in.Receipt.Virus.failed() {
		return f, nil // rule 4: what the scanner found stays in the raw mail
	}
	for n, a := range m.Attachments {
		key := store.AttachmentKey(thread, id, n)
		if err := h.files.Put(ctx, key, a.Type, a.Content); err != nil {
			return f, err
		}
		f.Attachments = append(f.Attachments, events.Attachment{
			Name: cutRunes(a.Name, limit.MailNameRunes), Type: a.Type, Size: a.Size, SHA256: a.SHA256, Ref: key, Inline: a.Inline, ContentID: a.ContentID,
			Mail: attached(a.Mail),
		})
	}
	return f, nil
}

func (h *handler) body(ctx context.Context, m email.Message, thread, id string) (events.Body, error) {
	b := events.Body{Text: m.Text}
	for _, f := range m.Folds {
		b.Folds = append(b.Folds, events.Fold(f))
	}
	if len(m.Text) > limit.InlineBodyBytes {
		b.Text, b.TextRef = "", store.BodyKey(thread, id, "txt")
		if err := h.files.Put(ctx, b.TextRef, "text/plain; charset=utf-8", []byte(m.Text)); err != nil {
			return b, err
		}
	}
	if m.HTML != "" {
		b.HTMLRef = store.BodyKey(thread, id, "html")
		return b, h.files.Put(ctx, b.HTMLRef, "text/html; charset=utf-8", []byte(m.HTML))
	}
	return b, nil
}

// email is what only mail has. f has the people of the mail.
func (h *handler) email(in *incoming, box mailbox, f events.MessageReceived, who sender) *events.Email {
	m := in.msg
	e := &events.Email{
		MessageID: m.MessageID, References: m.References, Carrier: in.Mail.ID, Raw: in.Receipt.Action.Key, Date: m.Date,
		Auto: automatic(in, who), Mailbox: box.account.Address, List: m.List, Crypto: m.Crypto, Bcc: true,
	}
	if len(m.InReplyTo) > 0 {
		e.InReplyTo = m.InReplyTo[0]
	}
	if len(e.References) == 0 && len(m.InReplyTo) == 1 { // RFC 5322 §3.6.4: then In-Reply-To stands for them
		e.References = m.InReplyTo
	}
	for _, a := range slices.Concat([]events.Address{f.From}, f.To, f.Cc) { // rule 15
		if a.Email == box.account.Address && a != f.From {
			e.Bcc = false
		} else if in.house.owns(a.Email) || in.house.employs(a.Email) {
			e.Team = append(e.Team, a.Email)
		}
	}
	if who.rule == "forwarded" || who.rule == "attached" { // the colleague's own Reply-To is not the customer's
		return e
	}
	for _, a := range h.people(m.ReplyTo, box) {
		if !in.house.owns(a.Email) { // an answer must not come back to us
			e.ReplyTo = append(e.ReplyTo, a)
		}
	}
	return e
}

// preview is what a list shows of a mail: what its writer says, or else what it quotes.
func preview(reply string) string {
	var own []string
	for line := range strings.Lines(reply) {
		if !strings.HasPrefix(strings.TrimLeft(line, " "), ">") {
			own = append(own, line)
		}
	}
	return cmp.Or(inbox.Preview(strings.Join(own, "")), inbox.Preview(reply))
}

func attached(m *email.Head) *events.AttachedMail {
	if m == nil {
		return nil
	}
	return &events.AttachedMail{From: shown(m.From), Subject: cutRunes(m.Subject, limit.SubjectRunes), Date: m.Date}
}

// shown is an address of a mail that nothing is ever sent to: as it stands there.
func shown(a email.Address) events.Address {
	return events.Address{Name: name(a.Name), Email: cutRunes(a.Email, limit.MailAddressBytes)}
}

// calendar are the events that came along.
func calendar(m email.Message) []events.Calendar {
	var out []events.Calendar
	for _, c := range m.Calendar[:min(len(m.Calendar), limit.MailCalendars)] {
		e := events.Calendar{
			Method: c.Method, Summary: cutRunes(c.Summary, limit.SubjectRunes), Location: cutRunes(c.Location, limit.SubjectRunes),
			Start: c.Start, End: c.End, AllDay: c.AllDay, Status: c.Status,
		}
		if c.Organizer != (email.Address{}) {
			e.Organizer = shown(c.Organizer)
		}
		for _, a := range c.Attendees[:min(len(c.Attendees), limit.MailAttendees)] {
			e.Attendees = append(e.Attendees, shown(a))
		}
		out = append(out, e)
	}
	return out
}

// people are a header's addresses in comparable form, each once. A reply address of ours is shown as the mailbox it stands for.
func (h *handler) people(list []email.Address, box mailbox) []events.Address {
	var out []events.Address
	seen := map[string]bool{}
	for _, a := range list[:min(len(list), limit.MailAddresses)] {
		address, err := email.NormaliseAddress(a.Email)
		if err != nil {
			continue
		}
		shown := events.Address{Name: name(a.Name), Email: address}
		if _, token := h.signer.ThreadOfAddress(address); token || address == box.address {
			shown = events.Address{Name: box.account.Name, Email: box.account.Address}
		}
		if !seen[shown.Email] {
			seen[shown.Email] = true
			out = append(out, shown)
		}
	}
	return out
}

// problems are what the parser noted and what SES's scanners say (rule 4).
func problems(in *incoming) []events.Problem {
	var out []events.Problem
	for _, p := range in.msg.Problems {
		out = append(out, events.Problem(p))
	}
	add := func(failed bool, name, detail string) {
		if failed {
			out = append(out, events.Problem{Name: name, Detail: detail})
		}
	}
	add(in.Receipt.Virus.failed(), "virus", "The scanner found something harmful. Attachments are not shown.")
	add(in.Receipt.Virus.unsure(), "virus-unsure", "The scanner could not tell whether this is harmful.")
	why := spam(in)
	add(in.Receipt.Spam.failed(), "spam", "The scanner takes this for spam.")
	add(in.Receipt.Spam.unsure(), "spam-unsure", "The scanner could not tell whether this is spam.")
	add(why == "dmarc" || why == "spam" && in.Receipt.DMARC.failed(), "dmarc", "The sender's domain says that it did not send this (DMARC).")
	return out
}

// subject is never empty: a list has to show something.
func subject(m email.Message) string {
	s := cutRunes(strings.TrimSpace(m.Subject), limit.SubjectRunes)
	if s == "" {
		return "(no subject)"
	}
	return s
}

func name(s string) string { return cutRunes(strings.TrimSpace(s), limit.MailNameRunes) }

// cutRunes returns at most n runes of s.
func cutRunes(s string, n int) string {
	if len(s) <= n {
		return s
	}
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}
