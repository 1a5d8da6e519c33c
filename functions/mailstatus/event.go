package mailstatus

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"parley/shared/inbox"
)

// detail is one event of SES's. Source: "Contents of event data that Amazon SES publishes", Amazon SES developer guide.
type detail struct {
	EventType string `json:"eventType"`
	Mail      struct {
		MessageID string              `json:"messageId"`
		Tags      map[string][]string `json:"tags"`
	} `json:"mail"`
	Delivery struct {
		Recipients []string `json:"recipients"`
	} `json:"delivery"`
	Bounce struct {
		Type       string      `json:"bounceType"`
		SubType    string      `json:"bounceSubType"`
		Recipients []recipient `json:"bouncedRecipients"`
	} `json:"bounce"`
	Complaint struct {
		SubType    string      `json:"complaintSubType"`
		Feedback   string      `json:"complaintFeedbackType"`
		Recipients []recipient `json:"complainedRecipients"`
	} `json:"complaint"`
	Delay struct {
		Type       string      `json:"delayType"`
		Recipients []recipient `json:"delayedRecipients"`
	} `json:"deliveryDelay"`
	Reject struct {
		Reason string `json:"reason"`
	} `json:"reject"`
	Failure struct {
		Message string `json:"errorMessage"`
	} `json:"failure"`
}

type recipient struct {
	Address    string `json:"emailAddress"`
	Status     string `json:"status"` // RFC 3463
	Diagnostic string `json:"diagnosticCode"`
}

// word is what SES says of the message of one entry.
type word struct {
	thread string
	seq    int64
	inbox.Word
}

// read makes sense of an event; ok is false if it is not of a mail of ours.
func read(raw json.RawMessage) (w word, ok bool, err error) {
	var d detail
	if err := json.Unmarshal(raw, &d); err != nil {
		return w, false, fmt.Errorf("mailstatus: event: %w", err)
	}
	tag := func(name string) string { return strings.Join(d.Mail.Tags[name], "") }
	w.thread, w.Delivery, w.By = tag("thread"), tag("delivery"), system
	if w.seq, err = strconv.ParseInt(tag("seq"), 10, 64); err != nil || w.thread == "" || w.Delivery == "" || d.Mail.MessageID == "" {
		return w, false, nil
	}
	w.News.Carrier = d.Mail.MessageID
	if try := tag("try"); try != "" {
		if w.News.Try, err = strconv.Atoi(try); err != nil {
			return w, false, nil
		}
	}
	say := func(state string, list []recipient, code func(recipient) inbox.Reason, reason func(recipient) string, doubtful bool) {
		for _, r := range list {
			w.News.Recipients = append(w.News.Recipients, inbox.Recipient{
				Address: bare(r.Address), State: state, Code: code(r), Reason: reason(r), Doubtful: doubtful,
			})
		}
	}
	always := func(c inbox.Reason) func(recipient) inbox.Reason { return func(recipient) inbox.Reason { return c } }
	suppress := func(list []recipient) {
		say("suppressed", list, always(inbox.Suppressed), func(recipient) string { return onSuppressionList }, false)
	}
	switch d.EventType {
	case "Send":
	case "Delivery":
		for _, a := range d.Delivery.Recipients {
			w.News.Recipients = append(w.News.Recipients, inbox.Recipient{Address: bare(a), State: "delivered"})
		}
	case "DeliveryDelay":
		say("delayed", d.Delay.Recipients, func(r recipient) inbox.Reason { return inbox.ReasonOf("Delay/"+d.Delay.Type, r.Status, r.Diagnostic) },
			func(r recipient) string { return cmp.Or(r.Diagnostic, d.Delay.Type) }, false)
	case "Bounce":
		w.Kind = d.Bounce.Type + "/" + d.Bounce.SubType
		if suppressed(d.Bounce.SubType) {
			suppress(d.Bounce.Recipients)
			break
		}
		say("bounced", d.Bounce.Recipients, func(r recipient) inbox.Reason { return inbox.ReasonOf(w.Kind, r.Status, r.Diagnostic) },
			func(r recipient) string { return cmp.Or(r.Diagnostic, r.Status, w.Kind) }, w.Kind == "Transient/General")
	case "Complaint":
		w.Kind = d.Complaint.Feedback
		if suppressed(d.Complaint.SubType) {
			suppress(d.Complaint.Recipients)
			break
		}
		say("complained", d.Complaint.Recipients, always(inbox.CalledSpam), func(recipient) string { return w.Kind }, false)
	case "Reject": // SES rejects for one reason: its scanner found something ("Reject object": "Bad content")
		w.Kind, w.News.Code = "rejected", inbox.HarmfulFile
		w.News.Rejected = cmp.Or(d.Reject.Reason, "The mail service refused the message.")
	case "Rendering Failure", "RenderingFailure":
		w.Kind, w.News.Code = "rejected", inbox.CarrierRefused
		w.News.Rejected = cmp.Or(d.Failure.Message, "The mail service could not make the message.")
	default: // opens and clicks are not asked for
		return w, false, nil
	}
	return w, true, nil
}

const onSuppressionList = "The address is on the suppression list of our mail service: an earlier message came back or was called spam."

// suppressed reports whether SES did not even try ("Bounce types": Suppressed is its own list, OnAccountSuppressionList the account's).
func suppressed(subType string) bool {
	return subType == "Suppressed" || subType == "OnAccountSuppressionList"
}

// bare is the address of "Name <address>".
func bare(s string) string {
	if i := strings.LastIndexByte(s, '<'); i >= 0 {
		s = strings.TrimSuffix(s[i+1:], ">")
	}
	return strings.TrimSpace(s)
}
