package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/jsii-runtime-go"
)

// figure is one metric: ours, which log filters make, or AWS's. dimensions are name, value, name, value …
type figure struct {
	namespace, name, statistic string
	dimensions                 []*string
}

// alarm rings when a figure, or the greatest of several, is above a bound in each of some periods.
type alarm struct {
	id, says string
	of       []figure
	above    float64
	period   float64 // seconds
	periods  float64
}

// Ten alarmed figures are free in an account; these use them all, and cost nothing (TestAlarms counts them). What many functions may do wrong is
// therefore one figure, made of their logs.
func (s *stack) alarms() []alarm {
	aws := func(namespace, name, statistic string, dimensions ...*string) figure {
		return figure{"AWS/" + namespace, name, statistic, dimensions}
	}
	queue := func(name, statistic string, q *string) figure {
		return aws("SQS", name, statistic, jsii.String("QueueName"), q)
	}
	lag := func(function string) figure {
		return aws("Lambda", "IteratorAge", "Maximum", jsii.String("FunctionName"), s.functions[function].FunctionName())
	}
	return []alarm{
		{"TroubleAlarm", "A function failed, timed out or logged an error: look into the logs of that time.", []figure{s.ours("Trouble")}, 0, 300, 1},
		{"StuckAlarm", "Deliveries, or threads that want an owner, are overdue and nobody sees to them.", []figure{s.ours("Stuck")}, 0, 60, 3},
		{
			"MailDeadAlarm", "Mail could not be taken five times and waits in the dead letters: mend, then redrive.",
			[]figure{queue("ApproximateNumberOfMessagesVisible", "Maximum", s.mail.dead.QueueName())},
			0, 300, 1,
		},
		{
			"MailLateAlarm", "Mail has waited for a quarter of an hour to be taken.",
			[]figure{queue("ApproximateAgeOfOldestMessage", "Maximum", s.mail.queue.QueueName())},
			900, 300, 2,
		},
		{"StreamLateAlarm", "A stream's reader is five minutes behind.", []figure{lag("deliver"), lag("notify")}, 300_000, 60, 5},
		{"ThrottleAlarm", "Lambda turned calls away: the account's concurrency is used up.", []figure{aws("Lambda", "Throttles", "Sum")}, 0, 60, 5},
		{"ApiAlarm", "The API answered 5xx.", []figure{aws("ApiGateway", "5xx", "Sum", jsii.String("ApiId"), s.api.ApiId())}, 0, 300, 1},
		// S3 counts objects once a day. It is the slow net under TroubleAlarm: something was given up and lies there.
		{"FailuresAlarm", "Records were given up and lie in the failures bucket.", []figure{aws("S3", "NumberOfObjects", "Maximum",
			jsii.String("BucketName"), s.data.failures.BucketName(), jsii.String("StorageType"), jsii.String("AllStorageTypes"))}, 0, 86400, 1},
		{"BounceAlarm", "Four of a hundred mails bounce; at ten SES stops the account from sending.", []figure{aws("SES", "Reputation.BounceRate", "Average")}, 0.04, 3600, 1},
	}
}

// ours is a figure made of logs.
func (s *stack) ours(name string) figure { return figure{"Parley/" + s.stage, name, "Sum", nil} }

// newWatch is what looks after the stage: figures from logs, alarms that write to the administrator, one page to look at.
func newWatch(s *stack) {
	for _, f := range functions {
		newFilter(s, f.name, title(f.name)+"Trouble", "Trouble", "1",
			`{ ($.level = "ERROR") || ($.record.status = "error") || ($.record.status = "failure") || ($.record.status = "timeout") }`)
	}
	newFilter(s, "sweep", "StuckFigure", "Stuck", "$.stuck", `{ ($.msg = "sweep") && ($.stuck > 0) }`)
	topic := newAlarmTopic(s)
	for _, a := range s.alarms() {
		newAlarm(s, a, topic)
	}
	newDashboard(s)
}

// newFilter counts lines of a function's log into a figure of ours.
func newFilter(s *stack, function, id, metric, value, pattern string) {
	ours := s.ours(metric)
	pin(awslogs.NewCfnMetricFilter(s.scope, jsii.String(id), &awslogs.CfnMetricFilterProps{
		LogGroupName: s.functions[function].logs.LogGroupName(), FilterPattern: jsii.String(pattern),
		MetricTransformations: []any{&awslogs.CfnMetricFilter_MetricTransformationProperty{
			MetricNamespace: jsii.String(ours.namespace), MetricName: jsii.String(ours.name), MetricValue: jsii.String(value),
		}},
	}), id)
}

// newAlarmTopic carries alarms to the administrator's mailbox; without one in the context, subscribe to it by hand.
func newAlarmTopic(s *stack) awssns.Topic {
	topic := awssns.NewTopic(s.scope, jsii.String("Alarms"), &awssns.TopicProps{EnforceSSL: jsii.Bool(true)})
	pin(topic, "AlarmTopic")
	topic.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("cloudwatch.amazonaws.com"), nil)},
		Actions:    jsii.Strings("sns:Publish"), Resources: &[]*string{topic.TopicArn()},
		Conditions: &map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": s.scope.Account()}},
	}))
	pin(topic.Node().FindChild(jsii.String("Policy")), "AlarmTopicPolicy")
	if s.adminEmail != "" {
		pin(awssns.NewSubscription(s.scope, jsii.String("AlarmMail"), &awssns.SubscriptionProps{
			Topic: topic, Protocol: awssns.SubscriptionProtocol_EMAIL, Endpoint: jsii.String(s.adminEmail),
		}), "AlarmMail")
	}
	return topic
}

