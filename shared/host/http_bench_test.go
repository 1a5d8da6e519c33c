package host_test

import (
	"context"
	"net/http"
	"os"
	"testing"

	"parley/shared/host"
)

// BenchmarkHTTP is what hosting costs a request: event in, answer out, around a handler that does nothing.
func BenchmarkHTTP(b *testing.B) {
	raw, err := os.ReadFile("../../events/samples/http/comment.json")
	if err != nil {
		b.Fatal(err)
	}
	body := make([]byte, 1200)
	for i := range body {
		body[i] = `{"id":"01jd8f0c"},`[i%18]
	}
	h := host.HTTP(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(body)
	}))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := h.Invoke(context.Background(), raw); err != nil {
			b.Fatal(err)
		}
	}
}
