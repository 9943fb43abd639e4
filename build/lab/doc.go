// Package lab puts real processes into network namespaces and joins them by links
// that delay, lose, fade, queue, fall silent and change address. The kernel may
// lack netem; here each host has a TUN device and a pump in this process carries
// the packets between them.
//
// It never touches the machine's own network, leaves nothing behind (a namespace
// has no name and goes with its last process, and processes die with the lab,
// even a killed one), and never pretends: where it may not run, New says so.
//
// # Host
//
// One machine of the trial: a namespace with one address, behind one [Link].
//
// # Link
//
// What lies between a host and the middle of the net, the same both ways. A
// packet crosses two: its sender's up and its receiver's down.
//
// # Trace
//
// When a link is in a fade: a fixed list of times drawn from a seed, so that two
// systems can be tried on the same radio, and what the radio allows at best can
// be worked out.
package lab
