package sweep

import (
	"context"

	"parley/shared/limit"
)

// bots wakes turn for visitors who were silent for too long, and for jobs whose worker died.
func (h *handler) bots(ctx context.Context, in func() bool, done *tally) error {
	woken := map[string]bool{}
	for in() {
		jobs, err := h.store.Bots.Due(ctx, limit.BatchGetKeys)
		if err != nil {
			return err
		}
		fresh := 0
		for _, j := range jobs {
			if woken[j.Thread] {
				continue
			}
			if err := h.store.Bots.Wake(ctx, j); err != nil {
				return err
			}
			woken[j.Thread] = true
			fresh++
			done.bots++
		}
		if fresh == 0 {
			return nil
		}
	}
	return nil
}
