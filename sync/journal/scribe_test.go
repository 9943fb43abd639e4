package journal

import (
	"bytes"
	"crypto/ed25519"
	"slices"
	"testing"

	"fieldkit/triage/chart"
)

// A scribe writes the vectors.
type scribe struct {
	t    *testing.T
	v    vectors
	keys map[string]ed25519.PrivateKey
	team TeamID
}

func (s *scribe) key(name string) ed25519.PrivateKey {
	if k, ok := s.keys[name]; ok {
		return k
	}
	seed := named("key of "+name, 32)
	k := ed25519.NewKeyFromSeed(seed)
	s.keys[name] = k
	public := k.Public().(ed25519.PublicKey)
	device := DeviceOf(public)
	s.v.Keys = append(s.v.Keys, vectorKey{name, seed, hexed(public), device[:]})
	return k
}

func (s *scribe) device(name string) chart.Device {
	return DeviceOf(s.key(name).Public().(ed25519.PublicKey))
}

// An entry to be written: a body, or raw bytes, with what stands beside it.
type drafted struct {
	body    Body
	raw     []byte
	clock   HLC
	absent  chart.Absent
	edit    func(*Envelope, []byte) []byte // makes the envelope of a later version
	sealNow bool
}

// epoch writes one epoch, sealing after every draft that asks for it and at the end.
func (s *scribe) epoch(name, key string, log Log, epoch chart.Epoch, previous Link, drafts []drafted) Head {
	s.t.Helper()
	w, err := NewWriter(s.key(key), s.team, log, epoch, previous)
	if err != nil {
		s.t.Fatal(err)
	}
	start := w.Head()
	e := vectorEpoch{Name: name, Key: key, Team: s.team[:], Log: log, Epoch: epoch[:], Start: slices.Clone(start.Chain[:])}
	var p vectorPiece
	for i, d := range drafts {
		raw := d.raw
		if raw == nil {
			if raw, err = EncodeBody(d.body); err != nil {
				s.t.Fatal(err)
			}
		}
		before := *w
		r, err := w.Append(raw, d.clock)
		if err != nil {
			s.t.Fatal(err)
		}
		if d.edit != nil {
			parsed, err := DecodeEnvelope(r.Envelope)
			if err != nil {
				s.t.Fatal(err)
			}
			r.Envelope = d.edit(&parsed, r.Envelope)
			*w = before
			w.head.Seq++
			w.head.Chain, _ = link(before.head.Chain, r.Envelope, nil)
		}
		v := vectorRecord{Envelope: r.Envelope, Body: r.Body, Clock: uint64(d.clock), Unread: d.raw != nil || d.edit != nil}
		if !v.Unread {
			v.Says = saysOf(d.body)
		}
		if d.absent != chart.Present {
			v.Body, v.Says, v.Unread = nil, nil, false
			v.Absent = map[chart.Absent]string{chart.Unfetched: "on its way", chart.Withheld: "withheld", chart.Pruned: "pruned", chart.Erased: "erased"}[d.absent]
		}
		p.Entries = append(p.Entries, v)
		if d.sealNow || i == len(drafts)-1 {
			seal, err := w.Seal()
			if err != nil {
				s.t.Fatal(err)
			}
			p.Seal.Seq, p.Seal.Chain, p.Seal.Signature = seal.Seq, seal.Chain[:], seal.Signature[:]
			e.Pieces = append(e.Pieces, p)
			p = vectorPiece{After: w.Head().Seq}
		}
	}
	h := w.Head()
	e.Seq, e.Chain = h.Seq, h.Chain[:]
	s.v.Epochs = append(s.v.Epochs, e)
	return h
}

