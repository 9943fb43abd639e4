//go:build unix

package serialport

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// A Pty is a pseudo-terminal: the monitor's end of a line whose other end, Name,
// opens like a serial port. It is for simulated monitors. Closing it unplugs.
type Pty struct {
	Name   string
	master *os.File
	// slave stays open, or the master could not be read while nobody listens.
	slave *os.File
}

// OpenPty makes a pseudo-terminal that passes every byte unchanged.
func OpenPty() (*Pty, error) {
	master, slave, err := pty.Open()
	if err != nil {
		return nil, fmt.Errorf("open a pseudo-terminal: %w", err)
	}
	polled, err := nonblocking(master)
	if err == nil {
		_, err = term.MakeRaw(int(slave.Fd()))
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("set up a pseudo-terminal: %w", err), slave.Close(), master.Close())
	}
	return &Pty{Name: slave.Name(), master: polled, slave: slave}, nil
}

// nonblocking is f in a form whose Close ends a Read and whose writes have
// deadlines. Setting it up left f itself in blocking mode. f is closed.
func nonblocking(f *os.File) (*os.File, error) {
	fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		return nil, errors.Join(err, unix.Close(fd))
	}
	return os.NewFile(uintptr(fd), f.Name()), f.Close()
}

// Read gives what the host sent.
func (p *Pty) Read(b []byte) (int, error) { return p.master.Read(b) }

// nobodyListens is how long a full line may hold up its monitor.
const nobodyListens = 20 * time.Millisecond

// Write sends b. Like a monitor on a line nobody reads, it does not wait: what
// does not fit is lost.
func (p *Pty) Write(b []byte) (int, error) {
	if err := p.master.SetWriteDeadline(time.Now().Add(nobodyListens)); err != nil {
		return 0, fmt.Errorf("write to a pseudo-terminal: %w", err)
	}
	if _, err := p.master.Write(b); err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		return 0, err
	}
	return len(b), nil
}

// Close takes both ends away.
func (p *Pty) Close() error { return errors.Join(p.slave.Close(), p.master.Close()) }
