package main

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"
)

// grant lets one function do some actions to one resource. A resource is kind:name; arn below says what each is in IAM.
type grant struct {
	function string
	resource string
	actions  []string
}

// Actions come one by one, as the flows need them: infra/rehearsal names any that no flow needs, and any that is missing. DynamoDB checks
// the parts of a transaction as the single actions, not by a right of its own.
var (
	readIndex  = items("Query")
	readStream = []string{"dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"}
	findStream = []string{"dynamodb:ListStreams"}
	takeQueue  = []string{"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}
	// SES checks SendEmail with raw content as SendRawEmail.
	sendMail = []string{"ses:SendEmail", "ses:SendRawEmail"}
	connect  = []string{"execute-api:ManageConnections"}
	getKey   = []string{"ssm:GetParameter"}
	makeKey  = []string{"ssm:PutParameter"}
	// Making accounts, ending them and letting them in again; never passwords, groups or deletion.
	managePeople = []string{
		"cognito-idp:AdminCreateUser", "cognito-idp:AdminGetUser", "cognito-idp:AdminDisableUser", "cognito-idp:AdminEnableUser",
		"cognito-idp:AdminUserGlobalSignOut",
	}
	getFile     = []string{"s3:GetObject"}
	putFile     = []string{"s3:PutObject"}
	manageRules = []string{
		"ses:DescribeActiveReceiptRuleSet", "ses:CreateReceiptRuleSet", "ses:SetActiveReceiptRuleSet",
		"ses:CreateReceiptRule", "ses:UpdateReceiptRule", "ses:DeleteReceiptRule",
	}
)

func items(actions ...string) []string {
	for i, a := range actions {
		actions[i] = "dynamodb:" + a
	}
	return actions
}

// grants is every right of every function but writing its own log, and nothing else gives one: the test in grants_test.go holds the template to it.
var grants = []grant{
	{"ingest", "queue:mail", takeQueue},
	{"ingest", "table:threads", items("GetItem", "BatchGetItem", "Query", "PutItem")},
	{"ingest", "table:contacts", items("GetItem", "PutItem")},
	{"ingest", "table:settings", items("GetItem", "Query", "PutItem")}, // the first mail may make the first inbox
	{"ingest", "table:sockets", items("GetItem", "Query", "PutItem", "DeleteItem")},
	{"ingest", "objects:mail/" + rawPrefix, getFile},
	{"ingest", "objects:files/", putFile},
	{"ingest", "secrets:", getKey},
	{"ingest", "newsecrets:", makeKey},
	{"ingest", "sockets:", connect},

	{"agentapi", "table:threads", items("GetItem", "BatchGetItem", "Query", "PutItem")},
	{"agentapi", "index:threads/views", readIndex},
	{"agentapi", "index:threads/owners", readIndex},
	{"agentapi", "table:outbox", items("GetItem", "BatchGetItem", "PutItem")},
	{"agentapi", "table:settings", items("GetItem", "Query", "PutItem")},
	{"agentapi", "table:sockets", items("GetItem", "Query", "PutItem", "DeleteItem")},
	{"agentapi", "objects:mail/" + rawPrefix, getFile},
	{"agentapi", "objects:files/", append(append([]string{}, getFile...), putFile...)},
	{"agentapi", "sockets:", connect},
	{"agentapi", "people:", managePeople},

	{"websocket", "table:threads", items("GetItem", "Query")},
	{"websocket", "table:sockets", items("GetItem", "PutItem", "DeleteItem")},
	{"websocket", "sockets:", connect},
	{"websocket", "closesockets:", connect}, // one that speaks after it was forgotten

	{"deliver", "stream:outbox", readStream},
	{"deliver", "streams:outbox", findStream},
	{"deliver", "failures:", putFile},
	{"deliver", "table:threads", items("GetItem", "Query", "PutItem")},
	{"deliver", "table:outbox", items("GetItem", "Query", "PutItem")},
	{"deliver", "table:settings", items("Query")},
	{"deliver", "table:sockets", items("GetItem", "Query", "DeleteItem")},
	{"deliver", "objects:files/", getFile},
	{"deliver", "secrets:", getKey},
	{"deliver", "newsecrets:", makeKey},
	{"deliver", "sockets:", connect},
	{"deliver", "identities:", sendMail},

	{"notify", "stream:threads", readStream},
	{"notify", "streams:threads", findStream},
	{"notify", "failures:", putFile},
	{"notify", "table:threads", items("Query")},
	{"notify", "table:sockets", items("GetItem", "Query", "DeleteItem")},
	{"notify", "sockets:", connect},

	{"mailstatus", "failures:", putFile},
	{"mailstatus", "table:threads", items("BatchGetItem", "Query", "PutItem")},
	{"mailstatus", "table:outbox", items("GetItem", "PutItem")},
	{"mailstatus", "table:sockets", items("GetItem", "Query", "PutItem", "DeleteItem")},
	{"mailstatus", "sockets:", connect},

	{"mailrule", "mailrules:", manageRules},

	{"sweep", "table:outbox", items("GetItem", "BatchGetItem", "PutItem")},
	{"sweep", "index:outbox/due", readIndex},
}

// conditions narrow a grant by its resource. A signing key may be made, but never be made anew: every reply address that is out would be void.
var conditions = map[string]*map[string]any{
	"newsecrets:": {"StringNotEquals": map[string]any{"ssm:Overwrite": "true"}},
}

// policy is a function's whole set of rights.
func (s *stack) policy(function string, logs awslogs.LogGroup) awsiam.PolicyDocument {
	doc := awsiam.NewPolicyDocument(nil)
	allow := func(actions []string, condition *map[string]any, resources ...*string) {
		doc.AddStatements(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Actions: jsii.Strings(actions...), Resources: &resources, Conditions: condition,
		}))
	}
	allow([]string{"logs:CreateLogStream", "logs:PutLogEvents"}, nil, logs.LogGroupArn())
	for _, g := range grants {
		if g.function != function {
			continue
		}
		allow(g.actions, conditions[g.resource], s.resources(g.resource)...)
		if g.resource == "failures:" { // Lambda asks for this of a mapping whose on-failure destination is a bucket
			allow([]string{"s3:ListBucket"}, nil, s.data.failures.BucketArn())
		}
	}
	return doc
}

