// Package limit holds every limit of the product, named, with its unit and where it comes from.
//
// Owns: the numbers that doors, errors and docs read.
// Never: logic.
// Imported by: ports, adapters, email, store, functions, infra/local.
package limit

import "time"

// Mail in.
const (
	MailInBytes      = 40 << 20 // bytes of one raw inbound mail: SES's S3 action (SES quotas, "Email receiving")
	MailHeaderBytes  = 256 << 10
	MailHeaders      = 1000
	MailAddresses    = 500
	MailMultiparts   = 15 // multiparts nested in each other that are taken apart (reference: 1,956 real mails have fewer, but one)
	MailParts        = 500  // parts the fallback keeps
	MailHTMLBytes    = 2 << 20
	MailHTMLDepth    = 512
	MailReferences   = 50  // ids of References looked up
	MailAddressBytes = 254 // of one email address: RFC 5321 §4.5.3.1.3 less the brackets
	MailNameRunes    = 200 // display name of an address, as facts keep it
	MailReceivedHops = 50  // Received headers before a mail counts as looping (RFC 5321 §6.3)
)

// Mail out.
const (
	MailOutRecipients = 50       // To+Cc+Bcc of one message (SES quotas)
	MailOutBytes      = 40 << 20 // after base64 (SES quotas, SendEmail v2)
)

// Thread and API.
const (
	SubjectRunes    = 998     // RFC 5322 §2.1.1 line length
	TextBytes       = 1 << 20 // text of one reply or comment
	InlineBodyBytes = 2 << 10 // bodies above live in the bucket
	ThreadPage      = 25      // threads on a page of a view, if the caller does not say
	ThreadPageMax   = 100     // most a caller may ask for
	EntryPage       = 50      // entries on a page of a thread, if the caller does not say
	EntryPageMax    = 200     // most a caller may ask for; also what a resume may carry before it becomes a reset
	IdempotencyKey  = 200     // bytes of an Idempotency-Key
	APIBodyBytes    = 6 << 20 // Lambda's synchronous payload; API Gateway itself takes 10 MB
	CountExact      = 99      // a view's count is exact up to here, then "99+"
	NameBytes       = 256     // display name of a recipient
	QuarantinePage  = 100     // newest mails of the quarantine that are listed
)

// Browser.
const (
	LinkLife    = 15 * time.Minute    // a link to a file, handed to a browser
	SessionLife = 30 * 24 * time.Hour // the refresh cookie (Amazon Cognito's default for a refresh token)
)

// Table (DynamoDB quotas).
const (
	ItemBytes       = 400 << 10
	TransactActions = 100
	BatchGetKeys    = 100
	CommitBudget    = 10 * time.Second // how long one Threads.Do may go on being beaten by others
)

// Sockets (API Gateway WebSocket quotas).
const (
	FrameBytes    = 24 << 10 // frames we send; API Gateway cuts at 32 KB
	MessageBytes  = 128 << 10
	SocketLife    = 2 * time.Hour
	SocketIdle    = 10 * time.Minute
	SocketRowLife = 2*time.Hour + 10*time.Minute
	TicketLife    = 60 * time.Second
	WatchedTopics = 50 // topics one connection may watch
)

// Keeping.
const (
	IdempotencyLife = 7 * 24 * time.Hour
	SendLease       = 90 * time.Second // a delivery in `sending` longer than this is unknown
	WakeAfter       = time.Minute      // a job the stream did not bring to an end by then is looked at by sweep
	SendAttempts    = 8
	SendBackoff     = 10 * time.Second // pause after the first refusal of the carrier; doubles with each
	SendBackoffMost = 20 * time.Minute
	SendTimeout     = 30 * time.Second // one call of the carrier; with what comes before and after, less than SendLease
	StuckAfter      = 10 * time.Minute // a job overdue for longer counts as stuck
	UnknownWait     = 10 * time.Minute // how long an unknown delivery waits for SES's own Send event
)
