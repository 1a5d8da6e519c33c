package local_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"parley/shared/fault"
	"parley/shared/limit"
	"parley/shared/push/local"
)

var ctx = context.Background()

func code(t *testing.T, what string, err error, want fault.Code) {
	t.Helper()
	if fault.CodeOf(err) != want {
		t.Errorf("%s: got %v, want %q", what, err, want)
	}
}

func TestHub(t *testing.T) {
	h := local.New()
	code(t, "unknown", h.Post(ctx, "a", nil), fault.Gone)
	frames, detach := h.Attach("a", 2)
	code(t, "before ready", h.Post(ctx, "a", []byte("0")), fault.Gone)
	h.Ready("a")
	h.Ready("nobody")
	buf := []byte("1")
	code(t, "first", h.Post(ctx, "a", buf), "")
	buf[0] = 'x'
	code(t, "second", h.Post(ctx, "a", []byte("2")), "")
	code(t, "full", h.Post(ctx, "a", []byte("3")), fault.Busy)
	if got := string(<-frames); got != "1" {
		t.Errorf("got %q, want the bytes at the time of the post", got)
	}
	code(t, "room again", h.Post(ctx, "a", []byte("4")), "")
	code(t, "too large", h.Post(ctx, "a", make([]byte, limit.MessageBytes+1)), fault.Invalid)
	detach()
	detach()
	code(t, "detached", h.Post(ctx, "a", nil), fault.Gone)
	rest := ""
	for f := range frames {
		rest += string(f)
	}
	if rest != "24" {
		t.Errorf("after the end came %q, want what was queued", rest)
	}
}

func TestHubClose(t *testing.T) {
	h := local.New()
	code(t, "closing nobody", h.Close(ctx, "a"), "")
	first, detachFirst := h.Attach("a", 1)
	h.Ready("a")
	second, _ := h.Attach("a", 1)
	if _, open := <-first; open {
		t.Error("the first connection of an id outlives the second")
	}
	code(t, "the second is not ready by the first", h.Post(ctx, "a", nil), fault.Gone)
	detachFirst() // must not take the second along
	h.Ready("a")
	code(t, "second", h.Post(ctx, "a", []byte("x")), "")
	code(t, "close", h.Close(ctx, "a"), "")
	if f, open := <-second; !open || string(f) != "x" {
		t.Error("a queued frame was lost")
	}
	if _, open := <-second; open {
		t.Error("closed, but the channel is open")
	}
}

func TestHubRaces(t *testing.T) {
	h := local.New()
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			id := fmt.Sprint(i % 4)
			for range 200 {
				frames, detach := h.Attach(id, 1)
				h.Ready(id)
				for range 3 {
					if err := h.Post(ctx, id, []byte("x")); err != nil && !fault.Is(err, fault.Gone) && !fault.Is(err, fault.Busy) {
						t.Error(err)
					}
				}
				go func() {
					for range frames {
					}
				}()
				detach()
			}
		})
	}
	wg.Wait()
	for i := range 4 {
		code(t, "at the end", h.Post(ctx, fmt.Sprint(i), nil), fault.Gone)
	}
}
