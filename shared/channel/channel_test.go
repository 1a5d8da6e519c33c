package channel_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/shared/channel"
	"parley/shared/inbox"
)

var (
	now    = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	hosted = inbox.Account{ID: "a1", Channel: "email", Address: "support@mail.example", Way: inbox.Hosted, State: inbox.AccountActive, Fallback: true}
	team   = inbox.Account{ID: "a2", Channel: "email", Address: "hello@kiln.example", Way: inbox.Forwarded, ForwardTo: "hello-kiln@mail.example", State: inbox.AccountActive}
	direct = inbox.Account{ID: "a3", Channel: "email", Address: "hello@kiln.example", Way: inbox.Direct, State: inbox.AccountActive}
)

// facts are those of an account that lacks nothing.
func facts(a inbox.Account) channel.Facts {
	domain := a.Address[strings.IndexByte(a.Address, '@')+1:]
	return channel.Facts{
		Account: a, Exchange: "inbound-smtp.eu-west-1.amazonaws.com", Region: "eu-west-1", Now: now,
		Health:   channel.Health{Test: &channel.Test{ID: "t1", SentAt: now.Add(-time.Hour), ArrivedAt: now.Add(-time.Hour + 4*time.Second), At: a.Address}},
		MX:       channel.Answer{Known: true, Values: []string{"inbound-smtp.eu-west-1.amazonaws.com."}},
		Rule:     channel.Answer{Known: true, Values: []string{"mail.example", "kiln.example"}},
		Identity: &channel.Identity{Domain: domain, Verified: true, Tokens: []string{"t1", "t2", "t3"}},
		DMARC:    channel.Answer{Known: true, Values: []string{"v=spf1 -all", "v=DMARC1; p=Reject; rua=mailto:x@y.example"}},
		Carrier:  &channel.Carrier{Production: true, Enabled: true, Quota: 50000},
	}
}

