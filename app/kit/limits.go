package kit

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"fieldkit/triage/alarm"
	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
)

// limitsOf are the limits that stand for a patient, a sign each. Where several
// stand because their writers had not seen each other, the one that alarms first
// holds: the inner bound, the shorter delay, the higher priority; a sign is off only
// when all of them say so.
func limitsOf(c *chart.Chart) []chart.Limit {
	var out []chart.Limit
	for _, view := range c.Limits() {
		if len(view.Stands) == 0 {
			continue
		}
		first := view.Limit(view.Stands[0])
		for _, f := range view.Stands[1:] {
			first = sooner(first, view.Limit(f))
		}
		out = append(out, first)
	}
	return out
}

// sooner is the limit that alarms when either of two does.
func sooner(x, y chart.Limit) chart.Limit {
	switch {
	case x.Off:
		return y
	case y.Off:
		return x
	}
	if x.Low == nil || y.Low != nil && y.Low.Cmp(*x.Low) > 0 {
		x.Low = y.Low
	}
	if x.High == nil || y.High != nil && y.High.Cmp(*x.High) < 0 {
		x.High = y.High
	}
	if x.Priority == "" || y.Priority == "" {
		x.Priority = "" // the age band's, which is at least medium
	} else if priorityOf(y.Priority) > priorityOf(x.Priority) {
		x.Priority = y.Priority
	}
	switch {
	case x.DelayMS == y.DelayMS:
	case x.DelayMS == 0 || y.DelayMS == 0:
		x.DelayMS = 1 // one of them is the age band's, which is not known here: nothing is waited for
	default:
		x.DelayMS = min(x.DelayMS, y.DelayMS)
	}
	return x
}

func priorityOf(p chart.Priority) alarm.Priority {
	switch p {
	case chart.HighPriority:
		return alarm.High
	case chart.MediumPriority:
		return alarm.Medium
	case chart.LowPriority:
		return alarm.Low
	}
	return alarm.None
}

// handClear is for how long a value must be back within a limit that a person set
// where the age band has none of that sign.
const handClear = 10 * time.Second

// byHand is the age band's set with what a person set in its place. Of a sign that a
// person set, the band's worse tiers beyond the person's bound stay: who wants no
// alarm at 88 % has not said that 70 % is well.
func byHand(band alarm.Limits, hand []chart.Limit) alarm.Limits {
	if len(hand) == 0 {
		return band
	}
	out := alarm.Limits{}
	said := []string{band.ID, "by hand"}
	for _, l := range band.Limit {
		if !slices.ContainsFunc(hand, func(h chart.Limit) bool { return h.Sign == l.Sign }) {
			out.Limit = append(out.Limit, l)
		}
	}
	for _, h := range hand {
		said = append(said, h.Sign.String())
		if h.Off {
			said = append(said, "off")
			continue
		}
		for _, side := range [...]struct {
			what  alarm.What
			bound *vital.Decimal
		}{{alarm.TooLow, h.Low}, {alarm.TooHigh, h.High}} {
			if side.bound == nil {
				continue
			}
			l := tiers(band, h, side.what, *side.bound)
			said = append(said, side.bound.String(), l.Tier[0].Priority.String(), l.Tier[0].Delay.String())
			out.Limit = append(out.Limit, l)
		}
	}
	out.ID = strings.Join(said, " ")
	return out
}

// tiers is one side of a sign's limit: the person's bound, then the band's tiers
// beyond it. What the person left open is the band's.
func tiers(band alarm.Limits, h chart.Limit, what alarm.What, bound vital.Decimal) alarm.Limit {
	out := alarm.Limit{Sign: h.Sign, Side: what, Hysteresis: vital.Int(0), Clear: handClear}
	first := alarm.Tier{Bound: bound, Priority: priorityOf(h.Priority), Delay: time.Duration(h.DelayMS) * time.Millisecond}
	at := slices.IndexFunc(band.Limit, func(l alarm.Limit) bool { return l.Sign == h.Sign && l.Side == what })
	if at < 0 {
		first.Priority = cmp.Or(first.Priority, alarm.Medium)
		out.Tier = []alarm.Tier{first}
		return out
	}
	of := band.Limit[at]
	out.Hysteresis, out.Clear = of.Hysteresis, of.Clear
	first.Priority = cmp.Or(first.Priority, of.Tier[0].Priority)
	if h.DelayMS == 0 {
		first.Delay = of.Tier[0].Delay
	}
	out.Tier = []alarm.Tier{first}
	for _, t := range of.Tier {
		apart := t.Bound.Cmp(bound)
		if what == alarm.TooLow && apart < 0 || what == alarm.TooHigh && apart > 0 {
			t.Priority = max(t.Priority, first.Priority)
			out.Tier = append(out.Tier, t)
		}
	}
	return out
}

// relimit puts the limits that stand on the record of an encounter to its bed. Who
// reads the record last sets them last.
func (k *Kit) relimit(ctx context.Context, encounter chart.ID) {
	k.dressing.Lock()
	defer k.dressing.Unlock()
	if !k.record.stands(encounter) {
		return
	}
	entries, err := k.entries(ctx, encounter)
	if err != nil {
		k.log.Warn("the alarm limits set for a patient could not be read; those in force stay", "reason", err)
		return
	}
	fold := chart.NewFold(encounter)
	fold.Add(entries...)
	k.record.setLimits(encounter, limitsOf(fold.Chart()))
}

// stands reports whether an encounter has a bed here.
func (r *record) stands(encounter chart.ID) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.beds[encounter] != nil
}

// setLimits puts what people set for a patient to the bed's engines.
func (r *record) setLimits(encounter chart.ID, hand []chart.Limit) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if b := r.beds[encounter]; b != nil {
		b.hand = hand
		r.limit(b, b.band)
	}
}

// limit watches a bed by an age band's limits, with what people set for the patient
// in their place. Caller holds mu.
func (r *record) limit(b *bed, band alarm.Limits) {
	b.band = band
	l := byHand(band, b.hand)
	if b.limits.ID == l.ID {
		return
	}
	b.limits = l
	for _, w := range b.watched() {
		r.alarms(b, w, w.engine.SetLimits(r.clock.Now(), l))
	}
}
