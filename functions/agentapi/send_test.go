package agentapi_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/events"
	"parley/shared/email"
	"parley/shared/fault"
	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/store"
)

// send posts a message of the thread and returns it.
func (w *world) send(key, body string) events.MessageSent {
	w.Helper()
	var got changeBody
	w.mara("POST", "/api/threads/t1/messages", body, "Idempotency-Key", key).into(201, &got)
	for _, e := range got.Entries {
		if e.Sent != nil {
			return *e.Sent
		}
	}
	w.Fatal("nothing was sent")
	return events.MessageSent{}
}

// upload brings a file of Mara's, as a browser does.
func (w *world) upload(name, kind, content string) string {
	w.Helper()
	var up struct{ ID, Method, URL string }
	body, _ := json.Marshal(map[string]any{"name": name, "type": kind, "size": len(content)})
	w.mara("POST", "/api/uploads", string(body)).into(201, &up)
	key := strings.TrimPrefix(strings.Split(up.URL, "?")[0], "https://files.example/")
	if err := w.files.Put(ctx, key, kind, []byte(content)); err != nil {
		w.Fatal(err)
	}
	return up.ID
}

func (w *world) object(key string) string { return string(w.files.objs[key]) }

func TestRichReply(t *testing.T) {
	w := newWorld(t)
	w.receive("t1")
	pic, file := w.upload("a.png", "image/png", "PNG"), w.upload("t.pdf", "application/pdf", "PDF")
	html := `<p onclick=\"x()\">Dear Lena,</p><ul><li>one</li><li><a href=\"https://x.example/a\">two</a></li></ul><blockquote>you said</blockquote><script>alert(1)</script><p><img src=\"cid:` + pic + `\" alt=\"a chart\"></p>`
	m := w.send("k1", `{"text":"not used","html":"`+html+`","attachments":[{"upload":"`+pic+`","name":"a.png"},{"upload":"`+file+`","name":"Terms of trade.pdf"}],"bcc":[{"email":"boss@parley.example"}]}`)
	page := w.object(m.Body.HTMLRef)
	if strings.Contains(page, "script") || strings.Contains(page, "onclick") || !strings.Contains(page, `src="cid:`+pic+`@parley.example"`) {
		t.Errorf("html %s", page)
	}
	if want := "Dear Lena,\n\n- one\n- two (https://x.example/a)\n\n> you said\n\n[a chart]"; m.Body.Text != want || m.Preview != inbox.Preview(want) {
		t.Errorf("text %q, preview %q", m.Body.Text, m.Preview)
	}
	want := []events.Attachment{
		{Name: "a.png", Type: "image/png", Size: 3, Ref: store.AttachmentKey("t1", m.Message, 0), Inline: true, ContentID: pic + "@parley.example"},
		{Name: "Terms of trade.pdf", Type: "application/pdf", Size: 3, Ref: store.AttachmentKey("t1", m.Message, 1)},
	}
	if d := cmp.Diff(want, m.Attachments); d != "" {
		t.Errorf("files (-want +got):\n%s", d)
	}
	if w.object(want[0].Ref) != "PNG" || w.object(want[1].Ref) != "PDF" {
		t.Error("the files are not with the thread")
	}
	if len(m.Bcc) != 1 {
		t.Errorf("bcc %v", m.Bcc)
	}
	var body struct{ Text, HTML string }
	w.mara("GET", "/api/threads/t1/entries/3/body", "").into(200, &body)
	if !strings.Contains(body.HTML, "https://files.example/"+want[0].Ref) {
		t.Errorf("the image cannot be loaded: %s", body.HTML)
	}
	again := w.send("k2", `{"text":"once more","attachments":[{"entry":3,"n":1,"name":"again.pdf"}]}`)
	if a := again.Attachments[0]; a.Ref != want[1].Ref || a.Name != "again.pdf" || a.Inline {
		t.Errorf("a file of the thread: %+v", a)
	}
}

func TestWhoGetsItOnce(t *testing.T) {
	w := newWorld(t)
	w.receive("t1")
	m := w.send("k1", `{"text":"x","to":[{"email":"a@x.example"}],"cc":[{"email":"A@x.example"},{"email":"b@x.example"}],"bcc":[{"email":"b@x.example"},{"email":"a@x.example"},{"email":"c@x.example"}]}`)
	if len(m.To) != 1 || len(m.Cc) != 1 || len(m.Bcc) != 1 || m.Bcc[0].Email != "c@x.example" {
		t.Errorf("%v %v %v", m.To, m.Cc, m.Bcc)
	}
	j, err := w.store.Outbox.Get(ctx, "t1", 3)
	if err != nil || len(j.Recipients) != 3 {
		t.Errorf("%+v %v", j, err)
	}
}

