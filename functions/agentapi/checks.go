package agentapi

import (
	"context"
	"strings"
	"sync"
	"time"

	"parley/shared/channel"
	"parley/shared/dns"
	"parley/shared/email"
	"parley/shared/fault"
	"parley/shared/host"
	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/mailer"
	"parley/shared/sender"
	"parley/shared/store"
)

func (d *door) check(ctx context.Context, in *channelIn) (*channelOut, error) {
	a, err := d.store.Settings.Account(ctx, in.Channel)
	if err != nil {
		return nil, err
	}
	if a.State == inbox.AccountDisconnected {
		return nil, fault.New(fault.Conflict, "%s is not connected any more. Connect it again first.", a.Address)
	}
	if err := d.look(ctx, a); err != nil {
		return nil, err
	}
	return d.current(ctx, a.ID)
}

// look gathers what DNS and the mail system say of an account, and keeps what that means. What does not answer in time is unknown; only
// settings that cannot be written are an error.
func (d *door) look(ctx context.Context, a inbox.Account) error {
	_, domain, _ := strings.Cut(a.Address, "@")
	f := channel.Facts{Account: a, Exchange: d.exchange, Region: region(d.exchange), Public: a.Way != inbox.Hosted && channel.Public(domain), Now: d.now()}
	asking, cancel := context.WithTimeout(ctx, limit.CheckTime)
	defer cancel()
	var all sync.WaitGroup
	var known store.Sender
	all.Go(func() {
		if f.Public {
			return
		}
		i, s, err := d.identity(asking, a, domain)
		if err != nil {
			host.From(ctx).Warn("identity", "domain", domain, "error", err)
			return
		}
		f.Identity, known = i, s
	})
	all.Go(func() {
		c, err := d.senders.Account(asking)
		if err != nil {
			host.From(ctx).Warn("the mail system's account", "error", err)
			return
		}
		f.Carrier = &channel.Carrier{Production: c.Production, Enabled: c.Enabled, Quota: c.Quota}
	})
	if a.Way != inbox.Forwarded {
		all.Go(func() { f.MX = d.lookup(asking, dns.MX, domain) })
	}
	if !f.Public {
		all.Go(func() { f.DMARC = d.policy(asking, domain) })
	}
	all.Wait()
	rule, _, err := d.store.Settings.MailRule(ctx)
	if err != nil {
		return err
	}
	f.Rule = channel.Answer{Known: a.Way == inbox.Hosted || !rule.At.IsZero(), Values: append([]string{d.mailDomain}, rule.Domains...)}
	if known.Domain != "" && a.Way != inbox.Hosted {
		if err := d.store.Settings.SetSender(ctx, known); err != nil {
			return err
		}
	}
	_, err = d.store.Settings.ChangeHealth(ctx, a.ID, func(h channel.Health) (channel.Health, bool) {
		f.Health = h
		h.Checks, h.CheckedAt = channel.Checks(f), f.Now.UTC()
		return h, true
	})
	return err
}

// region is the second label of the mail exchanger: inbound-smtp.eu-west-1.amazonaws.com.
func region(exchange string) string {
	labels := strings.Split(exchange, ".")
	return labels[min(1, len(labels)-1)]
}

func (d *door) lookup(ctx context.Context, kind dns.Kind, name string) channel.Answer {
	values, err := d.names.Lookup(ctx, kind, name)
	return channel.Answer{Values: values, Known: err == nil}
}

// policy is the DMARC record of a domain, or of the one above it that speaks for it (RFC 7489 §6.6.3).
func (d *door) policy(ctx context.Context, domain string) channel.Answer {
	var a channel.Answer
	for name := domain; strings.Contains(name, "."); _, name, _ = strings.Cut(name, ".") {
		a = d.lookup(ctx, dns.TXT, "_dmarc."+name)
		if len(a.Values) > 0 || !a.Known {
			return a
		}
	}
	return a
}

// identity is what the mail system knows of the domain that an account sends as: its address's own, or one above it. If it knows none, the
// domain is made known. A proof that we had begun and that was given up is begun anew.
func (d *door) identity(ctx context.Context, a inbox.Account, domain string) (*channel.Identity, store.Sender, error) {
	before, _, err := d.store.Settings.SenderOf(ctx, a)
	if err != nil {
		return nil, before, err
	}
	i, err := d.nearest(ctx, domain)
	made := before.Made && before.Domain == i.Domain
	if err == nil && i.Status == sender.Failed && made {
		if err = d.senders.Forget(ctx, i.Domain); err == nil {
			err = fault.New(fault.NotFound, "forgotten")
		}
	}
	if fault.Is(err, fault.NotFound) {
		i, made, err = d.senders.Prove(ctx, domain)
	}
	if err != nil {
		return nil, before, err
	}
	out := &channel.Identity{
		Domain: i.Domain, Verified: i.Status == sender.Verified, Failed: i.Status == sender.Failed, Tokens: i.Tokens,
		MailFrom: i.MailFrom, MailFromState: i.MailFromStatus, Found: map[string]channel.Answer{},
	}
	if !out.Verified {
		for _, token := range i.Tokens {
			name := token + "._domainkey." + i.Domain
			out.Found[name] = d.lookup(ctx, dns.CNAME, name)
		}
	}
	return out, store.Sender{Domain: i.Domain, State: inbox.Sending(i.Status), Made: made, CheckedAt: d.now().UTC()}, nil
}

