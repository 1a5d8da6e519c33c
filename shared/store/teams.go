package store

import (
	"context"
	"slices"
	"strings"

	"parley/events"
	"parley/shared/fault"
	"parley/shared/inbox"
)

// Teams returns all teams, oldest first.
func (s *Settings) Teams(ctx context.Context) ([]inbox.Team, error) {
	conf, err := s.load(ctx)
	if err != nil {
		return nil, err
	}
	return slices.Clone(conf.teams), nil
}

// Team returns one team; fault.NotFound if there is none. One that this process does not know yet is looked up.
func (s *Settings) Team(ctx context.Context, id string) (inbox.Team, error) {
	conf, err := s.load(ctx)
	if err != nil {
		return inbox.Team{}, err
	}
	if i := slices.IndexFunc(conf.teams, func(t inbox.Team) bool { return t.ID == id }); i >= 0 {
		return conf.teams[i], nil
	}
	return teamNoun.read(ctx, s, id)
}

// ChangeTeam makes a team (id "") or changes one as decide says; fault.NotFound if there is none of that id.
func (s *Settings) ChangeTeam(ctx context.Context, by events.Actor, id string, decide func(inbox.Team) (inbox.Team, error)) (inbox.Team, error) {
	made := id == ""
	did := "edited"
	if made {
		id, did = s.newID(), "created"
	}
	return teamNoun.change(ctx, s, by, id, did, func(t inbox.Team, exists bool) (inbox.Team, error) {
		if !exists && !made {
			return t, gone(teamNoun.missing)
		}
		t.ID = id
		t, err := decide(t)
		if err != nil {
			return t, err
		}
		if made {
			teams, err := s.Teams(ctx)
			if err != nil {
				return t, err
			}
			if len(teams) >= inbox.MaxTeams {
				return t, fault.New(fault.Invalid, "There are at most %d teams.", inbox.MaxTeams)
			}
		}
		return t, t.Check()
	})
}

// DeleteTeam removes a team. One that belongs to an inbox alone, so that nobody would be left, or that rules name, is fault.Conflict.
func (s *Settings) DeleteTeam(ctx context.Context, by events.Actor, id string) error {
	conf, err := s.read(ctx)
	if err != nil {
		return err
	}
	for _, in := range conf.inboxes {
		if m := in.Members; !m.Everyone && len(m.Users) == 0 && slices.Equal(m.Teams, []string{id}) {
			return fault.New(fault.Conflict, "The inbox %s would have nobody left. Give it other members first.", in.Name)
		}
	}
	for _, in := range conf.inboxes {
		if _, teams := conf.plan(in.ID).Names(); slices.Contains(teams, id) {
			return fault.New(fault.Conflict, "The rules of the inbox %s give conversations to this team. Change them first.", in.Name)
		}
	}
	return teamNoun.remove(ctx, s, by, id, nil)
}

