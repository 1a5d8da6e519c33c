package rehearsal_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"parley/infra/local/template"
	"parley/infra/rehearsal"
	"parley/infra/rehearsal/ses"
)

// TestFlowKillWebsocket: a socket whose function dies at any moment is opened again by the client, which then hears all it watches.
func TestFlowKillWebsocket(t *testing.T) {
	t.Parallel()
	r := begin(t, rehearsal.Config{Seed: 8, Log: quiet()})
	th := client{r, t}.opened("wim@example.com", "Killed websocket", "kw")
	everyKill(t, &killer{r: r, role: "websocket"}, func(t *testing.T, n int, _ func()) string {
		c := client{r, t}
		var conn *websocket.Conn
		for try := 1; conn == nil; try++ {
			if try > 3 {
				t.Fatal("the socket never opens")
			}
			conn = c.watch("thread:" + th.ID)
		}
		text := fmt.Sprintf("Note number %d.", n)
		c.do(http.MethodPost, "/threads/"+th.ID+"/comments", map[string]any{"text": text})
		c.until(conn, text)
		_ = conn.CloseNow() // its $disconnect may die too: then whoever posts next forgets it
		c.Settle()
		return ""
	})
}

// watch opens a socket and watches a topic as a browser does: nil if it was refused, cut or told of an error.
func (c client) watch(topic string) *websocket.Conn {
	c.t.Helper()
	status, body := c.try(http.MethodPost, "/ticket", "", nil)
	var ticket struct{ Ticket, URL, Protocol string }
	if err := json.Unmarshal(body, &ticket); err != nil || status/100 != 2 {
		c.t.Fatalf("ticket: %d %s", status, body)
	}
	ctx, cancel := c.in(5 * time.Second)
	defer cancel()
	conn, _, err := websocket.Dial(ctx, ticket.URL, &websocket.DialOptions{Subprotocols: []string{ticket.Protocol, ticket.Ticket}})
	if err != nil {
		return nil
	}
	err = conn.Write(ctx, websocket.MessageText, []byte(`{"action":"watch","topics":[{"topic":"`+topic+`"}]}`))
	for err == nil {
		var frame []byte
		if _, frame, err = conn.Read(ctx); err == nil && strings.Contains(string(frame), `"watching"`) {
			return conn
		}
		if strings.Contains(string(frame), "Internal server error") {
			break
		}
	}
	_ = conn.CloseNow()
	return nil
}

// TestFlowKillSweep: what is due is woken by the next run if this one dies.
func TestFlowKillSweep(t *testing.T) {
	t.Parallel()
	r := begin(t, rehearsal.Config{Seed: 9, Log: quiet()})
	everyKill(t, &killer{r: r, role: "sweep"}, func(t *testing.T, n int, _ func()) string {
		c := client{r, t}
		th := c.opened(fmt.Sprintf("w%d@example.com", n), fmt.Sprintf("Killed sweep %d", n), fmt.Sprintf("ks-%d", n))
		c.do(http.MethodPost, "/threads/"+th.ID+"/messages", map[string]any{"text": "Is it on?", "to": []map[string]string{{"email": ses.Broken}}})
		if state, doubt := c.deliver(th.ID); state != "failed" || doubt != 2 {
			t.Errorf("%s after %d doubts: SES answered 500 twice, so it should be in doubt twice and then failed", state, doubt)
		}
		return ""
	})
}

// TestFlowKillMailrule: a deployment whose function dies at any moment is called again by Lambda, and there is one rule of ours in the active set;
// none once the stack is deleted.
func TestFlowKillMailrule(t *testing.T) {
	t.Parallel()
	r := begin(t, rehearsal.Config{Seed: 10, Log: quiet()})
	everyKill(t, &killer{r: r, role: "mailrule"}, func(t *testing.T, _ int, _ func()) string {
		r.Rules().Forget()
		for _, step := range []struct {
			kind  string
			rules int
		}{{"Create", 1}, {"Update", 1}, {"Delete", 0}, {"Create", 1}} {
			if err := r.Deploy(context.Background(), step.kind); err != nil {
				t.Errorf("%s: %v", step.kind, err)
			}
			if set, rules := r.Rules().Active(); set != "parley" || len(rules) != step.rules {
				t.Errorf("after %s the set %q has %+v", step.kind, set, rules)
			}
		}
		return ""
	})
}

// unkilled says why no test kills a function at each of its calls.
var unkilled = map[string]string{
	"callout":    "it writes only what came of a call of a stranger's server; a call that comes twice is shown once (its own test brings every record twice)",
	"imageproxy": "it writes nothing: a browser whose picture fails asks again",
}

// TestEveryFunctionIsKilled: each function of the template has a test that ends it at every call it makes, or a reason.
func TestEveryFunctionIsKilled(t *testing.T) {
	files, err := filepath.Glob("kill_*test.go")
	if err != nil {
		t.Fatal(err)
	}
	killed := map[string]bool{}
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`killer\{.*role: "(\w+)"`).FindAllStringSubmatch(string(source), -1) {
			killed[m[1]] = true
		}
	}
	wiring, err := template.Load("../template.golden.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range slices.Concat(wiring.Functions, wiring.Hooks) {
		if killed[f.Name] == (unkilled[f.Name] != "") {
			t.Errorf("%s: killed at each of its calls %v, reason why not %q: write a TestFlowKill… or a reason", f.Name, killed[f.Name], unkilled[f.Name])
		}
	}
}
