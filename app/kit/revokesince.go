package kit

import (
	"context"
	"slices"
	"time"

	"fieldkit/app/api"
	"fieldkit/app/store"
	"fieldkit/sync/identity"
	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// A cut is from where a device is no longer trusted: a time by its entries' stamps,
// which no good device sets back, and in one log a place.
type cut struct {
	since journal.HLC
	from  chart.Ref // zero when only a time was named
}

// clockBehind is how far a good tablet's clock is behind its stamps at most: those
// follow the clocks of others by as much.
const clockBehind = 2 * time.Minute

// RevokeSince implements api.Team.
func (k *Kit) RevokeSince(ctx context.Context, t api.Token, in api.Revocation) (api.Revoked, error) {
	author, m, err := k.administerIn(ctx, t, "Withdraw the device at an admin's station, or with the recovery words.")
	if err != nil {
		return api.Revoked{}, err
	}
	target, err := findDevice(m.share.roster.Load(), in.Device)
	if err != nil {
		return api.Revoked{}, err
	}
	if (in.Since == nil) == (in.From == nil) {
		return api.Revoked{}, &api.Fault{Code: api.CodeInvalid, What: "name either a time or an entry since when the device is not trusted"}
	}
	var c cut
	if in.From != nil {
		e, held, err := k.store.At(ctx, *in.From)
		if err != nil {
			return api.Revoked{}, storeFault(err)
		}
		envelope, bad := journal.DecodeEnvelope(e.Record.Envelope)
		if !held || bad != nil || in.From.Device != target.Device {
			return api.Revoked{}, &api.Fault{Code: api.CodeNotFound, What: "this station holds no entry of that device at that place", Do: "Take the place from 'show'."}
		}
		c = cut{envelope.Clock, *in.From}
	} else {
		c.since = journal.Stamp(journal.Millis(*in.Since), 0)
	}
	pins, apart, err := k.cutPins(ctx, m.share, target.Device, c)
	if err != nil {
		return api.Revoked{}, err
	}
	out := api.Revoked{Member: m.share.memberOf(target), Apart: apart, Tried: in.Try}
	for _, a := range apart {
		out.Trusted += a.Trusted
	}
	if in.Try {
		return out, nil
	}
	if err := k.putOut(ctx, m, m.signer, author, target, &identity.Revoked{Device: target.Device, Why: in.Why, Pins: pins}); err != nil {
		return api.Revoked{}, err
	}
	state, _ := m.share.roster.Load().Member(target.Device)
	out.Member = m.share.memberOf(state)
	return out, nil
}

// cutPins are the last entries of each log before a cut, and what stands before and
// after.
func (k *Kit) cutPins(ctx context.Context, of *share, device chart.Device, c cut) (pins []identity.Pin, apart []api.Apart, err error) {
	all, err := of.heads(ctx)
	if err != nil {
		return nil, nil, storeFault(err)
	}
	for log := journal.Team; log <= journal.Stream; log++ {
		var heads []journal.Head // the newest first
		total := uint64(0)
		for _, h := range all {
			if h.Device == device && h.Log == log && h.Seq > 0 {
				heads, total = append(heads, h), total+h.Seq
			}
		}
		if len(heads) == 0 {
			continue
		}
		pin, trusted, err := k.cutLog(ctx, heads, c)
		if err != nil {
			return nil, nil, storeFault(err)
		}
		a := api.Apart{Log: log.String(), Trusted: trusted, Entries: total - trusted}
		if pin.Seq > 0 {
			pins = append(pins, identity.Pin{Log: log, Epoch: pin.Epoch, Seq: pin.Seq, Chain: pin.Chain})
			last := pin.Ref(pin.Seq)
			a.Last = &last
			if e, held, err := k.store.At(ctx, last); err == nil && held {
				if envelope, err := journal.DecodeEnvelope(e.Record.Envelope); err == nil {
					a.At = time.UnixMilli(envelope.Clock.Millis()).UTC()
				}
				b, err := journal.DecodeBody(e.Record.Body)
				a.Behind = e.Record.Absent == chart.Present && err == nil && a.At.Sub(time.UnixMilli(b.Wall)) > clockBehind
			}
		}
		apart = append(apart, a)
	}
	return pins, apart, nil
}

// cutLog is the last entry of a log before a cut, of sequence 0 when there is none,
// and how many entries stand up to it.
func (k *Kit) cutLog(ctx context.Context, heads []journal.Head, c cut) (pin journal.Head, trusted uint64, err error) {
	at := heads[0]
	i := slices.IndexFunc(heads, func(h journal.Head) bool { return h.Epoch == c.from.Epoch })
	named := i >= 0 // the entry named is of this log: what stands before it is trusted, whatever its stamps
	if named {
		at = heads[i]
	}
	// Each epoch names the one before: what is on no such line is trusted nowhere.
	line := []journal.Head{at}
	for seen := map[chart.Epoch]bool{at.Epoch: true}; ; {
		before, ok := epochs{k.store}.Previous(at.Device, at.Epoch)
		i := slices.IndexFunc(heads, func(h journal.Head) bool { return h.Epoch == before.Epoch })
		if !ok || i < 0 || seen[before.Epoch] {
			break
		}
		at = heads[i]
		seen[at.Epoch] = true
		line = append(line, at)
	}
	slices.Reverse(line) // the oldest first
	for _, h := range line {
		last, err := k.stampAt(ctx, h.Ref(h.Seq))
		if err != nil {
			return pin, trusted, err
		}
		if h.Epoch != c.from.Epoch && (named || last < c.since) {
			pin, trusted = h, trusted+h.Seq
			continue
		}
		upto, stopped, err := k.store.CutBefore(ctx, store.Epoch{Device: h.Device, Log: h.Log, Epoch: h.Epoch}, func(ref chart.Ref, stamp journal.HLC) bool {
			return ref == c.from || !named && stamp >= c.since
		})
		if err != nil {
			return pin, trusted, err
		}
		if upto.Seq > 0 {
			pin, trusted = upto, trusted+upto.Seq
		}
		if stopped {
			break
		}
	}
	return pin, trusted, nil
}

// stampAt is the stamp of an entry that is held; 0 for one that was pruned with its
// epoch.
func (k *Kit) stampAt(ctx context.Context, ref chart.Ref) (journal.HLC, error) {
	e, held, err := k.store.At(ctx, ref)
	if err != nil || !held {
		return 0, err
	}
	envelope, err := journal.DecodeEnvelope(e.Record.Envelope)
	return envelope.Clock, err
}
