// Package dispatch is the desk that finds a conversation an owner: it gathers who there is, what they have to do and when they work, and lets
// routing choose. functions/route asks it to decide, functions/agentapi to show what it would decide.
//
// Owns: what is gathered for a choice. Never: rules (shared/routing), commits. Imported by: functions.
package dispatch

import (
	"context"
	"math/rand/v2"
	"time"

	"parley/events"
	"parley/shared/inbox"
	"parley/shared/routing"
	"parley/shared/store"
)

// Desk decides.
type Desk struct {
	store *store.Store
	now   func() time.Time
}

// New returns a Desk over a store with threads, settings and assignments.
func New(s *store.Store, now func() time.Time) *Desk { return &Desk{s, now} }

// Ask is what is asked of the desk.
type Ask struct {
	routing.Question
	Owner string // the user who owns the contact; "" for nobody
	Cause string // events.Routing.Cause
	Not   string // a user who is not to get it
	// Team: a bot handed it to this team, whatever the rules say; nil for the rules.
	Team *events.TeamRef
}

// Ruling is what decides.
func (a Ask) Ruling(p routing.Plan) routing.Ruling {
	if a.Team != nil {
		return routing.OfTeam(a.Team.ID, a.Team.Name)
	}
	return p.Rule(a.Question)
}

// Found is what was decided, and what it was decided on.
type Found struct {
	routing.Choice
	Routing events.Routing
	Loads   map[string]store.Load // of everybody who came into question
	Turn    store.Turn
}

// Weight is what a conversation of a channel weighs (store.Load).
func Weight(c inbox.Channel) float64 {
	if c == inbox.ChannelChat {
		return 1
	}
	return 0.5
}

// Decide finds the rule of a plan and the person it chooses. What weighs on whom is read consistently; whoever commits the choice makes that a
// condition (store.AtLoads, Assignments.Took) and asks again when it does not hold.
func (d *Desk) Decide(ctx context.Context, p routing.Plan, a Ask) (Found, error) {
	ruling := a.Ruling(p)
	found := Found{Routing: events.Routing{Version: p.Revision, Cause: a.Cause, Rule: ruling.Rule, RuleName: ruling.Name, Steps: ruling.Steps, Way: "none"}}
	if ruling.Target.Kind == routing.None {
		found.Choice.Way = "none"
		return found, nil
	}
	people, err := d.people(ctx, p.Inbox, ruling.Target, a.Owner, &found)
	if err != nil {
		return found, err
	}
	if found.Turn, err = d.store.Assignments.Turn(ctx, p.Inbox, ruling.Turn()); err != nil {
		return found, err
	}
	found.Choice = routing.Choose(ruling.Target, people, a.Owner, Weight(inbox.Channel(a.Channel)), routing.Draw{Last: found.Turn.Last, Lot: rand.Float64(), Not: a.Not})
	r := &found.Routing
	r.Way, r.Passed, r.Candidates = found.Way, found.Passed, found.Count
	if found.To != nil {
		chosen := found.To.As(found.Team, "")
		r.Chosen = &chosen
	} else {
		r.Waits = true
	}
	return found, nil
}

// people are the users whom a target names, as they are now.
func (d *Desk) people(ctx context.Context, inboxID string, t routing.Target, owner string, found *Found) ([]routing.Person, error) {
	users, err := d.store.Settings.Users(ctx)
	if err != nil {
		return nil, err
	}
	teams, err := d.store.Settings.Teams(ctx)
	if err != nil {
		return nil, err
	}
	works, err := d.works(ctx, inboxID, teams)
	if err != nil {
		return nil, err
	}
	var out []routing.Person
	var ids []string
	for _, u := range users {
		p := routing.Person{ID: u.ID, Name: u.Name, Capacity: u.Holds(), Away: u.Away, Disabled: u.Disabled, Viewer: !u.Role.Works(), Works: works}
		for _, team := range teams {
			if team.Has(u.ID) {
				p.Teams = append(p.Teams, team.ID)
			}
		}
		if u.ID != owner && !t.Names(p) {
			continue
		}
		access, err := d.store.Settings.Access(ctx, u)
		if err != nil {
			return nil, err
		}
		p.Member = access.Works(inboxID) || p.Viewer && access.Sees(inboxID)
		out, ids = append(out, p), append(ids, u.ID)
	}
	if found.Loads, err = d.store.Threads.Loads(ctx, ids...); err != nil {
		return nil, err
	}
	for i := range out {
		out[i].Load = found.Loads[out[i].ID].Weight()
	}
	return out, nil
}

// works says for each team, and for the inbox (""), whether it is within its hours; what has none is always.
func (d *Desk) works(ctx context.Context, inboxID string, teams []inbox.Team) (map[string]bool, error) {
	out := map[string]bool{}
	open := func(key, id string) error {
		h, ok, err := d.store.Settings.HoursOf(ctx, id)
		if ok {
			out[key] = h.Open(d.now())
		}
		return err
	}
	in, err := d.store.Settings.KnownInbox(ctx, inboxID)
	if err != nil {
		return nil, err
	}
	if err := open("", in.Hours); err != nil {
		return nil, err
	}
	for _, t := range teams {
		if err := open(t.ID, t.Hours); err != nil {
			return nil, err
		}
	}
	return out, nil
}
