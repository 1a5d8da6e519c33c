// Package sigv4 verifies AWS Signature Version 4, in the Authorization header and in a presigned query.
//
// Owns: the canonical request, the signing key, what is wrong with a signature. Never: who may do what (iam), what a request means.
// Imported by: infra/rehearsal and its endpoints.
//
// It is written from the specification and not from the SDK's signer, so that the two can disagree.
// Source: "AWS Signature Version 4 for API requests", IAM user guide; "Authenticating Requests: Using Query Parameters", S3 API reference.
package sigv4

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Credential is an access key as the token service gives it to a role's session.
type Credential struct {
	ID, Secret, Token string
	Role              string // of whom: the function's name
	Session           string // of which process
}

// Keys finds a credential by its access key id.
type Keys interface {
	Credential(id string) (Credential, bool)
}

// Error is a refusal in AWS's words.
type Error struct {
	Code    string // InvalidClientTokenId, SignatureDoesNotMatch, …
	Message string
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

func refuse(code, format string, args ...any) error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Payload says how the body was signed.
type Payload int

// Signed is a hash over the body, checked; Unsigned is none; Chunked is aws-chunked without signature but with a checksum behind the last chunk.
const (
	Signed Payload = iota
	Unsigned
	Chunked
)

// Verified is a request whose signature is good.
type Verified struct {
	Credential
	Payload   Payload
	Presigned bool
}

const (
	algorithm = "AWS4-HMAC-SHA256"
	stamp     = "20060102T150405Z"
	skew      = 5 * time.Minute // S3 itself allows 15
	maxLife   = 7 * 24 * time.Hour
)

// The values of X-Amz-Content-Sha256 that are no hash.
const (
	unsignedPayload = "UNSIGNED-PAYLOAD"
	chunkedPayload  = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
)

// Verifier checks requests to one region.
type Verifier struct {
	Keys   Keys
	Region string
	Now    func() time.Time
}

// claim is what a request says of its own signature.
type claim struct {
	scope     []string // access key id, date, region, service, aws4_request
	headers   []string
	signature string
	at        time.Time
	life      time.Duration // of a presigned request
	token     string
	presigned bool
}

// Verify checks the signature of a request to a service ("s3", "dynamodb"). The body is read and replaced when its hash is signed.
func (v *Verifier) Verify(r *http.Request, service string) (Verified, error) {
	c, err := read(r)
	if err != nil {
		return Verified{}, err
	}
	key, ok := v.Keys.Credential(c.scope[0])
	if !ok {
		return Verified{}, refuse("InvalidClientTokenId", "The security token included in the request is invalid.")
	}
	if err := v.timely(c); err != nil {
		return Verified{}, err
	}
	if c.scope[1] != c.at.Format("20060102") || c.scope[2] != v.Region || c.scope[3] != service || c.scope[4] != "aws4_request" {
		return Verified{}, refuse("SignatureDoesNotMatch", "Credential should be scoped to %s/%s/aws4_request, not %s", v.Region, service, strings.Join(c.scope[1:], "/"))
	}
	if subtle.ConstantTimeCompare([]byte(c.token), []byte(key.Token)) != 1 {
		return Verified{}, refuse("InvalidClientTokenId", "The security token included in the request is invalid.")
	}
	if err := covered(r, c); err != nil {
		return Verified{}, err
	}
	hash, how, err := payload(r, c, service)
	if err != nil {
		return Verified{}, err
	}
	want := hex.EncodeToString(sign(signingKey(key.Secret, c.scope), stringToSign(c, canonical(r, c, service, hash))))
	if subtle.ConstantTimeCompare([]byte(want), []byte(c.signature)) != 1 {
		return Verified{}, refuse("SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.")
	}
	return Verified{Credential: key, Payload: how, Presigned: c.presigned}, nil
}

func read(r *http.Request) (claim, error) {
	q := r.URL.Query()
	c := claim{presigned: q.Get("X-Amz-Signature") != ""}
	var credential, date string
	if c.presigned {
		if q.Get("X-Amz-Algorithm") != algorithm {
			return c, refuse("AuthorizationQueryParametersError", "X-Amz-Algorithm only supports %q", algorithm)
		}
		credential, date, c.signature, c.token = q.Get("X-Amz-Credential"), q.Get("X-Amz-Date"), q.Get("X-Amz-Signature"), q.Get("X-Amz-Security-Token")
		c.headers = strings.Split(q.Get("X-Amz-SignedHeaders"), ";")
		seconds, err := strconv.Atoi(q.Get("X-Amz-Expires"))
		if c.life = time.Duration(seconds) * time.Second; err != nil || seconds < 1 || c.life > maxLife {
			return c, refuse("AuthorizationQueryParametersError", "X-Amz-Expires must be a number of seconds up to a week")
		}
	} else {
		scheme, rest, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		if scheme != algorithm {
			return c, refuse("MissingAuthenticationToken", "Request is missing Authentication Token")
		}
		for _, part := range strings.Split(rest, ",") {
			name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
			switch name {
			case "Credential":
				credential = value
			case "SignedHeaders":
				c.headers = strings.Split(value, ";")
			case "Signature":
				c.signature = value
			}
		}
		date, c.token = r.Header.Get("X-Amz-Date"), r.Header.Get("X-Amz-Security-Token")
	}
	c.scope = strings.Split(credential, "/")
	at, err := time.Parse(stamp, date)
	if len(c.scope) != 5 || err != nil || c.signature == "" {
		return c, refuse("IncompleteSignature", "Authorization requires Credential, SignedHeaders, Signature and a date")
	}
	c.at = at
	return c, nil
}

func (v *Verifier) timely(c claim) error {
	age := v.Now().Sub(c.at)
	switch {
	case age < -skew:
		return refuse("SignatureDoesNotMatch", "Signature not yet current: %s", c.at.Format(stamp))
	case c.presigned && age > c.life:
		return refuse("AccessDenied", "Request has expired")
	case !c.presigned && age > skew:
		return refuse("SignatureDoesNotMatch", "Signature expired: %s", c.at.Format(stamp))
	}
	return nil
}

// covered demands that host and every x-amz- header of the request are signed, and that what is signed was sent.
func covered(r *http.Request, c claim) error {
	if !slices.Contains(c.headers, "host") || !slices.IsSorted(c.headers) {
		return refuse("SignatureDoesNotMatch", "SignedHeaders must be sorted and contain host")
	}
	for name := range r.Header {
		name = strings.ToLower(name)
		if strings.HasPrefix(name, "x-amz-") && !slices.Contains(c.headers, name) && !(c.presigned && name == "x-amz-content-sha256") {
			return refuse("AccessDenied", "There were headers present in the request which were not signed: %s", name)
		}
	}
	for _, name := range c.headers {
		if _, ok := header(r, name); !ok {
			return refuse("SignatureDoesNotMatch", "The signed header %s was not sent", name)
		}
	}
	return nil
}

// payload finds the hash that stands in the canonical request, and checks the body against it if it is one.
func payload(r *http.Request, c claim, service string) (string, Payload, error) {
	said := r.Header.Get("X-Amz-Content-Sha256")
	switch {
	case c.presigned && service == "s3", said == unsignedPayload && service == "s3":
		return unsignedPayload, Unsigned, nil
	case said == chunkedPayload && service == "s3":
		return said, Chunked, nil
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return "", Signed, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	sum := sha256.Sum256(body)
	is := hex.EncodeToString(sum[:])
	if said != "" && said != is {
		return "", Signed, refuse("XAmzContentSHA256Mismatch", "The provided 'x-amz-content-sha256' header does not match what was computed.")
	}
	return is, Signed, nil
}

// canonical is the canonical request. Paths are encoded twice for every service but S3.
func canonical(r *http.Request, c claim, service, hash string) string {
	path, query, _ := strings.Cut(r.RequestURI, "?")
	if path == "" {
		path = "/"
	}
	if service != "s3" {
		path = encode(path, true)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s\n%s\n", r.Method, path, canonicalQuery(query))
	for _, name := range c.headers {
		value, _ := header(r, name)
		fmt.Fprintf(&b, "%s:%s\n", name, value)
	}
	fmt.Fprintf(&b, "\n%s\n%s", strings.Join(c.headers, ";"), hash)
	return b.String()
}

func canonicalQuery(raw string) string {
	var pairs [][2]string
	for _, part := range strings.Split(raw, "&") {
		name, value, _ := strings.Cut(part, "=")
		if name == "" || name == "X-Amz-Signature" {
			continue
		}
		pairs = append(pairs, [2]string{encode(decode(name), false), encode(decode(value), false)})
	}
	slices.SortFunc(pairs, func(a, b [2]string) int { return strings.Compare(a[0]+"\x00"+a[1], b[0]+"\x00"+b[1]) })
	out := make([]string, len(pairs))
	for i, p := range pairs {
		out[i] = p[0] + "=" + p[1]
	}
	return strings.Join(out, "&")
}

func decode(s string) string {
	if d, err := url.QueryUnescape(s); err == nil {
		return d
	}
	return s
}

// encode percent-encodes everything but RFC 3986's unreserved characters.
func encode(s string, slash bool) string {
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~", c) >= 0 || slash && c == '/' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// header is a header's canonical value. Go takes Host and Content-Length out of the map.
func header(r *http.Request, name string) (string, bool) {
	switch name {
	case "host":
		return r.Host, true
	case "content-length":
		return strconv.FormatInt(r.ContentLength, 10), r.ContentLength >= 0
	}
	values := r.Header.Values(name)
	trimmed := make([]string, len(values))
	for i, v := range values {
		trimmed[i] = strings.Join(strings.Fields(v), " ")
	}
	return strings.Join(trimmed, ","), len(values) > 0
}

func stringToSign(c claim, canonical string) string {
	sum := sha256.Sum256([]byte(canonical))
	return strings.Join([]string{algorithm, c.at.Format(stamp), strings.Join(c.scope[1:], "/"), hex.EncodeToString(sum[:])}, "\n")
}

func signingKey(secret string, scope []string) []byte {
	key := []byte("AWS4" + secret)
	for _, part := range scope[1:] {
		key = sign(key, part)
	}
	return key
}

func sign(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}
