package local_test

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"parley/shared/fault"
	"parley/shared/table"
	"parley/shared/table/local"
	"parley/shared/table/tabletest"
)

var ctx = context.Background()

func put(pk, sk string, cond table.Cond, doc string) table.Op {
	return table.Op{Table: "threads", Verb: table.Put, Cond: cond, Item: table.Item{Key: table.Key{PK: pk, SK: sk}, Doc: json.RawMessage(doc)}}
}

func reopen(t *testing.T, dir string, schemas []table.Schema) *local.Store {
	t.Helper()
	s, err := local.Open(dir, schemas)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// TestMain is also the child that TestKill9 kills: it writes for ever and prints each write once it is acknowledged.
func TestMain(m *testing.M) {
	if dir := os.Getenv("PARLEY_TEST_CHILD"); dir != "" {
		child(dir)
	}
	os.Exit(m.Run())
}

func child(dir string) {
	s, err := local.Open(dir, tabletest.Schemas)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	lines := make(chan string, 100)
	for w := range 8 {
		go func() {
			for n := int64(0); ; n++ {
				cond := table.RevIs(n)
				if n == 0 {
					cond = table.Absent()
				}
				pk := fmt.Sprintf("w%d", w)
				err := s.Transact(ctx, put(pk, "head", cond, fmt.Sprintf(`{"n":%d}`, n+1)), put(pk, fmt.Sprintf("E#%08d", n+1), table.Absent(), `{}`))
				if err != nil {
					fmt.Fprintln(os.Stderr, err)
					os.Exit(1)
				}
				lines <- fmt.Sprintf("%s %d", pk, n+1)
			}
		}()
	}
	for l := range lines {
		fmt.Println(l)
	}
}

// TestKill9: after kill -9 amid writes, every acknowledged write is there, no transaction is there in part, and the feed tells
// the same story from its beginning.
func TestKill9(t *testing.T) {
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "PARLEY_TEST_CHILD="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	acked := map[string]int64{}
	lines := bufio.NewScanner(out)
	for n := 0; lines.Scan(); n++ {
		var pk string
		var seq int64
		if _, err := fmt.Sscan(lines.Text(), &pk, &seq); err != nil {
			t.Fatalf("%q: %v", lines.Text(), err)
		}
		acked[pk] = seq
		if n == 3000 {
			if err := cmd.Process.Kill(); err != nil { // SIGKILL; what it printed before is still read
				t.Fatal(err)
			}
		}
	}
	_ = cmd.Wait() // killed: always an error
	if len(acked) != 8 {
		t.Fatalf("the child acknowledged %v", acked)
	}
	s := reopen(t, dir, tabletest.Schemas)
	heads := feedHeads(t, s)
	for pk, seq := range acked {
		got, err := s.Get(ctx, "threads", true, table.Key{PK: pk, SK: "head"})
		if err != nil || got[0] == nil || got[0].Rev < seq {
			t.Fatalf("%s: acknowledged %d, found %+v %v", pk, seq, got[0], err)
		}
		if last := fmt.Sprintf(`{"n":%d}`, got[0].Rev); string(got[0].Doc) != last || string(heads[pk]) != last {
			t.Errorf("%s: head %s, feed ends with %s, want %s", pk, got[0].Doc, heads[pk], last)
		}
		q := table.Query{Table: "threads", PK: pk, From: "E#", To: "E#~", Desc: true, Limit: 1}
		page, err := s.Query(ctx, q)
		if err != nil || page.Items[0].SK != fmt.Sprintf("E#%08d", got[0].Rev) {
			t.Errorf("%s: head at %d, last entry %+v %v", pk, got[0].Rev, page.Items, err)
		}
	}
}

// feedHeads reads the whole feed and checks that each head grew by one.
func feedHeads(t *testing.T, s *local.Store) map[string]json.RawMessage {
	t.Helper()
	heads, revs, entries := map[string]json.RawMessage{}, map[string]int64{}, map[string]int64{}
	for pos := int64(0); ; {
		got, err := s.Read(ctx, "threads", pos, 500)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) == 0 {
			break
		}
		for _, ch := range got {
			pos = ch.Pos
			if ch.Key.SK != "head" {
				entries[ch.Key.PK]++
				continue
			}
			if ch.New.Rev != revs[ch.Key.PK]+1 {
				t.Fatalf("%s: feed goes from %d to %d", ch.Key.PK, revs[ch.Key.PK], ch.New.Rev)
			}
			revs[ch.Key.PK], heads[ch.Key.PK] = ch.New.Rev, ch.New.Doc
		}
	}
	for pk, n := range revs {
		if entries[pk] != n {
			t.Errorf("%s: %d heads and %d entries in the feed", pk, n, entries[pk])
		}
	}
	return heads
}

