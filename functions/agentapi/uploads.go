package agentapi

import (
	"context"
	"mime"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"parley/shared/fault"
	"parley/shared/limit"
	"parley/shared/mailer"
	"parley/shared/store"
)

type uploadIn struct {
	Body struct {
		Name string `json:"name" doc:"File name, at most 255 bytes. Name it again when the message is sent."`
		Type string `json:"type,omitempty" doc:"Media type; application/octet-stream if it is not given or none."`
		Size int64  `json:"size" minimum:"0" doc:"Bytes. The files of one message may have about 28 MB together: mail grows by a third on its way, and at most 40 MB can be sent."`
	}
}

type uploadOut struct{ Body newUpload }

// newUpload says how to bring a file.
type newUpload struct {
	ID      string            `json:"id" doc:"For attachments of messages and drafts, and for cid: in HTML. Good for 7 days."`
	Name    string            `json:"name" doc:"The name as a mail will carry it."`
	Type    string            `json:"type"`
	Method  string            `json:"method" doc:"Of the request that brings the file, within 15 minutes, straight to url with these headers and a body of exactly size bytes; without a token."`
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers"`
}

type uploadedIn struct {
	Upload string `path:"upload" maxLength:"64"`
}

type uploadedOut struct {
	Body struct {
		Type string `json:"type"`
		Size int64  `json:"size" doc:"Bytes."`
		URL  string `json:"url" doc:"Good for 15 minutes, without a token: for images in a draft."`
	}
}

func (d *door) registerUploads() {
	create := op("POST", "/api/uploads", "createUpload", "Where and how to bring one file for a message")
	create.DefaultStatus = 201
	huma.Register(d.api, create, d.createUpload)
	huma.Register(d.api, op("GET", "/api/uploads/{upload}", "getUpload", "A file that was brought and waits for its message"), d.upload)
	huma.Register(d.api, op("DELETE", "/api/uploads/{upload}", "deleteUpload", "Throw such a file away"), d.deleteUpload)
}

// createUpload refuses what no mail can carry before a byte of it has moved.
func (d *door) createUpload(ctx context.Context, in *uploadIn) (*uploadOut, error) {
	name, err := fileName(in.Body.Name)
	if err != nil {
		return nil, err
	}
	if mailer.Refuses(name) {
		return nil, refusedFile(name)
	}
	if in.Body.Size > limit.MailOutFileBytes {
		return nil, fault.New(fault.Invalid, "%q has %d MB. Encoded for mail it grows by a third, and at most %d MB can be sent: the files of a message may have %d MB together. Send a link instead.",
			name, in.Body.Size>>20, limit.MailOutBytes>>20, limit.MailOutFileBytes>>20)
	}
	out := &uploadOut{newUpload{ID: d.newID(), Name: name, Type: mediaType(in.Body.Type)}}
	up, err := d.files.Upload(ctx, store.UploadKey(caller(ctx).ID, out.Body.ID), out.Body.Type, in.Body.Size, limit.UploadLife)
	out.Body.Method, out.Body.URL, out.Body.Headers = up.Method, up.URL, up.Headers
	return out, err
}

// mediaType is a type that a header can carry.
func mediaType(s string) string {
	const unknown = "application/octet-stream"
	kind, _, err := mime.ParseMediaType(s)
	if err != nil || len(kind) > 100 || !strings.Contains(kind, "/") || strings.HasPrefix(kind, "multipart/") {
		return unknown
	}
	return kind
}

func (d *door) upload(ctx context.Context, in *uploadedIn) (*uploadedOut, error) {
	key, err := uploadKey(ctx, in.Upload)
	if err != nil {
		return nil, err
	}
	info, err := d.files.Stat(ctx, key)
	if fault.Is(err, fault.NotFound) {
		return nil, missingUpload()
	}
	if err != nil {
		return nil, err
	}
	out := &uploadedOut{}
	out.Body.Type, out.Body.Size = info.Type, info.Size
	out.Body.URL, err = d.files.Link(ctx, key, "file", limit.LinkLife)
	return out, err
}

func (d *door) deleteUpload(ctx context.Context, in *uploadedIn) (*struct{}, error) {
	key, err := uploadKey(ctx, in.Upload)
	if err != nil {
		return nil, err
	}
	return nil, d.files.Delete(ctx, key)
}

// uploadKey is where an upload of the caller's stands. Nobody else's can be named.
func uploadKey(ctx context.Context, id string) (string, error) {
	if !uploadID.MatchString(id) {
		return "", missingUpload()
	}
	return store.UploadKey(caller(ctx).ID, id), nil
}

func missingUpload() error { return fault.New(fault.NotFound, "There is no such upload.") }
