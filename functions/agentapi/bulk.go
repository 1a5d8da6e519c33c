package agentapi

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"parley/events"
	"parley/shared/fault"
	"parley/shared/host"
	"parley/shared/inbox"
	"parley/shared/store"
)

type bulkIn struct {
	Body struct {
		Threads []string   `json:"threads" minItems:"1" maxItems:"100"`
		Change  bulkChange `json:"change" doc:"What is to be done to each, in this order. What is so already changes nothing, so the same request may be sent again."`
	}
}

// bulkChange is what is to be done to many threads; what is absent is left.
type bulkChange struct {
	Inbox    *string         `json:"inbox,omitempty" maxLength:"64"`
	Folder   *inbox.Folder   `json:"folder,omitempty" enum:",filtered,spam,trash"`
	Agent    *string         `json:"agent,omitempty" maxLength:"128" doc:"Empty for nobody."`
	Team     *string         `json:"team,omitempty" maxLength:"64" doc:"Empty for no team."`
	Tags     *tagChange      `json:"tags,omitempty"`
	Priority *inbox.Priority `json:"priority,omitempty" enum:",low,high,urgent"`
	Status   *inbox.Status   `json:"status,omitempty" enum:"open,closed"`
	Snooze   *snoozeBody     `json:"snooze,omitempty"`
	Wake     bool            `json:"wake,omitempty"`
	Read     *bool           `json:"read,omitempty" doc:"true: the caller has read them; false: they have not."`
}

type bulkOut struct {
	Body struct {
		Results []bulkResult `json:"results" doc:"In the order of the threads."`
	}
}

type bulkResult struct {
	Thread string         `json:"thread"`
	Head   *inbox.Summary `json:"head,omitempty" doc:"As it is now, unless it could not be changed."`
	Code   fault.Code     `json:"code,omitempty" enum:"invalid,denied,notfound,conflict,gone,busy,internal" doc:"Why it could not be changed."`
	Detail string         `json:"detail,omitempty"`
}

func (d *door) registerBulk() {
	huma.Register(d.api, op("POST", "/api/threads/bulk", "bulkThreads", "Change many threads"), d.bulk)
}

// bulkTime is how long one request goes on beginning with the next thread; those it does not reach are busy and may be asked for again.
const bulkTime = 20 * time.Second

func (d *door) bulk(ctx context.Context, in *bulkIn) (*bulkOut, error) {
	decide, err := d.bulkDecision(ctx, in.Body.Change)
	if err != nil {
		return nil, err
	}
	access, err := d.store.Settings.Access(ctx, caller(ctx))
	if err != nil {
		return nil, err
	}
	out := &bulkOut{}
	out.Body.Results = make([]bulkResult, len(in.Body.Threads))
	until := time.Now().Add(bulkTime)
	done := map[string]int{}
	for i, id := range in.Body.Threads {
		r := &out.Body.Results[i]
		if first, again := done[id]; again {
			*r = out.Body.Results[first]
			continue
		}
		done[id] = i
		r.Thread = id
		err := error(fault.New(fault.Busy, "There was no time left for this one. Please try again."))
		if time.Now().Before(until) && ctx.Err() == nil {
			err = d.bulkOne(ctx, id, access, decide, in.Body.Change.Read, r)
		}
		if err != nil {
			if r.Code, r.Detail = fault.CodeOf(err), fault.MessageOf(err); r.Code == fault.Internal {
				host.From(ctx).Error("bulk", "thread", id, "error", err)
			}
		}
	}
	return out, nil
}

func (d *door) bulkOne(ctx context.Context, id string, access store.Access, decide decision, read *bool, r *bulkResult) error {
	c, err := d.store.Threads.Do(ctx, id, "", func(t inbox.Thread) (inbox.Decision, error) {
		if !t.Exists() {
			return inbox.Decision{}, fault.New(fault.NotFound, "There is no such conversation.")
		}
		if err := within(access, t.Inbox, true, "There is no such conversation."); err != nil {
			return inbox.Decision{}, err
		}
		return decide(t)
	})
	if err != nil {
		return err
	}
	d.live.Committed(ctx, c)
	if read != nil {
		seq := int64(0)
		if *read {
			seq = c.Seq
		}
		if err := d.store.Threads.MarkRead(ctx, caller(ctx).ID, id, seq); err != nil {
			return err
		}
	}
	s := c.Thread.Summary()
	r.Head = &s
	return nil
}

// bulkDecision is everything that is to be done to one thread, each step decided on what the one before it leaves.
func (d *door) bulkDecision(ctx context.Context, c bulkChange) (decision, error) {
	by := agent(caller(ctx))
	why := &events.Why{Rule: "hand", Inputs: map[string]string{"by": by.ID}}
	var steps []decision
	add := func(f decision, err error) error {
		steps = append(steps, f)
		return err
	}
	var err error
	if c.Inbox != nil {
		err = add(d.moving(ctx, *c.Inbox))
	}
	if err == nil && c.Folder != nil {
		err = add(func(t inbox.Thread) (inbox.Decision, error) { return t.File(by, *c.Folder, why) }, nil)
	}
	if err == nil && (c.Agent != nil || c.Team != nil) {
		err = add(d.giving(ctx, assignBody{Agent: c.Agent, Team: c.Team}))
	}
	if err == nil && c.Tags != nil {
		err = add(d.tagging(ctx, *c.Tags))
	}
	if err != nil {
		return nil, err
	}
	if c.Priority != nil {
		steps = append(steps, func(t inbox.Thread) (inbox.Decision, error) { return t.Prioritise(by, *c.Priority) })
	}
	if c.Status != nil {
		steps = append(steps, func(t inbox.Thread) (inbox.Decision, error) { return t.SetStatus(by, *c.Status) })
	}
	if c.Wake {
		steps = append(steps, func(t inbox.Thread) (inbox.Decision, error) { return t.Wake(by, "agent") })
	}
	if c.Snooze != nil {
		steps = append(steps, func(t inbox.Thread) (inbox.Decision, error) { return t.Snooze(by, c.Snooze.time(), d.now()) })
	}
	if len(steps) == 0 && c.Read == nil {
		return nil, fault.New(fault.Invalid, "Nothing is to be done.")
	}
	return func(t inbox.Thread) (out inbox.Decision, err error) {
		for _, step := range steps {
			next, err := step(t)
			if err != nil {
				return out, err
			}
			if t, err = t.After(next, d.now()); err != nil {
				return out, err
			}
			out = out.Then(next)
		}
		return out, nil
	}, nil
}
