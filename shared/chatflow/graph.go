package chatflow

import "parley/events"

// Graph is what a bot does: steps that lead to each other. Its JSON is stored and published in versions; fields are only ever added.
type Graph struct {
	Start string `json:"start" maxLength:"40" doc:"Id of the first step."`
	Steps []Step `json:"steps" maxItems:"200"`
	// Timeout is how many minutes a visitor may be silent before the bot gives up; 0 for DefaultTimeout.
	Timeout int `json:"timeout,omitempty" minimum:"0" maximum:"10080" doc:"Minutes of silence after which the session is abandoned; 0 for 30."`
	// Human is what happens when the visitor asks for a person, or the bot cannot go on. nil: the plain hand-off to routing.
	Human *HandoffStep `json:"human,omitempty" doc:"How the visitor reaches a person, whenever they ask for one or the bot cannot go on."`
}

// StepKind is what a step does.
type StepKind string

// The kinds of step.
const (
	StepMessage   StepKind = "message"   // says something
	StepQuestion  StepKind = "question"  // asks, waits, checks the answer
	StepSet       StepKind = "set"       // sets a property of contact, company or thread, or a variable
	StepSubscribe StepKind = "subscribe" // asks for consent to email and keeps the proof
	StepBranch    StepKind = "branch"    // goes on by what is so
	StepMeeting   StepKind = "meeting"   // offers somebody's meeting link
	StepHandoff   StepKind = "handoff"   // gives the conversation to people
	StepWebhook   StepKind = "webhook"   // asks a server of the team's
	StepCode      StepKind = "code"      // runs JavaScript in a sandbox
	StepTag       StepKind = "tag"       // adds and takes off tags
	StepList      StepKind = "list"      // puts the contact on a static list, or takes it off
	StepTicket    StepKind = "ticket"    // makes a ticket
	StepArticle   StepKind = "article"   // looks an answer up
	StepFlow      StepKind = "flow"      // goes on in another bot
	StepEnd       StepKind = "end"       // is done
)

// Kinds lists the kinds of step.
func Kinds() []StepKind {
	return []StepKind{
		StepMessage, StepQuestion, StepSet, StepSubscribe, StepBranch, StepMeeting, StepHandoff, StepWebhook, StepCode, StepTag, StepList, StepTicket, StepArticle, StepFlow, StepEnd,
	}
}

// Step is one node of a graph. Of the members that carry settings, the one that Kind names is set.
//
// Texts may hold tokens: {{contact.name}}, {{contact.<property>}}, {{answer.<name>}} for what a question or a code step put there,
// {{page.url}}; with a bar, what stands in for nothing: {{contact.name|there}}.
type Step struct {
	ID    string   `json:"id" maxLength:"40"`
	Kind  StepKind `json:"kind" enum:"message,question,set,subscribe,branch,meeting,handoff,webhook,code,tag,list,ticket,article,flow,end"`
	Name  string   `json:"name,omitempty" maxLength:"80" doc:"What the team calls it."`
	Next  string   `json:"next,omitempty" maxLength:"40" doc:"Id of the step behind it; of a branch: where none of its branches fits. Nothing after handoff, flow and end."`
	Delay int      `json:"delay,omitempty" minimum:"0" maximum:"10000" doc:"Milliseconds for which the bot seems to type before it."`
	X     float64  `json:"x,omitempty" doc:"Where it stands on the canvas."`
	Y     float64  `json:"y,omitempty"`

	Message   *MessageStep   `json:"message,omitempty"`
	Question  *QuestionStep  `json:"question,omitempty"`
	Set       *SetStep       `json:"set,omitempty"`
	Subscribe *SubscribeStep `json:"subscribe,omitempty"`
	Branch    *BranchStep    `json:"branch,omitempty"`
	Meeting   *MeetingStep   `json:"meeting,omitempty"`
	Handoff   *HandoffStep   `json:"handoff,omitempty"`
	Webhook   *WebhookStep   `json:"webhook,omitempty"`
	Code      *CodeStep      `json:"code,omitempty"`
	Tag       *TagStep       `json:"tag,omitempty"`
	List      *ListStep      `json:"list,omitempty"`
	Ticket    *TicketStep    `json:"ticket,omitempty"`
	Article   *ArticleStep   `json:"article,omitempty"`
	Flow      *FlowStep      `json:"flow,omitempty"`
	End       *EndStep       `json:"end,omitempty"`
}

