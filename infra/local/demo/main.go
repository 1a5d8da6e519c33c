// The command demo fills a data directory with a month of a small shop: people, teams, rules, hours, and two thousand conversations in English,
// German and French. The same seed gives the same month. Then `make demo` runs the product on it.
package main

import (
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"parley/infra/local/run"
	"parley/infra/local/template"
	"parley/shared/table"
	"parley/shared/table/local"
)

func main() {
	dir := flag.String("dir", ".parley-demo", "data directory; one that is there already stays as it is")
	threads := flag.Int("threads", 2000, "how many conversations")
	seed := flag.Uint64("seed", 20261126, "the same seed gives the same month")
	flag.Parse()
	if err := fill(*dir, *threads, *seed); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// fill makes the directory, whole or not at all.
func fill(dir string, threads int, seed uint64) error {
	if _, err := os.Stat(dir); err == nil {
		fmt.Printf("The month in %s is there already; remove the directory for a new one.\n", dir)
		return nil
	}
	began := time.Now()
	fresh := dir + ".new"
	if err := os.RemoveAll(fresh); err != nil {
		return err
	}
	s, err := open(run.Config{DataDir: fresh, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	db, err := tables(fresh)
	if err != nil {
		return err
	}
	if err := month(db, s, threads, seed, time.Now().UTC()); err != nil {
		return err
	}
	if err := db.Close(); err != nil {
		return err
	}
	fmt.Printf("%d conversations of a month in %s.\n", threads, time.Since(began).Round(100*time.Millisecond))
	return os.Rename(fresh, dir)
}

// tables opens the data directory's tables as the program does. Nobody watches them: what is written has been seen to long since.
func tables(dir string) (*local.Store, error) {
	root := "."
	for range 6 {
		if _, err := os.Stat(filepath.Join(root, "infra", "template.golden.json")); err == nil {
			break
		}
		root = filepath.Join(root, "..")
	}
	t, err := template.Load(filepath.Join(root, "infra", "template.golden.json"))
	if err != nil {
		return nil, err
	}
	var schemas []local.Schema
	for _, tb := range t.Tables {
		s := local.Schema{Name: tb.Name, Expires: tb.TTL != "", Stream: tb.Stream}
		for _, index := range tb.Indexes {
			s.Indexes = append(s.Indexes, index.Name)
		}
		schemas = append(schemas, s)
	}
	db, err := local.Open(dir, schemas)
	if err != nil {
		return nil, err
	}
	db.SetWanted(func(string, *table.Item, *table.Item) bool { return false })
	return db, nil
}
