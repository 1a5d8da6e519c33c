// Package stream is the rehearsal's event source mapping of a DynamoDB stream, over the streams of DynamoDB Local.
//
// Owns: polling, filters, lanes, batches and windows, partial failures, bisecting, retry limit and age, the on-failure record.
// Never: what a record means; rights (it asks Allow as Lambda uses the function's role).
// Imported by: infra/rehearsal.
//
// DynamoDB Local has one shard with everything in the order of writing. AWS promises less: order per item. So records are shared out over lanes
// by partition key, each lane goes on by itself, and within what was read at once a seeded shuffle keeps only the order per item: what one
// transaction wrote arrives apart and interleaved.
// Source: Lambda developer guide, "Using Lambda to process records from Amazon DynamoDB streams", "Configuring partial batch response",
// "Retaining discarded batch records for a DynamoDB data source".
package stream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"log/slog"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"

	"parley/infra/local/template"
)

// Record is one record as DynamoDB Streams and Lambda both write it.
type Record struct {
	Raw json.RawMessage
	Map map[string]any // for filters

	Sequence string
	Item     string // both keys, as JSON
	Part     string // partition key, as JSON
	At       time.Time
}

// Reader reads a table's stream from its beginning.
type Reader interface {
	// Read returns what has come since the last Read, oldest first; it does not wait.
	Read(ctx context.Context) ([]Record, error)
}

// Mapping is one event source mapping.
type Mapping struct {
	template.Mapping
	Arn      string // of the stream
	Function string // ARN
	Reader   Reader
	Invoke   func(ctx context.Context, payload []byte) ([]byte, error)
	Allow    func(action string) error // of the function's role, on the stream
	// Ignore drops records that no product wrote (a test's own).
	Ignore func(Record) bool
	// GiveUp stores an on-failure record under a key.
	GiveUp func(key string, record []byte) error
	Seed   uint64
	Poll   time.Duration // Lambda: 250 ms
	Shards int           // that the lanes of Parallel stand in
	Log    *slog.Logger

	lanes []*lane
	rng   *rand.Rand
}

// lane is a queue of records with one batch under way.
type lane struct {
	*Mapping
	name string

	mu      sync.Mutex
	waiting []Record
	busy    bool
	wake    chan struct{}
}

// Pauses between tries; Lambda's grow up to a minute.
const (
	pauseFirst = 50 * time.Millisecond
	pauseMost  = time.Second
)

// Run works until ctx ends.
func (m *Mapping) Run(ctx context.Context) {
	m.prepare()
	var wg sync.WaitGroup
	for _, l := range m.lanes {
		wg.Go(func() { l.run(ctx) })
	}
	defer wg.Wait()
	for _, action := range []string{"dynamodb:ListStreams", "dynamodb:DescribeStream", "dynamodb:GetShardIterator"} {
		if err := m.Allow(action); err != nil {
			m.Log.Error("stream: the mapping cannot start", "mapping", m.ID, "error", err)
			return
		}
	}
	for sleep(ctx, m.Poll) {
		err := m.Allow("dynamodb:GetRecords")
		var records []Record
		if err == nil {
			records, err = m.Reader.Read(ctx)
		}
		if err != nil {
			if ctx.Err() == nil {
				m.Log.Error("stream: read", "mapping", m.ID, "error", err)
			}
			sleep(ctx, pauseMost)
			continue
		}
		m.share(records)
	}
}

func (m *Mapping) prepare() {
	m.rng = rand.New(rand.NewPCG(m.Seed, 1))
	for shard := range max(1, m.Shards) {
		for range max(1, m.Parallel) {
			m.lanes = append(m.lanes, &lane{Mapping: m, name: "shardId-" + fmt.Sprintf("%020d", shard), wake: make(chan struct{}, 1)})
		}
	}
}

// share filters records and gives each to its partition key's lane.
func (m *Mapping) share(records []Record) {
	for _, r := range m.shuffle(records) {
		if m.Ignore != nil && m.Ignore(r) || !m.Wants(r.Map) {
			continue
		}
		h := fnv.New32a()
		_, _ = h.Write([]byte(r.Part))
		l := m.lanes[int(h.Sum32())%len(m.lanes)]
		l.mu.Lock()
		l.waiting = append(l.waiting, r)
		l.mu.Unlock()
		select {
		case l.wake <- struct{}{}:
		default:
		}
	}
}

// shuffle keeps the order of each item's records and no other.
func (m *Mapping) shuffle(records []Record) []Record {
	order := m.rng.Perm(len(records))
	queues := map[string][]Record{}
	for _, r := range records {
		queues[r.Item] = append(queues[r.Item], r)
	}
	out := make([]Record, 0, len(records))
	for _, i := range order {
		item := records[i].Item
		out = append(out, queues[item][0])
		queues[item] = queues[item][1:]
	}
	return out
}

