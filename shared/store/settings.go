package store

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"parley/shared/fault"
	"parley/shared/inbox"
	"parley/shared/table"
)

// Settings reads what admins set up: inboxes, accounts, users. Reads are cached for settingsLife per process; own writes are seen at once.
type Settings struct {
	base
	mu    sync.Mutex
	conf  *config
	users *userList
	born  bool
}

const settingsLife = 10 * time.Second

type config struct {
	at       time.Time
	inboxes  []inbox.Inbox
	accounts []inbox.Account
}

type userList struct {
	at   time.Time
	list []User
}

// User is somebody who can sign in.
type User struct {
	ID    string `json:"id"` // the issuer's sub
	Name  string `json:"name"`
	Email string `json:"email"`
	Role  string `json:"role"` // "admin" or "agent"
	// Disabled users keep their name on what they did; they get no answer, no session and no new conversation.
	Disabled bool `json:"disabled,omitempty"`
}

// Birth makes the first inbox with the address that works before anything is set up: support@ the mail domain. It happens once.
func (s *Settings) Birth(ctx context.Context, mailDomain string) error {
	s.mu.Lock()
	born := s.born
	s.mu.Unlock()
	if born {
		return nil
	}
	it, err := s.one(ctx, s.n.Settings, settingsKeys.Birth)
	if err != nil {
		return err
	}
	if it == nil {
		if err := s.bear(ctx, mailDomain); err != nil {
			return err
		}
	}
	s.mu.Lock()
	s.born = true
	s.mu.Unlock()
	return nil
}

func (s *Settings) bear(ctx context.Context, mailDomain string) error {
	first := inbox.Inbox{ID: s.newID(), Name: "Support"}
	account := inbox.Account{ID: s.newID(), Inbox: first.ID, Channel: inbox.ChannelEmail, Name: "Support", Address: "support@" + strings.ToLower(mailDomain)}
	birth, err := put(s.n.Settings, table.Absent(), settingsKeys.Birth, map[string]any{"inbox": first.ID, "at": s.now().UTC()})
	if err != nil {
		return err
	}
	in, err := put(s.n.Settings, table.Absent(), settingsKeys.Inbox(first.ID), first)
	if err != nil {
		return err
	}
	acc, err := put(s.n.Settings, table.Absent(), settingsKeys.Account(account.ID), account)
	if err != nil {
		return err
	}
	err = s.t.Transact(ctx, birth, in, acc)
	s.forget()
	var c *table.Conflict
	if errors.As(err, &c) && !c.Throttled {
		return nil // another process was faster
	}
	return err
}

func (s *Settings) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conf, s.users = nil, nil
}

// load reads inboxes and accounts, from the cache if it is fresh.
func (s *Settings) load(ctx context.Context) (*config, error) {
	s.mu.Lock()
	conf := s.conf
	s.mu.Unlock()
	if conf != nil && s.now().Sub(conf.at) < settingsLife {
		return conf, nil
	}
	conf = &config{at: s.now()}
	err := s.all(ctx, settingsKeys.Config, func(it *table.Item) error {
		kind, _, _ := strings.Cut(it.SK, "#")
		switch kind {
		case "INBOX":
			var v inbox.Inbox
			err := decode(it, &v)
			conf.inboxes = append(conf.inboxes, v)
			return err
		case "ACCOUNT":
			var v inbox.Account
			err := decode(it, &v)
			conf.accounts = append(conf.accounts, v)
			return err
		}
		return nil // a newer build's noun
	})
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.conf = conf
	s.mu.Unlock()
	return conf, nil
}

func (s *Settings) all(ctx context.Context, pk string, each func(*table.Item) error) error {
	q := table.Query{Table: s.n.Settings, PK: pk, Consistent: true}
	for {
		page, err := s.t.Query(ctx, q)
		if err != nil {
			return err
		}
		for i := range page.Items {
			if err := each(&page.Items[i]); err != nil {
				return err
			}
		}
		if page.Next == "" {
			return nil
		}
		q.After = page.Next
	}
}

// Inboxes returns all inboxes, oldest first.
func (s *Settings) Inboxes(ctx context.Context) ([]inbox.Inbox, error) {
	conf, err := s.load(ctx)
	if err != nil {
		return nil, err
	}
	return slices.Clone(conf.inboxes), nil
}

// Accounts returns all accounts, oldest first.
func (s *Settings) Accounts(ctx context.Context) ([]inbox.Account, error) {
	conf, err := s.load(ctx)
	if err != nil {
		return nil, err
	}
	return slices.Clone(conf.accounts), nil
}

// Account returns one account; fault.NotFound if there is none.
func (s *Settings) Account(ctx context.Context, id string) (inbox.Account, error) {
	return s.find(ctx, func(a inbox.Account) bool { return a.ID == id }, "There is no such account.")
}

// AccountByAddress returns the email account of an address (lower-case); fault.NotFound if there is none.
func (s *Settings) AccountByAddress(ctx context.Context, address string) (inbox.Account, error) {
	return s.find(ctx, func(a inbox.Account) bool { return a.Channel == inbox.ChannelEmail && a.Address == address }, "There is no such mailbox.")
}

func (s *Settings) find(ctx context.Context, want func(inbox.Account) bool, missing string) (inbox.Account, error) {
	conf, err := s.load(ctx)
	if err != nil {
		return inbox.Account{}, err
	}
	if i := slices.IndexFunc(conf.accounts, want); i >= 0 {
		return conf.accounts[i], nil
	}
	return inbox.Account{}, fault.New(fault.NotFound, "%s", missing)
}
