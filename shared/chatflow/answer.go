package chatflow

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// said is what the visitor wrote, while the bot waits or after its end.
func (w *walk) said(text string) {
	step, ok := w.g.Step(w.s.Step)
	choices := w.s.Quick
	if ok && step.filled() && w.s.State == Waiting {
		switch {
		case step.Kind == StepQuestion:
			choices = step.Question.Choices
		case step.Kind == StepSubscribe && w.s.Phase == "consent":
			choices = step.consents()
		case step.Kind == StepArticle && w.s.Phase == phaseHelped:
			choices = step.helps(w.words())
		}
	}
	chosen, isChoice := pick(choices, text)
	switch {
	case !isChoice && wantsPerson(text):
		w.leave()
		w.s.Effect, w.s.Then = nil, ""
		w.human("asked")
	case w.s.State != Waiting:
		w.human("again")
	case !ok || !step.filled():
		w.human("missing")
	case step.Kind == StepArticle:
		w.lookedUp(step, chosen, text)
	case step.Kind == StepSubscribe:
		w.agreed(step, chosen, text)
	case step.Kind == StepCode:
		w.mark(MarkAnswered, step.ID)
		w.put("reply", text)
		if exit, has := exitOf(step.Code.Exits, chosen.ID); isChoice && has {
			w.run(exit)
			return
		}
		w.run(step.Next)
	case step.Kind == StepQuestion:
		w.answered(step, chosen, text)
	default:
		w.human("missing")
	}
}

// answered checks an answer and goes on, or asks once more.
func (w *walk) answered(s Step, chosen Choice, text string) {
	q := s.Question
	value, ok := q.parse(chosen, text)
	if !ok {
		w.again(s, q.Ask, q.Retry, q.Tries, q.Fail, q.Choices)
		return
	}
	w.mark(MarkAnswered, s.ID)
	w.s.Tries = 0
	w.put(orWords(q.Into, s.ID), value)
	next := orWords(chosen.Next, s.Next)
	if q.Property != "" {
		w.await(Effect{Kind: DoContact, Property: q.Property, Value: value}, next)
		return
	}
	w.run(next)
}

func (w *walk) agreed(s Step, chosen Choice, text string) {
	if w.s.Phase == "email" {
		value, ok := (&QuestionStep{Ask: AskMail}).parse(Choice{}, text)
		if !ok {
			w.again(s, AskMail, "", 0, "", nil)
			return
		}
		w.s.Phase = "consent"
		w.await(Effect{Kind: DoContact, Property: "email", Value: value}, s.ID)
		return
	}
	if chosen.ID == "" {
		w.again(s, AskChoice, "", 0, "", s.consents())
		return
	}
	w.mark(MarkAnswered, s.ID)
	w.s.Phase = ""
	sub := s.Subscribe
	w.await(Effect{Kind: DoConsent, Given: chosen.ID == "yes", Purpose: sub.Purpose, Text: sub.Text + "\n" + chosen.Label, Page: w.in.World.Page}, s.Next)
}

// again asks once more, unless it was asked often enough.
func (w *walk) again(s Step, kind AskKind, retry string, tries int, fail string, choices []Choice) {
	if tries <= 0 {
		tries = DefaultTries
	}
	if w.s.Tries++; w.s.Tries >= tries {
		w.s.Tries = 0
		w.leave()
		if fail != "" {
			w.run(fail)
			return
		}
		w.human("unanswered")
		return
	}
	tried := w.s.Tries
	w.ask(s, orWords(retry, w.words().retry[kind]), kind, choices)
	w.out.Lines[len(w.out.Lines)-1].Text = w.fill(orWords(retry, w.words().retry[kind]))
	w.s.Tries = tried
}

// resulted goes on with what came of the effect.
func (w *walk) resulted(r Result) {
	done, then := *w.s.Effect, w.s.Then
	w.s.Effect, w.s.Then = nil, ""
	step, ok := w.g.Step(w.s.Step)
	if !ok || !step.filled() {
		w.human("missing")
		return
	}
	for _, name := range slices.Sorted(maps.Keys(r.Vars)) {
		w.put(name, r.Vars[name])
	}
	switch done.Kind {
	case DoWebhook:
		if r.Failed != "" {
			w.failed(webhookFail(step))
			return
		}
	case DoCode:
		if r.Failed != "" || step.Code == nil {
			w.failed(codeFail(step))
			return
		}
		w.coded(step, r, then)
		return
	case DoArticle:
		w.found(step, r, then)
		return
	}
	w.run(then) // a property that could not be set stands in the record; the visitor need not wait for that
}

