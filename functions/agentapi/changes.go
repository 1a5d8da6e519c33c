package agentapi

import (
	"context"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"parley/shared/fault"
	"parley/shared/inbox"
)

type assignIn struct {
	Thread  string `path:"thread" maxLength:"64"`
	IfMatch string `header:"If-Match" doc:"An ETag of the thread: refused with 412 once the thread has moved on."`
	Body    assignBody
}

type assignBody struct {
	Agent *string `json:"agent,omitempty" maxLength:"128" doc:"A user's id, empty for nobody; absent leaves the owner."`
	Team  *string `json:"team,omitempty" maxLength:"64" doc:"A team's id, empty for none; absent leaves the team."`
}

type statusIn struct {
	Thread  string `path:"thread" maxLength:"64"`
	IfMatch string `header:"If-Match" doc:"An ETag of the thread: refused with 412 once the thread has moved on."`
	Body    struct {
		Status inbox.Status `json:"status" enum:"open,closed"`
	}
}

func (d *door) registerChanges() {
	huma.Register(d.api, op("PUT", "/api/threads/{thread}/assignee", "assignThread", "Give the thread an owner or a team, or none"), d.assign)
	huma.Register(d.api, op("PUT", "/api/threads/{thread}/status", "setStatus", "Close or reopen the thread"), d.setStatus)
}

func (d *door) assign(ctx context.Context, in *assignIn) (*changeOut, error) {
	if in.Body.Agent == nil && in.Body.Team == nil {
		return nil, fault.New(fault.Invalid, "Name an agent, a team, or both.")
	}
	decide, err := d.giving(ctx, in.Body)
	if err != nil {
		return nil, err
	}
	return d.put(ctx, in.Thread, in.IfMatch, decide)
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
