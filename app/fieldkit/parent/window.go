package parent

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/signal"
	"reflect"
	"runtime/debug"
	"strconv"
	"sync"
	"syscall"
)

// marker is the name of the variable that holds the parent's process number. What the
// window starts in turn inherits it too, and has another parent.
const marker = "FIELDKIT_WINDOW_PARENT"

// handedMost bounds what is handed over, in bytes, to the window and by it.
const handedMost = 64 << 10

// handed is what the parent tells a window when it starts it, on its standard input.
type handed struct {
	Kept json.RawMessage `json:"kept,omitempty"`
	// Crashes is how often the window crashed of late when it is not to be tried again,
	// else 0, and Report the file of the last.
	Crashes int    `json:"crashes,omitempty"`
	Report  string `json:"report,omitempty"`
}

// note is what a window tells its parent, a line of JSON on its standard output.
type note struct {
	Base  uint64          `json:"base,omitempty"`  // where landmark lies in the window's memory
	Kept  json.RawMessage `json:"kept,omitempty"`  // replaces what was kept before
	Panic string          `json:"panic,omitempty"` // the Go type of the value of a panic
}

// A Window is the window's side of it. A nil Window, of a program without a parent,
// does nothing. It is safe for concurrent use.
type Window struct {
	handed handed

	mu  sync.Mutex // guards out
	out io.Writer
}

// TryAgain is the exit code by which a window asks to be started anew, though it could not
// begin or crashed too often: a person wants it.
const TryAgain = 75

// Supervised reports whether this program was started as a window by its parent.
func Supervised() bool {
	return os.Getenv(marker) == strconv.Itoa(os.Getppid())
}

// Join takes over what the parent has handed. It is called once, early in the window's
// program, when [Supervised]; from then on standard input and output are the parent's.
func Join() (*Window, error) {
	os.Unsetenv(marker)
	// A parent that was killed must not take the window along at its next word.
	signal.Notify(make(chan os.Signal, 1), brokenPipe)
	debug.SetTraceback("system") // program counters and all
	w := &Window{out: os.Stdout}
	b, err := io.ReadAll(io.LimitReader(os.Stdin, 2*handedMost))
	if err == nil {
		err = json.Unmarshal(b, &w.handed)
	}
	if err != nil {
		return nil, fmt.Errorf("take over from the window's parent: %w. Start fieldkit again", err)
	}
	w.tell(note{Base: landmark()})
	return w, nil
}

// Kept fills v with what the window before kept, and says whether there is anything.
func (w *Window) Kept(v any) bool {
	return w != nil && len(w.handed.Kept) > 0 && json.Unmarshal(w.handed.Kept, v) == nil
}

// Keep replaces what a successor begins with. When it returns the parent will have it,
// whatever becomes of this process.
func (w *Window) Keep(v any) {
	if w == nil {
		return
	}
	if b, err := json.Marshal(v); err == nil && len(b) <= handedMost {
		w.tell(note{Kept: b})
	}
}

// Crashes is how often the window crashed of late when it must not be tried again
// without a person's word, else 0, and the name of the last report's file.
func (w *Window) Crashes() (n int, report string) {
	if w == nil {
		return 0, ""
	}
	return w.handed.Crashes, w.handed.Report
}

// Guard is deferred at the root of a goroutine: a panic goes on, after the parent was
// told the Go type of its value, which is all that may be told of it.
func (w *Window) Guard() {
	r := recover()
	if r == nil {
		return
	}
	if w != nil {
		w.tell(note{Panic: reflect.TypeOf(r).String()})
	}
	panic(r)
}

func (w *Window) tell(n note) {
	b, err := json.Marshal(n)
	if err != nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	_, _ = w.out.Write(append(b, '\n')) // without a parent nobody is left to tell
}

var brokenPipe = syscall.SIGPIPE
