package webpush

import (
	"bytes"
	"crypto/ecdh"
	"strings"
	"testing"
	"time"

	"parley/shared/fault"
	"parley/shared/webpush/webpushtest"
)

// The example of RFC 8291, §5 and appendix A.
func TestTheExampleOfTheStandard(t *testing.T) {
	to := Target{
		Endpoint: "https://push.example.net/push/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV",
		P256dh:   "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4", Auth: "BTBZMqHH6r4Tts7J_aSIgg",
	}
	scalar, _ := b64.DecodeString("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")
	salt, _ := b64.DecodeString("DGv6ra1nlYgDCS1FRnbzlw")
	ours, err := ecdh.P256().NewPrivateKey(scalar)
	if err != nil {
		t.Fatal(err)
	}
	got, err := seal(to, []byte("When I grow up, I want to be a watermelon"), ours, salt)
	const want = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
	if err != nil || b64.EncodeToString(got) != want {
		t.Errorf("%s %v", b64.EncodeToString(got), err)
	}
}

func TestOnlyTheBrowserReadsIt(t *testing.T) {
	b := webpushtest.NewBrowser()
	to := Target{"https://push.example/1", b.P256dh, b.Auth}
	for _, n := range []int{0, 1, 300, PlainBytes} {
		plain := bytes.Repeat([]byte("x"), n)
		sealed, err := Seal(to, plain)
		if err != nil || len(sealed) > 4096 {
			t.Fatal(len(sealed), err)
		}
		if got, err := b.Open(sealed); err != nil || !bytes.Equal(got, plain) {
			t.Errorf("%d bytes: %q %v", n, got, err)
		}
		if _, err := webpushtest.NewBrowser().Open(sealed); err == nil {
			t.Error("another browser reads it")
		}
	}
	if _, err := Seal(to, make([]byte, PlainBytes+1)); !fault.Is(err, fault.Invalid) {
		t.Error(err)
	}
}

func TestTargets(t *testing.T) {
	b := webpushtest.NewBrowser()
	good := Target{"https://push.example/1", b.P256dh, b.Auth}
	if err := good.Check(); err != nil {
		t.Error(err)
	}
	for _, bad := range []Target{
		{"http://push.example/1", b.P256dh, b.Auth},
		{"https:///1", b.P256dh, b.Auth},
		{"https://me@push.example/1", b.P256dh, b.Auth},
		{"%", b.P256dh, b.Auth},
		{good.Endpoint, "", b.Auth},
		{good.Endpoint, b.P256dh[:80], b.Auth},
		{good.Endpoint, "B" + strings.Repeat("A", 86), b.Auth},
		{good.Endpoint, b.P256dh, "AAAA"},
	} {
		if err := bad.Check(); !fault.Is(err, fault.Invalid) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}

func TestWhoSends(t *testing.T) {
	k, err := NewKey(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := NewKey(bytes.Repeat([]byte{7}, 32)); again.Public() != k.Public() {
		t.Error("the key of a secret changes")
	}
	now := time.Unix(1_800_000_000, 0)
	auth, err := k.Authorization("https://push.example:443/a/b?c", "mailto:postmaster@parley.example", now)
	if err != nil {
		t.Fatal(err)
	}
	claims, err := webpushtest.Verify(auth, k.Public())
	if err != nil || claims != (webpushtest.Claims{Audience: "https://push.example:443", Expires: now.Add(tokenLife).Unix(), Subject: "mailto:postmaster@parley.example"}) {
		t.Errorf("%+v %v", claims, err)
	}
	other, _ := NewKey(make([]byte, 32))
	if _, err := webpushtest.Verify(auth, other.Public()); err == nil {
		t.Error("another's key signs for us")
	}
}
