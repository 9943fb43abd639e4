package ambulance

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"fieldkit/triage/chart"
	"fieldkit/ui/lang"
	"fieldkit/ui/widget"
)

// same is the list of other patients that this station holds: those whose records are
// joined to the patient's, to be parted, and then those that may be the same person.
type same struct {
	s      *Screen
	of     chart.ID
	at     int
	picks  []pick
	shown  []pick // of each cell, when it was last painted
	worked time.Time

	root  *fyne.Container
	head  *notes
	cells []*widget.Button
	next  *widget.Button
}

// A pick is another patient, under their latest encounter here.
type pick struct {
	row    chart.Row // its Encounter is zero when this station holds none
	joined *chart.Link
}

const sameColumns, sameRows = 2, 3

func newSame(s *Screen) *same {
	m := &same{s: s, of: s.on, head: newNotes(s), shown: make([]pick, sameColumns*sameRows)}
	m.head.bold = true
	cells := make([]fyne.CanvasObject, len(m.shown))
	for i := range cells {
		b := widget.NewButton("", func() {
			if p := m.shown[i]; p.row.Patient != (chart.ID{}) {
				s.open(newPair(s, m.of, p))
			}
		})
		m.cells, cells[i] = append(m.cells, b), b
	}
	m.next = widget.NewWide("", func() { m.at++ })
	m.root = s.sheet(container.New(headed{}, m.head.root, container.New(grid{sameColumns, sameRows}, cells...)), m.next)
	return m
}

func (m *same) object() fyne.CanvasObject { return m.root }

// joins are the merges that hold and name a patient of the row.
func joins(row chart.Row) (out []chart.Link) {
	seen := map[chart.ID]bool{}
	for _, l := range chart.Joins(row.Links) {
		other := l.Into
		if row.Patient == l.Into {
			other = l.From
		} else if row.Patient != l.From {
			continue
		}
		if !seen[other] { // it may be written more than once
			seen[other] = true
			out = append(out, l)
		}
	}
	return out
}

// picksOf are who may be chosen for a patient: the joined first, then those whose
// records say the same of them, then the latest. A patient of another team, or a
// training's, is none.
func picksOf(own chart.Row, rows []chart.Row) (out []pick) {
	if own.Patient == (chart.ID{}) {
		return nil
	}
	taken := map[chart.ID]bool{{}: true, own.Patient: true}
	for _, l := range joins(own) {
		p := pick{joined: &l, row: chart.Row{Patient: l.Into}}
		if l.Into == own.Patient {
			p.row.Patient = l.From
		}
		if at := slices.IndexFunc(rows, func(r chart.Row) bool { return r.Patient == p.row.Patient }); at >= 0 {
			p.row = rows[at]
		}
		taken[p.row.Patient] = true
		out = append(out, p)
	}
	held := len(out)
	for _, r := range rows { // the latest opened first
		if !taken[r.Patient] && r.Lent == nil && r.Team == own.Team && r.Demo == own.Demo {
			taken[r.Patient] = true
			out = append(out, pick{row: r})
		}
	}
	slices.SortStableFunc(out[held:], func(a, b pick) int {
		return cmp.Compare(alike(own.Who, b.row.Who), alike(own.Who, a.row.Who))
	})
	return out
}

// alike is how many of the fields that tell a person apart say the same.
func alike(a, b chart.Demographics) (n int) {
	differ, same := compared(a, b)
	if len(differ) == 0 {
		return len(same)
	}
	return len(same) - len(differ)
}

// compared are the fields that both say, differently and the same; case and spaces do
// not count. A label tells nobody apart for good.
func compared(a, b chart.Demographics) (differ, same []chart.Field) {
	said := map[chart.Field]string{}
	a.Each(func(f chart.Field, v string) { said[f] = v })
	b.Each(func(f chart.Field, v string) {
		other, both := said[f]
		switch {
		case f == chart.FieldLabel || !both || v == "" || other == "":
		case f == chart.FieldSex && (v == string(chart.UnknownSex) || other == string(chart.UnknownSex)):
		case plain(v) == plain(other):
			same = append(same, f)
		case f == chart.FieldBirth && (strings.HasPrefix(v, other) || strings.HasPrefix(other, v)):
			// one knows only the year: neither alike nor different
		default:
			differ = append(differ, f)
		}
	})
	return differ, same
}

func plain(v string) string { return strings.ToLower(strings.Join(strings.Fields(v), " ")) }

func (m *same) show(now time.Time) {
	s, say := m.s, m.s.speech.Say
	own, known := s.row(m.of)
	if now.Sub(m.worked).Abs() >= time.Second {
		m.worked, m.picks = now, picksOf(own, s.rows)
	}
	pages := max(1, (len(m.picks)+len(m.cells)-1)/len(m.cells))
	m.at %= pages
	for i, b := range m.cells {
		at := m.at*len(m.cells) + i
		if at >= len(m.picks) {
			m.shown[i] = pick{}
			b.Say("", "")
			b.Hide()
			continue
		}
		p := m.picks[at]
		m.shown[i] = p
		words := s.otherWho(p)
		if p.joined != nil {
			words = say(lang.JoinedWord, words)
		}
		b.Say(words, s.about(p.row))
		b.Choose(p.joined != nil)
		b.Show()
	}
	head := say(lang.SameWhich)
	switch {
	case s.unread != nil:
		head = say(lang.RecordNotRead, reason(s.unread))
	case !known:
		head = say(lang.ReadingRecord)
	case own.Patient == (chart.ID{}):
		head = say(lang.SameNoPatient)
	case len(m.picks) == 0:
		head = say(lang.SameNobody)
	}
	m.head.say(head)
	m.next.Say(say(lang.NextPage), say(lang.PageOf, m.at+1, pages))
	m.next.Disable(pages == 1)
}

// otherWho is another patient in words.
func (s *Screen) otherWho(p pick) string {
	if p.row.Encounter == (chart.ID{}) {
		return s.speech.Say(lang.JoinedElse)
	}
	return s.who(p.row)
}

// saySame is a button that leads to the list, with how many records are joined.
func (s *Screen) saySame(b *widget.Button, of chart.ID) {
	second := ""
	if row, ok := s.row(of); ok {
		if n := len(joins(row)); n > 0 {
			second = s.speech.Say(lang.JoinedWith, n)
		}
	}
	b.Say(s.speech.Say(lang.SamePerson), second)
}
