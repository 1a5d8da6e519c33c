// Command upload puts the built web into a stage's bucket. It is the last step of `make deploy`.
//
// Owns: which file is kept how long by browsers and by CloudFront.
// Never: building the web, deleting: pages that are open still ask for the files they were built with.
// Imported by: nothing.
//
// A hashed file never changes; every other is asked for anew each time (CloudFront's CachingOptimized keeps such a one for a second), so no
// invalidation is needed. index.html goes last: it names the others.
package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"mime"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

func main() {
	from := flag.String("from", "web/dist/inbox", "the built web")
	outputs := flag.String("outputs", "dist/outputs.json", "what `cdk deploy --outputs-file` wrote")
	flag.Parse()
	if err := run(context.Background(), *from, *outputs); err != nil {
		fmt.Fprintln(os.Stderr, "upload:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, from, outputs string) error {
	bucket, err := bucketOf(outputs)
	if err != nil {
		return err
	}
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return err
	}
	n, err := upload(ctx, s3.NewFromConfig(cfg), bucket, os.DirFS(from))
	if err == nil {
		fmt.Printf("%d files of %s are in %s\n", n, from, bucket)
	}
	return err
}

// bucketOf reads the web's bucket from the outputs of the one stack they are of.
func bucketOf(file string) (string, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	var stacks map[string]struct{ WebBucketName string }
	if err := json.Unmarshal(raw, &stacks); err != nil {
		return "", fmt.Errorf("%s: %w", file, err)
	}
	for _, s := range stacks {
		if len(stacks) == 1 && s.WebBucketName != "" {
			return s.WebBucketName, nil
		}
	}
	return "", fmt.Errorf("%s: want one stack with an output WebBucketName", file)
}

// putter is the one call of S3's that is needed.
type putter interface {
	PutObject(context.Context, *s3.PutObjectInput, ...func(*s3.Options)) (*s3.PutObjectOutput, error)
}

const page = "index.html"

// upload puts every file but compressed twins, which CloudFront makes itself, and returns how many.
func upload(ctx context.Context, to putter, bucket string, web fs.FS) (int, error) {
	if _, err := fs.Stat(web, page); err != nil {
		return 0, fmt.Errorf("the web is not built: run make web (%w)", err)
	}
	var names []string
	err := fs.WalkDir(web, ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !slices.Contains([]string{".br", ".gz", ".map"}, path.Ext(name)) {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		return 0, err
	}
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(order(a), order(b)) })
	for _, name := range names {
		data, err := fs.ReadFile(web, name)
		if err != nil {
			return 0, err
		}
		kind, keep := headers(name)
		if _, err := to.PutObject(ctx, &s3.PutObjectInput{Bucket: &bucket, Key: &name, Body: bytes.NewReader(data), ContentType: &kind, CacheControl: &keep}); err != nil {
			return 0, fmt.Errorf("%s: %w", name, err)
		}
	}
	return len(names), nil
}

// order: what nobody asks for yet, what is asked for by name, the page that names them.
func order(name string) int {
	switch {
	case strings.HasPrefix(name, "assets/"), strings.HasPrefix(name, "widget/"):
		return 0
	case name != page:
		return 1
	}
	return 2
}

// types are those that the machine's own table may lack or spell otherwise.
var types = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".json": "application/json",
	".svg": "image/svg+xml", ".woff2": "font/woff2", ".webmanifest": "application/manifest+json", ".txt": "text/plain; charset=utf-8",
}

func headers(name string) (kind, keep string) {
	ext := path.Ext(name)
	kind = cmp.Or(types[ext], mime.TypeByExtension(ext), "application/octet-stream")
	switch {
	case strings.HasPrefix(name, "assets/"), strings.HasPrefix(name, "widget/"):
		return kind, "public, max-age=31536000, immutable"
	case name == "w.js": // on other people's pages: asked for anew every few minutes
		return kind, "public, max-age=300, stale-while-revalidate=86400"
	}
	return kind, "no-cache"
}
