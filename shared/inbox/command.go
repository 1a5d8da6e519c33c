package inbox

import (
	"strings"

	"parley/events"
	"parley/shared/fault"
)

// Decision is what a command causes: facts in order, jobs owed because of them, and names it claims. An empty decision changes nothing.
type Decision struct {
	Actor  events.Actor
	Facts  []events.Fact
	Jobs   []Job
	Claims []string // names that may lead to one thread only (Message-IDs); taken ones fail the commit
}

// JobKind says which worker a job is for.
type JobKind string

// JobMail is to deliver the message of a MessageSent by email.
const JobMail JobKind = "mail"

// Job is work owed because of a fact of the same decision.
type Job struct {
	ID   string
	Kind JobKind
	Fact int // index in Decision.Facts
}

// Open begins a thread with its first message.
func (t Thread) Open(o events.ThreadOpened, m events.MessageReceived) (Decision, error) {
	if t.Exists() {
		return Decision{}, fault.New(fault.Conflict, "This conversation has already begun.")
	}
	if o.Inbox == "" || o.Account == "" || o.Channel == "" || o.Contact.ID == "" {
		return Decision{}, fault.New(fault.Invalid, "A conversation needs an inbox, an account, a channel and a contact.")
	}
	return Decision{Actor: visitor(m.Contact), Facts: []events.Fact{o, m}}, nil
}

// Receive adds a message from outside. One that a person wrote reopens a closed thread.
func (t Thread) Receive(m events.MessageReceived) (Decision, error) {
	if err := t.mustExist(); err != nil {
		return Decision{}, err
	}
	d := Decision{Actor: visitor(m.Contact)}
	if t.Status == Closed && (m.Email == nil || m.Email.Auto == "") {
		d.Facts = append(d.Facts, events.ThreadReopened{Cause: "message"})
	}
	d.Facts = append(d.Facts, m)
	return d, nil
}

// Reply sends a message of an agent's and owes its delivery, m.Delivery.
func (t Thread) Reply(by events.Actor, m events.MessageSent) (Decision, error) {
	if err := t.mustExist(); err != nil {
		return Decision{}, err
	}
	if len(m.To) == 0 {
		return Decision{}, fault.New(fault.Invalid, "A reply needs at least one recipient.")
	}
	if strings.TrimSpace(m.Body.Text) == "" && m.Body.TextRef == "" && len(m.Attachments) == 0 {
		return Decision{}, fault.New(fault.Invalid, "A reply needs text.")
	}
	if m.Message == "" || m.Delivery == "" {
		return Decision{}, fault.New(fault.Invalid, "A reply needs an id and a delivery.")
	}
	d := Decision{Actor: by}
	if t.Status == Closed {
		d.Facts = append(d.Facts, events.ThreadReopened{Cause: "reply"})
	}
	d.Facts = append(d.Facts, m)
	d.Jobs = []Job{{ID: m.Delivery, Kind: JobMail, Fact: len(d.Facts) - 1}}
	return d, nil
}

// Bounce notes that a message of ours came back from one address. Unless it may have arrived all the same, a closed thread is open again.
func (t Thread) Bounce(by events.Actor, b events.MessageBounced) (Decision, error) {
	if err := t.mustExist(); err != nil {
		return Decision{}, err
	}
	if b.Message == "" || b.Delivery == "" || b.Address == "" {
		return Decision{}, fault.New(fault.Invalid, "A bounce needs a message, its delivery and an address.")
	}
	d := Decision{Actor: by}
	if t.Status == Closed && !b.Doubtful {
		d.Facts = append(d.Facts, events.ThreadReopened{Cause: "bounce"})
	}
	d.Facts = append(d.Facts, b)
	return d, nil
}

// Complain notes that somebody called a message of ours spam. It changes no status: an answer would make it worse.
func (t Thread) Complain(by events.Actor, c events.MessageComplained) (Decision, error) {
	if err := t.mustExist(); err != nil {
		return Decision{}, err
	}
	if c.Message == "" || c.Delivery == "" || c.Address == "" {
		return Decision{}, fault.New(fault.Invalid, "A complaint needs a message, its delivery and an address.")
	}
	return Decision{Actor: by, Facts: []events.Fact{c}}, nil
}

// Comment adds an internal note.
func (t Thread) Comment(by events.Actor, c events.CommentAdded) (Decision, error) {
	if err := t.mustExist(); err != nil {
		return Decision{}, err
	}
	if strings.TrimSpace(c.Body.Text) == "" && c.Body.TextRef == "" {
		return Decision{}, fault.New(fault.Invalid, "A comment needs text.")
	}
	return Decision{Actor: by, Facts: []events.Fact{c}}, nil
}

// Assign gives the thread an owner; nil takes it from whoever has it.
func (t Thread) Assign(by events.Actor, to *events.Assignee, why *events.Why) (Decision, error) {
	if err := t.mustExist(); err != nil {
		return Decision{}, err
	}
	same := to == nil && t.Assignee == nil || to != nil && t.Assignee != nil && to.Kind == t.Assignee.Kind && to.ID == t.Assignee.ID
	if same {
		return Decision{}, nil
	}
	return Decision{Actor: by, Facts: []events.Fact{events.ThreadAssigned{To: to, Why: why}}}, nil
}

// SetStatus closes or reopens the thread by hand.
func (t Thread) SetStatus(by events.Actor, s Status) (Decision, error) {
	if err := t.mustExist(); err != nil {
		return Decision{}, err
	}
	switch {
	case s != Open && s != Closed:
		return Decision{}, fault.New(fault.Invalid, "A conversation is either open or closed, not %q.", s)
	case s == t.Status:
		return Decision{}, nil
	case s == Closed:
		return Decision{Actor: by, Facts: []events.Fact{events.ThreadClosed{}}}, nil
	default:
		return Decision{Actor: by, Facts: []events.Fact{events.ThreadReopened{Cause: "agent"}}}, nil
	}
}

// Then joins what two commands cause, the second decided on the head that the first left.
func (d Decision) Then(e Decision) Decision {
	for _, j := range e.Jobs {
		j.Fact += len(d.Facts)
		d.Jobs = append(d.Jobs, j)
	}
	d.Facts = append(d.Facts, e.Facts...)
	d.Claims = append(d.Claims, e.Claims...)
	if d.Actor == (events.Actor{}) {
		d.Actor = e.Actor
	}
	return d
}

func (t Thread) mustExist() error {
	if !t.Exists() {
		return fault.New(fault.NotFound, "There is no such conversation.")
	}
	return nil
}

func visitor(c events.Contact) events.Actor {
	return events.Actor{Kind: events.Visitor, ID: c.ID, Name: c.Name}
}
