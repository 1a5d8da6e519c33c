package host

import (
	"context"
	"encoding/json"
	"fmt"
)

// Record is one record of a table's stream, decoded by our own struct: images stay raw for table/image. They point into the payload,
// which is the handler's for the length of the call only.
// Source: "Example DynamoDB Streams record event", AWS Lambda developer guide.
type Record struct {
	EventID   string `json:"eventID"`
	EventName string `json:"eventName"` // INSERT, MODIFY, REMOVE
	Change    struct {
		Sequence string          `json:"SequenceNumber"`
		Keys     json.RawMessage `json:"Keys"`
		New      json.RawMessage `json:"NewImage"`
		Old      json.RawMessage `json:"OldImage"`
	} `json:"dynamodb"`
}

// StreamEvent is a batch of records.
type StreamEvent struct {
	Records []Record `json:"Records"`
}

// BatchResponse names what of a batch is to come again (ReportBatchItemFailures). For streams the id is the sequence number:
// everything from the lowest one on comes again; for queues it is the message id.
type BatchResponse struct {
	Failures []BatchFailure `json:"batchItemFailures"`
}

// BatchFailure names one item.
type BatchFailure struct {
	ID string `json:"itemIdentifier"`
}

type handlerFunc func(context.Context, []byte) ([]byte, error)

func (f handlerFunc) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	return f(ctx, payload)
}

// Stream hosts a reaction to a stream. each is called record by record, in order; the first error ends the batch and makes Lambda
// send it again from that record. Coded errors are permanent by contract, so each must not return one: it parks what it cannot do.
func Stream(each func(ctx context.Context, r Record) error) Handler {
	return handlerFunc(func(ctx context.Context, payload []byte) ([]byte, error) {
		var e StreamEvent
		if err := e.decode(payload); err != nil {
			return nil, fmt.Errorf("host: stream payload: %w", err)
		}
		out := BatchResponse{Failures: []BatchFailure{}}
		for _, r := range e.Records {
			if err := each(ctx, r); err != nil {
				From(ctx).Error("record", "id", r.EventID, "error", err)
				out.Failures = append(out.Failures, BatchFailure{ID: r.Change.Sequence})
				break
			}
		}
		return json.Marshal(out)
	})
}

// StreamBatch hosts a reaction that works on whole batches; done returns the sequence number to resume at, "" for none.
func StreamBatch(all func(ctx context.Context, records []Record) (failed string, err error)) Handler {
	return handlerFunc(func(ctx context.Context, payload []byte) ([]byte, error) {
		var e StreamEvent
		if err := e.decode(payload); err != nil {
			return nil, fmt.Errorf("host: stream payload: %w", err)
		}
		failed, err := all(ctx, e.Records)
		if err != nil {
			return nil, err
		}
		out := BatchResponse{Failures: []BatchFailure{}}
		if failed != "" {
			out.Failures = append(out.Failures, BatchFailure{ID: failed})
		}
		return json.Marshal(out)
	})
}

// QueueMessage is one message of an SQS batch.
type QueueMessage struct {
	ID         string            `json:"messageId"`
	Body       string            `json:"body"`
	Attributes map[string]string `json:"attributes"`
}

// Queue hosts a door behind a queue. Messages are independent: those whose call failed come again, the others are done.
func Queue(each func(ctx context.Context, m QueueMessage) error) Handler {
	return handlerFunc(func(ctx context.Context, payload []byte) ([]byte, error) {
		var e struct {
			Records []QueueMessage `json:"Records"`
		}
		if err := json.Unmarshal(payload, &e); err != nil {
			return nil, fmt.Errorf("host: queue payload: %w", err)
		}
		out := BatchResponse{Failures: []BatchFailure{}}
		for _, m := range e.Records {
			if err := each(ctx, m); err != nil {
				From(ctx).Error("message", "id", m.ID, "error", err)
				out.Failures = append(out.Failures, BatchFailure{ID: m.ID})
			}
		}
		return json.Marshal(out)
	})
}

// Tick hosts a reaction to the clock.
func Tick(do func(ctx context.Context) error) Handler {
	return handlerFunc(func(ctx context.Context, _ []byte) ([]byte, error) {
		return []byte("{}"), do(ctx)
	})
}
