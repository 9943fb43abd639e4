//go:build cgo

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"time"

	"fieldkit/triage/alarm"
	"fieldkit/ui"
	"fieldkit/ui/screen/ambulance"
	"fieldkit/ui/sound"
)

// A player is a program of the system that plays what it reads. Sound is a process
// of its own, and not a library in this one: a sound system that hangs or crashes
// cannot take the window along, nothing must be there to build the window, and one
// that has no sound still opens and says so. It costs some 30 ms a burst.
type player struct {
	name string
	args []string
	raw  bool // it reads samples; else a WAV file
}

// players are tried in this order until one plays.
var players = []player{
	{name: "aplay", args: []string{"-q", "-"}},
	{name: "paplay", args: []string{"--raw", "--format=s16le", "--channels=1", fmt.Sprintf("--rate=%d", sound.Rate)}, raw: true},
}

const (
	// tryAgain is how often a voice that failed tries whether it can be heard again.
	tryAgain = 10 * time.Second
	// slowest is how much longer than a burst its player may take.
	slowest = 5 * time.Second
)

// A voice plays bursts by the system's player. Whether the loudspeaker is on and
// loud enough it cannot know.
type voice struct {
	players []player
	wanted  chan alarm.Priority // the latest, not yet begun

	mu     sync.Mutex // guards broken
	broken error
}

var _ ambulance.Voice = (*voice)(nil)

func newVoice(p []player) *voice {
	return &voice{players: p, wanted: make(chan alarm.Priority, 1)}
}

// Sound implements [ambulance.Voice].
func (v *voice) Sound(p alarm.Priority) {
	for {
		select {
		case v.wanted <- p:
			return
		default:
		}
		select { // the one that waits gives way
		case <-v.wanted:
		default:
		}
	}
}

// Silent implements [ambulance.Voice].
func (v *voice) Silent() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.broken
}

func (v *voice) say(err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.broken = err
}

// run plays what is wanted until ctx ends. A burst that is wanted while another
// sounds takes its place.
func (v *voice) run(ctx context.Context) {
	use, err := v.find(ctx)
	v.say(err)
	again := time.NewTicker(tryAgain)
	defer again.Stop()
	var next alarm.Priority
	for {
		if next == alarm.None {
			select {
			case <-ctx.Done():
				return
			case next = <-v.wanted:
			case <-again.C:
				if v.Silent() != nil {
					use, err = v.find(ctx)
					v.say(err)
				}
				continue
			}
		}
		if use == nil {
			if use, err = v.find(ctx); use == nil {
				v.say(err)
				next = alarm.None
				continue
			}
		}
		next, err = v.burst(ctx, *use, next)
		if ctx.Err() != nil {
			return
		}
		v.say(err)
		if err != nil {
			use = nil
		}
	}
}

// errMissing reports a player that this machine does not have.
var errMissing = errors.New("not installed")

// find is the first player that plays a moment of silence.
func (v *voice) find(ctx context.Context) (*player, error) {
	var why []string
	missing := 0
	for i := range v.players {
		p := &v.players[i]
		ctx, stop := context.WithTimeout(ctx, slowest)
		err := p.start(ctx, make([]int16, sound.Rate/20))()
		stop()
		if err == nil {
			return p, nil
		}
		if errors.Is(err, errMissing) {
			missing++
		}
		why = append(why, p.name+": "+err.Error())
	}
	if len(v.players) == missing {
		return nil, &ui.Trouble{What: "no player here", Do: "Install alsa-utils"}
	}
	return nil, &ui.Trouble{What: strings.Join(why, "; "), Do: "Check the loudspeaker"}
}

// burst plays one burst to its end, or until another is wanted.
func (v *voice) burst(ctx context.Context, p player, priority alarm.Priority) (next alarm.Priority, err error) {
	ctx, stop := context.WithTimeout(ctx, sound.Long(priority)+slowest)
	defer stop()
	ended := make(chan error, 1)
	wait := p.start(ctx, sound.Burst(priority))
	go func() { ended <- wait() }()
	select {
	case err = <-ended:
	case next = <-v.wanted:
		stop()
		<-ended // it was stopped, which is no failure
		return next, nil
	}
	if err != nil {
		return alarm.None, &ui.Trouble{What: p.name + ": " + err.Error(), Do: "Check the loudspeaker"}
	}
	return alarm.None, nil
}

// start begins to play and gives what waits for the end.
func (p *player) start(ctx context.Context, samples []int16) (wait func() error) {
	file := sound.WAV(samples)
	if p.raw {
		file = file[len(file)-2*len(samples):]
	}
	cmd := exec.CommandContext(ctx, p.name, p.args...)
	said := &bytes.Buffer{}
	cmd.Stdin, cmd.Stderr = bytes.NewReader(file), &capped{to: said, left: 500}
	cmd.WaitDelay = time.Second // a child of the player's that keeps its pipes open is not waited for
	if err := cmd.Start(); err != nil {
		return func() error {
			if errors.Is(err, exec.ErrNotFound) {
				return errMissing
			}
			return err
		}
	}
	return func() error {
		err := cmd.Wait()
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return errors.New("it does not come to an end")
		}
		if line, _, _ := strings.Cut(strings.TrimSpace(said.String()), "\n"); err != nil && line != "" {
			return errors.New(line)
		}
		return err
	}
}

// capped keeps the beginning of what is written to it.
type capped struct {
	to   io.Writer
	left int
}

// Write implements [io.Writer].
func (c *capped) Write(b []byte) (int, error) {
	n := min(len(b), c.left)
	c.left -= n
	if _, err := c.to.Write(b[:n]); err != nil {
		return 0, err
	}
	return len(b), nil
}
