package chart

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"fieldkit/triage/vital"
)

// A shift is what five tablets wrote about two encounters while they met and
// parted: at least 200 entries of every type, some missing, withdrawn or of
// training, with corrections of anything by anyone.
type shift struct {
	rng     *rand.Rand
	entries []Entry // with content, as their writers know them
	fates   map[Ref]Entry
}

const (
	shiftTablets = 5
	shiftEntries = 200
)

func newShift(seed uint64) *shift {
	s := &shift{rng: rand.New(rand.NewPCG(seed, 7)), fates: map[Ref]Entry{}}
	type writer struct {
		device Device
		epoch  Epoch
		seq    uint64
		saw    map[log]uint64
		skew   time.Duration
	}
	writers := make([]*writer, shiftTablets)
	for i := range writers {
		writers[i] = &writer{device: Device{byte(i + 1)}, epoch: Epoch{byte(i + 1)}, saw: map[log]uint64{},
			skew: time.Duration(s.rng.IntN(7200)-3600) * time.Second}
	}
	for n := range shiftEntries {
		w := writers[s.rng.IntN(len(writers))]
		switch s.rng.IntN(8) {
		case 0: // two meet
			for l, seq := range writers[s.rng.IntN(len(writers))].saw {
				w.saw[l] = max(w.saw[l], seq)
			}
		case 1: // a restart
			if s.rng.IntN(4) == 0 {
				w.epoch[1]++
				w.seq = 0
			}
		}
		k := Kinds[(n-n/5)%len(Kinds)] // every type comes several times
		if n%5 == 0 {                  // and those that change others more often
			k, _ = KindOf(changing[s.rng.IntN(len(changing))])
		}
		c := k.New()
		s.fill(reflect.ValueOf(c).Elem(), 3)
		if a, ok := c.(*Amendment); ok && w.seq > 0 && s.rng.IntN(4) > 0 {
			a.By = Ref{Device: w.device, Epoch: w.epoch, Seq: w.seq}
		}
		if r, ok := c.(*RangeReassigned); ok {
			r.FromEncounter, r.ToEncounter = id(byte(1+s.rng.IntN(3))), id(byte(1+s.rng.IntN(3)))
			for i := range r.Entries {
				r.Entries[i].To += uint64(s.rng.IntN(15))
			}
		}
		w.seq++
		wall := at("14:00").Add(time.Duration(n)*20*time.Second + w.skew)
		e := Entry{
			Ref: Ref{Device: w.device, Epoch: w.epoch, Seq: w.seq}, Log: k.Log, Wall: wall, Happened: wall,
			Trust: Trust(s.rng.IntN(5)), Boot: Boot{byte(s.rng.IntN(3))}, Mono: time.Duration(n) * time.Second,
			Patient: id(byte(10 + s.rng.IntN(3))), Encounter: id(byte(1 + s.rng.IntN(2))),
			Author: Author{Staff: "n1", Checked: Checked(s.rng.IntN(5))}, Demo: s.rng.IntN(40) == 0, Withdrawn: s.rng.IntN(12) == 0, Content: c,
		}
		if k.Type == TypeDrugWasted {
			e.Witness = &Author{Staff: "n2", Checked: CheckedBadge}
		}
		if s.rng.IntN(4) == 0 {
			e.Happened = wall.Add(-time.Duration(s.rng.IntN(3600)) * time.Second)
		}
		for l, seq := range w.saw {
			e.Saw = append(e.Saw, Ref{Device: l.device, Epoch: l.epoch, Seq: seq})
		}
		slices.SortFunc(e.Saw, Ref.Compare)
		w.saw[e.Ref.log()] = e.Ref.Seq
		s.entries = append(s.entries, e)
		if s.rng.IntN(10) == 0 {
			s.fates[e.Ref] = Entry{Ref: e.Ref, Log: e.Log, Absent: Absent(1 + s.rng.IntN(6))}
		}
	}
	return s
}

