package rehearsal

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"parley/infra/local/queue"
	"parley/infra/local/template"
	"parley/infra/rehearsal/dynamodb"
	"parley/infra/rehearsal/iam"
	"parley/infra/rehearsal/runtime"
	"parley/infra/rehearsal/stream"
)

const (
	poll   = 50 * time.Millisecond // Lambda polls a stream every 250 ms
	shards = 3
)

// feed starts what feeds the reactions: stream mappings, queue mappings, the clock.
func (r *Rehearsal) feed() error {
	ctx, stop := context.WithCancel(context.Background())
	r.ctx, r.stop = ctx, stop
	if err := r.openBus(); err != nil {
		return err
	}
	for _, m := range r.template.Mappings {
		switch m.Kind {
		case template.Stream:
			s := r.stream(m)
			r.mappings = append(r.mappings, s)
			r.workers.Go(func() { s.Run(ctx) })
		case template.FromQueue:
			q := r.queues[m.Source]
			if q == nil {
				return fmt.Errorf("the mapping of %s reads queue %q, which is not there", m.Function, m.Source)
			}
			w := r.queueMapping(m, q)
			r.workers.Go(func() { w.Run(ctx) })
		}
	}
	for _, s := range r.template.Schedules {
		if r.cfg.Still {
			continue
		}
		r.workers.Go(func() {
			for wait := 2 * time.Second; ; wait = s.Every {
				select {
				case <-ctx.Done():
					return
				case <-time.After(wait):
					r.tick(ctx, s)
				}
			}
		})
	}
	return nil
}

func (r *Rehearsal) stream(m template.Mapping) *stream.Mapping {
	name := physical("table", m.Source)
	arn := r.streams[name]
	return &stream.Mapping{
		Mapping: m, Arn: arn, Function: "arn:aws:lambda:" + Region + ":" + account + ":function:" + physical("function", m.Function),
		Reader: &stream.DynamoDB{
			URL: r.db.URL, Authorization: dynamodb.Authorization(r.db.Name, Region), Client: r.db.Client,
			Arn: "arn:aws:dynamodb:ddblocal:000000000000" + arn[len("arn:aws:dynamodb:"+Region+":"+account):], As: arn,
		},
		Invoke: func(ctx context.Context, payload []byte) ([]byte, error) {
			return r.Lambda.Invoke(ctx, m.Function, payload)
		},
		Allow: func(action string) error {
			return r.Ledger.Check(iam.Request{Role: m.Function, Action: action, Resource: arn})
		},
		Ignore: aged,
		GiveUp: func(key string, record []byte) error { return r.onFailure(m.Function, m.OnFailure, key, record) },
		Seed:   r.cfg.Seed, Poll: poll, Shards: shards, Log: r.log,
	}
}

// onFailure stores an on-failure record with the rights of the function's role, which Lambda uses for it.
func (r *Rehearsal) onFailure(function, bucket, key string, record []byte) error {
	if bucket == "" {
		return errors.New("the mapping has no on-failure destination")
	}
	bucket = physical("bucket", bucket)
	err := r.Ledger.Check(
		iam.Request{Role: function, Action: "s3:ListBucket", Resource: "arn:aws:s3:::" + bucket},
		iam.Request{Role: function, Action: "s3:PutObject", Resource: "arn:aws:s3:::" + bucket + "/" + key},
	)
	if err != nil {
		return err
	}
	return r.S3.Put(bucket, key, "application/json", record)
}

// queueMapping is local mode's, which takes and deletes messages with the rights of the function's role.
func (r *Rehearsal) queueMapping(m template.Mapping, q *queue.Queue) *queue.Mapping {
	allow := func(action string) error {
		return r.Ledger.Check(iam.Request{Role: m.Function, Action: action, Resource: arn("sqs", physical("queue", m.Source))})
	}
	workers := m.MaxConcurrency
	if workers == 0 || workers > processes {
		workers = processes
	}
	return &queue.Mapping{Queue: q, Name: m.Source, Batch: m.Batch, Concurrency: workers, Longest: time.Second, Log: r.log, Invoke: func(ctx context.Context, payload []byte) ([]byte, error) {
		for _, action := range []string{"sqs:GetQueueAttributes", "sqs:ReceiveMessage"} {
			if err := allow(action); err != nil {
				return nil, err
			}
		}
		out, err := r.Lambda.Invoke(ctx, m.Function, payload)
		if err == nil {
			err = allow("sqs:DeleteMessage")
		}
		return out, err
	}}
}

// tick runs a schedule once: an asynchronous invocation, with the retries the template gives it.
func (r *Rehearsal) tick(ctx context.Context, s template.Schedule) {
	f, _ := r.template.Function(s.Function)
	now := time.Now()
	err := r.Lambda.InvokeAsync(ctx, s.Function, s.Payload(strconv.FormatInt(now.UnixNano(), 36), now), runtime.Async{
		Retries: f.AsyncRetries, Pause: func(int) time.Duration { return time.Second },
	})
	if err != nil && ctx.Err() == nil {
		r.log.Error("clock: function failed", "function", s.Function, "error", err)
	}
}

// Tick runs every schedule now.
func (r *Rehearsal) Tick(ctx context.Context) {
	for _, s := range r.template.Schedules {
		r.tick(ctx, s)
	}
}
