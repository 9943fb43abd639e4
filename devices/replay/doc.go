// Package replay keeps what passed over a port, and plays it back as a port: for
// finding out what went wrong, for tests, and for training. A recording holds a
// patient's numbers; it is sealed and erased like any record, which is not this
// package's work.
//
// # Recording
//
// A .fkrec file: the seven bytes "fkrec" 01 0A; the wall time of its beginning as
// eight bytes of Unix milliseconds, low byte first; then records, each
//
//	kind, 1 byte | nanoseconds since the last record, uvarint | body | CRC-32C, 4 bytes low first
//
// with the CRC over all of the record before it. Bodies: 'R' received and 'S' sent
// are a uvarint length of at most 65536 and that many bytes; 'N', a note, is the
// same with at most 4096 bytes of UTF-8; 'L', a line setting, is baud as a uvarint,
// then data bits, parity as its letter, stop bits, and RTS + 2 x DTR, a byte each.
// A recording cut short by a power cut reads up to its last whole record.
package replay
