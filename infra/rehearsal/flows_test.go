package rehearsal_test

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// alone are the flows that start and kill a local mode of their own: they say nothing about this set-up.
var alone = regexp.MustCompile("KillAmid|ARestartKeeps|ABusyPort|TwoInOneDirectory|CtrlC|PicturesAreShown")

// clocked are the flows that wait for the clock, which stands still where rights are judged.
var clocked = regexp.MustCompile("ConnectADomain|PeopleAreKnown|ABotForgets|PeopleComeInFiles")

// ticking lets the clock run, every three seconds, until the function it returns is called.
func (c client) ticking() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			c.Tick(ctx)
			select {
			case <-ctx.Done():
			case <-time.After(3 * time.Second):
			}
		}
	}()
	return func() { cancel(); <-done }
}

// local are the flow tests of local mode, each a scene: run against this account in a process of its own.
func local(t *testing.T) (flows []scene) {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "flows.test")
	build := exec.Command("go", "test", "-c", "-o", binary, "../local/flows")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	list := exec.Command(binary, "-test.list=^TestFlow")
	list.Dir = "../local/flows"
	out, err := list.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, name := range strings.Fields(string(out)) {
		if !alone.MatchString(name) {
			flows = append(flows, scene{name, func(c client) {
				if clocked.MatchString(name) {
					defer c.ticking()()
				}
				c.flow(binary, name)
			}})
		}
	}
	if len(flows) < 8 {
		t.Fatalf("only %d flows: %s", len(flows), out)
	}
	return flows
}

// flow runs one flow test against the ready line.
func (c client) flow(binary, name string) {
	line, err := json.Marshal(c.Ready)
	if err != nil {
		c.t.Fatal(err)
	}
	bundle := filepath.Join(filepath.Dir(binary), "ca.pem")
	if err := os.WriteFile(bundle, c.Cloud.Bundle(), 0o600); err != nil {
		c.t.Fatal(err)
	}
	ctx := context.Background()
	// Files that a flow brings go to S3's own name: it gets the way there, as a function does.
	env := append(os.Environ(), "PARLEY_READY="+string(line), "PARLEY_PATIENCE=10",
		"HTTPS_PROXY="+c.Cloud.Environment(bundle)["HTTPS_PROXY"], "SSL_CERT_FILE="+bundle)
	if p, ok := c.t.(*probe); ok {
		ctx, env = p.ctx, append(env, "PARLEY_WAIT=3s")
	}
	cmd := exec.CommandContext(ctx, binary, "-test.v", "-test.count=1", "-test.run=^"+name+"$")
	cmd.Dir, cmd.Env = "../local/flows", env
	out, err := cmd.CombinedOutput()
	text := string(out)
	if err == nil && strings.Contains(text, "--- PASS: "+name) && !strings.Contains(text, "--- SKIP") {
		return
	}
	for _, l := range strings.Split(text, "\n") {
		if strings.HasPrefix(l, "    ") && strings.Contains(l, "_test.go:") { // the first thing it complains of
			c.t.Fatalf("%s\n%s", strings.TrimSpace(l), text)
		}
	}
	c.t.Fatalf("%v\n%s", err, text)
}
