package devices_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fieldkit/devices"
	"fieldkit/devices/drivertest"
	"fieldkit/devices/nonin"
	"fieldkit/triage/vital"
)

var (
	adapter = devices.PortInfo{Name: "/dev/ttyUSB0", USB: devices.USBID{Vendor: 0x0403, Product: 0x6001}, Serial: "A1"}
	slow    = devices.Line{Baud: 9600, DataBits: 8, Parity: devices.NoParity, StopBits: 1, RTS: true, DTR: true}
)

func oximeter(f nonin.Format) func() devices.Simulator {
	return func() devices.Simulator { return nonin.NewSimulator(f) }
}

// A ward is a supervisor on a simulated wire, in a bubble of virtual time.
type ward struct {
	t     *testing.T
	wire  *drivertest.Wire
	notes *drivertest.Notes
	sup   *devices.Supervisor
	stop  func()
}

// onWard runs f with a supervisor that watches a wire, on a virtual clock.
func onWard(t *testing.T, f func(*ward), drivers ...devices.Driver) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &ward{t: t, wire: drivertest.NewWire(), notes: &drivertest.Notes{}}
		w.start(drivers...)
		defer func() { w.stop() }()
		f(w)
	})
}

func (w *ward) start(drivers ...devices.Driver) {
	if drivers == nil {
		drivers = []devices.Driver{nonin.Driver{}}
	}
	w.sup = devices.NewSupervisor(devices.Config{
		Ports: w.wire, Drivers: drivers,
		Choices: w.notes, Handler: w.notes, Now: w.wire.Now,
	})
	ctx, cancel := context.WithCancel(w.t.Context())
	var run sync.WaitGroup
	run.Go(func() { w.sup.Run(ctx) })
	w.stop = func() { cancel(); run.Wait() }
}

// status is the picture of the only port.
func (w *ward) status() devices.PortStatus {
	all, err := w.sup.Status()
	if err != nil || len(all) != 1 {
		w.t.Fatalf("status of %d ports, %v; want 1", len(all), err)
	}
	return all[0]
}

// values is the texts of a sign's readings since, in order, without repeats.
func (w *ward) values(s vital.Sign) []string {
	var texts []string
	for _, r := range w.notes.Readings() {
		if r.Sign == s {
			texts = append(texts, r.String())
		}
	}
	return slices.Compact(texts)
}

func (w *ward) count(s vital.Sign, text string) (n int) {
	for _, r := range w.notes.Readings() {
		if r.Sign == s && r.String() == text {
			n++
		}
	}
	return n
}

func TestAMonitorUnpluggedIsDisconnectedOnceAndComesBackByItself(t *testing.T) {
	onWard(t, func(w *ward) {
		for round := range 3 {
			w.wire.Plug(adapter, slow, oximeter(nonin.DF7), drivertest.Body{})
			time.Sleep(2 * time.Second)
			if got := w.values(vital.SpO2); len(got) == 0 || got[len(got)-1] != "97 %" {
				t.Fatalf("round %d: SpO2 2 s after plugging in: %v", round, got)
			}
			before := w.wire.Now()
			w.wire.Unplug(adapter.Name)
			time.Sleep(2 * time.Second)
			for _, s := range []vital.Sign{vital.SpO2, vital.PulseRate} {
				if n := w.count(s, "disconnected"); n != 1 {
					t.Errorf("round %d: sign %d disconnected %d times, want once", round, s, n)
				}
			}
			for _, r := range w.notes.Readings() {
				if r.State() == vital.Disconnected && r.Arrived.Sub(before) > 2*time.Second {
					t.Errorf("disconnected only after %v", r.Arrived.Sub(before))
				}
			}
			if got := w.status(); got.State != devices.Unplugged || got.Do == "" {
				t.Errorf("status %v, do %q", got.State, got.Do)
			}
			if n := w.wire.OpenPorts(); n != 0 {
				t.Errorf("%d ports still open", n)
			}
			alarms := w.notes.Alarms()
			if got := len(alarms); round == 0 && got != 1 || round > 0 && got != 2 { // from the second on, its end too
				t.Errorf("round %d: alarms %+v", round, alarms)
			}
			w.notes.Forget()
		}
	})
}

