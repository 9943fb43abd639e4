//go:build race

package devices_test

// Under the race detector Go 1.26 now and then crashes in its own timers inside a
// synctest bubble (runtime.(*timer).maybeRunChan) when thousands of them fire at
// once: fewer rounds there.
const replugRounds = 3
