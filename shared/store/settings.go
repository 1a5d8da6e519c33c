package store

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"parley/shared/fault"
	"parley/shared/hours"
	"parley/shared/inbox"
	"parley/shared/routing"
	"parley/shared/table"
)

// Settings reads what admins set up: inboxes, accounts, users, teams, hours, routing. Reads are cached for settingsLife per process; own writes are seen at once.
type Settings struct {
	base
	mu    sync.Mutex
	conf  *config
	users *userList
	born  bool
	noted map[string]time.Time // when health was noted by this process
}

const settingsLife = 10 * time.Second

type config struct {
	at        time.Time
	inboxes   []inbox.Inbox
	accounts  []inbox.Account
	filters   map[string]inbox.Filters // by inbox
	senders   map[string]Sender        // by domain
	teams     []inbox.Team
	workspace Workspace
	hours     []hours.Hours
	plans     map[string]routing.Plan // by inbox
}

type userList struct {
	at   time.Time
	list []User
}

// User is somebody who can sign in.
type User struct {
	ID    string     `json:"id"` // the issuer's sub
	Name  string     `json:"name"`
	Email string     `json:"email"`
	Role  inbox.Role `json:"role"`
	// Disabled users keep their name on what they did; they get no answer, no session and no new conversation.
	Disabled bool `json:"disabled,omitempty"`
	// Signature is HTML, sanitised. The composer puts it below what its user writes; nothing else does.
	Signature string `json:"signature,omitempty"`
	// Away is the availability switch, off: chats are not told that this user is there.
	Away      bool      `json:"away,omitempty"`
	AwaySince time.Time `json:"awaySince,omitzero"`
	// Capacity is what may weigh on them, in conversations (Load); 0 for limit.Capacity.
	Capacity float64 `json:"capacity,omitempty"`
	Avatar   string  `json:"avatar,omitempty"`  // key of the picture in the files bucket
	Meeting  string  `json:"meeting,omitempty"` // https address where a meeting with them can be booked
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
	first := inbox.Inbox{ID: s.newID(), Name: "Support", Members: inbox.Members{Everyone: true}}
	birth, err := put(s.n.Settings, table.Absent(), settingsKeys.Birth, map[string]any{"inbox": first.ID, "at": s.now().UTC()})
	if err != nil {
		return err
	}
	_, ops, err := s.found(first, "support@"+strings.ToLower(mailDomain))
	if err != nil {
		return err
	}
	err = s.t.Transact(ctx, append(ops, birth)...)
	s.forget()
	var c *table.Conflict
	if errors.As(err, &c) && !c.Throttled {
		return nil // another process was faster
	}
	return err
}

// found is a new inbox with the address that works from now on.
func (s *Settings) found(in inbox.Inbox, address string) (inbox.Account, []table.Op, error) {
	a, err := inbox.Account{}.Connect(inbox.Connection{ID: s.newID(), Inbox: in.ID, Name: in.Name, Address: address, Way: inbox.Hosted, At: s.now().UTC()})
	if err != nil {
		return a, nil, err
	}
	a.Fallback = true
	var ops []table.Op
	for key, doc := range map[table.Key]any{
		settingsKeys.Inbox(in.ID): in, settingsKeys.Account(a.ID): a, settingsKeys.Address(a.Address): addressDoc{a.ID},
	} {
		op, err := put(s.n.Settings, table.Absent(), key, doc)
		if err != nil {
			return a, nil, err
		}
		ops = append(ops, op)
	}
	return a, ops, nil
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
	return s.renew(ctx)
}

// renew reads inboxes and accounts and remembers them.
func (s *Settings) renew(ctx context.Context) (*config, error) {
	conf, err := s.read(ctx)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.conf = conf
	s.mu.Unlock()
	return conf, nil
}

