package inbox

import (
	"slices"
	"strings"
	"time"
)

// DeliveryState is how far a delivery has come.
type DeliveryState string

// States of a delivery. Sent means the carrier took it; what each recipient's server said is the recipient's state.
const (
	DeliveryHeld      DeliveryState = "held" // until it is released or withdrawn, or HeldUntil
	DeliveryPending   DeliveryState = "pending"
	DeliverySending   DeliveryState = "sending"
	DeliverySent      DeliveryState = "sent"
	DeliveryFailed    DeliveryState = "failed"
	DeliveryUnknown   DeliveryState = "unknown" // the carrier may or may not have taken it
	DeliveryWithdrawn DeliveryState = "withdrawn"
)

// Final reports whether nothing more will be tried, unless somebody says so.
func (s DeliveryState) Final() bool {
	return s == DeliverySent || s == DeliveryFailed || s == DeliveryWithdrawn
}

// Delivery is the job that brings one sent message to its recipients, as people may see it.
type Delivery struct {
	ID         string        `json:"id"`
	Thread     string        `json:"thread"`
	Seq        int64         `json:"seq"`
	State      DeliveryState `json:"state"`
	Attempts   int           `json:"attempts"`
	Code       Reason        `json:"code,omitempty"`   // why it failed or waits
	Reason     string        `json:"reason,omitempty"` // the same in words, perhaps the carrier's
	Recipients []Recipient   `json:"recipients"`
	Carrier    string        `json:"carrier,omitempty"` // SES's id
	At         time.Time     `json:"at"`                // last change
	HeldUntil  time.Time     `json:"heldUntil,omitzero"`
	Try        int           `json:"try,omitempty"` // how often an agent had it tried again
}

// Recipient is one address of a delivery and what SES last said of it.
type Recipient struct {
	Address string `json:"address"`
	State   string `json:"state"`            // pending, unknown, sent, delivered, delayed, bounced, complained, suppressed, failed, withdrawn
	Code    Reason `json:"code,omitempty"`   // why
	Reason  string `json:"reason,omitempty"` // in words, perhaps another server's
	Try     int    `json:"try,omitempty"`    // the Delivery.Try that they are part of: news of an older one says nothing of them
	// Doubtful is of a bounce only: it may be an automatic answer, so that a delivery overrules it.
	Doubtful bool `json:"doubtful,omitempty"`
}

// News is what the carrier says of one message: it took it, and perhaps how it went with some recipients, or that it threw it away.
type News struct {
	Carrier    string      // its id for the message
	Rejected   string      // why it did not even try; "" if it did
	Code       Reason      // of Rejected
	Try        int         // which try it speaks of
	Unsure     bool        // nobody can tell which: it came by mail
	Recipients []Recipient // those it speaks of
}

// ranks order what can be said of a recipient: a later word never takes back a higher one, so the order in which news comes does not matter.
var ranks = map[string]int{"pending": 0, "unknown": 0, "sent": 1, "delayed": 2, "delivered": 4, "complained": 5, "failed": 6, "suppressed": 7, "bounced": 8}

func (r Recipient) rank() int {
	if r.State == "bounced" && r.Doubtful {
		return 3
	}
	return ranks[r.State]
}

// Lost reports whether the message did not reach this recipient, as far as can be told.
func (r Recipient) Lost() bool {
	return r.State == "bounced" || r.State == "suppressed" || r.State == "failed"
}

// Again makes a delivery pending once more for the recipients that it lost, and returns their addresses; none if there is nothing to try again.
func (d Delivery) Again() (Delivery, []string) {
	var to []string
	if d.State != DeliverySent && d.State != DeliveryFailed {
		return d, nil
	}
	d.Recipients = slices.Clone(d.Recipients)
	for i, r := range d.Recipients {
		if r.Lost() {
			to = append(to, r.Address)
			d.Recipients[i] = Recipient{Address: r.Address, State: "pending", Try: d.Try + 1}
		}
	}
	if len(to) > 0 {
		d.State, d.Code, d.Reason, d.Carrier, d.Attempts = DeliveryPending, "", "", "", 0
		d.Try++
	}
	return d, to
}

// Owes reports whether a recipient is part of the try that is on.
func (d Delivery) Owes(r Recipient) bool { return r.Try == d.Try }

// Hear folds news into the delivery. Any news of the last try proves that the carrier took the message, whatever we believed; the order and
// the repetition of news make no difference.
func (d Delivery) Hear(n News) Delivery {
	d.Recipients = slices.Clone(d.Recipients)
	if n.Unsure && d.Try > 0 { // of the last one, unless that has not ended yet
		n.Try = d.Try
		if !d.State.Final() {
			n.Try, n.Unsure = d.Try-1, false
		}
	}
	if n.Try != d.Try { // the message has been tried again since: this is of the recipients that were left alone
		for i, r := range d.Recipients {
			d.Recipients[i] = r.heard(n, n.Code)
		}
		return d
	}
	rejected := d.State == DeliveryFailed && d.Carrier != ""
	if d.State == DeliveryFailed && !rejected { // we had given it up without knowing
		for i, r := range d.Recipients {
			if d.Owes(r) {
				d.Recipients[i] = Recipient{Address: r.Address, Try: r.Try}
			}
		}
	}
	if d.Carrier == "" {
		d.Carrier = n.Carrier
	}
	if !rejected {
		d.State, d.Code, d.Reason = DeliverySent, "", ""
	}
	if n.Rejected != "" && !rejected {
		d.State, d.Code, d.Reason = DeliveryFailed, n.Code, n.Rejected
	}
	failed := Reason("")
	if d.State == DeliveryFailed {
		n.Rejected, failed = d.Reason, d.Code
	} else {
		n.Rejected = ""
	}
	for i, r := range d.Recipients {
		d.Recipients[i] = r.heard(n, failed)
	}
	return d
}

// heard is a recipient after the news; code is why, if the whole message was rejected.
func (r Recipient) heard(n News, code Reason) Recipient {
	if r.Try != n.Try && !n.Unsure {
		return r
	}
	said := []Recipient{{State: "sent"}}
	if n.Rejected != "" {
		said = append(said, Recipient{State: "failed", Code: code, Reason: n.Rejected})
	}
	for _, s := range n.Recipients {
		if strings.EqualFold(s.Address, r.Address) {
			said = append(said, s)
		}
	}
	for _, s := range said {
		s.Address, s.Try = r.Address, r.Try
		if s.rank() > r.rank() {
			r = s
		}
	}
	return r
}
