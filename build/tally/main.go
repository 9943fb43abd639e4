// Command tally reads `go test -json` from standard input and tells a person what
// happened: the output of what failed, the list of what was skipped and why, and
// the counts. It fails on a failed test, on a package that did not build, and on
// a skip that build/may-skip does not allow. It runs nothing itself.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// event is one line of `go test -json` (go doc test2json).
type event struct {
	Action      string
	Package     string
	ImportPath  string // of a build failure
	Test        string
	Output      string
	FailedBuild string
}

type key struct{ pkg, test string }

type tally struct {
	passed, failed int
	skipped        []skip
	output         map[key][]string
	broken         []string
	echo           io.Writer
}

type skip struct{ test, why string }

func main() {
	allow := flag.String("may-skip", "build/may-skip", "the `file` of skips that are allowed")
	flag.Parse()
	allowed, err := readAllowed(*allow)
	if err != nil {
		fmt.Fprintln(os.Stderr, "tally:", err)
		os.Exit(2)
	}
	t := &tally{output: map[key][]string{}, echo: os.Stdout}
	if err := t.read(os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, "tally:", err)
		os.Exit(2)
	}
	if !t.report(os.Stdout, allowed) {
		os.Exit(1)
	}
}

// readAllowed reads the patterns of may-skip: one piece of a skip's reason or a
// test's name a line, # begins a comment.
func readAllowed(file string) ([]string, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the skips that are allowed: %w", err)
	}
	var allowed []string
	for line := range strings.Lines(string(b)) {
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line != "" {
			allowed = append(allowed, line)
		}
	}
	return allowed, nil
}

func (t *tally) read(r io.Reader) error {
	lines := bufio.NewReaderSize(r, 1<<20)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			var e event
			if json.Unmarshal(line, &e) != nil {
				fmt.Fprintf(t.echo, "%s", line) // the go command speaking, not a test
			} else {
				t.take(e)
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read test output: %w", err)
		}
	}
}

func (t *tally) take(e event) {
	k := key{e.Package, e.Test}
	switch e.Action {
	case "output":
		t.output[k] = append(t.output[k], e.Output)
		if strings.HasPrefix(strings.TrimSpace(e.Output), "Benchmark") {
			fmt.Fprint(t.echo, e.Output)
		}
	case "build-output":
		fmt.Fprint(t.echo, e.Output)
	case "pass":
		if e.Test != "" {
			t.passed++
		} else {
			fmt.Fprintf(t.echo, "ok    %s\n", e.Package)
		}
		delete(t.output, k)
	case "skip":
		if e.Test != "" {
			t.skipped = append(t.skipped, skip{e.Package + " " + e.Test, reason(t.output[k])})
		}
		delete(t.output, k)
	case "fail":
		if e.Test == "" {
			t.broken = append(t.broken, e.Package)
		} else {
			t.failed++
		}
		fmt.Fprintf(t.echo, "FAIL  %s %s\n", e.Package, e.Test)
		for _, line := range t.output[k] {
			fmt.Fprint(t.echo, "      ", line)
		}
		delete(t.output, k)
	}
}

// reason is what a skipped test said.
func reason(output []string) string {
	var said []string
	for _, line := range output {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "===") || strings.HasPrefix(line, "---") {
			continue
		}
		said = append(said, line)
	}
	return strings.Join(said, " ")
}

// report prints the counts and says whether all is well.
func (t *tally) report(w io.Writer, allowed []string) bool {
	well := t.failed == 0 && len(t.broken) == 0
	if len(t.skipped) > 0 {
		fmt.Fprintln(w, "\nSkipped:")
	}
	for _, s := range t.skipped {
		mark := " "
		if !slices.ContainsFunc(allowed, func(a string) bool { return strings.Contains(s.test+" "+s.why, a) }) {
			mark, well = "!", false
		}
		fmt.Fprintf(w, " %s %s: %s\n", mark, s.test, s.why)
	}
	if strings.Contains(fmt.Sprint(t.broken), "/") {
		fmt.Fprintf(w, "\nPackages that failed: %s\n", strings.Join(t.broken, ", "))
	}
	if !well && t.failed == 0 && len(t.broken) == 0 {
		fmt.Fprintln(w, "\nA skip marked ! is not in build/may-skip.")
	}
	fmt.Fprintf(w, "\n%d passed, %d failed, %d skipped\n", t.passed, t.failed, len(t.skipped))
	return well
}
