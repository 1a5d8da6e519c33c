package queue

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"time"
)

// Invoke calls a function with one payload.
type Invoke func(ctx context.Context, payload []byte) ([]byte, error)

// Mapping feeds a function from a queue, as a Lambda event source mapping does.
type Mapping struct {
	Queue       *Queue
	Name        string // of the queue, for the ARN
	Batch       int
	Concurrency int
	Invoke      Invoke
	// Longest is how long a failed message waits at most before it comes again; 0 is a minute. SQS waits for the visibility timeout
	// (minutes); at a desk that only hides the error, so the mapping waits 1, 2, 4 … s, never longer than this or the queue's own timeout.
	Longest time.Duration
	Log     *slog.Logger
}

// Run works until ctx ends, and returns when no batch is under way.
func (m *Mapping) Run(ctx context.Context) {
	work := make(chan []Message)
	var wg sync.WaitGroup
	for range max(1, m.Concurrency) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for batch := range work {
				m.handle(batch)
			}
		}()
	}
	defer wg.Wait()
	defer close(work)
	for ctx.Err() == nil {
		batch, dead, err := m.Queue.Receive(ctx, m.Batch)
		if dead > 0 {
			m.Log.Error("queue: gave messages up as dead letters", "queue", m.Name, "count", dead)
		}
		if err != nil && ctx.Err() == nil {
			m.Log.Error("queue: receive", "queue", m.Name, "error", err)
		}
		if len(batch) > 0 {
			work <- batch // what was received is always handed over: a stop waits for it
			continue
		}
		select {
		case <-ctx.Done():
		case <-m.Queue.wake:
		case <-time.After(time.Second):
		}
	}
}

// handle works on what has been received even while the program stops: it was taken, so it is finished.
func (m *Mapping) handle(batch []Message) {
	ctx := context.Background()
	out, err := m.Invoke(ctx, m.payload(batch))
	failed := map[string]bool{}
	if err != nil {
		m.Log.Error("queue: function failed", "queue", m.Name, "messages", len(batch), "error", err)
	} else {
		failed, err = failures(out)
		if err != nil {
			m.Log.Error("queue: function answered nonsense, the batch comes again", "queue", m.Name, "error", err)
		}
	}
	var done []int64
	for _, msg := range batch {
		if err == nil && !failed[strconv.FormatInt(msg.ID, 10)] {
			done = append(done, msg.ID)
			continue
		}
		if err := m.Queue.Hide(ctx, msg.ID, m.delay(msg.Receives)); err != nil {
			m.Log.Error("queue: hide", "queue", m.Name, "error", err)
		}
	}
	if len(done) == 0 {
		return
	}
	if err := m.Queue.Delete(ctx, done...); err != nil {
		m.Log.Error("queue: delete", "queue", m.Name, "error", err)
	}
}

func (m *Mapping) delay(receives int) time.Duration {
	d := time.Second << min(max(receives-1, 0), 6)
	return min(d, cmp.Or(m.Longest, time.Minute), m.Queue.cfg.Visibility)
}

// failures reads ReportBatchItemFailures' answer. Source: "Reporting batch item failures for Lambda functions with an Amazon SQS trigger".
func failures(out []byte) (map[string]bool, error) {
	var r struct {
		Failures []struct {
			ID string `json:"itemIdentifier"`
		} `json:"batchItemFailures"`
	}
	if err := json.Unmarshal(out, &r); err != nil {
		return nil, err
	}
	ids := make(map[string]bool, len(r.Failures))
	for _, f := range r.Failures {
		if f.ID == "" {
			return nil, fmt.Errorf("an empty itemIdentifier")
		}
		ids[f.ID] = true
	}
	return ids, nil
}

type record struct {
	ID         string            `json:"messageId"`
	Receipt    string            `json:"receiptHandle"`
	Body       string            `json:"body"`
	Attributes map[string]string `json:"attributes"`
	Custom     struct{}          `json:"messageAttributes"`
	Source     string            `json:"eventSource"`
	ARN        string            `json:"eventSourceARN"`
	Region     string            `json:"awsRegion"`
}

// payload is the document of "Using Lambda with Amazon SQS".
func (m *Mapping) payload(batch []Message) []byte {
	doc := struct {
		Records []record `json:"Records"`
	}{make([]record, len(batch))}
	for i, msg := range batch {
		id := strconv.FormatInt(msg.ID, 10)
		doc.Records[i] = record{ID: id, Receipt: id, Body: msg.Body, Attributes: map[string]string{
			"ApproximateReceiveCount":          strconv.Itoa(msg.Receives),
			"SentTimestamp":                    strconv.FormatInt(msg.Sent.UnixMilli(), 10),
			"ApproximateFirstReceiveTimestamp": strconv.FormatInt(msg.First.UnixMilli(), 10),
			"SenderId":                         "local",
		}, Source: "aws:sqs", ARN: "arn:aws:sqs:local:000000000000:" + m.Name, Region: "local"}
	}
	out, err := json.Marshal(doc)
	if err != nil {
		panic(err) // strings and numbers only
	}
	return out
}
