package journal

import (
	"math/rand/v2"
	"testing"
	"time"

	"fieldkit/triage/chart"
)

const (
	minute = int64(60_000)
	day    = 24 * 60 * minute
	year   = 365 * day
)

func TestStampsRiseHoweverTheWallClockJumps(t *testing.T) {
	var c Clock
	last := HLC(0)
	for _, wall := range []int64{0, 5, 5, 5, noon, noon, noon - year, noon - year + 1, noon + day, noon, -1, noon + 2*day, 1 << 60} {
		now := c.Now(wall)
		if now <= last {
			t.Errorf("at wall %d the stamp %x does not follow %x", wall, now, last)
		}
		last = now
	}
	// A counter that runs over moves the time by a millisecond.
	c = ClockFrom(Stamp(noon, 65535))
	if got := c.Now(noon); got != Stamp(noon+1, 0) {
		t.Errorf("after the last counter of a millisecond comes %d.%d", got.Millis(), got.Count())
	}
	c = ClockFrom(^HLC(0))
	if got := c.Now(noon); got != ^HLC(0) {
		t.Errorf("after the last stamp of all comes %x", got)
	}
}

func TestAPeersClockMovesOursOnlyWithinTwoMinutes(t *testing.T) {
	for _, c := range []struct {
		what      string
		stamp     int64
		reference int64
		known     bool
		want      Verdict
		moved     bool
	}{
		{"a tablet a minute ahead", noon + minute, noon, true, Heard, true},
		{"one exactly two minutes ahead", noon + 2*minute, noon, true, Heard, true},
		{"one a millisecond over two minutes ahead", noon + 2*minute + 1, noon, true, Ahead, false},
		{"one a day ahead", noon + day, noon, true, Ahead, false},
		{"one of 1970", 0, noon, true, Heard, false},
		{"one a year behind", noon - year, noon, true, Heard, false},
		{"one in the far future", 1<<48 - 1, noon, true, Ahead, false},
		{"one with nothing to judge it by", noon + minute, 0, false, Unjudged, false},
	} {
		k := ClockFrom(Stamp(noon, 3))
		got := k.Hear(Stamp(c.stamp, 9), c.reference, c.known)
		next := k.Now(noon)
		if got != c.want || (next > Stamp(noon, 4)) != c.moved {
			t.Errorf("%s: verdict %d, our next stamp is %d.%d", c.what, got, next.Millis()-noon, next.Count())
		}
	}
}

// A station starts in 1970, is set a day ahead by hand, and twenty minutes later
// GPS tells the time: from then on its stamps are believed by peers again.
func TestAClockThatRanAheadGoesBackToTrustedTime(t *testing.T) {
	var c Clock
	c.Now(0)
	c.Now(noon + day)
	if c.Settle(noon + day - minute) {
		t.Error("a clock one minute ahead was set back")
	}
	if !c.Settle(noon) {
		t.Error("a clock a day ahead was not set back")
	}
	if got := c.Now(noon); got != Stamp(noon, 1) {
		t.Errorf("after GPS the stamp is %d ms off", got.Millis()-noon)
	}
}

func TestTheMedianStandsAgainstOneWrongPeer(t *testing.T) {
	for _, c := range []struct {
		times []int64
		want  int64
		known bool
	}{
		{nil, 0, false}, {[]int64{7}, 7, true}, {[]int64{noon + year, noon, noon + 1}, noon + 1, true}, {[]int64{0, noon, noon}, noon, true}, {[]int64{5, 9}, 5, true},
	} {
		if got, known := Median(c.times); got != c.want || known != c.known {
			t.Errorf("median of %v is %d, %v", c.times, got, known)
		}
	}
}

func TestClockEntriesGiveEarlierEntriesTheirTrueTime(t *testing.T) {
	ambulance, boot, other := chart.Device{1}, chart.Boot{1}, chart.Boot{2}
	type tie struct {
		mono, wall int64
		trust      chart.Trust
	}
	ties := []tie{
		{1000, 1000, chart.ClockUnset},                           // says 1970: nothing
		{20 * minute, noon, chart.ClockNetwork},                  // network after twenty minutes
		{30 * minute, noon + year, chart.ClockByHand},            // a wrong time set by hand
		{40 * minute, noon + 20*minute + 50, chart.ClockNetwork}, // 50 ms of drift
	}
	for seed := range uint64(20) {
		var b Boots
		for _, i := range rand.New(rand.NewPCG(seed, 1)).Perm(len(ties) * 2) {
			x := ties[i%len(ties)]
			b.Learn(ambulance, boot, x.mono, x.wall, x.trust)
		}
		for _, c := range []struct {
			what  string
			boot  chart.Boot
			mono  int64
			want  int64
			known bool
		}{
			{"an entry five minutes after start", boot, 5 * minute, noon - 15*minute, true},
			{"one nearer to the second clock entry", boot, 35 * minute, noon + 15*minute + 50, true},
			{"one of another boot", other, 5 * minute, 0, false},
		} {
			got, trust, known := b.True(ambulance, c.boot, c.mono)
			if known != c.known || known && (got != c.want || trust != chart.ClockNetwork) {
				t.Errorf("seed %d, %s: %d from noon (trust %d), %v", seed, c.what, got-noon, trust, known)
			}
		}
	}
	var b Boots
	if _, _, known := b.True(ambulance, boot, 0); known {
		t.Error("no clock entry gave a time")
	}
	b.Learn(ambulance, boot, 0, noon, chart.ClockByHand)
	b.Learn(ambulance, boot, day, noon+1, chart.ClockGPS)
	if got, trust, _ := b.True(ambulance, boot, 0); trust != chart.ClockGPS || got != noon+1-day {
		t.Errorf("GPS does not win over a time set by hand: %d, trust %d", got, trust)
	}
}

func TestANewEpochIsDueAfterADay(t *testing.T) {
	if Due(24*time.Hour-time.Millisecond) || !Due(24*time.Hour) {
		t.Error("an epoch does not last 24 h")
	}
}
