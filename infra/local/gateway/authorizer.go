package gateway

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"

	"parley/infra/local/quote"
	"parley/shared/fault"
	"parley/shared/identity"
)

// Authorizer is the JWT authorizer. A token that was verified is known by its text until it expires, so that a request costs no signature.
type Authorizer struct {
	verify func(ctx context.Context, token string) (identity.Claims, error)
	now    func() time.Time
	log    *slog.Logger

	mu    sync.RWMutex
	known map[string]verified
}

type verified struct {
	claims  []byte // the authorizer's claims as JSON
	expires time.Time
}

// Tokens remembered before the memory is emptied.
const tokensKnown = 10000

// NewAuthorizer returns an authorizer over the verifier of an issuer.
func NewAuthorizer(verify func(context.Context, string) (identity.Claims, error), now func() time.Time, log *slog.Logger) *Authorizer {
	return &Authorizer{verify: verify, now: now, log: log, known: map[string]verified{}}
}

// check returns the claims of a request's token, or answers 401 as the gateway does.
func (a *Authorizer) check(w http.ResponseWriter, r *http.Request) ([]byte, bool) {
	header := r.Header.Get("Authorization")
	token := header
	if scheme, rest, ok := strings.Cut(header, " "); ok && strings.EqualFold(scheme, "Bearer") {
		token = strings.TrimSpace(rest)
	}
	if token == "" {
		w.Header().Set("WWW-Authenticate", "Bearer")
		refuse(w, http.StatusUnauthorized, "Unauthorized")
		return nil, false
	}
	claims, err := a.claims(r.Context(), token)
	if err == nil {
		return claims, true
	}
	if !fault.Is(err, fault.Denied) {
		a.log.Error("http: the issuer cannot be asked", "error", err)
		refuse(w, http.StatusInternalServerError, "Internal Server Error")
		return nil, false
	}
	w.Header().Set("WWW-Authenticate", `Bearer scope="" error="invalid_token"`)
	refuse(w, http.StatusUnauthorized, "Unauthorized")
	return nil, false
}

func (a *Authorizer) claims(ctx context.Context, token string) ([]byte, error) {
	a.mu.RLock()
	v, ok := a.known[token]
	a.mu.RUnlock()
	if ok && a.now().Before(v.expires) {
		return v.claims, nil
	}
	c, err := a.verify(ctx, token)
	if err != nil {
		return nil, err
	}
	text, err := claimsJSON(token)
	if err != nil {
		return nil, err
	}
	a.mu.Lock()
	if len(a.known) >= tokensKnown {
		clear(a.known)
	}
	a.known[token] = verified{text, c.Expires}
	a.mu.Unlock()
	return text, nil
}

// claimsJSON writes a verified token's claims as the authorizer hands them on: every value a string, lists as "[a b]".
func claimsJSON(token string) ([]byte, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil, fault.New(fault.Denied, "The token is no JWT.")
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return nil, fault.New(fault.Denied, "The token is no JWT.")
	}
	claims := map[string]any{}
	dec := json.NewDecoder(strings.NewReader(string(payload)))
	dec.UseNumber()
	if err := dec.Decode(&claims); err != nil {
		return nil, fault.New(fault.Denied, "The token is no JWT.")
	}
	names := make([]string, 0, len(claims))
	for name := range claims {
		names = append(names, name)
	}
	sort.Strings(names)
	out := []byte{'{'}
	for i, name := range names {
		if i > 0 {
			out = append(out, ',')
		}
		out = quote.Append(out, name)
		out = append(out, ':')
		out = quote.Append(out, claimText(claims[name]))
	}
	return append(out, '}'), nil
}

func claimText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	case nil:
		return "null"
	case []any:
		parts := make([]string, len(v))
		for i := range v {
			parts[i] = claimText(v[i])
		}
		return "[" + strings.Join(parts, " ") + "]"
	}
	out, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(out)
}
