package events

// Contact is a person as a fact remembers them: the id resolves in people, name and address are what was true then.
type Contact struct {
	ID      string `json:"id"`
	Name    string `json:"name,omitempty"`
	Address string `json:"address,omitempty"` // email address, lower-case
	// Claimed: the address was typed by whoever chats, and nobody has proved it.
	Claimed bool `json:"claimed,omitempty"`
}

// Why is a decision as it can be shown to a person: the rule that decided and what it looked at.
type Why struct {
	Rule   string            `json:"rule"`
	Inputs map[string]string `json:"inputs,omitempty"`
}

// ThreadOpened begins every thread: it is entry 1.
type ThreadOpened struct {
	Inbox    string  `json:"inbox"`
	Account  string  `json:"account"`
	Channel  string  `json:"channel"` // inbox.Channel
	Subject  string  `json:"subject"`
	Contact  Contact `json:"contact"`
	Origin   string  `json:"origin,omitempty"`   // id of the thread that its first message answered, when it was taken for a matter of its own
	Chatflow string  `json:"chatflow,omitempty"` // id of the chatflow that it began in
}

// Assignee is who owns a thread. Kind is "agent": a team is no owner, it stands beside (Team).
type Assignee struct {
	Kind string `json:"kind"`
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
}

// ThreadAssigned gives a thread an owner, or none (To is nil). The team stays as it was if Team is nil.
type ThreadAssigned struct {
	To      *Assignee `json:"to"`
	Why     *Why      `json:"why,omitempty"`
	Team    *TeamRef  `json:"team,omitempty"`    // whose thread it is now; an empty id for no team's
	Routing *Routing  `json:"routing,omitempty"` // if the rules did it
}

// ThreadClosed says nothing more is owed.
type ThreadClosed struct{}

// ThreadReopened says something is owed again. Cause is "message" (the contact wrote), "reply", "bounce" (a message of ours came back),
// "withdrawn" (the answer before the closing was taken back) or "agent" (by hand).
type ThreadReopened struct {
	Cause string `json:"cause"`
}

// ThreadFiled moves a thread to a folder, or back to the inbox (""). By hand (the actor is an agent), or by the filters.
type ThreadFiled struct {
	Folder string `json:"folder"` // inbox.Folder
	Why    *Why   `json:"why,omitempty"`
}

// ThreadContactChanged says that somebody else is the person of this conversation than was thought.
type ThreadContactChanged struct {
	Contact Contact `json:"contact"`
	Why     *Why    `json:"why,omitempty"`
}

// ThreadUndeliveredSeen says that an agent has seen to it that a message of the thread did not reach somebody.
type ThreadUndeliveredSeen struct{}

// CommentAdded is an internal note; no customer ever sees it.
type CommentAdded struct {
	Comment string `json:"comment"` // id
	Body    Body   `json:"body"`
	Preview string `json:"preview"`
	// Mentions are whom it calls.
	Mentions []Mention `json:"mentions,omitempty"`
}

func (ThreadOpened) FactType() (string, int)          { return "thread.opened", 1 }
func (ThreadAssigned) FactType() (string, int)        { return "thread.assigned", 1 }
func (ThreadClosed) FactType() (string, int)          { return "thread.closed", 1 }
func (ThreadReopened) FactType() (string, int)        { return "thread.reopened", 1 }
func (ThreadFiled) FactType() (string, int)           { return "thread.filed", 1 }
func (ThreadContactChanged) FactType() (string, int)  { return "thread.contact-changed", 1 }
func (ThreadUndeliveredSeen) FactType() (string, int) { return "thread.undelivered-seen", 1 }
func (CommentAdded) FactType() (string, int)          { return "comment.added", 1 }
