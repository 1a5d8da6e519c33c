package local_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"parley/shared/fault"
	"parley/shared/secret/local"
)

var ctx = context.Background()

func key(t *testing.T, s *local.Store, name string) []byte {
	t.Helper()
	k, err := s.Key(ctx, name)
	if err != nil || len(k) != 32 {
		t.Fatalf("%x %v", k, err)
	}
	return k
}

func TestKey(t *testing.T) {
	file := filepath.Join(t.TempDir(), "sub", "secrets.json")
	s := local.Open(file)
	a, b := key(t, s, "a"), key(t, s, "b")
	if bytes.Equal(a, b) || bytes.Equal(a, make([]byte, 32)) {
		t.Error("keys are not random")
	}
	again := key(t, s, "a")
	again[0]++
	if !bytes.Equal(key(t, s, "a"), a) {
		t.Error("a caller can change the stored key")
	}
	if reopened := local.Open(file); !bytes.Equal(key(t, reopened, "a"), a) || !bytes.Equal(key(t, reopened, "b"), b) {
		t.Error("a key changed over a restart")
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v, want mode 0600", info.Mode(), err)
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(file), "secret-*"))
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

func TestFindNeverCreates(t *testing.T) {
	file := filepath.Join(t.TempDir(), "s")
	s := local.Open(file)
	if k, err := s.Find(ctx, "a"); !fault.Is(err, fault.NotFound) {
		t.Errorf("%x %v", k, err)
	}
	if _, err := os.Stat(file); !os.IsNotExist(err) {
		t.Errorf("a file was made: %v", err)
	}
	want := key(t, s, "a")
	if k, err := s.Find(ctx, "a"); err != nil || !bytes.Equal(k, want) {
		t.Errorf("%x %v, want %x", k, err, want)
	}
}

func TestKeyAtOnce(t *testing.T) {
	s := local.Open(filepath.Join(t.TempDir(), "s"))
	var mu sync.Mutex
	seen := map[string]bool{}
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			k, err := s.Key(ctx, "same")
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			seen[string(k)] = true
			mu.Unlock()
		})
	}
	wg.Wait()
	if len(seen) != 1 {
		t.Errorf("%d different keys", len(seen))
	}
}

// TestDamaged: a file that cannot be read is an error; it is never replaced, which would lose every key.
func TestDamaged(t *testing.T) {
	file := filepath.Join(t.TempDir(), "s")
	for _, bad := range []string{"{", `{"a":"AAAA"}`} {
		if err := os.WriteFile(file, []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		if k, err := local.Open(file).Key(ctx, "b"); err == nil {
			t.Errorf("%s: got %x", bad, k)
		}
		if raw, err := os.ReadFile(file); err != nil || string(raw) != bad {
			t.Errorf("the file is now %s", raw)
		}
	}
}
