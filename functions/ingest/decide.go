package ingest

import (
	"context"
	"errors"

	"parley/events"
	"parley/shared/fault"
	"parley/shared/host"
	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/store"
	"parley/shared/table"
)

// maxRaces bounds how often a mail is decided about again because another one of the same conversation, or the same one, came at the same time.
const maxRaces = 10

// take brings a mail to where it belongs at one mailbox, exactly once.
func (h *handler) take(ctx context.Context, in *incoming, u unit) error {
	for range maxRaces {
		if u.arrival.Done() {
			host.From(ctx).Info("duplicate", "mail", in.Mail.ID, "account", u.box.account.ID)
			return nil
		}
		err := h.decide(ctx, in, u)
		if fault.Is(err, fault.Invalid) {
			err = h.park(ctx, in, u, fault.MessageOf(err))
		}
		var taken *store.Claimed
		if !errors.As(err, &taken) && !errors.Is(err, store.ErrOvertaken) {
			return err
		}
		// Another mail was faster, or this one elsewhere: now the claim tells where it belongs.
		parked := u.arrival.Parked
		if u.arrival, err = h.store.Ledger.Arrival(ctx, u.arrival.Name); err != nil {
			return err
		}
		if u.arrival.Parked == "" {
			u.arrival.Parked = parked
		}
	}
	return errors.New("ingest: mail " + in.Mail.ID + " was overtaken again and again")
}

// decide is the decision table. What it refuses as fault.Invalid can have no thread and goes to quarantine.
func (h *handler) decide(ctx context.Context, in *incoming, u unit) error {
	if u.box.stray() {
		return fault.New(fault.Invalid, "no such mailbox")
	}
	if h.own(in) { // rule 2
		return h.drop(ctx, in, u)
	}
	if in.msg.Hops > limit.MailReceivedHops { // rule 3
		return fault.New(fault.Invalid, "the mail goes round in circles")
	}
	m, err := h.match(ctx, in, u)
	if err != nil {
		return err
	}
	switch {
	case m.own:
		return h.drop(ctx, in, u)
	case m.copy != nil:
		return h.known(ctx, in, u, *m.copy)
	case in.msg.Report != nil: // rules 6 and 7
		return h.report(ctx, in, u, m)
	}
	return h.letter(ctx, in, u, m)
}

// own reports whether a mail is ours that came back, by a signature that only we can make.
func (h *handler) own(in *incoming) bool {
	_, loop := h.signer.ThreadOfMessageID(in.msg.Loop)
	_, id := h.signer.ThreadOfMessageID(in.msg.MessageID)
	return loop || id
}

func (h *handler) drop(ctx context.Context, in *incoming, u unit) error {
	host.From(ctx).Info("our own mail came back", "mail", in.Mail.ID, "account", u.box.account.ID)
	return h.store.Ledger.Settle(ctx, u.arrival, store.Settled{Outcome: store.Dropped})
}

// known settles a mail that is a message already: the sender's server brought it twice, under two ids of the carrier's.
func (h *handler) known(ctx context.Context, in *incoming, u unit, c store.Claim) error {
	host.From(ctx).Info("duplicate", "mail", in.Mail.ID, "account", u.box.account.ID)
	e, err := h.received(ctx, c)
	if err != nil {
		return err
	}
	return h.store.Ledger.Settle(ctx, u.arrival, store.Settled{Outcome: outcome(e), Thread: c.Thread, Seq: c.Seq})
}

// outcome is the ledger's column of a message.
func outcome(f *events.MessageReceived) store.Outcome {
	if f != nil && f.Filter != nil {
		return store.SetAside
	}
	return store.Threaded
}

// letter makes a mail a message of a thread.
func (h *handler) letter(ctx context.Context, in *incoming, u unit, m match) error {
	who := senderOf(in)
	s, err := h.sieve(ctx, in, u.box, who)
	if err != nil {
		return err
	}
	err = h.commit(ctx, in, u, m, who, s)
	var other *apart
	if errors.As(err, &other) { // rule 13
		if m, err = h.split(ctx, in, u, m, other.from); err == nil {
			err = h.commit(ctx, in, u, m, who, s)
		}
	}
	return err
}

