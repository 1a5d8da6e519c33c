package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsses"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"
)

// rawPrefix is where SES puts mail as it came: in/<SES message id>.
const rawPrefix = "in/"

type mail struct {
	topic            awssns.Topic
	queue, dead      awssqs.Queue
	configurationSet awsses.CfnConfigurationSet
}

// newMail builds the way in (SES → bucket and topic → queue) and the configuration set of the way out. An S3 notification would be
// shorter, but SES's own carries the envelope's recipients and the verdicts, which the raw object does not hold.
func newMail(s *stack) mail {
	topic := awssns.NewTopic(s.scope, jsii.String("MailTopic"), &awssns.TopicProps{EnforceSSL: jsii.Bool(true)})
	pin(topic, "MailTopic")
	queue, dead := newMailQueue(s)
	pin(awssns.NewSubscription(s.scope, jsii.String("MailSubscription"), &awssns.SubscriptionProps{
		Topic: topic, Protocol: awssns.SubscriptionProtocol_SQS, Endpoint: queue.QueueArn(), RawMessageDelivery: jsii.Bool(true),
	}), "MailSubscription")
	allowTopic(topic, queue)
	return mail{topic: topic, queue: queue, dead: dead, configurationSet: newConfigurationSet(s)}
}

// newMailQueue keeps mail for 14 days, the most SQS can: the time in which an outage of ingest costs nothing but patience.
func newMailQueue(s *stack) (queue, dead awssqs.Queue) {
	life := awscdk.Duration_Days(jsii.Number(14))
	dead = awssqs.NewQueue(s.scope, jsii.String("MailDeadLetters"), &awssqs.QueueProps{
		RetentionPeriod: life, EnforceSSL: jsii.Bool(true), Encryption: awssqs.QueueEncryption_SQS_MANAGED,
	})
	name(pin(dead, "MailDeadLetters"), "queue", "maildead")
	queue = awssqs.NewQueue(s.scope, jsii.String("MailQueue"), &awssqs.QueueProps{
		RetentionPeriod: life, EnforceSSL: jsii.Bool(true), Encryption: awssqs.QueueEncryption_SQS_MANAGED,
		// Six times ingest's timeout, as Lambda's documentation asks of an SQS source, so that a mail is not taken twice at a time.
		VisibilityTimeout: awscdk.Duration_Seconds(jsii.Number(6 * spec("ingest").seconds)),
		DeadLetterQueue:   &awssqs.DeadLetterQueue{Queue: dead, MaxReceiveCount: jsii.Number(5)},
	})
	name(pin(queue, "MailQueue"), "queue", "mail")
	return queue, dead
}

func allowTopic(topic awssns.Topic, queue awssqs.Queue) {
	queue.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("sns.amazonaws.com"), nil)},
		Actions:    jsii.Strings("sqs:SendMessage"),
		Resources:  &[]*string{queue.QueueArn()},
		Conditions: &map[string]any{"ArnEquals": map[string]any{"aws:SourceArn": topic.TopicArn()}},
	}))
}

// mailEvents are what we want to hear of a message that went out (CloudFormation's spelling).
var mailEvents = []string{"send", "delivery", "deliveryDelay", "bounce", "complaint", "reject", "renderingFailure"}

// newConfigurationSet is what outgoing mail goes through, so that its events come back: to EventBridge's default bus, the only one SES takes.
func newConfigurationSet(s *stack) awsses.CfnConfigurationSet {
	set := awsses.NewCfnConfigurationSet(s.scope, jsii.String("MailSet"), &awsses.CfnConfigurationSetProps{
		DeliveryOptions: &awsses.CfnConfigurationSet_DeliveryOptionsProperty{TlsPolicy: jsii.String("OPTIONAL")},
		// What bounced or complained is not sent to again: SES's own list, whatever the account's default.
		SuppressionOptions: &awsses.CfnConfigurationSet_SuppressionOptionsProperty{SuppressedReasons: jsii.Strings("BOUNCE", "COMPLAINT")},
	})
	pin(set, "MailConfigurationSet")
	pin(awsses.NewCfnConfigurationSetEventDestination(s.scope, jsii.String("MailEvents"), &awsses.CfnConfigurationSetEventDestinationProps{
		ConfigurationSetName: set.Ref(),
		EventDestination: &awsses.CfnConfigurationSetEventDestination_EventDestinationProperty{
			Enabled: jsii.Bool(true), MatchingEventTypes: jsii.Strings(mailEvents...),
			EventBridgeDestination: &awsses.CfnConfigurationSetEventDestination_EventBridgeDestinationProperty{EventBusArn: s.arn("events", "event-bus/default")},
		},
	}), "MailEvents")
	return set
}

// newMailRule takes mail for every local part of the mail domain. SES has one active rule set per account and region, and CloudFormation
// cannot activate one, so functions/mailrule puts the rule into whichever is active.
func newMailRule(s *stack) {
	rule := s.mailRule()
	ses := awsiam.NewServicePrincipal(jsii.String("ses.amazonaws.com"), nil)
	ours := &map[string]any{
		"StringEquals": map[string]any{"aws:SourceAccount": s.scope.Account()},
		"ArnLike":      map[string]any{"aws:SourceArn": *s.arn("ses", "receipt-rule-set/*:receipt-rule/"+rule)},
	}
	s.data.mail.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Principals: &[]awsiam.IPrincipal{ses}, Actions: jsii.Strings("s3:PutObject"), Conditions: ours,
		Resources: &[]*string{s.data.mail.ArnForObjects(jsii.String(rawPrefix + "*"))},
	}))
	allowed := s.mail.topic.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Principals: &[]awsiam.IPrincipal{ses}, Actions: jsii.Strings("sns:Publish"), Conditions: ours,
		Resources: &[]*string{s.mail.topic.TopicArn()},
	}))
	resource := awscdk.NewCustomResource(s.scope, jsii.String("MailRule"), &awscdk.CustomResourceProps{
		ServiceToken: s.functions["mailrule"].FunctionArn(), ResourceType: jsii.String("Custom::MailRule"),
		ServiceTimeout: awscdk.Duration_Seconds(jsii.Number(2 * spec("mailrule").seconds)), // instead of an hour, should it ever not answer
		Properties: &map[string]any{
			"Rule": rule, "Domain": s.parameters.mailDomain.ValueAsString(), "Bucket": s.data.mail.BucketName(), "Prefix": rawPrefix,
			"Topic": s.mail.topic.TopicArn(), "Attempt": s.parameters.mailRuleAttempt.ValueAsString(),
		},
	})
	pin(resource, "MailRule")
	resource.Node().AddDependency(s.data.mail.Policy(), allowed.PolicyDependable) // SES tries both when the rule is made
	output(s, "MailDomainName", s.parameters.mailDomain.ValueAsString())
	output(s, "MailRuleName", jsii.String(rule))
	output(s, "MailExchange", s.mailExchange())
}
