package kit

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"fieldkit/app/api"
	"fieldkit/app/store"
	"fieldkit/sync/journal"
	"fieldkit/telemetry/gateway"
	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
	"fieldkit/triage/vital/pack"
)

// packed is a block of samples of a lead from a time on, 250 a second, 5 µV a count.
func packed(t testing.TB, lead vital.Lead, start time.Duration, samples []int32) chart.Block {
	t.Helper()
	b, err := pack.Append(nil, samples)
	if err != nil {
		t.Fatal(err)
	}
	return chart.Block{Lead: lead, Rate: vital.Int(250), Unit: vital.Millivolt, Scale: vital.Dec(5, -3), Offset: -1024, Max: 4095,
		Count: uint32(len(samples)), StartUS: int32(start.Microseconds()), Packed: b}
}

// ramp is so many samples, each one count above the one before.
func ramp(from, n int) (out []int32) {
	for i := range n {
		out = append(out, int32(from+i))
	}
	return out
}

func laidOut(blocks ...chart.Block) (out []laid) {
	for i := range blocks {
		out = append(out, laid{&blocks[i], time.Duration(blocks[i].StartUS) * time.Microsecond})
	}
	return out
}

// values are the samples of a lead, "-" where the monitor had none.
func (s stripSheet) values(t *testing.T, lead int) (out []any, at []int64) {
	t.Helper()
	for _, r := range s.Runs {
		if r.Lead != lead {
			continue
		}
		for i, v := range r.Samples {
			at = append(at, r.StartUS+int64(math.Round(float64(i)/r.Rate.Float()*1e6)))
			if v == nil {
				out = append(out, "-")
			} else {
				out = append(out, *v)
			}
		}
	}
	return out, at
}

func TestAStripIsAnsweredByRangeAndNothingOfItTwiceOrNever(t *testing.T) {
	var blocks []chart.Block
	for n := range 20 {
		b := packed(t, vital.ECGII, time.Duration(n)*time.Second, ramp(250*n, 250))
		if n == 3 {
			b.Gaps = []vital.Gap{{From: 10, Len: 5, Why: vital.ProbeOff}}
		}
		blocks = append(blocks, b)
	}
	all, from := []any{}, int64(0)
	for range 100 {
		s := stretchOf(laidOut(blocks...), from, min(from+1234, 20_000))
		if s.LongMS != 20_000 || s.From != from || s.Upto <= from || s.Unread != 0 || s.Cut {
			t.Fatalf("from %d: %+v", from, s)
		}
		values, at := s.values(t, 0)
		for i, v := range values {
			if want := int64(len(all)+i) * 4000; at[i] != want {
				t.Fatalf("sample %v stands at %d µs, want %d", v, at[i], want)
			}
		}
		all = append(all, values...)
		if from = s.Upto; from == s.LongMS {
			break
		}
	}
	if len(all) != 5000 {
		t.Fatalf("%d samples of 5000", len(all))
	}
	for i, v := range all {
		if gap := i >= 760 && i < 765; gap != (v == "-") || !gap && v != int32(i) {
			t.Errorf("sample %d is %v", i, v)
		}
	}
}

func TestWhatAStripDoesNotHoldIsAGap(t *testing.T) {
	damaged := packed(t, vital.ECGII, time.Second, ramp(0, 250))
	damaged.Packed = damaged.Packed[:20]
	short := packed(t, vital.ECGII, time.Second, ramp(0, 100))
	short.Count = 250
	noRate := packed(t, vital.ECGII, time.Second, ramp(0, 250))
	noRate.Rate = vital.Int(0)
	first, last := packed(t, vital.ECGII, 0, ramp(0, 250)), packed(t, vital.ECGII, 2*time.Second, ramp(500, 250))
	for _, c := range []struct {
		story  string
		middle []chart.Block
		unread int
	}{
		{"nothing came", nil, 0}, {"its bytes are damaged", []chart.Block{damaged}, 1},
		{"it holds less than it says", []chart.Block{short}, 1}, {"it has no rate", []chart.Block{noRate}, 1},
	} {
		s := stretchOf(laidOut(slices.Concat([]chart.Block{first}, c.middle, []chart.Block{last})...), 0, 10_000)
		values, at := s.values(t, 0)
		if len(values) != 500 || s.Unread != c.unread || at[250] != 2_000_000 || values[250] != int32(500) || s.LongMS != 3000 {
			t.Errorf("%s: %d samples, %d unread, %d ms", c.story, len(values), s.Unread, s.LongMS)
		}
	}
}

