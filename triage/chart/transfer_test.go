package chart

import "testing"

// A patient goes from vehicle to vehicle. Device 1 gives, device 2 is named, device 3
// is a bystander.
func TestAPatientHandedOnIsWithTheGiverUntilTheOtherHasTakenThemOver(t *testing.T) {
	type crew = tablet
	offer := func() *HandoverOffered {
		return &HandoverOffered{Format: "ATMIST", To: "AMB-3", Station: Device{2}, Onward: true, Items: []HandoverItem{{Key: "age", Text: "64"}}}
	}
	for _, c := range []struct {
		name  string
		write func(giver, named, other *crew)
		state TransferState
		gone  bool
	}{
		{"offered and never answered", func(g, n, o *crew) { g.write("14:00", offer()) }, TransferOffered, false},
		{"taken over", func(g, n, o *crew) {
			e := g.write("14:00", offer())
			n.hears(g)
			n.write("14:02", &HandoverAccepted{Of: e.Ref})
		}, TransferDone, true},
		{"taken over by somebody whom it does not name", func(g, n, o *crew) {
			e := g.write("14:00", offer())
			o.hears(g)
			o.write("14:02", &HandoverAccepted{Of: e.Ref})
		}, TransferOffered, false},
		{"declined", func(g, n, o *crew) {
			e := g.write("14:00", offer())
			n.hears(g)
			n.write("14:02", &HandoverDeclined{Of: e.Ref, Why: "no room"})
		}, TransferDeclined, false},
		{"declined, then taken over after all", func(g, n, o *crew) {
			e := g.write("14:00", offer())
			n.hears(g)
			n.write("14:02", &HandoverDeclined{Of: e.Ref, Why: "no room"})
			n.write("14:03", &HandoverAccepted{Of: e.Ref})
		}, TransferDone, true},
		{"taken back before it was answered", func(g, n, o *crew) {
			e := g.write("14:00", offer())
			g.write("14:01", &Retraction{Of: e.Ref, Why: "walked"})
			n.hears(g)
			n.write("14:02", &HandoverAccepted{Of: e.Ref})
		}, TransferWithdrawn, false},
		{"taken back and taken over while apart", func(g, n, o *crew) {
			e := g.write("14:00", offer())
			n.hears(g)
			g.write("14:01", &Retraction{Of: e.Ref, Why: "walked"})
			n.write("14:01", &HandoverAccepted{Of: e.Ref})
		}, TransferDisputed, false},
		{"taken back by a giver who knew that it was taken over", func(g, n, o *crew) {
			e := g.write("14:00", offer())
			n.hears(g)
			n.write("14:01", &HandoverAccepted{Of: e.Ref})
			g.hears(n)
			g.write("14:02", &Retraction{Of: e.Ref, Why: "walked"})
		}, TransferDone, true},
		{"on the giver's word alone", func(g, n, o *crew) {
			g.write("14:00", offer())
			g.write("14:05", &EncounterMoved{Place: "AMB-3", Station: Device{2}})
		}, TransferOffered, true},
		{"on a bystander's word", func(g, n, o *crew) {
			g.write("14:00", offer())
			o.hears(g)
			o.write("14:05", &EncounterMoved{Place: "AMB-3", Station: Device{2}})
		}, TransferOffered, false},
		{"and a person has put the giver's monitor to them since", func(g, n, o *crew) {
			e := g.write("14:00", offer())
			n.hears(g)
			n.write("14:02", &HandoverAccepted{Of: e.Ref})
			g.hears(n)
			g.write("14:05", &MonitorBound{Monitor: "M1"})
		}, TransferDone, false},
		{"and the giver's station has bound a monitor by itself", func(g, n, o *crew) {
			e := g.write("14:00", offer())
			n.hears(g)
			n.write("14:02", &HandoverAccepted{Of: e.Ref})
			g.hears(n)
			g.writeAs("14:05", &MonitorBound{Monitor: "M1"}, func(e *Entry) { e.Author.Checked = CheckedStation })
		}, TransferDone, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := &ward{t}
			giver, named, other := w.tablet(1), w.tablet(2), w.tablet(3)
			giver.write("13:00", &EncounterOpened{Setting: "ambulance"})
			c.write(giver, named, other)
			chart := chartOf(giver, named, other)
			all := chart.Transfers()
			if len(all) != 1 || all[0].State != c.state {
				t.Fatalf("the transfers are %+v, want one that is %q", all, c.state)
			}
			to, said := chart.HandedOn(Device{1})
			if (said != nil) != c.gone || c.gone && to != "AMB-3" {
				t.Errorf("handed on: %v to %q, want %v", said != nil, to, c.gone)
			}
			if chart.Course().Status != Open || len(chart.Handovers()) != 0 {
				t.Errorf("the encounter is %q: the other vehicle cares on", chart.Course().Status)
			}
			row := chart.Row().Transfers
			if c.state == TransferDone && !c.gone { // the giver has them again
				if len(row) != 0 {
					t.Errorf("the patient list still says %+v", row)
				}
				return
			}
			if len(row) != 1 || row[0].Of != all[0].Offered.Ref || row[0].To != (Device{2}) || (row[0].State == c.state) == (row[0].State == TransferGone) {
				t.Errorf("the patient list says %+v", row)
			}
		})
	}
}

