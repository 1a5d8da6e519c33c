package host

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/shared/table"
)

// A batch reads the same as by encoding/json.
func TestStreamEventSamples(t *testing.T) {
	files, _ := filepath.Glob("../../events/samples/stream/*.json")
	if len(files) == 0 {
		t.Fatal("no samples")
	}
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var want, got StreamEvent
		if err := json.Unmarshal(raw, &want); err != nil {
			t.Fatal(err)
		}
		if err := got.decode(raw); err != nil || len(got.Records) == 0 {
			t.Fatalf("%s: %v, %d records", f, err, len(got.Records))
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: encoding/json reads it otherwise (-json +ours):\n%s", f, d)
		}
	}
}

// The deepest document that the store takes comes through.
func TestStreamEventDepth(t *testing.T) {
	deep := strings.Repeat(`{"M":{"a":`, table.DocDepth) + `{"NULL":true}` + strings.Repeat("}}", table.DocDepth)
	var e StreamEvent
	if err := e.decode([]byte(`{"Records":[{"dynamodb":{"NewImage":{"x":` + deep + `}}}]}`)); err != nil || len(e.Records) != 1 {
		t.Errorf("%v", err)
	}
}

func TestStreamEventRefuses(t *testing.T) {
	for _, raw := range []string{
		``, `7`, `{`, `{"Records":{}}`, `{"Records":[1]}`, `{"Records":[{"eventID":1}]}`, `{"Records":[{"dynamodb":""}]}`,
		`{"Records":[{"dynamodb":{"SequenceNumber":1}}]}`, `{"Records":[]} x`,
	} {
		if err := new(StreamEvent).decode([]byte(raw)); err == nil {
			t.Errorf("%s was taken", raw)
		}
	}
}
