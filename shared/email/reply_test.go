package email_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"parley/shared/email"
)

// replyCase is one text of testdata/replies, and which of its lines are to be folded.
type replyCase struct {
	name   string
	lines  []string
	folded []bool
}

func replyCases(t testing.TB) (out []replyCase) {
	t.Helper()
	files, err := filepath.Glob("testdata/replies/*.txt")
	if err != nil || len(files) < 4 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	for _, f := range files {
		for _, part := range strings.Split(read(t, f), "\n== ")[1:] {
			name, body, _ := strings.Cut(part, "\n")
			c := replyCase{name: filepath.Base(f) + " " + name}
			for _, l := range strings.Split(strings.TrimRight(body, "\n"), "\n") {
				if len(l) < 2 || l[1] != ' ' || l[0] != ' ' && l[0] != '|' {
					t.Fatalf("%s: the line %q is neither kept nor folded", c.name, l)
				}
				c.lines = append(c.lines, l[2:])
				c.folded = append(c.folded, l[0] == '|')
			}
			out = append(out, c)
		}
	}
	return out
}

func TestSplitText(t *testing.T) {
	cases := replyCases(t)
	if len(cases) < 100 {
		t.Fatalf("only %d cases", len(cases))
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := make([]bool, len(c.lines))
			for _, f := range email.SplitText(strings.Join(c.lines, "\n")) {
				for i := f.From; i < f.To; i++ {
					got[i] = true
				}
			}
			if slices.Equal(got, c.folded) {
				return
			}
			for i, l := range c.lines {
				mark := map[bool]string{true: "| ", false: "  "}
				t.Errorf("want %q got %q: %s", mark[c.folded[i]], mark[got[i]], l)
			}
		})
	}
}
