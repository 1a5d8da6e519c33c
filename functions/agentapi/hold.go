package agentapi

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"parley/events"
	"parley/shared/fault"
	"parley/shared/inbox"
	"parley/shared/store"
)

type sentIn struct {
	Thread string `path:"thread" maxLength:"64"`
	Seq    int64  `path:"seq" minimum:"1" doc:"seq of the message's entry."`
}

type releasedOut struct {
	Body struct {
		Delivery inbox.Delivery `json:"delivery"`
	}
}

// withdrawnOut is a change of the thread and of the delivery.
type withdrawnOut struct {
	ETag string `header:"ETag" doc:"The seq of the thread's newest entry, quoted."`
	Body struct {
		Change
		Delivery inbox.Delivery `json:"delivery"`
	}
}

func (d *door) registerHold() {
	const message = "/api/threads/{thread}/messages/{seq}"
	huma.Register(d.api, op("POST", message+"/release", "releaseMessage", "Send a held message now; one that is on its way is answered as it is"), d.release)
	huma.Register(d.api, op("POST", message+"/withdraw", "withdrawMessage", "Take a held message back; 409 once it is on its way"), d.withdraw)
	huma.Register(d.api, op("POST", message+"/retry", "retryMessage", "Send a message once more to those it did not reach; 409 if there is nobody"), d.retry)
	huma.Register(d.api, op("DELETE", "/api/threads/{thread}/undelivered", "seeUndelivered", "Say that a message that did not reach somebody has been seen to"), d.seeUndelivered)
}

func (d *door) release(ctx context.Context, in *sentIn) (*releasedOut, error) {
	delivery, err := d.store.Outbox.Release(ctx, in.Thread, in.Seq)
	if err != nil {
		return nil, err
	}
	d.live.Delivery(ctx, delivery)
	out := &releasedOut{}
	out.Body.Delivery = delivery
	return out, nil
}

// message reads a sent message.
func (d *door) message(ctx context.Context, in *sentIn) (events.MessageSent, error) {
	e, err := d.entry(ctx, in.Thread, in.Seq)
	if err != nil {
		return events.MessageSent{}, err
	}
	if e.Sent == nil {
		return events.MessageSent{}, fault.New(fault.NotFound, "This entry is no message of ours.")
	}
	return *e.Sent, nil
}

// withdraw ends the hold of a delivery together with the fact that says so. A repeated request finds it withdrawn and is answered the same.
func (d *door) withdraw(ctx context.Context, in *sentIn) (*withdrawnOut, error) {
	m, err := d.message(ctx, in)
	if err != nil {
		return nil, err
	}
	u := caller(ctx)
	c, err := d.store.Threads.Do(ctx, in.Thread, "", func(t inbox.Thread) (inbox.Decision, error) {
		return t.Withdraw(agent(u), events.MessageWithdrawn{Message: m.Message, Sent: in.Seq, Delivery: m.Delivery})
	}, d.store.Outbox.Withdrawal(in.Thread, in.Seq))
	if !fault.Is(err, fault.Conflict) {
		return d.turned(ctx, in, c.Entries, c.Thread, err)
	}
	j, missing := d.store.Outbox.Get(ctx, in.Thread, in.Seq)
	if missing != nil || j.State != inbox.DeliveryWithdrawn {
		return nil, err
	}
	head, err := d.store.Threads.Head(ctx, in.Thread)
	return d.turned(ctx, in, nil, head, err)
}

func (d *door) retry(ctx context.Context, in *sentIn) (*withdrawnOut, error) {
	m, err := d.message(ctx, in)
	if err != nil {
		return nil, err
	}
	u := caller(ctx)
	j, err := d.store.Outbox.Get(ctx, in.Thread, in.Seq)
	if err != nil {
		return nil, err
	}
	_, to := j.Again()
	if len(to) == 0 {
		return nil, fault.New(fault.Conflict, "There is nobody whom this message failed to reach, so nothing can be tried again.")
	}
	c, err := d.store.Threads.Do(ctx, in.Thread, "", func(t inbox.Thread) (inbox.Decision, error) {
		return t.Retry(agent(u), events.MessageRetried{Message: m.Message, Sent: in.Seq, Delivery: m.Delivery, To: to})
	}, d.store.Outbox.Again(in.Thread, in.Seq, to))
	return d.turned(ctx, in, c.Entries, c.Thread, err)
}

// turned is the answer to a request that changed a thread and one of its deliveries, and tells those who look.
func (d *door) turned(ctx context.Context, in *sentIn, entries []inbox.Entry, head inbox.Thread, err error) (*withdrawnOut, error) {
	if err != nil {
		return nil, err
	}
	j, err := d.store.Outbox.Get(ctx, in.Thread, in.Seq)
	if err != nil {
		return nil, err
	}
	if len(entries) > 0 {
		d.live.Committed(ctx, store.Commit{Thread: head, Entries: entries, Seq: head.Seq})
		d.live.Delivery(ctx, j.Delivery)
	}
	out := &withdrawnOut{ETag: etag(head.Seq)}
	out.Body.Entries, out.Body.Thread, out.Body.Delivery = orEmpty(entries), head.Summary(), j.Delivery
	return out, nil
}

func (d *door) seeUndelivered(ctx context.Context, in *threadIn) (*changeOut, error) {
	u := caller(ctx)
	return d.put(ctx, in.Thread, "", func(t inbox.Thread) (inbox.Decision, error) { return t.SeeUndelivered(agent(u)) })
}
