// Package ui is what the screens stand on: the small interface they need of a
// station, and what is known at this moment of each patient. It is pure: no
// clock, no disk, no network, no goroutine, no window. Widgets, theme, languages
// and screens stand in its folders; none of them imports
// fyne.io/fyne/v2/app, so that all of it builds and is tested without cgo.
//
// # Desk
//
// The station as a screen sees it: what to show, and the verbs a person has.
//
// # Moment
//
// What the station says of one encounter in one tenth of a second.
//
// # Bed
//
// What the moments of one encounter add up to: the last reading of each sign with
// its age, the alarms that stand, and for how long the station has been silent.
package ui
