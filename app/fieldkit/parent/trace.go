package parent

import (
	"bytes"
	"fmt"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// landmark is where a function of this package lies in this process's memory: two runs
// of one program differ by the distance between their landmarks.
func landmark() uint64 { return uint64(reflect.ValueOf(landmark).Pointer()) }

// begins are how the Go runtime begins to speak of its end. What follows is never
// passed on.
var begins = [...]string{"fatal: ", "runtime: ", "unexpected fault address", "[signal ", "SIG", "PC=", "goroutine ", "Exception 0x"}

// classes are the failures whose words are the runtime's own and hold nothing of
// anybody. The longer of two that fit stands first.
var classes = [...]string{
	"runtime error: index out of range", "runtime error: slice bounds out of range",
	"runtime error: invalid memory address or nil pointer dereference", "runtime error: integer divide by zero",
	"runtime error: integer overflow", "runtime error: makeslice: len out of range", "runtime error: makeslice: cap out of range",
	"runtime error: hash of unhashable type", "runtime error: comparing uncomparable type", "runtime error: negative shift amount",
	"runtime error: cannot convert slice", "interface conversion", "assignment to entry in nil map", "send on closed channel",
	"close of closed channel", "close of nil channel", "sync: negative WaitGroup counter", "sync: unlock of unlocked mutex",
	"concurrent map read and map write", "concurrent map writes", "concurrent map iteration and map write",
	"all goroutines are asleep - deadlock!", "out of memory", "stack overflow", "runtime: out of memory",
	"SIGSEGV: segmentation violation", "SIGABRT: abort", "SIGBUS: bus error", "SIGILL: illegal instruction", "SIGFPE: floating-point exception",
	"SIGQUIT: quit", "SIGTRAP: trace trap", "SIGSYS: bad system call",
}

// starts reports whether a line is the first of the runtime's last words.
func starts(line []byte) bool {
	// Whatever another wrote before it without ending the line.
	if bytes.Contains(line, []byte("panic: ")) || bytes.Contains(line, []byte("fatal error: ")) {
		return true
	}
	for _, b := range begins {
		if bytes.HasPrefix(line, []byte(b)) {
			return true
		}
	}
	return false
}

// class is of what class a failure was by the runtime's words, "" when they are not
// only the runtime's.
func class(words []byte) string {
	for line := range bytes.Lines(words[:min(len(words), 4<<10)]) {
		text, is := bytes.CutPrefix(line, []byte("panic: "))
		if !is {
			if text, is = bytes.CutPrefix(line, []byte("fatal error: ")); !is {
				text, is = line, bytes.HasPrefix(line, []byte("SIG"))
			}
		}
		if !is {
			continue
		}
		for _, c := range classes {
			if rest, ok := bytes.CutPrefix(text, []byte(c)); ok && (len(rest) == 0 || strings.IndexByte("\n :[", rest[0]) >= 0) {
				return c
			}
		}
	}
	return ""
}

// The most that a report tells of one crash.
const (
	framesMost     = 64
	goroutinesMost = 4
)

// stacks are the places in the program that a crash's words name, by goroutine, the
// one that failed first. Of the words only the program counters are read; base is where
// the landmark lay in the process that crashed.
func stacks(words []byte, base uint64) (out [][]string) {
	if base == 0 {
		return nil
	}
	away := landmark() - base
	var pcs []uintptr
	trapped, inside := false, false
	end := func() {
		places := placesOf(pcs)
		own := slices.ContainsFunc(places, func(p string) bool { return !strings.HasPrefix(p, "runtime.") })
		if len(places) > 0 && len(out) < goroutinesMost && (own || len(out) == 0) {
			out = append(out, places)
		}
		pcs, trapped = nil, false
	}
	for line := range bytes.Lines(words) {
		switch {
		case bytes.HasPrefix(line, []byte("goroutine ")):
			end()
			inside = true
		case len(bytes.TrimSpace(line)) == 0, bytes.HasPrefix(line, []byte("created by ")):
			end()
			inside = false
		case inside && line[0] == '\t' && len(pcs) < framesMost:
			pc, ok := counter(line)
			if !ok {
				continue
			}
			at := uintptr(pc + away)
			if trapped {
				at++ // a trap's counter is that of the instruction itself, a call's of the one after
			}
			f := runtime.FuncForPC(at)
			trapped = f != nil && f.Name() == "runtime.sigpanic"
			pcs = append(pcs, at)
		}
	}
	end()
	return out
}

// counter is the program counter of a line of a trace.
func counter(line []byte) (uint64, bool) {
	_, text, ok := bytes.Cut(line, []byte(" pc=0x"))
	if !ok {
		return 0, false
	}
	pc, err := strconv.ParseUint(string(bytes.TrimSpace(text)), 16, 64)
	return pc, err == nil
}

// placesOf are the names of functions and lines of program counters.
func placesOf(pcs []uintptr) (places []string) {
	if len(pcs) == 0 {
		return nil
	}
	frames := runtime.CallersFrames(pcs)
	for {
		f, more := frames.Next()
		if f.Function != "" {
			places = append(places, fmt.Sprintf("%s  %s:%d", f.Function, filepath.Base(f.File), f.Line))
		}
		if !more || len(places) >= framesMost {
			return places
		}
	}
}
