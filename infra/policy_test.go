package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/shared/limit"
	"parley/shared/store"
)

// idle holds every type the stack may have: none of them costs money while nobody writes, but for storage and the queue mapping's polls. A new
// type is added here with a thought for the bill.
var idle = []string{
	"AWS::ApiGatewayV2::Api", "AWS::ApiGatewayV2::Authorizer", "AWS::ApiGatewayV2::Integration", "AWS::ApiGatewayV2::Route", "AWS::ApiGatewayV2::Stage",
	"AWS::CloudFront::Distribution", "AWS::CloudFront::Function", "AWS::CloudFront::OriginAccessControl", "AWS::CloudFront::ResponseHeadersPolicy",
	"AWS::CloudWatch::Alarm", "AWS::CloudWatch::Dashboard", // ten alarmed figures and three dashboards are free: TestAlarms counts them
	"AWS::Cognito::ManagedLoginBranding", "AWS::Cognito::UserPool", "AWS::Cognito::UserPoolClient", "AWS::Cognito::UserPoolDomain", // 10 000 users are free
	"AWS::Cognito::UserPoolGroup", "AWS::Cognito::UserPoolUser", "AWS::Cognito::UserPoolUserToGroupAttachment",
	"AWS::DynamoDB::GlobalTable", "AWS::Events::Rule", "AWS::IAM::Role",
	"AWS::Lambda::EventInvokeConfig", "AWS::Lambda::EventSourceMapping", "AWS::Lambda::Function", "AWS::Lambda::Permission",
	"AWS::Logs::LogGroup", "AWS::Logs::MetricFilter", "AWS::S3::Bucket", "AWS::S3::BucketPolicy",
	"AWS::SES::ConfigurationSet", "AWS::SES::ConfigurationSetEventDestination",
	"AWS::SNS::Subscription", "AWS::SNS::Topic", "AWS::SNS::TopicPolicy", "AWS::SQS::Queue", "AWS::SQS::QueuePolicy",
	"Custom::MailRule", // one call of a function at a deployment
}

func TestNothingCostsWhileIdle(t *testing.T) {
	for _, stage := range []template{dev, prod} {
		for id, r := range stage.resources {
			if !slices.Contains(idle, r.Type) {
				t.Errorf("%s is a %s", id, r.Type)
			}
		}
	}
	if tier := dev.resources["UserPool"].at("UserPoolTier"); tier != "ESSENTIALS" { // Plus has no free users
		t.Errorf("user pool of tier %v", tier)
	}
	web := resource{Properties: prod.resources["Distribution"].at("DistributionConfig").(map[string]any)}
	for _, paid := range []string{"WebACLId", "Logging", "AnycastIpListId"} {
		if web.at(paid) != nil {
			t.Errorf("the distribution has %s, which costs", paid)
		}
	}
	if method := web.at("ViewerCertificate", "SslSupportMethod"); method != "sni-only" { // vip is 600 dollars a month
		t.Errorf("the distribution's certificate is served by %v", method)
	}
	for _, origin := range web.at("Origins").([]any) {
		if (resource{Properties: origin.(map[string]any)}).at("OriginShield") != nil {
			t.Error("an origin has a shield, which costs by the request")
		}
	}
	for _, r := range dev.of(t, "AWS::DynamoDB::GlobalTable") {
		if r.at("BillingMode") != "PAY_PER_REQUEST" {
			t.Errorf("%s: BillingMode %v", r.ID, r.at("BillingMode"))
		}
	}
	queues := 0
	for _, r := range dev.of(t, "AWS::Lambda::EventSourceMapping") {
		if r.at("ProvisionedPollerConfig") != nil {
			t.Errorf("%s has provisioned pollers", r.ID)
		}
		if strings.HasPrefix(plain(r.at("EventSourceArn")), "${MailQueue") {
			queues++
		}
	}
	if queues != 1 { // some 650 000 polls a month each; a million are free
		t.Errorf("%d queue mappings, want 1", queues)
	}
}