func saysOf(b Body) *vectorSays {
	v := &vectorSays{
		Salt: b.Salt[:], Wall: b.Wall, Trust: uint8(b.Trust), Boot: b.Boot[:], Mono: b.Mono, Happened: b.Happened,
		Author: vectorAuthor{b.Author.Staff, uint8(b.Author.Checked)}, Type: uint16(b.Type), Demo: b.Demo, Content: b.Content,
	}
	if b.Witness != nil {
		v.Witness = &vectorAuthor{b.Witness.Staff, uint8(b.Witness.Checked)}
	}
	if b.Patient != (chart.ID{}) {
		v.Patient = b.Patient[:]
	}
	if b.Encounter != (chart.ID{}) {
		v.Encounter = b.Encounter[:]
	}
	saw := slices.Clone(b.Saw)
	slices.SortFunc(saw, compareRefs)
	v.Saw = refsOf(saw)
	return v
}

func refsOf(refs []chart.Ref) []vectorRef {
	var out []vectorRef
	for _, r := range refs {
		out = append(out, vectorRef{slices.Clone(r.Device[:]), slices.Clone(r.Epoch[:]), r.Seq})
	}
	return out
}

func headsOf(t *testing.T, device chart.Device, records []HeadRecord) vectorHeads {
	b, err := EncodeHeads(records)
	if err != nil {
		t.Fatal(err)
	}
	d := DeviceDigest(device, records)
	v := vectorHeads{Device: device[:], Bytes: b, Digest: d[:]}
	for _, r := range records {
		h := vectorHead{Team: slices.Clone(r.Team[:]), Log: r.Log, Epoch: slices.Clone(r.Epoch[:]), Seq: r.Seq, Chain: slices.Clone(r.Chain[:])}
		if r.Of != (chart.Epoch{}) {
			h.Of = slices.Clone(r.Of[:])
		}
		v.Records = append(v.Records, h)
	}
	return v
}

const noon = int64(1_772_366_400_000) // 2026-03-01T12:00:00Z

func epochNamed(name string) chart.Epoch { return chart.Epoch(named("epoch "+name, 16)) }
func idNamed(name string) chart.ID       { return chart.ID(named("id "+name, 16)) }

// content is deterministic CBOR written by hand: {1: 98, 2: [366, -1], 3: "à"}.
var content = []byte{0xa3, 0x01, 0x18, 0x62, 0x02, 0x82, 0x19, 0x01, 0x6e, 0x20, 0x03, 0x62, 0xc3, 0xa0}

func bodyAt(name string, wall int64) Body {
	return Body{
		Salt: [16]byte(named("salt "+name, 16)), Wall: wall, Trust: chart.ClockNetwork, Boot: chart.Boot(named("boot", 16)), Mono: wall - noon + 5000,
		Happened: wall, Author: chart.Author{Checked: chart.CheckedStation}, Patient: idNamed("patient"), Encounter: idNamed("encounter"),
		Type: 60, Content: content,
	}
}

