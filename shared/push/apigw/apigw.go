// Package apigw is the push port on API Gateway's @connections.
//
// Owns: which of its errors mean what. Never: who watches what.
// Imported by: functions/x/lambda, tests.
package apigw

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/apigatewaymanagementapi"
	"github.com/aws/aws-sdk-go-v2/service/apigatewaymanagementapi/types"

	"parley/shared/fault"
	"parley/shared/limit"
	"parley/shared/push"
)

// Open returns what makes a Poster of a stage's endpoint ("https://id.execute-api.region.amazonaws.com/ws"), with the function's
// own region and role.
func Open(ctx context.Context) (func(endpoint string) push.Poster, error) {
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, err
	}
	return func(endpoint string) push.Poster {
		return &poster{apigatewaymanagementapi.NewFromConfig(cfg, func(o *apigatewaymanagementapi.Options) { o.BaseEndpoint = &endpoint })}
	}, nil
}

type poster struct {
	client *apigatewaymanagementapi.Client
}

// Post implements push.Poster.
func (p *poster) Post(ctx context.Context, connection string, frame []byte) error {
	if len(frame) > limit.MessageBytes {
		return fault.New(fault.Invalid, "a frame of %d bytes is larger than %d", len(frame), limit.MessageBytes)
	}
	_, err := p.client.PostToConnection(ctx, &apigatewaymanagementapi.PostToConnectionInput{ConnectionId: &connection, Data: frame})
	return coded(err)
}

// Close implements push.Poster.
func (p *poster) Close(ctx context.Context, connection string) error {
	_, err := p.client.DeleteConnection(ctx, &apigatewaymanagementapi.DeleteConnectionInput{ConnectionId: &connection})
	if err = coded(err); fault.Is(err, fault.Gone) {
		return nil
	}
	return err
}

// coded: 410 is a closed connection, 429 a rate or a full buffer, 413 too large (API Gateway, "@connections commands").
func coded(err error) error {
	var gone *types.GoneException
	var busy *types.LimitExceededException
	var large *types.PayloadTooLargeException
	switch {
	case errors.As(err, &gone):
		return fault.Wrap(err, fault.Gone, "the connection is closed")
	case errors.As(err, &busy):
		return fault.Wrap(err, fault.Busy, "the connection does not keep up")
	case errors.As(err, &large):
		return fault.Wrap(err, fault.Invalid, "the frame is too large")
	}
	return err
}
