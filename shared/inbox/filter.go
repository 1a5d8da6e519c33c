package inbox

import (
	"strconv"
	"strings"

	"parley/events"
)

// Filters are what an inbox does not want to see among its mail. The zero value but for Rate lets everything in.
type Filters struct {
	Rules FilterRules `json:"rules"`
	Rate  int         `json:"rate"` // mails of one sender in one hour; those above are put aside
}

// FilterRules are kinds of mail that are put aside, each on its own switch.
type FilterRules struct {
	Auto        bool `json:"auto"`        // no person wrote it
	Marketing   bool `json:"marketing"`   // to many at once: mailing lists, newsletters
	Roles       bool `json:"roles"`       // from noreply@, info@, sales@ … (Roles)
	Unsubscribe bool `json:"unsubscribe"` // it says how to get no more of it
}

// DefaultRate is above what a person writes and below what a machine that has lost its way sends.
const DefaultRate = 60

// DefaultFilters are those of an inbox that nobody has set up: spam and runaway machines are put aside, everything else comes in.
func DefaultFilters() Filters { return Filters{Rate: DefaultRate} }

// FilterList is a list of addresses and domains that are judged by their name alone.
type FilterList string

// The lists.
const (
	Allow FilterList = "allow"
	Deny  FilterList = "deny"
)

// Letter is what the filters look at of one mail. Addresses are lower case, their domains in ASCII; "" is not known.
type Letter struct {
	From        string // who wrote it
	Envelope    string // the envelope's sender
	Via         string // who passed it on
	Spam        string // why the mail system takes it for spam: "spam", "dmarc"; "" if it does not
	Auto        string // the rule that says no person wrote it
	Marketing   bool
	Unsubscribe bool
	// Answer says that it answers a message of ours: it came to a signed address, or from somebody on the thread. What we asked for is not
	// judged by kind or number.
	Answer bool
	Sent   int // mails of this sender in this hour, before this one
}

// maxSuffixes bounds the domains that are looked up for one address: with labels beyond it, only the whole and its last ones.
const maxSuffixes = 6

// Names are the entries of either list that speak of the letter: the address and its domain with the domains above it, for each address.
func (l Letter) Names() []string {
	var out []string
	seen := map[string]bool{"": true}
	add := func(name string) {
		if !seen[name] {
			seen[name] = true
			out = append(out, name)
		}
	}
	for _, address := range []string{l.From, l.Envelope, l.Via} {
		_, domain, ok := cutAddress(address)
		if !ok {
			continue
		}
		add(address)
		add(domain)
		labels := strings.Split(domain, ".")
		for i := max(1, len(labels)-maxSuffixes); i < len(labels)-1; i++ {
			add(strings.Join(labels[i:], "."))
		}
	}
	return out
}

func cutAddress(address string) (local, domain string, ok bool) {
	i := strings.LastIndexByte(address, '@')
	if i <= 0 || i == len(address)-1 {
		return "", "", false
	}
	return address[:i], address[i+1:], true
}

// Verdict is what the filters say of a letter.
type Verdict struct {
	Filter  *events.Filter // nil: it belongs into the inbox
	Allowed string         // the entry of the allow list that let it in, if one had to
}

// Judge decides where a conversation belongs that this letter begins. listed says which of the letter's Names stand on the lists. The first
// that speaks decides: an address that is allowed against its domain that is not, the deny list, the allow list, the mail system's word,
// the rules, the rate.
func Judge(f Filters, l Letter, listed func(list FilterList, name string) bool) Verdict {
	allowed, denied := standing(l, listed)
	switch {
	case denied != "":
		return aside(Spam, "deny", map[string]string{"entry": denied})
	case allowed != "":
		return Verdict{Allowed: allowed}
	case l.Spam != "":
		return aside(Spam, l.Spam, nil)
	case l.Answer:
		return Verdict{}
	case f.Rules.Auto && l.Auto != "":
		return aside(Filtered, "auto", map[string]string{"auto": l.Auto})
	case f.Rules.Marketing && l.Marketing:
		return aside(Filtered, "marketing", nil)
	case f.Rules.Roles && IsRole(l.From):
		return aside(Filtered, "roles", map[string]string{"from": l.From})
	case f.Rules.Unsubscribe && l.Unsubscribe:
		return aside(Filtered, "unsubscribe", nil)
	case f.Rate > 0 && l.Sent >= f.Rate:
		return aside(Filtered, "rate", map[string]string{"from": l.From, "rate": strconv.Itoa(f.Rate)})
	}
	return Verdict{}
}

func aside(to Folder, rule string, inputs map[string]string) Verdict {
	return Verdict{Filter: &events.Filter{Folder: string(to), Why: events.Why{Rule: rule, Inputs: inputs}}}
}

// standing finds the entry that allows and the one that denies. An address on the allow list beats denied domains, and no denied address.
func standing(l Letter, listed func(FilterList, string) bool) (allowed, denied string) {
	exact := false
	for _, name := range l.Names() {
		isAddress := strings.Contains(name, "@")
		if listed(Allow, name) {
			if allowed == "" || isAddress && !exact {
				allowed = name
			}
			exact = exact || isAddress
		}
	}
	for _, name := range l.Names() {
		if listed(Deny, name) && (strings.Contains(name, "@") || !exact) {
			return allowed, name
		}
	}
	return allowed, ""
}

// roles are local parts that a function answers to and not a person (RFC 2142, and what firms use).
var roles = func() map[string]bool {
	m := map[string]bool{}
	for _, r := range strings.Fields(`abuse accounting accounts admin administrator alert alerts all announce bill billing bounce bounces
		contact daemon devnull donotreply do-not-reply do_not_reply editor everyone feedback finance ftp hello help helpdesk hostmaster hr
		info information invoice invoices jobs list listserv mailer mailer-daemon mail marketing media news newsletter no-reply no_reply
		nobody noc noreply notification notifications notify office orders postmaster pr press privacy registrar root sales security
		service spam staff subscribe support sysadmin team unsubscribe usenet uucp webmaster www`) {
		m[r] = true
	}
	return m
}()

// IsRole reports whether an address is of a role: noreply@, info@, support+anything@ …
func IsRole(address string) bool {
	local, _, ok := cutAddress(address)
	local, _, _ = strings.Cut(local, "+")
	return ok && roles[local]
}
