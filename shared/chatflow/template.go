package chatflow

// Template is a bot to begin with. It needs nothing but what every workspace has.
type Template struct {
	ID    string `json:"id" enum:"qualify,support,meeting,offline"`
	Name  string `json:"name"`
	Graph Graph  `json:"graph"`
}

// Templates are the bots to begin with. meetingsOf is the user whose meeting link the booking offers; "" leaves it to be filled in.
func Templates(meetingsOf string) []Template {
	person := &HandoffStep{To: "routing", Text: "I am passing you on to a colleague.", Away: "Nobody is here right now. Your message is kept, and we will answer."}
	ask := func(id string, y float64, q QuestionStep, next string) Step {
		return Step{ID: id, Kind: StepQuestion, Question: &q, Next: next, Y: y, Delay: 600}
	}
	hand := Step{ID: "person", Kind: StepHandoff, Handoff: person, Y: 800}
	say := func(id string, y float64, text, next string) Step {
		return Step{ID: id, Kind: StepMessage, Message: &MessageStep{Bubbles: []Bubble{{Text: text}}}, Next: next, Y: y}
	}
	return []Template{
		{"qualify", "Qualify a lead", Graph{Start: "hello", Human: person, Steps: []Step{
			say("hello", 0, "Hello! A few questions, and we find you the right person.", "name"),
			ask("name", 160, QuestionStep{Text: "What is your name?", Ask: AskText, Into: "name", Property: "name"}, "email"),
			ask("email", 320, QuestionStep{Text: "Thank you, {{answer.name}}. What is your email address?", Ask: AskMail, Into: "email", Property: "email"}, "size"),
			ask("size", 480, QuestionStep{Text: "How many people work at your company?", Ask: AskChoice, Into: "size", Choices: []Choice{
				{ID: "few", Label: "1 to 10"}, {ID: "some", Label: "11 to 100"}, {ID: "many", Label: "More than 100", Next: "urgent"},
			}}, "person"),
			{ID: "urgent", Kind: StepSet, Set: &SetStep{On: "thread", Property: "priority", Value: "high"}, Next: "person", X: 260, Y: 640},
			hand,
		}}},
		{"support", "Support", Graph{Start: "topic", Human: person, Steps: []Step{
			ask("topic", 0, QuestionStep{Text: "Hello! What is it about?", Ask: AskChoice, Into: "topic", Choices: []Choice{
				{ID: "order", Label: "An order", Next: "number"}, {ID: "problem", Label: "A problem"}, {ID: "other", Label: "Something else"},
			}}, "detail"),
			ask("number", 160, QuestionStep{Text: "What is the number of the order?", Ask: AskText, Into: "order"}, "detail"),
			ask("detail", 320, QuestionStep{Text: "Please describe it in a few words.", Ask: AskText, Into: "detail"}, "email"),
			ask("email", 480, QuestionStep{Text: "Where can we reach you by email?", Ask: AskMail, Into: "email", Property: "email"}, "person"),
			hand,
		}}},
		{"meeting", "Book a meeting", Graph{Start: "want", Human: person, Steps: []Step{
			ask("want", 0, QuestionStep{Text: "Hello! Would you like to book a meeting with us?", Ask: AskChoice, Into: "want", Choices: []Choice{
				{ID: "yes", Label: "Yes"}, {ID: "no", Label: "I have a question", Next: "person"},
			}}, "email"),
			ask("email", 160, QuestionStep{Text: "What is your email address?", Ask: AskMail, Into: "email", Property: "email"}, "link"),
			{ID: "link", Kind: StepMeeting, Meeting: &MeetingStep{User: meetingsOf, Text: "Choose a time that suits you:", Label: "Book a meeting"}, Next: "more", Y: 320},
			ask("more", 480, QuestionStep{Text: "Anything else?", Ask: AskChoice, Into: "more", Choices: []Choice{
				{ID: "yes", Label: "Yes, a question", Next: "person"}, {ID: "no", Label: "No, thank you"},
			}}, "end"),
			{ID: "end", Kind: StepEnd, End: &EndStep{Text: "See you soon!", Close: true}, Y: 640},
			hand,
		}}},
		{"offline", "While nobody is there", Graph{Start: "there", Human: person, Steps: []Step{
			{ID: "there", Kind: StepBranch, Branch: &BranchStep{Branches: []Branch{{ID: "there", Name: "Somebody is there", Tests: []BranchTest{{On: OnAvailable}}, Next: "person"}}}, Next: "away"},
			say("away", 160, "Nobody is here right now. Leave us a message, and we will answer by email.", "message"),
			ask("message", 320, QuestionStep{Text: "What is it about?", Ask: AskText, Into: "message"}, "email"),
			ask("email", 480, QuestionStep{Text: "What is your email address?", Ask: AskMail, Into: "email", Property: "email"}, "person"),
			hand,
		}}},
	}
}
