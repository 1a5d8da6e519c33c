// Package tabletest is the contract of the table port: one suite that every adapter must pass.
//
// Owns: what "all or nothing", a revision, a page and a feed mean. Never: an adapter.
// Imported by: tests of the adapters.
package tabletest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"parley/shared/fault"
	"parley/shared/table"
)

// Schemas are the tables the suite wants to find.
var Schemas = []table.Schema{
	{Name: "threads", Indexes: []string{"views", "owners"}, Expires: true, Stream: true},
	{Name: "outbox", Indexes: []string{"due"}, Stream: true},
	{Name: "settings"},
}

// Run runs the suite. open gives a port to fresh, empty tables and closes it by t.Cleanup; it is called once a case.
func Run(t *testing.T, open func(t *testing.T, schemas []table.Schema) table.Port) {
	t.Helper()
	for _, c := range []struct {
		name string
		run  func(s suite)
	}{
		{"get keeps order and shows what is missing", getOrder},
		{"an item comes back as it was put", roundTrip},
		{"absent and revision conditions", conditions},
		{"revisions grow", revisions},
		{"a transaction is all or nothing and names what failed", allOrNothing},
		{"delete", deletes},
		{"add", adds},
		{"what is refused", refusals},
		{"parallel appends all get through, without gaps", parallelAppends},
		{"a revision is won once", oneWinner},
		{"range queries", rangeQueries},
		{"paging to the end", paging},
		{"paging while rows are inserted", pagingWhileInserting},
		{"indexes are sparse and hold keys only", indexes},
		{"index paging through equal sort keys", indexPaging},
		{"page tokens of other queries", tokens},
	} {
		t.Run(c.name, func(t *testing.T) { c.run(suite{t, open(t, Schemas)}) })
	}
}

type suite struct {
	*testing.T
	table.Port
}

var ctx = context.Background()

func key(pk, sk string) table.Key { return table.Key{PK: pk, SK: sk} }

func put(k table.Key, cond table.Cond, doc string) table.Op {
	return table.Op{Table: "threads", Verb: table.Put, Cond: cond, Item: table.Item{Key: k, Doc: json.RawMessage(doc)}}
}

func (s suite) must(ops ...table.Op) {
	s.Helper()
	if err := s.Transact(ctx, ops...); err != nil {
		s.Fatalf("transact: %v", err)
	}
}

// fails wants a Conflict that names exactly these ops.
func (s suite) fails(want []int, ops ...table.Op) {
	s.Helper()
	err := s.Transact(ctx, ops...)
	var c *table.Conflict
	if !errors.As(err, &c) || c.Throttled || !reflect.DeepEqual(c.Failed, want) {
		s.Fatalf("got %v, want a conflict of ops %v", err, want)
	}
}

func (s suite) invalid(what string, err error) {
	s.Helper()
	if !fault.Is(err, fault.Invalid) {
		s.Errorf("%s: got %v, want fault.Invalid", what, err)
	}
}

func (s suite) get(k table.Key) *table.Item {
	s.Helper()
	got, err := s.Get(ctx, "threads", true, k)
	if err != nil || len(got) != 1 {
		s.Fatalf("get %v: %v %v", k, got, err)
	}
	return got[0]
}

// same compares documents as JSON with exact numbers.
func (s suite) same(what string, got []byte, want string) {
	s.Helper()
	if a, b := canonical(got), canonical([]byte(want)); a != b {
		s.Errorf("%s: got %s, want %s", what, a, b)
	}
}

func getOrder(s suite) {
	s.must(put(key("a", "1"), table.Any(), `{"n":1}`), put(key("b", "2"), table.Any(), `{"n":2}`))
	for _, consistent := range []bool{true, false} {
		got, err := s.Get(ctx, "threads", consistent, key("b", "2"), key("x", "x"), key("a", "1"), key("b", "2"))
		if err != nil || len(got) != 4 {
			s.Fatal(got, err)
		}
		if got[1] != nil || got[0] == nil || got[2] == nil || got[3] == nil {
			s.Fatalf("got %v, want the second alone to be missing", got)
		}
		s.same("first", got[0].Doc, `{"n":2}`)
		s.same("third", got[2].Doc, `{"n":1}`)
		s.same("fourth", got[3].Doc, `{"n":2}`)
	}
	if got, err := s.Get(ctx, "threads", true); err != nil || len(got) != 0 {
		s.Fatalf("no keys: %v %v", got, err)
	}
	var hundred []table.Key
	for i := range 100 {
		hundred = append(hundred, key("many", fmt.Sprint(i)))
	}
	s.must(put(hundred[99], table.Any(), `{}`))
	got, err := s.Get(ctx, "threads", true, hundred...)
	if err != nil || len(got) != 100 || got[0] != nil || got[99] == nil {
		s.Fatalf("a hundred keys: %v", err)
	}
	_, err = s.Get(ctx, "threads", true, append(hundred, key("one", "more"))...)
	s.invalid("101 keys", err)
	_, err = s.Get(ctx, "threads", true, key("", "x"))
	s.invalid("empty partition key", err)
}

