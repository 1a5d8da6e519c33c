package rehearsal

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
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

// built are the bootstraps that this process has made already.
var built struct {
	sync.Mutex
	files map[string]string
}

// build makes the bootstraps of the named functions as `make build` does, but for this machine's own architecture.
func build(ctx context.Context, root, dir string, names []string) (map[string]string, error) {
	built.Lock()
	defer built.Unlock()
	if built.files == nil {
		built.files = map[string]string{}
	}
	for _, name := range names {
		if built.files[name] != "" {
			continue
		}
		file := filepath.Join(dir, name, "bootstrap")
		cmd := exec.CommandContext(ctx, "go", "build", "-tags", "lambda.norpc", "-trimpath", "-buildvcs=false", "-ldflags=-s -w -buildid=", "-o", file, "./functions/"+name+"/lambda")
		cmd.Dir, cmd.Env = root, append(os.Environ(), "CGO_ENABLED=0")
		if text, err := cmd.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("build of %s: %w\n%s", name, err, strings.TrimSpace(string(text)))
		}
		built.files[name] = file
	}
	return maps.Clone(built.files), nil
}