func (w *walk) coded(s Step, r Result, then string) {
	for _, b := range r.Say[:min(len(r.Say), 10)] {
		w.line(Line{Step: s.ID, Bubble: Bubble{Text: clip(b.Text, MaxVariable)}}) // what a script says is no template
	}
	if exit, has := exitOf(s.Code.Exits, r.Next); has {
		then = exit
	}
	if !r.Wait {
		w.run(then)
		return
	}
	w.s.Quick = slices.Clone(r.Quick[:min(len(r.Quick), 12)])
	if n := len(w.out.Lines); n > 0 {
		w.out.Lines[n-1].Ask = AskText
		for _, c := range w.s.Quick {
			w.out.Lines[n-1].Choices = append(w.out.Lines[n-1].Choices, c.Label)
		}
	}
	w.s.State = Waiting
}

func (w *walk) failed(fail string) {
	if fail == "" {
		w.human("failed")
		return
	}
	w.run(fail)
}

func webhookFail(s Step) string {
	if s.Webhook == nil {
		return ""
	}
	return s.Webhook.Fail
}

func codeFail(s Step) string {
	if s.Code == nil {
		return ""
	}
	return s.Code.Fail
}

func exitOf(exits []Choice, id string) (string, bool) {
	i := slices.IndexFunc(exits, func(c Choice) bool { return id != "" && c.ID == id && c.Next != "" })
	if i < 0 {
		return "", false
	}
	return exits[i].Next, true
}

// pick finds the quick reply that a text is.
func pick(choices []Choice, text string) (Choice, bool) {
	text = strings.TrimSpace(text)
	for _, c := range choices {
		if text != "" && strings.EqualFold(strings.TrimSpace(c.Label), text) {
			return c, true
		}
	}
	return Choice{}, false
}

var (
	mailish  = regexp.MustCompile(`^[^\s@<>()",;:\\\[\]]{1,64}@([\pL\pN]([\pL\pN-]{0,61}[\pL\pN])?\.)+[\pL]([\pL\pN-]{0,61}[\pL\pN])$`)
	phonish  = regexp.MustCompile(`^\+?[0-9][0-9 ()/.-]{4,30}$`)
	numberly = regexp.MustCompile(`^[+-]?[0-9]{1,15}([.,][0-9]{1,9})?$`)
)

// parse turns an answer into the one way in which it is kept.
func (q *QuestionStep) parse(chosen Choice, text string) (string, bool) {
	text = strings.TrimSpace(text)
	if chosen.ID != "" && (q.Ask == AskChoice || q.Ask == AskText) {
		return chosen.Label, true
	}
	switch q.Ask {
	case AskChoice:
		return "", false
	case AskMail:
		return strings.ToLower(text), len(text) <= 254 && mailish.MatchString(text)
	case AskPhone:
		digits := strings.Map(func(r rune) rune {
			if unicode.IsDigit(r) {
				return r
			}
			return -1
		}, text)
		return text, phonish.MatchString(text) && len(digits) >= 5 && len(digits) <= 15
	case AskNumber:
		text = strings.Replace(text, ",", ".", 1)
		n, err := strconv.ParseFloat(text, 64)
		if err != nil || !numberly.MatchString(text) || q.Min != nil && n < *q.Min || q.Max != nil && n > *q.Max {
			return "", false
		}
		return strings.TrimPrefix(text, "+"), true
	case AskDate:
		for _, layout := range []string{"2006-01-02", "2.1.2006"} {
			if at, err := time.Parse(layout, text); err == nil {
				return at.Format("2006-01-02"), true
			}
		}
		return "", false
	}
	return text, text != ""
}

var (
	persons = regexp.MustCompile(`\b(person|human|people|agent|representative|operator|someone|somebody|staff|support team|mensch(en)?|mitarbeiter(in)?|person|berater(in)?|jemand(em|en)?)\b`)
	talking = regexp.MustCompile(`\b(talk|speak|chat|connect|transfer|reach|get me|want|need|real|live|please|sprechen|reden|verbinden|echte[nr]?|bitte|brauche|möchte|will)\b`)
	spaces  = regexp.MustCompile(`[^\pL\pN]+`)
)

// wantsPerson reports whether a message asks for a person. It is short, names one and little else: better one too many than a visitor who is
// stuck with a machine.
func wantsPerson(text string) bool {
	if utf8.RuneCountInString(text) > 100 {
		return false
	}
	text = strings.TrimSpace(spaces.ReplaceAllString(strings.ToLower(text), " "))
	switch text {
	case "human", "agent", "person", "operator", "representative", "mensch", "mitarbeiter", "mitarbeiterin", "a human", "a person":
		return true
	}
	return persons.MatchString(text) && talking.MatchString(text)
}

func orWords(s, instead string) string {
	if s == "" {
		return instead
	}
	return s
}

// clip returns at most n bytes of s, whole runes.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
