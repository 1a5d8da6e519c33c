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
	Folder       Folder           `json:"folder,omitempty"`
	Filed        *events.Why      `json:"filed,omitempty"`
	Origin       string           `json:"origin,omitempty"`
	Assignee     *events.Assignee `json:"assignee,omitempty"`
	Team         *events.TeamRef  `json:"team,omitempty"`
	Tags         []events.TagRef  `json:"tags,omitempty"`
	Priority     Priority         `json:"priority,omitempty"` // absent: normal
	Snooze       *Snooze          `json:"snooze,omitempty"`
	Bot          *Bot             `json:"bot,omitempty"`      // that has it
	Mentions     []string         `json:"mentions,omitempty"` // users who were called and have neither spoken since nor seen it
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
	Undelivered  int64            `json:"undelivered,omitempty"` // seq of the newest message.bounced that nobody has seen to
}

// Summary returns what a list shows.
func (t Thread) Summary() Summary {
	return Summary{
		ID: t.ID, Inbox: t.Inbox, Account: t.Account, Channel: t.Channel, Subject: t.Subject, Contact: t.Contact, Status: t.Status,
		Folder: t.Folder, Filed: t.Filed, Origin: t.Origin, Assignee: t.Assignee, Seq: t.Seq, Preview: t.Preview, PreviewBy: t.PreviewBy, PreviewNote: t.PreviewNote, Messages: t.Messages,
		Comments: t.Comments, Files: t.Files, Problems: t.Problems, OpenedAt: t.OpenedAt, ActiveAt: t.ActiveAt,
		WaitingSince: t.WaitingSince, ClosedAt: t.ClosedAt, Undelivered: t.Undelivered,
		Team: t.Team, Tags: t.Tags, Priority: t.Priority, Snooze: t.Snoozed, Mentions: t.Mentions, Bot: t.Bot,
	}
}

// Entry is one line of a thread's log, typed: exactly one of the pointers is set, by Type.
type Entry struct {
	Seq        int64                        `json:"seq"`
	ID         string                       `json:"id"`
	At         time.Time                    `json:"at"`
	Type       string                       `json:"type"`
	Actor      events.Actor                 `json:"actor"`
	Opened     *events.ThreadOpened         `json:"opened,omitempty"`
	Received   *events.MessageReceived      `json:"received,omitempty"`
	Sent       *events.MessageSent          `json:"sent,omitempty"`
	Comment    *events.CommentAdded         `json:"comment,omitempty"`
	Assigned   *events.ThreadAssigned       `json:"assigned,omitempty"`
	Reopened   *events.ThreadReopened       `json:"reopened,omitempty"`
	Filed      *events.ThreadFiled          `json:"filed,omitempty"`
	Contact    *events.ThreadContactChanged `json:"contactChanged,omitempty"`
	Withdrawn  *events.MessageWithdrawn     `json:"withdrawn,omitempty"`
	Retried    *events.MessageRetried       `json:"retried,omitempty"`
	Bounced    *events.MessageBounced       `json:"bounced,omitempty"`
	Complained *events.MessageComplained    `json:"complained,omitempty"`
	Tagged     *events.ThreadTagged         `json:"tagged,omitempty"`
	Priority   *events.ThreadPrioritised    `json:"prioritised,omitempty"`
	Snoozed    *events.ThreadSnoozed        `json:"snoozed,omitempty"`
	Woken      *events.ThreadWoken          `json:"woken,omitempty"`
	Moved      *events.ThreadMoved          `json:"moved,omitempty"`
	BotStarted *events.BotStarted           `json:"botStarted,omitempty"`
	BotEnded   *events.BotEnded             `json:"botEnded,omitempty"`
	Ticket     *events.TicketMade           `json:"ticket,omitempty"`
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
	case events.ThreadFiled:
		out.Filed = &f
	case events.ThreadContactChanged:
		out.Contact = &f
	case events.MessageWithdrawn:
		out.Withdrawn = &f
	case events.MessageRetried:
		out.Retried = &f
	case events.MessageBounced:
		out.Bounced = &f
	case events.MessageComplained:
		out.Complained = &f
	case events.ThreadTagged:
		out.Tagged = &f
	case events.ThreadPrioritised:
		out.Priority = &f
	case events.ThreadSnoozed:
		out.Snoozed = &f
	case events.ThreadWoken:
		out.Woken = &f
	case events.ThreadMoved:
		out.Moved = &f
	case events.BotStarted:
		out.BotStarted = &f
	case events.BotEnded:
		out.BotEnded = &f
	case events.TicketMade:
		out.Ticket = &f
	case events.ThreadClosed, events.ThreadUndeliveredSeen, events.MentionSeen:
	default:
		return Entry{}, fmt.Errorf("inbox: no entry for %T", f)
	}
	return out, nil
}
