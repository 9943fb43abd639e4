package ui

import (
	"context"
	"time"
)

// A Courier carries the record from station to station on a stick.
type Courier interface {
	// Parcels are the parcels on a stick, the latest written first.
	Parcels(ctx context.Context, s Stick) ([]Parcel, error)
	// ParcelOut writes the record, sealed for the team, into a new file on a stick while
	// recording goes on. The file is whole when it returns.
	ParcelOut(ctx context.Context, s Stick) (ParcelOut, error)
	// ParcelIn brings in what a parcel holds. On an error nothing was changed.
	ParcelIn(ctx context.Context, p Parcel) (ParcelIn, error)
}

// A Parcel is a sealed file on a stick.
type Parcel struct {
	Name string
	Path string
	At   time.Time // it was written, by the file
}

// ParcelOut says what was written.
type ParcelOut struct {
	File    string
	Entries int
	For     int // stations that can open it
	Left    int // of the team, that cannot: they receive only part of the record
}

// ParcelIn says what came.
type ParcelIn struct {
	From    string    // call sign of who made it, "" when not on the roster
	Made    time.Time // by its clock
	Entries int
	New     int
	Says    string // in the station's words, also what is missing or was refused
}
