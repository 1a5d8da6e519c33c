package runtime_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"parley/infra/rehearsal/runtime"
)

// TestMain: the test binary is also the function under test.
func TestMain(m *testing.M) {
	switch os.Getenv("FAKE") {
	case "":
		os.Exit(m.Run())
	case "noinit":
		os.Exit(3)
	case "slowinit":
		time.Sleep(time.Minute)
	}
	fmt.Println("started")
	lambda.Start(fake)
}

var ticks, calls atomic.Int64

type order struct {
	Do   string
	Wait time.Duration
	Size int
}

func fake(ctx context.Context, o order) (map[string]string, error) {
	calls.Add(1)
	time.Sleep(o.Wait)
	switch o.Do {
	case "fail":
		return nil, errors.New("no luck")
	case "panic":
		panic("boom")
	case "exit":
		os.Exit(7)
	case "tick":
		go func() {
			for {
				ticks.Add(1)
				time.Sleep(time.Millisecond)
			}
		}()
	case "large":
		return map[string]string{"x": strings.Repeat("x", o.Size)}, nil
	}
	deadline, _ := ctx.Deadline()
	return map[string]string{
		"pid": strconv.Itoa(os.Getpid()), "left": time.Until(deadline).String(), "ticks": strconv.FormatInt(ticks.Load(), 10), "calls": strconv.FormatInt(calls.Load(), 10),
		"home": os.Getenv("HOME"), "table": os.Getenv("PARLEY_TABLE"), "key": os.Getenv("AWS_ACCESS_KEY_ID"), "name": os.Getenv("AWS_LAMBDA_FUNCTION_NAME"),
	}, nil
}

type world struct {
	*runtime.Lambda
	t *testing.T

	mu    sync.Mutex
	lines []string
}

func start(t *testing.T, change func(*runtime.Function)) *world {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	l, err := runtime.New()
	if err != nil {
		t.Fatal(err)
	}
	w := &world{Lambda: l, t: t}
	f := runtime.Function{
		Name: "fake", Arn: "arn:fake", Binary: exe, Timeout: 5 * time.Second, Memory: 128, Cap: 3, Env: map[string]string{"FAKE": "1", "PARLEY_TABLE": "threads"},
		Credentials: func(session string) map[string]string { return map[string]string{"AWS_ACCESS_KEY_ID": "KEY" + session} },
		Log: func(_, line string) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.lines = append(w.lines, line)
		},
	}
	if change != nil {
		change(&f)
	}
	l.Add(f)
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

func (w *world) call(o order) (map[string]string, error) {
	payload, err := json.Marshal(o)
	if err != nil {
		w.t.Fatal(err)
	}
	raw, err := w.Invoke(context.Background(), "fake", payload)
	var out map[string]string
	if err == nil {
		err = json.Unmarshal(raw, &out)
	}
	return out, err
}

