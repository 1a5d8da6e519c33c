package host

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func sameAsJSON(t interface {
	Fatalf(string, ...any)
}, raw []byte,
) {
	var want, got HTTPEvent
	if err := json.Unmarshal(raw, &want); err != nil {
		t.Fatalf("%v", err)
	}
	if err := got.decode(raw); err != nil {
		t.Fatalf("%v: %s", err, raw)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Fatalf("encoding/json reads it otherwise (-json +ours):\n%s", d)
	}
}

func TestDecodeSamples(t *testing.T) {
	files, _ := filepath.Glob("../../events/samples/http/*.json")
	if len(files) < 3 {
		t.Fatalf("samples: %v", files)
	}
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		sameAsJSON(t, raw)
	}
}

// Any event reads the same as by encoding/json, with members we do not know in between.
func TestDecodeAny(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.MapOf(rapid.String(), rapid.String())
		e := HTTPEvent{
			Version: "2.0", RawPath: rapid.String().Draw(t, "path"), RawQuery: rapid.String().Draw(t, "query"), Body: rapid.String().Draw(t, "body"),
			Base64: rapid.Bool().Draw(t, "base64"), Headers: words.Draw(t, "headers"), Cookies: rapid.SliceOf(rapid.String()).Draw(t, "cookies"),
		}
		e.RequestContext.TimeEpoch = rapid.Int64().Draw(t, "time")
		e.RequestContext.HTTP.Method = rapid.String().Draw(t, "method")
		if rapid.Bool().Draw(t, "authorizer") {
			e.RequestContext.Authorizer = &HTTPAuthorizer{}
			e.RequestContext.Authorizer.JWT.Claims = words.Draw(t, "claims")
			e.RequestContext.Authorizer.JWT.Scopes = rapid.SliceOf(rapid.String()).Draw(t, "scopes")
		}
		raw, err := json.Marshal(e)
		if err != nil {
			t.Fatalf("%v", err)
		}
		raw = append([]byte(`{"pathParameters":{"proxy":{"deep":[[[{}]]]}},"stageVariables":null,`), raw[1:]...)
		sameAsJSON(t, raw)
	})
}

func TestDecodeRefuses(t *testing.T) {
	for _, raw := range []string{
		``, `null`, `7`, `{`, `{"version":2}`, `{"headers":[]}`, `{"headers":{"a":1}}`, `{"cookies":{}}`, `{"cookies":[1]}`, `{"requestContext":7}`,
		`{"requestContext":{"timeEpoch":"x"}}`, `{"requestContext":{"http":""}}`, `{"requestContext":{"authorizer":{"jwt":{"claims":""}}}}`, `{"version":"2.0"} x`,
	} {
		if err := new(HTTPEvent).decode([]byte(raw)); err == nil {
			t.Errorf("%s was taken", raw)
		}
	}
}
