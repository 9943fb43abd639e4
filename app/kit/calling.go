package kit

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"slices"
	"sync"
	"time"

	"fieldkit/sync/exchange"
	"fieldkit/triage/chart"
)

// How the stations are called that share an encounter with this one: at the addresses
// of their tickets and those typed, again and again until the sharing's end.

const (
	callTime    = 5 * time.Second
	callSoonest = 500 * time.Millisecond
	callLatest  = 30 * time.Second
	callLook    = time.Second // between looks whether somebody is to be called
	heardEvery  = time.Minute // how exactly it is kept when a host was last heard
)

// A host is one station to call, and where.
type host struct {
	device    chart.Device
	addresses []string
}

// A calling is the state of calling one host. The loop's alone but for what a call
// sends when it ends.
type calling struct {
	busy     bool
	again    bool // somebody asked for a call while one was under way
	failures int
	next     time.Time
}

// hosts are those whose sharing goes on.
func (g *guest) hosts() (out []host) {
	now := g.now()
	if g.withholds() {
		return nil
	}
	g.mu.RLock()
	defer g.mu.RUnlock()
	for _, v := range g.visits {
		if !v.goes(now) {
			continue
		}
		d := v.ticket.Host.Device()
		i := slices.IndexFunc(out, func(h host) bool { return h.device == d })
		if i < 0 {
			i, out = len(out), append(out, host{device: d})
		}
		for _, a := range slices.Concat(v.Addresses, v.ticket.Addresses) {
			if !slices.Contains(out[i].addresses, a) {
				out[i].addresses = append(out[i].addresses, a)
			}
		}
	}
	return out
}

// config is what a visit's exchange is made of.
func (g *guest) config(m *membership) exchange.Config {
	return exchange.Config{
		Key: m.key, Team: g.team, Ledger: guestLedger{g.kit.store, g}, Admit: g.admits, Clock: g.kit.clock.peer(),
		View: func(chart.Device) exchange.View { return bareReach{} }, Vouched: g.vouched, Bodies: guestBodies{g},
		Log: g.kit.log.With("flow", "visit"),
	}
}

// run reads what is shared until ctx ends.
func (g *guest) run(ctx context.Context, m *membership) {
	for ctx.Err() == nil {
		x, err := exchange.New(ctx, g.config(m))
		if err == nil {
			g.set(x)
			g.calls(ctx, x)
			g.set(nil)
			return
		}
		g.kit.log.Error("what other teams' stations share is not read; it is tried again", "reason", err)
		select {
		case <-ctx.Done():
		case <-time.After(shareAgain):
		}
	}
}

func (g *guest) set(x *exchange.Exchange) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.exchange = x
}

// calls keeps one contact with every host until ctx ends.
func (g *guest) calls(ctx context.Context, x *exchange.Exchange) {
	type ended struct {
		device chart.Device
		met    bool
		err    error
	}
	var work sync.WaitGroup
	ends := make(chan ended)
	defer work.Wait()
	look := time.NewTicker(callLook)
	defer look.Stop()
	lines := map[chart.Device]*calling{}
	for {
		now := time.Now()
		hosts := g.hosts()
		for _, h := range hosts {
			l := lines[h.device]
			if l == nil {
				l = &calling{}
				lines[h.device] = l
			}
			if l.busy || now.Before(l.next) || len(h.addresses) == 0 {
				continue
			}
			l.busy = true
			at := h.addresses[l.failures%len(h.addresses)]
			work.Go(func() {
				met, err := g.meet(ctx, x, h.device, at)
				select {
				case ends <- ended{h.device, met, err}:
				case <-ctx.Done():
				}
			})
		}
		for d, l := range lines {
			wanted := slices.ContainsFunc(hosts, func(h host) bool { return h.device == d })
			if l.busy && !wanted && x.Connected(d) {
				x.Recheck() // the sharing is over: it ends by Admit's word
			}
			if !wanted && !l.busy {
				delete(lines, d)
			}
		}
		select {
		case <-ctx.Done():
			return
		case e := <-ends:
			l := lines[e.device]
			l.busy = false
			l.failures++
			if e.met {
				l.failures = 0
			}
			wait := min(callSoonest<<min(l.failures, 10), callLatest)
			if told, ok := errors.AsType[exchange.Told](e.err); ok && exchange.Refusal(told) != exchange.Leaving && exchange.Refusal(told) != exchange.Superseded {
				wait = callLatest
			}
			l.next = time.Now().Add(wait/2 + rand.N(wait/2+1))
			if l.again {
				*l = calling{}
			}
		case <-g.call:
			for _, l := range lines {
				l.failures, l.next, l.again = 0, time.Time{}, l.busy
			}
		case <-g.poke:
		case <-look.C:
			g.listen(ctx, x)
		}
	}
}

