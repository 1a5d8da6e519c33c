package ses

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"parley/infra/rehearsal/cloud"
	"parley/infra/rehearsal/iam"
	"parley/shared/fault"
	"parley/shared/sender"
)

// tag is the key under which a stage's name stands on what it has made.
const tag = "parley"

// serveAccount answers for identities, the account and the suppression list. Source: SESv2 API reference, the page of each operation; "Actions,
// resources, and condition keys for Amazon SES".
func (e *Endpoint) serveAccount(w http.ResponseWriter, r *http.Request) {
	path, _ := strings.CutPrefix(r.URL.EscapedPath(), "/v2/email/")
	kind, name, _ := strings.Cut(path, "/")
	if kind == "suppression" {
		name = strings.TrimPrefix(name, "addresses/")
	}
	name, err := url.PathUnescape(name)
	do := map[string]func(http.ResponseWriter, *http.Request, string){
		"POST identities": e.create, "GET identities": e.get, "DELETE identities": e.delete,
		"GET account": e.account, "GET suppression": e.suppressed, "DELETE suppression": e.lift,
	}[r.Method+" "+kind]
	if err != nil || do == nil || e.Senders == nil {
		cloud.RefuseREST(w, http.StatusNotFound, "NotFoundException", "the rehearsal does not know "+r.Method+" "+r.URL.Path)
		return
	}
	do(w, r, name)
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // writes to memory
}

func refuse(w http.ResponseWriter, err error) {
	if fault.Is(err, fault.NotFound) {
		cloud.RefuseREST(w, http.StatusNotFound, "NotFoundException", fault.MessageOf(err))
		return
	}
	cloud.RefuseREST(w, http.StatusInternalServerError, "InternalServiceErrorException", err.Error())
}

func (e *Endpoint) create(w http.ResponseWriter, r *http.Request, _ string) {
	var in struct {
		EmailIdentity string
		Tags          []struct{ Key, Value string }
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in.EmailIdentity == "" || strings.Contains(in.EmailIdentity, "@") {
		cloud.RefuseREST(w, http.StatusBadRequest, "BadRequestException", "the rehearsal knows domains only")
		return
	}
	arn, asked := e.Arn("identity/"+in.EmailIdentity), map[string]string{}
	for _, t := range in.Tags {
		asked["aws:RequestTag/"+t.Key] = t.Value
	}
	need := []iam.Request{{Action: "ses:CreateEmailIdentity", Resource: arn, Context: asked}}
	if len(in.Tags) > 0 {
		need = append(need, iam.Request{Action: "ses:TagResource", Resource: arn, Context: asked})
	}
	if !cloud.Allow(w, r, need...) {
		return
	}
	i, made, err := e.Senders.Prove(r.Context(), in.EmailIdentity)
	switch {
	case err != nil:
		refuse(w, err)
		return
	case !made:
		cloud.RefuseREST(w, http.StatusBadRequest, "AlreadyExistsException", "Email identity "+in.EmailIdentity+" already exist.")
		return
	}
	e.mu.Lock()
	if e.tags == nil {
		e.tags = map[string]string{}
	}
	e.tags[in.EmailIdentity] = asked["aws:RequestTag/"+tag]
	e.mu.Unlock()
	answer(w, map[string]any{"IdentityType": "DOMAIN", "VerifiedForSendingStatus": false, "DkimAttributes": dkim(i, "NOT_STARTED")})
}

func dkim(i sender.Identity, status string) map[string]any {
	return map[string]any{"SigningEnabled": true, "Status": status, "Tokens": i.Tokens, "SigningAttributesOrigin": "AWS_SES", "NextSigningKeyLength": "RSA_2048_BIT", "CurrentSigningKeyLength": "RSA_2048_BIT"}
}

func (e *Endpoint) get(w http.ResponseWriter, r *http.Request, domain string) {
	if !cloud.Allow(w, r, iam.Request{Action: "ses:GetEmailIdentity", Resource: e.Arn("identity/" + domain)}) {
		return
	}
	i, err := e.Senders.Identity(r.Context(), domain)
	if err != nil {
		refuse(w, err)
		return
	}
	verified, status := i.Status == sender.Verified, "PENDING"
	if verified {
		status = "SUCCESS"
	}
	answer(w, map[string]any{
		"IdentityType": "DOMAIN", "FeedbackForwardingStatus": true, "VerifiedForSendingStatus": verified, "VerificationStatus": status,
		"DkimAttributes": dkim(i, status), "MailFromAttributes": map[string]string{"BehaviorOnMxFailure": "USE_DEFAULT_VALUE"}, "Policies": map[string]string{}, "Tags": []any{},
	})
}

func (e *Endpoint) delete(w http.ResponseWriter, r *http.Request, domain string) {
	e.mu.Lock()
	made := map[string]string{}
	if stage := e.tags[domain]; stage != "" {
		made["aws:ResourceTag/"+tag] = stage
	}
	e.mu.Unlock()
	if !cloud.Allow(w, r, iam.Request{Action: "ses:DeleteEmailIdentity", Resource: e.Arn("identity/" + domain), Context: made}) {
		return
	}
	_, err := e.Senders.Identity(r.Context(), domain)
	if err == nil {
		err = e.Senders.Forget(r.Context(), domain)
	}
	if err != nil {
		refuse(w, err)
		return
	}
	answer(w, struct{}{})
}

func (e *Endpoint) account(w http.ResponseWriter, r *http.Request, _ string) {
	if !cloud.Allow(w, r, iam.Request{Action: "ses:GetAccount", Resource: "*"}) {
		return
	}
	answer(w, map[string]any{
		"DedicatedIpAutoWarmupEnabled": false, "EnforcementStatus": "HEALTHY", "ProductionAccessEnabled": true, "SendingEnabled": true,
		"SendQuota": map[string]float64{"Max24HourSend": 50000, "MaxSendRate": 14, "SentLast24Hours": 3}, "SuppressionAttributes": map[string]any{"SuppressedReasons": []string{"BOUNCE", "COMPLAINT"}},
	})
}

func (e *Endpoint) suppressed(w http.ResponseWriter, r *http.Request, address string) {
	if !cloud.Allow(w, r, iam.Request{Action: "ses:GetSuppressedDestination", Resource: "*"}) {
		return
	}
	s, err := e.Senders.Suppressed(r.Context(), address)
	if err != nil {
		refuse(w, err)
		return
	}
	answer(w, map[string]any{"SuppressedDestination": map[string]any{
		"EmailAddress": s.Address, "Reason": s.Reason, "LastUpdateTime": float64(s.At.UnixMilli()) / 1000,
	}})
}

func (e *Endpoint) lift(w http.ResponseWriter, r *http.Request, address string) {
	if !cloud.Allow(w, r, iam.Request{Action: "ses:DeleteSuppressedDestination", Resource: "*"}) {
		return
	}
	if err := e.Senders.Lift(r.Context(), address); err != nil {
		refuse(w, err)
		return
	}
	answer(w, struct{}{})
}

// verified reports whether a domain was proved since the account was made.
func (e *Endpoint) verified(domain string) bool {
	if e.Senders == nil {
		return false
	}
	i, err := e.Senders.Identity(context.Background(), domain)
	return err == nil && i.Status == sender.Verified
}
