package agentapi_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"image"
	"image/png"
	"strings"
	"testing"

	"parley/events"
	"parley/shared/chatflow"
	"parley/shared/fault"
	"parley/shared/inbox"
	"parley/shared/live"
	"parley/shared/store"
)

type chatView struct {
	Account inbox.Account
	Widget  chatflow.Widget
	Flows   []chatflow.Flow
	Snippet string
}

func (w *world) newChat(origin string) (v chatView) {
	w.Helper()
	body, _ := json.Marshal(map[string]string{"inbox": w.inbox, "name": "Kiln & Clay", "origin": origin})
	w.mara("POST", "/api/chats", string(body)).into(201, &v)
	return v
}

func TestChats(t *testing.T) {
	w := newWorld(t)
	v := w.newChat(" https://KILN.example/ ")
	if v.Widget.Origins[0] != "https://kiln.example" || len(v.Flows) != 1 || v.Account.Channel != inbox.ChannelChat ||
		v.Snippet != `<script async src="`+origin+`/w.js" data-parley="`+v.Account.ID+`"></script>` {
		t.Fatalf("%+v", v)
	}
	path := "/api/chats/" + v.Account.ID
	v.Widget.Accent = "#112233"
	raw, _ := json.Marshal(v.Widget)
	var after chatView
	w.mara("PUT", path+"/widget", string(raw)).into(200, &after)
	if after.Widget.Accent != "#112233" || after.Widget.Version != 2 {
		t.Errorf("%+v", after.Widget)
	}
	w.mara("PUT", path+"/widget", string(raw)).refused(409, fault.Conflict) // somebody was faster
	pricing := chatflow.Flow{Name: "Pricing", On: true, AskEmail: chatflow.AskNever, Away: chatflow.Away{Mode: chatflow.AwayHide}, Targeting: chatflow.Targeting{
		Rules: []chatflow.Rule{{Conditions: []chatflow.Condition{{Kind: chatflow.KindURL, Op: chatflow.Begins, Value: "/pricing"}}}},
	}}
	raw, _ = json.Marshal(pricing)
	var made chatflow.Flow
	w.mara("POST", path+"/flows", string(raw)).into(201, &made)
	tried := func(page string) (out struct {
		Flow         string
		Allowed, Off bool
		Verdicts     []chatflow.Verdict
	},
	) {
		body, _ := json.Marshal(map[string]string{"page": page})
		w.mara("POST", path+"/try", string(body)).into(200, &out)
		return out
	}
	if got := tried("https://kiln.example/pricing"); got.Flow != v.Flows[0].ID || got.Verdicts[1].Outcome != "not reached" {
		t.Errorf("%+v", got)
	}
	body, _ := json.Marshal(map[string][]string{"flows": {made.ID, v.Flows[0].ID}})
	w.mara("PUT", path+"/order", string(body)).into(200, &after)
	if after.Flows[0].ID != made.ID {
		t.Errorf("%+v", after.Flows)
	}
	if got := tried("https://kiln.example/pricing/team"); got.Flow != made.ID || !got.Allowed {
		t.Errorf("%+v", got)
	}
	if got := tried("https://elsewhere.example/pricing"); got.Flow != "" || got.Allowed {
		t.Errorf("%+v", got)
	}
	w.mara("PUT", path+"/order", `{"flows":["`+made.ID+`"]}`).refused(409, fault.Conflict)
	w.mara("DELETE", path+"/flows/"+made.ID, "").into(204, nil)
	w.mara("GET", path, "").into(200, &after)
	if len(after.Flows) != 1 {
		t.Errorf("%+v", after.Flows)
	}
}

func TestChatsAreAdmins(t *testing.T) {
	w := newWorld(t)
	v := w.newChat("https://kiln.example")
	path := "/api/chats/" + v.Account.ID
	widget, _ := json.Marshal(v.Widget)
	flow, _ := json.Marshal(v.Flows[0])
	for _, c := range [][3]string{
		{"POST", "/api/chats", `{"inbox":"` + w.inbox + `","name":"x","origin":"https://x.example"}`},
		{"PUT", path + "/widget", string(widget)},
		{"POST", path + "/flows", string(flow)},
		{"PUT", path + "/flows/" + v.Flows[0].ID, string(flow)},
		{"DELETE", path + "/flows/" + v.Flows[0].ID, ""},
		{"PUT", path + "/order", `{"flows":[]}`},
	} {
		w.call(call{method: c[0], path: c[1], user: "jonas", body: c[2]}).refused(403, fault.Denied)
	}
	for _, bad := range []string{
		`{"inbox":"nothing","name":"x","origin":"https://x.example"}`, `{"inbox":"` + w.inbox + `","name":"x","origin":"x.example"}`,
		`{"inbox":"` + w.inbox + `","name":" ","origin":"https://x.example"}`, `{"inbox":"` + w.inbox + `","name":"x","origin":"https://*"}`,
	} {
		if a := w.mara("POST", "/api/chats", bad); a.status < 400 || a.status > 499 {
			t.Errorf("%s: %d", bad, a.status)
		}
	}
	w.mara("GET", "/api/chats/"+w.account.ID, "").refused(404, fault.NotFound) // the email account is none
}

