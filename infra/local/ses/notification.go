package ses

import (
	"encoding/json"
	"strings"
)

type notification struct {
	Type    string      `json:"notificationType"`
	Mail    mailPart    `json:"mail"`
	Receipt receiptPart `json:"receipt"`
}

type mailPart struct {
	Timestamp   string   `json:"timestamp"`
	Source      string   `json:"source"`
	MessageID   string   `json:"messageId"`
	Destination []string `json:"destination"`
	Truncated   bool     `json:"headersTruncated"`
	Headers     []header `json:"headers"`
	Common      common   `json:"commonHeaders"`
}

type common struct {
	ReturnPath string   `json:"returnPath"`
	From       []string `json:"from,omitempty"`
	ReplyTo    []string `json:"replyTo,omitempty"`
	Date       string   `json:"date,omitempty"`
	To         []string `json:"to,omitempty"`
	Cc         []string `json:"cc,omitempty"`
	MessageID  string   `json:"messageId,omitempty"`
	Subject    string   `json:"subject,omitempty"`
}

type verdict struct {
	Status string `json:"status"`
}

type receiptPart struct {
	Timestamp  string   `json:"timestamp"`
	Millis     int64    `json:"processingTimeMillis"`
	Recipients []string `json:"recipients"`
	Spam       verdict  `json:"spamVerdict"`
	Virus      verdict  `json:"virusVerdict"`
	SPF        verdict  `json:"spfVerdict"`
	DKIM       verdict  `json:"dkimVerdict"`
	DMARC      verdict  `json:"dmarcVerdict"`
	Action     action   `json:"action"`
}

type action struct {
	Type   string `json:"type"`
	Topic  string `json:"topicArn"`
	Bucket string `json:"bucketName"`
	Prefix string `json:"objectKeyPrefix"`
	Key    string `json:"objectKey"`
}

// Headers of a notification are cut at 10 KB ("headersTruncated").
const headerBytes = 10 << 10

// notification is what SES publishes on the topic of the S3 action, as raw delivery puts it on the queue.
func (m *Mail) notification(bucket, prefix, key string, raw []byte) string {
	hs := headers(raw)
	n, size := notification{Type: "Received"}, 0
	for i, h := range hs {
		if size += len(h.Name) + len(h.Value); size > headerBytes {
			n.Mail.Truncated = true
			n.Mail.Headers = hs[:i]
			break
		}
	}
	if !n.Mail.Truncated {
		n.Mail.Headers = hs
	}
	stamp := m.at.Format("2006-01-02T15:04:05.000Z")
	n.Mail.Timestamp, n.Mail.Source, n.Mail.MessageID, n.Mail.Destination = stamp, m.From, m.id, m.To
	n.Mail.Common = common{
		ReturnPath: m.From, From: addresses(cut(firstHeader(hs, "From"))), ReplyTo: addresses(cut(firstHeader(hs, "Reply-To"))),
		Date: cut(firstHeader(hs, "Date")), To: addresses(cut(firstHeader(hs, "To"))), Cc: addresses(cut(firstHeader(hs, "Cc"))),
		MessageID: cut(firstHeader(hs, "Message-ID")), Subject: cut(firstHeader(hs, "Subject")),
	}
	v := m.verdicts()
	n.Receipt = receiptPart{
		Timestamp: stamp, Millis: 1, Recipients: m.To,
		Spam: verdict{v.spam}, Virus: verdict{v.virus}, SPF: verdict{v.spf}, DKIM: verdict{v.dkim}, DMARC: verdict{v.dmarc},
		Action: action{Type: "S3", Topic: "arn:aws:sns:local:000000000000:mail", Bucket: bucket, Prefix: prefix, Key: key},
	}
	out, err := json.Marshal(n)
	if err != nil {
		panic(err) // strings and numbers only
	}
	return string(out)
}

// cut bounds a header value that is repeated outside the header list.
func cut(s string) string {
	if len(s) > headerBytes {
		return strings.ToValidUTF8(s[:headerBytes], "")
	}
	return s
}
