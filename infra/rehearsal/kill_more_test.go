package rehearsal_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

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
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
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
