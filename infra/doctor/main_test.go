package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// patient is a deployed stage and what is around it; each field is one thing that may be wrong with it.
type patient struct {
	page, config, identity, account, rules string
	pageStatus                             int
	csp                                    string
	mx                                     []*net.MX
	mxErr                                  error
}

func healthy() *patient {
	return &patient{
		pageStatus: 200, page: "<!doctype html><html>", csp: "default-src 'none'", config: `{"issuer":"https://id.example"}`,
		identity: `{"VerifiedForSendingStatus":true}`, account: `{"SendingEnabled":true,"ProductionAccessEnabled":true}`,
		rules: rules("main", "parley-dev", "true", "mail.example.com"), mx: []*net.MX{{Host: "inbound-smtp.eu-west-1.amazonaws.com.", Pref: 10}},
	}
}

func rules(set, rule, enabled, domain string) string {
	return fmt.Sprintf(`<Metadata><Name>%s</Name></Metadata><Rules><member><Name>other</Name><Enabled>true</Enabled></member>
		<member><Name>%s</Name><Enabled>%s</Enabled><Recipients><member>%s</member></Recipients></member></Rules>`, set, rule, enabled, domain)
}

func (p *patient) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/web/":
		w.Header().Set("Content-Security-Policy", p.csp)
		w.Header().Set("Strict-Transport-Security", "max-age=1")
		w.WriteHeader(p.pageStatus)
		fmt.Fprint(w, p.page)
	case "/web/api/config":
		fmt.Fprint(w, p.config)
	case "/v2/email/identities/mail.example.com":
		if p.identity == "" {
			w.Header().Set("X-Amzn-ErrorType", "NotFoundException")
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprint(w, `{}`)
			return
		}
		fmt.Fprint(w, p.identity)
	case "/v2/email/account":
		fmt.Fprint(w, p.account)
	default: // SES's first API
		w.Header().Set("Content-Type", "text/xml")
		fmt.Fprintf(w, `<DescribeActiveReceiptRuleSetResponse xmlns="http://ses.amazonaws.com/doc/2010-12-01/"><DescribeActiveReceiptRuleSetResult>%s</DescribeActiveReceiptRuleSetResult></DescribeActiveReceiptRuleSetResponse>`, p.rules)
	}
}

// examined runs the whole command but for DNS, and returns what it printed.
func examined(t *testing.T, p *patient) (text string, missing int) {
	t.Helper()
	s := httptest.NewServer(p)
	defer s.Close()
	for k, v := range map[string]string{
		"AWS_ENDPOINT_URL_SES": s.URL, "AWS_ENDPOINT_URL_SESV2": s.URL, "AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "k",
		"AWS_SECRET_ACCESS_KEY": "s", "AWS_CONFIG_FILE": "/nonexistent", "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
	} {
		t.Setenv(k, v)
	}
	file := filepath.Join(t.TempDir(), "outputs.json")
	text = fmt.Sprintf(`{"Parley-dev":{"WebUrl":"%s/web","MailDomainName":"mail.example.com","MailRuleName":"parley-dev","MailExchange":"inbound-smtp.eu-west-1.amazonaws.com"}}`, s.URL)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	lookup = func(context.Context, string) ([]*net.MX, error) { return p.mx, p.mxErr }
	t.Cleanup(func() { lookup = net.DefaultResolver.LookupMX })
	var out strings.Builder
	missing, err := run(context.Background(), file, &out)
	if err != nil {
		t.Fatal(err)
	}
	return out.String(), missing
}

func TestHealthy(t *testing.T) {
	text, missing := examined(t, healthy())
	if missing != 0 || strings.Count(text, "ok  ") != 6 || !strings.Contains(text, "(main)") {
		t.Errorf("%d missing:\n%s", missing, text)
	}
}

func TestEachIsNamed(t *testing.T) {
	for name, c := range map[string]struct {
		hurt func(*patient)
		says string
	}{
		"no web":             {func(p *patient) { p.pageStatus = 403 }, "It does not answer (403"},
		"an empty bucket":    {func(p *patient) { p.page = "x" }, "run make deploy"},
		"no headers":         {func(p *patient) { p.csp = "" }, "headers are missing"},
		"no API":             {func(p *patient) { p.config = "<html>" }, "log of agentapi"},
		"no identity":        {func(p *patient) { p.identity = "" }, "create-email-identity --email-identity mail.example.com"},
		"no DKIM":            {func(p *patient) { p.identity = `{"DkimAttributes":{"Tokens":["t1","t2"]}}` }, "t2._domainkey.mail.example.com CNAME t2.dkim.amazonses.com"},
		"no MX":              {func(p *patient) { p.mx, p.mxErr = nil, &net.DNSError{IsNotFound: true} }, "mail.example.com MX 10 inbound-smtp.eu-west-1.amazonaws.com"},
		"another MX":         {func(p *patient) { p.mx[0].Host = "mx.google.com." }, "MX 10 inbound-smtp"},
		"two MX":             {func(p *patient) { p.mx = append(p.mx, &net.MX{Host: "mx.google.com."}) }, "There are 2 MX records"},
		"DNS is down":        {func(p *patient) { p.mxErr = errors.New("timeout") }, "DNS does not say (timeout)"},
		"no active set":      {func(p *patient) { p.rules = "" }, "No rule set is active"},
		"no rule":            {func(p *patient) { p.rules = rules("main", "parley-prod", "true", "mail.example.com") }, "lacks the rule parley-dev"},
		"a rule that is off": {func(p *patient) { p.rules = rules("main", "parley-dev", "false", "mail.example.com") }, "lacks the rule parley-dev"},
		"a rule of another":  {func(p *patient) { p.rules = rules("main", "parley-dev", "true", "x.example") }, "for mail.example.com"},
		"the sandbox":        {func(p *patient) { p.account = `{"SendingEnabled":true}` }, "sandbox"},
		"a stopped account":  {func(p *patient) { p.account = `{}` }, "stopped this account"},
	} {
		t.Run(name, func(t *testing.T) {
			p := healthy()
			c.hurt(p)
			if text, missing := examined(t, p); missing != 1 || !strings.Contains(text, c.says) {
				t.Errorf("%d missing, want %q in\n%s", missing, c.says, text)
			}
		})
	}
}

func TestOutputs(t *testing.T) {
	file := filepath.Join(t.TempDir(), "outputs.json")
	if _, err := run(context.Background(), file, nil); err == nil || !strings.Contains(err.Error(), "deploy first") {
		t.Errorf("without outputs: %v", err)
	}
	for _, text := range []string{`{}`, `x`, `{"Parley-dev":{"WebUrl":"https://x.example"}}`} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := run(context.Background(), file, nil); err == nil {
			t.Errorf("%s passed", text)
		}
	}
}
