// Package sender is the port on our right to send: which domains are proved to be ours, what the carrier lets us do, and the addresses it
// has stopped sending to. Amazon SESv2 on AWS; local mode plays it.
//
// Owns: what an identity, the carrier's account and a suppressed address are. Never: sending (mailer), DNS (dns), what to advise (channel).
// Imported by: functions, adapters, host, infra/local.
package sender

import (
	"context"
	"time"
)

// Status is what the carrier says of a proof.
type Status string

// The statuses. A carrier that stopped looking says Failed, and looks again only for a domain that was forgotten and is to be proved anew.
const (
	Pending  Status = "pending"
	Verified Status = "verified"
	Failed   Status = "failed"
)

// Identity is a domain as the carrier knows it.
type Identity struct {
	Domain string
	Status Status
	Tokens []string // of DKIM: <token>._domainkey.<domain> is to be a CNAME of <token>.dkim.amazonses.com
	// MailFrom is a domain set up for envelope senders, "" for the carrier's own; MailFromStatus is its word of it: "SUCCESS", "PENDING" …
	MailFrom, MailFromStatus string
}

// Account is the state of our account with the carrier.
type Account struct {
	Production bool // it sends to everybody, not to proved addresses only
	Enabled    bool
	Quota      int // mails a day
}

// Suppressed is an address that the carrier has stopped sending to.
type Suppressed struct {
	Address string
	Reason  string // "BOUNCE" or "COMPLAINT"
	At      time.Time
}

// Senders is the port. fault.Busy: later. fault.Invalid: the carrier takes no such name. Any other error is unknown.
type Senders interface {
	// Identity returns a domain; fault.NotFound if the carrier does not know it.
	Identity(ctx context.Context, domain string) (Identity, error)
	// Prove makes a domain known, so that its owner can prove it. made is false if it was known before.
	Prove(ctx context.Context, domain string) (i Identity, made bool, err error)
	// Forget takes a domain away; one that is gone is no error.
	Forget(ctx context.Context, domain string) error
	Account(ctx context.Context) (Account, error)
	// Suppressed returns an address that is not sent to; fault.NotFound for any other.
	Suppressed(ctx context.Context, address string) (Suppressed, error)
	// Lift lets mail go to an address again; fault.NotFound if it was not suppressed.
	Lift(ctx context.Context, address string) error
}