func TestASilentMonitorIsDisconnectedOnceWithinTwoSeconds(t *testing.T) {
	for _, f := range []nonin.Format{nonin.DF2, nonin.DF8, nonin.Text} {
		onWard(t, func(w *ward) {
			w.wire.Plug(adapter, slow, func() devices.Simulator { return &nonin.Simulator{Format: f} }, drivertest.Body{})
			time.Sleep(10 * time.Second)
			if n := w.count(vital.SpO2, "disconnected"); n != 0 {
				t.Fatalf("%v: disconnected while it speaks", f)
			}
			heard := w.status().LastByte
			w.wire.Mute(adapter.Name, true)
			time.Sleep(20 * time.Second)
			var gone []vital.Reading
			for _, r := range w.notes.Readings() {
				if r.State() == vital.Disconnected {
					gone = append(gone, r)
				}
			}
			if len(gone) != 2 {
				t.Fatalf("%v: %d signs disconnected, want SpO2 and pulse once each", f, len(gone))
			}
			if late := gone[0].Arrived.Sub(heard); late > 3*time.Second { // one more frame may come before the mute
				t.Errorf("%v: disconnected %v after the last byte", f, late)
			}
			if got := w.status(); got.State != devices.Quiet {
				t.Errorf("%v: state %v", f, got.State)
			}
			w.wire.Mute(adapter.Name, false)
			back := w.wire.Now()
			w.notes.Forget()
			time.Sleep(2*time.Second + 100*time.Millisecond)
			if got := w.values(vital.SpO2); !slices.Equal(got, []string{"97 %"}) {
				t.Errorf("%v: %v 2 s after it speaks again", f, got)
			}
			if got := w.notes.Alarms(); len(got) != 1 || !got[0].Ended || !got[0].Technical {
				t.Errorf("%v: alarms %+v since %v; want the end of one", f, got, back)
			}
			w.notes.Forget()
			w.wire.Mute(adapter.Name, true)
			time.Sleep(5 * time.Second)
			if n := w.count(vital.SpO2, "disconnected"); n != 1 {
				t.Errorf("%v: silent for the second time, disconnected %d times", f, n)
			}
		})
	}
}

func TestARememberedMonitorIsHeardAtOnceInWhateverSocket(t *testing.T) {
	onWard(t, func(w *ward) {
		w.wire.Plug(adapter, slow, func() devices.Simulator { return &nonin.Simulator{Format: nonin.DF1} }, drivertest.Body{})
		time.Sleep(10 * time.Second)
		if c := w.notes.Choices()["usb:0403:6001:A1"]; c.Driver != "nonin" || c.Line != slow {
			t.Fatalf("remembered %+v", c)
		}
		w.wire.Unplug(adapter.Name)
		time.Sleep(time.Second)
		w.notes.Forget()
		other := adapter
		other.Name = "/dev/ttyUSB7" // another socket of the hub
		w.wire.Plug(other, slow, func() devices.Simulator { return &nonin.Simulator{Format: nonin.DF8} }, drivertest.Body{})
		time.Sleep(2*time.Second + 600*time.Millisecond) // three frames, and the ports are listed twice a second
		if got := w.values(vital.SpO2); !slices.Equal(got, []string{"97 %"}) {
			t.Errorf("SpO2 %v", got)
		}
	})
	onWard(t, func(w *ward) {
		if err := w.notes.Keep(adapter.Identity(), devices.Choice{Driver: "nonin", Line: slow}); err != nil {
			t.Fatal(err)
		}
		w.wire.Plug(adapter, slow, oximeter(nonin.DF2), drivertest.Body{})
		time.Sleep(2 * time.Second)
		if got := w.values(vital.SpO2); !slices.Equal(got, []string{"97 %"}) {
			t.Errorf("SpO2 %v within 2 s", got)
		}
	})
}

// listener is a monitor that only notes what it is sent.
type listener struct {
	devices.Simulator
	mu   *sync.Mutex
	sent *[]byte
}

func (l listener) Receive(now vital.Instant, b []byte) {
	l.mu.Lock()
	*l.sent = append(*l.sent, b...)
	l.mu.Unlock()
	l.Simulator.Receive(now, b)
}

func TestOnASharedLineNothingIsEverSent(t *testing.T) {
	for _, f := range []nonin.Format{nonin.DF8, nonin.DF13, nonin.None} {
		onWard(t, func(w *ward) {
			if err := w.notes.Keep(adapter.Identity(), devices.Choice{ListenOnly: true}); err != nil {
				t.Fatal(err)
			}
			var mu sync.Mutex
			var sent []byte
			w.wire.Plug(adapter, slow, func() devices.Simulator {
				if f == nonin.None {
					return listener{mute{}, &mu, &sent}
				}
				return listener{nonin.NewSimulator(f), &mu, &sent}
			}, drivertest.Body{})
			time.Sleep(2 * time.Minute)
			mu.Lock()
			defer mu.Unlock()
			if len(sent) > 0 || w.status().Out > 0 {
				t.Errorf("%v: sent % x", f, sent)
			}
			if f != nonin.None && w.count(vital.SpO2, "97 %") == 0 {
				t.Errorf("%v: nothing was read", f)
			}
		})
	}
}

