package demo

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// stopWait is how long a process may take to end after it is asked to.
const stopWait = 12 * time.Second

// A Process is one real program of the street. Its standard error goes to a file.
type Process struct {
	Name  string
	Log   string // the file with what it said
	cmd   *exec.Cmd
	stdin io.WriteCloser
	lines *bufio.Scanner
	ended chan struct{}
	err   error // of its end; read after ended is closed
	stop  sync.Once
}

// Start runs program with args and keeps what it logs in dir.
func Start(name, dir, program string, args ...string) (*Process, error) {
	p := &Process{Name: name, Log: filepath.Join(dir, name+".log"), ended: make(chan struct{})}
	log, err := os.OpenFile(p.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	defer log.Close()
	p.cmd = exec.Command(program, args...)
	p.cmd.Stderr = log
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is ours to pass on, in order
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	p.lines = bufio.NewScanner(out)
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.ended)
	}()
	return p, nil
}

// PID is the process's id.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Line is the next line the process prints, or its end as an error.
func (p *Process) Line() (string, error) {
	if !p.lines.Scan() {
		return "", fmt.Errorf("%s said nothing more; see %s", p.Name, p.Log)
	}
	return p.lines.Text(), nil
}

// Say types a line into the process.
func (p *Process) Say(line string) error {
	if _, err := io.WriteString(p.stdin, line+"\n"); err != nil {
		return fmt.Errorf("tell %s: %w", p.Name, err)
	}
	return nil
}

// Stop asks the process to end and waits; one that does not is killed and that is
// an error. It may be called more than once.
func (p *Process) Stop() error {
	var err error
	p.stop.Do(func() {
		p.cmd.Process.Signal(os.Interrupt)
		select {
		case <-p.ended:
		case <-time.After(stopWait):
			err = errors.Join(fmt.Errorf("stop %s: it did not end in %v; see %s", p.Name, stopWait, p.Log), p.cmd.Process.Kill())
			<-p.ended
		}
	})
	return err
}

// Ended is closed when the process is gone.
func (p *Process) Ended() <-chan struct{} { return p.ended }

// ask runs a command that ends by itself and reads the JSON it prints.
func ask[Out any](ctx context.Context, input, program string, args ...string) (out Out, err error) {
	cmd := exec.CommandContext(ctx, program, append(args, "--json")...)
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewBufferString(input), &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return out, fmt.Errorf("run %s %s: %w: %s", filepath.Base(program), args[0], err, bytes.TrimSpace(stderr.Bytes()))
	}
	if err := json.Unmarshal(stdout.Bytes(), &out); err != nil {
		return out, fmt.Errorf("read what %s %s printed: %w", filepath.Base(program), args[0], err)
	}
	return out, nil
}
