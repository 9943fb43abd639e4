package ambulance

import (
	"context"
	"fmt"
	"testing"
	"time"

	"fyne.io/fyne/v2/test"

	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
	"fieldkit/ui"
	"fieldkit/ui/lang"
	"fieldkit/ui/rehearsal"
	"fieldkit/ui/theme"
)

// Every page as a picture and, once, as its layout, by night and by day; the monitor by sun and on a larger
// display too. A person has looked at each. They guard against change and prove
// nothing.
func TestEveryPageLooksAsItDid(t *testing.T) {
	pages := []struct {
		name string
		open func(*rig)
	}{
		{"monitor", func(*rig) {}},
		{"events", func(r *rig) { r.tap(r.say(lang.Event)); r.tap(r.say(lang.EventOnScene)); r.tap(r.say(lang.EventIV)) }},
		{"drugs", func(r *rig) { r.tap(r.say(lang.Drug)) }},
		{"give", func(r *rig) { r.tap(r.say(lang.Drug)); r.tap("ADRENaline") }},
		{"allergic", func(r *rig) {
			r.put(10*time.Hour, drugGiven("morphine", "", 5))
			r.put(time.Minute, &chart.AllergyAdded{Item: chart.Named{Name: "latex"}})
			r.put(time.Minute, &chart.AllergyAdded{Item: chart.Named{Name: "opioids", Code: "ATC:N02A"}})
			r.tap(r.say(lang.Drug))
			r.tap("MORphine")
		}},
		{"called", func(r *rig) {
			r.desk.Change(0, func(p *rehearsal.Patient) { *p = *rehearsal.Well(chart.ID{15: 1}) })
			r.run(2 * time.Second)
			r.elsewhere(r.On(), &chart.ArrivalDiverted{To: "St Mary", Why: "no scanner"})
			r.elsewhere(r.On(), &chart.Message{Text: "Call us on the way, please: we have one bed"})
		}},
		{"trends", func(r *rig) { r.tap(r.say(lang.Trends)) }},
		{"patients", func(r *rig) { r.tap("tag 0417") }},
		{"link", func(r *rig) { r.tap(r.say(lang.LinkAndDevices)) }},
		{"about", func(r *rig) { r.tap(r.say(lang.LinkAndDevices)); r.tap(r.say(lang.AboutStation)) }},
		{"ruler", func(r *rig) {
			r.tap(r.say(lang.LinkAndDevices))
			r.tap(r.say(lang.AboutStation))
			r.tap(r.say(lang.Ruler))
		}},
		{"backup", func(r *rig) {
			r.desk.Plug(ui.Stick{Name: "RED-STICK", Path: "/media/red", Free: 31e9})
			r.tap(r.say(lang.LinkAndDevices))
			r.tap(r.say(lang.AboutStation))
			r.tap(r.say(lang.Backup))
		}},
		{"record", func(r *rig) { r.tap(r.say(lang.Trends)); r.tap(r.say(lang.Record)) }},
		{"corrections", func(r *rig) { r.charts(); r.openCorrections() }},
		{"correction", func(r *rig) {
			r.charts()
			r.openCorrection(r.drugs.Drugs[0].Name)
			r.page.(*correction).dose(r.page.(*correction).old.Content.(*chart.DrugGiven), r.drugs.Drugs[0].Doses[0])
			r.tap(r.speech.Say(lang.MinutesEarlier, 5))
			r.tap(r.say(lang.WrongNumber))
		}},
		{"corrected", func(r *rig) {
			r.charts()
			r.openCorrection("36.5")
			r.tap("+10")
			r.tap(r.say(lang.WrongNumber))
			r.hold(r.say(lang.HoldCorrect), 1200*time.Millisecond)
			r.run(12 * time.Second)
			r.settle()
			r.tap(r.say(lang.Older))
		}},
		{"indoubt", func(r *rig) { r.apart(); r.openDisputes() }},
		{"doubledose", func(r *rig) {
			r.apart()
			r.openDisputes()
			for range 3 {
				r.tap(r.say(lang.NextPage))
			}
			r.tap(r.say(lang.ChartedTwice))
		}},
		{"indoubtall", func(r *rig) {
			r.apart()
			r.openDisputes()
			r.tap(r.say(lang.OthersInDoubt))
		}},
		{"same", func(r *rig) { r.others(); r.openSame() }},
		{"join", func(r *rig) { r.others(); r.openSame(); r.tap("Awa DIALLO") }},
		{"part", func(r *rig) {
			r.others()
			r.join("Awa DIALLO")
			r.openSame()
			r.tap("JOINED")
			r.tap(r.say(lang.WhyNotSame))
		}},
		{"kinds", func(r *rig) { r.openKinds(); r.tap(r.say(lang.KindClinic)) }},
		{"audit", func(r *rig) { r.openAudit() }},
		{"auditrefused", func(r *rig) {
			r.tap(r.say(lang.LinkAndDevices))
			r.tap(r.say(lang.AboutStation))
			r.tap(r.say(lang.AuditWord))
		}},
		{"parcel", func(r *rig) { r.openParcels(); r.tap("2026-03-01 18:20") }},
		{"parcelcame", func(r *rig) {
			r.openParcels()
			r.tap("2026-03-01 18:20")
			r.hold(r.say(lang.HoldParcelIn), 1200*time.Millisecond)
			r.settle()
		}},
		{"lentlist", func(r *rig) { r.lends(r.live()); r.tap("tag 0417") }},
		{"lent", func(r *rig) { r.lends(r.live()); r.tap("tag 0417"); r.tap("Ngozi OKONKWO"); r.ask(); r.settle() }},
		{"paused", func(r *rig) { r.tap(r.say(lang.PauseSound)); r.ask(); r.run(2 * time.Second) }},
		{"locked", func(r *rig) { r.tap(r.station.SignedIn); r.ask(); r.run(time.Second) }},
		{"signin", func(r *rig) {
			r.tap(r.station.SignedIn)
			r.ask()
			r.tap(r.say(lang.SignIn))
			r.tap("2")
			r.tap("4")
			r.tap("6")
		}},
		{"letters", func(r *rig) {
			r.tap(r.station.SignedIn)
			r.ask()
			r.tap(r.say(lang.SignIn))
			r.tap(r.say(lang.LettersKey))
			r.tap("f")
			r.tap("i")
		}},
		{"emergency", func(r *rig) {
			r.tap(r.station.SignedIn)
			r.ask()
			r.tap(r.say(lang.Emergency))
			r.tap(r.say(lang.WhyDanger))
		}},
	}
	for _, look := range []theme.Look{theme.Night, theme.Day} {
		for _, p := range pages {
			t.Run(fmt.Sprintf("%s_%v", p.name, look), func(t *testing.T) { picture(t, p.name, look, 1280, 800, p.open) })
		}
	}
	t.Run("monitor_sun", func(t *testing.T) { picture(t, "monitor", theme.Sun, 1280, 800, func(*rig) {}) })
	t.Run("monitor_large", func(t *testing.T) { picture(t, "monitor", theme.Night, 1920, 1200, func(*rig) {}) })
	t.Run("monitor_small", func(t *testing.T) { picture(t, "monitor", theme.Night, 1024, 600, func(*rig) {}) })
}

