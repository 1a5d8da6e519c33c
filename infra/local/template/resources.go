package template

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }

func (r *reader) function(id string, res resource) error {
	var p struct {
		Handler, Runtime                         string
		Architectures, Code, LoggingConfig, Role unused
		MemorySize, Timeout                      int
		Environment                              struct{ Variables map[string]Value }
	}
	if err := decode(res.Properties, &p); err != nil {
		return err
	}
	r.t.Functions = append(r.t.Functions, Function{
		ID: id, Name: r.t.resources[id].Name, Memory: p.MemorySize, Timeout: seconds(p.Timeout), Env: p.Environment.Variables, AsyncRetries: 2,
	})
	return all(want("Handler", p.Handler, "bootstrap"), want("Runtime", p.Runtime, "provided.al2023"))
}

type keySchema []struct{ AttributeName, KeyType string }

// keys are the names of the partition key and the sort key.
func (k keySchema) keys() (string, string, error) {
	if len(k) != 2 || k[0].KeyType != "HASH" || k[1].KeyType != "RANGE" {
		return "", "", fmt.Errorf("key schema %v is not a partition key and a sort key", k)
	}
	return k[0].AttributeName, k[1].AttributeName, nil
}

func (r *reader) table(id string, res resource) error {
	var p struct {
		AttributeDefinitions   []struct{ AttributeName, AttributeType string }
		BillingMode            string
		GlobalSecondaryIndexes []struct {
			IndexName  string
			KeySchema  keySchema
			Projection struct{ ProjectionType string }
		}
		KeySchema               keySchema
		Replicas                unused
		StreamSpecification     *struct{ StreamViewType string }
		TimeToLiveSpecification *struct {
			AttributeName string
			Enabled       bool
		}
	}
	if err := decode(res.Properties, &p); err != nil {
		return err
	}
	t := Table{ID: id, Name: r.t.resources[id].Name, Stream: p.StreamSpecification != nil}
	var err error
	if t.PartitionKey, t.SortKey, err = p.KeySchema.keys(); err != nil {
		return err
	}
	for _, a := range p.AttributeDefinitions {
		if err := want("type of "+a.AttributeName, a.AttributeType, "S"); err != nil {
			return err
		}
	}
	for _, i := range p.GlobalSecondaryIndexes {
		index := Index{Name: i.IndexName}
		if index.PartitionKey, index.SortKey, err = i.KeySchema.keys(); err != nil {
			return err
		}
		if err := want("projection of "+i.IndexName, i.Projection.ProjectionType, "KEYS_ONLY"); err != nil {
			return err
		}
		t.Indexes = append(t.Indexes, index)
	}
	if ttl := p.TimeToLiveSpecification; ttl != nil && ttl.Enabled {
		t.TTL = ttl.AttributeName
	}
	if t.Stream {
		if err := want("StreamViewType", p.StreamSpecification.StreamViewType, "NEW_AND_OLD_IMAGES"); err != nil {
			return err
		}
	}
	r.t.Tables = append(r.t.Tables, t)
	return nil
}

func (r *reader) bucket(id string, res resource) error {
	var p struct {
		BucketEncryption, CorsConfiguration, LifecycleConfiguration, OwnershipControls, PublicAccessBlockConfiguration unused
	}
	r.t.Buckets = append(r.t.Buckets, Bucket{ID: id, Name: r.t.resources[id].Name})
	return decode(res.Properties, &p)
}

func (r *reader) queue(id string, res resource) error {
	p := struct {
		MessageRetentionPeriod, VisibilityTimeout int
		SqsManagedSseEnabled                      unused
		RedrivePolicy                             *struct {
			DeadLetterTargetArn Value
			MaxReceiveCount     int
		}
	}{MessageRetentionPeriod: 4 * 24 * 60 * 60, VisibilityTimeout: 30} // SQS's own defaults
	if err := decode(res.Properties, &p); err != nil {
		return err
	}
	q := Queue{ID: id, Name: r.t.resources[id].Name, Visibility: seconds(p.VisibilityTimeout), Retention: seconds(p.MessageRetentionPeriod)}
	if p.RedrivePolicy != nil {
		var err error
		if q.DeadLetters, err = r.named(p.RedrivePolicy.DeadLetterTargetArn, res.Type); err != nil {
			return err
		}
		q.MaxReceives = p.RedrivePolicy.MaxReceiveCount
	}
	r.t.Queues = append(r.t.Queues, q)
	return nil
}

