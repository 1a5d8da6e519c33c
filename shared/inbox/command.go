package inbox

import (
	"strings"
	"time"

	"parley/events"
	"parley/shared/fault"
)

// Decision is what a command causes: facts in order, jobs owed because of them, and names it claims. An empty decision changes nothing.
type Decision struct {
	Actor  events.Actor
	Facts  []events.Fact
	Acts   []events.Actor // who does each fact, where that is not always Actor
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
	Fact int  // index in Decision.Facts
	Held bool // it is not done before somebody releases it
}

// Open begins a thread with its first message.
func (t Thread) Open(o events.ThreadOpened, m events.MessageReceived) (Decision, error) {
	if err := t.mayOpen(o); err != nil {
		return Decision{}, err
	}
	d := Decision{Actor: visitor(m.Contact), Facts: []events.Fact{o, m}}
	if m.Filter != nil {
		d.Facts = append(d.Facts, events.ThreadFiled{Folder: m.Filter.Folder, Why: &m.Filter.Why})
	}
	return d, nil
}

// mayOpen refuses what cannot begin this thread.
func (t Thread) mayOpen(o events.ThreadOpened) error {
	if t.Exists() {
		return fault.New(fault.Conflict, "This conversation has already begun.")
	}
	if o.Inbox == "" || o.Account == "" || o.Channel == "" || o.Contact.ID == "" {
		return fault.New(fault.Invalid, "A conversation needs an inbox, an account, a channel and a contact.")
	}
	return nil
}

// Receive adds a message from outside. One that a person wrote reopens a closed thread.
func (t Thread) Receive(m events.MessageReceived) (Decision, error) {
	if err := t.mustExist(); err != nil {
		return Decision{}, err
	}
	d := Decision{Actor: visitor(m.Contact)}
	person := m.Filter == nil && (m.Email == nil || m.Email.Auto == "")
	if person && t.Status == Closed {
		d.Facts = append(d.Facts, events.ThreadReopened{Cause: "message"})
	}
	d.Facts = append(d.Facts, m)
	if person && t.Snoozed != nil {
		d.Facts = append(d.Facts, events.ThreadWoken{Cause: "message"})
	}
	if t.Folder == Filtered && m.Filter == nil || t.Folder == Trash && person {
		d.Facts = append(d.Facts, events.ThreadFiled{Why: &events.Why{Rule: "passed"}})
	}
	return d, nil
}

// File moves the thread to a folder, or back to the inbox.
func (t Thread) File(by events.Actor, to Folder, why *events.Why) (Decision, error) {
	if err := t.mustExist(); err != nil {
		return Decision{}, err
	}
	switch {
	case to != Inboxed && to != Filtered && to != Spam && to != Trash:
		return Decision{}, fault.New(fault.Invalid, "There is no folder %q: use filtered, spam, trash, or nothing for the inbox.", to)
	case to == t.Folder:
		return Decision{}, nil
	}
	return Decision{Actor: by, Facts: []events.Fact{events.ThreadFiled{Folder: string(to), Why: why}}}, nil
}

// SetContact says who the person of this conversation really is.
func (t Thread) SetContact(by events.Actor, c events.Contact, why *events.Why) (Decision, error) {
	if err := t.mustExist(); err != nil {
		return Decision{}, err
	}
	if c.ID == "" {
		return Decision{}, fault.New(fault.Invalid, "A conversation needs a contact.")
	}
	if c == t.Contact {
		return Decision{}, nil
	}
	return Decision{Actor: by, Facts: []events.Fact{events.ThreadContactChanged{Contact: c, Why: why}}}, nil
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
	if t.Snoozed != nil && !b.Doubtful {
		d.Facts = append(d.Facts, events.ThreadWoken{Cause: "bounce"})
	}
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

// Assign gives the thread an owner; nil takes it from whoever has it. Its team stays.
func (t Thread) Assign(by events.Actor, to *events.Assignee, why *events.Why) (Decision, error) {
	return t.Give(by, Assignment{To: to, Why: why})
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
		return Decision{Actor: by, Facts: append(t.botTaken(by), events.ThreadClosed{})}, nil
	default:
		return Decision{Actor: by, Facts: []events.Fact{events.ThreadReopened{Cause: "agent"}}}, nil
	}
}

// By is who does the ith fact.
func (d Decision) By(i int) events.Actor {
	if i < len(d.Acts) {
		return d.Acts[i]
	}
	return d.Actor
}

// Then joins what two commands of the same actor cause, the second decided on the head that the first left.
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

// After is the head that a decision leaves, for whoever decides the next step on it. The entries' ids are not known yet and matter to no fold.
func (t Thread) After(d Decision, at time.Time) (Thread, error) {
	for i, f := range d.Facts {
		e, err := events.Seal("", t.ID, t.Seq+1, at, d.By(i), f)
		if err != nil {
			return t, err
		}
		if t, err = t.With(e, f); err != nil {
			return t, err
		}
	}
	return t, nil
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
