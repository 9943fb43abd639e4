package parent

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// reportName is how reports are named; the time in between sorts them.
const (
	reportName = "window-crash-"
	reportEnd  = ".txt"
	reportTime = "20060102T150405.000000000Z"
	// reportsMost is how many are kept, the last.
	reportsMost = 5
)

// A crash is what is known of one.
type crash struct {
	At      time.Time
	Ran     time.Duration
	Version string
	What    string // of what class
	Stacks  [][]string
}

// text is the whole report.
func (c crash) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "The window of Fieldkit ended by a failure. The recorder went on.\n\n")
	fmt.Fprintf(&b, "at       %s\nafter    %s\nversion  %s, %s, %s/%s\nfailure  %s\n", c.At.UTC().Format(time.RFC3339),
		c.Ran.Round(time.Second), c.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH, c.What)
	for i, s := range c.Stacks {
		head := "where it failed"
		if i > 0 {
			head = "another goroutine"
		}
		fmt.Fprintf(&b, "\n%s\n", head)
		for _, place := range s {
			fmt.Fprintf(&b, "  %s\n", place)
		}
	}
	b.WriteString("\nHere stand names of functions and lines of the program alone: no words of the\nfailure, no values, nothing of a patient. It may be sent to whoever maintains it.\n")
	return b.String()
}

// write writes the report to the data folder, for its owner alone, and drops the oldest
// of too many. A folder that is not there is not made.
func (c crash) write(dir string) (file string, err error) {
	file = filepath.Join(dir, reportName+c.At.UTC().Format(reportTime)+reportEnd)
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return "", fmt.Errorf("write the report: %w", err)
	}
	_, err = f.WriteString(c.text())
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		os.Remove(file)
		return "", fmt.Errorf("write the report: %w", err)
	}
	old, err := filepath.Glob(filepath.Join(escape(dir), reportName+"*"+reportEnd))
	slices.Sort(old)
	for len(old) > reportsMost {
		os.Remove(old[0])
		old = old[1:]
	}
	return file, err
}

// escape is a folder's name for a pattern of [filepath.Glob].
func escape(dir string) string {
	if runtime.GOOS == "windows" {
		return dir // there \ parts folders and escapes nothing
	}
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(dir)
}
