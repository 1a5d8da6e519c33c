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
	queue            awssqs.Queue
	configurationSet awsses.CfnConfigurationSet
}

// newMail builds the way in (SES → bucket and topic → queue) and the configuration set of the way out. An S3 notification would be
// shorter, but SES's own carries the envelope's recipients and the verdicts, which the raw object does not hold.
func newMail(s *stack) mail {
	topic := awssns.NewTopic(s.scope, jsii.String("MailTopic"), &awssns.TopicProps{EnforceSSL: jsii.Bool(true)})
	pin(topic, "MailTopic")
	queue := newMailQueue(s)
	pin(awssns.NewSubscription(s.scope, jsii.String("MailSubscription"), &awssns.SubscriptionProps{
		Topic: topic, Protocol: awssns.SubscriptionProtocol_SQS, Endpoint: queue.QueueArn(), RawMessageDelivery: jsii.Bool(true),
	}), "MailSubscription")
	allowTopic(topic, queue)
	newReceiptRule(s, topic)
	set := awsses.NewCfnConfigurationSet(s.scope, jsii.String("MailSet"), nil)
	pin(set, "MailConfigurationSet")
	return mail{queue: queue, configurationSet: set}
}

// newMailQueue keeps mail for 14 days, the most SQS can: the time in which an outage of ingest costs nothing but patience.
func newMailQueue(s *stack) awssqs.Queue {
	life := awscdk.Duration_Days(jsii.Number(14))
	dead := awssqs.NewQueue(s.scope, jsii.String("MailDeadLetters"), &awssqs.QueueProps{
		RetentionPeriod: life, EnforceSSL: jsii.Bool(true), Encryption: awssqs.QueueEncryption_SQS_MANAGED,
	})
	name(pin(dead, "MailDeadLetters"), "queue", "maildead")
	queue := awssqs.NewQueue(s.scope, jsii.String("MailQueue"), &awssqs.QueueProps{
		RetentionPeriod: life, EnforceSSL: jsii.Bool(true), Encryption: awssqs.QueueEncryption_SQS_MANAGED,
		// Six times ingest's timeout, as Lambda's documentation asks of an SQS source, so that a mail is not taken twice at a time.
		VisibilityTimeout: awscdk.Duration_Seconds(jsii.Number(6 * spec("ingest").seconds)),
		DeadLetterQueue:   &awssqs.DeadLetterQueue{Queue: dead, MaxReceiveCount: jsii.Number(5)},
	})
	name(pin(queue, "MailQueue"), "queue", "mail")
	return queue
}

func allowTopic(topic awssns.Topic, queue awssqs.Queue) {
	queue.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("sns.amazonaws.com"), nil)},
		Actions:    jsii.Strings("sqs:SendMessage"),
		Resources:  &[]*string{queue.QueueArn()},
		Conditions: &map[string]any{"ArnEquals": map[string]any{"aws:SourceArn": topic.TopicArn()}},
	}))
}

// newReceiptRule takes mail for every local part of the mail domain. CloudFormation cannot make a rule set the active one: until the custom
// resource of DESIGN §7 is there, `aws ses set-active-receipt-rule-set` does, once per account and region.
func newReceiptRule(s *stack, topic awssns.Topic) {
	set := awsses.NewCfnReceiptRuleSet(s.scope, jsii.String("MailRules"), nil)
	pin(set, "MailRuleSet")
	ses := awsiam.NewServicePrincipal(jsii.String("ses.amazonaws.com"), nil)
	ours := &map[string]any{
		"StringEquals": map[string]any{"aws:SourceAccount": s.scope.Account()},
		"ArnLike":      map[string]any{"aws:SourceArn": *s.arn("ses", "receipt-rule-set/"+*set.Ref()+":receipt-rule/*")},
	}
	s.data.mail.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Principals: &[]awsiam.IPrincipal{ses}, Actions: jsii.Strings("s3:PutObject"), Conditions: ours,
		Resources: &[]*string{s.data.mail.ArnForObjects(jsii.String(rawPrefix + "*"))},
	}))
	allowed := topic.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Principals: &[]awsiam.IPrincipal{ses}, Actions: jsii.Strings("sns:Publish"), Conditions: ours,
		Resources: &[]*string{topic.TopicArn()},
	}))
	rule := awsses.NewCfnReceiptRule(s.scope, jsii.String("MailRule"), &awsses.CfnReceiptRuleProps{
		RuleSetName: set.Ref(),
		Rule: &awsses.CfnReceiptRule_RuleProperty{
			Enabled: jsii.Bool(true), ScanEnabled: jsii.Bool(true), TlsPolicy: jsii.String("Optional"),
			Recipients: &[]*string{s.parameters.mailDomain.ValueAsString()},
			Actions: &[]*awsses.CfnReceiptRule_ActionProperty{{S3Action: &awsses.CfnReceiptRule_S3ActionProperty{
				BucketName: s.data.mail.BucketName(), ObjectKeyPrefix: jsii.String(rawPrefix), TopicArn: topic.TopicArn(),
			}}},
		},
	})
	pin(rule, "MailRule")
	// SES tries both when the rule is made.
	rule.Node().AddDependency(s.data.mail.Policy(), allowed.PolicyDependable)
}
