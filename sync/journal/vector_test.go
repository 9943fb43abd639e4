package journal

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"crypto/ed25519"

	"fieldkit/triage/chart"
)

func place(device, epoch byte, seq uint64) chart.Ref {
	return chart.Ref{Device: chart.Device{device}, Epoch: chart.Epoch{epoch}, Seq: seq}
}

func vectorOf(refs ...chart.Ref) Vector {
	v := Vector{}
	for _, r := range refs {
		v.Add(r)
	}
	return v
}

func TestAVectorSaysWhatIsLacking(t *testing.T) {
	ours := vectorOf(place(1, 1, 5), place(2, 1, 9), place(3, 1, 1))
	theirs := vectorOf(place(1, 1, 8), place(1, 2, 3), place(2, 1, 4), place(3, 1, 1))
	want := []chart.Span{
		{Device: chart.Device{1}, Epoch: chart.Epoch{1}, From: 6, To: 8},
		{Device: chart.Device{1}, Epoch: chart.Epoch{2}, From: 1, To: 3},
	}
	if got := ours.Lacks(theirs); !slices.Equal(got, want) {
		t.Errorf("we lack %v, wanted %v", got, want)
	}
	if got := theirs.Lacks(ours); len(got) != 1 || got[0].From != 5 || got[0].To != 9 {
		t.Errorf("they lack %v", got)
	}
	if got := ours.Lacks(ours); got != nil {
		t.Errorf("we lack %v of our own", got)
	}
	if !ours.Holds(place(1, 1, 5)) || ours.Holds(place(1, 1, 6)) || ours.Holds(place(9, 1, 1)) || ours.Holds(place(1, 1, 0)) {
		t.Error("what is held is not what was added")
	}
	ours.Add(place(1, 1, 2))
	ours.Add(place(8, 8, 0))
	if !ours.Equal(vectorOf(place(1, 1, 5), place(2, 1, 9), place(3, 1, 1))) {
		t.Error("adding an older place, or none, changed the vector")
	}
}

func TestAVectorIsSmall(t *testing.T) {
	v := Vector{}
	for d := range 16 {
		for e := range 10 {
			v.Add(place(byte(d), byte(e), 5000))
		}
	}
	b, err := v.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if per := float64(len(b)) / 160; per > 24 {
		t.Errorf("%.1f bytes an epoch at ten epochs a device", per)
	}
	got, err := DecodeVector(b)
	if err != nil || !got.Equal(v) {
		t.Errorf("read back %d places, %v", len(got), err)
	}
}

func TestSawStopsBeforeWhatIsNotFoldedYet(t *testing.T) {
	var f Folded
	if got := f.Saw(); len(got) != 0 {
		t.Errorf("nothing folded, saw %v", got)
	}
	f.Add(place(1, 1, 3))
	f.Add(place(1, 1, 9))
	f.Add(place(2, 1, 4))
	f.Wait(place(1, 1, 7)) // its body is on its way
	f.Wait(place(2, 1, 1)) // of a later version
	f.Wait(place(3, 1, 1)) // in an epoch that holds nothing of this patient yet
	if got := f.Saw(); !slices.Equal(got, []chart.Ref{place(1, 1, 6)}) {
		t.Errorf("saw %v, wanted entry 6 of the first epoch only", got)
	}
	f.Settle(place(1, 1, 7)) // it came and is another patient's
	f.Add(place(2, 1, 1))
	if got := f.Saw(); !slices.Equal(got, []chart.Ref{place(1, 1, 9), place(2, 1, 4)}) {
		t.Errorf("saw %v", got)
	}
}

func headsOfDevice(n int) []HeadRecord {
	var out []HeadRecord
	for i := range n {
		out = append(out, HeadRecord{Team: TeamID{byte(i % 2)}, Log: Log(i%5 + 1), Epoch: chart.Epoch{byte(i), byte(i >> 8), 1}, Seq: uint64(i + 1), Chain: Hash{byte(i)}})
	}
	return out
}

