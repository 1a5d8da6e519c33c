package oidc

import (
	"context"
	"crypto/sha256"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"parley/shared/fault"
	"parley/shared/identity"
)

// token is what we read of a JWT beside what the verifier checks. Amazon Cognito's access tokens name the client in client_id and have
// no aud, its ID tokens the other way round; token_use tells them apart.
// Source: "Understanding user pool JSON web tokens (JWTs)", Amazon Cognito developer guide.
type token struct {
	Client   string   `json:"client_id"`
	Use      string   `json:"token_use"`
	Email    string   `json:"email"`
	Name     string   `json:"name"`
	Given    string   `json:"given_name"`
	Family   string   `json:"family_name"`
	Username string   `json:"preferred_username"`
	Groups   []string `json:"cognito:groups"`

	aud []string
}

func (t *token) audience(client string) bool { return slices.Contains(t.aud, client) }

func (t *token) name() string {
	if t.Name != "" {
		return t.Name
	}
	if full := strings.TrimSpace(t.Given + " " + t.Family); full != "" {
		return full
	}
	return t.Username
}

// check verifies a token and that it is for us.
func (i *Issuer) check(ctx context.Context, d *discovered, raw string, ours func(*token) bool) (identity.Claims, error) {
	const bad = "The token is not valid (any more)."
	var unreachable error
	ctx = context.WithValue(ctx, unreachableKey{}, &unreachable)
	checked, err := d.tokens.Verify(ctx, raw)
	if unreachable != nil {
		return identity.Claims{}, unreachable
	}
	if err != nil {
		return identity.Claims{}, fault.Wrap(err, fault.Denied, bad)
	}
	t := token{aud: checked.Audience}
	if err := checked.Claims(&t); err != nil {
		return identity.Claims{}, fault.Wrap(err, fault.Denied, bad)
	}
	if checked.Subject == "" || !ours(&t) {
		return identity.Claims{}, fault.New(fault.Denied, "The token is not for this application.")
	}
	return identity.Claims{Sub: checked.Subject, Email: t.Email, Name: t.name(), Groups: t.Groups, Expires: checked.Expiry}, nil
}

type unreachableKey struct{}

// keySet is the issuer's keys. The verifier above it turns every error into text, so one that says nothing about the token (the keys
// could not be fetched) goes round it, through the context.
type keySet struct{ remote *oidc.RemoteKeySet }

func (k *keySet) VerifySignature(ctx context.Context, jwt string) ([]byte, error) {
	payload, err := k.remote.VerifySignature(ctx, jwt)
	if err == nil {
		return payload, nil
	}
	// RemoteKeySet wraps nothing but the error of a fetch.
	if out, ok := ctx.Value(unreachableKey{}).(*error); ok && errors.Unwrap(err) != nil {
		*out = err
	}
	return nil, err
}

// verified remembers tokens that were good, by hash, so that a busy program's token is checked once and not with every request.
type verified struct {
	mu   sync.RWMutex
	seen map[[sha256.Size]byte]identity.Claims
}

const maxVerified = 10_000

func newVerified() verified { return verified{seen: map[[sha256.Size]byte]identity.Claims{}} }

func (v *verified) get(raw string, now time.Time) (identity.Claims, bool) {
	sum := sha256.Sum256([]byte(raw))
	v.mu.RLock()
	defer v.mu.RUnlock()
	c, ok := v.seen[sum]
	return c, ok && now.Before(c.Expires)
}

func (v *verified) put(raw string, c identity.Claims, now time.Time) {
	sum := sha256.Sum256([]byte(raw))
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.seen) >= maxVerified {
		for k, old := range v.seen {
			if !now.Before(old.Expires) {
				delete(v.seen, k)
			}
		}
		if len(v.seen) >= maxVerified {
			clear(v.seen)
		}
	}
	v.seen[sum] = c
}
