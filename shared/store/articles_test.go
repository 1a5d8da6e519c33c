package store_test

import (
	"testing"
	"time"

	"parley/events"
	"parley/shared/article"
	"parley/shared/fault"
)

func TestPublishedArticles(t *testing.T) {
	s, c := openStore(t)
	by := events.Actor{Kind: events.Agent, ID: "mara"}
	put := func(v article.Article) article.Article {
		t.Helper()
		v, err := s.Articles.Put(ctx, by, v)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	published := func(want ...string) {
		t.Helper()
		list, err := s.Articles.Published(ctx)
		if err != nil || len(list) != len(want) {
			t.Fatalf("%+v %v, want %v", list, err, want)
		}
		for i, a := range list {
			if a.Title != want[i] {
				t.Errorf("%+v, want %v", list, want)
			}
		}
	}
	put(article.Article{Title: "b", Text: "x", Published: true})
	published("b")
	a := put(article.Article{Title: "A", Text: "x"})
	published("b")
	made := a
	c.pass(time.Hour)
	if same := put(a); same.Version != a.Version || !same.At.Equal(a.At) {
		t.Errorf("nothing changed, and yet: %+v", same)
	}
	a.Published = true
	if a = put(a); a.Version != made.Version+1 || !a.At.After(made.At) {
		t.Errorf("%+v", a)
	}
	published("A", "b")
	made.Text = "of an older copy"
	if _, err := s.Articles.Put(ctx, by, made); !fault.Is(err, fault.Conflict) {
		t.Errorf("an older copy: %v", err)
	}
	if err := s.Articles.Delete(ctx, by, a.ID); err != nil {
		t.Fatal(err)
	}
	published("b")
	a.Title = "c"
	if _, err := s.Articles.Put(ctx, by, a); !fault.Is(err, fault.NotFound) {
		t.Errorf("a deleted one: %v", err)
	}
}
