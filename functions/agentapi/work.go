package agentapi

import (
	"context"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"parley/events"
	"parley/shared/fault"
	"parley/shared/inbox"
	"parley/shared/store"
)

type tagsIn struct {
	Thread  string `path:"thread" maxLength:"64"`
	IfMatch string `header:"If-Match" doc:"An ETag of the thread: refused with 412 once the thread has moved on."`
	Body    tagChange
}

type tagChange struct {
	Add    []string `json:"add,omitempty" maxItems:"20" doc:"Ids of tags."`
	Remove []string `json:"remove,omitempty" maxItems:"20"`
}

type priorityIn struct {
	Thread  string `path:"thread" maxLength:"64"`
	IfMatch string `header:"If-Match" doc:"An ETag of the thread: refused with 412 once the thread has moved on."`
	Body    struct {
		Priority inbox.Priority `json:"priority" enum:",low,high,urgent" doc:"Empty for normal."`
	}
}

type snoozeIn struct {
	Thread  string `path:"thread" maxLength:"64"`
	IfMatch string `header:"If-Match" doc:"An ETag of the thread: refused with 412 once the thread has moved on."`
	Body    snoozeBody
}

type snoozeBody struct {
	Until *time.Time `json:"until,omitempty" doc:"When it comes back; absent: when they reply. Whoever writes brings it back in any case."`
}

func (s snoozeBody) time() time.Time {
	if s.Until == nil {
		return time.Time{}
	}
	return *s.Until
}

type moveIn struct {
	Thread  string `path:"thread" maxLength:"64"`
	IfMatch string `header:"If-Match" doc:"An ETag of the thread: refused with 412 once the thread has moved on."`
	Body    struct {
		Inbox string `json:"inbox" maxLength:"64"`
	}
}

type changeThreadIn struct {
	Thread  string `path:"thread" maxLength:"64"`
	IfMatch string `header:"If-Match" doc:"An ETag of the thread: refused with 412 once the thread has moved on."`
}

// MentionIn names who is called by a comment: a user, or a team and so everybody in it.
type MentionIn struct {
	User string `json:"user,omitempty" maxLength:"128"`
	Team string `json:"team,omitempty" maxLength:"64"`
}

func (d *door) registerWork() {
	const one = "/api/threads/{thread}"
	huma.Register(d.api, op("PUT", one+"/tags", "tagThread", "Add tags to the thread and take others off"), d.tagThread)
	huma.Register(d.api, op("PUT", one+"/priority", "setPriority", "Say how urgent the thread is"), d.setPriority)
	huma.Register(d.api, op("PUT", one+"/snooze", "snoozeThread", "Put the thread out of sight until a time, or until they reply"), d.snooze)
	huma.Register(d.api, op("DELETE", one+"/snooze", "wakeThread", "End a snooze"), d.wake)
	huma.Register(d.api, op("PUT", one+"/inbox", "moveThread", "Move the thread into another inbox"), d.move)
	huma.Register(d.api, op("DELETE", one+"/mention", "seeMention", "The caller has seen where they were mentioned"), d.seeMention)
}

// decision is a change of a thread that is still to be decided on its head.
type decision func(inbox.Thread) (inbox.Decision, error)

// tagging changes tags by their ids. Those to be added must exist; one that was deleted can be taken off.
func (d *door) tagging(ctx context.Context, c tagChange) (decision, error) {
	by := agent(caller(ctx))
	var add []events.TagRef
	if len(c.Add) > 0 {
		known, err := d.store.Settings.Tags(ctx)
		if err != nil {
			return nil, err
		}
		for _, id := range c.Add {
			i := slices.IndexFunc(known, func(t inbox.Tag) bool { return t.ID == id })
			if i < 0 {
				return nil, fault.New(fault.Invalid, "There is no tag %.60q.", id)
			}
			add = append(add, events.TagRef{ID: id, Name: known[i].Name})
		}
	}
	return func(t inbox.Thread) (inbox.Decision, error) {
		var remove []events.TagRef
		for _, g := range t.Tags {
			if slices.Contains(c.Remove, g.ID) {
				remove = append(remove, g)
			}
		}
		return t.Tag(by, add, remove)
	}, nil
}

func (d *door) tagThread(ctx context.Context, in *tagsIn) (*changeOut, error) {
	decide, err := d.tagging(ctx, in.Body)
	if err != nil {
		return nil, err
	}
	return d.put(ctx, in.Thread, in.IfMatch, decide)
}

func (d *door) setPriority(ctx context.Context, in *priorityIn) (*changeOut, error) {
	by := agent(caller(ctx))
	return d.put(ctx, in.Thread, in.IfMatch, func(t inbox.Thread) (inbox.Decision, error) { return t.Prioritise(by, in.Body.Priority) })
}

func (d *door) snooze(ctx context.Context, in *snoozeIn) (*changeOut, error) {
	by := agent(caller(ctx))
	return d.put(ctx, in.Thread, in.IfMatch, func(t inbox.Thread) (inbox.Decision, error) { return t.Snooze(by, in.Body.time(), d.now()) })
}

func (d *door) wake(ctx context.Context, in *changeThreadIn) (*changeOut, error) {
	by := agent(caller(ctx))
	return d.put(ctx, in.Thread, in.IfMatch, func(t inbox.Thread) (inbox.Decision, error) { return t.Wake(by, "agent") })
}

func (d *door) seeMention(ctx context.Context, in *changeThreadIn) (*changeOut, error) {
	by := agent(caller(ctx))
	return d.put(ctx, in.Thread, in.IfMatch, func(t inbox.Thread) (inbox.Decision, error) { return t.SeeMention(by) })
}

