package mailrule

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/cfn"
	"github.com/aws/aws-lambda-go/lambda"

	"parley/shared/fault"
	"parley/shared/host"
	"parley/shared/receipt"
)

// ourSet is made and activated where no set is active.
const ourSet = "parley"

type handler struct {
	rules receipt.Rules
}

// New puts the function together.
func New(c *host.Cloud) (host.Handler, error) {
	h := &handler{rules: c.Receipt}
	return lambda.NewHandler(cfn.LambdaWrap(h.change)), nil
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
		id, err := h.put(ctx, r)
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
	r := receipt.Rule{Name: text("Rule"), Domain: text("Domain"), Bucket: text("Bucket"), Prefix: text("Prefix"), Topic: text("Topic")}
	if len(missing) > 0 {
		return r, fault.New(fault.Invalid, "the resource lacks %s", strings.Join(missing, ", "))
	}
	return r, nil
}

// put brings the rule into the active set. An id is returned with an error too: the rule may be there.
func (h *handler) put(ctx context.Context, r receipt.Rule) (id string, err error) {
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
	if err := patiently(ctx, func() error { return h.rules.Put(ctx, set, r) }); err != nil {
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
