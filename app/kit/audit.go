package kit

import (
	"context"
	"time"

	"fieldkit/app/store"
	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// watched says who saw what from when to when.
type watched struct {
	watching
	From, To time.Time
}

// watched writes to the audit log who began to watch whom: once in a session for
// each encounter, when its watching is first told, so that no crash loses it.
func (l *live) watched(ctx context.Context, in watched) error {
	author, err := l.kit.sessions.check(in.Token)
	if err != nil {
		return errRefused("the session is over")
	}
	l.auditing.Lock() // nobody reads on the word of an entry that is not on disk yet
	defer l.auditing.Unlock()
	if !l.kit.sessions.firstLook(in.Token, in.Encounter) {
		return nil
	}
	if err := l.kit.audit(ctx, author, in.Encounter, in.From); err != nil {
		l.kit.sessions.forgetLook(in.Token, in.Encounter) // told again within a minute
		return err
	}
	return nil
}

// audit writes one entry of the audit log.
func (k *Kit) audit(ctx context.Context, author chart.Author, encounter chart.ID, from time.Time) error {
	// Frames come before the record: looking at them must not decide whose it is.
	of, err := k.teamOf(ctx, encounter)
	if err != nil {
		return err
	}
	if of == nil {
		of = k.share
	}
	m := of.member.Load()
	if m == nil {
		return storeFault(store.ErrLocked)
	}
	body, err := stampedBody(k.clock, &chart.Watched{Encounter: encounter, Where: "page"}, k.plate.Training)
	if err != nil {
		return err
	}
	body.Author, body.Happened = author, journal.Millis(from)
	_, err = k.store.Commit(ctx, m.signer, []store.Draft{{Team: m.team, Log: journal.Audit, Body: body}})
	return storeFault(err)
}
