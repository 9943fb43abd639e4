package kit

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"fieldkit/app/api"
	"fieldkit/app/store"
	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
)

// Who came in at a running station, went out and was turned away is in its audit log:
// who, when, and how it was checked; no secret, nor what was typed for one. That it
// cannot be written, on a full disk or in a locked store, keeps nobody from a patient:
// then it is in the log file, and how many were turned away meanwhile in the next entry.

// Ways of coming in, as they stand in the record.
const (
	howPIN        = "PIN"
	howBadge      = "badge"
	howPassphrase = "passphrase"
	howPassword   = "password"
	howRecovery   = "recovery words"
	howEmergency  = "emergency"
	atStation     = "station"
	atPage        = "page"
)

// turnedAwayMost bounds the entries about people turned away in a minute: who tries all
// PINs must not fill the disk.
const turnedAwayMost = 10

// turnedAway counts those who were turned away. Safe for concurrent use.
type turnedAway struct {
	mu     sync.Mutex
	since  vital.Instant // the minute began
	n      int           // entries in it
	silent uint32        // without an entry yet
}

// count takes one more in, and says for how many an entry is to be written now, 0 for
// none.
func (c *turnedAway) count(now vital.Instant) uint32 {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now.Sub(c.since) >= time.Minute || c.n == 0 {
		c.since, c.n = now, 0
	}
	c.silent++
	if c.n >= turnedAwayMost {
		return 0
	}
	c.n++
	n := c.silent
	c.silent = 0
	return n
}

// back takes back what count gave: it could not be written.
func (c *turnedAway) back(n uint32) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.silent += n
}

// left are those without an entry yet.
func (c *turnedAway) left() uint32 {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.silent
	c.silent = 0
	return n
}

// cameIn notes a session that has begun.
func (k *Kit) cameIn(ctx context.Context, t api.Token, how, where string) {
	in, err := k.sessions.signedIn(t)
	if err != nil {
		return
	}
	if k.noteAccess(ctx, access{in.author, &chart.Access{Act: chart.CameIn, How: how, Where: where}}) {
		k.sessions.note(t, how, where)
	}
}

// wentOut notes sessions that somebody ended.
func (k *Kit) wentOut(ctx context.Context, ended ...signedIn) {
	var all []access
	for _, in := range ended {
		if in.noted != "" {
			all = append(all, access{in.author, &chart.Access{Act: chart.WentOut, How: in.noted, Where: in.where}})
		}
	}
	if len(all) > 0 {
		k.noteAccess(ctx, all...)
	}
}

// refused notes that somebody was turned away. Person is a name that is known here, or
// "": what is typed for a name may be a secret.
func (k *Kit) refused(ctx context.Context, person, how, where string, lockedOut bool) {
	n := k.away.count(k.clock.Now())
	if n == 0 {
		return
	}
	what := &chart.Access{Act: chart.TurnedAway, How: how, Where: where, Person: person}
	if lockedOut {
		what.Act = chart.LockedOut
	}
	if n > 1 {
		what.Times = n
	}
	if !k.noteAccess(ctx, access{chart.Author{Checked: chart.CheckedStation}, what}) {
		k.away.back(n)
	}
}

// An access is one entry to be written, and by whom.
type access struct {
	author chart.Author
	what   *chart.Access
}

// noteAccess writes entries of the audit log, with those that waited, and reports
// whether they are on disk.
func (k *Kit) noteAccess(ctx context.Context, all ...access) bool {
	if !k.recording() {
		return false
	}
	m, err := k.member()
	if err != nil {
		return false
	}
	lapsed := k.sessions.lapses()
	for _, in := range lapsed {
		all = append(all, access{in.author, &chart.Access{Act: chart.WentOut, How: in.noted, Where: in.where}})
	}
	var missed uint32
	if all[0].what.Act == chart.CameIn {
		if missed = k.away.left(); missed > 0 {
			all = append(all, access{chart.Author{Checked: chart.CheckedStation}, &chart.Access{Act: chart.TurnedAway, Where: atStation, Times: missed}})
		}
	}
	for part := range slices.Chunk(all, store.MaxCommit) {
		var drafts []store.Draft
		for _, a := range part {
			body, err := stampedBody(k.clock, a.what, k.plate.Training)
			if err != nil {
				k.log.Error("who came in or went out is not in the audit log", "reason", err)
				return false
			}
			body.Author = a.author
			drafts = append(drafts, store.Draft{Team: m.team, Log: journal.Audit, Body: body})
		}
		if _, err := k.store.Commit(context.WithoutCancel(ctx), m.signer, drafts); err != nil {
			k.away.back(missed)
			k.log.Error("who came in or went out is not in the audit log", "act", part[0].what.Act, "reason", storeFault(err))
			return false
		}
	}
	return true
}

// endSessions ends every session, as locking does.
func (k *Kit) endSessions(ctx context.Context) {
	ended := k.sessions.endWhere(func(signedIn) bool { return true })
	k.wentOut(ctx, slices.Collect(maps.Values(ended))...)
}

// pinLockedOut reports whether a person's PIN is not tried for now.
func (k *Kit) pinLockedOut(ctx context.Context, person string) bool {
	s, err := k.secrets(ctx)
	v := s.Of[person]
	return err == nil && v.Tries >= lockedOutAfter && time.Since(v.Tried).Abs() < lockedOutFor
}

// badgeLockedOut reports whether no badge is read for now.
func (k *Kit) badgeLockedOut() bool {
	k.signingIn.Lock()
	defer k.signingIn.Unlock()
	return k.clock.Now().Sub(k.strange.last) < k.strange.wait()
}

// refusedSecret notes a PIN or badge that was not taken.
func (k *Kit) refusedSecret(ctx context.Context, in api.SignIn) {
	if in.Badge != "" {
		k.refused(ctx, "", howBadge, atStation, k.badgeLockedOut())
		return
	}
	person := ""
	if _, ok := k.person(in.Person); ok {
		person = in.Person
	}
	k.refused(ctx, person, howPIN, atStation, person != "" && k.pinLockedOut(ctx, person))
}

// refusedAccount notes a name and password of the page's that were not taken.
func (k *Kit) refusedAccount(ctx context.Context, name string) {
	known, err := k.accounts(ctx)
	a, ok := known[name]
	if err != nil || !ok {
		name = ""
	}
	k.refused(ctx, name, howPassword, atPage, ok && a.lockedOut())
}
