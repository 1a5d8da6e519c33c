package rehearsal_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"parley/infra/rehearsal"
	"parley/infra/rehearsal/iam"
)

// TestFlowRights runs the flows of local mode and the ones below on one account, and then looks at its ledger: no call was refused, every
// grant was needed or has a reason, and any one grant that was needed would be missed by name.
func TestFlowRights(t *testing.T) {
	r := begin(t, rehearsal.Config{Seed: 1, Log: quiet(), Unborn: true})
	t.Run("first mail", func(t *testing.T) { client{r, t}.firstMail() })
	t.Run("local", func(t *testing.T) {
		out, err := flows(t, r.Ready)
		if err != nil || strings.Count(out, "--- PASS") < 8 || strings.Contains(out, "--- SKIP") {
			t.Errorf("%v\n%s", err, out)
		}
	})
	for _, f := range []struct {
		name string
		run  func(client)
	}{
		{"files", client.files},
		{"same id", client.sameID},
		{"views", client.views},
		{"carrier", client.carrier},
		{"bounced", client.bounced},
		{"gone", client.gone},
		{"stale", client.stale},
		{"sweep", client.sweep},
		{"given up", client.givenUp},
		{"trouble", client.trouble},
	} {
		t.Run(f.name, func(t *testing.T) {
			defer r.Cloud.OnCall(nil)
			f.run(client{r, t})
		})
	}
	for _, kind := range []string{"Update", "Delete"} {
		if err := r.Deploy(context.Background(), kind); err != nil {
			t.Error(err)
		}
	}
	if t.Failed() {
		return
	}
	judge(t, r)
}

func judge(t *testing.T, r *rehearsal.Rehearsal) {
	for _, s := range r.Ledger.Refused() {
		t.Errorf("refused: %s %s on %s", s.Role, s.Action, s.Resource)
	}
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

// TestFlowMissingGrant: with any one grant taken away for real, the flow that needs it fails, and the ledger names it. TestFlowRights judges all
// of them by what was asked for; these three are tried.
func TestFlowMissingGrant(t *testing.T) {
	for role, action := range map[string]string{"ingest": "s3:GetObject", "deliver": "ses:SendRawEmail", "notify": "dynamodb:GetRecords"} {
		t.Run(role, func(t *testing.T) {
			t.Parallel()
			taken := 0
			r := begin(t, rehearsal.Config{Seed: 7, Log: quiet(), Policies: func(p *iam.Policies) *iam.Policies {
				for _, g := range p.Grants() {
					if g.Role == role && g.Action == action && taken == 0 {
						p = p.Without(g)
						taken++
					}
				}
				return p
			}})
			c := client{r, t}
			if role == "ingest" {
				c.mail("mia@example.com", "Missing", "missing-1")
			} else {
				c.reply(c.opened("mia@example.com", "Missing", "missing-1").ID, "Hello?")
			}
			named := func() bool {
				return slices.ContainsFunc(r.Ledger.Refused(), func(s iam.Seen) bool { return s.Role == role && s.Action == action })
			}
			c.eventually("the refusal of "+action, named)
			if taken != 1 {
				t.Errorf("%d grants were taken away", taken)
			}
			if role == "ingest" && len(c.about("Missing")) > 0 || role == "deliver" && c.sentTo("mia@example.com") > 0 {
				t.Error("the flow passes without the grant")
			}
		})
	}
}
