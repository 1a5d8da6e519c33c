package inbox_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"parley/shared/inbox"
)

// lists are the entries of an inbox's two lists.
type lists struct{ allow, deny []string }

func (l lists) on(list inbox.FilterList, name string) bool {
	if list == inbox.Allow {
		return slices.Contains(l.allow, name)
	}
	return slices.Contains(l.deny, name)
}

func TestJudge(t *testing.T) {
	all := inbox.Filters{Rules: inbox.FilterRules{Auto: true, Marketing: true, Roles: true, Unsubscribe: true}, Rate: 2}
	none := inbox.DefaultFilters()
	from := inbox.Letter{From: "lena@mail.shop.example"}
	with := func(f func(*inbox.Letter)) inbox.Letter {
		l := from
		f(&l)
		return l
	}
	for name, c := range map[string]struct {
		filters inbox.Filters
		letter  inbox.Letter
		lists   lists
		folder  inbox.Folder
		rule    string // of the filter, or the entry that allowed
	}{
		"a letter":                       {filters: none, letter: from},
		"a letter under every rule":      {filters: all, letter: from},
		"by default only spam is kept":   {filters: none, letter: with(func(l *inbox.Letter) { l.Auto, l.Marketing, l.Unsubscribe = "precedence", true, true })},
		"spam":                           {filters: none, letter: with(func(l *inbox.Letter) { l.Spam = "spam" }), folder: inbox.Spam, rule: "spam"},
		"not of its domain":              {filters: none, letter: with(func(l *inbox.Letter) { l.Spam = "dmarc" }), folder: inbox.Spam, rule: "dmarc"},
		"spam that is allowed":           {filters: none, letter: with(func(l *inbox.Letter) { l.Spam = "spam" }), lists: lists{allow: []string{"shop.example"}}, rule: "shop.example"},
		"auto":                           {filters: all, letter: with(func(l *inbox.Letter) { l.Auto = "auto-submitted" }), folder: inbox.Filtered, rule: "auto"},
		"marketing":                      {filters: all, letter: with(func(l *inbox.Letter) { l.Marketing = true }), folder: inbox.Filtered, rule: "marketing"},
		"a role":                         {filters: all, letter: inbox.Letter{From: "noreply+1@shop.example"}, folder: inbox.Filtered, rule: "roles"},
		"unsubscribe":                    {filters: all, letter: with(func(l *inbox.Letter) { l.Unsubscribe = true }), folder: inbox.Filtered, rule: "unsubscribe"},
		"the third in an hour":           {filters: all, letter: with(func(l *inbox.Letter) { l.Sent = 2 }), folder: inbox.Filtered, rule: "rate"},
		"the second in an hour":          {filters: all, letter: with(func(l *inbox.Letter) { l.Sent = 1 })},
		"no rate":                        {filters: inbox.Filters{}, letter: with(func(l *inbox.Letter) { l.Sent = 1_000_000 })},
		"an answer is not of a kind":     {filters: all, letter: inbox.Letter{From: "info@shop.example", Auto: "from", Marketing: true, Unsubscribe: true, Sent: 99, Answer: true}},
		"an answer may be spam":          {filters: all, letter: with(func(l *inbox.Letter) { l.Answer, l.Spam = true, "spam" }), folder: inbox.Spam, rule: "spam"},
		"denied address":                 {filters: none, letter: from, lists: lists{deny: []string{"lena@mail.shop.example"}}, folder: inbox.Spam, rule: "deny"},
		"denied domain":                  {filters: none, letter: from, lists: lists{deny: []string{"mail.shop.example"}}, folder: inbox.Spam, rule: "deny"},
		"denied domain above":            {filters: none, letter: from, lists: lists{deny: []string{"shop.example"}}, folder: inbox.Spam, rule: "deny"},
		"a domain that only ends alike":  {filters: none, letter: from, lists: lists{deny: []string{"hop.example", "ena@mail.shop.example", "example"}}},
		"denied envelope":                {filters: none, letter: with(func(l *inbox.Letter) { l.Envelope = "b@evil.example" }), lists: lists{deny: []string{"evil.example"}}, folder: inbox.Spam, rule: "deny"},
		"denied forwarder":               {filters: none, letter: with(func(l *inbox.Letter) { l.Via = "b@evil.example" }), lists: lists{deny: []string{"evil.example"}}, folder: inbox.Spam, rule: "deny"},
		"allowed by its envelope":        {filters: all, letter: with(func(l *inbox.Letter) { l.Envelope, l.Auto = "b@good.example", "x-loop" }), lists: lists{allow: []string{"good.example"}}, rule: "good.example"},
		"deny beats allow":               {filters: none, letter: from, lists: lists{allow: []string{"shop.example"}, deny: []string{"shop.example"}}, folder: inbox.Spam, rule: "deny"},
		"deny beats a narrower domain":   {filters: none, letter: from, lists: lists{allow: []string{"mail.shop.example"}, deny: []string{"shop.example"}}, folder: inbox.Spam, rule: "deny"},
		"an address beats its domain":    {filters: none, letter: from, lists: lists{allow: []string{"lena@mail.shop.example"}, deny: []string{"shop.example"}}, rule: "lena@mail.shop.example"},
		"an address beats no address":    {filters: none, letter: from, lists: lists{allow: []string{"lena@mail.shop.example"}, deny: []string{"lena@mail.shop.example"}}, folder: inbox.Spam, rule: "deny"},
		"allow beats the rules and rate": {filters: all, letter: inbox.Letter{From: "info@shop.example", Auto: "from", Marketing: true, Unsubscribe: true, Sent: 99}, lists: lists{allow: []string{"info@shop.example"}}, rule: "info@shop.example"},
		"nobody is on no list":           {filters: all, letter: inbox.Letter{}, lists: lists{deny: []string{""}}},
	} {
		t.Run(name, func(t *testing.T) {
			v := inbox.Judge(c.filters, c.letter, c.lists.on)
			switch {
			case c.folder == inbox.Inboxed && (v.Filter != nil || v.Allowed != c.rule):
				t.Errorf("%+v %+v", v, v.Filter)
			case c.folder != inbox.Inboxed && (v.Filter == nil || v.Filter.Folder != string(c.folder) || v.Filter.Why.Rule != c.rule):
				t.Errorf("%+v %+v, want %s by %s", v, v.Filter, c.folder, c.rule)
			}
		})
	}
}