// What cannot be sent is refused with what is wrong, nothing is sent or kept, and the draft stays.
func TestWhatCannotBeSent(t *testing.T) {
	w := newWorld(t)
	w.receive("t1")
	crowd := func(n int) string {
		var list []string
		for i := range n {
			list = append(list, fmt.Sprintf(`{"email":"p%d@x.example"}`, i))
		}
		return "[" + strings.Join(list, ",") + "]"
	}
	big := w.upload("big.mov", "video/quicktime", "x")
	other := w.upload("other.mov", "video/quicktime", "x")
	userKey := func(id string) string { return store.UploadKey("mara", id) }
	w.files.sizes[userKey(big)], w.files.sizes[userKey(other)] = 20<<20, 12<<20
	tag := w.mara("PUT", "/api/threads/t1/drafts/reply", `{"text":"my words"}`).into(200, nil).headers["etag"]
	objects := len(w.files.objs)
	for name, c := range map[string]struct{ body, want string }{
		"51 recipients":                 {`{"text":"x","to":` + crowd(51) + `}`, "at most 50 people, To, Cc and Bcc together, not 51"},
		"51 in three lists":             {`{"text":"x","to":` + crowd(49) + `,"cc":[{"email":"a@x.example"}],"bcc":[{"email":"b@x.example"}]}`, "at most 50 people, To, Cc and Bcc together, not 51"},
		"no address":                    {`{"text":"x","to":[{"email":"lena(at)shop.example"}]}`, `to: "lena(at)shop.example" is not an email address: the @ is missing`},
		"no address in cc":              {`{"text":"x","cc":[{"email":"@shop.example"}]}`, "cc: "},
		"no mail goes to it":            {`{"text":"x","bcc":[{"email":"jürgen@shop.example"}]}`, "jürgen@shop.example"},
		"a line break in an address":    {`{"text":"x","to":[{"email":"a@x.example\r\nBcc: b@x.example"}]}`, "to: line breaks"},
		"a line break in a name":        {`{"text":"x","cc":[{"name":"A\nBcc: b@x.example","email":"a@x.example"}]}`, "cc: line breaks"},
		"a NUL in a name":               {`{"text":"x","bcc":[{"name":"A\u0000","email":"a@x.example"}]}`, "bcc: line breaks"},
		"a line break in a file name":   {`{"text":"x","attachments":[{"upload":"` + big + `","name":"a\r\nX: y"}]}`, "attachments[0]: name: line breaks"},
		"too large together":            {`{"text":"x","attachments":[{"upload":"` + big + `"},{"upload":"` + other + `"}]}`, "at most 40 MB"},
		"a file that no mail takes":     {`{"text":"x","attachments":[{"upload":"` + other + `","name":"setup.exe"}]}`, `"setup.exe" cannot be mailed`},
		"an upload that is gone":        {`{"text":"x","attachments":[{"upload":"01k0000000000000000000zzzz"}]}`, "expired"},
		"an upload that is none":        {`{"text":"x","attachments":[{"upload":"../../t/t1"}]}`, "attachments[0]: This upload"},
		"a file that is none":           {`{"text":"x","attachments":[{}]}`, "neither an upload nor a file"},
		"an image that was not brought": {`{"html":"<img src='cid:01abc'>"}`, `"01abc", which is not among the attachments`},
		"nothing":                       {`{"html":"<p> </p>"}`, "needs text"},
		"our own address":               {`{"text":"x","bcc":[{"email":"c+t1.abcdefghijklmnop@parley.example"}]}`, "would come back"},
		"a long text":                   {`{"html":"` + strings.Repeat("x", limit.TextBytes+1) + `"}`, "A text has at most"},
	} {
		t.Run(name, func(t *testing.T) {
			body := strings.TrimSuffix(c.body, "}") + `,"draft":` + tag + `}`
			w.TB = t
			p := w.mara("POST", "/api/threads/t1/messages", body, "Idempotency-Key", name).refused(422, fault.Invalid)
			if !strings.Contains(p.Detail, c.want) {
				t.Errorf("%q, want %q", p.Detail, c.want)
			}
		})
	}
	w.TB = t
	if head, err := w.store.Threads.Head(ctx, "t1"); err != nil || head.Seq != 2 || len(w.files.objs) != objects {
		t.Errorf("seq %d, %d objects (%v)", head.Seq, len(w.files.objs)-objects, err)
	}
	var drafts struct{ Drafts []store.Draft }
	if w.mara("GET", "/api/threads/t1/drafts", "").into(200, &drafts); len(drafts.Drafts) != 1 || drafts.Drafts[0].Text != "my words" {
		t.Errorf("the draft is lost: %+v", drafts)
	}
	w.mara("POST", "/api/threads/none/messages", `{"html":"x"}`, "Idempotency-Key", "k").refused(404, fault.NotFound)
	w.mara("POST", "/api/threads/t1/messages", `{"text":"x","attachments":[{"entry":9}]}`, "Idempotency-Key", "k").refused(404, fault.NotFound)
	w.mara("POST", "/api/threads/t1/messages", `{"text":"x","attachments":[{"entry":2}]}`, "Idempotency-Key", "k").refused(404, fault.NotFound)
	if w.call(call{method: "POST", path: "/api/threads/t1/messages", user: "ivo", headers: map[string]string{"Idempotency-Key": "k"}, body: `{"text":"x","attachments":[{"upload":"` + big + `"}]}`}).status != 422 {
		t.Error("Ivo sends what Mara uploaded")
	}
}

