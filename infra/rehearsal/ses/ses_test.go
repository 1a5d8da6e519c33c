package ses_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	"github.com/aws/smithy-go"

	"parley/infra/rehearsal/cloud"
	"parley/infra/rehearsal/cloud/cloudtest"
	"parley/infra/rehearsal/ses"
	"parley/shared/mailer"
	"parley/shared/mailer/smtp"
	"parley/shared/sender/local"
)

func arn(resource string) string {
	return "arn:aws:ses:" + cloudtest.Region + ":" + cloudtest.Account + ":" + resource
}

func allow(resources string) string {
	return `{"Effect":"Allow","Action":"ses:SendRawEmail","Resource":[` + resources + `]}`
}

func open(t *testing.T, statements string) (func(from, set string, to ...string) (string, error), *smtp.Outbox, *[]string) {
	t.Helper()
	box := smtp.Open(t.TempDir(), "")
	events := &[]string{}
	e := &ses.Endpoint{Identities: []string{"example.com"}, Sets: []string{"mail"}, Outbox: box, Arn: arn, OnSend: func(m mailer.Envelope, set, id string) { *events = append(*events, set+" "+id+" "+m.Tags["delivery"]) }}
	c := cloudtest.Open(t, statements, cloudtest.Handler("ses", "email", e, cloud.RefuseREST))
	client := sesv2.NewFromConfig(cloudtest.Config(c))
	return func(from, set string, to ...string) (string, error) {
		in := &sesv2.SendEmailInput{
			FromEmailAddress: &from, Destination: &types.Destination{ToAddresses: to}, EmailTags: []types.MessageTag{{Name: aws.String("delivery"), Value: aws.String("d1")}},
			Content: &types.EmailContent{Raw: &types.RawMessage{Data: []byte("From: " + from + "\r\nMessage-ID: <ours@example.com>\r\n\r\nHello\r\n")}},
		}
		if set != "" {
			in.ConfigurationSetName = &set
		}
		out, err := client.SendEmail(context.Background(), in)
		if err != nil {
			return "", err
		}
		return *out.MessageId, nil
	}, box, events
}

func TestSend(t *testing.T) {
	send, box, events := open(t, allow(`"`+arn("identity/*")+`","`+arn("configuration-set/mail")+`"`))
	id, err := send("support@example.com", "mail", "a@b.org", "c@d.org")
	if err != nil {
		t.Fatal(err)
	}
	sent, err := box.Get(id)
	if err != nil || !strings.Contains(string(sent.Raw), "Message-ID: <"+id+"@"+smtp.Domain+">") || strings.Contains(string(sent.Raw), "ours@") || len(sent.To) != 2 {
		t.Errorf("%+v %v", sent, err)
	}
	if want := "mail " + id + " d1"; len(*events) != 1 || (*events)[0] != want {
		t.Errorf("told of %v, want %s", *events, want)
	}
}

func TestRefusals(t *testing.T) {
	send, box, events := open(t, allow(`"`+arn("identity/*")+`","`+arn("configuration-set/*")+`"`))
	for _, c := range []struct{ from, set, to, code string }{
		{"support@elsewhere.org", "mail", "a@b.org", "MessageRejected"},
		{"support@example.com", "none", "a@b.org", "NotFoundException"},
		{"support@example.com", "mail", ses.Reject, "MessageRejected"},
		{"support@example.com", "mail", ses.Broken, "InternalServiceErrorException"},
		{"support@example.com", "mail", ses.Throttle, "TooManyRequestsException"},
		{"support@example.com", "mail", ses.Throttle, "TooManyRequestsException"},
	} {
		_, err := send(c.from, c.set, c.to)
		var api smithy.APIError
		if !errors.As(err, &api) || api.ErrorCode() != c.code {
			t.Errorf("%+v: %v", c, err)
		}
	}
	if list, err := box.List(10); err != nil || len(list) != 0 || len(*events) != 0 {
		t.Errorf("sent all the same: %v %v, events %v", list, err, *events)
	}
	if _, err := send("support@example.com", "mail", ses.Throttle); err != nil {
		t.Errorf("the third try: %v", err)
	}
	_, err := send("support@example.com", "mail", ses.Lost)
	var api smithy.APIError
	if list, e := box.List(10); err == nil || errors.As(err, &api) || e != nil || len(list) != 2 {
		t.Errorf("lost: %v; sent %v %v", err, list, e)
	}
}

// TestRights: identity and configuration set are both asked for.
func TestRights(t *testing.T) {
	for what, resources := range map[string]string{"identity only": `"` + arn("identity/*") + `"`, "set only": `"` + arn("configuration-set/mail") + `"`} {
		send, box, _ := open(t, allow(resources))
		_, err := send("support@example.com", "mail", "a@b.org")
		var api smithy.APIError
		if list, _ := box.List(1); !errors.As(err, &api) || api.ErrorCode() != "AccessDeniedException" || len(list) != 0 {
			t.Errorf("%s: %v, %v", what, err, list)
		}
	}
}

// account is the client of a role that may do what the statements say with identities and the suppression list.
func account(t *testing.T, statements string) (*sesv2.Client, *local.Senders, map[string]string) {
	t.Helper()
	zone := map[string]string{}
	senders := local.Open(filepath.Join(t.TempDir(), "carrier.json"), "example.com", func(_ context.Context, name string) string { return zone[name] })
	e := &ses.Endpoint{Identities: []string{"example.com"}, Senders: senders, Outbox: smtp.Open(t.TempDir(), ""), Arn: arn}
	c := cloudtest.Open(t, statements, cloudtest.Handler("ses", "email", e, cloud.RefuseREST))
	return sesv2.NewFromConfig(cloudtest.Config(c)), senders, zone
}