func TestChecks(t *testing.T) {
	for name, c := range map[string]struct {
		account inbox.Account
		change  func(*channel.Facts)
		want    string // name state code, in order
	}{
		"all well, hosted":    {hosted, nil, "mx ok mx-found, rule ok rule-covers, test ok test-arrived, identity ok identity-verified, spf ok spf-carrier, dmarc ok dmarc-found, account ok account-open"},
		"all well, forwarded": {team, nil, "test ok test-arrived, identity ok identity-verified, spf ok spf-carrier, dmarc ok dmarc-found, account ok account-open"},
		"all well, mx":        {direct, nil, "mx ok mx-found, rule ok rule-covers, test ok test-arrived, identity ok identity-verified, spf ok spf-carrier, dmarc ok dmarc-found, account ok account-open"},
		"nothing known": {direct, func(f *channel.Facts) {
			*f = channel.Facts{Account: f.Account, Exchange: f.Exchange, Now: now}
		}, "mx unknown mx-unknown, rule unknown rule-unknown, test waiting test-never, identity unknown identity-unknown, spf unknown spf-unknown, dmarc unknown dmarc-unknown, account unknown account-unknown"},
		"nothing there": {direct, func(f *channel.Facts) {
			f.MX.Values, f.Rule.Values, f.DMARC.Values, f.Health.Test = nil, []string{"mail.example"}, nil, nil
			f.Identity.Verified, f.Carrier.Production = false, false
		}, "mx waiting mx-missing, rule waiting rule-missing, test waiting test-never, identity waiting identity-pending, spf ok spf-carrier, dmarc advice dmarc-missing, account wrong account-sandbox"},
		"elsewhere": {direct, func(f *channel.Facts) {
			f.MX.Values, f.Identity.Verified, f.Identity.Failed, f.Carrier.Enabled = []string{"aspmx.l.google.com"}, false, true, false
			f.DMARC.Values = []string{"google-site-verification=x"}
		}, "mx wrong mx-elsewhere, rule ok rule-covers, test ok test-arrived, identity wrong identity-failed, spf ok spf-carrier, dmarc advice dmarc-missing, account wrong account-stopped"},
		"two exchangers": {
			direct, func(f *channel.Facts) { f.MX.Values = append(f.MX.Values, "mx.old.example") },
			"mx wrong mx-shared, rule ok rule-covers, test ok test-arrived, identity ok identity-verified, spf ok spf-carrier, dmarc ok dmarc-found, account ok account-open",
		},
		"at a provider for all": {
			team, func(f *channel.Facts) { f.Public, f.Identity, f.DMARC = true, nil, channel.Answer{} },
			"test ok test-arrived, identity advice identity-public, account ok account-open",
		},
		"an envelope of its own": {
			team, func(f *channel.Facts) {
				f.Identity.MailFrom, f.Identity.MailFromState = "bounce.kiln.example", "SUCCESS"
			},
			"test ok test-arrived, identity ok identity-verified, spf ok spf-own, dmarc ok dmarc-found, account ok account-open",
		},
		"an envelope that failed": {
			team, func(f *channel.Facts) {
				f.Identity.MailFrom, f.Identity.MailFromState = "bounce.kiln.example", "FAILED"
			},
			"test ok test-arrived, identity ok identity-verified, spf wrong spf-pending, dmarc ok dmarc-found, account ok account-open",
		},
		"a provider asks": {team, func(f *channel.Facts) {
			f.Health = channel.Health{Confirmation: &channel.Confirmation{Provider: "gmail", From: "forwarding-noreply@google.com"}}
		}, "confirmation waiting confirmation-waits, test waiting test-never, identity ok identity-verified, spf ok spf-carrier, dmarc ok dmarc-found, account ok account-open"},
	} {
		f := facts(c.account)
		if c.change != nil {
			c.change(&f)
		}
		var got []string
		for _, check := range channel.Checks(f) {
			got = append(got, check.Name+" "+string(check.State)+" "+check.Code)
			if check.Text == "" || strings.ContainsAny(check.Text, "{}") {
				t.Errorf("%s: %q", name, check.Text)
			}
		}
		if diff := cmp.Diff(c.want, strings.Join(got, ", ")); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}

func find(t *testing.T, f channel.Facts, name string) channel.Check {
	t.Helper()
	all := channel.Checks(f)
	i := slices.IndexFunc(all, func(c channel.Check) bool { return c.Name == name })
	if i < 0 {
		t.Fatalf("no check %s in %+v", name, all)
	}
	return all[i]
}

// What is wrong comes with the record that mends it, in a form that can be pasted.
func TestRecords(t *testing.T) {
	f := facts(direct)
	f.MX.Values, f.DMARC.Values, f.Identity.Verified = nil, nil, false
	f.Identity.Found = map[string]channel.Answer{
		"t1._domainkey.kiln.example": {Known: true, Values: []string{"T1.dkim.amazonses.com."}},
		"t2._domainkey.kiln.example": {Known: true},
		"t3._domainkey.kiln.example": {Known: true, Values: []string{"elsewhere.example"}},
	}
	for name, want := range map[string][]channel.Record{
		"mx": {{"MX", "kiln.example", "10 inbound-smtp.eu-west-1.amazonaws.com", channel.Waiting}},
		"identity": {
			{"CNAME", "t1._domainkey.kiln.example", "t1.dkim.amazonses.com", channel.OK},
			{"CNAME", "t2._domainkey.kiln.example", "t2.dkim.amazonses.com", channel.Waiting},
			{"CNAME", "t3._domainkey.kiln.example", "t3.dkim.amazonses.com", channel.Wrong},
		},
		"dmarc": {{"TXT", "_dmarc.kiln.example", "v=DMARC1; p=none", channel.Advice}},
	} {
		if diff := cmp.Diff(want, find(t, f, name).Records); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
	f.Identity.Found = nil
	if r := find(t, f, "identity").Records[0]; r.State != channel.Unknown {
		t.Errorf("a record nobody looked up is %s", r.State)
	}
	f.Identity.MailFrom, f.Identity.MailFromState = "bounce.kiln.example", "PENDING"
	want := []channel.Record{
		{"MX", "bounce.kiln.example", "10 feedback-smtp.eu-west-1.amazonses.com", channel.Waiting},
		{"TXT", "bounce.kiln.example", "v=spf1 include:amazonses.com ~all", channel.Waiting},
	}
	if diff := cmp.Diff(want, find(t, f, "spf").Records); diff != "" {
		t.Error(diff)
	}
}

func TestTheTestMail(t *testing.T) {
	sent := channel.Test{ID: "t1", SentAt: now.Add(-time.Minute)}
	came := sent
	came.ArrivedAt, came.At = now.Add(-50*time.Second), "hello-kiln@mail.example"
	with := func(t channel.Test, f func(*channel.Test)) channel.Health { f(&t); return channel.Health{Test: &t} }
	for name, c := range map[string]struct {
		account inbox.Account
		health  channel.Health
		want    string
	}{
		"hosted, never":                {hosted, channel.Health{}, "advice test-never-hosted"},
		"hosted, mail comes":           {hosted, channel.Health{ReceivedAt: now}, "ok test-mail-comes"},
		"forwarded, never":             {team, channel.Health{}, "waiting test-never"},
		"forwarded, mail comes":        {team, channel.Health{ReceivedAt: now}, "ok test-mail-comes"},
		"on its way":                   {team, channel.Health{Test: &sent}, "waiting test-under-way"},
		"lost":                         {team, with(sent, func(t *channel.Test) { t.SentAt = now.Add(-5 * time.Minute) }), "wrong test-lost-forward"},
		"lost at an exchanger of ours": {direct, with(sent, func(t *channel.Test) { t.SentAt = now.Add(-5 * time.Minute) }), "wrong test-lost"},
		"lost, but mail comes": {
			team,
			channel.Health{Test: &channel.Test{SentAt: now.Add(-time.Hour)}, ReceivedAt: now.Add(-time.Minute)},
			"ok test-mail-comes",
		},
		"lost since mail came": {
			team,
			channel.Health{Test: &channel.Test{SentAt: now.Add(-time.Hour)}, ReceivedAt: now.Add(-2 * time.Hour)},
			"wrong test-lost-forward",
		},
		"arrived": {team, channel.Health{Test: &came}, "ok test-arrived"},
		"astray":  {team, with(came, func(t *channel.Test) { t.Astray, t.At = true, "sales@mail.example" }), "wrong test-astray"},
		"altered": {team, with(came, func(t *channel.Test) { t.Altered = true }), "wrong test-altered"},
	} {
		f := facts(c.account)
		f.Health = c.health
		if got := find(t, f, "test"); string(got.State)+" "+got.Code != c.want {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestArrival(t *testing.T) {
	h := channel.Health{Test: &channel.Test{ID: "t2", SentAt: now}, Confirmation: &channel.Confirmation{At: now}}
	if got, changed := h.Arrived("t1", "hello-kiln@mail.example", false, false, now); changed {
		t.Errorf("an older test: %+v", got)
	}
	if _, changed := (channel.Health{}).Arrived("t1", "x@mail.example", false, false, now); changed {
		t.Error("a test nobody sent")
	}
	astray, changed := h.Arrived("t2", "sales@mail.example", true, false, now.Add(time.Second))
	if !changed || !astray.Test.Astray || astray.Confirmation == nil || h.Test.Astray {
		t.Errorf("%+v", astray.Test)
	}
	home, changed := astray.Arrived("t2", "hello-kiln@mail.example", false, false, now.Add(2*time.Second))
	if !changed || home.Test.Astray || home.Test.At != "hello-kiln@mail.example" || home.Confirmation != nil {
		t.Errorf("%+v %+v", home.Test, home.Confirmation)
	}
	if again, changed := home.Arrived("t2", "sales@mail.example", true, true, now.Add(time.Minute)); changed {
		t.Errorf("%+v", again.Test)
	}
}

func TestAnAccountInOneSentence(t *testing.T) {
	wrong := channel.Check{Name: "mx", State: channel.Wrong, Code: "mx-shared", Text: "Two."}
	waits := channel.Check{Name: "test", State: channel.Waiting, Code: "test-never", Text: "Try."}
	fine := channel.Check{Name: "test", State: channel.OK, Code: "test-arrived"}
	refused := channel.Health{Refused: &channel.Refusal{At: now, Reason: "not verified"}, SentAt: now.Add(-time.Hour), Checks: []channel.Check{wrong}}
	sent := refused
	sent.SentAt, sent.Checks = now.Add(time.Minute), []channel.Check{fine}
	state := func(a inbox.Account, s inbox.AccountState) inbox.Account { a.State = s; return a }
	for name, c := range map[string]struct {
		account inbox.Account
		health  channel.Health
		want    string
	}{
		"new":                {team, channel.Health{}, "waiting is-new"},
		"new and hosted":     {hosted, channel.Health{}, "ok is-healthy"},
		"healthy":            {team, channel.Health{Checks: []channel.Check{fine}}, "ok is-healthy"},
		"waiting":            {team, channel.Health{Checks: []channel.Check{fine, waits}}, "waiting test-never"},
		"wrong":              {team, channel.Health{Checks: []channel.Check{waits, wrong}}, "wrong mx-shared"},
		"refused":            {team, refused, "wrong is-refused"},
		"refused, then sent": {team, sent, "ok is-healthy"},
		"paused":             {state(team, inbox.AccountPaused), channel.Health{Checks: []channel.Check{waits}}, "waiting is-paused"},
		"paused and wrong":   {state(team, inbox.AccountPaused), channel.Health{Checks: []channel.Check{wrong}}, "wrong mx-shared"},
		"disconnected":       {state(team, inbox.AccountDisconnected), refused, "unknown is-disconnected"},
	} {
		got := channel.Of(c.account, c.health)
		if string(got.State)+" "+got.Code != c.want || got.Text == "" && got.Code != "test-arrived" {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if got := channel.Of(team, refused); !strings.Contains(got.Text, "not verified") {
		t.Error(got.Text)
	}
	if !channel.Public("gmail.com") || channel.Public("kiln.example") || len(channel.Codes()) < 30 {
		t.Error(channel.Codes())
	}
}
