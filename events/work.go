package events

import "time"

// TeamRef is a team as a fact remembers it.
type TeamRef struct {
	ID   string `json:"id"` // "" for none
	Name string `json:"name,omitempty"`
}

// TagRef is a tag as a fact remembers it: the id resolves in settings, the name is what it was called then.
type TagRef struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Mention is somebody a comment calls. Team is the team through which they were called, if it was that.
type Mention struct {
	ID   string `json:"id"` // a user's
	Name string `json:"name,omitempty"`
	Team string `json:"team,omitempty"` // a team's id
}

// Place is an inbox as a fact remembers it.
type Place struct {
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
}

// Routing is how the rules found a thread an owner, or why they found none: which rule fitted, who came into question and what was said of each.
type Routing struct {
	Version    int64       `json:"version"` // of the inbox's rules
	Cause      string      `json:"cause"`   // "new", "restored", "moved", "reopened", "away" (its owner was away too long), "left" (its owner has no access any more), "handedOff" (by its bot)
	Rule       string      `json:"rule"`    // id of the rule that decided; "source" for what its account or chatflow says, "team" for that of a bot that handed it to one, "rest" for the inbox's own
	RuleName   string      `json:"ruleName,omitempty"`
	Way        string      `json:"way"`              // "none", "least", "round", "random", "owner"
	Steps      []RouteStep `json:"steps,omitempty"`  // the rules that were looked at, in their order, the one that decided last
	Passed     []Candidate `json:"passed,omitempty"` // who was passed over
	Chosen     *Candidate  `json:"chosen,omitempty"`
	Candidates int         `json:"candidates,omitempty"` // how many came into question
	Waits      bool        `json:"waits,omitempty"`      // nobody could take it: it is tried again
}

// RouteStep is one rule and whether it fitted.
type RouteStep struct {
	Rule string `json:"rule"`
	Name string `json:"name,omitempty"`
	Fits bool   `json:"fits"`
	// Because names the condition that decided, and Saw what it was held against.
	Because string `json:"because,omitempty"`
	Saw     string `json:"saw,omitempty"`
}

// Candidate is somebody who came into question. Load and Capacity are in conversations: a chat weighs 1, anything else 0.5.
type Candidate struct {
	ID       string  `json:"id"`
	Name     string  `json:"name,omitempty"`
	Team     string  `json:"team,omitempty"` // through which they came into question
	Load     float64 `json:"load"`
	Capacity float64 `json:"capacity"`
	// Why they were passed over: "away", "full", "hours", "outside" (no member of the inbox), "disabled", "viewer", "turn" (somebody else was next),
	// "busier", "lot"; "" of who was chosen.
	Why string `json:"why,omitempty"`
}

// ThreadTagged adds tags to a thread and takes others off.
type ThreadTagged struct {
	Added   []TagRef `json:"added,omitempty"`
	Removed []TagRef `json:"removed,omitempty"`
}

// ThreadPrioritised says how urgent a thread is: "low", "" (normal), "high", "urgent".
type ThreadPrioritised struct {
	Priority string `json:"priority"`
}

// ThreadSnoozed puts an open thread out of sight until a time, or (the zero time) until somebody outside writes. Who writes ends it in any case.
type ThreadSnoozed struct {
	Until time.Time `json:"until,omitzero"`
}

// ThreadWoken ends a snooze. Cause is "time", "message" (somebody wrote), "bounce" (a message of ours came back) or "agent" (by hand).
type ThreadWoken struct {
	Cause string `json:"cause"`
}

// ThreadMoved brings a thread into another inbox.
type ThreadMoved struct {
	From Place `json:"from"`
	To   Place `json:"to"`
}

// MentionSeen says that the actor has seen where they were mentioned.
type MentionSeen struct{}

func (ThreadTagged) FactType() (string, int)      { return "thread.tagged", 1 }
func (ThreadPrioritised) FactType() (string, int) { return "thread.prioritised", 1 }
func (ThreadSnoozed) FactType() (string, int)     { return "thread.snoozed", 1 }
func (ThreadWoken) FactType() (string, int)       { return "thread.woken", 1 }
func (ThreadMoved) FactType() (string, int)       { return "thread.moved", 1 }
func (MentionSeen) FactType() (string, int)       { return "mention.seen", 1 }
