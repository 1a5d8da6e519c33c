package issuer

import (
	"context"
	"slices"
	"strings"

	"github.com/oklog/ulid/v2"

	"parley/shared/fault"
	"parley/shared/identity"
)

var _ identity.Directory = (*Issuer)(nil)

var errDisabled = fault.New(fault.Denied, "This account has been disabled.")

// Invite implements identity.Directory. Nothing is mailed: who is invited on this computer signs in with Config.Welcome, as everybody here does.
func (i *Issuer) Invite(_ context.Context, email, name string) (string, error) {
	email, err := identity.Email(email)
	if err != nil {
		return "", err
	}
	u := User{Sub: strings.ToLower(ulid.Make().String()), Email: email, Name: name}
	if i.cfg.Welcome == "" {
		return "", fault.New(fault.Denied, "Nobody can be invited here.")
	}
	if err := u.setPassword(i.cfg.Welcome); err != nil {
		return "", err
	}
	s := i.store
	s.mu.Lock()
	defer s.mu.Unlock()
	if known, err := s.state.user(func(u *User) bool { return strings.EqualFold(u.Email, email) }); err == nil {
		return known.Sub, nil
	}
	s.state.Users = append(s.state.Users, u)
	return u.Sub, s.state.save(s.cfg.File)
}

// Disable implements identity.Directory.
func (i *Issuer) Disable(ctx context.Context, sub string) error {
	if err := i.store.access(sub, true); err != nil {
		return err
	}
	return i.SignOut(ctx, sub)
}

// Enable implements identity.Directory.
func (i *Issuer) Enable(_ context.Context, sub string) error { return i.store.access(sub, false) }

// SignOut ends every session of a user: their refresh tokens. Access tokens run out by themselves.
func (i *Issuer) SignOut(_ context.Context, sub string) error {
	s := i.store
	s.mu.Lock()
	defer s.mu.Unlock()
	for d, t := range s.state.Refresh {
		if t.Sub == sub {
			delete(s.state.Refresh, d)
		}
	}
	return s.state.save(s.cfg.File)
}

// Find returns a user by email or sub; fault.NotFound if there is none.
func (i *Issuer) Find(name string) (User, error) {
	u, err := i.store.bySub(name)
	if err != nil {
		u, err = i.store.byEmail(name)
	}
	return u, err
}

func (s *store) access(sub string, disabled bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := slices.IndexFunc(s.state.Users, func(u User) bool { return u.Sub == sub })
	if at < 0 {
		return fault.New(fault.NotFound, "There is no such account.")
	}
	s.state.Users[at].Disabled = disabled
	return s.state.save(s.cfg.File)
}
