// Package stream plays DynamoDB Streams and Lambda's event source mapping for local mode: from a table's feed to a function, in order, at least once.
//
// Owns: batches, AWS's record documents, retries, bisecting, giving up to a file, checkpoints.
// Never: what a record means; where the feed is kept (table/local).
// Imported by: infra/local/run.
//
// One mapping reads one shard: order across keys is stricter than on AWS. Sources: Lambda developer guide, "How Lambda processes
// records from stream and queue-based event sources" and "Configuring partial batch response with DynamoDB".
package stream

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"log/slog"
	"slices"
	"strconv"
	"sync"
	"time"

	"parley/infra/local/quote"
	"parley/shared/table"
)

// Mapping feeds a function from a table's feed.
type Mapping struct {
	Feed    table.Feed
	Table   string
	Reader  string // the function's name: the checkpoint is kept under it
	Batch   int
	Retries int           // further tries of a batch that failed; below zero without end
	MaxAge  time.Duration // records older than this are given up after a failure; 0 means never
	Bisect  bool          // halve a batch whose function failed
	Partial bool          // ReportBatchItemFailures
	// Parallel is how many batches may be under way at once; records of one partition key stay in one of them, in order (ParallelizationFactor).
	Parallel int
	Delay    time.Duration // wait before reading, to imitate Lambda's four polls a second
	Image    func(dst []byte, it *table.Item) []byte
	Wants    func(c *table.Change) bool
	Invoke   func(ctx context.Context, payload []byte) ([]byte, error)
	GiveUp   func(reason string, records []byte) error // the on-failure destination; records is a JSON array
	Now      func() time.Time
	Log      *slog.Logger
}

// lane is one batch under way.
type lane struct {
	*Mapping
	buf []byte
}

// Pauses between tries of a failed batch.
const (
	pauseFirst = 100 * time.Millisecond
	pauseMost  = 10 * time.Second
)

// Run works until ctx ends; a batch that is under way is finished first.
func (m *Mapping) Run(ctx context.Context) {
	pause := pauseFirst
	for ctx.Err() == nil {
		if err := m.follow(ctx); err != nil && ctx.Err() == nil {
			m.Log.Error("stream", "table", m.Table, "function", m.Reader, "error", err)
			sleep(ctx, pause)
			pause = min(2*pause, pauseMost)
		}
	}
}

// follow reads from the checkpoint on until the feed fails or ctx ends.
func (m *Mapping) follow(ctx context.Context) error {
	pos, err := m.Feed.Checkpoint(ctx, m.Table, m.Reader)
	if err != nil {
		return err
	}
	lanes := make([]lane, max(1, m.Parallel))
	for i := range lanes {
		lanes[i].Mapping = m
	}
	most, backlog := max(1, m.Batch)*len(lanes), false
	for {
		if err := m.Feed.Wait(ctx, m.Table, pos); err != nil {
			return err
		}
		if !backlog {
			sleep(ctx, m.Delay)
		}
		changes, err := m.Feed.Read(ctx, m.Table, pos, most)
		if err != nil {
			return err
		}
		if len(changes) == 0 {
			continue
		}
		last := changes[len(changes)-1].Pos
		backlog = len(changes) == most
		if !m.spread(ctx, lanes, m.wanted(changes)) {
			return nil // stopped amid retries: the checkpoint stays
		}
		// Not ctx: a stop between the function and the checkpoint would only make the batch come twice.
		if err := m.Feed.Advance(context.WithoutCancel(ctx), m.Table, m.Reader, last); err != nil {
			return err
		}
		pos = last
	}
}

// wanted is what passes the mapping's filter. The feed's slice may be shared, so it is left as it is.
func (m *Mapping) wanted(changes []table.Change) []table.Change {
	if m.Wants == nil {
		return changes
	}
	out := make([]table.Change, 0, len(changes))
	for i := range changes {
		if m.Wants(&changes[i]) {
			out = append(out, changes[i])
		}
	}
	return out
}

// spread shares records out over lanes by partition key and waits for all; false means that ctx ended first.
func (m *Mapping) spread(ctx context.Context, lanes []lane, records []table.Change) bool {
	if len(lanes) == 1 || len(records) < 2 {
		return lanes[0].batches(ctx, records)
	}
	shares := make([][]table.Change, len(lanes))
	for _, c := range records {
		h := fnv.New32a()
		_, _ = h.Write([]byte(c.Key.PK))
		i := int(h.Sum32() % uint32(len(lanes)))
		shares[i] = append(shares[i], c)
	}
	done := make([]bool, len(lanes))
	var wg sync.WaitGroup
	for i := range lanes {
		wg.Go(func() { done[i] = lanes[i].batches(ctx, shares[i]) })
	}
	wg.Wait()
	return !slices.Contains(done, false)
}

// batches delivers records in batches of the mapping's size.
func (m *lane) batches(ctx context.Context, records []table.Change) bool {
	for len(records) > 0 {
		n := min(max(1, m.Batch), len(records))
		if !m.deliver(ctx, records[:n]) {
			return false
		}
		records = records[n:]
	}
	return true
}

