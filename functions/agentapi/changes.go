package agentapi

import (
	"context"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"parley/events"
	"parley/shared/fault"
	"parley/shared/inbox"
	"parley/shared/limit"
)

type assignIn struct {
	Thread  string `path:"thread" maxLength:"64"`
	IfMatch string `header:"If-Match" doc:"An ETag of the thread: refused with 412 once the thread has moved on."`
	Body    struct {
		Agent string `json:"agent" maxLength:"128" doc:"A user's id, or empty for nobody."`
	}
}

type statusIn struct {
	Thread  string `path:"thread" maxLength:"64"`
	IfMatch string `header:"If-Match" doc:"An ETag of the thread: refused with 412 once the thread has moved on."`
	Body    struct {
		Status inbox.Status `json:"status" enum:"open,closed"`
	}
}

type quarantineOut struct {
	Body struct {
		Mails []quarantined `json:"mails" doc:"Newest first, at most 100."`
	}
}

// quarantined is a mail that could not become a message.
type quarantined struct {
	ID      string    `json:"id"`
	At      time.Time `json:"at"`
	Reason  string    `json:"reason"`
	From    string    `json:"from"`
	Subject string    `json:"subject"`
	To      []string  `json:"to"`
	Size    int64     `json:"size" doc:"Bytes."`
}

type quarantinedIn struct {
	ID string `path:"id" maxLength:"256"`
}

func (d *door) registerChanges() {
	huma.Register(d.api, op("PUT", "/api/threads/{thread}/assignee", "assignThread", "Give the thread an owner, or none"), d.assign)
	huma.Register(d.api, op("PUT", "/api/threads/{thread}/status", "setStatus", "Close or reopen the thread"), d.setStatus)
}

func (d *door) assign(ctx context.Context, in *assignIn) (*changeOut, error) {
	u := caller(ctx)
	var to *events.Assignee
	if in.Body.Agent != "" {
		owner, err := d.store.Settings.User(ctx, in.Body.Agent)
		if fault.Is(err, fault.NotFound) {
			return nil, fault.New(fault.Invalid, "There is no user %q.", in.Body.Agent)
		}
		if err != nil {
			return nil, err
		}
		if owner.Disabled {
			return nil, fault.New(fault.Invalid, "%s has no access any more and can own no conversation.", owner.Name)
		}
		to = &events.Assignee{Kind: string(events.Agent), ID: owner.ID, Name: owner.Name}
	}
	why := &events.Why{Rule: "hand", Inputs: map[string]string{"by": u.ID}}
	return d.put(ctx, in.Thread, in.IfMatch, func(t inbox.Thread) (inbox.Decision, error) { return t.Assign(agent(u), to, why) })
}

func (d *door) setStatus(ctx context.Context, in *statusIn) (*changeOut, error) {
	u := caller(ctx)
	return d.put(ctx, in.Thread, in.IfMatch, func(t inbox.Thread) (inbox.Decision, error) { return t.SetStatus(agent(u), in.Body.Status) })
}

// put carries out a change that says what shall be.
func (d *door) put(ctx context.Context, thread, ifMatch string, decide func(inbox.Thread) (inbox.Decision, error)) (*changeOut, error) {
	c, err := d.store.Threads.Do(ctx, thread, "", func(t inbox.Thread) (inbox.Decision, error) {
		if t.Exists() && !matches(ifMatch, t.Seq) {
			return inbox.Decision{}, preconditionFailed()
		}
		return decide(t)
	})
	if err != nil {
		return nil, err
	}
	d.live.Committed(ctx, c)
	return changed(c), nil
}

// matches evaluates If-Match (RFC 9110 §13.1.1) against a thread's entity tag. Weak tags never match.
func matches(header string, seq int64) bool {
	header = strings.TrimSpace(header)
	if header == "" || header == "*" {
		return true
	}
	for tag := range strings.SplitSeq(header, ",") {
		if strings.TrimSpace(tag) == etag(seq) {
			return true
		}
	}
	return false
}

func (d *door) registerQuarantine() {
	huma.Register(d.api, op("GET", "/api/quarantine", "listQuarantine", "Mail that could not become a message"), d.quarantine)
	huma.Register(d.api, op("GET", "/api/quarantine/{id}/raw", "getQuarantinedRaw", "A link to such a mail as it came"), d.quarantinedRaw)
}

func (d *door) quarantine(ctx context.Context, _ *struct{}) (*quarantineOut, error) {
	list, err := d.store.Quarantine.List(ctx, limit.QuarantinePage)
	if err != nil {
		return nil, err
	}
	out := &quarantineOut{}
	out.Body.Mails = make([]quarantined, len(list))
	for i, q := range list {
		out.Body.Mails[i] = quarantined{
			ID: q.ID, At: q.At, Reason: q.Reason, From: q.From, Subject: q.Subject, To: orEmpty(q.To), Size: q.Size,
		}
	}
	return out, nil
}

func (d *door) quarantinedRaw(ctx context.Context, in *quarantinedIn) (*linkOut, error) {
	q, err := d.store.Quarantine.Get(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	out := &linkOut{}
	out.Body.URL, err = d.mail.Link(ctx, q.Raw, "", limit.LinkLife)
	return out, err
}
