package main

import (
	"context"
	"fmt"
	"time"

	"fieldkit/build/lab"
)

// A cell is one kind of bad radio.
type cell struct {
	name    string
	wanted  string // what is to be reached, for the reader of the table
	link    func(seed uint64) lab.Link
	fades   bool
	dialled bool          // how long it took to connect is of interest
	later   bool          // connections are made on a good radio, before it goes bad
	least   time.Duration // how long it takes at least
	drain   time.Duration // how long after the last frame the ways may still bring some
	during  func(context.Context, *scene) error
}

// delay each way: 100 ms there and back.
const delay = 50 * time.Millisecond

// A scene is a cell with its hosts, while frames are sent.
type scene struct {
	lab     *lab.Lab
	vehicle *lab.Host
	link    lab.Link
	window  *window
}

func random(loss float64) func(uint64) lab.Link {
	return func(uint64) lab.Link { return lab.Link{Delay: delay, Loss: loss} }
}

func narrow(rate int) func(uint64) lab.Link {
	return func(uint64) lab.Link { return lab.Link{Delay: delay, Loss: 0.02, Rate: rate, Queue: 2 * time.Second} }
}

const outageFor = 20 * time.Second

var cells = []cell{
	{name: "loss 0 %", wanted: "99.9 %, p99 260 ms", link: random(0)},
	{name: "loss 2 %", wanted: "99.9 %, p99 260 ms", link: random(0.02)},
	{name: "loss 5 %", wanted: "99.9 %, p99 260 ms", link: random(0.05)},
	{name: "loss 10 %", wanted: "99.9 %, p99 260 ms", link: random(0.10)},
	{name: "loss 20 %", wanted: "99.9 %, p99 260 ms", link: random(0.20)},
	{name: "fades", wanted: "96 %, within 1.5 of the ceiling", fades: true, link: func(seed uint64) lab.Link {
		return lab.Link{Delay: delay, Fades: lab.NewTrace(seed, 300*time.Millisecond, 0.1)}
	}},
	{name: "outage 20 s", wanted: "fresh in 2 s, nothing lost", link: random(0.02), least: 50 * time.Second, drain: 20 * time.Second, during: outage},
	{name: "64 kbit/s", wanted: "p95 250 ms", link: narrow(64_000)},
	{name: "16 kbit/s", wanted: "numerics under 1 s old", later: true, link: narrow(16_000)},
	{name: "dialled on 16 kbit/s", wanted: "live, at any age", dialled: true, link: narrow(16_000)},
	{name: "address", wanted: "gap 0.7 s", link: random(0), during: moved(0)},
	{name: "address, none for 0.2 s", wanted: "gap 0.9 s", link: random(0), during: moved(200 * time.Millisecond)},
	{name: "only TCP 443", wanted: "live in 3 s", dialled: true, link: func(uint64) lab.Link { return lab.Link{Delay: delay, Only: lab.TCP443} }},
}

// outage is 20 s of nothing, 10 s after the frames count.
func outage(ctx context.Context, s *scene) error {
	s.window.gone = s.window.from.Add(10 * time.Second)
	s.window.back = s.window.gone.Add(outageFor)
	s.link.Fades = lab.Outage(s.window.gone.Sub(s.lab.Began()), s.window.back.Sub(s.lab.Began()))
	s.vehicle.Set(s.link)
	return nil
}

// moved is another address in the middle of the time.
func moved(without time.Duration) func(context.Context, *scene) error {
	return func(ctx context.Context, s *scene) error {
		if err := pause(ctx, time.Until(s.window.from.Add(s.window.to.Sub(s.window.from)/2))); err != nil {
			return err
		}
		if err := s.vehicle.Move("10.77.3.44", without); err != nil {
			return fmt.Errorf("change the address: %w", err)
		}
		return nil
	}
}