// mute is a monitor that never says anything.
type mute struct{}

func (mute) Receive(vital.Instant, []byte) {}
func (mute) Poll(vital.Instant, devices.Body) ([]byte, vital.Instant) {
	return nil, devices.Never
}

// chatter says the same words every tenth of a second.
type chatter struct {
	words []byte
	due   vital.Instant
}

func (*chatter) Receive(vital.Instant, []byte) {}
func (c *chatter) Poll(now vital.Instant, _ devices.Body) ([]byte, vital.Instant) {
	if now < c.due {
		return nil, c.due
	}
	c.due = now.Add(100 * time.Millisecond)
	return c.words, c.due
}

func TestWhatIsWrongWithAPortIsSaidInWords(t *testing.T) {
	cases := []struct {
		name  string
		plug  func() devices.Simulator
		err   error
		state devices.PortState
	}{
		{"nobody there", func() devices.Simulator { return mute{} }, nil, devices.Unheard},
		{"a printer", func() devices.Simulator { return &chatter{words: []byte("READY 0123456789\r\n")} }, nil, devices.Unrecognised},
		{"no permission", nil, fmt.Errorf("open: %w", devices.ErrDenied), devices.Denied},
		{"another program", nil, devices.ErrBusy, devices.InUse},
		{"broken adapter", nil, errors.New("input/output error"), devices.Failed},
	}
	for _, c := range cases {
		onWard(t, func(w *ward) {
			w.wire.Plug(adapter, slow, c.plug, drivertest.Body{})
			w.wire.Refuse(adapter.Name, c.err)
			time.Sleep(20 * time.Second)
			got := w.status()
			if got.State != c.state || got.Words == "" || got.Do == "" {
				t.Errorf("%s: state %v, words %q, do %q", c.name, got.State, got.Words, got.Do)
			}
			if c.err != nil { // mended: found without anyone doing more
				w.wire.Unplug(adapter.Name)
				w.wire.Plug(adapter, slow, oximeter(nonin.DF2), drivertest.Body{})
				time.Sleep(3 * time.Second)
				if got := w.status(); got.State != devices.Talking {
					t.Errorf("%s, mended: %v", c.name, got.State)
				}
			}
		})
	}
}

