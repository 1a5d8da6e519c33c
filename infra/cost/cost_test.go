package cost_test

import (
	"flag"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"parley/infra/cost"
)

var (
	update = flag.Bool("update", false, "write the table in infra/README.md anew")
	items  = flag.Int("items", 0, "measure at this many items too: make soak says 1 000 000")
)

// units is what an operation consumed.
type units struct{ reads, writes float64 }

// measure carries every operation out in a world with n of everything.
func measure(t *testing.T, n int) map[string]units {
	t.Helper()
	w := newWorld(t, n)
	out := map[string]units{}
	for _, b := range cost.Budgets {
		do := operations[b.Operation]
		if do == nil {
			t.Fatalf("nothing says how to do %q", b.Operation)
		}
		for round := range 2 {
			w.Pass(time.Minute)
			out[b.Operation] = w.measured(do(w, round))
		}
		t.Logf("%d: %s: %v\n\t%s", n, b.Operation, out[b.Operation], strings.Join(w.meter.calls, "\n\t"))
	}
	if len(operations) != len(cost.Budgets) {
		t.Errorf("%d operations, %d budgets", len(operations), len(cost.Budgets))
	}
	return out
}

func (w *world) measured(f func()) units {
	w.meter.start()
	f()
	u := w.meter.stop()
	if w.after != nil {
		w.after()
		w.after = nil
	}
	return u
}

// TestOperationsKeepToTheirBudgets: what an operation consumes is in its budget and does not grow with what is stored.
func TestOperationsKeepToTheirBudgets(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: this needs DynamoDB Local")
	}
	const small, middle, large = 10, 1000, inMemory
	sizes := []int{small, middle, large}
	if *items > large {
		sizes = append(sizes, *items)
	}
	at := map[int]map[string]units{}
	for _, n := range sizes {
		if !t.Run(fmt.Sprint(n), func(t *testing.T) { at[n] = measure(t, n) }) {
			return
		}
	}
	for _, b := range cost.Budgets {
		from := small
		if b.Grows != "" {
			from = middle
		}
		for _, n := range sizes {
			got, first := at[n][b.Operation], at[from][b.Operation]
			if n < from {
				continue
			}
			if !near(got.reads, first.reads) || !near(got.writes, first.writes) {
				t.Errorf("%s: %v units at %d items, %v at %d: it grows with what is stored", b.Operation, first, from, got, n)
			}
			if many := at[large][b.Operation]; n > large && got != many {
				t.Errorf("%s: %v units at %d items, %v at %d", b.Operation, many, large, got, n)
			}
		}
		got := at[large][b.Operation]
		if got.reads > b.Reads || got.writes > b.Writes {
			t.Errorf("%s: {Reads: %g, Writes: %g} is over its budget {Reads: %g, Writes: %g}", b.Operation, got.reads, got.writes, b.Reads, b.Writes)
		}
		if got.reads <= b.Reads-1 || got.writes <= b.Writes-1 {
			t.Errorf("%s: {Reads: %g, Writes: %g} is well under its budget {Reads: %g, Writes: %g}: lower it", b.Operation, got.reads, got.writes, b.Reads, b.Writes)
		}
	}
}

// near allows the one unit that a longer number can cost where an item or a page is rounded up.
func near(a, b float64) bool { return math.Abs(a-b) <= 1 }

const readme = "../README.md"

// TestReadme: the table in infra/README.md is the one in budget.go.
func TestReadme(t *testing.T) {
	const begin, end = "<!-- cost: written by go test ./infra/cost -run TestReadme -update -->\n", "<!-- /cost -->\n"
	raw, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(raw), begin)
	old, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatalf("%s has no table between\n%s%s", readme, begin, end)
	}
	if *update {
		if err := os.WriteFile(readme, []byte(before+begin+cost.Markdown()+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if old != cost.Markdown() {
		t.Errorf("the table in %s is stale: run `go test ./infra/cost -run TestReadme -update`", readme)
	}
}
