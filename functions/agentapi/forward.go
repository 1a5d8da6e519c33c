package agentapi

import (
	"context"
	"slices"
	"strings"

	"parley/events"
	"parley/shared/email"
	"parley/shared/fault"
	"parley/shared/inbox"
	"parley/shared/mailer"
)

// forward puts a message of the thread below the letter, with its files. The signed reply addresses that it may quote are not passed on (rule 11
// of inbox).
func (d *door) forward(ctx context.Context, l *letter, thread string, seq int64, leaveOut []int, accounts []inbox.Account) error {
	head, err := d.store.Threads.Head(ctx, thread)
	if err != nil {
		return err
	}
	e, err := d.entry(ctx, thread, seq)
	if err != nil {
		return err
	}
	f, attached, err := forwarded(e)
	if err != nil {
		return err
	}
	c, err := d.content(ctx, thread, seq)
	if err == nil {
		f.Text, f.HTML, err = d.bodyOf(ctx, c.body)
	}
	if err != nil {
		return err
	}
	shown := "our address"
	if i := slices.IndexFunc(accounts, func(a inbox.Account) bool { return a.ID == head.Account }); i >= 0 {
		shown = accounts[i].Address
	}
	hide := func(s string) string { return email.HideReplyAddresses(s, d.mailDomain, shown) }
	own := l.text
	history := hide(f.AsText())
	if f.HTML != "" && l.html == "" {
		l.html = email.HTMLOf(own)
	}
	if l.html != "" {
		f.HTML = email.Sanitise(f.HTML) // less the folds that are for our page
		l.html += "<br>\n" + hide(f.AsHTML())
	}
	l.text = strings.TrimLeft(strings.TrimRight(own, "\n")+"\n\n"+history, "\n")
	from := strings.Count(strings.TrimSuffix(l.text, history), "\n")
	l.folds = []events.Fold{{From: from, To: from + strings.Count(history, "\n") + 1}}
	if l.preview == "" {
		l.preview = inbox.Preview(f.Subject + " " + f.Text)
	}
	for n, a := range attached {
		if slices.Contains(leaveOut, n) {
			continue
		}
		a.Inline = a.Inline && l.html != ""
		if mailer.Refuses(a.Name) {
			return fault.Wrap(refusedFile(a.Name), fault.Invalid, "leaveOut: %s Or forward the message without it.", fault.MessageOf(refusedFile(a.Name)))
		}
		l.files, l.from = append(l.files, a), append(l.from, "")
	}
	return l.fits()
}

// forwarded is what an entry says of the message that it is.
func forwarded(e inbox.Entry) (f email.PassedOn, files []events.Attachment, err error) {
	people := func(list []events.Address) (out []email.Address) {
		for _, a := range list {
			out = append(out, email.Address(a))
		}
		return out
	}
	switch {
	case e.Received != nil:
		m := e.Received
		f = email.PassedOn{From: email.Address(m.From), To: people(m.To), Cc: people(m.Cc), Subject: m.Subject, Date: e.At}
		if m.Email != nil && !m.Email.Date.IsZero() {
			f.Date = m.Email.Date
		}
		return f, m.Attachments, nil
	case e.Sent != nil: // without its blind copies
		m := e.Sent
		return email.PassedOn{From: email.Address(m.From), To: people(m.To), Cc: people(m.Cc), Subject: m.Subject, Date: e.At}, m.Attachments, nil
	}
	return f, nil, fault.New(fault.Invalid, "forwards: entry %d is not a message that can be passed on.", e.Seq)
}
