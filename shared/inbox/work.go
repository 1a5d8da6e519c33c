package inbox

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"parley/events"
	"parley/shared/fault"
)

// Priority is how urgent a thread is.
type Priority string

// The priorities.
const (
	Low    Priority = "low"
	Normal Priority = ""
	High   Priority = "high"
	Urgent Priority = "urgent"
)

// Snooze is an open thread out of sight, until a time or (the zero time) until somebody outside writes.
type Snooze struct {
	Until time.Time    `json:"until,omitzero"`
	By    events.Actor `json:"by"`
	At    time.Time    `json:"at"`
}

// Bounds of what a thread carries.
const (
	MaxTags     = 20
	MaxMentions = 50
	maxSnooze   = 366 * 24 * time.Hour
)

// Assignment is whose thread it is to be.
type Assignment struct {
	To      *events.Assignee // nil for nobody
	Team    *events.TeamRef  // nil leaves the team, an empty id takes it away
	Why     *events.Why
	Routing *events.Routing // if the rules did it: then it is noted even if nothing changes
}

// Give gives the thread an owner, a team, or both.
func (t Thread) Give(by events.Actor, a Assignment) (Decision, error) {
	if err := t.mustExist(); err != nil {
		return Decision{}, err
	}
	sameOwner := a.To == nil && t.Assignee == nil || a.To != nil && t.Assignee != nil && a.To.Kind == t.Assignee.Kind && a.To.ID == t.Assignee.ID
	sameTeam := a.Team == nil || t.Team == nil && a.Team.ID == "" || t.Team != nil && t.Team.ID == a.Team.ID
	if sameOwner && sameTeam && a.Routing == nil {
		return Decision{}, nil
	}
	if sameTeam {
		a.Team = nil
	}
	d := Decision{Actor: by, Facts: []events.Fact{events.ThreadAssigned{To: a.To, Team: a.Team, Why: a.Why, Routing: a.Routing}}}
	if a.To != nil {
		d.Facts = append(t.botTaken(by), d.Facts...)
	}
	return d, nil
}

// taken is the owner that an answer gives a thread that has none: who answers first takes it.
func (t Thread) taken(by events.Actor) []events.Fact {
	if t.Assignee != nil || by.Kind != events.Agent || by.ID == "" {
		return nil
	}
	return []events.Fact{events.ThreadAssigned{
		To: &events.Assignee{Kind: string(events.Agent), ID: by.ID, Name: by.Name}, Why: &events.Why{Rule: "first-reply"},
	}}
}

// Tag adds tags and takes others off. What is so already changes nothing.
func (t Thread) Tag(by events.Actor, add, remove []events.TagRef) (Decision, error) {
	if err := t.mustExist(); err != nil {
		return Decision{}, err
	}
	has := func(list []events.TagRef, id string) bool {
		return slices.ContainsFunc(list, func(g events.TagRef) bool { return g.ID == id })
	}
	var f events.ThreadTagged
	for _, g := range add {
		if g.ID != "" && !has(t.Tags, g.ID) && !has(f.Added, g.ID) {
			f.Added = append(f.Added, g)
		}
	}
	for _, g := range remove {
		if has(t.Tags, g.ID) && !has(f.Removed, g.ID) && !has(add, g.ID) {
			f.Removed = append(f.Removed, g)
		}
	}
	switch {
	case len(f.Added)+len(f.Removed) == 0:
		return Decision{}, nil
	case len(t.Tags)+len(f.Added)-len(f.Removed) > MaxTags:
		return Decision{}, fault.New(fault.Invalid, "A conversation has at most %d tags.", MaxTags)
	}
	return Decision{Actor: by, Facts: []events.Fact{f}}, nil
}

// Prioritise says how urgent the thread is.
func (t Thread) Prioritise(by events.Actor, p Priority) (Decision, error) {
	if err := t.mustExist(); err != nil {
		return Decision{}, err
	}
	switch {
	case p != Low && p != Normal && p != High && p != Urgent:
		return Decision{}, fault.New(fault.Invalid, "There is no priority %q: use low, high, urgent, or nothing for normal.", p)
	case p == t.Priority:
		return Decision{}, nil
	}
	return Decision{Actor: by, Facts: []events.Fact{events.ThreadPrioritised{Priority: string(p)}}}, nil
}

// Snooze puts the thread out of sight until a time, or until somebody outside writes (the zero time). now is the time at which that is asked.
func (t Thread) Snooze(by events.Actor, until, now time.Time) (Decision, error) {
	if err := t.mustExist(); err != nil {
		return Decision{}, err
	}
	until = until.UTC().Truncate(time.Millisecond)
	switch {
	case t.Status != Open || t.Folder != Inboxed:
		return Decision{}, fault.New(fault.Conflict, "Only an open conversation can be snoozed.")
	case !until.IsZero() && !until.After(now):
		return Decision{}, fault.New(fault.Invalid, "This time has passed already.")
	case until.Sub(now) > maxSnooze:
		return Decision{}, fault.New(fault.Invalid, "A conversation can be snoozed for a year at most.")
	case t.Snoozed != nil && t.Snoozed.Until.Equal(until):
		return Decision{}, nil
	}
	return Decision{Actor: by, Facts: []events.Fact{events.ThreadSnoozed{Until: until}}}, nil
}

