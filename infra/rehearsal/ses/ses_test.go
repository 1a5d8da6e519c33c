package ses_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	"github.com/aws/smithy-go"

	"parley/infra/rehearsal/cloud"
	"parley/infra/rehearsal/cloud/cloudtest"
	"parley/infra/rehearsal/ses"
	"parley/shared/mailer"
	"parley/shared/mailer/smtp"
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
