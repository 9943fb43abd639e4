package ambulance

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"fieldkit/triage/chart"
	"fieldkit/triage/sieve"
	"fieldkit/ui/lang"
	"fieldkit/ui/widget"
)

// incident is the board of all casualties the team has seen, as the record of this
// station and its neighbours has them: the most urgent first, and of equals the
// earliest. Who is not sorted stands before who can wait: unknown lowers nobody.
type incident struct {
	s     *Screen
	at    int
	root  *fyne.Container
	head  *notes
	cells []*widget.Verdict
	of    []chart.ID
	next  *widget.Button
}

const boardColumns, boardRows = 5, 3

func newIncident(s *Screen) *incident {
	b := &incident{s: s, head: newNotes(s), of: make([]chart.ID, boardColumns*boardRows)}
	b.head.bold = true
	cells := make([]fyne.CanvasObject, len(b.of))
	for i := range cells {
		v := widget.NewVerdict(func() {
			if b.of[i] != (chart.ID{}) {
				s.turnTo(b.of[i])
			}
		})
		b.cells, cells[i] = append(b.cells, v), v
	}
	b.next = widget.NewWide("", func() { b.at++ })
	fresh := widget.NewWide(s.speech.Say(lang.NextCasualty), func() { s.newPatientThen(func() { s.open(newCard(s)) }) })
	b.root = s.sheet(container.New(headed{}, b.head.root, container.New(grid{boardColumns, boardRows}, cells...)), fresh, b.next)
	return b
}

func (b *incident) object() fyne.CanvasObject { return b.root }

// casualties are the rows that count: all but another team's, what a station opened by itself and
// ended, and what a person opened by mistake. A run that came to no patient is told
// with its reason, last.
func casualties(rows []chart.Row) []chart.Row {
	all := slices.DeleteFunc(slices.Clone(rows), func(r chart.Row) bool {
		return r.Lent != nil || r.Status == chart.StoodDown && (r.Ended == "" || r.Ended == openedByMistake)
	})
	slices.SortStableFunc(all, func(x, y chart.Row) int {
		return cmp.Or(cmp.Compare(boardPlace(x), boardPlace(y)), cmp.Compare(x.Opened, y.Opened), slices.Compare(x.Encounter[:], y.Encounter[:]))
	})
	return all
}

// boardPlace orders the board: immediate, very urgent, urgent, not sorted, standard,
// non-urgent, expectant, dead; who was closed or handed over last of all.
func boardPlace(r chart.Row) int {
	place := int(r.Urgency) * 2
	if r.Urgency == chart.UrgencyUnknown {
		place = int(chart.Urgent)*2 + 1
	}
	switch r.Status {
	case chart.Closed, chart.HandedOver, chart.Unsettled:
		place += 100
	case chart.StoodDown:
		place += 200
	}
	return place
}

func (b *incident) show(time.Time) {
	s, speech := b.s, b.s.speech
	all := casualties(s.rows)
	pages := max(1, (len(all)+len(b.cells)-1)/len(b.cells))
	b.at %= pages
	for i, v := range b.cells {
		at := b.at*len(b.cells) + i
		if at >= len(all) {
			b.of[i] = chart.ID{}
			v.Say(widget.Said{Off: true})
			v.Hide()
			continue
		}
		r := all[at]
		b.of[i] = r.Encounter
		said := widget.Said{Title: s.who(r), Word: speech.Category(sieve.Category(r.Category)), Urgency: r.Urgency, Chosen: r.Encounter == s.on, Detail: b.detail(r)}
		if r.Category == "" {
			said.Word = speech.Say(lang.NotSorted)
		}
		v.Say(said)
		v.Show()
	}
	b.next.Say(speech.Say(lang.NextPage), speech.Say(lang.PageOf, b.at+1, pages))
	b.next.Disable(pages == 1)
	head := b.counts(all)
	if s.unread != nil {
		head = speech.Say(lang.RecordNotRead, reason(s.unread))
	}
	b.head.say(head)
}

// detail is what stands under a casualty's category: disputes, alarms, where in the
// course they are, since when.
func (b *incident) detail(r chart.Row) string {
	speech := b.s.speech
	var parts []string
	switch r.Status {
	case chart.HandedOver:
		parts = append(parts, speech.Say(lang.HandedOverWord))
	case chart.Closed:
		if parts = append(parts, speech.Say(lang.ClosedWord)); r.Ended != "" {
			parts = []string{b.s.endWords(r.Ended)}
		}
	case chart.StoodDown:
		parts = append(parts, b.s.endWords(r.Ended))
	}
	if passed := b.s.passed(r); passed != "" {
		parts = append(parts, passed)
	}
	if r.Disputed {
		parts = append(parts, speech.Say(lang.SortedTwice))
	}
	if r.Alarms > 0 {
		parts = append(parts, speech.Say(lang.AlarmsStand, r.Alarms))
	}
	if r.Opened > 0 {
		parts = append(parts, speech.Say(lang.Since, b.s.dayTime(r.Opened.Time())))
	}
	return strings.Join(parts, ", ")
}

// counts is how many there are of each urgency.
func (b *incident) counts(all []chart.Row) string {
	speech := b.s.speech
	n := map[chart.Urgency]int{}
	gone := 0
	for _, r := range all {
		if r.Status == chart.Closed || r.Status == chart.HandedOver || r.Status == chart.StoodDown {
			gone++
			continue
		}
		n[r.Urgency]++
	}
	standard := n[chart.Standard] + n[chart.NonUrgent]
	return speech.Say(lang.BoardCounts, len(all), n[chart.Immediate], n[chart.VeryUrgent]+n[chart.Urgent], standard, n[chart.Expectant], n[chart.Dead], n[chart.UrgencyUnknown], gone)
}
