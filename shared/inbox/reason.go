package inbox

import (
	"regexp"
	"strings"
)

// Reason is why a message did not reach somebody, or not yet: a stable word that pages put into a sentence of their language. What the other
// server said stands beside it.
type Reason string

// Reasons of the other side.
const (
	NoSuchAddress    Reason = "no-such-address"
	NoSuchDomain     Reason = "no-such-domain"
	MailboxDisabled  Reason = "mailbox-disabled"
	MailboxFull      Reason = "mailbox-full"
	TooLarge         Reason = "too-large"
	ContentRefused   Reason = "content-refused"
	FileRefused      Reason = "file-refused"
	TakenForSpam     Reason = "taken-for-spam"
	SenderBlocked    Reason = "sender-blocked"
	SenderUnproven   Reason = "sender-unproven" // SPF, DKIM, DMARC or reverse DNS do not say that we may send for the address
	Unreachable      Reason = "unreachable"
	ServerBusy       Reason = "server-busy"
	GaveUp           Reason = "gave-up" // the carrier tried for hours
	PerhapsAutoReply Reason = "perhaps-auto-reply"
	Unsubscribed     Reason = "unsubscribed"
	CalledSpam       Reason = "called-spam"
	Unsaid           Reason = "unsaid" // nobody gave a reason that we know
)

// Reasons of the carrier's and our own.
const (
	Suppressed     Reason = "suppressed" // the carrier does not send to this address any more
	CarrierRefused Reason = "carrier-refused"
	CarrierBusy    Reason = "carrier-busy"
	HarmfulFile    Reason = "harmful-file" // the carrier's scanner found something
	InDoubt        Reason = "in-doubt"     // the carrier may have taken the message
	Unwritable     Reason = "unwritable"   // the mail could not be composed: a file is gone, an address cannot be mailed
)

// Reasons lists every reason, for those who describe them.
func Reasons() []Reason {
	return []Reason{
		NoSuchAddress, NoSuchDomain, MailboxDisabled, MailboxFull, TooLarge, ContentRefused, FileRefused, TakenForSpam, SenderBlocked, SenderUnproven,
		Unreachable, ServerBusy, GaveUp, PerhapsAutoReply, Unsubscribed, CalledSpam, Unsaid,
		Suppressed, CarrierRefused, CarrierBusy, HarmfulFile, InDoubt, Unwritable,
	}
}

// byStatus reads enhanced status codes, without their class (RFC 3463 §3, RFC 5248, RFC 7372, RFC 7505). A subject alone stands for its others.
var byStatus = map[string]Reason{
	"1": NoSuchAddress, "1.1": NoSuchAddress, "1.2": NoSuchDomain, "1.3": NoSuchAddress, "1.6": NoSuchAddress, "1.7": SenderBlocked, "1.8": SenderBlocked, "1.10": NoSuchDomain,
	"2": MailboxDisabled, "2.0": Unsaid, "2.1": MailboxDisabled, "2.2": MailboxFull, "2.3": TooLarge,
	"3": ServerBusy, "3.1": MailboxFull, "3.4": TooLarge,
	"4": Unreachable, "4.4": NoSuchDomain, "4.5": ServerBusy, "4.7": GaveUp,
	"5.3": SenderBlocked,
	"6":   ContentRefused,
	"7":   SenderBlocked, "7.20": SenderUnproven, "7.21": SenderUnproven, "7.22": SenderUnproven, "7.23": SenderUnproven, "7.24": SenderUnproven,
	"7.25": SenderUnproven, "7.26": SenderUnproven, "7.27": SenderUnproven,
}

// byKind reads what SES says itself: a bounce's type and subtype, a delay's type ("Contents of event data", Amazon SES developer guide).
var byKind = map[string]Reason{
	"Permanent/NoEmail": NoSuchAddress, "Permanent/Suppressed": Suppressed, "Permanent/OnAccountSuppressionList": Suppressed,
	"Permanent/UnsubscribedRecipient": Unsubscribed,
	"Transient/MailboxFull":           MailboxFull, "Transient/MessageTooLarge": TooLarge, "Transient/ContentRejected": ContentRefused,
	"Transient/AttachmentRejected": FileRefused, "Transient/CustomTimeoutExceeded": GaveUp,
	"Delay/MailboxFull": MailboxFull, "Delay/SpamDetected": TakenForSpam, "Delay/RecipientServerError": ServerBusy, "Delay/IPFailure": SenderBlocked,
	"Delay/TransientCommunicationFailure": Unreachable, "Delay/BYOIPHostNameLookupUnavailable": SenderUnproven, "Delay/SendingDeferral": ServerBusy,
	"Delay/InternalFailure": CarrierBusy,
}

var statusCode = regexp.MustCompile(`(?:^|[^0-9.])([245])\.([0-9]{1,3})\.([0-9]{1,3})(?:[^0-9.]|$)`)

// ReasonOf reads why a message came back or is delayed: from SES's own words if they are clear ("Permanent/NoEmail", "Delay/MailboxFull", "" if it
// is not SES who says so), else from the enhanced status code (RFC 3463) in status or in what the server said.
func ReasonOf(kind, status, said string) Reason {
	if r, ok := byKind[kind]; ok {
		return r
	}
	for _, text := range []string{said, status} { // the server's own words are more exact than what was made of them
		m := statusCode.FindStringSubmatch(text)
		if m == nil {
			continue
		}
		if m[2] == "7" && strings.Contains(strings.ToLower(said), "spam") {
			return TakenForSpam
		}
		if r, ok := byStatus[m[2]+"."+m[3]]; ok {
			return r
		}
		if r, ok := byStatus[m[2]]; ok {
			return r
		}
	}
	switch {
	case kind == "Transient/General":
		return PerhapsAutoReply
	case strings.HasPrefix(kind, "Delay/"):
		return ServerBusy
	}
	return Unsaid
}
