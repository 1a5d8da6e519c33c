package visitorapi

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"
	"github.com/go-chi/chi/v5"

	"parley/shared/blob"
	"parley/shared/chatflow"
	"parley/shared/fault"
	"parley/shared/host"
	"parley/shared/live"
	"parley/shared/problem"
	"parley/shared/secret"
	"parley/shared/store"
	"parley/shared/visitor"
)

// door is the function put together.
type door struct {
	store  *store.Store
	desk   *visitor.Desk
	live   *live.Live
	signer *visitor.Signer
	// secrets has the key of identities, which is looked up when a page says one.
	secrets secret.Store
	files   blob.Bucket // agents' pictures, and what bots give away
	origin  string      // of our own pages, which may always ask
	newID   func() string
	now     func() time.Time
	api     huma.API
}

// New puts the function together.
func New(c *host.Cloud) (host.Handler, error) {
	d := &door{
		origin: strings.TrimRight(c.Env("PARLEY_ORIGIN"), "/"), files: c.Blob(c.Env("PARLEY_BUCKET_FILES")), newID: c.NewID, now: c.Now,
	}
	d.store = store.Open(c.Table, store.Names{
		Threads: c.Env("PARLEY_TABLE_THREADS"), Assignments: c.Env("PARLEY_TABLE_ASSIGNMENTS"), Contacts: c.Env("PARLEY_TABLE_CONTACTS"), Settings: c.Env("PARLEY_TABLE_SETTINGS"),
		Sockets: c.Env("PARLEY_TABLE_SOCKETS"),
	}, c.Now, c.NewID)
	d.live = live.New(d.store, c.Push(c.Env("PARLEY_SOCKETS_URL")))
	d.desk = visitor.NewDesk(d.store, d.live, c.NewID, c.Now)
	d.secrets = c.Secret(c.Env("PARLEY_SECRETS"))
	key, err := d.secrets.Key(context.Background(), secret.VisitorKey)
	if err != nil {
		return nil, err
	}
	d.signer = visitor.NewSigner(key)
	return host.HTTP(d.routes()), nil
}

const base = "/api/visitor/{account}"

func (d *door) routes() http.Handler {
	mux := chi.NewMux()
	mux.NotFound(func(w http.ResponseWriter, r *http.Request) {
		problem.WriteStatus(w, r, http.StatusNotFound, "There is no such address.")
	})
	mux.MethodNotAllowed(func(w http.ResponseWriter, r *http.Request) {
		problem.WriteStatus(w, r, http.StatusMethodNotAllowed, r.Method+" is not possible here.")
	})
	mux.Use(guard)
	config := huma.DefaultConfig("Parley for visitors", "1.0.0")
	config.Info.Description = "What the chat widget speaks. Errors are application/problem+json (RFC 9457) with a code."
	config.CreateHooks = nil
	config.OpenAPIPath, config.DocsPath, config.SchemasPath = "", "", ""
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"visitor": {Type: "http", Scheme: "bearer", Description: "The token of POST session."},
	}
	d.api = humachi.New(mux, config)
	d.api.UseMiddleware(d.allow)
	d.registerBoot()
	d.registerTalk()
	d.registerFiles()
	mux.Options("/api/visitor/{account}/*", d.preflight)
	spec := sync.OnceValues(func() ([]byte, error) { return json.Marshal(d.api.OpenAPI()) })
	mux.Get("/api/visitor/openapi.json", func(w http.ResponseWriter, r *http.Request) {
		raw, err := spec()
		if err != nil {
			problem.Write(w, r, err)
			return
		}
		w.Header().Set("Content-Type", "application/openapi+json")
		_, _ = w.Write(raw)
	})
	return mux
}

// guard sets the headers that every answer carries and turns a panic into an internal error.
func guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		h.Set("Cross-Origin-Resource-Policy", "cross-origin") // the pages that ask are other people's
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Add("Vary", "Origin")
		defer func() {
			if p := recover(); p != nil {
				problem.Write(w, r, problem.Panicked(p))
			}
		}()
		a := &answered{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(a, r)
		if a.status/100 == 4 { // a line by which refusals can be counted; it names no one
			host.From(r.Context()).Info("refused", "door", "visitor", "status", a.status)
		}
	})
}

// answered remembers the status of an answer.
type answered struct {
	http.ResponseWriter
	status int
}

func (a *answered) WriteHeader(status int) {
	a.status = status
	a.ResponseWriter.WriteHeader(status)
}

// allowed reports whether a page of this origin may use the account's widget. A request without an origin comes from our own pages, or from
// no browser at all: then there is no page to protect a visitor from.
func (d *door) allowed(ctx context.Context, account, origin string) (chatflow.Widget, error) {
	w, err := d.store.Chats.Widget(ctx, account)
	if err == nil && origin != "" && origin != d.origin && !w.Allows(origin) {
		err = fault.New(fault.Denied, "This chat may not be used on %.80s. An admin can add that website in the chat's settings.", origin)
	}
	return w, err
}

type (
	widgetKey  struct{}
	visitorKey struct{}
)

// allow lets a request pass that comes from an allowed page and, where the operation wants one, from a visitor of ours.
func (d *door) allow(ctx huma.Context, next func(huma.Context)) {
	fail := func(err error) { _ = huma.WriteErr(d.api, ctx, http.StatusInternalServerError, "", err) }
	account, origin := ctx.Param("account"), ctx.Header("Origin")
	w, err := d.allowed(ctx.Context(), account, origin)
	if err != nil {
		fail(err)
		return
	}
	if origin != "" {
		ctx.SetHeader("Access-Control-Allow-Origin", origin)
	}
	ctx = huma.WithValue(ctx, widgetKey{}, w)
	if len(ctx.Operation().Security) > 0 {
		token, _ := strings.CutPrefix(ctx.Header("Authorization"), "Bearer ")
		v, ok := d.signer.Verify(token, d.now())
		if !ok || v.Account != account {
			fail(problem.Unauthorized("This needs the token of a visitor."))
			return
		}
		ctx = huma.WithValue(ctx, visitorKey{}, v)
	}
	next(ctx)
}

// preflight answers what a browser asks before it sends a request with a token (Fetch Standard, CORS-preflight).
func (d *door) preflight(w http.ResponseWriter, r *http.Request) {
	origin := r.Header.Get("Origin")
	if _, err := d.allowed(r.Context(), chi.URLParam(r, "account"), origin); err != nil {
		problem.Write(w, r, err)
		return
	}
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", origin)
	h.Set("Access-Control-Allow-Methods", "GET, POST")
	h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type")
	h.Set("Access-Control-Max-Age", "7200")
	w.WriteHeader(http.StatusNoContent)
}

func widgetOf(ctx context.Context) chatflow.Widget {
	w, _ := ctx.Value(widgetKey{}).(chatflow.Widget)
	return w
}

func visitorOf(ctx context.Context) visitor.Visitor {
	v, _ := ctx.Value(visitorKey{}).(visitor.Visitor)
	return v
}

func op(method, path, id, summary string) huma.Operation {
	return huma.Operation{Method: method, Path: base + path, OperationID: id, Summary: summary, BodyReadTimeout: -1}
}

// signed is op for known visitors only.
func signed(method, path, id, summary string) huma.Operation {
	o := op(method, path, id, summary)
	o.Security = []map[string][]string{{"visitor": {}}}
	return o
}
