package ui

import (
	"context"

	"fieldkit/triage/chart"
)

// A Person is somebody who may sign in at this station.
type Person struct {
	ID   string
	Name string
	Role string // as the roster says it; may be ""
}

// A Door is who may come in: the part of a [Desk] that a locked screen needs.
type Door interface {
	// People are those who may sign in here.
	People(ctx context.Context) ([]Person, error)
	// SignIn proves that a person is at the screen, by PIN or passphrase, and opens the
	// store when it is locked. Whoever was signed in is signed out.
	SignIn(ctx context.Context, person, secret string) error
	// LockScreen signs out. The live numbers of the encounter go on, nothing else
	// does; the screen is locked even when the station does not answer.
	LockScreen(ctx context.Context, encounter chart.ID) error
	// AcknowledgeShown acknowledges the alarms of the encounter that a locked screen
	// shows.
	AcknowledgeShown(ctx context.Context) error
	// BreakGlass opens the screen without a PIN; the reason is recorded first.
	BreakGlass(ctx context.Context, why string) error
}

// A Stick is a removable disk that is plugged in.
type Stick struct {
	Name string
	Path string
	Free uint64 // bytes
}

// A Vault keeps copies of the record.
type Vault interface {
	// Sticks are the removable disks that a backup may go to.
	Sticks(ctx context.Context) ([]Stick, error)
	// Backup writes a whole, sealed copy of the record to a new file on a stick while
	// recording goes on, and gives the file's name.
	Backup(ctx context.Context, s Stick) (file string, err error)
}
