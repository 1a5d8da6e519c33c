package script

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"time"

	"parley/shared/fault"
)

// Bounds of a run.
const (
	Wall       = 2 * time.Second // from its start to its end, the process's own start included
	cpuSeconds = 2
	heapBytes  = 64 << 20 // that the script may take
	inBytes    = 128 << 10
	outBytes   = 64 << 10
	stackDepth = 500
)

// Event is what the script is given, in HubSpot's shape.
type Event struct {
	UserMessage UserMessage `json:"userMessage"`
	Session     Session     `json:"session"`
}

// UserMessage is what the visitor wrote last.
type UserMessage struct {
	Message string `json:"message"`
}

// Session is what is known. CustomState holds the variables.
type Session struct {
	VID         string            `json:"vid"`
	Properties  map[string]string `json:"properties"`
	CustomState map[string]string `json:"customState"`
}

// Reply is what the script called back with.
type Reply struct {
	BotMessage         string         `json:"botMessage"`
	QuickReplies       []QuickReply   `json:"quickReplies"`
	CustomState        map[string]any `json:"customState"`
	NextModuleNickname string         `json:"nextModuleNickname"`
	ResponseExpected   bool           `json:"responseExpected"`
}

// QuickReply is a suggestion to the visitor.
type QuickReply struct {
	Value string `json:"value"`
	Label string `json:"label"`
}

type job struct {
	Source string `json:"source"`
	Event  Event  `json:"event"`
}

// outcome is what the child says: a reply, or why there is none.
type outcome struct {
	Reply *Reply `json:"reply,omitempty"`
	Error string `json:"error,omitempty"`
}

// childEnv makes a start of this program a run of a script.
const childEnv = "PARLEY_SCRIPT_CHILD"

// Run runs a script once. Whatever it does, the answer comes within Wall: fault.Invalid says what it did wrong, in words for its author.
func Run(ctx context.Context, source string, e Event) (Reply, error) {
	in, err := json.Marshal(job{source, e})
	if err != nil {
		return Reply{}, err
	}
	if len(in) > inBytes {
		return Reply{}, fault.New(fault.Invalid, "The code and what it is given are too long: at most %d KB.", inBytes>>10)
	}
	ctx, cancel := context.WithTimeout(ctx, Wall)
	defer cancel()
	cmd := exec.CommandContext(ctx, "/proc/self/exe") // ctx's end kills it
	cmd.Env = []string{childEnv + "=1", "GOMAXPROCS=2", "GOTRACEBACK=none"}
	cmd.Dir = "/"
	cmd.Stdin = bytes.NewReader(in)
	cmd.WaitDelay = 100 * time.Millisecond
	out := &capped{left: outBytes}
	cmd.Stdout = out
	err = cmd.Run()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return Reply{}, fault.New(fault.Invalid, "The code took too long: at most %s.", Wall)
	case out.over:
		return Reply{}, fault.New(fault.Invalid, "The code answered too much: at most %d KB.", outBytes>>10)
	case errors.As(err, &exit) && exit.ExitCode() == exitMemory:
		return Reply{}, fault.New(fault.Invalid, "The code took too much memory: at most %d MB.", heapBytes>>20)
	case errors.As(err, &exit):
		return Reply{}, fault.New(fault.Invalid, "The code took too much time or memory, and was ended.")
	case err != nil:
		return Reply{}, err
	}
	var o outcome
	if err := json.Unmarshal(out.buf.Bytes(), &o); err != nil || o.Reply == nil && o.Error == "" {
		return Reply{}, fault.New(fault.Invalid, "What the code called back with is not of the right shape.")
	}
	if o.Error != "" {
		return Reply{}, fault.New(fault.Invalid, "%.500s", o.Error)
	}
	return *o.Reply, nil
}

// capped keeps the first bytes and fails when there are more.
type capped struct {
	buf  bytes.Buffer
	left int
	over bool
}

func (c *capped) Write(p []byte) (int, error) {
	if len(p) > c.left {
		c.over = true
		return 0, io.ErrShortWrite
	}
	c.left -= len(p)
	return c.buf.Write(p)
}

func init() {
	if os.Getenv(childEnv) == "1" {
		child()
	}
}
