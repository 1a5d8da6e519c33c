package events

// Contact is a person as a fact remembers them: the id resolves in people, name and address are what was true then.
type Contact struct {
	ID      string `json:"id"`
	Name    string `json:"name,omitempty"`
	Address string `json:"address,omitempty"` // email address, lower-case
}

// Why is a decision as it can be shown to a person: the rule that decided and what it looked at.
type Why struct {
	Rule   string            `json:"rule"`
	Inputs map[string]string `json:"inputs,omitempty"`
}

// ThreadOpened begins every thread: it is entry 1.
type ThreadOpened struct {
	Inbox   string  `json:"inbox"`
	Account string  `json:"account"`
	Channel string  `json:"channel"` // inbox.Channel
	Subject string  `json:"subject"`
	Contact Contact `json:"contact"`
}

// Assignee is who owns a thread. Kind is "agent" today.
type Assignee struct {
	Kind string `json:"kind"`
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
}

// ThreadAssigned gives a thread an owner, or none (To is nil).
type ThreadAssigned struct {
	To  *Assignee `json:"to"`
	Why *Why      `json:"why,omitempty"`
}

// ThreadClosed says nothing more is owed.
type ThreadClosed struct{}

// ThreadReopened says something is owed again. Cause is "message" (the contact wrote), "reply", "bounce" (a message of ours came back)
// or "agent" (by hand).
type ThreadReopened struct {
	Cause string `json:"cause"`
}

// CommentAdded is an internal note; no customer ever sees it.
type CommentAdded struct {
	Comment string `json:"comment"` // id
	Body    Body   `json:"body"`
	Preview string `json:"preview"`
}

func (ThreadOpened) FactType() (string, int)   { return "thread.opened", 1 }
func (ThreadAssigned) FactType() (string, int) { return "thread.assigned", 1 }
func (ThreadClosed) FactType() (string, int)   { return "thread.closed", 1 }
func (ThreadReopened) FactType() (string, int) { return "thread.reopened", 1 }
func (CommentAdded) FactType() (string, int)   { return "comment.added", 1 }
