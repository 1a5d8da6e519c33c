package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/events"
	"parley/shared/fault"
	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/store"
	"parley/shared/table"
)

func TestFilters(t *testing.T) {
	s, c := openStore(t)
	by := events.Actor{Kind: events.Agent, ID: "u1", Name: "Mara"}
	if f, err := s.Filters.Get(ctx, "i1"); err != nil || f != inbox.DefaultFilters() {
		t.Errorf("%+v %v", f, err)
	}
	set := inbox.Filters{Rules: inbox.FilterRules{Roles: true}, Rate: 5}
	for range 2 {
		if _, err := s.Filters.Change(ctx, by, "i1", func(inbox.Filters) inbox.Filters { return set }); err != nil {
			t.Fatal(err)
		}
	}
	if f, err := s.Filters.Get(ctx, "i1"); err != nil || f != set {
		t.Errorf("%+v %v", f, err)
	}
	if f, err := s.Filters.Get(ctx, "i2"); err != nil || f != inbox.DefaultFilters() {
		t.Errorf("another inbox: %+v %v", f, err)
	}
	n := limit.FilterPage + 3
	for i := range n {
		if _, err := s.Filters.Put(ctx, "i1", inbox.Deny, store.Listed{Entry: fmt.Sprintf("d%04d.example", i), By: by, Thread: "t1"}); err != nil {
			t.Fatal(err)
		}
	}
	first := c.now()
	c.pass(time.Hour)
	l, err := s.Filters.Put(ctx, "i1", inbox.Deny, store.Listed{Entry: "d0001.example", By: events.Actor{ID: "u2"}})
	if err != nil || l.By != by || !l.At.Equal(first.UTC().Truncate(time.Millisecond)) || l.Thread != "t1" {
		t.Errorf("entered twice: %+v %v", l, err)
	}
	var all []string
	for cursor := ""; ; {
		page, next, err := s.Filters.List(ctx, "i1", inbox.Deny, cursor)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range page {
			all = append(all, l.Entry)
		}
		if cursor = next; next == "" {
			break
		}
	}
	if len(all) != n || all[0] != "d0000.example" || all[n-1] != fmt.Sprintf("d%04d.example", n-1) {
		t.Errorf("%d entries", len(all))
	}
	on, err := s.Filters.On(ctx, "i1", []string{"d0001.example", "d9999.example"})
	if err != nil || !on(inbox.Deny, "d0001.example") || on(inbox.Allow, "d0001.example") || on(inbox.Deny, "d9999.example") || on(inbox.Deny, "d0002.example") {
		t.Error("On", err)
	}
	for range 2 {
		if err := s.Filters.Remove(ctx, by, "i1", inbox.Deny, "d0001.example"); err != nil {
			t.Fatal(err)
		}
	}
	if on, err := s.Filters.On(ctx, "i1", []string{"d0001.example"}); err != nil || on(inbox.Deny, "d0001.example") {
		t.Error("still there", err)
	}
	if _, _, err := s.Filters.List(ctx, "i1", "grey", ""); !fault.Is(err, fault.Invalid) {
		t.Error(err)
	}
	changes, _, err := s.Settings.Changes(ctx, "", 1000)
	if err != nil || len(changes) != n+2 || changes[0].Did != "removed" || changes[0].By != by || changes[len(changes)-1].What != "filters" {
		t.Errorf("%d changes, %v", len(changes), err)
	}
}

func TestRate(t *testing.T) {
	s, c := openStore(t)
	serial := 0
	send := func() int {
		n, more, err := s.Filters.Sent(ctx, "i1", "lena@shop.example", c.now())
		if err != nil {
			t.Fatal(err)
		}
		serial++
		_, err = s.Threads.Do(ctx, fmt.Sprint("t", serial), "", opened, store.AsRead(func(context.Context, string, int64) ([]table.Op, error) { return []table.Op{more}, nil }))
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	var got []int
	for range 3 {
		got = append(got, send())
	}
	c.pass(time.Hour)
	got = append(got, send())
	if d := cmp.Diff([]int{0, 1, 2, 0}, got); d != "" {
		t.Error(d)
	}
	if n, _, err := s.Filters.Sent(ctx, "i1", "", c.now()); n != 0 || err != nil {
		t.Error(n, err)
	}
}
