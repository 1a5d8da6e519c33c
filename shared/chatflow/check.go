package chatflow

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"parley/events"
)

// Known is what a bot may name. A nil map: nothing is known of these, and nothing is said of them.
type Known struct {
	Teams, Users, Meetings, Tags, Lists, Contact, Company, Bots map[string]bool

	Files map[string]events.BotFile // of the chat, by id
}

// Checkup finds what is wrong with a graph, step by step in its order. A graph without a finding that blocks may be published.
func (g Graph) Checkup(k Known) []Finding {
	c := &checkup{g: g, k: k, at: map[string]Step{}, found: []Finding{}}
	if len(g.Steps) == 0 {
		c.add(Finding{Fault: FaultEmpty, Text: "There is no step yet.", Block: true})
		return c.found
	}
	twice := map[string]bool{}
	for _, s := range g.Steps {
		if _, has := c.at[s.ID]; has || s.ID == "" {
			twice[s.ID] = true
			continue
		}
		c.at[s.ID] = s
	}
	if _, has := c.at[g.Start]; !has {
		c.add(Finding{Fault: FaultEmpty, On: g.Start, Text: "No step is the first.", Block: true})
	}
	reached := c.reached()
	vars, any := c.variables()
	for _, s := range g.Steps {
		if twice[s.ID] {
			c.add(Finding{Fault: FaultTwice, Step: s.ID, Text: "Another step has the same id.", Block: true})
		}
		if !reached[s.ID] {
			c.add(Finding{Fault: FaultUnreachable, Step: s.ID, Text: "No way leads to this step."})
		}
		if !s.filled() {
			c.add(Finding{Fault: FaultSettings, Step: s.ID, On: string(s.Kind), Text: "This step is not filled in.", Block: true})
			continue
		}
		c.exits(s)
		c.settings(s)
		c.names(s)
		c.tokens(s, vars, any)
		if reached[s.ID] && c.circles(s) {
			c.add(Finding{Fault: FaultLoop, Step: s.ID, Text: "These steps lead back to themselves without asking anything.", Block: true})
		}
		if reached[s.ID] && !c.ends(s.ID) {
			c.add(Finding{Fault: FaultNoHuman, Step: s.ID, Text: "From here no way leads to a person or to an end.", Block: true})
		}
	}
	if h := g.Human; h != nil {
		c.handoff(Step{}, *h)
		if h.AwayNext != "" {
			if _, has := c.at[h.AwayNext]; !has {
				c.add(Finding{Fault: FaultMissing, Exit: "away", On: h.AwayNext, Text: "The way to a person leads to a step that is not there.", Block: true})
			}
		}
	}
	return c.found
}

// Blocked reports whether a finding keeps the graph from being published.
func Blocked(found []Finding) bool {
	return slices.ContainsFunc(found, func(f Finding) bool { return f.Block })
}

type checkup struct {
	g     Graph
	k     Known
	at    map[string]Step
	found []Finding
}

func (c *checkup) add(f Finding) { c.found = append(c.found, f) }

func (c *checkup) bad(s Step, on, format string, args ...any) {
	c.add(Finding{Fault: FaultSettings, Step: s.ID, On: on, Text: fmt.Sprintf(format, args...), Block: true})
}

// filled reports whether the step carries the settings of its kind.
func (s Step) filled() bool {
	switch s.Kind {
	case StepMessage:
		return s.Message != nil && len(s.Message.Bubbles) > 0
	case StepQuestion:
		return s.Question != nil
	case StepSet:
		return s.Set != nil
	case StepSubscribe:
		return s.Subscribe != nil
	case StepBranch:
		return s.Branch != nil
	case StepMeeting:
		return s.Meeting != nil
	case StepHandoff:
		return s.Handoff != nil
	case StepWebhook:
		return s.Webhook != nil
	case StepCode:
		return s.Code != nil
	case StepTag:
		return s.Tag != nil
	case StepList:
		return s.List != nil
	case StepTicket:
		return s.Ticket != nil
	case StepArticle:
		return s.Article != nil
	case StepFlow:
		return s.Flow != nil
	case StepEnd:
		return s.End != nil
	}
	return false
}

