// Package sqs is the queue port on Amazon SQS.
//
// Owns: which of its errors mean what. Never: what a message says.
// Imported by: functions/x/lambda, tests.
//
// The role needs sqs:SendMessage on the queue.
package sqs

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"parley/shared/fault"
	"parley/shared/limit"
	"parley/shared/queue"
)

// Open returns what makes a Sender of a queue's URL, with the function's own region and role.
func Open(ctx context.Context) (func(url string) queue.Sender, error) {
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, err
	}
	client := sqs.NewFromConfig(cfg)
	return func(url string) queue.Sender { return &sender{client, url} }, nil
}

type sender struct {
	client *sqs.Client
	url    string
}

// Send implements queue.Sender.
func (s *sender) Send(ctx context.Context, body string) error {
	if len(body) > limit.QueueBytes {
		return fault.New(fault.Invalid, "a message of %d bytes is larger than %d", len(body), limit.QueueBytes)
	}
	_, err := s.client.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &s.url, MessageBody: &body})
	var throttled *types.RequestThrottled
	var limited *types.OverLimit
	var letters *types.InvalidMessageContents
	switch {
	case errors.As(err, &throttled), errors.As(err, &limited):
		return fault.Wrap(err, fault.Busy, "the queue is overloaded, try again")
	case errors.As(err, &letters):
		return fault.Wrap(err, fault.Invalid, "the message has characters that the queue does not take")
	}
	return err
}
