package email_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"parley/shared/email"
)

// gate is one figure of reference/email.md §4 that reading mail must reach. `make mail-gates` prints them.
type gate struct {
	name, unit string
	measure    func(t *testing.T) float64
	target     float64
	atMost     bool // the target is the most that is good, not the least
}

// gates are all of them. A new one is a line here and a function that measures.
var gates = []gate{
	{"decoded-fields", "%", decodedRight, 97, false},
	{"bounces-found", "%", bouncesFound, 95, false},
	{"bounces-false", "mails", bouncesFalse, 0, true},
	{"bounces-recipients", "%", bouncesRight, 97, false},
	{"tnef-contents", "%", tnefFound, 100, false},
	{"xss-leaks", "leaks", scriptsLeaked, 0, true},
	{"panics-and-hangs", "mails", corporaBroken, 0, true},
	{"slowest-bomb", "s", slowestBomb, bombTime.Seconds(), true},
	{"largest-bomb", "MB", largestBomb, bombMemory, true},
}

// TestGates prints each gate as "name value unit", with its target behind, and fails beyond it.
func TestGates(t *testing.T) {
	for _, g := range gates {
		value := g.measure(t)
		good, sign := value >= g.target, ">="
		if g.atMost {
			good, sign = value <= g.target, "<="
		}
		fmt.Printf("gate: %s %s %s %s %s\n", g.name, strconv.FormatFloat(value, 'f', -1, 64), g.unit, sign, strconv.FormatFloat(g.target, 'f', -1, 64))
		if !good {
			t.Errorf("%s: %v %s, must be %s %v", g.name, value, g.unit, sign, g.target)
		}
	}
}

// percent rounds down to a tenth: 99.96 is not 100.
func percent(part, all int) float64 { return float64(part*1000/all) / 10 }

func decodedRight(t *testing.T) float64 {
	n := measureDecoded(t)
	for _, w := range n.wrong {
		t.Log(w)
	}
	t.Logf("%d of %d fields right; the %d expectations in the table that no person has count as wrong", n.right, n.all+len(n.peculiar), len(n.peculiar))
	return percent(n.right, n.all+len(n.peculiar))
}

func bouncesFound(t *testing.T) float64 {
	n := measureBounces(t)
	t.Logf("%d of %d found", n.found, n.all)
	return percent(n.found, n.all)
}

func bouncesFalse(t *testing.T) float64 {
	n := measureBounces(t)
	t.Logf("%d letters: %v", n.letters, n.false)
	return float64(len(n.false))
}

func bouncesRight(t *testing.T) float64 {
	n := measureBounces(t)
	t.Logf("%d of %d recipients", n.right, n.stated)
	return percent(n.right, n.stated)
}

func tnefFound(t *testing.T) float64 {
	all, missing := tnefMissing(t)
	t.Logf("%d names, missing %v", all, missing)
	return percent(all-len(missing), all)
}

func scriptsLeaked(t *testing.T) float64 {
	data, err := os.ReadFile("testdata/corpora/dompurify/expect.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct{ Payload string }
	if err := json.Unmarshal(data, &cases); err != nil || len(cases) < 200 {
		t.Fatalf("%d cases: %v", len(cases), err)
	}
	found := &recorder{TB: t}
	for _, c := range cases {
		checkHTML(found, email.Sanitise(c.Payload))
		checkHTML(found, email.Parse([]byte("Content-Type: text/html; charset=utf-8\r\n\r\n"+c.Payload)).HTML)
	}
	return float64(found.errors)
}

// corporaBroken parses every file of the corpora, whatever it is, and copies of it that were cut, shuffled and scratched: the
// same ones each time.
func corporaBroken(t *testing.T) float64 {
	const mutants = 6
	broken, inputs := &recorder{TB: t}, 0
	err := filepath.WalkDir("testdata/corpora", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for seed := range uint32(mutants) {
			input := raw
			if seed > 0 {
				input = mutant(raw, seed*2654435761+uint32(len(raw)))
			}
			inputs++
			start := processorTime()
			m := email.Parse(input)
			if took := paced(processorTime() - start); took > 2*time.Second {
				broken.errors++
				t.Logf("%s, mutant %d: %v", path, seed, took)
			}
			before := broken.errors
			checkMessage(broken, m)
			if broken.errors > before {
				t.Logf("%s, mutant %d", path, seed)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d inputs", inputs)
	return float64(broken.errors)
}

// mutant damages a mail as the way damages mails, and as people who attack do: seed decides where.
func mutant(raw []byte, seed uint32) []byte {
	next := func(n int) int { // xorshift
		seed ^= seed << 13
		seed ^= seed >> 17
		seed ^= seed << 5
		return int(seed % uint32(max(n, 1)))
	}
	out := slices.Clone(raw)
	for range 1 + next(8) {
		if len(out) < 8 {
			break
		}
		i := next(len(out) - 4)
		j := min(len(out), i+1+next(200))
		switch next(7) {
		case 0:
			out = out[:i]
		case 1:
			out = slices.Delete(out, i, j)
		case 2:
			out = slices.Insert(out, next(len(out)), slices.Clone(out[i:j])...)
		case 3:
			out[i] ^= 1 << next(8)
		case 4:
			out = slices.Insert(out, i, []byte("\r\n\r\n")...)
		case 5:
			out = slices.Insert(out, i, []byte{0, 0xff, 0x80, '-', '-', '=', '?'}[:1+next(7)]...)
		default:
			for k := i; k < j; k++ {
				out[k] = byte(next(256))
			}
		}
	}
	return out
}

func slowestBomb(t *testing.T) float64 {
	return bombFigure(t, func(took time.Duration, _ uint64) float64 { return took.Seconds() })
}

func largestBomb(t *testing.T) float64 {
	return bombFigure(t, func(_ time.Duration, mb uint64) float64 { return float64(mb) / slower })
}

// bombFigure is the worst of a figure over all bombs.
func bombFigure(t *testing.T, of func(time.Duration, uint64) float64) float64 {
	worst, name := 0.0, ""
	for n, b := range bombs() {
		_, took, mb := measured([]byte(b()))
		if v := of(took, mb); v > worst {
			worst, name = v, n
		}
	}
	t.Logf("%s: %v", name, worst)
	return float64(int(worst*1000)) / 1000
}
