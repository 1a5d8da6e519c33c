package agentapi_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/events"
	"parley/shared/fault"
	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/store"
)

func TestDraftsOfAThread(t *testing.T) {
	w := newWorld(t)
	w.receive("t1")
	const path = "/api/threads/t1/drafts/reply"
	body := `{"html":"<p data-signature=\"\">Dear</p>","text":"Dear","to":[{"email":"half an addr"}],"subject":"s","attachments":[{"upload":"u1","name":"a.pdf","type":"application/pdf","size":3}],"forwards":2,"leaveOut":[1]}`
	var first store.Draft
	a := w.mara("PUT", path, body).into(200, &first)
	if a.headers["etag"] != `"`+first.Tag+`"` || first.Tag == "" {
		t.Errorf("%v %s", a.headers, a.body)
	}
	w.mara("PUT", path, `{"text":"another tab"}`).refused(412, fault.Conflict)
	w.mara("PUT", path, `{"text":"another tab"}`, "If-Match", `"old"`).refused(412, fault.Conflict)
	var second store.Draft
	w.mara("PUT", path, body, "If-Match", a.headers["etag"]).into(200, &second)
	w.mara("PUT", path, body, "If-Match", a.headers["etag"]).refused(412, fault.Conflict)
	w.mara("DELETE", path, "", "If-Match", a.headers["etag"]).refused(412, fault.Conflict)
	w.mara("PUT", "/api/threads/t1/drafts/note", `{"text":"n"}`, "If-Match", "*").into(200, nil)
	var got struct{ Drafts []store.Draft }
	w.mara("GET", "/api/threads/t1/drafts", "").into(200, &got)
	want := store.Draft{
		DraftPlace: store.DraftPlace{Thread: "t1", Mode: "reply"}, Text: "Dear", HTML: `<p data-signature="">Dear</p>`, Subject: "s", Forwards: 2, LeaveOut: []int{1},
		To: []events.Address{{Email: "half an addr"}}, Attachments: []store.DraftFile{{Upload: "u1", Name: "a.pdf", Type: "application/pdf", Size: 3}}, At: second.At, Tag: second.Tag,
	}
	if d := cmp.Diff(want, got.Drafts[0]); d != "" || len(got.Drafts) != 2 {
		t.Errorf("(-want +got):\n%s", d)
	}
	if a := w.call(call{method: "GET", path: "/api/threads/t1/drafts", user: "ivo"}); !strings.Contains(a.body, `"drafts":[]`) {
		t.Errorf("Ivo reads them: %s", a.body)
	}
	var th struct{ Drafts []string }
	w.mara("GET", "/api/threads/t1", "").into(200, &th)
	var list struct{ Threads []struct{ Drafts []string } }
	w.mara("GET", "/api/inboxes/"+w.inbox+"/threads", "").into(200, &list)
	if len(th.Drafts) != 2 || len(list.Threads[0].Drafts) != 2 {
		t.Errorf("marks %v %v", th.Drafts, list.Threads)
	}
	w.mara("DELETE", path, "").into(204, nil)
	w.mara("DELETE", path, "").into(204, nil)
	w.mara("PUT", path, body, "If-Match", `"`+second.Tag+`"`).refused(412, fault.Conflict) // a tab that has not heard of it
	w.mara("PUT", "/api/threads/none/drafts/reply", `{}`).refused(404, fault.NotFound)
	w.mara("PUT", "/api/threads/t1/drafts/poem", `{}`).refused(422, fault.Invalid)
	w.mara("PUT", path, `{"text":"`+strings.Repeat("x", limit.DraftBytes)+`"}`).refused(422, fault.Invalid)
}

func TestDraftsOfNewThreads(t *testing.T) {
	w := newWorld(t)
	w.receive("t1")
	w.mara("GET", "/api/drafts/01firstdraft", "").refused(404, fault.NotFound)
	for _, bad := range []string{"short", "UPPER00000", strings.Repeat("x", 41)} {
		w.mara("PUT", "/api/drafts/"+bad, `{}`).refused(422, fault.Invalid)
	}
	w.mara("PUT", "/api/drafts/01firstdraft", `{"account":"a1","subject":"An offer","html":"<p>Hello <b>Omar</b></p>"}`).into(200, nil)
	w.mara("PUT", "/api/threads/t1/drafts/forward", `{"text":"Please look"}`).into(200, nil)
	var got store.Draft
	a := w.mara("GET", "/api/drafts/01firstdraft", "").into(200, &got)
	if got.Subject != "An offer" || got.Mode != "new" || got.ID != "01firstdraft" || a.headers["etag"] != `"`+got.Tag+`"` {
		t.Errorf("%s", a.body)
	}
	type listed struct {
		Mode, ID, Subject, Preview, Tag string
		Head                            *inbox.Summary
	}
	var page struct {
		Drafts []listed
		Next   string
	}
	w.mara("GET", "/api/drafts", "").into(200, &page)
	byMode := map[string]listed{}
	for _, d := range page.Drafts {
		byMode[d.Mode] = d
	}
	if n := byMode["new"]; len(page.Drafts) != 2 || n.Preview != "Hello Omar" || n.Head != nil || n.Tag != got.Tag {
		t.Errorf("%+v", page)
	}
	if f := byMode["forward"]; f.Head == nil || f.Head.ID != "t1" || f.Preview != "Please look" {
		t.Errorf("%+v", page)
	}
	for i := range 30 {
		w.mara("PUT", fmt.Sprintf("/api/drafts/draft%010d", i), `{"text":"x"}`).into(200, nil)
	}
	total := 0
	for cursor := ""; ; {
		w.mara("GET", "/api/drafts"+cursor, "").into(200, &page)
		total += len(page.Drafts)
		if page.Next == "" {
			break
		}
		cursor = "?cursor=" + page.Next
	}
	if total != 32 {
		t.Errorf("%d drafts on all pages", total)
	}
	w.mara("DELETE", "/api/drafts/01firstdraft", "", "If-Match", `"`+got.Tag+`"`).into(204, nil)
	w.mara("GET", "/api/drafts/01firstdraft", "").refused(404, fault.NotFound)
}