func picture(t *testing.T, name string, look theme.Look, width, height float32, open func(*rig)) {
	r := newRig(t, look, width, height)
	r.desk.Change(0, func(p *rehearsal.Patient) { *p = *rehearsal.Desaturating(chart.ID{15: 1}) })
	r.run(12 * time.Second)
	r.ask()
	for i := range 14 {
		at := r.desk.Now().Add(time.Duration(i-14) * time.Minute)
		value := func(s vital.Sign, n int64) chart.Vital {
			v := vital.Int(n)
			return chart.Vital{Sign: s, Value: &v}
		}
		values := []chart.Vital{value(vital.HeartRate, int64(90+2*i)), value(vital.SpO2, int64(98-i)), value(vital.RespRateCO2, 14), value(vital.EtCO2, 38)}
		if i%5 == 0 {
			values = append(values, value(vital.NIBPSys, int64(130-3*i)), value(vital.NIBPDia, 78))
		}
		draft := ui.Draft{Encounter: r.On(), Patient: chart.ID{0: 9, 15: 1}, Happened: at,
			Content: &chart.Vitals{Reason: chart.ReasonMinute, Values: values, Sources: []vital.Provenance{{Driver: "sim", Simulated: true}}}}
		if _, err := r.desk.Record(context.Background(), draft); err != nil {
			t.Fatal(err)
		}
	}
	open(r)
	r.run(200 * time.Millisecond)
	for range 3 { // what was recorded is read again, and that is shown
		r.settle()
	}
	size := ""
	if width != 1280 {
		size = fmt.Sprintf("_%.0f", width)
	}
	if look == theme.Day {
		test.AssertRendersToMarkup(t, name+".xml", r.win.Canvas())
	}
	test.AssertRendersToImage(t, fmt.Sprintf("%s_%v%s.png", name, look, size), r.win.Canvas())
}