func TestAStripsScaleIsTheMonitorsOrNone(t *testing.T) {
	block := func(unit vital.Unit, scale vital.Decimal) chart.Block {
		b := packed(t, vital.ECGII, 0, ramp(0, 250))
		b.Unit, b.Scale = unit, scale
		return b
	}
	for _, c := range []struct {
		story string
		block chart.Block
		want  string // mV of one count
	}{
		{"in mV", block(vital.Millivolt, vital.Dec(5, -3)), "0.005"},
		{"in µV", block(vital.Microvolt, vital.Dec(25, -1)), "0.0025"},
		{"no scale", block(vital.Millivolt, vital.Decimal{}), ""},
		{"no voltage", block(vital.MmHg, vital.Dec(1, -1)), ""},
	} {
		b, err := json.Marshal(stretchOf(laidOut(c.block), 0, 1000).Runs[0])
		if err != nil {
			t.Fatal(err)
		}
		var got struct {
			MV json.Number
		}
		if err := json.Unmarshal(b, &got); err != nil || got.MV.String() != c.want {
			t.Errorf("%s: a count is %q mV, want %q (%v)", c.story, got.MV, c.want, err)
		}
	}
}

// A block of six bytes may hold 65,536 samples, and an entry five hundred of them.
func TestAStripMadeToBeLargeCostsAPacketAndNoMore(t *testing.T) {
	same, err := pack.Append(nil, make([]int32, pack.MaxSamples))
	if err != nil {
		t.Fatal(err)
	}
	for _, rate := range []vital.Decimal{vital.Int(1), vital.Int(1000), vital.Dec(1, 15), vital.Dec(1, -15)} {
		var blocks []chart.Block
		for n := range 500 {
			blocks = append(blocks, chart.Block{Lead: vital.UnknownLead, Raw: strings.Repeat("x", n%150+1), Rate: rate, Count: pack.MaxSamples, Packed: same, StartUS: math.MinInt32 + int32(n)<<22})
		}
		head := stripHead{Text: strings.Repeat("\x01", 4000), Says: strings.Repeat("\x01", 4000)}
		from, answers := int64(0), 0
		for ; answers < 40; answers++ {
			b, err := stretched(head, laidOut(blocks...), from, 600_000)
			if err != nil && isRefused(err) {
				break
			}
			if err != nil || len(b) > pageMost {
				t.Fatalf("rate %v: %d bytes, %v", rate, len(b), err)
			}
			var s stripSheet
			if err := json.Unmarshal(b, &s); err != nil {
				t.Fatal(err)
			}
			if s.LongMS > stripLongest.Milliseconds() || len(s.Leads) > stripLeads {
				t.Fatalf("rate %v: %d ms, %d leads", rate, s.LongMS, len(s.Leads))
			}
			if s.Upto == s.LongMS {
				break
			}
			if from = s.Upto; from <= s.From {
				t.Fatalf("rate %v: no end, at %d of %d", rate, from, s.LongMS)
			}
		}
	}
}
func TestAStretchHoldsNoMoreThanItsSamplesAndItsPacket(t *testing.T) {
	dense := packed(t, vital.ECGII, 0, make([]int32, pack.MaxSamples))
	dense.Rate = vital.Int(10_000_000)
	if s := stretchOf(laidOut(dense), 0, 1000); s.Unread != 1 || len(s.Runs) != 0 {
		t.Errorf("a block of 65,536 samples in 7 ms: %d unread, %d runs", s.Unread, len(s.Runs))
	}
	long := make([]int32, 16_000) // eleven digits each
	for i := range long {
		long[i] = math.MinInt32 + int32(i)
	}
	answers, all := 0, 0
	for from, upto := int64(0), int64(1); from < upto; answers++ {
		b, err := stretched(stripHead{}, laidOut(packed(t, vital.ECGII, 0, long)), from, 600_000)
		if err != nil || len(b) > pageMost {
			t.Fatalf("%d bytes, %v", len(b), err)
		}
		var s stripSheet
		if err := json.Unmarshal(b, &s); err != nil {
			t.Fatal(err)
		}
		values, _ := s.values(t, 0)
		all += len(values)
		if from, upto = s.Upto, s.LongMS; from == s.From {
			t.Fatal("no end")
		}
	}
	if answers < 2 || all != len(long) {
		t.Errorf("%d samples in %d answers", all, answers)
	}
}

