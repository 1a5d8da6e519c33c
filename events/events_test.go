package events_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/events"
)

var update = flag.Bool("update", false, "write the golden of a NEW fact or version; an existing one never changes")

var (
	seen     = int64(4)
	at       = time.Date(2026, 11, 22, 9, 30, 0, 123e6, time.UTC)
	contact  = events.Contact{ID: "01jd8f0c", Name: "Lena Novak", Address: "lena@atelier-novak.example"}
	contact2 = events.Address{Name: "Karl", Email: "karl@atelier-novak.example"}
	samples  = []events.Fact{
		events.ThreadOpened{Inbox: "01inbox", Account: "01account", Channel: "email", Subject: "Charged twice", Contact: contact},
		events.ThreadAssigned{To: &events.Assignee{Kind: "agent", ID: "u1", Name: "Mara"}, Why: &events.Why{Rule: "hand", Inputs: map[string]string{"by": "u2"}}},
		events.ThreadClosed{},
		events.ThreadReopened{Cause: "message"},
		events.CommentAdded{Comment: "01c", Body: events.Body{Text: "Solo renewal"}, Preview: "Solo renewal"},
		events.MessageReceived{
			Message: "01m", Contact: contact, From: events.Address{Name: "Lena Novak", Email: contact.Address},
			To: []events.Address{{Email: "support@parley.example"}}, Cc: []events.Address{{Email: "cfo@atelier-novak.example"}}, Subject: "Charged twice",
			Body: events.Body{TextRef: "t/01/01m.txt", HTMLRef: "t/01/01m.html"}, Preview: "Hi! I upgraded",
			Attachments: []events.Attachment{{Name: "statement.pdf", Type: "application/pdf", Size: 184000, SHA256: "ab", Ref: "t/01/01m/0", Inline: true, ContentID: "x@y"}},
			Email:       &events.Email{MessageID: "a@b", InReplyTo: "c@d", References: []string{"c@d"}, Carrier: "ses1", Raw: "in/ses1", Date: at, Auto: "auto-submitted", ReplyTo: []events.Address{{Email: "r@x.example"}}},
			Why:         &events.Why{Rule: "token", Inputs: map[string]string{"address": "c+01@parley.example"}}, Problems: []events.Problem{{Name: "charset", Detail: "x-unknown"}}, ThirdParty: true,
		},
		events.MessageSent{
			Message: "01n", From: events.Address{Name: "Mara", Email: "support@parley.example"}, To: []events.Address{{Email: contact.Address}},
			Cc: []events.Address{{Email: "cfo@atelier-novak.example"}}, Subject: "Re: Charged twice", Body: events.Body{Text: "Refunded"}, Preview: "Refunded",
			Attachments: []events.Attachment{{Name: "a.txt", Type: "text/plain", Size: 1, Ref: "t/01/01n/0"}},
			Email:       &events.Email{MessageID: "01.01n.mac@parley.example", InReplyTo: "a@b", References: []string{"a@b"}}, Delivery: "01d",
		},
		events.MessageBounced{
			Message: "01n", Sent: 6, Delivery: "01d", Address: contact.Address, Doubtful: true, Kind: "Transient/General", Reason: "smtp; 450 4.2.0 try later",
		},
		events.MessageComplained{Message: "01n", Sent: 6, Delivery: "01d", Address: contact.Address, Kind: "abuse"},
		events.MessageWithdrawn{Message: "01n", Sent: 6, Delivery: "01d"},
		events.ThreadFiled{Folder: "spam", Why: &events.Why{Rule: "hand"}},
		events.ThreadContactChanged{Contact: contact, Why: &events.Why{Rule: "hand"}},
		events.MessageRetried{Message: "01n", Sent: 6, Delivery: "01d", To: []string{contact.Address}},
		events.ThreadUndeliveredSeen{},
		events.ThreadTagged{Added: []events.TagRef{{ID: "01g", Name: "Billing"}}, Removed: []events.TagRef{{ID: "01h", Name: "Export"}}},
		events.ThreadPrioritised{Priority: "urgent"},
		events.ThreadSnoozed{Until: at},
		events.ThreadWoken{Cause: "time"},
		events.ThreadMoved{From: events.Place{ID: "01inbox", Name: "Support"}, To: events.Place{ID: "02inbox", Name: "Sales"}},
		events.MentionSeen{},
		events.BotStarted{Flow: "01f", Name: "Support", Version: 3},
		events.BotEnded{Flow: "01f", Name: "Support", Why: "asked"},
		events.TicketMade{Ticket: "01k", Number: 1042, Subject: "Charged twice"},
	}
	// grown are facts with the optional fields that came later: "<name of the growth>" is part of the file's name.
	grown = map[string][]events.Fact{
		"teams": {
			events.ThreadAssigned{To: &events.Assignee{Kind: "agent", ID: "u1", Name: "Mara"}, Team: &events.TeamRef{ID: "01team", Name: "Billing"}},
			events.CommentAdded{Comment: "01c", Body: events.Body{Text: "@Mara, look"}, Preview: "@Mara, look", Mentions: []events.Mention{{ID: "u1", Name: "Mara"}, {ID: "u2", Name: "Priya", Team: "01team"}}},
		},
		"bot": {
			events.MessageSent{
				Message: "01n", To: []events.Address{}, Body: events.Body{Text: "Which size?"}, Preview: "Which size?",
				Bot: &events.BotLine{Flow: "01f", Step: "size", Image: "https://x.example/a.png", Alt: "Three cups", Link: "https://x.example/", Label: "All sizes", Ask: "choice", Choices: []string{"S", "L"}, Delay: 600},
			},
		},
		"botfile": {
			events.MessageSent{
				Message: "01n", To: []events.Address{}, Body: events.Body{Text: "Sizes.png"}, Preview: "Sizes.png",
				Bot: &events.BotLine{Flow: "01f", Step: "size", File: &events.BotFile{ID: "01g", Name: "Sizes.png", Type: "image/png", Size: 1024, Picture: true}},
			},
		},
		"untilreply": {events.ThreadSnoozed{}},
		"routing": {
			events.ThreadAssigned{
				To: &events.Assignee{Kind: "agent", ID: "u1", Name: "Mara"}, Team: &events.TeamRef{ID: "01team", Name: "Billing"}, Why: &events.Why{Rule: "routing"},
				Routing: &events.Routing{
					Version: 12, Cause: "new", Rule: "01r", RuleName: "Billing words", Way: "least", Candidates: 2,
					Steps:  []events.RouteStep{{Rule: "01q", Name: "French speakers", Because: "language", Saw: "en"}, {Rule: "01r", Name: "Billing words", Fits: true, Because: "subject", Saw: "Charged twice"}},
					Passed: []events.Candidate{{ID: "u2", Name: "Dario", Team: "01team", Load: 12, Capacity: 12, Why: "full"}},
					Chosen: &events.Candidate{ID: "u1", Name: "Mara", Team: "01team", Load: 7.5, Capacity: 12},
				},
			},
		},
		"team": {
			events.MessageReceived{Message: "01m", Contact: contact, From: events.Address{Email: contact.Address}, Email: &events.Email{Team: []string{"mara@parley.example"}}},
		},
		"mail": {
			events.ThreadOpened{Inbox: "01inbox", Account: "01account", Channel: "email", Subject: "Another matter", Contact: contact, Origin: "01u"},
			events.MessageReceived{
				Message: "01m", Contact: contact, From: events.Address{Email: contact.Address}, Subject: "Lunch",
				Body: events.Body{Text: "Yes\n> Lunch?\n", Folds: []events.Fold{{From: 1, To: 2}}}, Preview: "Yes",
				Attachments: []events.Attachment{{Name: "message.eml", Type: "message/rfc822", Size: 9, Ref: "t/01/01m/0", Mail: &events.AttachedMail{From: contact2, Subject: "Lunch", Date: at}}},
				Email:       &events.Email{Bcc: true, List: "lunch.novak.example", Crypto: "pgp-signed"},
				Via:         &events.Address{Name: "Mara", Email: "mara@parley.example"},
				Calendar: []events.Calendar{{
					Method: "REPLY", Summary: "Lunch", Location: "Here", Organizer: contact2, Attendees: []events.Address{contact2}, Start: at, End: at, AllDay: true, Status: "ACCEPTED",
				}},
				Filter: &events.Filter{Folder: "filtered", Why: events.Why{Rule: "deny-list", Inputs: map[string]string{"entry": "novak.example"}}},
			},
			events.MessageSent{
				Message: "01n", From: events.Address{Email: "support@parley.example"}, To: []events.Address{{Email: contact.Address}}, Bcc: []events.Address{contact2},
				Body: events.Body{Text: "See below"}, Preview: "See below", Delivery: "01d", Forwards: 2,
			},
			events.MessageBounced{Message: "01n", Sent: 6, Delivery: "01d", Address: contact.Address, Kind: "Permanent/5.1.1", Reason: "no such user", Raw: "in/ses2"},
			events.MessageComplained{Message: "01n", Sent: 6, Delivery: "01d", Address: contact.Address, Kind: "abuse", Raw: "in/ses3"},
		},
		"sending": {
			events.MessageSent{
				Message: "01n", From: events.Address{Email: "support@parley.example"}, To: []events.Address{{Email: contact.Address}},
				Body: events.Body{Text: "In a moment"}, Preview: "In a moment", Delivery: "01d", Held: true,
			},
			events.MessageBounced{Message: "01n", Sent: 6, Delivery: "01d", Address: contact.Address, Kind: "Permanent/NoEmail", Reason: "no such user", Code: "no-such-address"},
		},
		"claimed": {
			events.ThreadContactChanged{Contact: events.Contact{ID: "01c", Address: contact.Address, Claimed: true}, Why: &events.Why{Rule: "typed"}},
		},
		"chat": {
			events.ThreadOpened{Inbox: "01inbox", Account: "01account", Channel: "chat", Subject: "Are there places left?", Contact: events.Contact{ID: "01c"}, Chatflow: "01f"},
			events.MessageReceived{
				Message: "01m", Contact: events.Contact{ID: "01c"}, Body: events.Body{Text: "Are there places left?"}, Preview: "Are there places left?",
				Chat: &events.Chat{Client: "5b1f", Page: "https://kiln.example/classes", Title: "Classes"},
			},
			events.MessageSent{Message: "01n", From: events.Address{Name: "Mara"}, To: []events.Address{}, Body: events.Body{Text: "Yes, two."}, Preview: "Yes, two."},
		},
		"chatseen": {
			events.MessageReceived{
				Message: "01m", Contact: events.Contact{ID: "01c"}, Body: events.Body{Text: "Zwei Tassen"}, Preview: "Zwei Tassen",
				Chat: &events.Chat{Client: "5b20", Page: "https://kiln.example/tassen", Title: "Tassen", Lang: "de", Seen: &seen},
			},
		},
	}
)

