package people_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"parley/events"
	"parley/shared/fault"
	"parley/shared/people"
)

// Whatever is done to a contact's lists, they are what a set would hold, sorted, bounded; a line says each change, and nothing else has one.
func TestListsOfAContactAreASet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, want := people.Contact{ID: "a", Visitor: rapid.Bool().Draw(t, "visitor")}, map[string]bool{}
		for i := range rapid.IntRange(0, 160).Draw(t, "n") {
			list := fmt.Sprint("l", rapid.IntRange(0, people.MaxMemberships+3).Draw(t, fmt.Sprint("list", i)))
			before, line := c, people.Line{}
			if rapid.IntRange(0, 4).Draw(t, fmt.Sprint("off", i)) == 0 {
				c, line = c.Delist(list)
				if had := want[list]; had != (line.Kind == people.LineChanged) || had && line.Changes[0] != (people.ContactChange{On: people.OnList, Before: list}) {
					t.Fatalf("off %s: %+v", list, line)
				}
				delete(want, list)
			} else {
				var err error
				full := len(want) == people.MaxMemberships && !want[list]
				if c, line, err = c.Enlist(list, noon); fault.Is(err, fault.Invalid) != full {
					t.Fatalf("%d lists: %v", len(want), err)
				}
				if !full {
					if news := !want[list] || before.Visitor; news != (line.Kind != "") || news && line.Changes[0].After != list {
						t.Fatalf("on %s: %+v", list, line)
					}
					want[list] = true
				}
				if c.Visitor || before.Visitor && (line.Kind != people.LineCreated || c.ActiveAt.IsZero()) {
					t.Fatalf("no list shows a visitor: %+v %+v", c, line)
				}
			}
			if (line.Kind != "") != (c.Edition > before.Edition) {
				t.Fatalf("edition %d after %d with %+v", c.Edition, before.Edition, line)
			}
			if len(c.Lists) != len(want) || !slices.IsSorted(c.Lists) {
				t.Fatalf("%v, want %v", c.Lists, want)
			}
			for l := range want {
				if !c.Member(l) {
					t.Fatalf("%v lacks %s", c.Lists, l)
				}
			}
		}
	})
}

// Who was taken off a list while contacts were one is not on it again because one of them is taken out.
func TestTakenOffAListBetweenMergeAndUnmerge(t *testing.T) {
	on := func(id string, lists ...string) people.Contact { return people.Contact{ID: id, Lists: lists} }
	into, b, err := on("a", "l1").Merge(on("b", "l2"), events.Actor{}, "hand", noon)
	if err != nil {
		t.Fatal(err)
	}
	into, o, err := into.Merge(on("o", "l2", "l3"), events.Actor{}, "hand", noon)
	if err != nil || !slices.Equal(into.Lists, []string{"l1", "l2", "l3"}) {
		t.Fatal(into.Lists, err)
	}
	into, _ = into.Delist("l3")
	from, alone, err := into.Unmerge(b, o)
	if err != nil || !slices.Equal(from.Lists, []string{"l1", "l2"}) || !slices.Equal(alone.Lists, []string{"l2"}) {
		t.Fatalf("%v %v %v", from.Lists, alone.Lists, err)
	}
	from, alone, err = from.Unmerge(o)
	if err != nil || !slices.Equal(from.Lists, []string{"l1"}) || !slices.Equal(alone.Lists, []string{"l2", "l3"}) {
		t.Fatalf("%v %v %v", from.Lists, alone.Lists, err)
	}
	many := people.Contact{ID: "m"}
	for i := range people.MaxMemberships {
		many, _, _ = many.Enlist(fmt.Sprint("m", i), noon)
	}
	if _, _, err := many.Merge(on("b", "l2"), events.Actor{}, "hand", noon); !fault.Is(err, fault.Invalid) {
		t.Errorf("merged into one on %d lists: %v", people.MaxMemberships+1, err)
	}
}

func TestConditionsOnStaticLists(t *testing.T) {
	static, other := people.List{ID: "l1", Name: "Fair", Kind: people.Static}, people.List{ID: "l2", Name: "Late", Sort: people.ByName}
	asked := people.Asked{Now: noon, Defs: people.Standard(), Lists: []people.List{static, other}}
	on, off := people.Contact{ID: "a", Lists: []string{"l0", "l1", "l2"}, Props: map[string]string{"lifecycle": "Lead"}}, people.Contact{ID: "b"}
	is := func(id string) people.Condition { return people.Condition{On: people.OnList, Op: people.Is, Value: id} }
	for id, want := range map[string]bool{"l1": true, "l2": false, "l0": false} { // l2 has conditions, l0 is gone
		not := people.Condition{On: people.OnList, Op: people.IsNot, Value: id}
		if asked.Holds(on, []people.Condition{is(id)}) != want || asked.Holds(on, []people.Condition{not}) == want {
			t.Errorf("on %s is not %v", id, want)
		}
		if asked.Holds(off, []people.Condition{is(id)}) || !asked.Holds(off, []people.Condition{not}) {
			t.Errorf("b is on %s", id)
		}
		l := people.List{Name: "x", Conditions: []people.Condition{is(id)}}
		if err := l.Check(asked.Defs, asked.Lists); (err == nil) != want {
			t.Errorf("a list that asks for %s: %v", id, err)
		}
	}
	for name, l := range map[string]people.List{
		"conditions": {Name: "x", Kind: people.Static, Conditions: []people.Condition{{On: people.OnName, Op: people.Set}}},
		"kind":       {Name: "x", Kind: "magic"},
		"any list":   {Name: "x", Conditions: []people.Condition{{On: people.OnList, Op: people.Set}}},
		"no list":    {Name: "x", Conditions: []people.Condition{is("")}},
	} {
		if err := l.Check(asked.Defs, asked.Lists); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := static.Check(asked.Defs, nil); err != nil {
		t.Error(err)
	}
	// A page reads the list's own range, whatever else is asked; everybody on it has a row there.
	conds := append([]people.Condition{{On: "lifecycle", Op: people.Is, Value: "Lead"}}, static.Asks()...)
	if src := asked.Source(conds, ""); src.Facet != "list=l1" || src.Sort != people.ByName || !slices.Contains(on.Facets(asked.Defs), src.Facet) {
		t.Errorf("%+v %v", src, on.Facets(asked.Defs))
	}
	if src := asked.Source(static.Asks(), people.ByActivity); src.Facet != "" || src.Sort != people.ByActivity {
		t.Errorf("%+v", src)
	}
	if got := on.Forget(asked.Lists).Lists; !slices.Equal(got, []string{"l1"}) {
		t.Error(got)
	}
}
