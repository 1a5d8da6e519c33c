package main

import (
	"encoding/json"
	"path"
	"testing"
)

// explained are the findings of cdk-nag's AwsSolutions rules that we mean to keep, and why. A finding that is not here fails the test; so does an
// explanation of nothing. They stand here and not in the template's metadata: what deploys carries no comments of a linter's.
var explained = []struct{ rule, resource, reason string }{
	{"S1", "*Bucket", "Access logs of buckets cost by the request. Who reads mail and files is in agentapi's log; CloudTrail's data events can be switched on for an investigation."},
	{"SNS2", "MailTopic", "Only SES publishes to it and only our queue hears it, inside AWS. SES cannot use the free key (aws/sns); one of our own costs a dollar a month."},
	{"SNS2", "Alarms", "Texts of alarms have no customer data, and go out by mail anyway."},
	{"APIG4", "HttpApi/GET--api--openapi.json", "The description of the API is no secret."},
	{"APIG4", "HttpApi/GET--api--config", "The web must know where to sign in before anybody has."},
	{"APIG4", "HttpApi/POST--api--session", "It exchanges an authorization code for a token: the code and its verifier are the proof."},
	{"APIG4", "HttpApi/POST--api--session--refresh", "The HttpOnly cookie is the proof, with a header of our own against foreign origins."},
	{"APIG4", "HttpApi/DELETE--api--session", "Signing out has to work when the token has expired."},
	{"APIG4", "HttpApi/ANY--api--visitor--{proxy+}", "Visitors have no account: visitorapi checks a signed token of ours, and whose page asks."},
	{"APIG4", "HttpApi/GET--api--image", "An img element sends no token; the link is signed and expires."},
	{"APIG4", "SocketsApi/$connect-Route", "websocket checks a one-use ticket: browsers cannot set headers on sockets, and a token in the address would be logged."},
	{"APIG4", "SocketsApi/idle-Route", "Authorization is of $connect alone; nobody reads what comes here."},
	{"APIG4", "SocketsApi/$disconnect-Route", "API Gateway calls it; authorization is of $connect alone."},
	{"APIG4", "SocketsApi/$default-Route", "Authorization is of $connect alone; the connection carries the identity."},
	{"APIG1", "Live", "Functions log what they do with ids; a line for each request would be the largest part of the bill (reference/aws.md §2)."},
	{"APIG1", "SocketsStage", "As for the HTTP API."},
	{"CFR1", "Distribution", "Customers write from everywhere."},
	{"CFR2", "Distribution", "A web ACL costs five dollars a month. API Gateway throttles; CloudFront's free plan brings one for those who choose it in the console."},
	{"CFR3", "Distribution", "As for the buckets."},
	{"COG1", "UserPool", "Twelve characters, small letters and digits. More rules make worse passwords (NIST SP 800-63B §3.1.1.2)."},
	{"COG2", "UserPool", "A second factor is offered to everybody; whether it must be used is the team's to decide, in the console."},
	{"COG3", "UserPool", "Threat protection is of the Plus tier and costs two cents a user a month."},
	{"IAM5", "*Role", "Prefixes of one bucket, connections of one stage, parameters of this stage, identities that are added at run time, and receipt rules, which SES knows no narrower: each stands in grants.go and, once more, in grants_test.go."},
}

func TestNag(t *testing.T) {
	var report struct {
		Lines []struct{ RuleID, ResourceID, Compliance, RuleInfo string }
	}
	if err := json.Unmarshal(nagReport, &report); err != nil {
		t.Fatal(err)
	}
	used := make([]bool, len(explained))
	compliant := 0
	for _, l := range report.Lines {
		if l.Compliance != "Non-Compliant" {
			compliant++
			continue
		}
		found := false
		for i, e := range explained {
			pattern := "Parley-prod/" + e.resource
			bare, _ := path.Match(pattern, l.ResourceID)
			inner, _ := path.Match(pattern+"/Resource", l.ResourceID)
			if l.RuleID == "AwsSolutions-"+e.rule && (bare || inner) {
				found, used[i] = true, true
			}
		}
		if !found {
			t.Errorf("%s: %s: %s", l.RuleID, l.ResourceID, l.RuleInfo)
		}
	}
	for i, e := range explained {
		if !used[i] {
			t.Errorf("%s of %s is explained, but cdk-nag has no such finding", e.rule, e.resource)
		}
	}
	if compliant < 30 {
		t.Errorf("%d rules looked at and found kept: cdk-nag did not run", compliant)
	}
}
