package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"fieldkit/build/lab"
)

// A path is one way of bringing frames to the hospital.
type path struct {
	name             string
	hospital, sender string // roles
	congestion       string
	broker           string // where mosquitto is, for MQTT
}

// paths are the ways that are tried, ours first. Without a broker MQTT is not.
func paths(broker string) []path {
	all := []path{
		{name: "our link", hospital: "gateway", sender: "vehicle"},
		{name: "WebSocket CUBIC", hospital: "socket-server", sender: "socket-client", congestion: "cubic"},
		{name: "WebSocket BBR", hospital: "socket-server", sender: "socket-client", congestion: "bbr"},
	}
	if broker != "" {
		all = append(all,
			path{name: "MQTT QoS 1 CUBIC", hospital: "mqtt-broker", sender: "mqtt-publisher", congestion: "cubic", broker: broker},
			path{name: "MQTT QoS 1 BBR", hospital: "mqtt-broker", sender: "mqtt-publisher", congestion: "bbr", broker: broker})
	}
	return all
}

// connectMost is how long a way may take to connect.
const connectMost = 60 * time.Second

// A child is a process of this program in another role.
type child struct {
	*lab.Process
	in    io.WriteCloser
	out   *bufio.Scanner
	first chan error // its first line, which says that it is ready
}

func start(h *lab.Host, o order) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), childMark+"=1")
	cmd.Stderr = os.Stderr
	c := &child{first: make(chan error, 1)}
	if c.in, err = cmd.StdinPipe(); err != nil {
		return nil, err
	}
	// A pipe of ours, because Wait would close the command's own before it is read.
	out, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer write.Close()
	cmd.Stdout = write
	c.out = bufio.NewScanner(out)
	c.out.Buffer(nil, 16<<20)
	if c.Process, err = h.Start(cmd); err != nil {
		return nil, err
	}
	go func() {
		if c.out.Scan() {
			c.first <- nil
			return
		}
		c.first <- fmt.Errorf("%s ended before it was ready", o.Role)
	}()
	return c, json.NewEncoder(c.in).Encode(o)
}

// ready waits until the child says its first word.
func (c *child) ready(ctx context.Context) error {
	ctx, stop := context.WithTimeout(ctx, connectMost)
	defer stop()
	select {
	case err := <-c.first:
		return err
	case <-ctx.Done():
		return errors.New("did not connect in a minute")
	}
}

// explain ends a child that did not connect, which says on standard error how far
// it came.
func (c *child) explain() error {
	err := c.in.Close()
	select {
	case <-c.Ended():
		return errors.Join(err, c.Wait())
	case <-time.After(5 * time.Second):
		return err
	}
}

// finish ends the child and reads its report.
func (c *child) finish() (r report, err error) {
	c.in.Close()
	if !c.out.Scan() {
		return r, errors.Join(errors.New("a child gave no report"), c.Wait())
	}
	if err := json.Unmarshal(c.out.Bytes(), &r); err != nil {
		return r, fmt.Errorf("read a child's report: %w", err)
	}
	return r, c.Wait()
}

// A result is one path in one cell with one seed.
type result struct {
	window  window
	vehicle report
	arrived map[uint64]int64
	carried int // bytes upward, headers counted
	spent   time.Duration
}

// try runs one path through one cell.
func try(ctx context.Context, c cell, p path, seed uint64, span time.Duration, cert certificate) (r result, err error) {
	l, err := lab.New(seed)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	link := c.link(seed)
	first := link
	if c.later {
		first = lab.Link{Delay: delay}
	}
	vehicle, err := l.Host("vehicle", first)
	if err != nil {
		return r, err
	}
	hospital, err := l.Host("hospital", lab.Link{})
	if err != nil {
		return r, err
	}
	span = max(span, c.least)
	o := order{Role: p.hospital, Address: hospital.Address() + ":443", Congestion: p.congestion, Broker: p.broker, Certificate: cert.der, Frames: int((span + fromStart) / tenth)}
	if p.hospital == "gateway" {
		o.Key = cert.key
	}
	to, err := start(hospital, o)
	if err != nil {
		return r, err
	}
	if err := to.ready(ctx); err != nil {
		return r, fmt.Errorf("the hospital of %s: %w", p.name, errors.Join(err, to.explain()))
	}
	o.Role, o.Key = p.sender, nil
	from, err := start(vehicle, o)
	if err != nil {
		return r, err
	}
	if err := from.ready(ctx); err != nil {
		return r, fmt.Errorf("the vehicle of %s: %w", p.name, errors.Join(err, from.explain()))
	}
	live := time.Now()
	vehicle.Set(link)
	r.window = window{began: l.Began(), from: live.Add(fromStart), to: live.Add(fromStart + span), delay: delay}
	if c.fades {
		r.window.fades = link.Fades
	}
	before := vehicle.Count()
	if c.during != nil {
		if err := c.during(ctx, &scene{l, vehicle, link, &r.window}); err != nil {
			return r, err
		}
	}
	if err := pause(ctx, time.Until(r.window.to)); err != nil {
		return r, err
	}
	r.carried, r.spent = vehicle.Count().Bytes-before.Bytes, time.Since(live)
	if err := pause(ctx, max(c.drain, 10*time.Second)); err != nil {
		return r, err
	}
	if r.vehicle, err = from.finish(); err != nil {
		return r, err
	}
	got, err := to.finish()
	r.arrived = got.Arrived
	return r, err
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

func load() string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Join(strings.Fields(string(b))[:3], " ")
}
