// Package ses plays Amazon SES receiving for local mode: an SMTP door, the raw object in the mail bucket, and the notification on the queue.
//
// Owns: which recipients are taken, the headers SES adds, the notification of an S3 action.
// Never: what a mail means (functions/ingest).
// Imported by: infra/local/run.
//
// Source: Amazon SES developer guide, "Contents of notifications for Amazon SES email receiving" and "Email header fields".
package ses

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log"
	"net"
	"net/mail"
	"strings"
	"time"

	"github.com/emersion/go-smtp"

	"parley/shared/limit"
)

// Door is what the SMTP door and the loop-back need.
type Door struct {
	Domains func() []string // the receipt rule's recipients: mail domains whose every address is taken
	Bucket  string
	Prefix  string // of object keys: "in/"
	Put     func(ctx context.Context, key, mediaType string, data []byte) error
	Queue   func(ctx context.Context, body string) error
	Now     func() time.Time
}

// Ours reports whether the receipt rule takes an address.
func (d *Door) Ours(address string) bool {
	at := strings.LastIndexByte(address, '@')
	for _, domain := range d.Domains() {
		if at > 0 && strings.EqualFold(address[at+1:], domain) {
			return true
		}
	}
	return false
}

// Accept keeps a mail for recipients that are ours. When it returns nil, object and queue row are on disk.
func (d *Door) Accept(ctx context.Context, m Mail) error {
	m.id, m.at = newID(), d.Now().UTC()
	raw := m.object()
	key := d.Prefix + m.id
	if err := d.Put(ctx, key, "message/rfc822", raw); err != nil {
		return err
	}
	return d.Queue(ctx, m.notification(d.Bucket, d.Prefix, key, raw))
}

// newID looks like an id of SES receiving: 40 characters of [a-z0-9].
func newID() string {
	const letters = "0123456789abcdefghijklmnopqrstuv"
	var b [40]byte
	_, _ = rand.Read(b[:])
	for i := range b {
		b[i] = letters[b[i]&31]
	}
	return string(b[:])
}

// Server returns an SMTP server for the door. It speaks 8BITMIME and SMTPUTF8; a line may be as long as the mail, because a mail is never refused for its looks.
func (d *Door) Server(host string, problems *log.Logger) *smtp.Server {
	s := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		peer, _, _ := net.SplitHostPort(c.Conn().RemoteAddr().String())
		return &session{door: d, hello: c.Hostname(), peer: peer}, nil
	}))
	s.Domain = host
	s.MaxMessageBytes = limit.MailInBytes
	s.MaxLineLength = limit.MailInBytes + 4096 // so that what is too large is told to be too large
	s.MaxRecipients = 100                      // RFC 5321 §4.5.3.1.8
	s.EnableSMTPUTF8 = true
	s.ReadTimeout, s.WriteTimeout = 5*time.Minute, time.Minute // RFC 5321 §4.5.3.2
	s.ErrorLog = problems
	return s
}

type session struct {
	door  *Door
	hello string
	peer  string
	from  string
	to    []string
}

func (s *session) Reset() { s.from, s.to = "", nil }

func (s *session) Logout() error { return nil }

func (s *session) Mail(from string, o *smtp.MailOptions) error {
	if o != nil && o.Size > limit.MailInBytes {
		return smtp.ErrDataTooLarge
	}
	s.from = from
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if !s.door.Ours(to) {
		return &smtp.SMTPError{
			Code: 550, EnhancedCode: smtp.EnhancedCode{5, 7, 1},
			Message: fmt.Sprintf("This is Parley's local mail door: it takes mail for %s only, and relays nothing", strings.Join(s.door.Domains(), ", ")),
		}
	}
	for _, have := range s.to {
		if have == to {
			return nil
		}
	}
	s.to = append(s.to, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return err // too large is 552; go-smtp reads the rest of the data away
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := s.door.Accept(ctx, Mail{From: s.from, To: s.to, Hello: s.hello, Peer: s.peer, Data: data}); err != nil {
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "Could not keep the mail, try again later: " + err.Error()}
	}
	return nil
}

// Mail is one mail as the envelope brought it.
type Mail struct {
	From  string // "" is the null return path
	To    []string
	Hello string // what the client called itself
	Peer  string // its IP address
	Data  []byte
	id    string
	at    time.Time
}

