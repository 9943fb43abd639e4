package mesh

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"time"

	"fieldkit/sync/exchange"
	"fieldkit/triage/chart"
)

// The pace of dialling.
const (
	dialTime    = 5 * time.Second
	yieldTime   = 1500 * time.Millisecond // the higher device lets the lower call first
	soonest     = 500 * time.Millisecond
	soonLost    = 2 * time.Second  // between attempts at a peer lost a moment ago
	longLost    = 60 * time.Second // and at one lost for twenty minutes
	refusedWait = 60 * time.Second // at a peer that said no
	compareWait = 30 * time.Second // between comparisons though gossip says unequal
	besideWait  = 3 * time.Second  // before a call is made beside one that has stalled
	callsMost   = 3                // to one peer at a time
)

// A line is the state of dialling one device.
type line struct {
	dialing  bool // no answer yet to the first packet
	calls    int  // dialling, shaking hands or in contact
	failures int
	next     time.Time // no attempt before
	seen     string    // the node for which the state holds
	compared time.Time
	met      time.Time // when the last contact ended
}

// dialAll keeps one contact with every member alive and tries the remembered
// addresses of the others, for ever.
func (m *Mesh) dialAll(ctx context.Context) {
	var calls sync.WaitGroup
	defer calls.Wait()
	var mu sync.Mutex
	lines := map[chart.Device]*line{}
	var started netip.AddrPort
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for {
		select {
		case <-look.C:
		case <-m.poke:
		case <-ctx.Done():
			return
		}
		now := time.Now()
		eager := false
		if g := m.Gossip(); g != started { // a new address of ours: nobody else can know whom to call
			started, eager = g, true
		}
		mu.Lock()
		for _, t := range m.targets() {
			l := lines[t.device]
			if l == nil {
				l = &line{met: now}
				lines[t.device] = l
			}
			if l.seen != t.node || eager {
				l.seen, l.failures, l.next = t.node, 0, now
				if !eager && t.node != "" && bytes.Compare(m.self[:], t.device[:]) > 0 {
					l.next = now.Add(yieldTime)
				}
			}
			if m.cfg.Exchange.Connected(t.device) {
				l.met = now
				if t.node != "" && t.unequal && now.Sub(l.compared) > compareWait {
					l.compared = now
					m.cfg.Exchange.Compare(t.device)
				}
				// A contact that stalled is not given up before another stands: TCP may
				// yet bring it back.
				if !m.cfg.Exchange.Stalled(t.device) {
					continue
				}
			}
			if l.dialing || l.calls >= callsMost || now.Before(l.next) {
				continue
			}
			l.dialing = true
			l.calls++
			l.next = now.Add(besideWait)
			calls.Go(func() {
				began := time.Now()
				err := m.call(ctx, t, func() { mu.Lock(); defer mu.Unlock(); l.dialing = false })
				mu.Lock()
				defer mu.Unlock()
				l.calls--
				l.failures++
				if time.Since(began) > 2*dialTime {
					l.failures, l.met = 0, time.Now()
				}
				l.next = time.Now().Add(pause(l.failures, time.Since(l.met), err))
			})
		}
		mu.Unlock()
	}
}

// pause is how long to wait after a call that ended with err.
func pause(failures int, lost time.Duration, err error) time.Duration {
	wait := min(soonest<<min(failures, 10), patience(lost))
	if told, ok := errors.AsType[exchange.Told](err); ok {
		switch exchange.Refusal(told) {
		case exchange.Unknown, exchange.Revoked, exchange.WrongTeam, exchange.TooOld:
			wait = refusedWait
		case exchange.TooMany:
			wait = max(wait, 5*time.Second)
		}
	}
	return wait/2 + rand.N(wait/2+1)
}

// A target is a device to call.
type target struct {
	device  chart.Device
	addr    string
	node    string // in gossip; "" when only remembered
	unequal bool   // gossip says that it holds something else than we do
}

// targets are the members alive, and the peers remembered that gossip does not
// show.
func (m *Mesh) targets() []target {
	ours := m.cfg.Exchange.Digest()
	m.mu.Lock()
	defer m.mu.Unlock()
	var list []target
	for d, k := range m.known {
		if v, ok := m.members[d]; ok && v.Alive {
			list = append(list, target{d, v.Exchange.String(), v.Node, v.Digest != ours})
		} else if k.Exchange != "" {
			list = append(list, target{device: d, addr: k.Exchange})
		}
	}
	return list
}

// call dials a peer and stays in contact until it ends. Dialled is called between.
func (m *Mesh) call(ctx context.Context, t target, dialled func()) error {
	d := net.Dialer{Timeout: dialTime}
	conn, err := d.DialContext(ctx, "tcp", t.addr)
	dialled()
	if err != nil {
		return err
	}
	return m.cfg.Exchange.Call(ctx, conn, t.device)
}

// patience is the longest wait between attempts at a peer lost for so long: a
// cut of a minute heals in seconds, a tablet gone for a day costs little.
func patience(lost time.Duration) time.Duration {
	return min(max(lost/20, soonLost), longLost)
}