// moving brings a thread into an inbox that the caller belongs to. Who owns it keeps it if they belong there too.
func (d *door) moving(ctx context.Context, inboxID string) (decision, error) {
	if err := d.mayWork(ctx, inboxID); err != nil {
		return nil, err
	}
	to, err := d.store.Settings.Inbox(ctx, inboxID)
	if err != nil {
		return nil, err
	}
	workers, err := d.store.Settings.Workers(ctx, inboxID)
	if err != nil {
		return nil, err
	}
	all, err := d.store.Settings.Inboxes(ctx)
	if err != nil {
		return nil, err
	}
	by := agent(caller(ctx))
	return func(t inbox.Thread) (inbox.Decision, error) {
		from := events.Place{ID: t.Inbox}
		for _, in := range all {
			if in.ID == t.Inbox {
				from.Name = in.Name
			}
		}
		keepOwner := t.Assignee != nil && slices.ContainsFunc(workers, func(u store.User) bool { return u.ID == t.Assignee.ID })
		keepTeam := t.Team != nil && to.Members.HasTeam(t.Team.ID)
		return t.Move(by, from, events.Place{ID: to.ID, Name: to.Name}, keepOwner, keepTeam)
	}, nil
}

func (d *door) move(ctx context.Context, in *moveIn) (*changeOut, error) {
	decide, err := d.moving(ctx, in.Body.Inbox)
	if err != nil {
		return nil, err
	}
	return d.put(ctx, in.Thread, in.IfMatch, decide)
}

// giving gives a thread an owner, a team, or both. Who owns it must belong to its inbox.
func (d *door) giving(ctx context.Context, b assignBody) (decision, error) {
	u := caller(ctx)
	a := inbox.Assignment{Why: &events.Why{Rule: "hand", Inputs: map[string]string{"by": u.ID}}}
	var owner store.User
	if b.Agent != nil && *b.Agent != "" {
		var err error
		owner, err = d.store.Settings.User(ctx, *b.Agent)
		if fault.Is(err, fault.NotFound) {
			return nil, fault.New(fault.Invalid, "There is no user %.100q.", *b.Agent)
		}
		if err != nil {
			return nil, err
		}
		if owner.Disabled || !owner.Role.Works() {
			return nil, fault.New(fault.Invalid, "%s has no access any more, or only to look, and can own no conversation.", owner.Name)
		}
	}
	if b.Team != nil {
		a.Team = &events.TeamRef{}
		if *b.Team != "" {
			t, err := d.store.Settings.Team(ctx, *b.Team)
			if fault.Is(err, fault.NotFound) {
				return nil, fault.New(fault.Invalid, "There is no team %.60q.", *b.Team)
			}
			if err != nil {
				return nil, err
			}
			a.Team = &events.TeamRef{ID: t.ID, Name: t.Name}
		}
	}
	inboxes, err := d.store.Settings.Inboxes(ctx)
	if err != nil {
		return nil, err
	}
	access, err := d.store.Settings.Access(ctx, owner)
	if err != nil {
		return nil, err
	}
	return func(t inbox.Thread) (inbox.Decision, error) {
		a := a
		switch {
		case b.Agent == nil:
			a.To = t.Assignee
		case *b.Agent != "":
			if t.Exists() && !access.Works(t.Inbox) {
				return inbox.Decision{}, fault.New(fault.Invalid, "%s does not belong to this inbox.", owner.Name)
			}
			a.To = &events.Assignee{Kind: string(events.Agent), ID: owner.ID, Name: owner.Name}
		}
		if a.Team != nil && a.Team.ID != "" && slices.ContainsFunc(inboxes, func(in inbox.Inbox) bool { return in.ID == t.Inbox && !in.Members.HasTeam(a.Team.ID) }) {
			return inbox.Decision{}, fault.New(fault.Invalid, "%s does not belong to this inbox.", a.Team.Name)
		}
		return t.Give(agent(u), a)
	}, nil
}

// mentions are the users that a comment calls, teams taken apart. Who cannot see the inbox is not called: they could not look.
func (d *door) mentions(ctx context.Context, thread string, called []MentionIn) ([]events.Mention, error) {
	if len(called) == 0 {
		return nil, nil
	}
	head, err := d.store.Threads.Head(ctx, thread)
	if err != nil {
		return nil, err
	}
	var out []events.Mention
	add := func(id, team string) error {
		u, err := d.store.Settings.User(ctx, id)
		if err != nil {
			return err
		}
		access, err := d.store.Settings.Access(ctx, u)
		if err != nil {
			return err
		}
		if !u.Disabled && access.Sees(head.Inbox) && !slices.ContainsFunc(out, func(m events.Mention) bool { return m.ID == id }) {
			out = append(out, events.Mention{ID: id, Name: u.Name, Team: team})
		}
		return nil
	}
	for _, m := range called {
		ids := []string{m.User}
		if m.Team != "" {
			t, err := d.store.Settings.Team(ctx, m.Team)
			if fault.Is(err, fault.NotFound) {
				return nil, fault.New(fault.Invalid, "There is no team %.60q.", m.Team)
			}
			if err != nil {
				return nil, err
			}
			ids = t.Members
		}
		for _, id := range ids {
			if err := add(id, m.Team); fault.Is(err, fault.NotFound) && m.Team == "" {
				return nil, fault.New(fault.Invalid, "There is no user %.60q.", id)
			} else if err != nil && !fault.Is(err, fault.NotFound) {
				return nil, err
			}
		}
	}
	if len(out) > inbox.MaxMentions {
		return nil, fault.New(fault.Invalid, "A comment calls at most %d people.", inbox.MaxMentions)
	}
	return out, nil
}