var changing = []Type{TypePatientsMerged, TypePatientsUnmerged, TypeRangeReassigned, TypeAmendment,
	TypeRetraction, TypeErase, TypeAccept, TypeClock}

// fill gives every field something, from few enough values that entries meet.
func (s *shift) fill(v reflect.Value, depth int) {
	switch v.Interface().(type) {
	case Ref:
		v.Set(reflect.ValueOf(s.place()))
		return
	case Span:
		r := s.place()
		v.Set(reflect.ValueOf(Span{Device: r.Device, Epoch: r.Epoch, From: r.Seq, To: r.Seq + uint64(s.rng.IntN(3))}))
		return
	case ID:
		v.Set(reflect.ValueOf(id(byte([]int{1, 2, 10, 11, 12}[s.rng.IntN(5)]))))
		return
	case Boot:
		v.Set(reflect.ValueOf(Boot{byte(s.rng.IntN(3))}))
		return
	case Device:
		v.Set(reflect.ValueOf(Device{byte(1 + s.rng.IntN(shiftTablets))}))
		return
	case vital.Decimal:
		v.Set(reflect.ValueOf(vital.Dec(int64(s.rng.IntN(2000)), int8(-s.rng.IntN(3)))))
		return
	case Moment:
		v.Set(reflect.ValueOf(At(at("14:00")) + Moment(s.rng.IntN(3600_000))))
		return
	case vital.State:
		v.SetUint(uint64(s.rng.IntN(11)))
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if s.rng.IntN(4) > 0 {
			v.Set(reflect.New(v.Type().Elem()))
			s.fill(v.Elem(), depth)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).Name != "_" {
				s.fill(v.Field(i), depth-1)
			}
		}
	case reflect.Slice:
		n := s.rng.IntN(3)
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			s.fill(v.Index(i), depth-1)
		}
	case reflect.String:
		v.SetString([]string{"", "morphine", "Morphine ", "started", "given", "allergies", "family", "m1"}[s.rng.IntN(8)])
	case reflect.Bool:
		v.SetBool(s.rng.IntN(2) == 0)
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(uint64(s.rng.IntN(6)))
	case reflect.Int, reflect.Int32, reflect.Int64:
		v.SetInt(int64(s.rng.IntN(6)))
	default:
		panic(fmt.Sprintf("a field of kind %s", v.Kind()))
	}
}

// place is that of an entry written before, or now and then of none.
func (s *shift) place() Ref {
	if len(s.entries) == 0 || s.rng.IntN(12) == 0 {
		return Ref{Device: Device{byte(1 + s.rng.IntN(shiftTablets))}, Epoch: Epoch{0xee}, Seq: uint64(1 + s.rng.IntN(5))}
	}
	return s.entries[s.rng.IntN(len(s.entries))].Ref
}

// deliveries are all entries as they come to one station: the ones with a fate
// as that fate and, if it has no more, never with content. Some never come.
func (s *shift) deliveries() []Entry {
	var out []Entry
	for i, e := range s.entries {
		fate, ok := s.fates[e.Ref]
		switch {
		case i%41 == 40: // never came
		case !ok:
			out = append(out, e)
		case i%2 == 0: // first missing, later here; or here and then erased
			out = append(out, fate, e)
		default:
			out = append(out, fate)
		}
	}
	return out
}

// fingerprint is everything a chart shows, as text.
func fingerprint(c *Chart) string {
	var b strings.Builder
	show := func(name string, v any) {
		text, err := json.Marshal(readable(reflect.ValueOf(v)))
		if err != nil {
			panic(err)
		}
		fmt.Fprintf(&b, "%s %s\n", name, text)
	}
	for _, f := range c.Facts() {
		fmt.Fprintf(&b, "%v %v %v %v %s %v %v %v %d %v %v %v %v\n", f.Ref, f.Author, f.Witness, f.Mono, f.Standing, f.At, f.Wall, f.By, f.Trust, f.MovedFrom, f.Absent, f.Withdrawn, f.Happened)
		show("content", f.Content)
	}
	show("who", []any{c.Encounter, c.Patient, c.Patients, c.Person(), c.Doubts(), c.Wanted()})
	show("background", []any{c.Allergies(), c.Conditions(), c.Medicines()})
	show("vitals", c.Vitals())
	show("disputes", c.Disputes())
	show("drugs", []any{c.Drugs(), c.DoubleDoses(), c.Prescriptions()})
	show("course", []any{c.Course(), c.Triage(), c.CodeStatus(), c.Decisions(), c.Consents(), c.Bindings(), c.Moves(), c.Corrections()})
	show("warnings", []any{c.Alarms(), c.Limits(), c.Handovers(), c.Unconfirmed()})
	show("row", c.Row())
	return b.String()
}

