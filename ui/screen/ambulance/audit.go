package ambulance

import (
	"context"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"fieldkit/triage/chart"
	"fieldkit/ui"
	"fieldkit/ui/lang"
	"fieldkit/ui/theme"
	"fieldkit/ui/widget"
)

// audit is who looked, who came in and who was turned away. It asks the station only
// when a person taps: each reading is itself on the record.
type audit struct {
	s      *Screen
	on     chart.ID // the patient on screen when it was opened
	people []ui.Person
	person int // of people, -1 all
	about  bool
	page   ui.AuditPage
	before int // rows on the pages before
	err    error
	asked  int // questions so far: only the last one's answer counts
	busy   bool

	root    *fyne.Container
	head    *notes
	words   *lines
	byWhom  *widget.Button
	ofWhom  *widget.Button
	newest  *widget.Button
	further *widget.Button
}

// auditRows is how many rows one page holds.
const auditRows = 8

func newAudit(s *Screen) *audit {
	a := &audit{s: s, on: s.on, person: -1, head: newNotes(s), words: newLines(auditRows, theme.Body)}
	a.head.bold = true
	a.byWhom = widget.NewWide("", func() {
		if a.person++; a.person >= len(a.people) {
			a.person = -1
		}
		a.ask(nil, 0)
	})
	a.ofWhom = widget.NewWide("", func() { a.about = !a.about; a.ask(nil, 0) })
	a.newest = widget.NewWide(s.speech.Say(lang.AuditNewest), func() { a.ask(nil, 0) })
	a.further = widget.NewWide(s.speech.Say(lang.AuditOlder), func() { a.ask(a.page.Next, a.before+len(a.page.Rows)) })
	a.root = s.sheet(container.New(beneath{}, a.head.root, a.words.root), a.byWhom, a.ofWhom, a.newest, a.further)
	var people []ui.Person
	s.apart(recordWait, func(ctx context.Context) (err error) {
		people, err = s.desk.People(ctx)
		return err
	}, func(error) { // without people there is no choice among them
		for _, p := range people {
			if p.ID != "" { // the crew's passphrase is nobody's
				a.people = append(a.people, p)
			}
		}
	})
	a.ask(nil, 0)
	return a
}

func (a *audit) object() fyne.CanvasObject { return a.root }

// ask reads one page, that of before rows on the pages in front of it.
func (a *audit) ask(after *ui.AuditMark, before int) {
	s := a.s
	q := ui.AuditQuery{After: after, Most: auditRows}
	if a.person >= 0 {
		q.Person = a.people[a.person].ID
	}
	if a.about {
		q.About = a.on
	}
	a.asked++
	asked := a.asked
	a.busy = true
	var page ui.AuditPage
	s.apart(recordWait, func(ctx context.Context) (err error) {
		page, err = s.desk.Audit(ctx, q)
		return err
	}, func(err error) {
		if asked != a.asked {
			return
		}
		a.busy, a.err, a.page, a.before = false, err, page, before
	})
}

// auditWords are one row: when, where, who, what, and of whom.
func (s *Screen) auditWords(r ui.AuditRow) string {
	who := r.Staff
	if who == "" {
		who = "-"
	}
	station, person := r.Station, r.Person
	if station == "" {
		station = s.speech.Say(lang.FromUnknown)
	}
	if person != "" && r.Staff == "" {
		person = s.speech.Say(lang.SaidToBe, person)
	}
	parts := []string{r.At.Local().Format("2006-01-02 15:04:05"), station, who, s.speech.Act(r.Act)}
	if r.Times > 1 {
		parts = append(parts, s.speech.Say(lang.TimesOver, r.Times))
	}
	parts = append(parts, s.speech.Way(r.How), s.speech.Way(r.Where), person)
	if r.Encounter != (chart.ID{}) || r.Patient != (chart.ID{}) {
		whom := s.speech.Say(lang.NotHere)
		for _, row := range s.rows {
			if row.Encounter == r.Encounter || r.Encounter == (chart.ID{}) && row.Patient == r.Patient {
				whom = s.who(row)
				break
			}
		}
		parts = append(parts, whom)
	}
	if r.Unconfirmed {
		parts = append(parts, s.speech.Say(lang.IsUnconfirmed))
	}
	var said []string
	for _, p := range parts {
		if p != "" {
			said = append(said, p)
		}
	}
	return strings.Join(said, "   ")
}

func (a *audit) show(time.Time) {
	s, say := a.s, a.s.speech.Say
	var rows []string
	head := []string{say(lang.AuditReading)}
	switch {
	case a.busy:
	case a.err != nil:
		head = []string{say(lang.AuditNot, reason(a.err))}
	default:
		first, last := a.before+min(1, len(a.page.Rows)), a.before+len(a.page.Rows)
		switch {
		case len(a.page.Rows) == 0 && a.page.Next != nil:
			head = []string{say(lang.AuditNotYet)}
		case len(a.page.Rows) == 0:
			head = []string{say(lang.AuditNothing)}
		case a.page.All == 0: // of a person or a patient
			head = []string{say(lang.AuditSome, first, last)}
		default:
			head = []string{say(lang.AuditHead, first, last, a.page.All)}
		}
		if a.page.Absent > 0 {
			head = append(head, say(lang.AuditAbsent, a.page.Absent))
		}
		for _, r := range a.page.Rows {
			rows = append(rows, s.auditWords(r))
		}
	}
	a.head.say(head...)
	a.words.say(rows...)
	person := say(lang.AuditAll)
	if a.person >= 0 {
		person = a.people[a.person].Name
	}
	a.byWhom.Say(say(lang.AuditPerson), person)
	a.byWhom.Disable(a.busy || len(a.people) == 0)
	whom := say(lang.AuditAll)
	if row, ok := s.row(a.on); a.about && ok {
		whom = s.who(row)
	} else if a.about {
		whom = say(lang.UnknownPatient)
	}
	a.ofWhom.Say(say(lang.AuditPatient), whom)
	a.ofWhom.Disable(a.busy || a.on == (chart.ID{}))
	a.newest.Disable(a.busy)
	a.further.Disable(a.busy || a.page.Next == nil || a.err != nil)
}
