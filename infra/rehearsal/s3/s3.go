// Package s3 is the rehearsal's S3 endpoint, over a directory.
//
// Owns: objects with their media type, conditional writes, copies, what a missing object looks like to whom, what a presigned link pins.
// Never: what a key means.
// Imported by: infra/rehearsal.
//
// Source: S3 API reference, GetObject, PutObject, HeadObject, DeleteObject, CopyObject.
package s3

import (
	"crypto/md5" // S3's ETag of an object put in one part
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"hash/crc32"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"parley/infra/rehearsal/cloud"
	"parley/infra/rehearsal/iam"
	"parley/infra/rehearsal/sigv4"
)

// Endpoint is the service's handler.
type Endpoint struct {
	Dir     string
	Buckets map[string]bool
	Host    string // "s3.eu-west-1.amazonaws.com": buckets stand in front of it

	mu sync.Mutex
}

// Serves reports whether a host is S3's, or a bucket's of ours.
func (e *Endpoint) Serves(host string) bool {
	bucket, ok := strings.CutSuffix(host, "."+e.Host)
	return host == e.Host || ok && e.Buckets[bucket]
}

// object is what is kept beside the bytes.
type object struct {
	Type, Encoding, Disposition, Cache, ETag string
}

// place is what a request points at.
func (e *Endpoint) place(r *http.Request) (bucket, key string) {
	path := strings.TrimPrefix(r.URL.Path, "/")
	if bucket, ok := strings.CutSuffix(r.Host, "."+e.Host); ok {
		return bucket, path
	}
	bucket, key, _ = strings.Cut(path, "/")
	return bucket, key
}

func (e *Endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	bucket, key := e.place(r)
	if !e.Buckets[bucket] {
		cloud.RefuseXML(w, http.StatusNotFound, "NoSuchBucket", "The specified bucket does not exist")
		return
	}
	for name := range r.URL.Query() {
		if !strings.HasPrefix(name, "X-Amz-") && !strings.HasPrefix(name, "response-") && name != "x-id" {
			cloud.RefuseXML(w, http.StatusNotImplemented, "NotImplemented", "the rehearsal does not know the parameter "+name)
			return
		}
	}
	action := map[string]string{http.MethodGet: "s3:GetObject", http.MethodHead: "s3:GetObject", http.MethodPut: "s3:PutObject", http.MethodDelete: "s3:DeleteObject"}[r.Method]
	if action == "" || key == "" {
		cloud.RefuseXML(w, http.StatusMethodNotAllowed, "MethodNotAllowed", "the rehearsal knows objects only")
		return
	}
	if !cloud.Allow(w, r, iam.Request{Action: action, Resource: arn(bucket) + "/" + key}) {
		return
	}
	from := r.Header.Get("X-Amz-Copy-Source")
	switch {
	case r.Method == http.MethodPut && from != "":
		e.copy(w, r, bucket, key, from)
	case r.Method == http.MethodPut:
		e.put(w, r, bucket, key)
	case r.Method == http.MethodDelete:
		e.remove(w, bucket, key)
	default:
		e.get(w, r, bucket, key)
	}
}

func arn(bucket string) string { return "arn:aws:s3:::" + bucket }

func (e *Endpoint) file(bucket, key string) string {
	return filepath.Join(e.Dir, bucket, url.PathEscape(key))
}

