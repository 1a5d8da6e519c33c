package script

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"syscall"
	"time"

	"github.com/dop251/goja"
)

const exitMemory = 3

// child runs the script that stands in standard input, says what came of it, and ends the process.
func child() {
	os.Clearenv()
	raw, err := io.ReadAll(io.LimitReader(os.Stdin, inBytes+1))
	var j job
	if err != nil || json.Unmarshal(raw, &j) != nil {
		os.Exit(1)
	}
	bound()
	reply, err := run(j)
	o := outcome{Reply: reply}
	if err != nil {
		o = outcome{Error: err.Error()}
	}
	if out, err := json.Marshal(o); err == nil {
		_, _ = os.Stdout.Write(out) // who does not listen any more needs no answer
	}
	os.Exit(0)
}

// bound is held by the kernel, and by a watch that ends the process before its memory is a trouble to others.
func bound() {
	for what, most := range map[int]uint64{syscall.RLIMIT_CPU: cpuSeconds, syscall.RLIMIT_CORE: 0, syscall.RLIMIT_FSIZE: 0, syscall.RLIMIT_DATA: 1 << 30} {
		if err := syscall.Setrlimit(what, &syscall.Rlimit{Cur: most, Max: most}); err != nil {
			os.Exit(1)
		}
	}
	debug.SetMemoryLimit(2 * heapBytes)
	debug.SetMaxStack(heapBytes)
	const name = "/memory/classes/heap/objects:bytes"
	base := []metrics.Sample{{Name: name}}
	metrics.Read(base)
	go func() {
		now := []metrics.Sample{{Name: name}}
		for {
			metrics.Read(now)
			if now[0].Value.Uint64() > base[0].Value.Uint64()+heapBytes {
				os.Exit(exitMemory)
			}
			time.Sleep(time.Millisecond)
		}
	}()
}

// run is the script's whole world: the language, exports, module.exports and a console that says nothing.
func run(j job) (*Reply, error) {
	vm := goja.New()
	vm.SetMaxCallStackSize(stackDepth)
	value := vm.Get("JSON").ToObject(vm)
	parse, _ := goja.AssertFunction(value.Get("parse"))
	stringify, _ := goja.AssertFunction(value.Get("stringify"))
	exports, module, console := vm.NewObject(), vm.NewObject(), vm.NewObject()
	quiet := func(goja.FunctionCall) goja.Value { return goja.Undefined() }
	for _, name := range []string{"log", "info", "warn", "error", "debug"} {
		if err := console.Set(name, quiet); err != nil {
			return nil, err
		}
	}
	if err := module.Set("exports", exports); err != nil {
		return nil, err
	}
	for name, v := range map[string]goja.Value{"exports": exports, "module": module, "console": console} {
		if err := vm.Set(name, v); err != nil {
			return nil, err
		}
	}
	if _, err := vm.RunScript("code", j.Source); err != nil {
		return nil, said(err)
	}
	main, ok := goja.AssertFunction(module.Get("exports").ToObject(vm).Get("main"))
	if !ok {
		return nil, fmt.Errorf("the code has no exports.main = (event, callback) => { … }")
	}
	raw, err := json.Marshal(j.Event)
	if err != nil {
		return nil, err
	}
	event, err := parse(goja.Undefined(), vm.ToValue(string(raw)))
	if err != nil {
		return nil, err
	}
	var answer *string
	callback := func(call goja.FunctionCall) goja.Value {
		if answer == nil { // the first word counts
			v, err := stringify(goja.Undefined(), call.Argument(0))
			if err != nil {
				panic(vm.NewGoError(err))
			}
			text := v.String()
			answer = &text
		}
		return goja.Undefined()
	}
	back, err := main(goja.Undefined(), event, vm.ToValue(callback))
	if err != nil {
		return nil, said(err)
	}
	if p, ok := back.Export().(*goja.Promise); ok && p.State() == goja.PromiseStateRejected && answer == nil {
		return nil, fmt.Errorf("the code threw: %.300s", p.Result())
	}
	if answer == nil {
		return nil, fmt.Errorf("the code never called callback(…)")
	}
	var r Reply
	if err := json.Unmarshal([]byte(*answer), &r); err != nil {
		return nil, fmt.Errorf("what the code called back with is not of the right shape: %.200s", err)
	}
	return &r, nil
}

func said(err error) error { return fmt.Errorf("the code threw: %.300s", err) }