// read reads inboxes and accounts past the cache.
func (s *Settings) read(ctx context.Context) (*config, error) {
	conf := &config{at: s.now(), senders: map[string]Sender{}, filters: map[string]inbox.Filters{}, plans: map[string]routing.Plan{}}
	err := s.all(ctx, settingsKeys.Config, func(it *table.Item) error {
		kind, _, _ := strings.Cut(it.SK, "#")
		switch kind {
		case "INBOX":
			in, err := inboxOf(it)
			conf.inboxes = append(conf.inboxes, in)
			return err
		case "ACCOUNT":
			a, err := accountOf(it)
			conf.accounts = append(conf.accounts, a)
			return err
		case "TEAM":
			v, err := teamNoun.of(it)
			conf.teams = append(conf.teams, v)
			return err
		case "WORKSPACE":
			var err error
			conf.workspace, err = workspaceNoun.of(it)
			return err
		case "HOURS":
			v, err := hoursNoun.of(it)
			conf.hours = append(conf.hours, v)
			return err
		case "PLAN":
			v, err := planNoun.of(it)
			conf.plans[v.Inbox] = v
			return err
		case "SENDER":
			var v Sender
			err := decode(it, &v)
			conf.senders[v.Domain] = v
			return err
		case "FILTERS":
			var v filtersDoc
			err := decode(it, &v)
			conf.filters[v.Inbox] = v.Filters
			return err
		}
		return nil // a newer build's noun
	})
	for i := range conf.accounts {
		if id, ok := conf.sender(conf.accounts[i]); ok {
			conf.accounts[i].Sending = id.State
		}
	}
	return conf, err
}

func inboxOf(it *table.Item) (in inbox.Inbox, err error) {
	err = decode(it, &in)
	in = in.Settled()
	in.Revision = it.Rev
	return in, err
}

func accountOf(it *table.Item) (a inbox.Account, err error) {
	err = decode(it, &a)
	a = a.Settled()
	a.Revision = it.Rev
	return a, err
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

// AccountByAddress returns the email account that takes mail for an address (lower-case); fault.NotFound if there is none.
func (s *Settings) AccountByAddress(ctx context.Context, address string) (inbox.Account, error) {
	return s.find(ctx, func(a inbox.Account) bool { return a.Takes(address) }, "There is no such mailbox.")
}

// Fallback returns the account that an inbox has from birth; fault.NotFound if there is no such inbox.
func (s *Settings) Fallback(ctx context.Context, inboxID string) (inbox.Account, error) {
	return s.find(ctx, func(a inbox.Account) bool { return a.Inbox == inboxID && a.Fallback }, "There is no such inbox.")
}

// TakesDomain reports whether mail of a whole domain comes to us besides the mail domain's: some account of it has our mail exchanger.
func (s *Settings) TakesDomain(ctx context.Context, domain string) (bool, error) {
	conf, err := s.load(ctx)
	if err != nil {
		return false, err
	}
	return slices.Contains(conf.direct(), domain), nil
}

// direct are the domains of accounts whose mail exchanger is ours.
func (c *config) direct() []string {
	var out []string
	for _, a := range c.accounts {
		_, domain, _ := strings.Cut(a.Address, "@")
		if a.Way == inbox.Direct && a.State != inbox.AccountDisconnected && !slices.Contains(out, domain) {
			out = append(out, domain)
		}
	}
	slices.Sort(out)
	return out
}

func (s *Settings) find(ctx context.Context, want func(inbox.Account) bool, missing string) (inbox.Account, error) {
	conf, err := s.load(ctx)
	if err != nil {
		return inbox.Account{}, err
	}
	i := slices.IndexFunc(conf.accounts, want)
	if i < 0 && s.now().Sub(conf.at) > 0 { // it may have been made a moment ago, and whoever made it writes to it at once
		if conf, err = s.renew(ctx); err != nil {
			return inbox.Account{}, err
		}
		i = slices.IndexFunc(conf.accounts, want)
	}
	if i < 0 {
		return inbox.Account{}, fault.New(fault.NotFound, "%s", missing)
	}
	return conf.accounts[i], nil
}