// readable replaces facts by their places, so that a view's text stays short.
func readable(v reflect.Value) any {
	if !v.IsValid() {
		return nil
	}
	switch x := v.Interface().(type) {
	case *Fact:
		if x == nil {
			return nil
		}
		return x.Ref
	case time.Time, Ref, ID, Content, vital.Decimal:
		return x
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return nil
		}
		return readable(v.Elem())
	case reflect.Slice, reflect.Array:
		out := []any{}
		for i := range v.Len() {
			out = append(out, readable(v.Index(i)))
		}
		return out
	case reflect.Struct:
		out := map[string]any{}
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				out[f.Name] = readable(v.Field(i))
			}
		}
		return out
	case reflect.Map:
		out := map[string]any{}
		for _, k := range v.MapKeys() {
			out[fmt.Sprint(k.Interface())] = readable(v.MapIndex(k))
		}
		return out
	}
	return v.Interface()
}

// In whatever order entries come, however often, and in whatever pieces, two
// stations that hold the same entries show the same charts.
func TestAnyDeliveryOrderGivesTheSameChart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := newShift(rapid.Uint64().Draw(t, "shift"))
		all := s.deliveries()
		for _, encounter := range []ID{encounter1, encounter2} {
			inOrder := NewFold(encounter)
			inOrder.Add(all...)
			want := fingerprint(inOrder.Chart())

			mixed := slices.Clone(all)
			for range len(all) / 2 {
				mixed = append(mixed, all[s.rng.IntN(len(all))])
			}
			s.rng.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
			other := NewFold(encounter)
			for len(mixed) > 0 {
				n := min(1+s.rng.IntN(60), len(mixed))
				other.Add(mixed[:n]...)
				other.Chart() // a chart on the way must not change the last
				mixed = mixed[n:]
			}
			if got := fingerprint(other.Chart()); got != want {
				t.Fatalf("another order gives another chart:\n%s", difference(want, got))
			}
		}
	})
}

// The window and the command line read entries as JSON and fold them themselves:
// they must show what the recorder shows.
func TestEntriesReadBackFromJSONGiveTheSameChart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := newShift(rapid.Uint64().Draw(t, "shift"))
		all := s.deliveries()
		text, err := json.Marshal(all)
		if err != nil {
			t.Fatal(err)
		}
		var back []Entry
		if err := json.Unmarshal(text, &back); err != nil {
			t.Fatal(err)
		}
		one, two := NewFold(encounter1), NewFold(encounter1)
		one.Add(all...)
		two.Add(back...)
		if want, got := fingerprint(one.Chart()), fingerprint(two.Chart()); got != want {
			t.Fatal(difference(want, got))
		}
	})
}

func difference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(w), len(g)) {
		if w[i] != g[i] {
			return "want " + w[i] + "\ngot  " + g[i]
		}
	}
	return fmt.Sprintf("%d lines against %d", len(w), len(g))
}

