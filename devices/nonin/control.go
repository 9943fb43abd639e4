package nonin

// What is said to and by two-way monitors: 02, code, length, data, 03.
const (
	opFormat = 0x70
	opTime   = 0x72
	opType   = 0x73
	opSerial = 0x74
	opReply  = 0x80 // set in the code of an answer

	replyMost = 32 // bytes of data in an answer, more than any known
)

// askFormat7 selects format 7 until the monitor is switched off.
var (
	askFormat7 = []byte{0x02, opFormat, 0x02, 0x02, 0x07, 0x03}
	askType    = []byte{0x02, opType, 0x00, 0x03}
)

// parseReply reads an answer from the front of b: n is its length, 0 when b is not
// one or not whole.
func parseReply(b []byte) (op byte, data []byte, n int) {
	if len(b) < 4 || b[0] != 0x02 || b[1]&opReply == 0 || b[1]&0x70 != 0x70 || b[2] > replyMost {
		return 0, nil, 0
	}
	n = 3 + int(b[2]) + 1
	if len(b) < n || b[n-1] != 0x03 {
		return 0, nil, 0
	}
	return b[1] &^ opReply, b[3 : n-1], n
}

// prefixOfReply reports whether b may be the beginning of an answer.
func prefixOfReply(b []byte) bool {
	return len(b) > 0 && b[0] == 0x02 &&
		(len(b) < 2 || b[1]&0xf0 == 0xf0) &&
		(len(b) < 3 || b[2] <= replyMost && len(b) < 3+int(b[2])+1)
}

// model is the name of a device type, as OpenICE met them.
func model(data []byte) string {
	switch string(data) {
	case "\x18\x05\x09":
		return "WristOx2 3150"
	case "\x9e\x09", "\x93\x06":
		return "Onyx II 9560"
	}
	return ""
}

// serialText is the serial number in an answer: an id byte and nine characters.
func serialText(data []byte) string {
	if len(data) < 2 {
		return ""
	}
	text := data[1:]
	for _, c := range text {
		if c < ' ' || c > '~' {
			return ""
		}
	}
	for len(text) > 0 && text[len(text)-1] == ' ' {
		text = text[:len(text)-1]
	}
	return string(text)
}
