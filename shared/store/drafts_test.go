package store_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/events"
	"parley/shared/fault"
	"parley/shared/inbox"
	"parley/shared/store"
)

func draft(thread, mode, text string) store.Draft {
	return store.Draft{DraftPlace: store.DraftPlace{Thread: thread, Mode: mode}, Text: text}
}

func TestDrafts(t *testing.T) {
	s, c := openStore(t)
	put := func(over string, d store.Draft) store.Draft {
		t.Helper()
		d, err := s.Drafts.Put(ctx, "u1", over, d)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	refused := func(err error) {
		t.Helper()
		if !fault.Is(err, fault.Conflict) {
			t.Errorf("not refused: %v", err)
		}
	}
	full := draft("t1", "reply", "Dear")
	full.HTML, full.To, full.Attachments, full.Account = "<p>Dear</p>", []events.Address{{Email: "half an addr"}}, []store.DraftFile{{Upload: "u", Name: "a"}}, "a1"
	first := put("", full)
	got, err := s.Drafts.Get(ctx, "u1", first.DraftPlace, store.DraftPlace{Thread: "t1", Mode: "note"})
	if d := cmp.Diff([]store.Draft{first}, got); d != "" || err != nil {
		t.Errorf("%v %s", err, d)
	}
	_, err = s.Drafts.Put(ctx, "u1", "", draft("t1", "reply", "I did not know"))
	refused(err)
	second := put(first.Tag, draft("t1", "reply", "Dear Lena"))
	_, err = s.Drafts.Put(ctx, "u1", first.Tag, draft("t1", "reply", "an older tab"))
	refused(err)
	refused(s.Drafts.Remove(ctx, "u1", first.Tag, first.DraftPlace))
	third := put("*", draft("t1", "reply", "whatever there is"))
	if first.Tag == second.Tag || second.Tag == third.Tag {
		t.Error("a tag is used twice")
	}
	if err := s.Drafts.Remove(ctx, "u1", third.Tag, third.DraftPlace); err != nil {
		t.Fatal(err)
	}
	_, err = s.Drafts.Put(ctx, "u1", third.Tag, draft("t1", "reply", "a tab that has not heard of it"))
	refused(err)
	for _, tag := range []string{third.Tag, "*"} {
		if err := s.Drafts.Remove(ctx, "u1", tag, third.DraftPlace); err != nil {
			t.Errorf("it is gone already: %v", err)
		}
	}

	put("", draft("t1", "note", "n"))
	put("", draft("t1", "reply", "r"))
	c.pass(time.Minute)
	put("", store.Draft{DraftPlace: store.DraftPlace{ID: "01abc", Mode: "new"}, Text: "new"})
	if _, err := s.Drafts.Put(ctx, "u2", "", draft("t1", "reply", "another user's")); err != nil {
		t.Fatal(err)
	}
	c.pass(time.Minute)
	put("", draft("t2", "forward", "f"))
	modes, err := s.Drafts.Modes(ctx, "u1")
	if d := cmp.Diff(map[string][]string{"t1": {"reply", "note"}, "t2": {"forward"}}, modes); d != "" || err != nil {
		t.Errorf("%v %s", err, d)
	}
	var texts []string
	for cursor := ""; ; {
		page, next, err := s.Drafts.Page(ctx, "u1", cursor, 3)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range page {
			texts = append(texts, d.Text)
		}
		if cursor = next; next == "" {
			break
		}
	}
	if got := strings.Join(texts, " "); got != "f new r n" {
		t.Errorf("page %q", got)
	}
}

// Two tabs that save at once: one is refused, and knows it.
func TestTwoTabsSaveAtOnce(t *testing.T) {
	s, _ := openStore(t)
	first, err := s.Drafts.Put(ctx, "u1", "", draft("t1", "reply", "0"))
	if err != nil {
		t.Fatal(err)
	}
	var tabs sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		tabs.Go(func() { _, errs[i] = s.Drafts.Put(ctx, "u1", first.Tag, draft("t1", "reply", fmt.Sprint(i))) })
	}
	tabs.Wait()
	won := -1
	for i, err := range errs {
		switch {
		case err == nil && won < 0:
			won = i
		case !fault.Is(err, fault.Conflict):
			t.Errorf("tab %d: %v", i, err)
		}
	}
	got, err := s.Drafts.Get(ctx, "u1", first.DraftPlace)
	if err != nil || won < 0 || got[0].Text != fmt.Sprint(won) {
		t.Errorf("tab %d won, and the draft is %+v (%v)", won, got, err)
	}
}

// Sending removes the draft it was, in the same transaction, and no other.
func TestSendingRemovesTheDraft(t *testing.T) {
	s, _ := openStore(t)
	do(t, s, "t1", "", opened)
	send := func(id, tag string) {
		t.Helper()
		if _, err := s.Threads.Do(ctx, "t1", "key"+id, reply(id), s.Drafts.Sent("u1", store.DraftPlace{Thread: "t1", Mode: "reply"}, tag)); err != nil {
			t.Fatal(err)
		}
	}
	left := func() int {
		t.Helper()
		got, err := s.Drafts.Get(ctx, "u1", store.DraftPlace{Thread: "t1", Mode: "reply"})
		if err != nil {
			t.Fatal(err)
		}
		return len(got)
	}
	d, err := s.Drafts.Put(ctx, "u1", "", draft("t1", "reply", "x"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Threads.Do(ctx, "t1", "", func(inbox.Thread) (inbox.Decision, error) {
		return inbox.Decision{}, fault.New(fault.Invalid, "51 recipients")
	}, s.Drafts.Sent("u1", d.DraftPlace, d.Tag)); !fault.Is(err, fault.Invalid) || left() != 1 {
		t.Errorf("what was not sent is lost: %v", err)
	}
	send("1", "an older tag")
	if left() != 1 {
		t.Error("a draft that was changed meanwhile went with the sending of what it had been")
	}
	send("2", d.Tag)
	if left() != 0 {
		t.Error("it was sent and is a draft still")
	}
	send("3", d.Tag)
	send("2", d.Tag) // a replay
}