func TestAPatientHandedBackIsWithTheFirstVehicleAgain(t *testing.T) {
	w := &ward{t}
	first, second := w.tablet(1), w.tablet(2)
	hand := func(from, to *tablet, name string) {
		e := from.write("14:00", &HandoverOffered{Format: "ATMIST", To: name, Station: to.device, Onward: true, Items: []HandoverItem{{Key: "age", Text: "64"}}})
		to.hears(from)
		to.write("14:02", &HandoverAccepted{Of: e.Ref})
		from.hears(to)
	}
	first.write("13:00", &EncounterOpened{Setting: "ambulance"})
	hand(first, second, "AMB-3")
	hand(second, first, "AMB-7")
	chart := chartOf(first, second)
	if to, said := chart.HandedOn(first.device); said != nil {
		t.Errorf("the first vehicle is said to have handed them on to %q", to)
	}
	if to, _ := chart.HandedOn(second.device); to != "AMB-7" {
		t.Errorf("the second vehicle is said to have handed them on to %q, want AMB-7", to)
	}
}

// The second vehicle's clock is an hour ahead: what it accepted at "15:02" was given
// back and the patient handed to a third since. No clock may hide that.
func TestAClockThatIsAheadDoesNotHideThatThePatientIsElsewhere(t *testing.T) {
	w := &ward{t}
	first, ahead, third := w.tablet(1), w.tablet(2), w.tablet(3)
	hand := func(from, to *tablet, name, at string) {
		e := from.write(at, &HandoverOffered{Format: "ATMIST", To: name, Station: to.device, Onward: true, Items: []HandoverItem{{Key: "age", Text: "64"}}})
		to.hears(from)
		to.write(at, &HandoverAccepted{Of: e.Ref})
		from.hears(to)
	}
	first.write("13:00", &EncounterOpened{Setting: "ambulance"})
	first.write("14:00", &Note{Text: "."})
	e := first.write("14:00", &HandoverOffered{Format: "ATMIST", To: "AMB-3", Station: ahead.device, Onward: true, Items: []HandoverItem{{Key: "age", Text: "64"}}})
	ahead.hears(first)
	ahead.write("15:02", &HandoverAccepted{Of: e.Ref})
	first.hears(ahead)
	hand(ahead, first, "AMB-7", "14:10")
	hand(first, third, "AMB-4", "14:20")
	if to, said := chartOf(first, ahead, third).HandedOn(first.device); said == nil || to != "AMB-4" {
		t.Errorf("handed on to %q, want AMB-4", to)
	}
}

// The crew that handed the patient on ends its own run; with the other vehicle the
// encounter goes on, and its monitors record to it.
func TestTheGiverEndsNothingForThePatientWhomAnotherVehicleHasTakenOver(t *testing.T) {
	for _, c := range []struct {
		name  string
		write func(giver, taker *tablet, offer Ref)
		want  Status
	}{
		{"the giver closes once it knows", func(g, n *tablet, offer Ref) {
			n.write("14:02", &HandoverAccepted{Of: offer})
			g.hears(n)
			g.write("14:10", &EncounterClosed{Outcome: "handed over"})
		}, Open},
		{"the giver stands down once it knows", func(g, n *tablet, offer Ref) {
			n.write("14:02", &HandoverAccepted{Of: offer})
			g.hears(n)
			g.write("14:10", &EncounterStoodDown{Why: "no patient"})
		}, Open},
		{"the giver closes and the other takes over while apart", func(g, n *tablet, offer Ref) {
			g.write("14:01", &EncounterClosed{Outcome: "handed over"})
			n.write("14:02", &HandoverAccepted{Of: offer})
		}, Open},
		{"the other saw the end when it answered", func(g, n *tablet, offer Ref) {
			g.write("14:01", &EncounterClosed{Outcome: "handed over"})
			n.hears(g)
			n.write("14:02", &HandoverAccepted{Of: offer})
		}, Closed},
		{"the other closes", func(g, n *tablet, offer Ref) {
			n.write("14:02", &HandoverAccepted{Of: offer})
			g.hears(n)
			g.write("14:10", &EncounterClosed{Outcome: "handed over"})
			n.write("14:30", &EncounterClosed{Outcome: "handed over"})
		}, Closed},
		{"the giver has the patient again and closes", func(g, n *tablet, offer Ref) {
			n.write("14:02", &HandoverAccepted{Of: offer})
			g.hears(n)
			g.write("14:10", &MonitorBound{Monitor: "M1"})
			g.write("14:30", &EncounterClosed{Outcome: "handed over"})
		}, Closed},
		{"the giver has the patient again after an end that did not count", func(g, n *tablet, offer Ref) {
			n.write("14:02", &HandoverAccepted{Of: offer})
			g.hears(n)
			g.write("14:10", &EncounterClosed{Outcome: "handed over"})
			g.write("14:20", &MonitorBound{Monitor: "M1"})
		}, Open},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := &ward{t}
			giver, taker := w.tablet(1), w.tablet(2)
			giver.write("13:00", &EncounterOpened{Setting: "ambulance"})
			e := giver.write("14:00", &HandoverOffered{Format: "ATMIST", To: "AMB-3", Station: Device{2}, Onward: true, Items: []HandoverItem{{Key: "age", Text: "64"}}})
			taker.hears(giver)
			c.write(giver, taker, e.Ref)
			course := chartOf(giver, taker).Course()
			if course.Status != c.want {
				t.Errorf("the encounter is %q, want %q", course.Status, c.want)
			}
			if n := len(course.Ended.Stands) + len(course.Ended.Lost); n == 0 {
				t.Error("the giver's word is not shown at all")
			}
		})
	}
}
