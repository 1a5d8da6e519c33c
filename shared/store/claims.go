package store

import (
	"context"
	"errors"
	"strings"

	"parley/shared/limit"
	"parley/shared/table"
)

// Claim is what a claimed name leads to.
type Claim struct {
	Thread string
	Seq    int64
}

// SplitClaim names the claim of a matter that left a thread: later mails of that subject that answer to the old thread belong to the new one.
func SplitClaim(thread, subject string) string {
	return "split:" + thread + ":" + digest(strings.ToLower(subject))
}

// ByClaims looks names up, at most limit.BatchGetKeys; names that nobody claimed are absent from the result.
func (s *Threads) ByClaims(ctx context.Context, names ...string) (map[string]Claim, error) {
	out := map[string]Claim{}
	if len(names) == 0 {
		return out, nil
	}
	names = names[:min(len(names), limit.BatchGetKeys)]
	keys := make([]table.Key, 0, len(names))
	seen := map[string]bool{}
	for _, n := range names {
		if !seen[n] {
			seen[n] = true
			keys = append(keys, threadKeys.Claim(n))
		}
	}
	items, err := s.t.Get(ctx, s.n.Threads, true, keys...)
	if err != nil {
		return nil, err
	}
	for _, it := range items {
		if it == nil {
			continue
		}
		var c claimDoc
		if err := decode(it, &c); err != nil {
			return nil, err
		}
		out[it.PK[len("C#"):]] = Claim(c) // of an arrival that is in no thread yet: zero
	}
	return out, nil
}

// Claim makes a name lead to an entry outside a commit: the id SES gave a delivery. The first claim stays.
func (s *Threads) Claim(ctx context.Context, name, thread string, seq int64) error {
	op, err := put(s.n.Threads, table.Absent(), threadKeys.Claim(name), claimDoc{Thread: thread, Seq: seq})
	if err != nil {
		return err
	}
	err = s.t.Transact(ctx, op)
	var c *table.Conflict
	if errors.As(err, &c) && !c.Throttled {
		return nil
	}
	return err
}
