package rehearsal_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"parley/infra/rehearsal"
	"parley/infra/rehearsal/cloud"
)

// killer ends a process with SIGKILL at the nth moment of a function: before and after each of its AWS calls is one.
type killer struct {
	r    *rehearsal.Rehearsal
	role string
	also func(c cloud.Call) bool // cuts more calls, without a death

	mu   sync.Mutex
	left int
	at   string // where it struck
}

// arm makes the killer strike at the nth moment from now.
func (k *killer) arm(n int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.left, k.at = n, ""
}

// disarm ends what arm began.
func (k *killer) disarm() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.left = 0
}

// struck says where the killer struck, "" if the function made fewer calls.
func (k *killer) struck() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.at
}

func (k *killer) strike(c cloud.Call, done bool) bool {
	if c.Role != k.role {
		return k.also != nil && k.also(c)
	}
	k.mu.Lock()
	k.left--
	hit := k.left == 0
	if hit {
		k.at = fmt.Sprintf("%s (done: %v)", c.Name, done)
	}
	k.mu.Unlock()
	if hit {
		k.r.Lambda.Kill(c.Session)
	}
	return hit
}

// everyKill runs a scenario once for each moment of a function that starts cold, until one is not struck any more. run gets the number of its
// moment, and calls disarm when what may be killed is over; it returns a remark for the list of moments.
func everyKill(t *testing.T, k *killer, run func(t *testing.T, n int, disarm func()) string) {
	t.Helper()
	r := k.r
	r.Cloud.OnCall(k.strike)
	defer r.Cloud.OnCall(nil)
	var moments []string
	for n := 1; ; n++ {
		if n > 200 {
			t.Fatal("the function never comes to an end")
		}
		ok := t.Run(fmt.Sprint(n), func(t *testing.T) {
			r.Settle()
			r.Lambda.Recycle(k.role)
			k.arm(n)
			remark := run(t, n, k.disarm)
			k.disarm()
			if at := k.struck(); at != "" {
				moments = append(moments, at+remark)
				if t.Failed() {
					t.Logf("struck at %s", at)
				}
			}
		})
		if !ok || len(moments) < n {
			break
		}
	}
	if len(moments) < 4 {
		t.Errorf("only %d moments: %v", len(moments), moments)
	}
	t.Logf("%s was killed at %d moments: %s", k.role, len(moments), strings.Join(moments, ", "))
}

// TestFlowKillIngest: a mail whose ingest dies at any moment comes again from the queue, and is one message of one thread.
func TestFlowKillIngest(t *testing.T) {
	t.Parallel()
	r := begin(t, rehearsal.Config{Seed: 2, Log: quiet()})
	everyKill(t, &killer{r: r, role: "ingest"}, func(t *testing.T, n int, disarm func()) string {
		c := client{r, t}
		subject := fmt.Sprintf("Killed ingest %d", n)
		th := c.opened(fmt.Sprintf("k%d@example.com", n), subject, fmt.Sprintf("ki-%d", n))
		r.Settle()
		disarm()
		if all := c.about(subject); len(all) != 1 || all[0].Messages != 1 {
			t.Errorf("%+v", all)
		}
		c.gapless(th.ID)
		return ""
	})
}

// TestFlowKillDeliver: a reply whose worker dies at any moment goes out once, because SES's own events tell what it took. If they are lost too,
// it goes out twice only if it was marked as in doubt.
func TestFlowKillDeliver(t *testing.T) {
	for _, deaf := range []bool{false, true} {
		t.Run(fmt.Sprintf("deaf=%v", deaf), func(t *testing.T) {
			t.Parallel()
			r := begin(t, rehearsal.Config{Seed: 3, Log: quiet(), Deaf: deaf})
			twice := 0
			everyKill(t, &killer{r: r, role: "deliver"}, func(t *testing.T, n int, _ func()) string {
				c := client{r, t}
				to := fmt.Sprintf("d%d@example.com", n)
				th := c.opened(to, fmt.Sprintf("Killed deliver %d", n), fmt.Sprintf("kd-%d", n))
				c.reply(th.ID, "On its way.")
				state, doubt := c.deliver(th.ID)
				got := c.sentTo(to)
				if state != "sent" || got < 1 || got > 1 && (doubt == 0 || !deaf) || got > 2 {
					t.Errorf("state %s, %d mails, in doubt %d times", state, got, doubt)
				}
				if got > 1 {
					twice++
					return " – doubled, marked"
				}
				return ""
			})
			// Only a death after SES took the mail and before its answer was written can double it.
			if twice > 4 {
				t.Errorf("%d of the moments doubled the mail", twice)
			}
		})
	}
}