func makeVectors(t *testing.T) vectors {
	s := &scribe{t: t, keys: map[string]ed25519.PrivateKey{}, team: TeamID(named("team", 32))}
	ambulance, clinic := s.device("ambulance"), s.device("clinic")

	late := bodyAt("late", noon+2000)
	late.Happened = noon - 600_000
	late.Author, late.Witness = chart.Author{Staff: "medic-7", Checked: chart.CheckedPIN}, &chart.Author{Staff: "medic-9", Checked: chart.CheckedBadge}
	late.Saw = []chart.Ref{{Device: clinic, Epoch: epochNamed("c1"), Seq: 70_000}, {Device: ambulance, Epoch: epochNamed("a0"), Seq: 3}, {Device: clinic, Epoch: epochNamed("c0"), Seq: 24}}
	unset := bodyAt("unset", -1)
	unset.Trust, unset.Mono, unset.Demo = chart.ClockUnset, 0, true
	unset.Patient, unset.Encounter = chart.ID{}, chart.ID{}
	big := bodyAt("big", noon)
	big.Content = appendBytes(nil, bytes.Repeat([]byte{0xA5}, 3_000))
	strange := bodyAt("strange", noon+9000)
	strange.Type, strange.Content = 65535, []byte{0x84, 0xf5, 0xf6, 0xf4, 0xa1, 0x61, 0x7a, 0x80}

	a0 := s.epoch("the ambulance's first epoch: three seals, a withheld and an erased body", "ambulance", Chart, epochNamed("a0"), Link{}, []drafted{
		{body: bodyAt("1", noon), clock: Stamp(noon, 0), sealNow: true},
		{body: bodyAt("2", noon+1000), clock: Stamp(noon+1000, 0), absent: chart.Withheld},
		{body: late, clock: Stamp(noon+1000, 1), sealNow: true},
		{body: bodyAt("4", noon+3000), clock: Stamp(noon+3000, 0), absent: chart.Erased},
		{body: unset, clock: Stamp(-1, 7)},
	})
	a1 := s.epoch("its second epoch, which names the first; entries of a later version and of an unknown type", "ambulance", Chart, epochNamed("a1"), a0.Link(), []drafted{
		{body: bodyAt("6", noon+86_400_000), clock: Stamp(noon+86_400_000, 65535)},
		{body: strange, clock: Stamp(noon+86_400_001, 0)},
		{raw: []byte("written by version 2"), clock: 1<<64 - 1, edit: func(e *Envelope, b []byte) []byte {
			// The same seven keys with version 2, and two keys of its own: 10 and 300.
			later := bytes.Replace(b, []byte{keyVersion, 1}, []byte{keyVersion, 2}, 1)
			later[0] += 2
			return append(later, 0x0a, 0x82, 0x01, 0xf6, 0x19, 0x01, 0x2c, 0xf5)
		}},
		{raw: []byte{0xff}, clock: 5},
	})
	a2 := s.epoch("the ambulance's stream, which digests leave out", "ambulance", Stream, epochNamed("a2"), Link{}, []drafted{
		{body: big, clock: Stamp(noon, 0)},
		{body: bodyAt("on its way", noon), clock: Stamp(noon, 1), absent: chart.Unfetched},
		{body: bodyAt("pruned", noon), clock: Stamp(noon, 2), absent: chart.Pruned},
	})
	var many []drafted
	for i := range 64 {
		b := bodyAt("many", noon+int64(i)*1000)
		many = append(many, drafted{body: b, clock: Stamp(b.Wall, 0)})
	}
	c0 := s.epoch("the clinic's epoch of 64 entries under one seal", "clinic", Chart, epochNamed("c0"), Link{}, many)
	shared := many[:2]
	f1 := s.epoch("one branch of a fork after entry 2", "clinic", Supply, epochNamed("f"), Link{}, append(slices.Clone(shared), drafted{body: bodyAt("one", noon), clock: Stamp(noon, 1)}))
	f2 := s.epoch("the other branch", "clinic", Supply, epochNamed("f"), Link{}, append(slices.Clone(shared), drafted{body: bodyAt("other", noon), clock: Stamp(noon, 1)}, many[5]))

	first, other := recordsOf(t, s.v.Epochs[len(s.v.Epochs)-2]), recordsOf(t, s.v.Epochs[len(s.v.Epochs)-1])
	fork, ok := FindFork(Start(f1.Team, f1.Device, f1.Log, f1.Epoch), first, other)
	if !ok {
		t.Fatal("the fork was not found")
	}
	branches := fork.Branches(f1, f2)
	s.v.Forks = []vectorFork{{
		Ours: "one branch of a fork after entry 2", Theirs: "the other branch", Seq: fork.At.Seq,
		OursName: fork.Ours[:], TheirsName: fork.Theirs[:], Heads: headsOf(t, clinic, branches),
	}}
	elsewhere := a0.Record()
	elsewhere.Team = TeamID(named("another team", 32))
	ofAmbulance := []HeadRecord{a0.Record(), a1.Record(), a2.Record(), elsewhere}
	ofClinic := append([]HeadRecord{c0.Record()}, branches...)
	s.v.Heads = []vectorHeads{headsOf(t, ambulance, ofAmbulance), headsOf(t, clinic, ofClinic), headsOf(t, clinic, nil)}
	digests := map[chart.Device]Digest{ambulance: DeviceDigest(ambulance, ofAmbulance), clinic: DeviceDigest(clinic, ofClinic)}
	both := VectorDigest(digests)
	s.v.Digests = []vectorDigest{{Devices: []vectorDeviceDigest{{ambulance[:], s.v.Heads[0].Digest}, {clinic[:], s.v.Heads[1].Digest}}, Digest: both[:]}}
	vector := Vector{{ambulance, a0.Epoch}: a0.Seq, {ambulance, a1.Epoch}: a1.Seq, {clinic, c0.Epoch}: 1 << 40}
	for _, v := range []Vector{vector, {}} {
		b, err := v.Encode()
		if err != nil {
			t.Fatal(err)
		}
		s.v.Vectors = append(s.v.Vectors, vectorVector{b, refsOf(v.Refs())})
	}
	s.refuse()
	return s.v
}

