package tabletest

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"parley/shared/table"
)

func (s suite) sks(q table.Query) []string {
	s.Helper()
	page, err := s.Query(ctx, q)
	if err != nil {
		s.Fatalf("query %+v: %v", q, err)
	}
	if page.Next != "" && q.Limit == 0 {
		s.Errorf("query %+v has a next page", q)
	}
	out := []string{}
	for _, it := range page.Items {
		out = append(out, it.SK)
	}
	return out
}

func rangeQueries(s suite) {
	for _, sk := range []string{"a", "b", "c#1", "c#2", "d", "é"} {
		s.must(put(key("q", sk), table.Any(), `{"of":"`+sk+`"}`))
	}
	s.must(put(key("other", "b"), table.Any(), `{}`))
	for _, c := range []struct {
		q    table.Query
		want string
	}{
		{table.Query{}, "a b c#1 c#2 d é"},
		{table.Query{Desc: true}, "é d c#2 c#1 b a"},
		{table.Query{From: "b", To: "c#1"}, "b c#1"},
		{table.Query{From: "c#", To: "c#~"}, "c#1 c#2"},
		{table.Query{From: "c#2"}, "c#2 d é"},
		{table.Query{To: "b"}, "a b"},
		{table.Query{To: "b", Desc: true}, "b a"},
		{table.Query{From: "b", To: "b"}, "b"},
		{table.Query{From: "d", To: "b"}, ""},
		{table.Query{From: "zz"}, "é"},
		{table.Query{PK: "none"}, ""},
		{table.Query{Limit: 2}, "a b"},
		{table.Query{Limit: 2, Desc: true, Consistent: true}, "é d"},
	} {
		c.q.Table = "threads"
		if c.q.PK == "" {
			c.q.PK = "q"
		}
		if got := strings.Join(s.sks(c.q), " "); got != c.want {
			s.Errorf("%+v: got %q, want %q", c.q, got, c.want)
		}
	}
	page, err := s.Query(ctx, table.Query{Table: "threads", PK: "q", From: "c#1", Limit: 1, Consistent: true})
	if err != nil || len(page.Items) != 1 || page.Items[0].Rev == 0 || page.Items[0].PK != "q" {
		s.Fatalf("got %+v %v, want whole items", page, err)
	}
	s.same("document", page.Items[0].Doc, `{"of":"c#1"}`)
}

// all pages through q and returns every sort key; seen is called between pages.
func (s suite) all(q table.Query, between func()) (pages int, out []table.Key) {
	s.Helper()
	for pages = 1; ; pages++ {
		page, err := s.Query(ctx, q)
		if err != nil {
			s.Fatalf("page %d: %v", pages, err)
		}
		if len(page.Items) > q.Limit || (len(page.Items) < q.Limit && page.Next != "") {
			s.Fatalf("page %d has %d items, limit %d, next %q", pages, len(page.Items), q.Limit, page.Next)
		}
		for _, it := range page.Items {
			out = append(out, it.Key)
		}
		if page.Next == "" {
			return pages, out
		}
		if strings.ContainsAny(page.Next, "+/=&?# ") {
			s.Fatalf("token %q is not safe in a URL", page.Next)
		}
		q.After = page.Next
		if between != nil {
			between()
		}
	}
}

func paging(s suite) {
	var want []table.Key
	for i := range 30 {
		k := key("page", fmt.Sprintf("%03d", i))
		s.must(put(k, table.Any(), `{}`))
		want = append(want, k)
	}
	for _, desc := range []bool{false, true} {
		for _, c := range []struct{ limit, pages int }{{7, 5}, {10, 3}, {29, 2}, {30, 1}, {31, 1}} {
			pages, got := s.all(table.Query{Table: "threads", PK: "page", Limit: c.limit, Desc: desc}, nil)
			if pages != c.pages || !slices.Equal(got, want) {
				s.Errorf("limit %d, desc %v: %d pages of %v, want %d", c.limit, desc, pages, got, c.pages)
			}
		}
		slices.Reverse(want)
	}
	_, got := s.all(table.Query{Table: "threads", PK: "page", Limit: 4, From: "005", To: "015"}, nil)
	if !slices.Equal(got, want[5:16]) {
		s.Errorf("bounded: %v", got)
	}
}

// pagingWhileInserting: what was there from the start is seen exactly once, whatever comes in before, behind and between.
func pagingWhileInserting(s suite) {
	for i := 10; i < 40; i += 2 {
		s.must(put(key("live", fmt.Sprintf("%03d", i)), table.Any(), `{}`))
	}
	n := 0
	_, got := s.all(table.Query{Table: "threads", PK: "live", Limit: 4}, func() {
		n++
		s.must(put(key("live", fmt.Sprintf("%03d", n)), table.Any(), `{}`),
			put(key("live", fmt.Sprintf("%03d", 41-2*n)), table.Any(), `{}`),
			put(key("live", fmt.Sprintf("%03d", 50+n)), table.Any(), `{}`))
	})
	seen := map[string]int{}
	for i, k := range got {
		seen[k.SK]++
		if i > 0 && got[i-1].SK >= k.SK {
			s.Errorf("%s comes after %s", k.SK, got[i-1].SK)
		}
	}
	for i := 10; i < 40; i += 2 {
		if seen[fmt.Sprintf("%03d", i)] != 1 {
			s.Errorf("%03d was seen %d times", i, seen[fmt.Sprintf("%03d", i)])
		}
	}
	if n < 3 {
		s.Fatalf("only %d pages", n+1)
	}
}