// meet calls a host once and stays in contact until it ends. Met is true when it was
// heard.
func (g *guest) meet(ctx context.Context, x *exchange.Exchange, d chart.Device, at string) (met bool, err error) {
	dialer := net.Dialer{Timeout: callTime}
	conn, err := dialer.DialContext(ctx, "tcp", at)
	if err != nil {
		g.note(ctx, d, "it is not reached at "+at+"; 'visit' with --at names another address", time.Time{}, false)
		return false, err
	}
	before := time.Now()
	err = x.Call(ctx, conn, d)
	heard := lastHeard(x, d)
	trouble, gone := endWords(err)
	g.note(context.WithoutCancel(ctx), d, trouble, heard, gone)
	return heard.After(before), err
}

// endWords are why a contact ended that is to be told, "" of one that ended as contacts
// do; gone says that the host shares nothing with this station any more.
func endWords(err error) (trouble string, gone bool) {
	if errors.Is(err, errGuestFull) {
		return errGuestFull.Error(), false
	}
	if told, ok := errors.AsType[exchange.Told](err); ok {
		r := exchange.Refusal(told)
		if r != exchange.Leaving && r != exchange.Superseded {
			trouble = told.Error()
		}
		return trouble, r == exchange.Unknown
	}
	if r, ok := errors.AsType[exchange.Refusal](err); ok && r != exchange.Leaving && r != exchange.Superseded {
		trouble = r.Error()
	}
	return trouble, false
}

func lastHeard(x *exchange.Exchange, d chart.Device) time.Time {
	for _, p := range x.Peers() {
		if p.Device == d {
			return p.Last
		}
	}
	return time.Time{}
}

// note keeps how it went with a host.
func (g *guest) note(ctx context.Context, d chart.Device, trouble string, heard time.Time, gone bool) {
	g.mu.Lock()
	g.troubles[d] = trouble
	changed := false
	for i := range g.visits {
		v := &g.visits[i]
		if v.ticket.Host.Device() != d || !v.Ended.IsZero() {
			continue
		}
		if gone && !v.Gone && !v.Erased {
			v.Gone, changed = true, true
		}
		if !v.Heard.IsZero() && heard.Sub(v.Heard) > 0 && !v.Gone && !v.Erased {
			v.Heard, changed = heard, true
		}
	}
	g.mu.Unlock()
	if !changed {
		return
	}
	if err := g.kit.keepGuests(ctx); err != nil {
		g.kit.log.Warn("how it stands with a visit is not kept", "reason", err)
	}
}

// listen keeps when the hosts in contact were last heard, once a minute.
func (g *guest) listen(ctx context.Context, x *exchange.Exchange) {
	g.mu.RLock()
	visits := slices.Clone(g.visits)
	g.mu.RUnlock()
	for _, v := range visits {
		d := v.ticket.Host.Device()
		if !v.Ended.IsZero() || v.Gone || time.Since(v.Heard) <= heardEvery || !x.Connected(d) {
			continue
		}
		if heard := lastHeard(x, d); time.Since(heard) < heardEvery {
			g.note(ctx, d, "", heard, false)
		}
	}
}
