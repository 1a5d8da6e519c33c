package issuer

import (
	"context"
	"crypto/rsa"
	"errors"
	"strings"
	"sync"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// store is op.Storage. Authorization requests and codes live in memory: they are minutes old at most, and a restart only means to
// begin signing in again.
type store struct {
	cfg Config
	key *rsa.PrivateKey

	mu       sync.Mutex
	state    *state
	requests map[string]*request
	codes    map[string]string // code → request
}

const (
	requestLife  = 15 * time.Minute
	requestsMost = 1000
	// A refresh token that was rotated still works this long: two tabs that refresh at once, an answer that was lost.
	// Cognito's rotation has such a grace period of up to 60 s.
	rotationGrace = 30 * time.Second
)

var (
	_ op.Storage                        = (*store)(nil)
	_ op.CanGetPrivateClaimsFromRequest = (*store)(nil)
	_ op.CanSetUserinfoFromRequest      = (*store)(nil)
)

var errUnknown = errors.New("issuer: unknown or expired")

func openStore(cfg Config) (*store, error) {
	st, key, err := loadState(cfg.File, cfg.Users)
	if err != nil {
		return nil, err
	}
	return &store{cfg: cfg, key: key, state: st, requests: map[string]*request{}, codes: map[string]string{}}, nil
}

func (s *store) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state.save(s.cfg.File)
}

func (s *store) crypto() (key [32]byte) {
	copy(key[:], s.state.Crypto)
	return key
}

func (s *store) byEmail(email string) (User, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state.user(func(u *User) bool { return strings.EqualFold(u.Email, strings.TrimSpace(email)) })
}

func (s *store) bySub(sub string) (User, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state.user(func(u *User) bool { return u.Sub == sub })
}

// CreateAuthRequest implements op.AuthStorage. A request without PKCE S256 is refused: the client is public.
func (s *store) CreateAuthRequest(_ context.Context, r *oidc.AuthRequest, _ string) (op.AuthRequest, error) {
	if r.CodeChallenge == "" || r.CodeChallengeMethod != oidc.CodeChallengeMethodS256 {
		return nil, oidc.ErrInvalidRequest().WithDescription("code_challenge with method S256 is required (RFC 7636)")
	}
	if len(r.Prompt) == 1 && r.Prompt[0] == oidc.PromptNone {
		return nil, oidc.ErrLoginRequired().WithDescription("this issuer keeps no session of its own")
	}
	q := &request{
		ID: newSecret(), Redirect: r.RedirectURI, State: r.State, Nonce: r.Nonce, Challenge: r.CodeChallenge, Hint: r.LoginHint,
		Response: r.ResponseType, Mode: r.ResponseMode, Scopes: r.Scopes, created: s.cfg.Now(),
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget()
	s.requests[q.ID] = q
	return q, nil
}

// forget drops requests nobody will finish. The caller holds mu.
func (s *store) forget() {
	for id, q := range s.requests {
		if s.cfg.Now().Sub(q.created) > requestLife || len(s.requests) >= requestsMost {
			delete(s.requests, id)
		}
	}
	for code, id := range s.codes {
		if s.requests[id] == nil {
			delete(s.codes, code)
		}
	}
}

// AuthRequestByID implements op.AuthStorage.
func (s *store) AuthRequestByID(_ context.Context, id string) (op.AuthRequest, error) {
	return s.request(id)
}

func (s *store) request(id string) (*request, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.requests[id]
	if q == nil || s.cfg.Now().Sub(q.created) > requestLife {
		return nil, errUnknown
	}
	copied := *q
	return &copied, nil
}

// signIn marks a request as answered by a user.
func (s *store) signIn(id, sub string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.requests[id]
	if q == nil {
		return errUnknown
	}
	q.Sub, q.done, q.AuthTime = sub, true, s.cfg.Now()
	return nil
}

// AuthRequestByCode implements op.AuthStorage. A code works once.
func (s *store) AuthRequestByCode(ctx context.Context, code string) (op.AuthRequest, error) {
	s.mu.Lock()
	id, ok := s.codes[code]
	delete(s.codes, code)
	s.mu.Unlock()
	if !ok {
		return nil, errUnknown
	}
	return s.request(id)
}

// SaveAuthCode implements op.AuthStorage.
func (s *store) SaveAuthCode(_ context.Context, id, code string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.codes[code] = id
	return nil
}

// DeleteAuthRequest implements op.AuthStorage.
func (s *store) DeleteAuthRequest(_ context.Context, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.requests, id)
	return nil
}

// CreateAccessToken implements op.AuthStorage. It is not used for codes: they always give a refresh token, too.
func (s *store) CreateAccessToken(context.Context, op.TokenRequest) (string, time.Time, error) {
	return newSecret(), s.cfg.Now().Add(AccessLife), nil
}