// Wake ends a snooze. Cause is one of ThreadWoken's. A thread that is awake stays so.
func (t Thread) Wake(by events.Actor, cause string) (Decision, error) {
	if err := t.mustExist(); err != nil {
		return Decision{}, err
	}
	if t.Snoozed == nil {
		return Decision{}, nil
	}
	return Decision{Actor: by, Facts: []events.Fact{events.ThreadWoken{Cause: cause}}}, nil
}

// WakeDue is Wake for the clock: only if the time that was set has come.
func (t Thread) WakeDue(by events.Actor, now time.Time) (Decision, error) {
	if t.Snoozed == nil || t.Snoozed.Until.IsZero() || t.Snoozed.Until.After(now) {
		return Decision{}, nil
	}
	return t.Wake(by, "time")
}

// Move brings the thread into another inbox. An owner or a team that does not work there loses it.
func (t Thread) Move(by events.Actor, from, to events.Place, keepOwner, keepTeam bool) (Decision, error) {
	if err := t.mustExist(); err != nil {
		return Decision{}, err
	}
	if to.ID == "" {
		return Decision{}, fault.New(fault.Invalid, "A conversation needs an inbox.")
	}
	if to.ID == t.Inbox {
		return Decision{}, nil
	}
	d := Decision{Actor: by, Facts: []events.Fact{events.ThreadMoved{From: from, To: to}}}
	a := events.ThreadAssigned{To: t.Assignee, Why: &events.Why{Rule: "moved"}}
	if t.Assignee != nil && !keepOwner {
		a.To = nil
	}
	if t.Team != nil && !keepTeam {
		a.Team = &events.TeamRef{}
	}
	if a.To != t.Assignee || a.Team != nil {
		d.Facts = append(d.Facts, a)
	}
	return d, nil
}

// SeeMention says that the actor has seen where they were mentioned.
func (t Thread) SeeMention(by events.Actor) (Decision, error) {
	if err := t.mustExist(); err != nil {
		return Decision{}, err
	}
	if !slices.Contains(t.Mentions, by.ID) {
		return Decision{}, nil
	}
	return Decision{Actor: by, Facts: []events.Fact{events.MentionSeen{}}}, nil
}

// Wants says why somebody has to look for an owner of the thread after a change: "new", "restored", "moved", "reopened", "handedOff"; "" if nobody has to.
func (t Thread) Wants(before Thread) string {
	switch {
	case t.Status != Open || t.Folder != Inboxed || t.Bot != nil:
		return ""
	case before.Exists() && before.Status != Open && t.Messages > before.Messages: // not by hand, and not because one of ours came back
		return "reopened" // whoever has it: they may have left meanwhile
	case t.Assignee != nil:
		return ""
	case !before.Exists():
		return "new"
	case before.Bot != nil:
		return "handedOff"
	case before.Folder != Inboxed:
		return "restored"
	case before.Inbox != t.Inbox:
		return "moved"
	}
	return ""
}

// Routable reports whether the thread is one that may be given an owner by itself: open and in the inbox. A snoozed one waits for nobody, and one
// that a bot has for the visitor.
func (t Thread) Routable() bool {
	return t.Exists() && t.Status == Open && t.Folder == Inboxed && t.Snoozed == nil && t.Bot == nil
}

// Burdens says on whom the thread weighs: its owner, while it is open, in the inbox and not snoozed; "" for nobody.
func (t Thread) Burdens() string {
	if !t.Exists() || t.Status != Open || t.Folder != Inboxed || t.Snoozed != nil || t.Assignee == nil || t.Assignee.Kind != string(events.Agent) {
		return ""
	}
	return t.Assignee.ID
}

// foldTagged changes the tags; the slice is copied: heads are values.
func (t *Thread) foldTagged(f events.ThreadTagged) {
	tags := slices.DeleteFunc(slices.Clone(t.Tags), func(g events.TagRef) bool {
		return slices.ContainsFunc(slices.Concat(f.Removed, f.Added), func(r events.TagRef) bool { return r.ID == g.ID })
	})
	if tags = append(tags, f.Added...); len(tags) == 0 {
		tags = nil
	}
	t.Tags = tags
}

// foldMentions notes whom a comment calls and who has spoken.
func (t *Thread) foldMentions(by events.Actor, called []events.Mention) {
	t.Mentions = without(t.Mentions, func(id string) bool { return id == by.ID && by.Kind == events.Agent })
	for _, m := range called {
		if m.ID != by.ID && !slices.Contains(t.Mentions, m.ID) && len(t.Mentions) < MaxMentions {
			t.Mentions = append(t.Mentions, m.ID)
		}
	}
}

// CleanName is a name as settings keep it, or why it is none: one line, no blanks around it, at most a hundred characters.
func CleanName(name string) (string, error) {
	name = strings.Join(strings.Fields(name), " ")
	return name, checkName(name)
}

// TagRunes bounds a tag's name.
const TagRunes = 40

// CleanTag is a tag's name as it is kept.
func CleanTag(name string) (string, error) {
	name = strings.TrimPrefix(strings.Join(strings.Fields(name), " "), "#")
	if name == "" || utf8.RuneCountInString(name) > TagRunes || strings.ContainsFunc(name, unicode.IsControl) || !utf8.ValidString(name) {
		return "", fault.New(fault.Invalid, "A tag has 1 to %d characters.", TagRunes)
	}
	return name, nil
}