// commit stores what is too large for an entry and then changes the thread, and with it what the ledger says of the mail.
func (h *handler) commit(ctx context.Context, in *incoming, u unit, m match, who sender, s *sieve) error {
	thread := m.thread
	if thread == "" {
		thread = idFrom(in.at, "thread", in.Mail.ID, u.arrival.Name)
	}
	message, err := h.message(ctx, in, u, thread, who)
	if err != nil {
		return err
	}
	if message.Contact, err = h.contact(ctx, who.from); err != nil {
		return err
	}
	var f events.MessageReceived
	commit, err := h.store.Threads.Do(ctx, thread, "", func(t inbox.Thread) (inbox.Decision, error) {
		if t.Exists() && !m.settled && another(in, who, t) {
			return inbox.Decision{}, &apart{t}
		}
		join := joins(t, m, who)
		f = message
		if f.ThirdParty = join == thirdParty; t.Exists() && who.agent && who.via == nil { // a colleague who writes from elsewhere
			f.Email = keepAnswers(*f.Email, t)
		}
		f.Filter = s.judge(t, u.box, join)
		f.Why = explain(in, m, who, join, s.verdict.Allowed)
		return decision(t, u.box, m, f)
	}, store.AsRead(func(ctx context.Context, thread string, seq int64) ([]table.Op, error) {
		ops, err := h.store.Ledger.Moving(u.arrival, outcome(&f)).Ops(ctx, thread, seq)
		return append(ops, s.count()...), err
	}))
	if err == nil {
		h.live.Committed(ctx, commit)
	}
	return err
}

// decision is the command for a message: it begins a thread, or joins one.
func decision(t inbox.Thread, box mailbox, m match, f events.MessageReceived) (d inbox.Decision, err error) {
	if m.thread != "" {
		d, err = t.Receive(f)
	} else {
		d, err = t.Open(events.ThreadOpened{
			Inbox: box.account.Inbox, Account: box.account.ID, Channel: string(inbox.ChannelEmail), Subject: f.Subject, Contact: f.Contact, Origin: m.origin,
		}, f)
	}
	d.Claims = m.claims
	return d, err
}

// thirdParty is who knows an id of a thread and no more (rule 12).
const thirdParty = "third party"

// joins says as whom a sender comes onto a thread: by its signed address, as somebody who is on it, as one of the team, or else as a third
// party. "" if the mail begins one.
func joins(t inbox.Thread, m match, who sender) string {
	switch {
	case !t.Exists():
		return ""
	case m.why.Rule == "token":
		return "token"
	case who.agent && who.via == nil:
		return "agent"
	case t.Takes(who.from.Email) || who.agent: // an agent who forwards vouches for the one they forward
		return "participant"
	}
	return thirdParty
}

// keepAnswers makes answers go on going to whom they went: nobody wants to answer a colleague in the customer's place.
func keepAnswers(e events.Email, t inbox.Thread) *events.Email {
	e.ReplyTo = t.LastReplyTo
	if len(e.ReplyTo) == 0 && t.Contact.Address != "" {
		e.ReplyTo = []events.Address{{Name: t.Contact.Name, Email: t.Contact.Address}}
	}
	return &e
}

// explain is the decision as it can be read on the entry: the rule by which the mail found its thread, and what else was decided. What the
// filters say stands in Filter.
func explain(in *incoming, m match, who sender, join, allowed string) *events.Why {
	inputs := map[string]string{"sender": who.rule}
	for k, v := range m.why.Inputs {
		inputs[k] = v
	}
	for k, v := range map[string]string{"joins": join, "allowed": allowed, "auto": automatic(in, who), "origin": m.origin} {
		if v != "" {
			inputs[k] = v
		}
	}
	return &events.Why{Rule: m.why.Rule, Inputs: inputs}
}

// contact finds who wrote, or the contact who stands for all unknown senders. That one has no address in facts, so that nothing is ever
// sent to it.
func (h *handler) contact(ctx context.Context, from events.Address) (events.Contact, error) {
	if from.Email != "" {
		c, err := h.store.Contacts.ByEmail(ctx, from.Email, from.Name)
		return c.Fact(), err
	}
	c, err := h.store.Contacts.ByEmail(ctx, "unknown-sender@"+h.domain+".invalid", "Unknown sender")
	f := c.Fact()
	f.Address = ""
	return f, err
}
