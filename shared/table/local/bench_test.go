//go:build unix

package local_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"parley/shared/table"
	"parley/shared/table/local"
)

var benchSchemas = []table.Schema{
	{Name: "threads", Indexes: []string{"views", "owners", "accounts", "teams", "contact", "due"}, Expires: true, Stream: true},
	{Name: "outbox", Indexes: []string{"due"}, Stream: true},
	{Name: "assignments", Indexes: []string{"due"}, Stream: true},
}

func openBench(b *testing.B) *local.Store {
	b.Helper()
	s, err := local.Open(b.TempDir(), benchSchemas)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	return s
}

func cpu() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func doc(n int) json.RawMessage {
	return json.RawMessage(`{"text":"` + strings.Repeat("hello ", n/6) + `","n":1}`)
}

// BenchmarkTransact is what Threads.Do commits: head at its revision, an entry, an idempotency key; only the head is in the feed.
func BenchmarkTransact(b *testing.B) {
	s := openBench(b)
	s.SetWanted(func(_ string, _, it *table.Item) bool { return it != nil && it.SK == "H" })
	ctx := context.Background()
	head, entry := doc(500), doc(300)
	var worker atomic.Int64
	b.SetParallelism(16) // 32 goroutines on two cores
	before := cpu()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		w := worker.Add(1)
		for n := int64(0); pb.Next(); n++ {
			thread := fmt.Sprintf("T#%d#%d", w, n/50)
			cond := table.RevIs(n % 50)
			if n%50 == 0 {
				cond = table.Absent()
			}
			err := s.Transact(ctx,
				table.Op{Table: "threads", Verb: table.Put, Cond: cond, Item: table.Item{
					Key: table.Key{PK: thread, SK: "H"}, Doc: head,
					Index: map[string]table.IndexKey{"views": {PK: "I#1#open", SK: "2026-11-22T10:00"}, "owners": {PK: "O#none", SK: "2026"}},
				}},
				table.Op{Table: "threads", Verb: table.Put, Cond: table.Absent(), Item: table.Item{Key: table.Key{PK: thread, SK: fmt.Sprintf("E#%012d", n)}, Doc: entry}},
				table.Op{Table: "threads", Verb: table.Put, Cond: table.Absent(), Item: table.Item{
					Key: table.Key{PK: fmt.Sprintf("K#%d#%d", w, n), SK: "K"}, Doc: json.RawMessage(`{"seq":1}`), Expires: time.Now().Add(time.Hour),
				}},
			)
			if err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "tx/s")
	b.ReportMetric((cpu()-before).Seconds()/float64(b.N)*1000, "cpu-s/1000")
}

func fill(b *testing.B, s *local.Store, n int) {
	b.Helper()
	for i := 0; i < n; i += 50 {
		var ops []table.Op
		for j := i; j < i+50; j++ {
			ops = append(ops, table.Op{Table: "threads", Verb: table.Put, Item: table.Item{
				Key: table.Key{PK: fmt.Sprintf("T#%d", j), SK: "H"}, Doc: doc(500),
				Index: map[string]table.IndexKey{"views": {PK: "I#1#open", SK: fmt.Sprintf("%08d", j/3)}},
			}})
		}
		if err := s.Transact(context.Background(), ops...); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkGet(b *testing.B) {
	s := openBench(b)
	fill(b, s, 5000)
	ctx := context.Background()
	b.ResetTimer()
	for i := range b.N {
		got, err := s.Get(ctx, "threads", true, table.Key{PK: fmt.Sprintf("T#%d", i%5000), SK: "H"}, table.Key{PK: "K#none", SK: "K"})
		if err != nil || got[0] == nil || got[1] != nil {
			b.Fatal(got, err)
		}
	}
}

func BenchmarkQueryIndex(b *testing.B) {
	s := openBench(b)
	fill(b, s, 5000)
	ctx := context.Background()
	b.ResetTimer()
	for range b.N {
		page, err := s.Query(ctx, table.Query{Table: "threads", Index: "views", PK: "I#1#open", Desc: true, Limit: 25})
		if err != nil || len(page.Items) != 25 || page.Next == "" {
			b.Fatal(len(page.Items), err)
		}
	}
}
