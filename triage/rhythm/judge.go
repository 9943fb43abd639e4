package rhythm

import "math"

// tick takes one value at the detector's own rate.
func (d *Detector) tick(now int64, v float64) {
	if float32(v) == d.raw.at(now-1) {
		d.stuck++
	} else {
		d.stuck = 0
	}
	d.frontend.step(now, v)
	d.expire(now)
	d.find(now)
	if d.learned == 0 {
		if now == learnSpan {
			d.learn(now)
		}
		return
	}
	d.weigh(now)
	d.lookBack(now)
	if now-max(d.last.tick, d.learned, d.gapTo) > silence {
		d.learn(now)
	}
}

const (
	learnSpan = 2 * tickRate // the levels are set from this much signal
	silence   = 3 * tickRate // without a beat they are set anew
	// standstill is how long a heart that showed beats must show none before
	// waves of less than a fifth of their energy may be taken for beats: P waves go
	// on when the ventricles stand still. Behind a gap, with the lead put on anew,
	// they may at once.
	standstill = 30 * tickRate
	fifth      = 0.2
)

// learn sets the levels from the greatest candidate of the last two seconds. The
// forms known are forgotten: the lead may be another.
func (d *Detector) learn(now int64) {
	d.learned = now // or tried to
	var top candidate
	for _, c := range d.seen {
		if c.tick > now-learnSpan && c.energy > top.energy {
			top = c
		}
	}
	if top.energy == 0 || top.energy < fifth*d.energies.median && d.last.tick > d.gapTo && now-d.last.tick < standstill {
		return
	}
	d.energies.reset(top.energy)
	d.slopes.reset(top.slope)
	d.bulks.reset(top.bulk)
	d.heights.reset(top.height)
	d.narrowForms, d.wideForms = shapes{}, shapes{}
	d.lastKnown = false
	d.last.energy, d.last.slope, d.last.height = top.energy, top.slope, top.height
	// What was passed over under the old levels is judged anew.
	for i := range d.waitings {
		d.waiting[i].judged = false
	}
}

// find makes a candidate of the energy's value a while ago if none near it is greater.
func (d *Detector) find(now int64) {
	at := now - rival
	e := d.energy.at(at)
	if at < rival || e == 0 || e <= d.energy.at(at-1) || e < d.energy.at(at+1) ||
		d.energy.peak(at-rival, at) > e || d.energy.peak(at+1, now) > e {
		return
	}
	least := float32(fewestCounts)
	if d.scale > 0 {
		least = faintest / d.scale
	}
	if d.narrow.peakAbs(at-energySpan-4, at) < least {
		return
	}
	c := candidate{tick: at, energy: e, slope: d.slope.peak(at-energySpan-4, at), bulk: d.bulk.peak(at-16, at+8)}
	// The centre is where the wide signal is furthest from the straight line
	// between 120 ms before and after.
	middle := at - delayEnergy + delayWide
	left, right := d.wide.at(middle-24), d.wide.at(middle+24-1)
	var swing float32
	for t := middle - 10; t <= middle+10; t++ {
		line := left + (right-left)*float32(t-middle+24)/47
		if a := abs(d.wide.at(t)-line) + centreNarrow*abs(d.narrow.at(t-delayWide+delayNarrow)); a > swing {
			swing, c.centre = a, t-delayWide
		}
	}
	low, high := float32(math.Inf(1)), float32(math.Inf(-1))
	for t := c.centre + delayWide - 24; t <= min(now, c.centre+delayWide+24); t++ {
		v := d.wide.at(t)
		low, high = min(low, v), max(high, v)
	}
	c.height = high - low
	if d.gapTo-d.gapFrom > hole && c.centre >= d.gapFrom-4 && c.centre <= d.gapTo+6 {
		return
	}
	d.seen[d.seens%int64(len(d.seen))] = c
	d.seens++
	if d.learned > 0 && d.lastKnown && c.tick-d.last.tick <= refractory {
		return
	}
	if d.waitings == len(d.waiting) {
		d.drop(0)
	}
	d.waiting[d.waitings] = c
	d.waitings++
}

