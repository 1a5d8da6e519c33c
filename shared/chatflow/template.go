package chatflow

// Template is a bot to begin with. It needs nothing but what every workspace has.
type Template struct {
	ID    string `json:"id" enum:"qualify,support,meeting,offline"`
	Name  string `json:"name"`
	Graph Graph  `json:"graph"`
}

// Templates are the bots to begin with, in a language; in one that Parley does not speak, in English. meetingsOf is the user whose meeting link the
// booking offers; "" leaves it to be filled in.
func Templates(meetingsOf, lang string) []Template {
	say := func(en string) string {
		if lang == "de" {
			return german[en]
		}
		return en
	}
	person := &HandoffStep{To: "routing", Text: say("I am passing you on to a colleague."), Away: say("Nobody is here right now. Your message is kept, and we will answer.")}
	ask := func(id string, y float64, q QuestionStep, next string) Step {
		return Step{ID: id, Kind: StepQuestion, Question: &q, Next: next, Y: y, Delay: 600}
	}
	hand := Step{ID: "person", Kind: StepHandoff, Handoff: person, Y: 800}
	message := func(id string, y float64, text, next string) Step {
		return Step{ID: id, Kind: StepMessage, Message: &MessageStep{Bubbles: []Bubble{{Text: text}}}, Next: next, Y: y}
	}
	return []Template{
		{"qualify", say("Qualify a lead"), Graph{Start: "hello", Human: person, Steps: []Step{
			message("hello", 0, say("Hello! A few questions, and we find you the right person."), "name"),
			ask("name", 160, QuestionStep{Text: say("What is your name?"), Ask: AskText, Into: "name", Property: "name"}, "email"),
			ask("email", 320, QuestionStep{Text: say("Thank you, {{answer.name}}. What is your email address?"), Ask: AskMail, Into: "email", Property: "email"}, "size"),
			ask("size", 480, QuestionStep{Text: say("How many people work at your company?"), Ask: AskChoice, Into: "size", Choices: []Choice{
				{ID: "few", Label: say("1 to 10")}, {ID: "some", Label: say("11 to 100")}, {ID: "many", Label: say("More than 100"), Next: "urgent"},
			}}, "person"),
			{ID: "urgent", Kind: StepSet, Set: &SetStep{On: "thread", Property: "priority", Value: "high"}, Next: "person", X: 260, Y: 640},
			hand,
		}}},
		{"support", say("Support"), Graph{Start: "topic", Human: person, Steps: []Step{
			ask("topic", 0, QuestionStep{Text: say("Hello! What is it about?"), Ask: AskChoice, Into: "topic", Choices: []Choice{
				{ID: "order", Label: say("An order"), Next: "number"}, {ID: "problem", Label: say("A problem")}, {ID: "other", Label: say("Something else")},
			}}, "detail"),
			ask("number", 160, QuestionStep{Text: say("What is the number of the order?"), Ask: AskText, Into: "order"}, "detail"),
			ask("detail", 320, QuestionStep{Text: say("Please describe it in a few words."), Ask: AskText, Into: "detail"}, "email"),
			ask("email", 480, QuestionStep{Text: say("Where can we reach you by email?"), Ask: AskMail, Into: "email", Property: "email"}, "person"),
			hand,
		}}},
		{"meeting", say("Book a meeting"), Graph{Start: "want", Human: person, Steps: []Step{
			ask("want", 0, QuestionStep{Text: say("Hello! Would you like to book a meeting with us?"), Ask: AskChoice, Into: "want", Choices: []Choice{
				{ID: "yes", Label: say("Yes")}, {ID: "no", Label: say("I have a question"), Next: "person"},
			}}, "email"),
			ask("email", 160, QuestionStep{Text: say("What is your email address?"), Ask: AskMail, Into: "email", Property: "email"}, "link"),
			{ID: "link", Kind: StepMeeting, Meeting: &MeetingStep{User: meetingsOf, Text: say("Choose a time that suits you:"), Label: say("Book a meeting")}, Next: "more", Y: 320},
			ask("more", 480, QuestionStep{Text: say("Anything else?"), Ask: AskChoice, Into: "more", Choices: []Choice{
				{ID: "yes", Label: say("Yes, a question"), Next: "person"}, {ID: "no", Label: say("No, thank you")},
			}}, "end"),
			{ID: "end", Kind: StepEnd, End: &EndStep{Text: say("See you soon!"), Close: true}, Y: 640},
			hand,
		}}},
		{"offline", say("While nobody is there"), Graph{Start: "there", Human: person, Steps: []Step{
			{ID: "there", Kind: StepBranch, Branch: &BranchStep{Branches: []Branch{{ID: "there", Name: say("Somebody is there"), Tests: []BranchTest{{On: OnAvailable}}, Next: "person"}}}, Next: "away"},
			message("away", 160, say("Nobody is here right now. Leave us a message, and we will answer by email."), "message"),
			ask("message", 320, QuestionStep{Text: say("What is it about?"), Ask: AskText, Into: "message"}, "email"),
			ask("email", 480, QuestionStep{Text: say("What is your email address?"), Ask: AskMail, Into: "email", Property: "email"}, "person"),
			hand,
		}}},
	}
}

