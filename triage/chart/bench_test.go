package chart

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"fieldkit/triage/vital"
)

// long is an encounter of n entries as two tablets would write it in a long run:
// mostly vitals of ten signs each, with drugs, alarms, notes and corrections.
func long(n int) []Entry {
	values := func() (v []Vital) {
		for s := vital.Sign(1); len(v) < 10; s++ {
			v = append(v, Vital{Sign: s, Value: dec("97")})
		}
		return v
	}()
	var out []Entry
	seq := [2]uint64{}
	for i := range n {
		b := i % 2
		seq[b]++
		var c Content = &Vitals{Reason: ReasonMinute, Values: values}
		switch i % 20 {
		case 3:
			c = given([]string{"Morphine", "Ketamine", "Ondansetron"}[i/20%3], "5", "mg")
		case 7:
			c = &AlarmRaised{Condition: "SpO2 low", Priority: HighPriority, Sign: vital.SpO2}
		case 8:
			c = &AlarmAcknowledged{[]Ref{{Device: Device{2}, Epoch: Epoch{2}, Seq: seq[1]}}}
		case 11:
			c = &PatientIdentified{Who: Demographics{Family: "Okoro"}}
		case 13:
			c = &Note{"x"}
		case 14:
			c = &Retraction{Ref{Device: Device{2}, Epoch: Epoch{2}, Seq: seq[1]}, "x"}
		}
		k, _ := KindOf(c.Type())
		when := at("08:00").Add(time.Duration(i) * 20 * time.Second)
		out = append(out, Entry{
			Ref: Ref{Device: Device{byte(b + 1)}, Epoch: Epoch{byte(b + 1)}, Seq: seq[b]}, Log: k.Log, Wall: when, Happened: when,
			Trust: ClockGPS, Patient: patientA, Encounter: encounter1, Content: c,
			Saw: []Ref{{Device: Device{byte(2 - b)}, Epoch: Epoch{byte(2 - b)}, Seq: max(seq[1-b], 2) - 1}},
		})
	}
	return out
}

// BenchmarkFold opens an encounter of 2,000 entries, makes its row, adds one more.
// Beside it, in the same run, stand the cost of copying the entries and the ratio
// of folding them to reading them as JSON.
func BenchmarkFold(b *testing.B) {
	entries := long(2000)
	b.Run("open", func(b *testing.B) {
		for b.Loop() {
			f := NewFold(encounter1)
			f.Add(entries...)
			f.Chart()
		}
	})
	b.Run("open and row", func(b *testing.B) {
		for b.Loop() {
			f := NewFold(encounter1)
			f.Add(entries...)
			f.Chart().Row()
		}
	})
	b.Run("one more", func(b *testing.B) {
		f := NewFold(encounter1)
		f.Add(entries...)
		f.Chart()
		next := entries[0]
		for b.Loop() {
			next.Ref.Epoch = Epoch{9}
			next.Ref.Seq++
			f.Add(next)
			f.Chart()
			delete(f.entries, next.Ref)
		}
	})
	b.Run("vitals", func(b *testing.B) {
		f := NewFold(encounter1)
		f.Add(entries...)
		c := f.Chart()
		for b.Loop() {
			c.Vitals()
		}
	})
	b.Run("copy", func(b *testing.B) {
		for b.Loop() {
			_ = slices.Clone(entries)
		}
	})
	b.Run("against JSON", func(b *testing.B) {
		text, err := json.Marshal(entries)
		if err != nil {
			b.Fatal(err)
		}
		var reading, folding time.Duration
		for b.Loop() {
			start := time.Now()
			var back []Entry
			if err := json.Unmarshal(text, &back); err != nil {
				b.Fatal(err)
			}
			read := time.Now()
			f := NewFold(encounter1)
			f.Add(back...)
			f.Chart()
			reading += read.Sub(start)
			folding += time.Since(read)
		}
		b.ReportMetric(float64(folding)/float64(reading), "fold/read")
	})
}

// BenchmarkIndex keeps 5,000 encounters: building the list, putting one row and
// reading the list.
func BenchmarkIndex(b *testing.B) {
	f := NewFold(encounter1)
	f.Add(long(100)...)
	row := f.Chart().Row()
	rows := make([]Row, 5000)
	for i := range rows {
		rows[i] = row
		rows[i].Encounter = ID{1, 2: byte(i >> 8), 3: byte(i)}
		rows[i].Patients = []ID{{2, 2: byte(i >> 8), 3: byte(i)}}
		rows[i].Opened += Moment(i * 7919 % 5000)
	}
	fill := func() *Index {
		x := NewIndex()
		for _, r := range rows {
			x.Put(r)
		}
		return x
	}
	b.Run("build", func(b *testing.B) {
		for b.Loop() {
			fill()
		}
	})
	x := fill()
	b.Run("put", func(b *testing.B) {
		for b.Loop() {
			x.Put(rows[17])
		}
	})
	b.Run("list", func(b *testing.B) {
		for b.Loop() {
			x.Rows()
		}
	})
}
