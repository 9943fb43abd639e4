package capnostream

import (
	"encoding/binary"
	"time"

	"fieldkit/devices"
	"fieldkit/triage/vital"
)

// Driver is that of the Capnostream 20, see the package comment.
type Driver struct{}

var (
	ask   = appendFrame(appendFrame(nil, cmdEnable), cmdStart)
	alive = appendFrame(nil, cmdAlive)
)

// Name is "capnostream".
func (Driver) Name() string { return "capnostream" }

// Hints says where to look.
func (Driver) Hints() devices.Hints {
	return devices.Hints{
		Lines:    []devices.Line{{Baud: 115200, DataBits: 8, Parity: devices.NoParity, StopBits: 1, RTS: true, DTR: true}},
		Ask:      ask,
		Evidence: "none: tested on its own monitor side only; frames follow OpenICE, which was tried on a monitor",
	}
}

// Recognise looks for frames of numbers and of the wave with right lengths and
// checks.
func (Driver) Recognise(heard []byte, _ devices.Line) devices.Confidence {
	var d deframer
	numbers, waves := 0, 0
	for _, c := range heard {
		switch code, data, o := d.add(c); {
		case o != whole:
		case code == codeNumbers && goodNumbers(data):
			numbers++
		case code == codeWave && len(data) == 4:
			waves++
		case code == codeItself && len(data) > 20 && data[0] == 'V':
			return 92
		}
	}
	switch {
	case numbers > 0 && waves > 2, numbers > 1, waves > 8:
		return 92
	case numbers > 0, waves > 2:
		return 60
	}
	return 0
}

// goodNumbers reports whether data can be numbers: their length, unit and percents.
func goodNumbers(data []byte) bool {
	return len(data) >= numbersLeast && data[atUnit] >= unitMmHg && data[atUnit] <= unitPercent && (data[atSpO2] <= 100 || data[atSpO2] == none)
}

// Where the numbers stand.
const (
	atEtCO2     = 4
	atFiCO2     = 5
	atRate      = 6
	atSpO2      = 7
	atPulse     = 8
	atStatus    = 9
	atCO2Alarm  = 13
	atSpO2Alarm = 14
	atNoBreath  = 15
	atUnit      = 25
	atExtended  = 26

	numbersLeast = 27
	none         = 0xff

	unitMmHg    = 1
	unitKPa     = 2
	unitPercent = 3

	silenced = 0x02 | 0x04 // status: for a while, or all
)

// The wave's status bits.
const (
	fastInvalid   = 0x01
	fastStarting  = 0x02
	fastOccluded  = 0x04
	fastBreath    = 0x08
	fastSelfTest  = 0x10
	fastPurging   = 0x20
	fastNoLine    = 0x40
	fastBroken    = 0x80
	oxiSearching  = 0x01
	oxiSensorOff  = 0x20
	oxiDisconnect = 0x40
)

// Open starts a conversation.
func (Driver) Open(listenOnly bool) devices.Session {
	return &session{listenOnly: listenOnly, who: vital.Provenance{Make: "Oridion", Model: "Capnostream 20"}, rate: none}
}

const (
	aliveEvery = 4 * time.Second // it wants to hear of the host every five
	silentFor  = 3 * time.Second
	batch      = 4 // samples to a waveform: a fifth of a second
	waveRate   = 20
)

type session struct {
	listenOnly bool
	line       deframer
	skipping   bool
	counters   devices.Counters
	who        vital.Provenance
	told       bool

	rate   byte // respiratory rate of the numbers before
	unit   byte // of CO2, 0 before it is known
	fast   byte // the wave's last status
	raised [len(conditions)]bool

	samples [batch]int32
	gaps    [batch]vital.Gap
	ngaps   int
	n       int
	next    byte // the number of the wave frame awaited
	flowing bool
	pace    devices.Pace

	heard vital.Instant
	due   vital.Instant
	begun bool
}

// Counters is what the session has seen.
func (s *session) Counters() devices.Counters { return s.counters }

