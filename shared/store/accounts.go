package store

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"parley/events"
	"parley/shared/fault"
	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/table"
)

// Sender is what the carrier last said of a domain that accounts send as.
type Sender struct {
	Domain    string        `json:"domain"`
	State     inbox.Sending `json:"state"`
	Made      bool          `json:"made,omitempty"` // by us: it may go with its last account
	CheckedAt time.Time     `json:"checkedAt"`
}

// Rule is how far the carrier's receipt rule has followed the accounts.
type Rule struct {
	Domains []string  `json:"domains"` // it takes mail of these, the mail domain among them
	At      time.Time `json:"at"`
	Problem string    `json:"problem,omitempty"` // why it could not follow
}

type addressDoc struct {
	Account string `json:"account"`
}

// sender is the one an account sends as: of its address's domain or of one above it, the nearest first.
func (c *config) sender(a inbox.Account) (Sender, bool) {
	if a.Way == inbox.Hosted {
		return Sender{}, false
	}
	_, domain, _ := strings.Cut(a.Address, "@")
	for strings.Contains(domain, ".") {
		if id, ok := c.senders[domain]; ok && id.State != "" {
			return id, true
		}
		_, domain, _ = strings.Cut(domain, ".")
	}
	return Sender{}, false
}

// SenderOf is what is known of the domain that an account sends as; ok is false if nobody asked yet.
func (s *Settings) SenderOf(ctx context.Context, a inbox.Account) (id Sender, ok bool, err error) {
	conf, err := s.load(ctx)
	if err != nil {
		return id, false, err
	}
	id, ok = conf.sender(a)
	return id, ok, nil
}

