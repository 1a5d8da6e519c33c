package inbox_test

import (
	"slices"
	"testing"

	"parley/shared/fault"
	"parley/shared/inbox"
)

func TestSnippets(t *testing.T) {
	s := inbox.Snippet{Shortcut: "refund", Text: "Hi {{contact.firstName|there}}, {{ agent.name }} here. {{contact.email}}", HTML: "<p>{{contact.firstName|there}}</p>"}
	if err := s.Check(); err != nil {
		t.Fatal(err)
	}
	got, missing := inbox.Fill(s.Text, map[string]string{"agent.name": "Mara"})
	if got != "Hi there, Mara here. " || !slices.Equal(missing, []string{"contact.email"}) {
		t.Errorf("%q %v", got, missing)
	}
	if got, _ := inbox.FillHTML(s.HTML, map[string]string{"contact.firstName": "<img src=x onerror=alert(1)>"}); got != "<p>&lt;img src=x onerror=alert(1)&gt;</p>" {
		t.Errorf("%q", got)
	}
	// A value that looks like a token stays what it is.
	if got, _ := inbox.Fill("{{contact.name}}", map[string]string{"contact.name": "{{agent.name}}", "agent.name": "Mara"}); got != "{{agent.name}}" {
		t.Errorf("%q", got)
	}
	for name, s := range map[string]inbox.Snippet{
		"no such token": {Shortcut: "a", Text: "{{card.number}}"},
		"no text":       {Shortcut: "a", Text: " "},
		"shortcut":      {Shortcut: "a b", Text: "x"},
	} {
		if err := s.Check(); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
