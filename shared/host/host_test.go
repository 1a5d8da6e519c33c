package host_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/shared/host"
)

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

func TestBuildNamesWhatIsMissing(t *testing.T) {
	env := map[string]string{"PARLEY_A": "a", "PARLEY_EMPTY": ""}
	c := host.NewCloud(func(k string) (string, bool) { v, ok := env[k]; return v, ok }, quiet)
	_, err := c.Build(func(c *host.Cloud) (host.Handler, error) {
		c.Env("PARLEY_A")
		c.Env("PARLEY_EMPTY")
		c.Env("PARLEY_B")
		return nil, nil
	})
	if err == nil || !strings.Contains(err.Error(), "PARLEY_B") || strings.Contains(err.Error(), "PARLEY_EMPTY") {
		t.Errorf("error %v", err)
	}
	if got := c.EnvRead(); !slices.Equal(got, []string{"PARLEY_A", "PARLEY_B", "PARLEY_EMPTY"}) {
		t.Errorf("read %v", got)
	}
}

func failures(t *testing.T, h host.Handler, payload string) []string {
	t.Helper()
	raw, err := h.Invoke(host.WithLog(context.Background(), quiet), []byte(payload))
	if err != nil {
		t.Fatal(err)
	}
	var out host.BatchResponse
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	ids := []string{}
	for _, f := range out.Failures {
		ids = append(ids, f.ID)
	}
	return ids
}

func TestAStreamStopsAtTheFirstFailure(t *testing.T) {
	var seen []string
	h := host.Stream(func(_ context.Context, r host.Record) error {
		seen = append(seen, r.EventID)
		if r.EventID == "b" {
			return errors.New("no network")
		}
		return nil
	})
	got := failures(t, h, `{"Records":[
		{"eventID":"a","eventName":"INSERT","dynamodb":{"SequenceNumber":"1"}},
		{"eventID":"b","eventName":"MODIFY","dynamodb":{"SequenceNumber":"2"}},
		{"eventID":"c","eventName":"MODIFY","dynamodb":{"SequenceNumber":"3"}}]}`)
	if !slices.Equal(got, []string{"2"}) || !slices.Equal(seen, []string{"a", "b"}) {
		t.Errorf("failed %v after %v", got, seen)
	}
}

func TestAQueuesMessagesAreIndependent(t *testing.T) {
	h := host.Queue(func(_ context.Context, m host.QueueMessage) error {
		if m.Body == "bad" {
			return errors.New("no network")
		}
		return nil
	})
	got := failures(t, h, `{"Records":[{"messageId":"1","body":"ok"},{"messageId":"2","body":"bad"},{"messageId":"3","body":"ok"}]}`)
	if !slices.Equal(got, []string{"2"}) {
		t.Errorf("failed %v", got)
	}
}

func TestHTTP(t *testing.T) {
	h := host.HTTP(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("X-Seen", strings.Join([]string{
			r.Method, r.URL.Path, r.URL.Query().Get("q"), r.Header.Get("X-In"), r.Host, string(body), host.RequestEvent(r.Context()).RequestContext.RequestID,
		}, "|"))
		if c, err := r.Cookie("b"); err == nil {
			http.SetCookie(w, c)
		}
		if r.Method == http.MethodPut {
			w.WriteHeader(http.StatusTeapot)
			_, _ = w.Write([]byte{0xff, 0xfe})
			return
		}
		_, _ = io.WriteString(w, "grüß")
	}))
	call := func(payload string) host.HTTPAnswer {
		raw, err := h.Invoke(context.Background(), []byte(payload))
		if err != nil {
			t.Fatal(err)
		}
		var a host.HTTPAnswer
		if err := json.Unmarshal(raw, &a); err != nil {
			t.Fatal(err)
		}
		return a
	}
	got := call(`{"version":"2.0","rawPath":"/api/a%2Fb","rawQueryString":"q=1%202","cookies":["a=1","b=2"],"headers":{"x-in":"yes"},"body":"aGk=","isBase64Encoded":true,
		"requestContext":{"requestId":"r1","domainName":"parley.example","http":{"method":"POST","path":"/api/a/b","sourceIp":"192.0.2.1"}}}`)
	want := host.HTTPAnswer{Status: 200, Headers: map[string]string{"x-seen": "POST|/api/a/b|1 2|yes|parley.example|hi|r1"}, Cookies: []string{"b=2"}, Body: "grüß"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("answer (-want +got):\n%s", d)
	}
	got = call(`{"rawPath":"/x","requestContext":{"http":{"method":"PUT"}}}`)
	if got.Status != http.StatusTeapot || got.Body != "//4=" || !got.Base64 {
		t.Errorf("bytes that are no text: %+v", got)
	}
	if got := call(`{"rawPath":"/x","body":"%","isBase64Encoded":true,"requestContext":{"http":{"method":"PUT"}}}`); got.Status != http.StatusBadRequest {
		t.Errorf("malformed base64: %+v", got)
	}
}

// TestLongAnswersFit: whatever its bytes are, an answer of 4 MB fits what Lambda takes.
func TestLongAnswersFit(t *testing.T) {
	for name, piece := range map[string]string{"nothing": "\x00", "quotes": `"`, "tags": "<", "words": "word ", "no text": "\xff"} {
		body := strings.Repeat(piece, 4<<20/len(piece))
		h := host.HTTP(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, body) }))
		raw, err := h.Invoke(context.Background(), []byte(`{"rawPath":"/","requestContext":{"http":{"method":"GET"}}}`))
		if err != nil || len(raw) > 6_000_000 {
			t.Errorf("%s: %d bytes, %v", name, len(raw), err)
			continue
		}
		var a host.HTTPAnswer
		if err := json.Unmarshal(raw, &a); err != nil {
			t.Fatal(err)
		}
		if got, err := base64.StdEncoding.DecodeString(a.Body); err != nil || string(got) != body || !a.Base64 {
			t.Errorf("%s: %d bytes come out, %v", name, len(got), err)
		}
	}
}

func TestIDsGrow(t *testing.T) {
	last := ""
	for range 1000 {
		id := host.NewID()
		if len(id) != 26 || id != strings.ToLower(id) || id <= last {
			t.Fatalf("%q after %q", id, last)
		}
		last = id
	}
}