func TestNames(t *testing.T) {
	l := inbox.Letter{From: "a@b.c.shop.example", Envelope: "x@shop.example", Via: "no address"}
	want := []string{"a@b.c.shop.example", "b.c.shop.example", "c.shop.example", "shop.example", "x@shop.example"}
	if d := cmp.Diff(want, l.Names()); d != "" {
		t.Error(d)
	}
	deep := inbox.Letter{From: "a@" + strings.Repeat("x.", 100) + "shop.example"}
	if n := deep.Names(); len(n) > 10 || !slices.Contains(n, "shop.example") {
		t.Errorf("%d names: %v", len(n), n)
	}
	if len(inbox.Letter{From: "@", Envelope: "a@", Via: "@b"}.Names()) != 0 {
		t.Error("what is no address has names")
	}
}

// What holds for any letter, lists and rules.
func TestJudgeHolds(t *testing.T) {
	address := rapid.Custom(func(t *rapid.T) string {
		local := rapid.SampledFrom([]string{"lena", "info", "kim"}).Draw(t, "local")
		return local + "@" + rapid.SampledFrom([]string{"shop.example", "mail.shop.example", "good.example", "evil.example"}).Draw(t, "domain")
	})
	entry := rapid.OneOf(address, rapid.SampledFrom([]string{"shop.example", "mail.shop.example", "good.example", "evil.example", "example"}))
	maybe := rapid.OneOf(address, rapid.Just(""))
	rapid.Check(t, func(t *rapid.T) {
		flag := rapid.Bool()
		l := inbox.Letter{
			From: maybe.Draw(t, "from"), Envelope: maybe.Draw(t, "envelope"), Via: maybe.Draw(t, "via"),
			Spam: rapid.SampledFrom([]string{"", "spam", "dmarc"}).Draw(t, "spam"), Auto: rapid.SampledFrom([]string{"", "precedence"}).Draw(t, "auto"),
			Marketing: flag.Draw(t, "marketing"), Unsubscribe: flag.Draw(t, "unsubscribe"), Answer: flag.Draw(t, "answer"), Sent: rapid.IntRange(0, 5).Draw(t, "sent"),
		}
		f := inbox.Filters{
			Rules: inbox.FilterRules{Auto: flag.Draw(t, "a"), Marketing: flag.Draw(t, "m"), Roles: flag.Draw(t, "r"), Unsubscribe: flag.Draw(t, "u")},
			Rate:  rapid.IntRange(0, 5).Draw(t, "rate"),
		}
		on := lists{allow: rapid.SliceOfN(entry, 0, 3).Draw(t, "allow"), deny: rapid.SliceOfN(entry, 0, 3).Draw(t, "deny")}
		v := inbox.Judge(f, l, on.on)
		names := l.Names()
		speaks := func(list []string, exact bool) bool {
			return slices.ContainsFunc(list, func(e string) bool { return slices.Contains(names, e) && (!exact || strings.Contains(e, "@")) })
		}
		denied := v.Filter != nil && v.Filter.Why.Rule == "deny"
		if mustDeny := speaks(on.deny, true) || speaks(on.deny, false) && !speaks(on.allow, true); denied != mustDeny {
			t.Fatalf("denied %v, must %v", denied, mustDeny)
		}
		if v.Filter != nil && v.Filter.Folder != "spam" && v.Filter.Folder != "filtered" || v.Filter != nil && v.Filter.Why.Rule == "" {
			t.Fatalf("%+v", v.Filter)
		}
		if v.Filter != nil && v.Allowed != "" || v.Filter != nil && !denied && speaks(on.allow, false) {
			t.Fatal("what is allowed and not denied comes in")
		}
		if l.Answer && v.Filter != nil && v.Filter.Folder == "filtered" {
			t.Fatal("an answer is not judged by kind or number")
		}
		if f == (inbox.Filters{}) && l.Spam == "" && len(on.deny) == 0 && v.Filter != nil {
			t.Fatal("without rules, lists and spam everything comes in")
		}
		// A rule more never lets a letter in.
		more := f
		more.Rules = inbox.FilterRules{Auto: true, Marketing: true, Roles: true, Unsubscribe: true}
		if v.Filter != nil && inbox.Judge(more, l, on.on).Filter == nil {
			t.Fatal("more rules let more in")
		}
		// What no name speaks of changes nothing.
		other := lists{append(on.allow[:len(on.allow):len(on.allow)], "other.example"), append(on.deny[:len(on.deny):len(on.deny)], "x@other.example")}
		if d := cmp.Diff(v, inbox.Judge(f, l, other.on)); d != "" {
			t.Fatal(d)
		}
	})
}

func TestRoles(t *testing.T) {
	for address, want := range map[string]bool{
		"info@x.example": true, "noreply@x.example": true, "support+7@x.example": true, "lena@x.example": false, "informatics@x.example": false, "info": false, "": false,
	} {
		if got := inbox.IsRole(address); got != want {
			t.Errorf("%q: %v", address, got)
		}
	}
}
