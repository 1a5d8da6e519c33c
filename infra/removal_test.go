package main

import (
	"encoding/json"
	"flag"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/infra/rehearsal/iam"
)

// which grants are removed from the code: "" is one of each kind of resource, "all", or a pattern over "function action resource".
var which = flag.String("grants", "", `remove the grants that match ("function action resource"), or all; one of each kind if nothing is said`)

// rightsBetween are the rights, "function action resource", that one template has and the other has not.
func rightsBetween(t *testing.T, before, after template) (lost, gained []string) {
	t.Helper()
	for _, f := range functions {
		old, now := before.rights(t, f.name), after.rights(t, f.name)
		for _, r := range old {
			if !slices.Contains(now, r) {
				lost = append(lost, f.name+" "+r)
			}
		}
		for _, r := range now {
			if !slices.Contains(old, r) {
				gained = append(gained, f.name+" "+r)
			}
		}
	}
	return lost, gained
}

// without is the table in grants.go with one action of one entry removed.
func without(entry int, action string) []grant {
	out := slices.Clone(grants)
	out[entry].actions = slices.DeleteFunc(slices.Clone(out[entry].actions), func(a string) bool { return a == action })
	if len(out[entry].actions) == 0 {
		out = slices.Delete(out, entry, entry+1)
	}
	return out
}

// TestARemovedGrant: an action that is removed from grants.go is removed from the template and nothing else is, the test of the golden names
// function, action and resource, and the roles are then those with which infra/rehearsal takes a grant away: there a flow fails by that name.
func TestARemovedGrant(t *testing.T) {
	policies := func(raw []byte) *iam.Policies {
		p, err := iam.Load(raw, func(id, att string) string { return id + "." + att })
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	full := policies(again)
	table := grants
	defer func() { grants = table }()
	kinds, tried := map[string]bool{}, 0
	for i, g := range table {
		for _, action := range g.actions {
			if !wanted(t, kinds, g, action) {
				continue
			}
			tried++
			grants = without(i, action)
			raw, err := synthesize("dev")
			grants = table
			if err != nil {
				t.Fatal(err)
			}
			var less template
			if err := json.Unmarshal(raw, &less); err != nil {
				t.Fatal(err)
			}
			var want []string
			for _, arn := range arns[g.resource] {
				want = append(want, g.function+" "+action+" "+arn)
			}
			if g.resource == "failures:" { // the two go together
				want = append(want, g.function+" s3:ListBucket ${FailuresBucket.Arn}")
			}
			slices.Sort(want)
			lost, gained := rightsBetween(t, dev, less)
			if diff := cmp.Diff(want, lost); diff != "" || len(gained) > 0 {
				t.Errorf("without %s %s on %s: gained %q, and lost\n%s", g.function, action, g.resource, gained, diff)
			}
			left := full
			for _, taken := range full.Grants() {
				if slices.ContainsFunc(lost, func(right string) bool { return isRight(taken, right) }) {
					left = left.Without(taken)
				}
			}
			if diff := cmp.Diff(left.Grants(), policies(raw).Grants()); diff != "" {
				t.Errorf("without %s %s on %s the roles are not those of the rehearsal:\n%s", g.function, action, g.resource, diff)
			}
		}
	}
	if tried == 0 {
		t.Errorf("no grant matches %q", *which)
	}
	t.Logf("%d grants removed from the code, one at a time", tried)
}

// leading finds the keys of a table that a right is narrowed to.
var leading = regexp.MustCompile(`LeadingKeys:([A-Z]+)`)

// isRight reports whether a grant of the rehearsal is the right that rights wrote. A condition is written in two ways, so that it is there has to do.
func isRight(g iam.Grant, right string) bool {
	arn, _, narrowed := strings.Cut(g.Resource, " if ")
	right, how, condition := strings.Cut(right, " if ")
	if key := leading.FindStringSubmatch(how); key != nil && !strings.Contains(g.Resource, key[1]) { // two of one table
		return false
	}
	return narrowed == condition && right == g.Role+" "+g.Action+" "+arn
}

// wanted reports whether a grant is to be removed.
func wanted(t *testing.T, kinds map[string]bool, g grant, action string) bool {
	t.Helper()
	if *which == "" {
		kind, _, _ := strings.Cut(g.resource, ":")
		first := !kinds[kind]
		kinds[kind] = true
		return first
	}
	pattern := strings.Replace(*which, "all", "", 1)
	ok, err := regexp.MatchString(pattern, g.function+" "+action+" "+g.resource)
	if err != nil {
		t.Fatal(err)
	}
	return ok
}

// TestGoldenNamesRights: what the test of the golden says of a right that is gone.
func TestGoldenNamesRights(t *testing.T) {
	raw, err := os.ReadFile(goldenFile)
	if err != nil {
		t.Fatal(err)
	}
	var golden, less template
	for _, tpl := range []*template{&golden, &less} {
		if err := json.Unmarshal(raw, tpl); err != nil {
			t.Fatal(err)
		}
	}
	role := less.resources["SweepRole"]
	statements := list(list(role.at("Policies"))[0].(map[string]any)["PolicyDocument"].(map[string]any)["Statement"])
	last := statements[len(statements)-1].(map[string]any)
	action, arn := list(last["Action"])[0].(string), plain(list(last["Resource"])[0])
	last["Action"] = "dynamodb:Scan"
	lost, gained := rightsBetween(t, golden, less)
	if !slices.Contains(lost, "sweep "+action+" "+arn) || !slices.Contains(gained, "sweep dynamodb:Scan "+arn) {
		t.Errorf("lost %q, gained %q", lost, gained)
	}
}
