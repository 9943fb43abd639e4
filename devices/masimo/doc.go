// Package masimo reads the "ASCII 1" lines of Masimo oximeters: Rad-5, Rad-8,
// Radical-7 and what is built with their boards. It also plays the oximeter's side.
// The oximeter speaks by itself, a line a second; nothing is ever sent to it.
//
// A Rad-8 comes from the factory in ASCII 2 mode and says nothing of use until a
// person chooses AS1 in its menu (level 3, SEr).
//
// # Line
//
// Date, time, and words of KEY=VALUE whose number and order differ by model: they
// are read by key, never by column. Dashes are no value. There is no checksum: a
// line counts only when every word has the shape of its key, and while the line
// garbles text a number that leaps is believed only when the next line says it too.
// ALARM and EXC are hexadecimal bits: what the oximeter alarms about, and why it
// has no value or doubts it. A number that stands in a line that also says "sensor
// off" or "pulse search" is an old one and is not handed on.
//
// # Sources
//
// Twelve lines of three real Rad-8 units from public READMEs; poxrad_discrete.h,
// OpenICE's specification and nmenon's reader for the bits and the other dialects.
// The dialects of the Rad-5 and the colour Radical-7 rest on those alone.
package masimo
