package gateway

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"parley/infra/local/quote"
)

// How long an integration may take.
const integrationTimeout = 30 * time.Second

func (h *HTTP) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := r.URL.EscapedPath()
	route, vars := h.match(r.Method, path)
	if route == nil {
		refuse(w, http.StatusNotFound, "Not Found")
		return
	}
	var claims []byte
	if route.JWT {
		var ok bool
		if claims, ok = h.auth.check(w, r); !ok {
			return
		}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyMost))
	if err != nil {
		refuse(w, http.StatusRequestEntityTooLarge, "Request Too Long")
		return
	}
	buf := h.buffers.Get().(*[]byte)
	defer func() {
		if cap(*buf) <= 1<<20 {
			h.buffers.Put(buf)
		}
	}()
	id := requestID()
	*buf = h.appendEvent((*buf)[:0], r, route, path, vars, claims, id, body)
	if len(*buf) > payloadMost {
		refuse(w, http.StatusRequestEntityTooLarge, "Request Too Long")
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), integrationTimeout)
	defer cancel()
	out, err := route.Invoke(ctx, *buf)
	w.Header().Set("Apigw-Requestid", id)
	switch {
	case err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded):
		refuse(w, http.StatusServiceUnavailable, "Service Unavailable")
	case err != nil:
		h.log.Error("http: function failed", "route", route.Key, "request", id, "error", err)
		refuse(w, http.StatusInternalServerError, "Internal Server Error")
	default:
		h.answer(w, route, id, out)
	}
}

// appendEvent writes the event of payload format 2.0.
func (h *HTTP) appendEvent(b []byte, r *http.Request, route *Route, path string, vars []string, claims []byte, id string, body []byte) []byte {
	now := h.now().UTC()
	b = append(b, `{"version":"2.0","routeKey":`...)
	b = quote.Append(b, route.Key)
	b = append(b, `,"rawPath":`...)
	b = quote.Append(b, path)
	b = append(b, `,"rawQueryString":`...)
	b = quote.Append(b, r.URL.RawQuery)
	b = appendCookies(b, r.Header["Cookie"])
	b = append(b, `,"headers":{`...)
	b = appendHeaders(b, r)
	b = append(b, '}')
	b = appendQuery(b, r)
	b = appendVars(b, vars)
	b = append(b, `,"requestContext":{"accountId":"000000000000","apiId":"local","authentication":null`...)
	if claims != nil {
		b = append(b, `,"authorizer":{"jwt":{"claims":`...)
		b = append(b, claims...)
		b = append(b, `,"scopes":null}}`...)
	}
	b = append(b, `,"domainName":`...)
	b = quote.Append(b, r.Host)
	b = append(b, `,"domainPrefix":"local","http":{"method":`...)
	b = quote.Append(b, r.Method)
	b = append(b, `,"path":`...)
	b = quote.Append(b, path)
	b = append(b, `,"protocol":"HTTP/1.1","sourceIp":`...)
	b = quote.Append(b, peer(r.RemoteAddr))
	b = append(b, `,"userAgent":`...)
	b = quote.Append(b, r.UserAgent())
	b = append(b, `},"requestId":"`...)
	b = append(b, id...)
	b = append(b, `","routeKey":`...)
	b = quote.Append(b, route.Key)
	b = append(b, `,"stage":"$default","time":"`...)
	b = now.AppendFormat(b, "02/Jan/2006:15:04:05 -0700")
	b = append(b, `","timeEpoch":`...)
	b = strconv.AppendInt(b, now.UnixMilli(), 10)
	b = append(b, '}')
	return append(appendBody(b, r.Header.Get("Content-Type"), body), '}')
}

func appendBody(b []byte, mediaType string, body []byte) []byte {
	if len(body) == 0 {
		return append(b, `,"isBase64Encoded":false`...)
	}
	if textual(mediaType) && utf8.Valid(body) {
		b = append(b, `,"body":`...)
		b = quote.Append(b, body)
		return append(b, `,"isBase64Encoded":false`...)
	}
	b = append(b, `,"body":"`...)
	b = base64.StdEncoding.AppendEncode(b, body)
	return append(b, `","isBase64Encoded":true`...)
}

