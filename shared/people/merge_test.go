package people_test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"parley/events"
	"parley/shared/people"
)

var noon = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

// someone is a contact of its own: names of others it does not have.
func someone(t *rapid.T, id string) people.Contact {
	word := func(label string, of ...string) string {
		return rapid.SampledFrom(append([]string{""}, of...)).Draw(t, id+label)
	}
	c := people.Contact{ID: id, Name: word("name", "Lena", "Gus"), Phone: word("phone", "+38615550143", "+4930123"), Company: word("company", "o1", "o2"), CreatedAt: noon}
	if rapid.Bool().Draw(t, id+"mailed") {
		c = c.With(people.EmailAlias(id + "@a.example"))
		c.Address = id + "@a.example"
	} else if rapid.Bool().Draw(t, id+"typed") {
		c.Address, c.Claimed = word("claim", "a@a.example", "z@z.example"), true
		c.Claimed = c.Address != ""
	}
	for _, p := range []string{"title", "lifecycle", "plan"} {
		if v := word(p, "x", "y"); v != "" {
			if c.Props == nil {
				c.Props = map[string]string{}
			}
			c.Props[p] = v
		}
	}
	for _, l := range []string{"l1", "l2", "l3"} {
		if rapid.Bool().Draw(t, id+l) {
			c, _, _ = c.Enlist(l, noon)
		}
	}
	if rapid.Bool().Draw(t, id+"external") {
		c = c.With(people.ExternalAlias("K-" + id))
	}
	return c
}

// bare is what of a contact must be the same after a merge and its undoing.
func bare(c people.Contact) people.Contact {
	c.Edition = 0
	if len(c.Props) == 0 {
		c.Props = nil
	}
	if len(c.Aliases) == 0 {
		c.Aliases = nil
	}
	return c
}

// Any number of merges, taken back in any order, leave every contact as it was.
func TestMergesTakenBackLeaveNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 5).Draw(t, "n")
		var was []people.Contact
		now := map[string]people.Contact{}
		for i := range n {
			c := someone(t, string(rune('a'+i)))
			was, now[c.ID] = append(was, c), c
		}
		type pair struct{ into, other string }
		var merged []pair
		for range rapid.IntRange(1, 2*n).Draw(t, "merges") {
			ids := slices.Sorted(maps.Keys(now))
			a, b := now[rapid.SampledFrom(ids).Draw(t, "into")], now[rapid.SampledFrom(ids).Draw(t, "other")]
			into, part, err := a.Merge(b, events.Actor{ID: "mara"}, "hand", noon)
			if err != nil {
				if a.ID != b.ID && a.MergedInto == "" && b.MergedInto == "" {
					t.Fatalf("%+v with %+v: %v", a, b, err)
				}
				continue
			}
			for _, x := range b.Aliases {
				if !into.Knows(x) {
					t.Fatalf("%+v does not lead to %+v", x, into)
				}
			}
			for _, l := range slices.Concat(a.Lists, b.Lists) {
				if !into.Member(l) {
					t.Fatalf("%s is lost: %+v", l, into)
				}
			}
			if !slices.IsSorted(into.Lists) || len(slices.Compact(slices.Clone(into.Lists))) != len(into.Lists) {
				t.Fatalf("%v", into.Lists)
			}
			for _, id := range b.IDs() {
				if !slices.Contains(into.IDs(), id) {
					t.Fatalf("history of %s is lost", id)
				}
			}
			if a.Name != "" && into.Name != a.Name || a.Address != "" && into.Address != a.Address {
				t.Fatalf("what was known was overwritten: %+v, %+v", a, into)
			}
			now[into.ID], now[part.ID] = into, part
			merged = append(merged, pair{into.ID, part.ID})
		}
		for len(merged) > 0 {
			// Only what is a part of somebody who is nobody's part can be taken out.
			var open []int
			for i, p := range merged {
				if now[p.into].MergedInto == "" {
					open = append(open, i)
				}
			}
			i := rapid.SampledFrom(open).Draw(t, "back")
			p := merged[i]
			a, b := now[p.into], now[p.other]
			var rest []people.Contact
			for _, m := range a.Merged {
				if m.ID != b.ID {
					rest = append(rest, now[m.ID])
				}
			}
			from, alone, err := a.Unmerge(b, rest...)
			if err != nil {
				t.Fatal(err)
			}
			now[from.ID], now[alone.ID] = from, alone
			merged = slices.Delete(merged, i, i+1)
		}
		for _, c := range was {
			if got := bare(now[c.ID]); !reflect.DeepEqual(got, bare(c)) {
				t.Fatalf("%s was\n%+v, is\n%+v", c.ID, bare(c), got)
			}
		}
	})
}

