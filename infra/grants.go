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
	putOnQueue = []string{"sqs:SendMessage"}
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
	// What an account may send as, and whether its mail arrives. SES checks tags at the making as a right of its own.
	proveDomains = []string{"ses:CreateEmailIdentity", "ses:GetEmailIdentity"}
	tagDomains   = []string{"ses:TagResource"}
	forgetDomain = []string{"ses:DeleteEmailIdentity"}
	sendState    = []string{"ses:GetAccount", "ses:GetSuppressedDestination", "ses:DeleteSuppressedDestination"}
	getFile      = []string{"s3:GetObject"}
	putFile      = []string{"s3:PutObject"}
	dropFile     = []string{"s3:DeleteObject"}
	listFiles    = []string{"s3:ListBucket"}
	manageRules  = []string{
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
	{"ingest", "table:threads", items("GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem")},
	{"ingest", "table:outbox", items("GetItem", "Query", "PutItem")},                   // what a bounce that came as mail says of a delivery
	{"ingest", "table:assignments", items("PutItem")},                                  // a new conversation wants an owner
	{"ingest", "table:contacts", items("GetItem", "PutItem", "DeleteItem")},            // a contact's row by activity moves once a day
	{"ingest", "table:settings", items("GetItem", "BatchGetItem", "Query", "PutItem")}, // the first mail may make the first inbox
	{"ingest", "table:sockets", items("GetItem", "Query", "PutItem", "DeleteItem")},
	{"ingest", "objects:mail/" + rawPrefix, getFile},
	{"ingest", "objects:files/", putFile},
	{"ingest", "secrets:", getKey},
	{"ingest", "newsecrets:", makeKey},
	{"ingest", "sockets:", connect},

	{"agentapi", "table:threads", items("GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "DeleteItem")}, // drafts go, and marks of what was not delivered; what weighs on whom is counted
	{"agentapi", "index:threads/views", readIndex},
	{"agentapi", "index:threads/owners", readIndex},
	{"agentapi", "index:threads/accounts", readIndex},
	{"agentapi", "index:threads/teams", readIndex},
	{"agentapi", "table:assignments", items("GetItem", "PutItem", "Query")}, // what is restored or moved wants an owner; whose turn it would be
	{"agentapi", "index:assignments/due", readIndex},
	{"agentapi", "table:outbox", items("GetItem", "BatchGetItem", "PutItem")},
	{"agentapi", "pushes:", items("Query", "DeleteItem")}, // devices come and go
	{"agentapi", "index:threads/contact", readIndex},
	{"agentapi", "table:contacts", items("GetItem", "BatchGetItem", "Query", "PutItem", "DeleteItem")}, // notes go, and the rows by which a contact is found
	{"agentapi", "index:contacts/list", readIndex},
	{"agentapi", "table:settings", items("GetItem", "Query", "PutItem", "DeleteItem")}, // entries of filter lists are taken off again
	{"agentapi", "table:sockets", items("GetItem", "Query", "PutItem", "DeleteItem")},
	{"agentapi", "objects:mail/" + rawPrefix, getFile},
	{"agentapi", "objects:files/", append(append([]string{}, getFile...), putFile...)},
	{"agentapi", "objects:files/" + uploadPrefix, dropFile},
	{"agentapi", "names:files", listFiles}, // uploads come and go: without it S3 does not tell one that is gone from one that is forbidden
	{"agentapi", "sockets:", connect},
	{"agentapi", "people:", managePeople},
	{"agentapi", "secrets:", getKey}, // test mails and the links of pictures are signed
	{"agentapi", "newsecrets:", makeKey},
	{"agentapi", "domains:", proveDomains},
	{"agentapi", "newdomains:", tagDomains},
	{"agentapi", "ourdomains:", forgetDomain},
	{"agentapi", "sendstate:", sendState},
	{"agentapi", "tests:", sendMail},
	{"agentapi", "queue:mail", putOnQueue}, // to run a mail in quarantine again

	{"imageproxy", "secret:" + imageKey, getKey}, // it talks to strangers: nothing else, ever

	{"visitorapi", "table:threads", items("GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem")},
	{"visitorapi", "table:assignments", items("PutItem", "UpdateItem")}, // a bot's first turn, and its numbers
	{"visitorapi", "table:contacts", items("GetItem", "PutItem", "DeleteItem")},
	{"visitorapi", "table:settings", items("GetItem", "Query", "PutItem")},
	{"visitorapi", "table:sockets", items("Query", "PutItem", "DeleteItem", "GetItem")},
	{"visitorapi", "objects:files/" + facesPrefix, getFile},
	{"visitorapi", "objects:files/" + botFilePrefix, getFile},
	{"visitorapi", "secrets:", getKey},
	{"visitorapi", "newsecrets:", makeKey},
	{"visitorapi", "sockets:", connect},

	{"websocket", "table:threads", items("GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem")},
	{"websocket", "table:assignments", items("PutItem", "UpdateItem")},
	{"websocket", "table:contacts", items("GetItem", "PutItem", "DeleteItem")},
	{"websocket", "table:settings", items("Query")},
	{"websocket", "table:sockets", items("GetItem", "Query", "PutItem", "DeleteItem")},
	{"websocket", "sockets:", connect},
	{"websocket", "closesockets:", connect}, // one that speaks after it was forgotten

	{"deliver", "stream:outbox", readStream},
	{"deliver", "streams:outbox", findStream},
	{"deliver", "failures:", putFile},
	{"deliver", "table:threads", items("GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem")},
	{"deliver", "table:outbox", items("GetItem", "Query", "PutItem", "DeleteItem")}, // mails of notices go when they are told
	{"deliver", "table:settings", items("Query")},
	{"deliver", "health:", items("GetItem", "PutItem")},
	{"deliver", "table:sockets", items("GetItem", "Query", "PutItem", "DeleteItem")},
	{"deliver", "objects:files/", getFile},
	{"deliver", "secrets:", getKey},
	{"deliver", "newsecrets:", makeKey},
	{"deliver", "sockets:", connect},
	{"deliver", "identities:", sendMail},

	{"callout", "stream:outbox", readStream},
	{"callout", "streams:outbox", findStream},
	{"callout", "failures:", putFile},
	{"callout", "pushes:", items("GetItem", "PutItem", "DeleteItem")}, // it talks to strangers: its own jobs and their devices, and no mail
	{"callout", "secret:" + pushKey, getKey},

	{"notify", "stream:threads", readStream},
	{"notify", "streams:threads", findStream},
	{"notify", "failures:", putFile},
	{"notify", "table:threads", items("Query", "PutItem")}, // notices
	{"notify", "table:outbox", items("PutItem")},           // mails and pushes that tell of them
	{"notify", "pushes:", items("Query")},                  // devices
	{"notify", "table:settings", items("Query")},
	{"notify", "table:sockets", items("GetItem", "Query", "DeleteItem")},
	{"notify", "sockets:", connect},

	{"mailstatus", "failures:", putFile},
	{"mailstatus", "table:threads", items("BatchGetItem", "Query", "PutItem", "UpdateItem")},
	{"mailstatus", "table:outbox", items("GetItem", "PutItem")},
	{"mailstatus", "table:settings", items("Query")}, // who may still hear of it
	{"mailstatus", "table:sockets", items("GetItem", "Query", "PutItem", "DeleteItem")},
	{"mailstatus", "sockets:", connect},

	{"mailrule", "mailrules:", manageRules},
	{"mailrule", "table:settings", items("Query")},
	{"mailrule", "followed:", items("GetItem", "PutItem")},

	{"sweep", "handovers:", items("GetItem", "DeleteItem")},
	{"sweep", "table:settings", items("Query")},
	{"sweep", "table:outbox", items("GetItem", "BatchGetItem", "Query", "PutItem")},
	{"sweep", "index:outbox/due", readIndex},
	{"sweep", "table:threads", items("GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "DeleteItem")}, // snoozes end, a leaver's threads go to others; who is erased goes from all
	{"sweep", "index:threads/views", readIndex},
	{"sweep", "index:threads/contact", readIndex},
	{"sweep", "table:contacts", items("GetItem", "BatchGetItem", "Query", "PutItem", "DeleteItem")}, // files of contacts, in and out; erasures
	{"sweep", "listed:", items("GetItem", "DeleteItem")},                                            // entries of filter lists that name who is erased
	{"sweep", "changes:", items("PutItem")},                                                         // and what is remembered of them
	{"sweep", "objects:files/" + importPrefix, append(append([]string{}, getFile...), dropFile...)},
	{"sweep", "objects:files/" + messagePrefix, dropFile},
	{"sweep", "objects:mail/" + rawPrefix, dropFile},
	{"sweep", "index:threads/due", readIndex},
	{"sweep", "index:threads/owners", readIndex},
	{"sweep", "table:assignments", items("GetItem", "BatchGetItem", "Query", "PutItem", "DeleteItem")}, // what bots remember of who is erased
	{"sweep", "index:assignments/due", readIndex},

	{"route", "stream:assignments", readStream},
	{"route", "streams:assignments", findStream},
	{"route", "failures:", putFile},
	{"route", "table:assignments", items("GetItem", "PutItem", "DeleteItem")},
	{"route", "table:threads", items("GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem")},
	{"route", "table:contacts", items("GetItem")},
	{"route", "table:settings", items("Query")},
	{"route", "objects:files/" + messagePrefix, getFile}, // long first messages

	{"turn", "stream:assignments", readStream},
	{"turn", "streams:assignments", findStream},
	{"turn", "failures:", putFile},
	{"turn", "table:assignments", items("GetItem", "PutItem", "UpdateItem", "DeleteItem")}, // numbers are added to
	{"turn", "table:threads", items("GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem")},
	{"turn", "table:contacts", items("GetItem", "PutItem", "DeleteItem")},
	{"turn", "table:settings", items("Query")},
	{"turn", "table:sockets", items("GetItem", "Query", "PutItem", "DeleteItem")},
	{"turn", "sockets:", connect},
	{"turn", "secrets:", getKey},
	{"turn", "newsecrets:", makeKey},
}

// messagePrefix is where long texts of messages stand in the files bucket (store.BodyKey).
const messagePrefix = "t/"

// importPrefix is where files of contacts stand until they are in (store.ImportKey).
const importPrefix = "i/"

// Visitors see these files and no others: agents' pictures, and what bots give away (store.FaceKey, store.BotFileKey).
const (
	facesPrefix   = "faces/"
	botFilePrefix = "b/"
)

// imageKey is the one parameter that the links of pictures need (shared/secret).
const imageKey = "image-signing-key"

// pushKey is the one parameter that pushes need (shared/secret).
const pushKey = "push-key"

// conditions narrow a grant by its resource.
func (s *stack) conditions(resource string) *map[string]any {
	only := func(operator, key string, value any) *map[string]any {
		return &map[string]any{operator: map[string]any{key: value}}
	}
	switch resource {
	case "newsecrets:": // a signing key may be made, but never be made anew: every reply address that is out would be void
		return only("StringNotEquals", "ssm:Overwrite", "true")
	case "health:": // of accounts; the settings themselves are not the workers' to change
		return only("ForAllValues:StringEquals", "dynamodb:LeadingKeys", "HEALTH")
	case "pushes:": // devices that are pushed to, and what is owed to them (store.pushKeys)
		return only("ForAllValues:StringLike", "dynamodb:LeadingKeys", "PUSH#*")
	case "listed:": // entries of allow and deny lists
		return only("ForAllValues:StringLike", "dynamodb:LeadingKeys", "LISTED#*")
	case "changes:": // what is remembered of changes of settings
		return only("ForAllValues:StringEquals", "dynamodb:LeadingKeys", "CHANGES")
	case "handovers:": // of leavers' conversations
		return only("ForAllValues:StringEquals", "dynamodb:LeadingKeys", "HANDOVER")
	case "followed:": // how far the receipt rule has followed the accounts
		return only("ForAllValues:StringEquals", "dynamodb:LeadingKeys", "RULE")
	case "newdomains:":
		return only("StringEquals", "aws:RequestTag/parley", s.stage)
	case "ourdomains:": // what somebody else has proved in this account is not ours to take away
		return only("StringEquals", "aws:ResourceTag/parley", s.stage)
	case "tests:":
		return only("StringEquals", "ses:FromAddress", "channel-test@"+*s.parameters.mailDomain.ValueAsString())
	}
	return nil
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
		allow(g.actions, s.conditions(g.resource), s.resources(g.resource)...)
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
	case "names":
		return one(s.data.files.BucketArn())
	case "failures": // Lambda's keys: aws/lambda/<mapping>/<shard>/…
		return one(s.data.failures.ArnForObjects(jsii.String("aws/lambda/*")))
	case "queue":
		return one(s.mail.queue.QueueArn())
	case "secrets", "newsecrets":
		return one(s.arn("ssm", "parameter"+s.secrets()+"*"))
	case "secret": // one of them
		return one(s.arn("ssm", "parameter"+s.secrets()+name))
	case "people":
		return one(s.identity.pool.AttrArn())
	case "sockets":
		return one(jsii.String(*s.socketsARN + "/POST/@connections/*"))
	case "closesockets":
		return one(jsii.String(*s.socketsARN + "/DELETE/@connections/*"))
	case "mailrules": // SES knows no narrower resource for its receipt rules (Service Authorization Reference, Amazon SES)
		return one(jsii.String("*"))
	case "pushes":
		return one(s.data.tables["outbox"].TableArn())
	case "health", "followed", "handovers", "listed", "changes":
		return one(s.data.tables["settings"].TableArn())
	case "domains", "newdomains", "ourdomains", "tests":
		return one(s.arn("ses", "identity/*"))
	case "sendstate": // of the whole account: SES knows no narrower resource for it and for its suppression list
		return one(jsii.String("*"))
	case "identities": // customers add identities at run time; the set is the one we send with
		return []*string{s.arn("ses", "identity/*"), s.arn("ses", "configuration-set/"+*s.mail.configurationSet.Ref())}
	}
	panic("infra: no resource " + resource)
}
