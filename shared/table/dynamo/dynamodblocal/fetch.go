package dynamodblocal

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// The one version that is used, and the integrity hash the npm registry publishes for it.
const (
	npmName    = "amplify-dynamodb-simulator"
	npmVersion = "2.9.30"
	sha512Pin  = "xTeeRLvzEfqyd5lh3bH4c0kHvSHHmmhD5ZDsHFKAQ5g2Zl6JqlFdutaQhCLHzxEp6Ry1o7TB6niIoXuQAnSewQ=="
)

// folder returns the directory with DynamoDBLocal.jar, fetching it into the module's .tools the first time.
func folder(ctx context.Context) (string, error) {
	root, err := moduleRoot()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(root, ".tools", npmName+"-"+npmVersion)
	if _, err := os.Stat(filepath.Join(dir, "DynamoDBLocal.jar")); err == nil {
		return dir, nil
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return "", err
	}
	tmp, err := os.MkdirTemp(filepath.Dir(dir), "fetch-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(tmp)
	tgz, err := pack(ctx, tmp)
	if err != nil {
		return "", err
	}
	emulator := filepath.Join(tmp, "emulator")
	if err := unpack(tgz, emulator); err != nil {
		return "", err
	}
	if err := os.Rename(emulator, dir); err != nil && !errors.Is(err, os.ErrExist) {
		if _, there := os.Stat(filepath.Join(dir, "DynamoDBLocal.jar")); there != nil { // another test process was faster
			return "", err
		}
	}
	return dir, nil
}

// pack downloads the package and returns its bytes, which have the pinned hash.
func pack(ctx context.Context, dir string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "npm", "pack", npmName+"@"+npmVersion, "--ignore-scripts", "--pack-destination", dir)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("npm pack %s@%s: %w\n%s", npmName, npmVersion, err, out)
	}
	tgz, err := os.ReadFile(filepath.Join(dir, npmName+"-"+npmVersion+".tgz"))
	if err != nil {
		return nil, err
	}
	if sum := sha512.Sum512(tgz); base64.StdEncoding.EncodeToString(sum[:]) != sha512Pin {
		return nil, fmt.Errorf("%s@%s does not have the pinned sha512", npmName, npmVersion)
	}
	return tgz, nil
}

// unpack writes package/emulator/ of the archive to dir.
func unpack(tgz []byte, dir string) error {
	z, err := gzip.NewReader(bytes.NewReader(tgz))
	if err != nil {
		return err
	}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		name, ok := strings.CutPrefix(h.Name, "package/emulator/")
		if !ok || h.Typeflag != tar.TypeReg || !filepath.IsLocal(name) {
			continue
		}
		to := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		f, err := os.Create(to)
		if err != nil {
			return err
		}
		_, err = io.Copy(f, r)
		if e := f.Close(); err == nil {
			err = e
		}
		if err != nil {
			return err
		}
	}
}

func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", errors.New("dynamodblocal: not inside the module")
		}
		dir = up
	}
}