// Idle reports whether nothing waits and nothing is under way.
func (m *Mapping) Idle() bool {
	for _, l := range m.lanes {
		l.mu.Lock()
		idle := len(l.waiting) == 0 && !l.busy
		l.mu.Unlock()
		if !idle {
			return false
		}
	}
	return true
}

func (l *lane) run(ctx context.Context) {
	for {
		select {
		case <-l.wake:
		case <-ctx.Done():
			return
		}
		sleep(ctx, l.Window)
		for {
			batch := l.take()
			if len(batch) == 0 {
				break
			}
			if !l.deliver(ctx, batch, 0) {
				return
			}
		}
	}
}

func (l *lane) take() []Record {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := min(max(1, l.Batch), len(l.waiting))
	batch := l.waiting[:n:n]
	l.waiting = l.waiting[n:]
	l.busy = n > 0
	return batch
}

// deliver brings records to an end: done, or given up after the retries. false means that ctx ended.
func (l *lane) deliver(ctx context.Context, records []Record, tries int) bool {
	pause := pauseFirst
	for len(records) > 0 {
		failed, err := l.once(ctx, records)
		if ctx.Err() != nil {
			return false
		}
		if err == nil && failed < 0 {
			return true
		}
		if err == nil && failed > 0 { // progress: what is left is a batch of its own
			records, tries = records[failed:], 0
		}
		tries++
		l.Log.Debug("stream: batch failed", "mapping", l.ID, "records", len(records), "try", tries, "error", err)
		old := l.MaxAge > 0 && time.Since(records[0].At) > l.MaxAge
		if l.Retries >= 0 && tries > l.Retries || old {
			return l.discard(records, tries, old, err)
		}
		if !sleep(ctx, pause) {
			return false
		}
		pause = min(2*pause, pauseMost)
		if err != nil && l.Bisect && len(records) > 1 {
			half := len(records) / 2
			return l.deliver(ctx, records[:half], tries) && l.deliver(ctx, records[half:], tries)
		}
	}
	return true
}

// once invokes the function with records; failed is the index from which they come again, -1 for none.
func (l *lane) once(ctx context.Context, records []Record) (failed int, err error) {
	out, err := l.Invoke(ctx, payload(records))
	if err != nil || !l.PartialFailures {
		return -1, err
	}
	var r struct {
		Failures []struct {
			ID string `json:"itemIdentifier"`
		} `json:"batchItemFailures"`
	}
	if len(out) > 0 && string(out) != "null" {
		if err := json.Unmarshal(out, &r); err != nil {
			return 0, fmt.Errorf("answer: %w", err) // a whole failure, as on AWS
		}
	}
	failed = -1
	for _, f := range r.Failures {
		at := -1
		for i := range records {
			if records[i].Sequence == f.ID {
				at = i
			}
		}
		if at < 0 {
			return 0, fmt.Errorf("the function named a sequence number that was not in its batch: %q", f.ID)
		}
		if failed < 0 || at < failed {
			failed = at
		}
	}
	return failed, nil
}

func payload(records []Record) []byte {
	raw := make([]json.RawMessage, len(records))
	for i := range records {
		raw[i] = records[i].Raw
	}
	out, err := json.Marshal(map[string]any{"Records": raw})
	if err != nil {
		panic(err) // it was JSON when it came
	}
	return out
}

// discard writes the on-failure record: with an S3 destination it holds the whole invocation.
func (l *lane) discard(records []Record, tries int, old bool, cause error) bool {
	condition := "RetryAttemptsExhausted"
	if old {
		condition = "RecordAgeExceeded"
	}
	if cause == nil {
		cause = errors.New("the function reported failures")
	}
	now, last := time.Now().UTC(), records[len(records)-1]
	stamp := func(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
	doc, err := json.Marshal(map[string]any{
		"requestContext":  map[string]any{"requestId": strconv.FormatInt(now.UnixNano(), 16), "functionArn": l.Function, "condition": condition, "approximateInvokeCount": tries},
		"responseContext": map[string]any{"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
		"version":         "1.0", "timestamp": stamp(now),
		"DDBStreamBatchInfo": map[string]any{
			"shardId": l.name, "startSequenceNumber": records[0].Sequence, "endSequenceNumber": last.Sequence,
			"approximateArrivalOfFirstRecord": stamp(records[0].At), "approximateArrivalOfLastRecord": stamp(last.At), "batchSize": len(records), "streamArn": l.Arn,
		},
		"payload": json.RawMessage(payload(records)),
	})
	if err == nil {
		key := fmt.Sprintf("aws/lambda/%s/%s/%s/%s-%x", l.ID, l.name, now.Format("2006/01/02"), now.Format("2006-01-02T15.04.05"), now.UnixNano())
		err = l.GiveUp(key, doc)
	}
	l.Log.Warn("stream: records given up", "mapping", l.ID, "records", len(records), "tries", tries, "cause", cause)
	if err != nil {
		l.Log.Error("stream: the on-failure destination failed too, the records are lost", "mapping", l.ID, "error", err)
	}
	return true
}

func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
