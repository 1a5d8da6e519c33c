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
	DeliveryPending DeliveryState = "pending"
	DeliverySending DeliveryState = "sending"
	DeliverySent    DeliveryState = "sent"
	DeliveryFailed  DeliveryState = "failed"
	DeliveryUnknown DeliveryState = "unknown" // the carrier may or may not have taken it
)

// Final reports whether nothing more will be tried.
func (s DeliveryState) Final() bool { return s == DeliverySent || s == DeliveryFailed }

// Delivery is the job that brings one sent message to its recipients, as people may see it.
type Delivery struct {
	ID         string        `json:"id"`
	Thread     string        `json:"thread"`
	Seq        int64         `json:"seq"`
	State      DeliveryState `json:"state"`
	Attempts   int           `json:"attempts"`
	Reason     string        `json:"reason,omitempty"` // why it failed or waits, in words
	Recipients []Recipient   `json:"recipients"`
	Carrier    string        `json:"carrier,omitempty"` // SES's id
	At         time.Time     `json:"at"`                // last change
}

// Recipient is one address of a delivery and what SES last said of it.
type Recipient struct {
	Address string `json:"address"`
	State   string `json:"state"` // pending, sent, delivered, delayed, bounced, complained, suppressed, failed
	Reason  string `json:"reason,omitempty"`
	// Doubtful is of a bounce only: it may be an automatic answer, so that a delivery overrules it.
	Doubtful bool `json:"doubtful,omitempty"`
}

// News is what the carrier says of one message: it took it, and perhaps how it went with some recipients, or that it threw it away.
type News struct {
	Carrier    string      // its id for the message
	Rejected   string      // why it did not even try; "" if it did
	Recipients []Recipient // those it speaks of
}

// ranks order what can be said of a recipient: a later word never takes back a higher one, so the order in which news comes does not matter.
var ranks = map[string]int{"pending": 0, "sent": 1, "delayed": 2, "delivered": 4, "complained": 5, "failed": 6, "suppressed": 7, "bounced": 8}

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

// Hear folds news into the delivery. Any news proves that the carrier took the message, whatever we believed; the order and the repetition of
// news make no difference.
func (d Delivery) Hear(n News) Delivery {
	d.Recipients = slices.Clone(d.Recipients)
	rejected := d.State == DeliveryFailed && d.Carrier != ""
	if d.State == DeliveryFailed && !rejected { // we had given it up without knowing
		for i := range d.Recipients {
			d.Recipients[i] = Recipient{Address: d.Recipients[i].Address}
		}
	}
	if d.Carrier == "" {
		d.Carrier = n.Carrier
	}
	if !rejected {
		d.State, d.Reason = DeliverySent, ""
	}
	if n.Rejected != "" && !rejected {
		d.State, d.Reason = DeliveryFailed, n.Rejected
	}
	for i, r := range d.Recipients {
		d.Recipients[i] = d.heard(r, n)
	}
	return d
}

// heard is a recipient after the news.
func (d Delivery) heard(r Recipient, n News) Recipient {
	said := []Recipient{{State: "sent"}}
	if d.State == DeliveryFailed {
		said = append(said, Recipient{State: "failed", Reason: d.Reason})
	}
	for _, s := range n.Recipients {
		if strings.EqualFold(s.Address, r.Address) {
			said = append(said, s)
		}
	}
	for _, s := range said {
		s.Address = r.Address
		if s.rank() > r.rank() {
			r = s
		}
	}
	return r
}
