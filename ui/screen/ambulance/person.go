package ambulance

import (
	"strconv"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"fieldkit/triage/chart"
	"fieldkit/ui/lang"
	"fieldkit/ui/widget"
)

// person is who the patient is as far as a crew can see it: sex and age, by taps. Alarm
// limits, scores and sorts go by the age, so it must not wait for a name.
type person struct {
	s      *Screen
	of     chart.ID
	sex    chart.Sex // "" while nobody said it here
	age    string    // digits
	unit   int
	root   *fyne.Container
	words  *notes
	sexes  []*widget.Button
	units  []*widget.Button
	record *widget.Button
	undo   *undo
}

var personSexes = [...]struct {
	sex chart.Sex
	key lang.Key
}{{chart.Female, lang.FemaleWord}, {chart.Male, lang.MaleWord}, {chart.OtherSex, lang.OtherWord}}

// personUnits are those of an age, in UCUM and in words, with the largest number of each.
var personUnits = [...]struct {
	code string
	key  lang.Key
	most int
}{{"a", lang.Years, 120}, {"mo", lang.Months, 36}, {"wk", lang.Weeks, 104}, {"d", lang.DaysOld, 60}}

func newPerson(s *Screen) *person {
	p := &person{s: s, of: s.on, words: newNotes(s), undo: s.newUndo()}
	p.words.bold = true
	objects := []fyne.CanvasObject{p.words.root}
	row := func(buttons []*widget.Button) {
		var cells []fyne.CanvasObject
		for _, b := range buttons {
			cells = append(cells, b)
		}
		objects = append(objects, container.New(grid{len(cells), 1}, cells...))
	}
	for _, x := range personSexes {
		p.sexes = append(p.sexes, widget.NewButton(s.speech.Say(x.key), func() {
			if p.sex = x.sex; s.personOf(p.of).Sex == x.sex {
				p.sex = "" // as it stands
			}
		}))
	}
	row(p.sexes)
	var keys []*widget.Button
	for n := range 10 {
		digit := strconv.Itoa((n + 1) % 10)
		keys = append(keys, widget.NewButton(digit, func() { p.press(digit) }))
	}
	row(append(keys, widget.NewButton(s.speech.Say(lang.ClearKey), func() { p.age = "" })))
	for i, u := range personUnits {
		p.units = append(p.units, widget.NewButton(s.speech.Say(u.key), func() { p.unit = i; p.press("") }))
	}
	row(p.units)
	p.record = widget.NewPrimary("", p.write)
	p.root = s.sheet(container.New(correctionLayout{}, objects...), p.undo.button, p.record)
	return p
}

func (p *person) object() fyne.CanvasObject { return p.root }

// press adds a digit, where the age stays one that a person can have; in a unit in which
// it cannot be, it is typed anew.
func (p *person) press(digit string) {
	text := p.age + digit
	if n, err := strconv.Atoi(text); text != "" && (err != nil || n > personUnits[p.unit].most) {
		if digit == "" {
			p.age = ""
		}
		return
	}
	p.age = text
}

// personOf is what the list says of a patient.
func (s *Screen) personOf(of chart.ID) chart.Demographics {
	row, _ := s.row(of)
	return row.Who
}

// said is what was tapped and differs from what stands.
func (p *person) said() (d chart.Demographics) {
	now := p.s.personOf(p.of)
	if p.sex != now.Sex {
		d.Sex = p.sex
	}
	if n, err := strconv.Atoi(p.age); err == nil {
		if age := strconv.Itoa(n) + " " + personUnits[p.unit].code; age != now.Age {
			d.Age = age
		}
	}
	return d
}

// becomes is the patient as they will stand.
func (p *person) becomes() chart.Row {
	row, _ := p.s.row(p.of)
	d := p.said()
	if d.Sex != "" {
		row.Who.Sex = d.Sex
	}
	if d.Age != "" {
		row.Who.Age = d.Age
	}
	return row
}

func (p *person) write() {
	d := p.said()
	if d.Sex == "" && d.Age == "" {
		return
	}
	p.s.recordNow(p.s.who(p.becomes()), p.of, &chart.PatientIdentified{Who: d, How: "seen by the crew"}, nil)
	p.sex, p.age = "", ""
}

func (p *person) show(now time.Time) {
	s, speech := p.s, p.s.speech
	row, known := s.row(p.of)
	d := p.said()
	changed := d.Sex != "" || d.Age != ""
	texts := []string{speech.Say(lang.AsItStands, s.who(row))}
	will := row
	if changed {
		will = p.becomes()
		texts = append(texts, speech.Say(lang.WillBe, s.who(will)))
	} else {
		texts = append(texts, speech.Say(lang.PersonAsk))
	}
	if words := s.limits(will, now); words != "" {
		texts = append(texts, speech.Say(lang.PersonLimits, words))
	}
	if row.Who.Birth != "" {
		texts = append(texts, speech.Say(lang.PersonBorn, row.Who.Birth))
	}
	p.words.say(texts...)
	for i, b := range p.sexes {
		b.Choose(personSexes[i].sex == p.sex || p.sex == "" && personSexes[i].sex == row.Who.Sex)
	}
	for i, b := range p.units {
		b.Choose(i == p.unit)
	}
	second := ""
	if changed {
		second = s.who(will)
	}
	p.record.Say(speech.Say(lang.RecordIt), second)
	p.record.Disable(!changed || !known)
	p.undo.show(now)
}
