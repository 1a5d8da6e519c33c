// Bench measures the shipped path of local mode: the real program as a child process, real HTTP, SMTP and sockets, durable commits.
// It prints one "name value unit" a line. cpu is the program's own, read from the kernel, client what this bench cost beside it; steal is
// what neighbours took of this machine meanwhile, others what other programs on it took: above ten percent together no rate and no
// p99 means much, and cpu is what to compare.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

type ready struct {
	API, SMTP, Address, Token string
}

func main() {
	bin := flag.String("bin", "dist/parley", "the program: make dist/parley")
	big := flag.Int("threads", 100_000, "threads of the large inbox")
	comments := flag.Int("comments", 20_000, "comments to write")
	mails := flag.Int("mails", 10_000, "mails to send")
	only := flag.String("only", "", "mails, chats, bots, or people: nothing but those")
	flag.Parse()
	log.SetFlags(0)
	alone := func(f func(*program)) {
		dir, err := os.MkdirTemp("", "parley-bench")
		check(err)
		p := start(*bin, dir)
		f(p)
		p.stop()
		check(os.RemoveAll(dir))
	}
	switch *only {
	case "mails":
		alone(func(p *program) { mailLoad(p, *mails) })
		return
	case "chats":
		alone(chats)
		return
	case "bots":
		alone(bots)
		return
	}
	for _, n := range []int{1000, *big} {
		dir, err := os.MkdirTemp("", "parley-bench")
		check(err)
		begin := time.Now()
		check(seed(*bin, dir, n))
		say(fmt.Sprintf("seed.%d", n), float64(n)/time.Since(begin).Seconds(), "threads/s")
		p := start(*bin, dir)
		if *only == "" {
			pages(p, n)
		}
		people(p, n)
		if n == 1000 && *only == "" {
			frames(p)
			commentLoad(p, *comments)
			mailLoad(p, *mails)
		}
		p.stop()
		check(os.RemoveAll(dir))
	}
	if *only == "" {
		alone(chats)
		alone(bots)
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func say(name string, value float64, unit string) {
	fmt.Printf("%s %s %s\n", name, strconv.FormatFloat(value, 'g', 4, 64), unit)
}

// program is the running child.
type program struct {
	ready
	cmd *exec.Cmd
}

func start(bin, dir string) *program {
	cmd := exec.Command(bin)
	cmd.Env = append(os.Environ(), "PORT=0", "SMTP_PORT=0", "DATA_DIR="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	check(err)
	check(cmd.Start())
	p := &program{cmd: cmd}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if doc, ok := strings.CutPrefix(lines.Text(), "ready "); ok {
			check(json.Unmarshal([]byte(doc), &p.ready))
			go func() {
				for lines.Scan() { // drain, so that the child never blocks on its output
				}
			}()
			return p
		}
	}
	log.Fatal("the program ended before it was ready")
	return nil
}

func (p *program) stop() {
	check(p.cmd.Process.Signal(syscall.SIGINT))
	check(p.cmd.Wait())
}

// cpu is what the program has used so far, in seconds (proc(5): utime and stime in ticks of 1/100 s).
func (p *program) cpu() float64 {
	b, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(p.cmd.Process.Pid), "stat"))
	check(err)
	f := strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+1:]))
	return (number(f[11]) + number(f[12])) / 100
}

// rss is the program's resident memory in MB.
func (p *program) rss() float64 {
	b, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(p.cmd.Process.Pid), "statm"))
	check(err)
	return number(strings.Fields(string(b))[1]) * float64(os.Getpagesize()) / 1e6
}

func number(s string) float64 {
	v, err := strconv.ParseFloat(s, 64)
	check(err)
	return v
}