func (w *world) must(o order) map[string]string {
	w.t.Helper()
	out, err := w.call(o)
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

func (w *world) fails(o order, kind, message string) {
	w.t.Helper()
	out, err := w.call(o)
	if !runtime.IsType(err, kind) || !strings.Contains(err.Error(), message) {
		w.t.Errorf("%+v: got %v, %v; want %s with %q", o, out, err, kind, message)
	}
}

func TestInvoke(t *testing.T) {
	t.Setenv("SECRET_OF_OURS", "x")
	w := start(t, nil)
	first := w.must(order{})
	left, err := time.ParseDuration(first["left"])
	if err != nil || left > 5*time.Second || left < 3*time.Second {
		t.Errorf("the deadline is %v away: %v", first["left"], err)
	}
	if first["home"] != "" || first["table"] != "threads" || first["key"] != "KEYfake-1" || first["name"] != "fake" {
		t.Errorf("%v", first)
	}
	if second := w.must(order{}); second["pid"] != first["pid"] || second["calls"] != "2" {
		t.Errorf("a warm process is not used again: %v after %v", second, first)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if strings.Join(w.lines, "|") != "started" {
		t.Errorf("logged %q", w.lines)
	}
}

func TestErrors(t *testing.T) {
	w := start(t, func(f *runtime.Function) { f.Timeout = 500 * time.Millisecond })
	w.fails(order{Do: "fail"}, "errorString", "no luck")
	pid := w.must(order{})["pid"]
	w.fails(order{Do: "panic"}, "string", "boom")
	if w.must(order{})["pid"] == pid {
		t.Error("a process lives on after a panic")
	}
	w.fails(order{Do: "exit"}, "Runtime.ExitError", "exit status 7")
	pid = w.must(order{})["pid"]
	began := time.Now()
	w.fails(order{Wait: time.Minute}, "Sandbox.Timedout", "timed out after 0.50 seconds")
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("a timeout took %v", took)
	}
	if w.must(order{})["pid"] == pid {
		t.Error("a process lives on after its timeout")
	}
	w.fails(order{Do: "large", Size: 7 << 20}, "Function.ResponseSizeTooLarge", "6291456")
	if _, err := w.Invoke(context.Background(), "other", nil); !runtime.IsType(err, "ResourceNotFoundException") {
		t.Error(err)
	}
}

func TestInit(t *testing.T) {
	w := start(t, func(f *runtime.Function) { f.Env["FAKE"] = "noinit" })
	w.fails(order{}, "Runtime.ExitError", "during init: Runtime exited with error: exit status 3")
	gone := start(t, func(f *runtime.Function) { f.Binary += "-missing" })
	gone.fails(order{}, "Runtime.InvalidEntrypoint", "no such file")
	if n := w.Running("fake") + gone.Running("fake"); n != 0 {
		t.Errorf("%d processes are left", n)
	}
}

// TestConcurrency: one invocation at a time in a process, no more processes than the cap.
func TestConcurrency(t *testing.T) {
	w := start(t, nil)
	pids := make(chan string, 9)
	var wg sync.WaitGroup
	for range 9 {
		wg.Go(func() {
			out, err := w.call(order{Wait: 100 * time.Millisecond})
			if err != nil {
				t.Error(err)
			}
			pids <- out["pid"]
		})
	}
	wg.Wait()
	close(pids)
	seen := map[string]int{}
	for pid := range pids {
		seen[pid]++
	}
	if len(seen) < 2 || len(seen) > 3 || w.Running("fake") != len(seen) {
		t.Errorf("%v, %d running", seen, w.Running("fake"))
	}
	w.Recycle("fake")
	if n := w.Running("fake"); n != 0 {
		t.Errorf("%d after recycling", n)
	}
	if again := w.must(order{}); seen[again["pid"]] > 0 {
		t.Error("a recycled process answers")
	}
}

// TestFrozen: what a function starts and leaves running gets no time between invocations.
func TestFrozen(t *testing.T) {
	w := start(t, nil)
	w.must(order{Do: "tick", Wait: 10 * time.Millisecond})
	time.Sleep(50 * time.Millisecond) // until it is frozen
	before, _ := strconv.Atoi(w.must(order{})["ticks"])
	time.Sleep(400 * time.Millisecond)
	after, _ := strconv.Atoi(w.must(order{})["ticks"])
	if after-before > 100 {
		t.Errorf("%d ticks while frozen", after-before)
	}
}

func TestKill(t *testing.T) {
	w := start(t, nil)
	w.must(order{})
	go func() {
		time.Sleep(100 * time.Millisecond)
		w.Kill("fake-1")
	}()
	w.fails(order{Wait: time.Second}, "Runtime.ExitError", "signal: killed")
	w.Kill("fake-1") // it is gone: nothing happens
	w.must(order{})
	w.Kill("fake-2") // idle
	w.must(order{})
	if w.Running("fake") != 1 {
		t.Errorf("%d running", w.Running("fake"))
	}
}

func TestAsync(t *testing.T) {
	w := start(t, nil)
	var pauses []int
	var gaveUp []string
	a := runtime.Async{
		Retries: 2, Pause: func(try int) time.Duration { pauses = append(pauses, try); return time.Millisecond },
		GiveUp: func(payload []byte, tries int, err error) {
			gaveUp = append(gaveUp, fmt.Sprint(string(payload), tries, err))
		},
	}
	if err := w.InvokeAsync(context.Background(), "fake", []byte(`{"Do":"fail"}`), a); !runtime.IsType(err, "errorString") {
		t.Error(err)
	}
	if fmt.Sprint(pauses) != "[1 2]" || len(gaveUp) != 1 || !strings.HasPrefix(gaveUp[0], `{"Do":"fail"}3`) {
		t.Errorf("pauses %v, given up %v", pauses, gaveUp)
	}
	if out := w.must(order{}); out["calls"] != "4" {
		t.Errorf("%s calls, want three tries and this", out["calls"])
	}
	if err := w.InvokeAsync(context.Background(), "fake", []byte(`{}`), a); err != nil || len(gaveUp) != 1 {
		t.Error(err, gaveUp)
	}
}
