package inbox

import (
	"strings"

	"parley/events"
	"parley/shared/fault"
)

// Reply sends an agent's answer and owes its delivery, m.Delivery. m.Held holds that delivery until it is released. Who answers a thread
// that nobody owns takes it.
func (t Thread) Reply(by events.Actor, m events.MessageSent) (Decision, error) {
	if err := t.mustExist(); err != nil {
		return Decision{}, err
	}
	if len(m.To) == 0 && m.Delivery == "" && t.Channel == ChannelChat { // read in the widget, at once
		m.Held = false
	} else if err := addressed(m); err != nil {
		return Decision{}, err
	}
	if err := complete(m); err != nil {
		return Decision{}, err
	}
	d := Decision{Actor: by}
	if t.Status == Closed {
		d.Facts = append(d.Facts, events.ThreadReopened{Cause: "reply"})
	}
	if t.Folder != Inboxed {
		d.Facts = append(d.Facts, events.ThreadFiled{Why: &events.Why{Rule: "reply"}})
	}
	d.Facts = append(d.Facts, t.botTaken(by)...)
	d = d.send(m)
	d.Facts = append(d.Facts, t.taken(by)...)
	return d, nil
}

// Forward passes a message of the thread, m.Forwards, on to people who are not on it.
func (t Thread) Forward(by events.Actor, m events.MessageSent) (Decision, error) {
	if err := t.mustExist(); err != nil {
		return Decision{}, err
	}
	if m.Forwards < 1 || m.Forwards > t.Seq {
		return Decision{}, fault.New(fault.NotFound, "There is no such message to forward.")
	}
	if err := addressed(m); err != nil {
		return Decision{}, err
	}
	if err := complete(m); err != nil {
		return Decision{}, err
	}
	return Decision{Actor: by}.send(m), nil
}

// Begin begins a thread with a message of the team's, which is its writer's.
func (t Thread) Begin(by events.Actor, o events.ThreadOpened, m events.MessageSent) (Decision, error) {
	if err := t.mayOpen(o); err != nil {
		return Decision{}, err
	}
	if err := addressed(m); err != nil {
		return Decision{}, err
	}
	if err := complete(m); err != nil {
		return Decision{}, err
	}
	d := Decision{Actor: by, Facts: []events.Fact{o}}.send(m)
	d.Facts = append(d.Facts, t.taken(by)...)
	return d, nil
}

// addressed refuses a message that nobody would receive.
func addressed(m events.MessageSent) error {
	switch {
	case len(m.To) == 0:
		return fault.New(fault.Invalid, "A message needs at least one recipient.")
	case m.Delivery == "":
		return fault.New(fault.Invalid, "A message to somebody's mailbox needs a delivery.")
	}
	return nil
}

// complete refuses a message that nobody could read.
func complete(m events.MessageSent) error {
	switch {
	case strings.TrimSpace(m.Body.Text) == "" && m.Body.TextRef == "" && len(m.Attachments) == 0:
		return fault.New(fault.Invalid, "A message needs text.")
	case m.Message == "":
		return fault.New(fault.Invalid, "A message needs an id.")
	}
	return nil
}

// send adds a message and the job that delivers it, if it goes to a mailbox.
func (d Decision) send(m events.MessageSent) Decision {
	d.Facts = append(d.Facts, m)
	if m.Delivery != "" {
		d.Jobs = append(d.Jobs, Job{ID: m.Delivery, Kind: JobMail, Fact: len(d.Facts) - 1, Held: m.Held})
	}
	return d
}

// Withdraw takes a held message back that has not been released. Whoever decides that must end the hold of its delivery in the same
// transaction. A thread that began with it is closed: nobody knows of it.
func (t Thread) Withdraw(by events.Actor, w events.MessageWithdrawn) (Decision, error) {
	if err := t.mustExist(); err != nil {
		return Decision{}, err
	}
	if w.Message == "" || w.Delivery == "" || w.Sent == 0 {
		return Decision{}, fault.New(fault.Invalid, "To withdraw a message takes its id, its entry and its delivery.")
	}
	d := Decision{Actor: by}
	if a, ok := t.held(w.Sent); ok && t.Status == Closed && !a.Waited.IsZero() { // "send and close", taken back
		d.Facts = append(d.Facts, events.ThreadReopened{Cause: "withdrawn"})
	}
	d.Facts = append(d.Facts, w)
	if t.Messages == 1 && t.Comments == 0 && t.Status == Open {
		d.Facts = append(d.Facts, events.ThreadClosed{})
	}
	return d, nil
}

// Retry gives a message to the carrier once more for the addresses that it has not reached. Whoever decides that must make its delivery
// ready again in the same transaction.
func (t Thread) Retry(by events.Actor, r events.MessageRetried) (Decision, error) {
	if err := t.mustExist(); err != nil {
		return Decision{}, err
	}
	if r.Message == "" || r.Delivery == "" || r.Sent == 0 || len(r.To) == 0 {
		return Decision{}, fault.New(fault.Invalid, "To retry a message takes its id, its entry, its delivery and an address.")
	}
	return Decision{Actor: by, Facts: []events.Fact{r}}, nil
}

// SeeUndelivered says that an agent has seen to it that a message did not reach somebody.
func (t Thread) SeeUndelivered(by events.Actor) (Decision, error) {
	if err := t.mustExist(); err != nil {
		return Decision{}, err
	}
	if t.Undelivered == 0 {
		return Decision{}, nil
	}
	return Decision{Actor: by, Facts: []events.Fact{events.ThreadUndeliveredSeen{}}}, nil
}