func roundTrip(s suite) {
	const doc = `{"text":"Grüße \"q\" \\ \u0001 \u2028 😀","empty":"","n":12345678901234567890123456789,"f":-0.125,"big":9007199254740993,
		"yes":true,"no":false,"nil":null,"list":[1,"a",null,[],{}],"obj":{"pk":"inner names are free","x_sk":{"y":[true]}},"":0}`
	it := table.Item{
		Key: key("pk with space/ü", "sk#\"quoted\""), Expires: time.Unix(4102444800, 0).UTC(),
		Index: map[string]table.IndexKey{"views": {PK: "v", SK: "2026"}, "owners": {PK: "o", SK: "ü"}},
	}
	const legal = `{"text":"Grüße \"q\" \\ \u0001 \u2028 😀","empty":"","n":12345678901234567890123456789,"f":-0.125,"big":9007199254740993,
		"yes":true,"no":false,"nil":null,"list":[1,"a",null,[],{}],"obj":{"pk":"inner names are free","x_sk":{"y":[true]}}}`
	it.Doc = json.RawMessage(doc)
	s.invalid("an empty name", s.Transact(ctx, table.Op{Table: "threads", Verb: table.Put, Item: it}))
	it.Doc = json.RawMessage(legal)
	s.must(table.Op{Table: "threads", Verb: table.Put, Cond: table.Absent(), Item: it})
	got := s.get(it.Key)
	if got == nil || got.Key != it.Key || got.Rev != 1 || !got.Expires.Equal(it.Expires) || !reflect.DeepEqual(got.Index, it.Index) {
		s.Fatalf("got %+v, want %+v", got, it)
	}
	s.same("document", got.Doc, legal)

	// A put replaces the whole item: members, index keys and expiry that it lacks are gone.
	s.must(put(it.Key, table.RevIs(1), `{"a":1}`))
	got = s.get(it.Key)
	if got == nil || !got.Expires.IsZero() || len(got.Index) != 0 {
		s.Fatalf("got %+v, want no expiry and no index keys", got)
	}
	s.same("document", got.Doc, `{"a":1}`)
	s.must(put(it.Key, table.Any(), `{}`))
	s.same("empty document", s.get(it.Key).Doc, `{}`)
}

func conditions(s suite) {
	k := key("c", "1")
	s.fails([]int{0}, put(k, table.RevIs(1), `{}`))
	s.fails([]int{0}, put(k, table.RevIs(0), `{}`))
	s.must(put(k, table.Absent(), `{"n":1}`))
	s.fails([]int{0}, put(k, table.Absent(), `{"n":2}`))
	s.fails([]int{0}, put(k, table.RevIs(2), `{"n":2}`))
	s.must(put(k, table.RevIs(1), `{"n":2}`))
	s.fails([]int{0}, put(k, table.RevIs(1), `{"n":3}`))
	if got := s.get(k); got.Rev != 2 {
		s.Errorf("rev %d, want 2", got.Rev)
	}
	s.same("document", s.get(k).Doc, `{"n":2}`)
}

func revisions(s suite) {
	k := key("r", "1")
	s.must(put(k, table.Absent(), `{}`))
	last := s.get(k).Rev
	if last != 1 {
		s.Errorf("first rev %d, want 1", last)
	}
	for i := range 12 {
		cond, exact := table.RevIs(last), true
		op := put(k, cond, `{}`)
		switch i % 3 {
		case 1:
			op.Cond, exact = table.Any(), false
		case 2:
			op = table.Op{Table: "threads", Verb: table.Add, Cond: cond, Item: table.Item{Key: k}, Adds: map[string]int64{"n": 1}}
		}
		op.Item.Rev = 77 // ignored
		s.must(op)
		rev := s.get(k).Rev
		if rev <= last || (exact && rev != last+1) {
			s.Fatalf("write %d: rev %d after %d", i, rev, last)
		}
		if rev > 1<<53 {
			s.Fatalf("rev %d does not fit a JavaScript number", rev)
		}
		s.fails([]int{0}, put(k, table.RevIs(last), `{}`))
		last = rev
	}
}

