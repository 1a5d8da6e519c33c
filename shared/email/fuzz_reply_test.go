package email_test

import (
	"strings"
	"testing"
	"time"

	"parley/shared/email"
)

// FuzzSplitText: the folds of any text are in it, in order and apart, something is left, and every line is in one of the two parts.
func FuzzSplitText(f *testing.F) {
	for _, c := range replyCases(f) {
		f.Add(strings.Join(c.lines, "\n"))
	}
	f.Fuzz(func(t *testing.T, text string) {
		start := processorTime()
		folds := email.SplitText(text)
		checkFolds(t, text, folds)
		reply, quoted := split(text)
		lines := strings.Count(reply, "\n") + 1
		if len(folds) > 0 {
			lines += strings.Count(quoted, "\n") + 1
		}
		if lines != strings.Count(text, "\n")+1 {
			t.Errorf("%d lines became %q and %q", strings.Count(text, "\n")+1, reply, quoted)
		}
		if h := email.Forwarded("Fwd: x", text, nil); h != nil {
			checkHead(t, *h)
		}
		email.Forwarded("x", text, nil)
		if took := paced(processorTime() - start); took > 2*time.Second {
			t.Fatalf("took %v for %d bytes", took, len(text))
		}
	})
}

// FuzzFoldHTML: what comes out is as safe as what Sanitise makes, every fold is ours and whole, and a second pass over folds changes nothing.
func FuzzFoldHTML(f *testing.F) {
	for _, c := range foldCases {
		f.Add(c.html)
	}
	f.Add(`<table><tr><td>a<p>b<div class=gmail_quote><b>c<i>d</b><blockquote>e</table>f`)
	f.Add(`<div><p>a<a href=x>b<p>-- <p>c</a></div></p><li>d`)
	f.Fuzz(func(t *testing.T, s string) {
		start := processorTime()
		checkFolded(t, s)
		if took := paced(processorTime() - start); took > 2*time.Second {
			t.Fatalf("took %v for %d bytes", took, len(s))
		}
	})
}
