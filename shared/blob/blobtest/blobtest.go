// Package blobtest is the one contract that every blob.Bucket must pass.
//
// Owns: what put, get, stat, copy, delete, links and uploads mean. Never: any adapter.
// Imported by: tests of adapters.
package blobtest

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"parley/shared/blob"
	"parley/shared/fault"
)

// Run holds a bucket to the contract. The bucket is empty, and client reaches its links.
func Run(t *testing.T, b blob.Bucket, client *http.Client) {
	t.Run("objects", func(t *testing.T) { objects(t, b) })
	t.Run("bad keys", func(t *testing.T) { badKeys(t, b) })
	t.Run("uploads", func(t *testing.T) { uploads(t, b, client) })
	t.Run("links", func(t *testing.T) { links(t, b, client) })
}

var ctx = context.Background()

func objects(t *testing.T, b blob.Bucket) {
	for _, missing := range []func() error{
		func() error { _, _, err := b.Get(ctx, "o/none"); return err },
		func() error { _, err := b.Stat(ctx, "o/none"); return err },
		func() error { return b.Copy(ctx, "o/none", "o/b") },
	} {
		if err := missing(); !fault.Is(err, fault.NotFound) {
			t.Errorf("a missing object: %v", err)
		}
	}
	if err := b.Delete(ctx, "o/none"); err != nil {
		t.Errorf("removing what is not there: %v", err)
	}
	if err := b.Put(ctx, "o/a=1", "text/csv", []byte("a,b")); err != nil {
		t.Fatal(err)
	}
	if err := b.Copy(ctx, "o/a=1", "o/b"); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"o/a=1", "o/b"} {
		data, info, err := b.Get(ctx, key)
		if want := (blob.Info{Size: 3, Type: "text/csv"}); err != nil || string(data) != "a,b" || info != want {
			t.Errorf("get %s: %q %+v %v", key, data, info, err)
		}
		if info, err := b.Stat(ctx, key); err != nil || info != (blob.Info{Size: 3, Type: "text/csv"}) {
			t.Errorf("stat %s: %+v %v", key, info, err)
		}
	}
	if err := b.Delete(ctx, "o/a=1"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Stat(ctx, "o/a=1"); !fault.Is(err, fault.NotFound) {
		t.Errorf("removed, but %v", err)
	}
	if data, _, err := b.Get(ctx, "o/b"); err != nil || string(data) != "a,b" {
		t.Errorf("the copy went with it: %q %v", data, err)
	}
	if err := b.Put(ctx, "o/c", "text/plain", []byte("longer")); err != nil {
		t.Fatal(err)
	}
	if err := b.Copy(ctx, "o/c", "o/b"); err != nil {
		t.Fatal(err)
	}
	if data, info, err := b.Get(ctx, "o/b"); err != nil || string(data) != "longer" || info.Type != "text/plain" {
		t.Errorf("copied over: %q %+v %v", data, info, err)
	}
}

func badKeys(t *testing.T, b blob.Bucket) {
	for name, err := range map[string]error{
		"upload":    func() error { _, err := b.Upload(ctx, "../x", "text/plain", 1, time.Minute); return err }(),
		"stat":      func() error { _, err := b.Stat(ctx, "a b"); return err }(),
		"copy from": b.Copy(ctx, "/x", "y"),
		"copy to":   b.Copy(ctx, "y", "x/"),
		"delete":    b.Delete(ctx, ""),
	} {
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// send is a browser's request.
func send(t *testing.T, client *http.Client, method, url string, header map[string]string, body string) (int, string) {
	t.Helper()
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range header {
		r.Header.Set(name, value)
	}
	a, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	out, err := io.ReadAll(a.Body)
	if err != nil {
		t.Fatal(err)
	}
	return a.StatusCode, string(out)
}

func uploads(t *testing.T, b blob.Bucket, client *http.Client) {
	up, err := b.Upload(ctx, "u/x", "image/png", 5, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Stat(ctx, "u/x"); !fault.Is(err, fault.NotFound) {
		t.Errorf("there before it came: %v", err)
	}
	for what, c := range map[string]struct {
		url, kind, body string
	}{
		"longer":       {up.URL, "image/png", "123456"},
		"shorter":      {up.URL, "image/png", "1234"},
		"another type": {up.URL, "text/html", "12345"},
		"no type":      {up.URL, "", "12345"},
		"another key":  {strings.Replace(up.URL, "/u/x", "/u/y", 1), "image/png", "12345"},
		"unsigned":     {strings.Split(up.URL, "?")[0], "image/png", "12345"},
	} {
		header := map[string]string{}
		if c.kind != "" {
			header["Content-Type"] = c.kind
		}
		if status, _ := send(t, client, up.Method, c.url, header, c.body); status != http.StatusForbidden {
			t.Errorf("%s: %d", what, status)
		}
	}
	if status, _ := send(t, client, http.MethodGet, up.URL, nil, ""); status != http.StatusForbidden {
		t.Errorf("fetched by a link to put: %d", status)
	}
	for _, key := range []string{"u/x", "u/y"} {
		if _, err := b.Stat(ctx, key); !fault.Is(err, fault.NotFound) {
			t.Errorf("%s was put by what was refused: %v", key, err)
		}
	}
	for _, body := range []string{"12345", "54321"} {
		if status, answer := send(t, client, up.Method, up.URL, up.Headers, body); status != http.StatusOK {
			t.Fatalf("as agreed: %d %s", status, answer)
		}
		if data, info, err := b.Get(ctx, "u/x"); err != nil || string(data) != body || info != (blob.Info{Size: 5, Type: "image/png"}) {
			t.Errorf("%q %+v %v", data, info, err)
		}
	}
}

func links(t *testing.T, b blob.Bucket, client *http.Client) {
	if err := b.Put(ctx, "l/a", "text/csv", []byte("a,b")); err != nil {
		t.Fatal(err)
	}
	link, err := b.Link(ctx, "l/a", "a.csv", time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if status, body := send(t, client, http.MethodGet, link, nil, ""); status != http.StatusOK || body != "a,b" {
		t.Errorf("%d %s", status, body)
	}
	if status, _ := send(t, client, http.MethodPut, link, map[string]string{"Content-Type": "text/csv"}, "xyz"); status != http.StatusForbidden {
		t.Errorf("put by a link to fetch: %d", status)
	}
}
