package rehearsal_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// probe is the testing.TB of a flow that ought to fail: what it says against the flow is a result, not this test's failure.
type probe struct {
	testing.TB // of the test around it
	tag        string
	ctx        context.Context // ends when nothing more is worth waiting for

	mu       sync.Mutex
	said     []string
	cleanups []func()
}

// run runs a flow in a goroutine of its own, which may end at any Fatal.
func (p *probe) run(flow func(testing.TB)) (done <-chan struct{}) {
	end := make(chan struct{})
	go func() {
		defer close(end)
		defer func() {
			for i := len(p.cleanups) - 1; i >= 0; i-- {
				p.cleanups[i]()
			}
		}()
		flow(p)
	}()
	return end
}

// verdict is the first line of what was said against the flow; "" if it passed.
func (p *probe) verdict() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.said) == 0 {
		return ""
	}
	line, _, _ := strings.Cut(p.said[0], "\n")
	return line
}

func (p *probe) note(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.said = append(p.said, text)
}

func (p *probe) Helper()                           {}
func (p *probe) Log(...any)                        {}
func (p *probe) Logf(string, ...any)               {}
func (p *probe) Failed() bool                      { return p.verdict() != "" }
func (p *probe) Fail()                             { p.note("failed") }
func (p *probe) FailNow()                          { p.Fail(); runtime.Goexit() }
func (p *probe) Error(args ...any)                 { p.note(fmt.Sprint(args...)) }
func (p *probe) Errorf(format string, args ...any) { p.note(fmt.Sprintf(format, args...)) }
func (p *probe) Fatal(args ...any)                 { p.Error(args...); runtime.Goexit() }
func (p *probe) Fatalf(format string, args ...any) { p.Errorf(format, args...); runtime.Goexit() }
func (p *probe) Cleanup(f func())                  { p.cleanups = append(p.cleanups, f) }
