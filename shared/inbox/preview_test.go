package inbox_test

import (
	"strings"
	"testing"

	"parley/shared/inbox"
)

func TestPreview(t *testing.T) {
	for in, want := range map[string]string{
		"":                         "",
		"  Hi,\r\n\r\n\tit broke.": "Hi, it broke.",
		"a\x00b\u200bc":            "abc",
		strings.Repeat("ä", 200):   strings.Repeat("ä", 140) + "…",
		strings.Repeat("ä", 140):   strings.Repeat("ä", 140),
	} {
		if got := inbox.Preview(in); got != want {
			t.Errorf("Preview(%.20q) = %q, want %q", in, got, want)
		}
	}
}
