package store

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"parley/events"
	"parley/shared/chatflow"
	"parley/shared/fault"
	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/table"
)

// Chats reads and changes the chat accounts' widgets and flows. Reads are cached for settingsLife per process; own writes are seen at once.
type Chats struct {
	base
	settings *Settings
	mu       sync.Mutex
	all      *chats
	seen     map[string]time.Time // when Seen last looked, by account
}

type chats struct {
	at      time.Time
	widgets map[string]chatflow.Widget
	flows   map[string][]chatflow.Flow // by account, in order of priority
}

// Installed is where a widget was last seen.
type Installed struct {
	Page string    `json:"page"`
	At   time.Time `json:"at"`
}

// flowDoc is a flow with its place among its account's.
type flowDoc struct {
	chatflow.Flow
	Order int `json:"order"`
}

// Create makes a chat account with a widget and a flow that shows on all pages of its origins.
func (s *Chats) Create(ctx context.Context, by events.Actor, inboxID, name, origin string) (inbox.Account, error) {
	a := inbox.Account{ID: s.newID(), Inbox: inboxID, Channel: inbox.ChannelChat, Name: name}
	w := chatflow.Widget{Account: a.ID, Title: name, Accent: "#0d6b57", Side: chatflow.Right, OffsetX: 20, OffsetY: 20, Origins: []string{origin}, Version: 1}
	f := flowDoc{Flow: chatflow.Flow{
		ID: s.newID(), Account: a.ID, Name: name, On: true, AskEmail: chatflow.AskAfter, Away: chatflow.Away{Mode: chatflow.AwayMessage},
		Version: 1, ChangedBy: by.ID, ChangedAt: s.now().UTC(),
	}}
	if err := errors.Join(w.Check(), f.Check()); err != nil {
		return a, err
	}
	var ops []table.Op
	for _, it := range []struct {
		k table.Key
		v any
	}{{settingsKeys.Account(a.ID), a}, {chatKeys.Widget(a.ID), w}, {chatKeys.Flow(a.ID, f.ID), f}} {
		op, err := put(s.n.Settings, table.Absent(), it.k, it.v)
		if err != nil {
			return a, err
		}
		ops = append(ops, op)
	}
	defer s.forget()
	return a, s.settings.commit(ctx, Change{By: by, What: "chat", Of: a.ID, Did: "created"}, nil, w, ops...)
}

func (s *Chats) forget() {
	s.mu.Lock()
	s.all = nil
	s.mu.Unlock()
	s.settings.forget()
}