const (
	// faintest is the least swing of a beat without baseline, in mV, where the
	// scale is known: a tenth of the smallest QRS that a lead should show.
	faintest = 0.02
	// fewestCounts stands for it where the scale is not known: less is the
	// converter's own steps.
	fewestCounts = 3
)

// weigh judges the candidates whose time has come.
func (d *Detector) weigh(now int64) {
	for i := 0; i < d.waitings; i++ {
		c := &d.waiting[i]
		if c.judged {
			continue
		}
		age := now - c.tick
		if age == waitClear && d.energy.at(now) < 0.35*c.energy && c.energy > 0.74*d.energies.median {
			f := d.measure(c, now)
			if odds := d.oddsOf(&f); odds > plain {
				if d.observe != nil {
					d.observe(*c, f)
				}
				c.odds = odds
				d.accept(*c, now)
				i = -1
				continue
			}
		}
		if age < waitDoubt {
			continue
		}
		f := d.measure(c, now)
		c.judged, c.odds, c.possible = true, d.oddsOf(&f), d.possible(c, &f)
		if d.observe != nil {
			d.observe(*c, f)
		}
		if c.odds > enough && c.possible {
			d.accept(*c, now)
			i = -1
			continue
		}
		d.noise.add(c.energy)
	}
}

const (
	plain   = 2    // odds that make a beat without waiting for what follows
	enough  = -0.6 // odds that make a beat
	overdue = -1.8 // odds that make a beat at the second look, when one is overdue

	// centreNarrow is the share of the narrow signal in finding a beat's centre:
	// more favours the sharpest part, less the tallest.
	centreNarrow = 0.4
)

// lookBack accepts the likeliest of what was passed over when a beat is overdue.
func (d *Detector) lookBack(now int64) {
	if !d.lastKnown || float32(now-d.last.tick) <= 1.4*d.interval()+30 {
		return
	}
	best := -1
	for i := range d.waitings {
		c := &d.waiting[i]
		if c.judged && c.possible && now-c.tick < waitLast && (best < 0 || c.odds > d.waiting[best].odds) {
			best = i
		}
	}
	if best >= 0 && d.waiting[best].odds > overdue {
		d.accept(d.waiting[best], now)
	}
}

// interval is the usual distance of beats, in ticks.
func (d *Detector) interval() float32 {
	if d.intervals.n == 0 {
		return 0.8 * tickRate
	}
	return d.intervals.median
}

func (d *Detector) accept(c candidate, now int64) {
	if d.lastKnown && c.tick-d.last.tick < 2*tickRate {
		d.intervals.add(float32(c.tick - d.last.tick))
	}
	d.last, d.lastKnown = c, true
	d.energies.add(c.energy)
	d.slopes.add(c.slope)
	d.bulks.add(c.bulk)
	d.heights.add(c.height)
	d.narrowForms.learn(&d.narrow, c.centre+delayNarrow, narrowStride)
	d.wideForms.learn(&d.wide, c.centre+delayWide, wideStride)
	for i := 0; i < d.waitings; {
		if d.waiting[i].tick <= c.tick+refractory {
			d.drop(i)
			continue
		}
		i++
	}
	sure := float32(1 / (1 + math.Exp(-float64(c.odds))))
	d.doubts.add(doubt{tick: now, share: 1 - sure, beat: true})
	d.out = append(d.out, Beat{
		Sample:    d.middle(c.centre),
		Reported:  d.samples - 1,
		Certainty: sure,
	})
}

func (d *Detector) expire(now int64) {
	for d.waitings > 0 && now-d.waiting[0].tick > waitLast {
		if c := &d.waiting[0]; c.judged && c.possible {
			d.doubts.add(doubt{tick: now, share: float32(1 / (1 + math.Exp(-float64(c.odds))))})
		}
		d.drop(0)
	}
}

func (d *Detector) drop(i int) {
	copy(d.waiting[i:d.waitings], d.waiting[i+1:d.waitings])
	d.waitings--
}
