package agentapi_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"parley/events"
	"parley/shared/chatflow"
	"parley/shared/limit"
	"parley/shared/store"
)

// pngBytes is what a picture's bytes begin with.
const pngBytes = "\x89PNG\r\n\x1a\n and so on"

func (w *world) keep(path, upload, name string) answer {
	w.Helper()
	body, _ := json.Marshal(map[string]string{"upload": upload, "name": name})
	return w.mara("POST", path+"/files", string(body))
}

func TestFilesOfBots(t *testing.T) {
	w := newWorld(t)
	path := w.newBot()
	ids := map[string]bool{}
	for name, c := range map[string]struct {
		kind, content, file string
		want                events.BotFile
	}{
		"a price list":              {"application/pdf", "PDF", "../Prices 2027.pdf", events.BotFile{Name: "Prices 2027.pdf", Type: "application/pdf"}},
		"a picture":                 {"image/png", pngBytes, "cup.png", events.BotFile{Name: "cup.png", Type: "image/png", Picture: true}},
		"a picture of another kind": {"image/gif", pngBytes, "cup.gif", events.BotFile{Name: "cup.gif", Type: "image/png", Picture: true}},
		"a page as a picture":       {"image/png", "<script>alert(1)</script>", "cup.png", events.BotFile{Name: "cup.png", Type: "image/png"}},
		"a drawing that can run":    {"image/svg+xml", "<svg onload='alert(1)'/>", "cup.svg", events.BotFile{Name: "cup.svg", Type: "image/svg+xml"}},
		"a page":                    {"text/html", "<script>alert(1)</script>", "a.html", events.BotFile{Name: "a.html", Type: "text/html"}},
		"a large picture":           {"image/png", pngBytes + strings.Repeat("x", limit.PictureBytes), "big.png", events.BotFile{Name: "big.png", Type: "image/png"}},
	} {
		var got events.BotFile
		w.keep(path, w.upload(c.file, c.kind, c.content), c.file).into(201, &got)
		c.want.ID, c.want.Size = got.ID, int64(len(c.content))
		if got != c.want || len(got.ID) != 26 || ids[got.ID] {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
		if ids[got.ID] = true; w.object(store.BotFileKey(got.ID)) != c.content {
			t.Errorf("%s: it is not kept", name)
		}
	}
	for name, c := range map[string]struct {
		upload, file string
		status       int
	}{
		"nothing uploaded": {"01234567890123456789012345", "a.pdf", 404},
		"no id":            {"../faces/x", "a.pdf", 404},
		"a line break":     {w.upload("a.pdf", "application/pdf", "x"), "a\r\nb.pdf", 422},
		"a program":        {w.upload("a.pdf", "application/pdf", "x"), "a.exe", 422},
		"too large":        {w.upload("b.zip", "application/zip", strings.Repeat("x", limit.BotFileBytes+1)), "b.zip", 422},
	} {
		if a := w.keep(path, c.upload, c.file); a.status != c.status {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	if a := w.keep(strings.Replace(path, "/flows/", "/flows/x", 1), w.upload("a.pdf", "application/pdf", "x"), "a.pdf"); a.status != 404 {
		t.Errorf("no bot: %d", a.status)
	}
}

// A bot is published with files of its own chat, named as they are.
func TestABotNamesFilesThatThereAre(t *testing.T) {
	w := newWorld(t)
	path, other := w.newBot(), w.newBot()
	var f events.BotFile
	w.keep(path, w.upload("a.pdf", "application/pdf", "PDF"), "a.pdf").into(201, &f)
	says := func(f events.BotFile) string {
		raw, _ := json.Marshal(f)
		return fmt.Sprintf(`{"start":"a","steps":[{"id":"a","kind":"message","next":"b","message":{"bubbles":[{"file":%s}]}},{"id":"b","kind":"end","end":{}}]}`, raw)
	}
	lies := f
	lies.Type = "text/html"
	for name, c := range map[string]struct {
		path string
		f    events.BotFile
		want int
	}{"as it is": {path, f, 0}, "as it is not": {path, lies, 1}, "of another chat": {other, f, 1}} {
		var got struct{ Findings []chatflow.Finding }
		w.mara("POST", c.path+"/check", `{"graph":`+says(c.f)+`}`).into(200, &got)
		if len(got.Findings) != c.want || c.want > 0 && got.Findings[0].Fault != chatflow.FaultGone {
			t.Errorf("%s: %+v", name, got.Findings)
		}
	}
	d := w.draft(path, says(f), 0)
	w.mara("POST", path+"/publish", fmt.Sprintf(`{"revision":%d}`, d.Draft.Revision)).into(200, nil)
}
