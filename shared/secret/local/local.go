// Package local is the secret port on one JSON file that only its owner can read.
//
// Owns: the file. Never: what a secret is for. Imported by: infra/local, tests.
package local

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"parley/shared/fault"
	"parley/shared/secret"
)

const keyBytes = 32

// Store keeps secrets in a file. Only one process may use the file (table/local locks the directory it lies in).
type Store struct {
	file string
	mu   sync.Mutex
	keys map[string][]byte // nil until the file has been read
}

var _ secret.Store = (*Store)(nil)

// Open makes a store of a file, which is created (mode 0600) with the first secret.
func Open(file string) *Store { return &Store{file: file} }

// Find implements secret.Store.
func (s *Store) Find(_ context.Context, name string) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.find(name)
}

func (s *Store) find(name string) ([]byte, error) {
	if s.keys == nil {
		keys, err := s.read()
		if err != nil {
			return nil, err
		}
		s.keys = keys
	}
	if key := s.keys[name]; key != nil {
		return append([]byte(nil), key...), nil
	}
	return nil, fault.New(fault.NotFound, "there is no secret %s", name)
}

// Key implements secret.Store.
func (s *Store) Key(_ context.Context, name string) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key, err := s.find(name)
	if !fault.Is(err, fault.NotFound) {
		return key, err
	}
	key = make([]byte, keyBytes)
	rand.Read(key) // never fails: the program ends instead
	s.keys[name] = key
	if err := s.save(); err != nil {
		delete(s.keys, name)
		return nil, err
	}
	return append([]byte(nil), key...), nil
}

func (s *Store) read() (map[string][]byte, error) {
	keys := map[string][]byte{}
	raw, err := os.ReadFile(s.file)
	if errors.Is(err, fs.ErrNotExist) {
		return keys, nil
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(raw, &keys); err != nil {
		return nil, fmt.Errorf("secret: %s cannot be read: %w", filepath.Base(s.file), err)
	}
	for name, key := range keys {
		if len(key) != keyBytes {
			return nil, fmt.Errorf("secret: %s is damaged at %q", filepath.Base(s.file), name)
		}
	}
	return keys, nil
}

// save replaces the file by a whole new one, on disk before it has the name.
func (s *Store) save() error {
	raw, err := json.MarshalIndent(s.keys, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(s.file), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(s.file), "secret-") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(append(raw, '\n'))
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(f.Name(), s.file)
	}
	if err != nil {
		return err
	}
	d, err := os.Open(filepath.Dir(s.file))
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
