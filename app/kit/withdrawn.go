package kit

import (
	"context"
	"errors"
	"fmt"
	"time"

	"fieldkit/app/api"
	"fieldkit/app/store"
	"fieldkit/sync/identity"
	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// What a tablet does that reads in the team log that it was withdrawn: at once it
// stops sharing, streaming and showing what others wrote, and says so. Its own
// recording goes on while somebody who is signed in cares for a patient. When nobody
// does, or after four hours, it drops every key but the team's recovery key and
// locks. What it wrote and had not sent yet stays in it.

const (
	keptWithdrawn = "withdrawn since"
	// withdrawnMost is how long care may go on at a withdrawn tablet.
	withdrawnMost = 4 * time.Hour
	// withdrawnGrace is how long nobody may be signed in, or no encounter be open,
	// before it locks: a recorder that restarts has no session for a moment.
	withdrawnGrace = time.Minute
	withdrawnEvery = time.Second
)

const withdrawnSays = "This tablet was withdrawn from its team: it shares nothing and shows nothing of what others recorded."

// withholds reports whether an entry is not shown: another's, on a withdrawn tablet.
func (s *share) withholds(e store.Entry) bool {
	if !s.withdrawn.Load() || e.Log == journal.Team {
		return false
	}
	m := s.member.Load()
	return m == nil || e.Ref.Device != m.device
}

// noticeWithdrawal sets whether this tablet is out and, when it is, ends sharing.
func (s *share) noticeWithdrawal(ctx context.Context, m *membership, r *identity.Roster) {
	self, ok := r.Member(m.device)
	out := ok && self.Out
	if was := s.withdrawn.Swap(out); was == out {
		return
	}
	if !out {
		if !s.home() {
			return
		}
		if err := s.kit.store.Keep(ctx, keptWithdrawn, nil); err != nil {
			s.kit.log.Warn("the end of the withdrawal could not be noted", "reason", err)
		}
		s.kit.log.Info("this tablet belongs to its team again")
		return
	}
	if s.home() {
		s.kit.log.Error("this tablet was withdrawn from its team; it stops sharing and shows only its own entries")
	} else {
		s.kit.log.Error("this tablet was withdrawn from one of its teams; it stops sharing there")
	}
	select {
	case s.halt <- struct{}{}:
	default:
	}
}

// withdrawnSince is when this tablet first read that it is out, by its own clock. It
// is kept, so that a restart begins nothing anew.
func (k *Kit) withdrawnSince(ctx context.Context) (time.Time, error) {
	b, err := k.store.Kept(ctx, keptWithdrawn)
	var since time.Time
	if err == nil {
		err = since.UnmarshalText(b)
	}
	if err == nil || !errors.Is(err, store.ErrNotKept) {
		return since, err
	}
	return k.noteWithdrawn(ctx)
}

func (k *Kit) noteWithdrawn(ctx context.Context) (time.Time, error) {
	since, _ := k.clock.Wall()
	b, err := since.MarshalText()
	if err == nil {
		err = k.store.Keep(ctx, keptWithdrawn, b)
	}
	return since, err
}

// caring reports whether an encounter that this station opened, or whose monitor it
// has, is open.
func (k *Kit) caring(ctx context.Context) (bool, error) {
	cards, err := k.store.Cards(ctx)
	if err != nil {
		return false, err
	}
	m, err := k.member()
	if err != nil {
		return false, err
	}
	for _, card := range cards {
		course := k.summary(ctx, card).Course()
		if course.Status == chart.Closed || course.Status == chart.StoodDown {
			continue
		}
		if k.record.busy(card.Subject) || course.Opened != nil && course.Opened.Ref.Device == m.device {
			return true, nil
		}
	}
	return false, nil
}

// overdue reports whether the four hours are over. A clock that was set back does
// not lengthen them.
func (k *Kit) overdue(ctx context.Context) (bool, error) {
	since, err := k.withdrawnSince(ctx)
	if err != nil {
		return false, err
	}
	now, _ := k.clock.Wall()
	return now.Sub(since) >= withdrawnMost || now.Before(since.Add(-withdrawnGrace)), nil
}

// guardWithdrawn locks a withdrawn tablet when care has ended, until ctx ends.
func (k *Kit) guardWithdrawn(ctx context.Context) {
	tick := time.NewTicker(withdrawnEvery)
	defer tick.Stop()
	idle := k.clock.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if !k.share.withdrawn.Load() || k.store.Locked() {
			idle = k.clock.Now()
			continue
		}
		care, err := k.caring(ctx)
		late, lateErr := k.overdue(ctx)
		if err := errors.Join(err, lateErr); err != nil {
			if ctx.Err() == nil && !errors.Is(err, store.ErrLocked) {
				k.log.Warn("whether to lock this withdrawn tablet could not be read; it is tried again", "reason", err)
			}
			continue
		}
		needed := k.share.reopened.Load() || care && k.sessions.any()
		if needed {
			idle = k.clock.Now()
		}
		if late || !needed && k.clock.Now().Sub(idle) >= k.share.grace {
			k.turning.Lock()
			err := k.closeForGood(ctx)
			k.turning.Unlock()
			if err != nil && ctx.Err() == nil {
				k.log.Error("this withdrawn tablet is not locked yet; it is tried again", "reason", err)
			}
		}
	}
}