// refuse lists what every reader must refuse, made from good bytes by one change.
func (s *scribe) refuse() {
	good := s.v.Epochs[0]
	opening, plain := good.Pieces[0].Entries[0], good.Pieces[1].Entries[1]
	bad := func(what, why string, b []byte) {
		s.v.Refused = append(s.v.Refused, vectorRefused{What: what, Why: why, Bytes: b})
	}
	swap := func(b []byte, from, to []byte) []byte {
		if bytes.Count(b, from) == 0 {
			s.t.Fatalf("%x is not in %x", from, b)
		}
		return bytes.Replace(b, from, to, 1)
	}
	env := []byte(plain.Envelope)
	bad("envelope", "version 0", swap(env, []byte{0xa7, 0, 1}, []byte{0xa7, 0, 0}))
	bad("envelope", "empty", nil)
	bad("envelope", "a byte too many", append(slices.Clone(env), 0))
	bad("envelope", "a byte too few", env[:len(env)-1])
	bad("envelope", "seq 0", swap(env, []byte{3, 3, 4}, []byte{3, 0, 4}))
	bad("envelope", "seq not in shortest form", swap(env, []byte{3, 3, 4}, []byte{3, 0x18, 3, 4}))
	bad("envelope", "seq 1 without an opening", swap(env, []byte{3, 3, 4}, []byte{3, 1, 4}))
	bad("envelope", "an opening at seq 2", swap(opening.Envelope, []byte{3, 1, 4}, []byte{3, 2, 4}))
	bad("envelope", "log 6 in version 1", swap(env, []byte{1, 2, 2, 0x50}, []byte{1, 6, 2, 0x50}))
	bad("envelope", "log 0", swap(env, []byte{1, 2, 2, 0x50}, []byte{1, 0, 2, 0x50}))
	bad("envelope", "a map of indefinite length", append(append([]byte{0xbf}, env[1:]...), 0xff))
	bad("envelope", "two keys in the wrong order", append([]byte{0xa7, 1, 2, 0, 1}, env[5:]...))
	bad("envelope", "a key twice", append([]byte{0xa8, 0, 1, 0, 1}, env[3:]...))
	bad("envelope", "a key of no meaning in version 1", append(append([]byte{0xa8}, env[1:]...), 0x0a, 0))
	bad("envelope", "a missing key", append([]byte{0xa6}, env[3:]...))
	bad("envelope", "half an opening", append(append([]byte{0xa8}, env[1:]...), append([]byte{7}, appendBytes(nil, make([]byte, 32))...)...))
	bad("envelope", "an epoch of 15 bytes", swap(swap(env, []byte{2, 0x50}, []byte{2, 0x4f}), good.Epoch, good.Epoch[:15]))
	bad("envelope", "an epoch of zeros", swap(env, good.Epoch, make([]byte, 16)))
	second := s.v.Epochs[1].Pieces[0].Entries[0]
	bad("envelope", "an epoch that names itself as the one before", swap(second.Envelope, append([]byte{9, 0x83, 0x50}, good.Epoch...), append([]byte{9, 0x83, 0x50}, s.v.Epochs[1].Epoch...)))
	bad("envelope", "over 1024 bytes", append(append(slices.Clone(swap(append([]byte{0xa8}, env[1:]...), []byte{0, 1, 1}, []byte{0, 2, 1})), 0x0a), appendBytes(nil, make([]byte, 1000))...))

	size := func(n uint64) []byte { return appendUint([]byte{5}, n) }
	at := size(uint64(len(plain.Body)))
	bad("envelope", "a body of 65537 bytes", swap(env, append(at, 6, 0x58), append(size(65537), 6, 0x58)))
	bad("envelope", "a body of 0 bytes", swap(env, append(size(uint64(len(plain.Body))), 6, 0x58), append(size(0), 6, 0x58)))

	body := []byte(opening.Body) // salt, wall, trust, boot, monotonic, author, patient, encounter, type, content
	rest := func(b []byte) []byte { return b[1:] }
	bad("body", "empty", nil)
	bad("body", "a byte too many", append(slices.Clone(body), 0))
	bad("body", "a byte too few", body[:len(body)-1])
	bad("body", "a float in the content", swap(body, []byte{0x18, 0x62}, []byte{0xf9, 0x3c, 0x00}))
	bad("body", "a tag in the content", swap(body, []byte{0x18, 0x62}, []byte{0xc1, 0x18, 0x62}))
	bad("body", "undefined in the content", swap(body, []byte{0x18, 0x62}, []byte{0xf7}))
	bad("body", "content's keys in the wrong order", swap(body, content, []byte{0xa2, 2, 1, 1, 1}))
	bad("body", "a content's key twice", swap(body, content, []byte{0xa2, 1, 1, 1, 1}))
	bad("body", "a longer key before a shorter", swap(body, content, []byte{0xa2, 0x18, 0x18, 1, 1, 1}))
	bad("body", "text that is not UTF-8", swap(body, []byte{0x62, 0xc3, 0xa0}, []byte{0x62, 0xc3, 0x28}))
	bad("body", "17 levels of arrays", swap(body, content, append(bytes.Repeat([]byte{0x81}, 16), 0)))
	bad("body", "an array longer than the body", swap(body, content, []byte{0x9a, 0xff, 0xff, 0xff, 0xff}))
	bad("body", "happened spelled out though equal to wall", append([]byte{body[0] + 1}, swap(rest(body), append([]byte{7, 0x82}, 0x60, 3), append(appendInt([]byte{6}, noon), 7, 0x82, 0x60, 3))...))
	bad("body", "demo spelled out though false", append([]byte{body[0] + 1}, swap(rest(body), append([]byte{14}, content...), append([]byte{13, 0xf4, 14}, content...))...))
	bad("body", "an empty saw", append([]byte{body[0] + 1}, swap(rest(body), append([]byte{14}, content...), append([]byte{12, 0xa0, 14}, content...))...))
	device := appendBytes(nil, named("some device", 32))
	sawing := func(saw ...byte) []byte {
		return append([]byte{body[0] + 1}, swap(rest(body), append([]byte{14}, content...), slices.Concat([]byte{12}, saw, []byte{14}, content))...)
	}
	bad("body", "a device without epochs in saw", sawing(slices.Concat([]byte{0xa1}, device, []byte{0xa0})...))
	bad("body", "seq 0 in saw", sawing(slices.Concat([]byte{0xa1}, device, []byte{0xa1}, appendBytes(nil, make([]byte, 16)), []byte{0})...))
	bad("body", "a device twice in saw", sawing(slices.Concat([]byte{0xa2}, device, []byte{0xa1}, appendBytes(nil, make([]byte, 16)), []byte{1}, device, []byte{0xa1}, appendBytes(nil, make([]byte, 16)), []byte{1})...))
	bad("body", "type 0", swap(body, []byte{11, 0x18, 60}, []byte{11, 0}))
	bad("body", "trust 5", swap(body, []byte{3, 3, 4, 0x50}, []byte{3, 5, 4, 0x50}))
	bad("body", "an author checked in way 4", swap(body, []byte{7, 0x82, 0x60, 3}, []byte{7, 0x82, 0x60, 4}))
	bad("body", "a staff id of 129 bytes", swap(body, []byte{7, 0x82, 0x60, 3}, append(appendText([]byte{7, 0x82}, string(bytes.Repeat([]byte{'a'}, 129))), 3)))
	bad("body", "a patient of zeros", swap(body, named("id patient", 16), make([]byte, 16)))
	bad("body", "a negative monotonic time", swap(body, appendUint([]byte{5}, 5000), appendInt([]byte{5}, -5000)))
	bad("body", "a wall time beyond 53 bits", swap(body, appendInt([]byte{2}, noon), appendUint([]byte{2}, 1<<53)))
	bad("body", "a key of no meaning", append(append([]byte{body[0] + 1}, rest(body)...), 15, 0))
	bad("body", "over 65536 bytes", swap(body, content, appendBytes(nil, make([]byte, 65536))))

	heads := []byte(s.v.Heads[1].Bytes)
	bad("heads", "a byte too many", append(slices.Clone(heads), 0))
	bad("heads", "a team without logs", slices.Concat([]byte{0xa1}, appendBytes(nil, s.team[:]), []byte{0xa0}))
	log := func(n byte) []byte {
		return slices.Concat([]byte{0xa1, n, 0xa1}, appendBytes(nil, make([]byte, 16)), []byte{0x82, 1}, appendBytes(nil, make([]byte, 32)))
	}
	bad("heads", "a team twice", slices.Concat([]byte{0xa2}, appendBytes(nil, s.team[:]), log(1), appendBytes(nil, s.team[:]), log(2)))
	bad("heads", "a number as team", []byte{0xa1, 1, 0xa0})
	vector := []byte(s.v.Vectors[0].Bytes)
	bad("vector", "a byte too few", vector[:len(vector)-1])
	bad("vector", "an array", []byte{0x80})

	spoil := func(why string, change func(*vectorPiece)) {
		p := good.Pieces[1]
		p.Entries = slices.Clone(p.Entries)
		for i := range p.Entries {
			p.Entries[i].Says = nil
		}
		change(&p)
		s.v.Refused = append(s.v.Refused, vectorRefused{What: "piece", Why: why, Epoch: good.Name, Piece: &p})
	}
	flip := func(b hexed, at int) hexed {
		c := slices.Clone(b)
		c[at] ^= 1
		return c
	}
	spoil("one bit of a body", func(p *vectorPiece) { p.Entries[1].Body = flip(p.Entries[1].Body, 40) })
	spoil("one bit of an envelope's clock", func(p *vectorPiece) {
		p.Entries[0].Envelope = flip(p.Entries[0].Envelope, bytes.Index(p.Entries[0].Envelope, []byte{4, 0x1b})+5)
	})
	spoil("one bit of the signature", func(p *vectorPiece) { p.Seal.Signature = flip(p.Seal.Signature, 3) })
	spoil("one bit of the seal's chain", func(p *vectorPiece) { p.Seal.Chain = flip(p.Seal.Chain, 3) })
	spoil("two entries in each other's place", func(p *vectorPiece) { p.Entries[0], p.Entries[1] = p.Entries[1], p.Entries[0] })
	spoil("an entry left out", func(p *vectorPiece) { p.Entries = p.Entries[1:] })
	spoil("the last entry left out", func(p *vectorPiece) { p.Entries = p.Entries[:1] })
	spoil("no entries", func(p *vectorPiece) { p.Entries = nil })
	spoil("a body cut short", func(p *vectorPiece) { p.Entries[1].Body = p.Entries[1].Body[:50] })
	third := good.Pieces[2]
	s.v.Refused = append(s.v.Refused, vectorRefused{What: "piece", Why: "entries are missing before it", Epoch: good.Name, Piece: &vectorPiece{After: 1, Entries: third.Entries, Seal: third.Seal}})
}
