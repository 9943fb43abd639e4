package ambulance

import (
	"strings"
	"testing"
	"time"

	"fieldkit/triage/chart"
	"fieldkit/ui"
	"fieldkit/ui/lang"
	"fieldkit/ui/theme"
)

// openAudit opens the audit log as somebody who may read it.
func (r *rig) openAudit() {
	r.t.Helper()
	r.desk.Set(func(s *ui.Station) { s.SignedIn = "C. Moreau" })
	r.ask()
	for _, k := range []lang.Key{lang.LinkAndDevices, lang.AboutStation, lang.AuditWord} {
		r.tap(r.say(k))
	}
	r.settle()
}

// auditPages opens the pages of the audit log, for the tests that walk them all.
func auditPages(r *rig, look func(name string)) {
	was := r.station.SignedIn
	r.openAudit()
	look("audit")
	r.tap(r.say(lang.AuditOlder))
	r.settle()
	look("audit, older")
	r.tap(r.say(lang.BackToMonitor))
	r.desk.Set(func(s *ui.Station) { s.SignedIn = was })
	r.ask()
	for _, k := range []lang.Key{lang.LinkAndDevices, lang.AboutStation, lang.AuditWord} {
		r.tap(r.say(k))
	}
	r.settle()
	look("audit, refused")
	r.tap(r.say(lang.BackToMonitor))
}

func (r *rig) auditShown() (all []string) {
	for _, t := range r.page.(*audit).words.texts {
		if t.Text != "" {
			all = append(all, t.Text)
		}
	}
	return all
}

func TestTheAuditLogIsPagedAndEachPageIsOneQuestion(t *testing.T) {
	r := newRig(t, theme.Day, 1280, 800)
	r.run(time.Second)
	r.openAudit()
	r.run(10 * time.Second) // no question of its own while it stands
	r.settle()
	seen := map[string]bool{}
	for page := range 3 {
		rows := r.auditShown()
		for _, row := range rows {
			if seen[row] {
				t.Errorf("page %d: twice %q", page, row)
			}
			seen[row] = true
		}
		if page < 2 {
			r.tap(r.say(lang.AuditOlder))
			r.settle()
		}
	}
	if len(seen) != 21 || len(r.desk.Audits()) != 3 {
		t.Errorf("%d rows of 21 by %d questions", len(seen), len(r.desk.Audits()))
	}
	if !r.page.(*audit).page.Rows[0].At.Before(r.desk.Now()) || r.page.(*audit).page.Next != nil {
		t.Error("the last page does not end")
	}
	r.tap(r.say(lang.AuditNewest))
	r.settle()
	if !seen[r.auditShown()[0]] || !r.sees("1 to 8 of 21") {
		t.Errorf("the newest are %q", r.texts())
	}
}

func TestTheAuditLogIsReadOfOnePersonAndOfThePatientOnScreen(t *testing.T) {
	r := newRig(t, theme.Day, 1280, 800)
	r.run(time.Second)
	r.openAudit()
	r.tap(r.say(lang.AuditPatient))
	r.settle()
	rows := r.auditShown()
	for _, row := range rows {
		if !strings.Contains(row, "tag 0417") || !strings.Contains(row, r.say(lang.ActWatched)) {
			t.Errorf("of the patient on screen stands %q", row)
		}
	}
	if len(rows) != 5 || !r.sees("1 to 5.") {
		t.Errorf("%d rows, want 5: %q", len(rows), r.texts())
	}
	// The station looked as far back as it does for one page, and found nothing yet.
	r.page.(*audit).page = ui.AuditPage{Next: &ui.AuditMark{}}
	r.settle()
	if !r.sees(r.say(lang.AuditNotYet)) {
		t.Errorf("nobody is told to look further: %q", r.texts())
	}
	asked := len(r.desk.Audits())
	r.tap(r.say(lang.AuditOlder))
	r.settle()
	if len(r.desk.Audits()) != asked+1 {
		t.Error("nobody can look further")
	}
	r.tap(r.say(lang.AuditPatient))
	r.settle()
	r.tap(r.say(lang.AuditPerson)) // all, then A. Okoro
	r.settle()
	all := r.desk.Audits()
	if last := all[len(all)-1]; last.Person != "a" || last.About != (chart.ID{}) || last.After != nil {
		t.Errorf("asked was %+v", last)
	}
}

func TestWhoMayNotReadTheAuditLogSeesNoneOfIt(t *testing.T) {
	r := newRig(t, theme.Day, 1280, 800)
	r.run(time.Second)
	r.openAudit()
	r.desk.Set(func(s *ui.Station) { s.SignedIn = "A. Okoro" }) // the session is another's at the station
	r.tap(r.say(lang.AuditNewest))
	r.settle()
	if rows := r.auditShown(); len(rows) != 0 {
		t.Errorf("shown is %q", rows)
	}
	if !r.sees("does not allow") {
		t.Error("nobody is told why")
	}
	r.tap(r.say(lang.BackToMonitor))
	r.openAudit()
	if len(r.auditShown()) == 0 {
		t.Fatal("an admin sees nothing")
	}
	r.tap(r.station.SignedIn) // locks
	if r.sees(r.say(lang.ActWatched)) || r.sees(r.say(lang.ActCameIn)) {
		t.Error("a locked screen shows who looked")
	}
}
