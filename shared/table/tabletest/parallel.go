package tabletest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"parley/shared/fault"
	"parley/shared/table"
)

// canonical is JSON with sorted names and numbers as they were written.
func canonical(raw []byte) string {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return "bad JSON " + string(raw)
	}
	out, _ := json.Marshal(v)
	return string(out)
}

// retry says whether an error of Transact only asks to read and decide again.
func retry(err error) bool {
	var c *table.Conflict
	return errors.As(err, &c) || fault.Is(err, fault.Busy)
}

// appendOnce does what Threads.Do does: read the head, put it at its revision with the next entry, until it gets through.
func appendOnce(s suite, who string) error {
	for try := 0; ; try++ {
		got, err := s.Get(ctx, "threads", true, key("p", "head"))
		if err != nil {
			return err
		}
		if got[0] == nil {
			return errors.New("the head is missing from a consistent read")
		}
		seq := got[0].Rev
		err = s.Transact(ctx,
			put(key("p", "head"), table.RevIs(seq), fmt.Sprintf(`{"seq":%d}`, seq)),
			put(key("p", fmt.Sprintf("E#%06d", seq)), table.Absent(), `{"by":"`+who+`"}`))
		if err == nil {
			return nil
		}
		if !retry(err) || try > 5000 {
			return fmt.Errorf("try %d: %w", try, err)
		}
		time.Sleep(time.Duration(rand.IntN(1+min(try, 40))) * time.Millisecond)
	}
}

func parallelAppends(s suite) {
	const writers, each = 32, 4
	s.must(put(key("p", "head"), table.Absent(), `{"seq":0}`))
	errs := make(chan error, writers)
	for w := range writers {
		go func() {
			var err error
			for range each {
				if err = appendOnce(s, fmt.Sprint(w)); err != nil {
					break
				}
			}
			errs <- err
		}()
	}
	for range writers {
		if err := <-errs; err != nil {
			s.Fatal(err)
		}
	}
	page, err := s.Query(ctx, table.Query{Table: "threads", PK: "p", From: "E#", To: "E#~", Consistent: true})
	if err != nil || len(page.Items) != writers*each {
		s.Fatalf("%d entries, want %d (%v)", len(page.Items), writers*each, err)
	}
	by := map[string]int{}
	for i, it := range page.Items {
		if want := fmt.Sprintf("E#%06d", i+1); it.SK != want {
			s.Fatalf("entry %d is %s, want %s", i, it.SK, want)
		}
		by[canonical(it.Doc)]++
	}
	for who, n := range by {
		if n != each {
			s.Errorf("%s has %d entries, want %d", who, n, each)
		}
	}
}

func oneWinner(s suite) {
	s.must(put(key("w", "1"), table.Absent(), `{}`))
	var won atomic.Int32
	var wg sync.WaitGroup
	for range 24 {
		wg.Go(func() {
			for {
				err := s.Transact(ctx, put(key("w", "1"), table.RevIs(1), `{}`))
				var c *table.Conflict
				switch {
				case err == nil:
					won.Add(1)
				case errors.As(err, &c) && c.Throttled:
					continue
				case !errors.As(err, &c) || !c.Names(0):
					s.Errorf("got %v, want a conflict", err)
				}
				return
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 {
		s.Errorf("%d writers won the same revision", won.Load())
	}
}
