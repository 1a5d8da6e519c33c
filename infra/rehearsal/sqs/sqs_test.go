package sqs_test

import (
	"context"
	"errors"
	"testing"

	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go"

	"parley/infra/rehearsal/cloud"
	"parley/infra/rehearsal/cloud/cloudtest"
	"parley/infra/rehearsal/sqs"
)

func TestSendMessage(t *testing.T) {
	arn := func(name string) string {
		return "arn:aws:sqs:" + cloudtest.Region + ":" + cloudtest.Account + ":" + name
	}
	var got []string
	c := cloudtest.Open(t, `{"Effect":"Allow","Action":"sqs:SendMessage","Resource":["`+arn("mail")+`","`+arn("gone")+`"]}`,
		cloudtest.Handler("sqs", "sqs", &sqs.Endpoint{Arn: arn, Send: func(_ context.Context, queue, body string) (bool, error) {
			got = append(got, queue+" "+body)
			return queue != "gone", nil
		}}, cloud.RefuseJSON))
	client := awssqs.NewFromConfig(cloudtest.Config(c))
	for queue, want := range map[string]string{"mail": "", "gone": "QueueDoesNotExist", "other": "AccessDeniedException"} {
		url, body := "https://sqs."+cloudtest.Region+".amazonaws.com/"+cloudtest.Account+"/"+queue, `{"a":1}`
		_, err := client.SendMessage(context.Background(), &awssqs.SendMessageInput{QueueUrl: &url, MessageBody: &body})
		var api smithy.APIError
		if want == "" && err != nil || want != "" && (!errors.As(err, &api) || api.ErrorCode() != want) {
			t.Errorf("%s: %v, want %q", queue, err, want)
		}
	}
	if len(got) != 2 {
		t.Errorf("%q", got)
	}
}
