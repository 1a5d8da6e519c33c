// Package article is the domain of short answers that a team writes for bots to find.
//
// Owns: Article, what one must be, and Rank: which of them answer a question.
// Never: clock, randomness, I/O, store. Imported by: store, functions.
package article

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"parley/events"
	"parley/shared/fault"
)

// Article is one answer. Only published ones are found.
type Article struct {
	ID        string       `json:"id"`
	Title     string       `json:"title"` // the question, or what it is about
	Text      string       `json:"text"`  // plain; addresses become links where it is shown
	Language  string       `json:"language,omitempty"`
	Published bool         `json:"published"`
	By        events.Actor `json:"by"` // who changed it last
	At        time.Time    `json:"at"`
	Version   int64        `json:"version"`
}

// Bounds of an article.
const (
	TitleRunes = 150
	TextRunes  = 5000
)

// Published are those of a list that may be shown.
func Published(list []Article) []Article {
	return slices.DeleteFunc(slices.Clone(list), func(a Article) bool { return !a.Published })
}

// Languages are those in which articles are written; none is any.
func Languages() []string { return []string{"", "de", "en"} }

// Clean returns an article as it is kept, or why it is none.
func (a Article) Clean() (Article, error) {
	a.Title = strings.Join(strings.Fields(a.Title), " ")
	a.Text = strings.TrimSpace(strings.ReplaceAll(a.Text, "\r\n", "\n"))
	known := false
	for _, l := range Languages() {
		known = known || a.Language == l
	}
	control := func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }
	switch {
	case a.Title == "" || utf8.RuneCountInString(a.Title) > TitleRunes:
		return a, fault.New(fault.Invalid, "A title has 1 to %d characters.", TitleRunes)
	case a.Text == "" || utf8.RuneCountInString(a.Text) > TextRunes:
		return a, fault.New(fault.Invalid, "An article has 1 to %d characters.", TextRunes)
	case !utf8.ValidString(a.Title+a.Text) || strings.ContainsFunc(a.Title+a.Text, control):
		return a, fault.New(fault.Invalid, "An article is plain text.")
	case !known:
		return a, fault.New(fault.Invalid, "An article is in German (de), English (en), or neither.")
	}
	return a, nil
}
