package rehearsal

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	sesdoor "parley/infra/local/ses"
	"parley/infra/local/template"
	"parley/infra/rehearsal/runtime"
	"parley/shared/mailer"
)

// listener is a rule of EventBridge's default bus.
type listener struct {
	filter   template.Filter
	function template.Function
}

func (r *Rehearsal) openBus() error {
	for _, rule := range r.template.BusRules {
		f, err := rule.Filter(r.lookup)
		if err != nil {
			return err
		}
		of, ok := r.template.Function(rule.Function)
		if !ok {
			return fmt.Errorf("the rule %s calls %q, which is not there", rule.ID, rule.Function)
		}
		r.bus = append(r.bus, listener{f, of})
	}
	return nil
}

// sent is called for each mail that SES took: its configuration set publishes what becomes of it, at least once, each a little
// after the one before. (EventBridge promises no order; a transient bounce before its delivery is a bounce to mailstatus, which has tests of that.)
func (r *Rehearsal) sent(m mailer.Envelope, set, id string) {
	if set == "" || r.cfg.Deaf {
		return
	}
	events := sesdoor.Carried{ID: id, From: m.From, To: m.To, Tags: m.Tags, Set: set, At: time.Now(), List: r.mail.Senders}.Events()
	rng := rand.New(rand.NewPCG(r.cfg.Seed, uint64(len(id)+len(m.Raw))))
	events = append(events, events[rng.IntN(len(events))]) // at least once: one comes again
	for i, e := range events {
		wait := time.Duration(i*40+rng.IntN(30)) * time.Millisecond
		r.telling.Add(1)
		r.workers.Go(func() {
			defer r.telling.Add(-1)
			select {
			case <-time.After(wait):
				r.publish(e)
			case <-r.ctx.Done():
			}
		})
	}
}

// publish calls whoever listens to an event, asynchronously as EventBridge does.
func (r *Rehearsal) publish(event []byte) {
	var record map[string]any
	if err := json.Unmarshal(event, &record); err != nil {
		r.log.Error("bus: event", "error", err)
		return
	}
	for _, l := range r.bus {
		if !l.filter.Match(record) {
			continue
		}
		err := r.Lambda.InvokeAsync(r.ctx, l.function.Name, event, runtime.Async{
			Retries: l.function.AsyncRetries, Pause: func(int) time.Duration { return time.Second },
			GiveUp: func(payload []byte, tries int, cause error) { r.asyncFailure(l.function, payload, tries, cause) },
		})
		if err != nil && r.ctx.Err() == nil {
			r.log.Error("bus: function failed", "function", l.function.Name, "error", err)
		}
	}
}

// asyncFailure writes the record of an asynchronous invocation that failed to the end. Source: Lambda developer guide, "Capturing records of
// Lambda asynchronous invocations", S3 destination.
func (r *Rehearsal) asyncFailure(f template.Function, payload []byte, tries int, cause error) {
	if f.AsyncFailure == "" {
		return
	}
	now := time.Now().UTC()
	answer := json.RawMessage("null")
	var failed *runtime.Error
	if errors.As(cause, &failed) {
		answer = failed.Payload
	}
	doc, err := json.Marshal(map[string]any{
		"version": "1.0", "timestamp": now.Format("2006-01-02T15:04:05.000Z"),
		"requestContext":  map[string]any{"functionArn": arn("lambda", "function:"+physical("function", f.Name)) + ":$LATEST", "condition": "RetriesExhausted", "approximateInvokeCount": tries},
		"requestPayload":  json.RawMessage(payload),
		"responseContext": map[string]any{"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"}, "responsePayload": answer,
	})
	if err == nil {
		key := fmt.Sprintf("aws/lambda/async/%s/%s/%s-%x", physical("function", f.Name), now.Format("2006/01/02"), now.Format("2006-01-02T15.04.05"), now.UnixNano())
		err = r.onFailure(f.Name, f.AsyncFailure, key, doc)
	}
	if err != nil {
		r.log.Error("bus: the on-failure destination failed too, the event is lost", "function", f.Name, "error", err)
	}
}
