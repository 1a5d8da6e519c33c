package channel

import (
	"strings"
	"time"

	"parley/shared/inbox"
)

// State is what a check means.
type State string

// The states. Advice is not needed to receive or to send; Unknown is what could not be looked at.
const (
	OK      State = "ok"
	Waiting State = "waiting"
	Wrong   State = "wrong"
	Advice  State = "advice"
	Unknown State = "unknown"
)

// Check is one thing that was looked at.
type Check struct {
	Name    string            `json:"name"` // "test", "confirmation", "mx", "rule", "identity", "spf", "dmarc", "account"
	State   State             `json:"state"`
	Code    string            `json:"code"`
	Text    string            `json:"text"`
	Args    map[string]string `json:"args,omitempty"`
	Records []Record          `json:"records,omitempty"`
}

// Record is a DNS record that is to be there.
type Record struct {
	Type  string `json:"type"` // "MX", "CNAME", "TXT"
	Name  string `json:"name"`
	Value string `json:"value"`
	State State  `json:"state"`
}

// Answer is what DNS said: Known is false if it said nothing, which is not the same as that there is none.
type Answer struct {
	Values []string
	Known  bool
}

// Identity is what the carrier knows of the domain that an account sends as.
type Identity struct {
	Domain   string // it, or one above the address's
	Verified bool
	Failed   bool
	Tokens   []string          // of DKIM: three records
	Found    map[string]Answer // by the name of a token's record: where it points to
	MailFrom string            // a domain of the envelope sender, "" for the carrier's own
	// MailFromState is the carrier's word of it: "SUCCESS", "PENDING", "FAILED", "TEMPORARY_FAILURE".
	MailFromState string
}

// Facts are what checks are made of. nil and an unknown Answer are what could not be looked at.
type Facts struct {
	Account  inbox.Account
	Health   Health
	Exchange string // the carrier's mail exchanger: inbound-smtp.eu-west-1.amazonaws.com
	Region   string
	MX       Answer // of the address's domain
	Rule     Answer // the domains that the carrier's rule takes mail of
	Identity *Identity
	Public   bool // the domain is a mail provider's for everybody: nobody can prove it
	DMARC    Answer
	Carrier  *Carrier
	Now      time.Time
}

// Carrier is the state of our account with the carrier.
type Carrier struct {
	Production bool // it sends to everybody, not to proved addresses only
	Enabled    bool
	Quota      int // mails a day
}

// Checks looks at everything, in the order in which it is set up.
func Checks(f Facts) []Check {
	domain := f.Account.Address[strings.LastIndexByte(f.Account.Address, '@')+1:]
	var out []Check
	if f.Account.Way != inbox.Forwarded {
		out = append(out, f.exchange(domain), f.rule(domain))
	}
	if c := f.Health.Confirmation; c != nil {
		out = append(out, say("confirmation", Waiting, "confirmation-waits", "from", c.From))
	}
	out = append(out, f.test(), f.identity(domain))
	if !f.Public {
		out = append(out, f.envelope(), f.policy(domain))
	}
	return append(out, f.carrier())
}

// exchange: mail for the domain comes to us if its MX says so, and only to us if there is no other.
func (f Facts) exchange(domain string) Check {
	want := Record{Type: "MX", Name: domain, Value: "10 " + f.Exchange, State: Waiting}
	if !f.MX.Known {
		want.State = Unknown
		return say("mx", Unknown, "mx-unknown", "domain", domain).with(want)
	}
	ours, others := false, ""
	for _, v := range f.MX.Values {
		if name := strings.TrimSuffix(strings.ToLower(v), "."); name == f.Exchange {
			ours = true
		} else if others == "" {
			others = name
		}
	}
	switch {
	case ours && others != "":
		want.State = OK
		return say("mx", Wrong, "mx-shared", "domain", domain, "other", others).with(want)
	case ours:
		want.State = OK
		return say("mx", OK, "mx-found", "domain", domain).with(want)
	case others != "":
		return say("mx", Wrong, "mx-elsewhere", "domain", domain, "other", others).with(want)
	}
	return say("mx", Waiting, "mx-missing", "domain", domain).with(want)
}

func (f Facts) rule(domain string) Check {
	if !f.Rule.Known {
		return say("rule", Unknown, "rule-unknown", "domain", domain)
	}
	for _, d := range f.Rule.Values {
		if strings.EqualFold(d, domain) {
			return say("rule", OK, "rule-covers", "domain", domain)
		}
	}
	return say("rule", Waiting, "rule-missing", "domain", domain)
}

// lost is how long a test mail may take before it counts as lost; forwarding takes seconds.
const lost = 5 * time.Minute

