package exchange

import (
	"bytes"
	"cmp"
	"slices"

	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// An index is how far every epoch is held, in memory: about 150 bytes an epoch.
// It is guarded by its owner.
type index struct {
	heads map[epochKey]held
	by    map[chart.Device]*deviceIndex
	total journal.Digest
	dirty bool // total is not that of by
}

type held struct {
	seq   uint64
	chain journal.Hash
}

type deviceIndex struct {
	order  []epochKey // newest epoch first, all logs together
	digest journal.Digest
	dirty  bool
}

func newIndex(heads []journal.Head) *index {
	x := &index{heads: make(map[epochKey]held, len(heads)), by: map[chart.Device]*deviceIndex{}, dirty: true}
	for _, h := range heads {
		x.add(keyOf(h), held{h.Seq, h.Chain}, false)
	}
	return x
}

// add sets how far an epoch is held. An epoch not known before is taken for the
// newest if so said, else for the oldest.
func (x *index) add(k epochKey, h held, newest bool) {
	d := x.by[k.device]
	if d == nil {
		d = &deviceIndex{}
		x.by[k.device] = d
	}
	if _, known := x.heads[k]; !known {
		if newest {
			d.order = slices.Insert(d.order, 0, k)
		} else {
			d.order = append(d.order, k)
		}
	}
	x.heads[k] = h
	if k.log != journal.Stream {
		d.dirty, x.dirty = true, true
	}
}

// replace sets all epochs of one device anew.
func (x *index) replace(d chart.Device, heads []journal.Head) {
	if old := x.by[d]; old != nil {
		for _, k := range old.order {
			delete(x.heads, k)
		}
	}
	delete(x.by, d)
	x.dirty = true
	for _, h := range heads {
		if h.Device == d {
			x.add(keyOf(h), held{h.Seq, h.Chain}, false)
		}
	}
}

// digest is the digest of everything without stream.
func (x *index) digest() journal.Digest {
	if !x.dirty {
		return x.total
	}
	m := map[chart.Device]journal.Digest{}
	for _, d := range x.devices() {
		m[d.device] = d.digest
	}
	x.total, x.dirty = journal.VectorDigest(m), false
	return x.total
}

// devices lists a digest per device; devices of which only stream is held are
// left out.
func (x *index) devices() []deviceDigest {
	var list []deviceDigest
	for dev, d := range x.by {
		if !slices.ContainsFunc(d.order, func(k epochKey) bool { return k.log != journal.Stream }) {
			continue
		}
		if d.dirty {
			heads := make([]journal.HeadRecord, 0, len(d.order))
			for _, k := range d.order {
				v := x.heads[k]
				heads = append(heads, journal.HeadRecord{Log: k.log, Epoch: k.epoch, Seq: v.seq, Chain: v.chain})
			}
			d.digest, d.dirty = journal.DeviceDigest(dev, heads), false
		}
		list = append(list, deviceDigest{dev, d.digest})
	}
	slices.SortFunc(list, func(a, b deviceDigest) int { return compareDevices(a.device, b.device) })
	return list
}

func compareDevices(a, b chart.Device) int { return bytes.Compare(a[:], b[:]) }

func compareKeys(a, b epochKey) int {
	return cmp.Or(bytes.Compare(a.device[:], b.device[:]), cmp.Compare(a.log, b.log), bytes.Compare(a.epoch[:], b.epoch[:]))
}
