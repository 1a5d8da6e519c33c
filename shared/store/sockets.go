package store

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"slices"

	"parley/shared/fault"
	"parley/shared/limit"
	"parley/shared/table"
)

// Sockets knows who is connected and what each connection watches. Its rows expire: the table forgets a connection that nobody closed.
type Sockets struct{ base }

// Identity is who holds a connection.
type Identity struct {
	Kind string `json:"kind"` // "agent", "visitor"
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
	// Of a visitor: the chat account, and which of their conversations there it is, counted from 1.
	Account      string `json:"account,omitempty"`
	Conversation int    `json:"conversation,omitempty"`
}

type connDoc struct {
	Identity
	Topics []string `json:"topics,omitempty"`
}

// IssueTicket returns a ticket that opens one socket within limit.TicketLife. Only its hash is stored.
func (s *Sockets) IssueTicket(ctx context.Context, id Identity) (string, error) {
	b := make([]byte, 24)
	rand.Read(b) // never fails (crypto/rand)
	ticket := base64.RawURLEncoding.EncodeToString(b)
	op, err := put(s.n.Sockets, table.Absent(), socketKeys.Ticket(ticket), id)
	if err != nil {
		return "", err
	}
	op.Item.Expires = s.now().Add(limit.TicketLife)
	return ticket, s.t.Transact(ctx, op)
}

// UseTicket spends a ticket; fault.Denied if it is unknown, spent or too old.
func (s *Sockets) UseTicket(ctx context.Context, ticket string) (Identity, error) {
	denied := fault.New(fault.Denied, "This ticket is not valid (any more).")
	it, err := s.one(ctx, s.n.Sockets, socketKeys.Ticket(ticket))
	if err != nil {
		return Identity{}, err
	}
	if it == nil || s.now().After(it.Expires) {
		return Identity{}, denied
	}
	err = s.t.Transact(ctx, table.Op{Table: s.n.Sockets, Verb: table.Delete, Cond: table.RevIs(it.Rev), Item: table.Item{Key: it.Key}})
	var c *table.Conflict
	if errors.As(err, &c) {
		return Identity{}, denied
	}
	if err != nil {
		return Identity{}, err
	}
	var id Identity
	err = decode(it, &id)
	return id, err
}

// Connect notes a new connection.
func (s *Sockets) Connect(ctx context.Context, conn string, id Identity) error {
	op, err := put(s.n.Sockets, table.Any(), socketKeys.Connection(conn), connDoc{Identity: id})
	if err != nil {
		return err
	}
	op.Item.Expires = s.now().Add(limit.SocketRowLife)
	return s.t.Transact(ctx, op)
}

// Get returns who holds a connection; fault.Gone if it is not known.
func (s *Sockets) Get(ctx context.Context, conn string) (Identity, error) {
	_, d, err := s.conn(ctx, conn)
	return d.Identity, err
}

func (s *Sockets) conn(ctx context.Context, conn string) (*table.Item, connDoc, error) {
	var d connDoc
	it, err := s.one(ctx, s.n.Sockets, socketKeys.Connection(conn))
	if err != nil {
		return nil, d, err
	}
	if it == nil {
		return nil, d, fault.New(fault.Gone, "This connection is closed.")
	}
	err = decode(it, &d)
	return it, d, err
}

// Watch makes a connection hear of topics. More than limit.WatchedTopics at once is fault.Invalid.
func (s *Sockets) Watch(ctx context.Context, conn string, topics ...string) error {
	return s.change(ctx, conn, func(have []string) ([]string, error) {
		for _, t := range topics {
			if !slices.Contains(have, t) {
				have = append(have, t)
			}
		}
		if len(have) > limit.WatchedTopics {
			return nil, fault.New(fault.Invalid, "A connection can watch at most %d topics.", limit.WatchedTopics)
		}
		return have, nil
	})
}

// Unwatch ends that.
func (s *Sockets) Unwatch(ctx context.Context, conn string, topics ...string) error {
	return s.change(ctx, conn, func(have []string) ([]string, error) {
		return slices.DeleteFunc(have, func(t string) bool { return slices.Contains(topics, t) }), nil
	})
}

