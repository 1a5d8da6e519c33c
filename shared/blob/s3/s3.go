// Package s3 is the blob port on Amazon S3.
//
// Owns: which S3 errors mean what, presigned links. Never: what a key means.
// Imported by: functions/x/lambda, tests.
//
// A role without s3:ListBucket gets AccessDenied for a missing object: roles that must tell "missing" need that action too
// (S3 API reference, GetObject, "Permissions").
package s3

import (
	"bytes"
	"context"
	"errors"
	"io"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"parley/shared/blob"
	"parley/shared/fault"
	"parley/shared/limit"
)

// Open returns what makes a Bucket of a bucket's name, with the function's own region and role. Under AWS_ENDPOINT_URL_S3 it uses
// path-style addresses, because only Amazon's names resolve with a bucket in front.
func Open(ctx context.Context) (func(bucket string) blob.Bucket, error) {
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, err
	}
	client := s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = o.BaseEndpoint != nil })
	links := s3.NewPresignClient(client)
	return func(name string) blob.Bucket { return &bucket{client: client, links: links, name: name} }, nil
}

type bucket struct {
	client *s3.Client
	links  *s3.PresignClient
	name   string
}

// coded gives an error of S3 its code.
func coded(err error) error {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return err
	}
	switch api.ErrorCode() {
	case "NoSuchKey", "NotFound":
		return fault.Wrap(err, fault.NotFound, "there is no such file")
	case "SlowDown", "RequestTimeout", "ServiceUnavailable":
		return fault.Wrap(err, fault.Busy, "the file store is overloaded, try again")
	}
	return err
}

// Put implements blob.Bucket.
func (b *bucket) Put(ctx context.Context, key, mediaType string, data []byte) error {
	if err := blob.CheckKey(key); err != nil {
		return err
	}
	_, err := b.client.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &b.name, Key: &key, ContentType: &mediaType, Body: bytes.NewReader(data), ContentLength: aws.Int64(int64(len(data))),
	})
	return coded(err)
}

// Get implements blob.Bucket.
func (b *bucket) Get(ctx context.Context, key string) ([]byte, blob.Info, error) {
	if err := blob.CheckKey(key); err != nil {
		return nil, blob.Info{}, err
	}
	resp, err := b.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &b.name, Key: &key})
	if err != nil {
		return nil, blob.Info{}, coded(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, limit.MailInBytes+1))
	if err != nil {
		return nil, blob.Info{}, err
	}
	if len(data) > limit.MailInBytes {
		return nil, blob.Info{}, fault.New(fault.Invalid, "the file is larger than %d bytes", limit.MailInBytes)
	}
	return data, blob.Info{Size: int64(len(data)), Type: aws.ToString(resp.ContentType)}, nil
}

// Link implements blob.Bucket. S3 allows at most seven days.
func (b *bucket) Link(ctx context.Context, key, name string, life time.Duration) (string, error) {
	if err := blob.CheckKey(key); err != nil {
		return "", err
	}
	in := &s3.GetObjectInput{Bucket: &b.name, Key: &key}
	if name != "" {
		in.ResponseContentDisposition = aws.String(blob.Attachment(name))
	} else {
		in.ResponseContentType = aws.String("text/plain; charset=utf-8")
	}
	req, err := b.links.PresignGetObject(ctx, in, s3.WithPresignExpires(life))
	if err != nil {
		return "", err
	}
	return req.URL, nil
}
