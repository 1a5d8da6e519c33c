package callout_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"parley/functions/callout"
	"parley/functions/sweep"
	"parley/shared/fault"
	"parley/shared/fetch"
	"parley/shared/host"
	"parley/shared/host/hosttest"
	"parley/shared/limit"
	"parley/shared/notice"
	"parley/shared/store"
	"parley/shared/webpush"
	"parley/shared/webpush/webpushtest"
)

// web brings requests to a service of the test's, as shared/fetch/public would to one of the world's.
type web struct {
	to    http.Handler
	err   error
	asked int
	left  time.Duration
}

func (w *web) Get(ctx context.Context, r fetch.Request) (fetch.Answer, error) {
	w.asked++
	if until, ok := ctx.Deadline(); ok {
		w.left = time.Until(until)
	}
	if w.err != nil {
		return fetch.Answer{}, w.err
	}
	q := httptest.NewRequest(http.MethodPost, r.URL, strings.NewReader(string(r.Post)))
	for name, value := range r.Header {
		q.Header.Set(name, value)
	}
	out := httptest.NewRecorder()
	w.to.ServeHTTP(out, q)
	return fetch.Answer{Status: out.Code, Body: out.Body.Bytes()}, nil
}

type world struct {
	*hosttest.World
	t        *testing.T
	st       *store.Store
	h, sweep host.Handler
	web      *web
	service  *webpushtest.Service
}

const endpoint = "https://push.example/s/1"

func open(t *testing.T) *world {
	key, err := webpush.NewKey(hosttest.Key)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{World: hosttest.New(t), t: t}
	w.service = &webpushtest.Service{
		Browser: webpushtest.NewBrowser(), Origin: "https://push.example", Key: key.Public, Now: func() int64 { return w.Now().Unix() }, Got: make(chan webpushtest.Push, 100),
	}
	w.web = &web{to: w.service}
	names := store.Names{Threads: "threads", Outbox: "outbox", Settings: "settings", Sockets: "sockets", Assignments: "assignments", Contacts: "contacts"}
	w.st = store.Open(w.DB, names, w.Now, func() string { return "x" })
	c := w.Cloud()
	c.Fetch = w.web
	if w.h, err = c.Build(callout.New); err != nil {
		t.Fatal(err)
	}
	w.sweep = w.Build(t, sweep.New)
	w.keep("ada", endpoint)
	return w
}

func (w *world) keep(user, endpoint string) {
	w.t.Helper()
	b := w.service.Browser
	if err := w.st.Devices.Keep(hosttest.Context(), store.Device{User: user, Name: "Phone", Endpoint: endpoint, P256dh: b.P256dh, Auth: b.Auth, At: w.Now()}); err != nil {
		w.t.Fatal(err)
	}
}

// tell owes a push of an entry to each of ada's devices.
func (w *world) tell(seq int64) {
	w.t.Helper()
	ctx := hosttest.Context()
	devices, err := w.st.Devices.Of(ctx, "ada")
	if err != nil {
		w.t.Fatal(err)
	}
	n := store.Notice{ID: "e1", User: "ada", Kind: notice.Reply, Thread: "t1", Seq: seq, Inbox: "in1", At: w.Now()}
	told := store.Told{ID: n.ID, Title: "Lena replied", Text: "Hello?", Path: "/inbox/in1/open/t1"}
	if fresh, err := w.st.Notices.Tell(ctx, n, true, false, store.Pushes(devices, n, told, true, w.Now())...); err != nil || !fresh {
		w.t.Fatal(fresh, err)
	}
}

// work delivers everything that ever changed, twice.
func (w *world) work() {
	w.t.Helper()
	changes, err := w.DB.Read(hosttest.Context(), "outbox", 0, 1000)
	if err != nil {
		w.t.Fatal(err)
	}
	for range 2 {
		out, err := w.h.Invoke(hosttest.Context(), hosttest.StreamPayload(changes))
		if err != nil || len(hosttest.Failures(w.t, out)) != 0 {
			w.t.Fatal(string(out), err)
		}
	}
}

func (w *world) later(d time.Duration) {
	w.t.Helper()
	w.Pass(d)
	if _, err := w.sweep.Invoke(hosttest.Context(), nil); err != nil {
		w.t.Fatal(err)
	}
	w.work()
}

// left says what is still owed and which devices there are.
func (w *world) left() (pushes, devices int) {
	w.t.Helper()
	w.Pass(24 * time.Hour)
	owed, err := w.st.Devices.Due(hosttest.Context(), 100)
	if err != nil {
		w.t.Fatal(err)
	}
	w.Pass(-24 * time.Hour)
	list, err := w.st.Devices.Of(hosttest.Context(), "ada")
	if err != nil {
		w.t.Fatal(err)
	}
	return len(owed), len(list)
}

