package ses_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"parley/infra/local/ses"
)

type event struct {
	Source string
	Kind   string `json:"detail-type"`
	Detail struct {
		EventType string
		Mail      struct {
			MessageID string
			Tags      map[string][]string
		}
		Bounce struct{ BounceType, BounceSubType string }
	}
}

func kinds(t *testing.T, c ses.Carried) string {
	t.Helper()
	var out []string
	for _, raw := range c.Events() {
		var e event
		if err := json.Unmarshal(raw, &e); err != nil {
			t.Fatal(err)
		}
		if e.Source != "aws.ses" || e.Detail.Mail.MessageID != "ses-1" || e.Detail.Mail.Tags["seq"][0] != "3" || e.Detail.Mail.Tags["ses:configuration-set"][0] != "mail" {
			t.Errorf("%s", raw)
		}
		name := e.Detail.EventType
		if name == "Bounce" {
			name += " " + e.Detail.Bounce.BounceType + "/" + e.Detail.Bounce.BounceSubType
		}
		out = append(out, name)
	}
	return strings.Join(out, ", ")
}

func TestEvents(t *testing.T) {
	for to, want := range map[string]string{
		"lena@shop.example":                           "Send, Delivery",
		"success@simulator.amazonses.com":             "Send, Delivery",
		"bounce+a@simulator.amazonses.com":            "Send, Bounce Permanent/General",
		"Suppressionlist@Simulator.amazonses.com":     "Send, Bounce Permanent/OnAccountSuppressionList",
		"ooto@simulator.amazonses.com":                "Send, Delivery, Bounce Transient/General",
		"complaint@simulator.amazonses.com":           "Send, Delivery, Complaint",
		"delay@simulator.amazonses.com":               "Send, DeliveryDelay",
		"reject@simulator.amazonses.com":              "Send, Reject",
		"bounce@shop.example complaint@other.example": "Send, Delivery, Delivery",
	} {
		c := ses.Carried{ID: "ses-1", From: "a@x.example", To: strings.Fields(to), Tags: map[string]string{"seq": "3"}, Set: "mail", At: time.Now()}
		if got := kinds(t, c); got != want {
			t.Errorf("%s: %s, want %s", to, got, want)
		}
		c.Refused = "554 no"
		if got := kinds(t, c); !strings.HasPrefix(got, "Send, Bounce Permanent/General") || strings.Contains(got, "Delivery") {
			t.Errorf("%s, refused by the relay: %s", to, got)
		}
		c.Stays = func(string) bool { return true }
		if got := kinds(t, c); got != want {
			t.Errorf("%s, which the relay never saw: %s, want %s", to, got, want)
		}
	}
}

// What stands in for SES has the names that the samples from its documentation have.
func TestEventsAreNamedAsSESNamesThem(t *testing.T) {
	names := map[string]bool{}
	files, err := os.ReadDir("../../../events/samples/ses")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if raw, err := os.ReadFile("../../../events/samples/ses/" + f.Name()); err == nil && strings.HasPrefix(f.Name(), "event-") {
			var e event
			if err := json.Unmarshal(raw, &e); err != nil {
				t.Fatal(err)
			}
			names[e.Kind+"/"+e.Detail.EventType] = true
		}
	}
	c := ses.Carried{ID: "ses-1", To: []string{"a@x.example", "bounce@simulator.amazonses.com", "complaint@simulator.amazonses.com", "delay@simulator.amazonses.com", "reject@simulator.amazonses.com"}, At: time.Now()}
	for _, raw := range c.Events() {
		var e event
		if err := json.Unmarshal(raw, &e); err != nil {
			t.Fatal(err)
		}
		if !names[e.Kind+"/"+e.Detail.EventType] {
			t.Errorf("%s is called %s: no sample is", e.Detail.EventType, e.Kind)
		}
	}
}

type listed map[string]string

func (l listed) Listed(address string) bool            { return l[address] != "" }
func (l listed) Suppress(address, reason string) error { l[address] = reason; return nil }

// A hard bounce and a complaint put an address onto the list, and then nothing is sent there. The simulator's own stay off it.
func TestTheSuppressionList(t *testing.T) {
	list := listed{}
	for to, want := range map[string][2]string{
		"bounce+a@simulator.parley.test":    {"Send, Bounce Permanent/General", "BOUNCE"},
		"complaint+a@simulator.parley.test": {"Send, Delivery, Complaint", "COMPLAINT"},
		"bounce@simulator.amazonses.com":    {"Send, Bounce Permanent/General", ""},
		"complaint@simulator.amazonses.com": {"Send, Delivery, Complaint", ""},
		"lena@shop.example":                 {"Send, Delivery", ""},
	} {
		c := ses.Carried{ID: "ses-1", To: []string{to}, Tags: map[string]string{"seq": "3"}, Set: "mail", At: time.Now(), List: list}
		if got := kinds(t, c); got != want[0] || list[to] != want[1] {
			t.Errorf("%s: %s, on the list for %q", to, got, list[to])
		}
		if want[1] != "" {
			want[0] = "Send, Bounce Permanent/OnAccountSuppressionList"
		}
		if got := kinds(t, c); got != want[0] {
			t.Errorf("%s, the second time: %s", to, got)
		}
	}
}