// What somebody writes between a merge and its undoing stays.
func TestEditsOfAMergedContactStay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := someone(t, "a"), someone(t, "b")
		into, part, err := a.Merge(b, events.Actor{}, "hand", noon)
		if err != nil {
			t.Fatal(err)
		}
		name, title := "Somebody Else", "Potter"
		r := people.Rules{Defs: people.Standard(), Normal: func(s string) (string, error) { return strings.ToLower(s), nil }}
		edited, changes, err := into.Edit(people.Edit{Name: &name, Props: map[string]string{"title": title}}, r)
		if err != nil || len(changes) == 0 {
			t.Fatal(changes, err)
		}
		from, _, err := edited.Unmerge(part)
		if err != nil || from.Name != name || from.Props["title"] != title {
			t.Fatalf("%+v %v", from, err)
		}
	})
}

// Match is the same in whatever order names come, chooses the strongest that is known, and never names one twice.
func TestMatch(t *testing.T) {
	kinds := []string{people.KindExternal, people.KindEmail, people.KindPhone, people.KindVisitor} // the strongest first
	rapid.Check(t, func(t *rapid.T) {
		var names []people.Alias
		leads := map[people.Alias]string{}
		strongest := ""
		all := map[string]bool{}
		for _, k := range kinds { // one of each kind
			if !rapid.Bool().Draw(t, k) {
				continue
			}
			n := people.Alias{Kind: k, Value: "v" + k}
			names = append(names, n)
			if to := rapid.SampledFrom([]string{"", "c1", "c2", "c3"}).Draw(t, k+"leads"); to != "" {
				leads[n], all[to] = to, true
				if strongest == "" {
					strongest = to
				}
			}
		}
		shuffled := rapid.Permutation(names).Draw(t, "order")
		for i := range shuffled { // how a name came to be does not matter
			shuffled[i].How = people.ByImport
		}
		id, others := people.Match(shuffled, leads)
		if id != strongest || len(others) != max(len(all)-1, 0) || slices.Contains(others, id) && id != "" {
			t.Fatalf("%v %v: %q %v, want %q", names, leads, id, others, strongest)
		}
		for i, o := range others {
			if slices.Contains(others[:i], o) || !all[o] {
				t.Fatalf("%v", others)
			}
		}
	})
}

// A typed address is a claim: it becomes no name, whatever is typed after it, and nobody's proved address is replaced by one.
func TestAClaimIsNoName(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := someone(t, "a")
		proved, names := c.Addresses(), len(c.Aliases)
		address := c.Address
		claimed := c.Claimed
		for i := range rapid.IntRange(1, 4).Draw(t, "n") {
			c, _ = c.Introduce(rapid.SampledFrom([]string{"", "victim@b.example", "Other@B.example"}).Draw(t, fmt.Sprint(i)), "Mallory")
		}
		if len(c.Aliases) != names || !slices.Equal(c.Addresses(), proved) {
			t.Fatalf("a claim leads to somebody: %+v", c)
		}
		if address != "" && !claimed && (c.Address != address || c.Claimed) {
			t.Fatalf("a proved address was replaced: %+v", c)
		}
		if c.Address != "" && c.Address != address && !c.Claimed {
			t.Fatalf("%+v", c)
		}
	})
}

// A file that was written and read is the same, whatever stands in it.
func TestCellsComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := strings.TrimSpace(rapid.StringMatching(`[=+@\-' a-z0-9.,;"]{0,12}`).Draw(t, "cell"))
		if strings.HasPrefix(v, "'") {
			return // an apostrophe of its own before a formula's sign is taken for ours
		}
		d, bad := people.ReadRow([]string{"name", "title"}, []string{"name", "title"}, []string{"x", people.Cell(v)}, people.Rules{Defs: people.Standard()}, nil)
		if bad != nil || d.Props["title"] != v {
			t.Fatalf("%q: %+v %+v", v, d, bad)
		}
		if cell := people.Cell(v); cell != "" && strings.ContainsRune("=@", rune(cell[0])) {
			t.Fatalf("%q runs as a formula", cell)
		}
	})
}
