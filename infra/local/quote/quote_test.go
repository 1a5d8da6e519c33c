package quote

import (
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestAppendIsReadBackByEncodingJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		raw := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) })).Draw(t, "s")
		for _, out := range [][]byte{Append([]byte("x"), raw), Append([]byte("x"), []byte(raw))} {
			var got string
			if err := json.Unmarshal(out[1:], &got); err != nil {
				t.Fatalf("%q: %v", out, err)
			}
			want := ""
			for _, r := range raw { // ranging replaces each bad byte by U+FFFD
				want += string(r)
			}
			if got != want {
				t.Fatalf("got %q, want %q", got, want)
			}
		}
	})
}

func TestAppendDoesNotAllocate(t *testing.T) {
	s, buf := strings.Repeat("Grüße\n\"und\" mehr ", 50), make([]byte, 0, 4096)
	if n := testing.AllocsPerRun(100, func() { buf = Append(buf[:0], s) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
