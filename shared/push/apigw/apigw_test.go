package apigw_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"parley/shared/fault"
	"parley/shared/limit"
	"parley/shared/push/apigw"
)

func TestPoster(t *testing.T) {
	ctx := context.Background()
	got := map[string]string{}
	answers := map[string]struct {
		status int
		kind   string
	}{"gone=": {410, "GoneException"}, "busy=": {429, "LimitExceededException"}, "large=": {413, "PayloadTooLargeException"}, "no=": {403, "ForbiddenException"}}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got[r.Method+" "+r.URL.EscapedPath()] = string(body)
		for id, a := range answers {
			if r.URL.Path == "/ws/@connections/"+id {
				w.Header().Set("X-Amzn-ErrorType", a.kind)
				w.WriteHeader(a.status)
				fmt.Fprint(w, `{"message":"m"}`)
			}
		}
	}))
	defer srv.Close()
	for k, v := range map[string]string{
		"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s", "AWS_MAX_ATTEMPTS": "1",
		"AWS_CONFIG_FILE": "/nonexistent", "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
	} {
		t.Setenv(k, v)
	}
	posters, err := apigw.Open(ctx)
	if err != nil {
		t.Fatal(err)
	}
	p := posters(srv.URL + "/ws")
	if err := p.Post(ctx, "ab/c=", []byte(`{"hi":1}`)); err != nil || got["POST /ws/@connections/ab%2Fc%3D"] != `{"hi":1}` {
		t.Errorf("%v, the server got %v", err, got)
	}
	for id, want := range map[string]fault.Code{"gone=": fault.Gone, "busy=": fault.Busy, "large=": fault.Invalid, "no=": fault.Internal} {
		if err := p.Post(ctx, id, []byte("x")); fault.CodeOf(err) != want {
			t.Errorf("%s: %v, want %s", id, err, want)
		}
	}
	if err := p.Post(ctx, "ok=", make([]byte, limit.MessageBytes+1)); !fault.Is(err, fault.Invalid) {
		t.Error(err)
	}
	for id, want := range map[string]fault.Code{"ok=": "", "gone=": "", "no=": fault.Internal} {
		if err := p.Close(ctx, id); fault.CodeOf(err) != want {
			t.Errorf("close %s: %v", id, err)
		}
	}
}
