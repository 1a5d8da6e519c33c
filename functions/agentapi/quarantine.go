package agentapi

import (
	"context"
	"encoding/json"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"parley/shared/fault"
	"parley/shared/limit"
	"parley/shared/store"
)

type quarantineIn struct {
	State  string `query:"state" enum:"open,resolved" default:"open" doc:"open: what still is no message. resolved: what became one when it was run again."`
	Cursor string `query:"cursor" maxLength:"2048" doc:"next of the page before."`
}

type quarantineOut struct {
	Body struct {
		Mails []quarantined `json:"mails" doc:"Newest first, at most 100."`
		Next  string        `json:"next" doc:"Empty at the end."`
	}
}

// quarantined is a mail that could not become a message.
type quarantined struct {
	ID        string                `json:"id"`
	At        time.Time             `json:"at" doc:"When it came."`
	Reason    string                `json:"reason"`
	State     store.QuarantineState `json:"state" doc:"parked: it waits for somebody. queued: it is being run again. resolved: it is where thread says."`
	From      string                `json:"from"`
	Subject   string                `json:"subject"`
	To        []string              `json:"to"`
	Size      int64                 `json:"size" doc:"Bytes."`
	Account   string                `json:"account,omitempty" doc:"The mailbox; none for an address that is nobody's."`
	Tries     int                   `json:"tries" doc:"How often it was to run again."`
	ChangedAt time.Time             `json:"changedAt" doc:"When state was last written."`
	Thread    string                `json:"thread,omitempty" doc:"Of a resolved one: its conversation."`
	Outcome   store.Outcome         `json:"outcome,omitempty" doc:"Of a resolved one: threaded, filtered or dropped."`
}

type quarantinedIn struct {
	ID string `path:"id" maxLength:"256"`
}

type rawQuarantinedIn struct {
	ID       string `path:"id" maxLength:"256"`
	Download bool   `query:"download" doc:"For a link that saves the mail as a file, instead of showing it."`
}

type quarantinedOut struct{ Body quarantined }

type reprocessIn struct {
	Cursor string `query:"cursor" maxLength:"2048" doc:"next of the answer before."`
}

type reprocessOut struct {
	Body struct {
		Queued int    `json:"queued" doc:"How many of this page run again."`
		Next   string `json:"next" doc:"Ask again with it as cursor for the next page; empty at the end."`
	}
}

func (d *door) registerQuarantine() {
	const one = "/api/quarantine/{id}"
	again := op("POST", one+"/reprocess", "reprocessQuarantined", "Run such a mail again: it becomes a message, or says anew why not")
	all := op("POST", "/api/quarantine/reprocess", "reprocessQuarantine", "Run all such mails again, a page of 100 at a time")
	again.DefaultStatus, all.DefaultStatus = 202, 202
	huma.Register(d.api, op("GET", "/api/quarantine", "listQuarantine", "Mail that could not become a message"), d.quarantine)
	huma.Register(d.api, op("GET", one, "getQuarantined", "One such mail"), d.quarantined)
	huma.Register(d.api, op("GET", one+"/raw", "getQuarantinedRaw", "A link to such a mail as it came"), d.quarantinedRaw)
	huma.Register(d.api, again, d.reprocess)
	huma.Register(d.api, all, d.reprocessAll)
}

func shown(q store.Quarantined) quarantined {
	return quarantined{
		ID: q.ID, At: q.At, Reason: q.Reason, State: q.State, From: q.From, Subject: q.Subject, To: orEmpty(q.To), Size: q.Size, Account: q.Account,
		Tries: q.Tries, ChangedAt: q.ChangedAt, Thread: q.Thread, Outcome: q.Outcome,
	}
}

func (d *door) quarantine(ctx context.Context, in *quarantineIn) (*quarantineOut, error) {
	list, next, err := d.store.Quarantine.List(ctx, in.State == "resolved", in.Cursor, limit.QuarantinePage)
	if err != nil {
		return nil, err
	}
	out := &quarantineOut{}
	out.Body.Mails, out.Body.Next = make([]quarantined, len(list)), next
	for i, q := range list {
		out.Body.Mails[i] = shown(q)
	}
	return out, nil
}

func (d *door) quarantined(ctx context.Context, in *quarantinedIn) (*quarantinedOut, error) {
	q, err := d.store.Quarantine.Get(ctx, in.ID)
	return &quarantinedOut{shown(q)}, err
}

func (d *door) quarantinedRaw(ctx context.Context, in *rawQuarantinedIn) (*linkOut, error) {
	q, err := d.store.Quarantine.Get(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return d.rawLink(ctx, q.Raw, in.Download)
}

func (d *door) reprocess(ctx context.Context, in *quarantinedIn) (*quarantinedOut, error) {
	q, err := d.again(ctx, in.ID)
	return &quarantinedOut{shown(q)}, err
}

// again notes that a mail is to be run again and puts it on the queue. If that fails the note stands, and asking again does both once more.
func (d *door) again(ctx context.Context, id string) (store.Quarantined, error) {
	q, err := d.store.Quarantine.Again(ctx, id)
	if err != nil {
		return q, err
	}
	body, err := json.Marshal(map[string]string{"reprocess": q.ID})
	if err != nil {
		return q, err
	}
	return q, d.queue.Send(ctx, string(body))
}

func (d *door) reprocessAll(ctx context.Context, in *reprocessIn) (*reprocessOut, error) {
	list, next, err := d.store.Quarantine.List(ctx, false, in.Cursor, limit.QuarantinePage)
	if err != nil {
		return nil, err
	}
	out := &reprocessOut{}
	out.Body.Next = next
	for _, q := range list {
		_, err := d.again(ctx, q.ID)
		if fault.Is(err, fault.Conflict) { // resolved since the list was read
			continue
		}
		if err != nil {
			return nil, err
		}
		out.Body.Queued++
	}
	return out, nil
}
