package flows

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/smtp"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"parley/infra/local/run"
)

// child is local mode in a process of its own, so that it can be killed: the test binary starts itself again.
func child() {
	if err := run.Command(os.Getenv, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type process struct {
	*setup
	cmd *exec.Cmd
}

func start(t *testing.T, dir string, env ...string) *process {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(append(os.Environ(), "PARLEY_CHILD=1", "PORT=0", "SMTP_PORT=0", "DATA_DIR="+dir), env...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &process{setup: &setup{t: t}, cmd: cmd}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	lines := bufio.NewReaderSize(out, 64<<10)
	doc, ready := "", false
	for !ready {
		line, err := lines.ReadString('\n')
		if err != nil {
			t.Fatalf("the child ended before it was ready: %v", err)
		}
		doc, ready = strings.CutPrefix(line, "ready ")
	}
	if err := json.Unmarshal([]byte(doc), &p.Ready); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *process) kill() {
	_ = p.cmd.Process.Kill() // SIGKILL
	_ = p.cmd.Wait()
}

// Every mail that was answered 250 is one thread after kills at any moment; what was not answered is sent again, as an MTA does.
func TestFlowKillAmidAHundredMails(t *testing.T) {
	if os.Getenv("PARLEY_READY") != "" {
		t.Log("this flow kills a program of its own: it looks at local mode on every set-up")
	}
	const mails, kills = 100, 3
	dir := t.TempDir()
	var mu sync.Mutex
	p := start(t, dir)
	current := func() string { mu.Lock(); defer mu.Unlock(); return p.SMTP }
	var senders sync.WaitGroup
	todo := make(chan int, mails)
	for i := range mails {
		todo <- i
	}
	close(todo)
	for range 4 {
		senders.Go(func() {
			for i := range todo {
				id := fmt.Sprintf("<kill-%d@example.com>", i)
				data := strings.ReplaceAll(letter(fmt.Sprintf("kit%d@example.com", i), fmt.Sprintf("Mail %d", i), id, "", "Body."), "\n", "\r\n")
				for smtp.SendMail(current(), nil, fmt.Sprintf("kit%d@example.com", i), []string{"support@parley.localhost"}, []byte(data)) != nil {
					time.Sleep(20 * time.Millisecond)
				}
				time.Sleep(5 * time.Millisecond)
			}
		})
	}
	for i := range kills {
		time.Sleep(time.Duration(60+i*50) * time.Millisecond)
		p.kill()
		next := start(t, dir)
		mu.Lock()
		p = next
		mu.Unlock()
	}
	senders.Wait()
	p.eventually("a hundred threads", func() bool { return len(p.threads("open")) >= mails })
	time.Sleep(300 * time.Millisecond)
	seen := map[string]int{}
	for _, th := range p.threads("open") {
		seen[th.Subject]++
		if th.Messages != 1 {
			t.Errorf("%s has %d messages", th.Subject, th.Messages)
		}
	}
	for i := range mails {
		if n := seen[fmt.Sprintf("Mail %d", i)]; n != 1 {
			t.Errorf("Mail %d is %d threads", i, n)
		}
	}
}

func TestFlowARestartKeepsEverything(t *testing.T) {
	dir := t.TempDir()
	p := start(t, dir)
	p.post("lea@example.com", p.Address, letter("lea@example.com", "Kept", "<lea-1@example.com>", "", "Please remember."))
	id := p.bySubject("Kept").ID
	p.call("POST", "/threads/"+id+"/messages", map[string]any{"text": "We do."}, nil)
	m := p.sentTo("lea@example.com", 1)
	// A kill between the carrier's acceptance and our note of it is "unknown" (DESIGN §4) and has its own tests in functions/deliver.
	p.eventually("the note that it was sent", func() bool {
		for _, e := range p.thread(id).Entries {
			if e.Sent != nil {
				return e.Delivery != nil && e.Delivery.State == "sent"
			}
		}
		return false
	})
	p.kill()
	p = start(t, dir)
	th := p.thread(id)
	if th.Thread.Messages != 2 || len(p.outbox("lea@example.com")) != 1 {
		t.Errorf("%+v, %d mails", th.Thread, len(p.outbox("lea@example.com")))
	}
	p.post("lea@example.com", p.Address, letter("lea@example.com", "Re: Kept", "<lea-2@example.com>", "In-Reply-To: "+m.header(t).Get("Message-ID")+"\n", "Good."))
	p.eventually("the reply after the restart", func() bool { return p.thread(id).Thread.Messages == 3 })
}

func TestFlowCtrlCStopsCleanly(t *testing.T) {
	p := start(t, t.TempDir())
	c := p.dial()
	idle, err := net.Dial("tcp", p.SMTP)
	if err != nil {
		t.Fatal(err)
	}
	defer idle.Close()
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.Read(context.Background()); websocket.CloseStatus(err) != websocket.StatusGoingAway {
		t.Errorf("the socket was told %v", err)
	}
	begin := time.Now()
	if err := p.cmd.Wait(); err != nil {
		t.Errorf("it ended with %v", err)
	}
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("it took %v to stop", took)
	}
}

func TestFlowABusyPortIsNamed(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	port := l.Addr().(*net.TCPAddr).Port
	for name, cfg := range map[string]run.Config{"PORT": {DataDir: t.TempDir(), Port: port}, "SMTP_PORT": {DataDir: t.TempDir(), SMTPPort: port}} {
		p, err := run.Start(cfg)
		if err == nil {
			t.Fatal("started on a busy port", p.Close(context.Background()))
		}
		if text := err.Error(); !strings.Contains(text, fmt.Sprintf("port %d is busy", port)) || !strings.Contains(text, fmt.Sprintf("%s=%d", name, port+1)) {
			t.Errorf("%s: %q", name, text)
		}
	}
}

func TestFlowTwoInOneDirectory(t *testing.T) {
	dir := t.TempDir()
	p, err := run.Start(run.Config{DataDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := p.Close(context.Background()); err != nil {
			t.Error(err)
		}
	}()
	if _, err := run.Start(run.Config{DataDir: dir}); err == nil || !strings.Contains(err.Error(), "another Parley") {
		t.Errorf("%v", err)
	}
}
