package channel

import (
	"time"

	"parley/shared/inbox"
)

// Health is what was seen of an account's mail. It is noted at most once an hour, so that it costs no write for each mail.
type Health struct {
	ReceivedAt   time.Time     `json:"receivedAt,omitzero"` // a mail came, within the hour before or after
	SentAt       time.Time     `json:"sentAt,omitzero"`     // the carrier took a mail, within the hour before or after
	Refused      *Refusal      `json:"refused,omitempty"`   // what the carrier last refused; nil once it has taken another
	Test         *Test         `json:"test,omitempty"`
	Confirmation *Confirmation `json:"confirmation,omitempty"`
	Checks       []Check       `json:"checks,omitempty"` // as they were at CheckedAt
	CheckedAt    time.Time     `json:"checkedAt,omitzero"`
}

// Refusal is the carrier's no to a mail of the account.
type Refusal struct {
	At     time.Time `json:"at"`
	Reason string    `json:"reason"`
}

// Test is the last test mail: it goes to the account's address and is to come in where the account's mail does.
type Test struct {
	ID        string    `json:"id"`
	SentAt    time.Time `json:"sentAt"`
	ArrivedAt time.Time `json:"arrivedAt,omitzero"`
	At        string    `json:"at,omitempty"`      // the address it came in at
	Astray    bool      `json:"astray,omitempty"`  // that is another account's
	Altered   bool      `json:"altered,omitempty"` // somebody else stood in its From: customers would not be known
}

// Confirmation is what a mail provider wants confirmed before it forwards.
type Confirmation struct {
	Provider string    `json:"provider"` // "gmail", "groups", "zoho", "yahoo", "other"
	Code     string    `json:"code,omitempty"`
	Link     string    `json:"link,omitempty"` // https, at the provider's own host
	From     string    `json:"from"`
	Subject  string    `json:"subject"`
	Proven   bool      `json:"proven"` // its signature says that it is the provider's (DMARC)
	At       time.Time `json:"at"`
	Thread   string    `json:"thread,omitempty"` // where the whole mail stands
}

// Prober is who test mails are from. It is no mailbox: nobody answers a test.
func Prober(mailDomain string) string { return "channel-test@" + mailDomain }

// Arrived notes that the test of an id came in at an address. A test that is not the last one changes nothing.
func (h Health) Arrived(id, address string, astray, altered bool, at time.Time) (Health, bool) {
	if h.Test == nil || h.Test.ID != id || !h.Test.ArrivedAt.IsZero() && !h.Test.Astray {
		return h, false
	}
	t := *h.Test
	t.ArrivedAt, t.At, t.Astray, t.Altered = at, address, astray, altered
	h.Test = &t
	if !astray && h.Confirmation != nil && h.Confirmation.At.Before(at) { // whoever forwards has been confirmed
		h.Confirmation = nil
	}
	return h, true
}

// Is what an account is, in one word of State and one sentence.
type Is struct {
	State State             `json:"state"`
	Code  string            `json:"code"`
	Text  string            `json:"text"`
	Args  map[string]string `json:"args,omitempty"`
}

// Of sums an account up: what an admin should know first.
func Of(a inbox.Account, h Health) Is {
	is := func(state State, code string, args ...string) Is {
		c := say("", state, code, args...)
		return Is{c.State, c.Code, c.Text, c.Args}
	}
	switch {
	case a.State == inbox.AccountDisconnected:
		return is(Unknown, "is-disconnected")
	case h.Refused != nil && h.Refused.At.After(h.SentAt):
		return is(Wrong, "is-refused", "reason", h.Refused.Reason)
	}
	var waiting *Check
	for i, c := range h.Checks {
		switch {
		case c.State == Wrong:
			return Is{Wrong, c.Code, c.Text, c.Args}
		case c.State == Waiting && waiting == nil:
			waiting = &h.Checks[i]
		}
	}
	switch {
	case a.State == inbox.AccountPaused:
		return is(Waiting, "is-paused")
	case waiting != nil:
		return Is{Waiting, waiting.Code, waiting.Text, waiting.Args}
	case len(h.Checks) == 0 && a.Way != inbox.Hosted:
		return is(Waiting, "is-new")
	}
	return is(OK, "is-healthy")
}
