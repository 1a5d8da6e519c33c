package agentapi_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"parley/shared/chatflow"
	"parley/shared/fault"
	"parley/shared/fetch"
)

// silence is a web in which nobody answers.
type silence struct{}

func (silence) Get(context.Context, fetch.Request) (fetch.Answer, error) {
	return fetch.Answer{}, fault.New(fault.NotFound, "No answer came.")
}

type botBody struct {
	Draft     chatflow.Draft
	Findings  []chatflow.Finding
	Published int64
	Versions  []struct{ Number int64 }
}

const greets = `{"start":"a","steps":[{"id":"a","kind":"question","question":{"text":"%s","ask":"text","into":"name"},"next":"b"},` +
	`{"id":"b","kind":"handoff","handoff":{"to":"routing","text":"Hello {{answer.name}}"}}]}`

// newBot makes a bot in a new chat.
func (w *world) newBot() (path string) {
	w.Helper()
	account := w.newChat("https://kiln.example").Account.ID
	var f chatflow.Flow
	w.mara("POST", "/api/chats/"+account+"/flows", `{"id":"","account":"","name":"Bot","on":true,"bot":true,"published":9,"version":0,"targeting":{},"welcome":"","askEmail":"never","away":{"mode":"message"}}`).into(201, &f)
	if f.Published != 0 {
		w.Errorf("whoever makes a bot says what is published: %+v", f)
	}
	return "/api/chats/" + account + "/flows/" + f.ID + "/bot"
}

func (w *world) draft(path, graph string, revision int64) (b botBody) {
	w.Helper()
	w.mara("PUT", path+"/draft", fmt.Sprintf(`{"graph":%s,"revision":%d}`, graph, revision)).into(200, &b)
	return b
}

func TestABotIsDraftedPublishedAndRolledBack(t *testing.T) {
	w := newWorld(t)
	path := w.newBot()
	var b botBody
	w.mara("GET", path, "").into(200, &b)
	if b.Draft.Revision != 0 || b.Published != 0 || len(b.Findings) != 1 || b.Findings[0].Fault != chatflow.FaultEmpty {
		t.Fatalf("%+v", b)
	}
	half := w.draft(path, `{"start":"a","steps":[{"id":"a","kind":"question","question":{"text":"","ask":"text"}}]}`, 0) // half a thought is saved
	if half.Draft.Revision != 1 || len(half.Findings) == 0 {
		t.Errorf("%+v", half)
	}
	w.mara("POST", path+"/publish", `{"revision":1}`).refused(422, fault.Invalid)
	w.mara("PUT", path+"/draft", `{"graph":`+fmt.Sprintf(greets, "late")+`,"revision":0}`).refused(409, fault.Conflict)
	w.draft(path, fmt.Sprintf(greets, "One?"), 1)
	w.mara("POST", path+"/publish", `{"revision":1}`).refused(409, fault.Conflict) // another draft than was looked at
	var out struct{ Version int64 }
	w.mara("POST", path+"/publish", `{"revision":2}`).into(200, &out)
	w.mara("GET", path, "").into(200, &b)
	if out.Version != 1 || b.Published != 1 || len(b.Versions) != 1 {
		t.Errorf("%+v %+v", out, b)
	}
	b = w.draft(path, fmt.Sprintf(greets, "Two?"), b.Draft.Revision)
	w.mara("POST", path+"/publish", fmt.Sprintf(`{"revision":%d}`, b.Draft.Revision)).into(200, &out)
	w.mara("POST", path+"/rollback", `{"number":1}`).into(200, &out)
	w.mara("GET", path, "").into(200, &b)
	if out.Version != 3 || b.Published != 3 || b.Draft.Graph.Steps[0].Question.Text != "One?" {
		t.Errorf("%+v", b)
	}
	var v chatflow.Version
	w.mara("GET", path+"/versions/2", "").into(200, &v)
	if v.Graph.Steps[0].Question.Text != "Two?" {
		t.Errorf("%+v", v)
	}
	w.mara("GET", path+"/versions/9", "").refused(404, fault.NotFound)
	w.mara("GET", strings.Replace(path, "/flows/", "/flows/x", 1), "").refused(404, fault.NotFound)
	if !strings.Contains(w.changes(), "published") {
		t.Error("no record says that a bot was published")
	}
	// What the form of the chatflow saves leaves the bot alone.
	var flows chatView
	w.mara("GET", strings.Split(path, "/flows/")[0], "").into(200, &flows)
	for _, f := range flows.Flows {
		if f.Bot {
			f.Bot, f.Published = false, 77
			raw, _ := json.Marshal(f)
			w.mara("PUT", strings.TrimSuffix(path, "/bot"), string(raw)).into(200, &f)
			if !f.Bot || f.Published != 3 {
				t.Errorf("%+v", f)
			}
		}
	}
}

func TestADriveWritesNothing(t *testing.T) {
	w := newWorld(t)
	path := w.newBot()
	graph := `{"start":"n","steps":[{"id":"n","kind":"question","question":{"text":"Name?","ask":"text","into":"name","property":"name"},"next":"h"},` +
		`{"id":"h","kind":"webhook","webhook":{"url":"https://team.example/x","fail":"c"},"next":"p"},` +
		`{"id":"c","kind":"code","code":{"source":"exports.main = (e, cb) => cb({botMessage: 'Hi ' + e.session.properties.name})"},"next":"p"},` +
		`{"id":"p","kind":"handoff","handoff":{"to":"routing","text":"Bye"}}]}`
	type driven struct {
		Session json.RawMessage
		Contact map[string]string
		Turns   []struct {
			Turn struct{ Lines []struct{ Text string } }
		}
		Heard bool
	}
	var d driven
	w.mara("POST", path+"/drive", `{"graph":`+graph+`,"kind":"start","there":true}`).into(200, &d)
	if !d.Heard || len(d.Turns) != 1 || d.Turns[0].Turn.Lines[0].Text != "Name?" {
		t.Fatalf("%+v", d)
	}
	var e driven
	w.mara("POST", path+"/drive", fmt.Sprintf(`{"graph":%s,"kind":"say","text":"Lena","session":%s,"there":true}`, graph, d.Session)).into(200, &e)
	var said []string
	for _, turn := range e.Turns {
		for _, l := range turn.Turn.Lines {
			said = append(said, l.Text)
		}
	}
	if strings.Join(said, "|") != "Hi Lena|Bye" || e.Contact["name"] != "Lena" || !strings.Contains(string(e.Session), "handedOff") {
		t.Errorf("%q %+v %s", said, e.Contact, e.Session)
	}
	var n struct{ Started int }
	w.mara("GET", path+"/numbers", "").into(200, &n)
	if n.Started != 0 {
		t.Errorf("a drive was counted: %+v", n)
	}
}
