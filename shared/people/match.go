package people

import (
	"cmp"
	"slices"
)

// strength is how well an alias tells people apart, the least first: what the team's own systems say is certain, an address is one person's
// mostly, a number may be an office's, a browser may be a family's.
var strength = map[string]int{KindExternal: 0, KindEmail: 1, KindPhone: 2, KindVisitor: 3}

// Match decides whom the names belong to that somebody comes with, given whom each one that is known leads to. The strongest name decides;
// others are contacts to which weaker names lead: perhaps the same person, never merged without being asked.
func Match(names []Alias, leads map[Alias]string) (id string, others []string) {
	sorted := slices.Clone(names)
	slices.SortStableFunc(sorted, func(a, b Alias) int { return cmp.Compare(strength[a.Kind], strength[b.Kind]) })
	for _, n := range sorted {
		to := leads[Alias{Kind: n.Kind, Value: n.Value}]
		switch {
		case to == "" || to == id || slices.Contains(others, to):
		case id == "":
			id = to
		default:
			others = append(others, to)
		}
	}
	return id, others
}
