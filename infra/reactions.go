package main

import (
	"encoding/json"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"
)

// streamSpec says which records of a table's stream wake a function. A record that still fails after the retries goes to the failures bucket
// and frees its shard: without a bound Lambda would retry it for a day and everything behind it would wait (reference/aws.md).
type streamSpec struct {
	function, table string
	batch           float64
	parallel        float64 // invocations at a time per shard; order is kept per partition key
	filter          map[string]any
}

var streams = []streamSpec{
	// The head alone: it moves with every commit, and notify reads the entries behind it.
	{function: "notify", table: "threads", batch: 100, parallel: 4, filter: map[string]any{
		"eventName": []any{"INSERT", "MODIFY"},
		"dynamodb":  map[string]any{"Keys": map[string]any{sortKey: text("H")}},
	}},
	// Jobs that are ready; the worker's own writes say ready=false. Small batches: a send takes a while, and SES's rate is the account's.
	{function: "deliver", table: "outbox", batch: 10, parallel: 2, filter: map[string]any{
		"eventName": []any{"INSERT", "MODIFY"},
		"dynamodb": map[string]any{"NewImage": map[string]any{
			"ready": map[string]any{"BOOL": []any{true}}, "kind": map[string]any{"S": []any{"mail", "notice"}},
		}},
	}},
	// Pushes that are ready. They wait for strangers' servers, so they are not deliver's.
	{function: "callout", table: "outbox", batch: 10, parallel: 2, filter: map[string]any{
		"eventName": []any{"INSERT", "MODIFY"},
		"dynamodb": map[string]any{"NewImage": map[string]any{
			"ready": map[string]any{"BOOL": []any{true}}, "kind": map[string]any{"S": []any{"push"}},
		}},
	}},
	// Threads that want an owner now. route's own writes say ready=false.
	{function: "route", table: "assignments", batch: 10, parallel: 2, filter: map[string]any{
		"eventName": []any{"INSERT", "MODIFY"},
		"dynamodb": map[string]any{
			"Keys": map[string]any{sortKey: text("A")}, "NewImage": map[string]any{"ready": map[string]any{"BOOL": []any{true}}},
		},
	}},
	// Threads in which something has happened that their bot is to hear.
	{function: "turn", table: "assignments", batch: 10, parallel: 4, filter: map[string]any{
		"eventName": []any{"INSERT", "MODIFY"},
		"dynamodb": map[string]any{
			"Keys": map[string]any{sortKey: text("J")}, "NewImage": map[string]any{"ready": map[string]any{"BOOL": []any{true}}},
		},
	}},
}

// text matches an attribute that is this string.
func text(value string) map[string]any { return map[string]any{"S": []any{value}} }

const (
	streamRetries = 6
	streamAge     = 6 * 60 * 60 // seconds; a stream forgets after 24 h
)

func newReactions(s *stack) {
	for _, spec := range streams {
		newStreamMapping(s, spec)
	}
	newMailMapping(s)
	newClock(s, "sweep")
	newClock(s, "mailrule")
	newMailEvents(s)
}

func newStreamMapping(s *stack, spec streamSpec) {
	pattern, err := json.Marshal(spec.filter)
	if err != nil {
		panic(err)
	}
	id := title(spec.function) + "Stream"
	pin(awslambda.NewCfnEventSourceMapping(s.scope, jsii.String(id), &awslambda.CfnEventSourceMappingProps{
		FunctionName:   s.functions[spec.function].FunctionName(),
		EventSourceArn: s.data.tables[spec.table].TableStreamArn(),
		// From the oldest record: what was committed while the mapping was being made is not lost.
		StartingPosition:      jsii.String("TRIM_HORIZON"),
		BatchSize:             jsii.Number(spec.batch),
		ParallelizationFactor: jsii.Number(spec.parallel),
		// No window: these two are what people wait for.
		MaximumBatchingWindowInSeconds: jsii.Number(0),
		BisectBatchOnFunctionError:     jsii.Bool(true),
		MaximumRetryAttempts:           jsii.Number(streamRetries),
		MaximumRecordAgeInSeconds:      jsii.Number(streamAge),
		FunctionResponseTypes:          jsii.Strings("ReportBatchItemFailures"),
		FilterCriteria: &awslambda.CfnEventSourceMapping_FilterCriteriaProperty{
			Filters: &[]*awslambda.CfnEventSourceMapping_FilterProperty{{Pattern: jsii.String(string(pattern))}},
		},
		DestinationConfig: &awslambda.CfnEventSourceMapping_DestinationConfigProperty{
			OnFailure: &awslambda.CfnEventSourceMapping_OnFailureProperty{Destination: s.data.failures.BucketArn()},
		},
	}), id)
}

