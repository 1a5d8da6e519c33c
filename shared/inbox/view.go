package inbox

import (
	"fmt"
	"time"

	"parley/events"
)

// Summary is what a list shows of a thread: the head without what only answering needs.
type Summary struct {
	ID           string           `json:"id"`
	Inbox        string           `json:"inbox"`
	Account      string           `json:"account"`
	Channel      Channel          `json:"channel"`
	Subject      string           `json:"subject"`
	Contact      events.Contact   `json:"contact"`
	Status       Status           `json:"status"`
	Assignee     *events.Assignee `json:"assignee,omitempty"`
	Seq          int64            `json:"seq"`
	Preview      string           `json:"preview"`
	PreviewBy    events.Actor     `json:"previewBy"`
	PreviewNote  bool             `json:"previewNote,omitempty"`
	Messages     int64            `json:"messages"`
	Comments     int64            `json:"comments"`
	Files        int64            `json:"files"`
	Problems     int64            `json:"problems"`
	OpenedAt     time.Time        `json:"openedAt"`
	ActiveAt     time.Time        `json:"activeAt"`
	WaitingSince time.Time        `json:"waitingSince,omitzero"`
	ClosedAt     time.Time        `json:"closedAt,omitzero"`
}

// Summary returns what a list shows.
func (t Thread) Summary() Summary {
	return Summary{
		ID: t.ID, Inbox: t.Inbox, Account: t.Account, Channel: t.Channel, Subject: t.Subject, Contact: t.Contact, Status: t.Status,
		Assignee: t.Assignee, Seq: t.Seq, Preview: t.Preview, PreviewBy: t.PreviewBy, PreviewNote: t.PreviewNote, Messages: t.Messages,
		Comments: t.Comments, Files: t.Files, Problems: t.Problems, OpenedAt: t.OpenedAt, ActiveAt: t.ActiveAt,
		WaitingSince: t.WaitingSince, ClosedAt: t.ClosedAt,
	}
}

// Entry is one line of a thread's log, typed: exactly one of the pointers is set, by Type.
type Entry struct {
	Seq        int64                     `json:"seq"`
	ID         string                    `json:"id"`
	At         time.Time                 `json:"at"`
	Type       string                    `json:"type"`
	Actor      events.Actor              `json:"actor"`
	Opened     *events.ThreadOpened      `json:"opened,omitempty"`
	Received   *events.MessageReceived   `json:"received,omitempty"`
	Sent       *events.MessageSent       `json:"sent,omitempty"`
	Comment    *events.CommentAdded      `json:"comment,omitempty"`
	Assigned   *events.ThreadAssigned    `json:"assigned,omitempty"`
	Reopened   *events.ThreadReopened    `json:"reopened,omitempty"`
	Bounced    *events.MessageBounced    `json:"bounced,omitempty"`
	Complained *events.MessageComplained `json:"complained,omitempty"`
	// Delivery is what became of a sent message. It is not of the log: it changes after the entry.
	Delivery *Delivery `json:"delivery,omitempty"`
}

// EntryOf types an envelope.
func EntryOf(e events.Envelope) (Entry, error) {
	f, err := e.Open()
	if err != nil {
		return Entry{}, err
	}
	return EntryFor(e, f)
}

// EntryFor is EntryOf for a caller that has the fact of e at hand.
func EntryFor(e events.Envelope, f events.Fact) (Entry, error) {
	out := Entry{Seq: e.Seq, ID: e.ID, At: e.At, Type: e.Type, Actor: e.Actor}
	switch f := f.(type) {
	case events.ThreadOpened:
		out.Opened = &f
	case events.MessageReceived:
		out.Received = &f
	case events.MessageSent:
		out.Sent = &f
	case events.CommentAdded:
		out.Comment = &f
	case events.ThreadAssigned:
		out.Assigned = &f
	case events.ThreadReopened:
		out.Reopened = &f
	case events.MessageBounced:
		out.Bounced = &f
	case events.MessageComplained:
		out.Complained = &f
	case events.ThreadClosed:
	default:
		return Entry{}, fmt.Errorf("inbox: no entry for %T", f)
	}
	return out, nil
}

// DeliveryState is how far a delivery has come.
type DeliveryState string

// States of a delivery. Sent means the carrier took it; what each recipient's server said is the recipient's state.
const (
	DeliveryPending DeliveryState = "pending"
	DeliverySending DeliveryState = "sending"
	DeliverySent    DeliveryState = "sent"
	DeliveryFailed  DeliveryState = "failed"
	DeliveryUnknown DeliveryState = "unknown" // the carrier may or may not have taken it
)

// Final reports whether nothing more will be tried.
func (s DeliveryState) Final() bool { return s == DeliverySent || s == DeliveryFailed }

// Recipient is one address of a delivery and what SES last said of it.
type Recipient struct {
	Address string `json:"address"`
	State   string `json:"state"` // pending, sent, delivered, delayed, bounced, complained, suppressed, failed
	Reason  string `json:"reason,omitempty"`
}

// Delivery is the job that brings one sent message to its recipients, as people may see it.
type Delivery struct {
	ID         string        `json:"id"`
	Thread     string        `json:"thread"`
	Seq        int64         `json:"seq"`
	State      DeliveryState `json:"state"`
	Attempts   int           `json:"attempts"`
	Reason     string        `json:"reason,omitempty"` // why it failed or waits, in words
	Recipients []Recipient   `json:"recipients"`
	Carrier    string        `json:"carrier,omitempty"` // SES's id
	At         time.Time     `json:"at"`                // last change
}