func newAlarm(s *stack, a alarm, topic awssns.Topic) {
	props := &awscloudwatch.CfnAlarmProps{
		AlarmDescription: jsii.String(a.says), ComparisonOperator: jsii.String("GreaterThanThreshold"), Threshold: jsii.Number(a.above),
		EvaluationPeriods: jsii.Number(a.periods), TreatMissingData: jsii.String("notBreaching"),
		AlarmActions: &[]*string{topic.TopicArn()}, OkActions: &[]*string{topic.TopicArn()},
	}
	if len(a.of) == 1 {
		f := a.of[0]
		props.Namespace, props.MetricName, props.Statistic, props.Period = jsii.String(f.namespace), jsii.String(f.name), jsii.String(f.statistic), jsii.Number(a.period)
		if len(f.dimensions) > 0 {
			props.Dimensions = dimensions(f)
		}
	} else {
		props.Metrics = greatest(a)
	}
	pin(awscloudwatch.NewCfnAlarm(s.scope, jsii.String(a.id), props), a.id)
}

// greatest is the maximum of an alarm's figures.
func greatest(a alarm) []any {
	queries := []any{&awscloudwatch.CfnAlarm_MetricDataQueryProperty{
		Id: jsii.String("greatest"), Expression: jsii.String("MAX(METRICS())"), Label: jsii.String(a.id), ReturnData: jsii.Bool(true),
	}}
	for i, f := range a.of {
		queries = append(queries, &awscloudwatch.CfnAlarm_MetricDataQueryProperty{
			Id: jsii.String("m" + string(rune('0'+i))), ReturnData: jsii.Bool(false),
			MetricStat: &awscloudwatch.CfnAlarm_MetricStatProperty{
				Period: jsii.Number(a.period), Stat: jsii.String(f.statistic),
				Metric: &awscloudwatch.CfnAlarm_MetricProperty{Namespace: jsii.String(f.namespace), MetricName: jsii.String(f.name), Dimensions: dimensions(f)},
			},
		})
	}
	return queries
}

func dimensions(f figure) []any {
	list := []any{}
	for i := 0; i < len(f.dimensions); i += 2 {
		list = append(list, &awscloudwatch.CfnAlarm_DimensionProperty{Name: f.dimensions[i], Value: f.dimensions[i+1]})
	}
	return list
}

// newDashboard is one page, left to right: what people wait for, what waits, what fails.
func newDashboard(s *stack) {
	widgets := []any{}
	add := func(name, statistic string, metrics ...[]any) {
		n := len(widgets)
		widgets = append(widgets, map[string]any{
			"type": "metric", "x": n % 3 * 8, "y": n / 3 * 6, "width": 8, "height": 6,
			"properties": map[string]any{"title": name, "region": s.scope.Region(), "stat": statistic, "period": 300, "metrics": metrics},
		})
	}
	each := func(metric string) [][]any {
		lines := [][]any{}
		for _, f := range functions {
			lines = append(lines, []any{"AWS/Lambda", metric, "FunctionName", s.functions[f.name].FunctionName(), map[string]any{"label": f.name}})
		}
		return lines
	}
	api := func(metric string) []any { return []any{"AWS/ApiGateway", metric, "ApiId", s.api.ApiId()} }
	add("How long functions take (p90)", "p90", each("Duration")...)
	add("How long the API takes (p90)", "p90", api("Latency"))
	add("Calls of the API", "Sum", api("Count"), api("4xx"), api("5xx"))
	add("Mail that waits", "Maximum", []any{"AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", s.mail.queue.QueueName(), map[string]any{"label": "queue"}},
		[]any{"AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", s.mail.dead.QueueName(), map[string]any{"label": "dead letters"}})
	add("Mail that went out", "Sum", []any{"AWS/SES", "Send"}, []any{"AWS/SES", "Delivery"}, []any{"AWS/SES", "Bounce"}, []any{"AWS/SES", "Complaint"})
	add("How far streams are behind (ms)", "Maximum", []any{"AWS/Lambda", "IteratorAge", "FunctionName", s.functions["deliver"].FunctionName(), map[string]any{"label": "deliver"}},
		[]any{"AWS/Lambda", "IteratorAge", "FunctionName", s.functions["notify"].FunctionName(), map[string]any{"label": "notify"}},
		[]any{"AWS/Lambda", "IteratorAge", "FunctionName", s.functions["route"].FunctionName(), map[string]any{"label": "route"}},
		[]any{"AWS/Lambda", "IteratorAge", "FunctionName", s.functions["turn"].FunctionName(), map[string]any{"label": "turn"}})
	add("Errors of functions", "Sum", each("Errors")...)
	add("Trouble and stuck deliveries", "Sum", []any{s.ours("Trouble").namespace, "Trouble"}, []any{s.ours("Stuck").namespace, "Stuck"})
	add("Sockets", "Sum", []any{"AWS/ApiGateway", "ConnectCount", "ApiId", s.sockets.ApiId()}, []any{"AWS/ApiGateway", "MessageCount", "ApiId", s.sockets.ApiId()})
	pin(awscloudwatch.NewCfnDashboard(s.scope, jsii.String("Dashboard"), &awscloudwatch.CfnDashboardProps{
		DashboardName: s.scope.StackName(),
		DashboardBody: s.scope.ToJsonString(map[string]any{"widgets": widgets}, nil),
	}), "Dashboard")
}
