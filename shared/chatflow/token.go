package chatflow

import (
	"regexp"
	"strconv"
	"strings"
)

var token = regexp.MustCompile(`\{\{([^{}]*)\}\}`)

// fill puts values in the place of tokens, once: what a visitor wrote is never read as a token.
func (w *walk) fill(text string) string {
	if !strings.Contains(text, "{{") {
		return text
	}
	return token.ReplaceAllStringFunc(text, func(t string) string {
		name, instead, _ := strings.Cut(t[2:len(t)-2], "|")
		if v := w.value(strings.TrimSpace(name)); v != "" {
			return v
		}
		return strings.TrimSpace(instead)
	})
}

func (w *walk) value(name string) string {
	of, name, _ := strings.Cut(name, ".")
	switch of {
	case "contact":
		return w.in.World.Contact[name]
	case "company":
		return w.in.World.Company[name]
	case "answer":
		return w.s.Vars[name]
	case "page":
		if name == "url" {
			return w.in.World.Page
		}
	}
	return ""
}

// fits reports whether all tests of a branch hold.
func (w *walk) fits(b Branch) bool {
	for _, t := range b.Tests {
		if w.holds(t) == t.Not {
			return false
		}
	}
	return len(b.Tests) > 0
}

func (w *walk) holds(t BranchTest) bool {
	switch t.On {
	case OnHours:
		return w.in.World.Open
	case OnAvailable:
		return w.in.World.There
	case OnPage:
		return tested(w.in.World.Page, t)
	case OnContact:
		return tested(w.in.World.Contact[t.Name], t)
	case OnCompany:
		return tested(w.in.World.Company[t.Name], t)
	case OnAnswer:
		return tested(w.s.Vars[t.Name], t)
	}
	return false
}

func tested(have string, t BranchTest) bool {
	value, want := strings.ToLower(strings.TrimSpace(have)), strings.ToLower(strings.TrimSpace(t.Value))
	switch t.Op {
	case TestIs:
		return value == want
	case TestContains:
		return strings.Contains(value, want)
	case TestBegins:
		return strings.HasPrefix(value, want)
	case TestEnds:
		return strings.HasSuffix(value, want)
	case TestMatches:
		return matches(want, value)
	case TestExists:
		return value != ""
	case TestAbove:
		c, ok := order(value, want)
		return ok && c > 0
	case TestBelow:
		c, ok := order(value, want)
		return ok && c < 0
	}
	return false
}

// order compares numbers, or days.
func order(a, b string) (int, bool) {
	x, err1 := strconv.ParseFloat(strings.Replace(a, ",", ".", 1), 64)
	y, err2 := strconv.ParseFloat(strings.Replace(b, ",", ".", 1), 64)
	switch {
	case err1 == nil && err2 == nil && x < y:
		return -1, true
	case err1 == nil && err2 == nil && x > y:
		return 1, true
	case err1 == nil && err2 == nil:
		return 0, true
	case day.MatchString(a) && day.MatchString(b):
		return strings.Compare(a, b), true
	}
	return 0, false
}

var day = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`)