// deliver hands records over until they are done or given up; false means that ctx ended first.
func (m *lane) deliver(ctx context.Context, records []table.Change) bool {
	tries, pause := 0, pauseFirst
	for len(records) > 0 {
		failed, err := m.once(ctx, records)
		if err == nil && failed < 0 {
			return true
		}
		if err == nil && failed > 0 {
			records, tries, pause = records[failed:], 0, pauseFirst // progress: what is left starts anew
		}
		tries++
		m.problem(records, tries, err)
		if m.spent(records[0], tries) {
			if len(records) > 1 && m.Bisect {
				half := len(records) / 2
				return m.deliver(ctx, records[:half]) && m.deliver(ctx, records[half:])
			}
			m.giveUp(records, tries, err)
			return true
		}
		if !sleep(ctx, pause) {
			return false
		}
		pause = min(2*pause, pauseMost)
	}
	return true
}

func (m *Mapping) problem(records []table.Change, tries int, err error) {
	reason := "the function asked for it again"
	if err != nil {
		reason = err.Error()
	}
	m.Log.Warn("stream: batch failed", "table", m.Table, "function", m.Reader, "records", len(records), "try", tries, "reason", reason)
}

func (m *Mapping) spent(oldest table.Change, tries int) bool {
	return m.Retries >= 0 && tries > m.Retries || m.MaxAge > 0 && m.Now().Sub(oldest.At) > m.MaxAge
}

func (m *lane) giveUp(records []table.Change, tries int, cause error) {
	reason := fmt.Sprintf("given up after %d tries", tries)
	if cause != nil {
		reason += ": " + cause.Error()
	}
	m.Log.Error("stream: records given up", "table", m.Table, "function", m.Reader, "records", len(records), "reason", reason)
	m.buf = m.appendRecords(m.buf[:0], records)
	if err := m.GiveUp(reason, m.buf); err != nil {
		m.Log.Error("stream: the on-failure destination failed too", "function", m.Reader, "error", err)
	}
}

// once invokes the function with records. failed is the index of the first record to come again, -1 if all are done.
func (m *lane) once(ctx context.Context, records []table.Change) (failed int, err error) {
	m.buf = append(m.buf[:0], `{"Records":`...)
	m.buf = m.appendRecords(m.buf, records)
	m.buf = append(m.buf, '}')
	out, err := m.Invoke(context.WithoutCancel(ctx), m.buf)
	if err != nil {
		return 0, err
	}
	if !m.Partial {
		return -1, nil
	}
	return firstFailed(out, records)
}

// firstFailed reads a partial batch response: everything from the lowest sequence number on comes again.
func firstFailed(out []byte, records []table.Change) (int, error) {
	var r struct {
		Failures []struct {
			ID string `json:"itemIdentifier"`
		} `json:"batchItemFailures"`
	}
	if len(out) > 0 {
		if err := json.Unmarshal(out, &r); err != nil {
			return 0, fmt.Errorf("stream: answer: %w", err)
		}
	}
	failed := -1
	for _, f := range r.Failures {
		at := -1
		for i := range records {
			if sequence(records[i].Pos) == f.ID {
				at = i
			}
		}
		if at < 0 {
			return 0, fmt.Errorf("stream: the function named a sequence number that was not in its batch: %q", f.ID)
		}
		if failed < 0 || at < failed {
			failed = at
		}
	}
	return failed, nil
}

// sequence is as long as DynamoDB's sequence numbers, so that nobody compares them as numbers of 64 bits or as text of any length.
func sequence(pos int64) string { return fmt.Sprintf("%024d", pos) }

func (m *Mapping) appendRecords(b []byte, records []table.Change) []byte {
	b = append(b, '[')
	for i := range records {
		if i > 0 {
			b = append(b, ',')
		}
		b = m.appendRecord(b, &records[i])
	}
	return append(b, ']')
}

// appendRecord writes one record as in "Example DynamoDB Streams record event".
func (m *Mapping) appendRecord(b []byte, c *table.Change) []byte {
	seq := sequence(c.Pos)
	b = append(b, `{"eventID":"`...)
	b = append(b, seq...)
	b = append(b, `","eventName":"`...)
	switch {
	case c.Old == nil:
		b = append(b, "INSERT"...)
	case c.New == nil:
		b = append(b, "REMOVE"...)
	default:
		b = append(b, "MODIFY"...)
	}
	b = append(b, `","eventVersion":"1.1","eventSource":"aws:dynamodb","awsRegion":"local","dynamodb":{"ApproximateCreationDateTime":`...)
	b = strconv.AppendInt(b, c.At.Unix(), 10)
	b = append(b, `,"Keys":{"pk":{"S":`...)
	b = quote.Append(b, c.Key.PK)
	b = append(b, `},"sk":{"S":`...)
	b = quote.Append(b, c.Key.SK)
	b = append(b, `}},`...)
	start := len(b)
	if c.New != nil {
		b = append(b, `"NewImage":`...)
		b = m.Image(b, c.New)
		b = append(b, ',')
	}
	if c.Old != nil {
		b = append(b, `"OldImage":`...)
		b = m.Image(b, c.Old)
		b = append(b, ',')
	}
	size := len(b) - start
	b = append(b, `"SequenceNumber":"`...)
	b = append(b, seq...)
	b = append(b, `","SizeBytes":`...)
	b = strconv.AppendInt(b, int64(size), 10)
	b = append(b, `,"StreamViewType":"NEW_AND_OLD_IMAGES"},"eventSourceARN":"arn:aws:dynamodb:local:000000000000:table/`...)
	b = append(b, m.Table...)
	return append(b, `/stream/local"}`...)
}

// sleep waits for d; false means that ctx ended first.
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
