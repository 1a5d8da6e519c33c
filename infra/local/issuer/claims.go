package issuer

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// GetPrivateClaimsFromRequest implements op.CanGetPrivateClaimsFromRequest: what an access token of Cognito says beside the standard
// claims. email and name are what a pre-token-generation trigger (V2) adds there.
func (s *store) GetPrivateClaimsFromRequest(_ context.Context, r op.TokenRequest, _ []string) (map[string]any, error) {
	u, err := s.bySub(r.GetSubject())
	if err != nil {
		return nil, err
	}
	claims := map[string]any{"token_use": "access", "client_id": Client, "username": u.Sub, "scope": strings.Join(r.GetScopes(), " "), "email": u.Email, "name": u.Name}
	if len(u.Groups) > 0 {
		claims["cognito:groups"] = u.Groups
	}
	return claims, nil
}

// SetUserinfoFromRequest implements op.CanSetUserinfoFromRequest: the ID token.
func (s *store) SetUserinfoFromRequest(_ context.Context, info *oidc.UserInfo, r op.IDTokenRequest, _ []string) error {
	u, err := s.bySub(r.GetSubject())
	if err != nil {
		return err
	}
	u.describe(info)
	info.AppendClaims("token_use", "id")
	return nil
}

func (u *User) describe(info *oidc.UserInfo) {
	info.Subject, info.Name, info.Email, info.EmailVerified = u.Sub, u.Name, u.Email, true
	info.AppendClaims("cognito:username", u.Sub)
	if len(u.Groups) > 0 {
		info.AppendClaims("cognito:groups", u.Groups)
	}
}

// SetUserinfoFromScopes implements op.OPStorage, which wants it empty: SetUserinfoFromRequest does the work.
func (s *store) SetUserinfoFromScopes(context.Context, *oidc.UserInfo, string, string, []string) error {
	return nil
}

// SetUserinfoFromToken implements op.OPStorage: the userinfo endpoint.
func (s *store) SetUserinfoFromToken(_ context.Context, info *oidc.UserInfo, _, subject, _ string) error {
	u, err := s.bySub(subject)
	if err == nil {
		u.describe(info)
	}
	return err
}

// GetPrivateClaimsFromScopes implements op.OPStorage; GetPrivateClaimsFromRequest is asked instead.
func (s *store) GetPrivateClaimsFromScopes(context.Context, string, string, []string) (map[string]any, error) {
	return map[string]any{}, nil
}

var errNotOffered = errors.New("issuer: not offered")

// SetIntrospectionFromToken implements op.OPStorage: there is no confidential client that could ask.
func (s *store) SetIntrospectionFromToken(context.Context, *oidc.IntrospectionResponse, string, string, string) error {
	return errNotOffered
}

// GetKeyByIDAndClientID implements op.OPStorage: there are no JWT-profile clients.
func (s *store) GetKeyByIDAndClientID(context.Context, string, string) (*jose.JSONWebKey, error) {
	return nil, errNotOffered
}

// ValidateJWTProfileScopes implements op.OPStorage: there are no JWT-profile clients.
func (s *store) ValidateJWTProfileScopes(context.Context, string, []string) ([]string, error) {
	return nil, errNotOffered
}

// AuthorizeClientIDSecret implements op.OPStorage: the client is public and has no secret.
func (s *store) AuthorizeClientIDSecret(context.Context, string, string) error { return errNotOffered }

// GetClientByClientID implements op.OPStorage.
func (s *store) GetClientByClientID(_ context.Context, id string) (op.Client, error) {
	if id != Client {
		return nil, errUnknown
	}
	return client{s}, nil
}

// client is the one public client.
type client struct{ store *store }

func (c client) GetID() string                       { return Client }
func (c client) ApplicationType() op.ApplicationType { return op.ApplicationTypeNative }
func (c client) AuthMethod() oidc.AuthMethod         { return oidc.AuthMethodNone }
func (c client) ResponseTypes() []oidc.ResponseType {
	return []oidc.ResponseType{oidc.ResponseTypeCode}
}

