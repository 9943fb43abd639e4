package ambulance

import (
	"context"
	"time"

	"fyne.io/fyne/v2"

	"fieldkit/triage/chart"
	"fieldkit/ui"
	"fieldkit/ui/lang"
	"fieldkit/ui/widget"
)

// A Page is a page that another room brings: the clinic's queue. Like the pages
// here it belongs to Fyne's goroutine, and stands under the same frame: whose record
// it is, alarms, the safety notice.
type Page interface {
	Object() fyne.CanvasObject
	// Show is called with every frame while the page stands.
	Show(now time.Time)
}

// guest is a page of another room among ours.
type guest struct{ Page }

func (g guest) object() fyne.CanvasObject { return g.Object() }
func (g guest) show(now time.Time)        { g.Show(now) }

// Open puts a page of another room on screen.
func (s *Screen) Open(p Page) { s.open(guest{p}) }

// OpenMonitor puts the monitor of the patient on screen there.
func (s *Screen) OpenMonitor() { s.open(s.watch) }

// OpenVitals opens the entry of vitals by hand or from the monitor.
func (s *Screen) OpenVitals() { s.open(newVitals(s)) }

// OpenTriage opens the sort of the patient on screen.
func (s *Screen) OpenTriage() { s.open(newCard(s)) }

// OpenDrugs opens the site's drugs.
func (s *Screen) OpenDrugs() { s.open(newDrugs(s)) }

// OpenScores opens the scores.
func (s *Screen) OpenScores() { s.open(newScores(s)) }

// OpenRecord opens the record of the patient on screen with the source of each entry.
func (s *Screen) OpenRecord() { s.open(newTimeline(s)) }

// OpenDisputes opens what is in doubt of the patient on screen, for a person to settle.
func (s *Screen) OpenDisputes() { s.open(newDisputes(s)) }

// SayDisputes is a button that leads there, with how much waits for a person.
func (s *Screen) SayDisputes(b *widget.Button, of chart.ID) { s.sayDisputes(b, of) }

// OpenDisputed opens the list of all patients of whom something is in doubt.
func (s *Screen) OpenDisputed() { s.open(newDisputed(s)) }

// OpenSame opens the list of records that may be of the same person, or are joined.
func (s *Screen) OpenSame() { s.open(newSame(s)) }

// SaySame is a button that leads there, with how many records are joined.
func (s *Screen) SaySame(b *widget.Button, of chart.ID) { s.saySame(b, of) }

// OpenLink opens the page of monitors, neighbours and the hospital, on which a
// monitor is put to the patient on screen.
func (s *Screen) OpenLink() { s.open(newLink(s)) }

// Home puts the first page of the room on screen.
func (s *Screen) Home() { s.home() }

// Turn puts another patient on screen, and the first page of the room.
func (s *Screen) Turn(encounter chart.ID) { s.turnTo(encounter) }

// Locked reports whether nobody is signed in.
func (s *Screen) Locked() bool { return s.locked() }

// Say is the words of a key in the language chosen.
func (s *Screen) Say(k lang.Key, args ...any) string { return s.speech.Say(k, args...) }

// Age is how old something is, in words.
func (s *Screen) Age(d time.Duration) string { return s.speech.Age(d) }

// Rows are the encounters the station holds.
func (s *Screen) Rows() []chart.Row { return s.rows }

// Row is an encounter's, when the station holds it.
func (s *Screen) Row(encounter chart.ID) (chart.Row, bool) { return s.row(encounter) }

// Who is a patient in words, and About what stands about them.
func (s *Screen) Who(r chart.Row) string { return s.who(r) }

// About is described with [Screen.Who].
func (s *Screen) About(r chart.Row) string { return s.about(r) }

// Record writes an entry for the patient of, who must still be the one on screen.
// what is said when it is on disk, or when it is not.
func (s *Screen) Record(what string, of chart.ID, content chart.Content, then func(ui.Recorded)) {
	s.record(what, of, content, then)
}

// Admit opens an encounter with what is known of a new patient, and puts it on
// screen once both are on disk.
func (s *Screen) Admit(opened chart.EncounterOpened, who chart.Demographics, then func()) {
	now := s.clock().Round(0)
	row := chart.Row{Status: chart.Open, Who: who, Opened: chart.At(now)}
	var done ui.Recorded
	s.do(s.who(row), func(ctx context.Context) (err error) {
		if done, err = s.desk.Record(ctx, ui.Draft{Happened: now, Content: &opened}); err != nil {
			return err
		}
		_, err = s.desk.Record(ctx, ui.Draft{Encounter: done.Encounter, Patient: done.Patient, Happened: now, Content: &chart.PatientRegistered{Who: who}})
		return err
	}, func() {
		row.Encounter, row.Patient = done.Encounter, done.Patient
		if _, known := s.row(done.Encounter); !known {
			s.rows = append([]chart.Row{row}, s.rows...)
		}
		s.turnTo(done.Encounter)
		then()
	})
}

// Sheet is a page's body over a row of buttons, the way home first.
func (s *Screen) Sheet(body fyne.CanvasObject, buttons ...fyne.CanvasObject) *fyne.Container {
	return s.sheet(body, buttons...)
}

// Grid lays objects out in equal cells.
func Grid(columns, rows int) fyne.Layout { return grid{columns, rows} }

// Beneath lays a second object under a strip of words.
func Beneath() fyne.Layout { return beneath{} }

// Lines are n lines of words: an object, and what sets it.
func Lines(n int, size float32) (fyne.CanvasObject, func(texts ...string)) {
	l := newLines(n, size)
	return l.root, l.say
}

// back is the way home.
func (s *Screen) back() *widget.Button {
	if s.lobby != nil {
		return widget.NewWide(s.speech.Say(s.lobbyWord), s.home)
	}
	return widget.NewWide(s.speech.Say(lang.BackToMonitor), s.homeward)
}

// Station is what the station said of itself last.
func (s *Screen) Station() ui.Station { return s.station }

// Apart does work apart from Fyne's goroutine and hands what came of it to then.
func (s *Screen) Apart(long time.Duration, work func(context.Context) error, then func(error)) {
	s.apart(long, work, then)
}

// Reason is why something was not done, with what the person can do.
func Reason(err error) string { return reason(err) }
