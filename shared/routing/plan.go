// Package routing is the domain of who gets a conversation: ordered rules, and the choice among people.
//
// Owns: Plan (the rules of an inbox), which rule fits a conversation, who of those it names is chosen, and the reasons for all of it.
// Never: clock, randomness, I/O, store: loads, turns and lots come in. Imported by: store, functions.
package routing

import (
	"slices"
	"strings"
	"unicode/utf8"

	"parley/events"
	"parley/shared/fault"
)

// Plan says who gets the new conversations of an inbox: the first rule that fits decides, else what its chatflow, form or account says, else Rest.
type Plan struct {
	Inbox string     `json:"inbox"`
	Rules []PlanRule `json:"rules"`
	// Sources say it for one account, chatflow or form, by id.
	Sources map[string]Target `json:"sources"`
	Rest    Target            `json:"rest"`
	// AwayMinutes is how long an owner may be away until what they have not answered goes to somebody else; 0 for ever.
	AwayMinutes int   `json:"awayMinutes" minimum:"0" maximum:"10080"`
	Revision    int64 `json:"revision,omitempty"`
}

// PlanRule is one rule: it fits if all its conditions hold.
type PlanRule struct {
	ID   string          `json:"id,omitempty" maxLength:"40"`
	Name string          `json:"name" maxLength:"100"`
	On   bool            `json:"on"`
	If   []PlanCondition `json:"if" maxItems:"20"`
	Then Target          `json:"then"`
}

// Kind is what a condition looks at.
type Kind string

// The kinds.
const (
	OfChannel  Kind = "channel"  // "email", "chat"
	OfAccount  Kind = "account"  // id of the account it came to
	OfSubject  Kind = "subject"  // contains one of some words
	OfText     Kind = "text"     // of the first message, and its subject
	OfLanguage Kind = "language" // of the first message: "en", "de" …
	OfContact  Kind = "contact"  // a property of its person: Property
)

// PlanCondition holds if what it looks at is one of Values, or (subject, text, and of a contact with Part) contains one. Letters' case makes no
// difference. Not turns it round.
type PlanCondition struct {
	Kind     Kind     `json:"kind" enum:"channel,account,subject,text,language,contact"`
	Property string   `json:"property,omitempty" maxLength:"60"`
	Part     bool     `json:"part,omitempty"`
	Not      bool     `json:"not,omitempty"`
	Values   []string `json:"values" minItems:"1" maxItems:"50"`
}

// Way is how one of several is chosen.
type Way string

// The ways.
const (
	Least  Way = "least"  // who has least to do; of equals whose turn it is
	Round  Way = "round"  // in turn
	Random Way = "random" // by lot
)

// Target is whom a rule names.
type Target struct {
	Kind  TargetKind `json:"kind" enum:"none,people,owner"`
	Users []string   `json:"users,omitempty" maxItems:"100"`
	Teams []string   `json:"teams,omitempty" maxItems:"50"`
	Way   Way        `json:"way,omitempty" enum:",least,round,random"`
	// InHours passes over who is not at work by the hours of their team, or of the inbox.
	InHours bool `json:"inHours,omitempty"`
}

// TargetKind is what a target names.
type TargetKind string

// None leaves it to nobody; People is one of some users and teams; Owner is who owns the contact, and if they cannot, one of the users and teams.
const (
	None   TargetKind = "none"
	People TargetKind = "people"
	Owner  TargetKind = "owner"
)

// Rest, source and team are what Routing.Rule says where no rule decided.
const (
	FromRest   = "rest"
	FromSource = "source"
	FromTeam   = "team" // a bot handed it to a team
)

// Limits of a plan.
const (
	MaxRules   = 50
	MaxSources = 200
)

// Check refuses a plan that means nothing.
func (p Plan) Check() error {
	if len(p.Rules) > MaxRules || len(p.Sources) > MaxSources {
		return fault.New(fault.Invalid, "An inbox has at most %d rules, and %d of single channels.", MaxRules, MaxSources)
	}
	if p.AwayMinutes < 0 || p.AwayMinutes > 7*24*60 {
		return fault.New(fault.Invalid, "Who is away loses conversations after a minute to a week, or never (0).")
	}
	for i, r := range p.Rules {
		if n := utf8.RuneCountInString(strings.TrimSpace(r.Name)); n == 0 || n > 100 {
			return fault.New(fault.Invalid, "Rule %d needs a name of at most 100 characters.", i+1)
		}
		if r.ID == "" || slices.ContainsFunc(p.Rules[:i], func(o PlanRule) bool { return o.ID == r.ID }) {
			return fault.New(fault.Invalid, "Rule %d has the id of another one, or none.", i+1)
		}
		for _, c := range r.If {
			if err := c.check(); err != nil {
				return err
			}
		}
		if err := r.Then.check(); err != nil {
			return err
		}
	}
	for _, t := range p.Sources {
		if err := t.check(); err != nil {
			return err
		}
	}
	return p.Rest.check()
}

