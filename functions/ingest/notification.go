package ingest

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"parley/shared/store"
)

// notification is what SES tells of a received mail, as far as we read it.
// Source: "Contents of notifications for Amazon SES email receiving", SES developer guide.
type notification struct {
	Type string `json:"notificationType"`
	Mail struct {
		ID        string    `json:"messageId"`
		Source    string    `json:"source"` // envelope sender; empty or <> for a bounce
		Timestamp time.Time `json:"timestamp"`
	} `json:"mail"`
	Receipt struct {
		Recipients  []string `json:"recipients"` // RCPT TO
		Spam        verdict  `json:"spamVerdict"`
		Virus       verdict  `json:"virusVerdict"`
		DMARC       verdict  `json:"dmarcVerdict"`
		DMARCPolicy string   `json:"dmarcPolicy"` // only when DMARC failed
		Action      struct {
			Key string `json:"objectKey"`
		} `json:"action"`
	} `json:"receipt"`

	at time.Time // when the mail came
}

type verdict struct {
	Status string `json:"status"` // PASS, FAIL, GRAY, PROCESSING_FAILED
}

func (v verdict) failed() bool { return v.Status == "FAIL" }

// unsure reports whether the scanner could not tell.
func (v verdict) unsure() bool { return v.Status == "GRAY" || v.Status == "PROCESSING_FAILED" }

func (v verdict) passed() bool { return v.Status == "PASS" }

// nullSender reports whether the mail has no return path: bounces and vacation notices (RFC 5321 §4.5.5).
func (n notification) nullSender() bool { return strings.Trim(n.Mail.Source, "<> ") == "" }

// setup names the object SES writes to try out a new rule.
const setup = "AMAZON_SES_SETUP_NOTIFICATION"

// readNotification decodes a queue message; ok is false for what is no received mail.
func readNotification(body string) (n notification, ok bool, err error) {
	var envelope struct {
		Type    string
		Message string
	}
	if err := json.Unmarshal([]byte(body), &envelope); err != nil {
		return n, false, fmt.Errorf("ingest: notification: %w", err)
	}
	if envelope.Type == "Notification" {
		body = envelope.Message
	}
	if err := json.Unmarshal([]byte(body), &n); err != nil {
		return n, false, fmt.Errorf("ingest: notification: %w", err)
	}
	if n.Type != "Received" || strings.HasSuffix(n.Receipt.Action.Key, setup) {
		return n, false, nil
	}
	if n.Mail.ID == "" || n.Receipt.Action.Key == "" {
		return n, false, fmt.Errorf("ingest: notification without messageId or objectKey")
	}
	n.at = n.Mail.Timestamp
	return n, true, nil
}

// reprocess reads what agentapi puts on the queue for a mail in quarantine that is to run again: the id of its row, or "".
func reprocess(body string) string {
	var again struct {
		Reprocess string `json:"reprocess"`
	}
	if json.Unmarshal([]byte(body), &again) != nil {
		return ""
	}
	return again.Reprocess
}

// notificationOf is what SES said of a mail in quarantine, for the one address for which it is there. A row of an older build did not keep it:
// then it is what the row says.
func notificationOf(row store.Quarantined) notification {
	n, ok, err := readNotification(row.Notification)
	if !ok || err != nil {
		n = notification{Type: "Received", at: row.At}
		n.Mail.ID, _, _ = strings.Cut(row.ID, ".")
		n.Mail.Source, n.Mail.Timestamp, n.Receipt.Action.Key = row.From, row.At, row.Raw
	}
	n.Receipt.Recipients = row.To
	return n
}