// Tags returns the tags of the workspace by name.
func (s *Settings) Tags(ctx context.Context) ([]inbox.Tag, error) {
	tags, err := tagNoun.list(ctx, s)
	slices.SortFunc(tags, func(a, b inbox.Tag) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
	return tags, err
}

// ChangeTag makes a tag (id "") or changes one. Two of one name are one: making it again answers the one there is. What may
// answers to the revision that is there refuses the change of one.
func (s *Settings) ChangeTag(ctx context.Context, by events.Actor, id, name, colour string, may func(revision int64) error) (inbox.Tag, error) {
	tags, err := s.Tags(ctx)
	if err != nil {
		return inbox.Tag{}, err
	}
	made := id == ""
	for _, t := range tags {
		if !strings.EqualFold(t.Name, name) || t.ID == id {
			continue
		}
		if made {
			return t, nil
		}
		return t, fault.New(fault.Conflict, "There is a tag %s already.", t.Name)
	}
	if made && len(tags) >= inbox.MaxWorkspaceTags {
		return inbox.Tag{}, fault.New(fault.Invalid, "There are at most %d tags.", inbox.MaxWorkspaceTags)
	}
	did := "edited"
	if made {
		id, did = s.newID(), "created"
	}
	return tagNoun.change(ctx, s, by, id, did, func(t inbox.Tag, exists bool) (inbox.Tag, error) {
		if !exists && !made {
			return t, gone(tagNoun.missing)
		}
		if err := may(t.Revision); !made && err != nil {
			return t, err
		}
		if !slices.Contains(inbox.Colours, colour) {
			return t, fault.New(fault.Invalid, "There is no colour %.20q.", colour)
		}
		t.ID, t.Name, t.Colour = id, name, colour
		return t, nil
	})
}

// DeleteTag removes a tag; conversations keep its name until they are changed.
func (s *Settings) DeleteTag(ctx context.Context, by events.Actor, id string) error {
	return tagNoun.remove(ctx, s, by, id, nil)
}

// Access is what one user may do in which inbox.
type Access struct {
	Role    inbox.Role
	works   map[string]bool // inboxes they belong to
	inboxes int
}

// Access says what a user may do where.
func (s *Settings) Access(ctx context.Context, u User) (Access, error) {
	conf, err := s.load(ctx)
	if err != nil {
		return Access{}, err
	}
	return conf.access(u), nil
}

func (c *config) access(u User) Access {
	a := Access{Role: u.Role, works: map[string]bool{}, inboxes: len(c.inboxes)}
	for _, in := range c.inboxes {
		if in.Members.Has(u.ID, c.teams) {
			a.works[in.ID] = true
		}
	}
	return a
}

// Sees reports whether the user may read an inbox.
func (a Access) Sees(inboxID string) bool { return a.Role.SeesAll() || a.works[inboxID] }

// Works reports whether the user belongs to an inbox and may change something in it.
func (a Access) Works(inboxID string) bool { return a.Role.Works() && a.works[inboxID] }

// Everywhere reports whether the answer is the same for every inbox there is, so that nobody need ask which one is meant.
func (a Access) Everywhere() (sees, works bool) {
	all := len(a.works) == a.inboxes
	return a.Role.SeesAll() || all, a.Role.Works() && all
}

// Workers are the users who may own conversations of an inbox.
func (s *Settings) Workers(ctx context.Context, inboxID string) ([]User, error) {
	conf, err := s.load(ctx)
	if err != nil {
		return nil, err
	}
	users, err := s.Users(ctx)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(users, func(u User) bool { return u.Disabled || !conf.access(u).Works(inboxID) }), nil
}

// KnownInbox is Inbox for who may only ask for whole lists: one that this process does not know yet is the zero Inbox.
func (s *Settings) KnownInbox(ctx context.Context, id string) (inbox.Inbox, error) {
	conf, err := s.load(ctx)
	if err != nil {
		return inbox.Inbox{}, err
	}
	for _, in := range conf.inboxes {
		if in.ID == id {
			return in, nil
		}
	}
	return inbox.Inbox{}, nil
}

// Inbox returns one inbox; fault.NotFound if there is none. One that this process does not know yet is looked up.
func (s *Settings) Inbox(ctx context.Context, id string) (inbox.Inbox, error) {
	conf, err := s.load(ctx)
	if err != nil {
		return inbox.Inbox{}, err
	}
	if i := slices.IndexFunc(conf.inboxes, func(in inbox.Inbox) bool { return in.ID == id }); i >= 0 {
		return conf.inboxes[i], nil
	}
	it, err := s.one(ctx, s.n.Settings, settingsKeys.Inbox(id))
	if err != nil {
		return inbox.Inbox{}, err
	}
	if it == nil {
		return inbox.Inbox{}, gone("There is no such inbox.")
	}
	return inboxOf(it)
}

// Known is fault.Invalid for ids of users and teams that do not exist.
func (s *Settings) Known(ctx context.Context, users, teams []string) error {
	for _, id := range users {
		if _, err := s.User(ctx, id); err != nil {
			if fault.Is(err, fault.NotFound) {
				return fault.New(fault.Invalid, "There is no user %.60q.", id)
			}
			return err
		}
	}
	for _, id := range teams {
		if _, err := s.Team(ctx, id); err != nil {
			if fault.Is(err, fault.NotFound) {
				return fault.New(fault.Invalid, "There is no team %.60q.", id)
			}
			return err
		}
	}
	return nil
}
