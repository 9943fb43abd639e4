//go:build !unix

package parent

import "os"

// end ends a process: there is no way to ask it to.
func end(p *os.Process) error { return p.Kill() }

// NoDumps does nothing: a crash writes no memory to a disk here unless that was set up.
func NoDumps() error { return nil }
