package ses

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"sync"

	"parley/shared/receipt"
)

// Rules is an account with one rule set, which is active, and whose rules one door follows. It keeps what was put in a file, as SES would.
type Rules struct {
	file string

	mu    sync.Mutex
	rules map[string]receipt.Rule
}

const set = "local"

// OpenRules reads a file, which need not be there.
func OpenRules(file string) (*Rules, error) {
	r := &Rules{file: file, rules: map[string]receipt.Rule{}}
	raw, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return r, nil
	}
	if err == nil {
		err = json.Unmarshal(raw, &r.rules)
	}
	return r, err
}

// Domains are those of all rules.
func (r *Rules) Domains() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []string
	for _, rule := range r.rules {
		out = append(out, rule.Domains...)
	}
	return out
}

// Active implements receipt.Rules.
func (r *Rules) Active(context.Context) (string, error) { return set, nil }

// Create implements receipt.Rules.
func (r *Rules) Create(context.Context, string) error { return nil }

// Activate implements receipt.Rules.
func (r *Rules) Activate(context.Context, string) error { return nil }

// Put implements receipt.Rules.
func (r *Rules) Put(_ context.Context, _ string, rule receipt.Rule) error {
	return r.change(func() { r.rules[rule.Name] = rule })
}

// Remove implements receipt.Rules.
func (r *Rules) Remove(_ context.Context, _, rule string) error {
	return r.change(func() { delete(r.rules, rule) })
}

func (r *Rules) change(f func()) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	f()
	raw, err := json.MarshalIndent(r.rules, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(r.file, append(raw, '\n'), 0o600)
}
