package disk

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"io"
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
func (s *Store) sign(parts ...string) string {
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte(strings.Join(parts, "\n")))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// toPut begins what is signed for an upload. It cannot name a bucket, so no link to fetch is one to put.
const toPut = "PUT "

// Upload implements blob.Bucket. As with S3, type and length are pinned by the signature and not by what is stored.
func (b *bucket) Upload(_ context.Context, key, mediaType string, size int64, life time.Duration) (blob.Upload, error) {
	if err := blob.CheckKey(key); err != nil {
		return blob.Upload{}, err
	}
	expires := strconv.FormatInt(time.Now().Add(life).Unix(), 10)
	q := url.Values{"expires": {expires}, "signature": {b.store.sign(toPut, b.name, key, expires, strconv.FormatInt(size, 10), mediaType)}}
	return blob.Upload{
		Method: http.MethodPut, URL: strings.TrimSuffix(b.store.base, "/") + "/" + b.name + "/" + key + "?" + q.Encode(),
		Headers: map[string]string{"Content-Type": mediaType},
	}, nil
}

// ServeHTTP answers links, at the path of the base URL. Whatever an object holds, it cannot run as a page: it is a download or
// plain text, its type is not guessed at, and it is sandboxed. Pages of every origin may ask, as at S3: signatures protect the files.
func (s *Store) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	h.Set("Cache-Control", "private, max-age=300")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Access-Control-Allow-Origin", "*")
	base, err := url.Parse(s.base)
	if err != nil {
		http.Error(w, "not configured", http.StatusInternalServerError)
		return
	}
	path := strings.TrimPrefix(r.URL.Path, strings.TrimSuffix(base.Path, "/")+"/")
	bucket, key, _ := strings.Cut(path, "/")
	switch r.Method {
	case http.MethodOptions:
		h.Set("Access-Control-Allow-Methods", "GET, HEAD, PUT")
		h.Set("Access-Control-Allow-Headers", "content-type")
		h.Set("Access-Control-Max-Age", "3600")
		w.WriteHeader(http.StatusNoContent)
	case http.MethodGet, http.MethodHead:
		s.get(w, r, bucket, key)
	case http.MethodPut:
		s.put(w, r, bucket, key)
	default:
		h.Set("Allow", "GET, HEAD, OPTIONS, PUT")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
	}
}

// allowed reports whether a link's signature is of these parts, and its time has not passed.
func (s *Store) allowed(r *http.Request, bucket, key string, parts ...string) bool {
	q := r.URL.Query()
	until, err := strconv.ParseInt(q.Get("expires"), 10, 64)
	good := hmac.Equal([]byte(q.Get("signature")), []byte(s.sign(parts...)))
	return good && err == nil && time.Now().Unix() <= until && bucketOK.MatchString(bucket) && blob.CheckKey(key) == nil
}

func (s *Store) get(w http.ResponseWriter, r *http.Request, bucket, key string) {
	h, name := w.Header(), r.URL.Query().Get("name")
	if !s.allowed(r, bucket, key, bucket, key, r.URL.Query().Get("expires"), name) {
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

func (s *Store) put(w http.ResponseWriter, r *http.Request, bucket, key string) {
	mediaType := r.Header.Get("Content-Type")
	if r.ContentLength < 0 {
		http.Error(w, "the length is missing", http.StatusLengthRequired)
		return
	}
	if !s.allowed(r, bucket, key, toPut, bucket, key, r.URL.Query().Get("expires"), strconv.FormatInt(r.ContentLength, 10), mediaType) {
		http.Error(w, "this link is wrong, has expired, or is for another type or length", http.StatusForbidden)
		return
	}
	data, err := io.ReadAll(r.Body) // the length is signed, and the server reads no more than it
	if err != nil {
		http.Error(w, "the file did not come whole", http.StatusBadRequest)
		return
	}
	if err := s.write(bucket, key, mediaType, data); err != nil {
		http.Error(w, "the file cannot be kept", http.StatusInternalServerError)
		return
	}
	w.WriteHeader(http.StatusOK)
}
