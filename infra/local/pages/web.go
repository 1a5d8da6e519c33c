package pages

import (
	"mime"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// Web serves the built inbox from a folder: hashed files for ever, everything else fresh, unknown paths the app's own page.
type Web struct {
	Dir     string   // web/dist/inbox
	Connect []string // origins the page may connect to beside its own, sockets included
	Media   []string // origins images may come from
}

// types that mime may not know on a bare machine.
var types = map[string]string{
	".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".html": "text/html; charset=utf-8", ".svg": "image/svg+xml",
	".woff2": "font/woff2", ".json": "application/json", ".webmanifest": "application/manifest+json", ".map": "application/json", ".txt": "text/plain; charset=utf-8",
}

func (h *Web) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "This is a page: only GET.", http.StatusMethodNotAllowed)
		return
	}
	name := path.Clean("/" + r.URL.Path)
	file := filepath.Join(h.Dir, filepath.FromSlash(name))
	if info, err := os.Stat(file); err != nil || info.IsDir() {
		if path.Ext(name) != "" && (strings.HasPrefix(name, "/assets/") || strings.HasPrefix(name, "/widget/") || name == "/w.js") {
			http.NotFound(w, r) // a page that asks for a file of an older build must not get HTML
			return
		}
		name, file = "/index.html", filepath.Join(h.Dir, "index.html")
		if _, err := os.Stat(file); err != nil {
			notBuilt(w)
			return
		}
	}
	h.headers(w.Header(), name)
	if strings.Contains(r.Header.Get("Accept-Encoding"), "br") {
		if _, err := os.Stat(file + ".br"); err == nil {
			w.Header().Set("Content-Encoding", "br")
			file += ".br"
		}
	}
	f, err := os.Open(file)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		http.NotFound(w, r)
		return
	}
	http.ServeContent(w, r, name, info.ModTime(), f)
}

// headers are those of reference/web.md §6, "SPA". HSTS is left out: this is plain HTTP on a desk.
func (h *Web) headers(out http.Header, name string) {
	ext := path.Ext(name)
	kind := types[ext]
	if kind == "" {
		kind = mime.TypeByExtension(ext)
	}
	if kind == "" {
		kind = "application/octet-stream"
	}
	out.Set("Content-Type", kind)
	out.Set("Vary", "Accept-Encoding")
	out.Set("X-Content-Type-Options", "nosniff")
	out.Set("Referrer-Policy", "strict-origin-when-cross-origin")
	out.Set("Cross-Origin-Opener-Policy", "same-origin")
	out.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()")
	switch {
	case strings.HasPrefix(name, "/assets/"):
		out.Set("Cache-Control", "public, max-age=31536000, immutable")
	case strings.HasPrefix(name, "/widget/"):
		out.Set("Cache-Control", "public, max-age=31536000, immutable")
		foreign(out)
	case name == "/w.js":
		out.Set("Cache-Control", "public, max-age=300, stale-while-revalidate=86400")
		foreign(out)
	default:
		out.Set("Cache-Control", "no-cache")
	}
	if ext == ".html" {
		out.Set("Content-Security-Policy", h.policy())
	}
}

// foreign lets other people's pages load the widget: its module comes by CORS, its script past their embedder policy.
func foreign(out http.Header) {
	out.Set("Access-Control-Allow-Origin", "*")
	out.Set("Cross-Origin-Resource-Policy", "cross-origin")
}

func (h *Web) policy() string {
	return strings.Join([]string{
		"default-src 'none'", "script-src 'self'", "style-src 'self'",
		// Remote pictures of mails come through /api/image: nobody else's server is ever asked.
		strings.Join(append([]string{"img-src 'self' blob: data:"}, h.Media...), " "),
		strings.Join(append([]string{"connect-src 'self'"}, h.Connect...), " "),
		"font-src 'self'", "frame-src 'self'", "manifest-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'",
		"require-trusted-types-for 'script'", "trusted-types dompurify email worker",
	}, "; ")
}

var missing = Page(`<body class="centre"><main class="box wide"><div class="brand">{{brand}}</div><section class="panel"><h1>The web app is not built yet</h1>
<p class="t3">Parley is running, and its API, mail door and sockets work. To see the inbox, build the web app once and reload this page:</p>
<pre>cd web
npm ci
npm run build</pre><p class="f13">Meanwhile: <a href="/outbox">the outbox</a> shows mail that went out, <a href="/api/openapi.json">/api/openapi.json</a> describes the API.</p></section></main></body>`)

func notBuilt(w http.ResponseWriter) {
	Secure(w.Header(), "form-action 'none'")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(http.StatusNotFound)
	_ = missing.Execute(w, map[string]string{"Title": "Not built"})
}
