package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

type watch struct{ now atomic.Int64 }

func newWatch() *watch { w := new(watch); w.now.Store(time.Now().UnixMilli()); return w }

func (w *watch) Now() time.Time       { return time.UnixMilli(w.now.Load()) }
func (w *watch) pass(d time.Duration) { w.now.Add(d.Milliseconds()) }
func open(t *testing.T, file string, cfg Config) *Queue {
	t.Helper()
	q, err := Open(file, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func bodies(ms []Message) (out []string) {
	for _, m := range ms {
		out = append(out, m.Body)
	}
	return out
}

func TestReceiveHidesAndDeleteForgets(t *testing.T) {
	w, ctx := newWatch(), context.Background()
	q := open(t, filepath.Join(t.TempDir(), "q.db"), Config{Visibility: time.Minute, Now: w.Now})
	defer q.Close()
	for _, body := range []string{"a", "b", "c"} {
		if err := q.Send(ctx, body); err != nil {
			t.Fatal(err)
		}
	}
	first, _, err := q.Receive(ctx, 2)
	if err != nil || fmt.Sprint(bodies(first)) != "[a b]" || first[0].Receives != 1 {
		t.Fatalf("%v %v", first, err)
	}
	if second, _, _ := q.Receive(ctx, 10); fmt.Sprint(bodies(second)) != "[c]" {
		t.Errorf("hidden messages were received: %v", bodies(second))
	}
	if err := q.Delete(ctx, first[0].ID); err != nil {
		t.Fatal(err)
	}
	w.pass(2 * time.Minute)
	again, _, _ := q.Receive(ctx, 10)
	if fmt.Sprint(bodies(again)) != "[b c]" || again[0].Receives != 2 || !again[0].First.Equal(first[1].First) {
		t.Errorf("after the timeout: %+v", again)
	}
}

func TestDeadLettersAfterTooManyReceives(t *testing.T) {
	w, ctx := newWatch(), context.Background()
	q := open(t, filepath.Join(t.TempDir(), "q.db"), Config{Visibility: time.Second, MaxReceive: 3, Now: w.Now})
	defer q.Close()
	if err := q.Send(ctx, "poison"); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		if got, dead, _ := q.Receive(ctx, 1); len(got) != 1 || dead != 0 {
			t.Fatalf("receive %d: %v, %d dead", i, got, dead)
		}
		w.pass(2 * time.Second)
	}
	got, dead, err := q.Receive(ctx, 1)
	if len(got) != 0 || dead != 1 || err != nil {
		t.Errorf("%v, %d dead, %v", got, dead, err)
	}
	if waiting, dead, _ := q.Depth(ctx); waiting != 0 || dead != 1 {
		t.Errorf("%d waiting, %d dead", waiting, dead)
	}
	if n, err := q.Redrive(ctx); n != 1 || err != nil {
		t.Errorf("%d brought back, %v", n, err)
	}
	if n, err := q.Redrive(ctx); n != 0 || err != nil {
		t.Errorf("%d brought back again, %v", n, err)
	}
	if again, _, err := q.Receive(ctx, 1); err != nil || len(again) != 1 || again[0].Receives != 1 {
		t.Errorf("a letter that was brought back: %+v %v", again, err)
	}
}

func TestReopenKeepsWhatWasSentAndShowsWhatWasTaken(t *testing.T) {
	file, ctx := filepath.Join(t.TempDir(), "q.db"), context.Background()
	q := open(t, file, Config{Visibility: time.Hour})
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			if err := q.Send(ctx, fmt.Sprint(i)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got, _, _ := q.Receive(ctx, 10); len(got) != 10 {
		t.Fatal(len(got))
	}
	if err := q.Close(); err != nil {
		t.Fatal(err)
	}
	if err := q.Send(ctx, "late"); !errors.Is(err, ErrClosed) {
		t.Errorf("send after close: %v", err)
	}
	q = open(t, file, Config{Visibility: time.Hour})
	defer q.Close()
	if got, _, _ := q.Receive(ctx, 100); len(got) != 50 {
		t.Errorf("%d of 50 after a restart", len(got))
	}
}

// function fails what it is told to, and remembers how often it saw each message.
type function struct {
	mu   sync.Mutex
	seen map[string]int
	fail func(body string, time int) string // "" done, "item" in batchItemFailures, "error" whole batch, "nonsense"
	done chan string
}

func (f *function) invoke(_ context.Context, payload []byte) ([]byte, error) {
	var e struct {
		Records []struct {
			ID   string            `json:"messageId"`
			Body string            `json:"body"`
			Attr map[string]string `json:"attributes"`
		}
	}
	if err := json.Unmarshal(payload, &e); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	failed := []map[string]string{}
	for _, r := range e.Records {
		f.seen[r.Body]++
		if fmt.Sprint(f.seen[r.Body]) != r.Attr["ApproximateReceiveCount"] {
			return nil, fmt.Errorf("%s: receive count %s", r.Body, r.Attr["ApproximateReceiveCount"])
		}
		switch f.fail(r.Body, f.seen[r.Body]) {
		case "item":
			failed = append(failed, map[string]string{"itemIdentifier": r.ID})
		case "error":
			return nil, errors.New("the function failed")
		case "nonsense":
			return []byte("]["), nil
		default:
			f.done <- r.Body
		}
	}
	return json.Marshal(map[string]any{"batchItemFailures": failed})
}

func TestMappingRetriesOnlyWhatFailed(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	q := open(t, filepath.Join(t.TempDir(), "q.db"), Config{Visibility: time.Second, MaxReceive: 5})
	defer q.Close()
	f := &function{seen: map[string]int{}, done: make(chan string, 100), fail: func(body string, n int) string {
		if n > 1 {
			return ""
		}
		return map[string]string{"b": "item", "c": "error", "d": "nonsense"}[body]
	}}
	m := &Mapping{Queue: q, Name: "mail", Batch: 1, Concurrency: 2, Invoke: f.invoke, Log: slog.New(slog.DiscardHandler)}
	finished := make(chan struct{})
	go func() { m.Run(ctx); close(finished) }()
	for _, body := range []string{"a", "b", "c", "d"} {
		if err := q.Send(ctx, body); err != nil {
			t.Fatal(err)
		}
	}
	for range 4 {
		select {
		case <-f.done:
		case <-time.After(10 * time.Second):
			t.Fatal("not everything was done")
		}
	}
	stop()
	<-finished
	if want := map[string]int{"a": 1, "b": 2, "c": 2, "d": 2}; fmt.Sprint(f.seen) != fmt.Sprint(want) {
		t.Errorf("seen %v, want %v", f.seen, want)
	}
	if waiting, dead, _ := q.Depth(context.Background()); waiting != 0 || dead != 0 {
		t.Errorf("%d waiting, %d dead", waiting, dead)
	}
}

func BenchmarkSend(b *testing.B) {
	q, err := Open(filepath.Join(b.TempDir(), "q.db"), Config{Visibility: time.Hour})
	if err != nil {
		b.Fatal(err)
	}
	defer q.Close()
	body := string(make([]byte, 1500))
	b.SetParallelism(16)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := q.Send(context.Background(), body); err != nil {
				b.Error(err)
			}
		}
	})
}
