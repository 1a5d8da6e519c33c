package inbox

import (
	"slices"

	"parley/shared/fault"
)

// Role is what somebody may do in the workspace.
type Role string

// The roles. What each may do is one table: functions/agentapi, permissions.
const (
	Admin   Role = "admin"   // everything, the settings too
	Manager Role = "manager" // sees every inbox, and changes how the team works: routing, hours, snippets, chats
	Agent   Role = "agent"   // works in the inboxes they belong to
	Viewer  Role = "viewer"  // reads every inbox and changes nothing
)

// Roles lists them, the mightiest first.
func Roles() []Role { return []Role{Admin, Manager, Agent, Viewer} }

// Known refuses a role that is not there.
func (r Role) Known() error {
	if !slices.Contains(Roles(), r) {
		return fault.New(fault.Invalid, "There is no role %q: use admin, manager, agent or viewer.", r)
	}
	return nil
}

// Works reports whether somebody of this role can own conversations.
func (r Role) Works() bool { return r == Admin || r == Manager || r == Agent }

// SeesAll reports whether somebody of this role reads inboxes that they do not belong to.
func (r Role) SeesAll() bool { return r == Admin || r == Manager || r == Viewer }

// Team is a group of users: it owns conversations until one of them takes them, and belongs to inboxes as one.
type Team struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Colour   string   `json:"colour,omitempty"` // "red", "amber", "green", "blue", "violet", "grey"
	Members  []string `json:"members"`          // users
	Hours    string   `json:"hours,omitempty"`  // id of the hours it works; "" for those of the inbox
	Revision int64    `json:"revision,omitempty"`
}

// Has reports whether a user is in the team.
func (t Team) Has(user string) bool { return slices.Contains(t.Members, user) }

// Bounds of what settings hold.
const (
	MaxTeamMembers = 500
	MaxTeams       = 100
)

// Colours are what a team or a tag may be shown in.
var Colours = []string{"", "red", "amber", "green", "blue", "violet", "grey"}

// Check refuses a team that cannot be shown.
func (t Team) Check() error {
	switch {
	case !slices.Contains(Colours, t.Colour):
		return fault.New(fault.Invalid, "There is no colour %.20q: use red, amber, green, blue, violet or grey.", t.Colour)
	case len(t.Members) > MaxTeamMembers:
		return fault.New(fault.Invalid, "A team has at most %d members.", MaxTeamMembers)
	}
	return checkName(t.Name)
}

// Members says who belongs to an inbox.
type Members struct {
	Everyone bool     `json:"everyone"`
	Users    []string `json:"users,omitempty"` // without everyone: these,
	Teams    []string `json:"teams,omitempty"` // and who is in these teams
}

// Has reports whether a user belongs to the inbox.
func (m Members) Has(user string, teams []Team) bool {
	if m.Everyone || slices.Contains(m.Users, user) {
		return true
	}
	return slices.ContainsFunc(teams, func(t Team) bool { return slices.Contains(m.Teams, t.ID) && t.Has(user) })
}

// HasTeam reports whether a team belongs to the inbox, or would if it were asked: everyone means every team.
func (m Members) HasTeam(team string) bool { return m.Everyone || slices.Contains(m.Teams, team) }

// With is an inbox of other members.
func (in Inbox) With(m Members) (Inbox, error) {
	if m.Everyone {
		m.Users, m.Teams = nil, nil
	} else if len(m.Users)+len(m.Teams) == 0 {
		return in, fault.New(fault.Invalid, "An inbox needs somebody who works in it.")
	}
	if len(m.Users) > MaxTeamMembers || len(m.Teams) > MaxTeams {
		return in, fault.New(fault.Invalid, "An inbox has at most %d members of its own and %d teams.", MaxTeamMembers, MaxTeams)
	}
	in.Members = m
	return in, nil
}

// Tag is a word that conversations are sorted by.
type Tag struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Colour   string `json:"colour,omitempty"`
	Revision int64  `json:"revision,omitempty"`
}

// MaxWorkspaceTags bounds the tags of a workspace: they are read with the settings.
const MaxWorkspaceTags = 500
