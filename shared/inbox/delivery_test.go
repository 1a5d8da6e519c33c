package inbox_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"parley/shared/inbox"
)

func delivery(state inbox.DeliveryState) inbox.Delivery {
	return inbox.Delivery{ID: "d9", Thread: "t1", Seq: 3, State: state, Recipients: []inbox.Recipient{
		{Address: "lena@shop.example", State: "pending"}, {Address: "cfo@shop.example", State: "pending"},
	}}
}

func said(state string) inbox.News {
	return inbox.News{Carrier: "ses-1", Recipients: []inbox.Recipient{{Address: "Lena@Shop.example", State: state, Reason: state}}}
}

var (
	sent      = inbox.News{Carrier: "ses-1"}
	rejection = inbox.News{Carrier: "ses-1", Rejected: "Bad content"}
	softly    = inbox.News{Carrier: "ses-1", Recipients: []inbox.Recipient{{Address: "lena@shop.example", State: "bounced", Doubtful: true}}}
)

func TestHear(t *testing.T) {
	for name, c := range map[string]struct {
		given inbox.DeliveryState
		news  []inbox.News
		state inbox.DeliveryState
		lena  string
		cfo   string
	}{
		"a send":                         {"sent", []inbox.News{sent}, "sent", "sent", "sent"},
		"a delivery":                     {"sent", []inbox.News{said("delivered")}, "sent", "delivered", "sent"},
		"delayed, then delivered":        {"sent", []inbox.News{said("delayed"), said("delivered")}, "sent", "delivered", "sent"},
		"delivered, then delayed":        {"sent", []inbox.News{said("delivered"), said("delayed")}, "sent", "delivered", "sent"},
		"a bounce is final":              {"sent", []inbox.News{said("bounced"), said("delivered"), sent}, "sent", "bounced", "sent"},
		"a complaint follows a delivery": {"sent", []inbox.News{said("complained"), said("delivered")}, "sent", "complained", "sent"},
		"a doubtful bounce":              {"sent", []inbox.News{softly}, "sent", "bounced", "sent"},
		"a delivery overrules it":        {"sent", []inbox.News{softly, said("delivered")}, "sent", "delivered", "sent"},
		"and it cannot take that back":   {"sent", []inbox.News{said("delivered"), softly}, "sent", "delivered", "sent"},
		"what we sent and do not know":   {"sending", []inbox.News{sent}, "sent", "sent", "sent"},
		"what we doubt":                  {"unknown", []inbox.News{said("delivered")}, "sent", "delivered", "sent"},
		"what we mean to send again":     {"pending", []inbox.News{sent}, "sent", "sent", "sent"},
		"rejected":                       {"sent", []inbox.News{sent, rejection}, "failed", "failed", "failed"},
		"rejected, and the send is late": {"sending", []inbox.News{rejection, sent}, "failed", "failed", "failed"},
	} {
		t.Run(name, func(t *testing.T) {
			d := delivery(c.given)
			for _, n := range c.news {
				d = d.Hear(n)
			}
			if d.State != c.state || d.Carrier != "ses-1" || d.Recipients[0].State != c.lena || d.Recipients[1].State != c.cfo {
				t.Errorf("delivery %+v", d)
			}
			if d.Recipients[0].Address != "lena@shop.example" {
				t.Errorf("the address became %s", d.Recipients[0].Address)
			}
		})
	}
}

// What was given up in doubt and was sent after all is sent, and nobody of it failed.
func TestHearRevivesWhatWeGaveUp(t *testing.T) {
	d := delivery(inbox.DeliveryFailed)
	d.Reason = "Twice we could not tell."
	for i := range d.Recipients {
		d.Recipients[i].State, d.Recipients[i].Reason = "failed", d.Reason
	}
	d = d.Hear(said("delivered"))
	want := []inbox.Recipient{{Address: "lena@shop.example", State: "delivered", Reason: "delivered"}, {Address: "cfo@shop.example", State: "sent"}}
	if diff := cmp.Diff(want, d.Recipients); diff != "" || d.State != inbox.DeliverySent || d.Reason != "" {
		t.Errorf("delivery %+v\n%s", d, diff)
	}
}

// SES says things twice and in any order: what we know in the end depends on neither.
func TestHearInAnyOrder(t *testing.T) {
	all := []inbox.News{
		sent, rejection, softly, said("delivered"), said("delayed"), said("bounced"), said("complained"), said("suppressed"),
		{Carrier: "ses-1", Recipients: []inbox.Recipient{{Address: "cfo@shop.example", State: "delivered"}, {Address: "stranger@x.example", State: "bounced"}}},
	}
	rapid.Check(t, func(t *rapid.T) {
		some := rapid.SliceOfN(rapid.SampledFrom(all), 1, 8).Draw(t, "news")
		again := rapid.Permutation(some).Draw(t, "order")
		start := delivery(rapid.SampledFrom([]inbox.DeliveryState{"pending", "sending", "unknown", "sent", "failed"}).Draw(t, "state"))
		one, other := start, start
		for _, n := range some {
			one = one.Hear(n)
		}
		for _, n := range append(again, again[0]) {
			other = other.Hear(n)
		}
		if diff := cmp.Diff(one, other); diff != "" {
			t.Fatalf("order matters:\n%s", diff)
		}
		if start.Recipients[0].State != "pending" {
			t.Fatal("Hear changed what it was given")
		}
	})
}
