package main

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// A display is an X server of our own with its picture in a file.
type display struct {
	name string // as DISPLAY names it
	cmd  *exec.Cmd
	file *os.File
	b    []byte // the file, mapped: a picture of xwd as the server keeps it
	at   int    // where pixels begin, 4 bytes each
	wide int    // bytes a row
	rows int
}

// openDisplay starts an X server of 1280 by 800 with its framebuffer in dir.
func openDisplay(dir string) (_ *display, err error) {
	d := &display{}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.Close())
		}
	}()
	d.cmd = exec.Command("Xvfb", "-displayfd", "1", "-screen", "0", "1280x800x24", "-fbdir", dir, "-nolisten", "tcp")
	out, err := d.cmd.StdoutPipe()
	if err != nil {
		return d, fmt.Errorf("start Xvfb: %w", err)
	}
	if err := d.cmd.Start(); err != nil {
		return d, fmt.Errorf("start Xvfb: %w. Install Debian's xvfb", err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return d, fmt.Errorf("ask Xvfb for its display: %w", err)
	}
	d.name = ":" + strings.TrimSpace(line)
	if d.file, err = os.Open(filepath.Join(dir, "Xvfb_screen0")); err != nil {
		return d, fmt.Errorf("open the display's picture: %w", err)
	}
	info, err := d.file.Stat()
	if err != nil {
		return d, err
	}
	if d.b, err = syscall.Mmap(int(d.file.Fd()), 0, int(info.Size()), syscall.PROT_READ, syscall.MAP_SHARED); err != nil {
		return d, fmt.Errorf("map the display's picture: %w", err)
	}
	// X11/XWDFile.h: words of 32 bits, most significant first: the header's size is the
	// first, height the sixth, bytes a row the 13th, colours the 20th, of 12 bytes each.
	word := func(n int) int { return int(binary.BigEndian.Uint32(d.b[4*n:])) }
	d.at, d.rows, d.wide = word(0)+12*word(19), word(5), word(12)
	if d.at+d.rows*d.wide > len(d.b) {
		return d, io.ErrUnexpectedEOF
	}
	return d, nil
}

// Close ends the server.
func (d *display) Close() error {
	var errs []error
	if d.b != nil {
		errs = append(errs, syscall.Munmap(d.b))
	}
	if d.file != nil {
		errs = append(errs, d.file.Close())
	}
	if d.cmd.Process != nil {
		errs = append(errs, d.cmd.Process.Signal(syscall.SIGTERM))
		d.cmd.Wait()
	}
	return errors.Join(errs...)
}

// pixels counts those that look tells of, of every second row and column.
func (d *display) pixels(look func(r, g, b byte) bool) (n int) {
	for y := 0; y < d.rows; y += 2 {
		row := d.b[d.at+y*d.wide : d.at+(y+1)*d.wide]
		for x := 0; x+4 <= len(row); x += 8 {
			if look(row[x+2], row[x+1], row[x]) {
				n++
			}
		}
	}
	return n
}

// painted reports whether a window has drawn anything: an empty screen is black.
func (d *display) painted() bool {
	return d.pixels(func(r, g, b byte) bool { return int(r)+int(g)+int(b) > 60 }) > 2000
}

// numbers reports whether a heart rate stands on it. Its green at night (ui/theme:
// 4CAF76) is the ECG's too, of which a whole screen has some 600 of these pixels; a
// number of two digits alone has over 1,000.
func (d *display) numbers() bool {
	near := func(a, b byte) bool { return max(a, b)-min(a, b) < 6 }
	return d.pixels(func(r, g, b byte) bool { return near(r, 0x4c) && near(g, 0xaf) && near(b, 0x76) }) > 800
}
