// Package uitest is what tests of screens stand on: a window without a display,
// and a walk over everything that can be tapped. Only tests import it: it brings
// Fyne's test driver along.
package uitest
