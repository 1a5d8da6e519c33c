package stream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	awsevents "github.com/aws/aws-lambda-go/events"

	"parley/shared/table"
	"parley/shared/table/image"
)

// feed is a table.Feed in memory.
type feed struct {
	mu      sync.Mutex
	changes []table.Change
	at      map[string]int64
	moved   chan struct{}
}

func newFeed(n int) *feed {
	f := &feed{at: map[string]int64{}, moved: make(chan struct{})}
	for i := range n {
		f.add(fmt.Sprintf("T#%d", i%7), i)
	}
	return f
}

func (f *feed) add(pk string, n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	pos := int64(len(f.changes)+1) * 3 // not dense
	key := table.Key{PK: pk, SK: "H"}
	f.changes = append(f.changes, table.Change{
		Pos: pos, Table: "threads", Key: key, At: time.Now(),
		New: &table.Item{Key: key, Rev: 1, Doc: json.RawMessage(fmt.Sprintf(`{"n":%d}`, n))},
	})
	close(f.moved)
	f.moved = make(chan struct{})
}

func (f *feed) Read(_ context.Context, _ string, pos int64, n int) (out []table.Change, _ error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.changes {
		if c.Pos > pos && len(out) < n {
			out = append(out, c)
		}
	}
	return out, nil
}

func (f *feed) Checkpoint(_ context.Context, _, reader string) (int64, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.at[reader], nil
}

func (f *feed) Advance(_ context.Context, _, reader string, pos int64) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.at[reader] = pos
	return nil
}

func (f *feed) Wait(ctx context.Context, _ string, pos int64) error {
	f.mu.Lock()
	moved, more := f.moved, len(f.changes) > 0 && f.changes[len(f.changes)-1].Pos > pos
	f.mu.Unlock()
	if more {
		return nil
	}
	select {
	case <-moved:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (f *feed) last() int64 { f.mu.Lock(); defer f.mu.Unlock(); return f.changes[len(f.changes)-1].Pos }

// function records what it did by partition and misbehaves as told.
type function struct {
	mu    sync.Mutex
	calls int
	done  map[string][]int
	all   []int
	act   func(call int, ns []int) (failAt int, err error) // failAt -1: all done
}

func (f *function) invoke(_ context.Context, payload []byte) ([]byte, error) {
	var e awsevents.DynamoDBEvent // AWS's own reading of our records
	if err := json.Unmarshal(payload, &e); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls++
	var ns []int
	for _, r := range e.Records {
		n, err := r.Change.NewImage["n"].Integer()
		if err != nil {
			return nil, err
		}
		ns = append(ns, int(n))
	}
	at, err := f.act(f.calls, ns)
	if err != nil {
		return nil, err
	}
	if at < 0 {
		at = len(ns)
	}
	for i, n := range ns[:at] {
		pk := e.Records[i].Change.Keys["pk"].String()
		f.done[pk] = append(f.done[pk], n)
		f.all = append(f.all, n)
	}
	var failed []map[string]string
	if at < len(ns) {
		failed = append(failed, map[string]string{"itemIdentifier": e.Records[at].Change.SequenceNumber})
	}
	return json.Marshal(map[string]any{"batchItemFailures": failed})
}

func mapping(f *feed, fn *function) *Mapping {
	fn.done = map[string][]int{}
	return &Mapping{
		Feed: f, Table: "threads", Reader: "notify", Batch: 10, Retries: 6, Bisect: true, Partial: true, Image: image.Append, Invoke: fn.invoke,
		GiveUp: func(string, []byte) error { return errors.New("no destination") }, Now: time.Now, Log: slog.New(slog.DiscardHandler),
	}
}

// runUntil runs a mapping until its checkpoint is at the feed's end.
func runUntil(t *testing.T, m *Mapping, f *feed) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	finished := make(chan struct{})
	go func() { m.Run(ctx); close(finished) }()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
		if at, _ := f.Checkpoint(ctx, "threads", m.Reader); at == f.last() {
			break
		}
		if time.Now().After(end) {
			t.Fatal("the checkpoint never reached the end")
		}
	}
	stop()
	<-finished
}

func upTo(n int) (out []int) {
	for i := range n {
		out = append(out, i)
	}
	return out
}

func TestInOrderAndOnce(t *testing.T) {
	f, fn := newFeed(95), &function{act: func(int, []int) (int, error) { return -1, nil }}
	runUntil(t, mapping(f, fn), f)
	if !slices.Equal(fn.all, upTo(95)) {
		t.Errorf("%v", fn.all)
	}
}

