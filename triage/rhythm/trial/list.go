package trial

import (
	"io"
	"io/fs"

	"fieldkit/triage/rhythm"
	"fieldkit/triage/rhythm/wfdb"
)

// List prints the beats and episodes of lead n of the record whose header is at
// name, and returns its beats as an annotation file.
func List(fsys fs.FS, name string, n int, to io.Writer) (annotations []byte, err error) {
	l, err := open(fsys, name, n)
	if err != nil {
		return nil, err
	}
	m, err := rhythm.NewMonitor(l.rate)
	if err != nil {
		return nil, err
	}
	p := &printer{to: to}
	p.linef("%s lead %d, %g samples per second, %.1f s", l.name, n, l.rate, l.duration(int64(len(l.counts))).Seconds())
	p.linef("%10s %10s %8s %9s", "seconds", "sample", "rr ms", "certainty")
	var marks []wfdb.Annotation
	second := max(1, int(l.rate))
	for at := 0; at < len(l.counts); at += second {
		beats, episodes := m.Push(l.counts[at:min(at+second, len(l.counts))], l.scale)
		for _, b := range beats {
			interval := int64(0)
			if k := len(marks); k > 0 {
				interval = l.duration(b.Sample - marks[k-1].Sample).Milliseconds()
			}
			p.linef("%10.3f %10d %8d %9.2f", l.duration(b.Sample).Seconds(), b.Sample, interval, b.Certainty)
			marks = append(marks, wfdb.Annotation{Sample: b.Sample, Code: wfdb.Normal, Channel: uint8(n)})
		}
		for _, e := range episodes {
			l.episode(p, e)
		}
	}
	if p.err != nil {
		return nil, p.err
	}
	return wfdb.AppendAnnotations(nil, marks)
}

func (l *lead) episode(p *printer, e rhythm.Episode) {
	note := ""
	if e.Silenced {
		note = ", silenced: the pulse goes on"
	}
	if e.To == 0 {
		p.linef("%10.3f %10d begins: %s (confidence %.2f%s)", l.duration(e.From).Seconds(), e.From, e.Kind, e.Confidence, note)
		return
	}
	p.linef("%10.3f %10d ends: %s, from %.3f s, for %.1f s (confidence %.2f%s)", l.duration(e.To).Seconds(), e.To, e.Kind,
		l.duration(e.From).Seconds(), l.duration(e.To-e.From).Seconds(), e.Confidence, note)
}
