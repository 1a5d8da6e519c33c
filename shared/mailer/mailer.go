// Package mailer is the port that sends one composed message: SESv2 on AWS, an outbox folder (and a relay) in local mode.
//
// Owns: what an envelope is and what the sender may say back. Never: composing (email), jobs (functions/deliver).
// Imported by: functions/deliver, adapters, host, infra/local.
package mailer

import "context"

// Envelope is one message to send. Raw is complete RFC 5322; the carrier overwrites Message-ID and Date (Amazon SES header fields).
type Envelope struct {
	From string   // bare address, the envelope sender
	To   []string // bare addresses of all recipients, Bcc included; at most limit.MailOutRecipients
	Raw  []byte
	Tags map[string]string // [A-Za-z0-9_-] names and values, returned with every later event
}

// Mailer sends. A coded error is the carrier's definite no (fault.Invalid: refused for good; fault.Busy: throttled, later).
// An uncoded error is unknown: the message may or may not have been accepted; never send it again blindly.
type Mailer interface {
	// Send returns the carrier's id of the message: bare, the local part of the Message-ID that recipients will see.
	Send(ctx context.Context, m Envelope) (id string, err error)
}
