package rehearsal_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"testing"

	"parley/infra/rehearsal"
)

// asksTwice is a bot that asks for a name, keeps it, and says goodbye.
const asksTwice = `{"start":"name","steps":[
	{"id":"name","kind":"question","question":{"text":"Your name?","ask":"text","into":"name","property":"name"},"next":"size"},
	{"id":"size","kind":"question","question":{"text":"Which size, {{answer.name}}?","ask":"choice","choices":[{"id":"s","label":"Small"}]},"next":"person"},
	{"id":"person","kind":"handoff","handoff":{"to":"routing","text":"One moment."}}]}`

// bot publishes a bot in the visitor's chat.
func (v *visitor) bot(graph string) (flow string) {
	v.c.t.Helper()
	do := func(method, path string, in, out any) {
		v.c.t.Helper()
		status, raw := v.c.try(method, path, v.c.tag()+path, in)
		if status/100 != 2 {
			v.c.t.Fatalf("%s %s: %d %s", method, path, status, raw)
		}
		if err := json.Unmarshal(raw, out); err != nil {
			v.c.t.Fatal(err)
		}
	}
	var f struct{ ID string }
	do(http.MethodPost, "/chats/"+v.account+"/flows", map[string]any{
		"id": "", "account": v.account, "name": "Helper", "on": true, "bot": true, "version": 0, "targeting": map[string]any{}, "welcome": "", "askEmail": "never",
		"away": map[string]string{"mode": "message"}, "available": "always",
	}, &f)
	at := "/chats/" + v.account + "/flows/" + f.ID + "/bot"
	var d struct{ Draft struct{ Revision int64 } }
	do(http.MethodPut, at+"/draft", map[string]any{"graph": json.RawMessage(graph), "revision": 0}, &d)
	do(http.MethodPost, at+"/publish", map[string]any{"revision": d.Draft.Revision}, &struct{}{})
	v.c.Lambda.Recycle("visitorapi") // with the settings of before in mind
	return f.ID
}

// TestFlowKillTurn: a bot whose worker dies at any moment goes on with the next delivery of its record: it says everything once, in order.
func TestFlowKillTurn(t *testing.T) {
	t.Parallel()
	r := begin(t, rehearsal.Config{Seed: 13, Log: quiet()})
	one := client{r, t}.visitor()
	id := one.bot(asksTwice)
	everyKill(t, &killer{r: r, role: "turn"}, func(t *testing.T, n int, _ func()) string {
		v := visitor{client{r, t}, one.account, one.token}
		lines := func() (out []string) {
			var got struct{ Lines []struct{ By, Text string } }
			v.ask(http.MethodGet, fmt.Sprintf("messages?conversation=%d&after=0", n), nil, &got)
			for _, l := range got.Lines {
				out = append(out, l.By+": "+l.Text)
			}
			return out
		}
		want := []string{"bot: Your name?", "visitor: Lena", "bot: Which size, Lena?", "visitor: Small", "bot: One moment."}
		for i, words := range []string{"Lena", "Small"} {
			if status := v.ask(http.MethodPost, "messages", map[string]any{"conversation": n, "client": fmt.Sprint("kt-", n, "-", i), "text": words, "flow": id}, nil); status/100 != 2 {
				t.Fatalf("%d", status)
			}
			v.c.eventually("the bot's answer", func() bool { return slices.Contains(lines(), want[2*i+2]) })
		}
		r.Settle()
		if got := lines(); !slices.Equal(got, want) {
			t.Errorf("%q", got)
		}
		return ""
	})
}
