package flows

import (
	"bytes"
	"io"
	"net"
	"net/mail"
	"net/smtp"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	server "github.com/emersion/go-smtp"
)

// postman is the mail server that real clients hand their mail to. It passes on what is for us, and keeps everybody's copy.
type postman struct {
	*setup
	address string // host:port

	mu    sync.Mutex
	taken []taken
}

// taken is a mail that a client handed over.
type taken struct {
	from string
	to   []string
	raw  []byte
}

func (s *setup) postman() *postman {
	s.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.t.Fatal(err)
	}
	p := &postman{setup: s, address: l.Addr().String()}
	door := server.NewServer(server.BackendFunc(func(*server.Conn) (server.Session, error) { return &handing{p: p}, nil }))
	door.Domain = "postman.example.com"
	done := make(chan struct{})
	go func() { defer close(done); _ = door.Serve(l) }()
	s.t.Cleanup(func() { _ = door.Close(); <-done })
	return p
}

type handing struct {
	p    *postman
	mail taken
}

func (h *handing) Reset()        { h.mail = taken{} }
func (h *handing) Logout() error { return nil }

func (h *handing) Mail(from string, _ *server.MailOptions) error {
	h.mail.from = from
	return nil
}

func (h *handing) Rcpt(to string, _ *server.RcptOptions) error {
	h.mail.to = append(h.mail.to, to)
	return nil
}

func (h *handing) Data(r io.Reader) (err error) {
	if h.mail.raw, err = io.ReadAll(r); err != nil {
		return err
	}
	ours := slices.DeleteFunc(slices.Clone(h.mail.to), func(a string) bool { return !strings.HasSuffix(a, h.p.ours("")) })
	if len(ours) > 0 {
		if err := smtp.SendMail(h.p.SMTP, nil, h.mail.from, ours, h.mail.raw); err != nil {
			return err
		}
	}
	h.p.mu.Lock()
	defer h.p.mu.Unlock()
	h.p.taken = append(h.p.taken, h.mail)
	return nil
}

// last is the newest mail that a client handed over; n says how many there must be.
func (p *postman) last(n int) (taken, mail.Header) {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.taken) != n {
		p.t.Fatalf("the client handed over %d mails, want %d", len(p.taken), n)
	}
	m, err := mail.ReadMessage(bytes.NewReader(p.taken[n-1].raw))
	if err != nil {
		p.t.Fatal(err)
	}
	return p.taken[n-1], m.Header
}

// mbox writes mails into a file as mail clients keep them, and returns its path.
func mbox(t testing.TB, mails ...[]byte) string {
	t.Helper()
	var b bytes.Buffer
	for i, raw := range mails {
		b.WriteString("From someone@example.com " + time.Unix(1795708800+int64(i), 0).UTC().Format(time.ANSIC) + "\n")
		for _, line := range strings.SplitAfter(strings.ReplaceAll(string(raw), "\r\n", "\n"), "\n") {
			if strings.HasPrefix(strings.TrimLeft(line, ">"), "From ") {
				b.WriteString(">")
			}
			b.WriteString(line)
		}
		b.WriteString("\n")
	}
	path := filepath.Join(t.TempDir(), "mbox")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
