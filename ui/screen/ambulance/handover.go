package ambulance

import (
	"image/color"
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"fieldkit/triage/chart"
	"fieldkit/triage/handover"
	"fieldkit/ui"
	"fieldkit/ui/lang"
	"fieldkit/ui/theme"
	"fieldkit/ui/widget"
)

// telling is the handover: as the record would tell it now, to be sent by a hold;
// and once sent, item by item what the receiver has read back.
type telling struct {
	known
	order handover.Order
	anew  bool // write another, though one was sent
	shown []told
	items []handover.Item // as shown, when it is not sent yet
	sent  *chart.Handover // the last one, when it is shown

	composed   []handover.Item
	composedAs handover.Order
	offered    []chart.Handover // of the chart that was last looked at
	offeredOf  *chart.Chart

	root  *fyne.Container
	head  *notes
	list  *telllist
	turn  *widget.Button
	next  *widget.Button
	write *widget.Button
	hold  *widget.Hold
}

// told is one item as a row.
type told struct {
	letter, text, state string
	open                bool // the receiver heard something else
}

func newTelling(s *Screen) *telling {
	t := &telling{known: known{s: s, of: s.on}, order: handover.IMISTAMBO, head: newNotes(s)}
	t.head.bold = true
	t.list = newTelllist()
	t.turn = widget.NewWide("", func() {
		if t.order = handover.ATMIST; t.turn.Text() == string(handover.IMISTAMBO) {
			t.order = handover.IMISTAMBO
		}
		t.list.at = 0
	})
	t.next = widget.NewWide("", t.list.turn)
	t.write = widget.NewWide("", func() { t.anew = !t.anew; t.list.at = 0; t.hold.Reset() })
	t.hold = widget.NewHold("", t.send)
	t.root = s.sheet(container.New(headed{}, t.head.root, t.list.root), t.turn, t.next, t.write, t.hold)
	return t
}

func (t *telling) object() fyne.CanvasObject { return t.root }

// send records the handover just as it stands on the screen.
func (t *telling) send() {
	if t.sent != nil || len(t.items) == 0 {
		t.hold.Reset()
		return
	}
	offer := handover.Offer(t.order, t.items)
	offer.To = clip(t.s.station.Link.To, chart.MaxName)
	t.s.record(t.s.speech.Say(lang.HandoverWord), t.of, offer, func(ui.Recorded) {
		t.anew, t.asked = false, time.Time{} // the record is read again at once
		t.list.at = 0
	})
}

func (t *telling) show(now time.Time) {
	t.read(now)
	speech := t.s.speech
	t.sent, t.items = nil, nil
	var rows []told
	var head []string
	switch {
	case t.chart == nil && t.err != nil:
		head = append(head, speech.Say(lang.RecordNotRead, reason(t.err)))
	case t.chart == nil:
		head = append(head, speech.Say(lang.ReadingRecord))
	default:
		if all := t.offers(); len(all) > 0 && !t.anew {
			t.sent = &all[len(all)-1]
			rows = t.readBack()
			head = append(head, t.progress())
			break
		}
		if t.due(now) || t.order != t.composedAs {
			t.composed, t.composedAs = handover.Compose(t.chart, t.order, now), t.order
		}
		t.items = t.composed
		for _, i := range t.items {
			rows = append(rows, told{letter: t.letter(t.order, i.Part), text: i.Text})
		}
		head = append(head, speech.Say(lang.WrittenFromRecord, string(t.order)))
		if t.err != nil {
			head = append(head, speech.Say(lang.RecordNotRead, reason(t.err)))
		}
	}
	t.head.say(head...)
	t.list.say(rows)
	t.shown = rows

	other := handover.ATMIST
	if t.order == handover.ATMIST {
		other = handover.IMISTAMBO
	}
	t.turn.Say(string(other), "")
	t.turn.Disable(t.sent != nil)
	t.next.Say(speech.Say(lang.NextPage), speech.Say(lang.PageOf, t.list.at+1, t.list.pages()))
	t.next.Disable(t.list.pages() == 1)
	offered := t.chart != nil && len(t.offers()) > 0
	t.write.Say(speech.Say(lang.WriteAnew), "")
	if t.anew && offered {
		t.write.Say(speech.Say(lang.AsSent), "")
	}
	t.write.Disable(!offered)
	t.hold.Say(speech.Say(lang.HoldToSend))
	if t.s.station.Link.To == "" {
		t.hold.Say(speech.Say(lang.HoldNoHospital))
	}
	if t.sent != nil {
		t.hold.Say(speech.Say(lang.SentWord))
		t.hold.Reset()
	}
	t.hold.Disable(t.sent != nil || len(t.items) == 0)
	t.hold.Tick(now)
}

// offers are the handovers on record.
func (t *telling) offers() []chart.Handover {
	if t.offeredOf != t.chart {
		t.offered, t.offeredOf = t.chart.Handovers(), t.chart
	}
	return t.offered
}

// letter is a part's letter in the order with its word.
func (t *telling) letter(o handover.Order, p handover.Part) string {
	letter := o.Letter(p)
	if letter == "" {
		letter = "+"
	}
	return letter + "  " + t.s.speech.Part(p)
}

