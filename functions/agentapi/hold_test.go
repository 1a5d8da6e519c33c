package agentapi_test

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/events"
	"parley/shared/fault"
	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/live"
	"parley/shared/store"
)

type turnedBody struct {
	Entries  []inbox.Entry
	Thread   inbox.Summary
	Delivery inbox.Delivery
}

func TestUndo(t *testing.T) {
	w := newWorld(t)
	w.receive("t1")
	var got changeBody
	w.mara("POST", "/api/threads/t1/messages", `{"text":"Too early","undo":true,"cc":[{"email":"wrong@x.example"}]}`, "Idempotency-Key", "k1").into(201, &got)
	d := got.Entries[0].Delivery
	if d == nil || d.State != inbox.DeliveryHeld || d.HeldUntil.Sub(d.At) != limit.UndoTime || !got.Thread.WaitingSince.IsZero() {
		t.Fatalf("%+v", got)
	}
	for i := range 2 {
		var back turnedBody
		w.mara("POST", "/api/threads/t1/messages/3/withdraw", "").into(200, &back)
		if back.Delivery.State != inbox.DeliveryWithdrawn || back.Thread.WaitingSince.IsZero() || back.Thread.Seq != 5 || len(back.Entries) != 1-i || back.Thread.Messages != 1 {
			t.Errorf("time %d: %+v", i+1, back)
		}
	}
	w.mara("POST", "/api/threads/t1/messages/3/release", "").refused(409, fault.Conflict)
	w.mara("POST", "/api/threads/t1/messages/3/retry", "").refused(409, fault.Conflict)
	var th struct{ ReplyAll struct{ Cc []events.Address } }
	w.mara("GET", "/api/threads/t1", "").into(200, &th)
	if len(th.ReplyAll.Cc) != 1 || th.ReplyAll.Cc[0].Email != "cfo@shop.example" {
		t.Errorf("who was named by mistake is on the thread: %+v", th)
	}

	w.mara("POST", "/api/threads/t1/messages", `{"text":"Now","undo":true}`, "Idempotency-Key", "k2").into(201, nil)
	for range 2 {
		var out struct{ Delivery inbox.Delivery }
		w.mara("POST", "/api/threads/t1/messages/6/release", "").into(200, &out)
		if out.Delivery.State != inbox.DeliveryPending {
			t.Errorf("%+v", out)
		}
	}
	w.mara("POST", "/api/threads/t1/messages/6/withdraw", "").refused(409, fault.Conflict)
	w.mara("POST", "/api/threads/t1/messages/2/withdraw", "").refused(404, fault.NotFound)
	w.mara("POST", "/api/threads/t1/messages/99/withdraw", "").refused(404, fault.NotFound)
	w.mara("POST", "/api/threads/t1/messages/99/release", "").refused(404, fault.NotFound)
	w.mara("POST", "/api/threads/none/messages/1/retry", "").refused(404, fault.NotFound)
}

// Undo and the end of the ten seconds meet: both are answered, and one of them is right.
func TestUndoAtTheLastMoment(t *testing.T) {
	for range 10 {
		w := newWorld(t)
		w.receive("t1")
		w.mara("POST", "/api/threads/t1/messages", `{"text":"x","undo":true}`, "Idempotency-Key", "k").into(201, nil)
		var both sync.WaitGroup
		var release, withdraw answer
		both.Go(func() { release = w.mara("POST", "/api/threads/t1/messages/3/release", "") })
		both.Go(func() { withdraw = w.mara("POST", "/api/threads/t1/messages/3/withdraw", "") })
		both.Wait()
		if release.status+withdraw.status != 200+409 {
			t.Fatalf("release %s, withdraw %s", release.body, withdraw.body)
		}
		j, err := w.store.Outbox.Get(ctx, "t1", 3)
		if err != nil || (j.State == inbox.DeliveryWithdrawn) != (withdraw.status == 200) {
			t.Errorf("%+v %v", j, err)
		}
	}
}

