package smtp_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/mail"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	gosmtp "github.com/emersion/go-smtp"

	"parley/shared/fault"
	"parley/shared/mailer"
	"parley/shared/mailer/smtp"
)

var ctx = context.Background()

func envelope() mailer.Envelope {
	return mailer.Envelope{
		From: "support@example.com", To: []string{"a@example.org", "bad@example.org"}, Tags: map[string]string{"ob": "1"},
		Raw: []byte("From: support@example.com\r\nmessage-id: <old@x>\r\nDate: Mon, 1 Jan 2001\r\n\t00:00:00 +0000\r\nReturn-Path: <x@y>\r\nReferences: <old@x>\r\n <older@x>\r\nSubject: hi\r\n\r\nMessage-ID: in the body\r\n"),
	}
}

func TestSend(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "outbox")
	o := smtp.Open(dir, "")
	if got, err := o.List(10); err != nil || len(got) != 0 {
		t.Fatalf("an outbox that is not there yet: %v %v", got, err)
	}
	var seen []smtp.Sent
	o.OnSend = func(s smtp.Sent) { seen = append(seen, s) }
	id, err := o.Send(ctx, envelope())
	if err != nil || !regexp.MustCompile(`^0102[0-9a-f]{12}-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}-000000$`).MatchString(id) {
		t.Fatal(id, err)
	}
	got, err := smtp.Open(dir, "").Get(id)
	if err != nil || len(seen) != 1 || seen[0].ID != id || !bytes.Equal(seen[0].Raw, got.Raw) {
		t.Fatalf("%+v %v; hook saw %+v", got, err, seen)
	}
	msg, err := mail.ReadMessage(bytes.NewReader(got.Raw))
	if err != nil {
		t.Fatal(err)
	}
	own := "<" + id + "@" + smtp.Domain + ">"
	for name, want := range map[string]string{"Message-Id": own, "Return-Path": own, "References": "<old@x> <older@x>", "Subject": "hi", "From": "support@example.com"} {
		if v := msg.Header[name]; len(v) != 1 || v[0] != want {
			t.Errorf("%s: %q, want %q", name, v, want)
		}
	}
	if at, err := msg.Header.Date(); err != nil || len(msg.Header["Date"]) != 1 || time.Since(at) > time.Minute {
		t.Errorf("date %v %v", at, err)
	}
	if body, _ := io.ReadAll(msg.Body); string(body) != "Message-ID: in the body\r\n" {
		t.Errorf("body %q", body)
	}
	if got.From != "support@example.com" || len(got.To) != 2 || got.Tags["ob"] != "1" || got.Bytes != len(got.Raw) || got.Relay != "" {
		t.Errorf("%+v", got)
	}
}

func TestList(t *testing.T) {
	o := smtp.Open(t.TempDir(), "")
	var ids []string
	for range 5 {
		id, err := o.Send(ctx, envelope())
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	got, err := o.List(3)
	if err != nil || len(got) != 3 {
		t.Fatal(got, err)
	}
	for i, s := range got {
		if s.ID != ids[4-i] || s.Raw != nil {
			t.Errorf("%d: %s, want %s", i, s.ID, ids[4-i])
		}
	}
	for _, bad := range []string{"", "../" + ids[0], "0102018f3c8e5a7b-1b2c3d4e-5f60-7182-93a4-b5c6d7e8f901-000000", "x"} {
		if _, err := o.Get(bad); !fault.Is(err, fault.NotFound) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if _, err := o.Send(ctx, mailer.Envelope{From: "a@b", Raw: []byte("x")}); !fault.Is(err, fault.Invalid) {
		t.Errorf("nobody: %v", err)
	}
}

// relay is a real SMTP server that refuses bad@….
type relay struct {
	mu   sync.Mutex
	got  map[string]string
	mode string
}

func (r *relay) NewSession(*gosmtp.Conn) (gosmtp.Session, error) { return &session{r: r}, nil }

type session struct {
	r  *relay
	to []string
}

func (s *session) Mail(string, *gosmtp.MailOptions) error { return nil }
func (s *session) Rcpt(to string, _ *gosmtp.RcptOptions) error {
	if strings.HasPrefix(to, "bad@") {
		return &gosmtp.SMTPError{Code: 550, Message: "no such user"}
	}
	s.to = append(s.to, to)
	return nil
}

func (s *session) Data(in io.Reader) error {
	raw, err := io.ReadAll(in)
	if s.r.mode == "refuse" {
		return errors.New("not today")
	}
	s.r.mu.Lock()
	defer s.r.mu.Unlock()
	for _, to := range s.to {
		s.r.got[to] = string(raw)
	}
	return err
}
func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }

func TestRelay(t *testing.T) {
	r := &relay{got: map[string]string{}}
	srv := gosmtp.NewServer(r)
	srv.Domain = "localhost"
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = srv.Serve(l) }()
	defer srv.Close()
	o := smtp.Open(t.TempDir(), l.Addr().String())
	send := func(e mailer.Envelope) smtp.Sent {
		t.Helper()
		id, err := o.Send(ctx, e)
		if err != nil {
			t.Fatalf("a relay's refusal is not Send's: %v", err)
		}
		s, err := o.Get(id)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	e := envelope()
	e.To = e.To[:1]
	if s := send(e); s.Relay != "sent" || r.got["a@example.org"] != string(s.Raw) {
		t.Errorf("relay %q, it got %q", s.Relay, r.got["a@example.org"])
	}
	delete(r.got, "a@example.org")
	if s := send(envelope()); !strings.Contains(s.Relay, "no such user") || r.got["a@example.org"] == "" {
		t.Errorf("one bad address: %q, the good one got %q", s.Relay, r.got["a@example.org"])
	}
	o.Stays = func(a string) bool { return a == "a@example.org" }
	delete(r.got, "a@example.org")
	if s := send(e); s.Relay != "" || r.got["a@example.org"] != "" {
		t.Errorf("an address that stays: relay %q, it got %q", s.Relay, r.got["a@example.org"])
	}
	o.Stays = nil
	r.mode = "refuse"
	if s := send(e); s.Relay == "sent" || s.Relay == "pending" {
		t.Errorf("refused data: %q", s.Relay)
	}
	srv.Close()
	if s := send(e); s.Relay == "sent" || s.Relay == "pending" {
		t.Errorf("no relay: %q", s.Relay)
	}
}
