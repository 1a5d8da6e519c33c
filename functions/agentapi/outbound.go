package agentapi

import (
	"cmp"
	"context"
	"slices"

	"parley/events"
	"parley/shared/fault"
	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/store"
)

type beginIn struct {
	Key  string `header:"Idempotency-Key" required:"true" doc:"Of the client's making, at most 200 bytes: the same key and content happen once."`
	Body struct {
		LetterIn
		Account string           `json:"account" maxLength:"64" doc:"Id of the account it is from; the thread stands in the account's inbox."`
		To      []events.Address `json:"to" minItems:"1" doc:"The first one is the thread's contact; a new one is remembered."`
		Subject string           `json:"subject" doc:"At most 998 characters."`
		DraftID string           `json:"draftId,omitempty" maxLength:"40" doc:"Id of the caller's draft that this was …"`
		Draft   string           `json:"draft,omitempty" maxLength:"64" doc:"… and its tag: it goes with the sending, unless it was changed meanwhile."`
	}
}

// beginThread writes to somebody who has not written to us. The answer finds the thread as any answer does.
func (d *door) beginThread(ctx context.Context, in *beginIn) (*changeOut, error) {
	if err := goodKey(in.Key); err != nil {
		return nil, err
	}
	d.refreshSenders(ctx)
	account, p, err := d.begun(ctx, in)
	if err != nil {
		return nil, err
	}
	l, err := d.letter(ctx, "", in.Body.LetterIn)
	if err != nil {
		return nil, err
	}
	for {
		// A key that was used names its thread, so that a repeated request asks about that one.
		thread, err := d.store.Threads.KeyThread(ctx, onceKey(ctx, in.Key))
		if err != nil {
			return nil, err
		}
		first := thread == ""
		if first {
			thread = d.newID()
		}
		out, err := d.begin(ctx, in, thread, account, p, l)
		if first && fault.Is(err, fault.Invalid) { // perhaps because the same request was faster elsewhere
			if used, again := d.store.Threads.KeyThread(ctx, onceKey(ctx, in.Key)); again == nil && used != "" && used != thread {
				continue
			}
		}
		return out, err
	}
}

// begun checks what only a first message has.
func (d *door) begun(ctx context.Context, in *beginIn) (account inbox.Account, p audience, err error) {
	if account, err = d.store.Settings.Account(ctx, in.Body.Account); err != nil {
		return account, p, err
	}
	if err := d.mayWork(ctx, account.Inbox); err != nil {
		return account, p, err
	}
	if account.Channel != inbox.ChannelEmail || account.State == inbox.AccountDisconnected {
		return account, p, fault.New(fault.Invalid, "account: no mail can be written from %s.", cmp.Or(account.Address, account.Name))
	}
	if breaksLines(in.Body.Subject) {
		return account, p, lineBreak("subject")
	}
	if n := len([]rune(in.Body.Subject)); n > limit.SubjectRunes {
		return account, p, fault.New(fault.Invalid, "subject: at most %d characters, not %d.", limit.SubjectRunes, n)
	}
	p, err = addressees(in.Body.To, in.Body.Cc, in.Body.Bcc)
	if err == nil && len(p.to) == 0 {
		err = fault.New(fault.Invalid, "A message needs at least one recipient.")
	}
	return account, p, err
}

func (d *door) begin(ctx context.Context, in *beginIn, thread string, account inbox.Account, p audience, l letter) (*changeOut, error) {
	u := caller(ctx)
	id := derive(append([]string{"message", u.ID, thread, in.Key, account.ID, in.Body.Subject, p.String()}, l.identity()...)...)
	m := events.MessageSent{Subject: in.Body.Subject}
	accounts, err := d.store.Settings.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	if err := d.address(&m, u, account, accounts, p); err != nil { // before anything is kept: neither files nor a contact for what is refused
		return nil, err
	}
	l.files, l.from = slices.Clone(l.files), slices.Clone(l.from)
	if err := d.keep(ctx, thread, id, &l); err != nil {
		return nil, err
	}
	l.fill(&m, id)
	contact, err := d.store.Contacts.ByEmail(ctx, p.to[0].Email, p.to[0].Name)
	if err != nil {
		return nil, err
	}
	subject := in.Body.Subject
	if subject == "" {
		subject = "(no subject)" // a list has to show something
	}
	o := events.ThreadOpened{Inbox: account.Inbox, Account: account.ID, Channel: string(inbox.ChannelEmail), Subject: subject, Contact: contact.Fact()}
	c, err := d.once(ctx, thread, in.Key, func(t inbox.Thread) (inbox.Decision, error) {
		return t.Begin(agent(u), o, m)
	}, d.written(u, store.DraftPlace{ID: in.Body.DraftID, Mode: store.DraftNew}, in.Body.Draft)...)
	if err != nil {
		return nil, err
	}
	return d.sent(ctx, c, id)
}
