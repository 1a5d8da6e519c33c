package email

import "time"

// Address is one mailbox. Name is decoded and may be empty. Email is as the sender wrote it (NormaliseAddress gives the
// comparable form); it is empty only for a From that names nobody, such as "MAILER-DAEMON (Mail Delivery System)".
type Address struct {
	Name  string `json:"name"`
	Email string `json:"email"`
}

// Attachment is one part of a mail that is not its text. Name is safe to offer as a file name: it has no path, no control
// or direction-changing characters. Size and SHA256 (hex) are of Content, the decoded bytes. Inline says that the mail
// means it to be seen in its text, where it is called "cid:" + ContentID.
type Attachment struct {
	Name      string `json:"name"`
	Type      string `json:"type"`
	Size      int64  `json:"size"`
	SHA256    string `json:"sha256"`
	Inline    bool   `json:"inline"`
	ContentID string `json:"contentId,omitempty"`
	Mail      *Head  `json:"mail,omitempty"` // of a message/rfc822: whose mail it is
	Content   []byte `json:"-"`
}

// Head is who wrote another mail, and what about: one that is attached, or one that is forwarded in the text.
type Head struct {
	From    Address   `json:"from"`
	Subject string    `json:"subject,omitempty"`
	Date    time.Time `json:"date,omitzero"`
}

// Lines are lines of Message.Text, counted from 0 and split at \n: From is the first of them, To the first one behind them.
type Lines struct {
	From int `json:"from"`
	To   int `json:"to"`
}

// Calendar is an invitation, or an answer to one (RFC 5545, RFC 5546). Status is of a REPLY: what its attendee says.
type Calendar struct {
	Method    string    `json:"method,omitempty"` // "REQUEST", "REPLY", "CANCEL" …
	Summary   string    `json:"summary,omitempty"`
	Location  string    `json:"location,omitempty"`
	Organizer Address   `json:"organizer,omitzero"`
	Attendees []Address `json:"attendees,omitempty"`
	Start     time.Time `json:"start,omitzero"`
	End       time.Time `json:"end,omitzero"`
	AllDay    bool      `json:"allDay,omitempty"` // Start and End are days, at midnight UTC; End is the first day after it
	Status    string    `json:"status,omitempty"`
}

// Report is what a mail system says of one mail of ours (multipart/report, RFC 6522, and the older forms).
type Report struct {
	Kind       ReportKind   `json:"kind"`
	Recipients []Reported   `json:"recipients,omitempty"`
	Original   OriginalMail `json:"original"`
	Feedback   string       `json:"feedback,omitempty"` // of a complaint: its Feedback-Type (RFC 5965), "abuse" …
}

// ReportKind says what a report is about.
type ReportKind string

// The kinds. A bounce's recipients may differ: some failed, some delayed, some delivered.
const (
	ReportBounce    ReportKind = "bounce"    // RFC 3464
	ReportComplaint ReportKind = "complaint" // RFC 5965
	ReportReceipt   ReportKind = "receipt"   // RFC 8098, of a reader
)

// Reported is what a report says of one recipient. Address is as the report has it.
type Reported struct {
	Address    string `json:"address"`
	Action     string `json:"action"`           // "failed", "delayed", "delivered", "relayed", "expanded"; of a receipt its disposition: "displayed" …
	Status     string `json:"status,omitempty"` // RFC 3463, "5.1.1"
	Diagnostic string `json:"diagnostic,omitempty"`
}

// OriginalMail is the mail that a report is about, as far as the report says. Ids are bare.
type OriginalMail struct {
	MessageID  string   `json:"messageId,omitempty"`
	References []string `json:"references,omitempty"` // ours holds our signed id, whatever SES made of the Message-ID
	Loop       string   `json:"loop,omitempty"`       // LoopHeader
	To         []string `json:"to,omitempty"`
	Subject    string   `json:"subject,omitempty"`
}

// Problem is something about a mail that could not be read as meant. Name is one of the Problem constants.
type Problem struct {
	Name   string `json:"name"`
	Detail string `json:"detail"`
}

