package ingest_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"parley/functions/ingest"
	"parley/shared/host/hosttest"
)

// BenchmarkMail is one small mail from queue payload to commit, over local tables, from many workers at once.
func BenchmarkMail(b *testing.B) {
	w := hosttest.New(b)
	h := w.Build(b, ingest.New)
	var n atomic.Int64
	b.SetParallelism(8)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			id := fmt.Sprintf("m%d", n.Add(1))
			w.Put("mail", "in/"+id, []byte(letter(lena, id+"@x.example", "A question", "Hello, where is my invoice?\r\n\r\nLena")))
			body := `{"notificationType":"Received","mail":{"messageId":"` + id + `","timestamp":"2026-03-02T08:59:58.412Z","source":"lena@atelier-novak.example"},` +
				`"receipt":{"recipients":["support@parley.example"],"action":{"type":"S3","objectKey":"in/` + id + `"}}}`
			answer, err := h.Invoke(hosttest.Context(), hosttest.QueuePayload(body))
			if err != nil || len(hosttest.Failures(b, answer)) > 0 {
				b.Errorf("%s %v", answer, err)
			}
		}
	})
}
