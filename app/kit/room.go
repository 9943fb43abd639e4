package kit

import (
	"context"
	"fmt"
	"time"

	"fieldkit/app/store"
)

// A disk that fills must not take from the record what is charted: waveforms, which are
// nearly all of it, give way before it is full, in words, and numbers go on. What no
// other station is known to hold is never dropped for want of room.

const (
	// roomNear is how much free room is said to be little, and roomLeast how much is kept
	// for numbers and for what is charted: at 5 MiB an hour a gibibyte is a week of a busy
	// crew. Of a small disk both are less.
	roomNear, nearShare   = 2 << 30, 0.15
	roomLeast, leastShare = 1 << 30, 0.03
	// roomAgain is by how much there must be more before waveforms are recorded again, so
	// that they do not come and go.
	roomAgain = 1.25
	roomEvery = 30 * time.Second
)

// room is how much there is for new entries, in bytes, and what follows.
type room struct {
	free, total int64
	full        bool // no waveforms are recorded
}

// look is r with what the disk says now.
func (r room) look(free, total int64) room {
	least := min(float64(roomLeast), leastShare*float64(total))
	if r.full {
		least *= roomAgain
	}
	return room{free, total, float64(free) < least}
}

// near reports whether there is so little that a person should make room.
func (r room) near() bool {
	return r.total > 0 && (r.full || float64(r.free) < min(float64(roomNear), nearShare*float64(r.total)))
}

// words say what a person should know of the room, "" while there is enough; without is
// how many stretches of waveform it has cost.
func (r room) words(without uint64) (out string) {
	const free = "Free some of it, or set with 'retention' that waveforms are kept for less time."
	left := fmt.Sprintf("%.1f GB left", float64(r.free)/1e9)
	switch {
	case r.full:
		return fmt.Sprintf("THE DISK IS NEARLY FULL, %s: waveforms are shown but not recorded, %d stretches so far. Numbers and what is charted are recorded. %s", left, without, free)
	case without > 0:
		return fmt.Sprintf("%d stretches of waveform were not recorded because the disk was nearly full.", without)
	case r.near():
		return fmt.Sprintf("The disk is filling, %s: before it is full waveforms are no longer recorded. %s", left, free)
	}
	return ""
}

// watchRoom looks at the disk until ctx ends.
func (k *Kit) watchRoom(ctx context.Context) {
	if k.store.ReadOnly() != "" {
		return
	}
	for {
		free, total, err := diskSpace(k.settings.Dir)
		if err == nil {
			err = k.lookAtRoom(ctx, int64(free), int64(total))
		}
		if err != nil && ctx.Err() == nil {
			k.log.Warn("how full the disk is could not be seen", "reason", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(roomEvery):
		}
	}
}

// lookAtRoom tells the recording how much room there is, after what others hold has made
// way where there is little.
func (k *Kit) lookAtRoom(ctx context.Context, free, total int64) error {
	inside, err := k.store.Room(ctx)
	if err != nil {
		return storeFault(err)
	}
	if (room{}).look(free+inside, total).near() {
		dropped, err := k.store.Prune(ctx, k.now(), store.Disk{Free: free, Total: total})
		if err != nil {
			return storeFault(err)
		}
		if dropped.Epochs > 0 {
			k.log.Info("dropped waveforms that others hold, for want of room", "epochs", dropped.Epochs)
			if inside, err = k.store.Room(ctx); err != nil {
				return storeFault(err)
			}
		}
	}
	k.record.setRoom(free+inside, total)
	return nil
}

func (r *record) setRoom(free, total int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	was := r.room.full
	if r.room = r.room.look(free, total); r.room.full != was {
		r.log.Warn("the disk decides whether waveforms are recorded", "recorded", was, "free", free)
	}
}
