package turn_test

import (
	"slices"
	"testing"
	"time"

	"parley/events"
	"parley/shared/chatflow"
	"parley/shared/host/hosttest"
	"parley/shared/people"
	"parley/shared/store"
)

// lists is a bot that asks for a name, puts whoever answers on one list and takes them off another.
func lists(on, off string) chatflow.Graph {
	join := step("join", chatflow.StepList, "leave")
	join.List = &chatflow.ListStep{List: on}
	leave := step("leave", chatflow.StepList, "bye")
	leave.List = &chatflow.ListStep{List: off, Remove: true}
	bye := step("bye", chatflow.StepEnd, "")
	bye.End = &chatflow.EndStep{Text: "You are on it."}
	return chatflow.Graph{Start: "what", Steps: []chatflow.Step{
		asks("what", chatflow.QuestionStep{Text: "What is it about?", Ask: chatflow.AskText}, "name"),
		asks("name", chatflow.QuestionStep{Text: "Your name?", Ask: chatflow.AskText, Property: "name"}, "join"), join, leave, bye,
	}}
}

func (s *shop) list(name string, kind people.ListKind) string {
	s.Helper()
	l, err := s.st.Contacts.PutList(ctx, mara, people.List{Name: name, Kind: kind}, func(int64) error { return nil })
	if err != nil {
		s.Fatal(err)
	}
	return l.ID
}

func (s *shop) on(list string) []string {
	s.Helper()
	all, err := s.st.Contacts.Lists(ctx)
	if err != nil {
		s.Fatal(err)
	}
	page, err := s.st.Contacts.Find(ctx, people.Asked{Now: s.Now(), Lists: all}, store.ContactQuery{Conditions: people.List{ID: list, Kind: people.Static}.Asks()})
	if err != nil {
		s.Fatal(err)
	}
	var ids []string
	for _, c := range page.Contacts {
		ids = append(ids, c.ID)
	}
	return ids
}

func (s *shop) said(last string) {
	s.Helper()
	if got := s.transcript(); got[len(got)-2] != "bot: "+last {
		s.Errorf("%q", got)
	}
}

// Whatever fails, a visitor is put on the list once, is a contact from then on, and their record says so once.
func TestABotPutsAVisitorOnAList(t *testing.T) {
	hosttest.EveryCrash(t, func(t *testing.T, w *hosttest.World) {
		strike := w.Strike
		w.Strike = nil
		s := openIn(t, w, lists("", ""))
		on, off := s.list("Fair", people.Static), s.list("Nobody asked", people.Static)
		s.publish(lists(on, off))
		s.say("Hello", 1)
		s.deliver()
		id := s.head().Contact.ID
		if _, err := s.st.Contacts.Enlist(ctx, mara, id, off); err != nil {
			t.Fatal(err)
		}
		s.say("Lena", 2)
		w.Strike = strike
		s.deliver()
		w.Strike = nil
		s.said("You are on it.")
		c, err := s.st.Contacts.Get(ctx, id)
		if err != nil || c.Visitor || !slices.Equal(c.Lists, []string{on}) || c.Name != "Lena" {
			t.Errorf("%+v %v", c, err)
		}
		if got := s.on(on); !slices.Equal(got, []string{id}) || s.on(off) != nil {
			t.Errorf("on the lists: %v, %v", got, s.on(off))
		}
		lines, err := s.st.Contacts.Lines(ctx, c, "", 10)
		var did []people.ContactChange
		for _, l := range lines {
			if l.By.Kind == events.Bot {
				did = append(did, l.Changes...)
			}
		}
		if want := []people.ContactChange{{On: people.OnList, Before: off}, {On: people.OnList, After: on}}; err != nil || !slices.Equal(did, want) {
			t.Errorf("the record says %+v (%v), want %+v", did, err, want)
		}
		s.replays()
	})
}

// A list that is gone, one by conditions and a visitor whom the team has merged change nothing, and the walk goes on.
func TestABotWhoseListCannotBe(t *testing.T) {
	for name, c := range map[string]struct {
		list   func(*shop) string
		merged bool
	}{
		"gone": {list: func(s *shop) string {
			id := s.list("Fair", people.Static)
			if err := s.st.Contacts.DeleteList(ctx, mara, id); err != nil {
				t.Fatal(err)
			}
			return id
		}},
		"conditions": {list: func(s *shop) string { return s.list("Fair", people.ByConditions) }},
		"merged":     {list: func(s *shop) string { return s.list("Fair", people.Static) }, merged: true},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, lists("", ""))
			list := c.list(s)
			s.publish(lists(list, list))
			s.talk("Hello")
			id := s.head().Contact.ID
			if c.merged {
				known, err := s.st.Contacts.ByEmail(ctx, "lena@shop.example", "Lena")
				if err != nil {
					t.Fatal(err)
				}
				if _, err := s.st.Contacts.Enlist(ctx, mara, known.ID, list); err != nil {
					t.Fatal(err)
				}
				if _, err := s.st.Contacts.Merge(ctx, mara, "hand", known.ID, id); err != nil {
					t.Fatal(err)
				}
			}
			s.Pass(11 * time.Second)
			s.talk("Lena")
			s.said("You are on it.")
			got, err := s.st.Contacts.Get(ctx, id)
			want := []string(nil)
			if c.merged {
				want = []string{list} // neither put on it nor taken off it by a bot
			}
			if err != nil || !slices.Equal(got.Lists, want) {
				t.Errorf("%+v %v", got, err)
			}
			failed := 0
			for _, r := range s.replays() {
				if r.Input.Result != nil && r.Input.Result.Failed != "" {
					failed++
				}
			}
			if failed == 0 {
				t.Error("nothing says that it did not work")
			}
		})
	}
}
