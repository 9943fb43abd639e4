// Package gatt decodes what Bluetooth health devices notify: heart rate (2A37),
// pulse oximeter (2A5F, 2A5E), blood pressure (2A35, 2A36), thermometer (2A1C,
// 2A1E), glucose (2A18, with the record access of 2A52), continuous glucose (2AA7),
// weight (2A9D) and Polar's ECG. It is pure: the radio is somewhere else, and hands
// payloads to a [Receiver]. It never writes to a device by itself.
//
// # Line
//
// [Driver] reads the same payloads as text, "2A37 0055", one a line, as test
// vectors and logs have them. A word before the characteristic and whatever
// follows the payload are ignored, as are lines that begin with #. On the radio a
// payload is guarded by a CRC of 24 bits; a line of text is guarded by nothing.
//
// # Sources
//
// The Bluetooth SIG's services as implemented by Nordic Semiconductor's libraries,
// whose unit tests are the vectors used here; IEEE 11073-20601 for the two float
// types, with exponent and mantissa in two's complement (some public tests have a
// biased exponent; they are wrong); Polar's public SDK notes for the ECG. No bytes
// of a real device are public with their meaning: the driver is not proven.
package gatt