// The names of problems.
const (
	ProblemGuard    = "guard"     // the structure exceeds package limit; the rest of it was left unread
	ProblemHeader   = "header"    // lines in a header block that are no header fields
	ProblemCharset  = "charset"   // bytes that are not what their charset says, or a charset nobody knows
	ProblemEncoding = "encoding"  // a transfer encoding that is unknown or broken
	ProblemBoundary = "boundary"  // a multipart without boundary, parts or end
	ProblemTooLong  = "truncated" // text or HTML longer than limit.MailHTMLBytes
	ProblemNoFrom   = "no-from"   // no usable From; From was taken from Reply-To or Sender, or is empty
	ProblemDate     = "date"      // a Date that is no date
	ProblemEmpty    = "empty"     // neither text nor HTML nor attachments
	ProblemCalendar = "calendar"  // a calendar without an event, or with a time that cannot be told
	ProblemTNEF     = "tnef"      // a winmail.dat that could not be read, or not to its end; it stays an attachment
	ProblemPanic    = "panic"     // a defect of ours: what had been read before it is in the Message
)

// Message is a mail as far as it could be read.
type Message struct {
	Subject      string            `json:"subject"`
	From         Address           `json:"from"`
	ReplyTo      []Address         `json:"replyTo,omitempty"`
	To           []Address         `json:"to"`
	Cc           []Address         `json:"cc"`
	Date         time.Time         `json:"date"`                 // UTC; zero if the mail says none that can be read
	MessageID    string            `json:"messageId"`            // bare, without <>
	InReplyTo    []string          `json:"inReplyTo,omitempty"`  // bare
	References   []string          `json:"references,omitempty"` // bare, oldest first, the newest limit.MailReferences of them
	Text         string            `json:"text"`                 // the plain text, or made from the HTML; lines end in \n
	HTML         string            `json:"html"`                 // sanitised; cid: links are kept as they are; what Folds holds of the text stands in <details>
	Reply        string            `json:"reply"`                // what the writer wrote for this mail: Text without Folds; all of Text if nothing would be left
	Quoted       string            `json:"quoted"`               // the rest: quotes, signature
	Folds        []Lines           `json:"folds,omitempty"`      // where in Text the rest stands
	Attachments  []Attachment      `json:"attachments"`
	Auto         string            `json:"auto"`                   // "" or the rule that says no person wrote this: "auto-submitted", "precedence", "list-id" …
	Bounce       bool              `json:"bounce"`                 // a delivery status notification (RFC 3464), or an old-style bounce
	Report       *Report           `json:"report,omitempty"`       // what a mail system says of another mail; nil for a letter
	List         string            `json:"list,omitempty"`         // the mailing list's List-Id (RFC 2919), bare
	Crypto       string            `json:"crypto,omitempty"`       // "smime-signed", "smime-encrypted", "pgp-signed", "pgp-encrypted"; nothing is verified or opened
	Calendar     []Calendar        `json:"calendar,omitempty"`     // events that came along; their parts are attachments too
	Forwarded    *Head             `json:"forwarded,omitempty"`    // the mail that this one forwards, if its writer pressed "Forward"
	OriginalFrom *Address          `json:"originalFrom,omitempty"` // X-Original-From: who wrote, when a list put itself into From
	Redirected   string            `json:"redirected,omitempty"`   // whose Exchange mailbox sent it on, or answered, by a rule; lower case
	Hops         int               `json:"hops"`                   // Received fields
	Loop         string            `json:"loop,omitempty"`         // the value of LoopHeader; whose mail it was only Signer.ThreadOfMessageID can say
	Probe        string            `json:"probe,omitempty"`        // the value of ProbeHeader; what it is worth only Signer.ProbeOf can say
	BodyHash     string            `json:"bodyHash"`               // SHA-256, hex, of the bytes after the header block
	Verdicts     map[string]string `json:"verdicts,omitempty"`     // SES's own fields, e.g. "X-SES-Spam-Verdict": "PASS"
	Problems     []Problem         `json:"problems"`
}

// LoopHeader is a field on every mail that we send; its value is the signed Message-ID. A mail that comes in with it is our own come back.
const LoopHeader = "X-Parley-Loop"

// problem notes p once per name: a mail with a thousand broken parts has one problem of that kind, not a thousand.
func (m *Message) problem(name, detail string) {
	for _, p := range m.Problems {
		if p.Name == name {
			return
		}
	}
	m.Problems = append(m.Problems, Problem{Name: name, Detail: detail})
}
