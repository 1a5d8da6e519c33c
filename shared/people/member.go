package people

import (
	"slices"
	"time"

	"parley/shared/fault"
)

// Asks are the conditions that hold of everybody in the list.
//
// Of a static list it is one, that they are on it. By name a page of it costs what it holds, however many other contacts there are: everybody on a
// list has a row of that list, as they have of a choice. By activity all contacts are gone through, as for every condition without a range.
func (l List) Asks() []Condition {
	if l.Kind == Static {
		return []Condition{{On: OnList, Op: Is, Value: l.ID}}
	}
	return l.Conditions
}

func isStatic(lists []List, id string) bool {
	return slices.ContainsFunc(lists, func(l List) bool { return l.ID == id && l.Kind == Static })
}

// listFacet is what the rows of those on a static list stand under. No property has the id "list".
func listFacet(id string) string { return OnList + "=" + id }

// Member reports whether somebody put the contact on the static list of that id.
func (c Contact) Member(list string) bool {
	_, on := slices.BinarySearch(c.Lists, list)
	return on
}

// Enlist puts the contact on a static list, and says so in a line without its author; none if they are on it already. No list shows a visitor, so
// one that is put on a list is a contact from then on. fault.Invalid if they are on MaxMemberships lists.
func (c Contact) Enlist(list string, at time.Time) (Contact, Line, error) {
	if c.Member(list) && !c.Visitor {
		return c, Line{}, nil
	}
	line := Line{Kind: LineChanged, Changes: []ContactChange{{On: OnList, After: list}}}
	if c.Visitor {
		c.Visitor = false
		c, _ = c.Active(at)
		line.Kind, line.Rule = LineCreated, "visitor"
	}
	i, on := slices.BinarySearch(c.Lists, list)
	if !on {
		if len(c.Lists) >= MaxMemberships {
			return c, Line{}, fault.New(fault.Invalid, "A contact can be on at most %d lists.", MaxMemberships)
		}
		c.Lists = slices.Insert(slices.Clone(c.Lists), i, list)
	}
	c.Edition++
	return c, line, nil
}

// Delist takes the contact off a static list, and says so in a line without its author; none if they are not on it.
func (c Contact) Delist(list string) (Contact, Line) {
	if !c.Member(list) {
		return c, Line{}
	}
	c.Lists = without(c.Lists, func(id string) bool { return id == list })
	c.Edition++
	return c, Line{Kind: LineChanged, Changes: []ContactChange{{On: OnList, Before: list}}}
}

// Forget takes lists off the contact that are not there any more. Nobody can tell, so there is no line of it.
func (c Contact) Forget(lists []List) Contact {
	c.Lists = without(c.Lists, func(id string) bool { return !isStatic(lists, id) })
	return c
}

func without(list []string, gone func(string) bool) []string {
	if list = slices.DeleteFunc(slices.Clone(list), gone); len(list) == 0 {
		return nil
	}
	return list
}

// union is the lists of two contacts, sorted, each once.
func union(a, b []string) []string {
	out := slices.Concat(a, b)
	slices.Sort(out)
	return slices.Compact(out)
}

// join puts the contact on the lists that b is on, and notes those that are new to it.
func (c *Contact) join(b Contact, note func(field, v string)) {
	for _, id := range b.Lists {
		if !c.Member(id) {
			note(fieldList+id, id)
		}
	}
	if len(b.Lists) > 0 {
		c.Lists = union(c.Lists, b.Lists)
	}
}

// leave takes the contact off the lists that a merge put it on.
func (c *Contact) leave(m Merge) {
	c.Lists = without(c.Lists, func(id string) bool { _, joined := m.Filled[fieldList+id]; return joined })
}

// fieldList begins the names of lists, as Filled has them.
const fieldList = "#list:"
