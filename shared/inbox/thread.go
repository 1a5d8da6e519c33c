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
	Folder       Folder           `json:"folder,omitempty"`
	Filed        *events.Why      `json:"filed,omitempty"`  // why it stands in its folder
	Origin       string           `json:"origin,omitempty"` // the thread whose matter it left
	Assignee     *events.Assignee `json:"assignee,omitempty"`
	Team         *events.TeamRef  `json:"team,omitempty"`
	Tags         []events.TagRef  `json:"tags,omitempty"`
	Priority     Priority         `json:"priority,omitempty"`
	Snoozed      *Snooze          `json:"snooze,omitempty"`
	Bot          *Bot             `json:"bot,omitempty"`      // that has it
	Mentions     []string         `json:"mentions,omitempty"` // users who were called and have neither spoken since nor seen it
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
	Pace         Pace             `json:"pace,omitzero"`         // of a chat's visitor
	Held         []Held           `json:"held,omitempty"`        // the newest messages that may be withdrawn, oldest first
	Undelivered  int64            `json:"undelivered,omitempty"` // seq of the newest message.bounced that nobody has seen to; 0 for none
	ClosedAt     time.Time        `json:"closedAt,omitzero"`
	// Of the last incoming message, for answering it.
	LastMessageID  string           `json:"lastMessageId,omitempty"`
	LastReferences []string         `json:"lastReferences,omitempty"`
	LastReplyTo    []events.Address `json:"lastReplyTo,omitempty"` // whom an answer goes to
	LastBcc        bool             `json:"lastBcc,omitempty"`     // it came to us as a blind copy: nobody is to learn that by an answer to all
}

// Pace counts what a chat's visitor has written in the minute that began at At.
type Pace struct {
	At time.Time `json:"at"`
	N  int       `json:"n"`
}

// Flooded reports whether a chat's visitor has written so many messages in the running minute: they may go on when it is over.
func (t Thread) Flooded(now time.Time, most int) bool {
	return t.Pace.N >= most && now.Sub(t.Pace.At) < time.Minute
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
		t.OpenedAt, t.ActiveAt, t.Origin = e.At, e.At, f.Origin
	case events.MessageReceived:
		t.foldReceived(e, f)
	case events.MessageSent:
		t.foldSent(e, f)
		t.foldMentions(e.Actor, nil)
	case events.CommentAdded:
		t.Comments++
		t.show(e, f.Preview, true)
		t.foldMentions(e.Actor, f.Mentions)
	case events.ThreadFiled:
		t.Folder, t.Filed = Folder(f.Folder), f.Why
		if t.Folder == Inboxed {
			t.Filed = nil
		}
	case events.ThreadContactChanged:
		t.foldContact(f.Contact)
	case events.MessageWithdrawn:
		t.foldWithdrawn(e, f)
	case events.MessageBounced:
		if !f.Doubtful {
			t.Undelivered = e.Seq
		}
	case events.MessageRetried, events.ThreadUndeliveredSeen:
		t.seen()
	case events.TicketMade: // it has a life of its own
	case events.MessageComplained: // recipient states say it (inbox.Delivery); the log remembers
	case events.ThreadAssigned:
		t.Assignee = f.To
		if f.Team != nil {
			if t.Team = f.Team; f.Team.ID == "" {
				t.Team = nil
			}
		}
	case events.ThreadTagged:
		t.foldTagged(f)
	case events.ThreadPrioritised:
		t.Priority = Priority(f.Priority)
	case events.ThreadSnoozed:
		t.Snoozed = &Snooze{Until: f.Until, By: e.Actor, At: e.At}
	case events.ThreadWoken:
		t.Snoozed = nil
	case events.ThreadMoved:
		t.Inbox = f.To.ID
	case events.MentionSeen:
		t.foldMentions(e.Actor, nil)
	case events.BotStarted:
		t.foldBotStarted(f)
	case events.BotEnded:
		t.foldBotEnded(e, f)
	case events.ThreadClosed:
		t.Status, t.ClosedAt, t.WaitingSince, t.Undelivered = Closed, e.At, time.Time{}, 0
		t.Snoozed = nil
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
	if f.Email == nil {
		if e.At.Sub(t.Pace.At) >= time.Minute {
			t.Pace = Pace{At: e.At}
		}
		t.Pace.N++
	}
	t.show(e, f.Preview, false)
	people := slices.Concat([]events.Address{f.From}, f.To, f.Cc)
	if f.Email != nil { // the mailbox and the team are not somebody on the thread
		people = slices.DeleteFunc(people, func(a events.Address) bool {
			return a.Email == f.Email.Mailbox || slices.Contains(f.Email.Team, a.Email)
		})
	}
	if !f.ThirdParty {
		t.join(people, false)
	}
	if f.Email != nil && f.Email.Auto != "" || f.Filter != nil && t.Folder == Inboxed && t.Messages > 1 {
		return
	}
	if t.WaitingSince.IsZero() && t.Status == Open && t.Bot == nil {
		t.WaitingSince = e.At
	}
	if f.Email == nil || f.ThirdParty {
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
	t.LastReplyTo, t.LastBcc = f.Email.ReplyTo, f.Email.Bcc
	if len(t.LastReplyTo) == 0 && f.From.Email != "" {
		t.LastReplyTo = []events.Address{f.From}
	}
}

// foldContact makes answers that would go to the old contact go to the new one.
func (t *Thread) foldContact(c events.Contact) {
	t.LastReplyTo = slices.Clone(t.LastReplyTo)
	for i, a := range t.LastReplyTo {
		if a.Email == t.Contact.Address {
			t.LastReplyTo[i] = events.Address{Name: c.Name, Email: c.Address}
		}
	}
	t.Contact = c
}

// show makes an entry the one the list shows.
func (t *Thread) show(e events.Envelope, preview string, note bool) {
	t.Preview, t.PreviewBy, t.PreviewNote, t.ActiveAt = preview, e.Actor, note, e.At
}

// Takes reports whether an address belongs to somebody on the thread.
func (t Thread) Takes(email string) bool {
	return email != "" && (t.Contact.Address == email || slices.ContainsFunc(t.Participants, func(p Participant) bool { return p.Email == email }))
}

// StaleAfter is how long nothing must have happened, or how long a thread must be closed, for a mail under another subject to be another matter.
const StaleAfter = 30 * 24 * time.Hour

// Stale reports whether the matter of the thread is over, as far as can be told.
func (t Thread) Stale(at time.Time) bool {
	return t.Exists() && (at.Sub(t.ActiveAt) > StaleAfter || t.Status == Closed && at.Sub(t.ClosedAt) > StaleAfter)
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
