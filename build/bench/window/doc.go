// Command window measures what a crew feels of the tablet's program: how long from
// the passphrase to a picture with the patient's numbers, and to the first reading
// on disk, over a record as large as years of service leave; what the station costs
// while nothing happens, and the window while it draws; and how its memory grows.
//
// It starts the real programs: fieldkitd with a simulated monitor on a pty, and the
// window under Xvfb, whose framebuffer is a file in memory that costs nothing to
// look at. It decides nothing: people read what it prints.
//
//	go run ./build/bench/window                            100,000 entries, a minute each
//	go run ./build/bench/window -entries 1000000 -soak 1h  the plan's sizes; filling takes minutes
//
// It needs Xvfb (Debian's xvfb) and what the window is built with.
package main
