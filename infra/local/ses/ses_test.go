package ses

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net"
	"net/smtp"
	"net/textproto"
	"strings"
	"sync"
	"testing"
	"time"

	awsevents "github.com/aws/aws-lambda-go/events"

	"parley/shared/limit"
)

// shelf is the bucket and the queue.
type shelf struct {
	mu      sync.Mutex
	objects map[string][]byte
	rows    []string
	order   []string
	full    bool
}

func (s *shelf) put(_ context.Context, key, _ string, data []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.full {
		return errors.New("disk full")
	}
	s.objects[key] = data
	s.order = append(s.order, "object")
	return nil
}

func (s *shelf) send(_ context.Context, body string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rows = append(s.rows, body)
	s.order = append(s.order, "row")
	return nil
}

func open(t *testing.T) (*shelf, string) {
	t.Helper()
	s := &shelf{objects: map[string][]byte{}}
	d := &Door{Domains: func() []string { return []string{"parley.localhost"} }, Bucket: "mail", Prefix: "in/", Put: s.put, Queue: s.send, Now: time.Now}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := d.Server("parley.localhost", log.New(io.Discard, "", 0))
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close() })
	return s, l.Addr().String()
}

func code(err error) int {
	var e *textproto.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return 0
}

const hello = "From: =?utf-8?q?J=C3=B6rg?= <jo@example.com>\r\nTo: support@parley.localhost\r\nSubject: Hello\r\n there\r\nMessage-ID: <m1@example.com>\r\n\r\nHi\r\n..dot\r\n"

func TestAMailBecomesAnObjectAndANotification(t *testing.T) {
	s, addr := open(t)
	to := []string{"support@Parley.localhost", "sales@parley.localhost"}
	if err := smtp.SendMail(addr, nil, "jo@example.com", to, []byte(hello)); err != nil {
		t.Fatal(err)
	}
	if strings.Join(s.order, " ") != "object row" {
		t.Errorf("order %v", s.order)
	}
	var e awsevents.SimpleEmailService
	if err := json.Unmarshal([]byte(s.rows[0]), &e); err != nil {
		t.Fatal(err)
	}
	var n notification
	if err := json.Unmarshal([]byte(s.rows[0]), &n); err != nil {
		t.Fatal(err)
	}
	if n.Type != "Received" || n.Mail.Source != "jo@example.com" || strings.Join(n.Receipt.Recipients, " ") != strings.Join(to, " ") || n.Receipt.Action.Bucket != "mail" || n.Receipt.Action.Key != "in/"+n.Mail.MessageID {
		t.Errorf("%+v", n)
	}
	if e.Mail.CommonHeaders.Subject != "Hello there" || e.Mail.CommonHeaders.From[0] != "Jörg <jo@example.com>" || e.Receipt.SpamVerdict.Status != "PASS" {
		t.Errorf("%+v", e)
	}
	raw := string(s.objects[n.Receipt.Action.Key])
	if !strings.HasSuffix(raw, hello) || !strings.HasPrefix(raw, "Return-Path: <jo@example.com>\r\nReceived: from ") || !strings.Contains(raw, "X-SES-Spam-Verdict: PASS\r\n") || !strings.Contains(raw, "\r\nAuthentication-Results: amazonses.com;") {
		t.Errorf("%s", raw)
	}
}

func TestWhatIsRefused(t *testing.T) {
	s, addr := open(t)
	if err := smtp.SendMail(addr, nil, "a@example.com", []string{"b@example.org"}, []byte(hello)); code(err) != 550 || !strings.Contains(err.Error(), "parley.localhost only") {
		t.Errorf("relaying: %v", err)
	}
	if err := smtp.SendMail(addr, nil, "a@example.com", []string{"b@sub.parley.localhost"}, []byte(hello)); code(err) != 550 {
		t.Errorf("a subdomain: %v", err)
	}
	if err := smtp.SendMail(addr, nil, "a@example.com", []string{"b@parley.localhost"}, make([]byte, limit.MailInBytes+1)); code(err) != 552 {
		t.Errorf("too large: %v", err)
	}
	s.full = true
	if err := smtp.SendMail(addr, nil, "a@example.com", []string{"b@parley.localhost"}, []byte(hello)); code(err) != 451 {
		t.Errorf("a full disk: %v", err)
	}
	if len(s.rows) != 0 {
		t.Errorf("%d rows", len(s.rows))
	}
}

func TestTheOddIsTaken(t *testing.T) {
	s, addr := open(t)
	odd := map[string]string{
		"null return path": "Subject: bounce\r\n\r\n",
		"no headers":       "just text\r\n",
		"nothing":          "",
		"a long line":      "Subject: x\r\n\r\n" + strings.Repeat("x", 3<<20) + "\r\n",
		"bare bytes":       "Subject: \xff\xfe\r\nFrom: nobody\r\n\r\n\x00\x80\r\n",
	}
	for name, data := range odd {
		from := "a@example.com"
		if name == "null return path" {
			from = ""
		}
		if err := smtp.SendMail(addr, nil, from, []string{"support@parley.localhost"}, []byte(data)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(s.rows) != len(odd) {
		t.Errorf("%d rows of %d", len(s.rows), len(odd))
	}
	for _, row := range s.rows {
		if !json.Valid([]byte(row)) {
			t.Errorf("%q", row)
		}
	}
}

func TestVerdictsOfTheTestHeader(t *testing.T) {
	m := Mail{Data: []byte("x-parley-verdict: spam=FAIL, dmarc=GRAY, dkim=maybe, other=FAIL\r\n\r\n")}
	if v := m.verdicts(); v != (verdicts{"FAIL", "PASS", "PASS", "PASS", "GRAY"}) {
		t.Errorf("%+v", v)
	}
}

func TestHeadersOfANotificationAreCut(t *testing.T) {
	m := Mail{From: "a@b.c", To: []string{"x@y.z"}, Data: []byte("Subject: " + strings.Repeat("long ", 5000) + "\r\nX: y\r\n\r\n")}
	var n notification
	if err := json.Unmarshal([]byte(m.notification("mail", "in/", "in/1", m.object())), &n); err != nil {
		t.Fatal(err)
	}
	if !n.Mail.Truncated || len(n.Mail.Headers) == 0 || len(n.Mail.Common.Subject) > headerBytes {
		t.Errorf("%v, %d headers, subject of %d", n.Mail.Truncated, len(n.Mail.Headers), len(n.Mail.Common.Subject))
	}
}
