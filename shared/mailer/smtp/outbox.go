// Package smtp is the mailer port of local mode: a folder that keeps what was sent, and a real relay if one is set.
//
// Owns: playing SES: it accepts first, overwrites Message-ID, Date and Return-Path as SES does, and relays afterwards.
// Never: composing, bounces (infra/local plays those from OnSend). Imported by: infra/local, tests.
//
// Each message is <id>.eml, as recipients see it, and <id>.json. Both are on disk when Send returns.
package smtp

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"parley/shared/fault"
	"parley/shared/mailer"
)

// Domain is the right side of the Message-IDs SES gives in eu-west-1. (us-east-1 alone has another form, email.amazonses.com.)
const Domain = "eu-west-1.amazonses.com"

// Sent is one message that was accepted.
type Sent struct {
	ID    string            `json:"id"` // Message-ID without brackets and domain
	At    time.Time         `json:"at"`
	From  string            `json:"from"`
	To    []string          `json:"to"`
	Tags  map[string]string `json:"tags,omitempty"`
	Bytes int               `json:"bytes"`
	// Relay is "" without a relay, else "pending", "sent" or what the relay said against it.
	Relay string `json:"relay,omitempty"`
	// Raw is the message as recipients see it; List leaves it out.
	Raw []byte `json:"-"`
}

// Outbox is the folder.
type Outbox struct {
	dir, relay string
	// OnSend, if set before the first Send, is called with every accepted message, on Send's goroutine and before any relay.
	OnSend func(Sent)
	// Stays, if set, tells which recipients a relay never sees: our own domain's and simulators'.
	Stays func(address string) bool

	mu   sync.Mutex
	last int64 // milliseconds in the newest id
}

var _ mailer.Mailer = (*Outbox)(nil)

// Open makes an outbox in dir, which need not exist. relay is host:port of an SMTP server that takes the messages on, or "".
func Open(dir, relay string) *Outbox { return &Outbox{dir: dir, relay: relay} }

// newID looks like SES's: 0102, milliseconds in hex, random parts, 000000. Ids of one outbox sort by time.
func (o *Outbox) newID(now time.Time) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.last = max(now.UnixMilli(), o.last+1)
	var b [16]byte
	rand.Read(b[:])
	return fmt.Sprintf("0102%012x-%x-%x-%x-%x-%x-000000", o.last, b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// Send implements mailer.Mailer. What a relay says comes after the acceptance: it is recorded, not returned.
func (o *Outbox) Send(ctx context.Context, m mailer.Envelope) (string, error) {
	if err := mailer.Check(&m); err != nil {
		return "", err
	}
	if err := ctx.Err(); err != nil {
		return "", fault.Wrap(err, fault.Busy, "the request was given up before the message was accepted")
	}
	now := time.Now()
	s := Sent{ID: o.newID(now), At: now.UTC(), From: m.From, To: m.To, Tags: m.Tags}
	s.Raw = rewrite(m.Raw, s.ID, now)
	s.Bytes = len(s.Raw)
	out := s
	if o.Stays != nil {
		out.To = slices.DeleteFunc(slices.Clone(s.To), o.Stays)
	}
	passOn := o.relay != "" && len(out.To) > 0
	if passOn {
		s.Relay = "pending"
	}
	if err := os.MkdirAll(o.dir, 0o700); err != nil {
		return "", err
	}
	if err := o.write(s.ID+".eml", s.Raw); err != nil {
		return "", err
	}
	if err := o.note(s); err != nil {
		return "", err
	}
	if o.OnSend != nil {
		o.OnSend(s)
	}
	if passOn {
		s.Relay = "sent"
		if err := relay(o.relay, out); err != nil {
			s.Relay = err.Error()
		}
		if err := o.note(s); err != nil {
			return "", err
		}
	}
	return s.ID, nil
}

func (o *Outbox) note(s Sent) error {
	raw, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	return o.write(s.ID+".json", append(raw, '\n'))
}

// write puts a whole file under its name, on disk when it returns.
func (o *Outbox) write(name string, data []byte) error {
	f, err := os.CreateTemp(o.dir, "tmp-")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(f.Name(), filepath.Join(o.dir, name))
	}
	if err != nil {
		return err
	}
	d, err := os.Open(o.dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// List returns the newest messages first, at most limit, without Raw.
func (o *Outbox) List(limit int) ([]Sent, error) {
	entries, err := os.ReadDir(o.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return cmp.Compare(b.Name(), a.Name()) })
	var out []Sent
	for _, e := range entries {
		id, ok := strings.CutSuffix(e.Name(), ".json")
		if !ok || len(out) == limit {
			continue
		}
		s, err := o.read(id)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

var idOK = regexp.MustCompile(`^[0-9a-f]{16}(-[0-9a-f]+){6}$`)

// Get returns one message with Raw; fault.NotFound if there is none.
func (o *Outbox) Get(id string) (Sent, error) {
	if !idOK.MatchString(id) { // it becomes a file name
		return Sent{}, fault.New(fault.NotFound, "there is no such message")
	}
	s, err := o.read(id)
	if err != nil {
		return Sent{}, err
	}
	s.Raw, err = os.ReadFile(filepath.Join(o.dir, id+".eml"))
	return s, err
}

func (o *Outbox) read(id string) (Sent, error) {
	var s Sent
	raw, err := os.ReadFile(filepath.Join(o.dir, id+".json"))
	if errors.Is(err, fs.ErrNotExist) {
		return s, fault.New(fault.NotFound, "there is no such message")
	}
	if err != nil {
		return s, err
	}
	if err := json.Unmarshal(raw, &s); err != nil {
		return s, fmt.Errorf("outbox: %s.json cannot be read: %w", id, err)
	}
	return s, nil
}
