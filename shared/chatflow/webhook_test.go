package chatflow

import (
	"maps"
	"strings"
	"testing"
	"time"

	"parley/shared/fault"
)

func TestAWebhooksAnswer(t *testing.T) {
	s := WebhookStep{Map: map[string]string{"plan": "account.plan", "n": "items.1.n", "ok": "ok", "none": "account.gone.deep", "list": "items", "far": "items.9"}}
	vars, err := s.Read(200, []byte(`{"account":{"plan":"gold"},"items":[{"n":1},{"n":12345678901234567890.5}],"ok":true}`))
	want := map[string]string{"plan": "gold", "n": "12345678901234567890.5", "ok": "true", "none": "", "list": "", "far": ""}
	if err != nil || !maps.Equal(vars, want) {
		t.Errorf("%v %v", vars, err)
	}
	if vars, err := s.Read(200, []byte(`{"account":{"plan":"`+strings.Repeat("é", MaxVariable)+`"}}`)); err != nil || len(vars["plan"]) > MaxVariable {
		t.Errorf("%d bytes are kept: %v", len(vars["plan"]), err)
	}
	for status, body := range map[int]string{500: `{}`, 302: `{}`, 200: `<html>`} {
		if _, err := s.Read(status, []byte(body)); !fault.Is(err, fault.Invalid) {
			t.Errorf("%d %s: %v", status, body, err)
		}
	}
	if _, err := (WebhookStep{}).Read(204, nil); err != nil {
		t.Error(err)
	}
}

func TestAWebhooksSignature(t *testing.T) {
	// printf '1795683600.{}' | openssl dgst -sha256 -hmac key
	got := Sign([]byte("key"), time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC), []byte("{}"))
	if want := "t=1795683600,v1=364254cc865a2a917aca11fc0c636af49f0828203aea6ab6c3eebfa8af3e0f1b"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	e := Effect{ID: "3.0", Step: "w"}
	if c := e.Call("t1", "f1"); c.ID != "t1.3.0" || c.Answers == nil || c.Contact == nil {
		t.Errorf("%+v", c)
	}
}