func TestAStripOfAnotherEncounterIsNotInThisChart(t *testing.T) {
	p := newPair(t)
	strip := &chart.Snapshot{Layout: "strip", Blocks: []chart.Block{packed(t, vital.ECGII, 0, ramp(0, 250))}}
	mine := p.write(crew, 1, strip)
	p.encounter = chart.ID{9}
	other := p.write(crew, 2, strip)
	c := p.fold.Chart()
	if stripIn(c, mine) == nil || stripIn(c, other) != nil {
		t.Error("a strip of another encounter is read as this one's, or its own is not")
	}
	if rows := p.page(3).Strips; len(rows) != 1 || rows[0].Ref != mine || rows[0].Text != "strip of 1 s kept: II" || rows[0].Staff == "" {
		t.Errorf("the list has %+v", rows)
	}
}

// FuzzStretchOf holds any blocks to what a page reads: inside the stretch, and bounded.
func FuzzStretchOf(f *testing.F) {
	good, err := pack.Append(nil, ramp(0, 500))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good, uint32(500), int64(250), int8(0), int32(0), int64(0), int64(2000), 10, 20)
	f.Add([]byte{}, uint32(0), int64(1), int8(-18), int32(-1), int64(5), int64(6), 0, 0)
	f.Add(good, uint32(1<<32-1), int64(1)<<62, int8(18), int32(math.MinInt32), int64(0), int64(1)<<62, 0, 500)
	f.Fuzz(func(t *testing.T, bytes []byte, count uint32, mantissa int64, exponent int8, start int32, from, to int64, gap, long int) {
		if exponent < -18 || exponent > 18 || from < 0 || to <= from || gap < 0 || long < 0 || gap > int(count) || long > int(count)-gap {
			return
		}
		b := chart.Block{Lead: vital.ECGII, Rate: vital.Dec(mantissa, exponent), Count: count, StartUS: start, Packed: bytes}
		if long > 0 {
			b.Gaps = []vital.Gap{{From: gap, Len: long, Why: vital.ProbeOff}}
		}
		s := stretchOf(laidOut(b, b), from, to)
		n := 0
		for _, r := range s.Runs {
			n += len(r.Samples)
			if r.StartUS < s.From*1000-1 || r.StartUS > s.Upto*1000 {
				t.Errorf("a run begins at %d µs of %d to %d ms", r.StartUS, s.From, s.Upto)
			}
		}
		if n > stripSamples || s.Upto < s.From || s.Upto > stripLongest.Milliseconds() {
			t.Errorf("%d samples, from %d to %d ms", n, s.From, s.Upto)
		}
	})
}

// asksStrip is what the page is answered of a strip's first minute.
func asksStrip(t *testing.T, k *Kit, session api.Token, encounter chart.ID, of chart.Ref) (s stripSheet, err error) {
	t.Helper()
	b, err := k.live.strip(t.Context(), stripAsked{watching{session, encounter}, gateway.Stretch{Of: of, To: 60_000}})
	if err != nil {
		return s, err
	}
	if err := json.Unmarshal(b, &s); err != nil {
		t.Fatal(err)
	}
	return s, nil
}

