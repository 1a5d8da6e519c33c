// Package blob is the port to a bucket: raw mail, bodies, attachments. S3 on AWS, files in local mode.
//
// Owns: put, get, copy, short-lived links to fetch and to upload. Never: what a key means (store/keys.go), AWS, the file system.
// Imported by: store, functions, adapters, host, infra/local.
package blob

import (
	"context"
	"time"
)

// Info describes a stored object.
type Info struct {
	Size int64  // bytes
	Type string // media type it was put with
}

// Upload is what a browser needs to put one object straight into a bucket: a request of this method to URL with these headers, and a body of
// exactly the size that was asked for.
type Upload struct {
	Method  string
	URL     string
	Headers map[string]string
}

// Bucket is one bucket. Keys are slash-separated, of [a-zA-Z0-9._/=-], at most 512 bytes, without empty or ".." parts.
// A missing object is fault.NotFound; a bad key is fault.Invalid.
type Bucket interface {
	// Put stores data under key, whole or not at all, durable when it returns; an object of that key is replaced.
	Put(ctx context.Context, key, mediaType string, data []byte) error
	// Get reads an object whole. Callers bound what they ask for: objects are at most limit.MailInBytes.
	Get(ctx context.Context, key string) ([]byte, Info, error)
	// Link returns an absolute URL on which a browser may fetch the object until it expires. With a name it is
	// downloaded as an attachment of that name; with none it is shown as plain text. It never runs as a page of our origin.
	Link(ctx context.Context, key, name string, life time.Duration) (string, error)
	// Upload returns how a browser may put the object until the link expires: of this media type and size, nothing else. A second put before
	// that replaces the first.
	Upload(ctx context.Context, key, mediaType string, size int64, life time.Duration) (Upload, error)
	// Stat describes an object without reading it.
	Stat(ctx context.Context, key string) (Info, error)
	// Copy makes to an object with the bytes and the media type of from, whole or not at all; what to was is replaced.
	Copy(ctx context.Context, from, to string) error
	// Delete removes an object; one that is not there is removed already.
	Delete(ctx context.Context, key string) error
}
