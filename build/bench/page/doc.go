// Command page measures how long a number takes from the monitor's line to the
// hospital's page: real processes as on a street (app/demo), a monitor on a pty that
// sends another heart rate about once a second, the ambulance's station, its live
// link over loopback, the hospital's gateway, and the page signed in to in headless
// Chromium.
//
// The clock starts before the write of the message that says the new number, whole,
// and stops when the page's text changes (a MutationObserver; the next animation
// frame is printed beside it) and when a face on the ambulance's own socket, as the
// window is one, has decoded a frame with it. Both ends' clocks are this machine's;
// the page's is compared with ours before and after and corrected. It prints and
// decides nothing.
//
// With -window the real window (app/fieldkit) runs too, on Xvfb: its clock stops when
// the pixels of the tile show the number. How each number looks is learned in a first
// round of them, half a minute.
//
//	go run ./build/bench/page                          120 changes, about two minutes
//	go run ./build/bench/page -window -changes 400     a few hundred, with the window
package main
