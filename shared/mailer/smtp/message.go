package smtp

import (
	"bytes"
	"crypto/tls"
	"net"
	"net/smtp"
	"strings"
	"time"
)

// rewrite replaces what SES replaces: Message-ID, Date and Return-Path (SES developer guide, "Amazon SES header fields").
func rewrite(raw []byte, id string, now time.Time) []byte {
	nl := "\n"
	if i := bytes.IndexByte(raw, '\n'); i > 0 && raw[i-1] == '\r' {
		nl = "\r\n"
	}
	out := make([]byte, 0, len(raw)+256)
	out = append(out, "Return-Path: <"+id+"@"+Domain+">"+nl...)
	out = append(out, "Message-ID: <"+id+"@"+Domain+">"+nl...)
	out = append(out, "Date: "+now.UTC().Format("Mon, 2 Jan 2006 15:04:05 -0700")+nl...)
	drop := false
	for len(raw) > 0 {
		line := raw
		if i := bytes.IndexByte(raw, '\n'); i >= 0 {
			line = raw[:i+1]
		}
		if len(bytes.TrimRight(line, "\r\n")) == 0 { // the end of the header
			break
		}
		if line[0] != ' ' && line[0] != '\t' { // else it continues the field before
			name, _, _ := bytes.Cut(line, []byte{':'})
			switch strings.ToLower(strings.TrimSpace(string(name))) {
			case "message-id", "date", "return-path":
				drop = true
			default:
				drop = false
			}
		}
		if !drop {
			out = append(out, line...)
		}
		raw = raw[len(line):]
	}
	return append(out, raw...)
}

// relayTime is how long a relay may take for one message.
const relayTime = 30 * time.Second

// relay hands a message to an SMTP server, with STARTTLS if it is offered. One address that is refused does not keep the message
// from the others; the first refusal is returned when the others have it.
func relay(addr string, s Sent) error {
	conn, err := net.DialTimeout("tcp", addr, relayTime)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(relayTime)); err != nil {
		return err
	}
	host, _, _ := net.SplitHostPort(addr)
	c, err := smtp.NewClient(conn, host)
	if err != nil {
		return err
	}
	if ok, _ := c.Extension("STARTTLS"); ok {
		if err := c.StartTLS(&tls.Config{ServerName: host, MinVersion: tls.VersionTLS12}); err != nil {
			return err
		}
	}
	if err := c.Mail(s.From); err != nil {
		return err
	}
	var refused error
	taken := 0
	for _, to := range s.To {
		if err := c.Rcpt(to); err == nil {
			taken++
		} else if refused == nil {
			refused = err
		}
	}
	if taken == 0 {
		return refused
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	if _, err = w.Write(s.Raw); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	_ = c.Quit() // the message is accepted already
	return refused
}