// reached are the steps that some way leads to.
func (c *checkup) reached() map[string]bool {
	seen := map[string]bool{}
	todo := []string{c.g.Start}
	if c.g.Human != nil {
		todo = append(todo, c.g.Human.AwayNext)
	}
	for len(todo) > 0 {
		id := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		s, has := c.at[id]
		if !has || seen[id] {
			continue
		}
		seen[id] = true
		for _, e := range s.Exits() {
			todo = append(todo, e.To)
		}
	}
	return seen
}

func (c *checkup) exits(s Step) {
	for _, e := range s.Exits() {
		if e.To == "" {
			c.add(Finding{Fault: FaultDeadEnd, Step: s.ID, Exit: e.Name, Text: "This way leads nowhere.", Block: true})
		} else if _, has := c.at[e.To]; !has {
			c.add(Finding{Fault: FaultMissing, Step: s.ID, Exit: e.Name, On: e.To, Text: "This way leads to a step that is not there.", Block: true})
		}
	}
}

// circles reports whether a step leads back to itself without a step that waits for the visitor.
func (c *checkup) circles(s Step) bool {
	seen := map[string]bool{}
	var back func(id string) bool
	back = func(id string) bool {
		t, has := c.at[id]
		if !has || t.Kind == StepQuestion || t.Kind == StepSubscribe || t.Kind == StepArticle {
			return false
		}
		for _, e := range t.Exits() {
			if e.To == s.ID {
				return true
			}
			if !seen[e.To] {
				seen[e.To] = true
				if back(e.To) {
					return true
				}
			}
		}
		return false
	}
	return back(s.ID)
}

// ends reports whether some way from a step leads to a person, an end or another bot.
func (c *checkup) ends(id string) bool {
	seen := map[string]bool{}
	todo := []string{id}
	for len(todo) > 0 {
		id := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		s, has := c.at[id]
		if !has || seen[id] {
			continue
		}
		seen[id] = true
		if s.Kind == StepHandoff || s.Kind == StepEnd || s.Kind == StepFlow {
			return true
		}
		for _, e := range s.Exits() {
			todo = append(todo, e.To)
		}
	}
	return false
}

// variables are the answers that steps keep; any means that a script may keep others.
func (c *checkup) variables() (vars map[string]bool, any bool) {
	vars = map[string]bool{"reply": true}
	for _, s := range c.g.Steps {
		switch {
		case !s.filled():
		case s.Kind == StepQuestion:
			vars[orWords(s.Question.Into, s.ID)] = true
		case s.Kind == StepArticle:
			vars[s.ID] = true
		case s.Kind == StepTicket:
			vars["ticket"] = true
		case s.Kind == StepSet && s.Set.On == "answer":
			vars[s.Set.Property] = true
		case s.Kind == StepWebhook:
			for name := range s.Webhook.Map {
				vars[name] = true
			}
		case s.Kind == StepCode:
			any = true
		}
	}
	return vars, any
}

// texts are what may hold tokens, by setting.
func (s Step) texts() [][2]string {
	var out [][2]string
	switch s.Kind {
	case StepMessage:
		for _, b := range s.Message.Bubbles {
			out = append(out, [2]string{"text", b.Text})
		}
	case StepQuestion:
		out = append(out, [2]string{"text", s.Question.Text}, [2]string{"retry", s.Question.Retry})
	case StepSet:
		out = append(out, [2]string{"value", s.Set.Value})
	case StepMeeting:
		out = append(out, [2]string{"text", s.Meeting.Text})
	case StepHandoff:
		out = append(out, [2]string{"text", s.Handoff.Text}, [2]string{"away", s.Handoff.Away})
	case StepTicket:
		out = append(out, [2]string{"subject", s.Ticket.Subject})
	case StepArticle:
		out = append(out, [2]string{"text", s.Article.Text})
	case StepEnd:
		out = append(out, [2]string{"text", s.End.Text})
	}
	return out
}

