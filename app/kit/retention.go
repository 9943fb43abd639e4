package kit

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"fieldkit/app/store"
	"fieldkit/sync/identity"
	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// A tenure is how long the records of one patient are kept here: of all encounters
// whose patients are the same or merged, counted from when they were last seen, so
// that nothing of somebody who still comes is removed.
type tenure struct {
	subjects []chart.ID // encounters, and patients with entries of no encounter
	last     time.Time  // the latest entry of any
	born     time.Time  // the latest that the birth can have been; zero: nobody said
	unsure   bool       // different things are said of that
	after    time.Time  // when it may go; zero: never
	held     string     // why it stays whatever the time, in words
	foreign  bool       // of another team than home, whose own stations keep its table
}

// tenures are those of all that is not removed yet, the one seen longest ago first.
func (k *Kit) tenures(ctx context.Context, r *identity.Roster) ([]tenure, error) {
	cards, err := k.store.Cards(ctx)
	if err != nil {
		return nil, err
	}
	var all []tenure
	var joined []int          // the tenure that each is part of, itself at first
	root := func(i int) int { // of the whole
		for joined[i] != i {
			i = joined[i]
		}
		return i
	}
	of := map[chart.ID]int{} // by patient
	for _, card := range cards {
		past, err := k.store.Past(store.Charted, card.Subject)
		if err != nil {
			return nil, err
		}
		if !past.IsZero() && card.Last <= past.UnixMilli() {
			continue
		}
		t, patients := k.tenureOf(ctx, card)
		at := len(all)
		all, joined = append(all, t), append(joined, at)
		for _, p := range patients {
			if other, known := of[p]; known && root(other) != at {
				other = root(other)
				all[at], joined[other] = all[at].with(all[other]), at
			}
			of[p] = at
		}
	}
	var out []tenure
	for i, t := range all {
		if joined[i] == i {
			t.after = t.until(r, t.last)
			out = append(out, t)
		}
	}
	slices.SortFunc(out, func(a, b tenure) int {
		return cmp.Or(a.last.Compare(b.last), bytes.Compare(a.subjects[0][:], b.subjects[0][:]))
	})
	return out, nil
}

// byEnd orders those that go, the first to go first.
func byEnd(all []tenure) {
	slices.SortStableFunc(all, func(a, b tenure) int { return a.after.Compare(b.after) })
}

// with is both as one.
func (t tenure) with(o tenure) tenure {
	t.subjects = append(t.subjects, o.subjects...)
	if o.last.After(t.last) {
		t.last = o.last
	}
	if o.born.After(t.born) {
		t.born = o.born
	}
	t.unsure, t.foreign = t.unsure || o.unsure, t.foreign || o.foreign
	t.held = cmp.Or(t.held, o.held)
	return t
}

// tenureOf is one subject's, and the patients it is of.
func (k *Kit) tenureOf(ctx context.Context, card store.Card) (tenure, []chart.ID) {
	c := k.summary(ctx, card)
	t := tenure{subjects: []chart.ID{card.Subject}, last: time.UnixMilli(card.Last).UTC()}
	patients := append(slices.Clone(card.Patients), c.Patients...)
	course := c.Course()
	if g := k.guestOf(k.rightful(ctx, card).Team); g != nil {
		return g.tenure(t, c), nil // what is said there of a patient is no word on one of ours
	}
	switch {
	case slices.Contains(card.Patients, card.Subject): // a patient's own entries, of no encounter
	case course.Status == chart.NotOpened:
		t.held = "its opening is not here"
	case course.Status == chart.Open || course.Status == chart.HandedOver:
		t.held = "not closed"
	}
	if t.last.Before(earliest) {
		t.held = cmp.Or(t.held, "when it was written is not known")
	}
	if of, err := k.teamOf(ctx, card.Subject); err != nil || of != nil && !of.home() {
		t.foreign, t.held = true, cmp.Or(t.held, "it is another team's, whose own stations go by its table")
	}
	row := c.Row()
	t.unsure = slices.Contains(row.InConflict, chart.FieldBirth) || slices.Contains(row.InConflict, chart.FieldAge)
	if months := monthsOf(row.Who, t.last); months >= 0 {
		t.born = t.last.AddDate(0, -months, 0)
	}
	return t, patients
}

// until is when the records of somebody last seen then may go, zero for never. Of whom
// the age is not known, or in doubt, the longest is taken.
func (t tenure) until(r *identity.Roster, last time.Time) time.Time {
	adult, minor := r.Keeps(identity.KeptAdult).Keep, r.Keeps(identity.KeptMinor).Keep
	switch {
	case t.unsure || t.born.IsZero():
		a, b := adult.After(last, last), minor.After(last, last)
		if a.IsZero() || b.IsZero() {
			return time.Time{}
		}
		if a.After(b) {
			return a
		}
		return b
	case !last.Before(t.born.AddDate(identity.MinorBefore, 0, 0)):
		return adult.After(last, last)
	}
	return minor.After(last, t.born)
}

