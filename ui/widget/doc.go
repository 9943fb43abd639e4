// Package widget is what the screens are built of: the sweeping trace, the tile
// of one sign, the alarm bar, big buttons, hold-to-confirm, the patient band, the body map. A
// widget shows what it is given and says by a callback what the person meant; it
// asks no station, keeps no record and starts no goroutine. All of it is used on
// Fyne's own goroutine. Every widget has an accessibility label, every one that
// can be tapped the sizes of theme in millimetres.
package widget
