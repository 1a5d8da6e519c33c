package run

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"parley/infra/local/ses"
	"parley/infra/local/template"
	mailersmtp "parley/shared/mailer/smtp"
)

// bus is EventBridge's default bus, as far as the template listens to it.
type bus []listener

type listener struct {
	filter   template.Filter
	function *function
	retries  int
}

func (p *Parley) openBus(t *template.Template, fs map[string]*function) error {
	for _, r := range t.BusRules {
		f, err := r.Filter(p.lookup(t))
		if err != nil {
			return err
		}
		of, ok := t.Function(r.Function)
		if !ok {
			return fmt.Errorf("the rule %s calls %q, which is not there", r.ID, r.Function)
		}
		p.bus = append(p.bus, listener{f, fs[r.Function], of.AsyncRetries})
	}
	return nil
}

// Lambda waits one minute before the second try of an asynchronous call; nobody wants to at a desk.
const asyncPause = time.Second

// publish calls whoever listens to an event. What fails to the end is logged: on AWS it would lie in the failures bucket.
func (p *Parley) publish(ctx context.Context, event []byte) {
	var record map[string]any
	if err := json.Unmarshal(event, &record); err != nil {
		p.log.Error("bus: event", "error", err)
		return
	}
	for _, l := range p.bus {
		if !l.filter.Match(record) {
			continue
		}
		var err error
		for try := 0; try <= l.retries; try++ {
			if _, err = l.function.Invoke(context.WithoutCancel(ctx), event); err == nil || ctx.Err() != nil {
				break
			}
			pause(ctx, asyncPause)
		}
		if err != nil {
			p.log.Error("bus: function failed", "function", l.function.name, "error", err)
		}
	}
}

// SES's events come some hundred milliseconds after its answer. A relay gets as long as an SMTP client has patience.
const (
	eventDelay = 300 * time.Millisecond
	relayTime  = time.Minute
)

// tell publishes what became of a mail that went out, when that is known.
func (p *Parley) tell(s mailersmtp.Sent) {
	if p.closing.Err() != nil || len(s.Tags) == 0 { // a test mail, sent without the configuration set that publishes
		return
	}
	p.workers.Go(func() {
		until := time.Now().Add(relayTime)
		for wait := eventDelay; ; wait = time.Second {
			pause(p.closing, wait)
			now, err := p.outbox.Get(s.ID)
			if err != nil {
				p.log.Error("outbox: mail is not there", "mail", s.ID, "error", err)
				return
			}
			if s.Relay = now.Relay; s.Relay != "pending" || p.closing.Err() != nil || time.Now().After(until) {
				break
			}
		}
		c := ses.Carried{ID: s.ID, From: s.From, To: s.To, Tags: s.Tags, Set: p.set, At: time.Now(), Stays: p.stays, List: p.senders}
		switch s.Relay {
		case "", "sent":
		case "pending": // nothing is known of it but that it was taken
			c.To = slices.DeleteFunc(slices.Clone(c.To), func(a string) bool { return !p.stays(a) })
		default:
			c.Refused = s.Relay
		}
		for _, e := range c.Events() {
			p.publish(p.closing, e)
		}
	})
}

// pause waits, or until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
