package ambulance

import (
	"slices"
	"strings"
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

// A measure is what is typed together: one sign, or the two of a blood pressure.
type measure struct {
	signs []vital.Sign
	picks [][]int64 // one tap each, per sign; nil when only the pad will do
	words []string  // of the picks, when they are no numbers
	units []vital.Unit
}

func span(low, high, step int64) (out []int64) {
	for n := low; n <= high; n += step {
		out = append(out, n)
	}
	return out
}

// usual are the measures most often taken by hand, with values for one tap: round
// ones for a cuff, which is read to tens in a moving vehicle. All else is typed.
var usual = []measure{
	{signs: []vital.Sign{vital.NIBPSys, vital.NIBPDia}, picks: [][]int64{span(40, 270, 10), span(20, 130, 10)}},
	{signs: []vital.Sign{vital.PulseRate}, picks: [][]int64{span(30, 205, 5)}},
	{signs: []vital.Sign{vital.RespRate}, picks: [][]int64{span(4, 39, 1)}},
	{signs: []vital.Sign{vital.SpO2}, picks: [][]int64{span(65, 100, 1)}},
	{signs: []vital.Sign{vital.Temperature}, units: []vital.Unit{vital.Celsius, vital.Fahrenheit}},
	{signs: []vital.Sign{vital.Glucose}, units: []vital.Unit{vital.NoUnit, vital.MmolPerL, vital.MgPerDL}},
	{signs: []vital.Sign{vital.Pain}, picks: [][]int64{span(0, 10, 1)}},
	{signs: []vital.Sign{vital.ACVPU}, picks: [][]int64{span(0, 4, 1)}, words: []string{"A", "C", "V", "P", "U"}},
	{signs: []vital.Sign{vital.GCSEye}, picks: [][]int64{span(1, 4, 1)}},
	{signs: []vital.Sign{vital.GCSVerbal}, picks: [][]int64{span(1, 5, 1)}},
	{signs: []vital.Sign{vital.GCSMotor}, picks: [][]int64{span(1, 6, 1)}},
	{signs: []vital.Sign{vital.Weight}, units: []vital.Unit{vital.Kilogram, vital.Pound}},
	{signs: []vital.Sign{vital.EtCO2}, units: []vital.Unit{vital.MmHg, vital.KPa}},
}

// measuresByHand are all signs there are, the usual ones first.
func measuresByHand() []measure {
	all := slices.Clone(usual)
	for s := range vital.Signs {
		if !slices.ContainsFunc(usual, func(m measure) bool { return slices.Contains(m.signs, s) }) {
			all = append(all, measure{signs: []vital.Sign{s}})
		}
	}
	slices.SortFunc(all[len(usual):], func(a, b measure) int { return int(a.signs[0]) - int(b.signs[0]) })
	return all
}

// pickRows and pickColumns are the one-tap values' places; a pressure has two rows
// for the upper and one for the lower value.
const pickRows, pickColumns = 3, 12

// vitals is a page on which a person enters what they measured. A value that is not
// possible is refused in words and nothing is rounded.
type vitals struct {
	s    *Screen
	of   chart.ID
	what measure
	unit vital.Unit
	at   int // which of the signs is being entered
	text []string
	pads bool // the pad stands, not the picks

	root    *fyne.Container
	line    *canvas.Text
	words   *notes
	parts   []*widget.Button // the values, over the pad
	picks   [][]*widget.Button
	pad     *widget.Pad
	toggle  *widget.Button
	steps   [2]*widget.Button
	record  *widget.Button
	undo    *undo
	refused string
}

func newVitals(s *Screen) *vitals {
	v := &vitals{s: s, of: s.on, undo: s.newUndo(), words: newNotes(s), line: canvas.NewText("", theme.Colour(theme.Ink))}
	v.line.TextStyle.Bold = true
	v.take(usual[0])
	return v
}

// take begins another measure; what was not recorded is gone.
func (v *vitals) take(m measure) {
	v.what, v.at, v.text = m, 0, make([]string, len(m.signs))
	v.unit = m.signs[0].Unit()
	if len(m.units) > 0 {
		v.unit = m.units[0]
		if u, ok := v.s.units[m.signs[0]]; ok {
			v.unit = u
		}
	}
	v.pads = m.picks == nil
	v.build()
}

func (v *vitals) build() {
	speech := v.s.speech
	other := widget.NewWide(speech.Say(lang.OtherSign), func() { v.s.open(newSigns(v)) })
	v.toggle = widget.NewWide("", v.turn)
	v.steps = [2]*widget.Button{widget.NewWide("−", func() { v.step(-1) }), widget.NewWide("+", func() { v.step(1) })}
	v.record = widget.NewPrimary("", v.write)
	v.parts, v.picks = nil, nil
	var body *fyne.Container
	if v.pads {
		v.pad = widget.NewPad(func(text string) { v.text[v.at] = text })
		v.pad.Set(v.text[v.at])
		cells := make([]fyne.CanvasObject, len(v.what.signs))
		for i := range v.what.signs {
			b := widget.NewButton("", func() { v.at = i; v.pad.Set(v.text[i]) })
			v.parts, cells[i] = append(v.parts, b), b
		}
		body = container.New(typing{}, container.New(grid{len(cells), 1}, cells...), v.words.root, v.pad.Object())
	} else {
		rows := make([]fyne.CanvasObject, len(v.what.picks))
		for i, values := range v.what.picks {
			var cells []fyne.CanvasObject
			var buttons []*widget.Button
			for j, n := range values {
				text := vital.Int(n).String()
				label := text
				if v.what.words != nil {
					label = v.what.words[j]
				}
				b := widget.NewButton(label, func() { v.at, v.text[i] = i, text })
				if len(v.what.signs) > 1 { // which of two is said on each, not by its row alone
					b.Say(label, strings.TrimPrefix(v.what.signs[i].Info().Label, "NIBP "))
				}
				buttons, cells = append(buttons, b), append(cells, b)
			}
			v.picks = append(v.picks, buttons)
			n := (len(values) + pickColumns - 1) / pickColumns
			rows[i] = container.New(grid{min(pickColumns, max(4, len(values))), n}, cells...)
		}
		body = container.New(picking{v}, append([]fyne.CanvasObject{v.line, v.words.root}, rows...)...)
	}
	v.root = v.s.sheet(body, other, v.toggle, v.steps[0], v.steps[1], v.undo.button, v.record)
	if v.s.page == page(v) {
		v.s.open(v)
	}
}

func (v *vitals) object() fyne.CanvasObject { return v.root }

// turn goes to the next unit or, where there is one, from the picks to the pad.
func (v *vitals) turn() {
	if len(v.what.units) > 0 {
		at := slices.Index(v.what.units, v.unit)
		v.unit = v.what.units[(at+1)%len(v.what.units)]
		if v.unit == vital.NoUnit {
			v.unit = v.what.units[1]
		}
		v.s.units[v.what.signs[0]] = v.unit // for this shift
		return
	}
	v.pads = !v.pads
	v.build()
}

// step moves the value last touched by one in its last place.
func (v *vitals) step(by int64) {
	d, err := vital.ParseDecimal(v.text[v.at])
	if err != nil {
		return
	}
	places := v.what.signs[v.at].PlacesIn(v.unit)
	for d.Exponent > -places {
		d.Mantissa, d.Exponent = d.Mantissa*10, d.Exponent-1
	}
	d.Mantissa += by
	v.text[v.at] = d.String()
	if v.pads {
		v.pad.Set(v.text[v.at])
	}
}

// read is what was entered, or why it is refused. A systolic pressure may stand
// alone: it was felt, not heard.
func (v *vitals) read() (values []chart.Vital, refused string) {
	s, speech := v.s, v.s.speech
	if v.unit == vital.NoUnit && len(v.what.units) > 0 {
		return nil, speech.Say(lang.ChooseUnit)
	}
	var numbers []vital.Decimal
	for i, sign := range v.what.signs {
		if i > 0 && v.text[i] == "" {
			continue
		}
		low, high, err := sign.Range(v.unit)
		if err != nil {
			return nil, err.Error()
		}
		n, refused := s.typed(v.text[i], low, high, sign.PlacesIn(v.unit))
		if refused == "" && !sign.Possible(n, v.unit) {
			refused = speech.Say(lang.NotPossible, v.text[i], low.String(), high.String())
		}
		if refused != "" {
			return nil, refused
		}
		value := chart.Vital{Sign: sign, Value: &n, Aperiodic: sign == vital.NIBPSys || sign == vital.NIBPDia}
		if v.unit != sign.Unit() {
			value.Unit = v.unit
		}
		numbers, values = append(numbers, n), append(values, value)
	}
	if len(numbers) == 2 && numbers[0].Cmp(numbers[1]) <= 0 {
		return nil, speech.Say(lang.PressureUpsideDown, numbers[0].String(), numbers[1].String())
	}
	return values, ""
}

// sentence is what would be recorded: "NIBP 120/80 mmHg".
func (v *vitals) sentence() string {
	parts := make([]string, 0, 2)
	for i := range v.what.signs {
		text := v.text[i]
		if n := slices.Index(v.picked(), text); n >= 0 && v.what.words != nil {
			text = v.what.words[n]
		}
		if text == "" {
			text = "--"
		}
		parts = append(parts, text)
	}
	return strings.TrimSpace(v.s.label(v.what.signs[0]) + "  " + strings.Join(parts, "/") + " " + v.unit.Label())
}

// picked are the texts of the first sign's one-tap values.
func (v *vitals) picked() (out []string) {
	if v.what.words != nil {
		for _, n := range v.what.picks[0] {
			out = append(out, vital.Int(n).String())
		}
	}
	return out
}

// hand is where a value comes from that a person typed.
var hand = vital.Provenance{Driver: "hand"}

func (v *vitals) write() {
	values, refused := v.read()
	if refused != "" {
		return
	}
	words := v.sentence()
	content := &chart.Vitals{Reason: chart.ReasonHand, Values: values, Sources: []vital.Provenance{hand}}
	v.s.record(words, v.of, content, nil)
	v.text, v.at = make([]string, len(v.what.signs)), 0
	if v.pads {
		v.pad.Set("")
	}
}

func (v *vitals) show(now time.Time) {
	speech := v.s.speech
	_, v.refused = v.read()
	entered := strings.Join(v.text, "") != ""
	words := v.refused
	if !entered {
		if words = v.s.lateWords(now); words == "" {
			words = speech.Say(lang.ByHandNow)
		}
		if v.unit == vital.NoUnit && len(v.what.units) > 0 {
			words = v.refused
		}
	}
	set(v.line, v.sentence(), theme.Colour(theme.Ink))
	v.words.say(words)
	for i, b := range v.parts {
		label := v.what.signs[i].Info().Label
		b.Say(v.text[i]+"|", label+"  "+v.unit.Label())
		b.Choose(i == v.at)
	}
	for i, row := range v.picks {
		for j, b := range row {
			b.Choose(vital.Int(v.what.picks[i][j]).String() == v.text[i])
		}
	}
	switch {
	case len(v.what.units) > 0:
		u := v.unit.Label()
		if v.unit == vital.NoUnit {
			u = "?"
		}
		v.toggle.Say(u, speech.Say(lang.UnitWord))
	case v.pads:
		v.toggle.Say(speech.Say(lang.QuickValues), "")
	default:
		v.toggle.Say(speech.Say(lang.NumberPad), "")
	}
	v.toggle.Disable(len(v.what.units) == 0 && v.what.picks == nil)
	for _, b := range v.steps {
		_, err := vital.ParseDecimal(v.text[v.at])
		b.Disable(err != nil)
	}
	v.record.Disable(v.refused != "")
	second := ""
	if v.refused == "" {
		second = strings.TrimSuffix(v.sentence(), " "+v.unit.Label())
	}
	v.record.Say(speech.Say(lang.RecordIt), second)
	v.undo.show(now)
}

// picking lays a value and its words over rows of one-tap values.
type picking struct{ v *vitals }

// MinSize implements [fyne.Layout].
func (picking) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(300, 240) }