// TestReopenWithBacklog: a reader finds what it has not advanced past, positions go on growing, what all have passed is gone.
func TestReopenWithBacklog(t *testing.T) {
	dir := t.TempDir()
	s := reopen(t, dir, tabletest.Schemas)
	if err := s.Register("threads", "notify", "rollup"); err != nil {
		t.Fatal(err)
	}
	for i := range 10 {
		if err := s.Transact(ctx, put("b", fmt.Sprint(i), table.Absent(), `{"text":"ü \"q\""}`)); err != nil {
			t.Fatal(err)
		}
	}
	before, err := s.Read(ctx, "threads", 0, 100)
	if err != nil || len(before) != 10 {
		t.Fatal(len(before), err)
	}
	advance(t, s, "notify", before[9].Pos)
	advance(t, s, "rollup", before[3].Pos)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = reopen(t, dir, tabletest.Schemas)
	if err := s.Register("threads", "notify", "rollup"); err != nil {
		t.Fatal(err)
	}
	pos, err := s.Checkpoint(ctx, "threads", "rollup")
	if err != nil || pos != before[3].Pos {
		t.Fatalf("checkpoint %d %v, want %d", pos, err, before[3].Pos)
	}
	rest, err := s.Read(ctx, "threads", 0, 100)
	if err != nil || len(rest) != 6 || rest[0].Pos != before[4].Pos || string(rest[0].New.Doc) != `{"text":"ü \"q\""}` || !rest[0].At.Equal(before[4].At.Truncate(time.Microsecond)) {
		t.Fatalf("backlog %+v %v, want the six that rollup lacks", rest, err)
	}
	advance(t, s, "rollup", before[9].Pos)
	until(t, "the feed is empty on disk", func() bool { return rows(t, dir, `SELECT COUNT(*) FROM "_feed_threads"`) == 0 })
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = reopen(t, dir, tabletest.Schemas)
	if err := s.Transact(ctx, put("b", "new", table.Absent(), `{}`)); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Read(ctx, "threads", before[9].Pos, 10); err != nil || len(got) != 1 || got[0].Pos <= before[9].Pos {
		t.Fatalf("after an empty feed: %+v %v", got, err)
	}
}

func advance(t *testing.T, s *local.Store, reader string, pos int64) {
	t.Helper()
	if err := s.Advance(ctx, "threads", reader, pos); err != nil {
		t.Fatal(err)
	}
}

func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
	}
}

func rows(t *testing.T, dir, query string) (n int) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, "tables.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRow(query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestLongBacklog: a reader far behind what memory holds reads the rest from disk, without a gap where they meet.
func TestLongBacklog(t *testing.T) {
	s := open(t, tabletest.Schemas)
	const n = 5000
	for i := 0; i < n; i += 100 {
		var ops []table.Op
		for j := i; j < i+100; j++ {
			ops = append(ops, put("long", fmt.Sprintf("%06d", j), table.Absent(), `{}`))
		}
		if err := s.Transact(ctx, ops...); err != nil {
			t.Fatal(err)
		}
	}
	seen := 0
	for pos := int64(0); ; {
		got, err := s.Read(ctx, "threads", pos, 777)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) == 0 {
			break
		}
		for _, ch := range got {
			if want := fmt.Sprintf("%06d", seen); ch.Key.SK != want {
				t.Fatalf("change %d is of %s", seen, ch.Key.SK)
			}
			seen++
			pos = ch.Pos
		}
	}
	if seen != n {
		t.Errorf("%d changes, want %d", seen, n)
	}
}

func TestWanted(t *testing.T) {
	s := open(t, tabletest.Schemas)
	s.SetWanted(func(name string, old, it *table.Item) bool { return name == "threads" && it != nil && it.SK == "head" })
	if err := s.Transact(ctx, put("t", "head", table.Any(), `{}`), put("t", "e", table.Any(), `{}`)); err != nil {
		t.Fatal(err)
	}
	got, err := s.Read(ctx, "threads", 0, 10)
	if err != nil || len(got) != 1 || got[0].Key.SK != "head" {
		t.Fatalf("got %+v %v, want the head alone", got, err)
	}
}

