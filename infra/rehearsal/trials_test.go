package rehearsal_test

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"parley/infra/rehearsal"
	"parley/infra/rehearsal/iam"
)

// which grants are taken away: "" is a few, "all", or a pattern over "function action resource".
var which = flag.String("grants", "", `take away the grants that match ("function action resource"), or all; a few if nothing is said`)

// last is how long a flow has to end once it was told to stop waiting: then the grant is given back.
const last = 2 * time.Second

// grace is how long a scene goes on after the refusal, to fail by itself. A flow of local mode waits longer for anything (flow).
func (s scene) grace() time.Duration {
	if strings.HasPrefix(s.name, "TestFlow") {
		return 5 * time.Second
	}
	return 2 * time.Second
}

// trial is one run of a flow without one grant.
type trial struct {
	iam.Grant
	scene string
	lost  []iam.Denied // the calls that were refused for it
	named string       // how the check of refused calls put it
	ended string       // what the flow itself came to
	word  string       // its first complaint
	wrote bool         // the function's log names the action
}

// What a flow comes to by itself. One that waits would have waited longer for what did not come; one that passes has found nothing wrong: the
// product does without, later or less well.
const fails, waits, passes = "fails", "waits", "passes"

// trials takes grants away and gives them back, and prints what became of the flows.
func trials(t *testing.T, r *rehearsal.Rehearsal, all []recording) {
	used := r.Ledger.Used()
	var done []trial
	for i, g := range chosen(t, slices.Clone(used)) {
		var best trial
		for try, rec := range needing(all, g) {
			one := play(t, r, rec, g, fmt.Sprintf("t%d%c", i+1, 'a'+try))
			if len(best.lost) == 0 || len(one.lost) > 0 && one.ended != passes {
				best = one
			}
			if len(best.lost) > 0 && (best.ended != passes || try >= 2) {
				break
			}
		}
		done = append(done, best)
		for _, part := range []string{"assumed-role/" + g.Role + "/", "perform: " + g.Action + " on"} {
			if len(best.lost) == 0 || !strings.Contains(best.named, part) || !strings.Contains(best.named, best.lost[0].Resource) {
				t.Errorf("without %s %s on %s no flow fails by that name; said %q", g.Role, g.Action, g.Resource, best.named)
				break
			}
		}
	}
	printTrials(done, len(used))
}

// others is how many scenes that did not need a grant are tried with it, where those that did need it no more.
const others = 6

// needing are the scenes to try a grant with: the quickest that needed it, then those in which its function does most, at last a few that did not
// need it and in which its function does most. Scenes are not the same twice: what one needed by chance (one item alone was due, and is asked for
// alone) it may not need again, and another may; and some get by where another fails.
func needing(all []recording, g iam.Grant) []recording {
	most := func(a, b recording) int { return cmp.Compare(b.record.Calls(g.Role), a.record.Calls(g.Role)) }
	needed := slices.DeleteFunc(slices.Clone(all), func(rec recording) bool { return !rec.record.Needed(g) })
	slices.SortStableFunc(needed, func(a, b recording) int { return cmp.Compare(a.took, b.took) })
	if len(needed) > 1 {
		slices.SortStableFunc(needed[1:], most)
	}
	rest := slices.DeleteFunc(slices.Clone(all), func(rec recording) bool { return rec.record.Needed(g) || rec.record.Calls(g.Role) == 0 })
	slices.SortStableFunc(rest, most)
	return append(needed, rest[:min(others, len(rest))]...)
}

// chosen are the grants to take away: where nothing is said, one for each function and one for each service of AWS.
func chosen(t *testing.T, used []iam.Grant) []iam.Grant {
	if *which == "" {
		seen := map[string]bool{}
		return slices.DeleteFunc(used, func(g iam.Grant) bool {
			service, _, _ := strings.Cut(g.Action, ":")
			known := seen[g.Role] && seen[service]
			seen[g.Role], seen[service] = true, true
			return known
		})
	}
	pattern := *which
	if pattern == "all" {
		pattern = ""
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		t.Fatal(err)
	}
	used = slices.DeleteFunc(used, func(g iam.Grant) bool { return !re.MatchString(g.Role + " " + g.Action + " " + g.Resource) })
	if len(used) == 0 {
		t.Errorf("no grant that is used matches %q", *which)
	}
	return used
}

