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

// Again tries those who were lost, and news of the try before says nothing of them any more.
func TestAgain(t *testing.T) {
	d := delivery(inbox.DeliverySent).Hear(said("bounced"))
	again, to := d.Again()
	if len(to) != 1 || to[0] != "lena@shop.example" || again.State != inbox.DeliveryPending || again.Try != 1 || again.Carrier != "" {
		t.Fatalf("%v %+v", to, again)
	}
	if d.Recipients[0].State != "bounced" {
		t.Error("Again changed what it was given")
	}
	if !again.Owes(again.Recipients[0]) || again.Owes(again.Recipients[1]) {
		t.Errorf("it owes the wrong one: %+v", again.Recipients)
	}
	cfo := inbox.News{Carrier: "ses-1", Recipients: []inbox.Recipient{{Address: "cfo@shop.example", State: "delivered"}}}
	late := again.Hear(said("bounced")).Hear(rejection).Hear(cfo)
	if late.State != inbox.DeliveryPending || late.Recipients[0].State != "pending" || late.Recipients[1].State != "delivered" && late.Recipients[1].State != "failed" {
		t.Errorf("news of the first try: %+v", late)
	}
	if late := again.Hear(cfo); late.Recipients[1].State != "delivered" {
		t.Errorf("news of whom it had reached: %+v", late)
	}
	byMail := said("bounced")
	byMail.Carrier, byMail.Unsure = "", true
	if late := again.Hear(byMail); late.State != inbox.DeliveryPending || late.Recipients[0].State != "pending" {
		t.Errorf("a mail of the first try's bounce ended the second: %+v", late)
	}
	done := again
	done.State, done.Recipients = inbox.DeliverySent, append(again.Recipients[:0:0], again.Recipients...)
	byMail.Recipients = append(byMail.Recipients, inbox.Recipient{Address: "cfo@shop.example", State: "bounced"})
	if got := done.Hear(byMail); got.Recipients[0].State != "bounced" || got.Recipients[1].State != "bounced" {
		t.Errorf("a mail that says who was lost: %+v", got)
	}
	second := inbox.News{Carrier: "ses-2", Try: 1, Recipients: []inbox.Recipient{{Address: "lena@shop.example", State: "delivered"}}}
	if done := again.Hear(second); done.State != inbox.DeliverySent || done.Carrier != "ses-2" || done.Recipients[0].State != "delivered" || done.Recipients[1].State != "sent" {
		t.Errorf("news of the second: %+v", done)
	}
	for name, d := range map[string]inbox.Delivery{
		"nobody is lost":   delivery(inbox.DeliverySent).Hear(said("delivered")),
		"it is being sent": delivery(inbox.DeliverySending),
		"it is in doubt":   delivery(inbox.DeliveryUnknown),
		"it was withdrawn": delivery(inbox.DeliveryWithdrawn),
	} {
		if _, to := d.Again(); len(to) != 0 {
			t.Errorf("%s: %v", name, to)
		}
	}
}
