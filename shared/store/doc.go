// Package store is typed reads and commits over the item store: one file per noun, all keys in keys.go.
//
// Owns: keys, documents, the one way to change a thread (Threads.Do), the outbox's states, leases and due times.
// Never: rules of the domain, AWS, HTTP. Imported by: functions, live.
package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"parley/shared/chatflow"
	"parley/shared/table"
)

// Names are the physical names of the tables a function may use; the others stay "".
type Names struct{ Threads, Outbox, Assignments, Contacts, Settings, Sockets string }

// Store opens every noun over one table port.
type Store struct {
	Threads     *Threads
	Outbox      *Outbox
	Contacts    *Contacts
	Settings    *Settings
	Articles    *Articles
	Sockets     *Sockets
	Quarantine  *Quarantine
	Drafts      *Drafts
	Chats       *Chats
	Bots        *Bots
	Filters     *Filters
	Ledger      *Ledger
	Assignments *Assignments
	Notices     *Notices
	Tickets     *Tickets
	Devices     *Devices
}

type base struct {
	t     table.Port
	n     Names
	now   func() time.Time
	newID func() string
}

// Open returns the nouns. now and newID are the clock and the source of ids (host.Cloud's).
func Open(t table.Port, n Names, now func() time.Time, newID func() string) *Store {
	b := base{t: t, n: n, now: now, newID: newID}
	settings := &Settings{base: b}
	chats := &Chats{base: b, settings: settings, seen: map[string]time.Time{}}
	threads := &Threads{b}
	return &Store{
		Threads: threads, Tickets: &Tickets{base: b, threads: threads}, Outbox: &Outbox{b}, Contacts: &Contacts{base: b, settings: settings}, Settings: settings,
		Sockets: &Sockets{b}, Quarantine: &Quarantine{b}, Drafts: &Drafts{b}, Filters: &Filters{settings}, Ledger: &Ledger{b}, Assignments: &Assignments{b}, Notices: &Notices{base: b, settings: settings}, Devices: &Devices{b},
		Chats: chats, Bots: &Bots{base: b, settings: settings, chats: chats, graphs: map[graphKey]chatflow.Graph{}}, Articles: &Articles{settings: settings},
	}
}

// one reads a single item consistently; nil if there is none.
func (b base) one(ctx context.Context, tbl string, k table.Key) (*table.Item, error) {
	items, err := b.t.Get(ctx, tbl, true, k)
	if err != nil {
		return nil, err
	}
	return items[0], nil
}

// put is an op that writes v as a document.
func put(tbl string, cond table.Cond, k table.Key, v any) (table.Op, error) {
	doc, err := json.Marshal(v)
	if err != nil {
		return table.Op{}, fmt.Errorf("store: %s/%s: %w", k.PK, k.SK, err)
	}
	return table.Op{Table: tbl, Verb: table.Put, Cond: cond, Item: table.Item{Key: k, Doc: doc}}, nil
}

// cond is the condition under which an item that was read may be written again.
func cond(it *table.Item) table.Cond {
	if it == nil {
		return table.Absent()
	}
	return table.RevIs(it.Rev)
}

func decode(it *table.Item, v any) error {
	if err := json.Unmarshal(it.Doc, v); err != nil {
		return fmt.Errorf("store: %s/%s: %w", it.PK, it.SK, err)
	}
	return nil
}

// retry runs f until it gives something else than a conflict, with jittered, growing pauses, within a budget.
func retry(ctx context.Context, budget time.Duration, f func() error) error {
	until := time.Now().Add(budget) // a budget is of real time, whatever clock the product runs on
	for n := 0; ; n++ {
		err := f()
		var c *table.Conflict
		if err == nil || !errors.As(err, &c) || time.Now().After(until) {
			return err
		}
		top := min(time.Millisecond<<min(n, 6), 50*time.Millisecond)
		select {
		case <-time.After(time.Duration(rand.Int64N(int64(top)))):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
