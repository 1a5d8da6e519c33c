package run

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"parley/shared/fault"
)

// greet makes the users known, so that conversations can be assigned to all of them, and learns the address that works at once:
// the API does both, as for any caller.
func (p *Parley) greet(smtpAddr string) error {
	users := people(p.cfg.MailDomain)
	r := Ready{
		Inbox: p.origin + "/", API: p.origin + "/api", OpenAPI: p.origin + "/api/openapi.json", SMTP: smtpAddr, Outbox: p.origin + "/outbox",
		User: users[0].Email, Password: password,
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	for _, u := range users {
		token, err := p.issuer.Token(ctx, u.Email, 24*time.Hour)
		if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Denied) {
			continue // an older data directory for another mail domain, or somebody who was disabled
		}
		if err != nil {
			return err
		}
		var me struct{}
		if err := p.call(ctx, token, "/api/me", &me); err != nil {
			return err
		}
		if r.Token == "" {
			r.User, r.Token = u.Email, token
		}
	}
	if r.Token == "" { // all of them are disabled: whoever did it can sign in, and knows how
		p.Ready = r
		return nil
	}
	var inboxes struct {
		Inboxes []struct {
			Accounts []struct{ Address string }
		}
	}
	if err := p.call(ctx, r.Token, "/api/inboxes", &inboxes); err != nil {
		return err
	}
	for _, in := range inboxes.Inboxes {
		for _, a := range in.Accounts {
			if r.Address == "" {
				r.Address = a.Address
			}
		}
	}
	p.Ready = r
	return nil
}

// call asks our own API through the front door's handler.
func (p *Parley) call(ctx context.Context, token, path string, into any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://127.0.0.1"+path, http.NoBody)
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.RemoteAddr = "127.0.0.1:1"
	w := &answer{header: http.Header{}, status: http.StatusOK}
	p.server.Handler.ServeHTTP(w, r)
	if w.status != http.StatusOK {
		return fmt.Errorf("GET %s: %d %s", path, w.status, w.body)
	}
	return json.Unmarshal(w.body, into)
}

// answer takes a response in memory.
type answer struct {
	header http.Header
	status int
	body   []byte
}

func (a *answer) Header() http.Header    { return a.header }
func (a *answer) WriteHeader(status int) { a.status = status }
func (a *answer) Write(b []byte) (int, error) {
	a.body = append(a.body, b...)
	return len(b), nil
}
