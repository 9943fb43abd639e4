package sound

import (
	"time"

	"fieldkit/triage/alarm"
)

// A Keeper keeps the rhythm of bursts. The zero Keeper has sounded nothing. It is
// not safe for concurrent use.
type Keeper struct {
	last alarm.Priority // of the burst that sounded last, None when all was quiet since
	next time.Time      // when the next is due
}

// Due reports whether a burst of p begins now, where p is the highest priority that
// stands and that nobody has acknowledged or paused. A worse one does not wait for
// the one before; a milder one does, so that a value at the edge of two limits does
// not sound without end.
func (k *Keeper) Due(now time.Time, p alarm.Priority) bool {
	switch {
	case p == alarm.None:
		// What was quiet sounds at once when it comes back, but no burst is cut into.
		if now.After(k.next) || k.last == alarm.None {
			k.last = alarm.None
		}
		return false
	case p <= k.last && now.Before(k.next):
		return false
	}
	k.last, k.next = p, now.Add(Long(p)+Silent(p))
	return true
}
