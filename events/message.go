package events

import "time"

// Address is a mail address with its display name.
type Address struct {
	Name  string `json:"name,omitempty"`
	Email string `json:"email"`
}

// Body is the content of a message or comment. Text of up to limit.InlineBodyBytes stands here; more stands in the files bucket
// under TextRef, and Text is "". HTML, always sanitised, stands under HTMLRef if there is any.
type Body struct {
	Text    string `json:"text,omitempty"`
	TextRef string `json:"textRef,omitempty"`
	HTMLRef string `json:"htmlRef,omitempty"`
	// Folds are lines of the text that its writer did not write for this message: quotes and signatures, for the page to fold. In the
	// HTML the same stands in <details>.
	Folds []Fold `json:"folds,omitempty"`
}

// Fold is a range of lines, counted from 0 and split at \n: From is the first line in it, To the first one behind it.
type Fold struct {
	From int `json:"from"`
	To   int `json:"to"`
}

// Attachment is a file of a message. Ref is its key in the files bucket.
type Attachment struct {
	Name      string `json:"name"`
	Type      string `json:"type"`
	Size      int64  `json:"size"` // bytes
	SHA256    string `json:"sha256,omitempty"`
	Ref       string `json:"ref"`
	Inline    bool   `json:"inline,omitempty"`
	ContentID string `json:"contentId,omitempty"`
	// Mail says what an attached mail (message/rfc822) is.
	Mail *AttachedMail `json:"mail,omitempty"`
}

// AttachedMail is the head of a mail that came as a file.
type AttachedMail struct {
	From    Address   `json:"from"`
	Subject string    `json:"subject,omitempty"`
	Date    time.Time `json:"date,omitzero"`
}

// Calendar is an invitation, or an answer to one, that came with a message (RFC 5545, RFC 5546).
type Calendar struct {
	Method    string    `json:"method,omitempty"` // "REQUEST", "REPLY", "CANCEL", "PUBLISH" …
	Summary   string    `json:"summary,omitempty"`
	Location  string    `json:"location,omitempty"`
	Organizer Address   `json:"organizer,omitzero"`
	Attendees []Address `json:"attendees,omitempty"`
	Start     time.Time `json:"start,omitzero"`
	End       time.Time `json:"end,omitzero"`
	AllDay    bool      `json:"allDay,omitempty"` // Start and End are days, at midnight UTC; End is the first day after it
	Status    string    `json:"status,omitempty"` // of a REPLY, what the attendee says: "ACCEPTED", "DECLINED", "TENTATIVE"
}

// Filter is what the mail filters say of one message that is not to stand in the inbox: where a conversation that it begins belongs.
type Filter struct {
	Folder string `json:"folder"` // inbox.Folder: "filtered" or "spam"
	Why    Why    `json:"why"`
}

// Problem is something that was wrong with a mail but did not keep it from being taken.
type Problem struct {
	Name   string `json:"name"`
	Detail string `json:"detail,omitempty"`
}

// Email is what only mail has. Ids are bare (no angle brackets).
type Email struct {
	MessageID  string    `json:"messageId,omitempty"` // as the sender set it; of an outgoing message: our own signed id
	InReplyTo  string    `json:"inReplyTo,omitempty"`
	References []string  `json:"references,omitempty"`
	Carrier    string    `json:"carrier,omitempty"` // SES's id of a received mail
	Raw        string    `json:"raw,omitempty"`     // key of the raw message in the mail bucket
	Date       time.Time `json:"date,omitzero"`     // the sender's Date header
	Auto       string    `json:"auto,omitempty"`    // the rule that says no human wrote this; "" if a human did
	ReplyTo    []Address `json:"replyTo,omitempty"`
	Mailbox    string    `json:"mailbox,omitempty"` // the address of ours that a received mail came to
	Bcc        bool      `json:"bcc,omitempty"`     // that address stands in neither To nor Cc
	List       string    `json:"list,omitempty"`    // List-Id of the mailing list it came through (RFC 2919)
	Team       []string  `json:"team,omitempty"`    // addresses of From, To and Cc that are the team's own: they are nobody on the thread
	Crypto     string    `json:"crypto,omitempty"`  // "smime-signed", "smime-encrypted", "pgp-signed", "pgp-encrypted"; nothing is verified
}

// Chat is what only a message written in the widget has.
type Chat struct {
	Client string `json:"client"`          // the browser's own id of the message: with it, it is taken once
	Page   string `json:"page,omitempty"`  // address of the page it was written on
	Title  string `json:"title,omitempty"` // that page's title
	Lang   string `json:"lang,omitempty"`  // language that the chat was shown in: "de"
	// Seen is the newest entry that its page showed when it was written; nil if the page does not say. An answer to what came later it is not.
	Seen *int64 `json:"seen,omitempty"`
}

