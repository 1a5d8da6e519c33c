package visitorapi_test

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"time"

	"parley/events"
	"parley/shared/host/hosttest"
	"parley/shared/store"
)

func TestFilesOfBots(t *testing.T) {
	w := open(t)
	ctx := hosttest.Context()
	other, err := w.st.Chats.Create(ctx, events.Actor{ID: "mara"}, w.inbox, "Other", shop)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []events.BotFile{{ID: "pic", Name: "cup.png", Type: "image/png", Size: 3, Picture: true}, {ID: "page", Name: "a.html", Type: "text/html", Size: 3}} {
		w.Put("files", store.BotFileKey(f.ID), []byte("abc"))
		if err := w.st.Bots.KeepFile(ctx, w.account.ID, f); err != nil {
			t.Fatal(err)
		}
	}
	w.Pass(time.Minute)
	a := w.call("GET", w.account.ID+"/file/pic", "", "", "") // a picture of a page says no origin and has no token
	raw := []byte(a.Body)
	if a.Base64 {
		raw, _ = base64.StdEncoding.DecodeString(a.Body)
	}
	if a.Status != 200 || string(raw) != "abc" || a.Headers["content-type"] != "image/png" || a.Headers["x-content-type-options"] != "nosniff" || !strings.Contains(a.Headers["cache-control"], "immutable") {
		t.Errorf("%d %v %q", a.Status, a.Headers, raw)
	}
	a = w.call("GET", w.account.ID+"/file/page", "", "", "")
	if a.Status != http.StatusFound || a.Body != "" || !strings.Contains(a.Headers["location"], store.BotFileKey("page")) || !strings.HasSuffix(a.Headers["location"], "name=a.html") {
		t.Errorf("%d %v %q", a.Status, a.Headers, a.Body)
	}
	for name, path := range map[string]string{"none": w.account.ID + "/file/x", "another chat's": other.ID + "/file/pic", "a face": w.account.ID + "/file/..%2Ffaces%2Fx"} {
		if a := w.call("GET", path, "", "", ""); a.Status != 404 {
			t.Errorf("%s: %d %s", name, a.Status, a.Body)
		}
	}
	if a := w.call("GET", w.account.ID+"/file/pic", "https://evil.example", "", ""); a.Status != 403 {
		t.Errorf("a page that may not ask reads it: %d", a.Status)
	}
}
