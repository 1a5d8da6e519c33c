package ses

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"
)

// Carried is a mail that went out, and what the world said to it.
type Carried struct {
	ID      string // SES's
	From    string
	To      []string
	Tags    map[string]string
	Set     string // configuration set
	At      time.Time
	Refused string                    // what a relay said against it; "" if it took it, or if there is none
	Stays   func(address string) bool // recipients that a relay never sees; nil for none
	List    SuppressionList           // nil has nobody on it
}

// SuppressionList is the account's: who is on it gets no mail. Reason is SES's word, BOUNCE or COMPLAINT.
type SuppressionList interface {
	Listed(address string) bool
	Suppress(address, reason string) error
}

// Events are what SES publishes of the mail, as EventBridge brings them: that it was sent, and how it went with each recipient. Nobody is on
// the other side of a desk, so mail arrives, but for what a relay refuses, SES's own simulator addresses (Amazon SES developer guide,
// "Using the mailbox simulator") and those of Script. delay and reject are not among Amazon's: there is no other way to see those states at a
// desk. Script's bounce and complaint do as the simulator's, and get onto the suppression list as a stranger's would; the simulator's never do.
func (c Carried) Events() [][]byte {
	out := [][]byte{c.event("Send", "Email Sent", "send", map[string]any{})}
	for _, to := range c.To {
		for _, e := range c.fate(to) {
			out = append(out, c.event(e.name, e.kind, e.field, e.body))
		}
	}
	return out
}

type told struct {
	name, kind, field string
	body              map[string]any
}

// fate is what becomes of the mail at one recipient.
func (c Carried) fate(to string) []told {
	at := c.At.UTC().Format(time.RFC3339Nano)
	delivered := told{"Delivery", "Email Delivered", "delivery", map[string]any{
		"timestamp": at, "processingTimeMillis": 1, "recipients": []string{to}, "smtpResponse": "250 2.0.0 OK", "reportingMTA": "local",
	}}
	bounced := func(kind, sub, status, diagnostic string) told {
		r := map[string]any{"emailAddress": to, "action": "failed", "status": status, "diagnosticCode": diagnostic}
		return told{"Bounce", "Email Bounced", "bounce", map[string]any{
			"bounceType": kind, "bounceSubType": sub, "bouncedRecipients": []any{r}, "timestamp": at, "feedbackId": c.ID,
		}}
	}
	if c.Refused != "" && (c.Stays == nil || !c.Stays(to)) {
		return []told{bounced("Permanent", "General", "5.0.0", "smtp; "+c.Refused)}
	}
	local, domain, _ := strings.Cut(strings.ToLower(to), "@")
	local, _, _ = strings.Cut(local, "+")
	suppressed := bounced("Permanent", "OnAccountSuppressionList", "5.1.1", "Amazon SES did not send the message to this address because it is on the suppression list for your account.")
	if c.List != nil && c.List.Listed(to) {
		return []told{suppressed}
	}
	reason := map[string]string{"bounce": "BOUNCE", "complaint": "COMPLAINT"}[local]
	switch "@" + domain {
	case "@simulator.amazonses.com":
	case Script:
		if reason == "" {
			return []told{delivered}
		}
		if c.List != nil {
			if err := c.List.Suppress(to, reason); err != nil { // a file that cannot be written: the bounce itself is as true
				return []told{bounced("Permanent", "General", "5.1.1", "smtp; 550 5.1.1 user unknown; and the suppression list cannot be kept: "+err.Error())}
			}
		}
	default:
		return []told{delivered}
	}
	switch local {
	case "bounce":
		return []told{bounced("Permanent", "General", "5.1.1", "smtp; 550 5.1.1 user unknown")}
	case "suppressionlist":
		return []told{suppressed}
	case "ooto":
		return []told{delivered, bounced("Transient", "General", "", "")}
	case "delay":
		return []told{{"DeliveryDelay", "Email Delivery Delayed", "deliveryDelay", map[string]any{
			"delayType": "MailboxFull", "timestamp": at, "expirationTime": c.At.Add(14 * time.Hour).UTC().Format(time.RFC3339Nano),
			"delayedRecipients": []any{map[string]any{"emailAddress": to, "status": "4.2.2", "diagnosticCode": "smtp; 452 4.2.2 The mailbox is full"}},
		}}}
	case "reject":
		return []told{{"Reject", "Email Rejected", "reject", map[string]any{"reason": "Bad content"}}}
	case "complaint":
		return []told{delivered, {"Complaint", "Email Complaint Received", "complaint", map[string]any{
			"complainedRecipients": []any{map[string]any{"emailAddress": to}}, "timestamp": at, "feedbackId": c.ID, "complaintFeedbackType": "abuse",
		}}}
	}
	return []told{delivered}
}

func (c Carried) event(name, kind, field string, body map[string]any) []byte {
	tags := map[string][]string{"ses:configuration-set": {c.Set}}
	for key, value := range c.Tags {
		tags[key] = []string{value}
	}
	var id [16]byte
	rand.Read(id[:])
	raw, err := json.Marshal(map[string]any{
		"version": "0", "id": hex.EncodeToString(id[:]), "detail-type": kind, "source": "aws.ses", "account": "000000000000", "region": "local",
		"time": c.At.UTC().Format(time.RFC3339), "resources": []string{"arn:aws:ses:local:000000000000:configuration-set/" + c.Set},
		"detail": map[string]any{"eventType": name, field: body, "mail": map[string]any{
			"timestamp": c.At.UTC().Format(time.RFC3339Nano), "source": c.From, "messageId": c.ID, "destination": c.To, "tags": tags,
		}},
	})
	if err != nil {
		panic(err) // texts alone: cannot fail
	}
	return raw
}
