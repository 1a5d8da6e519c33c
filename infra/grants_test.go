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
	"table:threads":         {"${ThreadsTable.Arn}"},
	"table:outbox":          {"${OutboxTable.Arn}"},
	"table:contacts":        {"${ContactsTable.Arn}"},
	"table:settings":        {"${SettingsTable.Arn}"},
	"table:sockets":         {"${SocketsTable.Arn}"},
	"index:threads/views":   {"${ThreadsTable.Arn}/index/views"},
	"index:threads/owners":  {"${ThreadsTable.Arn}/index/owners"},
	"index:threads/contact": {"${ThreadsTable.Arn}/index/contact"},
	"index:contacts/list":   {"${ContactsTable.Arn}/index/list"},
	"index:outbox/due":      {"${OutboxTable.Arn}/index/due"},
	"stream:threads":        {"${ThreadsTable.StreamArn}"},
	"stream:outbox":         {"${OutboxTable.StreamArn}"},
	"streams:threads":       {"${ThreadsTable.Arn}/stream/*"},
	"streams:outbox":        {"${OutboxTable.Arn}/stream/*"},
	"objects:mail/in/":      {"${MailBucket.Arn}/in/*"},
	"objects:files/":        {"${FilesBucket.Arn}/*"},
	"failures:":             {"${FailuresBucket.Arn}/aws/lambda/*"},
	"queue:mail":            {"${MailQueue.Arn}"},
	"secrets:":              {"arn:${AWS::Partition}:ssm" + here + "parameter/parley/dev/*"},
	"newsecrets:":           {"arn:${AWS::Partition}:ssm" + here + "parameter/parley/dev/* if map[StringNotEquals:map[ssm:Overwrite:true]]"},
	"people:":               {"${UserPool.Arn}"},
	"mailrules:":            {"*"},
	"sockets:":              {"arn:${AWS::Partition}:execute-api" + here + "${SocketsApi}/ws/POST/@connections/*"},
	"closesockets:":         {"arn:${AWS::Partition}:execute-api" + here + "${SocketsApi}/ws/DELETE/@connections/*"},
	"identities:": {
		"arn:${AWS::Partition}:ses" + here + "identity/*",
		"arn:${AWS::Partition}:ses" + here + "configuration-set/${MailConfigurationSet}",
	},
}

// rights are the pairs "action resource" that a function's role in the template allows, with " if condition" behind them where there is one.
func rights(t *testing.T, name string) []string {
	t.Helper()
	role := dev.resources[title(name)+"Role"]
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
		{"deliver", "dynamodb:PutItem", settings, false},
		{"ingest", "dynamodb:Query", threads + "/index/views", false},
		{"ingest", "ssm:GetParameter", ssm + "/parley/dev/reply-key", true},
		{"ingest", "ssm:GetParameter", ssm + "/parley/prod/reply-key", false},
		{"ingest", "ssm:PutParameter", ssm + "/parley/dev/reply-key", true}, // where there is none
		{"ingest", "ssm:PutParameter", ssm + "/parley/prod/reply-key", false},
		{"agentapi", "ssm:PutParameter", ssm + "/parley/dev/reply-key", false},
		{"ingest", "ses:SendEmail", ses + "identity/example.com", false},
		{"agentapi", "s3:GetObject", mail, true},
		{"agentapi", "s3:PutObject", mail, false},
		{"agentapi", "s3:PutObject", files, true},
		{"agentapi", "dynamodb:Query", threads + "/index/views", true},
		{"agentapi", "dynamodb:Query", outbox + "/index/due", false},
		{"agentapi", "dynamodb:PutItem", settings, true},
		{"agentapi", "ssm:GetParameter", ssm + "/parley/dev/reply-key", false},
		{"agentapi", "ses:SendEmail", ses + "identity/example.com", false},
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
		{"websocket", "dynamodb:PutItem", threads, false},
		{"websocket", "dynamodb:PutItem", "${SocketsTable.Arn}", true},
		{"websocket", "dynamodb:GetItem", contacts, false},
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
		{"notify", "dynamodb:GetRecords", "${ThreadsTable.StreamArn}", true},
		{"notify", "dynamodb:Query", threads, true},
		{"notify", "dynamodb:PutItem", threads, false},
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
		{"agentapi", "ses:CreateReceiptRule", "*", false},
		{"sweep", "dynamodb:Query", outbox + "/index/due", true},
		{"sweep", "dynamodb:PutItem", outbox, true},
		{"sweep", "dynamodb:GetItem", threads, false},
		{"sweep", "ses:SendEmail", ses + "identity/example.com", false},
	} {
		if got := allows(rights(t, tc.function), tc.action, tc.arn); got != tc.allowed {
			t.Errorf("%s %s on %s: allowed %v", tc.function, tc.action, tc.arn, got)
		}
	}
}

// For all roles, whatever the table says.
func TestNoRoleIsWide(t *testing.T) {
	for _, f := range functions {
		for _, right := range rights(t, f.name) {
			action, arn, _ := strings.Cut(right, " ")
			if strings.Contains(action, "*") || arn == "*" && f.name != "mailrule" { // SES knows its receipt rules by no narrower name
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