// play runs a scene without a grant, and puts everything right again.
func play(t *testing.T, r *rehearsal.Rehearsal, rec recording, g iam.Grant, tag string) trial {
	ctx, enough := context.WithCancel(context.Background())
	defer enough()
	p := &probe{TB: t, tag: tag, ctx: ctx}
	ledger, back, world := r.Ledger, func() {}, r
	lines := 0
	var done <-chan struct{}
	if rec.fresh {
		made := make(chan func(), 1)
		done = p.run(func(tb testing.TB) {
			fresh, err := rehearsal.Start(context.Background(), rehearsal.Config{
				Dir: t.TempDir(), DynamoDB: dynamo, Seed: 1, Unborn: true, Still: true,
				Account: func(l *iam.Ledger) { ledger = l; made <- l.Take(g) },
			})
			if err != nil {
				tb.Fatalf("it cannot be deployed: %v", err)
			}
			world = fresh
			tb.Cleanup(func() {
				if err := fresh.Close(); err != nil {
					t.Error(err)
				}
			})
			rec.run(client{fresh, tb})
		})
		select {
		case back = <-made:
		case <-done: // not even the account came to be
		}
	} else {
		r.Cool()
		ledger.Turn()
		lines = len(r.Logs(g.Role))
		back = ledger.Take(g)
		done = p.run(func(tb testing.TB) { rec.run(client{r, tb}) })
	}
	one := trial{Grant: g, scene: rec.name}
	one.ended = watch(t, done, rec.grace(), func() bool { return ledger.Lost(g) }, enough, back)
	if one.word = p.verdict(); one.word == "" {
		one.ended = passes
	}
	if !rec.fresh {
		r.Cloud.OnCall(nil)
		if !ledger.Lost(g) { // reactions come behind the scene
			r.Settle()
		}
		back()
		r.Settle()
	}
	record := ledger.Turn()
	one.lost = record.Lost(g)
	one.wrote = slices.ContainsFunc(world.Logs(g.Role)[lines:], func(line string) bool { return strings.Contains(line, g.Action) })
	check := &probe{TB: t}
	refusals(check, record.Refused())
	one.named = strings.Join(check.said, "\n")
	return one
}

// watch waits until a flow has ended. Once the grant is missed it has a while to fail by itself, and waits if it does not.
func watch(t *testing.T, done <-chan struct{}, grace time.Duration, missed func() bool, enough, back func()) (ended string) {
	ended = fails
	hang := time.After(2 * time.Minute)
	var patience, rest <-chan time.Time
	for tick := time.NewTicker(20 * time.Millisecond); ; {
		select {
		case <-done:
			tick.Stop()
			return ended
		case <-tick.C:
			if patience == nil && missed() {
				patience = time.After(grace)
			}
		case <-patience:
			ended = waits
			enough()
			rest = time.After(last)
		case <-rest:
			back()
		case <-hang:
			t.Fatal("a flow without a grant neither passes nor fails")
		}
	}
}

func printTrials(done []trial, used int) {
	count := map[string]int{}
	short := strings.NewReplacer("arn:${AWS::Partition}:", "", "${AWS::Region}:${AWS::AccountId}:", "")
	w := tabwriter.NewWriter(os.Stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintf(w, "  function\taction\tresource\tflow\tby name\tits log\tby itself\n")
	for _, one := range done {
		count[one.ended]++
		named := "NOT NAMED"
		if len(one.lost) > 0 {
			count["named"]++
			named = "refused"
		}
		log := "silent"
		if one.wrote {
			log = "says so"
			count["wrote"]++
		}
		fmt.Fprintf(w, "  %s\t%s\t%s\t%s\t%s\t%s\t%s %.100s\n", one.Role, one.Action, short.Replace(one.Resource), one.scene, named, log, one.ended, one.word)
	}
	_ = w.Flush() // to standard output
	fmt.Printf("rights: %d of %d needed grants taken away; the check of refused calls named %d, the function's log %d; by itself the flow failed %d times, waited in vain %d, got by %d\n",
		len(done), used, count["named"], count["wrote"], count[fails], count[waits], count[passes])
}
