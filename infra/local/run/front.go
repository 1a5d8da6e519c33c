package run

import (
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"parley/infra/local/pages"
)

// front is the one HTTP server: what CloudFront does on AWS, path by path.
type front struct {
	api, sockets http.Handler
	rest         http.Handler
	hosts        map[string]bool // names this server answers to, beside loopback and IP addresses
}

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case !f.known(r.Host):
		// A page elsewhere can make its own name resolve to this machine (DNS rebinding); the outbox and the files need no token.
		http.Error(w, "Parley's local mode does not answer to this host name. Set ORIGIN if it is yours.", http.StatusMisdirectedRequest)
	case strings.HasPrefix(r.URL.Path, "/api/"):
		f.api.ServeHTTP(w, r)
	case r.URL.Path == "/ws":
		f.sockets.ServeHTTP(w, r)
	default:
		f.rest.ServeHTTP(w, r)
	}
}

func (f *front) known(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.Trim(host, "[]")
	return host == "127.0.0.1" || host == "localhost" || f.hosts[strings.ToLower(host)] || strings.HasSuffix(host, ".localhost") || net.ParseIP(host) != nil
}

// serve puts the paths together.
func (p *Parley) front(api, sockets http.Handler, outbox *pages.Outbox) *front {
	mux := http.NewServeMux()
	mux.Handle("/id/", http.StripPrefix("/id", p.issuer.Handler()))
	mux.Handle(filesPath, p.blobs)
	mux.Handle(pages.Base, pages.Assets(p.cfg.Root+"/web"))
	outbox.Register(mux)
	(&pages.Demo{Origin: p.origin, Account: func() string { return p.shop }}).Register(mux)
	ws := "ws" + strings.TrimPrefix(p.origin, "http")
	mux.Handle("/", &pages.Web{Dir: p.cfg.Root + "/web/dist/inbox", Connect: []string{p.origin, ws, sibling(p.origin), sibling(ws)}, Media: []string{p.origin}})
	f := &front{api: api, sockets: sockets, rest: mux, hosts: map[string]bool{}}
	for _, origin := range []string{p.origin, "http://" + p.cfg.Host} {
		if u, err := url.Parse(origin); err == nil {
			f.hosts[strings.ToLower(u.Hostname())] = true
		}
	}
	return f
}

// sibling is the same origin by the machine's other name: a page opened at localhost talks to 127.0.0.1, and the other way round.
func sibling(origin string) string {
	if strings.Contains(origin, "//127.0.0.1") {
		return strings.Replace(origin, "//127.0.0.1", "//localhost", 1)
	}
	return strings.Replace(origin, "//localhost", "//127.0.0.1", 1)
}

func newServer(h http.Handler, logger *slog.Logger) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog: problems(logger),
	}
}

func problems(logger *slog.Logger) *log.Logger {
	return slog.NewLogLogger(logger.Handler(), slog.LevelDebug)
}
