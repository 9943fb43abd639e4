package journal

import (
	"fieldkit/triage/chart"
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

// A TeamID is the SHA-256 of the team's genesis.
type TeamID [32]byte

// A Hash is a SHA-256.
type Hash [32]byte

// A Head is how far one epoch of one log is known: the place the next envelope
// is checked against. The zero Seq means before the first envelope.
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

// A Piece is a run of one epoch from one seal to the next: what is verified,
// stored and passed on as a whole.
type Piece struct {
	Head    Head // before the first record of this piece
	Records []Record
	Seal    Seal // at the last record
}
