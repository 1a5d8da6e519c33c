package agentapi

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"parley/shared/fault"
	"parley/shared/identity"
	"parley/shared/limit"
	"parley/shared/store"
)

// refreshCookie holds the refresh token where no script can read it; it is sent to /api/session only.
const (
	refreshCookie = "parley_refresh"
	sessionPath   = "/api/session"
)

type configOut struct {
	Body struct {
		Issuer     string `json:"issuer" doc:"OpenID Connect issuer: endpoints come from its discovery document."`
		ClientID   string `json:"clientId"`
		Scopes     string `json:"scopes" doc:"Scopes to ask for, separated by blanks."`
		Product    string `json:"product" enum:"Parley"`
		MailDomain string `json:"mailDomain"`
	}
}

type signIn struct {
	Body struct {
		Code        string `json:"code" minLength:"1" doc:"The authorization code."`
		Verifier    string `json:"verifier" minLength:"43" maxLength:"128" doc:"The PKCE code verifier (RFC 7636)."`
		RedirectURI string `json:"redirectUri" doc:"The redirect_uri the code was asked with; it is of our own origin."`
	}
}

// cookieIn is a request that the session cookie authorises. SameSite=Strict keeps other sites from sending it, the header other
// origins' scripts: it makes the request one that needs a preflight.
type cookieIn struct {
	Refresh string `cookie:"parley_refresh" doc:"The session cookie."`
	Parley  string `header:"X-Parley" doc:"Must be 1."`
}

type sessionOut struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
	Body      session
}

type session struct {
	AccessToken string     `json:"accessToken"`
	ExpiresIn   int64      `json:"expiresIn" doc:"Seconds the access token is good for."`
	User        store.User `json:"user"`
}

type signedOut struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
}

func (d *door) registerSession() {
	huma.Register(d.api, open("GET", "/api/config", "getConfig", "What a page needs to know to sign in"), d.config)
	huma.Register(d.api, open("POST", sessionPath, "createSession", "Exchange an authorization code for a session"), d.signIn)
	huma.Register(d.api, open("POST", sessionPath+"/refresh", "refreshSession", "A new access token for the session cookie"), d.refresh)
	huma.Register(d.api, open("DELETE", sessionPath, "deleteSession", "Sign out"), d.signOut)
}

func (d *door) config(context.Context, *struct{}) (*configOut, error) {
	out := &configOut{}
	out.Body.Issuer, out.Body.ClientID, out.Body.Scopes = d.oidc.issuer, d.oidc.client, d.oidc.scopes
	out.Body.Product, out.Body.MailDomain = "Parley", d.mailDomain
	return out, nil
}

func (d *door) signIn(ctx context.Context, in *signIn) (*sessionOut, error) {
	if in.Body.RedirectURI != d.origin && !strings.HasPrefix(in.Body.RedirectURI, d.origin+"/") {
		return nil, fault.New(fault.Invalid, "redirectUri must be of %s.", d.origin)
	}
	if err := d.store.Settings.Birth(ctx, d.mailDomain); err != nil {
		return nil, err
	}
	tokens, err := d.issuer.Exchange(ctx, in.Body.Code, in.Body.Verifier, in.Body.RedirectURI)
	if err != nil {
		return nil, err
	}
	return d.session(ctx, tokens)
}

func (d *door) refresh(ctx context.Context, in *cookieIn) (*sessionOut, error) {
	if err := in.ours(); err != nil {
		return nil, err
	}
	if in.Refresh == "" {
		return nil, unauthorized("Nobody is signed in.")
	}
	old, err := url.QueryUnescape(in.Refresh)
	if err != nil {
		return nil, d.ended()
	}
	tokens, err := d.issuer.Refresh(ctx, old)
	if fault.Is(err, fault.Denied) {
		return nil, d.ended()
	}
	if err != nil {
		return nil, err
	}
	if tokens.Refresh == "" { // not rotated
		tokens.Refresh = old
	}
	return d.session(ctx, tokens)
}

// ended says that a session is over and takes its cookie away.
func (d *door) ended() error {
	gone := d.cookie("", -1)
	return huma.ErrorWithHeaders(unauthorized("Your session has ended. Please sign in again."), http.Header{"Set-Cookie": {gone.String()}})
}

func (d *door) signOut(ctx context.Context, in *cookieIn) (*signedOut, error) {
	if err := in.ours(); err != nil {
		return nil, err
	}
	if old, err := url.QueryUnescape(in.Refresh); err == nil && old != "" {
		// Best effort: the cookie goes either way, and the issuer's own life of the token bounds what is left.
		_ = d.issuer.Revoke(ctx, old)
	}
	return &signedOut{SetCookie: d.cookie("", -1)}, nil
}

func (in *cookieIn) ours() error {
	if in.Parley != "1" {
		return fault.New(fault.Denied, "The header X-Parley: 1 is missing.")
	}
	return nil
}

// session notes the sign-in and answers with what the page may hold.
func (d *door) session(ctx context.Context, t identity.Tokens) (*sessionOut, error) {
	u, err := d.store.Settings.SignedIn(ctx, t.Claims.Sub, t.Claims.Name, strings.ToLower(t.Claims.Email), isAdmin(t.Claims.Groups))
	if err != nil {
		return nil, err
	}
	if u.Disabled {
		gone := d.cookie("", -1)
		return nil, huma.ErrorWithHeaders(disabled(), http.Header{"Set-Cookie": {gone.String()}})
	}
	return &sessionOut{
		SetCookie: d.cookie(url.QueryEscape(t.Refresh), int(limit.SessionLife.Seconds())),
		Body:      session{AccessToken: t.Access, ExpiresIn: int64(t.ExpiresIn.Seconds()), User: u},
	}, nil
}

// cookie is the refresh cookie; a negative age takes it away.
func (d *door) cookie(value string, age int) http.Cookie {
	return http.Cookie{
		Name: refreshCookie, Value: value, Path: sessionPath, MaxAge: age, HttpOnly: true, SameSite: http.SameSiteStrictMode,
		Secure: strings.HasPrefix(d.origin, "https:"),
	}
}

func isAdmin(groups []string) bool { return slices.Contains(groups, "admins") }
