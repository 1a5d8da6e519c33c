package flows

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"parley/infra/local/run"
)

// shared is the set-up most flows use; each flow has addresses and subjects of its own.
var shared run.Ready

func TestMain(m *testing.M) {
	if os.Getenv("PARLEY_CHILD") != "" {
		child()
		return
	}
	os.Exit(func() int {
		if text := os.Getenv("PARLEY_READY"); text != "" {
			if err := json.Unmarshal([]byte(text), &shared); err != nil {
				fmt.Fprintln(os.Stderr, "PARLEY_READY:", err)
				return 2
			}
			return m.Run()
		}
		dir, err := os.MkdirTemp("", "parley-flows")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 2
		}
		defer os.RemoveAll(dir)
		p, err := run.Start(run.Config{DataDir: dir, Log: problems})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 2
		}
		shared = p.Ready
		code := m.Run()
		if err := p.Close(context.Background()); err != nil {
			fmt.Fprintln(os.Stderr, "close:", err)
			code = 1
		}
		return code
	}())
}

var problems = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))

func flow(t *testing.T) *setup { return &setup{Ready: shared, t: t} }

func letter(from, subject, id, more, text string) string {
	return fmt.Sprintf("From: %s\nTo: support@parley.localhost\nSubject: %s\nMessage-ID: %s\nDate: %s\n%s\n%s\n", from, subject, id, time.Now().Format(time.RFC1123Z), more, text)
}

func TestFlowAMailIsAThreadWithinASecond(t *testing.T) {
	s := flow(t)
	begin := time.Now()
	s.post("ines@example.com", s.Address, letter(`"Inés Ibarra" <ines@example.com>`, "Where is my order", "<in-1@example.com>", "", "Order 1001 has not come."))
	got := s.bySubject("Where is my order")
	if took := time.Since(begin); took > time.Second {
		t.Errorf("took %v", took)
	}
	if got.Contact.Address != "ines@example.com" || got.Contact.Name != "Inés Ibarra" || !strings.HasPrefix(got.Preview, "Order 1001") || got.Status != "open" {
		t.Errorf("%+v", got)
	}
	th := s.thread(got.ID)
	if last := th.Entries[len(th.Entries)-1]; last.Received == nil || last.Received.Why.Rule == "" {
		t.Errorf("no received message with its why: %+v", th.Entries)
	}
}

func TestFlowThreeTurnsByMail(t *testing.T) {
	s := flow(t)
	const customer = "theo@example.com"
	s.post(customer, s.Address, letter(customer, "Cracked vase", "<theo-1@example.com>", "", "It came cracked."))
	id := s.bySubject("Cracked vase").ID
	refs := "<theo-1@example.com>"
	for turn := 1; turn <= 3; turn++ {
		s.call("POST", "/threads/"+id+"/messages", map[string]any{"text": fmt.Sprintf("Answer %d: we are on it.", turn)}, nil)
		m := s.sentTo(customer, turn)
		h := m.header(t)
		if h.Get("In-Reply-To") != fmt.Sprintf("<theo-%d@example.com>", turn) || !strings.Contains(h.Get("References"), refs) {
			t.Fatalf("turn %d: In-Reply-To %q, References %q, want them to name %q", turn, h.Get("In-Reply-To"), h.Get("References"), refs)
		}
		if h.Get("Subject") != "Re: Cracked vase" || !strings.Contains(h.Get("From"), "support@parley.localhost") {
			t.Errorf("turn %d: Subject %q From %q", turn, h.Get("Subject"), h.Get("From"))
		}
		replyTo, err := h.AddressList("Reply-To")
		if err != nil || len(replyTo) != 1 || !strings.HasSuffix(replyTo[0].Address, "@parley.localhost") {
			t.Fatalf("turn %d: Reply-To %q: %v", turn, h.Get("Reply-To"), err)
		}
		// As a mail client does: to the Reply-To, naming the id that came over the wire, with the whole chain.
		mine := fmt.Sprintf("<theo-%d@example.com>", turn+1)
		refs = h.Get("Message-ID")
		s.post(customer, replyTo[0].Address, letter(customer, "Re: Cracked vase", mine,
			"In-Reply-To: "+refs+"\nReferences: "+h.Get("References")+" "+refs+"\n", fmt.Sprintf("Reply %d.", turn)))
		s.eventually(fmt.Sprintf("reply %d on its thread", turn), func() bool { return s.thread(id).Thread.Messages == int64(2*turn+1) })
		refs = mine
	}
	th := s.thread(id)
	for i, e := range th.Entries {
		if e.Seq != int64(i+1) {
			t.Errorf("entry %d has seq %d", i, e.Seq)
		}
		if e.Sent != nil && (e.Delivery == nil || e.Delivery.State != "sent") {
			t.Errorf("delivery %+v", e.Delivery)
		}
	}
	for _, other := range s.threads("open") {
		if other.ID != id && strings.Contains(other.Subject, "Cracked vase") {
			t.Errorf("a second thread: %+v", other)
		}
	}
}

