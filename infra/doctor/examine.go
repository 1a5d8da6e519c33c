package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ses"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"
)

type doctor struct {
	stack outputs
	http  *http.Client
	mx    func(ctx context.Context, domain string) ([]*net.MX, error)
	ses   *sesv2.Client
	rules *ses.Client
}

// examine looks at everything, in the order in which it is set up.
func (d doctor) examine(ctx context.Context) []finding {
	return []finding{
		d.page(ctx), d.api(ctx), d.identity(ctx), d.exchange(ctx), d.rule(ctx), d.sandbox(ctx),
	}
}

func (d doctor) page(ctx context.Context) finding {
	f := finding{what: "the web at " + d.stack.WebURL}
	header, body, err := d.get(ctx, "/")
	switch {
	case err != nil:
		f.todo = fmt.Sprintf("It does not answer (%v). A new distribution takes some minutes; a domain of your own needs a DNS record to the distribution.", err)
	case !strings.Contains(body, "<html"):
		f.todo = "It answers, but not with the web: run make deploy to the end, which uploads it."
	case header.Get("Content-Security-Policy") == "" || header.Get("Strict-Transport-Security") == "":
		f.todo = "Its security headers are missing: somebody changed the distribution by hand; deploy again."
	}
	return f
}

func (d doctor) api(ctx context.Context) finding {
	f := finding{what: "the API behind it"}
	if _, body, err := d.get(ctx, "/api/config"); err != nil || !strings.Contains(body, `"issuer"`) {
		f.todo = fmt.Sprintf("GET /api/config fails (%v): look into the log of agentapi.", err)
	}
	return f
}

func (d doctor) get(ctx context.Context, path string) (http.Header, string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, d.stack.WebURL+path, nil)
	if err != nil {
		return nil, "", err
	}
	a, err := d.http.Do(r)
	if err != nil {
		return nil, "", err
	}
	defer a.Body.Close()
	body, err := io.ReadAll(io.LimitReader(a.Body, 1<<20))
	if err == nil && a.StatusCode != http.StatusOK {
		err = errors.New(a.Status)
	}
	return a.Header, string(body), err
}

// identity: SES takes and sends mail of a domain only when its owner has been proved.
func (d doctor) identity(ctx context.Context) finding {
	domain := d.stack.MailDomain
	f := finding{what: "SES knows that " + domain + " is yours"}
	out, err := d.ses.GetEmailIdentity(ctx, &sesv2.GetEmailIdentityInput{EmailIdentity: &domain})
	var missing *types.NotFoundException
	switch {
	case errors.As(err, &missing):
		f.todo = "Run: aws sesv2 create-email-identity --email-identity " + domain + ", then make doctor again: it will list the DNS records."
	case err != nil:
		f.todo = fmt.Sprintf("SES does not say (%v).", err)
	case !out.VerifiedForSendingStatus:
		f.todo = "Add these DNS records, and wait:"
		if out.DkimAttributes != nil {
			for _, token := range out.DkimAttributes.Tokens {
				f.todo += fmt.Sprintf("\n    %s._domainkey.%s CNAME %s.dkim.amazonses.com", token, domain, token)
			}
		}
	}
	return f
}

func (d doctor) exchange(ctx context.Context) finding {
	f := finding{what: "mail for " + d.stack.MailDomain + " goes to SES"}
	records, err := d.mx(ctx, d.stack.MailDomain)
	var dns *net.DNSError
	if err != nil && (!errors.As(err, &dns) || !dns.IsNotFound) {
		f.todo = fmt.Sprintf("DNS does not say (%v).", err)
		return f
	}
	ours := slices.ContainsFunc(records, func(r *net.MX) bool { return strings.EqualFold(strings.TrimSuffix(r.Host, "."), d.stack.MailExchange) })
	if !ours {
		f.todo = fmt.Sprintf("Add the DNS record: %s MX 10 %s", d.stack.MailDomain, d.stack.MailExchange)
	} else if len(records) > 1 {
		f.todo = fmt.Sprintf("There are %d MX records: what other servers take, Parley never sees.", len(records))
	}
	return f
}

func (d doctor) rule(ctx context.Context) finding {
	f := finding{what: "SES's active rule set takes it"}
	out, err := d.rules.DescribeActiveReceiptRuleSet(ctx, &ses.DescribeActiveReceiptRuleSetInput{})
	if err != nil {
		f.todo = fmt.Sprintf("SES does not say (%v).", err)
		return f
	}
	if out.Metadata == nil {
		f.todo = "No rule set is active: run aws ses set-active-receipt-rule-set --rule-set-name parley, or activate a set of yours and deploy with another MailRuleAttempt."
		return f
	}
	set := aws.ToString(out.Metadata.Name)
	for _, r := range out.Rules {
		if aws.ToString(r.Name) == d.stack.MailRule && r.Enabled && slices.Contains(r.Recipients, d.stack.MailDomain) {
			f.what += " (" + set + ")"
			return f
		}
	}
	f.todo = fmt.Sprintf("Set %s is active and lacks the rule %s for %s. If another set was activated since, deploy again with --parameters MailRuleAttempt=2 (any other value than the last).", set, d.stack.MailRule, d.stack.MailDomain)
	return f
}

func (d doctor) sandbox(ctx context.Context) finding {
	f := finding{what: "SES sends to everybody"}
	out, err := d.ses.GetAccount(ctx, &sesv2.GetAccountInput{})
	switch {
	case err != nil:
		f.todo = fmt.Sprintf("SES does not say (%v).", err)
	case !out.SendingEnabled:
		f.todo = "SES has stopped this account from sending: see its console for why."
	case !out.ProductionAccessEnabled:
		f.todo = "The account is in SES's sandbox: it sends to verified addresses only, 200 mails a day. Ask for production access in SES's console."
	}
	return f
}
