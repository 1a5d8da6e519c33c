package deliver_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"parley/events"
	"parley/shared/host/hosttest"
	"parley/shared/inbox"
	"parley/shared/mailer"
	"parley/shared/notice"
	"parley/shared/store"
)

// mention tells ada of an entry of the thread, with a mail owed.
func (p *post) mention(t *testing.T) {
	t.Helper()
	ctx := hosttest.Context()
	if _, err := p.st.Settings.Invited(ctx, events.Actor{ID: "mara"}, store.User{ID: "ada", Name: "Ada", Email: "ada@team.example", Role: inbox.Agent}); err != nil {
		t.Fatal(err)
	}
	n := store.Notice{ID: "e3", User: "ada", Kind: notice.Mention, Thread: thread, Seq: 2, At: p.Now()}
	if fresh, err := p.st.Notices.Tell(ctx, n, true, true); err != nil || !fresh {
		t.Fatal(fresh, err)
	}
	if fresh, err := p.st.Notices.Tell(ctx, n, true, true); err != nil || fresh {
		t.Fatal("told twice", err)
	}
}

// later lets time pass, sweeps, and delivers what is new, more than once.
func (p *post) later(t *testing.T, d time.Duration) {
	t.Helper()
	p.Pass(d)
	if _, err := p.sweep.Invoke(hosttest.Context(), nil); err != nil {
		t.Fatal(err)
	}
	changes, err := p.DB.Read(hosttest.Context(), "outbox", 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := p.h.Invoke(hosttest.Context(), hosttest.StreamPayload(changes)); err != nil {
			t.Fatal(err)
		}
	}
}

func (p *post) told() (n int, last string) {
	for _, m := range p.Sent() {
		if len(m.To) == 1 && m.To[0] == "ada@team.example" {
			n, last = n+1, string(m.Raw)
		}
	}
	return n, last
}

func TestANoticeIsMailedOnceIfItIsNotSeen(t *testing.T) {
	p := open(t)
	p.mention(t)
	p.later(t, 9*time.Minute)
	if n, _ := p.told(); n != 0 {
		t.Fatal("too early")
	}
	p.later(t, 2*time.Minute)
	p.later(t, time.Hour)
	n, raw := p.told()
	if n != 1 || !strings.Contains(raw, "/inbox/") || !strings.Contains(raw, "Auto-Submitted: auto-generated") || !strings.Contains(raw, "Subject: [Support] Invoice") {
		t.Errorf("%d mails: %s", n, raw)
	}
	if _, ok, err := p.st.Notices.Mail(hosttest.Context(), "ada", thread); ok || err != nil {
		t.Error("it is still owed", err)
	}
}

func TestANoticeThatWasSeenIsNotMailed(t *testing.T) {
	for name, see := range map[string]func(*post) error{
		"in the list":   func(p *post) error { return p.st.Notices.See(hosttest.Context(), "ada", p.Now()) },
		"in the thread": func(p *post) error { return p.st.Threads.MarkRead(hosttest.Context(), "ada", thread, 2) },
		"no access": func(p *post) error {
			if _, err := p.st.Settings.Invited(hosttest.Context(), events.Actor{}, store.User{ID: "boss", Role: inbox.Admin}); err != nil {
				return err
			}
			_, err := p.st.Settings.SetAccess(hosttest.Context(), events.Actor{ID: "boss"}, "ada", true)
			return err
		},
	} {
		p := open(t)
		p.mention(t)
		if err := see(p); err != nil {
			t.Fatal(err)
		}
		p.later(t, time.Hour)
		if n, _ := p.told(); n != 0 {
			t.Errorf("%s: mailed", name)
		}
		if _, ok, _ := p.st.Notices.Mail(hosttest.Context(), "ada", thread); ok {
			t.Errorf("%s: still owed", name)
		}
	}
}

func TestANoticeWaitsForTheEndOfQuietHours(t *testing.T) {
	p := open(t)
	prefs := notice.Defaults()
	prefs.Quiet = notice.Quiet{On: true, From: "09:00", Until: "11:00", Days: []int{1, 2, 3, 4, 5, 6, 7}, Zone: "UTC"}
	if _, err := p.st.Notices.SetPrefs(hosttest.Context(), "ada", prefs); err != nil {
		t.Fatal(err)
	}
	p.mention(t) // at nine
	p.later(t, time.Hour)
	if n, _ := p.told(); n != 0 {
		t.Fatal("disturbed")
	}
	p.later(t, time.Hour+time.Minute)
	if n, _ := p.told(); n != 1 {
		t.Errorf("%d mails when the quiet hours were over", n)
	}
}

// What was seen before the newest one does not keep that from being mailed.
func TestTheNewestCounts(t *testing.T) {
	p := open(t)
	p.mention(t)
	p.Pass(time.Minute)
	if err := p.st.Threads.MarkRead(hosttest.Context(), "ada", thread, 2); err != nil {
		t.Fatal(err)
	}
	if err := p.st.Notices.See(hosttest.Context(), "ada", p.Now()); err != nil {
		t.Fatal(err)
	}
	p.Pass(time.Minute)
	again := store.Notice{ID: "e4", User: "ada", Kind: notice.Mention, Thread: thread, Seq: 4, At: p.Now()}
	if fresh, err := p.st.Notices.Tell(hosttest.Context(), again, true, true); err != nil || !fresh {
		t.Fatal(fresh, err)
	}
	p.later(t, 10*time.Minute)
	if n, _ := p.told(); n != 1 {
		t.Errorf("%d mails", n)
	}
}

// Whatever the carrier says, and wherever it crashes: never two.
func TestANoticeIsNeverMailedTwice(t *testing.T) {
	for _, panics := range []bool{false, true} {
		p := open(t)
		p.mention(t)
		calls := 0
		p.Send = func(mailer.Envelope) (string, error) {
			calls++
			if panics && calls == 1 {
				panic("out of memory")
			}
			return "", errors.New("no answer")
		}
		func() {
			defer func() { _ = recover() }()
			p.later(t, 11*time.Minute)
		}()
		for range 3 {
			p.later(t, time.Hour)
		}
		if calls != 1 {
			t.Errorf("panics %v: given to the carrier %d times", panics, calls)
		}
		if _, ok, _ := p.st.Notices.Mail(hosttest.Context(), "ada", thread); ok {
			t.Error("still owed")
		}
	}
}
