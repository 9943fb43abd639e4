//go:build unix

package parent

import (
	"os"
	"syscall"
)

// end asks a process to end.
func end(p *os.Process) error { return p.Signal(syscall.SIGTERM) }

// NoDumps keeps this process, and the windows it starts, from leaving its memory with a
// session's token on a disk when it crashes.
func NoDumps() error { return syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{}) }
