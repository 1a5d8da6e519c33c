package runtime

import (
	"bufio"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// newID is a random UUID.
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// process is one sandbox.
type process struct {
	pool    *pool
	session string
	cmd     *exec.Cmd
	work    chan *invocation
	ready   chan struct{} // closed at the first next
	gone    chan struct{} // closed when the process has ended
	once    sync.Once

	mu     sync.Mutex
	busy   *invocation
	frozen bool
	dead   bool
	reason *Error // why it ended, if somebody knows better than the exit status
}

// start starts a process and waits until it asks for work.
func (p *pool) start() (*process, error) {
	l := p.lambda
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return nil, failure("ServiceException", "shutting down")
	}
	l.count++
	proc := &process{pool: p, session: p.Name + "-" + strconv.Itoa(l.count), work: make(chan *invocation), ready: make(chan struct{}), gone: make(chan struct{})}
	l.processes[proc.session] = proc
	l.mu.Unlock()
	began := time.Now()
	if err := proc.spawn(); err != nil {
		l.forget(proc)
		proc.mu.Lock()
		proc.dead = true
		proc.mu.Unlock()
		close(proc.gone)
		return nil, failure("Runtime.InvalidEntrypoint", "%v", err)
	}
	select {
	case <-proc.ready:
		l.mu.Lock()
		l.starts[p.Name] = append(l.starts[p.Name], time.Since(began))
		l.mu.Unlock()
		return proc, nil
	case <-proc.gone:
		return nil, proc.why("Runtime exited during init")
	case <-time.After(initTimeout):
		proc.end(failure("Sandbox.Timedout", "Init timed out after %v", initTimeout))
		<-proc.gone
		return nil, proc.why("")
	}
}

func (l *Lambda) forget(p *process) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.processes, p.session)
}

// environment is what Lambda sets, then what the template sets: nothing of our own environment gets in.
func (p *process) environment() []string {
	f := p.pool.Function
	env := map[string]string{
		"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "en_US.UTF-8", "TZ": ":UTC", "_HANDLER": "bootstrap", "LAMBDA_TASK_ROOT": filepath.Dir(f.Binary),
		"AWS_LAMBDA_RUNTIME_API": p.pool.lambda.addr + "/" + p.session, "AWS_LAMBDA_FUNCTION_NAME": f.Name, "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": strconv.Itoa(f.Memory), "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
		"AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/" + f.Name, "AWS_LAMBDA_LOG_STREAM_NAME": p.session,
	}
	for k, v := range f.Env {
		env[k] = v
	}
	if f.Credentials != nil {
		for k, v := range f.Credentials(p.session) {
			env[k] = v
		}
	}
	out := make([]string, 0, len(env))
	for k, v := range env {
		out = append(out, k+"="+v)
	}
	sort.Strings(out)
	return out
}

func (p *process) spawn() error {
	cmd := exec.Command(p.pool.Binary)
	cmd.Dir, cmd.Env, cmd.SysProcAttr = filepath.Dir(p.pool.Binary), p.environment(), attributes()
	read, write, err := os.Pipe()
	if err != nil {
		return err
	}
	cmd.Stdout, cmd.Stderr = write, write
	p.mu.Lock()
	if err = cmd.Start(); err == nil {
		p.cmd = cmd
	}
	p.mu.Unlock()
	if err != nil {
		return errors.Join(err, read.Close(), write.Close())
	}
	write.Close()
	logged := make(chan struct{})
	go func() {
		defer close(logged)
		p.log(read)
	}()
	go func() {
		err := cmd.Wait()
		<-logged
		p.ended(err)
	}()
	return nil
}

// longestLine is the most of one log line that is kept (CloudWatch Logs: 1 MB an event).
const longestLine = 1 << 20

func (p *process) log(r io.ReadCloser) {
	defer r.Close()
	s := bufio.NewScanner(r)
	s.Buffer(nil, longestLine)
	for s.Scan() {
		if p.pool.Log != nil {
			p.pool.Log(p.session, s.Text())
		}
	}
	_, _ = io.Copy(io.Discard, r)
}