// MessageStep says one or more bubbles.
type MessageStep struct {
	Bubbles []Bubble `json:"bubbles" maxItems:"10"`
}

// Bubble is one message of a bot's: a text, and perhaps a picture, something to open, or a file.
type Bubble struct {
	Text  string `json:"text,omitempty" maxLength:"1000" doc:"May hold tokens."`
	Image string `json:"image,omitempty" maxLength:"2048" doc:"https address of a picture."`
	Alt   string `json:"alt,omitempty" maxLength:"200" doc:"What the picture shows, in words."`
	Link  string `json:"link,omitempty" maxLength:"2048" doc:"https address of a page or a file."`
	Label string `json:"label,omitempty" maxLength:"80" doc:"What the link is called; nothing for its address."`
	// File is one of the chat's own, as it was kept.
	File *events.BotFile `json:"file,omitempty"`
}

// AskKind is what a question takes as an answer.
type AskKind string

// The kinds of answer.
const (
	AskText   AskKind = "text"
	AskChoice AskKind = "choice" // one of the quick replies
	AskMail   AskKind = "email"
	AskPhone  AskKind = "phone"
	AskNumber AskKind = "number"
	AskDate   AskKind = "date"
)

// QuestionStep asks and waits. An answer that does not fit is asked for again with Retry, at most Tries times; then the visitor goes to Fail,
// or to a person.
type QuestionStep struct {
	Text     string   `json:"text" maxLength:"1000" doc:"May hold tokens."`
	Ask      AskKind  `json:"ask" enum:"text,choice,email,phone,number,date"`
	Into     string   `json:"into,omitempty" maxLength:"40" pattern:"^[a-zA-Z][a-zA-Z0-9_]*$" doc:"Name of the variable that keeps the answer: {{answer.<into>}}. Nothing for the step's id."`
	Property string   `json:"property,omitempty" maxLength:"64" doc:"Property of the contact that the answer is also written to: name, email, phone, or a property's id."`
	Choices  []Choice `json:"choices,omitempty" maxItems:"12" doc:"Quick replies: of a choice the only answers, of other questions suggestions."`
	Min      *float64 `json:"min,omitempty" doc:"Least number."`
	Max      *float64 `json:"max,omitempty" doc:"Greatest number."`
	Retry    string   `json:"retry,omitempty" maxLength:"1000" doc:"Said when the answer does not fit; nothing for words of Parley's."`
	Tries    int      `json:"tries,omitempty" minimum:"0" maximum:"10" doc:"How often it is asked; 0 for 3."`
	Fail     string   `json:"fail,omitempty" maxLength:"40" doc:"Step for who does not answer it; nothing for a person."`
}

// Choice is a quick reply.
type Choice struct {
	ID    string `json:"id" maxLength:"40"`
	Label string `json:"label" maxLength:"60"`
	Next  string `json:"next,omitempty" maxLength:"40" doc:"Where it leads; nothing for the step's next."`
}

// SetStep sets a value. Of a thread only the priority can be set; of a company what the contact's company has.
type SetStep struct {
	On       string `json:"on" enum:"contact,company,thread,answer"`
	Property string `json:"property" maxLength:"64" doc:"contact: name, email, phone or a property's id; company: a property's id; thread: priority; answer: the variable's name."`
	Value    string `json:"value" maxLength:"2000" doc:"May hold tokens; nothing empties it."`
}

