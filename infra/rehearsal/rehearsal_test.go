package rehearsal_test

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"testing"

	"parley/infra/rehearsal"
	"parley/shared/table/dynamo/dynamodblocal"
)

var dynamo *dynamodblocal.Server

func TestMain(m *testing.M) {
	flag.Parse()
	if testing.Short() {
		fmt.Println("infra/rehearsal: -short leaves out what needs DynamoDB Local")
		return
	}
	var err error
	if dynamo, err = dynamodblocal.Start(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	dynamo.Close()
	os.Exit(code)
}

// level of what a rehearsal logs in tests: -v shows more.
func logger(t *testing.T) *slog.Logger {
	level := slog.LevelWarn
	if os.Getenv("LOG") == "debug" {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(writer{t}, &slog.HandlerOptions{Level: level}))
}

type writer struct{ t *testing.T }

func (w writer) Write(b []byte) (int, error) {
	w.t.Logf("%s", b)
	return len(b), nil
}

// begin starts a rehearsal that ends with the test.
func begin(t *testing.T, cfg rehearsal.Config) *rehearsal.Rehearsal {
	t.Helper()
	cfg.Dir, cfg.DynamoDB = t.TempDir(), dynamo
	if cfg.Log == nil {
		cfg.Log = logger(t)
	}
	r, err := rehearsal.Start(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// quiet is for tests that break things on purpose.
func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }
