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
}

// MessageSent is a message of the team's to people outside. Whether and how it arrived are the recipient states of Delivery.
type MessageSent struct {
	Message     string       `json:"message"` // id
	From        Address      `json:"from"`
	To          []Address    `json:"to"`
	Cc          []Address    `json:"cc,omitempty"`
	Subject     string       `json:"subject,omitempty"`
	Body        Body         `json:"body"`
	Preview     string       `json:"preview"`
	Attachments []Attachment `json:"attachments,omitempty"`
	Email       *Email       `json:"email,omitempty"`
	Delivery    string       `json:"delivery"` // id of the job in outbox
}

// MessageBounced says that a message of ours did not reach one address. Terms are SES's ("Bounce types", Amazon SES developer guide).
type MessageBounced struct {
	Message  string `json:"message"`  // id of the MessageSent
	Sent     int64  `json:"sent"`     // seq of its entry
	Delivery string `json:"delivery"` // id of the job in outbox
	Address  string `json:"address"`
	Doubtful bool   `json:"doubtful,omitempty"` // it may have arrived: SES cannot tell such a bounce from an out-of-office answer
	Kind     string `json:"kind"`               // "suppressed", "rejected", or SES's bounce type and subtype: "Permanent/NoEmail"
	Reason   string `json:"reason"`             // what the other server said, or a sentence of ours; words of strangers
}

// MessageComplained says that the person at one address called a message of ours spam.
type MessageComplained struct {
	Message  string `json:"message"`  // id of the MessageSent
	Sent     int64  `json:"sent"`     // seq of its entry
	Delivery string `json:"delivery"` // id of the job in outbox
	Address  string `json:"address"`
	Kind     string `json:"kind,omitempty"` // "abuse", "not-spam" … as the mailbox provider says (IANA, Feedback-Type)
}

func (MessageReceived) FactType() (string, int)   { return "message.received", 1 }
func (MessageSent) FactType() (string, int)       { return "message.sent", 1 }
func (MessageBounced) FactType() (string, int)    { return "message.bounced", 1 }
func (MessageComplained) FactType() (string, int) { return "message.complained", 1 }
