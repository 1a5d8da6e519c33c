package gateway

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	awsevents "github.com/aws/aws-lambda-go/events"

	"parley/shared/fault"
	"parley/shared/host"
	"parley/shared/identity"
)

// bench is an HTTP API whose routes all lead to one recording function.
type bench struct {
	api    *HTTP
	event  awsevents.APIGatewayV2HTTPRequest
	raw    []byte
	answer string
	err    error
	now    time.Time
	asked  int
}

func newBench(routes ...Route) *bench {
	b := &bench{answer: `{"statusCode":200,"body":"ok"}`, now: time.Now()}
	for i := range routes {
		routes[i].Invoke = func(_ context.Context, payload []byte) ([]byte, error) {
			b.raw = bytes.Clone(payload)
			b.event = awsevents.APIGatewayV2HTTPRequest{}
			if err := json.Unmarshal(payload, &b.event); err != nil {
				return nil, err
			}
			return []byte(b.answer), b.err
		}
	}
	auth := NewAuthorizer(func(_ context.Context, token string) (identity.Claims, error) {
		b.asked++
		if strings.HasSuffix(token, ".good") {
			return identity.Claims{Sub: "u1", Expires: b.now.Add(time.Minute)}, nil
		}
		if token == "down" {
			return identity.Claims{}, errors.New("issuer down")
		}
		return identity.Claims{}, fault.New(fault.Denied, "no")
	}, func() time.Time { return b.now }, slog.New(slog.DiscardHandler))
	b.api = NewHTTP(routes, auth, func() time.Time { return b.now }, slog.New(slog.DiscardHandler))
	return b
}

func (b *bench) do(r *http.Request) *http.Response {
	w := httptest.NewRecorder()
	b.api.ServeHTTP(w, r)
	return w.Result()
}

func text(r *http.Response) string { b, _ := io.ReadAll(r.Body); return string(b) }

func TestRoutes(t *testing.T) {
	b := newBench(Route{Key: "ANY /api/{proxy+}"}, Route{Key: "GET /api/config"}, Route{Key: "POST /api/session"}, Route{Key: "GET /api/things/{id}"}, Route{Key: "GET /api/things/{proxy+}"})
	for _, tc := range []struct{ method, path, key, vars string }{
		{"GET", "/api/config", "GET /api/config", ""},
		{"POST", "/api/config", "ANY /api/{proxy+}", "proxy=config"},
		{"POST", "/api/session", "POST /api/session", ""},
		{"POST", "/api/session/refresh", "ANY /api/{proxy+}", "proxy=session/refresh"},
		{"GET", "/api/things/a%2Fb", "GET /api/things/{id}", "id=a%2Fb"},
		{"GET", "/api/things/a/b", "GET /api/things/{proxy+}", "proxy=a/b"},
		{"PUT", "/api/things/a", "ANY /api/{proxy+}", "proxy=things/a"},
		{"GET", "/api/", "", ""},
		{"GET", "/api", "", ""},
		{"GET", "/elsewhere", "", ""},
	} {
		b.event = awsevents.APIGatewayV2HTTPRequest{}
		r := b.do(httptest.NewRequest(tc.method, tc.path, http.NoBody))
		if tc.key == "" {
			if r.StatusCode != 404 || text(r) != `{"message":"Not Found"}` {
				t.Errorf("%s %s: %s", tc.method, tc.path, r.Status)
			}
			continue
		}
		vars := ""
		for k, v := range b.event.PathParameters {
			vars += k + "=" + v
		}
		if b.event.RouteKey != tc.key || vars != tc.vars || b.event.RawPath != tc.path {
			t.Errorf("%s %s: %s with %s", tc.method, tc.path, b.event.RouteKey, vars)
		}
	}
}

func TestEvent(t *testing.T) {
	b := newBench(Route{Key: "ANY /api/{proxy+}"})
	r := httptest.NewRequest("POST", "http://desk:8080/api/x?a=1&a=2&b=%C3%A9", strings.NewReader(`{"text":"Grüße \"du\""}`))
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	r.Header.Add("X-Many", "one")
	r.Header.Add("X-Many", "two")
	r.Header.Set("Cookie", "a=1; b=2")
	r.Header.Set("User-Agent", "test\x80")
	r.Header.Set("X-Forwarded-For", "8.8.8.8")
	b.do(r)
	e := b.event
	if e.Version != "2.0" || e.Body != `{"text":"Grüße \"du\""}` || e.IsBase64Encoded || e.RawQueryString != "a=1&a=2&b=%C3%A9" {
		t.Errorf("%+v", e)
	}
	if e.Headers["x-many"] != "one,two" || e.Headers["host"] != "desk:8080" || e.Headers["cookie"] != "" || e.Headers["x-forwarded-for"] != "192.0.2.1" {
		t.Errorf("headers %v", e.Headers)
	}
	if len(e.Cookies) != 2 || e.Cookies[1] != "b=2" || e.QueryStringParameters["a"] != "1,2" || e.QueryStringParameters["b"] != "é" {
		t.Errorf("cookies %v query %v", e.Cookies, e.QueryStringParameters)
	}
	c := e.RequestContext
	if c.HTTP.Method != "POST" || c.HTTP.SourceIP != "192.0.2.1" || c.Stage != "$default" || c.DomainName != "desk:8080" || c.RequestID == "" || c.TimeEpoch != b.now.UnixMilli() {
		t.Errorf("context %+v", c)
	}
	var ours host.HTTPEvent
	if err := json.Unmarshal(b.raw, &ours); err != nil || ours.Body != e.Body {
		t.Errorf("%v", err)
	}
}

