package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"
)

// functionSpec is one folder of functions/. Memory is also processor share: 1769 MB is one core.
type functionSpec struct {
	name    string
	memory  float64 // MB
	seconds float64 // timeout
	env     []string
}

// A door has to answer while somebody waits, a reaction has to finish its batch.
var functions = []functionSpec{
	// One mail may be 40 MB; it is held raw and decoded, one mail of a batch after the other.
	{name: "ingest", memory: 1024, seconds: 120, env: []string{
		"PARLEY_TABLE_THREADS", "PARLEY_TABLE_OUTBOX", "PARLEY_TABLE_ASSIGNMENTS", "PARLEY_TABLE_CONTACTS", "PARLEY_TABLE_SETTINGS", "PARLEY_TABLE_SOCKETS",
		"PARLEY_BUCKET_MAIL", "PARLEY_BUCKET_FILES", "PARLEY_MAIL_DOMAIN", "PARLEY_SECRETS", "PARLEY_SOCKETS_URL",
	}},
	// API Gateway gives up at 30 s; a commit's budget is 10 s.
	{name: "agentapi", memory: 512, seconds: 29, env: []string{
		"PARLEY_TABLE_THREADS", "PARLEY_TABLE_OUTBOX", "PARLEY_TABLE_ASSIGNMENTS", "PARLEY_TABLE_CONTACTS", "PARLEY_TABLE_SETTINGS", "PARLEY_TABLE_SOCKETS",
		"PARLEY_BUCKET_MAIL", "PARLEY_BUCKET_FILES", "PARLEY_MAIL_DOMAIN", "PARLEY_SOCKETS_URL", "PARLEY_ORIGIN",
		"PARLEY_OIDC_ISSUER", "PARLEY_OIDC_CLIENT", "PARLEY_OIDC_SCOPES", "PARLEY_USER_POOL",
		"PARLEY_QUEUE_MAIL", "PARLEY_STAGE", "PARLEY_SECRETS", "PARLEY_MAIL_EXCHANGE", "PARLEY_DNS",
	}},
	// A stranger's server has five seconds. Memory is for processor: a new TLS connection for each picture, and 4 MB as base64.
	{name: "imageproxy", memory: 512, seconds: 10, env: []string{"PARLEY_SECRETS"}},
	{name: "visitorapi", memory: 512, seconds: 29, env: []string{
		"PARLEY_TABLE_THREADS", "PARLEY_TABLE_ASSIGNMENTS", "PARLEY_TABLE_CONTACTS", "PARLEY_TABLE_SETTINGS", "PARLEY_TABLE_SOCKETS", "PARLEY_BUCKET_FILES", "PARLEY_SECRETS",
		"PARLEY_SOCKETS_URL", "PARLEY_ORIGIN",
	}},
	{name: "websocket", memory: 256, seconds: 15, env: []string{
		"PARLEY_TABLE_THREADS", "PARLEY_TABLE_ASSIGNMENTS", "PARLEY_TABLE_CONTACTS", "PARLEY_TABLE_SETTINGS", "PARLEY_TABLE_SOCKETS", "PARLEY_SOCKETS_URL",
	}},
	// Ten sends of a few hundred ms each as a rule, but of 40 MB each at worst; the send lease is 90 s.
	{name: "deliver", memory: 1024, seconds: 120, env: []string{
		"PARLEY_TABLE_THREADS", "PARLEY_TABLE_OUTBOX", "PARLEY_TABLE_SETTINGS", "PARLEY_TABLE_SOCKETS", "PARLEY_BUCKET_FILES",
		"PARLEY_MAIL_DOMAIN", "PARLEY_SECRETS", "PARLEY_SOCKETS_URL", "PARLEY_SES_CONFIGURATION_SET", "PARLEY_ORIGIN",
	}},
	// Ten pushes at most, of five seconds each at worst.
	{name: "callout", memory: 256, seconds: 60, env: []string{"PARLEY_TABLE_OUTBOX", "PARLEY_SECRETS", "PARLEY_MAIL_DOMAIN"}},
	{name: "notify", memory: 512, seconds: 60, env: []string{
		"PARLEY_TABLE_THREADS", "PARLEY_TABLE_OUTBOX", "PARLEY_TABLE_SETTINGS", "PARLEY_TABLE_SOCKETS", "PARLEY_SOCKETS_URL",
	}},
	// One event at a time, mostly a read and a write or two.
	{name: "mailstatus", memory: 256, seconds: 30, env: []string{
		"PARLEY_TABLE_THREADS", "PARLEY_TABLE_OUTBOX", "PARLEY_TABLE_SETTINGS", "PARLEY_TABLE_SOCKETS", "PARLEY_SOCKETS_URL",
	}},
	// A deployment may have to wait half a minute until SES sees that it may write; the clock's runs read twice.
	{name: "mailrule", memory: 128, seconds: 55, env: []string{
		"PARLEY_TABLE_SETTINGS", "PARLEY_MAIL_RULE", "PARLEY_MAIL_DOMAIN", "PARLEY_BUCKET_MAIL", "PARLEY_MAIL_TOPIC",
	}},
	// Done before the next minute's run begins.
	// Memory is for a file of contacts, which it holds twice.
	{name: "sweep", memory: 512, seconds: 55, env: []string{
		"PARLEY_TABLE_THREADS", "PARLEY_TABLE_OUTBOX", "PARLEY_TABLE_ASSIGNMENTS", "PARLEY_TABLE_SETTINGS", "PARLEY_TABLE_CONTACTS",
		"PARLEY_BUCKET_FILES", "PARLEY_BUCKET_MAIL",
	}},
	// A choice reads a dozen items and writes one transaction; a race of many for one person is lost and tried again.
	{name: "route", memory: 256, seconds: 60, env: []string{
		"PARLEY_TABLE_THREADS", "PARLEY_TABLE_ASSIGNMENTS", "PARLEY_TABLE_CONTACTS", "PARLEY_TABLE_SETTINGS", "PARLEY_BUCKET_FILES",
	}},
	// A turn reads a dozen items and writes one transaction; a webhook may take ten seconds, code two. Memory is for code: it may take 64 MB beside ours.
	{name: "turn", memory: 512, seconds: 60, env: []string{
		"PARLEY_TABLE_THREADS", "PARLEY_TABLE_ASSIGNMENTS", "PARLEY_TABLE_CONTACTS", "PARLEY_TABLE_SETTINGS", "PARLEY_TABLE_SOCKETS", "PARLEY_SECRETS",
		"PARLEY_SOCKETS_URL",
	}},
}

