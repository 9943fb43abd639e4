package chart

import "time"

// An ID names a patient or an encounter for ever: a UUID of version 7. The zero
// ID is none.
type ID [16]byte

// A Device is the SHA-256 of a tablet's public key.
type Device [32]byte

// An Epoch is the random name of one run of a device's log.
type Epoch [16]byte

// A Ref is where an entry stands: the place that amendments, acknowledgements
// and erasures name. Sequences start at 1.
type Ref struct {
	_      struct{} `cbor:",toarray"`
	Device Device
	Epoch  Epoch
	Seq    uint64
}

// Author is who says that an entry is true. Staff "" with CheckedStation is the
// station itself (a monitor's reading).
type Author struct {
	_       struct{} `cbor:",toarray"`
	Staff   string
	Checked Checked
}

// Checked says how an author was recognised.
type Checked uint8

// The ways.
const (
	CheckedNone    Checked = 0
	CheckedPIN     Checked = 1
	CheckedBadge   Checked = 2
	CheckedStation Checked = 3
)

// Trust says where a wall time comes from, weakest first.
type Trust uint8

// The trusts.
const (
	ClockUnset   Trust = 0
	ClockByHand  Trust = 1
	ClockPeer    Trust = 2 // corrected by a trusted peer's
	ClockNetwork Trust = 3
	ClockGPS     Trust = 4
)

// Absent says why an entry's content is missing.
type Absent uint8

// The reasons. Present is the zero value: the content is there.
const (
	Present   Absent = 0
	Unfetched Absent = 1 // on its way
	Withheld  Absent = 2 // not in this device's grant
	Pruned    Absent = 3 // dropped by the retention rule
	Erased    Absent = 4 // by an erase order
	Unread    Absent = 5 // of a later version or type this program cannot read
	Damaged   Absent = 6 // stored bytes no longer match their hash
)

// An Entry is one fact with where it stands and what its writer had seen. app/kit
// makes entries from the journal's records.
type Entry struct {
	Ref       Ref
	Log       uint8 // as in sync/journal
	Demo      bool  // training or demonstration
	Wall      time.Time
	Trust     Trust
	Happened  time.Time // when it was true; equal to Wall unless charted late
	Author    Author
	Witness   *Author
	Patient   ID
	Encounter ID
	Saw       []Ref // per (device, epoch), the highest seq folded
	Content   Content
	Absent    Absent
	// Withdrawn marks an entry written by a key after the point to which it is
	// trusted: shown apart, out of scores and totals, still in warnings.
	Withdrawn bool
}

// A Content is one of the content structs of this package.
type Content interface {
	// Type is the content's number in the record.
	Type() Type
}

// A Type is a content's number in the record; never reused.
type Type uint16
