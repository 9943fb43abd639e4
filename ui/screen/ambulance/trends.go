package ambulance

import (
	"image/color"
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
	"fieldkit/ui/lang"
	"fieldkit/ui/theme"
	"fieldkit/ui/widget"
)

// trends is the charted vitals as a table, the latest first, nine to a page. A
// time at which a sign was not charted is empty, never the value before.
type trends struct {
	s     *Screen
	of    chart.ID
	root  *fyne.Container
	cells [][]*canvas.Text
	note  *lines
	older *widget.Button
	newer *widget.Button
	at    int
	table []trendRow
	told  bool
	err   error
	asked time.Time
}

type trendRow struct {
	at     time.Time
	values []string
}

const trendRows = 9

// trendSigns are the columns.
var trendSigns = [...][]vital.Sign{
	{vital.HeartRate, vital.PulseRate}, {vital.SpO2}, {vital.NIBPSys}, {vital.NIBPDia},
	{vital.RespRateCO2, vital.RespRate, vital.RespRateImpedance, vital.RespRateAirway, vital.RespRatePleth},
	{vital.EtCO2}, {vital.Temperature},
}

// trendHeads are their heads, each with the unit of the numbers that name none.
var trendHeads = func() (heads [len(trendSigns)]string) {
	for i, signs := range trendSigns {
		label := signs[0].Info().Label
		switch signs[0] {
		case vital.HeartRate:
			label += ", " + vital.PulseRate.Info().Label
		case vital.RespRateCO2: // however the breaths were counted
			label = vital.RespRate.Info().Label
		}
		heads[i] = label + " " + signs[0].Unit().Label()
	}
	return heads
}()

func newTrends(s *Screen) *trends {
	t := &trends{s: s, of: s.on, note: newLines(1, theme.Body)}
	var objects []fyne.CanvasObject
	for range trendRows + 1 {
		row := make([]*canvas.Text, len(trendSigns)+1)
		for i := range row {
			row[i] = canvas.NewText("", theme.Colour(theme.Ink))
			row[i].Alignment = fyne.TextAlignCenter
			row[i].TextSize = theme.Text(theme.Body)
			objects = append(objects, row[i])
		}
		t.cells = append(t.cells, row)
	}
	t.older = widget.NewWide(s.speech.Say(lang.Older), func() { t.at++ })
	t.newer = widget.NewWide(s.speech.Say(lang.Newer), func() { t.at = max(0, t.at-1) })
	body := container.New(headed{}, t.note.root, container.New(grid{len(trendSigns) + 1, trendRows + 1}, objects...))
	record := widget.NewWide(s.speech.Say(lang.Record), func() { s.open(newTimeline(s)) })
	t.root = s.sheet(body, t.older, t.newer, record)
	return t
}

func (t *trends) object() fyne.CanvasObject { return t.root }

// refreshEvery is how often the record is read again while the page stands.
const refreshEvery = 5 * time.Second

func (t *trends) show(now time.Time) {
	if t.asked.IsZero() || now.Sub(t.asked) >= refreshEvery {
		t.asked = now
		t.s.read(t.of, func(c *chart.Chart, err error) {
			t.err = err
			if err == nil {
				t.table, t.told = tabulate(c), true
			}
		})
	}
	speech := t.s.speech
	pages := max(1, (len(t.table)+trendRows-1)/trendRows)
	t.at = min(t.at, pages-1)
	switch {
	case t.err != nil:
		t.note.say(speech.Say(lang.RecordNotRead, reason(t.err)))
	case !t.told:
		t.note.say(speech.Say(lang.ReadingRecord))
	case len(t.table) == 0:
		t.note.say(speech.Say(lang.NothingCharted))
	default:
		t.note.say(speech.Say(lang.ChartedVitals) + "   " + speech.Say(lang.PageOf, t.at+1, pages))
	}
	t.older.Disable(t.at >= pages-1)
	t.newer.Disable(t.at == 0)
	ink, faint := theme.Colour(theme.Ink), theme.Colour(theme.Faint)
	cell := func(c *canvas.Text, text string, ink color.Color) { // narrower where it finds no room
		if c.Text != text || c.Color != ink {
			c.TextSize = widget.Narrow(text, c.TextStyle, c.Size().Width-theme.MM(1), theme.Text(theme.Body))
			set(c, text, ink)
		}
	}
	for i := range trendSigns {
		cell(t.cells[0][i+1], trendHeads[i], faint)
	}
	for r := range trendRows {
		row := trendRow{values: make([]string, len(trendSigns))}
		when := ""
		if at := t.at*trendRows + r; at < len(t.table) {
			row = t.table[at]
			when = t.s.daySecond(row.at)
		}
		cell(t.cells[r+1][0], when, faint)
		for i, v := range row.values {
			cell(t.cells[r+1][i+1], v, ink)
		}
	}
}

// tabulate is the charted values by the second they were measured, the latest
// first. A value the monitor doubted has a question mark.
func tabulate(c *chart.Chart) []trendRow {
	rows := map[int64]*trendRow{}
	for i, signs := range trendSigns {
		for _, sign := range slices.Backward(signs) { // the first named wins a shared second
			for _, m := range c.Sign(sign).All {
				if m.Vital.Value == nil || !m.Vital.State.Known() {
					continue
				}
				key := m.At.Unix()
				if rows[key] == nil {
					rows[key] = &trendRow{at: m.At, values: make([]string, len(trendSigns))}
				}
				text := m.Vital.Value.RoundTo(sign.PlacesIn(m.Vital.In())).String()
				if m.Vital.In() != signs[0].Unit() {
					text += " " + m.Vital.In().Label()
				}
				if sign == vital.PulseRate { // in the column of the heart's rate
					text = sign.Info().Label + " " + text
				}
				if m.Vital.Questionable {
					text += "?"
				}
				rows[key].values[i] = text
			}
		}
	}
	out := make([]trendRow, 0, len(rows))
	for _, r := range rows {
		out = append(out, *r)
	}
	slices.SortFunc(out, func(a, b trendRow) int { return b.at.Compare(a.at) })
	return out
}
