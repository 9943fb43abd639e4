package exchange

import (
	"encoding/binary"
	"slices"
	"time"

	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// A kind is the first byte of a frame. Numbers are never reused.
type kind byte

const (
	kindHello   kind = 1
	kindPing    kind = 2
	kindPong    kind = 3
	kindDevices kind = 4
	kindVector  kind = 5
	kindWant    kind = 6
	kindPieces  kind = 7
	kindDone    kind = 8
	kindHave    kind = 9
	kindBye     kind = 10
	kindBodies  kind = 11
	kindSettled kind = 12
	kindAbsent  kind = 13
	kindVouch   kind = 14

	packed kind = 0x80 // the message is a zstd frame
)

// The format versions this program speaks.
const (
	oldestVersion = 0
	newestVersion = 0
)

// Limits of what is believed, in and out.
const (
	window     = 64        // ranges under way, asked by us of one peer
	maxSeq     = 1 << 40   // entries of an epoch: ten million a second for a day
	maxHello   = 4 << 10   // bytes of a frame before the hello is done
	maxControl = 256 << 10 // bytes of a frame that carries no pieces, unpacked
	maxPieces  = 5 << 20   // bytes of a frame of pieces, unpacked: one largest piece
	maxHeads   = 2048      // heads in one message
	maxDevices = 4096      // devices of one team
	maxKnown   = 1 << 20   // epochs a peer may list in one contact
	maxReader  = 4096      // and one that only reads: it holds what it was given
	maxWants   = 256       // ranges under way, asked by one peer
	maxRuns    = 4096      // runs of absent bodies in one message
)

type life [8]byte

type hello struct {
	oldest, newest uint64
	team           journal.TeamID
	binding        [16]byte       // of this TLS connection and this side of it
	all            journal.Digest // of everything without stream
	// life is eight random bytes of the sender's start: what it said to have it may
	// have lost by the next. None from a sender of before there were grants.
	life []byte
}

func (m hello) append(w *writer) {
	w.uint(m.oldest)
	w.uint(m.newest)
	w.raw(m.team[:])
	w.raw(m.binding[:])
	w.raw(m.all[:])
	w.raw(m.life)
}

func readHello(r *reader) (m hello) {
	m.oldest, m.newest = r.uint(), r.uint()
	r.into(m.team[:])
	r.into(m.binding[:])
	r.into(m.all[:])
	if n := len(life{}); len(r.b) >= n {
		m.life = make([]byte, n)
		r.into(m.life)
	}
	return m
}

// A pong carries the ping's time back, with when the ping came and the pong left
// by the answerer's clock.
type pong struct {
	sent       uint64 // the asker's mark, as it came
	came, left time.Time
	trust      chart.Trust
}

func (m pong) append(w *writer) {
	w.uint(m.sent)
	w.time(m.came)
	w.time(m.left)
	w.byte(byte(m.trust))
}

func readPong(r *reader) (m pong) {
	m.sent = r.uint()
	m.came, m.left = r.time(), r.time()
	m.trust = chart.Trust(r.byte())
	return m
}

// devices lists a digest per device. The last part of a list says so, and
// whether the peer's own list is wanted in return.
type devices struct {
	last, answer bool
	list         []deviceDigest
}

type deviceDigest struct {
	device chart.Device
	digest journal.Digest
}

func (m devices) append(w *writer) {
	w.byte(flags(m.last, m.answer))
	w.uint(uint64(len(m.list)))
	for _, d := range m.list {
		w.raw(d.device[:])
		w.raw(d.digest[:])
	}
}

func readDevices(r *reader) (m devices) {
	f := r.byte()
	m.last, m.answer = f&1 != 0, f&2 != 0
	m.list = make([]deviceDigest, r.count(48))
	for i := range m.list {
		r.into(m.list[i].device[:])
		r.into(m.list[i].digest[:])
	}
	return m
}

func flags(bits ...bool) (f byte) {
	for i, b := range bits {
		if b {
			f |= 1 << i
		}
	}
	return f
}

// A reach is how far one epoch is known. Eight bytes of the chain hash are
// enough to see that two stations hold different entries; what they hold
// is proved by the pieces.
type reach struct {
	epoch epochKey
	seq   uint64
	chain [8]byte
}

func reachOf(k epochKey, h held) reach { return reach{k, h.seq, [8]byte(h.chain[:8])} }

// An epochKey names one epoch of one log of one device.
type epochKey struct {
	device chart.Device
	log    journal.Log
	epoch  chart.Epoch
}

func keyOf(h journal.Head) epochKey { return epochKey{h.Device, h.Log, h.Epoch} }

// vector lists a device's epochs, newest first. The last part of all devices
// that differ says so.
type vector struct {
	last   bool
	device chart.Device
	whole  bool // this part is the device's last
	list   []reach
}

func (m vector) append(w *writer) {
	w.byte(flags(m.last, m.whole))
	if m.last {
		return
	}
	w.raw(m.device[:])
	w.uint(uint64(len(m.list)))
	for _, h := range m.list {
		w.byte(byte(h.epoch.log))
		w.raw(h.epoch.epoch[:])
		w.uint(h.seq)
		w.raw(h.chain[:])
	}
}

func readVector(r *reader) (m vector) {
	f := r.byte()
	m.last, m.whole = f&1 != 0, f&2 != 0
	if m.last {
		return m
	}
	r.into(m.device[:])
	m.list = make([]reach, r.count(26))
	for i := range m.list {
		h := &m.list[i]
		h.epoch.device = m.device
		h.epoch.log = journal.Log(r.byte())
		r.into(h.epoch.epoch[:])
		h.seq = r.uint()
		r.into(h.chain[:])
	}
	return m
}

func appendKey(w *writer, k epochKey) {
	w.raw(k.device[:])
	w.byte(byte(k.log))
	w.raw(k.epoch[:])
}

func readKey(r *reader) (k epochKey) {
	r.into(k.device[:])
	k.log = journal.Log(r.byte())
	r.into(k.epoch[:])
	return k
}

// A want asks for a range: the entries after one number, up to another (0: all).
type want struct {
	id          uint64
	epoch       epochKey
	after, upto uint64
	absent      []run // of bodies alone: the entries whose bodies are lacking
}

// appendAbsent asks for bodies of which the envelopes are held, up to one number.
func appendAbsent(w *writer, m want) {
	w.uint(m.id)
	appendKey(w, m.epoch)
	w.uint(m.upto)
	w.uint(uint64(len(m.absent)))
	at := uint64(0)
	for _, r := range m.absent {
		w.uint(r.from - at - 1)
		w.uint(r.to - r.from)
		at = r.to
	}
}

func readAbsent(r *reader) (m want) {
	m.id = r.uint()
	m.epoch = readKey(r)
	m.upto = r.uint()
	n := r.count(2)
	if n == 0 || n > maxRuns {
		r.fail()
		return m
	}
	m.absent = make([]run, n)
	at := uint64(0)
	for i := range m.absent {
		skip, more := r.uint(), r.uint()
		if skip > maxSeq || more > maxSeq {
			r.fail()
			return m
		}
		m.absent[i] = run{at + skip + 1, at + skip + 1 + more}
		at = m.absent[i].to
	}
	return m
}

// bodies says which bodies the sender has that the receiver may have; its answer
// names the number, once it has them too.
type bodies struct {
	id   uint64
	list []bodiesHeld
}

// bodiesHeld is an epoch as far as the sender held it when it counted.
type bodiesHeld struct {
	epoch epochKey
	upto  uint64
	tally Tally
}

func (m bodies) append(w *writer) {
	w.uint(m.id)
	w.uint(uint64(len(m.list)))
	for _, h := range m.list {
		appendKey(w, h.epoch)
		w.uint(h.upto)
		w.uint(h.tally.Count)
		w.b = binary.BigEndian.AppendUint64(w.b, h.tally.Sum)
	}
}

func readBodies(r *reader) (m bodies) {
	m.id = r.uint()
	m.list = make([]bodiesHeld, r.count(59))
	for i := range m.list {
		h := &m.list[i]
		h.epoch = readKey(r)
		h.upto, h.tally.Count = r.uint(), r.uint()
		var sum [8]byte
		r.into(sum[:])
		h.tally.Sum = binary.BigEndian.Uint64(sum[:])
	}
	return m
}

func appendWants(w *writer, ms []want) {
	w.uint(uint64(len(ms)))
	for _, m := range ms {
		w.uint(m.id)
		appendKey(w, m.epoch)
		w.uint(m.after)
		w.uint(m.upto)
	}
}

func readWants(r *reader) []want {
	ms := make([]want, r.count(52))
	for i := range ms {
		m := &ms[i]
		m.id = r.uint()
		m.epoch = readKey(r)
		m.after, m.upto = r.uint(), r.uint()
	}
	return ms
}

// done ends the answer to a want. Short says that the range could not be sent
// as far as was asked.
type done struct {
	id    uint64
	short bool
}

func (m done) append(w *writer) { w.uint(m.id); w.byte(flags(m.short)) }

func readDone(r *reader) (m done) {
	m.id = r.uint()
	m.short = r.byte()&1 != 0
	return m
}

func appendHave(w *writer, hs []reach) {
	w.uint(uint64(len(hs)))
	for _, h := range hs {
		appendKey(w, h.epoch)
		w.uint(h.seq)
		w.raw(h.chain[:])
	}
}

func readHave(r *reader) []reach {
	hs := make([]reach, r.count(58))
	for i := range hs {
		hs[i].epoch = readKey(r)
		hs[i].seq = r.uint()
		r.into(hs[i].chain[:])
	}
	return hs
}

// pieces are sent with the number of the want they answer, 0 for a push.
type pieces struct {
	id   uint64
	list []journal.Piece
}

func appendPiece(w *writer, p journal.Piece) {
	appendKey(w, keyOf(p.Head))
	w.uint(p.Head.Seq)
	w.raw(p.Head.Chain[:])
	w.uint(uint64(len(p.Records)))
	for _, rec := range p.Records {
		w.bytes(rec.Envelope)
		w.byte(byte(rec.Absent))
		if rec.Absent == chart.Present {
			w.bytes(rec.Body)
		}
	}
	w.raw(p.Seal.Chain[:])
	w.raw(p.Seal.Signature[:])
}

func readPiece(r *reader, team journal.TeamID) (p journal.Piece) {
	k := readKey(r)
	p.Head = journal.Head{Team: team, Device: k.device, Log: k.log, Epoch: k.epoch}
	p.Head.Seq = r.uint()
	r.into(p.Head.Chain[:])
	n := r.count(2)
	if n < 1 || n > journal.MaxPiece || p.Head.Seq > maxSeq {
		r.fail()
		return p
	}
	p.Records = make([]journal.Record, n)
	for i := range p.Records {
		rec := &p.Records[i]
		rec.Envelope = slices.Clone(r.bytes(journal.MaxEnvelope))
		rec.Absent = chart.Absent(r.byte())
		if rec.Absent == chart.Present {
			rec.Body = slices.Clone(r.bytes(journal.MaxBody))
		}
	}
	p.Seal.Seq = p.Head.Seq + uint64(n)
	r.into(p.Seal.Chain[:])
	r.into(p.Seal.Signature[:])
	return p
}

func (m pieces) append(w *writer) {
	w.uint(m.id)
	w.uint(uint64(len(m.list)))
	for _, p := range m.list {
		appendPiece(w, p)
	}
}

func readPieces(r *reader, team journal.TeamID) (m pieces) {
	m.id = r.uint()
	n := r.count(180) // key, head, one record's least, seal
	for range n {
		m.list = append(m.list, readPiece(r, team))
		if r.bad {
			return m
		}
	}
	return m
}
