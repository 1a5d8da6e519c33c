package run

import (
	"context"
	"strconv"
	"time"

	"parley/infra/local/template"
)

// The first run of a schedule after a start: what was due while the program was off is not left for a whole minute.
const firstTick = 2 * time.Second

// tick calls a scheduled function. A run that takes longer than the pause between two simply delays the next one.
func (p *Parley) tick(ctx context.Context, s template.Schedule, f *function) {
	wait := firstTick
	for n := 1; ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		now := time.Now()
		if _, err := f.Invoke(context.WithoutCancel(ctx), s.Payload(strconv.Itoa(n), now)); err != nil {
			p.log.Error("clock: function failed", "function", s.Function, "error", err)
		}
		wait = max(0, s.Every-time.Since(now))
	}
}