func TestAPersonsChoiceHoldsAndAnotherMonitorOnTheAdapterIsFound(t *testing.T) {
	onWard(t, func(w *ward) {
		w.wire.Plug(adapter, slow, func() devices.Simulator { return &chatter{words: []byte("READY 0123456789\r\n")} }, drivertest.Body{})
		time.Sleep(5 * time.Second)
		if err := w.sup.Choose(adapter, devices.Choice{Driver: "nonin", Line: slow, Fixed: true}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if got := w.status(); got.Driver != "nonin" || len(got.Heard) != 4096 {
			t.Errorf("driver %q, %d bytes to look at", got.Driver, len(got.Heard))
		}
		if err := w.sup.Choose(adapter, devices.Choice{Ignore: true}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		if got := w.status(); got.State != devices.Ignored || w.wire.OpenPorts() != 0 {
			t.Errorf("state %v, %d ports open", got.State, w.wire.OpenPorts())
		}
		if err := w.sup.Choose(adapter, devices.Choice{}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Second)
		w.wire.Unplug(adapter.Name)
		w.wire.Plug(adapter, slow, oximeter(nonin.DF7), drivertest.Body{})
		time.Sleep(3 * time.Second)
		if got := w.status(); got.State != devices.Talking {
			t.Errorf("state %v", got.State)
		}
	})
}

func TestUnplugAndReplugLeavesNothingBehind(t *testing.T) {
	const ports, rounds = 16, replugRounds
	const own = 4 // goroutines the runtime may start meanwhile, such as that of finalizers; a leak is one a round
	synctest.Test(t, func(t *testing.T) {
		w := &ward{t: t, wire: drivertest.NewWire(), notes: &drivertest.Notes{}}
		w.start()
		time.Sleep(time.Second)
		before := runtime.NumGoroutine()
		for range rounds {
			for i := range ports {
				p := adapter
				p.Name, p.Serial = fmt.Sprintf("/dev/ttyUSB%d", i), fmt.Sprint(i)
				w.wire.Plug(p, slow, oximeter(nonin.DF7), drivertest.Body{})
			}
			time.Sleep(2 * time.Second)
			if n := w.count(vital.SpO2, "97 %"); n < ports*3 {
				t.Fatalf("%d readings of %d monitors", n, ports)
			}
			for i := range ports {
				w.wire.Unplug(fmt.Sprintf("/dev/ttyUSB%d", i))
			}
			time.Sleep(2 * time.Second)
			if n := w.count(vital.SpO2, "disconnected"); n != ports {
				t.Fatalf("%d monitors disconnected, want %d", n, ports)
			}
			w.notes.Forget()
		}
		after := runtime.NumGoroutine()
		for range 100 { // the last to end may still be counted
			if after-before <= own {
				break
			}
			time.Sleep(time.Second)
			runtime.Gosched()
			after = runtime.NumGoroutine()
		}
		if after-before > own {
			t.Errorf("%d goroutines before, %d after %d rounds", before, after, rounds)
		}
		w.stop()
	})
}

// odd is a Nonin driver with one thing changed.
type odd struct {
	nonin.Driver
	name      string
	sure      devices.Confidence // of anything
	talkative bool               // sends although it was told to listen only
	faulty    bool               // panics
}

func (o odd) Name() string { return o.name }

func (o odd) Recognise(heard []byte, l devices.Line) devices.Confidence {
	if o.sure > 0 {
		return o.sure
	}
	return o.Driver.Recognise(heard, l)
}

func (o odd) Open(listenOnly bool) devices.Session {
	s := o.Driver.Open(listenOnly && !o.talkative)
	if o.faulty {
		return faulty{s}
	}
	return s
}

type faulty struct{ devices.Session }

func (faulty) Receive(vital.Instant, []byte, devices.Sink) { panic("index out of range") }

func TestHalfABeliefOpensNothingAndTwoBeliefsAskAPerson(t *testing.T) {
	plug := func(w *ward) {
		w.wire.Plug(adapter, slow, oximeter(nonin.DF2), drivertest.Body{})
		time.Sleep(time.Minute)
	}
	onWard(t, func(w *ward) {
		plug(w)
		if got := w.status(); got.State != devices.Unrecognised || len(got.Guesses) != 1 || got.Guesses[0].Driver != "hopeful" {
			t.Errorf("state %v, guesses %v", got.State, got.Guesses)
		}
		if n := len(w.notes.Readings()); n != 0 {
			t.Errorf("%d readings by a guess", n)
		}
		if err := w.sup.Choose(adapter, devices.Choice{Driver: "hopeful", Fixed: true}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Second)
		if w.count(vital.SpO2, "97 %") == 0 {
			t.Error("the person's choice was not used")
		}
	}, odd{name: "hopeful", sure: devices.Sure - 1})
	onWard(t, func(w *ward) {
		plug(w)
		if got := w.status(); got.State != devices.Ambiguous || len(w.notes.Readings()) != 0 {
			t.Errorf("state %v, %d readings", got.State, len(w.notes.Readings()))
		}
	}, odd{name: "one"}, odd{name: "two"})
	onWard(t, func(w *ward) {
		plug(w)
		if got := w.status(); got.Driver != "surer" {
			t.Errorf("taken for %q", got.Driver)
		}
	}, odd{name: "sure"}, odd{name: "surer", sure: 99})
}

func TestADriverThatSendsOnASharedLineIsHeldBack(t *testing.T) {
	onWard(t, func(w *ward) {
		if err := w.notes.Keep(adapter.Identity(), devices.Choice{ListenOnly: true}); err != nil {
			t.Fatal(err)
		}
		w.wire.Plug(adapter, slow, oximeter(nonin.DF8), drivertest.Body{})
		time.Sleep(time.Minute)
		if got := w.status(); got.Out != 0 || got.Driver != "talkative" {
			t.Errorf("driver %q sent %d bytes", got.Driver, got.Out)
		}
	}, odd{name: "talkative", talkative: true})
}

func TestADriverThatFailsTakesNoOtherPortWithIt(t *testing.T) {
	other := devices.PortInfo{Name: "/dev/ttyUSB1", USB: adapter.USB, Serial: "B2"}
	onWard(t, func(w *ward) {
		if err := w.notes.Keep(other.Identity(), devices.Choice{Driver: "faulty", Fixed: true, Line: slow}); err != nil {
			t.Fatal(err)
		}
		w.wire.Plug(adapter, slow, oximeter(nonin.DF7), drivertest.Body{})
		w.wire.Plug(other, slow, oximeter(nonin.DF7), drivertest.Body{})
		time.Sleep(30 * time.Second)
		all, _ := w.sup.Status()
		if len(all) != 2 || all[0].State != devices.Talking || all[1].Do == "" {
			t.Fatalf("%d ports, the good one %v, the other %v", len(all), all[0].Words, all[1].Words)
		}
		if n := w.notes.Samples(); n < 75*28 {
			t.Errorf("%d samples of the good monitor in 30 s", n)
		}
		if n := w.wire.OpenPorts(); n > 2 {
			t.Errorf("%d ports open", n)
		}
	}, nonin.Driver{}, odd{name: "faulty", sure: 1, faulty: true})
}

func TestAUSBAdaptersOwnLinesAreTriedFirst(t *testing.T) {
	rare := devices.Line{Baud: 57600, DataBits: 7, Parity: devices.EvenParity, StopBits: 2}
	common := lined{odd{name: "common"}, []devices.Line{slow, {Baud: 19200, DataBits: 8, Parity: 'N', StopBits: 1}}, nil}
	known := lined{odd{name: "known"}, []devices.Line{rare}, []devices.USBID{adapter.USB}}
	for _, usb := range []devices.USBID{adapter.USB, {Vendor: 1, Product: 1}} {
		onWard(t, func(w *ward) {
			port := adapter
			port.USB = usb
			w.wire.Plug(port, slow, func() devices.Simulator { return mute{} }, drivertest.Body{})
			time.Sleep(time.Second)
			if got := w.status().Line; (got == rare) != (usb == adapter.USB) {
				t.Errorf("adapter %04x: listening at %v first", usb, got)
			}
		}, common, known)
	}
}

// lined is a driver with hints of its own.
type lined struct {
	odd
	lines []devices.Line
	usb   []devices.USBID
}

func (l lined) Hints() devices.Hints { return devices.Hints{Lines: l.lines, USB: l.usb} }

func TestSeveralKindsOfPortsAreOne(t *testing.T) {
	one, two := drivertest.NewWire(), drivertest.NewWire()
	second := devices.PortInfo{Name: "tcp:monitor", NoLine: true}
	one.Plug(adapter, slow, oximeter(nonin.DF2), drivertest.Body{})
	two.Plug(second, slow, oximeter(nonin.DF2), drivertest.Body{})
	all := devices.Several{one, two}
	list, err := all.List(t.Context())
	if err != nil || !slices.Equal(list, []devices.PortInfo{adapter, second}) {
		t.Errorf("%v, %v", list, err)
	}
	p, err := all.Open(t.Context(), second.Name, slow)
	if err != nil || two.OpenPorts() != 1 {
		t.Fatalf("%v, %d open", err, two.OpenPorts())
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	if _, err := all.Open(t.Context(), "none", slow); !errors.Is(err, devices.ErrGone) {
		t.Errorf("a port nobody has: %v", err)
	}
}

// stuck is Ports whose lines take no bytes.
type stuck struct{ devices.Ports }

func (s stuck) Open(ctx context.Context, name string, l devices.Line) (devices.Port, error) {
	p, err := s.Ports.Open(ctx, name, l)
	if err != nil {
		return nil, err
	}
	return &stuckPort{Port: p, closed: make(chan struct{})}, nil
}

type stuckPort struct {
	devices.Port
	closed chan struct{}
}

func (p *stuckPort) Write([]byte) (int, error) { <-p.closed; return 0, devices.ErrGone }
func (p *stuckPort) Close() error              { close(p.closed); return p.Port.Close() }

func TestALineThatTakesNothingIsStillRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wire, notes := drivertest.NewWire(), &drivertest.Notes{}
		wire.Plug(adapter, slow, oximeter(nonin.DF8), drivertest.Body{})
		ctx, cancel := context.WithCancel(t.Context())
		var run sync.WaitGroup
		s := devices.NewSupervisor(devices.Config{Ports: stuck{wire}, Drivers: []devices.Driver{nonin.Driver{}}, Choices: notes, Handler: notes, Now: wire.Now})
		run.Go(func() { s.Run(ctx) })
		time.Sleep(time.Minute)
		w := &ward{t: t, notes: notes, sup: s}
		if n := w.count(vital.SpO2, "97 %"); n < 55 {
			t.Errorf("%d readings in a minute", n)
		}
		if got := w.status(); !got.Stuck || got.State != devices.Talking {
			t.Errorf("state %v, stuck %v", got.State, got.Stuck)
		}
		cancel()
		run.Wait()
	})
}
