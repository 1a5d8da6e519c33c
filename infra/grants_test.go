package main

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const here = ":${AWS::Region}:${AWS::AccountId}:"

// arns says, once more and by hand, which ARN each resource of the table in grants.go is.
var arns = map[string][]string{
	"table:threads":          {"${ThreadsTable.Arn}"},
	"table:outbox":           {"${OutboxTable.Arn}"},
	"table:assignments":      {"${AssignmentsTable.Arn}"},
	"index:assignments/due":  {"${AssignmentsTable.Arn}/index/due"},
	"stream:assignments":     {"${AssignmentsTable.StreamArn}"},
	"streams:assignments":    {"${AssignmentsTable.Arn}/stream/*"},
	"index:threads/accounts": {"${ThreadsTable.Arn}/index/accounts"},
	"index:threads/teams":    {"${ThreadsTable.Arn}/index/teams"},
	"index:threads/due":      {"${ThreadsTable.Arn}/index/due"},
	"objects:files/t/":       {"${FilesBucket.Arn}/t/*"},
	"table:contacts":         {"${ContactsTable.Arn}"},
	"table:settings":         {"${SettingsTable.Arn}"},
	"table:sockets":          {"${SocketsTable.Arn}"},
	"index:threads/views":    {"${ThreadsTable.Arn}/index/views"},
	"index:threads/owners":   {"${ThreadsTable.Arn}/index/owners"},
	"index:threads/contact":  {"${ThreadsTable.Arn}/index/contact"},
	"index:contacts/list":    {"${ContactsTable.Arn}/index/list"},
	"index:outbox/due":       {"${OutboxTable.Arn}/index/due"},
	"stream:threads":         {"${ThreadsTable.StreamArn}"},
	"stream:outbox":          {"${OutboxTable.StreamArn}"},
	"streams:threads":        {"${ThreadsTable.Arn}/stream/*"},
	"streams:outbox":         {"${OutboxTable.Arn}/stream/*"},
	"objects:mail/in/":       {"${MailBucket.Arn}/in/*"},
	"objects:files/":         {"${FilesBucket.Arn}/*"},
	"objects:files/u/":       {"${FilesBucket.Arn}/u/*"},
	"names:files":            {"${FilesBucket.Arn}"},
	"objects:files/faces/":   {"${FilesBucket.Arn}/faces/*"},
	"objects:files/b/":       {"${FilesBucket.Arn}/b/*"},
	"failures:":              {"${FailuresBucket.Arn}/aws/lambda/*"},
	"queue:mail":             {"${MailQueue.Arn}"},
	"secrets:":               {"arn:${AWS::Partition}:ssm" + here + "parameter/parley/dev/*"},
	"newsecrets:":            {"arn:${AWS::Partition}:ssm" + here + "parameter/parley/dev/* if map[StringNotEquals:map[ssm:Overwrite:true]]"},
	"people:":                {"${UserPool.Arn}"},
	"mailrules:":             {"*"},
	"health:":                {"${SettingsTable.Arn} if map[ForAllValues:StringEquals:map[dynamodb:LeadingKeys:HEALTH]]"},
	"handovers:":             {"${SettingsTable.Arn} if map[ForAllValues:StringEquals:map[dynamodb:LeadingKeys:HANDOVER]]"},
	"listed:":                {"${SettingsTable.Arn} if map[ForAllValues:StringLike:map[dynamodb:LeadingKeys:LISTED#*]]"},
	"changes:":               {"${SettingsTable.Arn} if map[ForAllValues:StringEquals:map[dynamodb:LeadingKeys:CHANGES]]"},
	"pushes:":                {"${OutboxTable.Arn} if map[ForAllValues:StringLike:map[dynamodb:LeadingKeys:PUSH#*]]"},
	"objects:files/i/":       {"${FilesBucket.Arn}/i/*"},
	"followed:":              {"${SettingsTable.Arn} if map[ForAllValues:StringEquals:map[dynamodb:LeadingKeys:RULE]]"},
	"domains:":               {"arn:${AWS::Partition}:ses" + here + "identity/*"},
	"newdomains:":            {"arn:${AWS::Partition}:ses" + here + "identity/* if map[StringEquals:map[aws:RequestTag/parley:dev]]"},
	"ourdomains:":            {"arn:${AWS::Partition}:ses" + here + "identity/* if map[StringEquals:map[aws:ResourceTag/parley:dev]]"},
	"tests:":                 {"arn:${AWS::Partition}:ses" + here + "identity/* if map[StringEquals:map[ses:FromAddress:map[Fn::Join:[ [channel-test@ map[Ref:MailDomain]]]]]]"},
	"sendstate:":             {"*"},
	"sockets:":               {"arn:${AWS::Partition}:execute-api" + here + "${SocketsApi}/ws/POST/@connections/*"},
	"closesockets:":          {"arn:${AWS::Partition}:execute-api" + here + "${SocketsApi}/ws/DELETE/@connections/*"},
	"identities:": {
		"arn:${AWS::Partition}:ses" + here + "identity/*",
		"arn:${AWS::Partition}:ses" + here + "configuration-set/${MailConfigurationSet}",
	},

	"secret:image-signing-key":    {"arn:${AWS::Partition}:ssm" + here + "parameter/parley/dev/image-signing-key"},
	"secret:push-key":             {"arn:${AWS::Partition}:ssm" + here + "parameter/parley/dev/push-key"},
	"newsecret:image-signing-key": {"arn:${AWS::Partition}:ssm" + here + "parameter/parley/dev/image-signing-key if map[StringNotEquals:map[ssm:Overwrite:true]]"},
}

