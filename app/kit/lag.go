package kit

import (
	"time"

	"fieldkit/triage/vital"
)

// A lag is by how much later than they were taken a bed's samples are shown. A monitor
// sends them in runs, of some milliseconds or of a whole second, and the first of a run
// was taken before the tenth in which the run came; a frame tells of no time before its
// own. Shown as early as that allows, each run would begin at another distance from when
// it was taken, and an ECG in runs of 256 ms be half holes and half beats. So all
// traces of a bed are shown later by the same, which changes only when a run comes for
// which it is too little. The zero lag has seen no run.
type lag struct {
	by   time.Duration // whole milliseconds, as frames tell of time
	last vital.Instant // when a run came last
}

const (
	// lagSlack is how much later than the earliest runs others may come. Serial ports
	// and a busy machine were seen to hold bytes for 16 ms.
	lagSlack = 30 * time.Millisecond
	// lagKept is after how long without any run the traces begin anew.
	lagKept = 3 * time.Second
)

// of is the lag with which runs that came in a tenth are shown.
func (l *lag) of(runs []trace, tenth vital.Instant) time.Duration {
	if len(runs) == 0 {
		return l.by
	}
	if tenth.Sub(l.last) > lagKept {
		l.by = 0
	}
	l.last = tenth
	for _, w := range runs {
		need := tenth.Sub(w.Arrived)
		if need <= l.by || need > lateMost {
			continue
		}
		run := time.Duration(float64(len(w.Samples)) / w.Rate.Float() * float64(time.Second))
		l.by = min(max(need, run)+lagSlack, lateMost).Truncate(time.Millisecond)
	}
	return l.by
}
