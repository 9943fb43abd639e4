package clinic

import (
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"fieldkit/triage/chart"
	"fieldkit/ui/lang"
	"fieldkit/ui/screen/ambulance"
	"fieldkit/ui/theme"
	"fieldkit/ui/widget"
)

// keep puts a note on the shelf, or takes it off when nothing of it waits.
func (sh *shelf) keep(d draft, n *note) {
	if n.unrecorded() == 0 {
		delete(sh.notes, d)
		return
	}
	sh.notes[d] = n
}

// A shelf keeps notes that are not recorded yet, each for the patient and the person who
// tapped it: nobody records what another has asked.
type shelf struct {
	list  *NoteList
	notes map[draft]*note
}

type draft struct {
	of chart.ID
	by string
}

func newShelf(list *NoteList) *shelf { return &shelf{list: list, notes: map[draft]*note{}} }

// waits is how many answers of one's own wait for a patient, and whose other note does.
func (sh *shelf) waits(of chart.ID, by string) (own int, other string) {
	for d, n := range sh.notes {
		switch {
		case d.of != of || n.unrecorded() == 0:
		case d.by == by:
			own = n.unrecorded()
		case other == "" || d.by < other:
			other = d.by
		}
	}
	return own, other
}

// noting is a patient's note: five parts, a page of chips each.
type noting struct {
	s      *ambulance.Screen
	begun  *shelf
	draft  draft
	note   *note
	at     section
	system int // of the examination, -1 while one is chosen
	told   int // which change of the note the words are of
	root   *fyne.Container
	say    func(...string)
	tabs   []*widget.Button
	cells  []*widget.Button
	record *widget.Button
	undo   func(time.Time)
}

// tabWords are the parts of a note as the screen says them.
var tabWords = [sections]lang.Key{lang.NoteComplaint, lang.NoteHistory, lang.NoteExamination, lang.NoteAssessment, lang.NotePlan}

func newNoting(s *ambulance.Screen, of chart.ID, begun *shelf) *noting {
	n := &noting{s: s, begun: begun, draft: draft{of, s.SignedIn()}, system: -1, told: -1}
	if n.note = begun.notes[n.draft]; n.note == nil {
		n.note = newNote()
	}
	words, say := s.Notes()
	n.say = say
	var tabs, cells []fyne.CanvasObject
	for i, k := range tabWords {
		b := widget.NewButton(s.Say(k), func() { n.at, n.system = section(i), -1 })
		n.tabs, tabs = append(n.tabs, b), append(tabs, b)
	}
	for i := range chipsPerPage {
		b := widget.NewButton("", func() { n.tap(i) })
		n.cells, cells = append(n.cells, b), append(cells, b)
	}
	n.record = widget.NewPrimary("", n.write)
	undo, show := s.Undo()
	n.undo = show
	visit := widget.NewWide(s.Say(lang.VisitWord), func() { s.Open(newVisit(s, of, begun)) })
	n.root = s.Sheet(container.New(noteLayout{}, words, container.New(ambulance.Grid(len(tabs), 1), tabs...), container.New(ambulance.Grid(chipsPerPage/2, 2), cells...)),
		visit, undo, n.record)
	return n
}

// Object implements [ambulance.Page].
func (n *noting) Object() fyne.CanvasObject { return n.root }

// tap is a tap on the chip at a place of the page.
func (n *noting) tap(i int) {
	list := n.begun.list
	if n.at == examination && n.system < 0 {
		if i < len(list.Examination) {
			n.system = i
		}
		return
	}
	if n.s.Pending() {
		return // what is on its way to the disk is not changed under it
	}
	chips := list.chips(n.at, max(0, n.system))
	if since := i - (chipsPerPage - len(list.Since)); n.at == complaint && since >= 0 {
		n.note.lasted(since)
	} else if i < len(chips) {
		n.note.tapped(list, place{n.at, max(0, n.system), i})
	}
	n.begun.keep(n.draft, n.note)
}

// write records the note as a whole.
func (n *noting) write() {
	contents := n.note.contents(n.begun.list)
	if len(contents) == 0 || n.s.Pending() || n.draft.by != n.s.SignedIn() {
		return
	}
	n.s.RecordAll(n.s.Say(lang.NoteRecorded), n.draft.of, contents, func() {
		n.note.clear() // in place: another page may show it by now
		n.begun.keep(n.draft, n.note)
	})
}