// ended is called once, when the process is no more.
func (p *process) ended(err error) {
	status := "exit status 0"
	if err != nil {
		status = err.Error()
	}
	p.mu.Lock()
	p.dead = true
	if p.reason == nil {
		p.reason = failure("Runtime.ExitError", "Runtime exited with error: %s", status)
	}
	in, why := p.busy, p.reason
	p.busy = nil
	p.mu.Unlock()
	p.pool.lambda.forget(p)
	close(p.gone)
	if in != nil {
		in.done <- result{err: why}
	}
}

func (p *process) why(prefix string) *Error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if prefix == "" || p.reason.Payload != nil && p.reason.Type != "Runtime.ExitError" {
		return p.reason
	}
	return failure(p.reason.Type, "%s: %s", prefix, p.reason.Message)
}

func (p *process) alive() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.dead
}

// free notes that the process asks for work, and freezes it: between invocations Lambda gives a sandbox no CPU.
func (p *process) free() {
	p.once.Do(func() { close(p.ready) })
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.dead && !p.frozen && p.busy == nil {
		p.frozen = p.signal(syscall.SIGSTOP) == nil
	}
}

func (p *process) thaw() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.frozen {
		p.frozen = p.signal(syscall.SIGCONT) != nil
	}
}

// signal reaches the process and its children; the lock is held, so the id is still its own.
func (p *process) signal(s syscall.Signal) error {
	if p.dead || p.cmd == nil {
		return os.ErrProcessDone
	}
	return syscall.Kill(-p.cmd.Process.Pid, s)
}

func (p *process) kill() { p.end(nil) }

// end kills the process; why is kept as the reason.
func (p *process) end(why *Error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if why != nil && p.reason == nil {
		p.reason = why
	}
	_ = p.signal(syscall.SIGKILL) // it may have died by itself
}

// invoke hands a call to the process and waits for the answer, the deadline, or the process's end.
func (p *process) invoke(payload []byte) ([]byte, error) {
	now := time.Now()
	in := &invocation{id: newID(), payload: payload, deadline: now.Add(p.pool.Timeout), done: make(chan result, 1)}
	p.mu.Lock()
	if p.dead {
		p.mu.Unlock()
		return nil, p.why("")
	}
	p.busy = in
	p.mu.Unlock()
	p.thaw()
	timeout := time.NewTimer(p.pool.Timeout)
	defer timeout.Stop()
	select {
	case p.work <- in:
	case r := <-in.done:
		return r.out, r.err
	case <-timeout.C:
		return p.late(in)
	}
	select {
	case r := <-in.done:
		return r.out, r.err
	case <-timeout.C:
		return p.late(in)
	}
}

// late ends a process that did not answer in time.
func (p *process) late(in *invocation) ([]byte, error) {
	p.end(failure("Sandbox.Timedout", "RequestId: %s Error: Task timed out after %.2f seconds", in.id, p.pool.Timeout.Seconds()))
	r := <-in.done
	return r.out, r.err
}

// finish ends an invocation; the process is idle again. What fails in the runtime itself ends the process.
func (p *process) finish(in *invocation, out []byte, err error) {
	p.mu.Lock()
	if p.busy != in {
		p.mu.Unlock()
		return
	}
	p.busy = nil
	p.mu.Unlock()
	go func() {
		p.settle()
		in.done <- result{out: out, err: err}
	}()
}

// settle gives the process back once it asks for work again. The caller's answer waits for that millisecond: his next call finds it warm.
func (p *process) settle() {
	deadline := time.Now().Add(shutdown)
	for time.Now().Before(deadline) {
		p.mu.Lock()
		frozen, dead := p.frozen, p.dead
		p.mu.Unlock()
		if dead {
			return
		}
		if frozen {
			p.pool.release(p)
			return
		}
		time.Sleep(time.Millisecond)
	}
	p.end(failure("Runtime.ExitError", "the runtime did not ask for work within %v of its answer", shutdown))
}
