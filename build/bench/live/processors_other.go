//go:build !linux

package main

// pin is not known here: the gateway has only its count of threads.
func pin(int) error { return nil }
