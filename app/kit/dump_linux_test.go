package kit

import (
	"testing"

	"golang.org/x/sys/unix"
)

func TestCoreDumpsAreOff(t *testing.T) {
	if err := NoDumps(); err != nil {
		t.Fatal(err)
	}
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_CORE, &limit); err != nil || limit.Cur != 0 || limit.Max != 0 {
		t.Errorf("core limit is %+v (%v), want 0", limit, err)
	}
	if on, err := unix.PrctlRetInt(unix.PR_GET_DUMPABLE, 0, 0, 0, 0); err != nil || on != 0 {
		t.Errorf("dumpable is %d (%v), want 0", on, err)
	}
}
