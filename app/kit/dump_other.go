//go:build !linux

package kit

// NoDumps has nothing to switch off here; Windows and macOS write no core files of
// programs unless an administrator asks for them.
func NoDumps() error { return nil }
