package stream_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/infra/local/template"
	"parley/infra/rehearsal/stream"
)

// feed is a Reader of records that a test wrote.
type feed struct {
	mu   sync.Mutex
	next []stream.Record
	n    int
}

// write adds a record of an item.
func (f *feed) write(pk, sk string, at time.Time) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.n++
	seq := fmt.Sprintf("%021d", f.n)
	m := map[string]any{"eventName": "INSERT", "dynamodb": map[string]any{"SequenceNumber": seq, "Keys": map[string]any{"pk": map[string]any{"S": pk}, "sk": map[string]any{"S": sk}}}}
	raw, err := json.Marshal(m)
	if err != nil {
		panic(err)
	}
	f.next = append(f.next, stream.Record{Raw: raw, Map: m, Sequence: seq, Item: pk + "/" + sk, Part: pk, At: at})
	return seq
}

func (f *feed) Read(context.Context) ([]stream.Record, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := f.next
	f.next = nil
	return out, nil
}

// target is a function that notes what it got.
type target struct {
	mu    sync.Mutex
	calls [][]string // sequence numbers of each call
	fail  func(call int, seqs []string) (failed string, err error)
	gave  map[string]string // on-failure records
	deny  string
	asked []string
}

func (f *target) invoke(_ context.Context, payload []byte) ([]byte, error) {
	var e struct {
		Records []struct {
			Dynamodb struct{ SequenceNumber string }
		}
	}
	if err := json.Unmarshal(payload, &e); err != nil {
		return nil, err
	}
	var seqs []string
	for _, r := range e.Records {
		seqs = append(seqs, r.Dynamodb.SequenceNumber)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, seqs)
	if f.fail == nil {
		return []byte(`{"batchItemFailures":[]}`), nil
	}
	failed, err := f.fail(len(f.calls), seqs)
	if failed == "" {
		return []byte(`{"batchItemFailures":[]}`), err
	}
	return []byte(`{"batchItemFailures":[{"itemIdentifier":"` + failed + `"}]}`), err
}

func (f *target) seen() [][]string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.calls)
}

// run feeds a target until enough says so, or fails.
func run(t *testing.T, src *feed, f *target, m template.Mapping, enough func() bool) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	f.gave = map[string]string{}
	mapping := &stream.Mapping{
		Mapping: m, Arn: "arn:stream", Function: "arn:f", Reader: src, Invoke: f.invoke, Seed: 7, Poll: time.Millisecond, Shards: 1,
		Allow: func(action string) error {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.asked = append(f.asked, action)
			if action == f.deny {
				return errors.New("AccessDenied")
			}
			return nil
		},
		GiveUp: func(key string, record []byte) error {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.gave[key] = string(record)
			return nil
		}, Log: slog.New(slog.DiscardHandler),
	}
	done := make(chan struct{})
	go func() { mapping.Run(ctx); close(done) }()
	for end := time.Now().Add(10 * time.Second); !enough() && time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
	}
	ok := enough()
	time.Sleep(20 * time.Millisecond)
	if idle := mapping.Idle(); ok && !idle {
		t.Error("done, but not idle")
	}
	cancel()
	<-done
	if !ok {
		t.Fatalf("not enough: calls %v, given up %v", f.seen(), f.gave)
	}
}

var base = template.Mapping{ID: "M", Batch: 10, Retries: 2, PartialFailures: true, Parallel: 1}

// TestOrder: records of one item come in order whatever the shuffle does; of different items they come mixed; each comes once.
func TestOrder(t *testing.T) {
	src, f := &feed{}, &target{}
	item := map[string]string{}
	for i := range 200 {
		pk := fmt.Sprint("p", i%5)
		sk := fmt.Sprint("s", i%3)
		item[src.write(pk, sk, time.Now())] = pk + sk
	}
	m := base
	m.Parallel = 3
	count := func() int {
		n := 0
		for _, c := range f.seen() {
			n += len(c)
		}
		return n
	}
	run(t, src, f, m, func() bool { return count() == 200 })
	last, mixed := map[string]string{}, false
	var all []string
	for _, call := range f.seen() {
		if len(call) > 10 {
			t.Errorf("a batch of %d", len(call))
		}
		for _, seq := range call {
			if last[item[seq]] >= seq {
				t.Errorf("%s came after %s of the same item", seq, last[item[seq]])
			}
			last[item[seq]] = seq
			mixed = mixed || len(all) > 0 && all[len(all)-1] > seq
			all = append(all, seq)
		}
	}
	if !mixed {
		t.Error("everything came in the order of writing: nothing was shuffled")
	}
	if want := []string{"dynamodb:ListStreams", "dynamodb:DescribeStream", "dynamodb:GetShardIterator", "dynamodb:GetRecords"}; !slices.Equal(f.asked[:4], want) {
		t.Errorf("asked for %v", f.asked[:4])
	}
}

