package run

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/emersion/go-smtp"

	"parley/infra/local/gateway"
	"parley/infra/local/issuer"
	"parley/infra/local/pages"
	"parley/infra/local/queue"
	"parley/infra/local/ses"
	"parley/infra/local/template"
	"parley/shared/blob/disk"
	"parley/shared/identity"
	mailersmtp "parley/shared/mailer/smtp"
	pushlocal "parley/shared/push/local"
	"parley/shared/secret"
	senderlocal "parley/shared/sender/local"
	tablelocal "parley/shared/table/local"
)

const filesPath = "/files/"

// Ready says where everything is; the command prints it for programs.
type Ready struct {
	Inbox    string `json:"inbox"`
	Demo     string `json:"demo"` // a shop's pages with the chat on them
	API      string `json:"api"`
	OpenAPI  string `json:"openapi"`
	SMTP     string `json:"smtp"` // host:port
	Address  string `json:"address"`
	Outbox   string `json:"outbox"`
	User     string `json:"user"`
	Password string `json:"password"`
	Token    string `json:"token"` // bearer access token of the admin, good for 24 h
	DNS      string `json:"dns"`   // a file of the records that are looked up; it need not be there
}

// Parley is the running product.
type Parley struct {
	Ready Ready

	cfg     Config
	log     *slog.Logger
	origin  string
	tables  *tablelocal.Store
	readers []reader
	blobs   *disk.Store
	outbox  *mailersmtp.Outbox
	senders *senderlocal.Senders
	rules   *ses.Rules
	hub     *pushlocal.Hub
	secrets secret.Store
	issuer  *issuer.Issuer
	oidc    func(issuer, client string) identity.Issuer
	queues  map[string]*queue.Queue
	door    *ses.Door
	bus     bus
	set     string // the configuration set that mail goes through
	shop    string // the demo site's chat account

	server  *http.Server
	smtp    *smtp.Server
	sockets *gateway.Sockets

	closing context.Context    // ends when queue mappings, pumps and the clock are to stop
	stop    context.CancelFunc // ends it
	workers sync.WaitGroup
	closers []io.Closer // in the order they were opened
	broken  chan error
}

// Start starts everything and returns when requests and mail are taken. After an error nothing runs.
func Start(cfg Config) (*Parley, error) {
	if err := cfg.defaults(); err != nil {
		return nil, err
	}
	p := &Parley{cfg: cfg, log: cfg.Log, hub: pushlocal.New(), queues: map[string]*queue.Queue{}, broken: make(chan error, 2)}
	if err := p.start(); err != nil {
		return nil, errors.Join(err, p.Close(context.Background()))
	}
	return p, nil
}

func (p *Parley) start() error {
	web, err := listen(p.cfg.Host, p.cfg.Port, "PORT")
	if err != nil {
		return err
	}
	p.closers = append(p.closers, quiet{web})
	mail, err := listen(p.cfg.Host, p.cfg.SMTPPort, "SMTP_PORT")
	if err != nil {
		return err
	}
	p.closers = append(p.closers, quiet{mail})
	if p.origin = p.cfg.Origin; p.origin == "" {
		p.origin = "http://" + reachable(web.Addr())
	}
	t, err := template.Load(filepath.Join(p.cfg.Root, templateFile))
	if err != nil {
		return err
	}
	if err := p.open(t); err != nil {
		return err
	}
	fs, err := build(t, p.lookup(t), p.cloud, p.log)
	if err != nil {
		return err
	}
	if err := p.receive(t); err != nil { // before feed: from then on mail may go out
		return err
	}
	if err := p.feed(t, fs); err != nil {
		return err
	}
	p.listen(t, fs, web, mail)
	return p.greet(reachable(mail.Addr()))
}

// quiet closes a listener that a server may have closed already.
type quiet struct{ net.Listener }

