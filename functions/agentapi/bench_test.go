package agentapi_test

import (
	"bytes"
	"fmt"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// BenchmarkComment is the hot path of local mode: an event as the gateway builds it, through the door, to a durable commit on SQLite,
// by thirty-two agents on a thousand threads. cpu-s/1k is CPU time of the whole process for a thousand comments.
func BenchmarkComment(b *testing.B) {
	w := newWorld(b)
	const threads = 1000
	for i := range threads {
		w.receive(fmt.Sprint("t", i))
	}
	w.mara("GET", "/api/me", "").into(200, nil)
	template := w.payload(call{
		method: "POST", path: "/api/threads/THREAD/comments", user: "mara", headers: map[string]string{"Idempotency-Key": "3b0f6a4e-9d5c-4a7d-KEY"},
		body: `{"text":"Checked with billing: the second charge is the Solo renewal of March, the first one the upgrade."}`,
	})
	var n atomic.Int64
	b.SetParallelism(16) // times two cores
	b.ReportAllocs()
	start, cpu := time.Now(), cpuTime()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			i := n.Add(1)
			payload := bytes.ReplaceAll(template, []byte("THREAD"), fmt.Appendf(nil, "t%d", i%threads))
			payload = bytes.ReplaceAll(payload, []byte("KEY"), fmt.Appendf(nil, "%08d", i))
			out, err := w.handler.Invoke(ctx, payload)
			if err != nil || !bytes.HasPrefix(out, []byte(`{"statusCode":201`)) {
				b.Fatalf("%v %s", err, out)
			}
		}
	})
	b.ReportMetric(float64(b.N)/time.Since(start).Seconds(), "comments/s")
	b.ReportMetric((cpuTime()-cpu).Seconds()/float64(b.N)*1000, "cpu-s/1k")
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