// WaitingSenders are the domains that connected accounts wait for and that nobody asked for since a time.
func (s *Settings) WaitingSenders(ctx context.Context, since time.Time) ([]Sender, error) {
	conf, err := s.load(ctx)
	if err != nil {
		return nil, err
	}
	var out []Sender
	for _, a := range conf.accounts {
		id, ok := conf.sender(a)
		if ok && a.State != inbox.AccountDisconnected && id.State == inbox.SendingPending && id.CheckedAt.Before(since) && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out, nil
}

// SetSender notes what the carrier said of a domain.
func (s *Settings) SetSender(ctx context.Context, id Sender) error {
	op, err := put(s.n.Settings, table.Any(), settingsKeys.Sender(id.Domain), id)
	if err != nil {
		return err
	}
	defer s.forget()
	return s.t.Transact(ctx, op)
}

// DropSender forgets what was said of a domain, if no account sends as it any more. ok says whether it is forgotten.
func (s *Settings) DropSender(ctx context.Context, domain string) (ok bool, err error) {
	conf, err := s.read(ctx)
	if err != nil {
		return false, err
	}
	for _, a := range conf.accounts {
		if id, has := conf.sender(a); has && id.Domain == domain && a.State != inbox.AccountDisconnected {
			return false, nil
		}
	}
	return true, s.SetSender(ctx, Sender{Domain: domain, CheckedAt: s.now().UTC()})
}

// MailRule is the last word of whoever keeps the receipt rule; zero if there was none. Wanted are the domains it is to take besides the mail domain.
func (s *Settings) MailRule(ctx context.Context) (rule Rule, wanted []string, err error) {
	conf, err := s.load(ctx)
	if err != nil {
		return Rule{}, nil, err
	}
	it, err := s.one(ctx, s.n.Settings, settingsKeys.Rule)
	if err == nil && it != nil {
		err = decode(it, &rule)
	}
	return rule, conf.direct(), err
}

// SetMailRule notes how far the receipt rule has followed.
func (s *Settings) SetMailRule(ctx context.Context, r Rule) error {
	op, err := put(s.n.Settings, table.Any(), settingsKeys.Rule, r)
	if err != nil {
		return err
	}
	return s.t.Transact(ctx, op)
}

// Connect makes an account for an address, or brings back the one that was disconnected: one address leads to one account. ForwardTo is
// what a hosted address is to look like; a number makes it free.
func (s *Settings) Connect(ctx context.Context, by events.Actor, c inbox.Connection) (inbox.Account, error) {
	c.By, c.At = by.ID, s.now().UTC()
	var a inbox.Account
	err := retry(ctx, limit.CommitBudget, func() error {
		conf, err := s.read(ctx)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(conf.inboxes, func(in inbox.Inbox) bool { return in.ID == c.Inbox }) {
			return fault.New(fault.Invalid, "There is no such inbox.")
		}
		var before any
		a = inbox.Account{}
		if i := slices.IndexFunc(conf.accounts, func(x inbox.Account) bool { return x.Owns(c.Address) }); i >= 0 {
			a = conf.accounts[i]
			before = stored(a)
			if a.Address != c.Address { // it is the hosted address behind another one
				return fault.New(fault.Conflict, "%s belongs to %s.", c.Address, a.Address)
			}
		}
		now := c
		now.ID = s.newID()
		if c.Way == inbox.Forwarded {
			now.ForwardTo = conf.free(c.ForwardTo, a.ID)
			if a.ForwardTo != "" { // its mailbox may forward there still
				now.ForwardTo = a.ForwardTo
			}
		}
		rev := a.Revision
		if a, err = a.Connect(now); err != nil {
			return err
		}
		ops, err := s.claim(ctx, a)
		if err != nil {
			return err
		}
		condition := table.Absent()
		if rev > 0 {
			condition = table.RevIs(rev)
		}
		op, err := put(s.n.Settings, condition, settingsKeys.Account(a.ID), stored(a))
		if err != nil {
			return err
		}
		return s.commit(ctx, Change{By: by, What: "account", Of: a.ID, Did: "connected"}, before, stored(a), append(ops, op)...)
	})
	if err != nil {
		return a, err
	}
	return s.Account(ctx, a.ID)
}

// claim makes the account's addresses lead to it; ops are those that do not yet.
func (s *Settings) claim(ctx context.Context, a inbox.Account) (ops []table.Op, err error) {
	addresses := []string{a.Address}
	if a.ForwardTo != "" {
		addresses = append(addresses, a.ForwardTo)
	}
	for _, address := range addresses {
		it, err := s.one(ctx, s.n.Settings, settingsKeys.Address(address))
		if err != nil {
			return nil, err
		}
		if it != nil {
			var d addressDoc
			if err := decode(it, &d); err != nil {
				return nil, err
			}
			if d.Account != a.ID { // taken since the accounts were read: read and decide again
				return nil, &table.Conflict{}
			}
			continue
		}
		op, err := put(s.n.Settings, table.Absent(), settingsKeys.Address(address), addressDoc{a.ID})
		if err != nil {
			return nil, err
		}
		ops = append(ops, op)
	}
	return ops, nil
}

// free is an address that no other account owns: the given one, or with a number before the @.
func (c *config) free(address, account string) string {
	local, domain, _ := strings.Cut(address, "@")
	taken := func(address string) bool {
		return slices.ContainsFunc(c.accounts, func(a inbox.Account) bool { return a.ID != account && a.Owns(address) })
	}
	for n := 2; taken(address); n++ {
		address = fmt.Sprintf("%s-%d@%s", local, n, domain)
	}
	return address
}

// stored is an account without what the store adds to it.
func stored(a inbox.Account) inbox.Account {
	a.Sending, a.Revision = "", 0
	return a
}

// ChangeAccount changes an account as decide says; nothing is written if nothing is to change. did says in one word what was done.
func (s *Settings) ChangeAccount(ctx context.Context, by events.Actor, id, did string, decide func(inbox.Account) (inbox.Account, error)) (inbox.Account, error) {
	err := retry(ctx, limit.CommitBudget, func() error {
		it, err := s.one(ctx, s.n.Settings, settingsKeys.Account(id))
		if err != nil {
			return err
		}
		if it == nil {
			return fault.New(fault.NotFound, "There is no such account.")
		}
		before, err := accountOf(it)
		if err != nil {
			return err
		}
		after, err := decide(before)
		if err != nil || after == before {
			return err
		}
		op, err := put(s.n.Settings, cond(it), it.Key, stored(after))
		if err != nil {
			return err
		}
		return s.commit(ctx, Change{By: by, What: "account", Of: id, Did: did}, stored(before), stored(after), op)
	})
	if err != nil {
		return inbox.Account{}, err
	}
	return s.Account(ctx, id)
}

// NewInbox makes an inbox with the address that works at once.
func (s *Settings) NewInbox(ctx context.Context, by events.Actor, name, mailDomain string) (inbox.Inbox, inbox.Account, error) {
	var in inbox.Inbox
	var a inbox.Account
	err := retry(ctx, limit.CommitBudget, func() error {
		conf, err := s.read(ctx)
		if err != nil {
			return err
		}
		if in, err = (inbox.Inbox{ID: s.newID(), Members: inbox.Members{Everyone: true}}).Named(name); err != nil {
			return err
		}
		var ops []table.Op
		if a, ops, err = s.found(in, conf.free(inbox.Slug(name)+"@"+strings.ToLower(mailDomain), "")); err != nil {
			return err
		}
		return s.commit(ctx, Change{By: by, What: "inbox", Of: in.ID, Did: "created"}, nil, in, ops...)
	})
	in.Revision, a.Revision = 1, 1
	return in, a, err
}

// ChangeInbox changes an inbox as decide says.
func (s *Settings) ChangeInbox(ctx context.Context, by events.Actor, id, did string, decide func(inbox.Inbox) (inbox.Inbox, error)) (inbox.Inbox, error) {
	var after inbox.Inbox
	err := retry(ctx, limit.CommitBudget, func() error {
		it, err := s.one(ctx, s.n.Settings, settingsKeys.Inbox(id))
		if err != nil {
			return err
		}
		if it == nil {
			return fault.New(fault.NotFound, "There is no such inbox.")
		}
		before, err := inboxOf(it)
		if err != nil {
			return err
		}
		if after, err = decide(before); err != nil || reflect.DeepEqual(after, before) {
			return err
		}
		before.Revision, after.Revision = 0, 0
		op, err := put(s.n.Settings, cond(it), it.Key, after)
		if err != nil {
			return err
		}
		if err := s.commit(ctx, Change{By: by, What: "inbox", Of: id, Did: did}, before, after, op); err != nil {
			return err
		}
		after.Revision = it.Rev + 1
		return nil
	})
	return after, err
}
