package chatflow

import "time"

// State is where a walk stands.
type State string

// The states. All but waiting and working are ends; a walk that was handed off or taken over may be handed back.
const (
	Waiting   State = "waiting"   // for the visitor
	Working   State = "working"   // an effect is owed
	HandedOff State = "handedOff" // people have it
	Completed State = "completed"
	Abandoned State = "abandoned" // the visitor was silent for too long
	TakenOver State = "takenOver" // an agent wrote or took it
)

// Session is one visitor's walk through a bot. Number is the turn that led to it: a turn is taken for the number before it, once.
type Session struct {
	Flow    string            `json:"flow"`
	Version int64             `json:"version"`
	Number  int64             `json:"number"`
	State   State             `json:"state" enum:"waiting,working,handedOff,completed,abandoned,takenOver"`
	Step    string            `json:"step,omitempty"` // where it stands
	Tries   int               `json:"tries,omitempty"`
	Phase   string            `json:"phase,omitempty"` // of subscribe: "email", then "consent"
	Vars    map[string]string `json:"vars,omitempty"`
	Effect  *Effect           `json:"effect,omitempty"` // what is owed while working
	Then    string            `json:"then,omitempty"`   // step behind the effect
	Quick   []Choice          `json:"quick,omitempty"`  // replies that a code step offers
	Hops    int               `json:"hops,omitempty"`   // steps since the visitor last wrote
	Calls   int               `json:"calls,omitempty"`  // webhooks and runs of code since then
	Asked   bool              `json:"asked,omitempty"`  // a person was asked for while nobody was there
	Flows   int               `json:"flows,omitempty"`  // other bots that it has gone on in
	Seq     int64             `json:"seq,omitempty"`    // entry of the thread up to which it has listened
	Put     int64             `json:"put,omitempty"`    // entry of its newest question, as far as an input has said
	Page    string            `json:"page,omitempty"`   // where the visitor wrote last
	Lang    string            `json:"lang,omitempty"`   // in which language their chat is
	Since   time.Time         `json:"since"`            // when it began
	At      time.Time         `json:"at"`               // when it last moved
}

// Over reports whether the bot says nothing more by itself.
func (s Session) Over() bool { return s.State != Waiting && s.State != Working }

// InputKind is what wakes a walk.
type InputKind string

// The inputs.
const (
	InStart   InputKind = "start"   // the visitor opened the conversation
	InSay     InputKind = "say"     // the visitor wrote
	InResult  InputKind = "result"  // an effect is done
	InTimeout InputKind = "timeout" // the visitor is silent
	InTaken   InputKind = "taken"   // an agent wrote or took the conversation
	InBack    InputKind = "back"    // an agent handed it back
)

// Input is everything a turn looks at besides the version and the session. It is recorded, so the turn can be taken again.
type Input struct {
	Kind   InputKind `json:"kind" enum:"start,say,result,timeout,taken,back"`
	At     time.Time `json:"at"`
	Seq    int64     `json:"seq,omitempty"` // of the entry that says it
	Text   string    `json:"text,omitempty" maxLength:"8192"`
	Seen   *int64    `json:"seen,omitempty"` // say: the newest entry that the visitor saw when they wrote; nil if that is not known
	Put    int64     `json:"put,omitempty"`  // say: entry of the newest question
	Result *Result   `json:"result,omitempty"`
	World  World     `json:"world,omitzero"`
}

// World is what is so outside of the walk at the time of a turn.
type World struct {
	Page     string            `json:"page,omitempty" maxLength:"2048"` // "": where it was before
	Lang     string            `json:"lang,omitempty" maxLength:"8"`    // of the visitor's chat: "de"; "": as it was before
	Contact  map[string]string `json:"contact,omitempty"`               // by name: name, email, domain, phone, properties
	Company  map[string]string `json:"company,omitempty"`
	Open     bool              `json:"open,omitempty"`     // the inbox is within its hours
	There    bool              `json:"there,omitempty"`    // somebody is there
	Teams    []string          `json:"teams,omitempty"`    // those that there are, by id
	Users    []string          `json:"users,omitempty"`    // those who can be given a conversation
	Meetings map[string]string `json:"meetings,omitempty"` // meeting links by user
	Bots     map[string]Entry  `json:"bots,omitempty"`     // published bots of the account, by id
}

// Entry is where another bot is entered.
type Entry struct {
	Version int64  `json:"version"`
	Start   string `json:"start"`
}

// EffectKind is what a turn wants done outside.
type EffectKind string