// closeWithdrawn keeps a withdrawn tablet from being opened but for care that goes
// on. Caller holds turning.
func (k *Kit) closeWithdrawn(ctx context.Context) error {
	if !k.share.withdrawn.Load() || k.share.reopened.Load() {
		return nil
	}
	care, err := k.caring(ctx)
	late, lateErr := k.overdue(ctx)
	if err := errors.Join(err, lateErr); err != nil {
		return storeFault(err)
	}
	if care && !late {
		return nil
	}
	if err := k.closeForGood(ctx); err != nil {
		return err
	}
	return errWithdrawn()
}

func errWithdrawn() error {
	return &api.Fault{Code: api.CodeLocked, What: "this tablet was withdrawn from its team, and only the team's recovery words open it", Do: "Bring it to an admin: 'team recover --open'. What it had not sent yet is still in it."}
}

// closeForGood drops every key but the recovery key and locks. Caller holds turning.
func (k *Kit) closeForGood(ctx context.Context) error {
	if g := k.share.roster.Load().Genesis; g != nil {
		if err := k.keepRecoverySlot(ctx, g); err != nil {
			return fmt.Errorf("keep the recovery key: %w", err)
		}
	}
	told := k.close()
	if err := k.store.KeepRecoveryOnly(ctx); err != nil {
		return errors.Join(err, told)
	}
	k.log.Error("this withdrawn tablet is locked; only the team's recovery words open it")
	return told
}

// withdrawnWords is what the state says of it, "" while this tablet belongs.
func (k *Kit) withdrawnWords(ctx context.Context) string {
	if k.store.Locked() {
		if only, err := k.store.OnlyRecovery(ctx); err == nil && only {
			return "This tablet was withdrawn from its team and is locked: only the team's recovery words open it. What it had not sent yet is still in it."
		}
		return ""
	}
	if !k.share.withdrawn.Load() {
		return ""
	}
	return withdrawnSays + " It locks when no encounter is open, and after 4 hours."
}

// parting is what a withdrawn device is told when it calls: the team log as far as
// whoever withdrew it had seen it, up to the withdrawal itself, and nothing later.
func (s *share) parting(d chart.Device) []journal.Piece {
	r := s.roster.Load()
	if r == nil {
		return nil
	}
	revocations := r.Revocations(d)
	if len(revocations) == 0 {
		return nil
	}
	e := revocations[0]
	heads, err := s.heads(context.Background())
	if err != nil {
		return nil
	}
	upTo := journal.Vector{}
	for _, saw := range append(e.Saw, e.Ref) {
		upTo.Add(saw)
	}
	var out []journal.Piece
	full := errors.New("enough")
	for _, h := range heads {
		if h.Log != journal.Team || !upTo.Holds(h.Ref(1)) {
			continue
		}
		err := s.kit.store.Pieces(context.Background(), h.Device, h.Log, h.Epoch, 0, func(p journal.Piece) error {
			if !upTo.Holds(h.Ref(p.Head.Seq + 1)) {
				return full
			}
			out = append(out, p)
			return nil
		})
		if err != nil && !errors.Is(err, full) {
			return nil
		}
	}
	return out
}
