package host

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"
)

// HTTPEvent is API Gateway's HTTP API payload, format 2.0, as far as we read it.
// Source: "Working with AWS Lambda proxy integrations for HTTP APIs", API Gateway developer guide.
type HTTPEvent struct {
	Version        string            `json:"version"`
	RouteKey       string            `json:"routeKey"`
	RawPath        string            `json:"rawPath"`
	RawQuery       string            `json:"rawQueryString"`
	Cookies        []string          `json:"cookies,omitempty"`
	Headers        map[string]string `json:"headers"`
	RequestContext HTTPContext       `json:"requestContext"`
	Body           string            `json:"body,omitempty"`
	Base64         bool              `json:"isBase64Encoded"`
}

// HTTPContext is the request context of an HTTPEvent.
type HTTPContext struct {
	AccountID    string          `json:"accountId"`
	APIID        string          `json:"apiId"`
	DomainName   string          `json:"domainName"`
	DomainPrefix string          `json:"domainPrefix"`
	RequestID    string          `json:"requestId"`
	RouteKey     string          `json:"routeKey"`
	Stage        string          `json:"stage"`
	Time         string          `json:"time"`
	TimeEpoch    int64           `json:"timeEpoch"` // milliseconds
	Authorizer   *HTTPAuthorizer `json:"authorizer,omitempty"`
	HTTP         HTTPDescription `json:"http"`
}

// HTTPAuthorizer carries what the JWT authorizer verified; all claims are strings.
type HTTPAuthorizer struct {
	JWT struct {
		Claims map[string]string `json:"claims"`
		Scopes []string          `json:"scopes"`
	} `json:"jwt"`
}

// HTTPDescription is the request line.
type HTTPDescription struct {
	Method    string `json:"method"`
	Path      string `json:"path"`
	Protocol  string `json:"protocol"`
	SourceIP  string `json:"sourceIp"`
	UserAgent string `json:"userAgent"`
}

// HTTPAnswer is what the function returns to the gateway.
type HTTPAnswer struct {
	Status  int               `json:"statusCode"`
	Headers map[string]string `json:"headers,omitempty"`
	Cookies []string          `json:"cookies,omitempty"`
	Body    string            `json:"body,omitempty"`
	Base64  bool              `json:"isBase64Encoded,omitempty"`
}

type eventKey struct{}

// RequestEvent returns the gateway's event of a request served by HTTP: claims, request id.
func RequestEvent(ctx context.Context) *HTTPEvent {
	e, _ := ctx.Value(eventKey{}).(*HTTPEvent)
	return e
}

// HTTP hosts an http.Handler behind an HTTP API.
func HTTP(h http.Handler) Handler {
	return handlerFunc(func(ctx context.Context, payload []byte) ([]byte, error) {
		e := new(HTTPEvent)
		if err := e.decode(payload); err != nil {
			return nil, fmt.Errorf("host: http payload: %w", err)
		}
		r, err := e.request(context.WithValue(ctx, eventKey{}, e))
		if err != nil {
			return json.Marshal(HTTPAnswer{Status: http.StatusBadRequest, Body: "malformed request"})
		}
		w := &recorder{header: http.Header{}}
		h.ServeHTTP(w, r)
		return json.Marshal(w.answer())
	})
}

func (e *HTTPEvent) request(ctx context.Context) (*http.Request, error) {
	body := []byte(e.Body)
	if e.Base64 {
		var err error
		if body, err = base64.StdEncoding.DecodeString(e.Body); err != nil {
			return nil, err
		}
	}
	u := &url.URL{Path: e.RawPath, RawQuery: e.RawQuery}
	if p, err := url.PathUnescape(e.RawPath); err == nil && p != e.RawPath {
		u.Path, u.RawPath = p, e.RawPath
	}
	r, err := http.NewRequestWithContext(ctx, e.RequestContext.HTTP.Method, "/", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.URL, r.RequestURI = u, u.RequestURI()
	for k, v := range e.Headers {
		r.Header.Set(k, v)
	}
	if len(e.Cookies) > 0 {
		r.Header.Set("Cookie", strings.Join(e.Cookies, "; "))
	}
	r.Host, r.RemoteAddr = e.RequestContext.DomainName, e.RequestContext.HTTP.SourceIP
	return r, nil
}

type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (w *recorder) Header() http.Header { return w.header }

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
}

func (w *recorder) Write(b []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(b)
}

// plainBytes is how long an answer may be to travel as text. In JSON a text can become six times as long, base64 is four thirds always, and
// Lambda takes 6 MB.
const plainBytes = 512 << 10

func (w *recorder) answer() HTTPAnswer {
	a := HTTPAnswer{Status: w.status, Headers: make(map[string]string, len(w.header))}
	if a.Status == 0 {
		a.Status = http.StatusOK
	}
	for k, v := range w.header {
		if k == "Set-Cookie" {
			a.Cookies = v
			continue
		}
		a.Headers[strings.ToLower(k)] = strings.Join(v, ",")
	}
	if w.body.Len() <= plainBytes && utf8.Valid(w.body.Bytes()) {
		a.Body = w.body.String()
	} else {
		a.Body, a.Base64 = base64.StdEncoding.EncodeToString(w.body.Bytes()), true
	}
	return a
}
