package connections_test

import (
	"context"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewaymanagementapi"
	"github.com/aws/smithy-go"

	"parley/infra/rehearsal/cloud"
	"parley/infra/rehearsal/cloud/cloudtest"
	"parley/infra/rehearsal/connections"
)

func TestConnections(t *testing.T) {
	ctx := context.Background()
	hub := connections.NewHub()
	e := &connections.Endpoint{Hub: hub, Stage: "ws", Arn: func(api string) string {
		return "arn:aws:execute-api:" + cloudtest.Region + ":" + cloudtest.Account + ":" + api
	}}
	const allowed = `{"Effect":"Allow","Action":"execute-api:ManageConnections","Resource":["arn:aws:execute-api:eu-west-1:123456789012:abc/ws/POST/@connections/*","arn:aws:execute-api:eu-west-1:123456789012:abc/ws/GET/@connections/*","arn:aws:execute-api:eu-west-1:123456789012:abc/ws/DELETE/@connections/AbC=*"]}`
	c := cloudtest.Open(t, allowed, cloudtest.Handler("execute-api", "abc.execute-api", e, cloud.RefuseREST))
	client := apigatewaymanagementapi.NewFromConfig(cloudtest.Config(c), func(o *apigatewaymanagementapi.Options) {
		o.BaseEndpoint = aws.String("https://abc.execute-api." + cloudtest.Region + ".amazonaws.com/ws")
	})
	post := func(id string, data []byte) error {
		_, err := client.PostToConnection(ctx, &apigatewaymanagementapi.PostToConnectionInput{ConnectionId: &id, Data: data})
		return err
	}
	code := func(what string, err error, want string) {
		t.Helper()
		got := ""
		var api smithy.APIError
		if errors.As(err, &api) {
			got = api.ErrorCode()
		} else if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", what, got, want)
		}
	}
	const id = "AbC="
	code("unknown", post(id, []byte("x")), "GoneException")
	frames, detach := hub.Attach(id, 1)
	code("before $connect returned", post(id, []byte("x")), "GoneException")
	hub.Ready(id)
	code("ready", post(id, []byte("x")), "")
	code("full", post(id, []byte("y")), "LimitExceededException")
	if got := string(<-frames); got != "x" {
		t.Errorf("got %q", got)
	}
	code("too large", post(id, make([]byte, 128<<10+1)), "PayloadTooLargeException")
	if out, err := client.GetConnection(ctx, &apigatewaymanagementapi.GetConnectionInput{ConnectionId: aws.String(id)}); err != nil || out.ConnectedAt == nil {
		t.Errorf("%+v %v", out, err)
	}
	_, err := client.DeleteConnection(ctx, &apigatewaymanagementapi.DeleteConnectionInput{ConnectionId: aws.String("other")})
	code("delete of another", err, "AccessDeniedException")
	_, err = client.DeleteConnection(ctx, &apigatewaymanagementapi.DeleteConnectionInput{ConnectionId: aws.String(id)})
	code("delete", err, "")
	detach()
	_, err = client.GetConnection(ctx, &apigatewaymanagementapi.GetConnectionInput{ConnectionId: aws.String(id)})
	code("get when closed", err, "GoneException")
	code("post when closed", post(id, []byte("x")), "GoneException")
}