func (c client) GrantTypes() []oidc.GrantType {
	return []oidc.GrantType{oidc.GrantTypeCode, oidc.GrantTypeRefreshToken}
}
func (c client) AccessTokenType() op.AccessTokenType  { return op.AccessTokenTypeJWT }
func (c client) IDTokenLifetime() time.Duration       { return AccessLife }
func (c client) DevMode() bool                        { return true }
func (c client) IDTokenUserinfoClaimsAssertion() bool { return true }
func (c client) ClockSkew() time.Duration             { return 0 }
func (c client) IsScopeAllowed(string) bool           { return false }
func (c client) RestrictAdditionalIdTokenScopes() func([]string) []string {
	return func(scopes []string) []string { return scopes }
}

func (c client) RestrictAdditionalAccessTokenScopes() func([]string) []string {
	return func(scopes []string) []string { return scopes }
}

func (c client) LoginURL(id string) string {
	return c.store.cfg.URL + signInPath + "?request=" + url.QueryEscape(id)
}

// Paths of ours that the browser may come back to.
var returns = []string{"/callback", "/", "/signed-out"}

// RedirectURIs lists our own pages. Loopback addresses of other ports (the web's development server) are allowed by RFC 8252 §7.3.
func (c client) RedirectURIs() []string {
	var out []string
	for _, origin := range c.store.cfg.Origins {
		for _, path := range returns {
			out = append(out, origin+path)
		}
	}
	return out
}

func (c client) PostLogoutRedirectURIs() []string { return c.RedirectURIs() }

// request is an authorization request.
type request struct {
	ID, Redirect, State, Nonce, Challenge, Hint string
	Response                                    oidc.ResponseType
	Mode                                        oidc.ResponseMode
	Scopes                                      []string
	Sub                                         string
	AuthTime                                    time.Time
	created                                     time.Time
	done                                        bool
}

func (r *request) GetID() string                      { return r.ID }
func (r *request) GetACR() string                     { return "" }
func (r *request) GetAMR() []string                   { return []string{"pwd"} }
func (r *request) GetAudience() []string              { return []string{Client} }
func (r *request) GetAuthTime() time.Time             { return r.AuthTime }
func (r *request) GetClientID() string                { return Client }
func (r *request) GetNonce() string                   { return r.Nonce }
func (r *request) GetRedirectURI() string             { return r.Redirect }
func (r *request) GetResponseType() oidc.ResponseType { return r.Response }
func (r *request) GetResponseMode() oidc.ResponseMode { return r.Mode }
func (r *request) GetState() string                   { return r.State }
func (r *request) GetSubject() string                 { return r.Sub }
func (r *request) Done() bool                         { return r.done }
func (r *request) GetCodeChallenge() *oidc.CodeChallenge {
	return &oidc.CodeChallenge{Challenge: r.Challenge, Method: oidc.CodeChallengeMethodS256}
}

// GetScopes adds offline_access: zitadel's provider gives refresh tokens for it only, Cognito for every code.
func (r *request) GetScopes() []string {
	for _, s := range r.Scopes {
		if s == oidc.ScopeOfflineAccess {
			return r.Scopes
		}
	}
	return append(append([]string{}, r.Scopes...), oidc.ScopeOfflineAccess)
}

// renewal is a refresh token as a request. It must not be a request, too: the provider tells them apart by their methods.
type renewal struct{ token refresh }

func (r *renewal) GetAMR() []string                 { return []string{"pwd"} }
func (r *renewal) GetAudience() []string            { return []string{Client} }
func (r *renewal) GetAuthTime() time.Time           { return r.token.Auth }
func (r *renewal) GetClientID() string              { return Client }
func (r *renewal) GetScopes() []string              { return r.token.Scopes }
func (r *renewal) GetSubject() string               { return r.token.Sub }
func (r *renewal) SetCurrentScopes(scopes []string) { r.token.Scopes = scopes }