func TestFilter(t *testing.T) {
	src, f := &feed{}, &target{}
	filter, err := template.ParseFilter([]byte(`{"dynamodb":{"Keys":{"sk":{"S":["H"]}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	src.write("a", "E", time.Now())
	want := src.write("a", "H", time.Now())
	m := base
	m.Filters = []template.Filter{filter}
	run(t, src, f, m, func() bool { return len(f.seen()) == 1 })
	if got := f.seen(); got[0][0] != want || len(got[0]) != 1 {
		t.Errorf("%v, want %s", got, want)
	}
}

// TestPartial: what is behind the lowest failure comes again, and only that.
func TestPartial(t *testing.T) {
	src, f := &feed{}, &target{}
	for range 4 {
		src.write("a", "x", time.Now())
	}
	f.fail = func(call int, seqs []string) (string, error) {
		if call == 1 {
			return seqs[2], nil
		}
		return "", nil
	}
	run(t, src, f, base, func() bool { return len(f.seen()) == 2 })
	if got := f.seen(); len(got[0]) != 4 || !slices.Equal(got[1], got[0][2:]) {
		t.Errorf("%v", got)
	}
}

// TestBisect: one poisonous record among good ones is given up alone, after the retries; the others are done.
func TestBisect(t *testing.T) {
	src, f := &feed{}, &target{}
	var poison string
	for i := range 8 {
		if seq := src.write("a", "x", time.Now()); i == 5 {
			poison = seq
		}
	}
	ok := map[string]bool{}
	f.fail = func(_ int, seqs []string) (string, error) {
		if slices.Contains(seqs, poison) {
			return "", errors.New("boom")
		}
		for _, s := range seqs {
			ok[s] = true
		}
		return "", nil
	}
	m := base
	m.Bisect, m.Retries = true, 4
	run(t, src, f, m, func() bool { f.mu.Lock(); defer f.mu.Unlock(); return len(f.gave) == 1 && len(ok) == 7 })
	for key, doc := range f.gave {
		var d struct {
			RequestContext     struct{ Condition, FunctionArn string }
			DDBStreamBatchInfo struct {
				StartSequenceNumber, EndSequenceNumber string
				BatchSize                              int
			}
			Payload struct{ Records []json.RawMessage }
		}
		if err := json.Unmarshal([]byte(doc), &d); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(key, "aws/lambda/M/shardId-") || d.RequestContext.Condition != "RetryAttemptsExhausted" || d.RequestContext.FunctionArn != "arn:f" ||
			d.DDBStreamBatchInfo.StartSequenceNumber != poison || d.DDBStreamBatchInfo.EndSequenceNumber != poison || len(d.Payload.Records) != 1 {
			t.Errorf("%s: %s", key, doc)
		}
	}
}

// TestRetries: a batch that fails is tried again as often as the mapping says, and an old one not at all.
func TestRetries(t *testing.T) {
	for name, c := range map[string]struct {
		age       time.Duration
		calls     int
		condition string
		nonsense  bool
	}{
		"retries":  {0, 3, "RetryAttemptsExhausted", false},
		"age":      {time.Hour, 1, "RecordAgeExceeded", false},
		"nonsense": {0, 3, "RetryAttemptsExhausted", true}, // an answer that names no record of the batch is a failure of all
	} {
		t.Run(name, func(t *testing.T) {
			src, f := &feed{}, &target{}
			src.write("a", "x", time.Now().Add(-c.age))
			f.fail = func(int, []string) (string, error) {
				if c.nonsense {
					return "other", nil
				}
				return "", errors.New("boom")
			}
			m := base
			m.MaxAge = time.Minute
			run(t, src, f, m, func() bool { f.mu.Lock(); defer f.mu.Unlock(); return len(f.gave) == 1 })
			if n := len(f.seen()); n != c.calls {
				t.Errorf("%d calls, want %d", n, c.calls)
			}
			for _, doc := range f.gave {
				if !strings.Contains(doc, c.condition) {
					t.Error(doc)
				}
			}
		})
	}
}

// TestLanes: a partition key that fails holds up no other lane.
func TestLanes(t *testing.T) {
	src, f := &feed{}, &target{}
	stuck := src.write("stuck", "x", time.Now())
	others := 0
	f.fail = func(_ int, seqs []string) (string, error) {
		if slices.Contains(seqs, stuck) {
			return "", errors.New("boom")
		}
		others += len(seqs)
		return "", nil
	}
	for i := range 30 {
		src.write(fmt.Sprint("free", i), "x", time.Now())
	}
	m := base
	m.Parallel, m.Batch, m.Retries = 8, 1, 6
	began := time.Now()
	var free time.Duration
	run(t, src, f, m, func() bool {
		f.mu.Lock()
		defer f.mu.Unlock()
		if others >= 20 && free == 0 {
			free = time.Since(began)
		}
		return len(f.gave) == 1 && others == 30
	})
	if free == 0 || free > time.Since(began)/2 {
		t.Errorf("two thirds of the others took %v of %v", free, time.Since(began))
	}
}

func TestDenied(t *testing.T) {
	for _, action := range []string{"dynamodb:ListStreams", "dynamodb:DescribeStream", "dynamodb:GetShardIterator", "dynamodb:GetRecords"} {
		src, f := &feed{}, &target{deny: action}
		src.write("a", "x", time.Now())
		run(t, src, f, base, func() bool { f.mu.Lock(); defer f.mu.Unlock(); return slices.Contains(f.asked, action) })
		if len(f.seen()) != 0 {
			t.Errorf("without %s the function is called", action)
		}
	}
}

// TestIterators: an iterator that is refused is replaced by one behind the last record; a shard that ended is followed by the next.
func TestIterators(t *testing.T) {
	var asked []string
	answers := []string{
		`{"StreamDescription":{"Shards":[{"ShardId":"one"}]}}`,
		`{"ShardIterator":"i1"}`,
		`!TrimmedDataAccessException`,
		`{"ShardIterator":"i2"}`,
		`{"NextShardIterator":"i3","Records":[{"eventName":"INSERT","dynamodb":{"ApproximateCreationDateTime":1.7e9,"SequenceNumber":"5","Keys":{"pk":{"S":"a"},"sk":{"S":"b"}}}}]}`,
		`!ExpiredIteratorException`,
		`{"ShardIterator":"i4"}`,
		`{"Records":[]}`,
		`{"StreamDescription":{"Shards":[{"ShardId":"one"},{"ShardId":"two"}]}}`,
		`{"ShardIterator":"i5"}`,
		`{"NextShardIterator":"i6","Records":[]}`,
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		asked = append(asked, strings.TrimPrefix(r.Header.Get("X-Amz-Target"), "DynamoDBStreams_20120810.")+string(body))
		answer := answers[len(asked)-1]
		if code, bad := strings.CutPrefix(answer, "!"); bad {
			w.WriteHeader(http.StatusBadRequest)
			answer = `{"__type":"` + code + `"}`
		}
		_, _ = w.Write([]byte(answer))
	}))
	defer srv.Close()
	d := &stream.DynamoDB{URL: srv.URL, Arn: "local", As: "real", Client: srv.Client()}
	var got []stream.Record
	for range 5 {
		records, err := d.Read(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, records...)
	}
	if len(got) != 1 || got[0].Sequence != "5" || !strings.Contains(string(got[0].Raw), `"eventSourceARN":"real"`) || got[0].At.Unix() != 1.7e9 || !strings.Contains(string(got[0].Raw), `Time":1700000000,`) {
		t.Errorf("%+v", got)
	}
	if len(asked) != len(answers) || !strings.Contains(asked[6], `"SequenceNumber":"5"`) || !strings.Contains(asked[6], "AFTER_SEQUENCE_NUMBER") || !strings.Contains(asked[9], `"two"`) || !strings.Contains(asked[9], "TRIM_HORIZON") {
		t.Errorf("asked %q", asked)
	}
}
