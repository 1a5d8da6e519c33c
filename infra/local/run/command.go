package run

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
	"time"
)

// gcPercent trades some 40 MB of memory for a twentieth of the processor: the heap is small, so Go's own 100 would collect it all the time.
const gcPercent = 400

// Command runs local mode until Ctrl-C (or SIGTERM) and stops it cleanly. It prints where everything is: first for people, then one
// line "ready {json}" for programs.
func Command(env func(string) string, out io.Writer) error {
	cfg, err := FromEnv(env)
	if err != nil {
		return err
	}
	// Libraries log through the default logger; only their errors are of interest here.
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})))
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	stop, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	p, err := Start(cfg)
	if err != nil {
		return err
	}
	if err = announce(out, p.Ready); err == nil {
		select {
		case <-stop.Done():
		case err = <-p.Broken():
		}
	}
	cancel() // a second Ctrl-C ends at once
	drain, done := context.WithTimeout(context.Background(), 10*time.Second)
	defer done()
	if e := p.Close(drain); err == nil {
		err = e
	}
	return err
}

func announce(out io.Writer, r Ready) error {
	host, port, _ := strings.Cut(r.SMTP, ":")
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, `
  Parley is running.

  Inbox     %s
  Sign in   %s  password: %s   (two more agents: mara@ and jonas@, same password)
  Mail to   %s   by SMTP at %s
  Mail out  %s
  Chat demo %s   what you write there arrives in the inbox

  Try it:
    swaks --server %s --port %s --from you@example.com --to %s --header "Subject: Hello" --body "Is anybody there?"
  or, without swaks:
    python3 -c "import smtplib; smtplib.SMTP('%s',%s).sendmail('you@example.com','%s','From: you@example.com\r\nSubject: Hello\r\n\r\nIs anybody there?')"

  Ctrl-C stops it; what it knows stays on disk.

ready %s
`, r.Inbox, r.User, r.Password, r.Address, r.SMTP, r.Outbox, r.Demo, host, port, r.Address, host, port, r.Address, line)
	return err
}