// functionFolders are the names of the stack's functions: the folders of ../functions that have a lambda/main.go, or the list that the design
// begins with while there are none.
func functionFolders(t *testing.T) []string {
	t.Helper()
	mains, err := filepath.Glob("../functions/*/lambda/main.go")
	if err != nil {
		t.Fatal(err)
	}
	if len(mains) == 0 {
		return []string{"agentapi", "deliver", "ingest", "notify", "sweep", "websocket"}
	}
	names := []string{}
	for _, m := range mains {
		names = append(names, filepath.Base(filepath.Dir(filepath.Dir(m))))
	}
	return names
}

func TestEveryFolderIsAFunction(t *testing.T) {
	got := []string{}
	for _, r := range dev.of(t, "AWS::Lambda::Function") {
		got = append(got, r.Metadata["parley:function"].(string))
	}
	slices.Sort(got)
	if diff := cmp.Diff(functionFolders(t), got); diff != "" {
		t.Errorf("folders and functions:\n%s", diff)
	}
}

func TestFunctions(t *testing.T) {
	for _, r := range dev.of(t, "AWS::Lambda::Function") {
		id := strings.TrimSuffix(r.ID, "Function")
		got := map[string]any{
			"Runtime": r.at("Runtime"), "Handler": r.at("Handler"), "Architectures": r.at("Architectures"),
			"LogFormat": r.at("LoggingConfig", "LogFormat"), "LogGroup": plain(r.at("LoggingConfig", "LogGroup")), "Role": plain(r.at("Role")),
		}
		want := map[string]any{
			"Runtime": "provided.al2023", "Handler": "bootstrap", "Architectures": []any{"arm64"},
			"LogFormat": "JSON", "LogGroup": "${" + id + "Logs}", "Role": "${" + id + "Role.Arn}",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s:\n%s", r.ID, diff)
		}
		if r.at("Timeout") == nil || r.at("MemorySize") == nil {
			t.Errorf("%s has no timeout or memory of its own", r.ID)
		}
		if r.at("VpcConfig") != nil || r.at("ReservedConcurrentExecutions") != nil || r.at("FunctionName") != nil {
			t.Errorf("%s is in a VPC, reserves concurrency or has a fixed name", r.ID)
		}
	}
}

func TestLogsExpire(t *testing.T) {
	for want, stage := range map[float64]template{7: dev, 30: prod} {
		for _, r := range stage.of(t, "AWS::Logs::LogGroup") {
			if r.at("RetentionInDays") != want {
				t.Errorf("%s: RetentionInDays %v, want %v", r.ID, r.at("RetentionInDays"), want)
			}
		}
	}
}

func TestMappings(t *testing.T) {
	for _, r := range dev.of(t, "AWS::Lambda::EventSourceMapping") {
		if !cmp.Equal(r.at("FunctionResponseTypes"), []any{"ReportBatchItemFailures"}) {
			t.Errorf("%s: one bad item fails its batch: FunctionResponseTypes %v", r.ID, r.at("FunctionResponseTypes"))
		}
		if r.ID == "IngestQueue" {
			continue
		}
		if r.at("FilterCriteria") == nil || r.at("BisectBatchOnFunctionError") != true || r.at("StartingPosition") != "TRIM_HORIZON" {
			t.Errorf("%s: filter, bisect or starting position is missing", r.ID)
		}
		if retries, ok := r.at("MaximumRetryAttempts").(float64); !ok || retries < 1 || retries > 10 {
			t.Errorf("%s: MaximumRetryAttempts %v: a bad record holds up its shard", r.ID, r.at("MaximumRetryAttempts"))
		}
		if age, ok := r.at("MaximumRecordAgeInSeconds").(float64); !ok || age < 60 || age > 24*3600 {
			t.Errorf("%s: MaximumRecordAgeInSeconds %v", r.ID, r.at("MaximumRecordAgeInSeconds"))
		}
		if got := plain(r.at("DestinationConfig", "OnFailure", "Destination")); got != "${FailuresBucket.Arn}" {
			t.Errorf("%s: what fails goes to %s", r.ID, got)
		}
	}
}

