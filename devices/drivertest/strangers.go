package drivertest

import (
	"bytes"
	"fmt"
	"math/rand/v2"
)

// Strangers is what may be on a port that is no monitor: noise, stuck lines, a
// GPS receiver, a Meshtastic node's console and its packets, a modem.
func Strangers() map[string][]byte {
	random := rand.New(rand.NewPCG(7, 7))
	noise := make([]byte, 64<<10)
	for i := range noise {
		noise[i] = byte(random.Uint32())
	}
	sparse := make([]byte, 16<<10) // a line that picks up hum: mostly 0 and 255
	for i := range sparse {
		sparse[i] = [...]byte{0, 0, 0, 0xff, 0x80, 0xfe, 0xf0, byte(random.Uint32())}[random.IntN(8)]
	}
	var gps, console, packets, modem bytes.Buffer
	for i := range 200 {
		for _, s := range []string{
			fmt.Sprintf("GPGGA,%02d%02d%02d.00,5231.1%03d,N,01323.4%03d,E,1,08,0.9,34.%d,M,46.9,M,,", i/3600, i/60%60, i%60, i, i, i%10),
			fmt.Sprintf("GPRMC,%02d%02d%02d.00,A,5231.1%03d,N,01323.4%03d,E,0.%d,84.4,221126,,,A", i/3600, i/60%60, i%60, i, i, i%10),
		} {
			sum := byte(0)
			for _, c := range []byte(s) {
				sum ^= c
			}
			fmt.Fprintf(&gps, "$%s*%02X\r\n", s, sum)
		}
		fmt.Fprintf(&console, "INFO  | 12:%02d:%02d %d [Router] Received text msg from=0x%08x, id=0x%08x, msg=HR=72 SPO2=98\r\n", i/60, i%60, 1000+i, random.Uint32(), random.Uint32())
		fmt.Fprintf(&console, "DEBUG | 12:%02d:%02d %d [Power] Battery: usbPower=1, isCharging=0, batMv=4%03d, batPct=9%d\r\n", i/60, i%60, 1000+i, i, i%10)
		body := noise[i*64 : i*64+20+random.IntN(40)]
		packets.Write([]byte{0x94, 0xc3, 0, byte(len(body))})
		packets.Write(body)
		fmt.Fprintf(&modem, "\r\n+CSQ: %d,99\r\n\r\nOK\r\n", i%31)
	}
	return map[string][]byte{
		"random bytes":         noise,
		"hum":                  sparse,
		"a line stuck low":     make([]byte, 8<<10),
		"a line stuck high":    bytes.Repeat([]byte{0xff}, 8<<10),
		"alternating bits":     bytes.Repeat([]byte{0x55}, 8<<10),
		"counting bytes":       counting(8 << 10),
		"a GPS receiver":       gps.Bytes(),
		"a Meshtastic console": console.Bytes(),
		"Meshtastic packets":   packets.Bytes(),
		"a modem":              modem.Bytes(),
	}
}

// ownerOf is the driver whose a stranger's bytes are, "" for nobody's: a GPS
// receiver is a stranger to all but one.
func ownerOf(stranger string) string {
	if stranger == "a GPS receiver" {
		return "nmea"
	}
	return ""
}

func counting(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i)
	}
	return b
}
