package run

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"

	"parley/infra/local/issuer"
	"parley/infra/local/queue"
	"parley/infra/local/ses"
	"parley/infra/local/template"
	"parley/shared/blob"
	"parley/shared/blob/disk"
	"parley/shared/dns"
	dnslocal "parley/shared/dns/local"
	"parley/shared/fault"
	"parley/shared/host"
	"parley/shared/identity"
	"parley/shared/identity/oidc"
	"parley/shared/mailer"
	mailersmtp "parley/shared/mailer/smtp"
	"parley/shared/push"
	queueport "parley/shared/queue"
	"parley/shared/secret"
	secretlocal "parley/shared/secret/local"
	"parley/shared/sender"
	senderlocal "parley/shared/sender/local"
)

// open opens the adapters on the template's resources.
func (p *Parley) open(t *template.Template) error {
	dir := p.cfg.DataDir
	var err error
	if p.tables, p.readers, err = openTables(t, dir); err != nil {
		if fault.Is(err, fault.Busy) {
			return fmt.Errorf("another Parley works in %s: stop it, or choose a folder of your own: DATA_DIR=.parley2 make run (%w)", dir, err)
		}
		return err
	}
	p.closers = append(p.closers, p.tables)
	p.secrets = secretlocal.Open(filepath.Join(dir, "secrets.json"))
	key, err := p.secrets.Key(context.Background(), "local-file-links")
	if err != nil {
		return err
	}
	p.blobs = disk.Open(filepath.Join(dir, "blobs"), p.origin+strings.TrimSuffix(filesPath, "/"), key)
	p.outbox = mailersmtp.Open(filepath.Join(dir, "outbox"), p.cfg.SMTPRelay)
	p.senders = senderlocal.Open(filepath.Join(dir, "carrier.json"), p.cfg.MailDomain, p.cname)
	if p.rules, err = ses.OpenRules(filepath.Join(dir, "receipt-rules.json")); err != nil {
		return err
	}
	if p.oidc, err = oidc.Open(context.Background()); err != nil {
		return err
	}
	p.issuer, err = issuer.Open(issuer.Config{
		URL: p.origin + "/id", File: filepath.Join(dir, "issuer.json"), Users: people(p.cfg.MailDomain), Welcome: password,
		Origins: []string{p.origin, sibling(p.origin)}, Log: p.log,
	})
	if err != nil {
		return err
	}
	p.closers = append(p.closers, p.issuer)
	return p.openQueues(t)
}

// zone is the file of the records that local mode looks up.
func (p *Parley) zone() dnslocal.Zone {
	return dnslocal.Zone(filepath.Join(p.cfg.DataDir, "dns.json"))
}

// cname is where a name points to in that file.
func (p *Parley) cname(ctx context.Context, name string) string {
	to, err := p.zone().Lookup(ctx, dns.CNAME, name)
	if err != nil || len(to) == 0 {
		return ""
	}
	return to[0]
}

func (p *Parley) openQueues(t *template.Template) error {
	dead := map[string]bool{}
	for _, q := range t.Queues {
		dead[q.DeadLetters] = true
	}
	for _, q := range t.Queues {
		if dead[q.Name] {
			continue // a queue keeps its dead letters in its own file
		}
		opened, err := queue.Open(filepath.Join(p.cfg.DataDir, "queue-"+q.Name+".db"), queue.Config{Visibility: q.Visibility, MaxReceive: q.MaxReceives})
		if err != nil {
			return err
		}
		if _, dead, err := opened.Depth(context.Background()); err == nil && dead > 0 {
			p.log.Warn("queue: there are dead letters: messages no function could take", "queue", q.Name, "count", dead)
		}
		p.queues[q.Name] = opened
		p.closers = append(p.closers, opened)
	}
	return nil
}

// people are the users a new data directory has; the first is the administrator.
func people(domain string) []issuer.User {
	return []issuer.User{
		{Email: "admin@" + domain, Name: "Ada Admin", Groups: []string{"admins"}, Password: password},
		{Email: "mara@" + domain, Name: "Mara Winter", Password: password},
		{Email: "jonas@" + domain, Name: "Jonas Reed", Password: password},
	}
}

const password = "parley"

// placeholder stands for the distribution's name until cloud puts our own origin, which may be plain HTTP, where "https://" and it meet.
const placeholder = "origin.invalid"

// lookup resolves the template's references to what stands in for them here.
func (p *Parley) lookup(t *template.Template) template.Lookup {
	fixed := map[string]string{
		"MailDomain": p.cfg.MailDomain, "UserPool.ProviderURL": p.origin + "/id", "UserPoolClient": issuer.Client, "UserPool": "local", "Distribution.DomainName": placeholder,
		"AWS::Region": "local", "AWS::URLSuffix": "localhost", "AWS::AccountId": "000000000000", "AWS::Partition": "aws",
	}
	return func(id, att string) string {
		name := id
		if att != "" {
			name += "." + att
		}
		if v, ok := fixed[name]; ok {
			return v
		}
		r, ok := t.Resource(id)
		switch {
		case !ok:
			return ""
		case att == "Arn":
			return "arn:aws:local:::" + r.Name
		case r.Name != "":
			return r.Name
		}
		return strings.ToLower(id)
	}
}

// cloud gives a function all ports; on AWS each function gets what its lambda/main.go names.
func (p *Parley) cloud(env func(string) (string, bool), log *slog.Logger) *host.Cloud {
	c := host.NewCloud(func(name string) (string, bool) {
		v, ok := env(name)
		return strings.ReplaceAll(v, "https://"+placeholder, p.origin), ok
	}, log)
	c.Table = p.tables
	c.Blob = func(bucket string) blob.Bucket { return p.blobs.Bucket(bucket) }
	c.Mailer = func(set string) mailer.Mailer {
		if set != "" {
			p.set = set
		}
		return &ses.Scripted{Mailer: p.outbox}
	}
	c.Push = func(string) push.Poster { return p.hub }
	c.Queue = func(name string) queueport.Sender { return p.queues[name] }
	c.Identity = p.oidc
	c.Directory = func(string) identity.Directory { return p.issuer }
	c.Secret = func(string) secret.Store { return p.secrets }
	c.Sender = func(string) sender.Senders { return p.senders }
	c.DNS = func(string) dns.Resolver { return p.zone() }
	c.Receipt = p.rules
	c.Fetch = p.cfg.Fetch
	return c
}
