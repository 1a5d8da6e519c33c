package ingest

import (
	"context"
	"errors"
	"strings"

	"parley/events"
	"parley/shared/email"
	"parley/shared/fault"
	"parley/shared/host"
	"parley/shared/inbox"
	"parley/shared/store"
)

// maxRaces bounds how often a mail is matched again because another one of the same conversation came at the same time.
const maxRaces = 10

// take makes one mail a message of a thread of one mailbox, exactly once.
func (h *handler) take(ctx context.Context, in *incoming, box mailbox) error {
	for range maxRaces {
		m, err := h.match(ctx, in, box)
		if err != nil {
			return err
		}
		if m.done {
			host.From(ctx).Info("duplicate", "mail", in.Mail.ID, "account", box.account.ID)
			return nil
		}
		if m.thread == "" && in.msg.Bounce { // rule 6: never a new conversation
			return fault.New(fault.Invalid, "a bounce without a message of ours")
		}
		commit, err := h.commit(ctx, in, box, m)
		var taken *store.Claimed
		if errors.As(err, &taken) {
			continue // another mail was faster: now the claim tells where this one belongs
		}
		if err == nil {
			h.live.Committed(ctx, commit)
		}
		return err
	}
	return errors.New("ingest: names of mail " + in.Mail.ID + " were claimed again and again")
}

// commit stores what is too large for an entry and then changes the thread.
func (h *handler) commit(ctx context.Context, in *incoming, box mailbox, m match) (store.Commit, error) {
	thread := m.thread
	if thread == "" {
		thread = idFrom(in.Mail.Timestamp, "thread", in.Mail.ID, box.account.ID)
	}
	message, err := h.message(ctx, in, box, thread)
	if err != nil {
		return store.Commit{}, err
	}
	if message.Contact, err = h.contact(ctx, in.msg); err != nil {
		return store.Commit{}, err
	}
	return h.store.Threads.Do(ctx, thread, "", func(t inbox.Thread) (inbox.Decision, error) {
		f := message
		f.Why, f.ThirdParty = explain(m.why, t, f.From.Email)
		var d inbox.Decision
		var err error
		if m.thread == "" {
			d, err = t.Open(events.ThreadOpened{
				Inbox: box.account.Inbox, Account: box.account.ID, Channel: string(inbox.ChannelEmail), Subject: f.Subject, Contact: f.Contact,
			}, f)
		} else {
			d, err = t.Receive(f)
		}
		d.Claims = m.claims
		return d, err
	})
}

// explain adds who joins (rule 12): somebody who answers by ids alone and was not on the thread is a third party.
func explain(why events.Why, t inbox.Thread, from string) (*events.Why, bool) {
	inputs := map[string]string{}
	for k, v := range why.Inputs {
		inputs[k] = v
	}
	third := t.Exists() && why.Rule != "token" && !t.Takes(from)
	switch {
	case third:
		inputs["sender"] = "third party"
	case t.Exists() && why.Rule != "token":
		inputs["sender"] = "participant"
	}
	return &events.Why{Rule: why.Rule, Inputs: inputs}, third
}

// contact finds who wrote, or the contact who stands for all unknown senders. That one has no address in facts, so that nothing is ever
// sent to it.
func (h *handler) contact(ctx context.Context, m email.Message) (events.Contact, error) {
	if from := h.author(m); from.Email != "" {
		c, err := h.store.Contacts.ByEmail(ctx, from.Email, from.Name)
		return c.Fact(), err
	}
	c, err := h.store.Contacts.ByEmail(ctx, "unknown-sender@"+h.domain+".invalid", "Unknown sender")
	f := c.Fact()
	f.Address = ""
	return f, err
}

// author is who wrote (rule 14): From, or Reply-To if From is no usable address, or one of ours or a machine's, as a contact form has it.
// Email is "" if nobody is to be found.
func (h *handler) author(m email.Message) events.Address {
	var found []events.Address
	for i, a := range append([]email.Address{m.From}, m.ReplyTo...) {
		address, err := email.NormaliseAddress(a.Email)
		if err != nil {
			continue
		}
		who := events.Address{Name: name(a.Name), Email: address}
		if i == 0 && m.Auto != "from" && !h.ours(address) || i > 0 && !h.ours(address) {
			return who
		}
		found = append(found, who)
	}
	if len(found) > 0 {
		return found[0]
	}
	return events.Address{Name: name(m.From.Name)}
}

// ours reports whether an address is of our mail domain: a mailbox, a reply address, or a forgery of one.
func (h *handler) ours(address string) bool { return strings.HasSuffix(address, "@"+h.domain) }