// Poll starts the transfer, and says that the host is there.
func (s *session) Poll(now vital.Instant, _ devices.Sink) (send []byte, again vital.Instant) {
	switch {
	case s.listenOnly:
		return nil, devices.Never
	case now < s.due:
		return nil, s.due
	case !s.begun || now.Sub(s.heard) >= silentFor:
		s.begun, s.due = true, now.Add(silentFor)
		return ask, s.due
	}
	s.due = now.Add(aliveEvery)
	return alive, s.due
}

// Receive takes bytes that arrived at now.
func (s *session) Receive(now vital.Instant, b []byte, to devices.Sink) {
	for _, c := range b {
		switch code, data, o := s.line.add(c); o {
		case outside:
			s.skip()
		case broken:
			s.counters.Bad++
			s.skip()
			s.lost()
		case whole:
			s.skipping = false
			s.frame(now, code, data, to)
		}
	}
}

func (s *session) skip() {
	if !s.skipping {
		s.skipping = true
		s.counters.Resync++
	}
}

// lost says that wave frames may have been.
func (s *session) lost() { s.flowing = false }

func (s *session) frame(now vital.Instant, code byte, data []byte, to devices.Sink) {
	if !s.told {
		s.told = true
		to.Monitor(s.who)
	}
	switch {
	case code == codeWave && len(data) == 4:
		s.wave(now, data, to)
	case code == codeNumbers && !goodNumbers(data):
		s.counters.Bad++
		return
	case code == codeNumbers:
		if last := s.rate; last != none && data[atSpO2] == last {
			s.rate = none
			s.counters.Bad++ // one place off, see the package comment
			return
		}
		s.rate = data[atRate]
		s.numbers(now, data, to)
	case code == codeItself:
		s.identify(data, to)
	case len(data) == 0 && (code == cmdEnable || code == cmdStart || code == cmdAlive):
		return // another host's, on a tapped line
	default:
		s.counters.Unknown++
	}
	s.counters.Frames++
	s.heard = now
}

// identify reads "V45.67 02/24/2008 B355987654  ": version, date, serial number.
func (s *session) identify(data []byte, to devices.Sink) {
	if len(data) < 28 || data[0] != 'V' || data[6] != ' ' || data[17] != ' ' {
		s.counters.Unknown++
		return
	}
	if s.who.Firmware != string(data[1:6]) || s.who.Serial != string(data[18:28]) {
		s.who.Firmware, s.who.Serial = string(data[1:6]), string(data[18:28])
		to.Monitor(s.who)
	}
}

func (s *session) numbers(now vital.Instant, d []byte, to devices.Sink) {
	at := time.Unix(int64(binary.BigEndian.Uint32(d)), 0).UTC()
	s.unit = d[atUnit]
	co2, oxi := s.whyNoCO2(), whyNoSpO2(d[atSpO2Alarm])
	give := func(r vital.Reading) {
		r.Arrived, r.MonitorTime = now, at
		to.Reading(r)
	}
	give(s.gas(vital.EtCO2, "etCO2 vol%", d[atEtCO2], co2))
	give(s.gas(vital.FiCO2, "FiCO2 vol%", d[atFiCO2], co2))
	give(plain(vital.RespRateCO2, d[atRate], co2))
	give(plain(vital.SpO2, d[atSpO2], oxi))
	give(plain(vital.PulseRate, d[atPulse], oxi))
	give(plain(vital.Apnoea, d[atNoBreath], co2))
	quiet := d[atStatus]&silenced != 0
	for i, c := range conditions {
		on := d[c.at]&c.bit != 0
		if s.raised[i] != on {
			s.raised[i] = on
			to.Alarm(devices.Alarm{Arrived: now, MonitorTime: at.Format(time.RFC3339), Text: c.text, Technical: c.technical, Ended: !on, Silenced: quiet})
		}
	}
}

// plain is a whole number, or none for the reason why. A reason that is certain
// stands whatever the number says.
func plain(sign vital.Sign, v byte, why vital.State) vital.Reading {
	switch {
	case why != vital.Measured:
		return vital.None(sign, why)
	case v == none:
		return vital.None(sign, vital.Searching)
	}
	return vital.Of(sign, vital.Int(int64(v)))
}

