package cognito_test

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
	"parley/shared/identity"
	"parley/shared/identity/cognito"
)

var ctx = context.Background()

// fake answers Cognito's JSON 1.1 protocol; refuse names the error of an operation.
type fake struct {
	mu     sync.Mutex
	calls  []string
	bodies []map[string]any
	refuse map[string]string
}

const (
	target = "AWSCognitoIdentityProviderService."
	attrs  = `[{"Name":"email","Value":"mara@parley.example"},{"Name":"sub","Value":"sub-1"}]`
)

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	call := strings.TrimPrefix(r.Header.Get("X-Amz-Target"), target)
	var body map[string]any
	_ = json.NewDecoder(r.Body).Decode(&body)
	f.calls, f.bodies = append(f.calls, call), append(f.bodies, body)
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	if code := f.refuse[call]; code != "" {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `{"__type":%q,"message":"the reason"}`, code)
		return
	}
	switch call {
	case "AdminCreateUser":
		fmt.Fprint(w, `{"User":{"Username":"sub-1","Enabled":true,"UserStatus":"FORCE_CHANGE_PASSWORD","Attributes":`+attrs+`}}`)
	case "AdminGetUser":
		fmt.Fprint(w, `{"Username":"sub-1","Enabled":true,"UserStatus":"CONFIRMED","UserAttributes":`+attrs+`}`)
	default:
		fmt.Fprint(w, `{}`)
	}
}

func open(t *testing.T, f *fake) identity.Directory {
	t.Helper()
	srv := httptest.NewServer(f)
	t.Cleanup(srv.Close)
	for k, v := range map[string]string{
		"AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": srv.URL, "AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s",
		"AWS_CONFIG_FILE": "/nonexistent", "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent", "AWS_MAX_ATTEMPTS": "1",
	} {
		t.Setenv(k, v)
	}
	directories, err := cognito.Open(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return directories("eu-west-1_pool")
}

func TestInvite(t *testing.T) {
	f := &fake{}
	sub, err := open(t, f).Invite(ctx, " Mara@Parley.example", "Mara Lind")
	if err != nil || sub != "sub-1" {
		t.Fatalf("%q %v", sub, err)
	}
	pair := func(name, value string) any { return map[string]any{"Name": name, "Value": value} }
	want := map[string]any{
		"UserPoolId": "eu-west-1_pool", "Username": "mara@parley.example", "DesiredDeliveryMediums": []any{"EMAIL"},
		"UserAttributes": []any{pair("email", "mara@parley.example"), pair("email_verified", "true"), pair("name", "Mara Lind")},
	}
	if !reflect.DeepEqual(f.calls, []string{"AdminCreateUser"}) || !reflect.DeepEqual(f.bodies[0], want) {
		t.Errorf("%v %v", f.calls, f.bodies)
	}
}

func TestInviteTwice(t *testing.T) {
	f := &fake{refuse: map[string]string{"AdminCreateUser": "UsernameExistsException"}}
	d := open(t, f)
	sub, err := d.Invite(ctx, "mara@parley.example", "")
	if err != nil || sub != "sub-1" || !reflect.DeepEqual(f.calls, []string{"AdminCreateUser", "AdminGetUser"}) {
		t.Fatalf("%q %v %v", sub, err, f.calls)
	}
	if f.bodies[1]["Username"] != "mara@parley.example" || f.bodies[1]["UserPoolId"] != "eu-west-1_pool" {
		t.Errorf("asked for %v", f.bodies[1])
	}
	if n := len(f.bodies[0]["UserAttributes"].([]any)); n != 2 {
		t.Errorf("%d attributes without a name", n)
	}
}

func TestInviteNobody(t *testing.T) {
	f := &fake{}
	if _, err := open(t, f).Invite(ctx, "mara", ""); !fault.Is(err, fault.Invalid) || len(f.calls) != 0 {
		t.Errorf("%v %v", err, f.calls)
	}
}

func TestAccess(t *testing.T) {
	f := &fake{}
	d := open(t, f)
	if err := d.Disable(ctx, "sub-1"); err != nil {
		t.Fatal(err)
	}
	if err := d.Enable(ctx, "sub-1"); err != nil {
		t.Fatal(err)
	}
	if want := []string{"AdminDisableUser", "AdminUserGlobalSignOut", "AdminEnableUser"}; !reflect.DeepEqual(f.calls, want) {
		t.Errorf("%v", f.calls)
	}
	for i, body := range f.bodies {
		if !reflect.DeepEqual(body, map[string]any{"UserPoolId": "eu-west-1_pool", "Username": "sub-1"}) {
			t.Errorf("%s %v", f.calls[i], body)
		}
	}
}

func TestErrors(t *testing.T) {
	for name, want := range map[string]fault.Code{
		"UserNotFoundException": fault.NotFound, "InvalidParameterException": fault.Invalid, "TooManyRequestsException": fault.Busy,
		"LimitExceededException": fault.Busy, "CodeDeliveryFailureException": fault.Busy, "NotAuthorizedException": fault.Internal,
		"InternalErrorException": fault.Internal,
	} {
		for call, do := range map[string]func(identity.Directory) error{
			"AdminCreateUser":        func(d identity.Directory) error { _, err := d.Invite(ctx, "mara@parley.example", ""); return err },
			"AdminDisableUser":       func(d identity.Directory) error { return d.Disable(ctx, "sub-1") },
			"AdminUserGlobalSignOut": func(d identity.Directory) error { return d.Disable(ctx, "sub-1") },
			"AdminEnableUser":        func(d identity.Directory) error { return d.Enable(ctx, "sub-1") },
		} {
			err := do(open(t, &fake{refuse: map[string]string{call: name}}))
			if err == nil || fault.CodeOf(err) != want {
				t.Errorf("%s of %s: %v, want %s", name, call, err, want)
			}
		}
	}
}
