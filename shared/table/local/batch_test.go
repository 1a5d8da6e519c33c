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