func indexed(k table.Key, index map[string]table.IndexKey) table.Op {
	op := put(k, table.Any(), `{"secret":"not projected"}`)
	op.Item.Index = index
	return op
}

func indexes(s suite) {
	s.must(
		indexed(key("1", "h"), map[string]table.IndexKey{"views": {PK: "open", SK: "10"}, "owners": {PK: "ann", SK: "10"}}),
		indexed(key("2", "h"), map[string]table.IndexKey{"views": {PK: "open", SK: "05"}}),
		indexed(key("3", "h"), nil),
		indexed(key("4", "h"), map[string]table.IndexKey{"views": {PK: "closed", SK: "01"}}),
	)
	in := func(index, pk string) string {
		page, err := s.Query(ctx, table.Query{Table: "threads", Index: index, PK: pk})
		if err != nil {
			s.Fatal(err)
		}
		var out []string
		for _, it := range page.Items {
			out = append(out, it.PK+"@"+it.Index[index].SK)
			if it.Doc != nil || it.Rev != 0 || !it.Expires.IsZero() || !reflect.DeepEqual(it.Index, map[string]table.IndexKey{index: {PK: pk, SK: it.Index[index].SK}}) {
				s.Errorf("index %s gave %+v, want keys only", index, it)
			}
		}
		return strings.Join(out, " ")
	}
	expect := func(index, pk, want string) {
		s.Helper()
		if got := in(index, pk); got != want {
			s.Errorf("index %s %s: got %q, want %q", index, pk, got, want)
		}
	}
	expect("views", "open", "2@05 1@10")
	expect("owners", "ann", "1@10")
	s.must(indexed(key("1", "h"), map[string]table.IndexKey{"views": {PK: "closed", SK: "20"}, "owners": {PK: "ann", SK: "10"}}))
	expect("views", "open", "2@05")
	expect("views", "closed", "4@01 1@20")
	s.must(indexed(key("1", "h"), map[string]table.IndexKey{"views": {PK: "closed", SK: "20"}}))
	expect("owners", "ann", "")
	s.must(table.Op{Table: "threads", Verb: table.Delete, Item: table.Item{Key: key("4", "h")}})
	expect("views", "closed", "1@20")
	got := s.sks(table.Query{Table: "threads", Index: "views", PK: "closed", From: "15", To: "25", Desc: true})
	if len(got) != 1 {
		s.Errorf("bounded index query: %v", got)
	}
}

func indexPaging(s suite) {
	want := map[table.Key]bool{}
	for i := range 23 {
		k := key(fmt.Sprintf("T%02d", i), "h")
		want[k] = true
		s.must(indexed(k, map[string]table.IndexKey{"views": {PK: "open", SK: fmt.Sprintf("2026-01-0%d", 1+i/9)}}))
	}
	for _, desc := range []bool{false, true} {
		pages, got := s.all(table.Query{Table: "threads", Index: "views", PK: "open", Limit: 4, Desc: desc}, nil)
		seen := map[table.Key]bool{}
		for _, k := range got {
			seen[k] = true
		}
		if pages != 6 || len(got) != 23 || !reflect.DeepEqual(seen, want) {
			s.Errorf("desc %v: %d pages, %d items, %d distinct", desc, pages, len(got), len(seen))
		}
	}
	// A row that leaves the index while somebody pages through it loses no other.
	q := table.Query{Table: "threads", Index: "views", PK: "open", Limit: 4}
	page, err := s.Query(ctx, q)
	if err != nil {
		s.Fatal(err)
	}
	left := page.Items[3].Key
	s.must(put(left, table.Any(), `{}`))
	q.After = page.Next
	_, got := s.all(q, nil)
	if len(got) != 19 || slices.Contains(got, left) {
		s.Errorf("after one left: %d, want 19", len(got))
	}
}

func tokens(s suite) {
	for i := range 6 {
		op := put(key("mine", fmt.Sprint(i)), table.Any(), `{}`)
		op.Item.Index = map[string]table.IndexKey{"views": {PK: "mine", SK: fmt.Sprint(i)}}
		s.must(op, table.Op{Table: "threads", Verb: table.Put, Item: table.Item{Key: key("yours", fmt.Sprint(i)), Doc: json.RawMessage(`{}`)}})
	}
	mine, err := s.Query(ctx, table.Query{Table: "threads", PK: "mine", Limit: 3})
	if err != nil || mine.Next == "" {
		s.Fatal(err)
	}
	// A token stays in the partition of the query that is given it.
	yours, err := s.Query(ctx, table.Query{Table: "threads", PK: "yours", After: mine.Next})
	if err != nil {
		s.Fatal(err)
	}
	for _, it := range yours.Items {
		if it.PK != "yours" {
			s.Errorf("a token of another partition led to %v", it.Key)
		}
	}
	_, err = s.Query(ctx, table.Query{Table: "threads", Index: "views", PK: "mine", After: mine.Next})
	s.invalid("a token of the table on an index", err)
	_, err = s.Query(ctx, table.Query{Table: "threads", PK: "mine", From: "4", After: mine.Next})
	s.invalid("a token outside the bounds", err)
}
