package ambulance

import (
	"testing"
	"time"

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
