package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Every kind of conclusion is printed where the issue says, and nowhere else.
func TestFlags(t *testing.T) {
	corpora := filepath.Join("..", "testdata", "corpora")
	for file, want := range map[string]string{
		"sisimai/lhost-postfix-02.eml": "bounce", "sisimai/rfc3464-28.eml": "delivered", "sisimai/arf-01.eml": "complaint", "chatwoot/references.eml": "",
	} {
		raw, err := os.ReadFile(filepath.Join(corpora, filepath.FromSlash(file)))
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := run(bytes.NewReader(raw), &out); err != nil {
			t.Fatal(err)
		}
		var got struct {
			Flags       map[string]json.RawMessage
			Attachments []struct{ Name, Type, SHA256 string }
			Calendar    []any
			Problems    []any
		}
		if err := json.Unmarshal(out.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		if got.Calendar == nil || got.Problems == nil || got.Attachments == nil {
			t.Errorf("%s: a list is null", file)
		}
		for _, flag := range []string{"bounce", "delivered", "complaint", "receipt", "forwarded"} {
			value := string(got.Flags[flag])
			if (flag == want) != (value != "null") {
				t.Errorf("%s: %s is %s", file, flag, value)
			}
			if flag == want && !strings.Contains(value, `"recipients"`) {
				t.Errorf("%s: %s names nobody: %s", file, flag, value)
			}
		}
		for _, flag := range []string{"auto", "list", "crypto", "hops", "verdicts"} {
			if got.Flags[flag] == nil {
				t.Errorf("%s: no %s", file, flag)
			}
		}
	}
}
