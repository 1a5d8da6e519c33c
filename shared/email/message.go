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
	Content   []byte `json:"-"`
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
	ProblemPanic    = "panic"     // a defect of ours: what had been read before it is in the Message
)

// Message is a mail as far as it could be read.
type Message struct {
	Subject     string            `json:"subject"`
	From        Address           `json:"from"`
	ReplyTo     []Address         `json:"replyTo,omitempty"`
	To          []Address         `json:"to"`
	Cc          []Address         `json:"cc"`
	Date        time.Time         `json:"date"`                 // UTC; zero if the mail says none that can be read
	MessageID   string            `json:"messageId"`            // bare, without <>
	InReplyTo   []string          `json:"inReplyTo,omitempty"`  // bare
	References  []string          `json:"references,omitempty"` // bare, oldest first, the newest limit.MailReferences of them
	Text        string            `json:"text"`                 // the plain text, or made from the HTML; lines end in \n
	HTML        string            `json:"html"`                 // sanitised; cid: links are kept as they are
	Attachments []Attachment      `json:"attachments"`
	Auto        string            `json:"auto"`               // "" or the rule that says no person wrote this: "auto-submitted", "precedence", "list-id" …
	Bounce      bool              `json:"bounce"`             // a delivery status notification (RFC 3464), or an old-style bounce
	Hops        int               `json:"hops"`               // Received fields
	Loop        string            `json:"loop,omitempty"`     // the value of LoopHeader; whose mail it was only Signer.ThreadOfMessageID can say
	BodyHash    string            `json:"bodyHash"`           // SHA-256, hex, of the bytes after the header block
	Verdicts    map[string]string `json:"verdicts,omitempty"` // SES's own fields, e.g. "X-SES-Spam-Verdict": "PASS"
	Problems    []Problem         `json:"problems"`
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