func code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

// A stage may make domains known under its own tag, and take away those that it made.
func TestIdentities(t *testing.T) {
	ctx := context.Background()
	client, senders, zone := account(t, `{"Effect":"Allow","Action":["ses:CreateEmailIdentity","ses:GetEmailIdentity","ses:SendRawEmail"],"Resource":"`+arn("identity/*")+`"},
		{"Effect":"Allow","Action":"ses:TagResource","Resource":"`+arn("identity/*")+`","Condition":{"StringEquals":{"aws:RequestTag/parley":"dev"}}},
		{"Effect":"Allow","Action":"ses:DeleteEmailIdentity","Resource":"`+arn("identity/*")+`","Condition":{"StringEquals":{"aws:ResourceTag/parley":"dev"}}}`)
	create := func(domain, stage string) (*sesv2.CreateEmailIdentityOutput, error) {
		in := &sesv2.CreateEmailIdentityInput{EmailIdentity: &domain}
		if stage != "" {
			in.Tags = []types.Tag{{Key: aws.String("parley"), Value: &stage}}
		}
		return client.CreateEmailIdentity(ctx, in)
	}
	remove := func(domain string) error {
		_, err := client.DeleteEmailIdentity(ctx, &sesv2.DeleteEmailIdentityInput{EmailIdentity: &domain})
		return err
	}
	send := func() error {
		_, err := client.SendEmail(ctx, &sesv2.SendEmailInput{
			FromEmailAddress: aws.String("a@kiln.example"), Destination: &types.Destination{ToAddresses: []string{"b@c.example"}},
			Content: &types.EmailContent{Raw: &types.RawMessage{Data: []byte("From: a@kiln.example\r\n\r\nx")}},
		})
		return err
	}
	if _, err := client.GetEmailIdentity(ctx, &sesv2.GetEmailIdentityInput{EmailIdentity: aws.String("kiln.example")}); code(err) != "NotFoundException" {
		t.Error(err)
	}
	made, err := create("kiln.example", "dev")
	if err != nil || len(made.DkimAttributes.Tokens) != 3 || made.VerifiedForSendingStatus || made.DkimAttributes.Status != types.DkimStatusNotStarted {
		t.Fatalf("%+v %v", made, err)
	}
	if _, err := create("kiln.example", "dev"); code(err) != "AlreadyExistsException" {
		t.Error(err)
	}
	if _, err := create("other.example", "prod"); code(err) != "AccessDeniedException" {
		t.Errorf("another stage's tag: %v", err)
	}
	if err := send(); code(err) != "MessageRejected" {
		t.Errorf("before it is proved: %v", err)
	}
	for _, token := range made.DkimAttributes.Tokens {
		zone[token+"._domainkey.kiln.example"] = token + ".dkim.amazonses.com"
	}
	got, err := client.GetEmailIdentity(ctx, &sesv2.GetEmailIdentityInput{EmailIdentity: aws.String("kiln.example")})
	if err != nil || !got.VerifiedForSendingStatus || got.DkimAttributes.Status != types.DkimStatusSuccess || !got.DkimAttributes.SigningEnabled {
		t.Errorf("%+v %v", got, err)
	}
	if err := send(); err != nil {
		t.Error(err)
	}
	if _, _, err := senders.Prove(ctx, "theirs.example"); err != nil { // made by somebody else, without a tag
		t.Fatal(err)
	}
	for domain, want := range map[string]string{"theirs.example": "AccessDeniedException", "example.com": "AccessDeniedException", "kiln.example": ""} {
		if err := remove(domain); code(err) != want {
			t.Errorf("%s: %v", domain, err)
		}
	}
}

func TestAccountAndSuppression(t *testing.T) {
	ctx := context.Background()
	client, senders, _ := account(t, `{"Effect":"Allow","Action":["ses:GetAccount","ses:GetSuppressedDestination","ses:DeleteSuppressedDestination"],"Resource":"*"}`)
	if a, err := client.GetAccount(ctx, &sesv2.GetAccountInput{}); err != nil || !a.ProductionAccessEnabled || !a.SendingEnabled || a.SendQuota.Max24HourSend != 50000 {
		t.Errorf("%+v %v", a, err)
	}
	if err := senders.Suppress("a+b@shop.example", "BOUNCE"); err != nil {
		t.Fatal(err)
	}
	address := aws.String("a+b@shop.example")
	got, err := client.GetSuppressedDestination(ctx, &sesv2.GetSuppressedDestinationInput{EmailAddress: address})
	if err != nil || got.SuppressedDestination.Reason != types.SuppressionListReasonBounce || time.Since(*got.SuppressedDestination.LastUpdateTime) > time.Hour {
		t.Errorf("%+v %v", got, err)
	}
	if _, err := client.DeleteSuppressedDestination(ctx, &sesv2.DeleteSuppressedDestinationInput{EmailAddress: address}); err != nil {
		t.Error(err)
	}
	if _, err := client.DeleteSuppressedDestination(ctx, &sesv2.DeleteSuppressedDestinationInput{EmailAddress: address}); code(err) != "NotFoundException" {
		t.Error(err)
	}
	if _, err := client.PutSuppressedDestination(ctx, &sesv2.PutSuppressedDestinationInput{EmailAddress: address, Reason: types.SuppressionListReasonBounce}); code(err) != "NotFoundException" {
		t.Errorf("another call: %v", err)
	}
	client, _, _ = account(t, allow(`"`+arn("identity/*")+`"`))
	if _, err := client.GetAccount(ctx, &sesv2.GetAccountInput{}); code(err) != "AccessDeniedException" {
		t.Errorf("without the right: %v", err)
	}
}
