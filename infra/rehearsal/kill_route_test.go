package rehearsal_test

import (
	"testing"

	"parley/infra/rehearsal"
)

// TestFlowKillRoute: a thread whose route dies at any moment is given to somebody by the next delivery of its record, once, and the thread says so
// once.
func TestFlowKillRoute(t *testing.T) {
	t.Parallel()
	r := begin(t, rehearsal.Config{Seed: 12, Log: quiet()})
	w := client{r, t}.crew(500)
	everyKill(t, &killer{r: r, role: "route"}, func(t *testing.T, _ int, _ func()) string {
		c := client{r, t}
		w.c = c
		w.mails(1)
		c.eventually("an owner", func() bool { return w.held() == w.n })
		r.Settle()
		for _, th := range w.threads("open") {
			if th.Seq != 3 { // opened, the message, the assignment
				t.Errorf("%s has %d entries", th.ID, th.Seq)
			}
		}
		return ""
	})
}
