package ui

import "context"

// Kinds are what a station may be made into: there are screens for them.
var Kinds = [...]string{"ambulance", "clinic", "hospital"}

// A Changer changes what this station is. Only an admin's station may, by somebody with
// the role for it; the team's roster keeps who did.
type Changer interface {
	// SetKind makes this station one of [Kinds].
	SetKind(ctx context.Context, kind string) error
}