// keeps records something of an encounter.
func keeps(t *testing.T, k *Kit, token api.Token, encounter, patient chart.ID, at time.Time, content chart.Content) api.Recorded {
	t.Helper()
	b, err := json.Marshal(content)
	if err != nil {
		t.Fatal(err)
	}
	r, err := k.Record(t.Context(), token, api.Draft{Encounter: encounter, Patient: patient, Kind: content.Type().String(), Happened: at, Content: b})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestAStripIsReadAtThePageAsTheRecordIsAndByNobodyElse(t *testing.T) {
	k, token := newKit(t)
	at := time.Now().Add(-10 * time.Minute).Truncate(time.Millisecond)
	patient := newID() // of both encounters
	mine := keeps(t, k, token, chart.ID{}, patient, time.Time{}, &chart.EncounterOpened{Setting: "ambulance"}).Encounter
	other := keeps(t, k, token, chart.ID{}, patient, time.Time{}, &chart.EncounterOpened{Setting: "ambulance"}).Encounter
	kept := keeps(t, k, token, mine, patient, at, &chart.Snapshot{Layout: "strip", Text: "chest pain", Says: "sinus",
		Sources: []vital.Provenance{{Model: "X Series"}}, Blocks: []chart.Block{packed(t, vital.ECGII, 0, ramp(0, 250))}})
	event := keeps(t, k, token, mine, patient, at, &chart.Event{Name: "ROSC"})
	ann := signedInER(t, k)
	s, err := asksStrip(t, k, ann, mine, kept.Ref)
	if err != nil || s.Ref != kept.Ref || !s.At.Equal(at) || s.Text != "chest pain" || s.Says != "sinus" || !slices.Equal(s.Monitors, []string{"X Series"}) ||
		len(s.Leads) != 1 || s.Leads[0] != (leadRow{2, "II"}) || s.LongMS != 1000 || s.Upto != 1000 || s.Standing != "" {
		t.Errorf("the strip: %+v, %v", s, err)
	}
	if values, _ := s.values(t, 0); len(values) != 250 || values[249] != int32(249) {
		t.Errorf("%d samples", len(values))
	}
	if found := audits(t, k); len(found) != 1 || found[0].Content.(*chart.Watched).Encounter != mine || found[0].Author.Staff != "ann" {
		t.Errorf("the audit has %+v", found)
	}
	for _, c := range []struct {
		story     string
		session   api.Token
		encounter chart.ID
		of        chart.Ref
	}{
		{"another encounter's strip under this one", ann, other, kept.Ref},
		{"an entry that is no strip", ann, mine, event.Ref},
		{"a place where nothing stands", ann, mine, chart.Ref{Device: kept.Ref.Device, Epoch: kept.Ref.Epoch, Seq: 9999}},
		{"an encounter that is not held", ann, newID(), kept.Ref},
		{"a session that is over", "nobody's", mine, kept.Ref},
		{"a session of the station's window", token, mine, kept.Ref},
	} {
		if _, err := asksStrip(t, k, c.session, c.encounter, c.of); !isRefused(err) {
			t.Errorf("%s: %v", c.story, err)
		}
	}
	for _, g := range []gateway.Stretch{{Of: kept.Ref, From: -1, To: 5}, {Of: kept.Ref, From: 5, To: 5}, {Of: kept.Ref}} {
		if _, err := k.live.strip(t.Context(), stripAsked{watching{ann, mine}, g}); !isRefused(err) {
			t.Errorf("a stretch of %+v: %v", g, err)
		}
	}
	keeps(t, k, token, mine, patient, time.Time{}, &chart.Retraction{Of: kept.Ref, Why: "another patient's leads"})
	k.live.folded.forget(mine)
	if s, err := asksStrip(t, k, ann, mine, kept.Ref); err != nil || s.Standing != chart.Retracted.String() {
		t.Errorf("a strip that was taken back does not say so: %+v, %v", s.by, err)
	}
}

// streamed records seconds of an encounter's stream, each a ramp of lead II from begin
// on, and returns their places.
func (p *post) streamed(encounter chart.ID, begin time.Time, seconds ...int) (out []chart.Ref) {
	p.t.Helper()
	m := p.share.member.Load()
	for _, n := range seconds {
		body, err := stationBody(p.clock, &chart.Second{Monitors: []string{"monitor"}, Blocks: []chart.Block{packed(p.t, vital.ECGII, 0, ramp(250*n, 250))}}, nil, false)
		if err != nil {
			p.t.Fatal(err)
		}
		body.Encounter, body.Happened = encounter, journal.Millis(begin.Add(time.Duration(n)*time.Second))
		body.Boot = chart.Boot{1}
		body.Mono = int64(1000 * n)
		refs, err := p.store.Commit(p.t.Context(), m.signer, []store.Draft{{Team: m.team, Log: journal.Stream, Body: body}})
		if err != nil {
			p.t.Fatal(err)
		}
		out = append(out, refs...)
	}
	return out
}

// A strip may name seconds of the stream instead of holding samples. The hospital does
// not hold them: they are asked for by range, and another patient's are never drawn.
func TestSecondsThatAStripNamesAreFetchedByRange(t *testing.T) {
	a := newPost(t, "AMB-1", nil, anAdmin)
	h := newPost(t, "ST-MARY", a, aGuest)
	begin := time.Now().Add(-5 * time.Minute).Truncate(time.Millisecond)
	first, patient := a.opens("Okonkwo", "aspirin")
	second, _ := a.opens("Vandersloot", "ketamine")
	a.bind(first, h)
	a.bind(second, h)
	refs := a.streamed(first, begin, 0, 1)
	a.streamed(second, begin, 2)
	refs = append(refs, a.streamed(first, begin, 3, 4)...)
	span := func(from, to chart.Ref) chart.Span {
		return chart.Span{Device: from.Device, Epoch: from.Epoch, From: from.Seq, To: to.Seq}
	}
	b, err := json.Marshal(&chart.Snapshot{Layout: "strip", Stream: []chart.Span{span(refs[0], refs[3])}})
	if err != nil {
		t.Fatal(err)
	}
	kept, err := a.Record(t.Context(), a.token, api.Draft{Kind: "snapshot", Encounter: first, Patient: patient, Happened: begin, Content: b})
	if err != nil {
		t.Fatal(err)
	}
	end := meet(t, a, h)
	eventually(t, "the strip's entry comes", func() bool {
		entries, err := h.entries(t.Context(), first)
		return err == nil && slices.ContainsFunc(entries, func(e chart.Entry) bool { return e.Ref == kept.Ref && e.Content != nil })
	})
	ann := signedInER(t, h.Kit)
	var s stripSheet
	eventually(t, "the hospital may read it, and is in touch", func() bool {
		s, err = asksStrip(t, h.Kit, ann, first, kept.Ref)
		return err == nil && s.Asked
	})
	if s.Absent != 5 || len(s.Runs) != 0 || s.LongMS != 0 {
		t.Fatalf("before its seconds came: %+v", s)
	}
	end()
	eventually(t, "nobody to ask is reached, and that is said", func() bool {
		s, err := asksStrip(t, h.Kit, ann, first, kept.Ref)
		return err == nil && s.Absent == 5 && !s.Asked
	})
	h.shares()
	meet(t, a, h)
	in := stripAsked{watching{ann, first}, gateway.Stretch{Of: kept.Ref, To: 1}}
	eventually(t, "its seconds come", func() bool {
		if err := h.live.fetchStrip(t.Context(), in); err != nil {
			return false
		}
		s, err = asksStrip(t, h.Kit, ann, first, kept.Ref)
		return err == nil && s.Absent == 0
	})
	values, at := s.values(t, 0)
	if len(values) != 1000 || s.LongMS != 5000 || s.Gone != 1 {
		t.Fatalf("%d samples of %d ms, %d s are gone", len(values), s.LongMS, s.Gone)
	}
	for i, v := range values {
		want := i
		if i >= 500 {
			want += 250 // another patient's second
		}
		if v != int32(want) || at[i] != int64(want)*4000 {
			t.Fatalf("sample %d is %v at %d µs", i, v, at[i])
		}
	}
	in.Token = "nobody's"
	if err := h.live.fetchStrip(t.Context(), in); !isRefused(err) {
		t.Errorf("nobody fetches a strip: %v", err)
	}
}
