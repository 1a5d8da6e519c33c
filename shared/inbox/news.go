package inbox

import "parley/events"

// Word is what somebody says of one message of ours that went out: the mail service itself, or a mail that came back.
type Word struct {
	By       events.Actor
	Delivery string // id of the delivery; "" if whoever says it knows the entry only
	Kind     string // of a bounce: MessageBounced.Kind; of a complaint: MessageComplained.Kind
	Raw      string // key in the mail bucket of the mail that says it, if one does
	News     News
}

// Fallout are the recipients of whom a fact is owed because of news: whom the message has newly not reached, and who newly called it spam.
func Fallout(before, after Delivery) []Recipient {
	var out []Recipient
	for i, r := range after.Recipients {
		if r != before.Recipients[i] && (r.Lost() || r.State == "complained") {
			out = append(out, r)
		}
	}
	return out
}

// Suffer notes what became of a message at one recipient (of Fallout).
func (t Thread) Suffer(w Word, message string, d Delivery, r Recipient) (Decision, error) {
	if r.State == "complained" {
		return t.Complain(w.By, events.MessageComplained{Message: message, Sent: d.Seq, Delivery: d.ID, Address: r.Address, Kind: w.Kind, Raw: w.Raw})
	}
	kind := w.Kind
	if r.State == "suppressed" { // our own word where the service did not even try
		kind = r.State
	}
	return t.Bounce(w.By, events.MessageBounced{
		Message: message, Sent: d.Seq, Delivery: d.ID, Address: r.Address, Doubtful: r.Doubtful, Kind: kind, Reason: r.Reason, Raw: w.Raw,
		Code: string(r.Code),
	})
}