// retain removes what is past its time now, and returns how many bodies went.
func (k *Kit) retain(ctx context.Context, r *identity.Roster, now time.Time) (int, error) {
	total, err := k.store.FinishExpiry(ctx)
	if err != nil {
		return total, storeFault(err)
	}
	if !slices.ContainsFunc(r.Retention(), func(row identity.KeepState) bool { return !row.ForEver() }) {
		return total, nil
	}
	all, err := k.tenures(ctx, r)
	if err != nil {
		return total, storeFault(err)
	}
	over := func(t tenure) bool { return t.held == "" && !t.after.IsZero() && t.after.Before(now) }
	due := map[chart.ID]bool{}
	for _, t := range all {
		for _, s := range t.subjects {
			due[s] = over(t)
		}
	}
	for _, t := range all {
		if !over(t) {
			n, err := k.thin(ctx, r, t, now)
			total += n
			if err != nil {
				return total, err
			}
			continue
		}
		last, why, err := k.weighWhole(ctx, t, due)
		if err != nil {
			return total, err
		}
		if after := t.until(r, last); why != "" || after.IsZero() || !after.Before(now) {
			continue
		}
		for _, subject := range t.subjects {
			for _, series := range []store.Series{store.Streamed, store.Charted} {
				n, err := k.store.Expire(ctx, series, subject, last)
				total += n
				if err != nil {
					return total, storeFault(err)
				}
			}
			k.live.folded.forget(subject)
		}
	}
	n, err := k.retainAudit(ctx, r, now)
	return total + n, err
}

// weighWhole reads a tenure's entries whole: the latest time at which any can have
// been written, and why it stays all the same, in words.
func (k *Kit) weighWhole(ctx context.Context, t tenure, due map[chart.ID]bool) (last time.Time, held string, err error) {
	last = t.last
	for _, subject := range t.subjects {
		entries, err := k.store.Encounter(ctx, subject)
		if err != nil {
			return last, "", storeFault(err)
		}
		read := k.read(entries)
		for i, e := range entries {
			c := read[i]
			if at := time.UnixMilli(store.TimeOf(e.Record.Envelope, journal.Millis(c.Wall))).UTC(); c.Absent == chart.Present && at.After(last) {
				last = at
			}
			if c.Absent == chart.Unread || c.Absent == chart.Damaged {
				return last, "it holds entries that this program cannot read", nil
			}
			if m, ok := c.Content.(*chart.RangeReassigned); ok {
				for _, other := range []chart.ID{m.FromEncounter, m.ToEncounter} {
					if stays, known := due[other]; known && !stays {
						return last, "entries were moved between it and an encounter that stays", nil
					}
				}
			}
		}
	}
	return last, "", nil
}

// thin removes the waveforms of encounters that stay, past the waveforms' own time.
func (k *Kit) thin(ctx context.Context, r *identity.Roster, t tenure, now time.Time) (total int, err error) {
	keep := r.Keeps(identity.KeptStream)
	if keep.ForEver() || t.foreign {
		return 0, nil
	}
	for _, subject := range t.subjects {
		card, err := k.store.Card(ctx, subject)
		if err != nil {
			return total, storeFault(err)
		}
		last := time.UnixMilli(card.Last).UTC()
		past, err := k.store.Past(store.Streamed, subject)
		if err != nil {
			return total, storeFault(err)
		}
		course := k.summary(ctx, card).Course().Status
		ended := course == chart.Closed || course == chart.StoodDown || course == chart.Unsettled
		if card.Seconds == 0 || !ended || last.Before(earliest) || !past.Before(last) || !keep.After(last, last).Before(now) {
			continue
		}
		n, err := k.store.Expire(ctx, store.Streamed, subject, last)
		total += n
		if err != nil {
			return total, storeFault(err)
		}
	}
	return total, nil
}

// retainAudit removes epochs of the audit log of which every entry is past its time.
func (k *Kit) retainAudit(ctx context.Context, r *identity.Roster, now time.Time) (total int, err error) {
	keep := r.Keeps(identity.KeptAudit)
	if keep.ForEver() {
		return 0, nil
	}
	heads, err := k.share.heads(ctx)
	if err != nil {
		return 0, storeFault(err)
	}
	for _, h := range heads { // never the whole log at once: it grows for as long as the row says
		if h.Log != journal.Audit || h.Seq == 0 {
			continue
		}
		// Within an epoch stamps only rise, and none is before what its writer's clock said.
		stamp, err := k.stampAt(ctx, h.Ref(h.Seq))
		if err != nil {
			continue // damaged, which verify names: it stays
		}
		last := time.UnixMilli(stamp.Millis()).UTC()
		past, err := k.store.Past(store.Audited, h.Epoch)
		if err != nil {
			return total, storeFault(err)
		}
		if last.Before(earliest) || !past.Before(last) || !keep.After(last, last).Before(now) {
			continue
		}
		n, err := k.store.Expire(ctx, store.Audited, h.Epoch, last)
		total += n
		if err != nil {
			return total, storeFault(err)
		}
	}
	return total, nil
}

// keepWords is a row for a person: "8 years and until the 25th birthday".
func keepWords(r identity.Keep) string {
	if r.ForEver() {
		return "for ever"
	}
	var out string
	if r.Years > 0 {
		out = count(int(r.Years), "year")
	}
	if r.Days > 0 {
		if out != "" {
			out += " "
		}
		out += count(int(r.Days), "day")
	}
	if r.Until > 0 {
		out += fmt.Sprintf(", and until the age of %d", r.Until)
	}
	return out
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
