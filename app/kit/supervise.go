package kit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"sync"
	"time"
)

// Inherited files of the children, by number. Both children read lifeline; its
// end means that the parent is gone, and they stop.
const (
	lifelineFile = 3 // parent to child: the key message, then nothing until the end
	keyFile      = 4 // recorder to parent: the key when unlocked, or its withdrawal; that it is alive
	betweenFile  = 5 // recorder to live and back, by packets
)

// A key message is one tag byte and the root key (zeros but for keyHeld).
const (
	keySize    = 32
	keyHeld    = 'K' // here is the root key
	keyNone    = 'N' // there is none: ask a person
	keyAlive   = 'A' // of the key nothing: the recorder works
	keyMessage = 1 + keySize
)

// restartPauses are waited before a child's next start. The first restarts are at
// once or nearly, so that a crash costs far less than a second; a child that keeps
// dying is tried twice a second for ever.
var restartPauses = [...]time.Duration{0, 50 * time.Millisecond, 200 * time.Millisecond, 500 * time.Millisecond}

// steadyAfter is how long a child must live for its next crash to count as the
// first again.
const steadyAfter = 10 * time.Second

// hungAfter is how long a recorder that has said each second that it works may be
// silent before it is ended and started again. A loaded machine delays a second's
// work by two or three.
const hungAfter = 20 * time.Second

// stopWait is how long a child may take to end by itself.
const stopWait = 8 * time.Second

// A Parent starts the recorder and the live process and starts each again when
// it ends, the recorder also when it hangs. It holds the unlocked root key between a recorder's lives, and parses
// nothing else: what it does not read cannot crash it.
type Parent struct {
	// Command makes the command for a child: "recorder" or "live".
	Command func(child string) *exec.Cmd
	Log     *slog.Logger

	key      rootKey
	patience time.Duration // hungAfter if 0
}

// rootKey is the store's key while it is unlocked.
type rootKey struct {
	mu   sync.Mutex // guards everything that follows
	held bool
	key  [keySize]byte
}

func (k *rootKey) set(message []byte) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.held = message[0] == keyHeld
	clear(k.key[:])
	if k.held {
		copy(k.key[:], message[1:])
	}
}

func (k *rootKey) message() []byte {
	k.mu.Lock()
	defer k.mu.Unlock()
	m := make([]byte, keyMessage)
	m[0] = keyNone
	if k.held {
		m[0] = keyHeld
		copy(m[1:], k.key[:])
	}
	return m
}

// Run keeps both children running until ctx ends, then lets them stop by
// themselves and wipes the key. It returns an error only when the sockets
// between the children cannot be made.
func (p *Parent) Run(ctx context.Context) error {
	recorderEnd, liveEnd, err := packetPair()
	if err != nil {
		return fmt.Errorf("join recorder and live process: %w", err)
	}
	defer recorderEnd.Close()
	defer liveEnd.Close()
	defer p.key.set([]byte{keyNone})
	var children sync.WaitGroup
	children.Go(func() { p.keep(ctx, "recorder", recorderEnd) })
	children.Go(func() { p.keep(ctx, "live", liveEnd) })
	children.Wait()
	return nil
}