func (q quiet) Close() error {
	if err := q.Listener.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

// reachable is an address as a browser on this machine can open it.
func reachable(a net.Addr) string {
	h, port, err := net.SplitHostPort(a.String())
	if err != nil {
		return a.String()
	}
	if ip := net.ParseIP(h); ip == nil || ip.IsUnspecified() {
		h = "127.0.0.1"
	}
	return net.JoinHostPort(h, port)
}

// feed starts what feeds the reactions: stream pumps, queue mappings, the clock.
func (p *Parley) feed(t *template.Template, fs map[string]*function) error {
	ctx, stop := context.WithCancel(context.Background())
	p.closing, p.stop = ctx, stop
	if err := p.openBus(t, fs); err != nil {
		return err
	}
	for _, r := range p.readers {
		p.workers.Go(func() { p.pump(r, fs[r.mapping.Function]).Run(ctx) })
	}
	for _, m := range t.Mappings {
		if m.Kind != template.FromQueue {
			continue
		}
		q := p.queues[m.Source]
		if q == nil {
			return fmt.Errorf("the mapping of %s reads queue %q, which is not there", m.Function, m.Source)
		}
		mapping := &queue.Mapping{Queue: q, Name: m.Source, Batch: m.Batch, Concurrency: queueWorkers, Invoke: fs[m.Function].Invoke, Log: p.log}
		p.workers.Go(func() { mapping.Run(ctx) })
	}
	for _, s := range t.Schedules {
		p.workers.Go(func() { p.tick(ctx, s, fs[s.Function]) })
	}
	return nil
}

// Batches of a queue that are worked on at once: more would only wait for the one writer of the tables.
const queueWorkers = 4

// receive puts the mail door on the template's receipt rule.
func (p *Parley) receive(t *template.Template) error {
	if len(t.MailRules) != 1 || len(t.MailRules[0].Queues) != 1 {
		return fmt.Errorf("local mode plays one receipt rule with one queue, the template has %d rules", len(t.MailRules))
	}
	rule := t.MailRules[0]
	var domains []string // what a deployment has made; the clock's rule, which follows the accounts, has them too
	for _, r := range rule.Recipients {
		domain, err := r.Resolve(p.lookup(t))
		if err != nil {
			return err
		}
		domains = append(domains, domain)
	}
	p.door = &ses.Door{
		Bucket: rule.Bucket, Prefix: rule.Prefix, Put: p.blobs.Bucket(rule.Bucket).Put, Queue: p.queues[rule.Queues[0]].Send, Now: time.Now,
		Domains: func() []string { return append(slices.Clip(domains), p.rules.Domains()...) },
	}
	p.outbox.OnSend = func(s mailersmtp.Sent) { p.loopBack(s); p.tell(s) }
	p.outbox.Stays = p.stays
	return nil
}

// listen starts the two servers.
func (p *Parley) listen(t *template.Template, fs map[string]*function, web, mail net.Listener) {
	auth := gateway.NewAuthorizer(p.oidc(p.origin+"/id", issuer.Client).Verify, time.Now, p.log)
	routes := make([]gateway.Route, len(t.Routes))
	for i, r := range t.Routes {
		routes[i] = gateway.Route{Key: r.Method + " " + r.Path, JWT: r.JWT != nil, Invoke: fs[r.Function].Invoke}
	}
	p.sockets = &gateway.Sockets{Hub: p.hub, Routes: map[string]gateway.Invoke{}, Idle: p.cfg.Idle, Life: p.cfg.Life, Now: time.Now, Log: p.log}
	for _, r := range t.SocketRoutes {
		if p.sockets.Routes[r.Key] = gateway.Swallow; r.Function != "" {
			p.sockets.Routes[r.Key] = fs[r.Function].Invoke
		}
	}
	outbox := &pages.Outbox{List: p.listSent, Get: p.getSent}
	p.server = newServer(p.front(gateway.NewHTTP(routes, auth, time.Now, p.log), p.sockets, outbox), p.log)
	p.smtp = p.door.Server(p.cfg.MailDomain, problems(p.log))
	p.serve("http", func() error { return p.server.Serve(web) })
	p.serve("smtp", func() error { return p.smtp.Serve(mail) })
}

func (p *Parley) serve(name string, run func() error) {
	go func() {
		if err := run(); err != nil && !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, smtp.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
			p.broken <- fmt.Errorf("%s: %w", name, err)
		}
	}()
}

// Broken tells when a server has died by itself.
func (p *Parley) Broken() <-chan error { return p.broken }

// How long a stop waits for SMTP clients: a mail takes milliseconds, an idle connection minutes.
const smtpGrace = 2 * time.Second

// Close stops taking requests, finishes what is under way, and closes the files. ctx bounds how long open requests may take.
func (p *Parley) Close(ctx context.Context) error {
	var errs []error
	if p.server != nil {
		p.sockets.Close(ctx)
		if p.server.Shutdown(ctx) != nil {
			errs = append(errs, p.server.Close()) // ctx ended first: cut what is left
		}
	}
	if p.smtp != nil {
		ctx, cancel := context.WithTimeout(ctx, smtpGrace)
		defer cancel()
		if p.smtp.Shutdown(ctx) != nil {
			_ = p.smtp.Close() // a client that idles is cut off; what was answered 250 is on disk
		}
	}
	if p.stop != nil {
		p.stop()
	}
	p.workers.Wait()
	for _, c := range slices.Backward(p.closers) {
		errs = append(errs, c.Close())
	}
	return errors.Join(errs...)
}