func TestReplyAll(t *testing.T) {
	w := newWorld(t)
	w.call(call{method: "GET", path: "/api/me", user: "ivo"}).into(200, nil) // a colleague
	all := func() (out struct {
		ReplyTo  []events.Address
		ReplyAll struct{ To, Cc []events.Address }
	},
	) {
		w.mara("GET", "/api/threads/t1", "").into(200, &out)
		return out
	}
	w.receive("t1", func(m *events.MessageReceived) {
		m.Email.ReplyTo = []events.Address{{Name: "Desk", Email: "desk@shop.example"}}
		m.Cc = []events.Address{{Email: "ivo@parley.example"}, {Email: "c+t1.abcdefghijklmnop@parley.example"}, {Email: "Boss@Shop.example"}, {Email: "desk@shop.example"}}
	})
	got := all()
	want := []events.Address{{Name: lena.Name, Email: lena.Address}, {Name: "CFO", Email: "cfo@shop.example"}, {Email: "boss@shop.example"}}
	if d := cmp.Diff(want, got.ReplyAll.Cc); d != "" || len(got.ReplyAll.To) != 1 || got.ReplyAll.To[0].Email != "desk@shop.example" {
		t.Errorf("to %v, cc (-want +got):\n%s", got.ReplyAll.To, d)
	}
	w.receive("t1", func(m *events.MessageReceived) { m.Email.Bcc = true })
	if got := all(); len(got.ReplyAll.Cc) != 0 || got.ReplyAll.Cc == nil || len(got.ReplyAll.To) == 0 {
		t.Errorf("a blind copy is answered to all: %+v", got.ReplyAll)
	}
}

