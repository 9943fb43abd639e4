package chart

import "time"

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

// String is the reason in words for a person.
func (a Absent) String() string { return word(absentWords, a) }

// An Entry is one fact with where it stands and what its writer had seen. app/kit
// makes entries from the journal's records. As JSON it keeps everything, so that a
// fold of entries read back gives an equal chart; monotonic time is cut to the
// millisecond, and a type this version does not know comes back as [Unread].
type Entry struct {
	Ref   Ref
	Log   uint8 // as in sync/journal
	Demo  bool  // training or demonstration
	Wall  time.Time
	Trust Trust
	// Boot and Mono are the writer's monotonic clock: what a clock entry needs
	// to tell an entry's true time. The zero Boot is not known.
	Boot      Boot
	Mono      time.Duration
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

// A Content is a pointer to one of the content structs of this package; [Kinds]
// lists them. Contents in a chart are shared and never changed.
type Content interface {
	// Type is the content's number in the record.
	Type() Type
	// Validate reports every field that is missing, out of range or too long,
	// naming fields and rules but no value. Writers call it before an entry is
	// made; readers do not, so that a later version's wider rules stay readable.
	Validate() error
}

// A Type is a content's number in the record; never reused.
type Type uint16

// Seen reports whether the writer of y had folded x when it wrote y: y's saw for
// x's epoch reaches x, or x is an earlier entry of y's own epoch.
func Seen(y, x Entry) bool {
	if y.Ref.Device == x.Ref.Device && y.Ref.Epoch == x.Ref.Epoch {
		return x.Ref.Seq < y.Ref.Seq
	}
	for _, s := range y.Saw {
		if s.Device == x.Ref.Device && s.Epoch == x.Ref.Epoch && s.Seq >= x.Ref.Seq {
			return true
		}
	}
	return false
}

// Concurrent reports whether neither writer had seen the other's entry. An entry
// is not concurrent with itself.
func Concurrent(x, y Entry) bool {
	return x.Ref != y.Ref && !Seen(x, y) && !Seen(y, x)
}