// The effects. Those that Awaited names are done after the turn, one at a time, and their result is the next input; the others are part of
// the change of the thread in which the turn is kept.
const (
	DoContact  EffectKind = "contact"  // set a property of the contact
	DoCompany  EffectKind = "company"  // set a property of the company
	DoConsent  EffectKind = "consent"  // keep what was agreed to
	DoWebhook  EffectKind = "webhook"  // ask a server
	DoCode     EffectKind = "code"     // run a script
	DoList     EffectKind = "list"     // put the contact on a list, or take it off
	DoTicket   EffectKind = "ticket"   // make a ticket
	DoArticle  EffectKind = "article"  // look an answer up
	DoPriority EffectKind = "priority" // of the thread
	DoTag      EffectKind = "tag"      // of the thread
	DoHandoff  EffectKind = "handoff"  // give the thread to people
	DoClose    EffectKind = "close"    // close the thread
)

// Awaited reports whether the walk waits for the result.
func (k EffectKind) Awaited() bool {
	switch k {
	case DoContact, DoCompany, DoConsent, DoWebhook, DoCode, DoList, DoTicket, DoArticle:
		return true
	}
	return false
}

// Effect is one thing that a turn wants done. Its ID is the same whenever the turn is taken again: by it, it is done once.
type Effect struct {
	ID       string            `json:"id"`
	Kind     EffectKind        `json:"kind" enum:"contact,company,consent,webhook,code,list,ticket,article,priority,tag,handoff,close"`
	Step     string            `json:"step"`
	Property string            `json:"property,omitempty"` // contact, company
	Value    string            `json:"value,omitempty"`    // contact, company, priority; ticket: its subject
	Given    bool              `json:"given,omitempty"`    // consent
	Purpose  string            `json:"purpose,omitempty"`  // consent
	Text     string            `json:"text,omitempty"`     // consent: the words; code, article: what the visitor wrote
	Page     string            `json:"page,omitempty"`     // consent, webhook
	Webhook  *WebhookStep      `json:"webhook,omitempty"`
	Source   string            `json:"source,omitempty"` // code
	Vars     map[string]string `json:"vars,omitempty"`   // webhook, code: what is known
	Contact  map[string]string `json:"contact,omitempty"`
	Add      []string          `json:"add,omitempty"` // tag, list
	Remove   []string          `json:"remove,omitempty"`
	To       string            `json:"to,omitempty"`  // handoff: routing, team, user
	Who      string            `json:"who,omitempty"` // handoff: the team or user
	Why      string            `json:"why,omitempty"` // handoff: "step", "gone" (whom the step names), "asked", "again" (they wrote after the end), "unanswered", "stuck", "loop", "missing", "failed"
}

// Result is what came of an effect.
type Result struct {
	Effect string            `json:"effect"` // its id
	Failed string            `json:"failed,omitempty"`
	Vars   map[string]string `json:"vars,omitempty"` // what it puts into variables
	Say    []Bubble          `json:"say,omitempty"`  // code, article: what the bot is to say
	Quick  []Choice          `json:"quick,omitempty"`
	Next   string            `json:"next,omitempty"` // code: the exit
	Wait   bool              `json:"wait,omitempty"` // code: an answer is expected before the walk goes on
}

// Line is one message of the bot's.
type Line struct {
	Step string `json:"step"`
	Bubble
	Delay   int      `json:"delay,omitempty"`
	Ask     AskKind  `json:"ask,omitempty"`     // the visitor is asked for this
	Choices []string `json:"choices,omitempty"` // quick replies
}

// MarkKind is what is counted of a step.
type MarkKind string

// What is counted. Of a whole bot: started, completed, abandoned, handedOff (one who writes again after the end is handed off too); of a step:
// reached, and of one that asks, of everybody who reached it and is not there any more, answered or left.
const (
	MarkStarted   MarkKind = "started"
	MarkCompleted MarkKind = "completed"
	MarkAbandoned MarkKind = "abandoned"
	MarkHandedOff MarkKind = "handedOff"
	MarkReached   MarkKind = "reached"
	MarkAnswered  MarkKind = "answered"
	MarkLeft      MarkKind = "left"
)

// Mark is one thing to count.
type Mark struct {
	Kind MarkKind `json:"kind"`
	Step string   `json:"step,omitempty"`
}

// Turn is what one input makes of a session.
type Turn struct {
	Session Session  `json:"session"`
	Lines   []Line   `json:"lines,omitempty"`
	Effects []Effect `json:"effects,omitempty"`
	Marks   []Mark   `json:"marks,omitempty"`
}

// Record is a turn as it was taken. From it and the version the session can be walked again, to the same bytes.
type Record struct {
	Flow    string `json:"flow"`
	Version int64  `json:"version"`
	Input   Input  `json:"input"`
	Turn    Turn   `json:"turn"`
}