// rights are those of a function in dev's template.
func rights(t *testing.T, name string) []string {
	t.Helper()
	return dev.rights(t, name)
}

// rights are the pairs "action resource" that a function's role in the template allows, with " if condition" behind them where there is one.
func (tpl template) rights(t *testing.T, name string) []string {
	t.Helper()
	role := tpl.resources[title(name)+"Role"]
	if role.Type != "AWS::IAM::Role" || role.at("ManagedPolicyArns") != nil {
		t.Fatalf("%s: role of type %q, managed policies %v", name, role.Type, role.at("ManagedPolicyArns"))
	}
	found := map[string]bool{}
	for _, p := range list(role.at("Policies")) {
		doc := resource{Properties: p.(map[string]any)}
		for _, s := range list(doc.at("PolicyDocument", "Statement")) {
			s := s.(map[string]any)
			for key := range s {
				if !slices.Contains([]string{"Action", "Effect", "Resource", "Condition"}, key) {
					t.Fatalf("%s: the test does not know %s in %v", name, key, s)
				}
			}
			if s["Effect"] != "Allow" {
				t.Fatalf("%s: %v", name, s)
			}
			condition := ""
			if s["Condition"] != nil {
				condition = fmt.Sprint(" if ", s["Condition"])
			}
			for _, action := range list(s["Action"]) {
				for _, r := range list(s["Resource"]) {
					found[action.(string)+" "+plain(r)+condition] = true
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// The roles allow what the table says, and nothing more: the CDK adds rights on its own where one lets it.
func TestRolesAreTheTable(t *testing.T) {
	for _, f := range functions {
		want := map[string]bool{}
		for _, action := range []string{"logs:CreateLogStream", "logs:PutLogEvents"} {
			want[action+" ${"+title(f.name)+"Logs.Arn}"] = true
		}
		for _, g := range grants {
			if g.function != f.name {
				continue
			}
			if arns[g.resource] == nil {
				t.Fatalf("the test has no ARN for %s", g.resource)
			}
			for _, arn := range arns[g.resource] {
				for _, action := range g.actions {
					want[action+" "+arn] = true
				}
			}
			if g.resource == "failures:" {
				want["s3:ListBucket ${FailuresBucket.Arn}"] = true
			}
		}
		if diff := cmp.Diff(slices.Sorted(maps.Keys(want)), rights(t, f.name)); diff != "" {
			t.Errorf("%s:\n%s", f.name, diff)
		}
	}
	// Rights come inline alone.
	for id, r := range dev.resources {
		if strings.HasPrefix(r.Type, "AWS::IAM::") && r.Type != "AWS::IAM::Role" {
			t.Errorf("%s is a %s", id, r.Type)
		}
	}
}

// allows reports whether a role allows an action on an ARN, perhaps under a condition; * and ? of a right's ARN match as in IAM.
func allows(rights []string, action, arn string) bool {
	return slices.ContainsFunc(rights, func(right string) bool {
		a, pattern, _ := strings.Cut(right, " ")
		pattern, _, _ = strings.Cut(pattern, " if ")
		return a == action && matches(pattern, arn)
	})
}

// matches is IAM's wildcard: * is any text, slashes too, which path.Match would stop at.
func matches(pattern, arn string) bool {
	flat := strings.NewReplacer("/", "\x00", "[", "\x01", "\\", "\x02").Replace
	ok, err := path.Match(flat(pattern), flat(arn))
	return ok && err == nil
}

// What each function may and, beside it, what it must not: written from the design, not from the table.
func TestRights(t *testing.T) {
	const (
		threads, outbox, contacts, settings = "${ThreadsTable.Arn}", "${OutboxTable.Arn}", "${ContactsTable.Arn}", "${SettingsTable.Arn}"
		mail, files                         = "${MailBucket.Arn}/in/0a1b", "${FilesBucket.Arn}/t/1/a.pdf"
		sockets                             = "arn:${AWS::Partition}:execute-api" + here + "${SocketsApi}/"
		ses                                 = "arn:${AWS::Partition}:ses" + here
		ssm                                 = "arn:${AWS::Partition}:ssm" + here + "parameter"
		pool                                = "${UserPool.Arn}"
	)
	for _, tc := range []struct {
		function, action, arn string
		allowed               bool
	}{
		{"ingest", "s3:GetObject", mail, true},
		{"ingest", "s3:PutObject", mail, false}, // the raw mail is the truth; SES alone writes it
		{"ingest", "s3:DeleteObject", mail, false},
		{"ingest", "s3:PutObject", files, true},
		{"ingest", "s3:GetObject", files, false},
		{"ingest", "dynamodb:PutItem", threads, true},
		{"ingest", "dynamodb:PutItem", settings, true}, // the first inbox
		{"ingest", "dynamodb:DeleteItem", settings, false},
		{"deliver", "dynamodb:PutItem", settings, true}, // under a condition: accounts' health alone
		{"deliver", "dynamodb:DeleteItem", settings, false},
		{"ingest", "dynamodb:Query", threads + "/index/views", false},
		{"ingest", "ssm:GetParameter", ssm + "/parley/dev/reply-key", true},
		{"ingest", "ssm:GetParameter", ssm + "/parley/prod/reply-key", false},
		{"ingest", "ssm:PutParameter", ssm + "/parley/dev/reply-key", true}, // where there is none
		{"ingest", "ssm:PutParameter", ssm + "/parley/prod/reply-key", false},
		{"agentapi", "ssm:PutParameter", ssm + "/parley/dev/reply-key", true}, // where there is none
		{"agentapi", "ssm:PutParameter", ssm + "/parley/prod/reply-key", false},
		{"agentapi", "ssm:GetParameter", ssm + "/parley/dev/image-signing-key", true},
		{"agentapi", "ssm:PutParameter", ssm + "/parley/dev/image-signing-key", true}, // where there is none
		{"imageproxy", "ssm:GetParameter", ssm + "/parley/dev/image-signing-key", true},
		{"imageproxy", "ssm:PutParameter", ssm + "/parley/dev/image-signing-key", false}, // whoever makes keys signs links
		{"imageproxy", "ssm:GetParameter", ssm + "/parley/dev/mail-signing-key", false},
		{"imageproxy", "ssm:GetParameter", ssm + "/parley/prod/image-signing-key", false},
		{"imageproxy", "s3:GetObject", files, false},
		{"imageproxy", "s3:GetObject", mail, false},
		{"imageproxy", "dynamodb:GetItem", settings, false},
		{"imageproxy", "dynamodb:Query", threads, false},
		{"imageproxy", "execute-api:ManageConnections", sockets + "ws/POST/@connections/abc=", false},
		{"imageproxy", "ses:SendEmail", ses + "identity/example.com", false},
		{"ingest", "ses:SendEmail", ses + "identity/example.com", false},
		{"agentapi", "s3:GetObject", mail, true},
		{"agentapi", "s3:PutObject", mail, false},
		{"agentapi", "s3:PutObject", files, true},
		{"agentapi", "s3:DeleteObject", "${FilesBucket.Arn}/u/1/a", true}, // an upload that was taken out again
		{"agentapi", "s3:DeleteObject", files, false},                     // nothing that was sent or received
		{"agentapi", "s3:ListBucket", "${FilesBucket.Arn}", true},
		{"agentapi", "s3:ListBucket", "${MailBucket.Arn}", false},
		{"deliver", "s3:ListBucket", "${FilesBucket.Arn}", false},
		{"agentapi", "dynamodb:PutItem", contacts, true},
		{"agentapi", "dynamodb:DeleteItem", contacts, true}, // what a contact was found by, and lists
		{"notify", "dynamodb:DeleteItem", contacts, false},
		{"agentapi", "dynamodb:DeleteItem", threads, true}, // drafts, and marks of what was not delivered
		{"agentapi", "dynamodb:DeleteItem", outbox, true},  // under a condition: devices
		{"mailstatus", "dynamodb:DeleteItem", threads, false},
		{"agentapi", "dynamodb:Query", threads + "/index/views", true},
		{"agentapi", "dynamodb:Query", outbox + "/index/due", false},
		{"agentapi", "dynamodb:PutItem", settings, true},
		{"agentapi", "ssm:GetParameter", ssm + "/parley/dev/reply-key", true}, // test mails are signed
		{"agentapi", "ssm:GetParameter", ssm + "/parley/prod/reply-key", false},
		{"agentapi", "ses:SendEmail", ses + "identity/example.com", true}, // under a condition: from the sender of test mails alone
		{"agentapi", "ses:SendEmail", ses + "configuration-set/${MailConfigurationSet}", false},
		{"agentapi", "ses:CreateEmailIdentity", ses + "identity/example.com", true},
		{"agentapi", "ses:DeleteEmailIdentity", ses + "identity/example.com", true}, // under a condition: those it has made
		{"agentapi", "ses:PutIdentityPolicy", ses + "identity/example.com", false},
		{"agentapi", "ses:UpdateReceiptRule", "*", false},
		{"agentapi", "ses:DeleteSuppressedDestination", "*", true},
		{"agentapi", "ses:PutSuppressedDestination", "*", false},
		{"agentapi", "ses:PutAccountDetails", "*", false},
		{"agentapi", "cognito-idp:AdminCreateUser", pool, true},
		{"agentapi", "cognito-idp:AdminGetUser", pool, true},
		{"agentapi", "cognito-idp:AdminDisableUser", pool, true},
		{"agentapi", "cognito-idp:AdminEnableUser", pool, true},
		{"agentapi", "cognito-idp:AdminUserGlobalSignOut", pool, true},
		{"agentapi", "cognito-idp:AdminCreateUser", "arn:${AWS::Partition}:cognito-idp" + here + "userpool/another", false},
		{"agentapi", "cognito-idp:AdminSetUserPassword", pool, false}, // whoever sets passwords is everybody
		{"agentapi", "cognito-idp:AdminAddUserToGroup", pool, false},
		{"agentapi", "cognito-idp:AdminDeleteUser", pool, false},
		{"agentapi", "cognito-idp:ListUsers", pool, false},
		{"agentapi", "cognito-idp:UpdateUserPoolClient", pool, false},
		{"ingest", "cognito-idp:AdminCreateUser", pool, false},
		{"websocket", "cognito-idp:AdminGetUser", pool, false},
		{"websocket", "dynamodb:Query", threads, true},
		{"websocket", "dynamodb:PutItem", threads, true}, // what visitors say
		{"websocket", "dynamodb:PutItem", "${SocketsTable.Arn}", true},
		{"websocket", "dynamodb:GetItem", contacts, true},
		{"websocket", "dynamodb:PutItem", settings, false},
		{"visitorapi", "dynamodb:PutItem", threads, true},
		{"visitorapi", "dynamodb:Query", threads + "/index/views", false},
		{"visitorapi", "dynamodb:PutItem", outbox, false},
		{"visitorapi", "s3:GetObject", files, false},
		{"visitorapi", "s3:GetObject", "${FilesBucket.Arn}/faces/x", true},
		{"visitorapi", "s3:PutObject", "${FilesBucket.Arn}/faces/x", false},
		{"visitorapi", "s3:GetObject", "${FilesBucket.Arn}/b/x", true},
		{"visitorapi", "s3:PutObject", "${FilesBucket.Arn}/b/x", false},
		{"visitorapi", "s3:GetObject", mail, false},
		{"visitorapi", "cognito-idp:AdminCreateUser", "*", false},
		{"websocket", "s3:GetObject", files, false},
		{"websocket", "execute-api:ManageConnections", sockets + "ws/POST/@connections/abc=", true},
		{"websocket", "execute-api:ManageConnections", sockets + "ws/DELETE/@connections/abc=", true},
		{"websocket", "execute-api:ManageConnections", sockets + "ws/GET/@connections/abc=", false},
		{"websocket", "execute-api:ManageConnections", sockets + "other/POST/@connections/abc=", false},
		{"deliver", "ses:SendEmail", ses + "identity/example.com", true},
		{"deliver", "ses:SendRawEmail", ses + "identity/example.com", true},
		{"deliver", "ses:SendEmail", ses + "configuration-set/${MailConfigurationSet}", true},
		{"deliver", "ses:SendEmail", ses + "configuration-set/another", false},
		{"deliver", "ses:CreateEmailIdentity", ses + "identity/example.com", false},
		{"deliver", "s3:GetObject", files, true},
		{"deliver", "s3:PutObject", files, false},
		{"deliver", "s3:GetObject", mail, false},
		{"deliver", "dynamodb:GetRecords", "${OutboxTable.StreamArn}", true},
		{"deliver", "dynamodb:GetRecords", "${ThreadsTable.StreamArn}", false},
		{"callout", "dynamodb:GetRecords", "${OutboxTable.StreamArn}", true},
		{"callout", "dynamodb:GetItem", outbox, true}, // under a condition: its own jobs
		{"callout", "dynamodb:Query", outbox, false},
		{"callout", "dynamodb:GetItem", threads, false},
		{"callout", "dynamodb:GetItem", settings, false},
		{"callout", "ssm:GetParameter", ssm + "/parley/dev/push-key", true},
		{"callout", "ssm:GetParameter", ssm + "/parley/dev/reply-key", false},
		{"callout", "s3:GetObject", files, false},
		{"notify", "dynamodb:GetRecords", "${ThreadsTable.StreamArn}", true},
		{"notify", "dynamodb:Query", threads, true},
		{"notify", "dynamodb:PutItem", threads, true}, // notices
		{"notify", "dynamodb:UpdateItem", threads, false},
		{"notify", "s3:PutObject", "${FailuresBucket.Arn}/aws/lambda/1/x", true},
		{"notify", "s3:GetObject", "${FailuresBucket.Arn}/aws/lambda/1/x", false},
		{"notify", "s3:PutObject", files, false},
		{"mailstatus", "dynamodb:PutItem", threads, true}, // facts, and the claim of SES's id
		{"mailstatus", "dynamodb:PutItem", outbox, true},
		{"mailstatus", "dynamodb:Query", threads, true},
		{"mailstatus", "dynamodb:Query", threads + "/index/views", false},
		{"mailstatus", "dynamodb:GetItem", contacts, false},
		{"mailstatus", "dynamodb:GetItem", settings, false},
		{"mailstatus", "ses:SendEmail", ses + "identity/example.com", false},
		{"mailstatus", "ssm:GetParameter", ssm + "/parley/dev/reply-key", false},
		{"mailstatus", "s3:GetObject", files, false},
		{"mailstatus", "s3:PutObject", "${FailuresBucket.Arn}/aws/lambda/async/f/x", true},
		{"mailstatus", "execute-api:ManageConnections", sockets + "ws/POST/@connections/abc=", true},
		{"mailrule", "ses:CreateReceiptRule", "*", true},
		{"mailrule", "ses:DeleteReceiptRule", "*", true},
		{"mailrule", "ses:DeleteReceiptRuleSet", "*", false}, // others' rules are in it
		{"mailrule", "ses:SendEmail", ses + "identity/example.com", false},
		{"mailrule", "ses:PutIdentityPolicy", "*", false},
		{"mailrule", "s3:PutObject", mail, false},
		{"mailrule", "dynamodb:GetItem", threads, false},
		{"mailrule", "dynamodb:Query", settings, true},
		{"mailrule", "dynamodb:PutItem", settings, true}, // under a condition: what it has done
		{"mailrule", "dynamodb:DeleteItem", settings, false},
		{"agentapi", "ses:CreateReceiptRule", "*", false},
		{"sweep", "dynamodb:Query", outbox + "/index/due", true},
		{"sweep", "dynamodb:PutItem", outbox, true},
		{"sweep", "dynamodb:GetItem", threads, true},    // to end a snooze
		{"sweep", "dynamodb:DeleteItem", threads, true}, // drafts and notices of who is erased
		{"sweep", "dynamodb:DeleteItem", outbox, false},
		{"sweep", "s3:DeleteObject", "${FilesBucket.Arn}/u/x", false},
		{"sweep", "s3:GetObject", "${FilesBucket.Arn}/t/x", false},
		{"sweep", "s3:GetObject", "${MailBucket.Arn}/in/x", false},
		{"sweep", "dynamodb:PutItem", settings, true},    // under a condition: what is remembered of changes
		{"sweep", "dynamodb:DeleteItem", settings, true}, // under a condition: handovers that are done
		{"route", "dynamodb:PutItem", settings, false},
		{"route", "dynamodb:PutItem", contacts, false},
		{"route", "dynamodb:GetItem", outbox, false},
		{"route", "dynamodb:GetRecords", "${AssignmentsTable.StreamArn}", true},
		{"sweep", "ses:SendEmail", ses + "identity/example.com", false},
	} {
		if got := allows(rights(t, tc.function), tc.action, tc.arn); got != tc.allowed {
			t.Errorf("%s %s on %s: allowed %v", tc.function, tc.action, tc.arn, got)
		}
	}
}

// What talks to strangers may read its own key and write its own log, and has no place in a network of the account's.
func TestStrangersMeetNobody(t *testing.T) {
	want := []string{
		"logs:CreateLogStream ${ImageproxyLogs.Arn}", "logs:PutLogEvents ${ImageproxyLogs.Arn}",
		"ssm:GetParameter arn:${AWS::Partition}:ssm" + here + "parameter/parley/dev/image-signing-key",
	}
	if diff := cmp.Diff(want, rights(t, "imageproxy")); diff != "" {
		t.Error(diff)
	}
	if f := dev.function(t, "imageproxy"); f.at("VpcConfig") != nil {
		t.Errorf("it stands in a private network: %v", f.at("VpcConfig"))
	}
}

// For all roles, whatever the table says.
func TestNoRoleIsWide(t *testing.T) {
	for _, f := range functions {
		for _, right := range rights(t, f.name) {
			action, arn, _ := strings.Cut(right, " ")
			// SES knows its receipt rules, its account and its suppression list by no narrower name.
			if strings.Contains(action, "*") || arn == "*" && f.name != "mailrule" && !slices.Contains(sendState, action) {
				t.Errorf("%s: wildcard in %s", f.name, right)
			}
			for _, word := range []string{"Scan", "iam:", "sts:", "lambda:", "DeleteTable", "DeleteBucket", "PassRole"} {
				if strings.Contains(action, word) {
					t.Errorf("%s: %s", f.name, right)
				}
			}
		}
	}
}

// Who may put into the mail bucket, the topic and the queue: each lets in only the one before it.
func TestTheWayInIsClosed(t *testing.T) {
	for typ, want := range map[string]string{
		"AWS::S3::BucketPolicy": "MailBucket ses.amazonaws.com s3:PutObject ArnLike StringEquals\nWebBucket cloudfront.amazonaws.com s3:GetObject StringEquals",
		"AWS::SNS::TopicPolicy": "AlarmTopic cloudwatch.amazonaws.com sns:Publish StringEquals\nMailTopic ses.amazonaws.com sns:Publish ArnLike StringEquals",
		"AWS::SQS::QueuePolicy": "MailQueue sns.amazonaws.com sqs:SendMessage ArnEquals",
	} {
		got := []string{}
		for _, r := range dev.of(t, typ) {
			for _, s := range list(r.at("PolicyDocument", "Statement")) {
				st := resource{Properties: s.(map[string]any)}
				if st.at("Effect") == "Allow" {
					conditions, _ := st.at("Condition").(map[string]any)
					to, _, _ := strings.Cut(strings.TrimPrefix(plain(st.at("Resource")), "${"), "}")
					got = append(got, strings.Join(append([]string{strings.TrimSuffix(to, ".Arn"), st.at("Principal", "Service").(string), st.at("Action").(string)},
						slices.Sorted(maps.Keys(conditions))...), " "))
				}
			}
		}
		slices.Sort(got)
		if diff := cmp.Diff(want, strings.Join(got, "\n")); diff != "" {
			t.Errorf("%s lets in:\n%s", typ, diff)
		}
	}
}