// SubscribeStep asks whether the visitor wants email, with the exact words kept as proof. It asks for an address first if none is known.
type SubscribeStep struct {
	Purpose string `json:"purpose" maxLength:"80" doc:"What for: newsletter."`
	Text    string `json:"text" maxLength:"1000" doc:"The exact words that are agreed to; no tokens."`
	Yes     string `json:"yes" maxLength:"60" doc:"The quick reply that agrees."`
	No      string `json:"no" maxLength:"60" doc:"The quick reply that does not."`
}

// BranchStep goes where the first of its branches that fits leads, else to the step's next.
type BranchStep struct {
	Branches []Branch `json:"branches" maxItems:"20"`
}

// Branch fits when all of its tests hold.
type Branch struct {
	ID    string       `json:"id" maxLength:"40"`
	Name  string       `json:"name,omitempty" maxLength:"80"`
	Tests []BranchTest `json:"tests" maxItems:"10"`
	Next  string       `json:"next,omitempty" maxLength:"40"`
}

// BranchTest looks at one thing. hours and available take no name, comparison and value: the inbox is open, somebody is there.
type BranchTest struct {
	On    TestOn `json:"on" enum:"answer,contact,company,page,hours,available"`
	Name  string `json:"name,omitempty" maxLength:"64" doc:"answer: the variable; contact, company: name, email, domain, phone or a property's id."`
	Op    TestOp `json:"op,omitempty" enum:",is,contains,begins,ends,matches,exists,above,below"`
	Value string `json:"value,omitempty" maxLength:"500"`
	Not   bool   `json:"not,omitempty" doc:"It holds when the comparison does not."`
}

// TestOn is what a test looks at.
type TestOn string

// What tests look at.
const (
	OnAnswer    TestOn = "answer"
	OnContact   TestOn = "contact"
	OnCompany   TestOn = "company"
	OnPage      TestOn = "page"
	OnHours     TestOn = "hours"
	OnAvailable TestOn = "available"
)

// TestOp compares, without regard to case.
type TestOp string

// The comparisons. Above and below compare numbers, and days as 2006-01-02.
const (
	TestIs       TestOp = "is"
	TestContains TestOp = "contains"
	TestBegins   TestOp = "begins"
	TestEnds     TestOp = "ends"
	TestMatches  TestOp = "matches" // * for any run of characters
	TestExists   TestOp = "exists"
	TestAbove    TestOp = "above"
	TestBelow    TestOp = "below"
)

// MeetingStep offers the meeting link of a user's profile.
type MeetingStep struct {
	User  string `json:"user" maxLength:"128" doc:"Whose meetings."`
	Text  string `json:"text" maxLength:"1000" doc:"May hold tokens."`
	Label string `json:"label,omitempty" maxLength:"80" doc:"What the link is called."`
}

// HandoffStep gives the conversation to people. The visitor is told: Text, or Away while nobody is there.
type HandoffStep struct {
	To       string `json:"to" enum:"routing,team,user"`
	ID       string `json:"id,omitempty" maxLength:"128" doc:"Of the team or user. One who is gone: routing."`
	Text     string `json:"text" maxLength:"1000" doc:"What the visitor reads; nothing for words of Parley's."`
	Away     string `json:"away,omitempty" maxLength:"1000" doc:"What the visitor reads while nobody is there; nothing for text."`
	AwayNext string `json:"awayNext,omitempty" maxLength:"40" doc:"Step that takes a message while nobody is there; nothing: the conversation is handed over all the same."`
}

// WebhookStep asks a server: POST with JSON, signed. Members of a JSON answer become variables.
type WebhookStep struct {
	URL     string            `json:"url" maxLength:"2048" doc:"https address of the public web."`
	Send    []string          `json:"send,omitempty" maxItems:"50" doc:"Variables that are sent; nothing for all."`
	Map     map[string]string `json:"map,omitempty" doc:"Variable by path in the answer: {\"plan\": \"account.plan\"}. At most 20."`
	Timeout int               `json:"timeout,omitempty" minimum:"0" maximum:"10" doc:"Seconds; 0 for 5."`
	Fail    string            `json:"fail,omitempty" maxLength:"40" doc:"Step for when there is no good answer; nothing for a person."`
}