func newMailMapping(s *stack) {
	pin(awslambda.NewCfnEventSourceMapping(s.scope, jsii.String("IngestQueue"), &awslambda.CfnEventSourceMappingProps{
		FunctionName:                   s.functions["ingest"].FunctionName(),
		EventSourceArn:                 s.mail.queue.QueueArn(),
		BatchSize:                      jsii.Number(10),
		MaximumBatchingWindowInSeconds: jsii.Number(0),
		FunctionResponseTypes:          jsii.Strings("ReportBatchItemFailures"),
		// A storm of mail waits in the queue instead of taking the account's concurrency (ten, in a new account) from the doors.
		ScalingConfig: &awslambda.CfnEventSourceMapping_ScalingConfigProperty{MaximumConcurrency: jsii.Number(5)},
	}), "IngestQueue")
}

// newClock calls a function every minute. A rule, not a Scheduler schedule: it needs no role, and its package is compiled anyway (Lambda's imports it).
// A run that fails or comes late is not repeated, because the next minute's does the same work.
func newClock(s *stack, name string) {
	fn := s.functions[name]
	id := title(name)
	rule := awsevents.NewCfnRule(s.scope, jsii.String(id+"Clock"), &awsevents.CfnRuleProps{
		ScheduleExpression: jsii.String("rate(1 minute)"), State: jsii.String("ENABLED"),
		Targets: &[]*awsevents.CfnRule_TargetProperty{{Id: jsii.String(name), Arn: fn.FunctionArn()}},
	})
	pin(rule, id+"Clock")
	mayCall(s, name, id+"ClockPermission", rule)
	if name == "mailrule" { // CloudFormation calls it too, and waits for an answer: that call must be tried again
		return
	}
	pin(awslambda.NewCfnEventInvokeConfig(s.scope, jsii.String(id+"Retries"), &awslambda.CfnEventInvokeConfigProps{
		FunctionName: fn.FunctionName(), Qualifier: jsii.String("$LATEST"),
		MaximumRetryAttempts: jsii.Number(0), MaximumEventAgeInSeconds: jsii.Number(60),
	}), id+"Retries")
}

// newMailEvents brings SES's word of our own mail, which the configuration set's name in its tags tells from that of others in the account.
func newMailEvents(s *stack) {
	fn := s.functions["mailstatus"]
	rule := awsevents.NewCfnRule(s.scope, jsii.String("MailstatusRule"), &awsevents.CfnRuleProps{
		State: jsii.String("ENABLED"),
		EventPattern: map[string]any{
			"source": []any{"aws.ses"},
			"detail": map[string]any{"mail": map[string]any{"tags": map[string]any{"ses:configuration-set": []any{s.mail.configurationSet.Ref()}}}},
		},
		Targets: &[]*awsevents.CfnRule_TargetProperty{{Id: jsii.String("mailstatus"), Arn: fn.FunctionArn()}},
	})
	pin(rule, "MailstatusRule")
	mayCall(s, "mailstatus", "MailstatusPermission", rule)
	pin(awslambda.NewCfnEventInvokeConfig(s.scope, jsii.String("MailstatusRetries"), &awslambda.CfnEventInvokeConfigProps{
		FunctionName: fn.FunctionName(), Qualifier: jsii.String("$LATEST"),
		MaximumRetryAttempts: jsii.Number(2), MaximumEventAgeInSeconds: jsii.Number(streamAge),
		DestinationConfig: &awslambda.CfnEventInvokeConfig_DestinationConfigProperty{
			OnFailure: &awslambda.CfnEventInvokeConfig_OnFailureProperty{Destination: s.data.failures.BucketArn()},
		},
	}), "MailstatusRetries")
}

// mayCall lets a rule of EventBridge's call a function.
func mayCall(s *stack, function, id string, rule awsevents.CfnRule) {
	pin(awslambda.NewCfnPermission(s.scope, jsii.String(id), &awslambda.CfnPermissionProps{
		Action: jsii.String("lambda:InvokeFunction"), FunctionName: s.functions[function].FunctionName(),
		Principal: jsii.String("events.amazonaws.com"), SourceArn: rule.AttrArn(),
	}), id)
}
