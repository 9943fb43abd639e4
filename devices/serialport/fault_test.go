//go:build unix

package serialport_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"fieldkit/devices"
	"fieldkit/devices/serialport"
)

var line = devices.Line{Baud: 9600, DataBits: 8, Parity: devices.NoParity, StopBits: 1}

func TestAPortThatCannotBeOpenedSaysWhatToDo(t *testing.T) {
	locked := filepath.Join(t.TempDir(), "locked")
	if err := os.WriteFile(locked, nil, 0o000); err != nil {
		t.Fatal(err)
	}
	pty, err := serialport.OpenPty()
	if err != nil {
		t.Fatal(err)
	}
	defer pty.Close()
	odd := line
	odd.Baud = 12345678
	none := line
	none.Parity = 'X'
	cases := []struct {
		name, port string
		line       devices.Line
		want       error
	}{
		{"no such port", "/dev/ttyNONE9", line, devices.ErrGone},
		{"no permission", locked, line, devices.ErrDenied},
		{"no such parity", pty.Name, none, devices.ErrLine},
	}
	for _, c := range cases {
		if c.want == devices.ErrDenied && os.Geteuid() == 0 {
			continue // root may open anything
		}
		p, err := serialport.Ports{}.Open(t.Context(), c.port, c.line)
		f := (*devices.Fault)(nil)
		if !errors.Is(err, c.want) || !errors.As(err, &f) || f.Do == "" || p != nil {
			t.Errorf("%s: %v; want %v and what to do", c.name, err, c.want)
		}
	}
}

func TestAPortIsOpenedByOneAtATimeAndDiesWhenUnplugged(t *testing.T) {
	pty, err := serialport.OpenPty()
	if err != nil {
		t.Fatal(err)
	}
	p, err := serialport.Ports{}.Open(t.Context(), pty.Name, line)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if os.Geteuid() != 0 { // root is not held by exclusive use
		if _, err := (serialport.Ports{}).Open(t.Context(), pty.Name, line); !errors.Is(err, devices.ErrBusy) {
			t.Errorf("opened twice: %v, want busy", err)
		}
	}
	for _, l := range []devices.Line{
		{Baud: 115200, DataBits: 8, Parity: devices.NoParity, StopBits: 1, RTS: true},
		{Baud: 19200, DataBits: 8, Parity: devices.OddParity, StopBits: 2, DTR: true},
		{Baud: 4800, DataBits: 7, Parity: devices.EvenParity, StopBits: 1},
	} {
		if err := p.Set(l); err != nil {
			t.Errorf("%v: %v", l, err)
		}
	}
	if err := pty.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Read(make([]byte, 1)); !errors.Is(err, devices.ErrGone) {
		t.Errorf("read after unplugging: %v", err)
	}
}
