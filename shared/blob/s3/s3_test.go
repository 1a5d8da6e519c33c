package s3_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"parley/shared/blob"
	"parley/shared/blob/s3"
	"parley/shared/fault"
)

var ctx = context.Background()

// open gives a bucket of a server that holds objects in a map and knows two broken keys.
func open(t *testing.T) (blob.Bucket, map[string]string) {
	t.Helper()
	held := map[string]string{}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		refuse := func(status int, code string) {
			w.WriteHeader(status)
			fmt.Fprintf(w, "<Error><Code>%s</Code><Message>m</Message></Error>", code)
		}
		body, _ := io.ReadAll(r.Body)
		switch {
		case strings.HasSuffix(r.URL.Path, "/slow"):
			refuse(503, "SlowDown")
		case strings.HasSuffix(r.URL.Path, "/denied"):
			refuse(403, "AccessDenied")
		case r.Method == http.MethodPut:
			held[r.URL.Path] = r.Header.Get("Content-Type") + "|" + string(body)
		case held[r.URL.Path] == "":
			refuse(404, "NoSuchKey")
		default:
			kind, data, _ := strings.Cut(held[r.URL.Path], "|")
			w.Header().Set("Content-Type", kind)
			_, _ = io.WriteString(w, data)
		}
	}))
	t.Cleanup(srv.Close)
	for k, v := range map[string]string{
		"AWS_ENDPOINT_URL_S3": srv.URL, "AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s",
		"AWS_CONFIG_FILE": "/nonexistent", "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent", "AWS_MAX_ATTEMPTS": "1",
		"AWS_REQUEST_CHECKSUM_CALCULATION": "when_required",
	} {
		t.Setenv(k, v)
	}
	buckets, err := s3.Open(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return buckets("mail"), held
}

func TestBucket(t *testing.T) {
	b, held := open(t)
	if err := b.Put(ctx, "in/1", "message/rfc822", []byte("data")); err != nil {
		t.Fatal(err)
	}
	if held["/mail/in/1"] != "message/rfc822|data" {
		t.Errorf("the server holds %v", held)
	}
	got, info, err := b.Get(ctx, "in/1")
	if err != nil || string(got) != "data" || info != (blob.Info{Size: 4, Type: "message/rfc822"}) {
		t.Errorf("%q %+v %v", got, info, err)
	}
	for key, code := range map[string]fault.Code{"in/2": fault.NotFound, "slow": fault.Busy, "denied": fault.Internal, "../x": fault.Invalid} {
		if _, _, err := b.Get(ctx, key); fault.CodeOf(err) != code {
			t.Errorf("%s: %v, want %s", key, err, code)
		}
	}
	if err := b.Put(ctx, "slow", "t", nil); !fault.Is(err, fault.Busy) {
		t.Error(err)
	}
}

func TestLink(t *testing.T) {
	b, _ := open(t)
	query := func(name string) url.Values {
		l, err := b.Link(ctx, "in/1", name, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(l)
		if err != nil || u.Path != "/mail/in/1" {
			t.Fatal(l, err)
		}
		return u.Query()
	}
	if q := query("ü.pdf"); q.Get("response-content-disposition") != "attachment; filename*=utf-8''%C3%BC.pdf" || q.Get("X-Amz-Expires") != "60" || q.Get("X-Amz-Signature") == "" {
		t.Errorf("named: %v", q)
	}
	if q := query(""); q.Get("response-content-type") != "text/plain; charset=utf-8" || q.Has("response-content-disposition") {
		t.Errorf("plain: %v", q)
	}
}