// Every fact has one frozen JSON file, and one for each growth; reading it gives the fact back, writing the fact gives the file back.
func TestFrozen(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range samples {
		seen[frozen(t, f, "")] = true
	}
	files := len(samples)
	for name, facts := range grown {
		for _, f := range facts {
			frozen(t, f, "."+name)
			files++
		}
	}
	if len(seen) != len(events.Types()) {
		t.Errorf("%d samples for %d registered facts: %v", len(seen), len(events.Types()), events.Types())
	}
	if got, _ := filepath.Glob("testdata/*.json"); len(got) != files {
		t.Errorf("%d frozen files for %d samples", len(got), files)
	}
}

func frozen(t *testing.T, f events.Fact, growth string) string {
	env, err := events.Seal("01e", "01t", 7, at, events.Actor{Kind: events.Agent, ID: "u1", Name: "Mara"}, f)
	if err != nil {
		t.Fatal(err)
	}
	name := env.Type + ".v" + string(rune('0'+env.V)) + growth + ".json"
	t.Run(name, func(t *testing.T) {
		got, _ := json.MarshalIndent(env, "", "  ")
		got = append(got, '\n')
		file := filepath.Join("testdata", name)
		want, err := os.ReadFile(file)
		if os.IsNotExist(err) && *update {
			want = got
			err = os.WriteFile(file, got, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(string(want), string(got)); d != "" {
			t.Errorf("the frozen JSON changed; make a new version instead (-want +got):\n%s", d)
		}
		var back events.Envelope
		if err := json.Unmarshal(want, &back); err != nil {
			t.Fatal(err)
		}
		fact, err := back.Open()
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(f, fact); d != "" {
			t.Errorf("read back (-want +got):\n%s", d)
		}
	})
	return env.Type
}

func TestUnknownFactIsAnError(t *testing.T) {
	for _, e := range []events.Envelope{{Type: "thread.vanished", V: 1}, {Type: "thread.closed", V: 99}} {
		if f, err := e.Open(); err == nil {
			t.Errorf("%s v%d opened as %T", e.Type, e.V, f)
		}
	}
}
