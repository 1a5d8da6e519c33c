package ssm_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"parley/shared/fault"
	"parley/shared/secret"
	"parley/shared/secret/ssm"
)

var ctx = context.Background()

// fake plays the two calls of SSM; race makes the first creation lose against another's.
type fake struct {
	mu    sync.Mutex
	held  map[string]string
	calls []string
	race  bool
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var in struct {
		Name, Type, Value         string
		WithDecryption, Overwrite bool
	}
	_ = json.NewDecoder(r.Body).Decode(&in)
	call := strings.TrimPrefix(r.Header.Get("X-Amz-Target"), "AmazonSSM.")
	f.calls = append(f.calls, call)
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	refuse := func(code string) {
		w.WriteHeader(400)
		fmt.Fprintf(w, `{"__type":%q,"message":"m"}`, code)
	}
	if call == "PutParameter" && f.race {
		f.race = false
		f.held[in.Name] = base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 32))
	}
	switch value, there := f.held[in.Name]; {
	case call == "GetParameter" && !there:
		refuse("ParameterNotFound")
	case call == "GetParameter" && in.WithDecryption:
		fmt.Fprintf(w, `{"Parameter":{"Value":%q}}`, value)
	case call == "PutParameter" && there:
		refuse("ParameterAlreadyExists")
	case call == "PutParameter" && in.Type == "SecureString" && !in.Overwrite:
		f.held[in.Name] = in.Value
		fmt.Fprint(w, `{"Version":1}`)
	default:
		refuse("ValidationException")
	}
}

func open(t *testing.T, f *fake) func() secret.Store {
	t.Helper()
	f.held = map[string]string{}
	srv := httptest.NewServer(f)
	t.Cleanup(srv.Close)
	for k, v := range map[string]string{
		"AWS_ENDPOINT_URL_SSM": srv.URL, "AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s",
		"AWS_CONFIG_FILE": "/nonexistent", "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
	} {
		t.Setenv(k, v)
	}
	stores, err := ssm.Open(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return func() secret.Store { return stores("/parley/dev/") }
}

func TestKey(t *testing.T) {
	f := &fake{}
	store := open(t, f)
	s := store()
	first, err := s.Key(ctx, "mail-signing-key")
	if err != nil || len(first) != 32 || f.held["/parley/dev/mail-signing-key"] == "" {
		t.Fatalf("%x %v %v", first, err, f.held)
	}
	for range 3 {
		if again, err := s.Key(ctx, "mail-signing-key"); err != nil || !bytes.Equal(again, first) {
			t.Fatalf("%x %v", again, err)
		}
	}
	if got := strings.Join(f.calls, " "); got != "GetParameter PutParameter" {
		t.Errorf("calls: %s", got)
	}
	if other, err := store().Key(ctx, "mail-signing-key"); err != nil || !bytes.Equal(other, first) {
		t.Errorf("another process: %x %v", other, err)
	}
}

func TestFindNeverCreates(t *testing.T) {
	f := &fake{}
	store := open(t, f)
	s := store()
	for range 2 {
		if k, err := s.Find(ctx, "image-signing-key"); !fault.Is(err, fault.NotFound) {
			t.Fatalf("%x %v", k, err)
		}
	}
	want, err := store().Key(ctx, "image-signing-key") // another process
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if k, err := s.Find(ctx, "image-signing-key"); err != nil || !bytes.Equal(k, want) {
			t.Fatalf("%x %v, want %x", k, err, want)
		}
	}
	if got := strings.Join(f.calls, " "); got != "GetParameter GetParameter GetParameter PutParameter GetParameter" {
		t.Errorf("calls: %s", got)
	}
}

func TestKeyRace(t *testing.T) {
	f := &fake{race: true}
	got, err := open(t, f)().Key(ctx, "k")
	if err != nil || !bytes.Equal(got, bytes.Repeat([]byte{7}, 32)) {
		t.Errorf("%x %v, want the winner's key", got, err)
	}
}

func TestKeyDamaged(t *testing.T) {
	f := &fake{}
	store := open(t, f)
	f.held["/parley/dev/k"] = "not a key"
	if got, err := store().Key(ctx, "k"); err == nil || strings.Contains(err.Error(), "not a key") {
		t.Errorf("%x %v, want an error that does not show the value", got, err)
	}
}
