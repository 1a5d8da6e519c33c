package ses_test

import (
	"context"
	"testing"

	"parley/infra/local/ses"
	"parley/shared/fault"
	"parley/shared/mailer"
)

// taken is a mailer that counts.
type taken struct{ n int }

func (m *taken) Send(context.Context, mailer.Envelope) (string, error) { m.n++; return "id", nil }

func TestScript(t *testing.T) {
	under := &taken{}
	s := &ses.Scripted{Mailer: under}
	send := func(to, delivery string) error {
		_, err := s.Send(context.Background(), mailer.Envelope{To: []string{"lena@shop.example", to}, Tags: map[string]string{"delivery": delivery}})
		return err
	}
	for _, delivery := range []string{"d1", "d2"} {
		for n, want := range []fault.Code{fault.Busy, fault.Busy, "", ""} {
			if err := send("Throttle@simulator.parley.test", delivery); fault.CodeOf(err) != want {
				t.Errorf("%s, send %d: %v, want %q", delivery, n+1, err, want)
			}
		}
	}
	if err := send(ses.Reject, "d3"); !fault.Is(err, fault.Invalid) || under.n != 4 {
		t.Errorf("%v after %d sends", err, under.n)
	}
	if err := send("lost+a@simulator.parley.test", "d4"); fault.CodeOf(err) != fault.Internal || under.n != 5 {
		t.Errorf("%v after %d sends", err, under.n)
	}
	if err := send("lena@shop.example", "d5"); err != nil || under.n != 6 {
		t.Errorf("%v after %d sends", err, under.n)
	}
}
