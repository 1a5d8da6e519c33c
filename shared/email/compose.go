package email

import (
	"bytes"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"mime"
	"sort"
	"strings"
	"time"

	"parley/shared/fault"
	"parley/shared/limit"
)

// Outgoing is a mail to be written. Text is made from HTML if it is empty. HTML is sent as it is: sanitise what a person
// wrote before. MessageID, InReplyTo and References are bare ids. Headers are further fields, for example a loop header.
type Outgoing struct {
	From, ReplyTo Address // ReplyTo.Email may be empty
	To, Cc, Bcc   []Address
	Subject       string
	Text, HTML    string
	MessageID     string
	InReplyTo     string
	References    []string
	Date          time.Time
	Attachments   []Attachment
	Headers       map[string]string
}

// Compose writes a mail (RFC 5322, MIME), with CRLF line ends and no line over 998 octets. The result depends on nothing but o.
// References become the given ones, InReplyTo, and MessageID last: SES replaces the Message-ID of what it sends and
// keeps References, so that is where our signed id survives. Bcc counts as recipients and is never written.
//
// Every error is fault.Invalid and names the field: a CR, LF or NUL in something that goes into the header, a bad
// address, no recipient or more than limit.MailOutRecipients, no date, a mail over limit.MailOutBytes.
func Compose(o Outgoing) ([]byte, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	w := &mailWriter{}
	if err := w.head(o); err != nil {
		return nil, err
	}
	w.body(o)
	if !bytes.HasSuffix(w.Bytes(), []byte("\r\n")) {
		w.line("")
	}
	if w.Len() > limit.MailOutBytes {
		return nil, fault.New(fault.Invalid, "attachments: the message is %d MB; at most %d MB can be sent.", w.Len()>>20, limit.MailOutBytes>>20)
	}
	return w.Bytes(), nil
}

// check looks for what would break the header or the sending, before anything is written.
func (o *Outgoing) check() error {
	single := []struct{ field, value string }{
		{"subject", o.Subject},
		{"from", o.From.Name},
		{"from", o.From.Email},
		{"replyTo", o.ReplyTo.Name},
		{"replyTo", o.ReplyTo.Email},
		{"messageId", o.MessageID},
		{"inReplyTo", o.InReplyTo},
	}
	for _, r := range o.References {
		single = append(single, struct{ field, value string }{"references", r})
	}
	for name, v := range o.Headers {
		single = append(single, struct{ field, value string }{"headers", name}, struct{ field, value string }{"headers", v})
	}
	for _, a := range o.Attachments {
		single = append(single, struct{ field, value string }{"attachments", a.Name}, struct{ field, value string }{"attachments", a.Type},
			struct{ field, value string }{"attachments", a.ContentID})
	}
	for _, list := range []struct {
		field string
		to    []Address
	}{{"to", o.To}, {"cc", o.Cc}, {"bcc", o.Bcc}} {
		for _, a := range list.to {
			single = append(single, struct{ field, value string }{list.field, a.Name}, struct{ field, value string }{list.field, a.Email})
			if _, err := wireEmail(list.field, a.Email); err != nil {
				return err
			}
		}
	}
	for _, s := range single {
		if strings.ContainsAny(s.value, "\r\n\x00") {
			return fault.New(fault.Invalid, "%s: line breaks and NUL characters are not allowed here.", s.field)
		}
	}
	return o.checkSize()
}

func (o *Outgoing) checkSize() error {
	switch n := len(o.To) + len(o.Cc) + len(o.Bcc); {
	case n == 0:
		return fault.New(fault.Invalid, "to: the message has no recipient.")
	case n > limit.MailOutRecipients:
		return fault.New(fault.Invalid, "to: %d recipients; one message can have at most %d, To, Cc and Bcc together.", n, limit.MailOutRecipients)
	case o.Date.IsZero() || o.Date.Year() > 9999 || o.Date.Year() < 1970:
		return fault.New(fault.Invalid, "date: the message has no date.")
	}
	size := len(o.Text) + len(o.HTML)
	for _, a := range o.Attachments {
		size += len(a.Content) / 3 * 4
	}
	if size > limit.MailOutBytes {
		return fault.New(fault.Invalid, "attachments: the message is %d MB; at most %d MB can be sent.", size>>20, limit.MailOutBytes>>20)
	}
	if len([]rune(o.Subject)) > limit.SubjectRunes {
		return fault.New(fault.Invalid, "subject: longer than %d characters.", limit.SubjectRunes)
	}
	return nil
}

// wireEmail is an address as it goes on the wire: the local part as written and ASCII, because SES takes no other
// (SES Developer Guide, "SendEmail": SMTPUTF8 is not supported); the domain in punycode.
func wireEmail(fieldName, email string) (string, error) {
	local, domain, err := splitEmail(email)
	if err != nil {
		return "", fault.Wrap(err, fault.Invalid, "%s: %s", fieldName, fault.MessageOf(err))
	}
	if !isASCII([]byte(local)) {
		return "", fault.New(fault.Invalid, "%s: %q cannot be mailed: letters outside of ASCII before the @.", fieldName, email)
	}
	return local + "@" + domain, nil
}

