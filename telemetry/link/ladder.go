package link

import "time"

// A Rung is how much the link can carry now. The caller shapes its frames by it;
// alarms go on every rung.
type Rung uint8

// The rungs, from the whole picture down.
const (
	Everything     Rung = 0 // all waveforms, ten frames a second
	ChosenWaveform Rung = 1 // only the waveform the crew chose, ten frames a second
	NumericsOnly   Rung = 2 // no waveform; two frames a second are enough
	NumericsSlow   Rung = 3 // numerics once a second
)

var rungWords = [...]string{"everything", "chosen waveform only", "numbers only", "numbers once a second"}

// String is the rung in words.
func (r Rung) String() string {
	if int(r) < len(rungWords) {
		return rungWords[r]
	}
	return "unknown"
}

// steps are the rungs with the sender's own saving between them. Before the crew
// loses a waveform the repeats go, and then frames wait for one another: on a
// frame of 60 bytes, 50 of headers of IP, UDP and RTP and 30 of ours are most of
// the cost. Three waveforms and numbers take 29, 18 and 9 kbit/s on the first
// three, the chosen waveform 7, the numbers 4 and 2.
var steps = [...]struct {
	rung     Rung
	previous int // frames repeated in every datagram
	together int // frames that go in one datagram
}{
	{Everything, repeats, 1},
	{Everything, 1, 1},
	{Everything, 0, 2},
	{ChosenWaveform, 0, 2},
	{NumericsOnly, repeats, 1},
	{NumericsSlow, repeats, 1},
}

// The first step on which frames share datagrams, and the first without a waveform.
const (
	togetherStep = 2
	numbersStep  = 4
)

// When the ladder is climbed. Loss alone is no congestion: a bad radio loses at
// random, and fewer bytes would not help. A queue that grows is.
const (
	queueFull    = 120 * time.Millisecond // for fullFor: one step down
	queueFlooded = 400 * time.Millisecond // at once: numbers only, until it has drained
	drainMost    = 4 * time.Second        // and when numbers alone do not drain it, no more than they
	fullFor      = 400 * time.Millisecond
	settleFor    = time.Second // after a step down, for the queue to drain
	queueClear   = 50 * time.Millisecond
	clearFirst   = 5 * time.Second // clear for so long: one step up
	clearUntried = time.Second     // or so long where nothing speaks against it yet
	clearMost    = 80 * time.Second
)

// A ladder holds the rung. The zero ladder carries everything. It is pure.
type ladder struct {
	step      int
	drains    time.Duration // since when only numbers go so that a flood drains, 0: they need not
	fullSince time.Duration // 0: the queue is not full
	clear     time.Duration // since when the queue is clear, 0: it is not
	held      time.Duration // no step down before, unless the queue grows on
	stepped   time.Duration // the queue at the last step down
	climbed   time.Duration // when it last went up
	wait      time.Duration // how long it must be clear to go up
}

func (l *ladder) rung() Rung {
	if l.drains > 0 {
		return max(NumericsOnly, steps[l.step].rung)
	}
	return steps[l.step].rung
}

func (l *ladder) previous() int   { return steps[l.step].previous }
func (l *ladder) together() int   { return steps[l.step].together }
func (l *ladder) redundant() bool { return l.previous() == repeats }

// carefully begins on a line that was slow to dial: with all waveforms and without
// a repeat. If it was only loss that made it slow, the repeats come soon.
func (l *ladder) carefully() { l.step, l.wait = togetherStep, clearUntried }

// heard moves the ladder by one report. A climb that had to be taken back soon
// doubles the wait for the next one.
func (l *ladder) heard(now time.Duration, r report) {
	if l.wait == 0 {
		l.wait = clearFirst
	}
	now = max(now, 1) // 0 marks "not"
	if l.drains > 0 && !l.drained(now, r) {
		return
	}
	if r.queue < queueClear {
		l.fullSince = 0
		if l.clear == 0 {
			l.clear = now
		}
		if l.step > 0 && now-l.clear >= l.wait {
			l.step, l.clear, l.climbed = l.step-1, now, now
		}
		if l.step == 0 && now-l.climbed > clearMost {
			l.wait = clearFirst
		}
		return
	}
	l.clear = 0
	if r.queue < queueFull {
		l.fullSince = 0
		return
	}
	if l.fullSince == 0 {
		l.fullSince = now
	}
	grows := r.queue >= queueFlooded && r.queue > 2*l.stepped // the step down was not enough
	if (now < l.held && !grows) || (r.queue < queueFlooded && now-l.fullSince < fullFor) {
		return
	}
	if l.climbed > 0 && now-l.climbed < 2*clearFirst {
		l.wait = min(max(2*l.wait, clearFirst), clearMost)
	}
	l.step = min(l.step+1, len(steps)-1)
	if r.queue >= queueFlooded && l.step < numbersStep {
		l.drains = now
	}
	l.stepped = r.queue
	l.held, l.fullSince = now+settleFor+3*r.queue, 0 // half of the rate drains it in twice its time
}

// drained says that a flood is over: it has run off, or numbers alone keep it up
// and are all that goes from now on.
func (l *ladder) drained(now time.Duration, r report) bool {
	switch {
	case r.queue < queueFull: // not clear: a lone datagram takes 70 ms over 16 kbit/s
	case now-l.drains >= drainMost:
		l.step = max(l.step, numbersStep)
	default:
		return false
	}
	l.drains, l.fullSince, l.clear, l.held = 0, 0, 0, now+settleFor+r.queue
	return true
}
