package local_test

import (
	"testing"

	"parley/shared/table"
	"parley/shared/table/local"
	"parley/shared/table/tabletest"
)

func open(t *testing.T, schemas []table.Schema) *local.Store {
	t.Helper()
	s, err := local.Open(t.TempDir(), schemas)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

func TestContract(t *testing.T) {
	tabletest.Run(t, func(t *testing.T, schemas []table.Schema) table.Port { return open(t, schemas) })
}

func TestFeedContract(t *testing.T) {
	tabletest.RunFeed(t, func(t *testing.T, schemas []table.Schema) tabletest.FeedPort { return open(t, schemas) })
}