func (r *reader) invokeConfig(_ string, res resource) error {
	p := struct {
		FunctionName             Value
		Qualifier                string
		MaximumRetryAttempts     int
		MaximumEventAgeInSeconds unused
		DestinationConfig        *struct{ OnFailure struct{ Destination Value } }
	}{MaximumRetryAttempts: 2}
	if err := decode(res.Properties, &p); err != nil {
		return err
	}
	name, err := r.named(p.FunctionName, "AWS::Lambda::Function")
	if err != nil {
		return err
	}
	i := slices.IndexFunc(r.t.Functions, func(f Function) bool { return f.Name == name })
	r.t.Functions[i].AsyncRetries = p.MaximumRetryAttempts
	if p.DestinationConfig != nil {
		if r.t.Functions[i].AsyncFailure, err = r.named(p.DestinationConfig.OnFailure.Destination, "AWS::S3::Bucket"); err != nil {
			return err
		}
	}
	return want("Qualifier", p.Qualifier, "$LATEST")
}

type mappingProperties struct {
	FunctionName, EventSourceArn              Value
	StartingPosition                          string
	BatchSize, MaximumBatchingWindowInSeconds int
	ParallelizationFactor                     int
	BisectBatchOnFunctionError                bool
	MaximumRetryAttempts                      int
	MaximumRecordAgeInSeconds                 int
	FunctionResponseTypes                     []string
	FilterCriteria                            struct{ Filters []struct{ Pattern string } }
	DestinationConfig                         *struct{ OnFailure struct{ Destination Value } }
	ScalingConfig                             struct{ MaximumConcurrency int }
}

func (r *reader) mapping(id string, res resource) error {
	var p mappingProperties
	if err := decode(res.Properties, &p); err != nil {
		return err
	}
	m := Mapping{
		ID: id, Batch: p.BatchSize, Window: seconds(p.MaximumBatchingWindowInSeconds), Retries: p.MaximumRetryAttempts,
		MaxAge: seconds(p.MaximumRecordAgeInSeconds), Bisect: p.BisectBatchOnFunctionError, Parallel: max(p.ParallelizationFactor, 1),
		MaxConcurrency: p.ScalingConfig.MaximumConcurrency, PartialFailures: slices.Contains(p.FunctionResponseTypes, "ReportBatchItemFailures"),
	}
	var err error
	if m.Function, err = r.named(p.FunctionName, "AWS::Lambda::Function"); err != nil {
		return err
	}
	if m.Source, err = r.named(p.EventSourceArn, "AWS::SQS::Queue"); err == nil {
		m.Kind, m.Parallel = FromQueue, 0
	} else if m.Source, err = r.named(p.EventSourceArn, "AWS::DynamoDB::GlobalTable"); err == nil {
		m.Kind = Stream
		err = want("StartingPosition", p.StartingPosition, "TRIM_HORIZON")
	}
	if err != nil {
		return err
	}
	for _, f := range p.FilterCriteria.Filters {
		filter, err := ParseFilter([]byte(f.Pattern))
		if err != nil {
			return err
		}
		m.Filters = append(m.Filters, filter)
	}
	if p.DestinationConfig != nil {
		if m.OnFailure, err = r.named(p.DestinationConfig.OnFailure.Destination, "AWS::S3::Bucket"); err != nil {
			return err
		}
	}
	r.t.Mappings = append(r.t.Mappings, m)
	return r.checkMapping(m, p)
}

// checkMapping refuses what Lambda itself would, and a stream that no table has.
func (r *reader) checkMapping(m Mapping, p mappingProperties) error {
	if m.Kind == FromQueue {
		return all(want("Filters of a queue", len(m.Filters), 0), want("StartingPosition of a queue", p.StartingPosition, ""))
	}
	for _, t := range r.t.Tables {
		if t.Name == m.Source && !t.Stream {
			return fmt.Errorf("table %s has no stream", t.Name)
		}
	}
	return nil
}

