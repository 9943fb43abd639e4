package devices

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"fieldkit/triage/vital"
)

// Config is what a [Supervisor] needs; all of it but ScanEvery must be given.
type Config struct {
	Ports   Ports
	Drivers []Driver
	Choices Choices
	Handler Handler
	// Now is the station's monotonic clock. Timers are the time package's, so in
	// a testing/synctest bubble both are virtual.
	Now func() vital.Instant
	// ScanEvery is how often the list of ports is read; 0 is 500 ms.
	ScanEvery time.Duration
}

// A Supervisor watches all ports, finds out who is there and runs a session on
// each. A port that fails never disturbs another. Its methods are safe for
// concurrent use.
type Supervisor struct {
	cfg   Config
	lines []Line // every driver's, likeliest first

	mu      sync.Mutex
	watches map[string]*watch // by port name, those listed now
	gone    []PortStatus      // unplugged, oldest first, at most goneMost
	lost    map[string]bool   // identities whose monitor was said to be gone
	listErr error
}

const (
	scanEvery = 500 * time.Millisecond
	goneMost  = 16
)

// NewSupervisor prepares a supervisor. It touches no port before Run.
func NewSupervisor(cfg Config) *Supervisor {
	if cfg.ScanEvery == 0 {
		cfg.ScanEvery = scanEvery
	}
	return &Supervisor{
		cfg:     cfg,
		lines:   likelyLines(cfg.Drivers),
		watches: make(map[string]*watch),
		lost:    make(map[string]bool),
	}
}

// likelyLines is every line setting any driver hints at, once each: first all
// drivers' first choices, those shared by most drivers leading, then the rest.
func likelyLines(drivers []Driver) []Line {
	type weight struct {
		line  Line
		rank  int // in the hints where it stands best
		votes int
	}
	var ws []weight
	for _, d := range drivers {
		for rank, l := range d.Hints().Lines {
			i := slices.IndexFunc(ws, func(w weight) bool { return w.line == l })
			if i < 0 {
				i, ws = len(ws), append(ws, weight{line: l, rank: rank})
			}
			ws[i].rank = min(ws[i].rank, rank)
			ws[i].votes++
		}
	}
	slices.SortStableFunc(ws, func(a, b weight) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(b.votes, a.votes))
	})
	lines := make([]Line, len(ws))
	for i, w := range ws {
		lines[i] = w.line
	}
	return lines
}

// linesFor is every line setting to try on a port, likeliest first: those of
// drivers that know its adapter, then all others.
func (s *Supervisor) linesFor(port PortInfo) []Line {
	var lines []Line
	for _, d := range s.cfg.Drivers {
		if h := d.Hints(); port.USB != (USBID{}) && slices.Contains(h.USB, port.USB) {
			lines = append(lines, h.Lines...)
		}
	}
	for _, l := range s.lines {
		if !slices.Contains(lines, l) {
			lines = append(lines, l)
		}
	}
	return lines
}

// Run watches the ports until ctx ends, then closes them all, and returns when
// the last goroutine has ended. A port list that cannot be read is tried again.
func (s *Supervisor) Run(ctx context.Context) {
	var ports sync.WaitGroup
	defer ports.Wait()
	tick := time.NewTicker(s.cfg.ScanEvery)
	defer tick.Stop()
	for {
		s.scan(ctx, &ports)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// scan starts a watch for each new port and ends those of ports that are gone.
func (s *Supervisor) scan(ctx context.Context, ports *sync.WaitGroup) {
	list, err := s.cfg.Ports.List(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listErr = err; err != nil || ctx.Err() != nil {
		return
	}
	for name, w := range s.watches {
		at := slices.IndexFunc(list, func(p PortInfo) bool { return p.Name == name })
		if at < 0 || list[at] != w.info {
			w.unplugged.Store(at < 0)
			w.cancel()
			delete(s.watches, name)
		}
	}
	for _, info := range list {
		if s.watches[info.Name] != nil {
			continue
		}
		s.gone = slices.DeleteFunc(s.gone, func(g PortStatus) bool { return g.Port.Identity() == info.Identity() })
		own, cancel := context.WithCancel(ctx)
		w := newWatch(s, info, cancel)
		s.watches[info.Name] = w
		ports.Go(func() {
			defer cancel()
			w.run(own)
			s.forget(w)
		})
	}
}

// forget keeps the last picture of a port that was unplugged, for people to see.
func (s *Supervisor) forget(w *watch) {
	if !w.unplugged.Load() {
		return
	}
	last := w.picture()
	last.State, last.Since = Unplugged, s.cfg.Now()
	last.Words, last.Do = Unplugged.String(), portStates[Unplugged].do
	s.mu.Lock()
	back := s.watches[w.info.Name] != nil
	if !back {
		s.gone = append(s.gone, last)
		if len(s.gone) > goneMost {
			s.gone = slices.Delete(s.gone, 0, len(s.gone)-goneMost)
		}
	}
	s.mu.Unlock()
	s.cfg.Handler.Changed(w.info)
}

// Status is a picture of every port, by name; those unplugged since come last.
// The error is why the list of ports could not be read, if it could not.
func (s *Supervisor) Status() ([]PortStatus, error) {
	s.mu.Lock()
	watches := make([]*watch, 0, len(s.watches))
	for _, w := range s.watches {
		watches = append(watches, w)
	}
	gone, err := slices.Clone(s.gone), s.listErr
	s.mu.Unlock()
	all := make([]PortStatus, 0, len(watches)+len(gone))
	for _, w := range watches {
		all = append(all, w.picture())
	}
	slices.SortFunc(all, func(a, b PortStatus) int { return cmp.Compare(a.Port.Name, b.Port.Name) })
	return append(all, gone...), err
}

// Choose keeps a person's choice for the port, and starts the port anew with it.
// The choice holds for the adapter, whichever port it is plugged into.
func (s *Supervisor) Choose(port PortInfo, c Choice) error {
	if err := s.cfg.Choices.Keep(port.Identity(), c); err != nil {
		return &Fault{Op: "keep the choice for", Port: port.Name, Err: err, Do: "Choose again."}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range s.watches {
		if w.info.Identity() == port.Identity() {
			select {
			case w.rechosen <- struct{}{}:
			default: // already told
			}
		}
	}
	return nil
}

// driversOn are the drivers whose monitors may be on the port.
func (s *Supervisor) driversOn(port PortInfo) []Driver {
	if !port.Datagrams && port.Speaks == "" {
		return s.cfg.Drivers
	}
	var drivers []Driver
	for _, d := range s.cfg.Drivers {
		switch {
		case port.Speaks != "" && d.Name() != port.Speaks:
			continue
		case !port.Datagrams:
			drivers = append(drivers, d)
			continue
		case len(d.Hints().UDP) == 0:
			continue
		}
		if o, ok := d.(DatagramDriver); ok {
			d = o.OverDatagrams()
		}
		drivers = append(drivers, d)
	}
	return drivers
}

// setLost notes whether the monitor on an adapter was said to be gone, and gives
// what was noted before.
func (s *Supervisor) setLost(identity string, lost bool) (before bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before = s.lost[identity]
	if lost {
		s.lost[identity] = true
	} else {
		delete(s.lost, identity)
	}
	return before
}
