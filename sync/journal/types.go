package journal

import (
	"fieldkit/triage/chart"
)

// Version is the version of the envelope and body that this program writes and
// reads in full. Version 0 was never released and is refused; a later version
// is kept, passed on and not read.
const Version = 1

// The bounds of the format. Whatever is larger is refused before it is hashed.
const (
	MaxBody     = 64 << 10 // bytes of one body; larger things are Stream bodies named by digest
	MaxEnvelope = 1024     // bytes of one envelope, of this or any later version
	MaxUnsealed = 64       // entries a writer may append before it must seal
	MaxPiece    = 1024     // entries of one piece: a peer may leave out seals between
	MaxSeq      = 1<<53 - 1
)

// A Log is one of a device's logs. The numbers stand in the record.
type Log uint8

// The logs, in the order in which they are fetched.
const (
	Team   Log = 1 // roster, grants, erase, accept, clock
	Chart  Log = 2 // clinical facts
	Supply Log = 3 // stock, cold chain, equipment
	Audit  Log = 4 // who looked, who exported
	Stream Log = 5 // every second's numerics and waveforms
)

// Known reports whether this version knows l.
func (l Log) Known() bool { return l >= Team && l <= Stream }

// String is the log's name in lower case.
func (l Log) String() string {
	names := [...]string{Team: "team", Chart: "chart", Supply: "supply", Audit: "audit", Stream: "stream"}
	if !l.Known() {
		return "unknown log"
	}
	return names[l]
}

// A TeamID is the SHA-256 of the team's genesis.
type TeamID [32]byte

// A Hash is a SHA-256.
type Hash [32]byte

// A Head is how far one epoch of one log is known: the place the next envelope
// is checked against. Seq 0 means before the first envelope; [Start] makes it.
type Head struct {
	Team   TeamID
	Device chart.Device
	Log    Log
	Epoch  chart.Epoch
	Seq    uint64
	Chain  Hash
}

// A Record is one entry as it is stored and passed on, byte for byte.
type Record struct {
	Envelope []byte       // deterministic CBOR
	Body     []byte       // salted body, nil when Absent says why
	Absent   chart.Absent // Present when Body is there
}

// A Seal is the writer's signature over how far a log reaches.
type Seal struct {
	Seq       uint64
	Chain     Hash
	Signature [64]byte
}

// A Piece is a run of one epoch from one seal to a later one: what is verified,
// stored and passed on as a whole. Seals between may be left out, so that a long
// run costs one signature check; it holds at most [MaxPiece] records.
type Piece struct {
	Head    Head // before the first record of this piece
	Records []Record
	Seal    Seal // at the last record
}
