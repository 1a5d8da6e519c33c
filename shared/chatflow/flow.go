package chatflow

import (
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"parley/shared/fault"
)

// Widget is how the chat of one account looks, and on whose pages it may stand.
type Widget struct {
	Account string `json:"account"`
	Title   string `json:"title"`  // whom the visitor talks with: "Kiln & Clay"
	Accent  string `json:"accent"` // #rrggbb; the ink on it is chosen by contrast
	Side    Side   `json:"side" enum:"right,left"`
	OffsetX int    `json:"offsetX"`         // px from the side
	OffsetY int    `json:"offsetY"`         // px from the bottom
	Label   string `json:"label,omitempty"` // beside the launcher's picture; "" shows the picture alone
	// Origins are whose pages may use it: "https://shop.example", "https://*.shop.example". None means none.
	Origins []string `json:"origins"`
	Off     bool     `json:"off,omitempty"`     // the kill switch: nothing shows anywhere
	Privacy string   `json:"privacy,omitempty"` // https address of the privacy notice
	// Texts replace the widget's own words, by language and key (web/widget/locales).
	Texts map[string]map[string]string `json:"texts,omitempty"`
	// Identity counts the secrets that there have been to sign identities with (visitor.IdentitySecret); only rolling changes it.
	Identity int64 `json:"identity,omitempty"`
	Version  int64 `json:"version"` // grows with every change
}

// Side is the side of the page where the launcher stands, in left-to-right pages.
type Side string

// The sides.
const (
	Right Side = "right"
	Left  Side = "left"
)

// Flow is one chatflow of an account: a live chat. Order among an account's flows is priority: the first that shows on a page is used.
type Flow struct {
	ID        string    `json:"id"`
	Account   string    `json:"account"`
	Name      string    `json:"name"`
	On        bool      `json:"on"`
	Targeting Targeting `json:"targeting"`
	Welcome   string    `json:"welcome"`
	AskEmail  AskEmail  `json:"askEmail" enum:"before,after,never"`
	People    []string  `json:"people,omitempty"` // users whose faces show; none: those who are available
	Away      Away      `json:"away"`
	// Bot says that a bot talks here. Published is the version that visitors meet, 0 for none: then the flow does not show. Both are not the
	// form's to change.
	Bot       bool  `json:"bot,omitempty" doc:"A bot talks here; what it says is in its versions."`
	Published int64 `json:"published,omitempty" readOnly:"true" doc:"The version of the bot that visitors meet."`
	// Available says when somebody is there; "" is ByPeople.
	Available Available `json:"available,omitempty" enum:",people,hours,always"`
	Version   int64     `json:"version"`
	ChangedBy string    `json:"changedBy,omitempty"` // user
	ChangedAt time.Time `json:"changedAt,omitzero"`
}

// AskEmail is when a visitor is asked for an address.
type AskEmail string

// When to ask. Before: the first message cannot be sent without it.
const (
	AskBefore AskEmail = "before"
	AskAfter  AskEmail = "after"
	AskNever  AskEmail = "never"
)

// Available is what decides that somebody is there.
type Available string

// Somebody is there while people of the team are, while the inbox's hours are open, or always. Hours that nobody set up are always open.
const (
	ByPeople Available = "people"
	ByHours  Available = "hours"
	Always   Available = "always"
)

// There reports whether a visitor meets somebody: people says that somebody of the team is there, open that the inbox's hours are.
func (f Flow) There(people, open bool) bool {
	switch f.Available {
	case ByHours:
		return open
	case Always:
		return true
	}
	return people
}

// Away is what a visitor meets while nobody is available.
type Away struct {
	Mode AwayMode `json:"mode" enum:"message,form,hide"`
	Text string   `json:"text,omitempty"`
}

// AwayMode is what shows then.
type AwayMode string

// A message is shown in the chat; a form asks for message and address and starts a conversation with them; hide shows no launcher.
const (
	AwayMessage AwayMode = "message"
	AwayForm    AwayMode = "form"
	AwayHide    AwayMode = "hide"
)

// MaxText bounds a text that visitors read, in runes.
const MaxText = 1000

var (
	color  = regexp.MustCompile(`^#[0-9a-f]{6}$`)
	origin = regexp.MustCompile(`^https?://(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*(:[0-9]{1,5})?$`)
)

