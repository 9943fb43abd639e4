//go:build !unix

package store

import "time"

// cpuTime is not known here; the benchmark then prints no difference.
func cpuTime() time.Duration { return 0 }
