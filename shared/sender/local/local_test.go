package local_test

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"parley/shared/fault"
	"parley/shared/sender"
	"parley/shared/sender/local"
)

var ctx = context.Background()

var _ sender.Senders = (*local.Senders)(nil)

func TestADomainIsVerifiedByItsRecords(t *testing.T) {
	zone := map[string]string{}
	file := filepath.Join(t.TempDir(), "new", "carrier.json")
	s := local.Open(file, "Mail.Example", func(_ context.Context, name string) string { return zone[name] })
	if _, err := s.Identity(ctx, "kiln.example"); !fault.Is(err, fault.NotFound) {
		t.Errorf("nobody asked for it: %v", err)
	}
	i, made, err := s.Prove(ctx, "kiln.example")
	if err != nil || !made || i.Status != sender.Pending || len(i.Tokens) != 3 || i.Tokens[0] == i.Tokens[1] {
		t.Fatalf("%+v %v %v", i, made, err)
	}
	if again, made, err := s.Prove(ctx, "kiln.example"); err != nil || made || again.Tokens[0] != i.Tokens[0] {
		t.Errorf("%+v %v %v", again, made, err)
	}
	for n, token := range i.Tokens {
		if got, err := s.Identity(ctx, "kiln.example"); err != nil || got.Status != sender.Pending {
			t.Errorf("with %d records: %+v %v", n, got, err)
		}
		zone[token+"._domainkey.kiln.example"] = token + ".dkim.amazonses.com."
	}
	if got, err := local.Open(file, "mail.example", func(_ context.Context, name string) string { return zone[name] }).Identity(ctx, "kiln.example"); err != nil || got.Status != sender.Verified {
		t.Errorf("after a restart: %+v %v", got, err)
	}
	if got, err := s.Identity(ctx, "mail.example"); err != nil || got.Status != sender.Verified {
		t.Errorf("the mail domain: %+v %v", got, err)
	}
	for range 2 {
		if err := s.Forget(ctx, "kiln.example"); err != nil {
			t.Error(err)
		}
	}
	if _, err := s.Identity(ctx, "kiln.example"); !fault.Is(err, fault.NotFound) {
		t.Error(err)
	}
	if a, err := s.Account(ctx); err != nil || !a.Production || !a.Enabled {
		t.Errorf("%+v %v", a, err)
	}
}

func TestSuppression(t *testing.T) {
	file := filepath.Join(t.TempDir(), "carrier.json")
	s := local.Open(file, "mail.example", nil)
	if err := s.Suppress("Gone@Shop.example", "BOUNCE"); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Suppressed(ctx, "gone@shop.example"); err != nil || got.Reason != "BOUNCE" || got.At.IsZero() {
		t.Errorf("%+v %v", got, err)
	}
	if err := s.Lift(ctx, "GONE@shop.example"); err != nil {
		t.Error(err)
	}
	if _, err := s.Suppressed(ctx, "gone@shop.example"); !fault.Is(err, fault.NotFound) {
		t.Error(err)
	}
	if err := s.Lift(ctx, "gone@shop.example"); !fault.Is(err, fault.NotFound) {
		t.Error(err)
	}
	var wg sync.WaitGroup
	for _, name := range []string{"a", "b", "c", "d"} {
		wg.Go(func() {
			if err := s.Suppress(name+"@shop.example", "COMPLAINT"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, name := range []string{"a", "b", "c", "d"} {
		if _, err := s.Suppressed(ctx, name+"@shop.example"); err != nil {
			t.Error(err)
		}
	}
	if err := os.WriteFile(file, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Suppressed(ctx, "a@shop.example"); err == nil || fault.Is(err, fault.NotFound) {
		t.Errorf("a broken file: %v", err)
	}
}
