package inbox

import (
	"fmt"
	"slices"
	"time"

	"parley/events"
)

// Participant is a person on a thread besides its contact: anybody who wrote or was in To or Cc.
type Participant struct {
	Name  string `json:"name,omitempty"`
	Email string `json:"email"`
}

// Thread is the head: the fold of the log. Its JSON is stored; fields are only ever added. The zero Thread has not been opened.
type Thread struct {
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
	PreviewNote  bool             `json:"previewNote,omitempty"` // the preview is of a comment
	Messages     int64            `json:"messages"`
	Comments     int64            `json:"comments,omitempty"`
	Files        int64            `json:"files,omitempty"`
	Problems     int64            `json:"problems,omitempty"` // messages that had any
	Participants []Participant    `json:"participants,omitempty"`
	OpenedAt     time.Time        `json:"openedAt"`
	ActiveAt     time.Time        `json:"activeAt"`              // last message or comment
	WaitingSince time.Time        `json:"waitingSince,omitzero"` // first unanswered message of the contact
	ClosedAt     time.Time        `json:"closedAt,omitzero"`
	// Of the last incoming message, for answering it.
	LastMessageID  string           `json:"lastMessageId,omitempty"`
	LastReferences []string         `json:"lastReferences,omitempty"`
	LastReplyTo    []events.Address `json:"lastReplyTo,omitempty"` // whom an answer goes to
}

// Exists reports whether the thread has been opened.
func (t Thread) Exists() bool { return t.Seq > 0 }

// MaxParticipants bounds what a head remembers; later ones stand only in the log.
const MaxParticipants = 100

const maxReferences = 50

// Apply folds one entry onto the head. Entries must come in order: a gap, an unknown fact or a second opening is an error.
func (t Thread) Apply(e events.Envelope) (Thread, error) {
	f, err := e.Open()
	if err != nil {
		return t, err
	}
	return t.With(e, f)
}

// With is Apply for a caller that has the fact of e at hand.
func (t Thread) With(e events.Envelope, f events.Fact) (Thread, error) {
	if e.Seq != t.Seq+1 {
		return t, fmt.Errorf("inbox: entry %d after %d of thread %s", e.Seq, t.Seq, e.Thread)
	}
	if _, opening := f.(events.ThreadOpened); opening == t.Exists() {
		return t, fmt.Errorf("inbox: %s as entry %d of thread %s", e.Type, e.Seq, e.Thread)
	}
	t.Seq = e.Seq
	switch f := f.(type) {
	case events.ThreadOpened:
		t.ID, t.Inbox, t.Account, t.Channel = e.Thread, f.Inbox, f.Account, Channel(f.Channel)
		t.Subject, t.Contact, t.Status = f.Subject, f.Contact, Open
		t.OpenedAt, t.ActiveAt = e.At, e.At
	case events.MessageReceived:
		t.foldReceived(e, f)
	case events.MessageSent:
		t.Messages++
		t.Files += int64(len(f.Attachments))
		t.WaitingSince = time.Time{}
		t.show(e, f.Preview, false)
		t.join(slices.Concat(f.To, f.Cc))
	case events.CommentAdded:
		t.Comments++
		t.show(e, f.Preview, true)
	case events.MessageBounced, events.MessageComplained: // recipient states say it (inbox.Delivery); the log remembers
	case events.ThreadAssigned:
		t.Assignee = f.To
	case events.ThreadClosed:
		t.Status, t.ClosedAt, t.WaitingSince = Closed, e.At, time.Time{}
	case events.ThreadReopened:
		t.Status, t.ClosedAt = Open, time.Time{}
	default:
		return t, fmt.Errorf("inbox: no fold for %T", f)
	}
	return t, nil
}

func (t *Thread) foldReceived(e events.Envelope, f events.MessageReceived) {
	t.Messages++
	t.Files += int64(len(f.Attachments))
	if len(f.Problems) > 0 {
		t.Problems++
	}
	t.show(e, f.Preview, false)
	people := slices.Concat([]events.Address{f.From}, f.To, f.Cc)
	if f.Email != nil { // the mailbox is not somebody on the thread
		people = slices.DeleteFunc(people, func(a events.Address) bool { return a.Email == f.Email.Mailbox })
	}
	if !f.ThirdParty {
		t.join(people)
	}
	if f.Email == nil || f.Email.Auto != "" {
		return
	}
	if t.WaitingSince.IsZero() && t.Status == Open {
		t.WaitingSince = e.At
	}
	if f.ThirdParty {
		return
	}
	t.LastMessageID = f.Email.MessageID
	refs := slices.Clone(f.Email.References)
	if f.Email.MessageID != "" {
		refs = append(refs, f.Email.MessageID)
	}
	if len(refs) > maxReferences { // keep the root and the newest (RFC 5322 §3.6.4 asks for all; mail programs need these)
		refs = append(refs[:1:1], refs[len(refs)-maxReferences+1:]...)
	}
	t.LastReferences = refs
	t.LastReplyTo = f.Email.ReplyTo
	if len(t.LastReplyTo) == 0 && f.From.Email != "" {
		t.LastReplyTo = []events.Address{f.From}
	}
}

// show makes an entry the one the list shows.
func (t *Thread) show(e events.Envelope, preview string, note bool) {
	t.Preview, t.PreviewBy, t.PreviewNote, t.ActiveAt = preview, e.Actor, note, e.At
}

// join remembers people, first come first kept. The slice is copied: heads are values.
func (t *Thread) join(people []events.Address) {
	grown := slices.Clone(t.Participants)
	for _, p := range people {
		if p.Email == "" || len(grown) >= MaxParticipants || slices.ContainsFunc(grown, func(q Participant) bool { return q.Email == p.Email }) {
			continue
		}
		grown = append(grown, Participant(p))
	}
	t.Participants = grown
}

// Takes reports whether an address belongs to somebody on the thread.
func (t Thread) Takes(email string) bool {
	return email != "" && (t.Contact.Address == email || slices.ContainsFunc(t.Participants, func(p Participant) bool { return p.Email == email }))
}

// Fold rebuilds a head from its log.
func Fold(log []events.Envelope) (Thread, error) {
	var t Thread
	for _, e := range log {
		var err error
		if t, err = t.Apply(e); err != nil {
			return t, err
		}
	}
	return t, nil
}
