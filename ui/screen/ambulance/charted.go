package ambulance

import (
	"slices"
	"time"

	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
	"fieldkit/ui"
	"fieldkit/ui/lang"
	"fieldkit/ui/widget"
)

// charted puts onto a tile what the record says of a value that lasts (a cuff
// result, a temperature) when it is newer than what the monitor says: somebody
// measured by hand. Numbers that a monitor follows by the second are never taken
// from the record.
func (s *Screen) charted(n *widget.Number, bed *ui.Bed, now time.Time, signs []vital.Sign) {
	if signs[0].Info().Ageing != vital.Episodic {
		return
	}
	row, known := s.row(s.on)
	if !known {
		return
	}
	first, ok := lastCharted(row, signs[0])
	if !ok {
		return
	}
	age := max(0, now.Sub(first.At.Time()))
	if bed != nil && bed.Heard() {
		const same = 2 * time.Second // one result told twice, by monitor and record
		shown := bed.Show(now, signs[0])
		if shown.Text != "" && (shown.Age <= age || shown.Age <= age+same && shown.Text == chartedText(first)) {
			return
		}
	}
	standing := vital.Episodic.At(age)
	text, doubt := chartedText(first), first.Vital.Questionable
	if signs[0] == vital.NIBPSys {
		low := "--"
		if second, ok := lastCharted(row, vital.NIBPDia); ok && second.At == first.At {
			low, doubt = chartedText(second), doubt || second.Vital.Questionable
		}
		text += "/" + low
		n.Detail = ""
	}
	n.Digits, n.Standing, n.Unit = text, standing, first.Vital.In().Label()
	n.Foot = s.doubted(s.speech.Say(lang.ChartedAgo, s.speech.Age(age)), doubt)
}

// doubted adds to the words under a value that the monitor itself doubts it.
func (s *Screen) doubted(words string, doubt bool) string {
	switch {
	case !doubt:
		return words
	case words == "":
		return s.speech.Say(lang.MonitorDoubts)
	}
	return s.speech.Say(lang.MonitorDoubts) + ", " + words
}

func chartedText(v chart.RowVital) string {
	return v.Vital.Value.RoundTo(v.Vital.Sign.PlacesIn(v.Vital.In())).String()
}

// lastCharted is the record's latest of a sign, when it is a value.
func lastCharted(row chart.Row, sign vital.Sign) (chart.RowVital, bool) {
	at := slices.IndexFunc(row.Last, func(v chart.RowVital) bool { return v.Vital.Sign == sign })
	if at < 0 || row.Last[at].Vital.Value == nil {
		return chart.RowVital{}, false
	}
	return row.Last[at], true
}
