//go:build cgo

package main

// mounted finds no stick on Windows: the command line's backup takes any path.
func mounted(string, string) (uint64, bool) { return 0, false }
