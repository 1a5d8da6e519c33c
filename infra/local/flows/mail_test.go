package flows

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"runtime"
	"strconv"
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
	http.DefaultClient.Timeout = time.Minute // no request of a flow may wait for ever
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

// flowPatience is longer than any flow takes; the longest wait for the sweep twice.
const flowPatience = 6 * time.Minute

func flow(t *testing.T) *setup {
	watched := time.AfterFunc(flowPatience, func() {
		fmt.Fprintf(os.Stderr, "%s hangs:\n%s\n%s\n", t.Name(), ours(stacks()), processes())
		os.Exit(2)
	})
	t.Cleanup(func() { watched.Stop() })
	return &setup{Ready: shared, t: t, tag: strconv.FormatInt(time.Now().UnixNano(), 36)}
}

func stacks() []byte {
	buf := make([]byte, 8<<20)
	return buf[:runtime.Stack(buf, true)]
}

// ours are the goroutines that run something of the flows' own.
func ours(stacks []byte) []byte {
	var out [][]byte
	for _, g := range bytes.Split(stacks, []byte("\n\n")) {
		if bytes.Contains(g, []byte("/flows.")) && !bytes.Contains(g, []byte("flows.TestMain")) {
			out = append(out, g)
		}
	}
	return bytes.Join(out, []byte("\n\n"))
}

func letter(from, subject, id, more, text string) string {
	return fmt.Sprintf("From: %s\nTo: support@parley.localhost\nSubject: %s\nMessage-ID: %s\nDate: %s\n%s\n%s\n", from, subject, id, time.Now().Format(time.RFC1123Z), more, text)
}

func TestFlowAMailIsAThreadWithinASecond(t *testing.T) {
	s := flow(t)
	begin := time.Now()
	s.post(s.at("ines"), s.Address, letter(`"Inés Ibarra" <`+s.at("ines")+">", s.about("Where is my order"), s.id("in", 1), "", "Order 1001 has not come."))
	got := s.bySubject(s.about("Where is my order"))
	if took := time.Since(begin); took > s.within(time.Second) {
		t.Errorf("took %v", took)
	}
	if got.Contact.Address != s.at("ines") || got.Contact.Name != "Inés Ibarra" || !strings.HasPrefix(got.Preview, "Order 1001") || got.Status != "open" {
		t.Errorf("%+v", got)
	}
	th := s.thread(got.ID)
	if last := th.Entries[len(th.Entries)-1]; last.Received == nil || last.Received.Why.Rule == "" {
		t.Errorf("no received message with its why: %+v", th.Entries)
	}
}

func TestFlowThreeTurnsByMail(t *testing.T) {
	s := flow(t)
	customer := s.at("theo")
	s.post(customer, s.Address, letter(customer, s.about("Cracked vase"), s.id("theo", 1), "", "It came cracked."))
	id := s.bySubject(s.about("Cracked vase")).ID
	refs := s.id("theo", 1)
	for turn := 1; turn <= 3; turn++ {
		s.call("POST", "/threads/"+id+"/messages", map[string]any{"text": fmt.Sprintf("Answer %d: we are on it.", turn)}, nil)
		m := s.sentTo(customer, turn)
		h := m.header(t)
		if h.Get("In-Reply-To") != s.id("theo", turn) || !strings.Contains(h.Get("References"), refs) {
			t.Fatalf("turn %d: In-Reply-To %q, References %q, want them to name %q", turn, h.Get("In-Reply-To"), h.Get("References"), refs)
		}
		if h.Get("Subject") != "Re: "+s.about("Cracked vase") || !strings.Contains(h.Get("From"), s.Address) {
			t.Errorf("turn %d: Subject %q From %q", turn, h.Get("Subject"), h.Get("From"))
		}
		replyTo, err := h.AddressList("Reply-To")
		if err != nil || len(replyTo) != 1 || !strings.HasSuffix(replyTo[0].Address, s.ours("")) {
			t.Fatalf("turn %d: Reply-To %q: %v", turn, h.Get("Reply-To"), err)
		}
		// As a mail client does: to the Reply-To, naming the id that came over the wire, with the whole chain.
		mine := s.id("theo", turn+1)
		refs = h.Get("Message-ID")
		s.post(customer, replyTo[0].Address, letter(customer, "Re: "+s.about("Cracked vase"), mine,
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
		if other.ID != id && strings.Contains(other.Subject, s.about("Cracked vase")) {
			t.Errorf("a second thread: %+v", other)
		}
	}
}

func TestFlowAReplyJoinsWithoutThePlusAddress(t *testing.T) {
	s := flow(t)
	customer := s.at("wanda")
	s.post(customer, s.Address, letter(customer, s.about("Glaze question"), s.id("wanda", 1), "", "Which glaze?"))
	id := s.bySubject(s.about("Glaze question")).ID
	s.call("POST", "/threads/"+id+"/messages", map[string]any{"text": "Celadon."}, nil)
	m := s.sentTo(customer, 1)
	s.post(customer, s.Address, letter(customer, "AW: "+s.about("Glaze question"), s.id("wanda", 2), "In-Reply-To: "+m.header(t).Get("Message-ID")+"\n", "Thanks."))
	s.eventually("the reply", func() bool { return s.thread(id).Thread.Messages == 3 })
}

func TestFlowTheSameMailTwiceIsOneMessage(t *testing.T) {
	s := flow(t)
	data := letter(s.at("dora"), s.about("Twice"), s.id("dora", 1), "", "An impatient server.")
	for range 3 {
		s.post(s.at("dora"), s.Address, data)
	}
	s.bySubject(s.about("Twice"))
	s.post(s.at("dora"), s.Address, letter(s.at("dora"), s.about("After twice"), s.id("dora", 2), "", "x"))
	s.bySubject(s.about("After twice"))
	time.Sleep(200 * time.Millisecond)
	n := 0
	for _, th := range s.threads("open") {
		if th.Subject == s.about("Twice") {
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
	s.post(s.at("eve"), s.ours("nobody"), letter(s.at("eve"), s.about("To nobody"), s.id("eve", 1), "", "x"))
	s.eventually("the quarantined mail", func() bool {
		var q struct {
			Mails []struct{ Subject, Reason string }
		}
		s.call("GET", "/quarantine", nil, &q)
		for _, m := range q.Mails {
			if m.Subject == s.about("To nobody") && m.Reason != "" {
				return true
			}
		}
		return false
	})
}

func TestFlowMailToOurselvesLoopsBack(t *testing.T) {
	s := flow(t)
	where := s.ours("nowhere-" + s.tag)
	s.post(s.at("fay"), s.Address, letter(s.at("fay"), s.about("Forward this"), s.id("fay", 1), "", "x"))
	id := s.bySubject(s.about("Forward this")).ID
	s.call("POST", "/threads/"+id+"/messages", map[string]any{"text": "To an address of ours.", "to": []map[string]string{{"email": where}}}, nil)
	s.eventually("our own mail at our own door", func() bool {
		var q struct {
			Mails []struct {
				Subject string
				To      []string
			}
		}
		s.call("GET", "/quarantine", nil, &q)
		return strings.Contains(fmt.Sprint(q.Mails), where)
	})
}