func (c PlanCondition) check() error {
	switch {
	case !slices.Contains([]Kind{OfChannel, OfAccount, OfSubject, OfText, OfLanguage, OfContact}, c.Kind):
		return fault.New(fault.Invalid, "There is no condition on %.20q.", c.Kind)
	case (c.Kind == OfContact) != (c.Property != ""):
		return fault.New(fault.Invalid, "A property belongs to a condition on the contact.")
	case len(c.Values) == 0 || slices.ContainsFunc(c.Values, func(v string) bool { return strings.TrimSpace(v) == "" || len(v) > 200 }):
		return fault.New(fault.Invalid, "A condition needs values of at most 200 bytes each.")
	}
	return nil
}

func (t Target) check() error {
	switch {
	case t.Kind != None && t.Kind != People && t.Kind != Owner:
		return fault.New(fault.Invalid, "A rule gives to none, people or owner, not %.20q.", t.Kind)
	case t.Kind == People && len(t.Users)+len(t.Teams) == 0:
		return fault.New(fault.Invalid, "A rule that gives to people names users or teams.")
	case t.Kind == None && len(t.Users)+len(t.Teams) > 0:
		return fault.New(fault.Invalid, "A rule that leaves a conversation to nobody names nobody.")
	case t.Kind != None && len(t.Users)+len(t.Teams) > 0 && t.Way != Least && t.Way != Round && t.Way != Random:
		return fault.New(fault.Invalid, "People are chosen by least, round or random, not %.20q.", t.Way)
	}
	return nil
}

// Names are the users and teams that the plan names, for whoever checks that they exist.
func (p Plan) Names() (users, teams []string) {
	add := func(t Target) { users, teams = append(users, t.Users...), append(teams, t.Teams...) }
	for _, r := range p.Rules {
		add(r.Then)
	}
	for _, t := range p.Sources {
		add(t)
	}
	add(p.Rest)
	return users, teams
}

// Question is what the rules look at of a conversation.
type Question struct {
	Channel, Account, Chatflow string
	Subject, Text              string
	Language                   string            // of the text, "" if it cannot be told
	Contact                    map[string]string // properties by name
}

// Ruling is which rule decides.
type Ruling struct {
	Target Target
	Rule   string // its id, FromSource, FromTeam or FromRest
	Source string // with FromSource: the chatflow, form or account that decides, by id; with FromTeam: the team
	Name   string
	Steps  []events.RouteStep
}

// Turn names whose people take turns among themselves: those of a rule, of one source, of a team, of the rest.
func (r Ruling) Turn() string {
	if r.Source != "" {
		return r.Rule + ":" + r.Source
	}
	return r.Rule
}

// OfTeam is the ruling for what was given to a team: whoever of it has least to do.
func OfTeam(id, name string) Ruling {
	return Ruling{Target: Target{Kind: People, Teams: []string{id}, Way: Least}, Rule: FromTeam, Source: id, Name: name}
}

// Rule finds the rule that decides.
func (p Plan) Rule(q Question) Ruling {
	var out Ruling
	for _, r := range p.Rules {
		if !r.On {
			continue
		}
		step := r.fits(q)
		out.Steps = append(out.Steps, step)
		if step.Fits {
			out.Target, out.Rule, out.Name = r.Then, r.ID, r.Name
			return out
		}
	}
	out.Target, out.Rule = p.Rest, FromRest
	for _, source := range []string{q.Chatflow, q.Account} {
		if t, ok := p.Sources[source]; ok && source != "" {
			out.Target, out.Rule, out.Source = t, FromSource, source
			break
		}
	}
	if out.Target.Kind == "" {
		out.Target.Kind = None
	}
	return out
}

// maxSaw bounds what a step repeats of what it saw, in runes.
const maxSaw = 80

func (r PlanRule) fits(q Question) events.RouteStep {
	step := events.RouteStep{Rule: r.ID, Name: r.Name, Fits: true}
	for _, c := range r.If {
		saw, held := c.holds(q)
		step.Because, step.Saw = string(c.Kind), short(saw)
		if c.Kind == OfContact {
			step.Because += "." + c.Property
		}
		if !held {
			step.Fits = false
			return step
		}
	}
	return step
}

// holds reports whether a condition holds, and what it saw: the word that was found, or what there was instead.
func (c PlanCondition) holds(q Question) (saw string, held bool) {
	part := c.Part
	switch c.Kind {
	case OfChannel:
		saw = q.Channel
	case OfAccount:
		saw = q.Account
	case OfSubject:
		saw, part = q.Subject, true
	case OfText:
		saw, part = q.Subject+"\n"+q.Text, true
	case OfLanguage:
		saw = q.Language
	case OfContact:
		saw = q.Contact[c.Property]
	}
	low := strings.ToLower(saw)
	for _, v := range c.Values {
		v = strings.ToLower(strings.TrimSpace(v))
		if low == v || part && strings.Contains(low, v) {
			if part {
				saw = v
			}
			return saw, !c.Not
		}
	}
	if part {
		saw = ""
	}
	return saw, c.Not
}

func short(s string) string {
	if utf8.RuneCountInString(s) <= maxSaw {
		return s
	}
	return string([]rune(s)[:maxSaw]) + "…"
}