// CodeStep runs JavaScript: exports.main = (event, callback) => { callback({ botMessage, quickReplies, customState, next }) }. It has no
// network, no timers and no modules; time and memory are bounded.
type CodeStep struct {
	Source string   `json:"source" maxLength:"20000"`
	Exits  []Choice `json:"exits,omitempty" maxItems:"12" doc:"Where the answer's nextModuleNickname leads, by id."`
	Fail   string   `json:"fail,omitempty" maxLength:"40" doc:"Step for when it throws or takes too long; nothing for a person."`
}

// TagStep adds and takes off tags of the conversation, by id.
type TagStep struct {
	Add    []string `json:"add,omitempty" maxItems:"20"`
	Remove []string `json:"remove,omitempty" maxItems:"20"`
}

// ListStep puts the contact on a static list, or takes it off. A visitor who is put on one is a contact from then on.
type ListStep struct {
	List   string `json:"list" maxLength:"64" doc:"Id of a static list."`
	Remove bool   `json:"remove,omitempty" doc:"The contact is taken off it."`
}

// FlowStep goes on in another published bot of the same chat account.
type FlowStep struct {
	Flow string `json:"flow" maxLength:"64"`
}

// EndStep is the end of the walk: the bot says no more.
type EndStep struct {
	Text  string `json:"text,omitempty" maxLength:"1000" doc:"Last words; may hold tokens."`
	Close bool   `json:"close,omitempty" doc:"The conversation is closed."`
}

// Bounds of a bot.
const (
	DefaultTimeout = 30  // minutes
	DefaultTries   = 3   // of a question
	MaxHops        = 100 // steps between two words of the visitor: more is a loop
	MaxCalls       = 20  // webhooks and runs of code between two words of the visitor
	MaxDone        = 60  // lines and effects of one turn before its last step: all of a turn is kept in one transaction
	MaxVariable    = 4000
	MaxVariables   = 100
	MaxVars        = 48 << 10 // bytes of all variables
)

// Step returns a step by id.
func (g Graph) Step(id string) (Step, bool) {
	for _, s := range g.Steps {
		if s.ID == id {
			return s, true
		}
	}
	return Step{}, false
}

// Exit is one way out of a step.
type Exit struct {
	Name string // "" for next; the id of a choice, branch or exit; "fail", "away", "helped"
	To   string // "" leads nowhere
}

// Exits are the ways out of a step, whether they lead anywhere or not.
func (s Step) Exits() []Exit {
	var out []Exit
	switch {
	case s.Kind == StepFlow || s.Kind == StepEnd:
		return nil
	case s.Kind == StepHandoff:
		if s.Handoff != nil && s.Handoff.AwayNext != "" {
			return []Exit{{"away", s.Handoff.AwayNext}}
		}
		return nil
	case s.Question != nil:
		for _, c := range s.Question.Choices {
			if c.Next != "" {
				out = append(out, Exit{c.ID, c.Next})
			}
		}
		if s.Question.Fail != "" {
			out = append(out, Exit{"fail", s.Question.Fail})
		}
		if s.Question.Ask == AskChoice && len(s.Question.Choices) > 0 && len(out) >= len(s.Question.Choices) && s.Next == "" && allLead(s.Question.Choices) {
			return out
		}
	case s.Branch != nil:
		for _, b := range s.Branch.Branches {
			out = append(out, Exit{b.ID, b.Next})
		}
	case s.Article != nil:
		out = append(out, Exit{"helped", s.Article.Helped})
	case s.Webhook != nil:
		if s.Webhook.Fail != "" {
			out = append(out, Exit{"fail", s.Webhook.Fail})
		}
	case s.Code != nil:
		for _, c := range s.Code.Exits {
			out = append(out, Exit{c.ID, c.Next})
		}
		if s.Code.Fail != "" {
			out = append(out, Exit{"fail", s.Code.Fail})
		}
	}
	return append(out, Exit{"", s.Next})
}

func allLead(choices []Choice) bool {
	for _, c := range choices {
		if c.Next == "" {
			return false
		}
	}
	return true
}
