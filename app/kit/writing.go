package kit

import (
	"context"
	"errors"
	"slices"
	"time"

	"fieldkit/app/store"
	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
)

// pending is an entry that waits for the store. Its content is made when it is
// written, so that it can name entries written before it.
type pending struct {
	encounter, patient chart.ID
	wall               time.Time
	trust              chart.Trust
	mono               vital.Instant
	log                journal.Log
	author             chart.Author
	content            func() chart.Content // nil content: nothing is written
	done               func(chart.Ref)      // with the recording's lock held; may be nil
}

func (r *record) push(p pending) {
	r.backlog = append(r.backlog, p)
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// write takes the backlog to the store until ctx ends. What the store does not
// take stays and is tried again; nothing is dropped silently.
func (r *record) write(ctx context.Context, s *store.Store, m *membership) {
	said := ""
	for {
		taken := r.take()
		if len(taken) == 0 {
			select {
			case <-ctx.Done():
				return
			case <-r.wake:
			}
			continue
		}
		if err := r.commit(ctx, s, m, taken); err != nil {
			if ctx.Err() != nil {
				return
			}
			if said != err.Error() { // once, not every second
				said = err.Error()
				r.log.Error("entries wait for the disk", "reason", err)
			}
			r.setTrouble("Not recording: " + storeFault(err).Error())
			select {
			case <-ctx.Done():
				return
			case <-time.After(retryCommit):
			}
			continue
		}
		if said != "" {
			said = ""
			r.log.Info("the disk takes entries again")
		}
		r.setTrouble("")
	}
}

// drained waits until nothing waits for the store, or patience is over, and says
// how many entries still do. The writer must be running.
func (r *record) drained(patience time.Duration) (left int) {
	for end := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		r.mu.Lock()
		left = len(r.backlog)
		r.mu.Unlock()
		if left == 0 || time.Now().After(end) {
			return left
		}
	}
}

// busy reports whether more is to come of an encounter: a monitor is bound to it,
// or entries of it wait for the store.
func (r *record) busy(encounter chart.ID) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.beds[encounter] != nil || slices.ContainsFunc(r.backlog, func(p pending) bool { return p.encounter == encounter })
}

// take is the front of the backlog, at most one transaction's worth. It stays in
// the backlog until it is on disk.
func (r *record) take() []pending {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.backlog[:min(len(r.backlog), store.MaxCommit)]
}

func (r *record) setTrouble(words string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.trouble = words
}

// commit writes entries in order. Those that may name others before them are
// written after these are on disk, so it works in runs of one log.
func (r *record) commit(ctx context.Context, s *store.Store, m *membership, entries []pending) error {
	for len(entries) > 0 {
		n := 1
		for n < len(entries) && entries[n].log == entries[0].log && entries[n].log == journal.Stream {
			n++
		}
		var drafts []store.Draft
		var written []pending
		for _, p := range entries[:n] {
			ds, err := r.draft(ctx, s, m, p)
			if err != nil {
				return err
			}
			for i, d := range ds {
				if i > 0 {
					p.done = nil // once
				}
				drafts, written = append(drafts, d), append(written, p)
			}
		}
		refs, err := s.Commit(ctx, m.signer, drafts)
		if err != nil {
			return err
		}
		r.mu.Lock()
		for i, ref := range refs {
			if written[i].done != nil {
				written[i].done(ref)
			}
		}
		r.backlog = r.backlog[n:]
		if len(r.backlog) == 0 {
			r.backlog = nil
		}
		r.mu.Unlock()
		entries = entries[n:]
	}
	return nil
}

// draft makes the entry, and one for each team of what is of no encounter and every
// team must know; none when there is nothing to write after all.
func (r *record) draft(ctx context.Context, s *store.Store, m *membership, p pending) ([]store.Draft, error) {
	content := p.content()
	if content == nil {
		return nil, nil
	}
	content, lost := fit(content)
	if lost > 0 {
		r.misfit(p, lost, errors.New("a value or waveform breaks a rule of the record"))
	}
	if err := content.Validate(); err != nil {
		r.misfit(p, 1, err)
		return nil, nil
	}
	encoded, err := journal.EncodeContent(content)
	if err != nil {
		r.misfit(p, 1, err)
		return nil, nil
	}
	var saw []chart.Ref
	if p.log == journal.Chart {
		if saw, err = sawOf(ctx, s, p.encounter, p.patient); err != nil {
			return nil, err
		}
	}
	var teams []journal.TeamID
	if p.log == journal.Team {
		for _, of := range m.share.kit.shares() {
			if to := of.member.Load(); to != nil {
				teams = append(teams, to.team)
			}
		}
	} else {
		subject := p.encounter
		if subject == (chart.ID{}) {
			subject = p.patient
		}
		to, err := m.share.kit.place(ctx, subject)
		if err != nil {
			return nil, err
		}
		teams = append(teams, to.team)
	}
	d := store.Draft{Log: p.log, Body: journal.Body{
		Wall: journal.Millis(p.wall), Trust: p.trust, Boot: r.clock.Boot(), Mono: time.Duration(p.mono).Milliseconds(),
		Happened: journal.Millis(p.wall), Author: p.author, Patient: p.patient, Encounter: p.encounter, Saw: saw,
		Demo: r.training, Type: content.Type(), Content: encoded,
	}}
	if _, err := journal.EncodeBody(d.Body); err != nil {
		r.misfit(p, 1, err)
		return nil, nil
	}
	out := make([]store.Draft, len(teams))
	for i, team := range teams {
		out[i] = d
		out[i].Team = team
	}
	return out, nil
}

// misfit counts and logs what the record does not take: the station's own mistake,
// which must neither stop the entries behind it nor go unsaid.
func (r *record) misfit(p pending, lost int, why error) {
	r.mu.Lock()
	r.unfit += uint64(lost)
	r.mu.Unlock()
	r.log.Error("something of the station's own breaks a rule and is not recorded", "log", p.log, "reason", why)
}

// fit is a second without the values and waveforms that break a rule, and how many
// those were: one impossible value must not take the others with it.
func fit(c chart.Content) (kept chart.Content, lost int) {
	s, ok := c.(*chart.Second)
	if !ok || s.Validate() == nil {
		return c, 0
	}
	out := &chart.Second{Monitors: s.Monitors}
	for _, v := range s.Values {
		if (&chart.Second{Monitors: s.Monitors, Values: []chart.Vital{v}}).Validate() == nil {
			out.Values = append(out.Values, v)
		}
	}
	for _, b := range s.Blocks {
		tried := chart.Second{Monitors: s.Monitors, Blocks: append(out.Blocks[:len(out.Blocks):len(out.Blocks)], b)}
		if tried.Validate() == nil {
			out.Blocks = tried.Blocks
		}
	}
	return out, len(s.Values) - len(out.Values) + len(s.Blocks) - len(out.Blocks)
}

// sawOf is what this station has folded of an encounter and its patient.
func sawOf(ctx context.Context, s *store.Store, subjects ...chart.ID) ([]chart.Ref, error) {
	var folded journal.Folded
	for _, id := range subjects {
		if id == (chart.ID{}) {
			continue
		}
		card, err := s.Card(ctx, id)
		if errors.Is(err, store.ErrNoSubject) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, ref := range card.Held {
			folded.Add(ref)
		}
	}
	return folded.Saw(), nil
}