func TestPartialFailureResumesThere(t *testing.T) {
	f := newFeed(25)
	fn := &function{act: func(call int, ns []int) (int, error) {
		if call%2 == 1 {
			return len(ns) / 2, nil
		}
		return -1, nil
	}}
	runUntil(t, mapping(f, fn), f)
	if !slices.Equal(fn.all, upTo(25)) {
		t.Errorf("%v", fn.all)
	}
}

func TestBisectIsolatesAPoisonedRecord(t *testing.T) {
	f := newFeed(10)
	fn := &function{act: func(_ int, ns []int) (int, error) {
		if slices.Contains(ns, 6) {
			return 0, errors.New("six")
		}
		return -1, nil
	}}
	m := mapping(f, fn)
	m.Retries = 0
	var given []string
	m.GiveUp = func(reason string, records []byte) error {
		given = append(given, reason+" "+string(records))
		return nil
	}
	runUntil(t, m, f)
	if want := []int{0, 1, 2, 3, 4, 5, 7, 8, 9}; !slices.Equal(fn.all, want) {
		t.Errorf("done %v, want %v", fn.all, want)
	}
	if len(given) != 1 || !strings.Contains(given[0], `"n":{"N":"6"}`) || !strings.Contains(given[0], "six") {
		t.Errorf("given up: %q", given)
	}
}

func TestOldRecordsAreGivenUpAfterAFailureOnly(t *testing.T) {
	f := newFeed(3)
	fn := &function{act: func(_ int, ns []int) (int, error) {
		if ns[0] == 1 {
			return 0, errors.New("one")
		}
		return 1, nil
	}}
	m := mapping(f, fn)
	m.Batch, m.Retries, m.MaxAge = 1, -1, time.Hour
	m.Now = func() time.Time { return time.Now().Add(2 * time.Hour) }
	given := 0
	m.GiveUp = func(string, []byte) error { given++; return nil }
	runUntil(t, m, f)
	if !slices.Equal(fn.all, []int{0, 2}) || given != 1 {
		t.Errorf("done %v, %d given up", fn.all, given)
	}
}

func TestParallelKeepsOrderPerKey(t *testing.T) {
	f := newFeed(210)
	fn := &function{act: func(call int, ns []int) (int, error) {
		if call%5 == 0 {
			return len(ns) / 2, nil
		}
		return -1, nil
	}}
	m := mapping(f, fn)
	m.Parallel = 4
	runUntil(t, m, f)
	total := 0
	for pk, ns := range fn.done {
		total += len(ns)
		if !slices.IsSorted(ns) {
			t.Errorf("%s out of order: %v", pk, ns)
		}
	}
	if total != 210 {
		t.Errorf("%d of 210", total)
	}
}

func TestFilterPassesOverAndStillAdvances(t *testing.T) {
	f, fn := newFeed(30), &function{act: func(int, []int) (int, error) { return -1, nil }}
	m := mapping(f, fn)
	m.Wants = func(c *table.Change) bool { return c.Key.PK == "T#3" }
	runUntil(t, m, f)
	if !slices.Equal(fn.all, []int{3, 10, 17, 24}) {
		t.Errorf("%v", fn.all)
	}
}

func TestAnUnknownSequenceNumberIsAFailure(t *testing.T) {
	records := newFeed(2).changes
	if _, err := firstFailed([]byte(`{"batchItemFailures":[{"itemIdentifier":"7"}]}`), records); err == nil {
		t.Error("accepted")
	}
	if at, err := firstFailed([]byte(`{"batchItemFailures":[{"itemIdentifier":"`+sequence(6)+`"},{"itemIdentifier":"`+sequence(3)+`"}]}`), records); at != 0 || err != nil {
		t.Errorf("the lowest is %d, %v", at, err)
	}
}

func TestAStopLeavesTheCheckpointBehindWhatFailed(t *testing.T) {
	f := newFeed(5)
	ctx, stop := context.WithCancel(context.Background())
	fn := &function{act: func(call int, _ []int) (int, error) {
		if call == 2 {
			stop()
		}
		return 0, errors.New("down")
	}}
	mapping(f, fn).Run(ctx)
	if at, _ := f.Checkpoint(context.Background(), "threads", "notify"); at != 0 {
		t.Errorf("checkpoint %d", at)
	}
}
