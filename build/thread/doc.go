// Package thread walks one stretch of everything, from a monitor's bytes to the
// number on the hospital's page, with real processes, and kills parts of it on
// the way. It holds only tests.
package thread