func allOrNothing(s suite) {
	s.must(put(key("t", "head"), table.Absent(), `{"v":1}`), put(key("t", "e1"), table.Absent(), `{}`))
	s.fails([]int{1, 3},
		put(key("t", "e2"), table.Absent(), `{}`),
		put(key("t", "head"), table.RevIs(9), `{"v":2}`),
		table.Op{Table: "outbox", Verb: table.Put, Item: table.Item{Key: key("o", "1"), Doc: json.RawMessage(`{}`)}},
		put(key("t", "e1"), table.Absent(), `{"other":1}`),
		table.Op{Table: "settings", Verb: table.Add, Item: table.Item{Key: key("n", "n")}, Adds: map[string]int64{"n": 1}},
	)
	if s.get(key("t", "e2")) != nil {
		s.Error("an op of a failed transaction was carried out")
	}
	s.same("head", s.get(key("t", "head")).Doc, `{"v":1}`)
	for tbl, k := range map[string]table.Key{"outbox": key("o", "1"), "settings": key("n", "n")} {
		if got, err := s.Get(ctx, tbl, true, k); err != nil || got[0] != nil {
			s.Errorf("%s: %v %v", tbl, got, err)
		}
	}
	// Across tables, all of it.
	s.must(
		put(key("t", "e2"), table.Absent(), `{}`),
		put(key("t", "head"), table.RevIs(1), `{"v":2}`),
		table.Op{Table: "outbox", Verb: table.Put, Cond: table.Absent(), Item: table.Item{Key: key("o", "1"), Doc: json.RawMessage(`{"j":1}`)}},
		table.Op{Table: "threads", Verb: table.Delete, Cond: table.RevIs(1), Item: table.Item{Key: key("t", "e1")}},
		table.Op{Table: "settings", Verb: table.Delete, Cond: table.Absent(), Item: table.Item{Key: key("not", "there")}},
	)
	if s.get(key("t", "e2")) == nil || s.get(key("t", "e1")) != nil || s.get(key("t", "head")).Rev != 2 {
		s.Error("the transaction was not carried out whole")
	}
	got, err := s.Get(ctx, "outbox", true, key("o", "1"))
	if err != nil || got[0] == nil {
		s.Errorf("outbox: %v %v", got, err)
	}
}

func deletes(s suite) {
	k := key("d", "1")
	del := func(c table.Cond) table.Op {
		return table.Op{Table: "threads", Verb: table.Delete, Cond: c, Item: table.Item{Key: k}}
	}
	s.must(del(table.Any())) // nothing there: fine
	s.must(del(table.Absent()))
	s.fails([]int{0}, del(table.RevIs(1)))
	s.must(put(k, table.Absent(), `{}`))
	s.fails([]int{0}, del(table.Absent()))
	s.fails([]int{0}, del(table.RevIs(2)))
	s.must(del(table.RevIs(1)))
	if s.get(k) != nil {
		s.Error("still there")
	}
	s.must(put(k, table.Absent(), `{}`))
	s.must(del(table.Any()))
	if s.get(k) != nil {
		s.Error("still there")
	}
}

func adds(s suite) {
	k := key("n", "1")
	add := func(c table.Cond, adds map[string]int64) table.Op {
		return table.Op{Table: "threads", Verb: table.Add, Cond: c, Item: table.Item{Key: k}, Adds: adds}
	}
	s.must(add(table.Absent(), map[string]int64{"a": 2, "b": -1}))
	got := s.get(k)
	if got == nil || got.Rev != 1 || !got.Expires.IsZero() {
		s.Fatalf("got %+v", got)
	}
	s.same("created", got.Doc, `{"a":2,"b":-1}`)
	first := add(table.Any(), map[string]int64{"a": 3, "new \"name\"": 1})
	first.Item.Expires = time.Unix(4102444800, 0)
	s.must(first)
	s.same("added", s.get(k).Doc, `{"a":5,"b":-1,"new \"name\"":1}`)
	s.must(add(table.RevIs(2), map[string]int64{"b": 1}))
	got = s.get(k)
	s.same("added", got.Doc, `{"a":5,"b":0,"new \"name\"":1}`)
	if got.Rev != 3 || got.Expires.Unix() != 4102444800 {
		s.Errorf("rev %d, expires %v: an add keeps an expiry it does not set", got.Rev, got.Expires)
	}
	s.fails([]int{0}, add(table.RevIs(2), map[string]int64{"b": 1}))
	s.fails([]int{0}, add(table.Absent(), map[string]int64{"b": 1}))

	// It leaves the rest of the item alone, and adds to fractions and big numbers exactly.
	it := table.Item{
		Key: key("n", "2"), Index: map[string]table.IndexKey{"views": {PK: "v", SK: "s"}},
		Doc: json.RawMessage(`{"text":"x","f":0.5,"big":9007199254740993,"huge":1234567890123456789012345}`),
	}
	s.must(table.Op{Table: "threads", Verb: table.Put, Item: it})
	s.must(table.Op{Table: "threads", Verb: table.Add, Item: table.Item{Key: it.Key}, Adds: map[string]int64{"f": 1, "big": 1, "huge": 5}})
	got = s.get(it.Key)
	s.same("rest", got.Doc, `{"text":"x","f":1.5,"big":9007199254740994,"huge":1234567890123456789012350}`)
	if got.Index["views"] != it.Index["views"] {
		s.Errorf("index keys %v", got.Index)
	}
	s.invalid("adding to a text", s.Transact(ctx, table.Op{Table: "threads", Verb: table.Add, Item: table.Item{Key: it.Key}, Adds: map[string]int64{"text": 1}}))
	s.invalid("adding to a text, in a transaction", s.Transact(ctx, put(key("n", "3"), table.Any(), `{}`),
		table.Op{Table: "threads", Verb: table.Add, Item: table.Item{Key: it.Key}, Adds: map[string]int64{"text": 1}}))
	if s.get(key("n", "3")) != nil {
		s.Error("a refused transaction was carried out in part")
	}
}
