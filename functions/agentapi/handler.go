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
	"parley/shared/bot"
	"parley/shared/dns"
	"parley/shared/email"
	"parley/shared/fault"
	"parley/shared/host"
	"parley/shared/identity"
	"parley/shared/live"
	"parley/shared/mailer"
	"parley/shared/problem"
	"parley/shared/queue"
	"parley/shared/secret"
	"parley/shared/sender"
	"parley/shared/store"
)

// door is the function put together.
type door struct {
	store  *store.Store
	live   *live.Live
	bots   *bot.Desk
	mail   blob.Bucket  // raw mail, read through links
	files  blob.Bucket  // bodies and attachments
	queue  queue.Sender // of mail that came in
	issuer identity.Issuer
	people identity.Directory
	// senders, names and mailer are for accounts: what may be sent as, DNS, and test mails.
	senders sender.Senders
	names   dns.Resolver
	mailer  mailer.Mailer
	// signer signs test mails; its key is read when it is first needed.
	signer func(ctx context.Context) (*email.Signer, error)
	// secrets holds the key of pictures' links, read when it is first needed.
	secrets secret.Store
	beyond  bot.Outside // for test drives of bots
	newID   func() string
	now     func() time.Time

	origin     string // public origin of the pages, without a slash at the end
	mailDomain string
	exchange   string // the mail exchanger that takes its mail
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
		queue:      c.Queue(c.Env("PARLEY_QUEUE_MAIL")),
		secrets:    c.Secret(c.Env("PARLEY_SECRETS")),
		newID:      c.NewID,
		now:        c.Now,
	}
	d.store = store.Open(c.Table, store.Names{
		Threads: c.Env("PARLEY_TABLE_THREADS"), Outbox: c.Env("PARLEY_TABLE_OUTBOX"), Assignments: c.Env("PARLEY_TABLE_ASSIGNMENTS"), Contacts: c.Env("PARLEY_TABLE_CONTACTS"),
		Settings: c.Env("PARLEY_TABLE_SETTINGS"), Sockets: c.Env("PARLEY_TABLE_SOCKETS"),
	}, c.Now, c.NewID)
	d.live = live.New(d.store, c.Push(c.Env("PARLEY_SOCKETS_URL")))
	d.bots = bot.New(d.store, d.live, c.NewID, c.Now)
	d.beyond = bot.Outside{Web: c.Fetch, Now: c.Now, Key: func(ctx context.Context) ([]byte, error) { return d.secrets.Key(ctx, secret.WebhookKey) }}
	d.issuer = c.Identity(d.oidc.issuer, d.oidc.client)
	d.people = c.Directory(c.Env("PARLEY_USER_POOL"))
	d.exchange = strings.ToLower(c.Env("PARLEY_MAIL_EXCHANGE"))
	d.senders, d.names = c.Sender(c.Env("PARLEY_STAGE")), c.DNS(c.Env("PARLEY_DNS"))
	d.mailer = c.Mailer("") // test mails: no delivery waits for word of them
	secrets := c.Secret(c.Env("PARLEY_SECRETS"))
	d.signer = func(ctx context.Context) (*email.Signer, error) {
		key, err := secrets.Key(ctx, secret.MailSigningKey)
		if err != nil {
			return nil, err
		}
		return email.NewSigner(key, d.mailDomain), nil
	}
	return host.HTTP(d.routes()), nil
}

// routes registers every operation and returns the handler of them all.
func (d *door) routes() http.Handler {
	mux := chi.NewMux()
	mux.NotFound(func(w http.ResponseWriter, r *http.Request) {
		problem.WriteStatus(w, r, http.StatusNotFound, "There is no such address.")
	})
	mux.MethodNotAllowed(func(w http.ResponseWriter, r *http.Request) {
		problem.WriteStatus(w, r, http.StatusMethodNotAllowed, r.Method+" is not possible here.")
	})
	config := huma.DefaultConfig("Parley", "1.0.0")
	config.Info.Description = "The API of a Parley inbox. Errors are application/problem+json (RFC 9457) with a code: " +
		"invalid, denied, notfound, conflict, gone, busy or internal."
	config.CreateHooks = nil // no $schema members and Link headers
	config.OpenAPIPath, config.DocsPath, config.SchemasPath = "", "", ""
	config.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", schemaName)
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
	d.registerHold()
	d.registerUploads()
	d.registerDrafts()
	d.registerChanges()
	d.registerFiling()
	d.registerFilters()
	d.registerQuarantine()
	d.registerChats()
	d.registerBots()
	d.registerBotFiles()
	d.registerMe()
	d.registerChannels()
	d.registerSuppressed()
	d.registerLedger()
	d.registerRoles()
	d.registerTeams()
	d.registerPlaces()
	d.registerWork()
	d.registerBulk()
	d.registerSnippets()
	d.registerArticles()
	d.registerTickets()
	d.registerHours()
	d.registerRouting()
	d.registerHandover()
	d.registerNotices()
	d.registerDevices()
	d.registerContacts()
	d.registerContactLists()
	d.registerContactLog()
	d.registerCompanies()
	d.registerProperties()
	d.registerImports()
	d.registerExport()
	d.registerErasures()
	d.registerPages()
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
				problem.Write(w, r, problem.Panicked(p))
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

// authenticate lets a request pass to an operation that anybody may call, or with the user whose token the gateway verified, if they may.
func (d *door) authenticate(ctx huma.Context, next func(huma.Context)) {
	if len(ctx.Operation().Security) == 0 {
		next(ctx)
		return
	}
	u, err := d.user(ctx.Context())
	if err != nil {
		var s *problem.WithStatus
		if errors.As(err, &s) {
			ctx.SetHeader("WWW-Authenticate", "Bearer")
		}
		_ = huma.WriteErr(d.api, ctx, http.StatusInternalServerError, "", err) // the answer is all there is to say it with
		return
	}
	thread, inboxID := pathOf(ctx)
	if err := d.allowed(ctx.Context(), u, ctx.Operation().OperationID, thread, inboxID); err != nil {
		_ = huma.WriteErr(d.api, ctx, http.StatusInternalServerError, "", err)
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
