package chatflow

// TicketStep makes a ticket of the conversation. {{answer.ticket}} is its number afterwards.
type TicketStep struct {
	Subject string `json:"subject,omitempty" maxLength:"200" doc:"May hold tokens; nothing for the conversation's own."`
}

// ArticleStep asks what it is about, shows the articles that answer it best, and asks whether that helped. Where none does, or it did not help, the
// walk goes on at the step's next.
type ArticleStep struct {
	Text   string `json:"text" maxLength:"1000" doc:"What is asked; may hold tokens."`
	Helped string `json:"helped,omitempty" maxLength:"40" doc:"Step for when it helped."`
	Ask    string `json:"ask,omitempty" maxLength:"200" doc:"Did this help? Nothing for words of Parley's."`
	Yes    string `json:"yes,omitempty" maxLength:"60" doc:"The quick reply that it did; nothing for Yes."`
	No     string `json:"no,omitempty" maxLength:"60" doc:"The quick reply that it did not; nothing for No."`
}

// The phases of a look-up.
const (
	phaseAsk    = "ask"
	phaseFind   = "find"
	phaseHelped = "helped"
)

// lookUp asks what it is about.
func (w *walk) lookUp(s Step) {
	w.s.Phase = phaseAsk
	w.ask(s, s.Article.Text, AskText, nil)
}

// lookedUp goes on with what the visitor wrote: what it is about, or whether that helped.
func (w *walk) lookedUp(s Step, chosen Choice, text string) {
	if w.s.Phase != phaseHelped {
		w.put(s.ID, text)
		w.s.Phase = phaseFind
		w.await(Effect{Kind: DoArticle, Text: text}, s.Next)
		return
	}
	w.mark(MarkAnswered, s.ID)
	w.s.Phase = ""
	if chosen.ID == "yes" {
		w.run(s.Article.Helped)
		return
	}
	w.run(s.Next)
}

// found shows what was found, and asks whether it helped.
func (w *walk) found(s Step, r Result, then string) {
	if s.Article == nil || r.Failed != "" || len(r.Say) == 0 {
		w.mark(MarkAnswered, s.ID)
		w.s.Phase = ""
		w.run(then)
		return
	}
	for _, b := range r.Say[:min(len(r.Say), 3)] {
		w.line(Line{Step: s.ID, Bubble: Bubble{Text: clip(b.Text, MaxVariable), Link: b.Link, Label: b.Label}})
	}
	w.s.Phase = phaseHelped
	w.ask(s, orWords(s.Article.Ask, w.words().helped), AskChoice, s.helps(w.words()))
}

func (s Step) helps(w words) []Choice {
	return []Choice{{ID: "yes", Label: orWords(s.Article.Yes, w.yes)}, {ID: "no", Label: orWords(s.Article.No, w.no)}}
}
