//go:build unix

package kit

import (
	"fmt"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// diskSpace is the free and whole size of the disk that holds dir, in bytes.
func diskSpace(dir string) (free, total uint64, err error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, 0, fmt.Errorf("look at the disk of %s: %w", dir, err)
	}
	return s.Bavail * uint64(s.Bsize), s.Blocks * uint64(s.Bsize), nil
}

func folderMode(dir string) (fs.FileMode, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return 0, errNoFolder
	}
	return info.Mode().Perm(), nil
}
