// Package iam judges calls by the roles of the synthesized template, as AWS IAM would.
//
// Owns: which role a function has, what its policies say here, the decision, and the record of what was asked and which grants were used.
// Never: signatures (sigv4); what an endpoint does with a call.
// Imported by: infra/rehearsal and its endpoints.
//
// It knows what our template uses and refuses the rest loudly: an unknown operator, principal or property is an error at start, never a guess.
// Source: "IAM JSON policy elements" and "Policy evaluation logic", IAM user guide.
package iam

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"parley/infra/local/template"
)

// Request is one thing a role asks for.
type Request struct {
	Role     string // the function's name
	Action   string // "dynamodb:PutItem"
	Resource string // an ARN
	Context  map[string]string
}

// statement is one statement with its resources resolved.
type statement struct {
	Allow      bool
	Actions    []string
	Resources  []resource
	Conditions []condition
}

// resource is an ARN pattern; text is how the template writes it, for people.
type resource struct{ pattern, text string }

// Policies are the statements of every function's role.
type Policies struct {
	roles map[string][]statement
}

// texts is a JSON text or a list of texts.
type texts []template.Value

func (t *texts) UnmarshalJSON(raw []byte) error {
	var many []template.Value
	if json.Unmarshal(raw, &many) == nil {
		*t = many
		return nil
	}
	var one template.Value
	err := json.Unmarshal(raw, &one)
	*t = texts{one}
	return err
}

type document struct {
	Version   string
	Statement []struct {
		Sid, Effect      string
		Action, Resource texts
		Condition        map[string]map[string]texts
	}
}

type file struct {
	Resources map[string]struct {
		Type       string
		Properties json.RawMessage
		Metadata   map[string]string
	}
}

// Load reads the roles of the functions in a template.
func Load(raw []byte, lookup template.Lookup) (*Policies, error) {
	var f file
	if err := json.Unmarshal(raw, &f); err != nil {
		return nil, err
	}
	p := &Policies{roles: map[string][]statement{}}
	byRole := map[string]string{} // logical id of a role → function
	for id, r := range f.Resources {
		if r.Type != "AWS::Lambda::Function" || r.Metadata["parley:function"] == "" {
			continue
		}
		var function struct{ Role reference }
		if err := json.Unmarshal(r.Properties, &function); err != nil {
			return nil, fmt.Errorf("%s: %w", id, err)
		}
		if other := byRole[function.Role.id]; other != "" {
			return nil, fmt.Errorf("%s and %s share the role %s", other, r.Metadata["parley:function"], function.Role.id)
		}
		byRole[function.Role.id] = r.Metadata["parley:function"]
	}
	for _, id := range slices.Sorted(maps.Keys(f.Resources)) {
		r := f.Resources[id]
		var err error
		switch {
		case r.Type == "AWS::IAM::Role" && byRole[id] != "":
			err = p.role(byRole[id], r.Properties, lookup)
		case r.Type == "AWS::IAM::Policy" || r.Type == "AWS::IAM::ManagedPolicy":
			err = p.attached(r.Properties, byRole, lookup)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", id, err)
		}
	}
	for _, name := range byRole {
		if len(p.roles[name]) == 0 {
			return nil, fmt.Errorf("the function %s has a role without a policy", name)
		}
	}
	return p, nil
}

// reference is {"Ref": id} or {"Fn::GetAtt": [id, …]}.
type reference struct{ id string }

func (r *reference) UnmarshalJSON(raw []byte) error {
	var m struct {
		Ref    string
		GetAtt []string `json:"Fn::GetAtt"`
	}
	if err := json.Unmarshal(raw, &m); err != nil {
		return err
	}
	if r.id = m.Ref; len(m.GetAtt) == 2 {
		r.id = m.GetAtt[0]
	}
	if r.id == "" {
		return fmt.Errorf("not a reference to a role: %s", raw)
	}
	return nil
}

func strict(raw []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	return d.Decode(into)
}

func (p *Policies) role(name string, raw json.RawMessage, lookup template.Lookup) error {
	var props struct {
		AssumeRolePolicyDocument          json.RawMessage
		Description, RoleName, Path, Tags json.RawMessage
		MaxSessionDuration                json.RawMessage
		ManagedPolicyArns                 []json.RawMessage
		Policies                          []struct {
			PolicyName     string
			PolicyDocument json.RawMessage
		}
	}
	if err := strict(raw, &props); err != nil {
		return err
	}
	if len(props.ManagedPolicyArns) > 0 {
		return fmt.Errorf("managed policies are not in the template, so they cannot be judged here")
	}
	for _, policy := range props.Policies {
		if err := p.document(name, policy.PolicyDocument, lookup); err != nil {
			return err
		}
	}
	return nil
}

// attached reads a policy that stands beside its roles.
func (p *Policies) attached(raw json.RawMessage, byRole map[string]string, lookup template.Lookup) error {
	var props struct {
		PolicyDocument json.RawMessage
		Roles          []reference
	}
	if err := json.Unmarshal(raw, &props); err != nil {
		return err
	}
	for _, r := range props.Roles {
		if name := byRole[r.id]; name != "" {
			if err := p.document(name, props.PolicyDocument, lookup); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *Policies) document(name string, raw json.RawMessage, lookup template.Lookup) error {
	var d document
	if err := strict(raw, &d); err != nil {
		return err
	}
	for _, s := range d.Statement {
		out := statement{Allow: s.Effect == "Allow"}
		if !out.Allow && s.Effect != "Deny" {
			return fmt.Errorf("effect %q", s.Effect)
		}
		for _, v := range s.Action {
			out.Actions = append(out.Actions, v.String())
		}
		for _, v := range s.Resource {
			pattern, err := v.Resolve(lookup)
			if err != nil {
				return err
			}
			out.Resources = append(out.Resources, resource{pattern: pattern, text: v.String()})
		}
		var err error
		if out.Conditions, err = conditions(s.Condition, lookup); err != nil {
			return err
		}
		if len(out.Actions) == 0 || len(out.Resources) == 0 {
			return fmt.Errorf("a statement of %s without actions or resources", name)
		}
		p.roles[name] = append(p.roles[name], out)
	}
	return nil
}

// like matches IAM's wildcards: * is any text, ? is one character. An ARN's parts may be crossed, as IAM's own matching does for resources.
func like(pattern, s string) bool {
	for {
		i := strings.IndexAny(pattern, "*?")
		if i < 0 {
			return pattern == s
		}
		if len(s) < i || pattern[:i] != s[:i] {
			return false
		}
		op := pattern[i]
		pattern, s = pattern[i+1:], s[i:]
		if op == '?' {
			if s == "" {
				return false
			}
			s = s[1:]
			continue
		}
		for j := 0; j <= len(s); j++ {
			if like(pattern, s[j:]) {
				return true
			}
		}
		return false
	}
}
