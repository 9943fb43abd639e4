package identity

import (
	"encoding/hex"
	"testing"
	"time"

	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

func keeps(of Kept, years uint16) *Retention { return &Retention{Keep: []Keep{{Of: of, Years: years}}} }

func TestTheNewestRetentionHoldsAndOfTwoMadeApartTheLonger(t *testing.T) {
	s := newStreet(t)
	s.write("ann", s.member("bea", true))
	s.write("ann", s.member("ben", false))
	s.meet("ann", "bea", "ben")
	adult := func() KeepState { return s.fold().Keeps(KeptAdult) }
	if k := adult(); !k.ForEver() || k.By != (chart.Ref{}) {
		t.Errorf("nobody said how long, and it is %+v", k)
	}
	s.write("ann", keeps(KeptAdult, 20))
	s.write("ben", keeps(KeptAdult, 1)) // no admin
	if k := adult(); k.Years != 20 || k.Disputed {
		t.Errorf("%+v, want 20 years", k)
	}
	s.meet("ann", "bea")
	first := s.write("bea", keeps(KeptAdult, 10)) // had seen the 20: it is shortened
	if k := adult(); k.Years != 10 || k.Disputed || k.By != first {
		t.Errorf("%+v, want 10 years", k)
	}
	s.write("ann", keeps(KeptAdult, 12)) // apart
	if k := adult(); k.Years != 12 || !k.Disputed {
		t.Errorf("%+v, want the longer of 10 and 12 years, in dispute", k)
	}
	s.write("bea", &Retention{Keep: []Keep{{Of: KeptAdult}, {Of: KeptStream, Days: 7}}})
	if k := adult(); !k.ForEver() || !k.Disputed {
		t.Errorf("%+v, want for ever, in dispute", k)
	}
	s.meet("ann", "bea")
	s.write("ann", keeps(KeptAdult, 8))
	if k := adult(); k.Years != 8 || k.Disputed {
		t.Errorf("%+v, want the 8 years that settle it", k)
	}
	if k := s.fold().Keeps(KeptStream); k.Days != 7 {
		t.Errorf("a row that the later entry does not name became %+v", k)
	}
	// A tablet that is out says nothing any more.
	s.meet("ann", "bea")
	s.revoke("ann", "bea")
	s.write("bea", keeps(KeptAdult, 1))
	if k := adult(); k.Years != 8 || k.Disputed {
		t.Errorf("after a withdrawn admin's word: %+v", k)
	}
}

func TestARetentionThatWouldEmptyTheRecordIsRefused(t *testing.T) {
	for _, c := range []struct {
		story string
		keep  []Keep
		ok    bool
	}{
		{"ten years", []Keep{{Of: KeptAdult, Years: 10}}, true},
		{"for ever", []Keep{{Of: KeptAudit}}, true},
		{"minors until 28", []Keep{{Of: KeptMinor, Years: 20, Until: 28}}, true},
		{"waveforms for a week", []Keep{{Of: KeptStream, Days: 7}}, true},
		{"no row", nil, false},
		{"days instead of years", []Keep{{Of: KeptAdult, Days: 8}}, false},
		{"minors until 28 and no time beside", []Keep{{Of: KeptMinor, Until: 28}}, false},
		{"adults until an age", []Keep{{Of: KeptAdult, Years: 8, Until: 25}}, false},
		{"the team log", []Keep{{Of: 5, Years: 8}}, false},
		{"no kind", []Keep{{Years: 8}}, false},
		{"twice", []Keep{{Of: KeptAdult, Years: 8}, {Of: KeptAdult, Years: 9}}, false},
		{"a thousand years", []Keep{{Of: KeptAdult, Years: 1000}}, false},
	} {
		if err := (&Retention{Keep: c.keep}).Validate(); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.story, err)
		}
	}
}

func TestAMinorsChartIsKeptUntilTheBirthdayWhenThatIsLater(t *testing.T) {
	day := func(s string) time.Time {
		d, err := time.Parse(time.DateOnly, s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	england := Keep{Of: KeptMinor, Years: 8, Until: 25}
	for _, c := range []struct{ seen, born, after string }{
		{"2026-11-22", "2025-11-22", "2050-11-22"}, // at one year of age
		{"2026-11-22", "2009-01-01", "2034-11-22"}, // at 17: eight years are longer than until 25
	} {
		if got := england.After(day(c.seen), day(c.born)); !got.Equal(day(c.after)) {
			t.Errorf("born %s, seen %s: %v, want %s", c.born, c.seen, got, c.after)
		}
	}
	if got := (Keep{Of: KeptAdult}).After(day("1900-01-01"), time.Time{}); !got.IsZero() {
		t.Errorf("for ever ends at %v", got)
	}
}

// Written by hand from RFC 8949: what stands in every team's log for ever.
func TestARetentionIsWrittenTheSameForEver(t *testing.T) {
	r := &Retention{Keep: []Keep{{Of: KeptAdult, Years: 8}, {Of: KeptMinor, Years: 8, Until: 25}, {Of: KeptStream, Days: 300}}, Why: "x"}
	b, err := journal.EncodeContent(r)
	if err != nil {
		t.Fatal(err)
	}
	want := "a2" + "01" + "83" + "8401080000" + "840208001819" + "84030019012c00" + "02" + "6178"
	if got := hex.EncodeToString(b); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if r.Type() != 905 {
		t.Errorf("type %d", r.Type())
	}
}
