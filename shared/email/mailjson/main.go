// Command mailjson prints what Parse makes of a mail, as JSON.
//
//	go run ./shared/email/mailjson < mail.eml
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"parley/shared/email"
)

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "mailjson:", err)
		os.Exit(1)
	}
}

func run(in io.Reader, out io.Writer) error {
	raw, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(printed(email.Parse(raw)))
}

// mail is what is printed: what is in a mail, and under "flags" what was concluded about it.
type mail struct {
	Subject      string             `json:"subject"`
	From         email.Address      `json:"from"`
	ReplyTo      []email.Address    `json:"replyTo,omitempty"`
	To           []email.Address    `json:"to"`
	Cc           []email.Address    `json:"cc"`
	Date         *time.Time         `json:"date"`
	MessageID    string             `json:"messageId"`
	InReplyTo    []string           `json:"inReplyTo,omitempty"`
	References   []string           `json:"references,omitempty"`
	OriginalFrom *email.Address     `json:"originalFrom,omitempty"`
	Text         string             `json:"text"`
	HTML         string             `json:"html"`
	Reply        string             `json:"reply"`
	Quoted       string             `json:"quoted"`
	Folds        []email.Lines      `json:"folds,omitempty"`
	Attachments  []email.Attachment `json:"attachments"`
	Flags        flags              `json:"flags"`
	Calendar     []email.Calendar   `json:"calendar"`
	BodyHash     string             `json:"bodyHash"`
	Problems     []email.Problem    `json:"problems"`
}

// flags: what does not hold of the mail is null or "".
type flags struct {
	Auto      string            `json:"auto"`      // the rule that says no person wrote it
	Bounce    *email.Report     `json:"bounce"`    // somebody did not get a mail, or not yet
	Delivered *email.Report     `json:"delivered"` // everybody got it, and it was asked for
	Complaint *email.Report     `json:"complaint"`
	Receipt   *email.Report     `json:"receipt"`
	List      string            `json:"list"`
	Forwarded *email.Head       `json:"forwarded"` // the original sender
	Crypto    string            `json:"crypto"`
	Hops      int               `json:"hops"`
	Loop      string            `json:"loop"`
	Verdicts  map[string]string `json:"verdicts"`
}

func printed(m email.Message) mail {
	out := mail{
		Subject: m.Subject, From: m.From, ReplyTo: m.ReplyTo, To: m.To, Cc: m.Cc, MessageID: m.MessageID, InReplyTo: m.InReplyTo, References: m.References,
		OriginalFrom: m.OriginalFrom, Text: m.Text, HTML: m.HTML, Reply: m.Reply, Quoted: m.Quoted, Folds: m.Folds, Attachments: m.Attachments,
		Calendar: m.Calendar, BodyHash: m.BodyHash, Problems: m.Problems,
		Flags: flags{Auto: m.Auto, List: m.List, Forwarded: m.Forwarded, Crypto: m.Crypto, Hops: m.Hops, Loop: m.Loop, Verdicts: m.Verdicts},
	}
	if !m.Date.IsZero() {
		out.Date = &m.Date
	}
	if out.Calendar == nil {
		out.Calendar = []email.Calendar{}
	}
	if r := m.Report; r != nil {
		switch {
		case m.Bounce:
			out.Flags.Bounce = r
		case r.Kind == email.ReportBounce:
			out.Flags.Delivered = r
		case r.Kind == email.ReportComplaint:
			out.Flags.Complaint = r
		case r.Kind == email.ReportReceipt:
			out.Flags.Receipt = r
		}
	}
	return out
}
