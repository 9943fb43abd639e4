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

// steps are the rungs with the sender's own saving between them: before the crew
// loses a waveform, the three repeats go.
var steps = [...]struct {
	rung      Rung
	redundant bool
}{
	{Everything, true},
	{Everything, false},
	{ChosenWaveform, true},
	{NumericsOnly, true},
	{NumericsSlow, true},
}

// numbersStep is the first step without a waveform.
const numbersStep = 3

// When the ladder is climbed. Loss alone is no congestion: a bad radio loses at
// random, and fewer bytes would not help. A queue that grows is.
const (
	queueFull    = 120 * time.Millisecond // for fullFor: one step down
	queueFlooded = 400 * time.Millisecond // at once: down to the numbers
	fullFor      = 400 * time.Millisecond
	settleFor    = time.Second // after a step down, for the queue to drain
	queueClear   = 50 * time.Millisecond
	clearFirst   = 5 * time.Second // clear for so long: one step up
	clearMost    = 80 * time.Second
)

// A ladder holds the rung. The zero ladder carries everything. It is pure.
type ladder struct {
	step      int
	fullSince time.Duration // 0: the queue is not full
	clear     time.Duration // since when the queue is clear, 0: it is not
	held      time.Duration // no step down before
	climbed   time.Duration // when it last went up
	wait      time.Duration // how long it must be clear to go up
}

func (l *ladder) rung() Rung      { return steps[l.step].rung }
func (l *ladder) redundant() bool { return steps[l.step].redundant }

// heard moves the ladder by one report. A climb that had to be taken back soon
// doubles the wait for the next one.
func (l *ladder) heard(now time.Duration, r report) {
	if l.wait == 0 {
		l.wait = clearFirst
	}
	now = max(now, 1) // 0 marks "not"
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
	if now < l.held || (r.queue < queueFlooded && now-l.fullSince < fullFor) {
		return
	}
	if l.climbed > 0 && now-l.climbed < 2*clearFirst {
		l.wait = min(2*l.wait, clearMost)
	}
	l.step = min(l.step+1, len(steps)-1)
	if r.queue >= queueFlooded {
		l.step = max(l.step, numbersStep)
	}
	l.held, l.fullSince = now+settleFor+r.queue, 0
}
