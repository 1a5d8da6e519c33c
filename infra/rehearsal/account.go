package rehearsal

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"parley/infra/rehearsal/cloud"
	"parley/infra/rehearsal/cognito"
	"parley/infra/rehearsal/connections"
	"parley/infra/rehearsal/iam"
	"parley/infra/rehearsal/runtime"
	"parley/infra/rehearsal/s3"
	"parley/infra/rehearsal/ses"
	"parley/infra/rehearsal/sigv4"
	"parley/infra/rehearsal/sqs"
	"parley/infra/rehearsal/ssm"
	mailersmtp "parley/shared/mailer/smtp"
	"parley/shared/sender/local"
)

// sessions are the credentials given out: one for each process, as the role's session that Lambda makes for a sandbox.
type sessions struct {
	mu    sync.Mutex
	known map[string]sigv4.Credential
}

func (s *sessions) open(role, session string) sigv4.Credential {
	random := func(n int) string {
		b := make([]byte, n)
		_, _ = rand.Read(b)
		return strings.ToUpper(hex.EncodeToString(b))
	}
	c := sigv4.Credential{ID: "ASIA" + random(8), Secret: random(20), Token: random(40), Role: role, Session: session}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known == nil {
		s.known = map[string]sigv4.Credential{}
	}
	s.known[c.ID] = c
	return c
}

// Credential implements sigv4.Keys.
func (s *sessions) Credential(id string) (sigv4.Credential, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.known[id]
	return c, ok
}

// openCloud makes the account: rights and endpoints.
func (r *Rehearsal) openCloud() error {
	policies, err := iam.Load(r.raw, r.lookup)
	if err != nil {
		return err
	}
	r.Ledger = iam.NewLedger(policies)
	if r.cfg.Account != nil {
		r.cfg.Account(r.Ledger)
	}
	host := func(service string) func(string) bool {
		return func(name string) bool { return name == service+"."+Region+".amazonaws.com" }
	}
	r.S3 = &s3.Endpoint{Dir: filepath.Join(r.cfg.Dir, "s3"), Buckets: map[string]bool{}, Host: "s3." + Region + ".amazonaws.com"}
	for _, b := range r.template.Buckets {
		r.S3.Buckets[physical("bucket", b.Name)] = true
	}
	r.outbox = mailersmtp.Open(filepath.Join(r.cfg.Dir, "outbox"), "")
	r.mail = &ses.Endpoint{Identities: []string{r.cfg.MailDomain}, Outbox: r.outbox, Senders: local.Open(filepath.Join(r.cfg.Dir, "carrier.json"), r.cfg.MailDomain, r.cname), Arn: func(resource string) string { return arn("ses", resource) }, OnSend: r.sent}
	for _, f := range r.template.Functions {
		if v, ok := f.Env["PARLEY_SES_CONFIGURATION_SET"]; ok {
			set, err := v.Resolve(r.lookup)
			if err != nil {
				return err
			}
			r.mail.Sets = append(r.mail.Sets, set)
		}
	}
	r.SSM = &ssm.Endpoint{Arn: func(name string) string { return arn("ssm", "parameter"+name) }}
	sockets := &connections.Endpoint{Hub: r.hub, Stage: r.template.SocketStage, Arn: func(api string) string { return arn("execute-api", api) }}
	r.Cloud = &cloud.Cloud{
		Verifier: sigv4.Verifier{Keys: &r.sessions, Region: Region, Now: time.Now}, Ledger: r.Ledger,
		Services: []cloud.Service{
			{Name: "dynamodb", Serves: host("dynamodb"), Handler: r.db, Refuse: cloud.RefuseJSON},
			{Name: "s3", Serves: r.S3.Serves, Handler: r.S3, Refuse: cloud.RefuseXML},
			{Name: "ses", Serves: host("email"), Only: ses.IsQuery, Handler: &r.mail.Rules, Refuse: ses.RefuseQuery},
			{Name: "ses", Serves: host("email"), Handler: r.mail, Refuse: cloud.RefuseREST},
			{Name: "sqs", Serves: host("sqs"), Refuse: cloud.RefuseJSON, Handler: &sqs.Endpoint{
				Arn: func(name string) string { return arn("sqs", name) }, Send: r.enqueue,
			}},
			{Name: "ssm", Serves: host("ssm"), Handler: r.SSM, Refuse: cloud.RefuseJSON},
			{Name: "cognito-idp", Serves: host("cognito-idp"), Refuse: cloud.RefuseJSON, Handler: &cognito.Endpoint{
				Pool: userPool, Arn: arn("cognito-idp", "userpool/"+userPool), Accounts: r.issuer,
			}},
			{Name: "execute-api", Serves: r.socketsHost(), Handler: sockets, Refuse: cloud.RefuseREST},
		},
	}
	return r.Cloud.Open()
}