func (c *checkup) tokens(s Step, vars map[string]bool, any bool) {
	for _, t := range s.texts() {
		for _, m := range token.FindAllStringSubmatch(t[1], -1) {
			name, _, _ := strings.Cut(m[1], "|")
			if name = strings.TrimSpace(name); !c.knows(name, vars, any) {
				c.add(Finding{Fault: FaultToken, Step: s.ID, On: m[0], Text: "Nothing is known by the name " + m[0] + ".", Block: true})
			}
		}
		if rest := token.ReplaceAllString(t[1], ""); strings.Contains(rest, "{{") || strings.Contains(rest, "}}") {
			c.add(Finding{Fault: FaultToken, Step: s.ID, On: t[0], Text: "A token is not closed: it is written {{contact.name}}.", Block: true})
		}
	}
	if s.Kind != StepBranch {
		return
	}
	for _, b := range s.Branch.Branches {
		for _, t := range b.Tests {
			if t.On == OnAnswer || t.On == OnContact || t.On == OnCompany {
				if name := string(t.On) + "." + t.Name; !c.knows(name, vars, any) {
					c.add(Finding{Fault: FaultToken, Step: s.ID, Exit: b.ID, On: name, Text: "Nothing is known by the name " + name + ".", Block: true})
				}
			}
		}
	}
}

func (c *checkup) knows(name string, vars map[string]bool, any bool) bool {
	of, name, _ := strings.Cut(name, ".")
	switch of {
	case "contact":
		return name != "" && (c.k.Contact == nil || c.k.Contact[name])
	case "company":
		return name != "" && (c.k.Company == nil || c.k.Company[name])
	case "answer":
		return name != "" && (any || vars[name])
	case "page":
		return name == "url"
	}
	return false
}

// names finds what a step names and is not there any more.
func (c *checkup) names(s Step) {
	gone := func(known map[string]bool, what, id string) {
		if known != nil && id != "" && !known[id] {
			c.add(Finding{Fault: FaultGone, Step: s.ID, On: id, Text: "The " + what + " is not there any more.", Block: true})
		}
	}
	switch s.Kind {
	case StepQuestion:
		gone(c.k.Contact, "property", s.Question.Property)
	case StepSet:
		switch s.Set.On {
		case "contact":
			gone(c.k.Contact, "property", s.Set.Property)
		case "company":
			gone(c.k.Company, "property", s.Set.Property)
		}
	case StepMeeting:
		gone(c.k.Meetings, "user, or their meeting link,", s.Meeting.User)
	case StepHandoff:
		c.handoff(s, *s.Handoff)
	case StepTag:
		for _, id := range slices.Concat(s.Tag.Add, s.Tag.Remove) {
			gone(c.k.Tags, "tag", id)
		}
	case StepList:
		gone(c.k.Lists, "list", s.List.List)
	case StepFlow:
		gone(c.k.Bots, "bot, or its published version,", s.Flow.Flow)
	}
}

func (c *checkup) handoff(s Step, h HandoffStep) {
	known, what := map[string]map[string]bool{"team": c.k.Teams, "user": c.k.Users}[h.To], h.To
	switch {
	case h.To == "routing":
	case h.To != "team" && h.To != "user":
		c.bad(s, "to", "A hand-off goes to routing, a team or a user.")
	case h.ID == "":
		c.bad(s, "id", "Say which %s gets the conversation.", what)
	case known != nil && !known[h.ID]:
		c.add(Finding{Fault: FaultGone, Step: s.ID, On: h.ID, Text: "The " + what + " is not there any more.", Block: true})
	}
}

