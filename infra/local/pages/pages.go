// Package pages serves what local mode shows in a browser by itself: the built web app, the outbox, and the look of the sign-in page.
//
// Owns: static files and their headers, the outbox page and its JSON.
// Never: the product's API.
// Imported by: infra/local/run, infra/local/issuer.
package pages

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"os"
	"path/filepath"
	"strings"
)

//go:embed assets
var assets embed.FS

// Base is where the assets are served.
const Base = "/local/"

// Assets serves tokens.css and page.css below Base. The tokens are the web's, so that both look the same; it panics if they are not there.
func Assets(webDir string) http.Handler {
	tokens, err := os.ReadFile(filepath.Join(webDir, "tokens", "tokens.css"))
	if err != nil {
		panic("pages: " + err.Error())
	}
	files := map[string][]byte{"tokens.css": withDark(tokens), "page.css": asset("page.css")}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, ok := files[strings.TrimPrefix(r.URL.Path, Base)]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		_, _ = w.Write(body)
	})
}

func asset(name string) []byte {
	b, err := assets.ReadFile("assets/" + name)
	if err != nil {
		panic(err) // embedded
	}
	return b
}

// withDark repeats the dark theme for browsers that prefer it: these pages run no script that could set data-theme.
func withDark(tokens []byte) []byte {
	_, rest, ok := bytes.Cut(tokens, []byte(`[data-theme="dark"] {`))
	if !ok {
		return tokens
	}
	body, _, ok := bytes.Cut(rest, []byte("}"))
	if !ok {
		return tokens
	}
	out := append(bytes.Clone(tokens), "\n@media (prefers-color-scheme: dark) { :root {"...)
	return append(append(out, body...), "} }\n"...)
}

// Secure sets the headers every page of ours has. extra is appended to the content security policy.
func Secure(h http.Header, extra string) {
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self' data:; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'; "+extra)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}

const head = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<title>{{.Title}} – Parley</title><link rel="icon" href="data:,"><link rel="stylesheet" href="/local/tokens.css"><link rel="stylesheet" href="/local/page.css"></head>`

const brand = `<span class="logo" aria-hidden="true"><svg viewBox="0 0 24 24"><path d="M20.500 11.500a7.8 7.8 0 0 1-8.3 7.5c-1.3 0-2.600-.3-3.700-.8L3.500 20l1.700-4.300A7 7 0 0 1 3.800 11.500 7.900 7.900 0 0 1 12.200 4a7.900 7.900 0 0 1 8.300 7.500Z"/></svg></span>Parley`

// Page parses a template of one page; .Title is needed.
func Page(body string) *template.Template {
	return template.Must(template.New("page").Parse(head + strings.ReplaceAll(body, "{{brand}}", brand) + "</html>\n"))
}