// progress is how far the receiver is, in one line.
func (t *telling) progress() string {
	speech, h := t.s.speech, t.sent
	right, open := 0, 0
	for _, i := range h.Items {
		if i.ReadBack() {
			right++
		}
		if len(i.Questions) > 0 {
			open++
		}
	}
	text := speech.Say(lang.SentReadBack, t.s.dayTime(h.Offered.At), right, len(h.Items))
	if open > 0 {
		text += "  " + speech.Say(lang.ItemsQuestioned, open)
	}
	switch {
	case len(h.Accepted) > 0:
		text += "  " + speech.Say(lang.TakenOver, t.s.dayTime(h.Accepted[0].At))
	case h.Received():
		text += "  " + speech.Say(lang.CriticalReadBack)
	}
	return text
}

// readBack is the items as sent, the ones in question first.
func (t *telling) readBack() []told {
	speech := t.s.speech
	offer := t.sent.Offered.Content.(*chart.HandoverOffered)
	order := handover.Order(offer.Format)
	rows := make([]told, 0, len(t.sent.Items))
	for _, i := range t.sent.Items {
		row := told{letter: t.letter(order, handover.PartOf(i.Item.Key)), text: i.Item.Text, open: len(i.Questions) > 0}
		switch {
		case row.open:
			row.state = speech.Say(lang.HeardAs, heard(i))
		case i.ReadBack():
			row.state = speech.Say(lang.ReadBackAt, t.s.dayTime(i.Right[len(i.Right)-1].At))
		case i.Item.Critical:
			row.state = speech.Say(lang.NotReadBackCritical)
		default:
			row.state = speech.Say(lang.NotReadBack)
		}
		rows = append(rows, row)
	}
	slices.SortStableFunc(rows, func(a, b told) int {
		switch {
		case a.open == b.open:
			return 0
		case a.open:
			return -1
		}
		return 1
	})
	return rows
}

// heard is what the receiver understood of an item in question.
func heard(i chart.HandoverState) string {
	for _, item := range i.Questions[len(i.Questions)-1].Content.(*chart.HandoverReadBack).Items {
		if item.Key == i.Item.Key {
			return item.Heard
		}
	}
	return ""
}

// telllist is the items as rows of as many lines as they need, page by page.
type telllist struct {
	root  *fyne.Container
	rows  []told
	at    int
	first []int // of each page, its first part
	lines []*canvas.Text
}

func newTelllist() *telllist {
	l := &telllist{}
	l.root = container.New(l)
	return l
}

func (l *telllist) pages() int { return max(1, len(l.first)) }

func (l *telllist) turn() {
	l.at = (l.at + 1) % l.pages()
	l.Layout(nil, l.root.Size())
	l.root.Refresh()
}

func (l *telllist) say(rows []told) {
	ink := theme.Colour(theme.Ink)
	if slices.Equal(rows, l.rows) && (len(l.lines) == 0 || l.lines[0].Color == color.Color(ink)) {
		return
	}
	l.rows = rows
	l.Layout(nil, l.root.Size())
	l.root.Refresh()
}

// MinSize implements [fyne.Layout].
func (l *telllist) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(200, 100) }

// Layout implements [fyne.Layout].
func (l *telllist) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	if size.Height <= 0 || size.Width <= 0 {
		return
	}
	gap := theme.MM(1.2)
	text, high := theme.Text(18), theme.Text(18)*lineHigh
	letter := theme.MM(31)
	state := float32(0)
	if slices.ContainsFunc(l.rows, func(r told) bool { return r.state != "" }) {
		state = size.Width * 0.26
	}
	room := size.Width - letter - state - 2*gap
	bold := fyne.TextStyle{Bold: true}
	// A row that is taller than a page is laid as several, each under its letter.
	type laid struct {
		letter      string
		text, state []string
		open        bool
	}
	var all []laid
	most := max(1, int((size.Height-gap)/high))
	for _, r := range l.rows {
		part := laid{r.letter, broke(r.text, fyne.TextStyle{}, text, room), nil, r.open}
		if r.state != "" {
			part.state = broke(r.state, bold, text, state)
		}
		for len(part.text) > most || len(part.state) > most {
			n, m := min(most, len(part.text)), min(most, len(part.state))
			all = append(all, laid{part.letter, part.text[:n], part.state[:m], part.open})
			part.text, part.state = part.text[n:], part.state[m:]
		}
		all = append(all, part)
	}
	l.first = nil
	y := float32(0)
	for i, part := range all {
		tall := float32(max(len(part.text), len(part.state)))*high + gap
		if len(l.first) == 0 || y+tall > size.Height {
			l.first, y = append(l.first, i), 0
		}
		y += tall
	}
	l.at = min(l.at, l.pages()-1)
	l.lines = l.lines[:0]
	l.root.Objects = nil
	put := func(text string, style fyne.TextStyle, c color.Color, x, y, room float32) {
		line := canvas.NewText(text, c)
		line.TextStyle, line.TextSize = style, widget.Narrow(text, style, room, theme.Text(18))
		line.Move(fyne.NewPos(x, y))
		line.Resize(fyne.NewSize(room, high))
		l.lines = append(l.lines, line)
		l.root.Objects = append(l.root.Objects, line)
	}
	if len(l.rows) == 0 {
		return
	}
	end := len(all)
	if l.at+1 < len(l.first) {
		end = l.first[l.at+1]
	}
	ink := theme.Colour(theme.Ink)
	y = 0
	for _, part := range all[l.first[l.at]:end] {
		put(part.letter, bold, ink, 0, y, letter)
		for n, line := range part.text {
			put(line, fyne.TextStyle{}, ink, letter, y+float32(n)*high, room)
		}
		for n, line := range part.state {
			put(line, fyne.TextStyle{Bold: part.open}, ink, letter+room+2*gap, y+float32(n)*high, state)
		}
		y += float32(max(len(part.text), len(part.state)))*high + gap
	}
}
