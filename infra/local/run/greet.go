package run

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"parley/shared/fault"
)

// greet makes the users known, so that conversations can be assigned to all of them, and learns the address that works at once:
// the API does both, as for any caller.
func (p *Parley) greet(smtpAddr string) error {
	users := people(p.cfg.MailDomain)
	r := Ready{
		Inbox: p.origin + "/", Demo: p.origin + "/demo", API: p.origin + "/api", OpenAPI: p.origin + "/api/openapi.json", SMTP: smtpAddr, Outbox: p.origin + "/outbox", DNS: string(p.zone()),
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
			ID       string
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
	if len(inboxes.Inboxes) == 0 {
		return nil
	}
	return p.openShop(ctx, inboxes.Inboxes[0].ID)
}

// chat is a chat account as the API shows it, as far as the demo site needs it.
type chat struct {
	Account struct{ ID string }
	Widget  map[string]any
}

// openShop gives the demo site a chat account, the first there is or else a new one, which its pages may use by both names of this machine.
func (p *Parley) openShop(ctx context.Context, inbox string) error {
	var have struct{ Chats []chat }
	if err := p.call(ctx, p.Ready.Token, "/api/chats", &have); err != nil {
		return err
	}
	if len(have.Chats) == 0 {
		var made chat
		order := map[string]string{"inbox": inbox, "name": "Kiln & Clay", "origin": p.origin}
		if err := p.send(ctx, p.Ready.Token, http.MethodPost, "/api/chats", order, &made); err != nil {
			return err
		}
		have.Chats = []chat{made}
	}
	shop := have.Chats[0]
	p.shop = shop.Account.ID
	origins, _ := shop.Widget["origins"].([]any)
	for _, origin := range []string{p.origin, sibling(p.origin)} { // the port may be another one this time
		if !slices.Contains(origins, any(origin)) {
			origins = append(origins, origin)
		}
	}
	if len(origins) == len(shop.Widget["origins"].([]any)) || len(origins) > 50 {
		return nil
	}
	shop.Widget["origins"] = origins
	return p.send(ctx, p.Ready.Token, http.MethodPut, "/api/chats/"+p.shop+"/widget", shop.Widget, nil)
}

// call asks our own API through the front door's handler.
func (p *Parley) call(ctx context.Context, token, path string, into any) error {
	return p.send(ctx, token, http.MethodGet, path, nil, into)
}

// send is call with a body.
func (p *Parley) send(ctx context.Context, token, method, path string, body, into any) error {
	raw := []byte{}
	if body != nil {
		var err error
		if raw, err = json.Marshal(body); err != nil {
			return err
		}
	}
	r, err := http.NewRequestWithContext(ctx, method, "http://127.0.0.1"+path, bytes.NewReader(raw))
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+token)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	r.RemoteAddr = "127.0.0.1:1"
	w := &answer{header: http.Header{}, status: http.StatusOK}
	p.server.Handler.ServeHTTP(w, r)
	if w.status >= http.StatusMultipleChoices {
		return fmt.Errorf("%s %s: %d %s", method, path, w.status, w.body)
	}
	if into == nil {
		return nil
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