func (c *checkup) settings(s Step) {
	for _, t := range s.texts() {
		if utf8.RuneCountInString(t[1]) > 2*MaxText {
			c.bad(s, t[0], "A text has at most %d characters.", MaxText)
		}
	}
	switch s.Kind {
	case StepMessage:
		for _, b := range s.Message.Bubbles {
			if strings.TrimSpace(b.Text) == "" && b.Image == "" && b.Link == "" && b.File == nil {
				c.bad(s, "text", "A message needs text, a picture, a link or a file.")
			}
			c.file(s, b)
			c.https(s, "image", b.Image)
			c.https(s, "link", b.Link)
			if (b.Image != "" || b.File != nil && b.File.Picture) && strings.TrimSpace(b.Alt) == "" {
				c.bad(s, "alt", "Say in words what the picture shows.")
			}
		}
	case StepQuestion:
		c.question(s, *s.Question)
	case StepSet:
		switch {
		case s.Set.Property == "":
			c.bad(s, "property", "Say what is to be set.")
		case s.Set.On == "thread" && (s.Set.Property != "priority" || !slices.Contains([]string{"low", "normal", "high", "urgent"}, s.Set.Value)):
			c.bad(s, "value", "The priority of a conversation is low, normal, high or urgent.")
		case !slices.Contains([]string{"contact", "company", "thread", "answer"}, s.Set.On):
			c.bad(s, "on", "A property is of the contact, the company, the conversation, or it is an answer.")
		}
	case StepArticle:
		if strings.TrimSpace(s.Article.Text) == "" {
			c.bad(s, "text", "A look-up needs a question.")
		}
		if h := s.helps(wordsIn("")); strings.EqualFold(h[0].Label, h[1].Label) {
			c.bad(s, "yes", "Yes and no need words of their own.")
		}
	case StepSubscribe:
		if v := s.Subscribe; v.Purpose == "" || strings.TrimSpace(v.Text) == "" || v.Yes == "" || v.No == "" || strings.EqualFold(v.Yes, v.No) {
			c.bad(s, "text", "It needs a purpose, the exact words, and two different answers.")
		}
	case StepBranch:
		c.branch(s, *s.Branch)
	case StepMeeting:
		if s.Meeting.User == "" || strings.TrimSpace(s.Meeting.Text) == "" {
			c.bad(s, "user", "Say whose meetings, and with which words.")
		}
	case StepWebhook:
		if s.Webhook.URL == "" {
			c.bad(s, "url", "It needs an https address.")
		}
		c.https(s, "url", s.Webhook.URL)
		if len(s.Webhook.Map) > 20 {
			c.bad(s, "map", "At most 20 variables.")
		}
		for _, name := range slices.Sorted(maps.Keys(s.Webhook.Map)) {
			if s.Webhook.Map[name] == "" || name == "" {
				c.bad(s, "map", "A variable needs a name and a path in the answer.")
			}
		}
	case StepCode:
		if strings.TrimSpace(s.Code.Source) == "" {
			c.bad(s, "source", "There is no code yet.")
		}
	case StepTag:
		if len(s.Tag.Add)+len(s.Tag.Remove) == 0 {
			c.bad(s, "add", "Name a tag to add or to take off.")
		}
	case StepList:
		if s.List.List == "" {
			c.bad(s, "list", "Say which list.")
		}
	case StepFlow:
		if s.Flow.Flow == "" {
			c.bad(s, "flow", "Say which bot goes on.")
		}
	}
}

func (c *checkup) question(s Step, q QuestionStep) {
	switch {
	case strings.TrimSpace(q.Text) == "":
		c.bad(s, "text", "A question needs words.")
	case !slices.Contains([]AskKind{AskText, AskChoice, AskMail, AskPhone, AskNumber, AskDate}, q.Ask):
		c.bad(s, "ask", "Say what kind of answer is asked for.")
	case q.Ask == AskChoice && len(q.Choices) == 0:
		c.bad(s, "choices", "A choice needs answers to choose from.")
	case q.Min != nil && q.Max != nil && *q.Min > *q.Max:
		c.bad(s, "min", "No number is that great and that small.")
	}
	labels, ids := map[string]bool{}, map[string]bool{}
	for _, o := range q.Choices {
		label := strings.ToLower(strings.TrimSpace(o.Label))
		if label == "" || o.ID == "" || labels[label] || ids[o.ID] {
			c.bad(s, "choices", "Every quick reply needs words and an id of its own.")
			break
		}
		labels[label], ids[o.ID] = true, true
	}
}

func (c *checkup) branch(s Step, b BranchStep) {
	if len(b.Branches) == 0 {
		c.bad(s, "branches", "There is no branch yet.")
	}
	for _, o := range b.Branches {
		if len(o.Tests) == 0 {
			c.bad(s, "tests", "A branch needs something to look at.")
		}
		for _, t := range o.Tests {
			plain := t.On == OnHours || t.On == OnAvailable
			ops := []TestOp{TestIs, TestContains, TestBegins, TestEnds, TestMatches, TestExists, TestAbove, TestBelow}
			if !slices.Contains([]TestOn{OnAnswer, OnContact, OnCompany, OnPage, OnHours, OnAvailable}, t.On) || !plain && !slices.Contains(ops, t.Op) {
				c.bad(s, "tests", "Say what is looked at, and how it is compared.")
			}
		}
	}
}

// https refuses an address that is not of the web with encryption; "" is none.
func (c *checkup) https(s Step, on, address string) {
	if address == "" {
		return
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil || len(address) > 2048 {
		c.bad(s, on, "This is no address that begins with https://.")
	}
}