// Check refuses a widget that could not be shown.
func (w Widget) Check() error {
	switch {
	case strings.TrimSpace(w.Title) == "" || utf8.RuneCountInString(w.Title) > 80:
		return fault.New(fault.Invalid, "The chat needs a title of at most 80 characters.")
	case !color.MatchString(w.Accent):
		return fault.New(fault.Invalid, "The colour is #rrggbb in lower case, not %.20q.", w.Accent)
	case w.Side != Right && w.Side != Left:
		return fault.New(fault.Invalid, "The chat stands right or left, not %.20q.", w.Side)
	case w.OffsetX < 0 || w.OffsetX > 200 || w.OffsetY < 0 || w.OffsetY > 200:
		return fault.New(fault.Invalid, "The distance from the edge is 0 to 200 px.")
	case utf8.RuneCountInString(w.Label) > 40:
		return fault.New(fault.Invalid, "The label has at most 40 characters.")
	case w.Privacy != "" && !strings.HasPrefix(w.Privacy, "https://"):
		return fault.New(fault.Invalid, "The privacy notice has an https address.")
	case len(w.Origins) > 50:
		return fault.New(fault.Invalid, "At most 50 websites can be named.")
	}
	for _, o := range w.Origins {
		if !origin.MatchString(o) {
			return fault.New(fault.Invalid, "%.80q is no website: write https://shop.example, or https://*.shop.example for all below it.", o)
		}
	}
	for lang, texts := range w.Texts {
		for key, text := range texts {
			if utf8.RuneCountInString(text) > MaxText || len(lang) > 20 || len(key) > 60 {
				return fault.New(fault.Invalid, "The text %s (%s) is too long.", key, lang)
			}
		}
	}
	return nil
}

// Allows reports whether a page of this origin ("https://shop.example") may use the widget.
func (w Widget) Allows(origin string) bool {
	origin = strings.ToLower(origin)
	for _, o := range w.Origins {
		scheme, host, _ := strings.Cut(o, "://")
		if below, ok := strings.CutPrefix(host, "*."); ok {
			if s, h, found := strings.Cut(origin, "://"); found && s == scheme && strings.HasSuffix(h, "."+below) {
				return true
			}
		}
		if o == origin {
			return true
		}
	}
	return false
}

// Shown reports whether the flow may show at all: it is on, and if a bot talks in it, one is published.
func (f Flow) Shown() bool { return f.On && (!f.Bot || f.Published > 0) }

// Check refuses a flow that could not be shown.
func (f Flow) Check() error {
	switch {
	case strings.TrimSpace(f.Name) == "" || utf8.RuneCountInString(f.Name) > 80:
		return fault.New(fault.Invalid, "A chatflow needs a name of at most 80 characters.")
	case utf8.RuneCountInString(f.Welcome) > MaxText || utf8.RuneCountInString(f.Away.Text) > MaxText:
		return fault.New(fault.Invalid, "A text for visitors has at most %d characters.", MaxText)
	case f.AskEmail != AskBefore && f.AskEmail != AskAfter && f.AskEmail != AskNever:
		return fault.New(fault.Invalid, "The address is asked for before, after or never, not %.20q.", f.AskEmail)
	case f.Away.Mode != AwayMessage && f.Away.Mode != AwayForm && f.Away.Mode != AwayHide:
		return fault.New(fault.Invalid, "While nobody is there: message, form or hide, not %.20q.", f.Away.Mode)
	case f.Available != "" && f.Available != ByPeople && f.Available != ByHours && f.Available != Always:
		return fault.New(fault.Invalid, "Somebody is there by people, hours or always, not %.20q.", f.Available)
	case len(f.People) > 50:
		return fault.New(fault.Invalid, "At most 50 people can be shown.")
	}
	return f.Targeting.Check()
}

// Verdict is how one flow fared when a page asked.
type Verdict struct {
	Flow    string `json:"flow"`
	Name    string `json:"name"`
	Outcome string `json:"outcome"` // "shows", "off", "excluded", "no rule fits", "not reached"
	Fit     *Fit   `json:"fit,omitempty"`
}

// Choose returns the first flow, in order of priority, that shows on a page, and why each did or did not; nil if none does.
func Choose(flows []Flow, p Page) (*Flow, []Verdict) {
	var chosen *Flow
	verdicts := make([]Verdict, 0, len(flows))
	for i, f := range flows {
		v := Verdict{Flow: f.ID, Name: f.Name}
		switch {
		case chosen != nil:
			v.Outcome = "not reached"
		case !f.Shown():
			v.Outcome = "off"
		default:
			fit := f.Targeting.On(p)
			v.Fit = &fit
			switch {
			case fit.Shows:
				chosen, v.Outcome = &flows[i], "shows"
			case fit.Excluded >= 0:
				v.Outcome = "excluded"
			default:
				v.Outcome = "no rule fits"
			}
		}
		verdicts = append(verdicts, v)
	}
	return chosen, verdicts
}