// head writes the header block but for the fields of the body.
func (w *mailWriter) head(o Outgoing) error {
	if err := w.addresses("From", "from", []Address{o.From}); err != nil {
		return err
	}
	if o.ReplyTo != (Address{}) {
		if err := w.addresses("Reply-To", "replyTo", []Address{o.ReplyTo}); err != nil {
			return err
		}
	}
	if len(o.To) == 0 && len(o.Cc) == 0 {
		w.line("To: undisclosed-recipients:;")
	}
	for _, l := range []struct {
		name, field string
		to          []Address
	}{{"To", "to", o.To}, {"Cc", "cc", o.Cc}} {
		if err := w.addresses(l.name, l.field, l.to); err != nil {
			return err
		}
	}
	w.text("Subject", o.Subject)
	w.line("Date: " + o.Date.Format("Mon, 02 Jan 2006 15:04:05 -0700"))
	if err := w.ids(o); err != nil {
		return err
	}
	w.line("MIME-Version: 1.0")
	names := make([]string, 0, len(o.Headers))
	for name := range o.Headers {
		if !extraHeader(name) {
			return fault.New(fault.Invalid, "headers: %q cannot be set here.", name)
		}
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		w.text(name, o.Headers[name])
	}
	return nil
}

// ownHeaders are fields that Compose or the sending system writes.
var ownHeaders = set("from", "reply-to", "to", "cc", "bcc", "subject", "date", "message-id", "in-reply-to", "references", "mime-version",
	"sender", "return-path", "received", "dkim-signature")

// extraHeader reports whether name is a field name (RFC 5322 §3.6.8) that a caller may set.
func extraHeader(name string) bool {
	lower := strings.ToLower(name)
	if name == "" || len(name) > 60 || ownHeaders[lower] || strings.HasPrefix(lower, "content-") || strings.HasPrefix(lower, "resent-") {
		return false
	}
	for _, c := range []byte(name) {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-') {
			return false
		}
	}
	return true
}

// ids writes Message-ID, In-Reply-To and References.
func (w *mailWriter) ids(o Outgoing) error {
	for _, f := range []struct{ name, field, id string }{{"Message-ID", "messageId", o.MessageID}, {"In-Reply-To", "inReplyTo", o.InReplyTo}} {
		if f.id == "" {
			continue
		}
		if !wireID(f.id) {
			if f.field == "inReplyTo" { // a stranger's id that cannot be written is no reason not to answer
				continue
			}
			return fault.New(fault.Invalid, "%s: not a message id.", f.field)
		}
		w.line(f.name + ": <" + f.id + ">")
	}
	var ids []string
	last := map[string]int{}
	all := append(append([]string(nil), o.References...), o.InReplyTo, o.MessageID)
	for i, id := range all {
		last[id] = i
	}
	for i, id := range all {
		if last[id] == i && wireID(id) {
			ids = append(ids, id)
		}
	}
	if n := len(ids); n > limit.MailReferences { // the first one is the root of the conversation
		ids = append(ids[:1:1], ids[n-limit.MailReferences+1:]...)
	}
	if len(ids) > 0 {
		w.line("References: <" + strings.Join(ids, ">\r\n <") + ">")
	}
	return nil
}

// wireID reports whether an id can be written between <>: printable ASCII without blanks, short enough for a line.
func wireID(id string) bool {
	if id == "" || len(id) > maxID {
		return false
	}
	for _, c := range []byte(id) {
		if c <= ' ' || c > '~' || c == '<' || c == '>' {
			return false
		}
	}
	return true
}

// body writes the text and its HTML, the images that shows, and the files: mixed(related(alternative(text, html), images), files), each
// level only where it holds more than one part.
func (w *mailWriter) body(o Outgoing) {
	text := o.Text
	if text == "" && o.HTML != "" {
		text = TextOf(o.HTML)
	}
	w.boundary = boundaryOf(o)
	var inline, files []Attachment
	for _, a := range o.Attachments {
		if a.Inline && a.ContentID != "" && wireID(a.ContentID) && o.HTML != "" {
			inline = append(inline, a)
		} else {
			files = append(files, a)
		}
	}
	write := func() { w.textPart("text/plain", text) }
	if o.HTML != "" {
		write = func() {
			w.multipart("multipart/alternative", func(next func()) {
				next()
				w.textPart("text/plain", text)
				next()
				w.textPart("text/html", o.HTML)
			})
		}
	}
	if len(inline) > 0 {
		words := write
		write = func() {
			w.multipart(`multipart/related; type="multipart/alternative"`, func(next func()) {
				next()
				words()
				for _, a := range inline {
					next()
					w.filePart(a)
				}
			})
		}
	}
	if len(files) == 0 {
		write()
		return
	}
	w.multipart("multipart/mixed", func(next func()) {
		next()
		write()
		for _, a := range files {
			next()
			w.filePart(a)
		}
	})
}

// boundaryOf derives the boundary from the mail, so that composing needs no randomness. It holds "=_", which neither
// quoted-printable nor base64 can contain (RFC 2045 §6.7 advises it).
func boundaryOf(o Outgoing) string {
	h := sha256.New()
	fmt.Fprintf(h, "%q %q %q %q %d", o.MessageID, o.Subject, o.Text, o.HTML, len(o.Attachments))
	return "=_" + base32.HexEncoding.WithPadding(base32.NoPadding).EncodeToString(h.Sum(nil)[:15])
}

// mediaTypeOr returns a type that can stand in a header, or application/octet-stream. A composite type may not be base64
// (RFC 2045 §6.4), so an attached mail goes as bytes.
func mediaTypeOr(kind string) string {
	t, _, err := mime.ParseMediaType(kind)
	if err != nil || !strings.Contains(t, "/") || len(t) > 100 || !isASCII([]byte(t)) || strings.HasPrefix(t, "multipart/") || strings.HasPrefix(t, "message/") {
		return "application/octet-stream"
	}
	return t
}
