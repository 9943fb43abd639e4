package api

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
)

// maxSocketPath is what every system's socket address holds (macOS: 104 with the
// final zero, Linux: 108).
const maxSocketPath = 100

// SocketPath is where the station of a data folder listens: station.sock in the
// folder or, when that path is too long for a socket's address, in a folder of
// the user's own among the temporary files.
func SocketPath(dir string) string {
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	path := filepath.Join(dir, "station.sock")
	if len(path) <= maxSocketPath {
		return path
	}
	sum := sha256.Sum256([]byte(dir))
	return filepath.Join(os.TempDir(), "fieldkit-"+strconv.Itoa(os.Getuid()), hex.EncodeToString(sum[:8])+".sock")
}

// Listen opens the socket of a data folder for its owner alone. A socket left by
// a dead station is replaced; the store's own lock keeps two stations apart.
func Listen(dir string) (net.Listener, error) {
	path := SocketPath(dir)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("make the socket's folder: %w", err)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("remove a dead station's socket: %w", err)
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("open the station's socket: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		l.Close()
		return nil, fmt.Errorf("close the station's socket to others: %w", err)
	}
	return ownerOnly{l}, nil
}

// ownerOnly refuses callers of another user, whatever the file's mode says.
type ownerOnly struct{ net.Listener }

func (o ownerOnly) Accept() (net.Conn, error) {
	for {
		c, err := o.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if callerIsOwner(c) {
			return c, nil
		}
		c.Close()
	}
}
