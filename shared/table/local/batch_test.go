package local

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"parley/shared/table"
)

// TestNeighbours: transactions that share a commit with one that SQL refuses are carried out all the same, once each.
func TestNeighbours(t *testing.T) {
	s, err := Open(t.TempDir(), []Schema{{Name: "threads", Stream: true}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ctx := context.Background()
	hold, held := make(chan struct{}), make(chan struct{})
	results := make(chan error, 4)
	submit := func(r *request) { go func() { r.ctx, r.done = ctx, make(chan error, 1); results <- s.submit(r) }() }
	submit(&request{do: func(*conn) error { close(held); <-hold; return nil }})
	<-held // the writer is busy: what comes now waits and shares the next commit
	good := func(sk string) *request {
		return &request{ops: []table.Op{{Table: "threads", Verb: table.Add, Item: table.Item{Key: table.Key{PK: "a", SK: sk}}, Adds: map[string]int64{"n": 1}}}}
	}
	sqlBad := 0
	submit(good("1"))
	submit(&request{do: func(w *conn) error { sqlBad++; return w.exec("INSERT INTO threads(pk) VALUES('x')") }})
	submit(good("2"))
	for len(s.jobs) < 3 {
		time.Sleep(time.Millisecond)
	}
	close(hold)
	failed := 0
	for range 4 {
		if err := <-results; err != nil {
			failed++
		}
	}
	if failed != 1 || sqlBad < 2 {
		t.Errorf("%d failed and the bad one was tried %d times; want 1, and 2 (with the others, then alone)", failed, sqlBad)
	}
	got, err := s.Get(ctx, "threads", true, table.Key{PK: "a", SK: "1"}, table.Key{PK: "a", SK: "2"})
	if err != nil || got[0] == nil || got[1] == nil || string(got[0].Doc) != `{"n":1}` || string(got[1].Doc) != `{"n":1}` {
		t.Errorf("neighbours: %+v %v", got, err)
	}
	if ch, err := s.Read(ctx, "threads", 0, 10); err != nil || len(ch) != 2 {
		t.Errorf("feed has %d changes, want 2 (%v)", len(ch), err)
	}
}

// TestUnknownIndex: a misspelt index is refused where it is written, not found missing later.
func TestUnknownIndex(t *testing.T) {
	s, err := Open(t.TempDir(), []Schema{{Name: "threads", Indexes: []string{"views"}}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	it := table.Item{Key: table.Key{PK: "a", SK: "1"}, Doc: json.RawMessage(`{}`), Index: map[string]table.IndexKey{"veiws": {PK: "a", SK: "b"}}}
	var conflict *table.Conflict
	if err := s.Transact(context.Background(), table.Op{Table: "threads", Verb: table.Put, Item: it}); err == nil || errors.As(err, &conflict) {
		t.Errorf("got %v", err)
	}
}

// TestRecent: what memory answers is what is committed, to its writer at once and to everybody; and the answer is the reader's own.
func TestRecent(t *testing.T) {
	s, err := Open(t.TempDir(), []Schema{{Name: "threads", Expires: true, Stream: true}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ctx := context.Background()
	key := table.Key{PK: "a", SK: "H"}
	op := func(verb table.Verb, cond table.Cond, doc string) table.Op {
		return table.Op{Table: "threads", Verb: verb, Cond: cond, Item: table.Item{Key: key, Doc: json.RawMessage(doc)}}
	}
	read := func() *table.Item {
		t.Helper()
		got, err := s.Get(ctx, "threads", true, key)
		if err != nil {
			t.Fatal(err)
		}
		return got[0]
	}
	doc := []byte(`{"n":1}`)
	for rev := range int64(3) {
		cond := table.RevIs(rev)
		if rev == 0 {
			cond = table.Absent()
		}
		o := op(table.Put, cond, "")
		o.Item.Doc = doc
		if err := s.Transact(ctx, o); err != nil {
			t.Fatal(err)
		}
		doc[5]++ // the caller's buffer is the caller's
	}
	if s.recent.get(place{"threads", key}) == nil {
		t.Fatal("an item that was changed is not in memory")
	}
	if it := read(); it.Rev != 3 || string(it.Doc) != `{"n":3}` {
		t.Fatalf("got rev %d %s", it.Rev, it.Doc)
	}
	copy(read().Doc, "xxxxxxx")
	var conflict *table.Conflict
	if err := s.Transact(ctx, op(table.Put, table.RevIs(2), `{"n":9}`)); !errors.As(err, &conflict) {
		t.Fatalf("a late writer: %v", err)
	}
	failing := &request{ctx: ctx, done: make(chan error, 1), ops: []table.Op{op(table.Put, table.RevIs(3), `{"n":8}`), {Table: "threads", Verb: table.Put, Item: table.Item{Key: table.Key{PK: "b", SK: "b"}}}}}
	if err := s.submit(failing); err == nil { // the second op has no document: SQL refuses it after the first was written
		t.Fatal("an item without a document was taken")
	}
	if it := read(); it.Rev != 3 || string(it.Doc) != `{"n":3}` {
		t.Fatalf("after a rollback: rev %d %s", it.Rev, it.Doc)
	}
	if err := s.Transact(ctx, op(table.Delete, table.Any(), "")); err != nil {
		t.Fatal(err)
	}
	if it := read(); it != nil {
		t.Fatalf("deleted, but read as %s", it.Doc)
	}
}

// TestRecentBound: memory holds the newest, and no more than its bound.
func TestRecentBound(t *testing.T) {
	var r recent
	doc := make([]byte, 100<<10)
	for i := range 1000 {
		r.put(place{"t", table.Key{PK: "a", SK: string(rune(i))}}, &table.Item{Rev: 2, Doc: doc})
		if r.get(place{"t", table.Key{PK: "a", SK: string(rune(i))}}) == nil {
			t.Fatal("the newest item is not there")
		}
		if n := (len(r.young) + len(r.old)) * len(doc); n > recentBytes {
			t.Fatalf("%d bytes are kept", n)
		}
	}
}
