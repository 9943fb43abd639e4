//go:build cgo && unix

package main

import "golang.org/x/sys/unix"

// mounted reports whether path is a disk of its own and not a folder of the one that
// holds place, and how many bytes are free on it.
func mounted(place, path string) (free uint64, ok bool) {
	var above, here unix.Stat_t
	var disk unix.Statfs_t
	if unix.Stat(place, &above) != nil || unix.Stat(path, &here) != nil || unix.Statfs(path, &disk) != nil {
		return 0, false
	}
	return disk.Bavail * uint64(disk.Bsize), here.Dev != above.Dev
}