// gas is a CO2 pressure in the unit the monitor is set to. Percent of volume cannot
// be made a pressure without that of the air.
func (s *session) gas(sign vital.Sign, percent string, v byte, why vital.State) vital.Reading {
	r := plain(sign, v, why)
	if _, ok := r.Value(); !ok {
		return r
	}
	switch s.unit {
	case unitKPa:
		return vital.OfUnit(sign, vital.Dec(int64(v), -1), vital.KPa)
	case unitPercent:
		s.counters.Unknown++
		r = vital.OfUnit(vital.Unknown, vital.Dec(int64(v), -1), vital.Percent)
		r.Raw = percent
	}
	return r
}

// whyNoCO2 is Measured, or why there is no CO2, by the wave's status.
func (s *session) whyNoCO2() vital.State {
	switch {
	case s.fast&fastNoLine != 0:
		return vital.ProbeOff
	case s.fast&(fastStarting|fastSelfTest) != 0:
		return vital.Searching
	case s.fast&(fastOccluded|fastPurging) != 0:
		return vital.Artefact
	case s.fast&fastBroken != 0:
		return vital.Withheld
	}
	return vital.Measured
}

func whyNoSpO2(alarms byte) vital.State {
	switch {
	case alarms&(oxiSensorOff|oxiDisconnect) != 0:
		return vital.ProbeOff
	case alarms&oxiSearching != 0:
		return vital.Searching
	}
	return vital.Measured
}

// wave takes a sample: number, whole part, 256ths, status.
func (s *session) wave(now vital.Instant, d []byte, to devices.Sink) {
	if s.flowing && d[0] != s.next || !s.flowing {
		s.n, s.ngaps = 0, 0
		s.pace.Break()
	}
	s.flowing, s.next = true, d[0]+1
	s.fast = d[3]
	if s.unit != unitMmHg {
		if s.unit != 0 {
			s.counters.Unknown++
		}
		return
	}
	why := s.whyNoCO2()
	if why == vital.Measured && d[3]&fastInvalid != 0 {
		why = vital.Withheld
	}
	s.samples[s.n] = int32(d[1])<<8 | int32(d[2])
	if why != vital.Measured {
		if k := s.ngaps - 1; k >= 0 && s.gaps[k].Why == why && s.gaps[k].From+s.gaps[k].Len == s.n {
			s.gaps[k].Len++
		} else {
			s.gaps[s.ngaps] = vital.Gap{From: s.n, Len: 1, Why: why}
			s.ngaps++
		}
	}
	if s.n++; s.n < batch {
		return
	}
	to.Waveform(vital.Waveform{
		Lead: vital.CO2, Arrived: s.pace.Place(now, batch, waveRate, time.Second), Rate: vital.Int(waveRate), Unit: vital.MmHg,
		Scale: vital.Dec(390625, -8), Max: 150 << 8, Samples: s.samples[:], Gaps: s.gaps[:s.ngaps], // 1/256
	})
	s.n, s.ngaps = 0, 0
}

// conditions are the monitor's alarms, by byte and bit.
var conditions = [...]struct {
	at        int
	bit       byte
	text      string
	technical bool
}{
	{atCO2Alarm, 0x01, "no breath", false},
	{atCO2Alarm, 0x02, "etCO2 high", false},
	{atCO2Alarm, 0x04, "etCO2 low", false},
	{atCO2Alarm, 0x08, "respiratory rate high", false},
	{atCO2Alarm, 0x10, "respiratory rate low", false},
	{atCO2Alarm, 0x20, "FiCO2 high", false},
	{atSpO2Alarm, 0x01, "pulse not found", false},
	{atSpO2Alarm, 0x02, "SpO2 high", false},
	{atSpO2Alarm, 0x04, "SpO2 low", false},
	{atSpO2Alarm, 0x08, "pulse rate high", false},
	{atSpO2Alarm, 0x10, "pulse rate low", false},
	{atSpO2Alarm, 0x20, "SpO2 sensor off", true},
	{atSpO2Alarm, 0x40, "SpO2 sensor disconnected", true},
	{atExtended, 0x01, "check calibration", true},
	{atExtended, 0x02, "check flow", true},
	{atExtended, 0x04, "pump off", true},
	{atExtended, 0x80, "battery low", true},
}
