package rehearsal_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"testing"
	"time"

	"parley/infra/rehearsal"
	"parley/infra/rehearsal/iam"
)

// recording is a scene that passed, and what it asked for from cold processes on.
type recording struct {
	scene
	fresh  bool // it plays on an account of its own: this needs what only a beginning needs
	took   time.Duration
	record *iam.Record
}

// TestFlowRights runs the flows of local mode and the scenes of this set-up on one account and looks at its ledger: no call was refused, and every
// grant was needed or has a reason. Then it takes needed grants away, one at a time, and the flow that needs it must fail and name it: a few of
// them, or those that -grants says (make rights: all).
func TestFlowRights(t *testing.T) {
	r := begin(t, rehearsal.Config{Seed: 1, Log: quiet(), Unborn: true, Still: true})
	var all []recording
	record := func(s scene, fresh bool) {
		t.Run(s.name, func(t *testing.T) {
			began := time.Now()
			defer func() { // however the scene ended: what it was refused says why
				took := time.Since(began)
				r.Cloud.OnCall(nil)
				r.Settle()
				page := r.Ledger.Turn()
				refusals(t, page.Refused())
				all = append(all, recording{s, fresh, took, page})
			}()
			s.run(client{r, t})
		})
		r.Cool()
	}
	record(scene{"a workspace's first day", client.firstDay}, true)
	for _, s := range slices.Concat(local(t), scenes) {
		record(s, false)
	}
	if t.Failed() {
		return
	}
	judge(t, r)
	t.Run("without", func(t *testing.T) { trials(t, r, all) })
	t.Run("given back", func(t *testing.T) {
		p := &probe{TB: t, tag: "back", ctx: context.Background()}
		<-p.run(func(tb testing.TB) { client{r, tb}.files() })
		if r.Settle(); p.Failed() {
			t.Errorf("with all grants again: %q", p.said)
		}
		refusals(t, r.Ledger.Turn().Refused())
	})
}

// firstDay is what happens once in the life of a workspace: it is deployed, the first mail comes before anybody has signed in and is answered, the
// keys of pictures and visitors are made; at last the stack is changed, deleted and made again.
func (c client) firstDay() {
	c.firstMail()
	c.noKey()
	th := c.about("The first")[0]
	c.reply(th.ID, "Welcome.")
	c.eventually("the first answer", func() bool { return c.sentTo("first@example.com") == 1 })
	var in struct{ Inboxes []struct{ ID string } }
	c.get("/inboxes", &in)
	conn := c.socket("inbox:" + in.Inboxes[0].ID)
	c.do(http.MethodPost, "/threads/"+th.ID+"/comments", map[string]any{"text": "The first note."})
	c.until(conn, `"t":"thread"`) // heads come from the stream alone
	c.firstPicture()
	c.visitor() // the first
	for _, kind := range []string{"Update", "Delete", "Create"} {
		if err := c.Deploy(context.Background(), kind); err != nil {
			c.t.Error(err)
		}
	}
}

// refusals fails a flow for each refused call, by function, action and resource.
func refusals(t testing.TB, refused []iam.Denied) {
	t.Helper()
	for _, d := range refused {
		t.Errorf("refused: %v", &d)
	}
}

func judge(t *testing.T, r *rehearsal.Rehearsal) {
	refusals(t, r.Ledger.Refused())
	if names := r.Cloud.Aliens(); len(names) > 0 {
		t.Errorf("a function wanted to reach %v", names)
	}
	for _, g := range r.Ledger.Unused() {
		if reason(g) == "" {
			t.Errorf("no flow needs %s %s on %s: remove it from infra/grants.go, or say in reasons_test.go why it stays", g.Role, g.Action, g.Resource)
		}
	}
	for _, g := range r.Ledger.Used() {
		if missed := r.Ledger.MissedWithout(g); len(missed) == 0 {
			t.Errorf("without %s %s on %s nothing would be refused: another grant says the same", g.Role, g.Action, g.Resource)
		}
	}
	for _, why := range reasons {
		if !slices.ContainsFunc(r.Ledger.Unused(), why.speaksOf) {
			t.Errorf("reasons_test.go explains %+v, which is used or not there", why)
		}
	}
	if err := r.Ledger.Print(os.Stdout, reason); err != nil {
		t.Error(err)
	}
	figures(t, r)
}

// figures prints the size of each bootstrap and the median time from its start to its first request for work, one figure a line.
func figures(t *testing.T, r *rehearsal.Rehearsal) {
	for _, name := range slices.Sorted(maps.Keys(r.Bootstraps)) {
		info, err := os.Stat(r.Bootstraps[name])
		starts := r.Lambda.Starts(name)
		if err != nil || len(starts) == 0 {
			t.Errorf("%s: %v, %d starts", name, err, len(starts))
			continue
		}
		slices.Sort(starts)
		fmt.Printf("bootstrap_%s %d bytes\nstart_%s %.1f ms\n", name, info.Size(), name, float64(starts[len(starts)/2].Microseconds())/1000)
	}
}
