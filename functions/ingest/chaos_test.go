package ingest_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"parley/functions/ingest"
	"parley/shared/host/hosttest"
	"parley/shared/inbox"
	"parley/shared/limit"
)

// What one mail of each kind adds to the ledger, and the mail itself: n tells it from others, s is a thread with an answer of ours.
var kinds = []struct {
	name                                     string
	threaded, filtered, quarantined, dropped int64
	mail                                     func(s *sent, n int) mail
}{
	{"a letter", 1, 0, 0, 0, func(_ *sent, n int) mail { return mail{raw: letter(lena, id(n), "Letter", "text")} }},
	{"without an id", 1, 0, 0, 0, func(_ *sent, n int) mail { return mail{raw: letter(lena, "", "No id", fmt.Sprint(n))} }},
	{"an answer by token", 1, 0, 0, 0, func(s *sent, n int) mail {
		return mail{to: []string{signer.ReplyAddress(s.thread)}, raw: letter(lena, id(n), "Re: Invoice", "text")}
	}},
	{"an answer by id", 1, 0, 0, 0, func(_ *sent, n int) mail {
		return mail{raw: letter(lena, id(n), "Re: Invoice", "text", "In-Reply-To: <first@x.example>")}
	}},
	{"to something unseen", 1, 0, 0, 0, func(_ *sent, n int) mail {
		return mail{raw: letter(lena, id(n), "Re: Plan", "text", fmt.Sprintf("In-Reply-To: <unseen%d@y.example>", n%3))}
	}},
	{"spam", 0, 1, 0, 0, func(_ *sent, n int) mail {
		return mail{edit: spammy, raw: letter("eve@evil.example", id(n), "Win", "text")}
	}},
	{"denied", 0, 1, 0, 0, func(_ *sent, n int) mail { return mail{raw: letter("eve@denied.example", id(n), "Win", "text")} }},
	{"to nobody", 0, 0, 1, 0, func(_ *sent, n int) mail {
		return mail{to: []string{"nobody@parley.example"}, raw: letter(lena, id(n), "Nobody", "text")}
	}},
	{"to two, and to nobody twice", 1, 0, 2, 0, func(_ *sent, n int) mail {
		return mail{to: []string{"support@parley.example", "x@parley.example", "support+a@parley.example", "y@parley.example"}, raw: letter(lena, id(n), "Many", "text")}
	}},
	{"in circles", 0, 0, 1, 0, func(_ *sent, n int) mail {
		return mail{raw: strings.Repeat("Received: from a by b; Mon, 2 Mar 2026 09:59:55 +0100\r\n", limit.MailReceivedHops+1) + letter(lena, id(n), "Round", "text")}
	}},
	{"our own", 0, 0, 0, 1, func(s *sent, n int) mail {
		return mail{raw: letter(lena, id(n), "Own", "text", "X-Parley-Loop: "+s.message)}
	}},
	{"a bounce", 1, 0, 0, 0, func(s *sent, n int) mail {
		return mail{from: "<>", raw: fmt.Sprint("X-N: ", n, "\r\n") + dsn("Message-ID: <"+s.message+">", fails(karl, "failed", "5.1.1"))}
	}},
	{"a bounce of nothing", 0, 0, 1, 0, func(_ *sent, n int) mail {
		return mail{from: "<>", raw: dsn(fmt.Sprintf("Message-ID: <lost%d@y.example>", n), fails(karl, "failed", "5.1.1"))}
	}},
	{"garbage", 1, 0, 0, 0, func(_ *sent, n int) mail { return mail{raw: string([]byte{0, 1, 0xff, byte(n)})} }},
}

func id(n int) string { return fmt.Sprintf("chaos%d@x.example", n) }

// Mails of all kinds, each brought several times and some under two ids, at once, while calls fail before and after they have had their effect
// and processes die: in the end nothing is under way, none is lost, none is double, and the ledger says what there is.
func TestChaos(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { chaos(t, rand.New(rand.NewPCG(seed, 3))) })
	}
}

func chaos(t *testing.T, rng *rand.Rand) {
	s := answered(t)
	s.list(t, inbox.Deny, "denied.example")
	const mails = 40
	threaded, filtered, quarantined, dropped := int64(1), int64(0), int64(0), int64(0) // the first one began the thread
	shown := int64(1)
	var payloads [][]byte
	for n := range mails {
		k := kinds[rng.IntN(len(kinds))]
		m := k.mail(s, n)
		copies := 1
		if rng.IntN(4) == 0 && !strings.HasPrefix(k.name, "without") { // the sender's server tried twice
			copies = 2
		}
		for c := range int64(copies) {
			m.id = fmt.Sprintf("ses%d-%d", n, c)
			payload := hosttest.QueuePayload(s.notification(t, m))
			for range 1 + rng.IntN(3) { // at least once
				payloads = append(payloads, payload)
			}
			threaded, filtered, quarantined, dropped = threaded+k.threaded, filtered+k.filtered, quarantined+k.quarantined, dropped+k.dropped
			isCopy := c > 0 && k.name != "garbage" // garbage has no Message-ID: a second one is a second one
			if k.name != "a bounce" && !isCopy {
				shown += k.threaded + k.filtered
			}
		}
	}
	rng.Shuffle(len(payloads), func(i, j int) { payloads[i], payloads[j] = payloads[j], payloads[i] })
	var mu sync.Mutex
	trouble := 400
	s.Strike = func(call string, _ bool) error {
		mu.Lock()
		defer mu.Unlock()
		if trouble == 0 || rng.IntN(25) > 0 {
			return nil
		}
		if trouble--; rng.IntN(3) == 0 {
			panic(&hosttest.Crash{Call: call})
		}
		return errors.New("trouble in " + call)
	}
	work := make(chan []byte, len(payloads))
	for _, p := range payloads {
		work <- p
	}
	close(work)
	var wg sync.WaitGroup
	for range 6 {
		h := s.Build(t, ingest.New)
		wg.Go(func() {
			for p := range work {
				for tries := 0; ; tries++ {
					answer, died, err := hosttest.Invoke(h, p)
					if err == nil && !died && len(hosttest.Failures(t, answer)) == 0 {
						break
					}
					if tries > 200 {
						t.Errorf("comes again and again: %s %v", answer, err)
						return
					}
				}
			}
		})
	}
	wg.Wait()
	s.Strike = nil
	s.adds(t, threaded, filtered, quarantined, dropped)
	if got := int64(s.messages(t)); got != shown {
		t.Errorf("%d messages, want %d", got, shown)
	}
	if got := int64(len(s.rows(t, false))); got != min(quarantined, 100) {
		t.Errorf("%d rows wait, want %d", got, quarantined)
	}
	for _, head := range s.all(t) {
		log := s.entries(t, head.ID)
		if int64(len(log)) != head.Seq {
			t.Errorf("%d entries, head at %d", len(log), head.Seq)
		}
	}
}