func (w *world) want(pushes, devices int) {
	w.t.Helper()
	if p, d := w.left(); p != pushes || d != devices {
		w.t.Errorf("%d pushes owed, %d devices; want %d, %d", p, d, pushes, devices)
	}
}

// The service opens what came as the browser would, and finds our signature good.
func TestADeviceIsTold(t *testing.T) {
	w := open(t)
	w.tell(3)
	w.work()
	if len(w.service.Got) != 1 {
		t.Fatalf("told %d times", len(w.service.Got))
	}
	got := <-w.service.Got
	var told store.Told
	if err := json.Unmarshal(got.Plain, &told); err != nil || told != (store.Told{ID: "e1", Title: "Lena replied", Text: "Hello?", Path: "/inbox/in1/open/t1"}) {
		t.Errorf("%s %v", got.Plain, err)
	}
	if got.Path != "/s/1" || got.Head.Get("TTL") != "3600" || got.Head.Get("Urgency") != "high" || len(got.Head.Get("Topic")) != 32 || got.Head.Get("Content-Type") != "application/octet-stream" {
		t.Errorf("%+v", got)
	}
	if w.web.left <= 0 || w.web.left > limit.PushTimeout {
		t.Errorf("the service had %v", w.web.left)
	}
	w.want(0, 1)
}

func TestADeviceThatIsGoneIsForgotten(t *testing.T) {
	for _, answer := range []int{http.StatusNotFound, http.StatusGone} {
		w := open(t)
		w.service.Answer = answer
		w.tell(3)
		w.work()
		w.want(0, 0)
		w.keep("ada", endpoint) // subscribed again
		w.want(0, 1)
	}
	w := open(t)
	w.web.err = fault.New(fault.Denied, "This address is not one of the public web.")
	w.tell(3)
	w.work()
	w.want(0, 0)
}

// A service that is busy or away is asked again, a few times and not for ever; what it refuses is not.
func TestAgainAndNotForEver(t *testing.T) {
	for _, sick := range []func(*world){
		func(w *world) { w.service.Answer = http.StatusTooManyRequests },
		func(w *world) { w.service.Answer = http.StatusBadGateway },
		func(w *world) { w.web.err = fault.New(fault.NotFound, "The server does not answer.") },
	} {
		w := open(t)
		sick(w)
		w.tell(3)
		w.work()
		w.want(1, 1)
		w.service.Answer, w.web.err = 0, nil
		w.work() // it is not its turn yet
		if w.web.asked != 1 {
			t.Errorf("asked %d times at once", w.web.asked)
		}
		w.later(2 * time.Minute)
		if w.want(0, 1); len(w.service.Got) != 1 {
			t.Errorf("told %d times", len(w.service.Got))
		}

		sick(w)
		w.web.asked = 0
		w.tell(4)
		w.work()
		for range 8 {
			w.later(10 * time.Minute)
		}
		if w.want(0, 1); w.web.asked != limit.PushAttempts {
			t.Errorf("asked %d times", w.web.asked)
		}
	}
	for _, answer := range []int{http.StatusBadRequest, http.StatusForbidden, http.StatusRequestEntityTooLarge} {
		w := open(t)
		w.service.Answer = answer
		w.tell(3)
		w.work()
		w.want(0, 1)
	}
	w := open(t) // nobody was there to take it for hours
	w.tell(3)
	w.Pass(limit.PushLife + time.Minute)
	w.work()
	if w.want(0, 1); w.web.asked != 0 {
		t.Error("old news was told")
	}
}

// A browser is of one user, and a user has so many.
func TestDevicesAreBounded(t *testing.T) {
	w := open(t)
	ctx := hosttest.Context()
	for i := range limit.Devices + 3 {
		w.Pass(time.Second)
		w.keep("ada", endpoint+strings.Repeat("x", i))
	}
	list, err := w.st.Devices.Of(ctx, "ada")
	if err != nil || len(list) != limit.Devices || list[0].Endpoint != endpoint+strings.Repeat("x", limit.Devices+2) {
		t.Errorf("%d devices, %v", len(list), err)
	}
	w.keep("ben", list[0].Endpoint)
	if _, n := w.left(); n != limit.Devices-1 {
		t.Errorf("ada keeps %d", n)
	}
	if err := w.st.Devices.Forget(ctx, "ada", list[1].ID()); err != nil {
		t.Fatal(err)
	}
	if _, n := w.left(); n != limit.Devices-2 {
		t.Errorf("ada keeps %d", n)
	}
	if err := w.st.Devices.ForgetAll(ctx, "ada"); err != nil {
		t.Fatal(err)
	}
	w.want(0, 0)
	if list, err := w.st.Devices.Of(ctx, "ben"); err != nil || len(list) != 1 {
		t.Errorf("ben has %d, %v", len(list), err)
	}
}
