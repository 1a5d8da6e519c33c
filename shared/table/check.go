package table

import (
	"encoding/base64"
	"encoding/json"
	"strings"

	"parley/shared/fault"
	"parley/shared/limit"
)

// Schema says how a table is built. On AWS infra/data.go builds it; local mode and tests build it from this.
type Schema struct {
	Name    string
	Indexes []string
	Expires bool // the store deletes expired items
	Stream  bool // changes of the table are wanted
}

// Sizes of keys in bytes (DynamoDB quotas, "Partition keys and sort keys").
const (
	maxPK = 2048
	maxSK = 1024
)

// Reserved reports whether a top-level name of a document belongs to the item itself.
func Reserved(name string) bool {
	switch name {
	case "pk", "sk", "rev", "ttl":
		return true
	}
	return strings.HasSuffix(name, "_pk") || strings.HasSuffix(name, "_sk")
}

// Check refuses, as fault.Invalid, what Transact must never be asked: both adapters call it first, so that they refuse alike.
func Check(ops []Op) error {
	if len(ops) == 0 || len(ops) > limit.TransactActions {
		return fault.New(fault.Invalid, "a transaction has 1 to %d actions, not %d", limit.TransactActions, len(ops))
	}
	for i := range ops {
		if err := ops[i].check(); err != nil {
			return err
		}
		for j := range i {
			if ops[j].Item.Key == ops[i].Item.Key && ops[j].Table == ops[i].Table {
				return fault.New(fault.Invalid, "a transaction names the key %s %s twice", ops[i].Item.PK, ops[i].Item.SK)
			}
		}
	}
	return nil
}

func (op *Op) check() error {
	if err := CheckKeys(op.Item.Key); err != nil {
		return err
	}
	switch op.Verb {
	case Put:
		return op.Item.check()
	case Delete:
		return nil
	case Add:
		if len(op.Adds) == 0 {
			return fault.New(fault.Invalid, "nothing to add")
		}
		for name := range op.Adds {
			if name == "" || Reserved(name) {
				return fault.New(fault.Invalid, "the name %q is reserved", name)
			}
		}
		return nil
	}
	return fault.New(fault.Invalid, "unknown verb %d", op.Verb)
}

func (it *Item) check() error {
	size := len(it.PK) + len(it.SK) + len(it.Doc)
	for name, k := range it.Index {
		if err := CheckKeys(Key(k)); err != nil {
			return err
		}
		size += 2*len(name) + len(k.PK) + len(k.SK)
	}
	if size > limit.ItemBytes {
		return fault.New(fault.Invalid, "an item of %d bytes is larger than %d", size, limit.ItemBytes)
	}
	if len(it.Doc) == 0 || it.Doc[0] != '{' {
		return fault.New(fault.Invalid, "the document is not a JSON object")
	}
	return Walk(it.Doc, func(name, _ []byte) error {
		if n := Unquote(name); n == "" || Reserved(n) {
			return fault.New(fault.Invalid, "the name %q is reserved", n)
		}
		return nil
	})
}

// CheckKeys refuses keys with an empty or an overlong part.
func CheckKeys(keys ...Key) error {
	for _, k := range keys {
		if k.PK == "" || k.SK == "" || len(k.PK) > maxPK || len(k.SK) > maxSK {
			return fault.New(fault.Invalid, "a key has two parts of at most %d and %d bytes", maxPK, maxSK)
		}
	}
	return nil
}

// Cursor is a place in a query: the sort key it stands on and, in an index, the item's key.
type Cursor struct {
	Sort string
	Item Key // index only
}

// Next is the token of Page.Next for a page that ended on it.
func (q *Query) Next(last *Item) string {
	parts := []string{last.SK}
	if q.Index != "" {
		parts = []string{last.Index[q.Index].SK, last.PK, last.SK}
	}
	raw, _ := json.Marshal(parts) // strings cannot fail
	return base64.RawURLEncoding.EncodeToString(raw)
}

// Check refuses a query no adapter can run, and reads its After: nil means from the beginning. The partition never comes from the
// token, so a token of another query cannot lead out of this one's range.
func (q *Query) Check() (*Cursor, error) {
	if q.PK == "" || q.Limit < 0 || (q.Index != "" && q.Consistent) {
		return nil, fault.New(fault.Invalid, "a query needs a partition, a limit that is not negative, and cannot be consistent on an index")
	}
	if q.After == "" {
		return nil, nil
	}
	var parts []string
	raw, err := base64.RawURLEncoding.DecodeString(q.After)
	if err == nil {
		err = json.Unmarshal(raw, &parts)
	}
	want := 1
	if q.Index != "" {
		want = 3
	}
	if err != nil || len(parts) != want || parts[0] == "" || parts[0] < q.From || (q.To != "" && parts[0] > q.To) {
		return nil, fault.New(fault.Invalid, "the page token does not belong to this query")
	}
	c := &Cursor{Sort: parts[0]}
	if want == 3 {
		if c.Item = (Key{parts[1], parts[2]}); CheckKeys(c.Item) != nil {
			return nil, fault.New(fault.Invalid, "the page token does not belong to this query")
		}
	}
	return c, nil
}

// Empty reports whether the bounds of q leave nothing to read (DynamoDB refuses such a range as an error).
func (q *Query) Empty() bool { return q.To != "" && q.From > q.To }