// DynamoDB lets two readers poll a shard; a third is throttled, and with it the first two.
func TestTwoReadersAStream(t *testing.T) {
	readers := map[string]int{}
	for _, r := range dev.of(t, "AWS::Lambda::EventSourceMapping") {
		readers[plain(r.at("EventSourceArn"))]++
	}
	for source, n := range readers {
		if n > 2 {
			t.Errorf("%s has %d readers", source, n)
		}
	}
}

func TestMailQueueOutlivesAnOutage(t *testing.T) {
	queue := dev.resources["MailQueue"]
	timeout := dev.function(t, "ingest").at("Timeout").(float64)
	if v := queue.at("VisibilityTimeout").(float64); v < 6*timeout {
		t.Errorf("VisibilityTimeout %v is under six times ingest's %v", v, timeout)
	}
	for _, r := range dev.of(t, "AWS::SQS::Queue") {
		if r.at("MessageRetentionPeriod") != float64(14*24*3600) {
			t.Errorf("%s keeps messages for %v s", r.ID, r.at("MessageRetentionPeriod"))
		}
	}
	if plain(queue.at("RedrivePolicy", "deadLetterTargetArn")) != "${MailDeadLetters.Arn}" || queue.at("RedrivePolicy", "maxReceiveCount") != 5.0 {
		t.Errorf("RedrivePolicy %v", queue.at("RedrivePolicy"))
	}
}

func TestRoutesWantAToken(t *testing.T) {
	open := []string{}
	for _, r := range dev.of(t, "AWS::ApiGatewayV2::Route") {
		switch {
		case plain(r.at("ApiId")) == "${SocketsApi}": // websocket checks a ticket at $connect
		case r.at("AuthorizationType") == "JWT":
		default:
			open = append(open, r.at("RouteKey").(string))
		}
	}
	slices.Sort(open)
	want := []string{"ANY /api/visitor/{proxy+}", "DELETE /api/session", "GET /api/config", "GET /api/image", "GET /api/openapi.json", "POST /api/session", "POST /api/session/refresh"}
	if diff := cmp.Diff(want, open); diff != "" {
		t.Errorf("open routes:\n%s", diff)
	}
	for _, r := range dev.of(t, "AWS::ApiGatewayV2::Stage") {
		if rate, ok := r.at("DefaultRouteSettings", "ThrottlingRateLimit").(float64); !ok || rate > 1000 {
			t.Errorf("%s is not throttled", r.ID)
		}
	}
}

// Pictures wait for strangers: they get a part of what the API takes, and the settings come after their route.
func TestPicturesLeaveRoom(t *testing.T) {
	stage := dev.resources["HttpStage"]
	all, pictures := stage.at("DefaultRouteSettings", "ThrottlingRateLimit").(float64), stage.at("RouteSettings", "GET "+imageRoute, "ThrottlingRateLimit").(float64)
	if pictures <= 0 || pictures > all/2 {
		t.Errorf("%v of %v calls a second are pictures", pictures, all)
	}
	for _, r := range dev.of(t, "AWS::ApiGatewayV2::Route") {
		if r.at("RouteKey") == "GET "+imageRoute && !slices.Contains(stage.DependsOn, r.ID) {
			t.Errorf("the stage does not wait for %s, but for %v", r.ID, stage.DependsOn)
		}
	}
}

// API Gateway may call a function only from routes that a permission names; a route without one answers 500.
func TestEveryRouteMayCall(t *testing.T) {
	allowed := []string{}
	for _, r := range dev.of(t, "AWS::Lambda::Permission") {
		if r.at("Principal") == "apigateway.amazonaws.com" {
			allowed = append(allowed, plain(r.at("SourceArn")))
		}
	}
	for _, r := range dev.of(t, "AWS::ApiGatewayV2::Route") {
		end := r.at("RouteKey").(string) // sockets: …/<stage>/$connect
		if _, path, ok := strings.Cut(end, " "); ok {
			end = "/*/*" + path // HTTP: …/<stage>/<method>/path
		}
		if end == "idle" { // no function takes it
			continue
		}
		from := plain(r.at("ApiId")) + "/*"
		if !slices.ContainsFunc(allowed, func(arn string) bool { return strings.Contains(arn, from) && strings.HasSuffix(arn, end) }) {
			t.Errorf("no permission for route %s; there are:\n%s", end, strings.Join(allowed, "\n"))
		}
	}
}

