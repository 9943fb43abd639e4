package drivertest_test

import (
	"bytes"
	"testing"

	"fieldkit/devices"
	"fieldkit/devices/drivertest"
)

func set(baud, bits int, p devices.Parity, stop int) devices.Line {
	return devices.Line{Baud: baud, DataBits: bits, Parity: p, StopBits: stop}
}

// What a UART makes of another's bytes, worked out with a pencil from the frames:
// start 0, data with the lowest bit first, parity, stop 1.
func TestAWrongSettingGarblesAsAUARTDoes(t *testing.T) {
	n96, n192 := set(9600, 8, 'N', 1), set(19200, 8, 'N', 1)
	for _, c := range []struct {
		name   string
		tx, rx devices.Line
		sent   []byte
		heard  []byte
	}{
		{"equal", n96, n96, []byte{0x00, 0x41, 0xff}, []byte{0x00, 0x41, 0xff}},
		{"more stop bits", set(9600, 8, 'N', 2), n96, []byte{0x00, 0x41, 0xff}, []byte{0x00, 0x41, 0xff}},
		// At twice the speed the start bit is start and a 0: FF reads as FE.
		{"FF read twice as fast", n96, n192, []byte{0xff}, []byte{0xfe}},
		// 0 and eight 0s at 9600 last 18 bits at 19200: start, eight 0s, and a stop bit
		// that is 0; then the line is low until the true stop bit.
		{"00 read twice as fast", n96, n192, []byte{0x00}, []byte{0x00}},
		// F0 twice as fast: five 0s are ten short ones, a byte 00 with a wrong stop.
		{"F0 read twice as fast", n96, n192, []byte{0xf0}, []byte{0x00}},
		// Half as fast, FF FF is start, 4.5 bits high, half a bit low between: FF FF at
		// 19200 are ten and ten short bits; sampled every second one the first start bit
		// is half a bit long, no start at all.
		{"FF read half as fast", n192, n96, []byte{0xff}, nil},
		// 00 at 19200 is nine short 0s, 4.5 long bits: start, three 0s, and then high from
		// the middle of the next on: bits 000 11111.
		{"00 read half as fast", n192, n96, []byte{0x00}, []byte{0xf8}},
		// Even parity of 41 (two ones) is 0: where a stop bit is awaited. Without parity
		// checking the byte stands.
		{"8E1 read as 8N1", set(9600, 8, 'E', 1), n96, []byte{0x41, 0x43}, []byte{0x41, 0x43}},
		// 8N1 read as 8E1: the stop bit is taken for parity 1, right for 43 (three ones),
		// wrong for 41, which Linux then reads as 00.
		{"8N1 read as 8E1", n96, set(9600, 8, 'E', 1), []byte{0x43}, []byte{0x43}},
		{"8N1 read as 8E1, wrong parity", n96, set(9600, 8, 'E', 1), []byte{0x41}, []byte{0x00}},
		{"odd read as even", set(9600, 8, 'O', 1), set(9600, 8, 'E', 1), []byte{0x41, 0x43}, []byte{0, 0}},
		// Seven bits and even parity read as eight: the parity is the top bit.
		{"7E1 read as 8N1", set(9600, 7, 'E', 1), n96, []byte{0x41, 0x43}, []byte{0x41, 0xc3}},
		{"8N1 read as 7E1", n96, set(9600, 7, 'E', 1), []byte{0x41, 0xc3}, []byte{0x41, 0x43}},
	} {
		if got := drivertest.Heard(c.sent, c.tx, c.rx); !bytes.Equal(got, c.heard) {
			t.Errorf("%s: % x heard as % x, want % x", c.name, c.sent, got, c.heard)
		}
	}
}
