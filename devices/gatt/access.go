package gatt

import "encoding/binary"

// The record access control point (2A52) of glucose meters: the requests that read
// records and the answers. Deleting is not among them.

// ReportAll asks for all records.
func ReportAll() []byte { return []byte{0x01, 0x01} }

// ReportFrom asks for the records from number n on.
func ReportFrom(n uint16) []byte {
	return binary.LittleEndian.AppendUint16([]byte{0x01, 0x03, 0x01}, n)
}

// CountAll asks how many records there are.
func CountAll() []byte { return []byte{0x04, 0x01} }

// Abort stops a transfer.
func Abort() []byte { return []byte{0x03, 0x00} }

// An Access is the meter's answer to a request.
type Access struct {
	Count   int  // of records, when Counted
	Counted bool // this answers CountAll
	Request byte // the operation this answers: 1 report, 3 abort, 4 count
	Result  byte // 1 success, 6 no records; others are failures
}

// Done reports whether the request was carried out; a meter without records has
// carried out a report, too.
func (a Access) Done() bool { return a.Counted || a.Result == 1 || a.Result == 6 }

// ParseRecordAccess reads an answer.
func ParseRecordAccess(b []byte) (a Access, ok bool) {
	switch {
	case len(b) == 4 && b[0] == 0x06 && b[1] == 0:
		return Access{Request: b[2], Result: b[3]}, true
	case len(b) == 4 && b[0] == 0x05 && b[1] == 0:
		return Access{Counted: true, Request: 4, Count: int(binary.LittleEndian.Uint16(b[2:]))}, true
	}
	return Access{}, false
}
