package rehearsal_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"parley/infra/rehearsal/cloud"
)

const shop = "https://kiln.example"

// visitor is a browser on a page of the shop's.
type visitor struct {
	c              client
	account, token string
}

// visitor opens the widget of a new chat account.
func (c client) visitor() *visitor {
	c.t.Helper()
	var in struct{ Inboxes []struct{ ID string } }
	c.get("/inboxes", &in)
	status, raw := c.try(http.MethodPost, "/chats", fmt.Sprint("chat-", time.Now().UnixNano()), map[string]string{"inbox": in.Inboxes[0].ID, "name": "Kiln", "origin": shop})
	var chat struct{ Account struct{ ID string } }
	if err := json.Unmarshal(raw, &chat); err != nil || status/100 != 2 {
		c.t.Fatalf("%d %s", status, raw)
	}
	v := &visitor{c: c, account: chat.Account.ID}
	var session struct{ Token string }
	c.eventually("a session", func() bool { return v.ask(http.MethodPost, "session", map[string]any{}, &session) == http.StatusOK })
	v.token = session.Token
	return v
}

// ask sends a request of the widget's and reads JSON into out.
func (v *visitor) ask(method, path string, in, out any) int {
	v.c.t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		v.c.t.Fatal(err)
	}
	req, err := http.NewRequest(method, v.c.Ready.API+"/visitor/"+v.account+"/"+path, bytes.NewReader(body))
	if err != nil {
		v.c.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Origin", shop)
	if v.token != "" {
		req.Header.Set("Authorization", "Bearer "+v.token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		v.c.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode/100 == 2 && out != nil {
		err = json.Unmarshal(raw, out)
	}
	if err != nil {
		v.c.t.Fatalf("%s %s: %v in %s", method, path, err, raw)
	}
	return resp.StatusCode
}

// says says something in a conversation, without a socket.
func (v *visitor) says(conversation int, id, text string) int {
	v.c.t.Helper()
	return v.ask(http.MethodPost, "messages", map[string]any{"conversation": conversation, "client": id, "text": text}, nil)
}

// visitorGone: a visitor without a socket is heard by those who watch, and the first push finds out who watches no more.
func (c client) visitorGone() {
	v := c.visitor()
	text := "Gone " + c.tag() + "?"
	if status := v.says(1, "first", text); status/100 != 2 {
		c.t.Fatalf("%d", status)
	}
	var found []thread
	c.eventually("the chat", func() bool { found = c.entitled(text); return len(found) == 1 })
	n := 0
	c.goneFrom("visitorapi", found[0], func(string) {
		n++
		if status := v.says(1, fmt.Sprint("more-", n), "Anybody?"); status/100 != 2 {
			c.t.Errorf("%d", status)
		}
	})
}

// visitorTrouble: what goes wrong at the visitors' door is said and written down.
func (c client) visitorTrouble() {
	v := c.visitor()
	c.Lambda.Recycle("visitorapi") // with nothing in mind
	c.Cloud.OnCall(func(call cloud.Call, _ bool) bool { return call.Role == "visitorapi" })
	if status := v.ask(http.MethodGet, "config", nil, nil); status != http.StatusInternalServerError {
		c.t.Errorf("config: %d", status)
	}
	c.Cloud.OnCall(nil)
	c.eventually("a line of visitorapi", func() bool { return len(c.Logs("visitorapi")) > 0 })
}
