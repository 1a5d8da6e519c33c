package agentapi_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/events"
	"parley/shared/inbox"
)

type listBody struct {
	Threads []struct {
		Thread  inbox.Summary
		ReadSeq int64
	}
	Next string
}

type threadBody struct {
	Thread       inbox.Summary
	ReadSeq      int64
	Participants []inbox.Participant
	ReplyTo      []events.Address
	Entries      []inbox.Entry
	More         bool
}

func TestInboxes(t *testing.T) {
	w := newWorld(t)
	var got struct {
		Inboxes []struct {
			ID, Name string
			Accounts []inbox.Account
		}
	}
	w.mara("GET", "/api/inboxes", "").into(200, &got)
	if len(got.Inboxes) != 1 || got.Inboxes[0].ID != w.inbox || got.Inboxes[0].Name != "Support" {
		t.Fatalf("%+v", got)
	}
	if d := cmp.Diff([]inbox.Account{w.account}, got.Inboxes[0].Accounts); d != "" {
		t.Errorf("accounts:\n%s", d)
	}
}

func TestViewsAndCounts(t *testing.T) {
	w := newWorld(t)
	w.mara("GET", "/api/me", "").into(200, nil)
	base := "/api/inboxes/" + w.inbox
	var list listBody
	if a := w.mara("GET", base+"/threads", "").into(200, &list); !strings.Contains(a.body, `"threads":[]`) || list.Next != "" {
		t.Errorf("empty: %s", a.body)
	}
	for i := range 5 {
		w.receive(fmt.Sprint("t", i))
	}
	w.mara("PUT", "/api/threads/t0/assignee", `{"agent":"mara"}`).into(200, nil)
	w.mara("PUT", "/api/threads/t1/status", `{"status":"closed"}`).into(200, nil)
	counts := w.counts()
	for view, want := range map[string]int{"open": 4, "mine": 1, "unassigned": 3, "closed": 1} {
		if counts[view].Count != want || counts[view].More {
			t.Errorf("counts %s: %+v, want %d", view, counts[view], want)
		}
		w.mara("GET", base+"/threads?view="+view, "").into(200, &list)
		if len(list.Threads) != want || list.Next != "" {
			t.Errorf("view %s has %d threads, want %d", view, len(list.Threads), want)
		}
	}
	seen := map[string]bool{}
	cursor := ""
	for page := 0; ; page++ {
		w.mara("GET", base+"/threads?limit=2&cursor="+cursor, "").into(200, &list)
		for _, l := range list.Threads {
			seen[l.Thread.ID] = true
		}
		if cursor = list.Next; cursor == "" || page > 5 {
			break
		}
	}
	if len(seen) != 4 {
		t.Errorf("paged over %v", seen)
	}
}