func TestBinaryAndFormsAreBase64(t *testing.T) {
	b := newBench(Route{Key: "ANY /api/{proxy+}"})
	for mediaType, body := range map[string]string{"application/octet-stream": "abc", "application/x-www-form-urlencoded": "a=b", "application/json": "\xff\xfe", "": "x"} {
		r := httptest.NewRequest("POST", "/api/x", strings.NewReader(body))
		r.Header.Set("Content-Type", mediaType)
		b.do(r)
		if got, err := base64.StdEncoding.DecodeString(b.event.Body); !b.event.IsBase64Encoded || string(got) != body || err != nil {
			t.Errorf("%q: %q %v", mediaType, got, err)
		}
	}
}

func token(claims string) string {
	return "e30." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".good"
}

func TestAuthorizer(t *testing.T) {
	b := newBench(Route{Key: "ANY /api/{proxy+}", JWT: true}, Route{Key: "GET /api/open"})
	for header, status := range map[string]int{"": 401, "Bearer bad": 401, "Bearer down": 500, "Basic x": 401} {
		r := httptest.NewRequest("GET", "/api/x", http.NoBody)
		if header != "" {
			r.Header.Set("Authorization", header)
		}
		if got := b.do(r); got.StatusCode != status || status == 401 && (text(got) != `{"message":"Unauthorized"}` || got.Header.Get("WWW-Authenticate") == "") {
			t.Errorf("%q: %s", header, got.Status)
		}
	}
	if got := b.do(httptest.NewRequest("GET", "/api/open", http.NoBody)); got.StatusCode != 200 {
		t.Errorf("the open route: %s", got.Status)
	}
	r := httptest.NewRequest("GET", "/api/x", http.NoBody)
	r.Header.Set("Authorization", "Bearer "+token(`{"sub":"u1","cognito:groups":["admins","all of us"],"exp":1700000000,"email_verified":true,"name":"Zoë \"Z\""}`))
	b.asked = 0
	for range 3 {
		b.do(r)
	}
	if b.asked != 1 {
		t.Errorf("a known token was verified %d times", b.asked)
	}
	want := map[string]string{"sub": "u1", "cognito:groups": "[admins all of us]", "exp": "1700000000", "email_verified": "true", "name": `Zoë "Z"`}
	for name, value := range want {
		if got := b.event.RequestContext.Authorizer.JWT.Claims[name]; got != value {
			t.Errorf("%s is %q", name, got)
		}
	}
	b.now = b.now.Add(2 * time.Minute)
	b.do(r)
	if b.asked != 2 {
		t.Error("an expired token was not verified again")
	}
}

func TestAnswers(t *testing.T) {
	b := newBench(Route{Key: "ANY /api/{proxy+}"})
	get := func() *http.Response { return b.do(httptest.NewRequest("GET", "/api/x", http.NoBody)) }
	b.answer = `{"statusCode":201,"headers":{"content-type":"image/png","x-a":"1"},"cookies":["a=1; HttpOnly","b=2"],"body":"AAEC","isBase64Encoded":true}`
	if r := get(); r.StatusCode != 201 || text(r) != "\x00\x01\x02" || len(r.Header["Set-Cookie"]) != 2 || r.Header.Get("X-A") != "1" || r.Header.Get("Content-Type") != "image/png" {
		t.Errorf("%s %v", r.Status, r.Header)
	}
	b.answer = `{"hello":"world"}`
	if r := get(); r.StatusCode != 200 || text(r) != b.answer || r.Header.Get("Content-Type") != "application/json" {
		t.Errorf("short form: %s", r.Status)
	}
	for _, bad := range []string{`{"statusCode":"x"}`, `nonsense`, ``, `{"statusCode":200,"body":"!","isBase64Encoded":true}`, `{"statusCode":200,"body":"` + strings.Repeat("x", payloadMost) + `"}`} {
		b.answer = bad
		if r := get(); r.StatusCode != 500 || text(r) != `{"message":"Internal Server Error"}` {
			t.Errorf("%.40q: %s", bad, r.Status)
		}
	}
	b.err = errors.New("boom")
	if r := get(); r.StatusCode != 500 {
		t.Errorf("a function's error: %s", r.Status)
	}
}

func TestLimits(t *testing.T) {
	b := newBench(Route{Key: "ANY /api/{proxy+}"})
	for size, status := range map[int]int{payloadMost - 4096: 200, payloadMost + 1: 413, bodyMost + 1: 413} {
		r := httptest.NewRequest("POST", "/api/x", strings.NewReader(strings.Repeat("x", size)))
		r.Header.Set("Content-Type", "text/plain")
		if got := b.do(r); got.StatusCode != status {
			t.Errorf("%d bytes: %s", size, got.Status)
		}
	}
}

func BenchmarkEvent(b *testing.B) {
	api := NewHTTP([]Route{{Key: "ANY /api/{proxy+}"}}, nil, time.Now, nil)
	r := httptest.NewRequest("POST", "http://desk:8080/api/threads/01h/comments", http.NoBody)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+strings.Repeat("x", 900))
	body, claims, buf := []byte(`{"text":"`+strings.Repeat("word ", 60)+`"}`), []byte(`{"sub":"u1","name":"Ada"}`), []byte(nil)
	b.ReportAllocs()
	for b.Loop() {
		route, vars := api.match(r.Method, r.URL.Path)
		buf = api.appendEvent(buf[:0], r, route, r.URL.Path, vars, claims, "id", body)
	}
}
