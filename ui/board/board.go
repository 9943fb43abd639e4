// Package board is the page of the emergency room: plain ES modules, no bundler,
// embedded. It draws what telemetry/gateway sends and decides nothing; the
// gateway is handed it as a file system. It never shows a number without what
// makes it doubtful, and never keeps anything of a patient whose tile has ended.
//
// # Coming
//
// One vehicle on its way, as one tile of the gateway: its patient (what the page
// holds of the live frames), its chart (what the record here says) and the
// response (what this hospital answers; each act is an entry of the record, and
// called recorded only when the recorder says so).
//
// # Tile, view, strip
//
// A tile keeps its place on the board while its vehicle is expected. The view is
// one patient on the whole screen. The strip over both holds what cannot wait, of
// all vehicles.
//
// # Record
//
// What the hospital's record holds of the opened patient: the handover, read back item
// by item, trends, what was given and done, scores, messages, alarms. It is read again
// every 2 s; what a person writes here is shown once the record has it.
//
// # Strip on paper
//
// A stretch of traces that the crew kept, whole and on ECG paper: 25 mm to the second and
// 10 mm to the millivolt, true to size only on a screen that somebody has measured. It
// is read when it is opened, drawn once it is whole, and its gaps are gaps.
//
// # Sweep
//
// A trace drawn by the time its samples were taken, 350 ms behind; it never stands
// still, and what has not come is a gap until it is filled.
//
// The decoder is written from telemetry/wave/FORMAT.md, signs and leads are those
// of triage/vital; tests hold both. Colours of signals keep away from the alarms'
// red, yellow and cyan (IEC 60601-1-8).
package board

import (
	"embed"
	"io/fs"
)

//go:embed page
var files embed.FS

// Page is the page's files, index.html at the top.
func Page() fs.FS {
	page, err := fs.Sub(files, "page")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return page
}