// Sending takes the draft it was with it, whatever mode it was of.
func TestSendingEndsTheDraft(t *testing.T) {
	w := newWorld(t)
	w.receive("t1")
	for mode, c := range map[string]struct{ path, body string }{
		"reply":   {"messages", `{"text":"x","draft":TAG}`},
		"note":    {"comments", `{"text":"x","draft":TAG}`},
		"forward": {"messages", `{"forwards":2,"text":"x","to":[{"email":"a@x.example"}],"draft":TAG}`},
	} {
		tag := w.mara("PUT", "/api/threads/t1/drafts/"+mode, `{"text":"x"}`).into(200, nil).headers["etag"]
		w.mara("POST", "/api/threads/t1/"+c.path, strings.Replace(c.body, "TAG", `"an older one"`, 1), "Idempotency-Key", mode+"0").into(201, nil)
		if a := w.mara("GET", "/api/threads/t1/drafts", ""); !strings.Contains(a.body, mode) {
			t.Errorf("%s: what was written meanwhile is lost", mode)
		}
		for range 2 {
			w.mara("POST", "/api/threads/t1/"+c.path, strings.Replace(c.body, "TAG", tag, 1), "Idempotency-Key", mode).into(201, nil)
		}
		if a := w.mara("GET", "/api/threads/t1/drafts", ""); strings.Contains(a.body, mode) {
			t.Errorf("%s: the draft is still there", mode)
		}
	}
}

func TestUploads(t *testing.T) {
	w := newWorld(t)
	var up struct {
		ID, Name, Type, Method, URL string
		Headers                     map[string]string
	}
	w.mara("POST", "/api/uploads", `{"name":"../Über uns.pdf","type":"application/pdf; x=y","size":7}`).into(201, &up)
	if up.Name != "Über uns.pdf" || up.Type != "application/pdf" || up.Method != "PUT" || up.Headers["Content-Type"] != up.Type ||
		!strings.HasPrefix(up.URL, "https://files.example/"+store.UploadKey("mara", up.ID)) || !strings.Contains(up.URL, "size=7&life=15m0s") {
		t.Errorf("%+v", up)
	}
	w.mara("GET", "/api/uploads/"+up.ID, "").refused(404, fault.NotFound)
	id := w.upload("a.png", "image/png", "PNG")
	var got struct {
		Type, URL string
		Size      int64
	}
	w.mara("GET", "/api/uploads/"+id, "").into(200, &got)
	if got.Type != "image/png" || got.Size != 3 || !strings.Contains(got.URL, store.UploadKey("mara", id)) {
		t.Errorf("%+v", got)
	}
	if a := w.call(call{method: "GET", path: "/api/uploads/" + id, user: "ivo"}); a.status != 404 {
		t.Errorf("Ivo reads it: %s", a.body)
	}
	w.call(call{method: "DELETE", path: "/api/uploads/" + id, user: "ivo"}).into(204, nil)
	w.mara("GET", "/api/uploads/"+id, "").into(200, nil)
	w.mara("DELETE", "/api/uploads/"+id, "").into(204, nil)
	w.mara("GET", "/api/uploads/"+id, "").refused(404, fault.NotFound)
	w.mara("DELETE", "/api/uploads/..%2Ft", "").refused(404, fault.NotFound)
	for body, want := range map[string]string{
		`{"name":"film.mov","size":42991616}`:                  `"film.mov" has 41 MB. Encoded for mail it grows by a third, and at most 40 MB can be sent`,
		`{"name":"a.exe","size":1}`:                            `"a.exe" cannot be mailed`,
		`{"name":"a\r\nb","size":1}`:                           "line breaks",
		`{"name":"..","size":1}`:                               "needs a name",
		`{"name":"a","size":-1}`:                               "size",
		`{"name":"` + strings.Repeat("ü", 200) + `","size":1}`: "needs a name",
	} {
		if p := w.mara("POST", "/api/uploads", body).refused(422, fault.Invalid); !strings.Contains(p.Detail, want) {
			t.Errorf("%s: %q, want %q", body, p.Detail, want)
		}
	}
	for kind, want := range map[string]string{"": "application/octet-stream", "text": "application/octet-stream", "multipart/mixed; boundary=x": "application/octet-stream", "TEXT/html": "text/html"} {
		if w.mara("POST", "/api/uploads", `{"name":"a","type":"`+kind+`","size":1}`).into(201, &up); up.Type != want {
			t.Errorf("%q became %q", kind, up.Type)
		}
	}
}
