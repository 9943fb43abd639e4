// Package nellcor reads the text output of Nellcor's N-560 and N-595 oximeters: a
// line every two seconds and page headings with limits. It also plays the
// oximeter's side. The oximeter speaks by itself; nothing is ever sent to it.
//
// # Line
//
// Date, time, SpO2, beats a minute, pulse amplitude, and any number of two-letter
// status codes. Dashes are no value; a star after a value says that it is over a
// limit. There is no checksum: a line counts only when all of it has the right
// shape and columns, and while the line garbles text a number that leaps is
// believed only when the next line says it too.
//
// # Sources
//
// Eight lines of a real N-560 (its source, an N-560 reader, is public), OpenICE's
// specification for the status codes. The pulse amplitude has no unit and passes
// through under its own name. Values in a line that also says that the sensor is
// off, or that the pulse is lost or searched for, are old ones and are not handed
// on.
package nellcor