// resources are the ARNs of a grant's resource; it panics on a kind that is not there.
func (s *stack) resources(resource string) []*string {
	kind, name, _ := strings.Cut(resource, ":")
	one := func(arn *string) []*string { return []*string{arn} }
	switch kind {
	case "table":
		return one(s.data.tables[name].TableArn())
	case "index":
		table, index, _ := strings.Cut(name, "/")
		return one(jsii.String(*s.data.tables[table].TableArn() + "/index/" + index))
	case "stream":
		return one(s.data.tables[name].TableStreamArn())
	case "streams": // ListStreams is asked of all streams of a table
		return one(jsii.String(*s.data.tables[name].TableArn() + "/stream/*"))
	case "objects":
		bucket, prefix, _ := strings.Cut(name, "/")
		if bucket == "mail" {
			return one(s.data.mail.ArnForObjects(jsii.String(prefix + "*")))
		}
		return one(s.data.files.ArnForObjects(jsii.String(prefix + "*")))
	case "failures": // Lambda's keys: aws/lambda/<mapping>/<shard>/…
		return one(s.data.failures.ArnForObjects(jsii.String("aws/lambda/*")))
	case "queue":
		return one(s.mail.queue.QueueArn())
	case "secrets", "newsecrets":
		return one(s.arn("ssm", "parameter"+s.secrets()+"*"))
	case "people":
		return one(s.identity.pool.AttrArn())
	case "sockets":
		return one(jsii.String(*s.socketsARN + "/POST/@connections/*"))
	case "closesockets":
		return one(jsii.String(*s.socketsARN + "/DELETE/@connections/*"))
	case "mailrules": // SES knows no narrower resource for its receipt rules (Service Authorization Reference, Amazon SES)
		return one(jsii.String("*"))
	case "identities": // customers add identities at run time; the set is the one we send with
		return []*string{s.arn("ses", "identity/*"), s.arn("ses", "configuration-set/"+*s.mail.configurationSet.Ref())}
	}
	panic("infra: no resource " + resource)
}