func TestFlowAReplyJoinsWithoutThePlusAddress(t *testing.T) {
	s := flow(t)
	const customer = "wanda@example.com"
	s.post(customer, s.Address, letter(customer, "Glaze question", "<wanda-1@example.com>", "", "Which glaze?"))
	id := s.bySubject("Glaze question").ID
	s.call("POST", "/threads/"+id+"/messages", map[string]any{"text": "Celadon."}, nil)
	m := s.sentTo(customer, 1)
	s.post(customer, s.Address, letter(customer, "AW: Glaze question", "<wanda-2@example.com>", "In-Reply-To: "+m.header(t).Get("Message-ID")+"\n", "Thanks."))
	s.eventually("the reply", func() bool { return s.thread(id).Thread.Messages == 3 })
}

func TestFlowTheSameMailTwiceIsOneMessage(t *testing.T) {
	s := flow(t)
	data := letter("dora@example.com", "Twice", "<dora-1@example.com>", "", "An impatient server.")
	for range 3 {
		s.post("dora@example.com", s.Address, data)
	}
	s.bySubject("Twice")
	s.post("dora@example.com", s.Address, letter("dora@example.com", "After twice", "<dora-2@example.com>", "", "x"))
	s.bySubject("After twice")
	time.Sleep(200 * time.Millisecond)
	n := 0
	for _, th := range s.threads("open") {
		if th.Subject == "Twice" {
			n++
			if th.Messages != 1 {
				t.Errorf("%d messages", th.Messages)
			}
		}
	}
	if n != 1 {
		t.Errorf("%d threads", n)
	}
}

func TestFlowUnknownMailboxGoesToQuarantine(t *testing.T) {
	s := flow(t)
	s.post("eve@example.com", "nobody@parley.localhost", letter("eve@example.com", "To nobody", "<eve-1@example.com>", "", "x"))
	s.eventually("the quarantined mail", func() bool {
		var q struct {
			Mails []struct{ Subject, Reason string }
		}
		s.call("GET", "/quarantine", nil, &q)
		for _, m := range q.Mails {
			if m.Subject == "To nobody" && m.Reason != "" {
				return true
			}
		}
		return false
	})
}

func TestFlowMailToOurselvesLoopsBack(t *testing.T) {
	s := flow(t)
	s.post("fay@example.com", s.Address, letter("fay@example.com", "Forward this", "<fay-1@example.com>", "", "x"))
	id := s.bySubject("Forward this").ID
	s.call("POST", "/threads/"+id+"/messages", map[string]any{"text": "To an address of ours.", "to": []map[string]string{{"email": "nowhere@parley.localhost"}}}, nil)
	s.eventually("our own mail at our own door", func() bool {
		var q struct {
			Mails []struct {
				Subject string
				To      []string
			}
		}
		s.call("GET", "/quarantine", nil, &q)
		return bytes.Contains([]byte(fmt.Sprint(q.Mails)), []byte("nowhere@parley.localhost"))
	})
}
