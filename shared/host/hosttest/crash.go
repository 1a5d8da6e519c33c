package hosttest

import (
	"context"
	"fmt"
	"testing"

	"parley/shared/host"
)

// Crash is a Strike that hits once: at the nth moment, counted before and after each call. With Panic the process dies there, otherwise
// the call fails and the function goes on.
type Crash struct {
	N     int
	Panic bool
	Call  string // where it struck; "" if the function made fewer calls

	n int
}

// Strike is World.Strike.
func (c *Crash) Strike(call string, done bool) error {
	c.n++
	if c.n != c.N {
		return nil
	}
	c.Call = fmt.Sprintf("%s (done: %v)", call, done)
	if c.Panic {
		panic(c)
	}
	return fmt.Errorf("crash in %s", c.Call)
}

// Invoke calls a function; died tells that it crashed by a Crash. Any other panic stands.
func Invoke(h host.Handler, payload []byte) (answer []byte, died bool, err error) {
	defer func() {
		if r := recover(); r != nil {
			if _, ours := r.(*Crash); !ours {
				panic(r)
			}
			died = true
		}
	}()
	answer, err = h.Invoke(Context(), payload)
	return answer, false, err
}

// EveryCrash runs a scenario once for each moment at which it can crash or fail, in a new world each time, until a run is not hit any
// more. run starts with the world's Strike set and must take it away (nil) before it tries again; check says what must hold then.
func EveryCrash(t *testing.T, run func(t *testing.T, w *World)) {
	t.Helper()
	for _, dies := range []bool{true, false} {
		n := 1
		for ; ; n++ {
			c := &Crash{N: n, Panic: dies}
			hit := false
			t.Run(fmt.Sprintf("panic=%v/%d", dies, n), func(t *testing.T) {
				w := New(t)
				w.Strike = c.Strike
				run(t, w)
				if hit = c.Call != ""; t.Failed() {
					t.Logf("struck at %s", c.Call)
				}
			})
			if !hit || t.Failed() {
				break
			}
		}
		if n < 3 && !t.Failed() {
			t.Fatal("nothing was struck: the scenario makes no calls")
		}
	}
}

// Deliver feeds what a table's feed holds behind pos to a function, in batches as a stream does, and returns the new position. A batch that
// fails or dies comes again from its first failure, at most tries times in all.
func (w *World) Deliver(t testing.TB, h host.Handler, tbl string, pos int64, tries int) int64 {
	t.Helper()
	for {
		changes, err := w.DB.Read(context.Background(), tbl, pos, 100)
		if err != nil {
			t.Fatal(err)
		}
		if len(changes) == 0 {
			return pos
		}
		answer, died, err := Invoke(h, StreamPayload(changes))
		if err == nil && !died {
			failed := Failures(t, answer)
			if len(failed) == 0 {
				pos = changes[len(changes)-1].Pos
				continue
			}
			for _, c := range changes {
				if fmt.Sprint(c.Pos) == failed[0] {
					break
				}
				pos = c.Pos
			}
		}
		if tries--; tries == 0 {
			t.Fatalf("records of %s come again and again: %v", tbl, err)
		}
		w.Strike = nil
	}
}