// TestFlowKillAgentAPI: a reply whose request dies at any moment is an error to the browser, which asks again with its key: one message.
func TestFlowKillAgentAPI(t *testing.T) {
	t.Parallel()
	r := begin(t, rehearsal.Config{Seed: 4, Log: quiet()})
	th := client{r, t}.opened("ada@example.com", "Killed API", "ka")
	sent := 1
	everyKill(t, &killer{r: r, role: "agentapi"}, func(t *testing.T, n int, disarm func()) string {
		c := client{r, t}
		key := fmt.Sprintf("ka-%d", n)
		for try := 1; ; try++ {
			status, body := c.try(http.MethodPost, "/threads/"+th.ID+"/messages", key, map[string]any{"text": "Answer."})
			if status/100 == 2 {
				break
			}
			if status != http.StatusInternalServerError || try > 2 {
				t.Fatalf("try %d: %d %s", try, status, body)
			}
		}
		disarm()
		sent++
		if all := c.about("Killed API"); len(all) != 1 || all[0].Messages != sent {
			t.Errorf("%+v, want %d messages", all, sent)
		}
		c.gapless(th.ID)
		return ""
	})
	r.Settle()
	if got := (client{r, t}).sentTo("ada@example.com"); got != sent-1 {
		t.Errorf("%d mails went out of %d replies", got, sent-1)
	}
}

// TestFlowKillNotify: what the door could not push, notify does, at whatever moment it dies meanwhile.
func TestFlowKillNotify(t *testing.T) {
	t.Parallel()
	r := begin(t, rehearsal.Config{Seed: 5, Log: quiet()})
	th := client{r, t}.opened("nora@example.com", "Killed notify", "kn")
	door := func(c cloud.Call) bool { return c.Role == "agentapi" && strings.HasPrefix(c.Name, "execute-api") }
	everyKill(t, &killer{r: r, role: "notify", also: door}, func(t *testing.T, n int, _ func()) string {
		c := client{r, t}
		conn := c.socket("thread:" + th.ID)
		text := fmt.Sprintf("Note number %d.", n)
		if status, body := c.try(http.MethodPost, "/threads/"+th.ID+"/comments", fmt.Sprintf("kn-%d", n), map[string]any{"text": text}); status/100 != 2 {
			t.Fatalf("%d %s", status, body)
		}
		c.until(conn, text)
		return ""
	})
}

// TestFlowKillMailstatus: what SES said of a mail is on the message, at whatever moment who notes it dies.
func TestFlowKillMailstatus(t *testing.T) {
	t.Parallel()
	r := begin(t, rehearsal.Config{Seed: 6, Log: quiet()})
	everyKill(t, &killer{r: r, role: "mailstatus"}, func(t *testing.T, n int, _ func()) string {
		c := client{r, t}
		th := c.opened(fmt.Sprintf("m%d@example.com", n), fmt.Sprintf("Killed mailstatus %d", n), fmt.Sprintf("km-%d", n))
		c.do(http.MethodPost, "/threads/"+th.ID+"/messages", map[string]any{"text": "To nobody.", "to": []map[string]string{{"email": "bounce@simulator.amazonses.com"}}})
		var log struct{ Entries []struct{ Type string } }
		bounced := func() (n int) {
			log.Entries = nil
			c.get("/threads/"+th.ID, &log)
			for _, e := range log.Entries {
				if e.Type == "message.bounced" {
					n++
				}
			}
			return n
		}
		c.eventually("the bounce", func() bool { return bounced() > 0 })
		c.Settle()
		if n := bounced(); n != 1 {
			t.Errorf("%d bounces: %+v", n, log)
		}
		return ""
	})
}
