// Package ivy reads the Ivy Biomedical 450C monitor's "ANSAR-B" output: numbers,
// ECG, breathing, pleth and two pressures. It also plays the monitor's side. The
// monitor speaks by itself; nothing is ever sent to it.
//
// # Message
//
// Once a second: FF, "ANSAR-B ", 400 wave bytes, lines that end in CR, FE. There
// is no checksum: a message counts only when its lengths, keys and every field are
// as they should be, and while the line garbles messages a number that leaps is
// believed only when the next message says it too.
//
// # Sources
//
// A real recording of 28 messages, and mdpnp OpenICE's reader, whose loop leaves
// out the last line (T2). The ECG's scale is OpenICE's; the pressure wave was found
// to be in mmHg by its minimum and maximum in the recording, which equal the
// diastolic and systolic numbers. Breathing and pleth have no known scale. The
// meaning of the status digit before each value is not known and it is not used.
package ivy