func (f Facts) test() Check {
	t, hosted := f.Health.Test, f.Account.Address
	if f.Account.ForwardTo != "" {
		hosted = f.Account.ForwardTo
	}
	switch {
	case !f.Health.ReceivedAt.IsZero() && (t == nil || t.ArrivedAt.IsZero() && f.Health.ReceivedAt.After(t.SentAt)):
		return say("test", OK, "test-mail-comes") // people's mail is proof enough
	case t == nil && f.Account.Way == inbox.Hosted:
		return say("test", Advice, "test-never-hosted")
	case t == nil:
		return say("test", Waiting, "test-never", "address", f.Account.Address, "hosted", hosted)
	case t.ArrivedAt.IsZero() && f.Now.Sub(t.SentAt) < lost:
		return say("test", Waiting, "test-under-way", "address", f.Account.Address)
	case t.ArrivedAt.IsZero() && f.Account.Way == inbox.Forwarded:
		return say("test", Wrong, "test-lost-forward", "address", f.Account.Address, "hosted", hosted)
	case t.ArrivedAt.IsZero():
		return say("test", Wrong, "test-lost", "address", f.Account.Address)
	case t.Astray:
		return say("test", Wrong, "test-astray", "at", t.At, "hosted", hosted)
	case t.Altered:
		return say("test", Wrong, "test-altered", "hosted", hosted)
	}
	return say("test", OK, "test-arrived", "took", max(0, t.ArrivedAt.Sub(t.SentAt)).Round(time.Second).String())
}

// identity: mail that leaves under an address arrives only if the domain's owner lets the carrier sign it.
func (f Facts) identity(domain string) Check {
	if f.Public {
		return say("identity", Advice, "identity-public", "domain", domain)
	}
	i := f.Identity
	if i == nil {
		return say("identity", Unknown, "identity-unknown", "domain", domain)
	}
	c := say("identity", Waiting, "identity-pending", "domain", i.Domain)
	if i.Failed {
		c = say("identity", Wrong, "identity-failed", "domain", i.Domain)
	}
	if i.Verified {
		c = say("identity", OK, "identity-verified", "domain", i.Domain)
	}
	for _, token := range i.Tokens {
		r := Record{Type: "CNAME", Name: token + "._domainkey." + i.Domain, Value: token + ".dkim.amazonses.com", State: Waiting}
		switch found := i.Found[r.Name]; {
		case i.Verified || len(found.Values) > 0 && strings.EqualFold(strings.TrimSuffix(found.Values[0], "."), r.Value):
			r.State = OK
		case len(found.Values) > 0:
			r.State = Wrong
		case !found.Known:
			r.State = Unknown
		}
		c = c.with(r)
	}
	return c
}

// envelope: SPF is checked of the envelope sender, which is the carrier's own unless a domain was set up for it.
func (f Facts) envelope() Check {
	i := f.Identity
	switch {
	case i == nil:
		return say("spf", Unknown, "spf-unknown")
	case i.MailFrom == "":
		return say("spf", OK, "spf-carrier")
	case i.MailFromState == "SUCCESS":
		return say("spf", OK, "spf-own", "domain", i.MailFrom)
	}
	state := Waiting
	if i.MailFromState == "FAILED" {
		state = Wrong
	}
	return say("spf", state, "spf-pending", "domain", i.MailFrom).with(
		Record{Type: "MX", Name: i.MailFrom, Value: "10 feedback-smtp." + f.Region + ".amazonses.com", State: state},
		Record{Type: "TXT", Name: i.MailFrom, Value: "v=spf1 include:amazonses.com ~all", State: state},
	)
}

// policy: what the domain asks others to do with mail that nobody signed for it.
func (f Facts) policy(domain string) Check {
	if !f.DMARC.Known {
		return say("dmarc", Unknown, "dmarc-unknown", "domain", domain)
	}
	for _, v := range f.DMARC.Values {
		tags := map[string]string{}
		for part := range strings.SplitSeq(v, ";") {
			key, value, _ := strings.Cut(part, "=")
			tags[strings.ToLower(strings.TrimSpace(key))] = strings.TrimSpace(value)
		}
		if strings.EqualFold(tags["v"], "DMARC1") {
			return say("dmarc", OK, "dmarc-found", "policy", strings.ToLower(tags["p"]))
		}
	}
	return say("dmarc", Advice, "dmarc-missing", "domain", domain).with(
		Record{Type: "TXT", Name: "_dmarc." + domain, Value: "v=DMARC1; p=none", State: Advice})
}

func (f Facts) carrier() Check {
	switch c := f.Carrier; {
	case c == nil:
		return say("account", Unknown, "account-unknown")
	case !c.Enabled:
		return say("account", Wrong, "account-stopped")
	case !c.Production:
		return say("account", Wrong, "account-sandbox")
	}
	return say("account", OK, "account-open")
}

// with adds records.
func (c Check) with(r ...Record) Check {
	c.Records = append(c.Records, r...)
	return c
}
