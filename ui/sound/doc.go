// Package sound is what alarms sound like and when: bursts of pulses by priority,
// as samples, and a keeper that says when the next is due. It is pure: it opens no
// device and reads no clock. It decides nothing about alarms; what stands, and what
// a person acknowledged or paused, it is told.
//
// The pattern follows what is public of IEC 60601-1-8, tables 3 and 4 (repeated in
// NXP AN10875, "IEC 60601-1-8 audible alert generator", and in PUI Audio's notes);
// no conformance is claimed, least of all for whatever loudspeaker plays it.
//
// # Pulse
//
// One tone: a fundamental with its harmonics, risen and fallen without a click.
//
// # Burst
//
// The pulses that belong together: ten for high priority in the rhythm
// 3-2 3-2, three for medium, two for low. The number of pulses says the priority to
// who does not see the screen.
package sound
