package sigv4_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"parley/infra/rehearsal/sigv4"
)

const region = "eu-west-1"

var key = sigv4.Credential{ID: "ASIAREHEARSAL", Secret: "secret/with+signs", Token: "token==", Role: "ingest"}

type keys struct{}

func (keys) Credential(id string) (sigv4.Credential, bool) { return key, id == key.ID }

// server verifies what it is sent and keeps what came of it.
type server struct {
	*httptest.Server
	now  time.Time
	got  sigv4.Verified
	err  error
	body []byte
}

func serve(t *testing.T, service string) *server {
	s := &server{now: time.Now()}
	s.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := sigv4.Verifier{Keys: keys{}, Region: region, Now: func() time.Time { return s.now }}
		s.got, s.err = v.Verify(r, service)
		if s.err == nil && s.got.Payload == sigv4.Chunked {
			s.body, s.err = sigv4.Unchunk(r)
		} else {
			s.body, _ = io.ReadAll(r.Body)
		}
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *server) do(t *testing.T, r *http.Request) {
	t.Helper()
	resp, err := s.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
}

func (s *server) refused(t *testing.T, what, code string) {
	t.Helper()
	var e *sigv4.Error
	if !errors.As(s.err, &e) || e.Code != code {
		t.Errorf("%s: got %v, want %s", what, s.err, code)
	}
}

func signed(t *testing.T, url, service, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Amz-Target", "DynamoDB_20120810.GetItem")
	r.Header.Set("X-Odd", "  two   spaces ")
	sum := sha256.Sum256([]byte(body))
	c := aws.Credentials{AccessKeyID: key.ID, SecretAccessKey: key.Secret, SessionToken: key.Token}
	if err := v4.NewSigner().SignHTTP(context.Background(), c, r, hex.EncodeToString(sum[:]), service, region, time.Now()); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestHeader(t *testing.T) {
	s := serve(t, "dynamodb")
	for _, path := range []string{"/", "", "/ws/@connections/AbC%3D", "/a?b=c&a=x%20y&a=%2B"} {
		s.do(t, signed(t, s.URL+path, "dynamodb", `{"a":1}`))
		if s.err != nil || s.got.Role != "ingest" || string(s.body) != `{"a":1}` {
			t.Errorf("%q: %+v %v, body %q", path, s.got, s.err, s.body)
		}
	}
}

func TestTampered(t *testing.T) {
	s := serve(t, "dynamodb")
	for what, c := range map[string]struct {
		change func(*http.Request)
		code   string
	}{
		"body":          {func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader(`{"a":2}`)) }, "SignatureDoesNotMatch"},
		"target":        {func(r *http.Request) { r.Header.Set("X-Amz-Target", "DynamoDB_20120810.DeleteItem") }, "SignatureDoesNotMatch"},
		"path":          {func(r *http.Request) { r.URL.Path = "/other" }, "SignatureDoesNotMatch"},
		"query":         {func(r *http.Request) { r.URL.RawQuery = "x=1" }, "SignatureDoesNotMatch"},
		"method":        {func(r *http.Request) { r.Method = http.MethodPut }, "SignatureDoesNotMatch"},
		"token":         {func(r *http.Request) { r.Header.Set("X-Amz-Security-Token", "other") }, "InvalidClientTokenId"},
		"added header":  {func(r *http.Request) { r.Header.Set("X-Amz-Acl", "public-read") }, "AccessDenied"},
		"no signature":  {func(r *http.Request) { r.Header.Del("Authorization") }, "MissingAuthenticationToken"},
		"unknown key":   {func(r *http.Request) { edit(r, key.ID, "ASIAOTHER") }, "InvalidClientTokenId"},
		"other service": {func(r *http.Request) { edit(r, "/dynamodb/", "/s3/") }, "SignatureDoesNotMatch"},
		"other region":  {func(r *http.Request) { edit(r, region, "us-east-1") }, "SignatureDoesNotMatch"},
		"header taken":  {func(r *http.Request) { r.Header.Del("X-Odd") }, "SignatureDoesNotMatch"},
	} {
		r := signed(t, s.URL+"/", "dynamodb", `{"a":1}`)
		c.change(r)
		s.do(t, r)
		s.refused(t, what, c.code)
	}
	s.now = s.now.Add(6 * time.Minute)
	s.do(t, signed(t, s.URL+"/", "dynamodb", "{}"))
	s.refused(t, "late", "SignatureDoesNotMatch")
}

