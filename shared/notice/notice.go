// Package notice is the domain of who is told what, where and when: preferences, quiet hours, and what an entry of a thread is to whom.
//
// Owns: Kind, Prefs, Quiet, Of. Never: clock, I/O, store. Imported by: store, live, functions.
//
// One thing is told to one person once: of several kinds that an entry is to somebody the most urgent counts, and whoever did something is not
// told of it.
package notice

import (
	"slices"
	"time"

	"parley/events"
	"parley/shared/fault"
	"parley/shared/hours"
	"parley/shared/inbox"
)

// Kind is what a notice is about.
type Kind string

// The kinds, the most urgent first.
const (
	Mention  Kind = "mention"  // a comment calls them
	Assigned Kind = "assigned" // a thread became theirs
	Reply    Kind = "reply"    // somebody outside wrote in a thread of theirs
	ToTeam   Kind = "team"     // a thread became their team's, and nobody's
	New      Kind = "new"      // a thread began that is nobody's
)

// Kinds lists them, the most urgent first.
func Kinds() []Kind { return []Kind{Mention, Assigned, Reply, ToTeam, New} }

// Where says where notices of a kind appear.
type Where struct {
	App     bool `json:"app"`     // in the list of notices
	Browser bool `json:"browser"` // as a notification of the browser, while a page is open
	Push    bool `json:"push"`    // on the devices that the user named, while they look at no page
	Email   bool `json:"email"`   // as a mail, if it was not seen within EmailAfter
}

// Quiet is when nothing but the list is written to: no notification in a browser or on a device, and mail waits.
type Quiet struct {
	On    bool   `json:"on"`
	From  string `json:"from" pattern:"^[0-2][0-9]:[0-5][0-9]$"`  // HH:MM
	Until string `json:"until" pattern:"^[0-2][0-9]:[0-5][0-9]$"` // HH:MM; before From it is of the next day
	Days  []int  `json:"days"`                                    // days of work, 1 is Monday; the others are quiet all day
	Zone  string `json:"zone"`                                    // IANA
}

// Prefs are what one user wants to hear of.
type Prefs struct {
	Kinds map[Kind]Where `json:"kinds"`
	Quiet Quiet          `json:"quiet"`
	// Text says that notifications and mails show what was written, and not only who wrote.
	Text  bool `json:"text"`
	Sound bool `json:"sound"`
}

// EmailAfter is how long something may be seen before a mail tells of it.
const EmailAfter = 10 * time.Minute

// Defaults are the preferences of somebody who has not said any (mock page Notifications).
func Defaults() Prefs {
	return Prefs{
		Kinds: map[Kind]Where{
			Mention:  {App: true, Browser: true, Push: true, Email: true},
			Assigned: {App: true, Browser: true, Push: true},
			Reply:    {App: true, Browser: true, Push: true},
			ToTeam:   {App: true}, New: {},
		},
		Quiet: Quiet{From: "18:30", Until: "08:00", Days: []int{1, 2, 3, 4, 5}, Zone: "UTC"},
		Text:  true,
	}
}

// Check refuses preferences that mean nothing, and fills in kinds that are not said.
func (p Prefs) Check() (Prefs, error) {
	kinds := Defaults().Kinds
	for k, w := range p.Kinds {
		if !slices.Contains(Kinds(), k) {
			return p, fault.New(fault.Invalid, "There are no notices of %.20q.", k)
		}
		kinds[k] = w
	}
	p.Kinds = kinds
	if p.Quiet.Days == nil {
		p.Quiet.Days = []int{}
	}
	for _, d := range p.Quiet.Days {
		if d < 1 || d > 7 {
			return p, fault.New(fault.Invalid, "Days are 1 (Monday) to 7 (Sunday), not %d.", d)
		}
	}
	if p.Quiet.From == p.Quiet.Until {
		return p, fault.New(fault.Invalid, "Quiet hours begin and end at different times.")
	}
	return p, p.Quiet.loud().Check()
}

// loud are the hours in which a user may be disturbed.
func (q Quiet) loud() hours.Hours {
	h := hours.Hours{Name: "loud", Zone: q.Zone}
	for _, d := range q.Days {
		switch {
		case q.Until < q.From: // quiet over midnight
			h.Week = append(h.Week, hours.Span{Day: d, From: q.Until, To: q.From})
		default:
			if q.From != "00:00" {
				h.Week = append(h.Week, hours.Span{Day: d, From: "00:00", To: q.From})
			}
			h.Week = append(h.Week, hours.Span{Day: d, From: q.Until, To: "24:00"})
		}
	}
	return h
}

// Disturbs reports whether a user may be disturbed at a moment, and when they may be next if not; ok is false if never.
func (p Prefs) Disturbs(at time.Time) (now bool, next time.Time, ok bool) {
	if !p.Quiet.On {
		return true, at, true
	}
	h := p.Quiet.loud()
	if h.Open(at) {
		return true, at, true
	}
	next, ok = h.Next(at)
	return false, next, ok
}

// Call is one notice: whom it tells, of what.
type Call struct {
	User  string
	Kind  Kind
	Entry inbox.Entry
}

// Team says who is in a team.
type Team func(id string) []string

// Of says whom entries of a thread tell what. before is the head in front of the first of them. New ones are told to workers.
func Of(before inbox.Thread, entries []inbox.Entry, team Team, workers []string) []Call {
	owner, bot := before.Assignee, before.Bot != nil
	var out []Call
	for _, e := range entries {
		told := map[string]Kind{}
		tell := func(k Kind, users ...string) {
			for _, u := range users {
				if old, ok := told[u]; u != "" && !did(e, u) && (!ok || slices.Index(Kinds(), k) < slices.Index(Kinds(), old)) {
					told[u] = k
				}
			}
		}
		switch {
		case e.Comment != nil:
			for _, m := range e.Comment.Mentions {
				tell(Mention, m.ID)
			}
		case e.Assigned != nil:
			owner = e.Assigned.To
			switch {
			case owner != nil && (before.Assignee == nil || owner.ID != before.Assignee.ID):
				tell(Assigned, owner.ID)
			case owner == nil && e.Assigned.Team != nil && e.Assigned.Team.ID != "":
				tell(ToTeam, team(e.Assigned.Team.ID)...)
			}
		case e.BotStarted != nil:
			bot = true
		case e.BotEnded != nil && e.BotEnded.Why != "completed" && e.BotEnded.Why != "abandoned":
			if bot = false; owner == nil && e.BotEnded.Why != "taken" { // for people it begins here
				tell(New, workers...)
			}
		case e.Received != nil && e.Received.Filter == nil && (e.Received.Email == nil || e.Received.Email.Auto == ""):
			if owner != nil {
				tell(Reply, owner.ID)
			} else if before.Seq == 0 && !bot {
				tell(New, workers...)
			}
		}
		for _, u := range slices.Sorted(keys(told)) {
			out = append(out, Call{User: u, Kind: told[u], Entry: e})
		}
	}
	return out
}

func did(e inbox.Entry, user string) bool { return e.Actor.Kind == events.Agent && e.Actor.ID == user }

func keys(m map[string]Kind) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}
