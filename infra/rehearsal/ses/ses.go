// Package ses is the rehearsal's SESv2 endpoint: SendEmail with raw content, identities, the account, the suppression list.
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

	sesdoor "parley/infra/local/ses"
	"parley/infra/rehearsal/cloud"
	"parley/infra/rehearsal/iam"
	"parley/shared/fault"
	"parley/shared/mailer"
	"parley/shared/sender/local"
)

// Endpoint is the service's handler.
type Endpoint struct {
	Identities []string // verified domains
	// Senders keeps identities and suppressed addresses as local mode plays them; nil knows none.
	Senders *local.Senders
	Sets    []string // configuration sets
	Outbox  mailer.Mailer
	Arn     func(resource string) string // "identity/x", "configuration-set/x"
	// OnSend is told of each mail that was taken, with its configuration set and SES's id.
	OnSend func(m mailer.Envelope, set, id string)
	Rules  Rules

	mu     sync.Mutex
	tags   map[string]string // the stage that made a domain
	script map[string]int    // how often an address of the script was used
}

type request struct {
	FromEmailAddress     string
	ConfigurationSetName string
	Destination          struct{ ToAddresses, CcAddresses, BccAddresses []string }
	EmailTags            []struct{ Name, Value string }
	Content              struct{ Raw *struct{ Data []byte } }
}

// The script of local mode, played as SES would, and one address more: Broken answers 500 and sends nothing.
const (
	Throttle, Reject, Lost = sesdoor.Throttle, sesdoor.Reject, sesdoor.Lost
	Broken                 = "broken" + sesdoor.Script
)

func (e *Endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/v2/email/outbound-emails" {
		e.serveAccount(w, r)
		return
	}
	var in request
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in.Content.Raw == nil {
		cloud.RefuseREST(w, http.StatusBadRequest, "BadRequestException", "the rehearsal knows raw content only")
		return
	}
	domain := in.FromEmailAddress[strings.LastIndexByte(in.FromEmailAddress, '@')+1:]
	from := map[string]string{"ses:FromAddress": in.FromEmailAddress}
	need := []iam.Request{{Action: "ses:SendRawEmail", Resource: e.Arn("identity/" + domain), Context: from}}
	if in.ConfigurationSetName != "" {
		need = append(need, iam.Request{Action: "ses:SendRawEmail", Resource: e.Arn("configuration-set/" + in.ConfigurationSetName), Context: from})
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

func contains(list []string, address string) bool { return labelled(list, address) != "" }

// labelled finds an address in a list, with or without a label behind a plus, as SES's own simulator knows them.
func labelled(list []string, address string) string {
	for _, a := range list {
		local, domain, _ := strings.Cut(a, "@")
		local, _, _ = strings.Cut(local, "+")
		if strings.EqualFold(a, address) || strings.EqualFold(local+"@"+domain, address) {
			return a
		}
	}
	return ""
}

// refusal is what SES says against a send; status 0 is nothing.
func (e *Endpoint) refusal(in request, domain string, to []string) (status int, code, message string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case !contains(e.Identities, domain) && !e.verified(domain):
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
		one := labelled(to, Throttle)
		if e.script[one]++; e.script[one] <= 2 {
			return http.StatusTooManyRequests, "TooManyRequestsException", "Maximum sending rate exceeded."
		}
	}
	return 0, "", ""
}
