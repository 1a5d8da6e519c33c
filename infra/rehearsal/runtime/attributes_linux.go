package runtime

import "syscall"

// attributes give a process a group of its own, and end it with us, however we end: a frozen process would stay for ever.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
