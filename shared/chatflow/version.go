package chatflow

import "time"

// Draft is a bot's graph as it is worked on. Visitors never walk it.
type Draft struct {
	Flow      string    `json:"flow"`
	Graph     Graph     `json:"graph"`
	Revision  int64     `json:"revision" doc:"Grows with every change; 0 while nobody has saved one."`
	ChangedBy string    `json:"changedBy,omitempty" doc:"User."`
	ChangedAt time.Time `json:"changedAt,omitzero"`
}

// Version is a graph as it was published. It never changes: sessions end in the version in which they began.
type Version struct {
	Flow   string    `json:"flow"`
	Number int64     `json:"number"`
	Graph  Graph     `json:"graph"`
	By     string    `json:"by" doc:"User."`
	At     time.Time `json:"at"`
}

// Fault says what is wrong with a graph.
type Fault string

// The faults. Those that Blocks names keep a draft from being published; the others are advice.
const (
	FaultEmpty       Fault = "empty"       // there is no step, or no first one
	FaultMissing     Fault = "missing"     // an exit leads to a step that is not there
	FaultUnreachable Fault = "unreachable" // no way leads to the step
	FaultDeadEnd     Fault = "deadEnd"     // an exit leads nowhere
	FaultLoop        Fault = "loop"        // steps lead back to themselves without asking anything
	FaultNoHuman     Fault = "noHuman"     // no way from here leads to a person or an end
	FaultToken       Fault = "token"       // a text names what is not there
	FaultSettings    Fault = "settings"    // the step is not filled in, or badly
	FaultTwice       Fault = "twice"       // two steps have this id
	FaultGone        Fault = "gone"        // it names a team, user, tag, property or bot that is not there
)

// Faults lists the faults.
func Faults() []Fault {
	return []Fault{
		FaultEmpty, FaultMissing, FaultUnreachable, FaultDeadEnd, FaultLoop, FaultNoHuman, FaultToken, FaultSettings, FaultTwice, FaultGone,
	}
}

// Finding is one thing that the check found, and exactly where.
type Finding struct {
	Fault Fault  `json:"fault" enum:"empty,missing,unreachable,deadEnd,loop,noHuman,token,settings,twice,gone"`
	Step  string `json:"step,omitempty" doc:"Id of the step; absent: the whole bot."`
	Exit  string `json:"exit,omitempty" doc:"Of the step: id of the choice, branch or exit; fail, away; absent for next."`
	On    string `json:"on,omitempty" doc:"What it is about: the token, the setting, the id that is gone."`
	Text  string `json:"text" doc:"The same in words."`
	Block bool   `json:"block" doc:"It keeps the bot from being published."`
}
