package agentapi

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"
	"github.com/go-chi/chi/v5"

	"parley/shared/blob"
	"parley/shared/fault"
	"parley/shared/host"
	"parley/shared/identity"
	"parley/shared/live"
	"parley/shared/store"
)

// door is the function put together.
type door struct {
	store  *store.Store
	live   *live.Live
	mail   blob.Bucket // raw mail, read through links
	files  blob.Bucket // bodies and attachments
	issuer identity.Issuer
	people identity.Directory
	newID  func() string
	now    func() time.Time

	origin     string // public origin of the pages, without a slash at the end
	mailDomain string
	oidc       oidcSettings
	api        huma.API
}

type oidcSettings struct{ issuer, client, scopes string }

// New puts the function together.
func New(c *host.Cloud) (host.Handler, error) {
	d := &door{
		origin:     strings.TrimRight(c.Env("PARLEY_ORIGIN"), "/"),
		mailDomain: strings.ToLower(c.Env("PARLEY_MAIL_DOMAIN")),
		oidc:       oidcSettings{c.Env("PARLEY_OIDC_ISSUER"), c.Env("PARLEY_OIDC_CLIENT"), c.Env("PARLEY_OIDC_SCOPES")},
		mail:       c.Blob(c.Env("PARLEY_BUCKET_MAIL")),
		files:      c.Blob(c.Env("PARLEY_BUCKET_FILES")),
		newID:      c.NewID,
		now:        c.Now,
	}
	d.store = store.Open(c.Table, store.Names{
		Threads: c.Env("PARLEY_TABLE_THREADS"), Outbox: c.Env("PARLEY_TABLE_OUTBOX"), Contacts: c.Env("PARLEY_TABLE_CONTACTS"),
		Settings: c.Env("PARLEY_TABLE_SETTINGS"), Sockets: c.Env("PARLEY_TABLE_SOCKETS"),
	}, c.Now, c.NewID)
	d.live = live.New(d.store.Sockets, c.Push(c.Env("PARLEY_SOCKETS_URL")))
	d.issuer = c.Identity(d.oidc.issuer, d.oidc.client)
	d.people = c.Directory(c.Env("PARLEY_USER_POOL"))
	return host.HTTP(d.routes()), nil
}

// routes registers every operation and returns the handler of them all.
func (d *door) routes() http.Handler {
	mux := chi.NewMux()
	mux.NotFound(func(w http.ResponseWriter, r *http.Request) {
		writeStatus(w, r, http.StatusNotFound, "There is no such address.")
	})
	mux.MethodNotAllowed(func(w http.ResponseWriter, r *http.Request) {
		writeStatus(w, r, http.StatusMethodNotAllowed, r.Method+" is not possible here.")
	})
	config := huma.DefaultConfig("Parley", "1.0.0")
	config.Info.Description = "The API of a Parley inbox. Errors are application/problem+json (RFC 9457) with a code: " +
		"invalid, denied, notfound, conflict, gone, busy or internal."
	config.CreateHooks = nil // no $schema members and Link headers
	config.OpenAPIPath, config.DocsPath, config.SchemasPath = "", "", ""
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"bearer": {Type: "http", Scheme: "bearer", BearerFormat: "JWT", Description: "An access token of the issuer in GET /api/config."},
	}
	d.api = humachi.New(mux, config)
	d.api.UseMiddleware(d.authenticate)
	d.registerSession()
	d.registerPeople()
	d.registerAccess()
	d.registerThreads()
	d.registerContent()
	d.registerMessages()
	d.registerChanges()
	d.registerQuarantine()
	refine(d.api.OpenAPI().Components.Schemas.Map())
	mux.Get("/api/openapi.json", d.serveOpenAPI())
	return guard(mux)
}

// op is the description of an operation that needs a token.
func op(method, path, id, summary string) huma.Operation {
	return huma.Operation{
		Method: method, Path: path, OperationID: id, Summary: summary,
		Security: []map[string][]string{{"bearer": {}}}, BodyReadTimeout: -1, // the body is in memory
	}
}

// open is the description of an operation that anybody may call.
func open(method, path, id, summary string) huma.Operation {
	o := op(method, path, id, summary)
	o.Security = nil
	return o
}

// Values of the headers that every answer carries; shared, never changed.
var always = map[string][]string{
	"Cache-Control":                {"no-store"},
	"Content-Security-Policy":      {"default-src 'none'; frame-ancestors 'none'"},
	"Cross-Origin-Resource-Policy": {"same-origin"},
	"Referrer-Policy":              {"no-referrer"},
	"X-Content-Type-Options":       {"nosniff"},
}

// guard sets the headers that every answer carries and turns a panic into an internal error.
func guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		for k, v := range always {
			h[k] = v
		}
		defer func() {
			if p := recover(); p != nil {
				writeError(w, r, panicked(p))
			}
		}()
		next.ServeHTTP(w, r)
	})
}

type userKey struct{}

// caller is the user whose token came with the request; authenticate put it there.
func caller(ctx context.Context) store.User {
	u, _ := ctx.Value(userKey{}).(store.User)
	return u
}

// authenticate lets a request pass to an operation that anybody may call, or with the user whose token the gateway verified.
func (d *door) authenticate(ctx huma.Context, next func(huma.Context)) {
	if len(ctx.Operation().Security) == 0 {
		next(ctx)
		return
	}
	u, err := d.user(ctx.Context())
	if err != nil {
		var s *withStatus
		if errors.As(err, &s) {
			ctx.SetHeader("WWW-Authenticate", "Bearer")
		}
		_ = huma.WriteErr(d.api, ctx, http.StatusInternalServerError, "", err) // the answer is all there is to say it with
		return
	}
	next(huma.WithValue(ctx, userKey{}, u))
}

func (d *door) user(ctx context.Context) (store.User, error) {
	e := host.RequestEvent(ctx)
	if e == nil || e.RequestContext.Authorizer == nil {
		return store.User{}, unauthorized("This needs an access token.")
	}
	claims := e.RequestContext.Authorizer.JWT.Claims
	sub := claims["sub"]
	if sub == "" {
		return store.User{}, unauthorized("The access token names nobody.")
	}
	u, err := d.store.Settings.User(ctx, sub)
	if err == nil && u.Disabled {
		return store.User{}, disabled()
	}
	if !fault.Is(err, fault.NotFound) {
		return u, err
	}
	if claims["email"] == "" {
		return store.User{}, fault.New(fault.Denied, "Nobody has signed in here with this account yet. Please sign in to the inbox once.")
	}
	u, err = d.store.Settings.SignedIn(ctx, sub, claims["name"], strings.ToLower(claims["email"]), isAdmin(groups(claims["cognito:groups"])))
	if err == nil && u.Disabled { // disabled since the list was read
		return store.User{}, disabled()
	}
	return u, err
}

// disabled is what somebody whose access was ended hears, whatever they ask for.
func disabled() error {
	return fault.New(fault.Denied, "Your access to this workspace has been disabled. Please ask an admin.")
}

// groups reads a list claim as API Gateway writes it: "[admins agents]".
func groups(claim string) []string {
	return strings.FieldsFunc(claim, func(r rune) bool { return strings.ContainsRune(`[], "`, r) })
}
