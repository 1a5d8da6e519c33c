package issuer

import (
	"context"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"parley/shared/fault"
)

func TestInvitation(t *testing.T) {
	d, ctx := newDesk(t), context.Background()
	sub, err := d.issuer.Invite(ctx, "Noah@parley.localhost", "Noah")
	if err != nil || sub == "" {
		t.Fatal(sub, err)
	}
	if again, err := d.issuer.Invite(ctx, "noah@PARLEY.localhost", "Other"); err != nil || again != sub {
		t.Errorf("again: %q %v", again, err)
	}
	if ada, err := d.issuer.Find("ada@parley.localhost"); err != nil {
		t.Error(err)
	} else if got, err := d.issuer.Invite(ctx, "ada@parley.localhost", ""); err != nil || got != ada.Sub {
		t.Errorf("who was there before: %q %v", got, err)
	}
	if _, err := d.issuer.Invite(ctx, "noah", ""); !fault.Is(err, fault.Invalid) {
		t.Error(err)
	}
	d.open(filepath.Dir(d.issuer.cfg.File)) // a restart
	u, err := d.issuer.Find(sub)
	if err != nil || u.Email != "noah@parley.localhost" || u.Name != "Noah" || !u.passwordIs("welcome") || u.Disabled {
		t.Errorf("%+v %v", u, err)
	}
}

func TestDisabledUsers(t *testing.T) {
	d, ctx := newDesk(t), context.Background()
	_, code := d.signIn("parley")
	got, _ := d.exchange(code, verifier)
	ada, err := d.issuer.Find("ada@parley.localhost")
	if err != nil {
		t.Fatal(err)
	}
	if err := d.issuer.Disable(ctx, ada.Sub); err != nil {
		t.Fatal(err)
	}
	d.open(filepath.Dir(d.issuer.cfg.File)) // a restart
	if _, status := d.refresh(got.Refresh); status != http.StatusBadRequest {
		t.Errorf("refresh: %d", status)
	}
	if status, _ := d.signIn("parley"); status != http.StatusForbidden {
		t.Errorf("sign-in: %d", status)
	}
	if status, _ := d.signIn("wrong"); status != http.StatusUnauthorized {
		t.Errorf("a wrong password tells that the account is disabled: %d", status)
	}
	if _, err := d.issuer.Token(ctx, ada.Email, time.Hour); !fault.Is(err, fault.Denied) {
		t.Error(err)
	}
	if err := d.issuer.Enable(ctx, ada.Sub); err != nil {
		t.Fatal(err)
	}
	if _, status := d.refresh(got.Refresh); status != http.StatusBadRequest {
		t.Errorf("an ended session came back: %d", status)
	}
	if _, code = d.signIn("parley"); code == "" {
		t.Fatal("no code")
	}
	if _, status := d.exchange(code, verifier); status != http.StatusOK {
		t.Errorf("after enabling: %d", status)
	}
	for _, err := range []error{d.issuer.Disable(ctx, "nobody"), d.issuer.Enable(ctx, "nobody")} {
		if !fault.Is(err, fault.NotFound) {
			t.Error(err)
		}
	}
}

// A code that was given before its user was disabled opens no session.
func TestACodeOfADisabledUser(t *testing.T) {
	d := newDesk(t)
	_, code := d.signIn("parley")
	ada, err := d.issuer.Find("ada@parley.localhost")
	if err != nil {
		t.Fatal(err)
	}
	if err := d.issuer.Disable(context.Background(), ada.Sub); err != nil {
		t.Fatal(err)
	}
	if got, status := d.exchange(code, verifier); status/100 == 2 || got.Access != "" || got.Refresh != "" {
		t.Errorf("%d %+v", status, got)
	}
}