// keep runs one child again and again until ctx ends.
func (p *Parent) keep(ctx context.Context, child string, between *os.File) {
	crashes := 0
	for ctx.Err() == nil {
		began := time.Now()
		err := p.live(ctx, child, between)
		if ctx.Err() != nil {
			return
		}
		if time.Since(began) > steadyAfter {
			crashes = 0
		}
		pause := restartPauses[min(crashes, len(restartPauses)-1)]
		crashes++
		p.Log.Warn("a part of the station ended and is started again", "part", child, "reason", reason(err), "pause", pause)
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

func reason(err error) string {
	if err == nil {
		return "it ended by itself"
	}
	return err.Error()
}

// live starts a child and waits for its end.
func (p *Parent) live(ctx context.Context, child string, between *os.File) error {
	lifelineRead, lifeline, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("start %s: %w", child, err)
	}
	defer lifeline.Close()
	keys, keysWrite, err := os.Pipe()
	if err != nil {
		lifelineRead.Close()
		return fmt.Errorf("start %s: %w", child, err)
	}
	defer keys.Close()

	cmd := p.Command(child)
	cmd.ExtraFiles = []*os.File{lifelineRead, keysWrite, between}
	apart(cmd)
	err = cmd.Start()
	lifelineRead.Close()
	keysWrite.Close()
	if err != nil {
		return fmt.Errorf("start %s: %w", child, err)
	}
	p.Log.Info("started", "part", child, "pid", cmd.Process.Pid)

	var pipes sync.WaitGroup
	alive := make(chan struct{}, 1)
	pipes.Go(func() { p.collectKey(child, keys, alive) })
	if child == "recorder" {
		if _, err := lifeline.Write(p.key.message()); err != nil {
			p.Log.Warn("the recorder did not take its key", "reason", err)
		}
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	patience := cmp.Or(p.patience, hungAfter)
	var silent <-chan time.Time // from the first time that it said it works
	for running := true; running; {
		select {
		case err = <-ended:
			running = false
		case <-alive:
			silent = time.After(patience)
		case <-silent:
			silent = nil
			p.Log.Error("a part of the station hangs and is ended", "part", child, "silent", patience)
			if err := cmd.Process.Kill(); err != nil {
				p.Log.Error("it could not be ended", "part", child, "reason", err)
			}
		case <-ctx.Done():
			lifeline.Close() // the child sees the end of its lifeline and stops
			select {
			case err = <-ended:
			case <-time.After(stopWait):
				err = errors.Join(fmt.Errorf("stop %s: it did not end in %v", child, stopWait), cmd.Process.Kill())
				<-ended
			}
			running = false
		}
	}
	pipes.Wait()
	return err
}

// collectKey takes messages from the recorder until it ends. The live process has
// no business sending any; what it sends is read and dropped.
func (p *Parent) collectKey(child string, from io.Reader, alive chan<- struct{}) {
	for {
		message := make([]byte, keyMessage)
		if _, err := io.ReadFull(from, message); err != nil {
			return
		}
		switch {
		case child != "recorder":
		case message[0] == keyAlive:
			select {
			case alive <- struct{}{}:
			default:
			}
		default:
			p.key.set(message)
		}
		clear(message)
	}
}

// Inherited is what a child got from its parent.
type Inherited struct {
	lifeline *os.File
	keys     *os.File
	between  *os.File
}

// Inherit takes the files that the parent gave this child.
func Inherit() Inherited {
	return Inherited{
		lifeline: os.NewFile(lifelineFile, "lifeline"),
		keys:     os.NewFile(keyFile, "key pipe"),
		between:  os.NewFile(betweenFile, "between recorder and live"),
	}
}

// RootKey reads the key the parent holds, or nil when a person must unlock.
func (i Inherited) RootKey() ([]byte, error) {
	message := make([]byte, keyMessage)
	if _, err := io.ReadFull(i.lifeline, message); err != nil {
		return nil, fmt.Errorf("read key from parent: %w", err)
	}
	if message[0] != keyHeld {
		return nil, nil
	}
	return message[1:], nil
}

// KeepKey hands the unlocked root key up, so that a restarted recorder gets it
// back. A nil key withdraws it.
func (i Inherited) KeepKey(root []byte) error {
	message := make([]byte, keyMessage)
	message[0] = keyNone
	if len(root) == keySize {
		message[0] = keyHeld
		copy(message[1:], root)
	}
	_, err := i.keys.Write(message)
	clear(message)
	if err != nil {
		return fmt.Errorf("hand key to parent: %w", err)
	}
	return nil
}

// Alive tells the parent that the recorder works.
func (i Inherited) Alive() error {
	var message [keyMessage]byte
	message[0] = keyAlive
	if _, err := i.keys.Write(message[:]); err != nil {
		return fmt.Errorf("tell the parent that the recorder works: %w", err)
	}
	return nil
}

// Orphaned ends when the parent is gone or asks the child to stop. It may be
// called once, after RootKey.
func (i Inherited) Orphaned(ctx context.Context) context.Context {
	ctx, stop := context.WithCancel(ctx)
	go func() { // ends with the process: the read has no other end
		io.Copy(io.Discard, i.lifeline)
		stop()
	}()
	return ctx
}