func edit(r *http.Request, old, with string) {
	r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), old, with, 1))
}

func client(s *server) *s3.Client {
	return s3.New(s3.Options{
		Region: region, BaseEndpoint: &s.URL, UsePathStyle: true, HTTPClient: s.Client(),
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenSupported,
		Credentials:                credentials.NewStaticCredentialsProvider(key.ID, key.Secret, key.Token),
	})
}

// TestSDK: what the real S3 client sends over TLS is aws-chunked with a checksum behind it.
func TestSDK(t *testing.T) {
	s := serve(t, "s3")
	c := client(s)
	for _, k := range []string{"a/b", "a b+c=d/ü"} {
		body := bytes.Repeat([]byte("0123456789"), 20000)
		_, err := c.PutObject(context.Background(), &s3.PutObjectInput{Bucket: aws.String("files"), Key: &k, Body: bytes.NewReader(body), ContentType: aws.String("text/plain")})
		if err != nil || s.err != nil || s.got.Payload != sigv4.Chunked || !bytes.Equal(s.body, body) {
			t.Errorf("%q: %v, %v, %+v, %d bytes", k, err, s.err, s.got, len(s.body))
		}
	}
}

func TestPresigned(t *testing.T) {
	s := serve(t, "s3")
	p := s3.NewPresignClient(client(s))
	url := func() string {
		r, err := p.PresignGetObject(context.Background(), &s3.GetObjectInput{
			Bucket: aws.String("files"), Key: aws.String("a/b c"),
			ResponseContentDisposition: aws.String(`attachment; filename="a b.txt"`),
		}, s3.WithPresignExpires(time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		return r.URL
	}
	get := func(url string) {
		t.Helper()
		r, err := http.NewRequest(http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		s.do(t, r)
	}
	get(url())
	if s.err != nil || !s.got.Presigned {
		t.Fatalf("%+v %v", s.got, s.err)
	}
	get(strings.Replace(url(), "a/b", "a/c", 1))
	s.refused(t, "another key", "SignatureDoesNotMatch")
	get(strings.Replace(url(), "attachment", "inline", 1))
	s.refused(t, "another disposition", "SignatureDoesNotMatch")
	get(strings.Replace(url(), "X-Amz-Expires=60", "X-Amz-Expires=600", 1))
	s.refused(t, "a longer life", "SignatureDoesNotMatch")
	old := url()
	s.now = s.now.Add(61 * time.Second)
	get(old)
	s.refused(t, "expired", "AccessDenied")
}

func TestUnchunk(t *testing.T) {
	request := func(body, length string) *http.Request {
		r := httptest.NewRequest(http.MethodPut, "/", strings.NewReader(body))
		r.Header.Set("Content-Encoding", "aws-chunked")
		r.Header.Set("X-Amz-Trailer", "x-amz-checksum-crc32")
		r.Header.Set("X-Amz-Decoded-Content-Length", length)
		return r
	}
	const good = "3\r\nabc\r\n2\r\nde\r\n0\r\nx-amz-checksum-crc32:hYfYZQ==\r\n\r\n"
	if got, err := sigv4.Unchunk(request(good, "5")); err != nil || string(got) != "abcde" {
		t.Fatalf("%q %v", got, err)
	}
	for what, r := range map[string]*http.Request{
		"a changed byte": request(strings.Replace(good, "abc", "abd", 1), "5"),
		"another length": request(good, "6"),
		"cut":            request(good[:12], "5"),
		"no checksum":    request("5\r\nabcde\r\n0\r\n\r\n", "5"),
		"chunk overrun":  request(strings.Replace(good, "2\r\n", "1\r\n", 1), "5"),
	} {
		if got, err := sigv4.Unchunk(r); err == nil {
			t.Errorf("%s: got %q", what, got)
		}
	}
}
