package deliver

import (
	"context"
	"strconv"

	"parley/events"
	"parley/shared/email"
	"parley/shared/fault"
	"parley/shared/inbox"
	"parley/shared/mailer"
	"parley/shared/store"
)

// compose writes the mail of a job. Nothing has been sent when it fails: a coded error is for good.
func (h *handler) compose(ctx context.Context, j store.Job) (mailer.Envelope, error) {
	f, err := h.fact(ctx, j)
	if err != nil {
		return mailer.Envelope{}, err
	}
	head, err := h.store.Threads.Head(ctx, j.Thread)
	if err != nil {
		return mailer.Envelope{}, err
	}
	account, err := h.store.Settings.Account(ctx, head.Account)
	if err != nil {
		return mailer.Envelope{}, err
	}
	id := h.signer.MessageID(j.Thread, f.Message)
	out := email.Outgoing{
		From: email.Address(f.From), To: addresses(f.To), Cc: addresses(f.Cc), Bcc: addresses(f.Bcc), Subject: f.Subject, MessageID: id, Date: h.now(),
		Headers: map[string]string{email.LoopHeader: id},
	}
	switch {
	case f.Forwards == 0:
		out.ReplyTo = email.Address{Name: account.Name, Email: h.signer.ReplyAddress(j.Thread)}
	case f.From.Email != account.Address && account.Address != "":
		// Who reads a forward is not on the thread: the signed address would let them in (rule 11 of inbox). The mailbox itself takes their answer.
		out.ReplyTo = email.Address{Name: account.Name, Email: account.Address}
	}
	if f.Email != nil {
		out.InReplyTo, out.References = f.Email.InReplyTo, f.Email.References
	}
	if out.Text, out.HTML, err = h.body(ctx, f.Body); err != nil {
		return mailer.Envelope{}, err
	}
	if out.Attachments, err = h.attachments(ctx, f.Attachments); err != nil {
		return mailer.Envelope{}, err
	}
	raw, err := email.Compose(out)
	if err != nil {
		return mailer.Envelope{}, err
	}
	env := mailer.Envelope{From: f.From.Email, Raw: raw, Tags: map[string]string{"delivery": j.ID, "thread": j.Thread, "seq": strconv.FormatInt(j.Seq, 10), "account": account.ID}}
	if j.Try > 0 {
		env.Tags["try"] = strconv.Itoa(j.Try)
	}
	for _, r := range j.Recipients { // blind copies too: the envelope is the only place that names them
		if j.Owes(r) {
			env.To = append(env.To, r.Address)
		}
	}
	return env, nil
}

// fact reads what the job is to deliver.
func (h *handler) fact(ctx context.Context, j store.Job) (events.MessageSent, error) {
	log, err := h.store.Threads.Entries(ctx, j.Thread, j.Seq, j.Seq)
	if err != nil {
		return events.MessageSent{}, err
	}
	if len(log) == 0 {
		return events.MessageSent{}, fault.New(fault.NotFound, "The message is not there any more.")
	}
	e, err := inbox.EntryOf(log[0])
	if err != nil {
		return events.MessageSent{}, err
	}
	if e.Sent == nil {
		return events.MessageSent{}, fault.New(fault.Invalid, "This entry is no message of ours.")
	}
	return *e.Sent, nil
}

// body returns the text and its HTML: the one that was written, or a twin of the text.
func (h *handler) body(ctx context.Context, b events.Body) (text, html string, err error) {
	text = b.Text
	if b.TextRef != "" {
		raw, _, err := h.files.Get(ctx, b.TextRef)
		if err != nil {
			return "", "", err
		}
		text = string(raw)
	}
	if b.HTMLRef == "" {
		return text, email.Page(email.HTMLOf(text)), nil
	}
	raw, _, err := h.files.Get(ctx, b.HTMLRef)
	return text, email.Page(string(raw)), err
}

func (h *handler) attachments(ctx context.Context, list []events.Attachment) ([]email.Attachment, error) {
	var out []email.Attachment
	for _, a := range list {
		content, _, err := h.files.Get(ctx, a.Ref)
		if err != nil {
			return nil, err
		}
		out = append(out, email.Attachment{Name: a.Name, Type: a.Type, Size: a.Size, Inline: a.Inline, ContentID: a.ContentID, Content: content})
	}
	return out, nil
}

func addresses(list []events.Address) []email.Address {
	var out []email.Address
	for _, a := range list {
		out = append(out, email.Address(a))
	}
	return out
}
