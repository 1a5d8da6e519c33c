package inbox

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"parley/shared/fault"
)

// Account is one instance of a channel: for email, one team address.
type Account struct {
	ID      string  `json:"id"`
	Inbox   string  `json:"inbox"`
	Channel Channel `json:"channel"`
	Name    string  `json:"name"`    // of the team, in the from-name of outgoing mail
	Address string  `json:"address"` // email: the team's address, lower-case
	// State is active in accounts of builds that knew no other.
	State AccountState `json:"state"`
	Way   Way          `json:"way,omitempty"`
	// ForwardTo is the address of the mail domain that a forwarding mailbox forwards to.
	ForwardTo string   `json:"forwardTo,omitempty"`
	FromName  FromName `json:"fromName,omitempty"`
	Signature string   `json:"signature,omitempty"` // HTML, sanitised
	// Fallback is the account that its inbox has from birth: it works before anything is set up and when nothing else does.
	Fallback    bool      `json:"fallback,omitempty"`
	ConnectedBy string    `json:"connectedBy,omitempty"` // a user's id
	ConnectedAt time.Time `json:"connectedAt,omitzero"`

	// The store fills these in; they are no part of what an admin sets.
	Sending  Sending `json:"sending,omitempty"`
	Revision int64   `json:"revision,omitempty"`
}

// AccountState says what becomes of mail to an account.
type AccountState string

// The states. A paused account's mail is taken: what continues a conversation joins it, what would begin one is put aside. A disconnected
// one takes nothing more, and stays for the conversations it has.
const (
	AccountActive       AccountState = "active"
	AccountPaused       AccountState = "paused"
	AccountDisconnected AccountState = "disconnected"
)

// Way is how an account's mail reaches us.
type Way string

// The ways.
const (
	Hosted    Way = "hosted"  // the address is of the stack's mail domain
	Forwarded Way = "forward" // its mailbox is elsewhere and forwards to a hosted address
	Direct    Way = "mx"      // its domain's mail exchanger is ours
)

// FromName is how outgoing mail names its sender.
type FromName string

// The policies. People see who writes and for whom; a person's name alone would make the same address look like somebody new in every
// mail program.
const (
	FromAgent FromName = "agent" // "Mara Lind (Kiln & Clay)"
	FromFirst FromName = "first" // "Mara at Kiln & Clay"
	FromTeam  FromName = "team"  // "Kiln & Clay"
)

// Sending is what the carrier says of the right to send as the account's address.
type Sending string

// What it may say. "" is that nobody asked: an address of a mail domain of others.
const (
	SendingPending  Sending = "pending"
	SendingVerified Sending = "verified"
	SendingFailed   Sending = "failed"
)

// Settled is an account as an older build stored it, with what it left out.
func (a Account) Settled() Account {
	if a.State == "" {
		a.State = AccountActive
	}
	if a.Channel != ChannelEmail {
		return a
	}
	if a.Way == "" { // it knew hosted accounts only, and the inbox's first one
		a.Way, a.Fallback = Hosted, true
	}
	if a.FromName == "" {
		a.FromName = FromAgent
	}
	return a
}

// Takes reports whether mail for an address (lower-case, as in the envelope) is mail of this account.
func (a Account) Takes(address string) bool {
	if a.Channel != ChannelEmail || a.State == AccountDisconnected {
		return false
	}
	if a.Way == Forwarded { // whoever could bring us its own address would be our own mail exchanger
		return a.ForwardTo == address
	}
	return a.Address == address
}

// Owns reports whether an address (lower-case) leads back to this account: an answer must never go there.
func (a Account) Owns(address string) bool {
	return a.Address == address || a.ForwardTo != "" && a.ForwardTo == address
}

// Own reports whether mail may leave under the account's own address, so that it arrives: carriers of others check that the address's
// domain has signed it (DMARC, RFC 7489).
func (a Account) Own() bool {
	return a.State != AccountDisconnected && (a.Way == Hosted || a.Sending == SendingVerified)
}

// SendsFrom is the address that mail of this account leaves from: its own; before that is allowed, the hosted one that stands behind it;
// and that of its inbox where there is none.
func (a Account) SendsFrom(fallback Account) string {
	switch {
	case a.Own():
		return a.Address
	case a.State != AccountDisconnected && a.ForwardTo != "":
		return a.ForwardTo
	case fallback.Address != "":
		return fallback.Address
	}
	return a.Address
}

// Signs is the from-name of a mail that somebody sends.
func (a Account) Signs(agent string) string {
	agent = strings.TrimSpace(agent)
	nameless := agent == "" || strings.Contains(agent, "@") || agent == a.Name
	switch {
	case a.Name == "":
		return agent
	case nameless || a.FromName == FromTeam:
		return a.Name
	case a.FromName == FromFirst:
		first, _, _ := strings.Cut(agent, " ")
		return first + " at " + a.Name
	}
	return agent + " (" + a.Name + ")"
}