// MessageReceived is a message from outside.
type MessageReceived struct {
	Message     string       `json:"message"` // id
	Contact     Contact      `json:"contact"` // who wrote it
	From        Address      `json:"from"`
	To          []Address    `json:"to,omitempty"`
	Cc          []Address    `json:"cc,omitempty"`
	Subject     string       `json:"subject,omitempty"`
	Body        Body         `json:"body"`
	Preview     string       `json:"preview"`
	Attachments []Attachment `json:"attachments,omitempty"`
	Email       *Email       `json:"email,omitempty"`
	Why         *Why         `json:"why,omitempty"` // how it found this thread
	// ThirdParty: the sender was not on the thread and did not write to its signed address; knowing an id is no proof. Answers do not
	// go to them by themselves, and they bring nobody onto the thread.
	ThirdParty bool      `json:"thirdParty,omitempty"`
	Problems   []Problem `json:"problems,omitempty"`
	// Via is who sent it when From is the person behind: the agent who forwarded it, the list or form that passed it on.
	Via      *Address   `json:"via,omitempty"`
	Calendar []Calendar `json:"calendar,omitempty"`
	Filter   *Filter    `json:"filter,omitempty"` // nil: it belongs into the inbox
	Chat     *Chat      `json:"chat,omitempty"`
}

// MessageSent is a message of the team's to people outside. Whether and how it arrived are the recipient states of Delivery. In a chat
// the visitor reads it in the widget; To names whom it goes to by mail as well, should they not be there.
type MessageSent struct {
	Message     string       `json:"message"` // id
	From        Address      `json:"from"`
	To          []Address    `json:"to"`
	Cc          []Address    `json:"cc,omitempty"`
	Bcc         []Address    `json:"bcc,omitempty"` // the other recipients never see them
	Subject     string       `json:"subject,omitempty"`
	Body        Body         `json:"body"`
	Preview     string       `json:"preview"`
	Attachments []Attachment `json:"attachments,omitempty"`
	Email       *Email       `json:"email,omitempty"`
	Delivery    string       `json:"delivery"`           // id of the job in outbox
	Forwards    int64        `json:"forwards,omitempty"` // seq of the message that this one passes on; 0 for an answer
	Bot         *BotLine     `json:"bot,omitempty"`      // of a bot's
	Held        bool         `json:"held,omitempty"`     // its delivery waited at first, so that it could be withdrawn
}

// MessageWithdrawn says that a message was taken back before it was given to the carrier: nobody has received it.
type MessageWithdrawn struct {
	Message  string `json:"message"`  // id of the MessageSent
	Sent     int64  `json:"sent"`     // seq of its entry
	Delivery string `json:"delivery"` // id of the job in outbox
}

// MessageRetried says that a message was given to the carrier once more, for addresses that it had not reached.
type MessageRetried struct {
	Message  string   `json:"message"`  // id of the MessageSent
	Sent     int64    `json:"sent"`     // seq of its entry
	Delivery string   `json:"delivery"` // id of the job in outbox
	To       []string `json:"to"`       // the addresses
}

// MessageBounced says that a message of ours did not reach one address. Terms are SES's ("Bounce types", Amazon SES developer guide).
type MessageBounced struct {
	Message  string `json:"message"`  // id of the MessageSent
	Sent     int64  `json:"sent"`     // seq of its entry
	Delivery string `json:"delivery"` // id of the job in outbox
	Address  string `json:"address"`
	Doubtful bool   `json:"doubtful,omitempty"` // it may have arrived: SES cannot tell such a bounce from an out-of-office answer
	Kind     string `json:"kind"`               // "suppressed", "rejected", "failed" (never sent), or SES's bounce type and subtype: "Permanent/NoEmail"
	Reason   string `json:"reason"`             // what the other server said, or a sentence of ours; words of strangers
	Raw      string `json:"raw,omitempty"`      // key in the mail bucket of the mail that says so, if one does (RFC 3464)
	Code     string `json:"code,omitempty"`     // inbox.Reason: why, as a word of ours
}

// MessageComplained says that the person at one address called a message of ours spam.
type MessageComplained struct {
	Message  string `json:"message"`  // id of the MessageSent
	Sent     int64  `json:"sent"`     // seq of its entry
	Delivery string `json:"delivery"` // id of the job in outbox
	Address  string `json:"address"`
	Kind     string `json:"kind,omitempty"` // "abuse", "not-spam" … as the mailbox provider says (IANA, Feedback-Type)
	Raw      string `json:"raw,omitempty"`  // key in the mail bucket of the report, if it came as mail (RFC 5965)
}

func (MessageReceived) FactType() (string, int)   { return "message.received", 1 }
func (MessageSent) FactType() (string, int)       { return "message.sent", 1 }
func (MessageWithdrawn) FactType() (string, int)  { return "message.withdrawn", 1 }
func (MessageRetried) FactType() (string, int)    { return "message.retried", 1 }
func (MessageBounced) FactType() (string, int)    { return "message.bounced", 1 }
func (MessageComplained) FactType() (string, int) { return "message.complained", 1 }