// Show implements [ambulance.Page].
func (n *noting) Show(now time.Time) {
	s := n.s
	if n.draft.by != s.SignedIn() { // somebody else is at the screen
		s.Home()
		return
	}
	for i, b := range n.tabs {
		second := ""
		if count := n.note.count(section(i)); count > 0 {
			second = s.Say(lang.AnswersTapped, count)
		}
		if section(i) == examination && n.system >= 0 { // a second tap leads back to the systems
			second = strings.TrimSuffix(n.begun.list.Examination[n.system].in(s.Language())+", "+second, ", ")
		}
		b.Say(s.Say(tabWords[i]), second)
		b.Choose(section(i) == n.at)
	}
	for i, b := range n.cells {
		text, second, chosen := n.chip(i)
		b.Say(text, second)
		b.Choose(chosen)
		if b.Visible() == (text == "") {
			b.Hidden = text == ""
			b.Refresh()
		}
	}
	if n.told != n.note.changes {
		var texts []string
		for _, c := range n.note.contents(n.begun.list) {
			texts = append(texts, s.Words(c))
		}
		if len(texts) == 0 {
			texts = append(texts, s.Say(lang.NothingTapped))
		}
		n.say(texts...)
		n.told = n.note.changes
	}
	second := ""
	if waiting := n.note.unrecorded(); waiting > 0 {
		second = s.Say(lang.AnswersTapped, waiting)
	}
	if n.begun.list.Approved == "" {
		if second != "" {
			second += "; "
		}
		second += s.Say(lang.ListExample)
	}
	n.record.Say(s.Say(lang.RecordNote), second)
	n.record.Disable(n.note.unrecorded() == 0 || s.Pending())
	n.undo(now)
}

// chip is the words at a place of the page, and whether it is chosen; "" where nothing is.
func (n *noting) chip(i int) (text, second string, chosen bool) {
	s, list, to := n.s, n.begun.list, n.s.Language()
	if n.at == examination && n.system < 0 {
		if i >= len(list.Examination) {
			return "", "", false
		}
		count := 0
		for p := range n.note.answers {
			if p.section == examination && p.system == i {
				count++
			}
		}
		if count > 0 {
			second = s.Say(lang.AnswersTapped, count)
		}
		return list.Examination[i].shown(to), second, false
	}
	if since := i - (chipsPerPage - len(list.Since)); n.at == complaint && since >= 0 {
		return list.Since[since].shown(to), "", n.note.since == since
	}
	chips := list.chips(n.at, max(0, n.system))
	if i >= len(chips) {
		return "", "", false
	}
	text = chips[i].shown(to)
	switch said := n.note.answers[place{n.at, max(0, n.system), i}]; {
	case said == notAsked:
		return text, "", false
	case n.at == judgement:
		return text, s.Say(map[answer]lang.Key{yes: lang.SuspectedWord, sure: lang.ConfirmedWord, no: lang.RuledOut}[said]), said != no
	case said == no:
		return text, s.Say(lang.No), false
	}
	return text, s.Say(lang.Yes), true
}

// noteLayout lays the note's words, where there is room for them, over the row of parts
// and two rows of chips.
type noteLayout struct{}

// MinSize implements [fyne.Layout].
func (noteLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(400, 240) }

// Layout implements [fyne.Layout].
func (noteLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	gap := theme.MM(theme.GapMM)
	tab := theme.MM(theme.OrdinaryMM)
	chip := min(theme.MM(21), (size.Height-tab-2*gap)/2)
	if least := theme.MM(theme.OrdinaryMM); chip < least {
		tab = theme.MM(theme.LeastMM)
		chip = (size.Height - tab - 2*gap) / 2
	}
	head := size.Height - tab - 2*chip - 3*gap
	o[0].Move(fyne.NewPos(0, 0))
	o[0].Resize(fyne.NewSize(size.Width, max(0, head)))
	if fits := head >= theme.MM(10); o[0].Visible() != fits {
		if fits {
			o[0].Show()
		} else {
			o[0].Hide()
		}
	}
	y := size.Height - tab - 2*chip - 2*gap
	o[1].Move(fyne.NewPos(0, y))
	o[1].Resize(fyne.NewSize(size.Width, tab))
	o[2].Move(fyne.NewPos(0, y+tab+gap))
	o[2].Resize(fyne.NewSize(size.Width, 2*chip+gap))
}
