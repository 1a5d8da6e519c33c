package rehearsal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// findRoot is the repository, upward from the working directory.
func findRoot() (string, error) {
	dir, err := os.Getwd()
	for err == nil {
		if _, e := os.Stat(filepath.Join(dir, "go.mod")); e == nil {
			return dir, nil
		}
		if up := filepath.Dir(dir); up != dir {
			dir = up
			continue
		}
		err = errors.New("rehearsal: not inside the repository")
	}
	return "", err
}

// build makes the bootstraps of the named functions as `make build` does, but for this machine's own architecture.
func build(ctx context.Context, root, dir string, names []string) (map[string]string, error) {
	out := map[string]string{}
	for _, name := range names {
		file := filepath.Join(dir, name, "bootstrap")
		cmd := exec.CommandContext(ctx, "go", "build", "-tags", "lambda.norpc", "-trimpath", "-buildvcs=false", "-ldflags=-s -w -buildid=", "-o", file, "./functions/"+name+"/lambda")
		cmd.Dir, cmd.Env = root, append(os.Environ(), "CGO_ENABLED=0")
		if text, err := cmd.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("build of %s: %w\n%s", name, err, strings.TrimSpace(string(text)))
		}
		out[name] = file
	}
	return out, nil
}