func TestBucketsArePrivate(t *testing.T) {
	policies := map[string]string{}
	for _, r := range dev.of(t, "AWS::S3::BucketPolicy") {
		policies[plain(r.at("Bucket"))] = fmt.Sprint(r.at("PolicyDocument", "Statement"))
	}
	for _, r := range dev.of(t, "AWS::S3::Bucket") {
		for _, key := range []string{"BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"} {
			if r.at("PublicAccessBlockConfiguration", key) != true {
				t.Errorf("%s: %s is off", r.ID, key)
			}
		}
		if !strings.Contains(policies["${"+r.ID+"}"], "aws:SecureTransport:false") {
			t.Errorf("%s can be reached without TLS", r.ID)
		}
		if r.at("LifecycleConfiguration") == nil || r.at("BucketEncryption") == nil || r.at("VersioningConfiguration") != nil {
			t.Errorf("%s: lifecycle, encryption or versioning", r.ID)
		}
	}
}

// Of the files, uploads that were never sent go away, and nothing else does.
func TestUploadsExpire(t *testing.T) {
	var rules []string
	for _, r := range list(dev.resources["FilesBucket"].at("LifecycleConfiguration", "Rules")) {
		rule := r.(map[string]any)
		if days, ok := rule["ExpirationInDays"]; ok {
			rules = append(rules, fmt.Sprint(rule["Prefix"], " ", days, " ", rule["Status"]))
		}
	}
	want := fmt.Sprint("u/ ", limit.UploadKeep.Hours()/24, " Enabled")
	if len(rules) != 1 || rules[0] != want || !strings.HasPrefix(store.UploadKey("mara", "1"), "u/") {
		t.Errorf("%q, want %q", rules, want)
	}
}

// stateful lists what must never be replaced by accident: their logical ids are part of the contract with every stack that is out there.
var stateful = []string{
	"AssignmentsTable", "ContactsTable", "OutboxTable", "SettingsTable", "SocketsTable", "ThreadsTable", "FilesBucket", "MailBucket", "UserPool",
}

func TestProductionKeepsItsData(t *testing.T) {
	for _, id := range stateful {
		r, ok := prod.resources[id]
		if !ok || r.DeletionPolicy != "Retain" {
			t.Errorf("%s: there %v, DeletionPolicy %q", id, ok, r.DeletionPolicy)
		}
		if got := dev.resources[id].DeletionPolicy; got != "Delete" {
			t.Errorf("dev %s: DeletionPolicy %q", id, got)
		}
	}
	for _, r := range prod.of(t, "AWS::DynamoDB::GlobalTable") {
		replica := resource{Properties: list(r.at("Replicas"))[0].(map[string]any)}
		if replica.at("DeletionProtectionEnabled") != true || replica.at("PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled") != true {
			t.Errorf("%s: deletion protection or point-in-time recovery is off", r.ID)
		}
		if !slices.Contains(stateful, r.ID) {
			t.Errorf("%s is not in the list of what is stateful", r.ID)
		}
	}
	filledIn := []string{"Admin", "AdminMembership", "AlarmMail"} // what an adminEmail in the context adds
	for id, r := range prod.resources {
		if dev.resources[id].Type != r.Type && !slices.Contains(filledIn, id) {
			t.Errorf("%s is in prod only", id)
		}
	}
}

// envName is a quoted environment name in a function's source.
var envName = regexp.MustCompile(`"PARLEY_([A-Z_]+)"`)

