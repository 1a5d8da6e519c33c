package agentapi_test

import (
	"strings"
	"sync"
	"testing"

	"parley/events"
	"parley/shared/fault"
	"parley/shared/inbox"
	"parley/shared/store"
)

func (w *world) begin(key, body string) changeBody {
	w.Helper()
	var got changeBody
	w.mara("POST", "/api/threads", strings.Replace(body, "ACCOUNT", w.account.ID, 1), "Idempotency-Key", key).into(201, &got)
	return got
}

func TestBeginThread(t *testing.T) {
	w := newWorld(t)
	tag := w.mara("PUT", "/api/drafts/01newdraft", `{"text":"Hello"}`).into(200, nil).headers["etag"]
	file := w.upload("t.pdf", "application/pdf", "PDF")
	body := `{"account":"ACCOUNT","to":[{"name":"Omar","email":"Omar@Firm.example"}],"cc":[{"email":"b@firm.example"}],"bcc":[{"email":"boss@parley.example"}],
		"subject":"An offer","html":"<p>Hello</p>","attachments":[{"upload":"` + file + `","name":"t.pdf"}],"draftId":"01newdraft","draft":` + tag + `}`
	got := w.begin("k1", body)
	if len(got.Entries) != 3 || got.Entries[0].Opened == nil || got.Entries[1].Sent == nil || got.Entries[1].Delivery == nil || got.Entries[0].Actor.ID != "mara" {
		t.Fatalf("%+v", got)
	}
	m := got.Entries[1].Sent
	if got.Thread.Subject != "An offer" || m.Subject != "An offer" || got.Thread.Contact.Address != "omar@firm.example" || got.Thread.Inbox != w.inbox || got.Thread.Account != w.account.ID {
		t.Errorf("%+v", got.Thread)
	}
	if m.Email != nil || len(m.Attachments) != 1 || w.object(m.Attachments[0].Ref) != "PDF" || w.object(m.Body.HTMLRef) != "<p>Hello</p>" {
		t.Errorf("%+v", m)
	}
	contact, err := w.store.Contacts.Get(ctx, got.Thread.Contact.ID)
	if err != nil || contact.Name != "Omar" {
		t.Errorf("%+v %v", contact, err)
	}
	if a := w.mara("GET", "/api/drafts/01newdraft", ""); a.status != 404 {
		t.Errorf("the draft is still there: %s", a.body)
	}
	again := w.begin("k1", body)
	if again.Thread.ID != got.Thread.ID || again.Entries[1].ID != got.Entries[1].ID {
		t.Errorf("the same request began %s and %s", got.Thread.ID, again.Thread.ID)
	}
	w.mara("POST", "/api/threads", `{"account":"`+w.account.ID+`","to":[{"email":"omar@firm.example"}],"subject":"Another","text":"x"}`, "Idempotency-Key", "k1").refused(422, fault.Invalid)
	second := w.begin("k2", `{"account":"ACCOUNT","to":[{"email":"omar@firm.example"}],"subject":"","text":"x"}`)
	if second.Thread.Contact != got.Thread.Contact || second.Thread.ID == got.Thread.ID || second.Thread.Subject != "(no subject)" || second.Entries[1].Sent.Subject != "" {
		t.Errorf("%+v", second.Thread)
	}
	var list struct {
		Threads []struct{ Thread inbox.Summary }
	}
	w.mara("GET", "/api/inboxes/"+w.inbox+"/threads", "").into(200, &list)
	if len(list.Threads) != 2 {
		t.Errorf("the view has %d threads", len(list.Threads))
	}
}

func TestWhatCannotBegin(t *testing.T) {
	w := newWorld(t)
	for want, body := range map[string]string{
		"There is no such account": `{"account":"none","to":[{"email":"a@x.example"}],"subject":"x","text":"x"}`,
		"subject: line breaks":     `{"account":"ACCOUNT","to":[{"email":"a@x.example"}],"subject":"x\r\nBcc: b@x.example","text":"x"}`,
		"at most 998 characters":   `{"account":"ACCOUNT","to":[{"email":"a@x.example"}],"subject":"` + strings.Repeat("x", 999) + `","text":"x"}`,
		"is not an email address":  `{"account":"ACCOUNT","to":[{"email":"nobody"}],"subject":"x","text":"x"}`,
		"body.to":                  `{"account":"ACCOUNT","to":[],"subject":"x","text":"x"}`,
		"needs text":               `{"account":"ACCOUNT","to":[{"email":"a@x.example"}],"subject":"x"}`,
		"would come back":          `{"account":"ACCOUNT","to":[{"email":"support@parley.example"}],"subject":"x","text":"x"}`,
		"Idempotency-Key has":      `{"account":"ACCOUNT","to":[{"email":"a@x.example"}],"subject":"x","text":"x"}`,
	} {
		key := "k"
		if strings.HasPrefix(want, "Idem") {
			key = strings.Repeat("k", 201)
		}
		a := w.mara("POST", "/api/threads", strings.Replace(body, "ACCOUNT", w.account.ID, 1), "Idempotency-Key", key)
		if a.status/100 != 4 || !strings.Contains(a.body, want) {
			t.Errorf("%d %s, want %q", a.status, a.body, want)
		}
	}
	if n, _, err := w.store.Threads.Count(ctx, store.ViewQuery{Inbox: w.inbox, View: store.ViewOpen}); n != 0 || err != nil || len(w.files.objs) != 0 {
		t.Errorf("%d threads, %d objects, %v", n, len(w.files.objs), err)
	}
}

// The same request at once, from a browser that lost patience, begins one thread.
func TestBeginningAtOnce(t *testing.T) {
	w := newWorld(t)
	w.mara("GET", "/api/me", "").into(200, nil)
	body := `{"account":"` + w.account.ID + `","to":[{"email":"a@x.example"}],"subject":"x","text":"x"}`
	var all sync.WaitGroup
	answers := make([]answer, 8)
	for i := range answers {
		all.Go(func() { answers[i] = w.mara("POST", "/api/threads", body, "Idempotency-Key", "k") })
	}
	all.Wait()
	threads := map[string]bool{}
	for _, a := range answers {
		var got changeBody
		a.into(201, &got)
		threads[got.Thread.ID] = true
	}
	if n, _, err := w.store.Threads.Count(ctx, store.ViewQuery{Inbox: w.inbox, View: store.ViewOpen}); len(threads) != 1 || n != 1 || err != nil {
		t.Errorf("%d threads answered, %d there (%v)", len(threads), n, err)
	}
}

// An answer to a thread that we began joins it: its sender is on it.
func TestTheAnswerIsNoStrangers(t *testing.T) {
	w := newWorld(t)
	got := w.begin("k1", `{"account":"ACCOUNT","to":[{"email":"a@x.example"},{"email":"b@x.example"}],"subject":"x","text":"x"}`)
	head, err := w.store.Threads.Head(ctx, got.Thread.ID)
	if err != nil || !head.Takes("a@x.example") || !head.Takes("b@x.example") {
		t.Errorf("%+v %v", head, err)
	}
	var th struct {
		ReplyTo  []events.Address
		ReplyAll struct{ To, Cc []events.Address }
	}
	w.mara("GET", "/api/threads/"+head.ID, "").into(200, &th)
	if len(th.ReplyAll.To) != 1 || th.ReplyAll.To[0].Email != "a@x.example" || len(th.ReplyAll.Cc) != 1 || th.ReplyAll.Cc[0].Email != "b@x.example" {
		t.Errorf("%+v", th)
	}
}