func TestExpire(t *testing.T) {
	s := open(t, tabletest.Schemas)
	now := time.Unix(2_000_000_000, 0)
	for i := range 250 {
		op := put("x", fmt.Sprintf("%03d", i), table.Absent(), `{}`)
		op.Item.Expires = now.Add(time.Duration(i-249) * time.Second)
		if i == 249 {
			op.Item.Expires = now.Add(time.Second)
		}
		if err := s.Transact(ctx, op); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Transact(ctx, put("x", "never", table.Absent(), `{}`)); err != nil {
		t.Fatal(err)
	}
	if n, err := s.Expire(ctx, now); err != nil || n != 249 {
		t.Fatalf("%d expired, %v; want 249", n, err)
	}
	page, err := s.Query(ctx, table.Query{Table: "threads", PK: "x"})
	if err != nil || len(page.Items) != 2 || page.Items[0].SK != "249" || page.Items[1].SK != "never" {
		t.Fatalf("left: %+v %v", page.Items, err)
	}
	changes, err := s.Read(ctx, "threads", 0, 1000)
	if err != nil || len(changes) != 251+249 || changes[499].New != nil || changes[499].Old == nil {
		t.Fatalf("%d changes %v, want removals too", len(changes), err)
	}
}

// TestNewerSchema: a directory of an older build gains tables and indexes; one that has more than this build knows stays whole.
func TestNewerSchema(t *testing.T) {
	dir := t.TempDir()
	s := reopen(t, dir, []table.Schema{{Name: "threads", Indexes: []string{"views"}}})
	op := put("1", "h", table.Absent(), `{"old":true}`)
	op.Item.Index = map[string]table.IndexKey{"views": {PK: "v", SK: "1"}}
	if err := s.Transact(ctx, op); err != nil {
		t.Fatal(err)
	}
	s.Close()

	s = reopen(t, dir, []table.Schema{{Name: "threads", Indexes: []string{"due", "views"}, Expires: true, Stream: true}, {Name: "tickets", Stream: true}})
	op = put("1", "h", table.RevIs(1), `{"old":false}`)
	op.Item.Index = map[string]table.IndexKey{"views": {PK: "v", SK: "1"}, "due": {PK: "d", SK: "2"}}
	op.Item.Expires = time.Unix(1, 0)
	if err := s.Transact(ctx, op, table.Op{Table: "tickets", Verb: table.Put, Item: table.Item{Key: table.Key{PK: "t", SK: "t"}, Doc: json.RawMessage(`{}`)}}); err != nil {
		t.Fatal(err)
	}
	for _, x := range []string{"due", "views"} {
		if page, err := s.Query(ctx, table.Query{Table: "threads", Index: x, PK: x[:1]}); err != nil || len(page.Items) != 1 {
			t.Errorf("index %s: %+v %v", x, page, err)
		}
	}
	got, err := s.Get(ctx, "threads", true, table.Key{PK: "1", SK: "h"})
	if err != nil || got[0].Index["due"].SK != "2" || got[0].Index["views"].SK != "1" {
		t.Errorf("%+v %v", got, err)
	}
	if n, err := s.Expire(ctx, time.Now()); err != nil || n != 1 {
		t.Errorf("expired %d %v", n, err)
	}
	s.Close()

	s = reopen(t, dir, []table.Schema{{Name: "threads"}})
	if err := s.Transact(ctx, put("2", "h", table.Absent(), `{}`)); err != nil {
		t.Fatal(err)
	}
	s.Close()
	if n := rows(t, dir, "SELECT COUNT(*) FROM tickets"); n != 1 {
		t.Errorf("%d tickets after an older build ran, want 1", n)
	}
}

func TestOpenRefuses(t *testing.T) {
	for _, schemas := range [][]table.Schema{
		{{Name: `x" (y`}}, {{Name: ""}}, {{Name: "_feed_x"}}, {{Name: "sqlite_master"}}, {{Name: "a"}, {Name: "A"}}, {{Name: "a", Indexes: []string{"x;y"}}},
	} {
		if _, err := local.Open(t.TempDir(), schemas); !fault.Is(err, fault.Invalid) {
			t.Errorf("%+v: %v, want fault.Invalid", schemas, err)
		}
	}
	dir := t.TempDir()
	s := reopen(t, dir, tabletest.Schemas)
	if _, err := local.Open(dir, tabletest.Schemas); !fault.Is(err, fault.Busy) {
		t.Errorf("a second opener: %v, want fault.Busy", err)
	}
	s.Close()
	db, err := sql.Open("sqlite", filepath.Join(dir, "tables.db"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("PRAGMA user_version=99"); err != nil {
		t.Fatal(err)
	}
	db.Close()
	if _, err := local.Open(dir, tabletest.Schemas); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "later build") {
		t.Errorf("a file of a later format: %v", err)
	}
}

func TestClosed(t *testing.T) {
	s := open(t, tabletest.Schemas)
	results := make(chan error, 64)
	for i := range 64 {
		go func() { results <- s.Transact(ctx, put("c", fmt.Sprint(i), table.Absent(), `{}`)) }()
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for range 64 { // each is answered, one way or the other
		<-results
	}
	if err := s.Transact(ctx, put("c", "late", table.Absent(), `{}`)); err == nil {
		t.Error("a closed store took a write")
	}
	if _, err := s.Get(ctx, "threads", true, table.Key{PK: "c", SK: "1"}); err == nil {
		t.Error("a closed store answered a read")
	}
	stopped, cancel := context.WithCancel(ctx)
	cancel()
	s = open(t, tabletest.Schemas)
	if err := s.Transact(stopped, put("c", "1", table.Absent(), `{}`)); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled context: %v", err)
	}
}
