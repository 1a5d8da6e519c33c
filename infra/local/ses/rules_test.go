package ses

import (
	"context"
	"path/filepath"
	"slices"
	"testing"

	"parley/shared/receipt"
)

var _ receipt.Rules = (*Rules)(nil)

func TestRulesStay(t *testing.T) {
	ctx := context.Background()
	file := filepath.Join(t.TempDir(), "rules.json")
	r, err := OpenRules(file)
	if err != nil || len(r.Domains()) != 0 {
		t.Fatal(err, r)
	}
	set, err := r.Active(ctx)
	if err != nil || set == "" {
		t.Error(set, err)
	}
	for _, domains := range [][]string{{"a.example"}, {"a.example", "b.example"}} {
		if err := r.Put(ctx, set, receipt.Rule{Name: "parley-dev", Domains: domains}); err != nil {
			t.Fatal(err)
		}
	}
	if r, err = OpenRules(file); err != nil || !slices.Equal(r.Domains(), []string{"a.example", "b.example"}) {
		t.Errorf("%v %v", r.Domains(), err)
	}
	if err := r.Remove(ctx, set, "parley-dev"); err != nil || len(r.Domains()) != 0 {
		t.Error(err, r.Domains())
	}
}