// lose makes a delivery lose one recipient.
func (w *world) lose(seq int64, address string) {
	w.Helper()
	l, ok, err := w.store.Outbox.Lease(ctx, "t1", "worker", 0)
	if err != nil || !ok {
		w.Fatal(ok, err)
	}
	jobs, err := l.Owed(ctx)
	if err != nil || len(jobs) != 1 {
		w.Fatal(jobs, err)
	}
	j, err := l.Sending(ctx, jobs[0])
	if err == nil {
		_, err = l.Sent(ctx, j, "ses-1")
	}
	if err == nil {
		_, err = l.Release(ctx)
	}
	if err == nil {
		_, err = w.store.Outbox.Hear(ctx, "t1", seq, j.ID, inbox.News{Carrier: "ses-1", Recipients: []inbox.Recipient{{Address: address, State: "bounced", Code: inbox.MailboxFull, Reason: "full"}}})
	}
	if err == nil {
		_, err = w.store.Threads.Do(ctx, "t1", "", func(t inbox.Thread) (inbox.Decision, error) {
			return t.Bounce(events.Actor{Kind: events.System}, events.MessageBounced{Message: "m", Sent: seq, Delivery: j.ID, Address: address, Code: "mailbox-full"})
		})
	}
	if err != nil {
		w.Fatal(err)
	}
}

func TestRetryAndTheUndeliveredView(t *testing.T) {
	w := newWorld(t)
	w.receive("t1")
	w.send("k1", `{"text":"x","cc":[{"email":"cfo@shop.example"}]}`)
	w.mara("POST", "/api/threads/t1/messages/3/retry", "").refused(409, fault.Conflict)
	undelivered := func(want int) {
		t.Helper()
		var list struct {
			Threads []struct{ Thread inbox.Summary }
		}
		w.mara("GET", "/api/inboxes/"+w.inbox+"/threads?view=undelivered", "").into(200, &list)
		var counts struct{ Undelivered struct{ Count int } }
		w.mara("GET", "/api/inboxes/"+w.inbox+"/counts", "").into(200, &counts)
		if len(list.Threads) != want || counts.Undelivered.Count != want {
			t.Errorf("%d in the view, %d counted, want %d", len(list.Threads), counts.Undelivered.Count, want)
		}
	}
	undelivered(0)
	w.lose(3, "cfo@shop.example")
	undelivered(1)
	if _, err := w.store.Settings.SignedIn(ctx, "ivo", "Ivo", "ivo@team.example", true); err != nil { // admins see every inbox
		t.Fatal(err)
	}
	if err := w.store.Sockets.Connect(ctx, "conn", store.Identity{Kind: "agent", ID: "ivo"}); err != nil {
		t.Fatal(err)
	}
	if err := w.store.Sockets.Watch(ctx, "conn", live.ThreadTopic("t1")); err != nil {
		t.Fatal(err)
	}
	var got turnedBody
	w.mara("POST", "/api/threads/t1/messages/3/retry", "").into(200, &got)
	r := got.Entries[0].Retried
	if r == nil || len(r.To) != 1 || r.To[0] != "cfo@shop.example" || got.Delivery.State != inbox.DeliveryPending || got.Delivery.Try != 1 || got.Thread.Undelivered != 0 {
		t.Errorf("%+v", got)
	}
	undelivered(0)
	frames := w.push.frames["conn"]
	var kinds []string
	for _, raw := range frames {
		var f live.Frame
		if err := json.Unmarshal([]byte(raw), &f); err != nil {
			t.Fatal(err)
		}
		kinds = append(kinds, f.T)
	}
	if strings.Join(kinds, " ") != "entries delivery" {
		t.Errorf("frames %v", kinds)
	}
	w.mara("POST", "/api/threads/t1/messages/3/retry", "").refused(409, fault.Conflict)
}

func TestSeeUndelivered(t *testing.T) {
	w := newWorld(t)
	w.receive("t1")
	w.send("k1", `{"text":"x"}`)
	w.lose(3, lena.Address)
	var got changeBody
	w.mara("DELETE", "/api/threads/t1/undelivered", "").into(200, &got)
	if len(got.Entries) != 1 || got.Entries[0].Type != "thread.undelivered-seen" || got.Thread.Undelivered != 0 {
		t.Errorf("%+v", got)
	}
	w.mara("DELETE", "/api/threads/t1/undelivered", "").into(200, &got)
	if len(got.Entries) != 0 {
		t.Errorf("seen twice: %+v", got)
	}
	w.mara("DELETE", "/api/threads/none/undelivered", "").refused(404, fault.NotFound)
}

// A thread that began with a withdrawn message is closed.
func TestUndoOfABeginning(t *testing.T) {
	w := newWorld(t)
	got := w.begin("k1", `{"account":"ACCOUNT","to":[{"email":"a@x.example"}],"subject":"x","text":"x","undo":true}`)
	var back turnedBody
	w.mara("POST", "/api/threads/"+got.Thread.ID+"/messages/2/withdraw", "").into(200, &back)
	if back.Thread.Status != inbox.Closed || len(back.Entries) != 2 || time.Since(back.Thread.ClosedAt) > time.Minute {
		t.Errorf("%+v", back)
	}
}
