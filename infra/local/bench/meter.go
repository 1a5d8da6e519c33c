package main

import (
	"os"
	"strings"
	"syscall"
)

// meter says what a measurement cost, and what else went on at the machine.
type meter struct {
	p                                  *program
	program, client, all, busy, stolen float64 // seconds, of all cores together
}

func measure(p *program) meter {
	m := meter{p: p, program: p.cpu(), client: own()}
	m.all, m.busy, m.stolen = machine()
	return m
}

// say prints the costs of n things, in CPU seconds of a thousand.
func (m meter) say(name string, n int) {
	now := measure(m.p)
	program, client, all := now.program-m.program, now.client-m.client, max(now.all-m.all, 0.01)
	say(name+".cpu", program/float64(n)*1000, "CPU-s/1000")
	say(name+".client", client/float64(n)*1000, "CPU-s/1000")
	say(name+".steal", 100*(now.stolen-m.stolen)/all, "%")
	say(name+".others", max(0, 100*(now.busy-m.busy-program-client)/all), "%")
}

// own is what this process has used so far.
func own() float64 {
	var u syscall.Rusage
	check(syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}

// machine reads all time of all cores since the start, what of it programs used, and what neighbours stole (proc(5): ticks of 1/100 s; user
// nice system idle iowait irq softirq steal).
func machine() (all, busy, stolen float64) {
	b, err := os.ReadFile("/proc/stat")
	check(err)
	line, _, _ := strings.Cut(string(b), "\n")
	for i, f := range strings.Fields(line)[1:9] {
		v := number(f) / 100
		all += v
		switch i {
		case 3, 4:
		case 7:
			stolen = v
		default:
			busy += v
		}
	}
	return all, busy, stolen
}