// change writes a connection's topics and the watch rows that differ, in one transaction.
func (s *Sockets) change(ctx context.Context, conn string, f func([]string) ([]string, error)) error {
	return retry(ctx, limit.CommitBudget, func() error {
		it, d, err := s.conn(ctx, conn)
		if err != nil {
			return err
		}
		had := d.Topics
		if d.Topics, err = f(slices.Clone(had)); err != nil || slices.Equal(had, d.Topics) {
			return err
		}
		op, err := put(s.n.Sockets, table.RevIs(it.Rev), it.Key, d)
		if err != nil {
			return err
		}
		op.Item.Expires = it.Expires
		ops := []table.Op{op}
		for _, t := range d.Topics {
			if slices.Contains(had, t) {
				continue
			}
			w, err := put(s.n.Sockets, table.Any(), socketKeys.Watch(t, conn), d.Identity)
			if err != nil {
				return err
			}
			w.Item.Expires = it.Expires
			ops = append(ops, w)
		}
		for _, t := range had {
			if !slices.Contains(d.Topics, t) {
				ops = append(ops, table.Op{Table: s.n.Sockets, Verb: table.Delete, Item: table.Item{Key: socketKeys.Watch(t, conn)}})
			}
		}
		return s.t.Transact(ctx, ops...)
	})
}

// Topics returns what a connection watches; none if it is not known.
func (s *Sockets) Topics(ctx context.Context, conn string) ([]string, error) {
	_, d, err := s.conn(ctx, conn)
	if fault.Is(err, fault.Gone) {
		return nil, nil
	}
	return d.Topics, err
}

// Disconnect forgets a connection and what it watches. Forgetting one that is gone succeeds.
func (s *Sockets) Disconnect(ctx context.Context, conn string) error {
	return retry(ctx, limit.CommitBudget, func() error {
		it, d, err := s.conn(ctx, conn)
		if fault.Is(err, fault.Gone) {
			return nil
		}
		if err != nil {
			return err
		}
		ops := []table.Op{{Table: s.n.Sockets, Verb: table.Delete, Cond: table.RevIs(it.Rev), Item: table.Item{Key: it.Key}}}
		for _, t := range d.Topics {
			ops = append(ops, table.Op{Table: s.n.Sockets, Verb: table.Delete, Item: table.Item{Key: socketKeys.Watch(t, conn)}})
		}
		return s.t.Transact(ctx, ops...)
	})
}

// Watcher is a connection that watches a topic, and who holds it.
type Watcher struct {
	Conn string
	Identity
}

// Watchers returns the connections that watch a topic.
func (s *Sockets) Watchers(ctx context.Context, topic string) ([]string, error) {
	var out []string
	err := s.watching(ctx, topic, func(it *table.Item) error {
		out = append(out, it.SK)
		return nil
	})
	return out, err
}

// WhoWatches is Watchers with who holds each connection.
func (s *Sockets) WhoWatches(ctx context.Context, topic string) ([]Watcher, error) {
	var out []Watcher
	err := s.watching(ctx, topic, func(it *table.Item) error {
		w := Watcher{Conn: it.SK}
		err := decode(it, &w.Identity)
		out = append(out, w)
		return err
	})
	return out, err
}

func (s *Sockets) watching(ctx context.Context, topic string, each func(*table.Item) error) error {
	q := table.Query{Table: s.n.Sockets, PK: socketKeys.WatchPK(topic), Consistent: true}
	for {
		page, err := s.t.Query(ctx, q)
		if err != nil {
			return err
		}
		for i := range page.Items {
			if it := &page.Items[i]; it.Expires.IsZero() || it.Expires.After(s.now()) {
				if err := each(it); err != nil {
					return err
				}
			}
		}
		if page.Next == "" {
			return nil
		}
		q.After = page.Next
	}
}

// NotePushed says that all watchers of a thread took everything up to seq. Two doors at once may leave the lower number: then
// notify sends once more and clients drop what they have.
func (s *Sockets) NotePushed(ctx context.Context, thread string, seq int64) error {
	op, err := put(s.n.Sockets, table.Any(), socketKeys.Pushed(thread), readDoc{Seq: seq})
	if err != nil {
		return err
	}
	op.Item.Expires = s.now().Add(limit.SocketRowLife)
	return s.t.Transact(ctx, op)
}

// Pushed returns what NotePushed noted, 0 if nothing.
func (s *Sockets) Pushed(ctx context.Context, thread string) (int64, error) {
	it, err := s.one(ctx, s.n.Sockets, socketKeys.Pushed(thread))
	if err != nil || it == nil {
		return 0, err
	}
	var d readDoc
	err = decode(it, &d)
	return d.Seq, err
}
