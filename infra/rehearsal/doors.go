package rehearsal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"slices"
	"time"

	"parley/infra/local/gateway"
	"parley/infra/local/issuer"
	"parley/infra/local/pages"
	sesdoor "parley/infra/local/ses"
	"parley/shared/identity/oidc"
	"parley/shared/limit"
	mailersmtp "parley/shared/mailer/smtp"
)

// Ready says where everything is: the line that local mode prints, too.
type Ready struct {
	Inbox    string `json:"inbox"`
	API      string `json:"api"`
	OpenAPI  string `json:"openapi"`
	SMTP     string `json:"smtp"`
	Address  string `json:"address"`
	Outbox   string `json:"outbox"`
	User     string `json:"user"`
	Password string `json:"password"`
	Token    string `json:"token"`
	DNS      string `json:"dns"`
}

const password = "parley"

func people(domain string) []issuer.User {
	return []issuer.User{
		{Email: "admin@" + domain, Name: "Ada Admin", Groups: []string{"admins"}, Password: password},
		{Email: "mara@" + domain, Name: "Mara Winter", Password: password},
	}
}

func (r *Rehearsal) invoke(function string) gateway.Invoke {
	return func(ctx context.Context, payload []byte) ([]byte, error) {
		return r.Lambda.Invoke(ctx, function, payload)
	}
}

// listen opens the doors: the two APIs, the issuer, the outbox, the mail door.
func (r *Rehearsal) listen(web, mail net.Listener) error {
	open, err := oidc.Open(context.Background())
	if err != nil {
		return err
	}
	auth := gateway.NewAuthorizer(open(r.origin+"/id", issuer.Client).Verify, time.Now, r.log)
	routes := make([]gateway.Route, len(r.template.Routes))
	for i, t := range r.template.Routes {
		routes[i] = gateway.Route{Key: t.Method + " " + t.Path, JWT: t.JWT != nil, Invoke: r.invoke(t.Function)}
	}
	r.sockets = &gateway.Sockets{Hub: r.hub, Routes: map[string]gateway.Invoke{}, Idle: limit.SocketIdle, Life: limit.SocketLife, Now: time.Now, Log: r.log}
	for _, t := range r.template.SocketRoutes {
		if r.sockets.Routes[t.Key] = gateway.Swallow; t.Function != "" {
			r.sockets.Routes[t.Key] = r.invoke(t.Function)
		}
	}
	if err := r.receive(); err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("/api/", gateway.NewHTTP(routes, auth, time.Now, r.log))
	mux.Handle("/ws", r.sockets)
	mux.Handle("/id/", http.StripPrefix("/id", r.issuer.Handler()))
	(&pages.Outbox{List: r.listSent, Get: r.getSent}).Register(mux)
	r.server = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second, ErrorLog: discard}
	r.smtp = r.door.Server(r.cfg.MailDomain, discard)
	go func() { _ = r.server.Serve(web) }() // they end with Close
	go func() { _ = r.smtp.Serve(mail) }()
	return nil
}

var discard = log.New(io.Discard, "", 0)

// receive puts the mail door on the receipt rule that mailrule has made.
func (r *Rehearsal) receive() error {
	if len(r.template.MailRules) != 1 || len(r.template.MailRules[0].Queues) != 1 {
		return fmt.Errorf("the rehearsal plays one receipt rule with one queue, the template has %d rules", len(r.template.MailRules))
	}
	set, rules := r.mail.Rules.Active()
	if len(rules) == 0 {
		return fmt.Errorf("the active receipt rule set %q has no rule: mailrule has not made one", set)
	}
	rule := rules[0]
	r.door = &sesdoor.Door{
		Bucket: rule.Bucket, Prefix: rule.Prefix, Domains: r.taken(rule.Name), Queue: r.queues[r.template.MailRules[0].Queues[0]].Send, Now: time.Now,
		Put: func(_ context.Context, key, mediaType string, data []byte) error {
			return r.S3.Put(rule.Bucket, key, mediaType, data)
		},
	}
	r.outbox.OnSend = r.loopBack
	return nil
}

// taken are the domains of our rule at any time.
func (r *Rehearsal) taken(name string) func() []string {
	return func() []string {
		_, rules := r.mail.Rules.Active()
		for _, rule := range rules {
			if rule.Name == name {
				return rule.Domains
			}
		}
		return nil
	}
}

// loopBack gives mail to our own domain to our own door, as the internet would.
func (r *Rehearsal) loopBack(s mailersmtp.Sent) {
	ours := slices.DeleteFunc(slices.Clone(s.To), func(a string) bool { return !r.door.Ours(a) })
	if len(ours) == 0 {
		return
	}
	if err := r.door.Accept(context.Background(), sesdoor.Mail{From: s.From, To: ours, Hello: "a1." + mailersmtp.Domain, Peer: "127.0.0.1", Data: s.Raw}); err != nil {
		r.log.Error("outbox: could not hand mail to our own door", "mail", s.ID, "error", err)
	}
}

func (r *Rehearsal) listSent(limit int) ([]pages.Sent, error) {
	list, err := r.outbox.List(limit)
	if err != nil {
		return nil, err
	}
	out := make([]pages.Sent, len(list))
	for i, s := range list {
		if out[i], err = r.getSent(s.ID); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (r *Rehearsal) getSent(id string) (pages.Sent, error) {
	s, err := r.outbox.Get(id)
	return pages.Sent{ID: s.ID, At: s.At, From: s.From, To: s.To, Raw: s.Raw}, err
}

// Sent lists what went out, newest first.
func (r *Rehearsal) Sent() ([]mailersmtp.Sent, error) { return r.outbox.List(10000) }

// Greet makes the users known and learns the first address, through the API as any caller.
func (r *Rehearsal) Greet(ctx context.Context) error {
	users := people(r.cfg.MailDomain)
	for i, u := range users {
		token, err := r.issuer.Token(ctx, u.Email, 24*time.Hour)
		if err != nil {
			return err
		}
		if i == 0 {
			r.Ready.Token = token
		}
		if err := r.get(ctx, token, "/me", &struct{}{}); err != nil {
			return err
		}
	}
	var inboxes struct {
		Inboxes []struct{ Accounts []struct{ Address string } }
	}
	if err := r.get(ctx, r.Ready.Token, "/inboxes", &inboxes); err != nil {
		return err
	}
	if len(inboxes.Inboxes) == 0 || len(inboxes.Inboxes[0].Accounts) == 0 {
		return errors.New("the new workspace has no inbox with an address")
	}
	r.Ready.Address = inboxes.Inboxes[0].Accounts[0].Address
	return nil
}

func (r *Rehearsal) get(ctx context.Context, token, path string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.origin+"/api"+path, http.NoBody)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("GET %s: %d %s", path, resp.StatusCode, body)
	}
	return json.Unmarshal(body, into)
}