func TestEqualStationsHaveEqualDigests(t *testing.T) {
	device := chart.Device{7}
	heads := headsOfDevice(50)
	want := DeviceDigest(device, heads)
	for seed := range uint64(10) {
		shuffled := slices.Clone(heads)
		rand.New(rand.NewPCG(seed, 2)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		if DeviceDigest(device, shuffled) != want {
			t.Fatal("the digest hangs on the order of the head records")
		}
	}
	for what, change := range map[string]func(*HeadRecord){
		"seq": func(h *HeadRecord) { h.Seq++ }, "chain": func(h *HeadRecord) { h.Chain[5]++ }, "epoch": func(h *HeadRecord) { h.Epoch[5]++ },
		"team": func(h *HeadRecord) { h.Team[5]++ }, "branch": func(h *HeadRecord) { h.Of[5]++ },
	} {
		other := slices.Clone(heads)
		change(&other[1])
		if DeviceDigest(device, other) == want {
			t.Errorf("another %s gives the same digest", what)
		}
	}
	stream := slices.Clone(heads)
	at := slices.IndexFunc(stream, func(h HeadRecord) bool { return h.Log == Stream })
	stream[at].Seq += 1000
	if DeviceDigest(device, stream) != want {
		t.Error("the stream log is in the digest")
	}
	if VectorDigest(map[chart.Device]Digest{{1}: want, {2}: {}}) == VectorDigest(map[chart.Device]Digest{{2}: want, {1}: {}}) {
		t.Error("two devices in each other's place give the same digest")
	}
}

func TestHeadRecordsAreSmallAndReadBack(t *testing.T) {
	heads := headsOfDevice(365)
	b, err := EncodeHeads(heads)
	if err != nil {
		t.Fatal(err)
	}
	if per := float64(len(b)) / 365; per > 60 {
		t.Errorf("%.1f bytes an epoch", per)
	}
	got, err := DecodeHeads(b)
	if err != nil || DeviceDigest(chart.Device{}, got) != DeviceDigest(chart.Device{}, heads) || len(got) != 365 {
		t.Errorf("read back %d, %v", len(got), err)
	}
	if _, err := EncodeHeads(append(heads, heads[3])); err == nil {
		t.Error("one epoch was written twice")
	}
	if _, err := EncodeHeads([]HeadRecord{{}}); err == nil {
		t.Error("an epoch without an entry was written")
	}
}

// A tablet's disk image was restored on a second tablet: both write entry 3.
func TestAForkIsFoundAndBothBranchesGoOn(t *testing.T) {
	public := keyFor("ambulance").Public().(ed25519.PublicKey)
	one, two := writerFor(t, "ambulance", Chart, epochNamed("f")), writerFor(t, "ambulance", Chart, epochNamed("f"))
	shared := write(t, one, 2)
	write(t, two, 2)
	a := write(t, one, 1)
	body, err := EncodeBody(bodyAt("something else", noon))
	if err != nil {
		t.Fatal(err)
	}
	r, err := two.Append(body, Stamp(noon, 0))
	if err != nil {
		t.Fatal(err)
	}
	b := Piece{Head: a.Head, Records: []Record{r}}
	if b.Seal, err = two.Seal(); err != nil {
		t.Fatal(err)
	}
	more := write(t, two, 2)

	held, err := a.Head.Extend(a, public)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := held.Extend(more, public); !errors.Is(err, ErrFork) {
		t.Errorf("the other branch went on after ours: %v", err)
	}
	ours, theirs := append(slices.Clone(shared.Records), a.Records...), append(slices.Clone(shared.Records), append(b.Records, more.Records...)...)
	f, ok := FindFork(shared.Head, ours, theirs)
	if !ok || f.At.Seq != 2 || f.At != a.Head {
		t.Fatalf("fork after %d, %v", f.At.Seq, ok)
	}
	if f.Ours != BranchName(a.Records[0].Envelope) || f.Theirs != BranchName(r.Envelope) || f.Ours == f.Theirs {
		t.Errorf("branches are named %x and %x", f.Ours, f.Theirs)
	}
	// The other branch verifies from where they part, and goes on as its head record says.
	h, err := f.At.Extend(b, public)
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(f.Branches(held, h), func(r HeadRecord) bool { return r.Epoch == f.Theirs })
	again := f.Branches(held, h)[at].Head(held.Device)
	if again != h {
		t.Errorf("the branch goes on at %+v, wanted %+v", again, h)
	}
	if h, err = again.Extend(more, public); err != nil || h != two.Head() {
		t.Error(err)
	}
	// Whoever met the other branch first keeps the same records.
	g, _ := FindFork(shared.Head, theirs, ours)
	if DeviceDigest(held.Device, f.Branches(held, h)) != DeviceDigest(held.Device, g.Branches(h, held)) {
		t.Error("the records hang on which branch was met first")
	}
	if _, ok := FindFork(shared.Head, shared.Records, ours); ok {
		t.Error("the beginning of a run was called a fork")
	}
}

func FuzzHeads(f *testing.F) {
	for _, h := range readVectors(f).Heads {
		f.Add([]byte(h.Bytes))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := DecodeHeads(b)
		if err != nil {
			return
		}
		if again, err := EncodeHeads(v); err != nil || !bytes.Equal(b, again) {
			t.Fatalf("%x was taken and is written as %x, %v", b, again, err)
		}
	})
}

func FuzzVector(f *testing.F) {
	for _, v := range readVectors(f).Vectors {
		f.Add([]byte(v.Bytes))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := DecodeVector(b)
		if err != nil {
			return
		}
		if again, err := v.Encode(); err != nil || !bytes.Equal(b, again) {
			t.Fatalf("%x was taken and is written as %x, %v", b, again, err)
		}
	})
}
