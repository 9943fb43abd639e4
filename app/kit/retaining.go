package kit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"fieldkit/app/api"
	"fieldkit/app/store"
	"fieldkit/sync/identity"
	"fieldkit/triage/chart"
)

var _ api.Keeper = (*Kit)(nil)

const (
	keptKeepClock = "keeping clock"
	// lookEvery is how often the clock is looked at for what is removed by it, and
	// retainEvery how often something is removed.
	lookEvery   = 5 * time.Minute
	retainEvery = time.Hour
	leavingMost = 20 // shown
)

// retains looks at the clock and removes what is past its keeping time, until ctx
// ends. Each station does so by itself.
func (s *share) retains(ctx context.Context) {
	if s.kit.store.ReadOnly() != "" {
		return
	}
	for since := retainEvery; ; since += lookEvery {
		r := s.roster.Load()
		why, err := s.kit.lookAtClock(ctx, r)
		if err == nil && why == "" && since >= retainEvery && !s.withdrawn.Load() {
			var n int
			if n, err = s.kit.retain(ctx, r, s.kit.now()); n > 0 {
				s.kit.log.Info("removed past the keeping time", "entries", n)
			}
			since = 0
		}
		if err != nil && ctx.Err() == nil {
			s.kit.log.Error("what is past its keeping time was not removed; it is tried again", "reason", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-s.rekeep:
			since = retainEvery
		case <-time.After(lookEvery):
		}
	}
}

func (k *Kit) now() time.Time {
	now, _ := k.clock.Wall()
	return now
}

// lookAtClock notes what is seen of the time and says why nothing may be removed by
// it, "" when it may.
func (k *Kit) lookAtClock(ctx context.Context, r *identity.Roster) (string, error) {
	c, err := k.keepClock(ctx)
	if err != nil {
		return "", err
	}
	c, why := c.look(k.keepLook(r))
	if err := k.holdClock(ctx, c); err != nil {
		return "", err
	}
	if stays, err := k.tableWaits(ctx, r); err != nil || stays != "" {
		return stays, err
	}
	return why, nil
}

func (k *Kit) keepClock(ctx context.Context) (c keepClock, err error) {
	b, err := k.store.Kept(ctx, keptKeepClock)
	if errors.Is(err, store.ErrNotKept) {
		return c, nil
	}
	if err == nil {
		err = json.Unmarshal(b, &c)
	}
	if err != nil {
		return c, fmt.Errorf("read how far the clock is believed: %w", err)
	}
	return c, nil
}

func (k *Kit) holdClock(ctx context.Context, c keepClock) error {
	b, err := json.Marshal(c)
	if err == nil {
		err = k.store.Keep(ctx, keptKeepClock, b)
	}
	if err != nil {
		return fmt.Errorf("note how far the clock is believed: %w", err)
	}
	return nil
}

// tableWaits is why the table itself cannot be gone by, in words.
func (k *Kit) tableWaits(ctx context.Context, r *identity.Roster) (string, error) {
	switch restored, err := k.store.Restored(ctx); {
	case err != nil:
		return "", err
	case r == nil || r.Genesis == nil:
		return "the team's log has not come", nil
	case r.Unread > 0:
		return "entries of the team's log are missing or of a later version: the table may be out of date", nil
	case restored:
		return "this record was restored, and the table since is unknown until one exchange with the team", nil
	}
	return "", nil
}

// keepLook is what is seen of the time now.
func (k *Kit) keepLook(r *identity.Roster) keepLook {
	l := keepLook{boot: k.clock.Boot(), mono: k.clock.Now(), alone: true}
	l.wall, l.trust = k.clock.Wall()
	if r == nil {
		return l
	}
	l.table = fmt.Sprint(r.Table())
	self := k.share.member.Load()
	for _, m := range r.Members() {
		l.alone = l.alone && (m.Out || self != nil && m.Device == self.device)
	}
	k.share.mu.Lock()
	x := k.share.exchange
	k.share.mu.Unlock()
	if x == nil {
		return l
	}
	for _, p := range k.share.teamPeers(x) {
		if !p.Connected || p.Stalled || p.RoundTrip == 0 || p.Trust == chart.ClockUnset {
			continue
		}
		switch {
		case p.Offset < -keepAgree:
			l.before = true
		case p.Offset < keepAgree && p.Trust >= chart.ClockNetwork:
			l.agree = true
		}
	}
	return l
}

// Retention implements api.Keeper.
func (k *Kit) Retention(ctx context.Context, t api.Token) (api.Retention, error) {
	if _, err := k.sessions.check(t); err != nil {
		return api.Retention{}, err
	}
	if _, err := k.member(); err != nil {
		return api.Retention{}, err
	}
	return k.retention(ctx)
}

func (k *Kit) retention(ctx context.Context) (api.Retention, error) {
	r := k.share.roster.Load()
	out := api.Retention{Now: k.now(), Next: []api.Leaving{}, Held: map[string]int{}}
	c, err := k.keepClock(ctx)
	if err != nil {
		return out, storeFault(err)
	}
	if out.Waits, err = k.tableWaits(ctx, r); err != nil {
		return out, storeFault(err)
	}
	if out.Waits == "" {
		_, out.Waits = c.look(k.keepLook(r))
	}
	for _, row := range r.Retention() {
		shown := api.RetentionRow{
			Of: row.Of.String(), Keeps: keepWords(row.Keep), Years: int(row.Years), Days: int(row.Days), Until: int(row.Until), Disputed: row.Disputed,
		}
		if by, ok := r.Member(row.By.Device); ok {
			shown.By = by.CallSign
		}
		out.Rows = append(out.Rows, shown)
	}
	all, err := k.tenures(ctx, r)
	if err != nil {
		return out, storeFault(err)
	}
	var next []tenure
	for _, t := range all {
		switch {
		case t.held != "":
			out.Held[t.held]++
		case !t.after.IsZero():
			next = append(next, t)
		}
	}
	byEnd(next)
	for _, t := range next {
		if t.after.Before(out.Now) {
			out.Due++
		}
		if len(out.Next) < leavingMost {
			out.Next = append(out.Next, api.Leaving{Encounters: t.subjects, Last: t.last, After: t.after})
		}
	}
	return out, nil
}

// SetRetention implements api.Keeper.
func (k *Kit) SetRetention(ctx context.Context, t api.Token, s api.RetentionSet) (api.Retention, error) {
	author, m, err := k.administer(t, "Set it at an admin's station.")
	if err != nil {
		return api.Retention{}, err
	}
	if strings.TrimSpace(s.Why) == "" {
		return api.Retention{}, &api.Fault{Code: api.CodeInvalid, What: "the change has no reason", Do: "Say why with --reason; write nothing of a patient."}
	}
	fact := &identity.Retention{Why: s.Why}
	for _, row := range s.Rows {
		keep := identity.Keep{Years: uint16(row.Years), Days: uint16(row.Days), Until: uint8(row.Until)}
		if err := keep.Of.UnmarshalText([]byte(row.Of)); err != nil || int(keep.Years) != row.Years || int(keep.Days) != row.Days || int(keep.Until) != row.Until {
			return api.Retention{}, &api.Fault{Code: api.CodeInvalid, What: fmt.Sprintf("%q is no row of the table, or its time cannot be meant", row.Of), Do: "The rows are adult, minor, stream and audit."}
		}
		fact.Keep = append(fact.Keep, keep)
	}
	if err := fact.Validate(); err != nil {
		return api.Retention{}, &api.Fault{Code: api.CodeInvalid, What: err.Error(), Do: "Write it like adult=10y, minor=10y/28, stream=90d, audit=6y or adult=ever."}
	}
	if _, err := k.act(ctx, m, m.signer, author, fact); err != nil {
		return api.Retention{}, err
	}
	return k.retention(ctx)
}

// ConfirmDate implements api.Keeper.
func (k *Kit) ConfirmDate(ctx context.Context, t api.Token) (api.Retention, error) {
	if _, _, err := k.administer(t, "Confirm it at an admin's station, or bring this one in touch with another."); err != nil {
		return api.Retention{}, err
	}
	c, err := k.keepClock(ctx)
	if err != nil {
		return api.Retention{}, storeFault(err)
	}
	l := k.keepLook(k.share.roster.Load())
	if l.before {
		return api.Retention{}, &api.Fault{Code: api.CodeRefused, What: "another station in touch says that it is earlier", Do: "Look at the clocks of both, and set the one that is wrong."}
	}
	if l.trust == chart.ClockUnset {
		return api.Retention{}, &api.Fault{Code: api.CodeRefused, What: "this station's clock is not set", Do: "Set it first."}
	}
	c = keepClock{Table: c.Table, Wall: l.wall, Boot: l.boot, Mono: l.mono, Sure: true}
	if err := k.holdClock(ctx, c); err != nil {
		return api.Retention{}, storeFault(err)
	}
	return k.retention(ctx)
}

// retentionDispute is what people are told of a table that admins set while apart.
func (k *Kit) retentionDispute() string {
	r := k.share.roster.Load()
	if r == nil {
		return ""
	}
	for _, row := range r.Retention() {
		if row.Disputed {
			return "Two admins, while apart, set how long records are kept: the longer holds. See 'retention', and set it anew."
		}
	}
	return ""
}
