package ingest

import (
	"context"
	"strings"

	"parley/events"
	"parley/shared/channel"
	"parley/shared/email"
	"parley/shared/host"
	"parley/shared/inbox"
)

// taken reports whether mail for an address is ours to judge: it is of the mail domain, or of one whose mail exchanger an account made ours.
func (h *handler) taken(ctx context.Context, address string) (bool, error) {
	if h.ours(address) {
		return true, nil
	}
	return h.store.Settings.TakesDomain(ctx, address[strings.LastIndexByte(address, '@')+1:])
}

// receive takes a mail for one mailbox, and notes what it says of the account.
func (h *handler) receive(ctx context.Context, in *incoming, u unit) error {
	if u.arrival.Done() || u.box.stray() {
		return h.take(ctx, in, u)
	}
	if done, err := h.probe(ctx, in, u.box); err != nil {
		return err
	} else if done {
		return h.drop(ctx, in, u) // our own mail, that has done what it was sent for
	}
	if err := h.take(ctx, in, u); err != nil {
		return err
	}
	if err := h.note(ctx, in, u); err != nil { // the mail is taken; another one will be noted
		host.From(ctx).Warn("health of the account", "account", u.box.account.ID, "error", err)
	}
	return nil
}

// probe notes that a test mail has arrived. It is known by its header, or by its subject if the account's own mailbox wrote a mail around
// it: an answer that a person gives to a test mail is a mail as any other. The note is what the mail is for, so that it must succeed.
func (h *handler) probe(ctx context.Context, in *incoming, box mailbox) (done bool, err error) {
	account, test, ok := h.signer.ProbeOf(in.msg.Probe)
	from, err := email.NormaliseAddress(in.msg.From.Email)
	if err != nil {
		from = ""
	}
	prober := channel.Prober(h.domain)
	if !ok {
		account, test, ok = h.signer.ProbeOf(in.msg.Subject)
		if own := from == prober || from == box.account.Address && len(in.msg.InReplyTo) == 0; !ok || !own {
			return false, nil
		}
	}
	// A list may put itself into From; then it says who wrote.
	altered := from != prober && (in.msg.OriginalFrom == nil || !strings.EqualFold(in.msg.OriginalFrom.Email, prober))
	astray := box.account.ID != account
	_, err = h.store.Settings.ChangeHealth(ctx, account, func(was channel.Health) (channel.Health, bool) {
		return was.Arrived(test, box.address, astray, altered, in.Mail.Timestamp.UTC())
	})
	host.From(ctx).Info("test mail", "mail", in.Mail.ID, "account", account, "astray", astray, "altered", altered)
	return true, err
}

// note says that mail comes to the account, or that its provider wants something confirmed first.
func (h *handler) note(ctx context.Context, in *incoming, u unit) error {
	box := u.box
	if box.account.Way == inbox.Forwarded && box.thread == "" {
		if c, ok := email.ConfirmationOf(in.msg); ok {
			_, err := h.store.Settings.ChangeHealth(ctx, box.account.ID, func(was channel.Health) (channel.Health, bool) {
				at := in.Mail.Timestamp.UTC()
				if was.Confirmation != nil && !was.Confirmation.At.Before(at) {
					return was, false
				}
				was.Confirmation = &channel.Confirmation{
					Provider: c.Provider, Code: c.Code, Link: c.Link, From: shownSender(in.msg), Subject: subject(in.msg), Proven: in.Receipt.DMARC.passed(),
					At: at, Thread: idFrom(in.at, "thread", in.Mail.ID, u.arrival.Name),
				}
				return was, true
			})
			return err
		}
	}
	return h.store.Settings.Received(ctx, box.account.ID)
}

// paused is why a conversation that begins at a paused account is put aside.
func paused(a inbox.Account) *events.Filter {
	if a.State != inbox.AccountPaused {
		return nil
	}
	return &events.Filter{Folder: string(inbox.Filtered), Why: events.Why{Rule: "paused", Inputs: map[string]string{"account": a.Address}}}
}
