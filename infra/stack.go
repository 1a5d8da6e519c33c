package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	gateway "github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// stack is one workspace: what keeps two companies apart is the AWS account, what keeps two stages apart is this.
type stack struct {
	config
	scope      awscdk.Stack // a field, not embedded: jsii takes a construct only as itself
	parameters parameters
	data       data
	mail       mail
	api        gateway.HttpApi
	sockets    gateway.WebSocketApi
	socketsURL *string // https callback of the ws stage, for @connections
	socketsARN *string // execute-api ARN of the ws stage, without the method
	origin     *string // where people reach it, without a slash at the end
	identity   identity
	functions  map[string]function
}

// parameters are what a deployment fills in.
type parameters struct {
	mailDomain      awscdk.CfnParameter
	mailRuleAttempt awscdk.CfnParameter
}

// newStack puts the stack together. The order is the order of need: what holds data, what carries it, what acts on it.
func newStack(app awscdk.App, c config) *stack {
	s := &stack{config: c, functions: map[string]function{}}
	s.scope = awscdk.NewStack(app, jsii.String("Parley-"+c.stage), &awscdk.StackProps{
		Description:           jsii.String("Parley, a team's conversations inbox"),
		TerminationProtection: jsii.Bool(c.prod()),
		AnalyticsReporting:    jsii.Bool(false),
		// The CLI checks the bootstrap version itself; the rule would only add an SSM parameter to the template.
		Synthesizer: awscdk.NewDefaultStackSynthesizer(&awscdk.DefaultStackSynthesizerProps{GenerateBootstrapVersionRule: jsii.Bool(false)}),
		Tags:        &map[string]*string{"app": jsii.String("parley"), "stage": jsii.String(c.stage)},
	})
	s.parameters = newParameters(s)
	s.data = newData(s)
	s.mail = newMail(s)
	newHTTPAPI(s)
	newSocketsAPI(s)
	newEdge(s)
	s.identity = newIdentity(s)
	for _, spec := range functions {
		s.functions[spec.name] = newFunction(s, spec)
	}
	routeSockets(s)
	routeHTTP(s)
	newReactions(s)
	newMailRule(s)
	newWatch(s)
	return s
}

func newParameters(s *stack) parameters {
	text := func(id, description string, defaults *string) awscdk.CfnParameter {
		return awscdk.NewCfnParameter(s.scope, jsii.String(id), &awscdk.CfnParameterProps{
			Type: jsii.String("String"), Description: jsii.String(description), Default: defaults,
		})
	}
	return parameters{
		mailDomain: text("MailDomain", "Domain whose mail this stage receives, e.g. mail.example.com", nil),
		// CloudFormation calls a custom resource only if a property changes, and cannot see that somebody activated another rule set.
		mailRuleAttempt: text("MailRuleAttempt", "Change it to have the receipt rule put into the rule set that is active now", jsii.String("1")),
	}
}

// output shows a value to those who deploy.
func output(s *stack, name string, value *string) {
	awscdk.NewCfnOutput(s.scope, jsii.String(name), &awscdk.CfnOutputProps{Value: value})
}

// pin fixes a resource's logical id, so that no refactoring here can replace a table, and the golden template can be read.
func pin(c constructs.IConstruct, id string) awscdk.CfnResource {
	r, ok := c.(awscdk.CfnResource)
	if !ok {
		r = c.Node().DefaultChild().(awscdk.CfnResource)
	}
	r.OverrideLogicalId(jsii.String(id))
	return r
}

// name says what a resource is called inside Parley, for readers of the template (infra/local/template): kind is one of
// function, table, bucket, queue.
func name(r awscdk.CfnResource, kind, short string) {
	r.AddMetadata(jsii.String("parley:"+kind), short)
}

// arn is an ARN of this account and region.
func (s *stack) arn(service, resource string) *string {
	return s.scope.FormatArn(&awscdk.ArnComponents{
		Service: jsii.String(service), Resource: jsii.String(resource), ArnFormat: awscdk.ArnFormat_NO_RESOURCE_NAME,
	})
}

// global is an ARN of this account that has no region.
func (s *stack) global(service, resource string) *string {
	return s.scope.FormatArn(&awscdk.ArnComponents{
		Service: jsii.String(service), Region: jsii.String(""), Resource: jsii.String(resource), ArnFormat: awscdk.ArnFormat_NO_RESOURCE_NAME,
	})
}

// title is the first letter of an ASCII name made large: threads → Threads, for logical ids.
func title(name string) string { return string(name[0]-'a'+'A') + name[1:] }