// enqueue puts a message on the queue of a physical name.
func (r *Rehearsal) enqueue(ctx context.Context, name, body string) (known bool, err error) {
	for short, q := range r.queues {
		if physical("queue", short) == name {
			return true, q.Send(ctx, body)
		}
	}
	return false, nil
}

// socketsHost knows the name under which functions reach the WebSocket API: the template's own.
func (r *Rehearsal) socketsHost() func(string) bool {
	var names []string
	for _, f := range r.template.Functions {
		if v, ok := f.Env["PARLEY_SOCKETS_URL"]; ok {
			if url, err := v.Resolve(r.lookup); err == nil {
				name, _, _ := strings.Cut(strings.TrimPrefix(url, "https://"), "/")
				names = append(names, name)
			}
		}
	}
	return func(host string) bool { return slices.Contains(names, host) }
}

// processes is how many of one function may run at once: enough to meet races, few enough for two cores.
const processes = 4

// openFunctions makes the functions known to Lambda.
func (r *Rehearsal) openFunctions(binaries map[string]string) error {
	bundle := filepath.Join(r.cfg.Dir, "ca.pem")
	if err := os.WriteFile(bundle, r.Cloud.Bundle(), 0o600); err != nil {
		return err
	}
	var err error
	if r.Lambda, err = runtime.New(); err != nil {
		return err
	}
	for _, f := range r.functions() {
		env, err := f.Environment(r.lookup)
		if err != nil {
			return err
		}
		for k, v := range env {
			if !strings.HasPrefix(k, "PARLEY_") {
				return fmt.Errorf("%s: the template sets %s; only PARLEY_ names are the product's", f.Name, k)
			}
			env[k] = strings.ReplaceAll(v, "https://"+placeholder, r.origin)
			if k == "PARLEY_DNS" {
				env[k] = r.dns.Addr()
			}
		}
		for k, v := range r.Cloud.Environment(bundle) {
			env[k] = v
		}
		env["AWS_REGION"], env["AWS_DEFAULT_REGION"] = Region, Region
		r.Lambda.Add(runtime.Function{
			Name: f.Name, Arn: arn("lambda", "function:"+physical("function", f.Name)), Binary: binaries[f.Name], Timeout: f.Timeout, Memory: f.Memory, Cap: processes, Env: env,
			Credentials: func(session string) map[string]string {
				c := r.sessions.open(f.Name, session)
				return map[string]string{"AWS_ACCESS_KEY_ID": c.ID, "AWS_SECRET_ACCESS_KEY": c.Secret, "AWS_SESSION_TOKEN": c.Token}
			},
			Log: func(session, line string) { r.wrote(f.Name, session, line) },
		})
	}
	return nil
}

// logs is what the functions wrote.
type logs struct {
	mu      sync.Mutex
	lines   map[string][]string
	streams map[string]bool
}

// wrote keeps a line of a function, if its role may write logs.
func (r *Rehearsal) wrote(function, session, line string) {
	r.logs.mu.Lock()
	defer r.logs.mu.Unlock()
	if r.logs.lines == nil {
		r.logs.lines, r.logs.streams = map[string][]string{}, map[string]bool{}
	}
	resource := arn("logs", "log-group:"+r.groups[function]+":log-stream:"+session)
	if !r.logs.streams[session] {
		if r.Ledger.Check(iam.Request{Role: function, Action: "logs:CreateLogStream", Resource: resource}) != nil {
			return
		}
		r.logs.streams[session] = true
	}
	if r.Ledger.Check(iam.Request{Role: function, Action: "logs:PutLogEvents", Resource: resource}) != nil {
		return
	}
	r.logs.lines[function] = append(r.logs.lines[function], line)
	r.log.Debug("function", "process", session, "line", line)
}

// Logs are the lines that a function wrote.
func (r *Rehearsal) Logs(function string) []string {
	r.logs.mu.Lock()
	defer r.logs.mu.Unlock()
	return slices.Clone(r.logs.lines[function])
}

// Client fetches presigned links, as a browser would.
func (r *Rehearsal) Client() *http.Client { return r.Cloud.Client() }
