package email_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"parley/shared/email"
)

const thread = "01kav8s3m5z7x9c2b4n6q8w0er"

var signer = email.NewSigner([]byte("a key for tests, thirty-two bytes"), "Mail.Parley.example")

func TestReplyAddress(t *testing.T) {
	addr := signer.ReplyAddress(thread)
	local, domain, _ := strings.Cut(addr, "@")
	if domain != "mail.parley.example" || len(local) > 64 || addr != strings.ToLower(addr) || !strings.HasPrefix(local, "c+"+thread+".") {
		t.Fatal(addr)
	}
	if got, err := email.NormaliseAddress(addr); err != nil || got != addr {
		t.Errorf("%q %v", got, err)
	}
	for _, s := range []string{addr, strings.ToUpper(addr), "<" + addr + ">", " " + addr} {
		if got, ok := signer.ThreadOfAddress(s); !ok || got != thread {
			t.Errorf("%q: %q %v", s, got, ok)
		}
	}
	longest := signer.ReplyAddress(strings.Repeat("z", 40))
	if local, _, _ := strings.Cut(longest, "@"); len(local) > 64 {
		t.Errorf("local part of %d octets", len(local))
	}
}

func TestMessageID(t *testing.T) {
	id := signer.MessageID(strings.ToUpper(thread), "00012")
	for _, s := range []string{id, strings.ToUpper(id), "<" + id + ">"} {
		if got, ok := signer.ThreadOfMessageID(s); !ok || got != thread {
			t.Errorf("%q: %q %v", s, got, ok)
		}
	}
	if signer.MessageID(thread, "00013") == id {
		t.Error("two entries have one id")
	}
}

// TestTampering changes one character anywhere: nothing but the case may be different in what is accepted.
func TestTampering(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id, addr := signer.MessageID(thread, "7"), signer.ReplyAddress(thread)
		for _, s := range []string{id, addr} {
			i := rapid.IntRange(0, len(s)-1).Draw(t, "at")
			c := rapid.ByteRange(' ', '~').Draw(t, "char")
			forged := s[:i] + string(rune(c)) + s[i+1:]
			if strings.EqualFold(forged, s) || strings.Trim(forged, "<> ") == s {
				continue
			}
			if _, ok := signer.ThreadOfMessageID(forged); ok {
				t.Fatalf("accepted %q", forged)
			}
			if _, ok := signer.ThreadOfAddress(forged); ok {
				t.Fatalf("accepted %q", forged)
			}
		}
	})
}

func TestForeignSignatures(t *testing.T) {
	other := email.NewSigner([]byte("another key"), "mail.parley.example")
	elsewhere := email.NewSigner([]byte("a key for tests, thirty-two bytes"), "other.example")
	mac := strings.Split(signer.ReplyAddress(thread), ".")[1]
	mac, _, _ = strings.Cut(mac, "@")
	for _, s := range []string{
		other.ReplyAddress(thread), elsewhere.ReplyAddress(thread), other.MessageID(thread, "1"), elsewhere.MessageID(thread, "1"),
		thread + ".1." + mac + "@mail.parley.example", // the signature of the address in an id
		"c+" + thread + ".@mail.parley.example", "c+" + thread + "@mail.parley.example", "c+." + mac + "@mail.parley.example", "", "@", "c+", strings.Repeat("a", 100_000),
	} {
		if got, ok := signer.ThreadOfAddress(s); ok {
			t.Errorf("address %.80q: %q", s, got)
		}
		if got, ok := signer.ThreadOfMessageID(s); ok {
			t.Errorf("id %.80q: %q", s, got)
		}
	}
	for _, bad := range []string{"", "short", strings.Repeat("a", 41), "with.dot.in.it", "with+plus+in"} {
		if got := signer.ReplyAddress(bad); got != "" {
			t.Errorf("%q: %q", bad, got)
		}
		if got := signer.MessageID(bad, "1") + signer.MessageID(thread, bad+"."); got != "" {
			t.Errorf("%q: %q", bad, got)
		}
	}
}

func TestSESLocalPart(t *testing.T) {
	const local = "0100017b5d8efc70-c7f18809-aa55-48f6-91fd-b626092ed8b3-000000"
	for id, want := range map[string]string{
		local + "@email.amazonses.com": local, "<" + strings.ToUpper(local) + "@eu-west-1.amazonses.com>": local,
		local + "@amazonses.com": "", local + "@a.b.amazonses.com": "", local + "@email.amazonses.com.evil.example": "", local + "@evilamazonses.com": "",
		"x@email.amazonses.com": "", local: "", local + "/@email.amazonses.com": "", "": "",
	} {
		if got, ok := email.SESLocalPart(id); got != want || ok != (want != "") {
			t.Errorf("%q: %q %v", id, got, ok)
		}
	}
}
