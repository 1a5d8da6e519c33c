// Package ses is the rehearsal's SESv2 endpoint: SendEmail with raw content.
//
// Owns: rights, SES's limits and refusals; the receipt rules of its first API (rules.go).
// Never: composing; events of a mail and EventBridge (local/ses makes them); the folder that keeps what was sent (mailer/smtp plays SES's rewriting).
// Imported by: infra/rehearsal.
//
// Source: SESv2 API reference, SendEmail.
// SES checks SendEmail with raw content as ses:SendRawEmail, on the identity and on the configuration set (infra/README.md).
package ses

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync"

	"parley/infra/rehearsal/cloud"
	"parley/infra/rehearsal/iam"
	"parley/shared/fault"
	"parley/shared/mailer"
)

// Endpoint is the service's handler.
type Endpoint struct {
	Identities []string // verified domains
	Sets       []string // configuration sets
	Outbox     mailer.Mailer
	Arn        func(resource string) string // "identity/x", "configuration-set/x"
	// OnSend is told of each mail that was taken, with its configuration set and SES's id.
	OnSend func(m mailer.Envelope, set, id string)
	Rules  Rules

	mu     sync.Mutex
	script map[string]int // how often an address of the script was used
}

type request struct {
	FromEmailAddress     string
	ConfigurationSetName string
	Destination          struct{ ToAddresses, CcAddresses, BccAddresses []string }
	EmailTags            []struct{ Name, Value string }
	Content              struct{ Raw *struct{ Data []byte } }
}

// What addresses below @simulator.parley.test do to a send; SES's own simulator has none for these.
const (
	Script = "@simulator.parley.test"
	// Throttle refuses the first two sends with 429, Reject all with 400; Broken answers 500 and sends nothing; Lost sends and breaks the
	// connection before the answer.
	Throttle, Reject, Broken, Lost = "throttle" + Script, "reject" + Script, "broken" + Script, "lost" + Script
)

func (e *Endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost || r.URL.Path != "/v2/email/outbound-emails" {
		cloud.RefuseREST(w, http.StatusNotFound, "NotFoundException", "the rehearsal knows SendEmail only")
		return
	}
	var in request
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in.Content.Raw == nil {
		cloud.RefuseREST(w, http.StatusBadRequest, "BadRequestException", "the rehearsal knows raw content only")
		return
	}
	domain := in.FromEmailAddress[strings.LastIndexByte(in.FromEmailAddress, '@')+1:]
	need := []iam.Request{{Action: "ses:SendRawEmail", Resource: e.Arn("identity/" + domain)}}
	if in.ConfigurationSetName != "" {
		need = append(need, iam.Request{Action: "ses:SendRawEmail", Resource: e.Arn("configuration-set/" + in.ConfigurationSetName)})
	}
	if cloud.Allow(w, r, need...) {
		e.send(w, in, domain)
	}
}

func (e *Endpoint) send(w http.ResponseWriter, in request, domain string) {
	m := mailer.Envelope{From: in.FromEmailAddress, Raw: in.Content.Raw.Data, Tags: map[string]string{}}
	m.To = append(append(append(m.To, in.Destination.ToAddresses...), in.Destination.CcAddresses...), in.Destination.BccAddresses...)
	for _, t := range in.EmailTags {
		m.Tags[t.Name] = t.Value
	}
	if status, code, message := e.refusal(in, domain, m.To); status != 0 {
		cloud.RefuseREST(w, status, code, message)
		return
	}
	id, err := e.Outbox.Send(context.Background(), m)
	if err != nil {
		code := "InternalServiceErrorException"
		status := http.StatusInternalServerError
		if fault.Is(err, fault.Invalid) {
			status, code = http.StatusBadRequest, "BadRequestException"
		}
		cloud.RefuseREST(w, status, code, err.Error())
		return
	}
	if e.OnSend != nil {
		e.OnSend(m, in.ConfigurationSetName, id)
	}
	if contains(m.To, Lost) {
		cloud.Cut(w)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]string{"MessageId": id})
}

func contains(list []string, address string) bool {
	for _, a := range list {
		if strings.EqualFold(a, address) {
			return true
		}
	}
	return false
}

// refusal is what SES says against a send; status 0 is nothing.
func (e *Endpoint) refusal(in request, domain string, to []string) (status int, code, message string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case !contains(e.Identities, domain):
		return http.StatusBadRequest, "MessageRejected", "Email address is not verified. The following identities failed the check in region: " + domain
	case in.ConfigurationSetName != "" && !contains(e.Sets, in.ConfigurationSetName):
		return http.StatusNotFound, "NotFoundException", "Configuration set <" + in.ConfigurationSetName + "> does not exist."
	case contains(to, Reject):
		return http.StatusBadRequest, "MessageRejected", "The message can't be sent because it contains invalid content."
	case contains(to, Broken):
		return http.StatusInternalServerError, "InternalServiceErrorException", "internal failure"
	case contains(to, Throttle):
		if e.script == nil {
			e.script = map[string]int{}
		}
		if e.script[Throttle]++; e.script[Throttle] <= 2 {
			return http.StatusTooManyRequests, "TooManyRequestsException", "Maximum sending rate exceeded."
		}
	}
	return 0, "", ""
}
