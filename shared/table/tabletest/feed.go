package tabletest

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"parley/shared/table"
)

// FeedPort is a store with a feed.
type FeedPort interface {
	table.Port
	table.Feed
}

// RunFeed runs the feed's contract.
func RunFeed(t *testing.T, open func(t *testing.T, schemas []table.Schema) FeedPort) {
	t.Helper()
	for _, c := range []struct {
		name string
		run  func(s feedSuite)
	}{
		{"a change shows the item before and after", feedImages},
		{"changes come in commit order, each once", feedOrder},
		{"a reader goes on where it stopped", feedCheckpoint},
		{"waiting ends with a commit or with the context", feedWait},
		{"a table without a stream has no feed", feedNoStream},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := open(t, Schemas)
			c.run(feedSuite{suite{t, p}, p})
		})
	}
}

type feedSuite struct {
	suite
	feed table.Feed
}

func (s feedSuite) read(pos int64, n int) []table.Change {
	s.Helper()
	got, err := s.feed.Read(ctx, "threads", pos, n)
	if err != nil {
		s.Fatal(err)
	}
	return got
}

func feedImages(s feedSuite) {
	k := key("f", "1")
	first := put(k, table.Absent(), `{"n":1}`)
	first.Item.Expires = time.Unix(4102444800, 0).UTC()
	first.Item.Index = map[string]table.IndexKey{"views": {PK: "v", SK: "1"}}
	s.must(first)
	s.fails([]int{0}, put(k, table.Absent(), `{"n":9}`)) // leaves no trace
	s.must(table.Op{Table: "threads", Verb: table.Delete, Item: table.Item{Key: key("not", "there")}})
	s.must(put(k, table.RevIs(1), `{"n":2}`))
	s.must(table.Op{Table: "threads", Verb: table.Add, Item: table.Item{Key: k}, Adds: map[string]int64{"n": 5}})
	s.must(table.Op{Table: "threads", Verb: table.Delete, Item: table.Item{Key: k}})
	got := s.read(0, 10)
	if len(got) != 4 {
		s.Fatalf("%d changes, want 4", len(got))
	}
	docs := [][2]string{{"", `{"n":1}`}, {`{"n":1}`, `{"n":2}`}, {`{"n":2}`, `{"n":7}`}, {`{"n":7}`, ""}}
	for i, ch := range got {
		if ch.Table != "threads" || ch.Key != k || time.Since(ch.At) > time.Minute || (i > 0 && ch.Pos <= got[i-1].Pos) {
			s.Errorf("change %d: %+v", i, ch)
		}
		for j, it := range []*table.Item{ch.Old, ch.New} {
			want := docs[i][j]
			if (it == nil) != (want == "") {
				s.Fatalf("change %d, image %d: %+v, want %q", i, j, it, want)
			}
			if it == nil {
				continue
			}
			s.same(fmt.Sprintf("change %d image %d", i, j), it.Doc, want)
			if it.Key != k || it.Rev != int64(i+j) {
				s.Errorf("change %d image %d: key %v rev %d", i, j, it.Key, it.Rev)
			}
		}
	}
	if it := got[1].Old; it.Index["views"].PK != "v" || it.Expires.Unix() != 4102444800 {
		s.Errorf("old image %+v lacks index keys or expiry", it)
	}
}

func feedOrder(s feedSuite) {
	const writers, each = 16, 12
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				pk := fmt.Sprintf("w%d", w)
				err := s.Transact(ctx, put(key(pk, "head"), table.Any(), fmt.Sprintf(`{"i":%d}`, i)), put(key(pk, fmt.Sprint(i)), table.Absent(), `{}`))
				if err != nil {
					s.Error(err)
				}
			}
		})
	}
	wg.Wait()
	next := map[string]int{}
	total, pos := 0, int64(0)
	for {
		got := s.read(pos, 7)
		if len(got) == 0 {
			break
		}
		for _, ch := range got {
			if ch.Pos <= pos {
				s.Fatalf("position %d after %d", ch.Pos, pos)
			}
			pos = ch.Pos
			total++
			if ch.Key.SK != "head" {
				continue
			}
			var d struct{ I int }
			if err := json.Unmarshal(ch.New.Doc, &d); err != nil || d.I != next[ch.Key.PK] {
				s.Fatalf("%s: change %d came when %d was due", ch.Key.PK, d.I, next[ch.Key.PK])
			}
			next[ch.Key.PK]++
		}
	}
	if total != 2*writers*each {
		s.Errorf("%d changes, want %d", total, 2*writers*each)
	}
}

func feedCheckpoint(s feedSuite) {
	pos := func(reader string) int64 {
		p, err := s.feed.Checkpoint(ctx, "threads", reader)
		if err != nil {
			s.Fatal(err)
		}
		return p
	}
	if pos("notify") != 0 {
		s.Fatal("a new reader does not start at 0")
	}
	for i := range 5 {
		s.must(put(key("c", fmt.Sprint(i)), table.Any(), `{}`))
	}
	got := s.read(0, 3)
	for _, p := range []int64{got[2].Pos, got[0].Pos} { // going back is ignored
		if err := s.feed.Advance(ctx, "threads", "notify", p); err != nil {
			s.Fatal(err)
		}
	}
	if pos("notify") != got[2].Pos || pos("rollup") != 0 {
		s.Fatalf("checkpoints %d and %d", pos("notify"), pos("rollup"))
	}
	if rest := s.read(pos("notify"), 10); len(rest) != 2 || rest[0].Key.SK != "3" {
		s.Errorf("rest %+v", rest)
	}
}

func feedWait(s feedSuite) {
	short, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
	defer cancel()
	if err := s.feed.Wait(short, "threads", 0); err == nil {
		s.Fatal("waiting on an empty feed ended by itself")
	}
	woke := make(chan error, 1)
	go func() { woke <- s.feed.Wait(ctx, "threads", 0) }()
	time.Sleep(5 * time.Millisecond)
	s.must(put(key("w", "1"), table.Any(), `{}`))
	select {
	case err := <-woke:
		if err != nil {
			s.Fatal(err)
		}
	case <-time.After(5 * time.Second):
		s.Fatal("a commit did not end the wait")
	}
	if len(s.read(0, 1)) != 1 {
		s.Error("woken, but nothing to read")
	}
	if err := s.feed.Wait(ctx, "threads", 0); err != nil {
		s.Error(err)
	}
}

func feedNoStream(s feedSuite) {
	s.must(table.Op{Table: "settings", Verb: table.Put, Item: table.Item{Key: key("s", "1"), Doc: json.RawMessage(`{}`)}})
	if got, err := s.feed.Read(ctx, "settings", 0, 10); err != nil || len(got) != 0 {
		s.Errorf("got %v %v", got, err)
	}
}
