package rehearsal_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"parley/infra/rehearsal/cloud"
)

// givenUp: what a function that always dies was called with ends in the failures bucket after as many tries as the template says, and the mail
// goes out all the same when it lives again.
func (c client) givenUp() {
	th := c.opened("greta@example.com", "Given up", "given-1")
	c.Cloud.OnCall(func(call cloud.Call, done bool) bool {
		if call.Role != "deliver" && call.Role != "notify" {
			return false
		}
		c.Lambda.Kill(call.Session)
		return true
	})
	c.reply(th.ID, "In the end.")
	c.eventually("on-failure records of both mappings", func() bool { return len(c.failures(th.ID)) == 2 })
	c.Cloud.OnCall(func(call cloud.Call, done bool) bool {
		if call.Role == "mailstatus" {
			c.Lambda.Kill(call.Session)
		}
		return call.Role == "mailstatus"
	})
	if state, _ := c.deliver(th.ID); state != "sent" || c.sentTo("greta@example.com") != 1 {
		c.t.Errorf("state %s", state)
	}
	c.eventually("the record of an event that nobody could take", func() bool { return c.failures(th.ID)["async"].tries > 0 })
	for mapping, f := range c.failures(th.ID) {
		want := failure{condition: "RetryAttemptsExhausted", tries: 7, batch: 1}
		if mapping == "async" {
			want = failure{condition: "RetriesExhausted", tries: 3}
		}
		if f != want {
			c.t.Errorf("%s: %+v, want %+v", mapping, f, want)
		}
	}
}

// failure is what an on-failure record says.
type failure struct {
	condition    string
	tries, batch int
}

// failures are the on-failure records that speak of a thread: by mapping, and "async"; the last of each.
func (c client) failures(thread string) map[string]failure {
	c.t.Helper()
	found := map[string]failure{}
	for bucket := range c.S3.Buckets {
		keys, err := c.S3.Keys(bucket)
		if err != nil {
			c.t.Fatal(err)
		}
		for _, key := range keys {
			if !strings.HasPrefix(key, "aws/lambda/") {
				continue
			}
			raw, err := c.S3.Object(bucket, key)
			var doc struct {
				RequestContext struct {
					Condition              string
					ApproximateInvokeCount int
				}
				DDBStreamBatchInfo struct{ BatchSize int }
			}
			if err == nil {
				err = json.Unmarshal(raw, &doc)
			}
			if err != nil {
				c.t.Fatal(err)
			}
			if strings.Contains(string(raw), thread) {
				found[strings.Split(key, "/")[2]] = failure{doc.RequestContext.Condition, doc.RequestContext.ApproximateInvokeCount, doc.DDBStreamBatchInfo.BatchSize}
			}
		}
	}
	return found
}

// poison: a record on which the worker always dies is given up alone, however many are in its batch; the others go out, once each.
func (c client) poison() {
	const many = 20 // over six lanes: enough that the last shares its batch
	ids := make([]string, many)
	to := func(i int) string { return fmt.Sprintf("p%d@example.com", i) }
	for i := range ids {
		ids[i] = c.opened(to(i), fmt.Sprintf("Poison %d", i), fmt.Sprintf("poison-%d", i)).ID
	}
	bad := ids[many-1]
	release, held := make(chan struct{}), make(chan struct{}, 1000)
	c.Cloud.OnCall(func(call cloud.Call, _ bool) bool {
		if call.Role != "deliver" {
			return false
		}
		held <- struct{}{}
		<-release // until then the others wait, and become batches
		if bytes.Contains(call.Body, []byte(bad)) {
			c.Lambda.Kill(call.Session)
			return true
		}
		return false
	})
	for _, id := range ids {
		c.reply(id, "One of many.")
	}
	c.eventually("the first worker", func() bool { return len(held) > 0 })
	close(release)
	c.eventually("the poisonous record's end", func() bool { return len(c.failures(bad)) == 1 })
	c.eventually("all the others", func() bool {
		n := 0
		for i := range ids {
			n += c.sentTo(to(i))
		}
		return n == many-1
	})
	for _, f := range c.failures(bad) {
		if f.batch != 1 {
			c.t.Errorf("%d records were given up together", f.batch)
		}
	}
	c.Cloud.OnCall(nil)
	if state, _ := c.deliver(bad); state != "sent" {
		c.t.Errorf("the last one is %s", state)
	}
	for i := range ids {
		if n := c.sentTo(to(i)); n != 1 {
			c.t.Errorf("%d mails to %s", n, to(i))
		}
	}
}

// deadLetter: a mail on which ingest always dies comes again from the queue, is a dead letter at last, holds up no other, and is a thread once
// somebody has mended the cause and brought it back.
func (c client) deadLetter() {
	ctx := context.Background()
	before, err := c.DeadLetters(ctx)
	if err != nil {
		c.t.Fatal(err)
	}
	var deaths atomic.Int64
	c.Cloud.OnCall(func(call cloud.Call, _ bool) bool {
		if call.Role == "ingest" {
			deaths.Add(1)
			c.Lambda.Kill(call.Session)
		}
		return call.Role == "ingest"
	})
	c.mail("dora@example.com", "Dead letter", "dead-1")
	c.eventually("the dead letter", func() bool {
		n, err := c.DeadLetters(ctx)
		return err == nil && n == before+1
	})
	c.Cloud.OnCall(nil)
	if n := deaths.Load(); n != 5 {
		c.t.Errorf("tried %d times", n)
	}
	c.opened("dirk@example.com", "After it", "dead-2")
	if all := c.about("Dead letter"); len(all) != 0 {
		c.t.Errorf("%+v", all)
	}
	if err := c.Redrive(ctx); err != nil {
		c.t.Fatal(err)
	}
	c.eventually("the mail that was dead", func() bool { return len(c.about("Dead letter")) == 1 })
}

// clogged: a socket whose buffer is full blocks nobody. What it missed its client sees by the numbers, and asks for.
func (c client) clogged() {
	th := c.opened("carl@example.com", "Clogged", "clogged-1")
	conn := c.socket("thread:" + th.ID)
	c.Clog(true)
	c.do(http.MethodPost, "/threads/"+th.ID+"/comments", map[string]any{"text": "Into a full buffer."})
	c.Settle() // notify has done what it could
	c.Clog(false)
	c.do(http.MethodPost, "/threads/"+th.ID+"/comments", map[string]any{"text": "There is room again."})
	for text := ""; !strings.Contains(text, "There is room again."); {
		if text = c.frame(conn); strings.Contains(text, "Into a full buffer.") {
			c.t.Errorf("what was refused came all the same: %s", text)
		}
	}
	ctx, cancel := c.in(10 * time.Second)
	defer cancel()
	if err := conn.Write(ctx, websocket.MessageText, fmt.Appendf(nil, `{"action":"watch","topics":[{"topic":"thread:%s","after":%d}]}`, th.ID, th.Seq)); err != nil {
		c.t.Fatal(err)
	}
	c.until(conn, "Into a full buffer.")
}

// trouble: when the table does not answer, a function says so and writes it down.
func (c client) trouble(role string, act func(thread string)) {
	th := c.opened("tom@example.com", "Trouble", "trouble-"+role)
	c.Settle()
	before := len(c.Logs(role))
	c.Cloud.OnCall(func(call cloud.Call, _ bool) bool {
		return call.Role == role && strings.HasPrefix(call.Name, "dynamodb")
	})
	act(th.ID)
	c.eventually("a line of "+role, func() bool { return len(c.Logs(role)) > before })
	c.Cloud.OnCall(nil)
	c.Tick(context.Background())
}
