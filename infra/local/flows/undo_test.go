package flows

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"
)

func (s *setup) messagePath(id string, seq int64) string {
	return fmt.Sprintf("/threads/%s/messages/%d", id, seq)
}

// Undo races with everything that can send: two tabs withdraw, one releases, at once or a little apart, and deliver takes what it is given. Each
// message has exactly one end, everybody who asked was told it, and the outbox agrees.
func TestFlowUndoRaces(t *testing.T) {
	s := flow(t)
	const threads, rounds = 4, 10
	var all sync.WaitGroup
	for n := range threads {
		all.Go(func() { s.undoRaces(n, rounds) })
	}
	all.Wait()
}

func (s *setup) undoRaces(n, rounds int) {
	t, rng := s.t, rand.New(rand.NewPCG(uint64(n), 7))
	who, subject := s.at(fmt.Sprint("una", n)), s.about(fmt.Sprint("Races ", n))
	s.post(who, s.Address, letter(who, subject, s.id("una", n), "", "Well?"))
	id := s.bySubject(subject).ID
	var sentTexts []string
	for round := range rounds {
		text := fmt.Sprintf("Message %d of %d.", round, n)
		var out struct {
			Entries []struct{ Seq int64 }
		}
		s.call("POST", "/threads/"+id+"/messages", map[string]any{"text": text, "undo": true}, &out)
		path := s.messagePath(id, out.Entries[0].Seq)
		asks := [][]string{{"withdraw", "withdraw", "release"}, {"release", "withdraw"}, {"release", "release", "withdraw", "withdraw"}, {"withdraw", "withdraw"}}[rng.IntN(4)]
		status := make([]int, len(asks))
		var both sync.WaitGroup
		for i, ask := range asks {
			pause := time.Duration(rng.IntN(60)) * time.Millisecond * time.Duration(rng.IntN(2))
			both.Go(func() {
				time.Sleep(pause)
				status[i], _, _ = s.try("POST", path+"/"+ask, nil)
			})
		}
		both.Wait()
		count := map[string]int{}
		for i, ask := range asks {
			count[fmt.Sprint(ask, " ", status[i])]++
		}
		withdrawn, released := count["withdraw 200"] > 0, count["release 200"] > 0
		if withdrawn == released || count["withdraw 200"]+count["withdraw 409"]+count["release 200"]+count["release 409"] != len(asks) ||
			count["withdraw 200"] > 0 && count["withdraw 409"] > 0 || count["release 200"] > 0 && count["release 409"] > 0 {
			t.Errorf("thread %d, round %d: %v has no one end", n, round, count)
			return
		}
		if released {
			sentTexts = append(sentTexts, text)
		}
		for _, late := range []string{"withdraw", "release"} { // and it stays so
			got, _, body := s.try("POST", path+"/"+late, nil)
			if want := map[bool]int{true: 200, false: 409}[(late == "withdraw") == withdrawn]; got != want {
				t.Errorf("thread %d, round %d: %s afterwards is %d, want %d: %s", n, round, late, got, want, body)
			}
		}
	}
	s.call("POST", "/threads/"+id+"/messages", map[string]any{"text": "The last one."}, nil)
	sentTexts = append(sentTexts, "The last one.")
	s.sentTo(who, len(sentTexts)) // in order: what was held and withdrawn would have come before it
	got := s.outbox(who)
	if len(got) != len(sentTexts) {
		t.Errorf("thread %d: %d mails, want %d", n, len(got), len(sentTexts))
	}
	for i, text := range sentTexts {
		if m := got[len(got)-1-i]; !strings.Contains(m.Raw, text) {
			t.Errorf("thread %d: mail %d is not %q", n, i, text)
		}
	}
	last := map[string]int{}
	for _, e := range s.answering(id).Entries {
		last[e.Type]++
	}
	if last["message.sent"] != rounds+1 || last["message.withdrawn"] != rounds+1-len(sentTexts) {
		t.Errorf("thread %d: %v, %d mails", n, last, len(sentTexts))
	}
}