// Layout implements [fyne.Layout].
func (p picking) Layout(o []fyne.CanvasObject, size fyne.Size) {
	gap, least := theme.MM(theme.GapMM), theme.MM(theme.LeastMM)
	tall := max(least, min(theme.MM(23), (size.Height-theme.Text(theme.Large)*lineHigh-pickRows*gap)/pickRows-0.5))
	head := size.Height - pickRows*(tall+gap)
	line := o[0].(*canvas.Text)
	line.TextSize = min(theme.Text(theme.Large+12), max(head/lineHigh, 1))
	left := size.Width * 0.42
	line.TextSize = widget.Narrow(line.Text, line.TextStyle, left, line.TextSize)
	line.Move(fyne.NewPos(0, 0))
	line.Resize(fyne.NewSize(left, head))
	o[1].Move(fyne.NewPos(left+gap, 0))
	o[1].Resize(fyne.NewSize(size.Width-left-gap, head))
	y := head + gap
	for i, row := range o[2:] {
		n := float32((len(p.v.what.picks[i]) + pickColumns - 1) / pickColumns)
		high := n*tall + (n-1)*gap
		row.Move(fyne.NewPos(0, y))
		row.Resize(fyne.NewSize(size.Width, high))
		y += high + gap
	}
}

// typing lays the values and words left of the pad.
type typing struct{}

