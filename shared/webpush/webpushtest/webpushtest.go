// Package webpushtest is the other side of a push message: the browser that opens it, and the service that asks who sends it. It shares no code
// with what it judges: the signature is checked by go-jose.
//
// Owns: the receiving half of RFC 8291 and RFC 8292. Never: used by the product. Imported by: tests.
package webpushtest

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/go-jose/go-jose/v4"
)

var b64 = base64.RawURLEncoding

// Browser holds the private half of a subscription.
type Browser struct {
	P256dh, Auth string

	key  *ecdh.PrivateKey
	auth []byte
}

// NewBrowser makes the keys of a subscription.
func NewBrowser() *Browser {
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		panic(err)
	}
	auth := make([]byte, 16)
	rand.Read(auth)
	return &Browser{P256dh: b64.EncodeToString(key.PublicKey().Bytes()), Auth: b64.EncodeToString(auth), key: key, auth: auth}
}

// mac and expand are HKDF of one block, written out (RFC 5869).
func mac(key, data []byte) []byte {
	m := hmac.New(sha256.New, key)
	m.Write(data)
	return m.Sum(nil)
}

func expand(salt, ikm []byte, info string, n int) []byte {
	return mac(mac(salt, ikm), append([]byte(info), 1))[:n]
}

// Open decrypts a message of content encoding aes128gcm.
func (b *Browser) Open(body []byte) ([]byte, error) {
	if len(body) < 21 || len(body) > 4096 || len(body) < 21+int(body[20]) {
		return nil, fmt.Errorf("a body of %d bytes", len(body))
	}
	salt, size, point, sealed := body[:16], binary.BigEndian.Uint32(body[16:20]), body[21:21+int(body[20])], body[21+int(body[20]):]
	if len(sealed) > int(size) {
		return nil, errors.New("more than one record")
	}
	sender, err := ecdh.P256().NewPublicKey(point)
	if err != nil {
		return nil, err
	}
	shared, err := b.key.ECDH(sender)
	if err != nil {
		return nil, err
	}
	ikm := expand(b.auth, shared, "WebPush: info\x00"+string(b.key.PublicKey().Bytes())+string(point), 32)
	block, err := aes.NewCipher(expand(salt, ikm, "Content-Encoding: aes128gcm\x00", 16))
	if err != nil {
		return nil, err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	plain, err := gcm.Open(nil, expand(salt, ikm, "Content-Encoding: nonce\x00", 12), sealed, nil)
	if err != nil {
		return nil, err
	}
	end := strings.TrimRight(string(plain), "\x00")
	if !strings.HasSuffix(end, "\x02") {
		return nil, errors.New("the last record does not end with 2")
	}
	return []byte(strings.TrimSuffix(end, "\x02")), nil
}

// Claims are what a sender says of itself.
type Claims struct {
	Audience string `json:"aud"`
	Expires  int64  `json:"exp"`
	Subject  string `json:"sub"`
}

// Verify checks a vapid Authorization header against the applicationServerKey that the subscription was made with.
func Verify(authorization, publicKey string) (c Claims, err error) {
	rest, ok := strings.CutPrefix(authorization, "vapid ")
	if !ok {
		return c, fmt.Errorf("not vapid: %q", authorization)
	}
	params := map[string]string{}
	for part := range strings.SplitSeq(rest, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		params[name] = value
	}
	if params["k"] != publicKey {
		return c, fmt.Errorf("key %q, subscribed with %q", params["k"], publicKey)
	}
	point, err := b64.DecodeString(publicKey)
	if err != nil {
		return c, err
	}
	key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil {
		return c, err
	}
	token, err := jose.ParseSigned(params["t"], []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		return c, err
	}
	raw, err := token.Verify(key)
	if err != nil {
		return c, err
	}
	return c, json.Unmarshal(raw, &c)
}

// Service is a push service (RFC 8030) with one subscription, at any path: it takes what a real one takes and refuses what a real one refuses.
type Service struct {
	Browser *Browser
	Origin  string // what aud must be
	Key     func() string
	Now     func() int64
	Answer  int // other than 201, once the request is found good
	Got     chan Push
}

// Push is a message that came, opened.
type Push struct {
	Path  string
	Head  http.Header
	Plain []byte
}

func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	refuse := func(status int, why string) { http.Error(w, why, status) }
	body, err := io.ReadAll(io.LimitReader(r.Body, 5000))
	switch {
	case err != nil || len(body) > 4096:
		refuse(http.StatusRequestEntityTooLarge, "too long")
		return
	case r.Method != http.MethodPost || r.Header.Get("TTL") == "" || r.Header.Get("Content-Encoding") != "aes128gcm":
		refuse(http.StatusBadRequest, "POST, TTL and Content-Encoding: aes128gcm")
		return
	case len(r.Header.Get("Topic")) > 32:
		refuse(http.StatusBadRequest, "a topic has at most 32 characters")
		return
	}
	c, err := Verify(r.Header.Get("Authorization"), s.Key())
	switch now := s.Now(); {
	case err != nil:
		refuse(http.StatusForbidden, err.Error())
		return
	case c.Audience != s.Origin || c.Expires <= now || c.Expires > now+86400 || !strings.HasPrefix(c.Subject, "mailto:") && !strings.HasPrefix(c.Subject, "https:"):
		refuse(http.StatusForbidden, fmt.Sprintf("claims %+v", c))
		return
	}
	if s.Answer != 0 {
		w.WriteHeader(s.Answer)
		return
	}
	plain, err := s.Browser.Open(body) // a real one cannot; the browser would see nothing
	if err != nil {
		refuse(http.StatusBadRequest, err.Error())
		return
	}
	s.Got <- Push{r.URL.Path, r.Header, plain}
	w.Header().Set("Location", "https://push.invalid/m/1")
	w.WriteHeader(http.StatusCreated)
}
