package notify_test

import (
	"strings"
	"testing"
	"time"

	"parley/events"
	"parley/shared/host/hosttest"
	"parley/shared/inbox"
	"parley/shared/live"
	"parley/shared/notice"
	"parley/shared/store"
)

// A mention reaches who is called: in the list, on their open page, and as a mail that is owed; delivered twice, it is told once. Whoever turned
// a kind off hears nothing of it.
func TestNoticesAreToldOnce(t *testing.T) {
	w := open(t, hosttest.New(t))
	ctx := hosttest.Context()
	st := store.Open(w.DB, store.Names{Threads: "threads", Outbox: "outbox", Assignments: "assignments", Settings: "settings", Sockets: "sockets"}, w.Now, func() string { return "in1" })
	by := events.Actor{ID: "mara"}
	box, _, err := st.Settings.NewInbox(ctx, by, "Support", "parley.example")
	if err != nil || box.ID != "in1" {
		t.Fatal(box, err)
	}
	w.st = openStore(w)
	for _, id := range []string{"mara", "ada", "ben"} {
		if _, err := w.st.Settings.Invited(ctx, by, store.User{ID: id, Name: id, Role: inbox.Agent}); err != nil {
			t.Fatal(err)
		}
	}
	quiet := notice.Defaults()
	quiet.Kinds[notice.Mention] = notice.Where{}
	if _, err := w.st.Notices.SetPrefs(ctx, "ben", quiet); err != nil {
		t.Fatal(err)
	}
	w.Connect("c-ada")
	if _, err := w.st.Settings.SignedIn(ctx, "ada", "ada", "ada@team.example", true); err != nil { // admins see every inbox
		t.Fatal(err)
	}
	if err := w.st.Sockets.Connect(ctx, "c-ada", store.Identity{Kind: "agent", ID: "ada"}); err != nil {
		t.Fatal(err)
	}
	if err := w.st.Sockets.Watch(ctx, "c-ada", live.UserTopic("ada")); err != nil {
		t.Fatal(err)
	}
	w.write(t, "t1", "Hi")
	if _, err := w.st.Threads.Do(ctx, "t1", "", func(h inbox.Thread) (inbox.Decision, error) {
		return h.Comment(events.Actor{Kind: events.Agent, ID: "mara", Name: "Mara"}, events.CommentAdded{
			Comment: "k", Body: events.Body{Text: "@ada @ben"}, Preview: "@ada @ben", Mentions: []events.Mention{{ID: "ada"}, {ID: "ben"}, {ID: "mara"}},
		})
	}); err != nil {
		t.Fatal(err)
	}
	changes, err := w.DB.Read(ctx, "threads", 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	heads := changes[:0]
	for _, c := range changes {
		if c.Key.SK == "H" {
			heads = append(heads, c)
		}
	}
	for _, batch := range [][]int{{0, 2}, {0, 1}, {1, 2}} { // all at once, then cut otherwise
		out, err := w.h.Invoke(ctx, hosttest.StreamPayload(heads[batch[0]:batch[1]]))
		if err != nil || len(hosttest.Failures(t, out)) != 0 {
			t.Fatal(string(out), err)
		}
	}
	list, _, _, err := w.st.Notices.List(ctx, "ada", "", 10)
	if err != nil || len(list) != 1 || list[0].Kind != notice.Mention || list[0].Preview != "@ada @ben" || list[0].Who.Name != "Mara" {
		t.Errorf("%+v %v", list, err)
	}
	if n, _, err := w.st.Notices.Unseen(ctx, "ada", time.Time{}); n != 1 || err != nil {
		t.Error(n, err)
	}
	if err := w.st.Notices.See(ctx, "ada", list[0].At); err != nil {
		t.Fatal(err)
	}
	if seen, _ := w.st.Notices.Seen(ctx, "ada"); true {
		if n, _, err := w.st.Notices.Unseen(ctx, "ada", seen); n != 0 || err != nil {
			t.Error(n, err)
		}
	}
	frames := 0
	for _, f := range w.Frames("c-ada") {
		if strings.Contains(f, `"t":"notice"`) && strings.Contains(f, `"show":true`) {
			frames++
		}
	}
	if frames != 1 {
		t.Errorf("shown %d times: %v", frames, w.Frames("c-ada"))
	}
	if m, ok, err := w.st.Notices.Mail(ctx, "ada", "t1"); err != nil || !ok || m.Ready || m.Due.Sub(w.Now()) != notice.EmailAfter {
		t.Errorf("%+v %v %v", m, ok, err)
	}
	for _, id := range []string{"ben", "mara"} {
		if list, _, _, err := w.st.Notices.List(ctx, id, "", 10); err != nil || len(list) != 0 {
			t.Errorf("%s was told %+v %v", id, list, err)
		}
	}
}

// A push is owed to each device, once, for kinds that are wanted there; none in quiet hours, none while a page of the user's is visible, none to
// whoever may not see the conversation.
func TestPushes(t *testing.T) {
	for name, c := range map[string]struct {
		prefs   func(*notice.Prefs)
		looking bool
		want    int
	}{
		"wanted":     {want: 2},
		"not wanted": {prefs: func(p *notice.Prefs) { p.Kinds[notice.Mention] = notice.Where{App: true, Browser: true} }},
		"quiet": {prefs: func(p *notice.Prefs) {
			p.Quiet = notice.Quiet{On: true, From: "08:00", Until: "10:00", Days: []int{1, 2, 3, 4, 5}, Zone: "UTC"}
		}},
		"looking": {looking: true},
	} {
		w := open(t, hosttest.New(t))
		ctx := hosttest.Context()
		w.watch(t, "c1", live.UserTopic("u1"))
		p := notice.Defaults()
		if c.prefs != nil {
			c.prefs(&p)
		}
		if _, err := w.st.Notices.SetPrefs(ctx, "u1", p); err != nil {
			t.Fatal(err)
		}
		if c.looking {
			if err := w.st.Sockets.Watch(ctx, "c1", live.LookingTopic("u1")); err != nil {
				t.Fatal(err)
			}
		}
		var ids []string
		for _, at := range []string{"https://push.example/1", "https://push.example/2"} {
			d := store.Device{User: "u1", Name: "d", Endpoint: at, At: w.Now()}
			ids = append(ids, d.ID())
			if err := w.st.Devices.Keep(ctx, d); err != nil {
				t.Fatal(err)
			}
		}
		w.write(t, "t1", "Hi")
		if _, err := w.st.Threads.Do(ctx, "t1", "", func(h inbox.Thread) (inbox.Decision, error) {
			return h.Comment(events.Actor{Kind: events.Agent, ID: "mara", Name: "Mara"}, events.CommentAdded{
				Comment: "k", Body: events.Body{Text: "@u1"}, Preview: strings.Repeat("ä", 1000), Mentions: []events.Mention{{ID: "u1"}},
			})
		}); err != nil {
			t.Fatal(err)
		}
		heads := w.heads(t)
		for range 2 {
			out, err := w.h.Invoke(ctx, hosttest.StreamPayload(heads))
			if err != nil || len(hosttest.Failures(t, out)) != 0 {
				t.Fatal(string(out), err)
			}
		}
		w.Pass(time.Hour)
		owed, err := w.st.Devices.Due(ctx, 100)
		if err != nil || len(owed) != c.want {
			t.Errorf("%s: %d pushes %v", name, len(owed), err)
		}
		for _, p := range owed {
			if !p.Ready || p.Told.Title != "Mara mentioned you" || !strings.HasSuffix(p.Told.Path, "/open/t1") || len([]rune(p.Told.Text)) > 300 || !p.Urgent {
				t.Errorf("%s: %+v", name, p)
			}
		}
		said := strings.Join(w.Frames("c1"), "\n")
		if got := strings.Contains(said, ids[0]) && strings.Contains(said, ids[1]); got != (c.want > 0) {
			t.Errorf("%s: the page heard %s", name, said)
		}
	}
}
