package ui

import (
	"context"
	"time"
)

// A Checker says how ready the station is for a shift.
type Checker interface {
	// Readiness is what the station measures of itself.
	Readiness(ctx context.Context) (Readiness, error)
}

// Readiness is what a station measures of itself. What is nil or zero is not known,
// never good.
type Readiness struct {
	Battery      *Battery
	DiskFree     uint64 // bytes, of DiskAll
	DiskAll      uint64
	Clock        string // where its time comes from, in words
	ClockTrusted bool
	Backup       time.Time // the last written here
	// Checked is when a person last recorded the check of a shift here, and PutOff
	// whether that was to put it off.
	Checked time.Time
	PutOff  bool
}

// A Battery is the machine's.
type Battery struct {
	Percent  int
	Charging bool
}
