package rehearsal_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"parley/infra/rehearsal"
)

// alone are the flows that start and kill a local mode of their own: they say nothing about this set-up.
const alone = "KillAmid|ARestartKeeps|ABusyPort|TwoInOneDirectory|CtrlC"

// flows runs the flow tests of local mode against a ready line, in a process of their own, and returns what they printed.
func flows(t *testing.T, ready rehearsal.Ready, args ...string) (string, error) {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "flows.test")
	build := exec.Command("go", "test", "-c", "-o", binary, "../local/flows")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	line, err := json.Marshal(ready)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(binary, append([]string{"-test.v", "-test.count=1", "-test.skip=" + alone}, args...)...)
	cmd.Dir, cmd.Env = "../local/flows", append(os.Environ(), "PARLEY_READY="+string(line), "PARLEY_PATIENCE=10")
	out, err := cmd.CombinedOutput()
	return string(out), err
}
