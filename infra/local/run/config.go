// Package run is the whole product in one process: it reads the template, opens local adapters, puts the functions together and feeds them.
//
// Owns: wiring, the order of starting and stopping, where data lives.
// Never: rules of the product; a second way to wire a function (functions/x.New is the only one).
// Imported by: infra/local (the command) and infra/local/flows (its tests).
package run

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"parley/shared/fetch"
	"parley/shared/fetch/public"
	"parley/shared/limit"
)

// Config is what a person may choose. The zero value of a field is its default, but for the ports, where 0 is any free port.
type Config struct {
	Host       string // address to bind, default 127.0.0.1
	Port       int    // HTTP
	SMTPPort   int
	DataDir    string        // default .parley
	MailDomain string        // default parley.localhost
	SMTPRelay  string        // host:port that really sends; empty keeps mail in the outbox
	Origin     string        // public origin if it is not http://HOST:PORT, without a slash at the end
	Root       string        // the repository; default: where infra/template.golden.json is found upward from here or from the program
	Delay      time.Duration // of streams before a read, default streamDelay, negative for none; Lambda polls four times a second
	Idle, Life time.Duration // of sockets
	Log        *slog.Logger
	// Fetch is for tests that play the internet; nil is the public web and nothing else.
	Fetch fetch.Getter
	Names map[string]string // host:port on this machine by a name of the web: who is asked there instead
}

// streamDelay gives a door time to push what it committed and to note so, before notify reads the stream: on AWS Lambda's poll (four a
// second) does. Without it every frame goes out twice, which clients notice only in their batteries. PARLEY_STREAM_DELAY=250ms imitates Lambda.
const streamDelay = 25 * time.Millisecond

// Default ports.
const (
	DefaultPort     = 8080
	DefaultSMTPPort = 2525
)

// FromEnv reads PORT, SMTP_PORT, HOST, DATA_DIR, MAIL_DOMAIN, SMTP_RELAY, ORIGIN, LOG and PARLEY_STREAM_DELAY, PARLEY_SOCKET_IDLE, PARLEY_SOCKET_LIFE,
// PARLEY_WEB.
func FromEnv(env func(string) string) (Config, error) {
	c := Config{Host: env("HOST"), DataDir: env("DATA_DIR"), MailDomain: env("MAIL_DOMAIN"), SMTPRelay: env("SMTP_RELAY"), Origin: strings.TrimRight(env("ORIGIN"), "/"), Port: DefaultPort, SMTPPort: DefaultSMTPPort}
	var errs []error
	port := func(name string, into *int) {
		if text := env(name); text != "" {
			n, err := strconv.ParseUint(text, 10, 16)
			if err != nil {
				errs = append(errs, fmt.Errorf("%s is %q: want a port number, or 0 for any free port", name, text))
			}
			*into = int(n)
		}
	}
	port("PORT", &c.Port)
	port("SMTP_PORT", &c.SMTPPort)
	for name, into := range map[string]*time.Duration{"PARLEY_STREAM_DELAY": &c.Delay, "PARLEY_SOCKET_IDLE": &c.Idle, "PARLEY_SOCKET_LIFE": &c.Life} {
		if text := env(name); text != "" {
			d, err := time.ParseDuration(text)
			if err != nil || d < 0 {
				errs = append(errs, fmt.Errorf("%s is %q: want a duration such as 250ms", name, text))
			}
			*into = d
		}
	}
	if env("PARLEY_STREAM_DELAY") != "" && c.Delay == 0 {
		c.Delay = -1
	}
	if names, err := namesFrom(env("PARLEY_WEB")); err != nil {
		errs = append(errs, err)
	} else {
		c.Names = names
	}
	level := slog.LevelWarn
	if env("LOG") == "debug" {
		level = slog.LevelDebug
	}
	c.Log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
	return c, errors.Join(errs...)
}

func (c *Config) defaults() error {
	for text, value := range map[*string]string{&c.Host: "127.0.0.1", &c.DataDir: ".parley", &c.MailDomain: "parley.localhost"} {
		if *text == "" {
			*text = value
		}
	}
	c.MailDomain = strings.ToLower(c.MailDomain)
	if c.Idle == 0 {
		c.Idle = limit.SocketIdle
	}
	if c.Delay == 0 {
		c.Delay = streamDelay
	}
	if c.Life == 0 {
		c.Life = limit.SocketLife
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Root == "" {
		root, err := findRoot()
		if err != nil {
			return err
		}
		c.Root = root
	}
	if c.Fetch == nil {
		var err error
		if c.Fetch, err = public.Open(context.Background()); err != nil {
			return err
		}
	}
	if len(c.Names) > 0 {
		c.Fetch = names{c.Fetch, c.Names}
	}
	return os.MkdirAll(c.DataDir, 0o700)
}

const templateFile = "infra/template.golden.json"

// findRoot looks for the template upward from the working directory, then from the program's own place.
func findRoot() (string, error) {
	var starts []string
	if dir, err := os.Getwd(); err == nil {
		starts = append(starts, dir)
	}
	if exe, err := os.Executable(); err == nil {
		starts = append(starts, filepath.Dir(exe))
	}
	for _, dir := range starts {
		for {
			if _, err := os.Stat(filepath.Join(dir, templateFile)); err == nil {
				return dir, nil
			}
			up := filepath.Dir(dir)
			if up == dir {
				break
			}
			dir = up
		}
	}
	return "", fmt.Errorf("cannot find %s: start Parley inside its repository", templateFile)
}

// listen opens a port, and says in plain words when somebody else has it.
func listen(host string, port int, name string) (net.Listener, error) {
	l, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("port %d is busy: another program, perhaps another Parley, listens on it. Stop it, or choose a port: %s=%d make run (0 takes any free port)", port, name, port+1)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("port %d needs more rights than you have; choose one above 1023: %s=%d make run", port, name, 8000+port)
	case err != nil:
		return nil, fmt.Errorf("cannot listen on %s port %d (%s): %w", host, port, name, err)
	}
	return l, nil
}
