package kit

import (
	"path/filepath"
	"testing"
	"time"

	"fieldkit/triage/chart"
)

// A helicopter of another service reads the one encounter that the crew shared with it.
// It knows nothing of what the team erased since the backup was made, nor is it a witness
// of what day it is.
func TestAStrangerNeitherConfirmsARestoredRecordNorTheClock(t *testing.T) {
	a := newPost(t, "AMB-1", nil, anAdmin)
	a.clock.network = func() bool { return true }
	v := newVisitor(t, a) // its clock is a's, kept by a network
	encounter, _ := admitted(t, a.Kit, a.token, "Diallo")
	a.mustGive(encounter, v, time.Hour)
	backup := filepath.Join(t.TempDir(), "backup")
	if err := a.Backup(t.Context(), a.token, backup); err != nil {
		t.Fatal(err)
	}
	a.end()
	dir := filepath.Join(t.TempDir(), "again")
	if err := Restore(t.Context(), backup, dir, a.plate); err != nil {
		t.Fatal(err)
	}
	k, token := opened_(t, dir)
	b := &post{Kit: k, t: t, token: token}
	b.shares()
	v.visits(b)
	eventually(t, "the stranger is level", func() bool {
		p := b.x.Peers()
		return len(p) == 1 && p[0].Connected && p[0].Level && p[0].RoundTrip > 0 && p[0].Trust != chart.ClockUnset
	})
	if over := b.share.confirmOnce(t.Context(), b.x); over {
		t.Error("a stranger ended the doubt over a restored record")
	}
	if restored, err := k.store.Restored(t.Context()); err != nil || !restored {
		t.Errorf("restored is %v, %v", restored, err)
	}
	if l := k.keepLook(k.share.roster.Load()); l.agree || l.before {
		t.Errorf("a stranger is a witness of the date: %+v", l)
	}
}
