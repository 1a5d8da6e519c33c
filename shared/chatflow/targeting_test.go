package chatflow_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"parley/shared/chatflow"
	"parley/shared/fault"
)

// The cases are web/core/targeting.test.ts's too: server and browser choose alike.
func TestTargeting(t *testing.T) {
	raw, err := os.ReadFile("testdata/targeting.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Name, Page string
		Targeting  chatflow.Targeting
		Shows      bool
	}
	if err := json.Unmarshal(raw, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) < 30 {
		t.Fatalf("%d cases: that cannot be all", len(cases))
	}
	for _, c := range cases {
		p, err := chatflow.ParsePage(c.Page)
		if err != nil {
			t.Errorf("%s: %v", c.Name, err)
			continue
		}
		if err := c.Targeting.Check(); err != nil {
			t.Errorf("%s: %v", c.Name, err)
		}
		if got := c.Targeting.On(p); got.Shows != c.Shows {
			t.Errorf("%s: %+v, want shows %v", c.Name, got, c.Shows)
		}
	}
}

func TestWildcardsAreWhatTheyLookLike(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOfN(rapid.StringMatching(`[ab/]{0,4}`), 1, 4).Draw(t, "parts")
		fill := rapid.SliceOfN(rapid.StringMatching(`[ab/]{0,4}`), len(parts)-1, len(parts)-1).Draw(t, "fill")
		s := parts[0]
		for i, f := range fill {
			s += f + parts[i+1]
		}
		s = "/x" + s + "z"
		p, err := chatflow.ParsePage("https://h.example" + s)
		if err != nil {
			t.Fatal(err)
		}
		c := chatflow.Condition{Kind: chatflow.KindURL, Op: chatflow.Matches, Value: "/x" + strings.Join(parts, "*") + "*"}
		if !(chatflow.Targeting{Rules: []chatflow.Rule{{Conditions: []chatflow.Condition{c}}}}).On(p).Shows {
			t.Fatalf("%s does not match %s", c.Value, s)
		}
	})
}

func TestChooseSaysWhy(t *testing.T) {
	is := func(path string) chatflow.Targeting {
		return chatflow.Targeting{Rules: []chatflow.Rule{{Conditions: []chatflow.Condition{{Kind: chatflow.KindURL, Op: chatflow.Is, Value: path}}}}}
	}
	flows := []chatflow.Flow{
		{ID: "off", On: false},
		{ID: "docs", On: true, Targeting: is("/docs")},
		{ID: "hidden", On: true, Targeting: chatflow.Targeting{Exclude: is("/pricing").Rules}},
		{ID: "pricing", On: true, Targeting: is("/pricing")},
		{ID: "rest", On: true},
	}
	p, err := chatflow.ParsePage("https://shop.example/pricing?x")
	if err != nil {
		t.Fatal(err)
	}
	chosen, verdicts := chatflow.Choose(flows, p)
	if chosen == nil || chosen.ID != "pricing" {
		t.Fatalf("chose %+v", chosen)
	}
	want := []string{"off", "no rule fits", "excluded", "shows", "not reached"}
	for i, v := range verdicts {
		if v.Outcome != want[i] || v.Flow != flows[i].ID {
			t.Errorf("%d: %+v, want %s", i, v, want[i])
		}
	}
	if got, _ := chatflow.Choose(flows[:3], p); got != nil {
		t.Errorf("chose %s", got.ID)
	}
}

func TestParsePageRefuses(t *testing.T) {
	for _, s := range []string{"", "shop.example", "javascript:alert(1)", "ftp://shop.example/", "https://", "http://[::1"} {
		if _, err := chatflow.ParsePage(s); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", s, err)
		}
	}
}

func TestChecks(t *testing.T) {
	widget := chatflow.Widget{Title: "Kiln", Accent: "#0d6b57", Side: chatflow.Right, Origins: []string{"https://shop.example", "https://*.kiln.example", "http://localhost:3000"}}
	flow := chatflow.Flow{Name: "Chat", AskEmail: chatflow.AskAfter, Away: chatflow.Away{Mode: chatflow.AwayMessage}}
	if err := widget.Check(); err != nil {
		t.Error(err)
	}
	if err := flow.Check(); err != nil {
		t.Error(err)
	}
	for name, bad := range map[string]func(*chatflow.Widget, *chatflow.Flow){
		"no title":         func(w *chatflow.Widget, _ *chatflow.Flow) { w.Title = " " },
		"colour by name":   func(w *chatflow.Widget, _ *chatflow.Flow) { w.Accent = "red" },
		"style for colour": func(w *chatflow.Widget, _ *chatflow.Flow) { w.Accent = "#0d6b57;}" },
		"no side":          func(w *chatflow.Widget, _ *chatflow.Flow) { w.Side = "" },
		"far off":          func(w *chatflow.Widget, _ *chatflow.Flow) { w.OffsetY = 5000 },
		"origin with path": func(w *chatflow.Widget, _ *chatflow.Flow) { w.Origins = []string{"https://shop.example/"} },
		"every origin":     func(w *chatflow.Widget, _ *chatflow.Flow) { w.Origins = []string{"*"} },
		"script notice":    func(w *chatflow.Widget, _ *chatflow.Flow) { w.Privacy = "javascript:alert(1)" },
		"long text": func(w *chatflow.Widget, _ *chatflow.Flow) {
			w.Texts = map[string]map[string]string{"en": {"send": strings.Repeat("x", 1001)}}
		},
		"no name":       func(_ *chatflow.Widget, f *chatflow.Flow) { f.Name = "" },
		"ask sometimes": func(_ *chatflow.Widget, f *chatflow.Flow) { f.AskEmail = "sometimes" },
		"away somehow":  func(_ *chatflow.Widget, f *chatflow.Flow) { f.Away.Mode = "" },
		"empty rule":    func(_ *chatflow.Widget, f *chatflow.Flow) { f.Targeting.Rules = []chatflow.Rule{{}} },
		"unknown kind": func(_ *chatflow.Widget, f *chatflow.Flow) {
			f.Targeting.Rules = []chatflow.Rule{{Conditions: []chatflow.Condition{{Kind: "moon", Op: chatflow.Is, Value: "full"}}}}
		},
		"nameless query": func(_ *chatflow.Widget, f *chatflow.Flow) {
			f.Targeting.Exclude = []chatflow.Rule{{Conditions: []chatflow.Condition{{Kind: chatflow.KindQuery, Op: chatflow.Exists}}}}
		},
	} {
		w, f := widget, flow
		bad(&w, &f)
		if w.Check() == nil && f.Check() == nil {
			t.Errorf("%s: passed", name)
		}
	}
}

func TestOrigins(t *testing.T) {
	w := chatflow.Widget{Origins: []string{"https://shop.example", "https://*.kiln.example", "http://localhost:3000"}}
	for origin, want := range map[string]bool{
		"https://shop.example": true, "https://SHOP.example": true, "http://shop.example": false, "https://shop.example.evil.example": false,
		"https://a.kiln.example": true, "https://kiln.example": false, "https://evilkiln.example": false, "http://localhost:3000": true,
		"http://localhost:3001": false, "null": false, "": false,
	} {
		if got := w.Allows(origin); got != want {
			t.Errorf("%s: %v", origin, got)
		}
	}
}