// Whatever happened to an entry, the chart shows it: with its content if that is
// here and not erased, with its standing, and where that is not "active" with the
// entries that gave it, or a doubt.
func TestNothingIsLostFromView(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := newShift(rapid.Uint64().Draw(t, "shift"))
		all := s.deliveries()
		f := NewFold(encounter1)
		f.Add(all...)
		c := f.Chart()
		doubted := map[Ref]bool{}
		for _, d := range c.Doubts() {
			doubted[d.At] = true
		}
		known := map[Ref][]Entry{}
		for _, e := range all {
			known[e.Ref] = append(known[e.Ref], e)
		}
		if len(c.Facts()) != len(known) {
			t.Fatalf("%d facts of %d entries", len(c.Facts()), len(known))
		}
		incomplete := false
		for ref, copies := range known {
			fact := c.Fact(ref)
			if fact == nil {
				t.Fatalf("%v is not in the chart", ref)
			}
			here, erased := false, false
			for _, e := range copies {
				here = here || e.Absent == Present
				erased = erased || e.Absent == Erased
			}
			if here && !erased && fact.Absent == Present && fact.Content == nil {
				t.Fatalf("the content of %v is lost", ref)
			}
			if here && !erased && fact.Absent != Present && len(fact.By) == 0 {
				t.Fatalf("%v is hidden and no order says so", ref)
			}
			switch fact.Standing {
			case Amended, Retracted, Moved:
				if fact.Content == nil || len(fact.By) == 0 {
					t.Fatalf("%v is %s but by nothing, or not readable", ref, fact.Standing)
				}
			case Missing, Unconfirmed:
				incomplete = incomplete || fact.Log != streamLog
				if !doubted[ref] && fact.Log != streamLog {
					t.Fatalf("%v is %s without a doubt", ref, fact.Standing)
				}
			case Active:
				if !slices.Contains(c.Of(fact.Content.Type()), fact) {
					t.Fatalf("%v is active but not among its kind", ref)
				}
				if fact.Withdrawn {
					t.Fatalf("%v of a withdrawn tablet counts", ref)
				}
			}
		}
		if incomplete && c.Complete() {
			t.Fatal("a chart with missing entries reads as complete")
		}
	})
}

// A dose once given is in the drug's list as long as it is not amended,
// retracted, moved or missing; every allergy likewise.
func TestNoDoseAndNoAllergyDropsOutOfWarnings(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := newShift(rapid.Uint64().Draw(t, "shift"))
		f := NewFold(encounter1)
		f.Add(s.deliveries()...)
		c := f.Chart()
		shown := map[*Fact]bool{}
		for _, d := range c.Drugs() {
			for _, g := range d.Doses {
				shown[g] = true
			}
		}
		for _, list := range [][]Background{c.Allergies(), c.Conditions(), c.Medicines()} {
			for _, b := range list {
				for _, a := range slices.Concat(b.Added, b.Removed) {
					shown[a] = true
				}
			}
		}
		for _, fact := range c.Facts() {
			if fact.Standing != Active && fact.Standing != Unconfirmed {
				continue
			}
			switch fact.Content.(type) {
			case *DrugGiven, *AllergyAdded, *ConditionAdded, *MedicineAdded:
				if !shown[fact] {
					t.Fatalf("%s %v is not in any list", fact.Content.Type(), fact.Ref)
				}
			}
		}
	})
}

func TestAShiftHoldsEveryTypeAndEveryStanding(t *testing.T) {
	standings, whys, types := map[Standing]int{}, map[Why]int{}, map[Type]int{}
	for seed := range uint64(60) {
		s := newShift(seed)
		f := NewFold(encounter1)
		f.Add(s.deliveries()...)
		for _, fact := range f.Chart().Facts() {
			standings[fact.Standing]++
			if fact.Content != nil {
				types[fact.Content.Type()]++
			}
		}
		for _, d := range f.Chart().Doubts() {
			whys[d.Why]++
		}
	}
	for s := Active; s <= Missing; s++ {
		if standings[s] == 0 {
			t.Errorf("no entry is %s: the properties prove less than they say", s)
		}
	}
	for w := NotFetched; w <= TwoPatients; w++ {
		if whys[w] == 0 {
			t.Errorf("no doubt is %q", w)
		}
	}
	for _, k := range Kinds {
		if types[k.Type] == 0 {
			t.Errorf("no %s", k.Name)
		}
	}
}
