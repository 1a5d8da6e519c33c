package ses_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"testing"

	"parley/shared/fault"
	"parley/shared/mailer"
	"parley/shared/mailer/ses"
)

var ctx = context.Background()

type request struct {
	FromEmailAddress, ConfigurationSetName string
	Destination                            struct{ ToAddresses []string }
	Content                                struct{ Raw struct{ Data []byte } }
	EmailTags                              []struct{ Name, Value string }
}

// server answers with status and error type; status 0 breaks the connection off.
type server struct {
	mu     sync.Mutex
	status int
	kind   string
	calls  int
	got    request
	path   string
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls++
	s.path = r.URL.Path
	s.got = request{}
	_ = json.NewDecoder(r.Body).Decode(&s.got)
	switch {
	case s.status == 0:
		panic(http.ErrAbortHandler)
	case s.status == 200:
		fmt.Fprint(w, `{"MessageId":"0102018f-x-000000"}`)
	default:
		w.Header().Set("X-Amzn-ErrorType", s.kind)
		w.WriteHeader(s.status)
		fmt.Fprint(w, `{"message":"the reason"}`)
	}
}

func open(t *testing.T, s *server) mailer.Mailer {
	t.Helper()
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	for k, v := range map[string]string{
		"AWS_ENDPOINT_URL_SESV2": srv.URL, "AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s",
		"AWS_CONFIG_FILE": "/nonexistent", "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
	} {
		t.Setenv(k, v)
	}
	mailers, err := ses.Open(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return mailers("parley-dev")
}

func envelope() mailer.Envelope {
	return mailer.Envelope{From: "support@example.com", To: []string{"a@example.org", "b@example.org"}, Raw: []byte("Subject: x\r\n\r\nhi"), Tags: map[string]string{"ob": "1", "n": "2"}}
}

func TestSend(t *testing.T) {
	s := &server{status: 200}
	id, err := open(t, s).Send(ctx, envelope())
	if err != nil || id != "0102018f-x-000000" || s.path != "/v2/email/outbound-emails" {
		t.Fatal(id, err, s.path)
	}
	var want request
	want.FromEmailAddress, want.ConfigurationSetName = "support@example.com", "parley-dev"
	want.Destination.ToAddresses = []string{"a@example.org", "b@example.org"}
	want.Content.Raw.Data = []byte("Subject: x\r\n\r\nhi")
	want.EmailTags = []struct{ Name, Value string }{{"n", "2"}, {"ob", "1"}}
	if !reflect.DeepEqual(s.got, want) {
		t.Errorf("got %+v", s.got)
	}
}

func TestAnswers(t *testing.T) {
	s := &server{}
	m := open(t, s)
	for _, c := range []struct {
		status int
		kind   string
		want   fault.Code
	}{
		{400, "MessageRejected", fault.Invalid},
		{400, "MailFromDomainNotVerifiedException", fault.Invalid},
		{400, "BadRequestException", fault.Invalid},
		{400, "AccountSuspendedException", fault.Invalid},
		{404, "NotFoundException", fault.Invalid},
		{400, "SendingPausedException", fault.Busy},
		{429, "TooManyRequestsException", fault.Busy},
		{400, "LimitExceededException", fault.Busy},
		{403, "AccessDeniedException", fault.Busy},
		{403, "ExpiredTokenException", fault.Busy},
		{408, "RequestTimeout", fault.Internal},
		{500, "InternalFailure", fault.Internal},
		{503, "ServiceUnavailable", fault.Internal},
		{0, "", fault.Internal},
	} {
		s.mu.Lock()
		s.status, s.kind, s.calls = c.status, c.kind, 0
		s.mu.Unlock()
		id, err := m.Send(ctx, envelope())
		if id != "" || fault.CodeOf(err) != c.want {
			t.Errorf("%d %s: %q %v, want %s", c.status, c.kind, id, err, c.want)
		}
		s.mu.Lock()
		if s.calls != 1 {
			t.Errorf("%d %s: sent %d times", c.status, c.kind, s.calls)
		}
		s.mu.Unlock()
	}
}

func TestRefusesBeforeSending(t *testing.T) {
	s := &server{status: 200}
	m := open(t, s)
	for what, change := range map[string]func(e *mailer.Envelope){
		"nobody": func(e *mailer.Envelope) { e.To = nil }, "many": func(e *mailer.Envelope) { e.To = strings.Fields(strings.Repeat("a@b ", 51)) },
		"empty": func(e *mailer.Envelope) { e.Raw = nil }, "name": func(e *mailer.Envelope) { e.To[0] = "A <a@b>" },
		"break": func(e *mailer.Envelope) { e.From = "a@b\r\nRCPT" }, "no at": func(e *mailer.Envelope) { e.From = "a" }, "tag": func(e *mailer.Envelope) { e.Tags["x"] = "a b" },
	} {
		e := envelope()
		change(&e)
		if _, err := m.Send(ctx, e); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if s.calls != 0 {
		t.Errorf("%d calls", s.calls)
	}
}
