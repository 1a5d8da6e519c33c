package s3_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"parley/infra/rehearsal/cloud"
	"parley/infra/rehearsal/cloud/cloudtest"
	"parley/infra/rehearsal/s3"
	"parley/shared/blob/blobtest"
	blobs3 "parley/shared/blob/s3"
)

var ctx = context.Background()

const objects = `{"Effect":"Allow","Action":["s3:GetObject","s3:PutObject","s3:DeleteObject"],"Resource":"arn:aws:s3:::files/*"}`

func open(t *testing.T, statements string) (*awss3.Client, *cloud.Cloud, *s3.Endpoint) {
	t.Helper()
	e := &s3.Endpoint{Dir: t.TempDir(), Buckets: map[string]bool{"files": true, "other": true}, Host: "s3." + cloudtest.Region + ".amazonaws.com"}
	c := cloudtest.Open(t, statements, cloud.Service{Name: "s3", Serves: e.Serves, Handler: e, Refuse: cloud.RefuseXML})
	return awss3.NewFromConfig(cloudtest.Config(c)), c, e
}

func code(t *testing.T, what string, err error, want string) {
	t.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() != want {
		t.Errorf("%s: got %v, want %s", what, err, want)
	}
}

func TestObjects(t *testing.T) {
	client, _, e := open(t, objects)
	bucket := aws.String("files")
	data := bytes.Repeat([]byte("some bytes "), 50000)
	for _, key := range []string{"a", "a/b", "a b+c=ü%/x"} {
		in := &awss3.PutObjectInput{Bucket: bucket, Key: &key, Body: bytes.NewReader(data), ContentType: aws.String("text/csv"), IfNoneMatch: aws.String("*")}
		if _, err := client.PutObject(ctx, in); err != nil {
			t.Fatal(key, err)
		}
		in.Body = strings.NewReader("other")
		_, err := client.PutObject(ctx, in)
		code(t, "a second put", err, "PreconditionFailed")
		out, err := client.GetObject(ctx, &awss3.GetObjectInput{Bucket: bucket, Key: &key})
		if err != nil {
			t.Fatal(key, err)
		}
		got, err := io.ReadAll(out.Body)
		if err != nil || !bytes.Equal(got, data) || *out.ContentType != "text/csv" || out.ContentEncoding != nil {
			t.Errorf("%s: %d bytes, %+v, %v", key, len(got), out, err)
		}
		if head, err := client.HeadObject(ctx, &awss3.HeadObjectInput{Bucket: bucket, Key: &key}); err != nil || *head.ContentLength != int64(len(data)) {
			t.Errorf("%s: %+v %v", key, head, err)
		}
	}
	if keys, err := e.Keys("files"); err != nil || len(keys) != 3 {
		t.Errorf("%v %v", keys, err)
	}
	if _, err := client.DeleteObject(ctx, &awss3.DeleteObjectInput{Bucket: bucket, Key: aws.String("a/b")}); err != nil {
		t.Error(err)
	}
	if keys, err := e.Keys("files"); err != nil || len(keys) != 2 {
		t.Errorf("%v %v", keys, err)
	}
}

// The product's adapter keeps the contract of its port here.
func TestContract(t *testing.T) {
	client, c, _ := open(t, objects+`,{"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::files"}`)
	blobtest.Run(t, blobs3.On(client)("files"), c.Client())
}

// A copy needs both rights, and tells who may not list nothing of what is missing.
func TestCopy(t *testing.T) {
	client, _, e := open(t, objects)
	for _, bucket := range []string{"files", "other"} {
		if err := e.Put(bucket, "a", "text/plain", []byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	cp := func(from, bucket string) error {
		_, err := client.CopyObject(ctx, &awss3.CopyObjectInput{Bucket: &bucket, Key: aws.String("b"), CopySource: &from})
		return err
	}
	if err := cp("files/a", "files"); err != nil {
		t.Error(err)
	}
	code(t, "from another bucket", cp("other/a", "files"), "AccessDenied")
	code(t, "to another bucket", cp("files/a", "other"), "AccessDenied")
	code(t, "what is missing", cp("files/none", "files"), "AccessDenied")
	code(t, "no bucket", cp("files", "files"), "InvalidArgument")
}

// TestMissing: only who may list a bucket is told that a key is not there.
func TestMissing(t *testing.T) {
	in := &awss3.GetObjectInput{Bucket: aws.String("files"), Key: aws.String("none")}
	client, c, _ := open(t, objects)
	_, err := client.GetObject(ctx, in)
	code(t, "without ListBucket", err, "AccessDenied")
	if refused := c.Ledger.Refused(); len(refused) != 1 || refused[0].Action != "s3:ListBucket" {
		t.Errorf("%+v", refused)
	}
	client, _, _ = open(t, objects+`,{"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::files"}`)
	_, err = client.GetObject(ctx, in)
	code(t, "with ListBucket", err, "NoSuchKey")
	in.Bucket = aws.String("other")
	_, err = client.GetObject(ctx, in)
	code(t, "another bucket", err, "AccessDenied")
}

func TestLinks(t *testing.T) {
	client, c, e := open(t, objects)
	if err := e.Put("files", "a/b", "text/html", []byte("<p>")); err != nil {
		t.Fatal(err)
	}
	links := awss3.NewPresignClient(client)
	get, err := links.PresignGetObject(ctx, &awss3.GetObjectInput{
		Bucket: aws.String("files"), Key: aws.String("a/b"), ResponseContentType: aws.String("text/plain"),
		ResponseContentDisposition: aws.String(`attachment; filename="x y"`),
	}, awss3.WithPresignExpires(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	send := func(method, url, mediaType, body string) *http.Response {
		t.Helper()
		r, err := http.NewRequest(method, url, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if mediaType != "" {
			r.Header.Set("Content-Type", mediaType)
		}
		resp, err := c.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { resp.Body.Close() })
		return resp
	}
	resp := send(http.MethodGet, get.URL, "", "")
	if body, _ := io.ReadAll(resp.Body); string(body) != "<p>" || resp.Header.Get("Content-Type") != "text/plain" || resp.Header.Get("Content-Disposition") != `attachment; filename="x y"` {
		t.Errorf("%d %s %v", resp.StatusCode, body, resp.Header)
	}
	if resp := send(http.MethodGet, strings.Replace(get.URL, "a/b", "a/c", 1), "", ""); resp.StatusCode != http.StatusForbidden {
		t.Errorf("another key: %d", resp.StatusCode)
	}
	// A link to put pins length and type.
	put, err := links.PresignPutObject(ctx, &awss3.PutObjectInput{Bucket: aws.String("files"), Key: aws.String("up"), ContentType: aws.String("image/png"), ContentLength: aws.Int64(5)},
		func(o *awss3.PresignOptions) {
			o.ClientOptions = append(o.ClientOptions, func(o *awss3.Options) { o.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenRequired })
		})
	if err != nil {
		t.Fatal(err)
	}
	for what, c := range map[string]struct {
		mediaType, body string
		status          int
	}{
		"as agreed":    {"image/png", "12345", http.StatusOK},
		"longer":       {"image/png", "123456", http.StatusForbidden},
		"another type": {"text/html", "12345", http.StatusForbidden},
		"no type":      {"", "12345", http.StatusForbidden},
	} {
		if resp := send(http.MethodPut, put.URL, c.mediaType, c.body); resp.StatusCode != c.status {
			t.Errorf("%s: %d, want %d", what, resp.StatusCode, c.status)
		}
	}
}
