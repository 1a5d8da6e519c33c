//go:build unix

package local

import (
	"os"
	"path/filepath"
	"syscall"

	"parley/shared/fault"
)

// lockDir takes the directory for this process; the kernel gives it back when the process ends, however it ends.
func lockDir(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, fault.Wrap(err, fault.Busy, "another process has %s open", dir)
	}
	return f, nil
}
