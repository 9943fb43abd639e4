// Package intellivue reads Philips IntelliVue monitors over the Data Export
// protocol: numbers, waves and alarms, over RS-232 (MIB) and, as the same messages
// without frames, over a network. It associates, polls and keeps the association
// alive; it never changes a setting and never starts a measurement.
//
// # Frame
//
// On RS-232: C0, 11 01 and the length, the message, a CRC-16/X-25 low byte first, C1;
// C0, C1 and 7D inside are sent as 7D and the byte xor 20. On a network a message is a
// datagram, whose own checksum the system looks after. Numbers are big-endian.
//
// # Association, poll
//
// The host asks to associate, the monitor accepts and announces itself, the host asks
// for ten minutes of results of a kind (numbers, waves, alarms), and asks anew before
// they are over. A host that says nothing for ten seconds is forgotten. A long result
// comes as linked messages, each of which can be read by itself.
//
// # Sources
//
// VSCaptureMP, mdpnp OpenICE and Koshsky's Go reader, which agree on the messages;
// Philips' physiological ids are MDC codes less 131072, its units less 262144. Alarm
// priorities, alarm states and the operating mode follow one reading of Philips' guide.
// Proven by others' bytes are the frame check (two vectors of OpenICE) and the Connect
// Indication (a real monitor's); no poll result is public, so the driver is not proven.
package intellivue
