package kit

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// NoDumps keeps this process's memory, with its keys, from being written to a file
// when it crashes, and from being read by another process of the same user.
func NoDumps() error {
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}); err != nil {
		return fmt.Errorf("switch core dumps off: %w", err)
	}
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("switch core dumps off: %w", err)
	}
	return nil
}
