package inbox

import (
	"html"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"parley/shared/fault"
)

// Snippet is a text that is kept to be put into messages, called by #shortcut.
type Snippet struct {
	ID       string   `json:"id"`
	Shortcut string   `json:"shortcut"` // behind the #: letters, digits, - and _
	Title    string   `json:"title"`
	Text     string   `json:"text"`              // with tokens: {{contact.firstName|there}}
	HTML     string   `json:"html,omitempty"`    // the same as rich text, sanitised
	Inboxes  []string `json:"inboxes,omitempty"` // where it is offered; none: everywhere
	Revision int64    `json:"revision,omitempty"`
}

var (
	shortcut = regexp.MustCompile(`^[\p{L}\p{N}_-]{1,40}$`)
	token    = regexp.MustCompile(`\{\{\s*([A-Za-z]+(?:\.[A-Za-z0-9_-]+)?)\s*(?:\|([^{}]*))?\}\}`)
)

// Tokens lists the names that a snippet's tokens may have: of the person written to, of who writes, of the conversation and its inbox.
func Tokens() []string {
	return []string{"contact.name", "contact.firstName", "contact.email", "agent.name", "agent.firstName", "agent.meeting", "thread.subject", "inbox.name"}
}

// Check refuses a snippet that cannot be called or whose tokens nobody could fill.
func (s Snippet) Check() error {
	switch {
	case !shortcut.MatchString(s.Shortcut):
		return fault.New(fault.Invalid, "A shortcut has 1 to 40 letters, digits, - or _.")
	case strings.TrimSpace(s.Text) == "":
		return fault.New(fault.Invalid, "A snippet needs text.")
	case utf8.RuneCountInString(s.Title) > nameRunes:
		return fault.New(fault.Invalid, "A title has at most %d characters.", nameRunes)
	}
	for _, m := range token.FindAllStringSubmatch(s.Text+s.HTML, -1) {
		if !slices.Contains(Tokens(), m[1]) {
			return fault.New(fault.Invalid, "There is no token {{%.40s}}. There are: %s.", m[1], strings.Join(Tokens(), ", "))
		}
	}
	return nil
}

// Fill puts values in the place of a text's tokens. A token without a value takes its own words behind the |, or is left out; its name is then
// among missing.
func Fill(text string, values map[string]string) (filled string, missing []string) {
	return fill(text, values, func(s string) string { return s })
}

// FillHTML is Fill for HTML: values are text and are escaped.
func FillHTML(text string, values map[string]string) (filled string, missing []string) {
	return fill(text, values, html.EscapeString)
}

func fill(text string, values map[string]string, write func(string) string) (filled string, missing []string) {
	filled = token.ReplaceAllStringFunc(text, func(found string) string {
		m := token.FindStringSubmatch(found)
		if v := values[m[1]]; v != "" {
			return write(v)
		}
		if m[2] == "" && !slices.Contains(missing, m[1]) {
			missing = append(missing, m[1])
		}
		return strings.TrimSpace(m[2])
	})
	return filled, missing
}

// FirstName is the first word of a name.
func FirstName(name string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(name), " ")
	return first
}
