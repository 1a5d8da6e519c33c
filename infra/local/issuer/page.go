package issuer

import (
	"net/http"
	"net/url"
	"strings"

	"parley/infra/local/pages"
)

// page is the sign-in page: email and password, no script, no inline style.
type page struct {
	issuer *Issuer
}

type pageData struct {
	Title, Request, Email, Error, Path string
	Lost                               bool
}

var signIn = pages.Page(`<body class="centre"><main class="box"><div class="brand">{{brand}}</div>
{{if .Lost}}<section class="panel"><h1>This sign-in has expired</h1><p class="t3 f13">Go back to <a href="/">the inbox</a> and sign in again.</p></section>
{{else}}<form class="panel" method="post" action="{{.Path}}" aria-labelledby="title"><h1 id="title">Sign in</h1><p class="t3 f13">to Parley on this computer</p>
{{with .Error}}<p class="ban" role="alert" id="error">{{.}}</p>{{end}}<input type="hidden" name="request" value="{{.Request}}">
<div class="fld"><label for="email">Work email</label><input class="inp" id="email" name="email" type="email" autocomplete="username" required value="{{.Email}}"{{if not .Email}} autofocus{{end}}></div>
<div class="fld"><label for="password">Password</label><input class="inp" id="password" name="password" type="password" autocomplete="current-password" required{{if .Error}} aria-invalid="true" aria-describedby="error"{{end}}{{if .Email}} autofocus{{end}}></div>
<button class="btn" type="submit">Sign in</button></form>{{end}}</main></body>`)

func (p *page) show(w http.ResponseWriter, r *http.Request) {
	p.render(w, r.URL.Query().Get("request"), "", "", http.StatusOK)
}

func (p *page) render(w http.ResponseWriter, id, email, problem string, status int) {
	data := pageData{Title: "Sign in", Request: id, Email: email, Error: problem, Path: p.path()}
	action := "form-action 'self'"
	if q, err := p.issuer.store.request(id); err != nil {
		data.Lost, status = true, http.StatusBadRequest
	} else {
		// Browsers apply form-action to the redirects that follow, so the page we go back to is named, too.
		if u, err := url.Parse(q.Redirect); err == nil {
			action += " " + u.Scheme + "://" + u.Host
		}
		if data.Email == "" {
			data.Email = q.Hint
		}
	}
	pages.Secure(w.Header(), action)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_ = signIn.Execute(w, data)
}

func (p *page) path() string {
	u, err := url.Parse(p.issuer.cfg.URL)
	if err != nil {
		return signInPath
	}
	return u.Path + signInPath
}

func (p *page) submit(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 16<<10)
	id, email := r.PostFormValue("request"), strings.TrimSpace(r.PostFormValue("email"))
	u, err := p.issuer.store.byEmail(email)
	if err != nil || !u.passwordIs(r.PostFormValue("password")) {
		p.render(w, id, email, "That email and password do not match. Try again.", http.StatusUnauthorized)
		return
	}
	if u.Disabled { // said to who knows the password only
		p.render(w, id, email, "This account has been disabled. Please ask an admin.", http.StatusForbidden)
		return
	}
	if err := p.issuer.store.signIn(id, u.Sub); err != nil {
		p.render(w, id, email, "", http.StatusBadRequest)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, p.issuer.callback(id), http.StatusSeeOther)
}
