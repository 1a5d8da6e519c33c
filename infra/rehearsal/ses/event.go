package ses

import (
	"encoding/json"
	"strings"
	"time"

	"parley/shared/mailer"
)

const simulator = "@simulator.amazonses.com"

// publish sends the events of a message through its configuration set: Send, and what the simulator's addresses stand for.
func (e *Endpoint) publish(in request, m mailer.Envelope, id string) {
	if in.ConfigurationSetName == "" || e.OnEvent == nil {
		return
	}
	now := time.Now().UTC()
	stamp := now.Format("2006-01-02T15:04:05.000Z")
	var delivered, bounced, complained []string
	for _, a := range m.To {
		switch strings.ToLower(a) {
		case "bounce" + simulator, "suppressionlist" + simulator:
			bounced = append(bounced, a)
		case "complaint" + simulator:
			complained = append(complained, a)
			delivered = append(delivered, a)
		default:
			delivered = append(delivered, a)
		}
	}
	tags := map[string][]string{"ses:configuration-set": {in.ConfigurationSetName}}
	for name, value := range m.Tags {
		tags[name] = []string{value}
	}
	mail := map[string]any{"timestamp": stamp, "messageId": id, "source": m.From, "destination": m.To, "tags": tags, "headersTruncated": false}
	one := func(kind string, to []string, part map[string]any) {
		if len(to) == 0 {
			return
		}
		payload, err := json.Marshal(map[string]any{"eventType": kind, "mail": mail, strings.ToLower(kind): part})
		if err != nil {
			panic(err) // strings, maps and lists of them
		}
		e.OnEvent(Event{Type: kind, Set: in.ConfigurationSetName, At: now, Payload: payload})
	}
	one("Send", m.To, map[string]any{})
	one("Delivery", delivered, map[string]any{"timestamp": stamp, "processingTimeMillis": 500, "recipients": delivered, "smtpResponse": "250 2.6.0 Message received", "reportingMTA": "mta.example.com"})
	one("Bounce", bounced, map[string]any{"bounceType": "Permanent", "bounceSubType": "General", "timestamp": stamp, "feedbackId": id, "reportingMTA": "dsn; mta.example.com",
		"bouncedRecipients": people(bounced, map[string]string{"action": "failed", "status": "5.1.1", "diagnosticCode": "smtp; 550 5.1.1 user unknown"})})
	one("Complaint", complained, map[string]any{"timestamp": stamp, "feedbackId": id, "complaintFeedbackType": "abuse", "complainedRecipients": people(complained, nil)})
}

func people(addresses []string, more map[string]string) []map[string]string {
	var out []map[string]string
	for _, a := range addresses {
		p := map[string]string{"emailAddress": a}
		for k, v := range more {
			p[k] = v
		}
		out = append(out, p)
	}
	return out
}
