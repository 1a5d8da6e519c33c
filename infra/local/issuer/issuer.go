// Package issuer is a real OpenID Connect issuer for local mode, in the place that Amazon Cognito has on AWS.
//
// Owns: users with a password, one public client (code + PKCE S256), tokens shaped like Cognito's, rotating refresh tokens, the sign-in page.
// Never: roles (settings keep them by sub).
// Imported by: infra/local/run.
//
// Built on zitadel/oidc's provider; what Cognito does differently from plain OpenID Connect is in store.go. Keys, users and refresh
// tokens are in one file of mode 0600 and survive a restart.
package issuer

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/zitadel/oidc/v3/pkg/op"
)

// Client is the id of the one client.
const Client = "parley-local"

// Scopes is what the client asks for: Cognito gives a refresh token without offline_access, so this issuer does too.
const Scopes = "openid email profile"

// How long tokens live. Cognito's defaults are an hour and thirty days.
const (
	AccessLife  = time.Hour
	RefreshLife = 30 * 24 * time.Hour
)

// Config says where the issuer is and what it keeps.
type Config struct {
	URL     string   // the issuer's own URL: origin and path, no slash at the end
	File    string   // where it keeps its state
	Origins []string // origins that may be redirected to; loopback ones always may
	Users   []User   // created when the file is new
	Welcome string   // the password of who is invited; "" lets nobody be invited
	Now     func() time.Time
	Log     *slog.Logger
}

// Issuer serves everything below its URL's path.
type Issuer struct {
	cfg      Config
	store    *store
	provider *op.Provider
	page     *page
}

// Open opens the issuer's file and puts it together.
func Open(cfg Config) (*Issuer, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	st, err := openStore(cfg)
	if err != nil {
		return nil, err
	}
	provider, err := op.NewProvider(&op.Config{
		CryptoKey:             st.crypto(),
		CryptoKeyId:           "local",
		CodeMethodS256:        true,
		AuthMethodPost:        false,
		GrantTypeRefreshToken: true,
		SupportedScopes:       strings.Fields(Scopes),
		SupportedClaims:       []string{"sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "email", "email_verified", "name", "cognito:groups", "cognito:username", "token_use"},
	}, st, op.StaticIssuer(cfg.URL), op.WithAllowInsecure(), op.WithCORSOptions(nil))
	if err != nil {
		return nil, err
	}
	i := &Issuer{cfg: cfg, store: st, provider: provider}
	i.page = &page{issuer: i}
	return i, nil
}

// Path of the sign-in page under the issuer's URL.
const signInPath = "/sign-in"

// Handler serves the issuer; mount it with its path stripped.
func (i *Issuer) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+signInPath, i.page.show)
	mux.HandleFunc("POST "+signInPath, i.page.submit)
	mux.Handle("/", public(i.provider))
	return mux
}

// public lets pages of other origins read: discovery, keys and the token endpoint take no cookie.
func public(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		if r.Method == http.MethodOptions {
			w.Header().Set("Access-Control-Allow-Methods", "GET, POST")
			w.Header().Set("Access-Control-Allow-Headers", "Content-Type")
			w.WriteHeader(http.StatusNoContent)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// Token makes an access token for a user by email, for programs; fault.Denied for a disabled one.
func (i *Issuer) Token(ctx context.Context, email string, life time.Duration) (string, error) {
	u, err := i.store.byEmail(email)
	if err != nil {
		return "", err
	}
	if u.Disabled {
		return "", errDisabled
	}
	c := client{store: i.store}
	r := &request{Sub: u.Sub, Scopes: strings.Fields(Scopes), done: true, AuthTime: i.cfg.Now()}
	return op.CreateJWT(ctx, i.cfg.URL, r, i.cfg.Now().Add(life), newSecret(), c, i.store)
}

// callback is where the provider goes on once somebody has signed in.
func (i *Issuer) callback(id string) string {
	return op.AuthCallbackURL(i.provider)(op.ContextWithIssuer(context.Background(), i.cfg.URL), id)
}

// Close writes what is not on disk yet.
func (i *Issuer) Close() error { return i.store.close() }
