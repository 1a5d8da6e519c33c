package template

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// ignored are the types that local mode can do without, and why.
var ignored = map[string]string{
	"AWS::IAM::Role":                              "rights are held to by the second set-up (DESIGN §6), not by the runner",
	"AWS::Lambda::Permission":                     "who may call a function: the runner calls it itself",
	"AWS::Logs::LogGroup":                         "the runner logs to the terminal",
	"AWS::Logs::MetricFilter":                     "a figure made of logs: nobody watches over a desk",
	"AWS::CloudWatch::Alarm":                      "as the figures it listens to",
	"AWS::CloudWatch::Dashboard":                  "as the figures it shows",
	"AWS::S3::BucketPolicy":                       "who may reach a bucket: files are on this machine",
	"AWS::SQS::QueuePolicy":                       "who may reach a queue: the runner alone",
	"AWS::SNS::TopicPolicy":                       "who may reach a topic: the runner alone",
	"AWS::SNS::Topic":                             "read through its subscriptions",
	"AWS::SES::ConfigurationSet":                  "a name: the local mailer has no use for it",
	"AWS::SES::ConfigurationSetEventDestination":  "the local carrier tells everything it does",
	"AWS::CloudFront::Distribution":               "the runner is one address already: /, /api and /ws",
	"AWS::CloudFront::Function":                   "paths of the app are its page: infra/local/pages does that",
	"AWS::CloudFront::OriginAccessControl":        "who may reach the web's bucket: the web is served from web/dist",
	"AWS::CloudFront::ResponseHeadersPolicy":      "infra/local/pages has the same headers",
	"AWS::Cognito::UserPool":                      "infra/local/issuer stands in for it",
	"AWS::Cognito::UserPoolClient":                "as the pool",
	"AWS::Cognito::UserPoolDomain":                "as the pool",
	"AWS::Cognito::UserPoolGroup":                 "as the pool",
	"AWS::Cognito::UserPoolUser":                  "as the pool: the local administrator is made with its data",
	"AWS::Cognito::UserPoolUserToGroupAttachment": "as the pool",
	"AWS::Cognito::ManagedLoginBranding":          "as the pool",
}

// file is a template as CloudFormation has it: conditions, mappings, rules and transforms are refused by not being here.
type file struct {
	Description string
	Parameters  map[string]struct {
		Type, Description string
		Default           *string
	}
	Resources map[string]resource
	Outputs   unused
}

type resource struct {
	Type                                string
	Properties                          json.RawMessage
	Metadata                            map[string]string
	DependsOn                           unused
	DeletionPolicy, UpdateReplacePolicy unused
}

// unused is a property that the reader knows and local mode does without.
type unused = json.RawMessage

// reader builds a Template. Its maps are by logical id.
type reader struct {
	file         file
	t            *Template
	protocols    map[string]string   // of APIs
	integrations map[string]string   // function's name
	authorizers  map[string]JWT      //
	subscribed   map[string][]string // topic → names of queues
}

// read takes the types in the order in which they refer to each other.
func (r *reader) read() error {
	steps := []struct {
		typ  string
		read func(id string, res resource) error
	}{
		{"AWS::Lambda::Function", r.function},
		{"AWS::DynamoDB::GlobalTable", r.table},
		{"AWS::S3::Bucket", r.bucket},
		{"AWS::SQS::Queue", r.queue},
		{"AWS::Lambda::EventInvokeConfig", r.invokeConfig},
		{"AWS::Lambda::EventSourceMapping", r.mapping},
		{"AWS::ApiGatewayV2::Api", r.api},
		{"AWS::ApiGatewayV2::Stage", r.stage},
		{"AWS::ApiGatewayV2::Authorizer", r.authorizer},
		{"AWS::ApiGatewayV2::Integration", r.integration},
		{"AWS::ApiGatewayV2::Route", r.route},
		{"AWS::Events::Rule", r.rule},
		{"AWS::SNS::Subscription", r.subscription},
		{"Custom::MailRule", r.mailRule},
	}
	known := map[string]bool{}
	for _, s := range steps {
		known[s.typ] = true
	}
	ids := slices.Sorted(maps.Keys(r.file.Resources))
	for _, id := range ids {
		res := r.file.Resources[id]
		if !known[res.Type] && ignored[res.Type] == "" {
			return fmt.Errorf("%s: template has a %s, the local reader does not know it", id, res.Type)
		}
		if err := r.register(id, res); err != nil {
			return fmt.Errorf("%s: %w", id, err)
		}
	}
	r.parameters()
	for _, s := range steps {
		for _, id := range ids {
			if res := r.file.Resources[id]; res.Type == s.typ {
				if err := s.read(id, res); err != nil {
					return fmt.Errorf("%s: %w", id, err)
				}
			}
		}
	}
	slices.SortFunc(r.t.Functions, func(a, b Function) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(r.t.Routes, func(a, b Route) int { return strings.Compare(a.Path+" "+a.Method, b.Path+" "+b.Method) })
	return nil
}

func (r *reader) parameters() {
	for _, id := range slices.Sorted(maps.Keys(r.file.Parameters)) {
		p := Parameter{ID: id}
		if d := r.file.Parameters[id].Default; d != nil {
			p.Default, p.HasDefault = *d, true
		}
		r.t.Parameters = append(r.t.Parameters, p)
	}
}

// kinds says under which metadata key a type has its short name. What others refer to by name must have one.
var kinds = map[string]string{
	"AWS::Lambda::Function":      "parley:function",
	"AWS::DynamoDB::GlobalTable": "parley:table",
	"AWS::S3::Bucket":            "parley:bucket",
	"AWS::SQS::Queue":            "parley:queue",
}

func (r *reader) register(id string, res resource) error {
	name := ""
	if key, ok := kinds[res.Type]; ok {
		if name = res.Metadata[key]; name == "" {
			return fmt.Errorf("a %s without metadata %s", res.Type, key)
		}
	}
	r.t.resources[id] = Resource{Type: res.Type, Name: name}
	return nil
}

// named returns the short name of the first resource of that type to which v refers.
func (r *reader) named(v Value, typ string) (string, error) {
	id, err := r.one(v, typ)
	return r.t.resources[id].Name, err
}

// one returns the logical id of the first resource of that type to which v refers.
func (r *reader) one(v Value, typ string) (string, error) {
	for _, id := range v.ids() {
		if r.t.resources[id].Type == typ {
			return id, nil
		}
	}
	return "", fmt.Errorf("%s refers to no %s", v, typ)
}

// want says that the reader knows only one value of a property.
func want[T comparable](property string, got, only T) error {
	if got != only {
		return fmt.Errorf("%s is %v, the local reader knows only %v", property, got, only)
	}
	return nil
}

func all(errs ...error) error { return errors.Join(errs...) }
