package ambulance

import (
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

// decisions is whether to resuscitate, what the patient refuses and with what
// capacity, and what they agree to. One of them is put together by taps, stands as a
// sentence, and is recorded by a hold.
type decisions struct {
	known
	code, refuses, capacity, agrees, status int // which is chosen, -1 none
	extra                                   bool
	stands                                  []string // on record, in words

	root  *fyne.Container
	rows  [3][]*widget.Button
	words *notes
	more  *widget.Button
	undo  *undo
	hold  *widget.Hold
}

// A decided is a word of the record with its words on the screen.
type decided struct {
	word string
	key  lang.Key
}

var (
	codes = []decided{{"full", lang.CodeFull}, {"no CPR", lang.CodeNoCPR}, {"limited", lang.CodeLimited},
		{"comfort only", lang.CodeComfort}, {"not known", lang.CodeNotKnown}}
	refusals   = []decided{{"transport", lang.RefusesTransport}, {"treatment", lang.RefusesTreatment}, {"all care", lang.RefusesAll}}
	capacities = []decided{{"yes", lang.CapacityYes}, {"no", lang.CapacityNo}, {"not assessed", lang.CapacityNotAssessed}}
	agreements = []decided{{"treatment", lang.AgreeTreatment}, {"sharing", lang.AgreeSharing}, {"photograph", lang.AgreePhotograph}}
	statuses   = []decided{{"given", lang.ConsentGiven}, {"refused", lang.ConsentRefused}, {"withdrawn", lang.ConsentWithdrawn}, {"implied", lang.ConsentImplied}}
)

func newDecisions(s *Screen) *decisions {
	d := &decisions{known: known{s: s, of: s.on}, words: newNotes(s), undo: s.newUndo()}
	d.words.bold = true
	d.clear()
	button := func(row int, all []decided, chosen *int, other ...*int) {
		for i, c := range all {
			b := widget.NewButton(s.speech.Say(c.key), func() {
				before := *chosen
				for _, o := range other {
					*o = -1
				}
				if *chosen = i; before == i {
					*chosen = -1
				}
				d.extra = false
				d.hold.Reset()
			})
			d.rows[row] = append(d.rows[row], b)
		}
	}
	button(0, codes, &d.code, &d.refuses, &d.capacity, &d.agrees, &d.status)
	button(1, refusals, &d.refuses, &d.code, &d.agrees, &d.status)
	button(1, capacities, &d.capacity, &d.code, &d.agrees, &d.status)
	button(2, agreements, &d.agrees, &d.code, &d.refuses, &d.capacity)
	button(2, statuses, &d.status, &d.code, &d.refuses, &d.capacity)
	d.more = widget.NewWide("", func() { d.extra = !d.extra; d.hold.Reset() })
	d.hold = widget.NewHold("", d.write)
	objects := []fyne.CanvasObject{d.words.root}
	for _, row := range d.rows {
		for _, b := range row {
			objects = append(objects, b)
		}
	}
	d.root = s.sheet(container.New(decisionLayout{[3]int{len(d.rows[0]), len(d.rows[1]), len(d.rows[2])}}, objects...), d.more, d.undo.button, d.hold)
	return d
}

func (d *decisions) clear() {
	d.code, d.refuses, d.capacity, d.agrees, d.status, d.extra = -1, -1, -1, -1, -1, false
}

func (d *decisions) object() fyne.CanvasObject { return d.root }

// content is what would be recorded, and in words; nil while something is missing,
// and the words then say what.
func (d *decisions) content() (chart.Content, string) {
	speech := d.s.speech
	switch {
	case d.code >= 0:
		c := &chart.CodeStatus{Status: codes[d.code].word}
		words := speech.Say(lang.ResuscitationIs, speech.Say(codes[d.code].key))
		if d.extra {
			c.Document = "seen"
			words += ", " + speech.Say(lang.PaperSeen)
		}
		return c, words
	case d.refuses >= 0 && d.capacity < 0:
		return nil, speech.Say(lang.SayCapacity)
	case d.refuses >= 0:
		c := &chart.Refusal{What: refusals[d.refuses].word, Capacity: capacities[d.capacity].word}
		words := speech.Say(lang.PatientRefuses, speech.Say(refusals[d.refuses].key), speech.Say(capacities[d.capacity].key))
		if d.extra {
			c.Told = "risks explained"
			words += ", " + speech.Say(lang.RisksExplained)
		}
		return c, words
	case d.capacity >= 0:
		return nil, speech.Say(lang.SayRefused)
	case d.agrees >= 0 && d.status >= 0:
		c := &chart.Consent{What: agreements[d.agrees].word, Status: statuses[d.status].word}
		return c, speech.Say(lang.ConsentIs, speech.Say(agreements[d.agrees].key), speech.Say(statuses[d.status].key))
	case d.agrees >= 0 || d.status >= 0:
		return nil, speech.Say(lang.SayConsent)
	}
	return nil, speech.Say(lang.ChooseDecision)
}

func (d *decisions) write() {
	if content, words := d.content(); content != nil {
		d.s.record(words, d.of, content, func(ui.Recorded) { d.asked = time.Time{} })
		d.clear()
	}
	d.hold.Reset()
}

// onRecord is what stands, in words; two that stand beside each other are both said.
func (d *decisions) onRecord() []string {
	speech := d.s.speech
	switch {
	case d.chart == nil && d.err != nil:
		return []string{speech.Say(lang.RecordNotRead, reason(d.err))}
	case d.chart == nil:
		return []string{speech.Say(lang.ReadingRecord)}
	}
	var texts, codeWords []string
	for _, f := range d.chart.CodeStatus().Stands {
		c := f.Content.(*chart.CodeStatus)
		text := speech.Say(wordOf(codes, c.Status))
		if c.Document != "" {
			text += " (" + speech.Say(lang.PaperSeen) + ")"
		}
		codeWords = append(codeWords, text+" "+d.s.dayTime(f.At))
	}
	if len(codeWords) == 0 {
		codeWords = append(codeWords, speech.Say(lang.CodeNotKnown))
	}
	code := speech.Say(lang.ResuscitationIs, strings.Join(codeWords, " / "))
	if len(codeWords) > 1 {
		code += "  " + speech.Say(lang.NotSettled)
	}
	texts = append(texts, code)
	for _, f := range d.chart.Of(chart.TypeRefusal) {
		r := f.Content.(*chart.Refusal)
		texts = append(texts, speech.Say(lang.PatientRefuses, speech.Say(wordOf(refusals, r.What)), speech.Say(wordOf(capacities, r.Capacity)))+"  "+d.s.dayTime(f.At))
	}
	consents := d.chart.Consents()
	for _, a := range agreements {
		for _, f := range consents[a.word].Stands {
			texts = append(texts, speech.Say(lang.ConsentIs, speech.Say(a.key), speech.Say(wordOf(statuses, f.Content.(*chart.Consent).Status)))+"  "+d.s.dayTime(f.At))
		}
	}
	return texts
}

// wordOf is a record's word as a key; one this page does not offer stays as it is.
func wordOf(all []decided, word string) lang.Key {
	for _, d := range all {
		if d.word == word {
			return d.key
		}
	}
	return lang.Key(word)
}

func (d *decisions) show(now time.Time) {
	speech := d.s.speech
	d.read(now)
	d.hold.Tick(now)
	for i, b := range d.rows[0] {
		b.Choose(d.code == i)
	}
	for i, b := range d.rows[1] {
		b.Choose(d.refuses == i && i < len(refusals) || d.capacity == i-len(refusals) && i >= len(refusals))
	}
	for i, b := range d.rows[2] {
		b.Choose(d.agrees == i && i < len(agreements) || d.status == i-len(agreements) && i >= len(agreements))
	}
	content, words := d.content()
	if d.due(now) || len(d.stands) == 0 || d.chart == nil {
		d.stands = d.onRecord()
	}
	d.words.say(append([]string{words}, d.stands...)...)
	label := speech.Say(lang.PaperSeen)
	if d.refuses >= 0 {
		label = speech.Say(lang.RisksExplained)
	}
	d.more.Say(label, "")
	d.more.Choose(d.extra)
	d.more.Disable(d.code < 0 && d.refuses < 0)
	d.hold.Say(speech.Say(lang.HoldToRecord))
	d.hold.Disable(content == nil)
	d.undo.show(now)
}

// decisionLayout is words over three rows of choices.
type decisionLayout struct{ rows [3]int }

// MinSize implements [fyne.Layout].
func (decisionLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(300, 240) }

// Layout implements [fyne.Layout].
func (l decisionLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	gap, least := theme.MM(theme.GapMM), theme.MM(theme.LeastMM)
	tall := max(least, min(theme.MM(21), (size.Height-theme.Text(theme.Small)*lineHigh-3*gap)/3-0.5))
	head := size.Height - 3*(tall+gap)
	o[0].Move(fyne.NewPos(0, 0))
	o[0].Resize(fyne.NewSize(size.Width, head))
	o = o[1:]
	y := head + gap
	for _, n := range l.rows {
		wide := (size.Width - gap*float32(n-1)) / float32(n)
		for i := range n {
			o[i].Move(fyne.NewPos(float32(i)*(wide+gap), y))
			o[i].Resize(fyne.NewSize(wide, tall))
		}
		o = o[n:]
		y += tall + gap
	}
}
