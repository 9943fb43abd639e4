// Package parent keeps the window alive: it starts it again when it crashes. The
// program that a person starts is a small parent that draws nothing and parses nothing
// from outside; it starts itself again as the window, and once more each time the window
// crashes, until it crashes too often. It touches no station and no record: the recorder
// goes on whatever becomes of either.
//
// # Report
//
// What a crash leaves in the data folder: when, of what version, of what class the
// failure was, and where in the program, as names of functions and lines. The window's
// own words about its end may hold a patient's name, so none of them is kept or shown.
// The parent reads nothing but program counters from them and looks those up in its own
// tables, as it is the same program. The method is that of golang.org/x/telemetry's
// crash monitor.
//
// # Kept
//
// What the window that crashed wants its successor to begin with: who is signed in, by
// a session's token, and which patient is on screen, by id. It goes through pipes and
// stays in the parent's memory: never to a disk, an argument or the environment.
package parent
