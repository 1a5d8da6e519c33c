package store

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"parley/events"
	"parley/shared/chatflow"
	"parley/shared/fault"
	"parley/shared/limit"
	"parley/shared/table"
)

// Bots holds what bots are to do: drafts and published versions; and, in botwalks.go, what they do.
type Bots struct {
	base
	settings *Settings
	chats    *Chats
	mu       sync.Mutex
	graphs   map[graphKey]chatflow.Graph // published versions never change
}

type graphKey struct {
	flow    string
	version int64
}

// mostGraphs bounds what a process remembers.
const mostGraphs = 100

// Published says who published a version when.
type Published struct {
	Number int64     `json:"number"`
	By     string    `json:"by" doc:"User."`
	At     time.Time `json:"at"`
}

// Draft reads a bot's draft; one that nobody has saved is empty, with revision 0.
func (s *Bots) Draft(ctx context.Context, flow string) (chatflow.Draft, error) {
	d, _, err := s.draft(ctx, flow)
	return d, err
}

func (s *Bots) draft(ctx context.Context, flow string) (chatflow.Draft, *table.Item, error) {
	d := chatflow.Draft{Flow: flow, Graph: chatflow.Graph{Steps: []chatflow.Step{}}}
	it, err := s.one(ctx, s.n.Settings, botKeys.Draft(flow))
	if err != nil || it == nil {
		return d, nil, err
	}
	return d, it, decode(it, &d)
}

// PutDraft saves a draft that still has the revision d.Revision; fault.Conflict if somebody was faster. Drafts are saved while somebody works on
// them, so the settings' log tells of none: what counts is published.
func (s *Bots) PutDraft(ctx context.Context, by events.Actor, d chatflow.Draft) (chatflow.Draft, error) {
	old, it, err := s.draft(ctx, d.Flow)
	if err != nil {
		return d, err
	}
	if old.Revision != d.Revision {
		return old, changedMeanwhile()
	}
	op, d, err := s.draftOp(by, d, it)
	if err != nil {
		return d, err
	}
	return d, stale(s.t.Transact(ctx, op))
}

func (s *Bots) draftOp(by events.Actor, d chatflow.Draft, it *table.Item) (table.Op, chatflow.Draft, error) {
	d.Revision++
	d.ChangedBy, d.ChangedAt = by.ID, s.now().UTC()
	raw, err := json.Marshal(d)
	if err != nil {
		return table.Op{}, d, err
	}
	if len(raw) > limit.BotBytes {
		return table.Op{}, d, fault.New(fault.Invalid, "This bot is too large: %d of at most %d KB.", len(raw)>>10, limit.BotBytes>>10)
	}
	op, err := put(s.n.Settings, cond(it), botKeys.Draft(d.Flow), d)
	return op, d, err
}

// Publish makes a graph what visitors meet from now on; sessions end in the version in which they began. The draft must still have the revision;
// it becomes the graph, if it is another (of a version that is gone back to).
func (s *Bots) Publish(ctx context.Context, by events.Actor, account, flow string, revision int64, g chatflow.Graph) (int64, error) {
	d, it, err := s.draft(ctx, flow)
	if err != nil {
		return 0, err
	}
	if d.Revision != revision {
		return 0, changedMeanwhile()
	}
	var f flowDoc
	at, err := s.chats.stored(ctx, chatKeys.Flow(account, flow), &f, "There is no such chatflow.")
	if err != nil {
		return 0, err
	}
	if !f.Bot {
		return 0, fault.New(fault.Invalid, "No bot talks in this chatflow.")
	}
	before := f
	n, err := s.newest(ctx, flow)
	if err != nil {
		return 0, err
	}
	f.Published = n + 1
	f.Version++
	f.ChangedBy, f.ChangedAt = by.ID, s.now().UTC()
	d.Graph = g
	draft, _, err := s.draftOp(by, d, it)
	if err != nil {
		return 0, err
	}
	v := chatflow.Version{Flow: flow, Number: f.Published, Graph: g, By: by.ID, At: f.ChangedAt}
	ops := []table.Op{draft}
	for _, w := range []struct {
		c   table.Cond
		k   table.Key
		doc any
	}{
		{table.RevIs(at.Rev), at.Key, f},
		{table.Absent(), botKeys.Version(flow, v.Number), v},
		{table.Absent(), botKeys.Mark(flow, v.Number), Published{v.Number, v.By, v.At}},
	} {
		op, err := put(s.n.Settings, w.c, w.k, w.doc)
		if err != nil {
			return 0, err
		}
		ops = append(ops, op)
	}
	defer s.chats.forget()
	return v.Number, stale(s.settings.commit(ctx, Change{By: by, What: "chatflow", Of: flow, Did: "published"}, before.Flow, f.Flow, ops...))
}

// newest is the number of the newest version, 0 if there is none.
func (s *Bots) newest(ctx context.Context, flow string) (int64, error) {
	list, err := s.versions(ctx, flow, 1)
	if err != nil || len(list) == 0 {
		return 0, err
	}
	return list[0].Number, nil
}

// Versions lists what was published, the newest first, at most limit.BotVersions.
func (s *Bots) Versions(ctx context.Context, flow string) ([]Published, error) {
	return s.versions(ctx, flow, limit.BotVersions)
}

func (s *Bots) versions(ctx context.Context, flow string, n int) ([]Published, error) {
	out := []Published{}
	page, err := s.t.Query(ctx, table.Query{Table: s.n.Settings, PK: botKeys.PK(flow), From: "M", To: "M~", Desc: true, Limit: n, Consistent: true})
	if err != nil {
		return nil, err
	}
	for i := range page.Items {
		var p Published
		if err := decode(&page.Items[i], &p); err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// Version reads a published version; fault.NotFound if there is none.
func (s *Bots) Version(ctx context.Context, flow string, n int64) (chatflow.Version, error) {
	var v chatflow.Version
	k := botKeys.Version(flow, n)
	page, err := s.t.Query(ctx, table.Query{Table: s.n.Settings, PK: k.PK, From: k.SK, To: k.SK, Limit: 1, Consistent: true}) // who may only query asks too
	if err != nil {
		return v, err
	}
	if len(page.Items) == 0 {
		return v, fault.New(fault.NotFound, "There is no such version.")
	}
	return v, decode(&page.Items[0], &v)
}

// Library returns the graphs of published versions, for turns. What could not be read is told by the error function, after use.
func (s *Bots) Library(ctx context.Context) (chatflow.Library, func() error) {
	var failed error
	find := func(flow string, version int64) (chatflow.Graph, bool) {
		k := graphKey{flow, version}
		s.mu.Lock()
		g, ok := s.graphs[k]
		s.mu.Unlock()
		if ok {
			return g, true
		}
		v, err := s.Version(ctx, flow, version)
		if isNotFound(err) {
			return g, false
		}
		if err != nil {
			failed = err
			return g, false
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if len(s.graphs) >= mostGraphs {
			clear(s.graphs)
		}
		s.graphs[k] = v.Graph
		return v.Graph, true
	}
	return find, func() error { return failed }
}