func TestProfile(t *testing.T) {
	w := newWorld(t)
	w.mara("GET", "/api/me", "").into(200, nil)
	picture := func(width, height int) string {
		var b bytes.Buffer
		if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, width, height))); err != nil {
			t.Fatal(err)
		}
		return base64.StdEncoding.EncodeToString(b.Bytes())
	}
	var me struct {
		Name, Avatar, Meeting string
		Away                  bool
	}
	w.mara("PUT", "/api/me/profile", `{"name":" Mara  Lind ","meeting":"https://cal.example/mara","picture":"`+picture(300, 100)+`"}`).into(200, &me)
	if me.Name != "Mara Lind" || me.Meeting != "https://cal.example/mara" {
		t.Errorf("%+v", me)
	}
	raw, _, err := w.files.Get(ctx, me.Avatar)
	if err != nil {
		t.Fatal(err)
	}
	if conf, err := png.DecodeConfig(bytes.NewReader(raw)); err != nil || conf.Width != 192 || conf.Height != 192 {
		t.Errorf("%+v %v", conf, err)
	}
	avatar := me.Avatar
	if w.mara("PUT", "/api/me/profile", `{"name":"Mara"}`).into(200, &me); me.Avatar != avatar {
		t.Error("what was not named changed")
	}
	for _, bad := range []string{
		`{"name":"\u0000"}`, `{"name":"x","meeting":"http://cal.example"}`, `{"name":"x","meeting":"javascript:alert(1)"}`,
		`{"name":"x","picture":"` + base64.StdEncoding.EncodeToString([]byte("<svg onload=alert(1)>")) + `"}`, `{"name":"x","picture":"!"}`,
		`{"name":"x","picture":"` + picture(1, 9000) + `"}`, `{"name":"x","picture":"` + picture(10, 10)[:60] + `"}`,
		`{"name":"x","picture":"` + strings.Repeat("A", 4<<20/3*4+8) + `"}`,
	} {
		if a := w.mara("PUT", "/api/me/profile", bad); a.status < 400 || a.status > 499 {
			t.Errorf("%.60s: %d %s", bad, a.status, a.body)
		}
	}
	me.Avatar = ""
	if w.mara("PUT", "/api/me/profile", `{"name":"Mara","picture":""}`).into(200, &me); me.Avatar != "" {
		t.Error("the picture stays")
	}
	if w.mara("PUT", "/api/me/availability", `{"available":false}`).into(200, &me); !me.Away {
		t.Error("still there")
	}
}

// An answer in a chat goes to the widget; by mail only if its visitor left an address and is gone.
func TestAnswersInAChat(t *testing.T) {
	w := newWorld(t)
	v := w.newChat("https://kiln.example")
	say := func(contact events.Contact) {
		m := events.MessageReceived{Message: "m", Contact: contact, Body: events.Body{Text: "Hi"}, Preview: "Hi", Chat: &events.Chat{Client: "k"}}
		if _, err := w.store.Threads.Do(ctx, "c1", "", func(h inbox.Thread) (inbox.Decision, error) {
			if h.Exists() {
				return h.SetContact(events.Actor{Kind: events.Visitor, ID: contact.ID}, contact, nil)
			}
			return h.Open(events.ThreadOpened{Inbox: w.inbox, Account: v.Account.ID, Channel: "chat", Subject: "Hi", Contact: contact}, m)
		}); err != nil {
			t.Fatal(err)
		}
	}
	sent := func(key string) events.MessageSent {
		var got changeBody
		w.mara("POST", "/api/threads/c1/messages", `{"text":"Hello `+key+`"}`, "Idempotency-Key", key).into(201, &got)
		return *got.sent(w)
	}
	say(events.Contact{ID: "v1"})
	if m := sent("nobody knows an address"); len(m.To) != 0 || m.Delivery != "" {
		t.Errorf("%+v", m)
	}
	say(events.Contact{ID: "v1", Address: "lena@shop.example"})
	m := sent("gone")
	if len(m.To) != 1 || m.To[0].Email != "lena@shop.example" || m.Delivery == "" || m.From.Email != w.account.Address {
		t.Errorf("%+v", m)
	}
	if err := w.store.Sockets.Connect(ctx, "v", store.Identity{Kind: "visitor", ID: "v1"}); err != nil {
		t.Fatal(err)
	}
	if err := w.store.Sockets.Watch(ctx, "v", live.VisitorTopic("c1")); err != nil {
		t.Fatal(err)
	}
	if m := sent("there"); len(m.To) != 0 || m.Delivery != "" {
		t.Errorf("%+v", m)
	}
}
