// Package identity is the port to whoever says who an agent is: Amazon Cognito on AWS, our own OIDC issuer in local mode.
//
// Owns: tokens and what they claim; who has an account. Never: roles (settings, by Sub), sessions of visitors.
// Imported by: functions/agentapi, adapters, host, infra/local.
package identity

import (
	"context"
	"time"
)

// Claims is what a verified access token says.
type Claims struct {
	Sub     string
	Email   string
	Name    string
	Groups  []string // the issuer's groups; "admins" makes the first administrator
	Expires time.Time
}

// Tokens is what the issuer's token endpoint returned. Refresh is "" when the issuer did not rotate it.
type Tokens struct {
	Access, Refresh string
	ExpiresIn       time.Duration
	Claims          Claims // of the ID token
}

// Issuer exchanges and verifies. Everything follows OpenID Connect Discovery 1.0: no endpoint is built by joining strings.
type Issuer interface {
	// Exchange turns an authorization code and its PKCE verifier (RFC 7636) into tokens; fault.Denied if the issuer says no.
	Exchange(ctx context.Context, code, verifier, redirect string) (Tokens, error)
	// Refresh turns a refresh token into new tokens; fault.Denied if it is no longer good.
	Refresh(ctx context.Context, refresh string) (Tokens, error)
	// Verify checks an access token's signature, issuer, client and expiry; fault.Denied if any fails.
	Verify(ctx context.Context, access string) (Claims, error)
	// Revoke ends a refresh token, best effort (RFC 7009).
	Revoke(ctx context.Context, refresh string) error
}
