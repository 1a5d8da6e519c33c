package routing

import (
	"slices"

	"parley/events"
)

// Person is somebody who may come into question.
type Person struct {
	ID, Name string
	Teams    []string
	Load     float64 // what weighs on them, in conversations
	Capacity float64
	Away     bool
	Disabled bool
	Viewer   bool            // their role owns no conversations
	Member   bool            // they belong to the inbox
	Works    map[string]bool // by team, whether it is within its hours; "" for those of the inbox
}

// Draw is what chance and the past bring in: who had the last turn, a lot in [0,1), and who is not to get it again.
type Draw struct {
	Last string
	Lot  float64
	Not  string
}

// Choice is who is chosen.
type Choice struct {
	To     *Person // nil: nobody can take it, or nobody is to
	Team   string  // whose thread it is: the team of who was chosen, or the one team that is to take it
	Way    string  // "none", "owner", or how among several
	Passed []events.Candidate
	Count  int // how many came into question
}

// MaxPassed bounds who is named as passed over.
const MaxPassed = 50

// Choose picks who of a target gets a conversation of a weight. owner is who owns its contact, "" for nobody. Nobody is chosen who is away, at
// capacity, without access, or no member of the inbox.
func Choose(t Target, people []Person, owner string, weight float64, d Draw) Choice {
	if t.Kind == None || t.Kind == "" {
		return Choice{Way: "none"}
	}
	c := Choice{Way: string(t.Way)}
	if t.Kind == Owner {
		if i := slices.IndexFunc(people, func(p Person) bool { return owner != "" && p.ID == owner }); i >= 0 {
			c.Count++
			why := people[i].cannot("", t.InHours, weight, d.Not)
			if why == "" {
				c.To, c.Way = &people[i], string(Owner)
				return c
			}
			c.pass(people[i], "", why)
		}
		if c.Way == "" {
			c.Way = string(Owner)
		}
	}
	type able struct {
		Person
		team string
	}
	var ables []able
	for _, p := range people {
		team, named := t.names(p)
		if !named || t.Kind == Owner && p.ID == owner {
			continue
		}
		c.Count++
		if why := p.cannot(team, t.InHours, weight, d.Not); why != "" {
			c.pass(p, team, why)
			continue
		}
		ables = append(ables, able{p, team})
	}
	if len(t.Teams) == 1 && len(t.Users) == 0 {
		c.Team = t.Teams[0]
	}
	if len(ables) == 0 {
		return c
	}
	// Whose turn it is: in the order of ids, behind who had the last one.
	slices.SortFunc(ables, func(a, b able) int {
		if a.ID > d.Last != (b.ID > d.Last) {
			if a.ID > d.Last {
				return -1
			}
			return 1
		}
		return compare(a.ID, b.ID)
	})
	chosen, why := 0, "turn"
	switch t.Way {
	case Random:
		chosen, why = min(int(d.Lot*float64(len(ables))), len(ables)-1), "lot"
	case Least:
		for i, a := range ables {
			if a.Load < ables[chosen].Load {
				chosen = i
			}
		}
	}
	for i, a := range ables {
		if i == chosen {
			continue
		}
		passed := why
		if t.Way == Least && a.Load > ables[chosen].Load {
			passed = "busier"
		}
		c.pass(a.Person, a.team, passed)
	}
	c.To = &ables[chosen].Person
	if ables[chosen].team != "" {
		c.Team = ables[chosen].team
	}
	return c
}

func compare(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// Names reports whether a target names somebody, but for the owner.
func (t Target) Names(p Person) bool {
	_, named := t.names(p)
	return named
}

// names reports whether a target names somebody, and through which team; named themselves they come without one.
func (t Target) names(p Person) (team string, named bool) {
	if slices.Contains(t.Users, p.ID) {
		return "", true
	}
	for _, team := range t.Teams {
		if slices.Contains(p.Teams, team) {
			return team, true
		}
	}
	return "", false
}

// cannot says why somebody cannot take a conversation; "" if they can.
func (p Person) cannot(team string, inHours bool, weight float64, not string) string {
	working, known := p.Works[team]
	if !known {
		working, known = p.Works[""]
	}
	switch {
	case p.Disabled:
		return "disabled"
	case p.Viewer:
		return "viewer"
	case !p.Member:
		return "outside"
	case p.Away || p.ID == not:
		return "away"
	case inHours && known && !working:
		return "hours"
	case p.Load+weight > p.Capacity:
		return "full"
	}
	return ""
}

func (c *Choice) pass(p Person, team, why string) {
	if len(c.Passed) < MaxPassed {
		c.Passed = append(c.Passed, p.As(team, why))
	}
}

// As is a person as facts remember them.
func (p Person) As(team, why string) events.Candidate {
	return events.Candidate{ID: p.ID, Name: p.Name, Team: team, Load: p.Load, Capacity: p.Capacity, Why: why}
}