func TestThread(t *testing.T) {
	w := newWorld(t)
	w.receive("t1", func(m *events.MessageReceived) { m.Cc = []events.Address{{Email: "c+t1.abc@parley.example"}} })
	w.mara("POST", "/api/threads/t1/messages", `{"text":"x"}`, "Idempotency-Key", "k").into(201, nil)
	var got threadBody
	a := w.mara("GET", "/api/threads/t1", "").into(200, &got)
	if a.headers["etag"] != `"4"` || got.Thread.Seq != 4 || len(got.Entries) != 4 || got.More || got.ReadSeq != 0 {
		t.Fatalf("%v %s", a.headers, a.body)
	}
	for i, e := range got.Entries {
		if e.Seq != int64(i+1) {
			t.Errorf("entry %d has seq %d", i, e.Seq)
		}
	}
	if got.Entries[2].Delivery == nil || got.Entries[2].Delivery.State != inbox.DeliveryPending {
		t.Errorf("delivery %+v", got.Entries[2].Delivery)
	}
	if d := cmp.Diff([]inbox.Participant{{Name: "Lena Novak", Email: "lena@shop.example"}, {Name: "CFO", Email: "cfo@shop.example"}}, got.Participants); d != "" {
		t.Errorf("participants (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]events.Address{{Name: "Lena Novak", Email: "lena@shop.example"}}, got.ReplyTo); d != "" {
		t.Errorf("replyTo (-want +got):\n%s", d)
	}
}

func TestLog(t *testing.T) {
	w := newWorld(t)
	w.receive("t1")
	for range 68 {
		w.receive("t1") // 70 entries
	}
	var thread threadBody
	w.mara("GET", "/api/threads/t1", "").into(200, &thread)
	if len(thread.Entries) != 50 || !thread.More || thread.Entries[0].Seq != 21 || thread.Entries[49].Seq != 70 {
		t.Errorf("%d entries from %d, more %v", len(thread.Entries), thread.Entries[0].Seq, thread.More)
	}
	for query, want := range map[string]struct {
		first, last int64
		more        bool
	}{
		"":                            {1, 50, true},
		"?after=60":                   {61, 70, false},
		"?after=10&limit=5":           {11, 15, true},
		"?before=21":                  {1, 20, false},
		"?before=21&limit=5":          {16, 20, true},
		"?after=10&before=13":         {11, 12, false},
		"?after=10&before=30&limit=5": {11, 15, true},
		"?before=1000&limit=3":        {68, 70, true},
		"?limit=100000":               {1, 70, false},
		"?after=70":                   {0, 0, false},
		"?before=1":                   {0, 0, false},
	} {
		var got struct {
			Entries []inbox.Entry
			More    bool
		}
		w.mara("GET", "/api/threads/t1/entries"+query, "").into(200, &got)
		var first, last int64
		if n := len(got.Entries); n > 0 {
			first, last = got.Entries[0].Seq, got.Entries[n-1].Seq
			if last-first+1 != int64(n) {
				t.Errorf("%s: gaps", query)
			}
		}
		if first != want.first || last != want.last || got.More != want.more {
			t.Errorf("%s: %d to %d, more %v; want %+v", query, first, last, got.More, want)
		}
	}
}

func TestRead(t *testing.T) {
	w := newWorld(t)
	w.receive("t1")
	readSeq := func() int64 {
		var list listBody
		w.mara("GET", "/api/inboxes/"+w.inbox+"/threads", "").into(200, &list)
		var thread threadBody
		w.mara("GET", "/api/threads/t1", "").into(200, &thread)
		if list.Threads[0].ReadSeq != thread.ReadSeq {
			t.Errorf("the list says %d, the thread %d", list.Threads[0].ReadSeq, thread.ReadSeq)
		}
		return thread.ReadSeq
	}
	for _, c := range []struct{ seq, want int64 }{{2, 2}, {0, 0}, {99, 2}} {
		w.mara("PUT", "/api/threads/t1/read", fmt.Sprintf(`{"seq":%d}`, c.seq)).into(204, nil)
		if got := readSeq(); got != c.want {
			t.Errorf("read %d: %d, want %d", c.seq, got, c.want)
		}
	}
}

func TestContent(t *testing.T) {
	w := newWorld(t)
	w.files.objs["t/t1/m1.html"] = []byte(`<p title="a &lt; b">See <img alt="x" src="cid:pic%40shop"> <img src="CID:none"> <img src="data:image/png;base64,AAAA">cid:pic@shop</p>`)
	w.files.objs["t/t1/m1.txt"] = []byte("See")
	w.receive("t1", func(m *events.MessageReceived) {
		m.Body = events.Body{TextRef: "t/t1/m1.txt", HTMLRef: "t/t1/m1.html"}
		m.Email.Raw = "in/ses1"
		m.Attachments = []events.Attachment{
			{Name: "statement.pdf", Type: "application/pdf", Size: 3, Ref: "t/t1/m1/0"},
			{Name: "pic.png", Type: "image/png", Size: 3, Ref: "t/t1/m1/1", Inline: true, ContentID: "pic@shop"},
			{Type: "text/plain", Size: 3, Ref: "t/t1/m1/2"},
		}
	})
	var body struct{ Text, HTML string }
	w.mara("GET", "/api/threads/t1/entries/2/body", "").into(200, &body)
	const want = `<p title="a &lt; b">See <img alt="x" src="https://files.example/t/t1/m1/1?name=pic.png&amp;life=15m0s"> <img src="CID:none"> <img src="data:image/png;base64,AAAA">cid:pic@shop</p>`
	if body.HTML != want || body.Text != "See" {
		t.Errorf("html %s\ntext %q", body.HTML, body.Text)
	}
	for path, want := range map[string]string{
		"raw":           "https://mail.example/in/ses1?name=&life=15m0s",
		"attachments/0": "https://files.example/t/t1/m1/0?name=statement.pdf&life=15m0s",
		"attachments/2": "https://files.example/t/t1/m1/2?name=attachment&life=15m0s",
	} {
		var link struct{ URL string }
		if w.mara("GET", "/api/threads/t1/entries/2/"+path, "").into(200, &link); link.URL != want {
			t.Errorf("%s: %s", path, link.URL)
		}
	}
}