// object is the mail as SES stores it: its own headers, then the data untouched.
func (m *Mail) object() []byte {
	var b bytes.Buffer
	b.Grow(len(m.Data) + 1024)
	fmt.Fprintf(&b, "Return-Path: <%s>\r\n", m.From)
	fmt.Fprintf(&b, "Received: from %s (%s [%s])\r\n by inbound-smtp.local.amazonaws.com with SMTP id %s\r\n for %s;\r\n %s\r\n",
		word(m.Hello), word(m.Hello), m.Peer, m.id, m.To[0], m.at.Format("Mon, 02 Jan 2006 15:04:05 +0000 (UTC)"))
	v := m.verdicts()
	fmt.Fprintf(&b, "X-SES-Spam-Verdict: %s\r\nX-SES-Virus-Verdict: %s\r\n", v.spam, v.virus)
	fmt.Fprintf(&b, "Authentication-Results: amazonses.com;\r\n spf=%s client-ip=%s; envelope-from=%s; helo=%s;\r\n dkim=%s;\r\n dmarc=%s;\r\n",
		result(v.spf), m.Peer, word(m.From), word(m.Hello), result(v.dkim), result(v.dmarc))
	b.Write(m.Data)
	return b.Bytes()
}

// word keeps a string of the client from breaking a header line.
func word(s string) string {
	s = strings.Map(func(r rune) rune {
		if r <= ' ' || r == 0x7f {
			return '_'
		}
		return r
	}, s)
	if s == "" {
		return "unknown"
	}
	return s
}

type verdicts struct{ spam, virus, spf, dkim, dmarc string }

// TestHeader sets verdicts of a mail at the local door, which can check none: "X-Parley-Verdict: spam=FAIL, dmarc=GRAY".
const TestHeader = "X-Parley-Verdict"

// verdicts are PASS unless TestHeader says otherwise.
func (m *Mail) verdicts() verdicts {
	v := verdicts{"PASS", "PASS", "PASS", "PASS", "PASS"}
	for _, part := range strings.Split(firstHeader(headers(m.Data), TestHeader), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch value {
		case "PASS", "FAIL", "GRAY", "PROCESSING_FAILED":
		default:
			continue
		}
		if p := map[string]*string{"spam": &v.spam, "virus": &v.virus, "spf": &v.spf, "dkim": &v.dkim, "dmarc": &v.dmarc}[name]; p != nil {
			*p = value
		}
	}
	return v
}

// result is a verdict in the words of RFC 8601.
func result(verdict string) string {
	switch verdict {
	case "PASS":
		return "pass"
	case "FAIL":
		return "fail"
	}
	return "none"
}

// header is one header field, unfolded.
type header struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// headers reads header fields leniently: a notification names what it can, the object is the truth.
func headers(raw []byte) []header {
	var out []header
	for len(raw) > 0 && len(out) < limit.MailHeaders {
		line := raw
		if i := bytes.IndexByte(raw, '\n'); i >= 0 {
			line, raw = raw[:i], raw[i+1:]
		} else {
			raw = nil
		}
		line = bytes.TrimRight(line, "\r")
		if len(line) == 0 {
			break
		}
		if (line[0] == ' ' || line[0] == '\t') && len(out) > 0 {
			out[len(out)-1].Value += " " + string(bytes.TrimSpace(line))
			continue
		}
		name, value, ok := bytes.Cut(line, []byte(":"))
		if ok && len(name) > 0 {
			out = append(out, header{string(bytes.TrimSpace(name)), string(bytes.TrimSpace(value))})
		}
	}
	return out
}

func firstHeader(hs []header, name string) string {
	for _, h := range hs {
		if strings.EqualFold(h.Name, name) {
			return h.Value
		}
	}
	return ""
}

// addresses lists the addresses of a header field as SES prints them in commonHeaders; what cannot be read stays as it is.
func addresses(value string) []string {
	if value == "" {
		return nil
	}
	list, err := mail.ParseAddressList(value)
	if err != nil {
		return []string{value}
	}
	out := make([]string, len(list))
	for i, a := range list {
		if out[i] = a.Address; a.Name != "" {
			out[i] = a.Name + " <" + a.Address + ">"
		}
	}
	return out
}
