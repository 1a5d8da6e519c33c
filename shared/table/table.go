// Package table is the port to the item store: DynamoDB on AWS, SQLite in local mode.
//
// Owns: the shape of an item, four verbs, the conditions they may carry, and what a feed is.
// Never: keys of a noun (store/keys.go), AWS, SQL.
// Imported by: store, functions (New only), adapters, host, infra/local.
//
// An item is a key, a revision, an expiry, index keys and one JSON document. Conditions name only absence or a
// revision, so that both adapters stay small and mean the same. tabletest is the one contract both must pass.
package table

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// Key names an item within a table. Neither part may be empty.
type Key struct{ PK, SK string }

// IndexKey places an item in an index. An item without an entry for an index is not in it (a sparse index).
type IndexKey struct{ PK, SK string }

// Item is one stored item.
type Item struct {
	Key
	// Rev grows with every write, and Put ignores it: conditions carry revisions. It is 1 after a write under Absent, n+1 after
	// one under RevIs(n), one more after an Add; a Put under Any gives some larger number (below 2^53).
	Rev int64
	// Expires is when the item may be deleted by the store, to the second; the zero time means never. Deletion can be days
	// late (DynamoDB TTL), so readers of an expiring item compare Expires with their own clock.
	Expires time.Time
	// Index holds the item's keys in the table's indexes, by index name.
	Index map[string]IndexKey
	// Doc is a JSON object of at most limit.ItemBytes. Its top-level names may not be pk, sk, rev, ttl or end in _pk or _sk:
	// on DynamoDB they become the item's own attributes.
	Doc json.RawMessage
}

// Verb is what an Op does.
type Verb uint8

// Put writes the whole item. Delete removes it; deleting what is not there succeeds, unless the condition is a revision. Add adds
// numbers to top-level members of the document, creating item and members as needed.
const (
	Put Verb = iota + 1
	Delete
	Add
)

// Cond is what must hold for an Op's key before the transaction.
type Cond struct {
	kind int8
	rev  int64
}

// Any puts no condition on the key.
func Any() Cond { return Cond{} }

// Absent demands that no item has the key.
func Absent() Cond { return Cond{kind: 1} }

// RevIs demands that an item has the key and that its revision is n.
func RevIs(n int64) Cond { return Cond{kind: 2, rev: n} }

// IsAbsent reports whether c is Absent.
func (c Cond) IsAbsent() bool { return c.kind == 1 }

// Rev returns the demanded revision, if c demands one.
func (c Cond) Rev() (int64, bool) { return c.rev, c.kind == 2 }

// Op is one action of a transaction.
type Op struct {
	Table string
	Verb  Verb
	Cond  Cond
	Item  Item             // Put: all of it; Delete and Add: the Key (Add also Expires, if set)
	Adds  map[string]int64 // Add only
}

// Query is a range of one partition, or of one partition of an index, in order of the sort key.
type Query struct {
	Table string
	Index string // "" reads the table itself and returns whole items; an index returns keys and Index entries only (KEYS_ONLY)
	PK    string
	// From and To bound the sort key, both inclusive; "" leaves that side open.
	From, To string
	Desc     bool
	// Limit is the most items to return; 0 means as many as fit a page (1 MB on DynamoDB, 1000 items locally).
	Limit int
	// After continues behind the last item of an earlier page: its Page.Next. "" starts at the beginning.
	After string
	// Consistent reads what was just written; not possible on an index.
	Consistent bool
}

// Page is one page of a query. Next is "" when nothing follows; otherwise pass it as Query.After. It is opaque and URL-safe.
type Page struct {
	Items []Item
	Next  string
}

// Port is the store. All methods are safe for concurrent use. Uncoded errors and fault.Busy may be retried;
// fault.Invalid (item too large, reserved name, too many actions) may not.
type Port interface {
	// Get reads items by key, at most limit.BatchGetKeys. The result is as long as keys and in their order; a missing item is nil.
	Get(ctx context.Context, table string, consistent bool, keys ...Key) ([]*Item, error)
	// Query reads one page.
	Query(ctx context.Context, q Query) (Page, error)
	// Transact carries out all ops or none: at most limit.TransactActions, no key twice. A condition that does not hold gives a
	// *Conflict. A single op is allowed and is cheaper on DynamoDB (no transaction). The adapter makes any client token itself,
	// a new one for each call: a caller that retries has read and decided again, so it never wants the old one.
	Transact(ctx context.Context, ops ...Op) error
}

// Conflict says which ops' conditions did not hold. Throttled tells that the store refused for load or because another
// transaction held an item, not because of a condition: then Failed is empty and the same ops may be tried again.
type Conflict struct {
	Failed    []int
	Throttled bool
}

func (c *Conflict) Error() string {
	if c.Throttled {
		return "table: transaction in conflict with another"
	}
	return fmt.Sprintf("table: condition of ops %v does not hold", c.Failed)
}

// Names reports whether op i is among those that failed.
func (c *Conflict) Names(i int) bool {
	for _, f := range c.Failed {
		if f == i {
			return true
		}
	}
	return false
}

// Change is one entry of a feed: an item before and after one write. Old is nil for an insert, New for a removal.
type Change struct {
	Pos      int64 // grows with every change of the table; not dense
	Table    string
	Key      Key
	At       time.Time
	Old, New *Item
}

// Feed is what the local runner and tabletest read instead of DynamoDB Streams.
type Feed interface {
	// Read returns at most n changes of a table behind pos, oldest first. It does not wait.
	Read(ctx context.Context, table string, pos int64, n int) ([]Change, error)
	// Checkpoint returns the position a reader has reached, 0 for a new one.
	Checkpoint(ctx context.Context, table, reader string) (int64, error)
	// Advance notes that a reader has done everything up to pos. It may be lost in a crash: the reader then sees some changes twice.
	Advance(ctx context.Context, table, reader string, pos int64) error
	// Wait returns when a change behind pos may be there, or when ctx ends.
	Wait(ctx context.Context, table string, pos int64) error
}