// nearest is the identity of a domain or of one above it; fault.NotFound if the mail system knows none.
func (d *door) nearest(ctx context.Context, domain string) (sender.Identity, error) {
	for name := domain; strings.Contains(name, "."); _, name, _ = strings.Cut(name, ".") {
		i, err := d.senders.Identity(ctx, name)
		if !fault.Is(err, fault.NotFound) {
			return i, err
		}
	}
	return sender.Identity{}, fault.New(fault.NotFound, "The mail system knows no such domain.")
}

// forget takes the domain of a disconnected account away, if nobody needs it.
func (d *door) forget(ctx context.Context, a inbox.Account) error {
	s, ok, err := d.store.Settings.SenderOf(ctx, a)
	if err != nil || !ok || !s.Made || s.State == inbox.SendingVerified {
		return err
	}
	if ok, err = d.store.Settings.DropSender(ctx, s.Domain); err != nil || !ok {
		return err
	}
	if err := d.senders.Forget(ctx, s.Domain); err != nil { // it costs nothing there, and connecting again finds it
		host.From(ctx).Warn("identity stays", "domain", s.Domain, "error", err)
	}
	return nil
}

// test sends a mail to the account's address from a sender that is no mailbox. The mail system's no is the answer.
func (d *door) test(ctx context.Context, in *channelIn) (*channelOut, error) {
	a, err := d.store.Settings.Account(ctx, in.Channel)
	if err != nil {
		return nil, err
	}
	if a.State == inbox.AccountDisconnected {
		return nil, fault.New(fault.Conflict, "%s is not connected any more. Connect it again first.", a.Address)
	}
	signer, err := d.signer(ctx)
	if err != nil {
		return nil, err
	}
	now, id := d.now().UTC(), d.newID()
	token := signer.Probe(a.ID, id)
	raw, err := email.Compose(email.Outgoing{
		From: email.Address{Name: "Parley", Email: channel.Prober(d.mailDomain)}, To: []email.Address{{Email: a.Address}}, Date: now,
		Subject: "Parley test mail (" + token + ")",
		Text:    "This mail tests whether mail to " + a.Address + " comes in. Parley takes it out again by itself; nobody needs to do anything.\n",
		Headers: map[string]string{email.ProbeHeader: token, "Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"},
	})
	if err != nil {
		return nil, err
	}
	// Noted first: it may come in before we hear that it was taken.
	if _, err := d.store.Settings.ChangeHealth(ctx, a.ID, func(h channel.Health) (channel.Health, bool) {
		h.Test = &channel.Test{ID: id, SentAt: now}
		return h, true
	}); err != nil {
		return nil, err
	}
	sending, cancel := context.WithTimeout(ctx, limit.CheckTime)
	defer cancel()
	if _, err := d.mailer.Send(sending, mailer.Envelope{From: channel.Prober(d.mailDomain), To: []string{a.Address}, Raw: raw}); err != nil {
		if _, undone := d.store.Settings.ChangeHealth(ctx, a.ID, func(h channel.Health) (channel.Health, bool) { h.Test = nil; return h, true }); undone != nil {
			host.From(ctx).Warn("a test that was not sent", "account", a.ID, "error", undone)
		}
		return nil, err
	}
	return d.one(ctx, a)
}

// refreshSenders asks again for domains that wait to be proved, so that replies leave under their own address as soon as they may. It asks for
// each once in limit.ProofPause, and what it does not hear in time changes nothing.
func (d *door) refreshSenders(ctx context.Context) {
	waiting, err := d.store.Settings.WaitingSenders(ctx, d.now().Add(-limit.ProofPause))
	if err != nil || len(waiting) == 0 {
		return
	}
	asking, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	for _, s := range waiting {
		i, err := d.senders.Identity(asking, s.Domain)
		if err == nil {
			s.State, s.CheckedAt = inbox.Sending(i.Status), d.now().UTC()
			err = d.store.Settings.SetSender(ctx, s)
		}
		if err != nil {
			host.From(ctx).Warn("a domain that waits", "domain", s.Domain, "error", err)
		}
	}
}
