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
	at      = time.Date(2026, 11, 22, 9, 30, 0, 123e6, time.UTC)
	contact = events.Contact{ID: "01jd8f0c", Name: "Lena Novak", Address: "lena@atelier-novak.example"}
	samples = []events.Fact{
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
	}
)

// Every fact has one frozen JSON file; reading it gives the fact back, writing the fact gives the file back.
func TestFrozen(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range samples {
		env, err := events.Seal("01e", "01t", 7, at, events.Actor{Kind: events.Agent, ID: "u1", Name: "Mara"}, f)
		if err != nil {
			t.Fatal(err)
		}
		name := env.Type + ".v" + string(rune('0'+env.V)) + ".json"
		seen[env.Type] = true
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
	}
	if len(seen) != len(events.Types()) {
		t.Errorf("%d samples for %d registered facts: %v", len(seen), len(events.Types()), events.Types())
	}
	files, _ := filepath.Glob("testdata/*.json")
	if len(files) != len(events.Types()) {
		t.Errorf("%d frozen files for %d registered facts", len(files), len(events.Types()))
	}
}

func TestUnknownFactIsAnError(t *testing.T) {
	for _, e := range []events.Envelope{{Type: "thread.vanished", V: 1}, {Type: "thread.closed", V: 99}} {
		if f, err := e.Open(); err == nil {
			t.Errorf("%s v%d opened as %T", e.Type, e.V, f)
		}
	}
}