func (e *Endpoint) put(w http.ResponseWriter, r *http.Request, bucket, key string) {
	data, err := body(r)
	if err != nil {
		var bad *sigv4.Error
		if !errors.As(err, &bad) {
			bad = &sigv4.Error{Code: "IncompleteBody", Message: err.Error()}
		}
		cloud.RefuseXML(w, http.StatusBadRequest, bad.Code, bad.Message)
		return
	}
	o := object{Type: r.Header.Get("Content-Type"), Disposition: r.Header.Get("Content-Disposition"), Cache: r.Header.Get("Cache-Control")}
	o.Encoding = strings.Trim(strings.Replace(r.Header.Get("Content-Encoding"), "aws-chunked", "", 1), ", ")
	e.mu.Lock()
	defer e.mu.Unlock()
	if match := r.Header.Get("If-None-Match"); match != "" {
		if match != "*" {
			cloud.RefuseXML(w, http.StatusNotImplemented, "NotImplemented", "If-None-Match of a put is *")
			return
		}
		if _, err := os.Stat(e.file(bucket, key)); err == nil {
			cloud.RefuseXML(w, http.StatusPreconditionFailed, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
			return
		}
	}
	if o.ETag, err = e.keep(bucket, key, data, o); err != nil {
		cloud.RefuseXML(w, http.StatusInternalServerError, "InternalError", err.Error())
		return
	}
	w.Header().Set("ETag", o.ETag)
	w.WriteHeader(http.StatusOK)
}

// copy is CopyObject: who copies must be allowed to read the one and to write the other.
func (e *Endpoint) copy(w http.ResponseWriter, r *http.Request, bucket, key, from string) {
	source, err := url.PathUnescape(strings.TrimPrefix(from, "/"))
	fromBucket, fromKey, ok := strings.Cut(source, "/")
	if err != nil || !ok || !e.Buckets[fromBucket] {
		cloud.RefuseXML(w, http.StatusBadRequest, "InvalidArgument", "Copy Source must mention the source bucket and key: sourcebucket/sourcekey")
		return
	}
	if !cloud.Allow(w, r, iam.Request{Action: "s3:GetObject", Resource: arn(fromBucket) + "/" + fromKey}) {
		return
	}
	o, data, err := e.read(fromBucket, fromKey)
	if errors.Is(err, fs.ErrNotExist) {
		e.missing(w, r, fromBucket)
		return
	}
	if err == nil {
		e.mu.Lock()
		o.ETag, err = e.keep(bucket, key, data, o)
		e.mu.Unlock()
	}
	if err != nil {
		cloud.RefuseXML(w, http.StatusInternalServerError, "InternalError", err.Error())
		return
	}
	w.Header().Set("Content-Type", "application/xml")
	_, _ = io.WriteString(w, "<CopyObjectResult><ETag>"+strings.ReplaceAll(o.ETag, `"`, "&quot;")+"</ETag><LastModified>2026-01-01T00:00:00.000Z</LastModified></CopyObjectResult>")
}

// missing answers for an object that is not there: who may not list a bucket is not told what is missing.
func (e *Endpoint) missing(w http.ResponseWriter, r *http.Request, bucket string) {
	if cloud.Allow(w, r, iam.Request{Action: "s3:ListBucket", Resource: arn(bucket)}) {
		cloud.RefuseXML(w, http.StatusNotFound, "NoSuchKey", "The specified key does not exist.")
	}
}

// body is the object's bytes, with the checksum that came with them checked.
func body(r *http.Request) ([]byte, error) {
	if cloud.Caller(r.Context()).Payload == sigv4.Chunked {
		return sigv4.Unchunk(r)
	}
	if r.ContentLength < 0 {
		return nil, &sigv4.Error{Code: "MissingContentLength", Message: "You must provide the Content-Length HTTP header."}
	}
	data, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	if said := r.Header.Get("X-Amz-Checksum-Crc32"); said != "" {
		if said != base64.StdEncoding.EncodeToString(binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(data))) {
			return nil, &sigv4.Error{Code: "BadDigest", Message: "The CRC32 you specified did not match the calculated checksum."}
		}
	}
	return data, nil
}

// keep writes the object: the description first, so that bytes are never there without it.
func (e *Endpoint) keep(bucket, key string, data []byte, o object) (string, error) {
	sum := md5.Sum(data)
	o.ETag = `"` + hex.EncodeToString(sum[:]) + `"`
	about, err := json.Marshal(o)
	if err != nil {
		return "", err
	}
	file := e.file(bucket, key)
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return "", err
	}
	if err := os.WriteFile(file+"%meta", about, 0o600); err != nil { // a bare % is in no escaped key
		return "", err
	}
	return o.ETag, os.WriteFile(file, data, 0o600)
}

// Put stores an object for a service of AWS itself: SES, Lambda's destinations.
func (e *Endpoint) Put(bucket, key, mediaType string, data []byte) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	_, err := e.keep(bucket, key, data, object{Type: mediaType})
	return err
}

// Keys lists a bucket's keys, for tests.
func (e *Endpoint) Keys(bucket string) ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(e.Dir, bucket))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var out []string
	for _, entry := range entries {
		if key, err := url.PathUnescape(entry.Name()); err == nil && !strings.HasSuffix(entry.Name(), "%meta") {
			out = append(out, key)
		}
	}
	return out, err
}

// Object is an object's bytes, for tests.
func (e *Endpoint) Object(bucket, key string) ([]byte, error) {
	_, data, err := e.read(bucket, key)
	return data, err
}

func (e *Endpoint) remove(w http.ResponseWriter, bucket, key string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, file := range []string{e.file(bucket, key), e.file(bucket, key) + "%meta"} {
		if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			cloud.RefuseXML(w, http.StatusInternalServerError, "InternalError", err.Error())
			return
		}
	}
	w.WriteHeader(http.StatusNoContent)
}

func (e *Endpoint) get(w http.ResponseWriter, r *http.Request, bucket, key string) {
	o, data, err := e.read(bucket, key)
	if errors.Is(err, fs.ErrNotExist) {
		e.missing(w, r, bucket)
		return
	}
	if err != nil {
		cloud.RefuseXML(w, http.StatusInternalServerError, "InternalError", err.Error())
		return
	}
	q := r.URL.Query()
	for name, value := range map[string]string{"Content-Type": o.Type, "Content-Encoding": o.Encoding, "Content-Disposition": o.Disposition, "Cache-Control": o.Cache, "ETag": o.ETag} {
		if over := q.Get("response-" + strings.ToLower(name)); over != "" {
			value = over
		}
		if value != "" {
			w.Header().Set(name, value)
		}
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(data)))
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		_, _ = w.Write(data)
	}
}

func (e *Endpoint) read(bucket, key string) (object, []byte, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	var o object
	data, err := os.ReadFile(e.file(bucket, key))
	if err != nil {
		return o, nil, err
	}
	about, err := os.ReadFile(e.file(bucket, key) + "%meta")
	if err == nil {
		err = json.Unmarshal(about, &o)
	}
	return o, data, err
}
