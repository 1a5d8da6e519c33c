package chatflow

// words are Parley's own, where a bot has none: in the language of the visitor's chat, as the widget's are.
type words struct {
	email, handing, nobody string
	helped, yes, no        string
	retry                  map[AskKind]string
}

var ours = map[string]words{
	"en": {
		email: "What is your email address?", handing: "I am passing you on to a person.",
		nobody: "Nobody is here right now. Your conversation is kept, and somebody will answer.",
		helped: "Did this help?", yes: "Yes", no: "No",
		retry: map[AskKind]string{
			AskText: "Please write an answer.", AskChoice: "Please choose one of the answers.",
			AskMail:   "That does not look like an email address. Please check it.",
			AskPhone:  "That does not look like a phone number. Please check it.",
			AskNumber: "Please answer with a number.", AskDate: "Please write a date, such as 2026-11-26.",
		},
	},
	"de": {
		email: "Wie lautet Ihre E-Mail-Adresse?", handing: "Ich gebe Sie an einen Menschen weiter.",
		nobody: "Gerade ist niemand da. Ihr Gespräch bleibt erhalten, und jemand wird antworten.",
		helped: "Hat das geholfen?", yes: "Ja", no: "Nein",
		retry: map[AskKind]string{
			AskText: "Bitte schreiben Sie eine Antwort.", AskChoice: "Bitte wählen Sie eine der Antworten.",
			AskMail:   "Das sieht nicht nach einer E-Mail-Adresse aus. Bitte prüfen Sie sie.",
			AskPhone:  "Das sieht nicht nach einer Telefonnummer aus. Bitte prüfen Sie sie.",
			AskNumber: "Bitte antworten Sie mit einer Zahl.", AskDate: "Bitte schreiben Sie ein Datum, etwa 26.11.2026.",
		},
	},
}

// wordsIn are Parley's words in a language; of one that it does not speak, English.
func wordsIn(lang string) words {
	if w, ok := ours[lang]; ok {
		return w
	}
	return ours["en"]
}
