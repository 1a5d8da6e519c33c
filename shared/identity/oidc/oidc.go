// Package oidc is the identity adapter for any issuer that follows OpenID Connect Discovery 1.0: Amazon Cognito, and our own in
// local mode.
//
// Owns: discovery, the code and refresh grants of a public client (RFC 6749, RFC 7636), checking of tokens (RS256 only), revocation.
// Never: cookies, roles, users. Imported by: functions/agentapi/lambda, infra/local.
package oidc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"parley/shared/fault"
	"parley/shared/identity"
)

// Open returns issuers by their URL and our client id there. Nothing is fetched before the first call of a method.
func Open(context.Context) (func(issuer, client string) identity.Issuer, error) {
	return func(issuer, client string) identity.Issuer { return New(issuer, client, time.Now) }, nil
}

// Issuer is one issuer and our client there.
type Issuer struct {
	url, client string
	now         func() time.Time
	http        *http.Client

	mu    sync.Mutex
	found *discovered
	cache verified
}

type discovered struct {
	endpoint oauth2.Endpoint
	revoke   string
	tokens   *oidc.IDTokenVerifier // checks signature, issuer and expiry; the client is ours to check
	keys     *keySet
}

// New returns an issuer on a clock.
func New(issuer, client string, now func() time.Time) *Issuer {
	return &Issuer{url: issuer, client: client, now: now, http: &http.Client{Timeout: 10 * time.Second}, cache: newVerified()}
}

// discover reads the issuer's metadata once; a failure is tried again with the next call.
func (i *Issuer) discover(ctx context.Context) (*discovered, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.found != nil {
		return i.found, nil
	}
	ctx = oidc.ClientContext(context.WithoutCancel(ctx), i.http)
	p, err := oidc.NewProvider(ctx, i.url)
	if err != nil {
		return nil, fmt.Errorf("oidc: discovery of %s: %w", i.url, err)
	}
	var more struct {
		JWKS   string `json:"jwks_uri"`
		Revoke string `json:"revocation_endpoint"`
	}
	if err := p.Claims(&more); err != nil {
		return nil, fmt.Errorf("oidc: metadata of %s: %w", i.url, err)
	}
	keys := &keySet{remote: oidc.NewRemoteKeySet(ctx, more.JWKS)}
	i.found = &discovered{
		endpoint: oauth2.Endpoint{AuthURL: p.Endpoint().AuthURL, TokenURL: p.Endpoint().TokenURL, AuthStyle: oauth2.AuthStyleInParams},
		revoke:   more.Revoke,
		keys:     keys,
		tokens: oidc.NewVerifier(i.url, keys, &oidc.Config{
			SkipClientIDCheck: true, SupportedSigningAlgs: []string{oidc.RS256}, Now: i.now,
		}),
	}
	return i.found, nil
}

func (i *Issuer) oauth(d *discovered, redirect string) *oauth2.Config {
	return &oauth2.Config{ClientID: i.client, Endpoint: d.endpoint, RedirectURL: redirect}
}

func (i *Issuer) context(ctx context.Context) context.Context {
	return context.WithValue(ctx, oauth2.HTTPClient, i.http)
}

// Exchange implements identity.Issuer.
func (i *Issuer) Exchange(ctx context.Context, code, verifier, redirect string) (identity.Tokens, error) {
	d, err := i.discover(ctx)
	if err != nil {
		return identity.Tokens{}, err
	}
	t, err := i.oauth(d, redirect).Exchange(i.context(ctx), code, oauth2.VerifierOption(verifier))
	if err != nil {
		return identity.Tokens{}, refused(err, "This sign-in could not be completed. Please sign in again.")
	}
	return i.tokens(ctx, d, t)
}

// Refresh implements identity.Issuer.
func (i *Issuer) Refresh(ctx context.Context, refresh string) (identity.Tokens, error) {
	d, err := i.discover(ctx)
	if err != nil {
		return identity.Tokens{}, err
	}
	t, err := i.oauth(d, "").TokenSource(i.context(ctx), &oauth2.Token{RefreshToken: refresh}).Token()
	if err != nil {
		return identity.Tokens{}, refused(err, "Your session has ended. Please sign in again.")
	}
	out, err := i.tokens(ctx, d, t)
	if out.Refresh == refresh { // oauth2 fills in the old one when the answer has none
		out.Refresh = ""
	}
	return out, err
}

// refused tells the issuer's no (RFC 6749 §5.2: a 4xx) from not reaching it.
func refused(err error, message string) error {
	var no *oauth2.RetrieveError
	if errors.As(err, &no) && no.Response != nil && no.Response.StatusCode < 500 && no.Response.StatusCode != http.StatusTooManyRequests {
		return fault.Wrap(err, fault.Denied, "%s", message)
	}
	return fmt.Errorf("oidc: token endpoint: %w", err)
}

// tokens reads a token answer. Claims are the ID token's; an answer to a refresh may have none, then the access token's.
func (i *Issuer) tokens(ctx context.Context, d *discovered, t *oauth2.Token) (identity.Tokens, error) {
	out := identity.Tokens{Access: t.AccessToken, Refresh: t.RefreshToken, ExpiresIn: time.Duration(t.ExpiresIn) * time.Second}
	raw, _ := t.Extra("id_token").(string)
	if raw == "" {
		c, err := i.Verify(ctx, t.AccessToken)
		out.Claims = c
		return out, err
	}
	c, err := i.check(ctx, d, raw, func(t *token) bool { return t.audience(i.client) && (t.Use == "" || t.Use == "id") })
	out.Claims = c
	return out, err
}

// Verify implements identity.Issuer. A token that was good is good until it expires and is not checked again.
func (i *Issuer) Verify(ctx context.Context, access string) (identity.Claims, error) {
	if c, ok := i.cache.get(access, i.now()); ok {
		return c, nil
	}
	d, err := i.discover(ctx)
	if err != nil {
		return identity.Claims{}, err
	}
	c, err := i.check(ctx, d, access, func(t *token) bool {
		return (t.Client == i.client || t.audience(i.client)) && (t.Use == "" || t.Use == "access")
	})
	if err == nil {
		i.cache.put(access, c, i.now())
	}
	return c, err
}

// Revoke implements identity.Issuer. An issuer without a revocation endpoint keeps the token until it expires.
func (i *Issuer) Revoke(ctx context.Context, refresh string) error {
	d, err := i.discover(ctx)
	if err != nil || d.revoke == "" {
		return err
	}
	form := url.Values{"token": {refresh}, "token_type_hint": {"refresh_token"}, "client_id": {i.client}}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, d.revoke, strings.NewReader(form.Encode()))
	if err != nil {
		return fmt.Errorf("oidc: revocation: %w", err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := i.http.Do(r)
	if err != nil {
		return fmt.Errorf("oidc: revocation: %w", err)
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 1<<16)) // so that the connection can be used again
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("oidc: revocation: status %d", res.StatusCode)
	}
	return nil
}
