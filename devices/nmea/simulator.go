package nmea

import (
	"fmt"
	"math"
	"time"

	"fieldkit/devices"
	"fieldkit/triage/vital"
)

// A Simulator is a receiver that stands still. Set its fields before the first
// Poll.
type Simulator struct {
	Clock     time.Time // at instant 0
	Latitude  float64   // degrees
	Longitude float64
	NoFix     bool
	next      vital.Instant
	out       []byte
}

// NewSimulator is a receiver at the Ambulance Museum of nowhere: 0° N 0° E has the
// merit that nobody lives there.
func NewSimulator() *Simulator {
	return &Simulator{Clock: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
}

// Receive ignores what the host sent.
func (*Simulator) Receive(vital.Instant, []byte) {}

// Poll gives an RMC and a GGA sentence each second.
func (m *Simulator) Poll(now vital.Instant, _ devices.Body) ([]byte, vital.Instant) {
	m.out = m.out[:0]
	for m.next <= now {
		at := m.Clock.Add(time.Duration(m.next)).UTC()
		day, date := at.Format("150405.00"), at.Format("020106")
		place := ",,,"
		status, mode, quality, rest := "V", "N", "0", "00,,,M,,M,,"
		if !m.NoFix {
			place = placeText(m.Latitude, "NS", 2) + "," + placeText(m.Longitude, "EW", 3)
			status, mode, quality, rest = "A", "A", "1", "08,0.9,34.5,M,46.9,M,,"
		}
		m.say(fmt.Sprintf("GPRMC,%s,%s,%s,0.0,,%s,,,%s", day, status, place, date, mode))
		m.say(fmt.Sprintf("GPGGA,%s,%s,%s,%s", day, place, quality, rest))
		m.next = m.next.Add(time.Second)
	}
	return m.out, m.next
}

func (m *Simulator) say(text string) {
	sum := byte(0)
	for _, c := range []byte(text) {
		sum ^= c
	}
	m.out = fmt.Appendf(m.out, "$%s*%02X\r\n", text, sum)
}

func placeText(v float64, sides string, width int) string {
	side := sides[0]
	if v < 0 {
		side, v = sides[1], -v
	}
	tenThousandths := int64(math.Round(v * 60 * 10000))
	return fmt.Sprintf("%0*d%02d.%04d,%c", width, tenThousandths/600000, tenThousandths/10000%60, tenThousandths%10000, side)
}
