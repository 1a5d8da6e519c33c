package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/go-cmp/cmp"
)

type bucket struct {
	puts []string
	fail string
}

func (b *bucket) PutObject(_ context.Context, in *s3.PutObjectInput, _ ...func(*s3.Options)) (*s3.PutObjectOutput, error) {
	if *in.Key == b.fail {
		return nil, errors.New("no")
	}
	data, err := io.ReadAll(in.Body)
	b.puts = append(b.puts, *in.Bucket+" "+*in.Key+" "+*in.ContentType+" | "+*in.CacheControl+" | "+string(data))
	return &s3.PutObjectOutput{}, err
}

func web(names ...string) fstest.MapFS {
	m := fstest.MapFS{}
	for _, n := range names {
		m[n] = &fstest.MapFile{Data: []byte(n)}
	}
	return m
}

func TestUpload(t *testing.T) {
	b := &bucket{}
	n, err := upload(context.Background(), b, "w", web("index.html", "theme.js", "assets/app-1a.js", "assets/app-1a.js.br", "assets/app-1a.js.map", "assets/f.woff2", "favicon.svg"))
	const ever = "public, max-age=31536000, immutable"
	want := []string{
		"w assets/app-1a.js text/javascript; charset=utf-8 | " + ever + " | assets/app-1a.js",
		"w assets/f.woff2 font/woff2 | " + ever + " | assets/f.woff2",
		"w favicon.svg image/svg+xml | no-cache | favicon.svg",
		"w theme.js text/javascript; charset=utf-8 | no-cache | theme.js",
		"w index.html text/html; charset=utf-8 | no-cache | index.html",
	}
	if diff := cmp.Diff(want, b.puts); diff != "" || n != 5 || err != nil {
		t.Errorf("%d, %v\n%s", n, err, diff)
	}
}

func TestUploadStopsBeforeThePage(t *testing.T) {
	b := &bucket{fail: "theme.js"}
	if _, err := upload(context.Background(), b, "w", web("index.html", "theme.js", "assets/a.js")); err == nil || len(b.puts) != 1 {
		t.Errorf("%v after %v", err, b.puts)
	}
	if _, err := upload(context.Background(), b, "w", web("assets/a.js")); err == nil || !strings.Contains(err.Error(), "make web") {
		t.Errorf("a web without its page: %v", err)
	}
}

func TestBucketOf(t *testing.T) {
	file := filepath.Join(t.TempDir(), "outputs.json")
	for text, want := range map[string]string{
		`{"Parley-dev":{"WebBucketName":"w","WebUrl":"https://x.example"}}`:     "w",
		`{"Parley-dev":{"WebBucketName":"w"},"Parley-b":{"WebBucketName":"v"}}`: "",
		`{"Parley-dev":{}}`: "", `{}`: "", `x`: "",
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := bucketOf(file); got != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q, %v", text, got, err)
		}
	}
	if _, err := bucketOf(file + ".none"); err == nil {
		t.Error("a bucket of nothing")
	}
}
