// Package dynamodblocal runs Amazon DynamoDB Local for tests.
//
// Owns: fetching it (fetch.go), starting and stopping it. Never: production code, the jar itself (README.md: its licence).
// Imported by: tests of table/dynamo, the second set-up of the flow tests.
package dynamodblocal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"time"
)

// Server is a running DynamoDB Local.
type Server struct {
	URL   string // http://127.0.0.1:port
	cmd   *exec.Cmd
	stdin io.Closer
}

// aptLine installs what is missing on Debian.
const aptLine = "apt-get install -y --no-install-recommends openjdk-17-jre-headless"

// Start starts a server with its tables in memory and waits until it answers. It ends with Close, or with this process.
func Start(ctx context.Context) (*Server, error) {
	return start(ctx, "-XX:TieredStopAtLevel=1 -Xmx192m", "-inMemory") // soon up, and small: many run at once
}

// StartOnDisk starts a server with its tables in files in dir, for more than memory holds: an item takes about 1.2 KB either way, outside Java's heap.
// One transaction of many items is quicker here than as many puts: each commit waits for the disk.
func StartOnDisk(ctx context.Context, dir string) (*Server, error) {
	return start(ctx, "-Xmx1g", "-dbPath '"+dir+"'")
}

func start(ctx context.Context, java, where string) (*Server, error) {
	if _, err := exec.LookPath("java"); err != nil {
		return nil, errors.New("DynamoDB Local needs a Java 17 runtime: " + aptLine)
	}
	dir, err := folder(ctx)
	if err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	run := fmt.Sprintf("java %s -XX:+UseSerialGC -Djava.library.path=./DynamoDBLocal_lib -jar DynamoDBLocal.jar %s -disableTelemetry -port %d", java, where, port)
	// The shell ends the server when its stdin closes: with Close, or when this process dies, however it dies.
	cmd := exec.Command("sh", "-c", run+" >/dev/null 2>&1 & cat >/dev/null; kill $!; wait")
	cmd.Dir = dir
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &Server{URL: fmt.Sprintf("http://127.0.0.1:%d", port), cmd: cmd, stdin: stdin}
	if err := s.ready(ctx); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// Close ends the server; its tables are gone.
func (s *Server) Close() {
	s.stdin.Close()
	_ = s.cmd.Wait() // the shell's status is the server's, which we have just killed
}

func (s *Server) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL, strings.NewReader("{}"))
		if err != nil {
			return err
		}
		resp, err := http.DefaultClient.Do(req)
		if err == nil { // any answer will do: it is listening
			resp.Body.Close()
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("DynamoDB Local did not answer (does `java -version` say 17 or newer? %s): %w", aptLine, err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