func TestForward(t *testing.T) {
	w := newWorld(t)
	address := "c+01k0000000000000000000000a.abcdefghijklmnop@parley.example"
	w.receive("t1", func(m *events.MessageReceived) {
		m.Body = events.Body{TextRef: "t/t1/long.txt", HTMLRef: "t/t1/long.html"}
		m.Attachments = []events.Attachment{
			{Name: "pic.png", Type: "image/png", Size: 3, Ref: "t/t1/0", Inline: true, ContentID: "pic@shop"},
			{Name: "bill.pdf", Type: "application/pdf", Size: 9, Ref: "t/t1/1"},
			{Name: "virus.exe", Type: "application/x-dosexec", Size: 9, Ref: "t/t1/2"},
		}
	})
	w.files.objs["t/t1/long.txt"] = []byte("The bill.\n\nOn Monday, Support <" + address + "> wrote:\n> Hello")
	w.files.objs["t/t1/long.html"] = []byte(`<p>The bill. <img src="cid:pic@shop"> <a href="mailto:` + address + `">Support</a></p>`)
	w.mara("PUT", "/api/threads/t1/status", `{"status":"closed"}`).into(200, nil)
	w.mara("POST", "/api/threads/t1/messages", `{"forwards":2,"text":"x","to":[{"email":"maker@parts.example"}]}`, "Idempotency-Key", "k0").refused(422, fault.Invalid)
	m := w.send("k1", `{"forwards":2,"text":"Can you check?","to":[{"email":"maker@parts.example"}],"leaveOut":[2]}`)
	if m.Forwards != 2 || m.Subject != "Fwd: Charged twice" || m.Email != nil || m.Preview != "Can you check?" {
		t.Errorf("%+v", m)
	}
	page := w.object(m.Body.HTMLRef)
	for what, s := range map[string]string{"text": m.Body.Text, "html": page} {
		if strings.Contains(s, "c+01k") || !strings.Contains(s, "support@parley.example") || !strings.Contains(s, "The bill.") || !strings.Contains(s, "lena@shop.example") || !strings.Contains(s, "Can you check?") {
			t.Errorf("%s: %s", what, s)
		}
	}
	if len(m.Attachments) != 2 || !m.Attachments[0].Inline || m.Attachments[1].Name != "bill.pdf" || m.Attachments[1].Ref != "t/t1/1" {
		t.Errorf("files %+v", m.Attachments)
	}
	lines := strings.Split(m.Body.Text, "\n")
	if f := m.Body.Folds; len(f) != 1 || lines[f[0].From] != "---------- Forwarded message ----------" || f[0].To != len(lines) {
		t.Errorf("folds %v of %q", f, lines)
	}
	head, err := w.store.Threads.Head(ctx, "t1")
	if err != nil || head.Takes("maker@parts.example") || head.Status != inbox.Closed || head.WaitingSince.IsZero() && head.Status == inbox.Open {
		t.Errorf("%+v %v", head, err)
	}
	w.mara("POST", "/api/threads/t1/messages", `{"forwards":2,"text":"x"}`, "Idempotency-Key", "k2").refused(422, fault.Invalid) // to whom?
	w.mara("POST", "/api/threads/t1/messages", `{"forwards":1,"text":"x","to":[{"email":"a@x.example"}]}`, "Idempotency-Key", "k3").refused(422, fault.Invalid)
	w.mara("POST", "/api/threads/t1/messages", `{"forwards":99,"text":"x","to":[{"email":"a@x.example"}]}`, "Idempotency-Key", "k4").refused(404, fault.NotFound)

	// What we sent can be passed on too, but not who got a blind copy of it.
	w.send("k5", `{"text":"Our answer.","bcc":[{"email":"boss@parley.example"}]}`)
	var th struct{ Entries []inbox.Entry }
	w.mara("GET", "/api/threads/t1", "").into(200, &th)
	seq := int64(0)
	for _, e := range th.Entries {
		if e.Sent != nil {
			seq = e.Seq
		}
	}
	m = w.send("k6", fmt.Sprintf(`{"forwards":%d,"to":[{"email":"maker@parts.example"}]}`, seq))
	if strings.Contains(m.Body.Text, "boss@") || !strings.Contains(m.Body.Text, "Our answer.") || !strings.HasPrefix(m.Preview, "Re: Charged twice Our answer.") {
		t.Errorf("%q %q", m.Body.Text, m.Preview)
	}
}

func TestSignature(t *testing.T) {
	w := newWorld(t)
	w.mara("PUT", "/api/me/signature", `{"html":"<p onclick=x>Mara<br>Support</p><script>x</script>"}`).into(200, nil)
	var me store.User
	w.mara("GET", "/api/me", "").into(200, &me)
	if me.Signature != "<p>Mara<br>Support</p>" && me.Signature != "<p>Mara<br/>Support</p>" {
		t.Errorf("signature %q", me.Signature)
	}
	w.receive("t1")
	if m := w.send("k1", `{"html":"<p>Hello</p>"}`); m.Body.Text != "Hello" {
		t.Errorf("something was added to what was seen: %q", m.Body.Text)
	}
	if a := w.call(call{method: "GET", path: "/api/users", user: "ivo"}); strings.Contains(a.body, "Support") {
		t.Errorf("everybody reads it: %s", a.body)
	}
	w.mara("PUT", "/api/me/signature", `{"html":"`+strings.Repeat("x", limit.SignatureBytes+1)+`"}`).refused(422, fault.Invalid)
	w.mara("PUT", "/api/me/signature", `{"html":""}`).into(200, &me)
	if w.mara("GET", "/api/me", "").into(200, &me); strings.Contains(w.mara("GET", "/api/me", "").body, "signature") {
		t.Errorf("it is still there: %+v", me)
	}
}

// Whatever HTML comes in, what is kept is what our policy lets through, and the text can be read.
func FuzzRichReply(f *testing.F) {
	f.Add(`<p>Hi</p><img src="cid:x"><svg onload=alert(1)>`)
	f.Fuzz(func(t *testing.T, page string) {
		w := newWorld(t)
		w.receive("t1")
		body, _ := json.Marshal(map[string]any{"html": page})
		a := w.mara("POST", "/api/threads/t1/messages", string(body), "Idempotency-Key", "k")
		if a.status != 201 && a.status != 422 {
			t.Fatalf("%d %s", a.status, a.body)
		}
		for key, kept := range w.files.objs {
			if strings.HasSuffix(key, ".html") && email.Sanitise(string(kept)) != string(kept) {
				t.Fatalf("%q keeps %q", page, kept)
			}
		}
	})
}
