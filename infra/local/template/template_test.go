package template_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"parley/infra/local/template"
)

const golden = "../../template.golden.json"

func mustLoad(tb testing.TB) *template.Template {
	tb.Helper()
	t, err := template.Load(golden)
	if err != nil {
		tb.Fatal(err)
	}
	return t
}

// lookup answers as a runner would: parameters by a fixed text, everything else by its short name or its id.
func lookup(t *template.Template) template.Lookup {
	return func(id, att string) string {
		switch id {
		case "MailDomain":
			return "mail.example.com"
		case "UserPool":
			return "http://127.0.0.1:8080/oidc"
		case "AWS::URLSuffix":
			return "localhost"
		}
		if r, ok := t.Resource(id); ok && r.Name != "" {
			return "local-" + r.Name + att
		}
		return strings.ToLower(id) + att
	}
}

func TestGoldenDoors(t *testing.T) {
	got := mustLoad(t)
	open := func(method, path string) template.Route {
		return template.Route{Method: method, Path: path, Function: "agentapi"}
	}
	want := []template.Route{
		open("GET", "/api/config"),
		{Method: "GET", Path: "/api/image", Function: "imageproxy"},
		open("GET", "/api/openapi.json"), open("DELETE", "/api/session"),
		open("POST", "/api/session"), open("POST", "/api/session/refresh"),
		{Method: "ANY", Path: "/api/visitor/{proxy+}", Function: "visitorapi"},
		{Method: "ANY", Path: "/api/{proxy+}", Function: "agentapi", JWT: &template.JWT{}},
	}
	if diff := cmp.Diff(want, got.Routes, cmpopts.IgnoreFields(template.JWT{}, "Issuer", "Audience")); diff != "" {
		t.Errorf("routes:\n%s", diff)
	}
	jwt := got.Routes[len(got.Routes)-1].JWT
	if jwt.Issuer.String() != "${UserPool.ProviderURL}" || len(jwt.Audience) != 1 || jwt.Audience[0].String() != "${UserPoolClient}" {
		t.Errorf("JWT = %v for %v", jwt.Issuer, jwt.Audience)
	}
	sockets := []template.SocketRoute{{"$connect", "websocket"}, {"$default", "websocket"}, {"$disconnect", "websocket"}, {"idle", ""}}
	byKey := cmpopts.SortSlices(func(a, b template.SocketRoute) bool { return a.Key < b.Key })
	if diff := cmp.Diff(sockets, got.SocketRoutes, byKey); diff != "" || got.SocketStage != "ws" {
		t.Errorf("sockets of stage %q:\n%s", got.SocketStage, diff)
	}
}

func TestGoldenReactions(t *testing.T) {
	got := mustLoad(t)
	want := []template.Mapping{
		{
			ID: "CalloutStream", Function: "callout", Kind: template.Stream, Source: "outbox", Batch: 10, PartialFailures: true,
			Retries: 6, MaxAge: 6 * time.Hour, Bisect: true, Parallel: 2, OnFailure: "failures",
		},
		{
			ID: "DeliverStream", Function: "deliver", Kind: template.Stream, Source: "outbox", Batch: 10, PartialFailures: true,
			Retries: 6, MaxAge: 6 * time.Hour, Bisect: true, Parallel: 2, OnFailure: "failures",
		},
		{ID: "IngestQueue", Function: "ingest", Kind: template.FromQueue, Source: "mail", Batch: 10, PartialFailures: true, MaxConcurrency: 5},
		{
			ID: "NotifyStream", Function: "notify", Kind: template.Stream, Source: "threads", Batch: 100, PartialFailures: true,
			Retries: 6, MaxAge: 6 * time.Hour, Bisect: true, Parallel: 4, OnFailure: "failures",
		},
		{
			ID: "RouteStream", Function: "route", Kind: template.Stream, Source: "assignments", Batch: 10, PartialFailures: true,
			Retries: 6, MaxAge: 6 * time.Hour, Bisect: true, Parallel: 2, OnFailure: "failures",
		},
		{
			ID: "TurnStream", Function: "turn", Kind: template.Stream, Source: "assignments", Batch: 10, PartialFailures: true,
			Retries: 6, MaxAge: 6 * time.Hour, Bisect: true, Parallel: 4, OnFailure: "failures",
		},
	}
	if diff := cmp.Diff(want, got.Mappings, cmpopts.IgnoreFields(template.Mapping{}, "Filters")); diff != "" {
		t.Errorf("mappings:\n%s", diff)
	}
	clocks := []template.Schedule{{ID: "MailruleClock", Function: "mailrule", Every: time.Minute}, {ID: "SweepClock", Function: "sweep", Every: time.Minute}}
	if diff := cmp.Diff(clocks, got.Schedules); diff != "" {
		t.Errorf("schedules:\n%s", diff)
	}
	for _, f := range got.Functions {
		if retries := map[bool]int{true: 0, false: 2}[f.Name == "sweep"]; f.AsyncRetries != retries {
			t.Errorf("%s: AsyncRetries = %d, want %d", f.Name, f.AsyncRetries, retries)
		}
		if bucket := map[bool]string{true: "failures"}[f.Name == "mailstatus"]; f.AsyncFailure != bucket {
			t.Errorf("%s: AsyncFailure = %q, want %q", f.Name, f.AsyncFailure, bucket)
		}
	}
	queues := []template.Queue{
		{ID: "MailDeadLetters", Name: "maildead", Visibility: 30 * time.Second, Retention: 14 * 24 * time.Hour},
		{ID: "MailQueue", Name: "mail", Visibility: 12 * time.Minute, Retention: 14 * 24 * time.Hour, DeadLetters: "maildead", MaxReceives: 5},
	}
	if diff := cmp.Diff(queues, got.Queues); diff != "" {
		t.Errorf("queues:\n%s", diff)
	}
	if n := len(got.MailRules); n != 1 {
		t.Fatalf("%d mail rules", n)
	}
	rule := got.MailRules[0]
	if len(rule.Recipients) != 1 || rule.Recipients[0].String() != "${MailDomain}" || rule.Bucket != "mail" || rule.Prefix != "in/" ||
		!cmp.Equal(rule.Queues, []string{"mail"}) {
		t.Errorf("mail rule = %+v", rule)
	}
}

