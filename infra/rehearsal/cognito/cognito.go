// Package cognito is the rehearsal's user pool: five administrative calls over the accounts of our own issuer.
//
// Owns: who may call what on which pool, and Cognito's answers. Never: accounts, passwords and tokens (infra/local/issuer).
// Imported by: infra/rehearsal.
//
// Source: Amazon Cognito user pools API reference, the page of each call; "Actions, resources, and condition keys for Amazon Cognito User Pools".
package cognito

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync"

	"parley/infra/local/issuer"
	"parley/infra/rehearsal/cloud"
	"parley/infra/rehearsal/iam"
	"parley/shared/fault"
)

// Accounts are what the pool's accounts are kept in: the issuer that plays Cognito's sign-in.
type Accounts interface {
	Find(name string) (issuer.User, error) // by email or sub; fault.NotFound if there is none
	Invite(ctx context.Context, email, name string) (sub string, err error)
	Disable(ctx context.Context, sub string) error
	Enable(ctx context.Context, sub string) error
	SignOut(ctx context.Context, sub string) error
}

// Endpoint is the service's handler.
type Endpoint struct {
	Pool     string // its id
	Arn      string
	Accounts Accounts

	mu sync.Mutex // creating looks first
}

type attribute struct{ Name, Value string }

type request struct {
	UserPoolID             string `json:"UserPoolId"`
	Username               string
	UserAttributes         []attribute
	DesiredDeliveryMediums []string
}

// Prefix is what X-Amz-Target begins with.
const Prefix = "AWSCognitoIdentityProviderService."

func (e *Endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	operation, ours := strings.CutPrefix(r.Header.Get("X-Amz-Target"), Prefix)
	do, known := map[string]func(context.Context, request) (any, error){
		"AdminCreateUser": e.create, "AdminGetUser": e.get,
		"AdminDisableUser":       e.with(e.Accounts.Disable),
		"AdminEnableUser":        e.with(e.Accounts.Enable),
		"AdminUserGlobalSignOut": e.with(e.Accounts.SignOut),
	}[operation]
	if !ours || !known {
		cloud.RefuseJSON(w, http.StatusBadRequest, "UnknownOperationException", "the rehearsal does not know "+operation)
		return
	}
	var in request
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in.UserPoolID == "" || in.Username == "" {
		cloud.RefuseJSON(w, http.StatusBadRequest, "InvalidParameterException", "a user pool and a username are required")
		return
	}
	resource := e.Arn
	if in.UserPoolID != e.Pool {
		resource = strings.TrimSuffix(e.Arn, e.Pool) + in.UserPoolID
	}
	if !cloud.Allow(w, r, iam.Request{Action: "cognito-idp:" + operation, Resource: resource}) {
		return
	}
	if in.UserPoolID != e.Pool {
		cloud.RefuseJSON(w, http.StatusBadRequest, "ResourceNotFoundException", "User pool "+in.UserPoolID+" does not exist.")
		return
	}
	out, err := do(r.Context(), in)
	if err != nil {
		refuse(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	_ = json.NewEncoder(w).Encode(out) // writes to memory
}

func refuse(w http.ResponseWriter, err error) {
	code := "InternalErrorException"
	switch fault.CodeOf(err) {
	case fault.NotFound:
		code = "UserNotFoundException"
	case fault.Conflict:
		code = "UsernameExistsException"
	case fault.Invalid:
		code = "InvalidParameterException"
	}
	cloud.RefuseJSON(w, http.StatusBadRequest, code, fault.MessageOf(err))
}

// create wants what our pool wants: an address as the name, and an invitation by mail.
func (e *Endpoint) create(ctx context.Context, in request) (any, error) {
	values := map[string]string{}
	for _, a := range in.UserAttributes {
		values[a.Name] = a.Value
	}
	if values["email"] != in.Username || values["email_verified"] != "true" {
		return nil, fault.New(fault.Invalid, "the email attribute is to be the user's name, and verified")
	}
	if len(in.DesiredDeliveryMediums) != 1 || in.DesiredDeliveryMediums[0] != "EMAIL" { // Cognito's default is SMS
		return nil, fault.New(fault.Invalid, "no invitation by mail")
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if _, err := e.Accounts.Find(in.Username); !fault.Is(err, fault.NotFound) {
		return nil, fault.New(fault.Conflict, "An account with the given email already exists.")
	}
	if _, err := e.Accounts.Invite(ctx, in.Username, values["name"]); err != nil {
		return nil, err
	}
	u, err := e.Accounts.Find(in.Username)
	return map[string]any{"User": map[string]any{"Username": u.Sub, "Attributes": attributes(u), "Enabled": true, "UserStatus": "FORCE_CHANGE_PASSWORD"}}, err
}

func (e *Endpoint) get(_ context.Context, in request) (any, error) {
	u, err := e.Accounts.Find(in.Username)
	return map[string]any{"Username": u.Sub, "UserAttributes": attributes(u), "Enabled": !u.Disabled, "UserStatus": "CONFIRMED"}, err
}

func attributes(u issuer.User) []attribute {
	return []attribute{{"sub", u.Sub}, {"email", u.Email}, {"email_verified", "true"}, {"name", u.Name}}
}

// with is a call that does something to one user and answers with nothing.
func (e *Endpoint) with(do func(ctx context.Context, sub string) error) func(context.Context, request) (any, error) {
	return func(ctx context.Context, in request) (any, error) {
		u, err := e.Accounts.Find(in.Username)
		if err != nil {
			return nil, err
		}
		return struct{}{}, do(ctx, u.Sub)
	}
}
