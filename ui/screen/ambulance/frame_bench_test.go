package ambulance

import (
	"context"
	"testing"
	"time"

	"fieldkit/triage/chart"
	"fieldkit/triage/score"
	"fieldkit/triage/vital"
	"fieldkit/ui"
	"fieldkit/ui/theme"
)

// BenchmarkFrame is the program's own work for one painted frame of the monitor
// with four traces at 30 frames a second: taking in moments, drawing new columns,
// deciding what changed. What Fyne and the display driver do with the pictures is
// not in it. The plan allows 4 ms.
func BenchmarkFrame(b *testing.B) {
	r := newRig(b, theme.Night, 1280, 800)
	r.run(2 * time.Second)
	r.win.Canvas().Capture() // gives the traces their pictures
	r.run(12 * time.Second)
	var spent time.Duration
	for b.Loop() {
		moments := r.desk.Step(time.Second / 30)
		now := r.desk.Now()
		began := time.Now()
		for _, m := range moments {
			r.inbox.moment(m)
		}
		r.Frame(now)
		spent += time.Since(began)
	}
	b.ReportMetric(float64(spent.Microseconds())/1000/float64(b.N), "ms/frame")
	b.ReportMetric(0, "ns/op") // the desk's own work is in it
}

// BenchmarkPages is the same for the pages of care, with a record of a long run: an
// entry a minute for a day.
func BenchmarkPages(b *testing.B) {
	for _, p := range []struct {
		name string
		open func(*Screen) page
	}{
		{"triage", func(s *Screen) page { return newCard(s) }},
		{"news2", func(s *Screen) page { return newScore(newScores(s), score.Rules[0]) }},
		{"handover", func(s *Screen) page { return newTelling(s) }},
		{"cpr", func(s *Screen) page { return newCPR(s) }},
		{"decisions", func(s *Screen) page { return newDecisions(s) }},
		{"incident", func(s *Screen) page { return newIncident(s) }},
	} {
		b.Run(p.name, func(b *testing.B) {
			r := newRig(b, theme.Night, 1280, 800)
			n := vital.Int(90)
			for i := range 1440 {
				if _, err := r.desk.Record(context.Background(), ui.Draft{Encounter: r.On(), Patient: chart.ID{0: 9, 15: 1}, Happened: r.desk.Now().Add(time.Duration(i-1440) * time.Minute),
					Content: &chart.Vitals{Reason: chart.ReasonMinute, Values: []chart.Vital{{Sign: vital.SpO2, Value: &n}, {Sign: vital.HeartRate, Value: &n}}}}); err != nil {
					b.Fatal(err)
				}
			}
			r.run(2 * time.Second)
			r.open(p.open(r.Screen))
			r.settle()
			var spent time.Duration
			for b.Loop() {
				moments := r.desk.Step(time.Second / 30)
				now := r.desk.Now()
				began := time.Now()
				for _, m := range moments {
					r.inbox.moment(m)
				}
				r.Frame(now)
				spent += time.Since(began)
			}
			b.ReportMetric(float64(spent.Microseconds())/1000/float64(b.N), "ms/frame")
			b.ReportMetric(0, "ns/op")
		})
	}
}
