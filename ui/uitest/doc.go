// Package uitest is what tests of screens stand on: a window without a display, a
// station with behaviour, and a walk over everything that can be tapped. Nothing
// outside tests imports it but the program's demonstration desk.
package uitest
