package mailrule

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/cfn"
	"github.com/aws/aws-lambda-go/lambda"

	"parley/shared/fault"
	"parley/shared/host"
	"parley/shared/limit"
	"parley/shared/receipt"
	"parley/shared/store"
)

// ourSet is made and activated where no set is active.
const ourSet = "parley"

type handler struct {
	rules    receipt.Rules
	settings *store.Settings
	rule     receipt.Rule // what the clock keeps; a deployment says it again
	now      func() time.Time
	resource lambda.Handler
}

// New puts the function together.
func New(c *host.Cloud) (host.Handler, error) {
	h := &handler{
		rules: c.Receipt, now: c.Now,
		settings: store.Open(c.Table, store.Names{Settings: c.Env("PARLEY_TABLE_SETTINGS")}, c.Now, c.NewID).Settings,
		rule: receipt.Rule{
			Name: c.Env("PARLEY_MAIL_RULE"), Domains: []string{strings.ToLower(c.Env("PARLEY_MAIL_DOMAIN"))},
			Bucket: c.Env("PARLEY_BUCKET_MAIL"), Prefix: store.RawKey(""), Topic: c.Env("PARLEY_MAIL_TOPIC"),
		},
	}
	h.resource = lambda.NewHandler(cfn.LambdaWrap(h.change))
	return h, nil
}

// Invoke implements host.Handler: a request of CloudFormation's names what it wants, anything else is the clock.
func (h *handler) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	var request struct{ RequestType string }
	if err := json.Unmarshal(payload, &request); err != nil {
		return nil, err
	}
	if request.RequestType != "" {
		return h.resource.Invoke(ctx, payload)
	}
	return nil, h.follow(ctx)
}

// follow brings the rule to where the accounts are.
func (h *handler) follow(ctx context.Context) error {
	was, wanted, err := h.settings.MailRule(ctx)
	if err != nil {
		return err
	}
	now := h.rule
	now.Domains = domains(h.rule.Domains[0], wanted)
	if slices.Equal(was.Domains, now.Domains) && was.Problem == "" {
		return nil
	}
	note := store.Rule{Domains: now.Domains, At: h.now().UTC()}
	if _, err := h.put(ctx, now, once); err != nil {
		host.From(ctx).Warn("the rule does not follow", "domains", now.Domains, "error", err)
		note.Domains, note.Problem = was.Domains, fault.MessageOf(err)
	}
	return h.settings.SetMailRule(ctx, note)
}

// domains are the mail domain and the accounts', as many as a rule can have.
func domains(own string, accounts []string) []string {
	out := []string{own}
	for _, d := range accounts {
		if d != own && len(out) < limit.RuleDomains {
			out = append(out, d)
		}
	}
	return out
}

// change does what CloudFormation asks and returns the resource's id, even with an error if it is known: it is what a rollback deletes.
func (h *handler) change(ctx context.Context, e cfn.Event) (id string, data map[string]any, err error) {
	switch e.RequestType {
	case cfn.RequestDelete:
		return e.PhysicalResourceID, nil, h.remove(ctx, e.PhysicalResourceID)
	case cfn.RequestCreate, cfn.RequestUpdate:
		r, err := ruleOf(e.ResourceProperties)
		if err != nil {
			return e.PhysicalResourceID, nil, err
		}
		_, wanted, err := h.settings.MailRule(ctx) // or mail to them would be turned away until the clock comes
		if err != nil {
			return e.PhysicalResourceID, nil, err
		}
		r.Domains = domains(r.Domains[0], wanted)
		id, err := h.put(ctx, r, patiently)
		return id, map[string]any{"RuleSet": strings.TrimSuffix(id, "/"+r.Name)}, err
	}
	return e.PhysicalResourceID, nil, fault.New(fault.Invalid, "request type %q is not known", e.RequestType)
}

// ruleOf reads the resource's properties.
func ruleOf(properties map[string]any) (receipt.Rule, error) {
	var missing []string
	text := func(name string) string {
		s, _ := properties[name].(string)
		if s == "" {
			missing = append(missing, name)
		}
		return s
	}
	r := receipt.Rule{Name: text("Rule"), Domains: []string{text("Domain")}, Bucket: text("Bucket"), Prefix: text("Prefix"), Topic: text("Topic")}
	if len(missing) > 0 {
		return r, fault.New(fault.Invalid, "the resource lacks %s", strings.Join(missing, ", "))
	}
	return r, nil
}

// put brings the rule into the active set. An id is returned with an error too: the rule may be there.
func (h *handler) put(ctx context.Context, r receipt.Rule, try func(context.Context, func() error) error) (id string, err error) {
	set, err := h.rules.Active(ctx)
	if err != nil {
		return "", err
	}
	fresh := set == ""
	if fresh {
		set = ourSet
		if err := h.rules.Create(ctx, set); err != nil {
			return "", err
		}
	}
	id = set + "/" + r.Name
	if err := try(ctx, func() error { return h.rules.Put(ctx, set, r) }); err != nil {
		return id, fmt.Errorf("rule %s: %w", id, err)
	}
	if fresh {
		return id, h.rules.Activate(ctx, set)
	}
	return id, nil
}

// remove takes the rule of an id away. An id of another shape is of a creation that failed before there was a rule.
func (h *handler) remove(ctx context.Context, id string) error {
	set, rule, ok := strings.Cut(id, "/")
	if !ok || set == "" || rule == "" {
		return nil
	}
	return h.rules.Remove(ctx, set, rule)
}

const (
	pause   = 3 * time.Second
	reserve = 10 * time.Second // of the function's own time, kept for the answer: without one CloudFormation waits for an hour
)

// once is for who comes again by itself.
func once(_ context.Context, try func() error) error { return try() }

// patiently tries again while SES may not write yet: policies take some seconds to be known everywhere.
func patiently(ctx context.Context, try func() error) error {
	for {
		err := try()
		if !fault.Is(err, fault.Busy) {
			return err
		}
		if until, ok := ctx.Deadline(); !ok || time.Until(until) < reserve+pause {
			return err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return err
		}
	}
}