func TestGoldenData(t *testing.T) {
	got := mustLoad(t)
	table := func(name, ttl string, stream bool, indexes ...string) template.Table {
		x := template.Table{ID: strings.ToUpper(name[:1]) + name[1:] + "Table", Name: name, PartitionKey: "pk", SortKey: "sk", TTL: ttl, Stream: stream}
		for _, i := range indexes {
			x.Indexes = append(x.Indexes, template.Index{Name: i, PartitionKey: i + "_pk", SortKey: i + "_sk"})
		}
		return x
	}
	want := []template.Table{
		table("assignments", "", true, "due"), table("contacts", "", false, "list"), table("outbox", "", true, "due"), table("settings", "", false), table("sockets", "ttl", false),
		table("threads", "ttl", true, "views", "owners", "accounts", "teams", "contact", "due"),
	}
	if diff := cmp.Diff(want, got.Tables); diff != "" {
		t.Errorf("tables:\n%s", diff)
	}
	buckets := []template.Bucket{{"FailuresBucket", "failures"}, {"FilesBucket", "files"}, {"MailBucket", "mail"}, {"WebBucket", "web"}}
	if diff := cmp.Diff(buckets, got.Buckets); diff != "" {
		t.Errorf("buckets:\n%s", diff)
	}
}

func TestGoldenEnvironment(t *testing.T) {
	got := mustLoad(t)
	ingest, ok := got.Function("ingest")
	if !ok {
		t.Fatal("no ingest")
	}
	env, err := ingest.Environment(lookup(got))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"PARLEY_TABLE_THREADS": "local-threads", "PARLEY_TABLE_OUTBOX": "local-outbox", "PARLEY_TABLE_ASSIGNMENTS": "local-assignments", "PARLEY_TABLE_CONTACTS": "local-contacts",
		"PARLEY_TABLE_SETTINGS": "local-settings", "PARLEY_TABLE_SOCKETS": "local-sockets", "PARLEY_BUCKET_MAIL": "local-mail",
		"PARLEY_BUCKET_FILES": "local-files", "PARLEY_MAIL_DOMAIN": "mail.example.com", "PARLEY_SECRETS": "/parley/dev/",
		"PARLEY_SOCKETS_URL": "https://socketsapi.execute-api.aws::region.localhost/ws",
	}
	if diff := cmp.Diff(want, env); diff != "" {
		t.Error(diff)
	}
	if _, err := ingest.Environment(func(string, string) string { return "" }); err == nil {
		t.Error("a lookup that knows nothing gave an environment")
	}
	if diff := cmp.Diff([]template.Parameter{{ID: "MailDomain"}, {ID: "MailRuleAttempt", Default: "1", HasDefault: true}}, got.Parameters); diff != "" {
		t.Errorf("parameters:\n%s", diff)
	}
}

// A deployment calls mailrule, and the clock does too.
func TestGoldenHooks(t *testing.T) {
	got := mustLoad(t)
	if len(got.Hooks) != 1 || got.Hooks[0].Name != "mailrule" || got.Hooks[0].Timeout != 55*time.Second {
		t.Errorf("hooks %+v", got.Hooks)
	}
	if _, runs := got.Function("mailrule"); !runs {
		t.Error("mailrule does not run")
	}
}

