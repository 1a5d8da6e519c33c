package ses

import (
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"

	"parley/infra/rehearsal/cloud"
	"parley/infra/rehearsal/iam"
)

// Rules are the receipt rule sets of the account, in SES's first API: form in, XML out.
// Source: SES API reference (version 2010-12-01), the operations on receipt rules.
type Rules struct {
	// MayWrite tells whether SES may write to a bucket and publish on a topic; it checks both when a rule is made.
	MayWrite func(bucket, topic string) bool

	mu     sync.Mutex
	sets   map[string][]Rule
	active string
}

// Rule is one receipt rule with one S3 action.
type Rule struct {
	Name, Bucket, Prefix, Topic string
	Domains                     []string
}

// Foreign makes a set with a rule of somebody else's active, as an account that already receives mail has one.
func (s *Rules) Foreign(set string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sets, s.active = map[string][]Rule{set: {{Name: "theirs", Domains: []string{"theirs.example.com"}}}}, set
}

// Forget leaves the account without any rule set.
func (s *Rules) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sets, s.active = nil, ""
}

// Active are the rules of the active set.
func (s *Rules) Active() (set string, rules []Rule) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.active, append([]Rule(nil), s.sets[s.active]...)
}

// IsQuery tells requests of the first API from SESv2's: both have one name.
func IsQuery(r *http.Request) bool { return r.Method == http.MethodPost && r.URL.Path == "/" }

func (s *Rules) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	form := url.Values{}
	if err == nil {
		form, err = url.ParseQuery(string(body))
	}
	action := form.Get("Action")
	do := map[string]func(*Rules, url.Values) (string, string){
		"DescribeActiveReceiptRuleSet": (*Rules).describe, "CreateReceiptRuleSet": (*Rules).create, "SetActiveReceiptRuleSet": (*Rules).activate,
		"CreateReceiptRule": (*Rules).createRule, "UpdateReceiptRule": (*Rules).updateRule, "DeleteReceiptRule": (*Rules).deleteRule,
	}[action]
	if err != nil || do == nil {
		RefuseQuery(w, http.StatusBadRequest, "InvalidAction", "the rehearsal does not know "+action)
		return
	}
	if !cloud.Allow(w, r, iam.Request{Action: "ses:" + action, Resource: "*"}) { // SES knows no narrower resource for these
		return
	}
	s.mu.Lock()
	result, code := do(s, form)
	s.mu.Unlock()
	if code != "" {
		RefuseQuery(w, http.StatusBadRequest, code, action)
		return
	}
	w.Header().Set("Content-Type", "text/xml")
	_, _ = io.WriteString(w, "<"+action+"Response xmlns=\"http://ses.amazonaws.com/doc/2010-12-01/\"><"+action+"Result>"+result+"</"+action+"Result></"+action+"Response>")
}

// RefuseQuery is an error in AWS's query protocol.
func RefuseQuery(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(status)
	_ = xml.NewEncoder(w).Encode(struct {
		XMLName xml.Name `xml:"ErrorResponse"`
		Error   struct{ Type, Code, Message string }
	}{Error: struct{ Type, Code, Message string }{"Sender", code, message}})
}

func (s *Rules) describe(url.Values) (string, string) {
	if s.active == "" {
		return "", ""
	}
	return "<Metadata><Name>" + s.active + "</Name></Metadata><Rules/>", ""
}

func (s *Rules) create(f url.Values) (string, string) {
	set := f.Get("RuleSetName")
	if _, there := s.sets[set]; there {
		return "", "AlreadyExists"
	}
	if s.sets == nil {
		s.sets = map[string][]Rule{}
	}
	s.sets[set] = []Rule{}
	return "", ""
}

func (s *Rules) activate(f url.Values) (string, string) {
	set := f.Get("RuleSetName")
	if _, there := s.sets[set]; !there {
		return "", "RuleSetDoesNotExist"
	}
	s.active = set
	return "", ""
}

// rule reads a rule of a request; where is its place in its set, -1 for none.
func (s *Rules) rule(f url.Values) (r Rule, set string, where int, code string) {
	const action = "Rule.Actions.member.1.S3Action."
	r = Rule{Name: f.Get("Rule.Name"), Bucket: f.Get(action + "BucketName"), Prefix: f.Get(action + "ObjectKeyPrefix"), Topic: f.Get(action + "TopicArn")}
	for n := 1; f.Has(fmt.Sprintf("Rule.Recipients.member.%d", n)); n++ {
		r.Domains = append(r.Domains, f.Get(fmt.Sprintf("Rule.Recipients.member.%d", n)))
	}
	set, where = f.Get("RuleSetName"), -1
	rules, there := s.sets[set]
	switch {
	case !there:
		code = "RuleSetDoesNotExist"
	case f.Get("Rule.Enabled") != "true" || r.Name == "" || len(r.Domains) == 0:
		code = "InvalidParameterValue"
	case s.MayWrite != nil && !s.MayWrite(r.Bucket, r.Topic):
		code = "InvalidS3Configuration"
	}
	for i := range rules {
		if rules[i].Name == r.Name {
			where = i
		}
	}
	return r, set, where, code
}

func (s *Rules) createRule(f url.Values) (string, string) {
	r, set, where, code := s.rule(f)
	if code == "" && where >= 0 {
		code = "AlreadyExists"
	}
	if code == "" {
		s.sets[set] = append([]Rule{r}, s.sets[set]...)
	}
	return "", code
}

func (s *Rules) updateRule(f url.Values) (string, string) {
	r, set, where, code := s.rule(f)
	if code == "" && where < 0 {
		code = "RuleDoesNotExist"
	}
	if code == "" {
		s.sets[set][where] = r
	}
	return "", code
}

func (s *Rules) deleteRule(f url.Values) (string, string) {
	set, name := f.Get("RuleSetName"), f.Get("RuleName")
	rules, there := s.sets[set]
	if !there {
		return "", "RuleSetDoesNotExist"
	}
	for i := range rules {
		if rules[i].Name == name {
			s.sets[set] = append(rules[:i:i], rules[i+1:]...)
			break
		}
	}
	return "", ""
}
