package flows

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

// TestFlowABotGivesAFile: what an agent brings for a bot reaches whoever has its address, a picture from our own door and a file from the bucket.
func TestFlowABotGivesAFile(t *testing.T) {
	s := flow(t)
	v := s.enter()
	id := v.publishes(`{"start":"a","steps":[{"id":"a","kind":"end","end":{"text":"Bye"}}]}`)
	const picture, list = "\x89PNG\r\n\x1a\n a blue cup", "<script>alert(1)</script>"
	type kept struct {
		ID      string `json:"id"`
		Name    string `json:"name"`
		Type    string `json:"type"`
		Size    int64  `json:"size"`
		Picture bool   `json:"picture,omitempty"`
	}
	keep := func(name, kind, content string) (f kept) {
		t.Helper()
		s.call("POST", "/chats/"+v.account+"/flows/"+id+"/bot/files", map[string]string{"upload": s.upload(name, kind, []byte(content)), "name": name}, &f)
		return f
	}
	cup, prices := keep("cup.png", "image/png", picture), keep("Prices.html", "text/html", list)
	if !cup.Picture || prices.Picture {
		t.Errorf("%+v %+v", cup, prices)
	}
	raw, err := json.Marshal([]any{map[string]any{"file": cup, "alt": "A cup"}, map[string]any{"file": prices}})
	if err != nil {
		t.Fatal(err)
	}
	id = v.publishes(`{"start":"a","steps":[{"id":"a","kind":"message","message":{"bubbles":` + string(raw) + `},"next":"b"},{"id":"b","kind":"end","end":{}}]}`)
	var config struct {
		Flows []struct {
			ID      string
			Opening []struct{ File *kept }
		}
	}
	v.ask("GET", "config", shop, nil, &config)
	for _, f := range config.Flows {
		if f.ID == id && (len(f.Opening) != 2 || *f.Opening[0].File != cup || *f.Opening[1].File != prices) {
			t.Errorf("opening %+v", f.Opening)
		}
	}
	for _, c := range []struct {
		of              kept
		kind, how, what string
	}{{cup, "image/png", "", picture}, {prices, "text/html", "attachment", list}} {
		a, err := http.Get(s.API + "/visitor/" + v.account + "/file/" + c.of.ID)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(a.Body)
		a.Body.Close()
		if err != nil || a.StatusCode != http.StatusOK || string(body) != c.what {
			t.Errorf("%s: %d %q, %v", c.of.Name, a.StatusCode, body, err)
		}
		if got := a.Header.Get("Content-Disposition"); a.Header.Get("Content-Type") != c.kind || !strings.HasPrefix(got, c.how) {
			t.Errorf("%s: %s, %s", c.of.Name, a.Header.Get("Content-Type"), got)
		}
	}
}