func (s *Chats) load(ctx context.Context) (*chats, error) {
	s.mu.Lock()
	all := s.all
	s.mu.Unlock()
	if all != nil && s.now().Sub(all.at) < settingsLife {
		return all, nil
	}
	all = &chats{at: s.now(), widgets: map[string]chatflow.Widget{}, flows: map[string][]chatflow.Flow{}}
	var flows []flowDoc
	err := s.settings.all(ctx, chatKeys.PK, func(it *table.Item) error {
		switch it.SK[0] {
		case 'W':
			var w chatflow.Widget
			err := decode(it, &w)
			all.widgets[w.Account] = w
			return err
		case 'F':
			var f flowDoc
			err := decode(it, &f)
			flows = append(flows, f)
			return err
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(flows, func(a, b flowDoc) int { return a.Order - b.Order })
	for _, f := range flows {
		all.flows[f.Account] = append(all.flows[f.Account], f.Flow)
	}
	s.mu.Lock()
	s.all = all
	s.mu.Unlock()
	return all, nil
}

// Widget returns an account's widget; fault.NotFound if there is none.
func (s *Chats) Widget(ctx context.Context, account string) (chatflow.Widget, error) {
	all, err := s.load(ctx)
	if err != nil {
		return chatflow.Widget{}, err
	}
	w, ok := all.widgets[account]
	if !ok {
		return w, fault.New(fault.NotFound, "There is no such chat.")
	}
	return w, nil
}

// Flows returns an account's flows in order of priority.
func (s *Chats) Flows(ctx context.Context, account string) ([]chatflow.Flow, error) {
	all, err := s.load(ctx)
	if err != nil {
		return nil, err
	}
	return slices.Clone(all.flows[account]), nil
}

// PutWidget changes a widget that still has the version w.Version; fault.Conflict if somebody was faster.
func (s *Chats) PutWidget(ctx context.Context, by events.Actor, w chatflow.Widget) (chatflow.Widget, error) {
	if err := w.Check(); err != nil {
		return w, err
	}
	var old chatflow.Widget
	it, err := s.stored(ctx, chatKeys.Widget(w.Account), &old, "There is no such chat.")
	if err != nil {
		return w, err
	}
	if old.Version != w.Version {
		return w, changedMeanwhile()
	}
	w.Version++
	w.Identity = old.Identity
	return w, s.write(ctx, Change{By: by, What: "chat", Of: w.Account, Did: "edited"}, old, table.RevIs(it.Rev), it.Key, w)
}

// RollIdentity makes the secret worthless that an account's pages sign identities with: there is another from now on.
func (s *Chats) RollIdentity(ctx context.Context, by events.Actor, account string) (chatflow.Widget, error) {
	var old chatflow.Widget
	it, err := s.stored(ctx, chatKeys.Widget(account), &old, "There is no such chat.")
	if err != nil {
		return old, err
	}
	w := old
	w.Identity++
	w.Version++
	return w, s.write(ctx, Change{By: by, What: "chat", Of: account, Did: "edited"}, old, table.RevIs(it.Rev), it.Key, w)
}

// PutFlow changes a flow that still has the version f.Version, or makes a new one, behind the others, if f.ID is "".
func (s *Chats) PutFlow(ctx context.Context, by events.Actor, f chatflow.Flow) (chatflow.Flow, error) {
	if err := f.Check(); err != nil {
		return f, err
	}
	f.ChangedBy, f.ChangedAt = by.ID, s.now().UTC()
	f.Published = 0
	if f.ID == "" {
		have, err := s.fresh(ctx, f.Account)
		if err != nil {
			return f, err
		}
		if len(have) >= limit.Chatflows {
			return f, fault.New(fault.Invalid, "A chat has at most %d chatflows.", limit.Chatflows)
		}
		f.ID, f.Version = s.newID(), 1
		return f, s.write(ctx, Change{By: by, What: "chatflow", Of: f.ID, Did: "created"}, nil, table.Absent(), chatKeys.Flow(f.Account, f.ID), flowDoc{Flow: f, Order: next(have)})
	}
	var old flowDoc
	it, err := s.stored(ctx, chatKeys.Flow(f.Account, f.ID), &old, "There is no such chatflow.")
	if err != nil {
		return f, err
	}
	if old.Version != f.Version {
		return f, changedMeanwhile()
	}
	f.Version++
	f.Bot, f.Published = old.Bot, old.Published
	return f, s.write(ctx, Change{By: by, What: "chatflow", Of: f.ID, Did: "edited"}, old, table.RevIs(it.Rev), it.Key, flowDoc{Flow: f, Order: old.Order})
}

// DeleteFlow removes a flow; one that is not there is removed already. Threads that began in it keep its id.
func (s *Chats) DeleteFlow(ctx context.Context, by events.Actor, account, id string) error {
	it, err := s.one(ctx, s.n.Settings, chatKeys.Flow(account, id))
	if err != nil || it == nil {
		return err
	}
	defer s.forget()
	op := table.Op{Table: s.n.Settings, Verb: table.Delete, Cond: table.RevIs(it.Rev), Item: table.Item{Key: it.Key}}
	return stale(s.settings.commit(ctx, Change{By: by, What: "chatflow", Of: id, Did: "deleted"}, it.Doc, nil, op))
}

// Reorder puts an account's flows into the order of ids, which must name each of them once; fault.Conflict if somebody changed one meanwhile.
func (s *Chats) Reorder(ctx context.Context, by events.Actor, account string, ids []string) error {
	have, err := s.fresh(ctx, account)
	if err != nil {
		return err
	}
	if len(ids) != len(have) {
		return fault.New(fault.Conflict, "There are other chatflows now. Please look again.")
	}
	var ops []table.Op
	for id, f := range have {
		i := slices.Index(ids, id)
		if i < 0 {
			return fault.New(fault.Conflict, "There are other chatflows now. Please look again.")
		}
		if f.doc.Order == i {
			continue
		}
		f.doc.Order = i
		op, err := put(s.n.Settings, table.RevIs(f.rev), chatKeys.Flow(account, id), f.doc)
		if err != nil {
			return err
		}
		ops = append(ops, op)
	}
	if len(ops) == 0 {
		return nil
	}
	defer s.forget()
	return stale(s.settings.commit(ctx, Change{By: by, What: "chat", Of: account, Did: "ordered"}, nil, ids, ops...))
}

type storedFlow struct {
	doc flowDoc
	rev int64
}

// fresh reads an account's flows past the cache.
func (s *Chats) fresh(ctx context.Context, account string) (map[string]storedFlow, error) {
	out := map[string]storedFlow{}
	err := s.settings.all(ctx, chatKeys.PK, func(it *table.Item) error {
		var f flowDoc
		if it.SK[0] != 'F' {
			return nil
		}
		err := decode(it, &f)
		if f.Account == account {
			out[f.ID] = storedFlow{f, it.Rev}
		}
		return err
	})
	return out, err
}

func next(have map[string]storedFlow) (n int) {
	for _, f := range have {
		n = max(n, f.doc.Order+1)
	}
	return n
}

// stored reads an item into v; fault.NotFound with these words if there is none.
func (s *Chats) stored(ctx context.Context, k table.Key, v any, missing string) (*table.Item, error) {
	it, err := s.one(ctx, s.n.Settings, k)
	if err != nil {
		return nil, err
	}
	if it == nil {
		return nil, fault.New(fault.NotFound, "%s", missing)
	}
	return it, decode(it, v)
}

// write writes an item, and the record of what it was before.
func (s *Chats) write(ctx context.Context, did Change, before any, c table.Cond, k table.Key, v any) error {
	op, err := put(s.n.Settings, c, k, v)
	if err != nil {
		return err
	}
	defer s.forget()
	return stale(s.settings.commit(ctx, did, before, v, op))
}

// stale is fault.Conflict where a condition did not hold.
func stale(err error) error {
	var c *table.Conflict
	if errors.As(err, &c) && !c.Throttled {
		return changedMeanwhile()
	}
	return err
}

func changedMeanwhile() error {
	return fault.New(fault.Conflict, "Somebody changed this meanwhile. Please look again.")
}

// Seen notes that a widget was asked for from a page, at most once an hour for each account and process.
func (s *Chats) Seen(ctx context.Context, account, page string) error {
	s.mu.Lock()
	recent := s.now().Sub(s.seen[account]) < time.Hour
	s.seen[account] = s.now()
	s.mu.Unlock()
	if recent {
		return nil
	}
	last, ok, err := s.Installed(ctx, account)
	if err != nil || ok && s.now().Sub(last.At) < time.Hour {
		return err
	}
	op, err := put(s.n.Settings, table.Any(), chatKeys.Installed(account), Installed{Page: page, At: s.now().UTC()})
	if err != nil {
		return err
	}
	return s.t.Transact(ctx, op)
}

// Installed says where a widget was last seen; ok is false if it never was.
func (s *Chats) Installed(ctx context.Context, account string) (seen Installed, ok bool, err error) {
	it, err := s.one(ctx, s.n.Settings, chatKeys.Installed(account))
	if err != nil || it == nil {
		return seen, false, err
	}
	return seen, true, decode(it, &seen)
}
