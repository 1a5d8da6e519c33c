package disk

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"parley/shared/blob"
	"parley/shared/fault"
)

// Link implements blob.Bucket. As with S3, the object need not exist.
func (b *bucket) Link(_ context.Context, key, name string, life time.Duration) (string, error) {
	if err := blob.CheckKey(key); err != nil {
		return "", err
	}
	expires := strconv.FormatInt(time.Now().Add(life).Unix(), 10)
	q := url.Values{"expires": {expires}, "signature": {b.store.sign(b.name, key, expires, name)}}
	if name != "" {
		q.Set("name", name)
	}
	return strings.TrimSuffix(b.store.base, "/") + "/" + b.name + "/" + key + "?" + q.Encode(), nil
}

// sign covers everything a link says. No part but the last can hold a line break.
func (s *Store) sign(bucket, key, expires, name string) string {
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte(bucket + "\n" + key + "\n" + expires + "\n" + name))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// ServeHTTP answers links, at the path of the base URL. Whatever an object holds, it cannot run as a page: it is a download or
// plain text, its type is not guessed at, and it is sandboxed.
func (s *Store) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	h.Set("Cache-Control", "private, max-age=300")
	h.Set("Referrer-Policy", "no-referrer")
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	base, err := url.Parse(s.base)
	if err != nil {
		http.Error(w, "not configured", http.StatusInternalServerError)
		return
	}
	path := strings.TrimPrefix(r.URL.Path, strings.TrimSuffix(base.Path, "/")+"/")
	bucket, key, _ := strings.Cut(path, "/")
	q := r.URL.Query()
	expires, name := q.Get("expires"), q.Get("name")
	until, err := strconv.ParseInt(expires, 10, 64)
	good := hmac.Equal([]byte(q.Get("signature")), []byte(s.sign(bucket, key, expires, name)))
	if !good || err != nil || time.Now().Unix() > until || !bucketOK.MatchString(bucket) || blob.CheckKey(key) != nil {
		http.Error(w, "this link is wrong or has expired", http.StatusForbidden)
		return
	}
	data, info, err := s.read(bucket, key)
	if fault.Is(err, fault.NotFound) {
		http.Error(w, "there is no such file", http.StatusNotFound)
		return
	}
	if err != nil {
		http.Error(w, "the file cannot be read", http.StatusInternalServerError)
		return
	}
	h.Set("Content-Type", "text/plain; charset=utf-8")
	if name != "" {
		h.Set("Content-Type", info.Type)
		h.Set("Content-Disposition", blob.Attachment(name))
	}
	if h.Get("Content-Type") == "" {
		h.Set("Content-Type", "application/octet-stream")
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
}