// rule reads a rule of EventBridge's: a clock, or events of its default bus.
func (r *reader) rule(id string, res resource) error {
	var p struct {
		ScheduleExpression, State string
		EventPattern              map[string]any
		Targets                   []struct {
			Arn Value
			Id  unused
		}
	}
	if err := decode(res.Properties, &p); err != nil {
		return err
	}
	if (p.ScheduleExpression == "") == (p.EventPattern == nil) {
		return fmt.Errorf("want a schedule or a pattern")
	}
	for _, target := range p.Targets {
		name, err := r.named(target.Arn, "AWS::Lambda::Function")
		if err != nil {
			return err
		}
		if p.EventPattern != nil {
			rule := BusRule{ID: id, Function: name, pattern: p.EventPattern}
			if _, err := rule.Filter(func(id, att string) string { return Value{id: id, att: att}.String() }); err != nil {
				return err
			}
			r.t.BusRules = append(r.t.BusRules, rule)
			continue
		}
		every, err := rate(p.ScheduleExpression)
		if err != nil {
			return err
		}
		r.t.Schedules = append(r.t.Schedules, Schedule{ID: id, Function: name, Every: every})
	}
	return want("State", p.State, "ENABLED")
}

// rate reads rate(1 minute), rate(5 minutes) and so on; cron is not known.
func rate(expression string) (time.Duration, error) {
	var n int
	var unit string
	if _, err := fmt.Sscanf(expression, "rate(%d %s", &n, &unit); err != nil || n < 1 {
		return 0, fmt.Errorf("schedule %q is not known", expression)
	}
	each := map[string]time.Duration{"minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}
	d, ok := each[strings.TrimSuffix(strings.TrimSuffix(unit, ")"), "s")]
	if !ok {
		return 0, fmt.Errorf("schedule %q is not known", expression)
	}
	return time.Duration(n) * d, nil
}

func (r *reader) subscription(_ string, res resource) error {
	var p struct {
		Endpoint, TopicArn Value
		Protocol           string
		RawMessageDelivery bool
	}
	if err := decode(res.Properties, &p); err != nil {
		return err
	}
	queue, err := r.named(p.Endpoint, "AWS::SQS::Queue")
	if err != nil {
		return err
	}
	topic, err := r.one(p.TopicArn, "AWS::SNS::Topic")
	if err != nil {
		return err
	}
	r.subscribed[topic] = append(r.subscribed[topic], queue)
	return all(want("Protocol", p.Protocol, "sqs"), want("RawMessageDelivery", p.RawMessageDelivery, true))
}

// mailRule reads the resource that functions/mailrule makes at a deployment, and takes that function out of those that run unless a clock calls it.
func (r *reader) mailRule(id string, res resource) error {
	var p struct {
		ServiceToken, Domain, Bucket, Topic Value
		Prefix                              string
		Rule, Attempt, ServiceTimeout       unused
	}
	if err := decode(res.Properties, &p); err != nil {
		return err
	}
	bucket, err := r.named(p.Bucket, "AWS::S3::Bucket")
	if err != nil {
		return err
	}
	topic, err := r.one(p.Topic, "AWS::SNS::Topic")
	if err != nil {
		return err
	}
	r.t.MailRules = append(r.t.MailRules, MailRule{
		ID: id, Recipients: []Value{p.Domain}, Bucket: bucket, Prefix: p.Prefix, Queues: r.subscribed[topic],
	})
	hook, err := r.named(p.ServiceToken, "AWS::Lambda::Function")
	if err != nil {
		return err
	}
	i := slices.IndexFunc(r.t.Functions, func(f Function) bool { return f.Name == hook })
	if i < 0 {
		return fmt.Errorf("%s serves two resources", hook)
	}
	r.t.Hooks = append(r.t.Hooks, r.t.Functions[i])
	if !slices.ContainsFunc(r.t.Schedules, func(s Schedule) bool { return s.Function == hook }) {
		r.t.Functions = slices.Delete(r.t.Functions, i, i+1)
	}
	return nil
}
