package clinic

import (
	"strconv"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"fieldkit/triage/chart"
	"fieldkit/ui/lang"
	"fieldkit/ui/screen/ambulance"
	"fieldkit/ui/widget"
)

// register admits a patient by taps alone: sex, age and complaint, each of which may
// stay unknown. The name comes later, by the encounter's own entries.
type register struct {
	s          *ambulance.Screen
	root       *fyne.Container
	admits     *widget.Button
	sex        chart.Sex
	age        string
	unit       int
	complaint  int
	sexes      []*widget.Button
	units      []*widget.Button
	complaints []*widget.Button
	at         time.Time
}

var sexes = [...]struct {
	sex chart.Sex
	key lang.Key
}{{chart.Female, lang.FemaleWord}, {chart.Male, lang.MaleWord}, {"", lang.UnknownWord}}

// units are those of an age, in UCUM and in words, with the largest number of each.
var units = [...]struct {
	code string
	key  lang.Key
	most int
}{{"a", lang.Years, 120}, {"mo", lang.Months, 36}, {"d", lang.DaysOld, 60}}

// complaints are the commonest, as the record says them and the screen.
var complaints = [...]struct {
	name string
	key  lang.Key
}{
	{"fever", lang.Fever}, {"wound", lang.Wound}, {"pain", lang.Pain}, {"breathing", lang.Breathless},
	{"diarrhoea", lang.Diarrhoea}, {"pregnancy", lang.Pregnancy}, {"chest pain", lang.ChestPain}, {"other", lang.OtherWord},
}

func newRegister(s *ambulance.Screen) *register {
	r := &register{s: s, complaint: -1}
	var objects []fyne.CanvasObject
	row := func(buttons []*widget.Button) {
		cells := make([]fyne.CanvasObject, len(buttons))
		for i, b := range buttons {
			cells[i] = b
		}
		objects = append(objects, container.New(ambulance.Grid(len(cells), 1), cells...))
	}
	for _, x := range sexes {
		r.sexes = append(r.sexes, widget.NewButton(s.Say(x.key), func() { r.sex = x.sex }))
	}
	for i, u := range units {
		r.units = append(r.units, widget.NewButton(s.Say(u.key), func() { r.unit = i; r.press("") }))
	}
	row(append(append([]*widget.Button{}, r.sexes...), r.units...))
	var keys []*widget.Button
	for digit := range 10 {
		text := strconv.Itoa((digit + 1) % 10)
		keys = append(keys, widget.NewButton(text, func() { r.press(text) }))
	}
	row(append(keys, widget.NewButton(s.Say(lang.ClearKey), func() { r.age = "" })))
	for i, c := range complaints {
		r.complaints = append(r.complaints, widget.NewButton(s.Say(c.key), func() { r.complaint = i }))
	}
	row(r.complaints)
	r.admits = widget.NewPrimary("", r.admit)
	r.root = s.Sheet(container.New(ambulance.Grid(1, len(objects)), objects...), r.admits)
	return r
}

// press adds a digit, where the age stays one that a person can have.
func (r *register) press(digit string) {
	text := r.age + digit
	if n, err := strconv.Atoi(text); text != "" && (err != nil || n > units[r.unit].most) {
		if digit == "" {
			r.age = "" // another unit, in which this age cannot be
		}
		return
	}
	r.age = text
}

func (r *register) who(now time.Time) chart.Demographics {
	d := chart.Demographics{Sex: r.sex, Label: r.s.Distinct(r.s.Say(lang.ArrivedAt, now.Format("15:04")))}
	if r.age != "" {
		n, _ := strconv.Atoi(r.age) // press takes digits alone
		d.Age = strconv.Itoa(n) + " " + units[r.unit].code
	}
	return d
}

func (r *register) admit() {
	s := r.s
	opened := chart.EncounterOpened{Setting: "clinic"}
	if r.complaint >= 0 {
		opened.Complaint = complaints[r.complaint].name
	}
	s.Admit(opened, r.who(r.at), func() { s.Home() })
}

// Object implements [ambulance.Page].
func (r *register) Object() fyne.CanvasObject { return r.root }

// Show implements [ambulance.Page].
func (r *register) Show(now time.Time) {
	r.at = now
	for i, b := range r.sexes {
		b.Choose(sexes[i].sex == r.sex)
	}
	for i, b := range r.units {
		b.Choose(i == r.unit)
	}
	for i, b := range r.complaints {
		b.Choose(i == r.complaint)
	}
	r.admits.Say(r.s.Say(lang.Admit), r.s.Who(chart.Row{Who: r.who(now)}))
}
