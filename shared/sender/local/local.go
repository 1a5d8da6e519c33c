// Package local plays Amazon SES's identities and its suppression list in local mode.
//
// Owns: one JSON file. A domain is verified when its three records are found, as SES does it.
// Never: DNS: whoever opens it says where records are looked up. Imported by: infra/local, infra/rehearsal.
package local

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"parley/shared/fault"
	"parley/shared/sender"
)

// Senders is the carrier that is played.
type Senders struct {
	file string
	own  string
	// cname is where a name points to, "" if nowhere or if nobody can say.
	cname func(ctx context.Context, name string) string
	now   func() time.Time

	mu sync.Mutex
}

type state struct {
	Domains    map[string]bool       `json:"domains"`
	Suppressed map[string]suppressed `json:"suppressed"`
}

type suppressed struct {
	Reason string    `json:"reason"`
	At     time.Time `json:"at"`
}

// Open reads and writes a file, which need not be there. own is the mail domain, which a deployment has proved.
func Open(file, own string, cname func(ctx context.Context, name string) string) *Senders {
	return &Senders{file: file, own: strings.ToLower(own), cname: cname, now: time.Now}
}

// change reads the file, and writes it if f says so.
func (s *Senders) change(f func(*state) bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := state{Domains: map[string]bool{}, Suppressed: map[string]suppressed{}}
	raw, err := os.ReadFile(s.file)
	if err == nil {
		err = json.Unmarshal(raw, &st)
	} else if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	if err != nil || !f(&st) {
		return err
	}
	if raw, err = json.MarshalIndent(st, "", "  "); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(s.file), 0o700); err != nil {
		return err
	}
	temporary := s.file + ".new"
	if err := os.WriteFile(temporary, append(raw, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(temporary, s.file)
}

// tokens of a domain are always the same, as Easy DKIM's are for as long as the identity is there.
func tokens(domain string) []string {
	var out []string
	for _, n := range []string{"1", "2", "3"} {
		sum := sha256.Sum256([]byte(n + domain))
		out = append(out, strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:20])))
	}
	return out
}

func (s *Senders) look(ctx context.Context, domain string) sender.Identity {
	i := sender.Identity{Domain: domain, Status: sender.Verified, Tokens: tokens(domain)}
	if domain == s.own {
		return i
	}
	for _, t := range i.Tokens {
		if !strings.EqualFold(strings.TrimSuffix(s.cname(ctx, t+"._domainkey."+domain), "."), t+".dkim.amazonses.com") {
			i.Status = sender.Pending
		}
	}
	return i
}

// Identity implements sender.Senders.
func (s *Senders) Identity(ctx context.Context, domain string) (sender.Identity, error) {
	known := domain == s.own
	err := s.change(func(st *state) bool { known = known || st.Domains[domain]; return false })
	if err == nil && !known {
		err = fault.New(fault.NotFound, "There is no such identity.")
	}
	if err != nil {
		return sender.Identity{}, err
	}
	return s.look(ctx, domain), nil
}

// Prove implements sender.Senders.
func (s *Senders) Prove(ctx context.Context, domain string) (sender.Identity, bool, error) {
	made := false
	err := s.change(func(st *state) bool {
		made = domain != s.own && !st.Domains[domain]
		st.Domains[domain] = true
		return made
	})
	if err != nil {
		return sender.Identity{}, false, err
	}
	return s.look(ctx, domain), made, nil
}

// Forget implements sender.Senders.
func (s *Senders) Forget(_ context.Context, domain string) error {
	return s.change(func(st *state) bool { had := st.Domains[domain]; delete(st.Domains, domain); return had })
}

// Account implements sender.Senders: local mode sends to everybody.
func (s *Senders) Account(context.Context) (sender.Account, error) {
	return sender.Account{Production: true, Enabled: true, Quota: 50000}, nil
}

// Suppress puts an address on the list, as SES does after a hard bounce or a complaint.
func (s *Senders) Suppress(address, reason string) error {
	return s.change(func(st *state) bool {
		st.Suppressed[strings.ToLower(address)] = suppressed{reason, s.now().UTC()}
		return true
	})
}

// Listed reports whether an address is on the list. A list that cannot be read has nobody on it.
func (s *Senders) Listed(address string) bool {
	_, err := s.Suppressed(context.Background(), address)
	return err == nil
}

// Suppressed implements sender.Senders.
func (s *Senders) Suppressed(_ context.Context, address string) (sender.Suppressed, error) {
	var found suppressed
	known := false
	err := s.change(func(st *state) bool { found, known = st.Suppressed[strings.ToLower(address)]; return false })
	if err == nil && !known {
		err = fault.New(fault.NotFound, "This address is not suppressed.")
	}
	return sender.Suppressed{Address: address, Reason: found.Reason, At: found.At}, err
}

// Lift implements sender.Senders.
func (s *Senders) Lift(_ context.Context, address string) error {
	known := false
	err := s.change(func(st *state) bool {
		_, known = st.Suppressed[strings.ToLower(address)]
		delete(st.Suppressed, strings.ToLower(address))
		return known
	})
	if err == nil && !known {
		return fault.New(fault.NotFound, "This address is not suppressed.")
	}
	return err
}
