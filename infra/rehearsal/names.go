package rehearsal

import (
	"encoding/json"
	"fmt"
	"strings"

	"parley/infra/local/issuer"
	"parley/infra/local/template"
)

// Where the rehearsal plays.
const (
	Region  = "eu-west-1"
	account = "123456789012"
)

func arn(service, resource string) string {
	return "arn:aws:" + service + ":" + Region + ":" + account + ":" + resource
}

func (r *Rehearsal) tableArn(table string) string { return arn("dynamodb", "table/"+table) }

// userPool is the id of the user pool.
const userPool = Region + "_Pa9xYz1"

// physical is the name that CloudFormation might have given to something: code that trusts in short names is found out.
func physical(kind, name string) string { return "parley-dev-" + name + "-" + kind + "1x7" }

// placeholder is the distribution's name, until environment puts our own plain origin where "https://" and it meet.
const placeholder = "origin.invalid"

// lookup resolves the template's references to what they are here, as CloudFormation would. Cognito is our own issuer.
func (r *Rehearsal) lookup(id, att string) string {
	name := id
	if att != "" {
		name += "." + att
	}
	fixed := map[string]string{
		"MailDomain": r.cfg.MailDomain, "MailRuleAttempt": "1", "UserPool.ProviderURL": r.origin + "/id", "UserPoolClient": issuer.Client, "Distribution.DomainName": placeholder,
		"AWS::Region": Region, "AWS::URLSuffix": "amazonaws.com", "AWS::AccountId": account, "AWS::Partition": "aws", "AWS::StackName": "parley-dev",
	}
	if v, ok := fixed[name]; ok {
		return v
	}
	res, ok := r.template.Resource(id)
	if !ok {
		return ""
	}
	return r.names(id, res)[att]
}

// names are a resource's Ref ("") and its attributes.
func (r *Rehearsal) names(id string, res template.Resource) map[string]string {
	switch res.Type {
	case "AWS::DynamoDB::GlobalTable":
		name := physical("table", res.Name)
		return map[string]string{"": name, "Arn": r.tableArn(name), "StreamArn": r.streams[name]}
	case "AWS::S3::Bucket":
		name := physical("bucket", res.Name)
		return map[string]string{"": name, "Arn": "arn:aws:s3:::" + name}
	case "AWS::SQS::Queue":
		name := physical("queue", res.Name)
		return map[string]string{"": "https://sqs." + Region + ".amazonaws.com/" + account + "/" + name, "Arn": arn("sqs", name)}
	case "AWS::Logs::LogGroup":
		return map[string]string{"": logGroup(id), "Arn": arn("logs", "log-group:"+logGroup(id)+":*")}
	case "AWS::Lambda::Function":
		name := physical("function", res.Name)
		return map[string]string{"": name, "Arn": arn("lambda", "function:"+name)}
	case "AWS::Cognito::UserPool":
		return map[string]string{"": userPool, "Arn": arn("cognito-idp", "userpool/"+userPool)}
	case "AWS::SNS::Topic":
		return map[string]string{"": arn("sns", physical("topic", strings.ToLower(id)))}
	case "AWS::ApiGatewayV2::Api":
		return map[string]string{"": strings.ToLower(id)}
	}
	return map[string]string{"": physical("", strings.ToLower(id))}
}

func logGroup(id string) string { return "/parley/dev/" + id }

// logGroups are the log groups of the functions, by name.
func logGroups(raw []byte) (map[string]string, error) {
	var f struct {
		Resources map[string]struct {
			Type       string
			Metadata   map[string]string
			Properties json.RawMessage
		}
	}
	if err := json.Unmarshal(raw, &f); err != nil {
		return nil, err
	}
	out := map[string]string{}
	for id, res := range f.Resources {
		name := res.Metadata["parley:function"]
		if res.Type != "AWS::Lambda::Function" || name == "" {
			continue
		}
		var p struct {
			LoggingConfig struct{ LogGroup struct{ Ref string } }
		}
		if err := json.Unmarshal(res.Properties, &p); err != nil || p.LoggingConfig.LogGroup.Ref == "" {
			return nil, fmt.Errorf("%s has no log group of its own: %v", id, err)
		}
		out[name] = logGroup(p.LoggingConfig.LogGroup.Ref)
	}
	return out, nil
}
