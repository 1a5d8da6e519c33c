package pages

import (
	"html/template"
	"net/http"
	"strings"
)

// Demo is a small shop whose pages carry the chat, as a team's own would: plain ones, one under a strict Content-Security-Policy with Trusted
// Types, and an application of one page that changes its address by itself.
type Demo struct {
	Origin  string        // where the widget comes from
	Account func() string // the chat account
}

var shop = template.Must(template.New("demo").Parse(string(asset("demo.html"))))

// kinds of pages: the path behind /demo, and what the page says of itself.
var kinds = map[string]string{
	"":         "Evening and weekend pottery classes for complete beginners, in a bright studio by the river.",
	"/classes": "Throwing on Tuesdays, glazing on Thursdays, a whole weekend once a month.",
	"/strict":  "This page allows no style of others, no script but the chat's and its own, and demands Trusted Types.",
	"/app":     "This page changes its address without loading again, as applications of one page do.",
}

// Register adds the pages below /demo.
func (d *Demo) Register(mux *http.ServeMux) {
	mux.HandleFunc("GET /demo", d.page)
	mux.HandleFunc("GET /demo/", d.page)
	for name, kind := range map[string]string{"demo.css": "text/css; charset=utf-8", "demo.js": "text/javascript; charset=utf-8"} {
		mux.HandleFunc("GET /demo/"+name, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			w.Header().Set("X-Content-Type-Options", "nosniff")
			_, _ = w.Write(asset(name))
		})
	}
}

func (d *Demo) page(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, "/demo"), "/")
	text, ok := kinds[path]
	if !ok && strings.HasPrefix(path, "/app/") {
		path, ok = "/app", true
		text = kinds[path]
	}
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	if path == "/strict" {
		socket := "ws" + strings.TrimPrefix(d.Origin, "http")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self' "+d.Origin+"; connect-src "+d.Origin+" "+socket+
			"; img-src "+d.Origin+"; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'")
	}
	_ = shop.Execute(w, map[string]any{"Origin": d.Origin, "Account": d.Account(), "Path": path, "Text": text})
}