// wantEnv is what each function needs, written down once more: a change has to be meant.
var wantEnv = map[string]string{
	"ingest":     "BUCKET_FILES BUCKET_MAIL MAIL_DOMAIN SECRETS SOCKETS_URL TABLE_ASSIGNMENTS TABLE_CONTACTS TABLE_OUTBOX TABLE_SETTINGS TABLE_SOCKETS TABLE_THREADS",
	"agentapi":   "BUCKET_FILES BUCKET_MAIL DNS MAIL_DOMAIN MAIL_EXCHANGE OIDC_CLIENT OIDC_ISSUER OIDC_SCOPES ORIGIN QUEUE_MAIL SECRETS SOCKETS_URL STAGE TABLE_ASSIGNMENTS TABLE_CONTACTS TABLE_OUTBOX TABLE_SETTINGS TABLE_SOCKETS TABLE_THREADS USER_POOL",
	"imageproxy": "SECRETS",
	"visitorapi": "BUCKET_FILES ORIGIN SECRETS SOCKETS_URL TABLE_ASSIGNMENTS TABLE_CONTACTS TABLE_SETTINGS TABLE_SOCKETS TABLE_THREADS",
	"websocket":  "SOCKETS_URL TABLE_ASSIGNMENTS TABLE_CONTACTS TABLE_SETTINGS TABLE_SOCKETS TABLE_THREADS",
	"deliver":    "BUCKET_FILES MAIL_DOMAIN ORIGIN SECRETS SES_CONFIGURATION_SET SOCKETS_URL TABLE_OUTBOX TABLE_SETTINGS TABLE_SOCKETS TABLE_THREADS",
	"notify":     "SOCKETS_URL TABLE_OUTBOX TABLE_SETTINGS TABLE_SOCKETS TABLE_THREADS",
	"sweep":      "BUCKET_FILES BUCKET_MAIL TABLE_ASSIGNMENTS TABLE_CONTACTS TABLE_OUTBOX TABLE_SETTINGS TABLE_THREADS",
	"route":      "BUCKET_FILES TABLE_ASSIGNMENTS TABLE_CONTACTS TABLE_SETTINGS TABLE_THREADS",
	"turn":       "SECRETS SOCKETS_URL TABLE_ASSIGNMENTS TABLE_CONTACTS TABLE_SETTINGS TABLE_SOCKETS TABLE_THREADS",
	"callout":    "MAIL_DOMAIN SECRETS TABLE_OUTBOX",
	"mailstatus": "SOCKETS_URL TABLE_OUTBOX TABLE_SETTINGS TABLE_SOCKETS TABLE_THREADS",
	"mailrule":   "BUCKET_MAIL MAIL_DOMAIN MAIL_RULE MAIL_TOPIC TABLE_SETTINGS",
}

func TestEnvironment(t *testing.T) {
	for _, r := range dev.of(t, "AWS::Lambda::Function") {
		name := r.Metadata["parley:function"].(string)
		got := []string{}
		set, _ := r.at("Environment", "Variables").(map[string]any)
		for key := range set {
			got = append(got, strings.TrimPrefix(key, "PARLEY_"))
		}
		slices.Sort(got)
		if diff := cmp.Diff(wantEnv[name], strings.Join(got, " ")); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
		if read := envRead(t, name); read != nil {
			if diff := cmp.Diff(read, got); diff != "" {
				t.Errorf("what functions/%s reads and what the template sets:\n%s", name, diff)
			}
		}
	}
}

// envRead returns the environment names that stand in a function's sources, without PARLEY_; nil if there is no such folder yet.
func envRead(t *testing.T, name string) []string {
	t.Helper()
	files, err := filepath.Glob("../functions/" + name + "/*.go")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range envName.FindAllSubmatch(source, -1) {
			found = append(found, string(m[1]))
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// No secret has a place in a template: secrets are read from SSM at run time, under a prefix.
func TestNoSecrets(t *testing.T) {
	raw, err := os.ReadFile(goldenFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"NoEcho", "SecretString", "resolve:ssm", "resolve:secretsmanager"} {
		if strings.Contains(string(raw), word) {
			t.Errorf("the template has %q", word)
		}
	}
}
