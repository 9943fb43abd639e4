package main

import "golang.org/x/sys/unix"

// pin keeps this process on so many processors.
func pin(processors int) error {
	var set unix.CPUSet
	for i := range processors {
		set.Set(i)
	}
	return unix.SchedSetaffinity(0, &set)
}