// The bus rule takes SES's events as they come, if they are of our configuration set.
func TestGoldenBusRules(t *testing.T) {
	got := mustLoad(t)
	if len(got.BusRules) != 1 || got.BusRules[0].Function != "mailstatus" {
		t.Fatalf("bus rules %+v", got.BusRules)
	}
	samples, err := filepath.Glob("../../../events/samples/ses/event-*.json")
	if err != nil || len(samples) < 8 {
		t.Fatal(samples, err)
	}
	for set, want := range map[string]bool{"parley-mail": true, "others": false} {
		f, err := got.BusRules[0].Filter(func(id, att string) string {
			if id == "MailConfigurationSet" && att == "" {
				return set
			}
			return ""
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, sample := range samples {
			raw, err := os.ReadFile(sample)
			if err != nil {
				t.Fatal(err)
			}
			var event map[string]any
			if err := json.Unmarshal(raw, &event); err != nil {
				t.Fatal(err)
			}
			if f.Match(event) != want {
				t.Errorf("%s for set %s: %v", sample, set, !want)
			}
			event["source"] = "aws.other"
			if f.Match(event) {
				t.Errorf("%s of another source", sample)
			}
		}
	}
	if _, err := got.BusRules[0].Filter(func(string, string) string { return "" }); err == nil {
		t.Error("a lookup that knows nothing gave a filter")
	}
}

func TestSchedulePayload(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.FixedZone("CET", 3600))
	var got map[string]any
	if err := json.Unmarshal(template.Schedule{ID: "SweepClock"}.Payload("run-1", at), &got); err != nil {
		t.Fatal(err)
	}
	if got["time"] != "2026-03-01T11:00:00Z" || got["id"] != "run-1" || got["detail-type"] != "Scheduled Event" {
		t.Error(got)
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		mustLoad(b)
	}
}

// Every change below is one that local mode would otherwise ignore in silence.
func TestRefuses(t *testing.T) {
	type object = map[string]any
	props := func(doc object, id string) object {
		return doc["Resources"].(object)[id].(object)["Properties"].(object)
	}
	for name, tc := range map[string]struct {
		change func(doc object)
		says   string
	}{
		"a resource type": {func(d object) { d["Resources"].(object)["X"] = object{"Type": "AWS::Kinesis::Stream"} }, "X: template has a AWS::Kinesis::Stream"},
		"a section":       {func(d object) { d["Conditions"] = object{} }, "Conditions"},
		"a property":      {func(d object) { props(d, "MailQueue")["FifoQueue"] = true }, "FifoQueue"},
		"an intrinsic":    {func(d object) { props(d, "MailRule")["Domain"] = object{"Fn::Sub": "x"} }, "Fn::Sub"},
		"an intrinsic in a pattern": {func(d object) {
			props(d, "MailstatusRule")["EventPattern"] = object{"source": []any{object{"Fn::Sub": "x"}}}
		}, "Fn::Sub"},
		"an operator in a pattern": {func(d object) {
			props(d, "MailstatusRule")["EventPattern"] = object{"source": []any{object{"wildcard": "x"}}}
		}, "wildcard"},
		"a rule of both kinds": {func(d object) { props(d, "MailstatusRule")["ScheduleExpression"] = "rate(1 minute)" }, "a schedule or a pattern"},
		"a filter operator": {func(d object) {
			props(d, "NotifyStream")["FilterCriteria"] = object{"Filters": []any{object{"Pattern": `{"a":[{"cidr":"x"}]}`}}}
		}, "cidr"},
		"a key type": {func(d object) {
			props(d, "SettingsTable")["AttributeDefinitions"] = []any{object{"AttributeName": "pk", "AttributeType": "N"}}
		}, "only S"},
		"a projection": {func(d object) {
			props(d, "OutboxTable")["GlobalSecondaryIndexes"].([]any)[0].(object)["Projection"] = object{"ProjectionType": "ALL"}
		}, "only KEYS_ONLY"},
		"a stream without a table's":  {func(d object) { delete(props(d, "OutboxTable"), "StreamSpecification") }, "outbox has no stream"},
		"a subscription in envelopes": {func(d object) { props(d, "MailSubscription")["RawMessageDelivery"] = false }, "RawMessageDelivery"},
		"cron":                        {func(d object) { props(d, "SweepClock")["ScheduleExpression"] = "cron(0 0 * * ? *)" }, "cron"},
		"a table without a name":      {func(d object) { delete(d["Resources"].(object)["ThreadsTable"].(object), "Metadata") }, "without metadata parley:table"},
		"a request authorizer": {func(d object) {
			for _, r := range d["Resources"].(object) {
				if r := r.(object); r["Type"] == "AWS::ApiGatewayV2::Authorizer" {
					r["Properties"].(object)["AuthorizerType"] = "REQUEST"
				}
			}
		}, "only JWT"},
	} {
		t.Run(name, func(t *testing.T) {
			raw, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			var doc object
			if err := json.Unmarshal(raw, &doc); err != nil {
				t.Fatal(err)
			}
			tc.change(doc)
			if raw, err = json.Marshal(doc); err != nil {
				t.Fatal(err)
			}
			if _, err = template.Parse(raw); err == nil || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("err = %v, want it to say %q", err, tc.says)
			}
		})
	}
}
