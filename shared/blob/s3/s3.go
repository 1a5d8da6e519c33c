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
	"net/url"
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
	return On(s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = o.BaseEndpoint != nil })), nil
}

// On is Open on a client that is there.
func On(client *s3.Client) func(bucket string) blob.Bucket {
	// A checksum of a body that is not here yet would be one of nothing; the length is pinned instead.
	links := s3.NewPresignClient(client, func(o *s3.PresignOptions) {
		o.ClientOptions = append(o.ClientOptions, func(o *s3.Options) { o.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenRequired })
	})
	return func(name string) blob.Bucket { return &bucket{client: client, links: links, name: name} }
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

// Upload implements blob.Bucket. Length and type are signed headers: S3 refuses a request with others.
func (b *bucket) Upload(ctx context.Context, key, mediaType string, size int64, life time.Duration) (blob.Upload, error) {
	if err := blob.CheckKey(key); err != nil {
		return blob.Upload{}, err
	}
	req, err := b.links.PresignPutObject(ctx, &s3.PutObjectInput{
		Bucket: &b.name, Key: &key, ContentType: &mediaType, ContentLength: &size,
	}, s3.WithPresignExpires(life))
	if err != nil {
		return blob.Upload{}, err
	}
	return blob.Upload{Method: req.Method, URL: req.URL, Headers: map[string]string{"Content-Type": mediaType}}, nil
}

// Stat implements blob.Bucket.
func (b *bucket) Stat(ctx context.Context, key string) (blob.Info, error) {
	if err := blob.CheckKey(key); err != nil {
		return blob.Info{}, err
	}
	out, err := b.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &b.name, Key: &key})
	if err != nil {
		return blob.Info{}, coded(err)
	}
	return blob.Info{Size: aws.ToInt64(out.ContentLength), Type: aws.ToString(out.ContentType)}, nil
}

// Copy implements blob.Bucket. One call copies up to 5 GB (S3 API reference, CopyObject).
func (b *bucket) Copy(ctx context.Context, from, to string) error {
	if err := blob.CheckKey(from); err != nil {
		return err
	}
	if err := blob.CheckKey(to); err != nil {
		return err
	}
	_, err := b.client.CopyObject(ctx, &s3.CopyObjectInput{Bucket: &b.name, Key: &to, CopySource: aws.String(url.PathEscape(b.name + "/" + from))})
	return coded(err)
}

// Delete implements blob.Bucket.
func (b *bucket) Delete(ctx context.Context, key string) error {
	if err := blob.CheckKey(key); err != nil {
		return err
	}
	_, err := b.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &b.name, Key: &key})
	return coded(err)
}
