package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"fieldkit/app/demo"
)

// A window is the real one on a display without a screen. Xvfb keeps its picture in a
// file, so that a pixel is seen as soon as it is drawn, and at no cost to the display.
type window struct {
	display, program *exec.Cmd
	picture          *picture
	unwatch          context.CancelFunc
	watching         sync.WaitGroup

	mu    sync.Mutex
	seen  []sight
	looks map[string]uint32 // how each rate looks, learned in the first round
}

// digits are the pixels of the first tile's number in a window of 1280 by 800, the
// size that app/fieldkit opens with.
var digits = image.Rect(840, 242, 1040, 330)

const (
	lookEvery = time.Millisecond
	// A window paints within so long, even on a busy machine, and then stands still.
	settled = 800 * time.Millisecond
)

// openWindow starts a display and on it the window of the ambulance's station.
func openWindow(ctx context.Context, program string, s *demo.Street) (w *window, err error) {
	w = &window{looks: map[string]uint32{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.close())
		}
	}()
	read, write, err := os.Pipe()
	if err != nil {
		return w, err
	}
	defer read.Close()
	display := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "1280x800x24", "-nolisten", "tcp", "-fbdir", s.Dir)
	display.ExtraFiles = []*os.File{write}
	err = display.Start()
	write.Close()
	if err != nil {
		return w, fmt.Errorf("start Xvfb (apt-get install xvfb): %w", err)
	}
	w.display = display
	number, err := bufio.NewReader(read).ReadString('\n')
	if err != nil {
		return w, fmt.Errorf("wait for Xvfb: %w", err)
	}
	if w.picture, err = openPicture(filepath.Join(s.Dir, "Xvfb_screen0")); err != nil {
		return w, err
	}
	cmd := exec.CommandContext(ctx, program, "--data", s.Ambulance.Dir, "--passphrase-file", filepath.Join(s.Dir, "passphrase"), "--look", "night")
	cmd.Env = append(os.Environ(), "DISPLAY=:"+strings.TrimSpace(number), "FYNE_PLATFORM=x11", "HOME="+s.Dir, "XDG_CONFIG_HOME="+s.Dir)
	if err := cmd.Start(); err != nil {
		return w, fmt.Errorf("start the window: %w", err)
	}
	w.program = cmd
	return w, nil
}

// close ends all, the window before its display.
func (w *window) close() (err error) {
	if w.unwatch != nil {
		w.unwatch()
	}
	w.watching.Wait()
	for _, cmd := range []*exec.Cmd{w.program, w.display} {
		if cmd != nil {
			_ = cmd.Process.Signal(os.Interrupt)
			_ = cmd.Wait() // by a signal, as asked
		}
	}
	if w.picture != nil {
		err = w.picture.close()
	}
	return err
}

// learn waits until the rates have come round once and notes how each looks.
func (w *window) learn(ctx context.Context, m *monitor) error {
	began := time.Now()
	known := 0
	for len(w.looks) < rates {
		if time.Since(began) > 3*rates*messageEvery {
			return errors.New("the window does not show the rates")
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(10 * lookEvery):
		}
		said := m.since(began)
		if len(said) <= known || time.Since(said[len(said)-1].at) < settled {
			continue
		}
		known = len(said)
		w.looks[said[known-1].text] = w.picture.sum(digits)
	}
	different := map[uint32]bool{}
	for _, sum := range w.looks {
		different[sum] = true
	}
	if len(different) < rates {
		return fmt.Errorf("%d rates look like %d: the number does not stand where it is looked for", rates, len(different))
	}
	return nil
}

// begin notes every rate that is seen, until close.
func (w *window) begin(ctx context.Context) {
	ctx, w.unwatch = context.WithCancel(ctx)
	w.watching.Go(func() { w.watch(ctx) })
}

func (w *window) watch(ctx context.Context) {
	names := map[uint32]string{}
	for text, sum := range w.looks {
		names[sum] = text
	}
	last := ""
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		text, known := names[w.picture.sum(digits)]
		if !known || text == last {
			continue
		}
		last = text
		w.mu.Lock()
		w.seen = append(w.seen, sight{text, time.Now()})
		w.mu.Unlock()
	}
}

func (w *window) sights() []sight {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]sight(nil), w.seen...)
}

// A picture is the display's, as Xvfb writes it: an X window dump, whose header is
// big-endian numbers of 32 bits.
type picture struct {
	mapped         []byte
	pixels         []byte
	width, height  int
	line, perPixel int // bytes
}

// The header's numbers that are needed, by their place.
const (
	dumpHeader = 0
	dumpWidth  = 4
	dumpHeight = 5
	dumpBits   = 11
	dumpLine   = 12
	dumpColors = 19
	dumpColor  = 12 // bytes of each
)

func openPicture(path string) (*picture, error) {
	mapped, err := mapFile(path)
	if err != nil {
		return nil, fmt.Errorf("open the display's picture: %w", err)
	}
	p := &picture{mapped: mapped}
	number := func(i int) int { return int(binary.BigEndian.Uint32(mapped[4*i:])) }
	p.width, p.height, p.line, p.perPixel = number(dumpWidth), number(dumpHeight), number(dumpLine), number(dumpBits)/8
	begin := number(dumpHeader) + dumpColor*number(dumpColors)
	if begin+p.height*p.line > len(mapped) || !digits.In(image.Rect(0, 0, p.width, p.height)) {
		return nil, errors.Join(errors.New("open the display's picture: it is not what Xvfb writes"), unmap(mapped))
	}
	p.pixels = mapped[begin:]
	return p, nil
}

func (p *picture) close() error { return unmap(p.mapped) }

// sum tells one look of a part from another.
func (p *picture) sum(r image.Rectangle) (sum uint32) {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		row := p.pixels[y*p.line:]
		sum = crc32.Update(sum, crc32.IEEETable, row[r.Min.X*p.perPixel:r.Max.X*p.perPixel])
	}
	return sum
}

// save writes what is on the display, for a person to look at.
func (p *picture) save(path string) error {
	out := image.NewRGBA(image.Rect(0, 0, p.width, p.height))
	for y := range p.height {
		for x := range p.width {
			at := p.pixels[y*p.line+x*p.perPixel:] // blue, green, red
			out.Set(x, y, color.RGBA{at[2], at[1], at[0], 255})
		}
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(png.Encode(f, out), f.Close())
}
