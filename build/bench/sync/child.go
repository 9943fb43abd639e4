package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"sync/atomic"
)

// A counter counts what is read from a connection.
type counter struct {
	net.Conn
	read atomic.Int64
}

func (c *counter) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.read.Add(int64(n))
	return n, err
}

// A child is one side: a process that takes lines and answers each with a line.
type child struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Scanner
}

func start(cmd *exec.Cmd) (*child, error) {
	c := &child{cmd: cmd}
	var err error
	if c.in, err = cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	c.out = bufio.NewScanner(out)
	c.out.Buffer(nil, 16<<20)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", cmd.Path, err)
	}
	return c, nil
}

// startStation starts this program as one side and gives it its order.
func startStation(o order) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), childMark+"=1")
	c, err := start(cmd)
	if err != nil {
		return nil, err
	}
	return c, json.NewEncoder(c.in).Encode(o)
}

// hear reads the child's next line.
func (c *child) hear() (r report, err error) {
	if !c.out.Scan() {
		return r, fmt.Errorf("%s said nothing more", c.cmd.Path)
	}
	if err := json.Unmarshal(c.out.Bytes(), &r); err != nil {
		return r, fmt.Errorf("read what %s said: %w", c.cmd.Path, err)
	}
	return r, nil
}

func (c *child) say(line string) error {
	_, err := io.WriteString(c.in, line+"\n")
	return err
}

// stop ends the child by ending its input.
func (c *child) stop() error {
	return errors.Join(c.in.Close(), c.cmd.Wait())
}