// MinSize implements [fyne.Layout].
func (typing) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(300, 240) }

// Layout implements [fyne.Layout].
func (typing) Layout(o []fyne.CanvasObject, size fyne.Size) {
	gap := theme.MM(4)
	left, high := size.Width*0.4, max(theme.MM(theme.OrdinaryMM), size.Height*0.3)
	o[0].Move(fyne.NewPos(0, 0))
	o[0].Resize(fyne.NewSize(left, high))
	o[1].Move(fyne.NewPos(0, high+gap/2))
	o[1].Resize(fyne.NewSize(left, size.Height-high-gap/2))
	o[2].Move(fyne.NewPos(left+gap, 0))
	o[2].Resize(fyne.NewSize(size.Width-left-gap, size.Height))
}

// signs is every sign there is, to choose what is entered.
type signs struct {
	v     *vitals
	at    int
	all   []measure
	cells []*widget.Button
	next  *widget.Button
	root  *fyne.Container
}

// A page of signs is a grid of 4 by 3.
const signColumns, signRows = 4, 3

func newSigns(v *vitals) *signs {
	g := &signs{v: v, all: measuresByHand()}
	cells := make([]fyne.CanvasObject, signColumns*signRows)
	for i := range cells {
		b := widget.NewButton("", func() {
			if at := g.at*len(g.cells) + i; at < len(g.all) {
				v.take(g.all[at])
				v.s.open(v)
			}
		})
		g.cells, cells[i] = append(g.cells, b), b
	}
	back := widget.NewWide(v.s.speech.Say(lang.BackToCard), func() { v.s.open(v) })
	g.next = widget.NewWide("", func() { g.at = (g.at + 1) % g.pages() })
	g.root = v.s.sheet(container.New(grid{signColumns, signRows}, cells...), back, g.next)
	return g
}

func (g *signs) pages() int { return (len(g.all) + len(g.cells) - 1) / len(g.cells) }

func (g *signs) object() fyne.CanvasObject { return g.root }

func (g *signs) show(time.Time) {
	for i, b := range g.cells {
		at := g.at*len(g.cells) + i
		if at >= len(g.all) {
			b.Say("", "")
			b.Hide()
			continue
		}
		sign := g.all[at].signs[0]
		name := sign.Info().Name
		if sign == vital.NIBPSys {
			name = g.v.s.speech.Say(lang.CuffByHand)
		}
		b.Say(g.v.s.label(sign), name)
		b.Show()
	}
	g.next.Say(g.v.s.speech.Say(lang.NextPage), g.v.s.speech.Say(lang.PageOf, g.at+1, g.pages()))
}
