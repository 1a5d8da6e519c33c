package ses_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/shared/fault"
	"parley/shared/sender"
	"parley/shared/sender/ses"
)

var ctx = context.Background()

// api is SESv2: answers by "METHOD path"; a status above 299 is a refusal with that error type.
type api struct {
	answers map[string]answer
	got     []string
}

type answer struct {
	status int
	body   string // or the error's type
}

func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	call := r.Method + " " + r.URL.EscapedPath()
	a.got = append(a.got, strings.TrimSpace(call+" "+string(body)))
	out, ok := a.answers[call]
	switch {
	case !ok:
		w.Header().Set("X-Amzn-ErrorType", "InternalServiceErrorException")
		w.WriteHeader(http.StatusInternalServerError)
	case out.status > 299:
		w.Header().Set("X-Amzn-ErrorType", out.body)
		w.WriteHeader(out.status)
		fmt.Fprint(w, `{"message":"the reason"}`)
	default:
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, out.body)
	}
}

func open(t *testing.T, answers map[string]answer) (sender.Senders, *api) {
	t.Helper()
	a := &api{answers: answers}
	s := httptest.NewServer(a)
	t.Cleanup(s.Close)
	for k, v := range map[string]string{
		"AWS_ENDPOINT_URL_SESV2": s.URL, "AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s",
		"AWS_CONFIG_FILE": "/nonexistent", "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent", "AWS_MAX_ATTEMPTS": "1",
	} {
		t.Setenv(k, v)
	}
	open, err := ses.Open(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return open("dev"), a
}

// identity is GetEmailIdentity's answer, as the API reference has it.
func identity(verified bool, dkim, from string) string {
	return fmt.Sprintf(`{"IdentityType":"DOMAIN","FeedbackForwardingStatus":true,"VerifiedForSendingStatus":%v,"DkimAttributes":{"SigningEnabled":true,
		"Status":"%s","Tokens":["t1","t2","t3"],"SigningAttributesOrigin":"AWS_SES"},"MailFromAttributes":{%s"BehaviorOnMxFailure":"USE_DEFAULT_VALUE"}}`, verified, dkim, from)
}

const path = "GET /v2/email/identities/kiln.example"

func TestIdentity(t *testing.T) {
	tokens := []string{"t1", "t2", "t3"}
	for name, c := range map[string]struct {
		body string
		want sender.Identity
	}{
		"pending":         {identity(false, "PENDING", ""), sender.Identity{Status: sender.Pending, Tokens: tokens}},
		"verified":        {identity(true, "SUCCESS", ""), sender.Identity{Status: sender.Verified, Tokens: tokens}},
		"failed":          {identity(false, "FAILED", ""), sender.Identity{Status: sender.Failed, Tokens: tokens}},
		"looked at again": {identity(true, "TEMPORARY_FAILURE", ""), sender.Identity{Status: sender.Pending, Tokens: tokens}},
		"without a signature": {
			`{"IdentityType":"DOMAIN","VerifiedForSendingStatus":true,"DkimAttributes":{"SigningEnabled":false,"Status":"NOT_STARTED"}}`,
			sender.Identity{Status: sender.Pending},
		},
		"nothing of DKIM": {`{"VerifiedForSendingStatus":true}`, sender.Identity{Status: sender.Pending}},
		"an envelope": {
			identity(true, "SUCCESS", `"MailFromDomain":"b.kiln.example","MailFromDomainStatus":"PENDING",`),
			sender.Identity{Status: sender.Verified, Tokens: tokens, MailFrom: "b.kiln.example", MailFromStatus: "PENDING"},
		},
	} {
		p, _ := open(t, map[string]answer{path: {200, c.body}})
		c.want.Domain = "kiln.example"
		got, err := p.Identity(ctx, "kiln.example")
		if diff := cmp.Diff(c.want, got); diff != "" || err != nil {
			t.Errorf("%s: %v\n%s", name, err, diff)
		}
	}
}

func TestProveAndForget(t *testing.T) {
	const create, remove = "POST /v2/email/identities", "DELETE /v2/email/identities/kiln.example"
	p, a := open(t, map[string]answer{
		create: {200, `{"IdentityType":"DOMAIN","VerifiedForSendingStatus":false,"DkimAttributes":{"SigningEnabled":true,"Status":"NOT_STARTED","Tokens":["t1","t2","t3"]}}`},
		remove: {200, `{}`},
	})
	got, made, err := p.Prove(ctx, "kiln.example")
	if err != nil || !made || got.Status != sender.Pending || len(got.Tokens) != 3 || got.Domain != "kiln.example" {
		t.Errorf("%+v %v %v", got, made, err)
	}
	if err := p.Forget(ctx, "kiln.example"); err != nil {
		t.Error(err)
	}
	if want := []string{create + ` {"EmailIdentity":"kiln.example","Tags":[{"Key":"parley","Value":"dev"}]}`, remove}; cmp.Diff(want, a.got) != "" {
		t.Errorf("%q", a.got)
	}
	p, _ = open(t, map[string]answer{create: {400, "AlreadyExistsException"}, path: {200, identity(true, "SUCCESS", "")}, remove: {404, "NotFoundException"}})
	if got, made, err := p.Prove(ctx, "kiln.example"); err != nil || made || got.Status != sender.Verified {
		t.Errorf("%+v %v %v", got, made, err)
	}
	if err := p.Forget(ctx, "kiln.example"); err != nil {
		t.Errorf("forgetting what is gone: %v", err)
	}
}

func TestAccount(t *testing.T) {
	p, _ := open(t, map[string]answer{"GET /v2/email/account": {200, `{"DedicatedIpAutoWarmupEnabled":false,"EnforcementStatus":"HEALTHY","ProductionAccessEnabled":false,
		"SendingEnabled":true,"SendQuota":{"Max24HourSend":200,"MaxSendRate":1,"SentLast24Hours":7},"SuppressionAttributes":{"SuppressedReasons":["BOUNCE","COMPLAINT"]}}`}})
	if got, err := p.Account(ctx); err != nil || got != (sender.Account{Enabled: true, Quota: 200}) {
		t.Errorf("%+v %v", got, err)
	}
}

func TestSuppression(t *testing.T) {
	const at = "/v2/email/suppression/addresses/a%2Bb%40x.example"
	p, _ := open(t, map[string]answer{
		"GET " + at:    {200, `{"SuppressedDestination":{"EmailAddress":"a+b@x.example","Reason":"BOUNCE","LastUpdateTime":1772442000.0,"Attributes":{"MessageId":"m"}}}`},
		"DELETE " + at: {200, `{}`},
	})
	want := sender.Suppressed{Address: "a+b@x.example", Reason: "BOUNCE", At: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	if got, err := p.Suppressed(ctx, "a+b@x.example"); err != nil || got != want {
		t.Errorf("%+v %v", got, err)
	}
	if err := p.Lift(ctx, "a+b@x.example"); err != nil {
		t.Error(err)
	}
}

func TestWhatRefusalsMean(t *testing.T) {
	for kind, c := range map[string]struct {
		status int
		code   fault.Code
	}{
		"NotFoundException": {404, fault.NotFound}, "TooManyRequestsException": {429, fault.Busy}, "BadRequestException": {400, fault.Invalid},
		"LimitExceededException": {400, fault.Invalid}, "InternalServiceErrorException": {500, fault.Internal}, "AccessDeniedException": {403, fault.Internal},
	} {
		refuse := answer{c.status, kind}
		p, _ := open(t, map[string]answer{path: refuse, "POST /v2/email/identities": refuse, "DELETE /v2/email/suppression/addresses/x%40y.example": refuse, "GET /v2/email/account": refuse})
		_, one := p.Identity(ctx, "kiln.example")
		_, _, two := p.Prove(ctx, "kiln.example")
		_, three := p.Account(ctx)
		for _, err := range []error{one, two, three, p.Lift(ctx, "x@y.example")} {
			if fault.CodeOf(err) != c.code {
				t.Errorf("%s: %v", kind, err)
			}
		}
	}
}