// spec returns a function's line of the table above; it panics on a name that is not there.
func spec(name string) functionSpec {
	for _, f := range functions {
		if f.name == name {
			return f
		}
	}
	panic("infra: no function " + name)
}

type function struct {
	awslambda.Function
	logs awslogs.LogGroup
}

func newFunction(s *stack, f functionSpec) function {
	id := title(f.name)
	logs := awslogs.NewLogGroup(s.scope, jsii.String(id+"Logs"), &awslogs.LogGroupProps{
		Retention: s.logRetention(), RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	pin(logs, id+"Logs")
	// Rights are inline: a mapping that refers to the function then also waits for its rights.
	role := awsiam.NewRole(s.scope, jsii.String(id+"Role"), &awsiam.RoleProps{
		AssumedBy:      awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil),
		InlinePolicies: &map[string]awsiam.PolicyDocument{"grants": s.policy(f.name, logs)},
	})
	pin(role, id+"Role")
	env := map[string]*string{}
	for _, key := range f.env {
		env[key] = s.env(key)
	}
	fn := awslambda.NewFunction(s.scope, jsii.String(id), &awslambda.FunctionProps{
		Runtime: awslambda.Runtime_PROVIDED_AL2023(), Architecture: awslambda.Architecture_ARM_64(), Handler: jsii.String("bootstrap"),
		Code: awslambda.Code_FromAsset(jsii.String(s.asset(f.name)), nil), Role: role, Environment: &env,
		MemorySize: jsii.Number(f.memory), Timeout: awscdk.Duration_Seconds(jsii.Number(f.seconds)),
		LogGroup: logs, LoggingFormat: awslambda.LoggingFormat_JSON,
		ApplicationLogLevelV2: awslambda.ApplicationLogLevel_INFO, SystemLogLevelV2: awslambda.SystemLogLevel_WARN,
	})
	name(pin(fn, id+"Function"), "function", f.name)
	return function{Function: fn, logs: logs}
}

func (s *stack) logRetention() awslogs.RetentionDays {
	if s.prod() {
		return awslogs.RetentionDays_ONE_MONTH
	}
	return awslogs.RetentionDays_ONE_WEEK
}

// env is the value of an environment name, the same in every function that asks for it; it panics on a name that is not there.
func (s *stack) env(key string) *string {
	table := func(name string) *string { return s.data.tables[name].TableName() }
	values := map[string]*string{
		"PARLEY_TABLE_THREADS":         table("threads"),
		"PARLEY_TABLE_OUTBOX":          table("outbox"),
		"PARLEY_TABLE_ASSIGNMENTS":     table("assignments"),
		"PARLEY_TABLE_CONTACTS":        table("contacts"),
		"PARLEY_TABLE_SETTINGS":        table("settings"),
		"PARLEY_TABLE_SOCKETS":         table("sockets"),
		"PARLEY_BUCKET_MAIL":           s.data.mail.BucketName(),
		"PARLEY_BUCKET_FILES":          s.data.files.BucketName(),
		"PARLEY_MAIL_DOMAIN":           s.parameters.mailDomain.ValueAsString(),
		"PARLEY_SECRETS":               jsii.String(s.secrets()),
		"PARLEY_SOCKETS_URL":           s.socketsURL,
		"PARLEY_ORIGIN":                s.origin,
		"PARLEY_OIDC_ISSUER":           s.identity.pool.AttrProviderUrl(),
		"PARLEY_OIDC_CLIENT":           s.identity.client.Ref(),
		"PARLEY_OIDC_SCOPES":           jsii.String(oidcScopes),
		"PARLEY_USER_POOL":             s.identity.pool.Ref(),
		"PARLEY_QUEUE_MAIL":            s.mail.queue.QueueUrl(),
		"PARLEY_SES_CONFIGURATION_SET": s.mail.configurationSet.Ref(),
		"PARLEY_MAIL_RULE":             jsii.String(s.mailRule()),
		"PARLEY_MAIL_TOPIC":            s.mail.topic.TopicArn(),
		"PARLEY_STAGE":                 jsii.String(s.stage),
		"PARLEY_MAIL_EXCHANGE":         s.mailExchange(),
		"PARLEY_DNS":                   jsii.String("system"), // or host:port of a server to ask
	}
	value, ok := values[key]
	if !ok {
		panic("infra: no value for " + key)
	}
	return value
}

// mailRule names this stage's receipt rule.
func (s *stack) mailRule() string { return "parley-" + s.stage }

// mailExchange is where mail for our domains is to go: SES of this region.
func (s *stack) mailExchange() *string {
	return jsii.String("inbound-smtp." + *s.scope.Region() + "." + *s.scope.UrlSuffix())
}

// secrets is the prefix of this stage's SSM parameters.
func (s *stack) secrets() string { return "/parley/" + s.stage + "/" }