// Connection is what an admin says of an account to be.
type Connection struct {
	ID, Inbox, By string
	Name, Address string
	Way           Way
	ForwardTo     string // of a forwarding account: a hosted address that nobody has
	At            time.Time
}

// Connect makes an account, or brings a disconnected one back: its conversations go on then.
func (a Account) Connect(c Connection) (Account, error) {
	if a.ID != "" && a.State != AccountDisconnected {
		return a, fault.New(fault.Conflict, "%s is connected already.", c.Address)
	}
	if err := checkName(c.Name); err != nil {
		return a, err
	}
	switch {
	case c.Way != Hosted && c.Way != Forwarded && c.Way != Direct:
		return a, fault.New(fault.Invalid, "There is no way %q: use hosted, forward or mx.", c.Way)
	case c.Inbox == "" || c.Address == "" || c.Way == Forwarded && c.ForwardTo == "":
		return a, fault.New(fault.Invalid, "An account needs an inbox and an address.")
	}
	if a.ID == "" {
		a = Account{ID: c.ID, FromName: FromAgent}
	}
	a.Inbox, a.Channel, a.Name, a.Address, a.Way, a.ForwardTo = c.Inbox, ChannelEmail, c.Name, c.Address, c.Way, c.ForwardTo
	a.State, a.ConnectedBy, a.ConnectedAt = AccountActive, c.By, c.At
	return a, nil
}

// Edit is what an admin may change of an account; nil leaves a member as it is.
type Edit struct {
	Name      *string
	FromName  *FromName
	Signature *string
	State     *AccountState // active or paused
}

// Edit changes an account. What is so already changes nothing.
func (a Account) Edit(e Edit) (Account, error) {
	if a.State == AccountDisconnected {
		return a, fault.New(fault.Conflict, "%s is not connected any more. Connect it again first.", a.Address)
	}
	if e.Name != nil {
		if err := checkName(*e.Name); err != nil {
			return a, err
		}
		a.Name = *e.Name
	}
	if e.FromName != nil {
		if !slices.Contains([]FromName{FromAgent, FromFirst, FromTeam}, *e.FromName) {
			return a, fault.New(fault.Invalid, "There is no from-name %q: use agent, first or team.", *e.FromName)
		}
		a.FromName = *e.FromName
	}
	if e.Signature != nil {
		a.Signature = *e.Signature
	}
	if e.State != nil {
		switch {
		case *e.State != AccountActive && *e.State != AccountPaused:
			return a, fault.New(fault.Invalid, "An account is active or paused, not %q.", *e.State)
		case *e.State == AccountPaused && a.Fallback:
			return a, fault.New(fault.Invalid, "%s is the address that always works: it cannot be paused.", a.Address)
		}
		a.State = *e.State
	}
	return a, nil
}

// Disconnect ends an account. Doing it again changes nothing.
func (a Account) Disconnect() (Account, error) {
	if a.Fallback {
		return a, fault.New(fault.Invalid, "%s is the address that always works: it cannot be disconnected.", a.Address)
	}
	a.State = AccountDisconnected
	return a, nil
}

// nameRunes bounds the names of inboxes and accounts.
const nameRunes = 100

// checkName refuses what a mail header or a list cannot show.
func checkName(name string) error {
	switch {
	case strings.TrimSpace(name) == "":
		return fault.New(fault.Invalid, "The name is empty.")
	case name != strings.TrimSpace(name) || utf8.RuneCountInString(name) > nameRunes:
		return fault.New(fault.Invalid, "A name has at most %d characters, and no blanks around it.", nameRunes)
	case strings.ContainsFunc(name, unicode.IsControl) || !utf8.ValidString(name):
		return fault.New(fault.Invalid, "The name has characters that mail cannot carry.")
	}
	return nil
}

// Named is an inbox of another name.
func (in Inbox) Named(name string) (Inbox, error) {
	if err := checkName(name); err != nil {
		return in, err
	}
	in.Name = name
	return in, nil
}

// Slug makes the part before the @ of a hosted address out of words: small letters, digits and single dashes, at most forty; "team" if
// nothing is left.
func Slug(words ...string) string {
	var b strings.Builder
	dash := false
	for _, r := range norm.NFKD.String(strings.ToLower(strings.ReplaceAll(strings.Join(words, "-"), "ß", "ss"))) {
		switch {
		case unicode.Is(unicode.Mn, r): // the dots of an ü
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			if dash && b.Len() > 0 {
				b.WriteByte('-')
			}
			dash = false
			b.WriteRune(r)
		default:
			dash = true
		}
		if b.Len() >= 40 {
			break
		}
	}
	switch s := b.String(); s {
	case "", "c": // c+… are the reply addresses of conversations
		return "team"
	case "postmaster", "abuse", "mailer-daemon", "noreply", "no-reply": // RFC 2142, and whom nobody answers
		return "team-" + s
	default:
		return s
	}
}