// CreateAccessAndRefreshTokens implements op.AuthStorage: a new refresh token, durable before it is handed out; the one it replaces is rotated.
func (s *store) CreateAccessAndRefreshTokens(_ context.Context, r op.TokenRequest, current string) (string, string, time.Time, error) {
	now := s.cfg.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if u, err := s.state.user(func(u *User) bool { return u.Sub == r.GetSubject() }); err != nil || u.Disabled {
		return "", "", time.Time{}, op.ErrInvalidRefreshToken
	}
	next := refresh{Family: newSecret(), Sub: r.GetSubject(), Scopes: r.GetScopes(), Auth: now, Expires: now.Add(RefreshLife)}
	if q, ok := r.(*request); ok {
		next.Auth = q.AuthTime
	}
	if old, ok := s.state.Refresh[digest(current)]; current != "" {
		if !ok {
			return "", "", time.Time{}, op.ErrInvalidRefreshToken
		}
		next.Family, next.Auth, next.Expires = old.Family, old.Auth, old.Expires
		if old.Rotated.IsZero() {
			old.Rotated = now
			s.state.Refresh[digest(current)] = old
		}
	}
	for d, t := range s.state.Refresh {
		if now.After(t.Expires) {
			delete(s.state.Refresh, d)
		}
	}
	token := newSecret()
	s.state.Refresh[digest(token)] = next
	return newSecret(), token, now.Add(AccessLife), s.state.save(s.cfg.File)
}

// TokenRequestByRefreshToken implements op.AuthStorage. A rotated token that comes back after its grace was stolen or replayed:
// the whole sign-in ends (RFC 9700 §4.14.2).
func (s *store) TokenRequestByRefreshToken(_ context.Context, token string) (op.RefreshTokenRequest, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, ok := s.state.Refresh[digest(token)]
	now := s.cfg.Now()
	switch {
	case !ok || now.After(t.Expires):
		return nil, op.ErrInvalidRefreshToken
	case !t.Rotated.IsZero() && now.Sub(t.Rotated) > rotationGrace:
		return nil, errors.Join(op.ErrInvalidRefreshToken, s.end(t.Family))
	}
	return &renewal{t}, nil
}

// end forgets all refresh tokens of one sign-in. The caller holds mu.
func (s *store) end(family string) error {
	for d, t := range s.state.Refresh {
		if t.Family == family {
			delete(s.state.Refresh, d)
		}
	}
	return s.state.save(s.cfg.File)
}

// GetRefreshTokenInfo implements op.AuthStorage.
func (s *store) GetRefreshTokenInfo(_ context.Context, _, token string) (string, string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, ok := s.state.Refresh[digest(token)]
	if !ok {
		return "", "", op.ErrInvalidRefreshToken
	}
	return t.Sub, t.Family, nil
}

// RevokeToken implements op.AuthStorage: a refresh token takes its sign-in with it. Access tokens run out by themselves, as JWTs do.
func (s *store) RevokeToken(_ context.Context, family, _, _ string) *oidc.Error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.end(family); err != nil {
		return oidc.ErrServerError().WithParent(err)
	}
	return nil
}

// TerminateSession implements op.AuthStorage. This issuer keeps no session in the browser, so there is none to end; the refresh token
// is revoked by whoever holds it.
func (s *store) TerminateSession(context.Context, string, string) error { return nil }

// Health implements op.Storage.
func (s *store) Health(context.Context) error { return nil }

// SigningKey implements op.AuthStorage.
func (s *store) SigningKey(context.Context) (op.SigningKey, error) { return signingKey{s}, nil }

// SignatureAlgorithms implements op.AuthStorage: Cognito signs with RS256 only.
func (s *store) SignatureAlgorithms(context.Context) ([]jose.SignatureAlgorithm, error) {
	return []jose.SignatureAlgorithm{jose.RS256}, nil
}

// KeySet implements op.AuthStorage.
func (s *store) KeySet(context.Context) ([]op.Key, error) { return []op.Key{publicKey{s}}, nil }

type signingKey struct{ s *store }

func (k signingKey) SignatureAlgorithm() jose.SignatureAlgorithm { return jose.RS256 }
func (k signingKey) Key() any                                    { return k.s.key }
func (k signingKey) ID() string                                  { return k.s.state.KeyID }

type publicKey struct{ s *store }

func (k publicKey) Algorithm() jose.SignatureAlgorithm { return jose.RS256 }
func (k publicKey) Use() string                        { return "sig" }
func (k publicKey) Key() any                           { return &k.s.key.PublicKey }
func (k publicKey) ID() string                         { return k.s.state.KeyID }
