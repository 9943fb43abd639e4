package identity

// The roles that this version knows. A team may name others; whoever has one of
// those may read and record.
const (
	RoleAdmin    = "admin"    // everything: the roster, the staff, erasures
	RoleObserver = "observer" // may look and record nothing: a student, an auditor
)

// A Right is a kind of act that not everybody may do.
type Right uint8

// The rights.
const (
	MayRead       Right = 1 // see patients
	MayRecord     Right = 2 // write entries, carry parcels
	MayAdminister Right = 3 // the roster, the staff, erasures
)

// String is the right in one word.
func (r Right) String() string {
	return word([]string{MayRead: "read", MayRecord: "record", MayAdminister: "administer"}, int(r))
}

// May reports whether p may do that kind of act. Who left the team, or may have,
// may nothing; of what admins said while apart the narrower holds.
func (p PersonState) May(r Right) bool {
	switch {
	case p.Left:
		return false
	case r == MayAdminister:
		return p.Role == RoleAdmin && !p.Disputed
	case r == MayRecord:
		return p.Role != RoleObserver
	}
	return r == MayRead
}
