package email_test

import (
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/charmap"
)

// yardstickTook is what the yardstick costs on the machine the limits of time were set for, of processors.
const yardstickTook = 10 * time.Millisecond

// pace is how many times slower this machine is now than the one the limits of time were set for: never under 1.
// A time divided by it asks the same of Parse on a slow or busy machine as on a quiet one.
func pace() float64 {
	const tries = 2
	best := time.Duration(0)
	for i := range tries {
		start := processorTime()
		yardstick()
		if took := processorTime() - start; i == 0 || took < best {
			best = took
		}
	}
	return max(1, best.Seconds()/yardstickTook.Seconds())
}

// paced is a time as it would have been on the machine the limits were set for.
func paced(took time.Duration) time.Duration {
	if took < 100*time.Millisecond {
		return took // within every limit; the yardstick costs more than this
	}
	return time.Duration(float64(took) / pace() / slower)
}

// yardstick is work of the kind that reading mail is: text decoded, cut into words, counted in a map.
func yardstick() {
	raw := strings.Repeat("d\xe9j\xe0 vu, na\xefve caf\xe9 ", 4_000)
	for range 4 {
		text, err := charmap.Windows1252.NewDecoder().String(raw)
		if err != nil {
			panic(err)
		}
		words := map[string]int{}
		for _, w := range strings.Fields(text) {
			words[strings.ToLower(w)]++
		}
		if len(words) != 4 {
			panic("the yardstick has changed")
		}
	}
}

func TestPace(t *testing.T) {
	start := processorTime()
	yardstick()
	t.Logf("%v for a yardstick of %v: pace %.2f", processorTime()-start, yardstickTook, pace())
}