// german are the words of the templates.
var german = map[string]string{
	"I am passing you on to a colleague.":                                 "Ich gebe Sie an eine Kollegin oder einen Kollegen weiter.",
	"Nobody is here right now. Your message is kept, and we will answer.": "Gerade ist niemand da. Ihre Nachricht bleibt erhalten, und wir antworten.",
	"Qualify a lead": "Interessenten kennenlernen",
	"Hello! A few questions, and we find you the right person.": "Guten Tag! Ein paar Fragen, und wir finden die richtige Person für Sie.",
	"What is your name?": "Wie heißen Sie?",
	"Thank you, {{answer.name}}. What is your email address?": "Danke, {{answer.name}}. Wie lautet Ihre E-Mail-Adresse?",
	"How many people work at your company?":                   "Wie viele Menschen arbeiten in Ihrer Firma?",
	"1 to 10":                                                 "1 bis 10",
	"11 to 100":                                               "11 bis 100",
	"More than 100":                                           "Mehr als 100",
	"Support":                                                 "Hilfe",
	"Hello! What is it about?":                                "Guten Tag! Worum geht es?",
	"An order":                                                "Eine Bestellung",
	"A problem":                                               "Ein Problem",
	"Something else":                                          "Etwas anderes",
	"What is the number of the order?":                        "Welche Nummer hat die Bestellung?",
	"Please describe it in a few words.":                      "Bitte beschreiben Sie es in wenigen Worten.",
	"Where can we reach you by email?":                        "Unter welcher E-Mail-Adresse erreichen wir Sie?",
	"Book a meeting":                                          "Termin buchen",
	"Hello! Would you like to book a meeting with us?": "Guten Tag! Möchten Sie einen Termin mit uns buchen?",
	"Yes":                           "Ja",
	"I have a question":             "Ich habe eine Frage",
	"What is your email address?":   "Wie lautet Ihre E-Mail-Adresse?",
	"Choose a time that suits you:": "Wählen Sie eine Zeit, die Ihnen passt:",
	"Anything else?":                "Noch etwas?",
	"Yes, a question":               "Ja, eine Frage",
	"No, thank you":                 "Nein, danke",
	"See you soon!":                 "Bis bald!",
	"While nobody is there":         "Wenn niemand da ist",
	"Somebody is there":             "Jemand ist da",
	"Nobody is here right now. Leave us a message, and we will answer by email.": "Gerade ist niemand da. Hinterlassen Sie uns eine Nachricht, und wir antworten per E-Mail.",
	"What is it about?": "Worum geht es?",
}