// textual media types reach the function as text; everything else, forms too, as base64.
func textual(mediaType string) bool {
	mediaType, _, _ = strings.Cut(mediaType, ";")
	mediaType = strings.TrimSpace(mediaType)
	return mediaType == "application/json" || strings.HasPrefix(mediaType, "text/") || strings.HasSuffix(mediaType, "+json") ||
		mediaType == "application/javascript" || mediaType == "application/xml" || strings.HasSuffix(mediaType, "+xml")
}

func appendCookies(b []byte, lines []string) []byte {
	if len(lines) == 0 {
		return b
	}
	b = append(b, `,"cookies":[`...)
	n := 0
	for _, line := range lines {
		for _, c := range strings.Split(line, ";") {
			if c = strings.TrimSpace(c); c == "" {
				continue
			}
			if n > 0 {
				b = append(b, ',')
			}
			b = quote.Append(b, c)
			n++
		}
	}
	return append(b, ']')
}

func appendHeaders(b []byte, r *http.Request) []byte {
	b = append(b, `"host":`...)
	b = quote.Append(b, r.Host)
	for name, values := range r.Header {
		if name == "Cookie" || name == "X-Forwarded-For" || name == "X-Forwarded-Proto" {
			continue
		}
		b = append(b, ',', '"')
		for i := range len(name) { // net/http gives valid, canonical names only
			c := name[i]
			if c >= 'A' && c <= 'Z' {
				c += 'a' - 'A'
			}
			b = append(b, c)
		}
		b = append(b, '"', ':')
		if len(values) == 1 {
			b = quote.Append(b, values[0])
		} else {
			b = quote.Append(b, strings.Join(values, ","))
		}
	}
	b = append(b, `,"x-forwarded-for":`...)
	b = quote.Append(b, peer(r.RemoteAddr))
	return append(b, `,"x-forwarded-proto":"http"`...)
}

func appendQuery(b []byte, r *http.Request) []byte {
	if r.URL.RawQuery == "" {
		return b
	}
	b = append(b, `,"queryStringParameters":{`...)
	first := true
	for name, values := range r.URL.Query() {
		if !first {
			b = append(b, ',')
		}
		first = false
		b = quote.Append(b, name)
		b = append(b, ':')
		b = quote.Append(b, strings.Join(values, ","))
	}
	return append(b, '}')
}

func appendVars(b []byte, vars []string) []byte {
	if len(vars) == 0 {
		return b
	}
	b = append(b, `,"pathParameters":{`...)
	for i := 0; i < len(vars); i += 2 {
		if i > 0 {
			b = append(b, ',')
		}
		b = quote.Append(b, vars[i])
		b = append(b, ':')
		b = quote.Append(b, vars[i+1])
	}
	return append(b, '}')
}

func peer(address string) string {
	if h, _, err := net.SplitHostPort(address); err == nil {
		return h
	}
	return address
}

// answer is a function's answer; Status 0 means that it used the short form: any JSON is the body.
type answer struct {
	Status  int               `json:"statusCode"`
	Headers map[string]string `json:"headers"`
	Cookies []string          `json:"cookies"`
	Body    string            `json:"body"`
	Base64  bool              `json:"isBase64Encoded"`
}

func (h *HTTP) answer(w http.ResponseWriter, route *Route, id string, out []byte) {
	var a answer
	err := json.Unmarshal(out, &a)
	if err == nil && a.Status == 0 && json.Valid(out) {
		a = answer{Status: http.StatusOK, Headers: map[string]string{"content-type": "application/json"}, Body: string(out)}
	}
	body := []byte(a.Body)
	if a.Base64 && err == nil {
		body, err = base64.StdEncoding.DecodeString(a.Body)
	}
	if err != nil || len(out) > payloadMost || a.Status < 100 || a.Status > 999 {
		h.log.Error("http: the function's answer is no answer", "route", route.Key, "request", id, "bytes", len(out), "status", a.Status, "error", err)
		refuse(w, http.StatusInternalServerError, "Internal Server Error")
		return
	}
	header := w.Header()
	for name, value := range a.Headers {
		header.Set(name, value)
	}
	for _, c := range a.Cookies {
		header.Add("Set-Cookie", c)
	}
	if header.Get("Content-Type") == "" && len(body) > 0 {
		header.Set("Content-Type", "text/plain; charset=utf-8")
	}
	w.WriteHeader(a.Status)
	_, _ = w.Write(body)
}
