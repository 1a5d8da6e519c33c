package tabletest

import (
	"encoding/json"
	"fmt"
	"strings"

	"parley/shared/table"
)

func refusals(s suite) {
	k := key("x", "1")
	for _, name := range []string{"pk", "sk", "rev", "ttl", "views_pk", "views_sk", "any_pk", `r\u0065v`} {
		s.invalid("document member "+name, s.Transact(ctx, put(k, table.Any(), `{"ok":1,"`+name+`":1}`)))
	}
	for _, name := range []string{"pk", "rev", "ttl", "due_sk", ""} {
		s.invalid("adding to "+name, s.Transact(ctx, table.Op{Table: "threads", Verb: table.Add, Item: table.Item{Key: k}, Adds: map[string]int64{name: 1}}))
	}
	for _, doc := range []string{"", "null", "[]", `"text"`, `{"a":}`, `{"a":1}{}`, ` {}`, "{\"a\":\"\xff\"}", `{"a":` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + `}`} {
		s.invalid("document "+doc, s.Transact(ctx, put(k, table.Any(), doc)))
	}
	s.invalid("400 KB", s.Transact(ctx, put(k, table.Any(), `{"a":"`+strings.Repeat("x", 400<<10)+`"}`)))
	s.must(put(key("x", "large"), table.Any(), `{"a":"`+strings.Repeat("x", 399<<10)+`"}`))
	if got := s.get(key("x", "large")); got == nil || len(got.Doc) < 399<<10 {
		s.Error("a document just below the limit did not come back")
	}
	s.invalid("the same key twice", s.Transact(ctx, put(k, table.Any(), `{}`), put(k, table.Any(), `{}`)))
	s.invalid("no ops", s.Transact(ctx))
	s.invalid("no verb", s.Transact(ctx, table.Op{Table: "threads", Item: table.Item{Key: k}}))
	s.invalid("nothing to add", s.Transact(ctx, table.Op{Table: "threads", Verb: table.Add, Item: table.Item{Key: k}}))
	for _, bad := range []table.Key{key("", "1"), key("1", ""), key(strings.Repeat("p", 2049), "1"), key("1", strings.Repeat("s", 1025))} {
		s.invalid("key", s.Transact(ctx, put(bad, table.Any(), `{}`)))
	}
	s.invalid("empty index key", s.Transact(ctx, table.Op{Table: "threads", Verb: table.Put, Item: table.Item{
		Key: k, Doc: json.RawMessage(`{}`), Index: map[string]table.IndexKey{"views": {PK: "v"}},
	}}))
	var many []table.Op
	for i := range 101 {
		many = append(many, put(key("many", fmt.Sprint(i)), table.Absent(), `{}`))
	}
	s.invalid("101 ops", s.Transact(ctx, many...))
	if s.get(k) != nil || s.get(many[0].Item.Key) != nil {
		s.Error("something refused was carried out")
	}
	s.must(many[:100]...)
	if s.get(many[99].Item.Key) == nil {
		s.Error("the hundredth op was not carried out")
	}
	for what, q := range map[string]table.Query{
		"no partition": {Table: "threads"}, "negative limit": {Table: "threads", PK: "a", Limit: -1},
		"consistent index": {Table: "threads", Index: "views", PK: "a", Consistent: true},
		"token":            {Table: "threads", PK: "a", After: "not a token"}, "token 2": {Table: "threads", PK: "a", After: "e30"},
	} {
		_, err := s.Query(ctx, q)
		s.invalid(what, err)
	}
	if _, err := s.Get(ctx, "nosuchtable", true, k); err == nil {
		s.Error("a table that is not there was read")
	}
}
