package kit

import (
	"encoding/hex"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
)

// bootTime is CLOCK_BOOTTIME: it goes on while the machine sleeps, so that a
// value read before a nap is as old as it is.
func bootTime() vital.Instant {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &t); err != nil {
		panic("read CLOCK_BOOTTIME: " + err.Error()) // Linux has it since 2.6.39
	}
	return vital.Instant(t.Nano())
}

// bootID is the kernel's random name of this boot.
func bootID() (id chart.Boot, ok bool) {
	b, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return id, false
	}
	n, err := hex.Decode(id[:], []byte(strings.ReplaceAll(strings.TrimSpace(string(b)), "-", "")))
	return id, err == nil && n == len(id)
}

// keptByNetwork reports whether a time daemon says that it keeps the clock: the
// kernel then calls it synchronised, see adjtimex(2). It costs a system call.
func keptByNetwork() bool {
	var t unix.Timex
	state, err := unix.Adjtimex(&t)
	return err == nil && state != unix.TIME_ERROR && t.Status&unix.STA_UNSYNC == 0
}
